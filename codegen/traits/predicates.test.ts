/** What types are, as rustc's own answers would be. */

import { describe, expect, it } from "vitest";
import { newTyCtxt } from "../mir/prelude.ts";
import { TY_I32, TY_STR, TY_U8, type Ty } from "../mir/ty.ts";
import { newTraitCx } from "./context.ts";
import { isCopy, isFreeze, isSized, isUnpin, needsDrop } from "./predicates.ts";
import { newEnum, newImpl, newStruct, newTrait } from "./testing/items.ts";

const tcx = newTyCtxt();
const T = tcx.param(0, "T");
const drop = newTrait("Drop", { lang: "drop" });
const copy = newTrait("Copy", { lang: "copy" });
const loud = tcx.adt(newStruct(tcx, "Loud", []));
const plain = tcx.adt(newStruct(tcx, "Plain", [TY_I32]));
const holder = newStruct(tcx, "Holder", [TY_U8, T], { generics: ["T"] });
const cell = newStruct(tcx, "UnsafeCell", [T], { generics: ["T"], lang: "unsafe_cell" });
const manual = newStruct(tcx, "ManuallyDrop", [T], { generics: ["T"], lang: "manually_drop" });
const pinned = tcx.adt(newStruct(tcx, "std::marker::PhantomPinned", []));
const either = newEnum(tcx, "Either", [[T], [TY_U8]], ["T"]);
const cx = newTraitCx({ tcx, traits: [drop, copy], impls: [newImpl(drop, [loud]), newImpl(copy, [plain])] });
const box = newStruct(tcx, "Box", [tcx.ptr("not", T)], { generics: ["T"], lang: "owned_box" });
const list = newStruct(tcx, "List", []);
list.variants = [
  {
    ...list.variants[0]!,
    fields: [{ name: "0", ty: tcx.adt(tcx.adts.get("std::option::Option")!, [tcx.adt(box, [tcx.adt(list)])]) }],
  },
];
const dynDrop = tcx.dynamic({ principal: undefined, projections: [], autos: [] });

const closureOver = (ty: Ty): Ty =>
  tcx.closure(
    { kind: "closure", name: "{c}", generics: [], upvars: [ty], upvarNames: ["x"], closureKind: "fn", body: undefined },
    [],
  );

describe("a type", () => {
  it("needs drop when it, or a part that it owns, has an impl of Drop", () => {
    const yes = [loud, tcx.adt(holder, [loud]), tcx.adt(either, [loud]), tcx.array(loud, 1), tcx.tuple([TY_U8, loud])];
    const owning = [tcx.adt(box, [TY_U8]), tcx.adt(list), dynDrop, tcx.slice(loud), closureOver(loud), T];
    const no = [plain, tcx.array(loud, 0), tcx.ref("mut", loud), tcx.adt(manual, [loud]), closureOver(TY_U8), TY_STR];
    expect([...yes, ...owning].filter((ty) => !needsDrop(cx, ty))).toEqual([]);
    expect(no.filter((ty) => needsDrop(cx, ty))).toEqual([]);
  });

  it("is Copy when the language or an impl says so", () => {
    const yes = [plain, tcx.tuple([plain, TY_U8]), tcx.array(plain, 2), closureOver(plain), tcx.fnPtr([], TY_U8)];
    const no = [loud, tcx.ref("mut", plain), tcx.adt(holder, [TY_U8]), closureOver(loud), TY_STR, dynDrop, T];
    expect(yes.filter((ty) => !isCopy(cx, ty))).toEqual([]);
    expect(no.filter((ty) => isCopy(cx, ty))).toEqual([]);
  });

  it("is Freeze when no UnsafeCell is in the value itself", () => {
    const inCell = tcx.adt(cell, [TY_U8]);
    expect(
      [plain, tcx.ref("not", inCell), tcx.tuple([tcx.ptr("mut", inCell)])].filter((ty) => !isFreeze(cx, ty)),
    ).toEqual([]);
    expect([inCell, tcx.adt(holder, [inCell]), tcx.array(inCell, 2), dynDrop].filter((ty) => isFreeze(cx, ty))).toEqual(
      [],
    );
  });

  it("is Unpin unless PhantomPinned is in it", () => {
    expect([plain, tcx.ref("mut", pinned), tcx.adt(box, [pinned])].filter((ty) => !isUnpin(cx, ty))).toEqual([]);
    expect([pinned, tcx.adt(holder, [pinned]), tcx.tuple([pinned])].filter((ty) => isUnpin(cx, ty))).toEqual([]);
  });

  it("is Sized unless its tail is not", () => {
    expect([plain, tcx.ref("not", TY_STR), tcx.adt(holder, [TY_U8])].filter((ty) => !isSized(cx, ty))).toEqual([]);
    expect(
      [TY_STR, dynDrop, tcx.adt(holder, [tcx.slice(TY_U8)]), tcx.tuple([TY_STR])].filter((ty) => isSized(cx, ty)),
    ).toEqual([]);
  });
});
