/** Vtables of random trait hierarchies against rustc's own (`#[rustc_dump_vtable]`), and where things are in them. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TraitDef, TraitRef } from "../mir/items.ts";
import { newTyCtxt } from "../mir/prelude.ts";
import { TY_I32, TY_STR, TY_U8, type Ty, type TyOf } from "../mir/ty.ts";
import { newTraitCx } from "./context.ts";
import { addMethod, bound, newImpl, newStruct, newTrait } from "./testing/items.ts";
import type { TraitCx } from "./trait-cx.ts";
import { coerceUnsized, unsizeInfo } from "./unsize.ts";
import { supertraitVtableSlot, type VtblEntry, vtableEntries, vtableMethodIndex } from "./vtable.ts";

const tcx = newTyCtxt();
const SELF = tcx.param(0, "Self");
const SELF_REF = tcx.ref("not", SELF);
const SIZED = newTrait("Sized", { lang: "sized" });

function dynOf(trait: TraitDef, args: readonly Ty[] = []): TyOf<"dynamic"> {
  return tcx.dynamic({ principal: { trait, args }, projections: [], autos: [] }) as TyOf<"dynamic">;
}

/** A trait: its supertraits by number (with the type they are for), and by method whether it is `where Self: Sized`. */
interface Shape {
  readonly parents: readonly (readonly [trait: number, arg: "u8" | "i32"])[];
  readonly methods: readonly ("plain" | "sized" | "static")[];
}

const shapes = fc.array(
  fc.record<Shape>({
    parents: fc.array(fc.tuple(fc.nat(50), fc.constantFrom("u8" as const, "i32" as const)), { maxLength: 3 }),
    methods: fc.array(fc.constantFrom("plain" as const, "plain" as const, "sized" as const, "static" as const), {
      maxLength: 2,
    }),
  }),
  { minLength: 2, maxLength: 7 },
);

const ARGS = { u8: TY_U8, i32: TY_I32 };

interface Hierarchy {
  readonly cx: TraitCx;
  readonly last: TraitRef;
  readonly traits: readonly TraitDef[];
  readonly rust: string;
}

/** The traits `H<n>T<i><X>` of `shapes`, each implemented by `S<n>` for `u8` and `i32`; the last is to be dumped. */
function hierarchy(n: number, list: readonly Shape[]): Hierarchy {
  const self = tcx.adt(newStruct(tcx, `S${n}`, []));
  const traits: TraitDef[] = [];
  const lines = [`struct S${n};`];
  list.forEach((shape, i) => {
    const wanted = i === 0 ? [] : shape.parents.map(([p, arg]) => [p % i, arg] as const);
    const parents = wanted.filter(([p, arg], at) => wanted.findIndex(([q, other]) => q === p && other === arg) === at);
    const supertraits = parents.map(([p, arg]): TraitRef => ({ trait: traits[p]!, args: [SELF, ARGS[arg]] }));
    const trait = newTrait(`H${n}T${i}`, { generics: ["X"], supertraits });
    const methods = shape.methods.map((kind, m) => {
      const predicates = kind === "plain" ? [] : [bound(SIZED, SELF)];
      addMethod(trait, `m${m}`, kind === "static" ? [] : [SELF_REF], undefined, { predicates });
      return `fn m${m}(${kind === "static" ? "" : "&self"}) ${kind === "plain" ? "" : "where Self: Sized "}{}`;
    });
    traits.push(trait);
    const bounds = parents.map(([p, arg]) => `H${n}T${p}<${arg}>`).join(" + ");
    lines.push(`trait H${n}T${i}<X>${bounds === "" ? "" : `: ${bounds}`} { ${methods.join(" ")} }`);
    const dump = i === list.length - 1 ? "#[rustc_dump_vtable] " : "";
    lines.push(`${dump}impl H${n}T${i}<u8> for S${n} {}`, `impl H${n}T${i}<i32> for S${n} {}`);
  });
  const impls = traits.flatMap((trait) => [newImpl(trait, [self, TY_U8]), newImpl(trait, [self, TY_I32])]);
  const cx = newTraitCx({ tcx, traits: [...traits, SIZED], impls });
  return { cx, last: { trait: traits.at(-1)!, args: [self, TY_U8] }, traits, rust: lines.join("\n") };
}

const refText = (ref: TraitRef): string => `<${ref.args[0]!.text} as ${ref.trait.name}<${ref.args[1]!.text}>>`;

/** An entry as rustc prints it. */
function entryText(entry: VtblEntry): string {
  switch (entry.kind) {
    case "drop":
      return "MetadataDropInPlace";
    case "size":
      return "MetadataSize";
    case "align":
      return "MetadataAlign";
    case "vacant":
      return "Vacant";
    case "method": {
      const { item, args } = entry;
      return `Method(${refText({ trait: item.parent as TraitDef, args })}::${item.assocName})`;
    }
    case "traitVPtr":
      return `TraitVPtr(${refText(entry.ref)})`;
  }
}

const entriesText = ({ cx, last }: Hierarchy): string[] => vtableEntries(cx, last).map(entryText);

/** rustc's vtables, by the struct they are for. */
function rustcVtables(source: string): Map<string, string[]> {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-vtable-"));
  try {
    const file = join(dir, "lib.rs");
    writeFileSync(file, source);
    const args = ["--crate-type", "lib", "--emit", "metadata", "--out-dir", dir, file];
    const run = spawnSync("rustc", args, {
      env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (run.error !== undefined) throw run.error;
    const found = new Map<string, string[]>();
    for (const [, list, , name] of run.stderr.matchAll(
      /vtable entries: \[\n([\s\S]*?)\n +\]\n +--> ([^\n]*)\n +\|\n[^\n]* for (S\d+) \{\}/g,
    )) {
      found.set(
        name!,
        list!.split("\n").map((line) => line.trim().replace(/,$/, "")),
      );
    }
    if (found.size === 0) throw new Error(run.stderr.slice(0, 2000));
    return found;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const rustc = spawnSync("rustc", ["--version"], { encoding: "utf8" });

describe("vtables", () => {
  it.skipIf(rustc.status !== 0)(
    "of random hierarchies have rustc's entries, in its order",
    () => {
      const samples = fc.sample(shapes, { seed: 11, numRuns: 150 }).map((list, n) => hierarchy(n, list));
      const source = `#![feature(rustc_attrs)]\n#![allow(warnings)]\n${samples.map((s) => s.rust).join("\n")}\n`;
      const expected = rustcVtables(source);
      expect(expected.size).toBe(samples.length);
      samples.forEach((sample, n) => {
        expect([sample.rust, entriesText(sample)]).toEqual([sample.rust, expected.get(`S${n}`)]);
      });
      const withVptr = [...expected.values()].filter((entries) => entries.some((e) => e.startsWith("TraitVPtr")));
      expect(withVptr.length).toBeGreaterThan(20);
    },
    60_000,
  );

  it("hold a method where a call by the dyn type looks for it, and a supertrait's vtable where upcasting does", () => {
    fc.assert(
      fc.property(shapes, (list) => {
        const { cx, last, traits } = hierarchy(1000, list);
        const entries = vtableEntries(cx, last);
        const dyn = dynOf(last.trait, [TY_U8]);
        for (const trait of traits) {
          for (const arg of [TY_U8, TY_I32]) {
            const ref = { trait, args: [dyn, arg] };
            if (!cx.holds(trait, ref.args)) continue;
            for (const item of trait.fns) {
              const index = vtableMethodIndex(cx, dyn, ref, item);
              if (index === undefined) continue;
              expect(entries[index]).toEqual({ kind: "method", item, args: [last.args[0], arg] });
            }
            const slot = supertraitVtableSlot(cx, dyn, dynOf(trait, [arg]));
            if (typeof slot === "number") {
              expect(entries[slot]).toEqual({ kind: "traitVPtr", ref: { trait, args: [last.args[0], arg] } });
              continue;
            }
            // No slot: the vtable of the supertrait is a prefix of this one, as far as it has entries of its own.
            expect(slot).toBeUndefined();
            const own = vtableEntries(cx, { trait, args: [last.args[0]!, arg] });
            expect(entries.slice(0, own.length)).toEqual(own);
          }
        }
      }),
      { seed: 5, numRuns: 150 },
    );
  });

  it("leave out methods that cannot be called, and vacate those whose bounds fail", () => {
    const extra = newTrait("Extra");
    const trait = newTrait("T");
    addMethod(trait, "plain", [SELF_REF]);
    addMethod(trait, "generic", [SELF_REF], undefined, { generics: ["U"] });
    addMethod(trait, "static", []);
    addMethod(trait, "bounded", [SELF_REF], undefined, { predicates: [bound(extra, SELF)] });
    const cx = newTraitCx({ tcx, traits: [trait, extra], impls: [newImpl(trait, [TY_U8])] });
    const kinds = vtableEntries(cx, { trait, args: [TY_U8] }).map((e) => e.kind);
    expect(kinds).toEqual(["drop", "size", "align", "method", "vacant"]);
  });
});

describe("unsizing", () => {
  const base = newTrait("Base");
  const sub = newTrait("Sub", { supertraits: [{ trait: base, args: [SELF] }] });
  const send = newTrait("Send", { lang: "send" });
  const cx = newTraitCx({ tcx, traits: [base, sub, send], impls: [newImpl(base, [TY_U8]), newImpl(sub, [TY_U8])] });
  const T = tcx.param(0, "T");

  it("of arrays gives the length, of types that implement the trait a vtable", () => {
    expect(unsizeInfo(cx, tcx.array(TY_U8, 3), tcx.slice(TY_U8))).toEqual({ kind: "length", length: 3 });
    expect(unsizeInfo(cx, tcx.array(TY_U8, 3), tcx.slice(TY_I32))).toBeUndefined();
    expect(unsizeInfo(cx, TY_U8, dynOf(sub))).toEqual({ kind: "vtable", ty: TY_U8, dyn: dynOf(sub) });
    expect(unsizeInfo(cx, TY_I32, dynOf(sub))).toBeUndefined();
    expect(unsizeInfo(cx, TY_STR, dynOf(sub))).toBeUndefined();
    expect(unsizeInfo(cx, dynOf(sub), dynOf(base))).toMatchObject({ kind: "upcast", slot: undefined });
    expect(unsizeInfo(cx, dynOf(base), dynOf(sub))).toBeUndefined();
  });

  it("goes through the last fields of structs, and through what wraps a pointer", () => {
    const rc = newStruct(tcx, "RcBox", [TY_I32, T], { generics: ["T"] });
    const phantom = newStruct(tcx, "Phantom", [], { generics: ["T"], lang: "phantom_data" });
    const unique = newStruct(tcx, "Unique", [tcx.ptr("not", T), tcx.adt(phantom, [T])], { generics: ["T"] });
    const box = newStruct(tcx, "Wrapper", [TY_U8, tcx.adt(unique, [T])], { generics: ["T"] });
    const wrapped = (t: Ty): Ty => tcx.adt(box, [tcx.adt(rc, [t])]);
    const found = coerceUnsized(cx, wrapped(tcx.array(TY_U8, 4)), wrapped(tcx.slice(TY_U8)));
    expect(found).toMatchObject({ path: [1, 0], info: { kind: "length", length: 4 } });
    expect(coerceUnsized(cx, tcx.ref("mut", TY_U8), tcx.ptr("not", dynOf(base)))?.info.kind).toBe("vtable");
    expect(coerceUnsized(cx, wrapped(TY_I32), wrapped(dynOf(base)))).toBeUndefined();
  });
});
