/**
 * Actions on slices: unsizing arrays, indexing by locals and constants from both ends, subslices, loops, slices made of their parts.
 *
 * A slice lives in a section of its own: the array that it borrows is frozen, or locked, until its result is delivered.
 */

import {
  DUMMY_SP,
  type FnItem,
  type Local,
  type Mutability,
  type Operand,
  type PlaceElem,
  TY_BOOL,
  TY_USIZE,
  type Ty,
  type TyOf,
} from "../../codegen/index.ts";
import { constInt } from "./constants.ts";
import {
  accumulator,
  at,
  callIntrinsic,
  callItem,
  copyAt,
  DEREF,
  deliver,
  fillBody,
  forRange,
  mix,
  mixScalar,
  rawTo,
  refTo,
  returnMixed,
  spend,
  usize,
} from "./emit.ts";
import { canRead, canWrite, type Entry, type FnCx } from "./fn-cx.ts";
import { newFn } from "./items.ts";
import {
  binary,
  bounded,
  cast,
  copyOf,
  defineAs,
  localOf,
  moveOf,
  newValue,
  reusable,
  temp,
  unary,
  use,
} from "./operands.ts";
import { addressable, borrow } from "./pointers.ts";
import { assertThat } from "./scalars.ts";

/** A place of array type that may be borrowed: one of the program's arrays, or a new one of integers. */
function arrayToBorrow(cx: FnCx, mutability: Mutability, integers: boolean): Entry {
  const fits = mutability === "mut" ? canWrite : canRead;
  const known = cx.types.arrays.filter(({ ty }) => !integers || isInt((ty as TyOf<"array">).element));
  if (known.length > 0 && cx.rng.chance(60)) {
    const entry = addressable(cx, cx.rng.pick(known).ty, fits);
    if (entry !== undefined) return entry;
  }
  const ty = cx.types.tcx.array(cx.types.int(), cx.rng.between(2, 9));
  defineAs(cx, ty, newValue(cx, ty));
  return cx.pool(cx.types.info(ty)).at(-1)!;
}

function isInt(ty: Ty): boolean {
  return ty.kind === "int" || ty.kind === "uint";
}

interface SliceCx {
  /** A local of type `&[T]` or `&mut [T]`. */
  readonly slice: Local;
  readonly ty: Ty;
  readonly element: Ty;
  /** At least 1. */
  readonly length: number;
}

/** Borrows an array as a slice for the time of `body`. */
function withSlice(cx: FnCx, mutability: Mutability, integers: boolean, body: (s: SliceCx) => void): void {
  const { tcx } = cx.types;
  const entry = arrayToBorrow(cx, mutability, integers);
  const { element, length } = entry.info.ty as TyOf<"array">;
  cx.openScope();
  const whole = borrow(cx, entry, mutability);
  whole.dead = true;
  const ty = tcx.ref(mutability, tcx.slice(element));
  cx.pinned++;
  body({ slice: temp(cx, ty, cast("Unsize", moveOf(whole.local), ty)), ty, element, length });
  cx.pinned--;
  cx.closeScope();
}

/** The length of a slice, as either rvalue has it. */
function lengthOf(cx: FnCx, slice: Local): Local {
  const rvalue = cx.rng.chance(50)
    ? unary("PtrMetadata", copyOf(slice))
    : ({ kind: "len", place: at(slice, DEREF) } as const);
  return temp(cx, TY_USIZE, rvalue);
}

/** An index within the slice, checked against its length as rustc does. */
function checkedIndex(cx: FnCx, s: SliceCx): Local {
  const index = localOf(cx, TY_USIZE, bounded(cx, TY_USIZE, s.length));
  const length = lengthOf(cx, s.slice);
  const inside = temp(cx, TY_BOOL, binary("Lt", copyOf(index), copyOf(length)));
  assertThat(cx, moveOf(inside), true, { kind: "boundsCheck", length: moveOf(length), index: copyOf(index) });
  return index;
}

export function sliceIndex(cx: FnCx): void {
  let element: Ty | undefined;
  let value: Local | undefined;
  withSlice(cx, "not", false, (s) => {
    element = s.element;
    const index = checkedIndex(cx, s);
    // Rarely: core keeps it to itself, so that no rustc takes a program that calls it.
    if (cx.rng.chance(7)) {
      const pointer = cx.types.tcx.ref("not", s.element);
      const args = [copyOf(s.slice), copyOf(index)];
      const there = callIntrinsic(cx, "slice_get_unchecked", [pointer, s.ty, s.element], args);
      value = temp(cx, s.element, use(copyAt(there, DEREF)));
    } else value = temp(cx, s.element, use(copyAt(s.slice, DEREF, { kind: "index", local: index })));
  });
  if (element !== undefined && value !== undefined) deliver(cx, value, element);
}

/** What a slice pattern `[a, .., b]`, `[_, rest @ .., _]` becomes. */
export function slicePattern(cx: FnCx): void {
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  withSlice(cx, "not", true, (s) => {
    const { element, length } = s;
    const first: PlaceElem = { kind: "constantIndex", offset: cx.rng.below(length), minLength: length, fromEnd: false };
    const last: PlaceElem = {
      kind: "constantIndex",
      offset: cx.rng.between(1, length),
      minLength: length,
      fromEnd: true,
    };
    for (const elem of [first, last]) mixScalar(cx, acc, ty, copyAt(s.slice, DEREF, elem), element);
    const from = cx.rng.below(length);
    const to = cx.rng.below(length - from);
    const rest = refTo(
      cx,
      at(s.slice, DEREF, { kind: "subslice", from, to, fromEnd: true }),
      cx.types.tcx.slice(element),
    );
    sumInto(cx, acc, ty, { ...s, slice: rest, length: length - from - to });
  });
  arrayPattern(cx, acc, ty);
  deliver(cx, acc, ty);
}

/** A part of an array by value: `[_, middle @ .., _]`. */
function arrayPattern(cx: FnCx, acc: Local, ty: Ty): void {
  const { tcx } = cx.types;
  const length = cx.rng.between(3, 6);
  const array = temp(cx, tcx.array(ty, length), newValue(cx, tcx.array(ty, length)));
  const from = cx.rng.between(0, 1);
  const to = length - cx.rng.between(0, 1);
  const part = tcx.array(ty, to - from);
  const taken = temp(cx, part, use(copyAt(array, { kind: "subslice", from, to, fromEnd: false })));
  mix(
    cx,
    acc,
    copyAt(taken, { kind: "constantIndex", offset: cx.rng.below(to - from), minLength: to - from, fromEnd: false }),
  );
}

/** `for x in slice { acc = acc op x }` */
function sumInto(cx: FnCx, acc: Local, ty: Ty, s: SliceCx): void {
  const length = lengthOf(cx, s.slice);
  forRange(cx, copyOf(length), s.length, (i) => {
    mixScalar(cx, acc, ty, copyAt(s.slice, DEREF, { kind: "index", local: i }), s.element);
  });
}

export function sliceLoop(cx: FnCx): void {
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  withSlice(cx, "not", true, (s) => {
    if (cx.rng.chance(50)) {
      sumInto(cx, acc, ty, s);
      return;
    }
    const sum = sliceSum(cx, s.element);
    spend(cx, 8 * s.length);
    const result = callItem(cx, sum, [], [copyOf(s.slice), reusable(cx, s.element)]);
    mixScalar(cx, acc, ty, moveOf(result), s.element);
  });
  deliver(cx, acc, ty);
}

/** `fn(&[T], T) -> T`, one for each element type: folds the slice with the value. */
function sliceSum(cx: FnCx, element: Ty): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>(`slice sum ${element.text}`);
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const item = newFn(items, items.name("slice_sum"), [tcx.ref("not", tcx.slice(element)), element], element);
  known.push(item);
  fillBody(cx, item, (inner, [slice, start]) => {
    const acc = temp(inner, element, use(copyOf(start!)));
    sumInto(inner, acc, element, { slice: slice!, ty: item.params[0]!, element, length: 4 });
    returnMixed(inner, acc);
  });
  return item;
}

/** Writes through a `&mut [T]`: one element, all of them, or the two ends exchanged. */
export function sliceMut(cx: FnCx): void {
  withSlice(cx, "mut", true, (s) => {
    const { element, length, slice } = s;
    const value = temp(cx, element, use(reusable(cx, element)));
    switch (cx.rng.below(3)) {
      case 0:
        cx.assign(at(slice, DEREF, { kind: "index", local: checkedIndex(cx, s) }), use(copyOf(value)));
        return;
      case 1:
        forRange(cx, copyOf(lengthOf(cx, slice)), length, (i) => {
          const place = at(slice, DEREF, { kind: "index", local: i });
          cx.assign(place, binary("BitXor", { kind: "copy", place }, copyOf(value)));
          mix(cx, value, { kind: "copy", place });
        });
        return;
      default: {
        const low = at(slice, DEREF, { kind: "constantIndex", offset: 0, minLength: 1, fromEnd: false });
        const high = at(slice, DEREF, { kind: "constantIndex", offset: 1, minLength: 1, fromEnd: true });
        const kept = temp(cx, element, use({ kind: "copy", place: low }));
        const other = temp(cx, element, use({ kind: "copy", place: high }));
        cx.assign(low, use(moveOf(other)));
        cx.assign(high, binary("Add", moveOf(kept), copyOf(value)));
      }
    }
  });
}

/** A slice put together from a pointer and a length, both data. */
export function rawSlice(cx: FnCx): void {
  const { tcx } = cx.types;
  const ty = cx.types.int();
  const length = cx.rng.between(3, 8);
  const arrayTy = tcx.array(ty, length);
  const array = temp(cx, arrayTy, newValue(cx, arrayTy));
  const acc = accumulator(cx, ty);
  const from = localOf(cx, TY_USIZE, bounded(cx, TY_USIZE, length));
  const count = temp(cx, TY_USIZE, binary("Sub", usize(length), copyOf(from)));
  const elementPtr = tcx.ptr("mut", ty);
  const first = temp(cx, elementPtr, cast("PtrToPtr", moveOf(rawTo(cx, at(array), arrayTy)), elementPtr));
  const start = temp(cx, elementPtr, binary("Offset", copyOf(first), copyOf(from)));
  const sliceTy = tcx.slice(ty);
  const wide = temp(cx, tcx.ptr("mut", sliceTy), {
    kind: "aggregate",
    aggregate: { kind: "rawPtr", ty: tcx.ptr("mut", sliceTy) },
    operands: [moveOf(start), copyOf(count)],
  });
  const zero: Operand = constInt(TY_USIZE, 0);
  if (cx.rng.chance(50)) {
    const index = temp(cx, TY_USIZE, use(zero));
    cx.assign(at(wide, DEREF, { kind: "index", local: index }), use(reusable(cx, ty)));
  }
  const reborrowed = refTo(cx, at(wide, DEREF), sliceTy, "not");
  sumInto(cx, acc, ty, { slice: reborrowed, ty: tcx.ref("not", sliceTy), element: ty, length });
  const thin = temp(cx, tcx.ptr("not", ty), cast("PtrToPtr", copyOf(wide), tcx.ptr("not", ty)));
  mix(cx, acc, copyAt(thin, DEREF));
  cx.statement({ kind: "nop", span: DUMMY_SP });
  deliver(cx, acc, ty);
}
