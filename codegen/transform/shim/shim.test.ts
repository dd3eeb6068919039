/**
 * Shims: their bodies are well-formed, and drop glue drops every value exactly once, in Rust's order, whichever drop panics.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newFn } from "../../mir/builder.ts";
import type { ClosureDef } from "../../mir/items.ts";
import { newTyCtxt } from "../../mir/prelude.ts";
import type { Body, FnItem } from "../../mir/syntax.ts";
import { TY_I32, TY_U8, TY_UNIT, type Ty, type TyOf } from "../../mir/ty.ts";
import { renderVerifyError, verifyBody } from "../../mir/verifier.ts";
import { newTraitCx } from "../../traits/context.ts";
import { needsDrop } from "../../traits/predicates.ts";
import { addMethod, newEnum, newImpl, newStruct, newTrait } from "../../traits/testing/items.ts";
import { closureCallShim, closureFnPtrShim, fnPtrShim, reifyShim, type Shim, vtableShim } from "./call-shims.ts";
import { cloneShim } from "./clone-shim.ts";
import { buildDropGlue } from "./drop-glue.ts";
import { type Cell, type GlueWorld, runBody, Terminated, Unwinding, type Value } from "./testing/run-glue.ts";
import { ctorShim, fnPtrAddrShim } from "./value-shims.ts";

const tcx = newTyCtxt();
const SELF = tcx.param(0, "Self");
const T = tcx.param(0, "T");
const drop = newTrait("Drop", { lang: "drop" });
const dropMethod = addMethod(drop, "drop", [tcx.ref("mut", SELF)]);
const clone = newTrait("Clone", { lang: "clone" });
const cloneMethod = addMethod(clone, "clone", [tcx.ref("not", SELF)], SELF);
const copy = newTrait("Copy", { lang: "copy" });

const loud = tcx.adt(newStruct(tcx, "Loud", [])) as TyOf<"adt">;
const boxDef = newStruct(
  tcx,
  "Box",
  [tcx.adt(newStruct(tcx, "Unique", [tcx.ptr("not", T)], { generics: ["T"] }), [T])],
  {
    generics: ["T"],
    lang: "owned_box",
  },
);
const one = (name: string, packed?: number): ReturnType<typeof newStruct> =>
  newStruct(tcx, name, [TY_U8, T, tcx.tuple([T, loud])], {
    generics: ["T"],
    ...(packed === undefined ? {} : { packed }),
  });
const quiet = one("Quiet");
const noisy = one("Noisy");
const packed = one("Packed", 1);
const either = newEnum(tcx, "Either", [[T, loud], [], [TY_U8, T, T]], ["T"]);
const noisyEither = newEnum(tcx, "NoisyEither", [[], [TY_U8, T], [loud, loud]], ["T"]);

const impls = [
  newImpl(drop, [loud]),
  newImpl(drop, [tcx.adt(noisy, [T])], { generics: ["T"] }),
  newImpl(drop, [tcx.adt(noisyEither, [T])], { generics: ["T"] }),
  newImpl(drop, [tcx.adt(boxDef, [T])], { generics: ["T"] }),
  newImpl(clone, [loud]),
];
const cx = newTraitCx({ tcx, traits: [drop, clone, copy], impls });

const closureDef = (upvars: readonly Ty[], closureKind: ClosureDef["closureKind"]): ClosureDef => {
  const def: ClosureDef = {
    kind: "closure",
    name: "{closure@a.rs:1:1: 1:9}",
    generics: [],
    upvars,
    upvarNames: upvars.map((_, i) => `x${i}`),
    closureKind,
    body: undefined,
  };
  const ty = tcx.closure(def, []);
  const self = closureKind === "fnOnce" ? ty : tcx.ref(closureKind === "fn" ? "not" : "mut", ty);
  def.body = { ...newFn("main::{closure#0}", [self, TY_I32, TY_U8], TY_I32), closure: def };
  return def;
};
const closureOf = (upvars: readonly Ty[], kind: ClosureDef["closureKind"] = "fn"): TyOf<"closure"> =>
  tcx.closure(closureDef(upvars, kind), []) as TyOf<"closure">;

const types = fc.letrec<{ ty: Ty }>((tie) => ({
  ty: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Ty>(loud, TY_U8, loud),
    fc.array(tie("ty"), { minLength: 1, maxLength: 4 }).map((ts) => tcx.tuple(ts)),
    fc.tuple(tie("ty"), fc.nat(3)).map(([t, n]) => tcx.array(t, n)),
    fc
      .tuple(fc.constantFrom(quiet, noisy, packed, either, noisyEither, boxDef), tie("ty"))
      .map(([def, t]) => tcx.adt(def, [t])),
    fc.array(tie("ty"), { maxLength: 3 }).map((ts) => closureOf(ts)),
  ),
})).ty;

const hasDropImpl = (ty: Ty): boolean => ty.kind === "adt" && cx.holds(drop, [ty]);

/** A value of `ty`, and the events that dropping it makes, in order. */
function makeValue(ty: Ty, choose: () => number, events: number[]): Value {
  const tree = (id: number, variant: number, tys: readonly Ty[]): Value => ({
    kind: "tree",
    id,
    variant,
    parts: tys.map((t) => makeValue(t, choose, events)),
  });
  switch (ty.kind) {
    case "tuple":
      return tree(-1, 0, ty.fields);
    case "array":
      return tree(-1, 0, new Array<Ty>(ty.length).fill(ty.element));
    case "closure":
      return tree(-1, 0, ty.def.upvars);
    case "adt": {
      if (ty.def === boxDef) {
        const to: Cell = { value: makeValue(ty.args[0]!, choose, events) };
        const id = nextId++;
        events.push(id);
        const unique: Value = { kind: "tree", id: -1, variant: 0, parts: [{ kind: "pointer", to }] };
        return { kind: "tree", id, variant: 0, parts: [unique] };
      }
      const variant = ty.def.adtKind === "enum" ? choose() % ty.def.variants.length : 0;
      const id = hasDropImpl(ty) ? nextId++ : -1;
      if (id >= 0) events.push(id);
      return tree(id, variant, tcx.fieldTys(ty, variant));
    }
    default:
      return { kind: "int", bits: 7n };
  }
}
let nextId = 0;

const glues = new Map<Ty, Body | undefined>();
function glueOf(ty: Ty): Body | undefined {
  if (!glues.has(ty)) glues.set(ty, needsDrop(cx, ty) ? buildDropGlue(cx, ty) : undefined);
  return glues.get(ty);
}

/** Drops `value`: the events, and how it ended. Events in `panicking` panic. */
function dropAll(
  ty: Ty,
  value: Value,
  panicking: ReadonlySet<number>,
): { readonly events: number[]; readonly end: string } {
  const events: number[] = [];
  const world: GlueWorld = {
    tcx,
    glueOf,
    call: ([self], func) => {
      if (func.kind !== "const" || func.value.kind !== "fn" || func.value.item !== dropMethod)
        throw new Error("not Drop::drop");
      if (self?.kind !== "pointer" || self.to.value?.kind !== "tree") throw new Error("no value to drop");
      events.push(self.to.value.id);
      if (panicking.has(self.to.value.id)) throw new Unwinding();
      return undefined;
    },
  };
  const glue = glueOf(ty);
  if (glue === undefined) return { events, end: "returns" };
  try {
    runBody(world, glue, [{ kind: "pointer", to: { value } }]);
    return { events, end: "returns" };
  } catch (error) {
    if (error instanceof Unwinding) return { events, end: "unwinds" };
    if (error instanceof Terminated) return { events, end: "terminates" };
    throw error;
  }
}

describe("drop glue", () => {
  it("drops every value once and in order, and goes on behind a drop that panics", () => {
    fc.assert(
      fc.property(types, fc.infiniteStream(fc.nat(5)), fc.nat(), (ty, choices, at) => {
        nextId = 0;
        const picks: number[] = [];
        const choose = (): number => {
          picks.push(choices.next().value);
          return picks.at(-1)!;
        };
        const expected: number[] = [];
        const value = makeValue(ty, choose, expected);
        const again = (): Value => {
          nextId = 0;
          let i = 0;
          return makeValue(ty, () => picks[i++]!, []);
        };
        expect(dropAll(ty, value, new Set())).toEqual({ events: expected, end: "returns" });
        if (expected.length === 0) return;
        const panicking = expected[at % expected.length]!;
        // What is behind a panic is dropped all the same, and in the same order.
        expect(dropAll(ty, again(), new Set([panicking]))).toEqual({ events: expected, end: "unwinds" });
        const later = expected.slice(expected.indexOf(panicking) + 1);
        if (later.length === 0) return;
        const second = later[at % later.length]!;
        const twice = dropAll(ty, again(), new Set([panicking, second]));
        // The glue that the second one comes out of finishes its own cleanup first.
        expect(twice.end).toBe("terminates");
        expect(twice.events).toContain(second);
        expect(twice.events).toEqual(expected.slice(0, twice.events.length));
      }),
      { seed: 21, numRuns: 400 },
    );
  });

  it("of slices drops as many elements as there are", () => {
    const slice = tcx.slice(loud);
    const parts = [0, 1, 2].map((id): Value => ({ kind: "tree", id, variant: 0, parts: [] }));
    const value = (): Value => ({ kind: "tree", id: -1, variant: 0, parts: [...parts] });
    expect(dropAll(slice, value(), new Set())).toEqual({ events: [0, 1, 2], end: "returns" });
    expect(dropAll(slice, value(), new Set([1]))).toEqual({ events: [0, 1, 2], end: "unwinds" });
  });

  it("of a box without an impl of Drop frees it by box_free, behind the content", () => {
    const free = newFn("alloc::box_free", [tcx.ptr("mut", T)], TY_UNIT, { generics: ["T"] });
    const bare = newTraitCx({ tcx, traits: [drop], impls: [impls[0]!], functions: [free] });
    const ty = tcx.adt(boxDef, [loud]);
    const glue = buildDropGlue(bare, ty);
    expect(verifyBody(glue, tcx).map(renderVerifyError)).toEqual([]);
    for (const panics of [false, true]) {
      const log: string[] = [];
      const leaf: Value = { kind: "tree", id: 1, variant: 0, parts: [] };
      const unique: Value = { kind: "tree", id: -1, variant: 0, parts: [{ kind: "pointer", to: { value: leaf } }] };
      const box: Value = { kind: "tree", id: -1, variant: 0, parts: [unique] };
      const world: GlueWorld = {
        tcx,
        glueOf,
        call: (_, func) => {
          if (func.kind !== "const" || func.value.kind !== "fn") throw new Error("no function");
          log.push(func.value.item.name);
          if (panics && func.value.item === dropMethod) throw new Unwinding();
          return undefined;
        },
      };
      const run = (): unknown => runBody(world, glue, [{ kind: "pointer", to: { value: box } }]);
      if (panics) expect(run).toThrow(Unwinding);
      else run();
      expect(log).toEqual(["Drop::drop", "alloc::box_free"]);
    }
  });

  it("is well-formed for all types", () => {
    const dyn = tcx.dynamic({ principal: undefined, projections: [], autos: [] });
    const fixed = [tcx.slice(loud), dyn, tcx.adt(boxDef, [dyn]), tcx.adt(boxDef, [tcx.slice(loud)])];
    const check = (ty: Ty): void => {
      const glue = glueOf(ty);
      if (glue !== undefined) expect(verifyBody(glue, tcx, ty.text).map(renderVerifyError)).toEqual([]);
    };
    for (const ty of fixed) check(ty);
    fc.assert(fc.property(types, check), { seed: 4, numRuns: 150 });
  });
});

function checkShim({ params, ret, body }: Shim): void {
  expect(verifyBody(body, tcx, "shim").map(renderVerifyError)).toEqual([]);
  expect(body.locals.slice(0, body.argCount + 1).map((l) => l.ty)).toEqual([ret, ...params]);
}

describe("other shims", () => {
  it("are well-formed", () => {
    const pointer = tcx.fnPtr([TY_I32, TY_U8], TY_I32) as TyOf<"fnptr">;
    const item: FnItem = newFn("f", [TY_I32], TY_U8);
    for (const call of ["fn", "fnMut", "fnOnce"] as const) {
      checkShim(fnPtrShim(cx, pointer, call));
      checkShim(fnPtrShim(cx, tcx.fnDef(item, []) as TyOf<"fndef">, call));
      checkShim(closureCallShim(cx, closureOf([loud], "fn"), call));
      if (call !== "fn") checkShim(closureCallShim(cx, closureOf([loud], "fnMut"), call));
    }
    checkShim(closureCallShim(cx, closureOf([loud], "fnOnce"), "fnOnce"));
    checkShim(closureCallShim(cx, closureOf([TY_U8], "fn"), "fnOnce"));
    checkShim(closureFnPtrShim(cx, closureOf([], "fn")));
    checkShim(fnPtrAddrShim(cx, pointer));
    checkShim(ctorShim(cx, tcx.adt(either, [TY_U8]) as TyOf<"adt">, 2));
    checkShim(reifyShim(cx, cloneMethod, [loud]));
    checkShim(cloneShim(cx, tcx.tuple([TY_U8, loud, loud]), cloneMethod));
    checkShim(cloneShim(cx, tcx.array(loud, 3), cloneMethod));
    checkShim(cloneShim(cx, closureOf([loud, TY_U8]), cloneMethod));
    checkShim(cloneShim(cx, tcx.ref("not", TY_U8), cloneMethod));
    const consume = addMethod(newTrait("Consume"), "consume", [SELF, TY_U8], TY_UNIT);
    expect(vtableShim(cx, consume, [loud]).params.map((p) => p.text)).toEqual(["*mut Loud", "u8"]);
  });

  it("of a closure without a body are refused with its name", () => {
    const named = closureOf([], "fn");
    const bare = { ...named, def: { ...named.def, body: undefined } };
    expect(() => closureFnPtrShim(cx, bare)).toThrow("has no body in this program");
    expect(() => closureCallShim(cx, bare, "fnOnce")).toThrow("has no body in this program");
  });

  it("clone each part once, and drop what was cloned when one panics", () => {
    const tuple = tcx.tuple([loud, TY_U8, loud, loud]);
    for (const ty of [tuple, tcx.array(loud, 3)]) {
      for (const panicsAt of [-1, 0, 1, 2]) {
        const log: string[] = [];
        let made = 0;
        const leaf = (id: number): Value => ({ kind: "tree", id, variant: 0, parts: [] });
        const world: GlueWorld = {
          tcx,
          glueOf,
          call: ([self], func) => {
            if (func.kind !== "const" || func.value.kind !== "fn") throw new Error("no function");
            if (self?.kind !== "pointer" || self.to.value?.kind !== "tree") throw new Error("no value");
            const { id } = self.to.value;
            if (func.value.item === dropMethod) {
              log.push(`drop ${id}`);
              return undefined;
            }
            if (made === panicsAt) throw new Unwinding();
            made++;
            log.push(`clone ${id}`);
            return leaf(id + 100);
          },
        };
        const parts: Value[] =
          ty === tuple ? [leaf(1), { kind: "int", bits: 1n }, leaf(2), leaf(3)] : [leaf(1), leaf(2), leaf(3)];
        const self: Value = { kind: "pointer", to: { value: { kind: "tree", id: -1, variant: 0, parts } } };
        const run = (): unknown => runBody(world, cloneShim(cx, ty, cloneMethod).body, [self]);
        if (panicsAt < 0) {
          run();
          expect(log).toEqual(["clone 1", "clone 2", "clone 3"]);
          continue;
        }
        expect(run).toThrow(Unwinding);
        const cloned = [1, 2, 3].slice(0, panicsAt);
        const dropped = log.filter((line) => line.startsWith("drop")).sort();
        expect(log.filter((line) => line.startsWith("clone"))).toEqual(cloned.map((id) => `clone ${id}`));
        expect(dropped).toEqual(cloned.map((id) => `drop ${id + 100}`));
      }
    }
  });
});
