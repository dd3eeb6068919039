/** What `?Sized` of an impl's parameters decides, and what a specialising impl inherits; rustc's answers are written beside each case. */

import { describe, expect, it } from "vitest";
import type { ImplDef, TraitDef } from "../mir/items.ts";
import { newTyCtxt } from "../mir/prelude.ts";
import { TY_BOOL, TY_I32, TY_STR, TY_U8, type Ty } from "../mir/ty.ts";
import { newTraitCx } from "./context.ts";
import { implFor } from "./select.ts";
import { argsAreSized, sizedParams } from "./sizedness.ts";
import { bound, newImpl, newStruct, newTrait } from "./testing/items.ts";

const tcx = newTyCtxt();
const T = tcx.param(0, "T");
const shape = newTrait("Shape");
const metaSized = newTrait("MetaSized", { lang: "meta_sized" });
const sized = newTrait("Sized", { lang: "sized" });
const tail = newStruct(tcx, "Tail", [TY_U8, T], { generics: ["T"] });
const boxed = newStruct(tcx, "Boxed", [tcx.ptr("not", T)], { generics: ["T"] });
const relaxed = bound(metaSized, T);

function cxOf(impls: readonly ImplDef[], traits: readonly TraitDef[] = []): ReturnType<typeof newTraitCx> {
  return newTraitCx({ tcx, traits: [shape, metaSized, sized, ...traits], impls });
}

/** Of `impls` the number of the one that `ty: Shape` is selected by; -1 when it does not hold. */
function chosen(impls: readonly ImplDef[], ty: Ty): number {
  const source = cxOf(impls).select({ trait: shape, args: [ty] });
  return source?.kind === "user" ? impls.indexOf(source.impl) : -1;
}

const UNSIZED: readonly Ty[] = [
  TY_STR,
  tcx.slice(TY_U8),
  tcx.adt(tail, [TY_STR]),
  tcx.tuple([TY_U8, tcx.slice(TY_I32)]),
];
const SIZED: readonly Ty[] = [
  TY_U8,
  tcx.ref("not", TY_STR),
  tcx.adt(tail, [TY_U8]),
  tcx.adt(boxed, [TY_STR]),
  tcx.tuple([]),
];

describe("a parameter of an impl", () => {
  // impl<T> Shape for T {}
  it("without `?Sized` is not for unsized types", () => {
    const impls = [newImpl(shape, [T], { generics: ["T"] })];
    expect(UNSIZED.map((ty) => chosen(impls, ty))).toEqual(UNSIZED.map(() => -1));
    expect(SIZED.map((ty) => chosen(impls, ty))).toEqual(SIZED.map(() => 0));
  });

  // impl<T: ?Sized> Shape for T {}
  it("with `?Sized` is for all", () => {
    const impls = [newImpl(shape, [T], { generics: ["T"], predicates: [relaxed] })];
    expect([...UNSIZED, ...SIZED].map((ty) => chosen(impls, ty))).toEqual([...UNSIZED, ...SIZED].map(() => 0));
  });

  // impl<T: ?Sized> Shape for &T {}, impl<T> Shape for &T {}
  it("may stand inside of the head", () => {
    const wide = [newImpl(shape, [tcx.ref("not", T)], { generics: ["T"], predicates: [relaxed] })];
    const narrow = [newImpl(shape, [tcx.ref("not", T)], { generics: ["T"] })];
    expect(chosen(wide, tcx.ref("not", TY_STR))).toBe(0);
    expect(chosen(narrow, tcx.ref("not", TY_STR))).toBe(-1);
    expect(chosen(narrow, tcx.ref("not", TY_U8))).toBe(0);
  });

  it("is sized again by `?Sized + Sized`, and a const parameter is no type", () => {
    const both = newImpl(shape, [T], { generics: ["T"], predicates: [relaxed, bound(sized, T)] });
    expect(sizedParams(both)).toEqual([0]);
    const arrays: ImplDef = { ...newImpl(shape, [T], { generics: ["T", "N"] }), constParams: [undefined, TY_U8] };
    expect(sizedParams(arrays)).toEqual([0]);
    expect(argsAreSized(tcx, arrays, [TY_U8, tcx.constArg(TY_U8, 3n, "3")])).toBe(true);
  });
});

describe("of two impls that differ in `?Sized` alone", () => {
  // impl<T: ?Sized> Shape for T { default … }  impl<T> Shape for T { … }   (core's SpecAdvanceBy)
  const wide = newImpl(shape, [T], { generics: ["T"], predicates: [relaxed] });
  const narrow = newImpl(shape, [T], { generics: ["T"] });

  it("the one for sized types is more special, in any order", () => {
    expect(SIZED.map((ty) => chosen([wide, narrow], ty))).toEqual(SIZED.map(() => 1));
    expect(SIZED.map((ty) => chosen([narrow, wide], ty))).toEqual(SIZED.map(() => 0));
    expect(UNSIZED.map((ty) => chosen([wide, narrow], ty))).toEqual(UNSIZED.map(() => 0));
  });

  it("neither is when another bound is the other's", () => {
    const marked = newTrait("Marked");
    const impls = [
      newImpl(shape, [T], { generics: ["T"], predicates: [relaxed, bound(marked, T)] }),
      narrow,
      newImpl(marked, [TY_I32]),
    ];
    expect(() => cxOf(impls, [marked]).select({ trait: shape, args: [TY_I32] })).toThrow("multiple impls satisfy");
  });

  it("the more special one is found where the type is a parameter too", () => {
    const cx = cxOf([wide, narrow]);
    expect(implFor(cx, { trait: shape, args: [tcx.param(3, "I")] }, [wide, narrow])?.impl).toBe(narrow);
    expect(implFor(cx, { trait: shape, args: [TY_STR] }, [wide, narrow])?.impl).toBe(wide);
    expect(implFor(cx, { trait: shape, args: [TY_STR] }, [narrow])).toBeUndefined();
  });
});

describe("a specialising impl", () => {
  // impl<T> Iter for Tail<T> { type Item = (T,); }   impl Iter for Tail<bool> {}
  const iter = newTrait("Iter", { assocTypes: [{ name: "Item" }] });
  const general = newImpl(iter, [tcx.adt(tail, [T])], { generics: ["T"], types: { Item: tcx.tuple([T]) } });
  const special = newImpl(iter, [tcx.adt(tail, [TY_BOOL])]);
  const own = newImpl(iter, [tcx.adt(tail, [TY_U8])], { types: { Item: TY_STR } });

  it("inherits the types that it does not give", () => {
    const cx = cxOf([general, special, own], [iter]);
    const item = (ty: Ty): string => cx.normalize(tcx.alias(iter, "Item", [tcx.adt(tail, [ty])])).text;
    expect([item(TY_BOOL), item(TY_U8), item(TY_I32)]).toEqual(["(bool,)", "str", "(i32,)"]);
  });

  it("has no item from an impl that does not apply", () => {
    const cx = cxOf([special, own], [iter]);
    expect(() => cx.normalize(tcx.alias(iter, "Item", [tcx.adt(tail, [TY_BOOL])]))).toThrow("has no type `Item`");
  });
});
