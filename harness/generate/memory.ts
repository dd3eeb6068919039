/**
 * Actions on memory through pointers: volatile accesses, copies, fills, swaps, comparisons, distances, addresses that come back.
 */

import {
  type BinOp,
  DUMMY_SP,
  type Local,
  type Operand,
  TY_BOOL,
  TY_I32,
  TY_ISIZE,
  TY_U8,
  TY_USIZE,
  type Ty,
} from "../../codegen/index.ts";
import { constInt, scalarBits } from "./constants.ts";
import {
  accumulator,
  at,
  callIntrinsic,
  copyAt,
  DEREF,
  deliver,
  ifThenElse,
  liveLocal,
  mix,
  rawTo,
  refTo,
  usize,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import {
  binary,
  bounded,
  cast,
  copyOf,
  localOf,
  moveOf,
  newValue,
  operand,
  reusable,
  store,
  temp,
  use,
  variable,
} from "./operands.ts";

/** An array of integers on the stack, in no pool, and a pointer to its first element. */
interface Buffer {
  readonly array: Local;
  readonly arrayTy: Ty;
  readonly first: Local;
  readonly element: Ty;
  readonly length: number;
}

function buffer(cx: FnCx, element: Ty, length: number): Buffer {
  const { tcx } = cx.types;
  const arrayTy = tcx.array(element, length);
  const array = temp(cx, arrayTy, newValue(cx, arrayTy));
  const pointer = rawTo(cx, at(array), arrayTy);
  const first = temp(
    cx,
    tcx.ptr("mut", element),
    cast(cx.rng.chance(50) ? "PtrToPtr" : "ArrayToPointer", moveOf(pointer), tcx.ptr("mut", element)),
  );
  return { array, arrayTy, first, element, length };
}

/** A pointer to element `i`. */
function elementAt(cx: FnCx, b: Buffer, i: Operand): Local {
  return temp(cx, cx.types.tcx.ptr("mut", b.element), binary("Offset", copyOf(b.first), i));
}

/** `pointer` as a `*const`, by one of the casts that do that. */
function asConst(cx: FnCx, pointer: Local, pointee: Ty): Operand {
  const ty = cx.types.tcx.ptr("not", pointee);
  return moveOf(temp(cx, ty, cast(cx.rng.chance(50) ? "MutToConstPointer" : "PtrToPtr", copyOf(pointer), ty)));
}

/** The buffer becomes a variable, whole, once the pointers into it are done with. */
function finish(cx: FnCx, b: Buffer): void {
  cx.define(b.array, b.arrayTy);
}

export function volatileAccess(cx: FnCx): void {
  const ty = cx.rng.chance(70) ? cx.types.int() : cx.types.any(50);
  const value = temp(cx, ty, cx.types.info(ty).isScalar ? use(operand(cx, ty)) : newValue(cx, ty));
  const p = rawTo(cx, at(value), ty);
  const unaligned = cx.rng.chance(30) ? "unaligned_" : "";
  if (cx.rng.chance(60)) callIntrinsic(cx, `${unaligned}volatile_store`, [ty], [copyOf(p), reusable(cx, ty)]);
  if (cx.rng.chance(20)) callIntrinsic(cx, "nontemporal_store", [ty], [copyOf(p), reusable(cx, ty)]);
  const seen = callIntrinsic(cx, `${unaligned}volatile_load`, [ty], [asConst(cx, p, ty)]);
  deliver(cx, seen, ty);
  cx.define(value, ty);
}

/** Elements copied from one buffer to another, or within one by overlapping ranges. */
export function memoryCopy(cx: FnCx): void {
  const ty = cx.types.int();
  const length = cx.rng.between(2, 8);
  const source = buffer(cx, ty, length);
  const count = cx.rng.between(1, length - 1);
  const shift = localOf(cx, TY_USIZE, bounded(cx, TY_USIZE, length - count + 1));
  const volatile = cx.rng.chance(25);
  if (cx.rng.chance(40)) {
    const to = elementAt(cx, source, copyOf(shift));
    const [src, dst, n] = [asConst(cx, source.first, ty), copyOf(to), usize(count)];
    if (volatile) callIntrinsic(cx, "volatile_copy_memory", [ty], [dst, src, n]);
    else callIntrinsic(cx, "copy", [ty], [src, dst, n]);
    finish(cx, source);
    return;
  }
  const target = buffer(cx, ty, length);
  const to = elementAt(cx, target, copyOf(shift));
  const [src, dst, n] = [asConst(cx, source.first, ty), copyOf(to), usize(count)];
  if (volatile) callIntrinsic(cx, "volatile_copy_nonoverlapping_memory", [ty], [dst, src, n]);
  else if (cx.rng.chance(50)) callIntrinsic(cx, "copy_nonoverlapping", [ty], [src, dst, n]);
  else cx.statement({ kind: "copyNonOverlapping", src, dst, count: n, span: DUMMY_SP });
  finish(cx, source);
  finish(cx, target);
}

export function memorySet(cx: FnCx): void {
  const ty = cx.types.int();
  const length = cx.rng.between(1, 6);
  const b = buffer(cx, ty, length);
  const from = localOf(cx, TY_USIZE, bounded(cx, TY_USIZE, length));
  const count = temp(cx, TY_USIZE, binary("Sub", usize(length), copyOf(from)));
  const name = cx.rng.chance(25) ? "volatile_set_memory" : "write_bytes";
  callIntrinsic(cx, name, [ty], [copyOf(elementAt(cx, b, copyOf(from))), operand(cx, TY_U8), copyOf(count)]);
  finish(cx, b);
}

/** Two values exchanged, one read out and one written through pointers. */
export function memorySwap(cx: FnCx): void {
  const ty = cx.types.any(50);
  const make = (): Local => temp(cx, ty, cx.types.info(ty).isScalar ? use(operand(cx, ty)) : newValue(cx, ty));
  const [x, y] = [make(), make()];
  const [p, q] = [rawTo(cx, at(x), ty), rawTo(cx, at(y), ty)];
  const swap = cx.rng.chance(25) ? "typed_swap" : "typed_swap_nonoverlapping";
  callIntrinsic(cx, swap, [ty], [copyOf(p), copyOf(q)]);
  if (cx.rng.chance(50)) deliver(cx, callIntrinsic(cx, "read_via_copy", [ty], [asConst(cx, p, ty)]), ty);
  if (cx.rng.chance(40)) callIntrinsic(cx, "write_via_move", [ty], [copyOf(q), reusable(cx, ty)]);
  cx.define(x, ty);
  cx.define(y, ty);
}

/** How far apart two elements are, and the way there and back. */
export function pointerDistance(cx: FnCx): void {
  const ty = cx.types.int();
  const length = cx.rng.between(2, 8);
  const b = buffer(cx, ty, length);
  const i = localOf(cx, TY_USIZE, bounded(cx, TY_USIZE, length));
  const there = elementAt(cx, b, copyOf(i));
  if (cx.rng.chance(50)) {
    const args = [asConst(cx, there, ty), asConst(cx, b.first, ty)];
    deliver(cx, callIntrinsic(cx, "ptr_offset_from_unsigned", [ty], args), TY_USIZE);
  } else {
    const back = cx.rng.chance(50);
    const [from, to] = back ? [there, b.first] : [b.first, there];
    const distance = callIntrinsic(cx, "ptr_offset_from", [ty], [asConst(cx, to, ty), asConst(cx, from, ty)]);
    if (back) {
      const home = temp(cx, cx.types.tcx.ptr("mut", ty), binary("Offset", copyOf(there), copyOf(distance)));
      deliver(cx, temp(cx, ty, use(copyAt(home, DEREF))), ty);
    }
    deliver(cx, distance, TY_ISIZE);
  }
  // Beyond the end and back: allowed for `arith_offset`, whose result is only used inside.
  const far = constInt(TY_ISIZE, 1000);
  const outside = callIntrinsic(cx, "arith_offset", [ty], [asConst(cx, there, ty), far]);
  const inside = callIntrinsic(cx, "arith_offset", [ty], [moveOf(outside), constInt(TY_ISIZE, -1000)]);
  deliver(cx, temp(cx, ty, use(copyAt(inside, DEREF))), ty);
  if (cx.rng.chance(50)) {
    const op = cx.rng.pick<BinOp>(["Lt", "Le", "Eq", "Ne", "Gt", "Ge"]);
    store(cx, TY_BOOL, binary(op, copyOf(there), copyOf(b.first)));
  }
  finish(cx, b);
}

/** Memory compared as bytes; only integers, whose bytes are all there. */
export function memoryCompare(cx: FnCx): void {
  const ty = cx.types.int();
  const length = cx.rng.between(1, 4);
  const [a, b] = [buffer(cx, ty, length), buffer(cx, ty, length)];
  if (cx.rng.chance(50)) {
    const refs = [a, b].map((each) => moveOf(refTo(cx, at(each.array), each.arrayTy)));
    deliver(cx, callIntrinsic(cx, "raw_eq", [a.arrayTy], refs), TY_BOOL);
  } else {
    const bytePtr = cx.types.tcx.ptr("not", TY_U8);
    const pointers = [a, b].map((each) => moveOf(temp(cx, bytePtr, cast("PtrToPtr", copyOf(each.first), bytePtr))));
    const order = callIntrinsic(
      cx,
      "compare_bytes",
      [],
      [...pointers, usize(cx.rng.between(0, Math.min(3, length * (scalarBits(ty) >> 3))))],
    );
    // Only its sign is defined.
    store(cx, TY_BOOL, binary(cx.rng.pick(["Lt", "Gt", "Eq"] as const), copyOf(order), constInt(TY_I32, 0)));
  }
  finish(cx, a);
  finish(cx, b);
}

/** Pointers taken apart and put together by intrinsics. */
export function pointerParts(cx: FnCx): void {
  const { tcx } = cx.types;
  const ty = cx.types.int();
  const length = cx.rng.between(1, 6);
  const b = buffer(cx, ty, length);
  const slice = tcx.slice(ty);
  const wide = tcx.ptr("not", slice);
  const used = localOf(cx, TY_USIZE, bounded(cx, TY_USIZE, length));
  const pointer = callIntrinsic(
    cx,
    "aggregate_raw_ptr",
    [wide, tcx.ptr("not", ty), TY_USIZE],
    [asConst(cx, b.first, ty), copyOf(used)],
  );
  deliver(cx, callIntrinsic(cx, "ptr_metadata", [slice, TY_USIZE], [copyOf(pointer)]), TY_USIZE);
  const there = callIntrinsic(cx, "offset", [tcx.ptr("mut", ty), TY_USIZE], [copyOf(b.first), copyOf(used)]);
  const same = callIntrinsic(cx, "ptr_guaranteed_cmp", [ty], [asConst(cx, there, ty), asConst(cx, b.first, ty)]);
  deliver(cx, same, TY_U8);
  deliver(cx, temp(cx, ty, use(copyAt(there, DEREF))), ty);
  finish(cx, b);
}

/**
 * A pointer to an address and back, where data never leads: a run that shows an address is no evidence, and an exposed one may be shown.
 * What stands there compilers must still get right, and keep from running.
 */
export function exposedPointer(cx: FnCx): void {
  const { tcx } = cx.types;
  const ty = cx.types.int();
  const value = liveLocal(cx, ty);
  const ptr = tcx.ptr("mut", ty);
  const low = temp(cx, ty, binary("BitAnd", variable(cx, ty), constInt(ty, 7)));
  const impossible = temp(cx, TY_BOOL, binary("Gt", copyOf(low), constInt(ty, 7)));
  const acc = accumulator(cx, ty);
  ifThenElse(
    cx,
    moveOf(impossible),
    () => {
      const address = temp(cx, TY_USIZE, cast("PointerExposeProvenance", moveOf(rawTo(cx, at(value), ty)), TY_USIZE));
      const back = temp(cx, ptr, cast("PointerWithExposedProvenance", moveOf(address), ptr));
      mix(cx, acc, copyAt(back, DEREF));
      cx.assign(at(back, DEREF), use(copyOf(acc)));
    },
    () => mix(cx, acc, moveOf(low)),
  );
  mix(cx, acc, copyOf(value));
  deliver(cx, acc, ty);
}
