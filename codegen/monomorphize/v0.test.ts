/** v0 symbols, read back by the demanglers that other people wrote. */

import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newFn } from "../mir/builder.ts";
import { newTyCtxt } from "../mir/prelude.ts";
import {
  ALL_FLOATS,
  SIGNED_INTS,
  TY_BOOL,
  TY_CHAR,
  TY_I32,
  TY_I64,
  TY_NEVER,
  TY_STR,
  TY_U8,
  TY_UNIT,
  TY_USIZE,
  type Ty,
  UNSIGNED_INTS,
} from "../mir/ty.ts";
import { addMethod, newImpl, newStruct, newTrait } from "../traits/testing/items.ts";
import { mangleV0, pathSegments } from "./v0.ts";

const tcx = newTyCtxt();
const T = tcx.param(0, "T");
const wrap = newStruct(tcx, "a::Wrap", [T], { generics: ["T"] });
const option = tcx.adts.get("std::option::Option")!;
const iter = newTrait("core::iter::Iterator", { assocTypes: [{ name: "Item" }] });
const show = newTrait("Show", { generics: ["X"] });

const demanglers = ["llvm-cxxfilt", "c++filt"].filter((tool) => spawnSync(tool, ["--version"]).status === 0);

/** The symbols as `tool` reads them. */
function demangle(tool: string, symbols: readonly string[]): string[] {
  const run = spawnSync(tool, [], { input: `${symbols.join("\n")}\n`, encoding: "utf8", maxBuffer: 2 ** 26 });
  // binutils adds the crates' disambiguators and the types of constants.
  const plain = run.stdout.replaceAll("[0]", "").replaceAll(/: (?:usize|i32|bool)(?=[\]>])/g, "");
  return plain.trimEnd().split("\n");
}

const types = fc.letrec<{ ty: Ty }>((tie) => ({
  ty: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...SIGNED_INTS, ...UNSIGNED_INTS, ...ALL_FLOATS, TY_BOOL, TY_CHAR, TY_STR, TY_NEVER, TY_UNIT),
    fc.array(tie("ty"), { maxLength: 3 }).map((ts) => tcx.tuple(ts)),
    fc.tuple(tie("ty"), fc.nat(300)).map(([t, n]) => tcx.array(t, n)),
    tie("ty").map((t) => tcx.slice(t)),
    fc.tuple(tie("ty"), fc.constantFrom("not" as const, "mut" as const)).map(([t, m]) => tcx.ref(m, t)),
    fc.tuple(tie("ty"), fc.constantFrom("not" as const, "mut" as const)).map(([t, m]) => tcx.ptr(m, t)),
    fc.tuple(fc.constantFrom(wrap, option), tie("ty")).map(([def, t]) => tcx.adt(def, [t])),
    fc
      .tuple(fc.array(tie("ty"), { maxLength: 3 }), tie("ty"), fc.boolean(), fc.constantFrom("Rust", "C"))
      .map(([params, ret, unsafe, abi]) => tcx.fnPtr(params, ret, { unsafe, abi })),
    tie("ty").map((t) =>
      tcx.dynamic({
        principal: { trait: iter, args: [] },
        projections: [{ trait: iter, args: [], name: "Item", ty: t }],
        autos: [],
      }),
    ),
  ),
})).ty;

/** A type as demanglers write it: local paths are in the crate `mir`, and the object's lifetime shows. */
function demangledText(ty: Ty): string {
  const all = (tys: readonly Ty[]): string => tys.map(demangledText).join(", ");
  switch (ty.kind) {
    case "tuple":
      return ty.fields.length === 1 ? `(${all(ty.fields)},)` : `(${all(ty.fields)})`;
    case "array":
      return `[${demangledText(ty.element)}; ${ty.length}]`;
    case "slice":
      return `[${demangledText(ty.element)}]`;
    case "ref":
      return `&${ty.mutability === "mut" ? "mut " : ""}${demangledText(ty.pointee)}`;
    case "ptr":
      return `*${ty.mutability === "mut" ? "mut" : "const"} ${demangledText(ty.pointee)}`;
    case "adt":
      return `${ty.def === wrap ? "mir::a::Wrap" : "core::option::Option"}<${all(ty.args)}>`;
    case "fnptr": {
      const head = `${ty.unsafe ? "unsafe " : ""}${ty.abi === "C" ? 'extern "C" ' : ""}fn(${all(ty.params)})`;
      return ty.ret === TY_UNIT ? head : `${head} -> ${demangledText(ty.ret)}`;
    }
    case "dynamic":
      return `dyn core::iter::Iterator<Item = ${demangledText(ty.predicates.projections[0]!.ty)}>`;
    default:
      return ty.text;
  }
}

describe("v0 symbols", () => {
  it.skipIf(demanglers.length === 0)("of generic functions say the path and the types again", () => {
    const f = newFn("a::f", [], TY_UNIT, { generics: ["T", "U"] });
    // `f16` and `f128` are newer than some demanglers.
    const sample = fc.sample(fc.tuple(types, types), { seed: 9, numRuns: 400 });
    const symbols = sample.map((args) => mangleV0({ kind: "item", item: f, args }, tcx));
    for (const symbol of symbols) expect(symbol).toMatch(/^_R[A-Za-z0-9_]+$/);
    expect(new Set(symbols).size).toBe(new Set(sample.map((args) => args.map((a) => a.text).join())).size);
    const expected = sample.map((args) => `mir::a::f::<${args.map(demangledText).join(", ")}>`);
    for (const tool of demanglers) {
      const found = demangle(tool, symbols).map((text) => text.replaceAll(" + '_", ""));
      expect(found).toEqual(expected);
    }
  });

  it.skipIf(demanglers.length === 0)("of methods, closures and shims too", () => {
    const impl = newImpl(show, [tcx.adt(wrap, [T]), TY_U8], { generics: ["T"] });
    const inherent = { ...newImpl(show, [tcx.adt(wrap, [T])], { generics: ["T"] }), trait: undefined };
    const byTrait = addMethod(impl, "show", [], TY_UNIT, { generics: ["V"] });
    const byDefault = addMethod(show, "again", []);
    const own = addMethod(inherent, "new", []);
    const closure = newFn("a::f::{closure#2}", [], TY_UNIT, { generics: ["T"] });
    const constant = newFn("g", [], TY_UNIT, { generics: ["N"] });
    const cases: readonly (readonly [symbol: string, text: string])[] = [
      [
        mangleV0({ kind: "item", item: byTrait, args: [TY_I32, TY_BOOL] }, tcx),
        "<mir::a::Wrap<i32> as mir::Show<u8>>::show::<bool>",
      ],
      [mangleV0({ kind: "item", item: byDefault, args: [TY_I32, TY_BOOL] }, tcx), "<i32 as mir::Show<bool>>::again"],
      [mangleV0({ kind: "item", item: own, args: [TY_I64] }, tcx), "<mir::a::Wrap<i64>>::new"],
      [mangleV0({ kind: "item", item: closure, args: [TY_U8] }, tcx), "mir::a::f::<u8>::{closure#2}"],
      [mangleV0({ kind: "item", item: constant, args: [tcx.constArg(TY_USIZE, 77n, "77")] }, tcx), "mir::g::<77>"],
      [
        mangleV0({ kind: "item", item: constant, args: [tcx.constArg(TY_I32, 0xffff_fffen, "-2")] }, tcx),
        "mir::g::<-2>",
      ],
      [mangleV0({ kind: "item", item: constant, args: [tcx.constArg(TY_BOOL, 1n, "true")] }, tcx), "mir::g::<true>"],
      [
        mangleV0({ kind: "path", path: "core::ptr::drop_in_place", args: [tcx.adt(option, [TY_U8])] }, tcx),
        "core::ptr::drop_in_place::<core::option::Option<u8>>",
      ],
      [
        mangleV0({ kind: "item", item: byDefault, args: [TY_I32, TY_U8], shim: "vtable" }, tcx),
        "<i32 as mir::Show<u8>>::again::{shim:vtable#0}",
      ],
    ];
    for (const tool of demanglers) {
      expect(
        demangle(
          tool,
          cases.map(([symbol]) => symbol),
        ),
      ).toEqual(cases.map(([, text]) => text));
    }
  });

  it("split paths at the colons outside of brackets", () => {
    expect(pathSegments("a::<impl at x.rs:1:2: 3:4>::f::{closure#0}")).toEqual([
      "a",
      "<impl at x.rs:1:2: 3:4>",
      "f",
      "{closure#0}",
    ]);
    expect(pathSegments("<fn() -> a::B as c::D>::e")).toEqual(["<fn() -> a::B as c::D>", "e"]);
  });
});
