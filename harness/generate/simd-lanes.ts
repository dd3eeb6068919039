/**
 * Actions that move the lanes of vectors: comparisons and masks, single lanes, shuffles, conversions, reductions, vectors in memory.
 */

import {
  type Const,
  type Local,
  type Operand,
  TY_BOOL,
  TY_I32,
  TY_ISIZE,
  TY_U8,
  TY_U16,
  TY_U32,
  type Ty,
} from "../../codegen/index.ts";
import { constInt } from "./constants.ts";
import { at, callIntrinsic, constOf, deliver, rawTo, usize } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { binary, bounded, cast, copyOf, moveOf, newValue, operand, temp } from "./operands.ts";
import {
  deliverVector,
  INT_LANES,
  LANES,
  maskOf,
  newVector,
  someVector,
  type Vector,
  vector,
  vectorBy,
} from "./simd.ts";

const COMPARISONS: readonly string[] = ["simd_eq", "simd_ne", "simd_lt", "simd_le", "simd_gt", "simd_ge"];

/** A mask that some comparison makes. */
function someMask(cx: FnCx, v: Vector): { value: Local; mask: Vector } {
  const mask = maskOf(cx, v);
  const [a, b] = [newVector(cx, v), newVector(cx, v)];
  return { value: callIntrinsic(cx, cx.rng.pick(COMPARISONS), [v.ty, mask.ty], [copyOf(a), copyOf(b)]), mask };
}

/** The unsigned integer that has a bit for each lane. */
function bitmaskTy(v: Vector): Ty {
  return v.lanes > 8 ? TY_U16 : TY_U8;
}

/** A comparison, and what its mask selects, counts as, or says of all lanes. */
export function simdCompare(cx: FnCx): void {
  const v = someVector(cx);
  const { value, mask } = someMask(cx, v);
  switch (cx.rng.below(5)) {
    case 0:
      deliverVector(cx, value, mask);
      return;
    case 1: {
      const bits = bitmaskTy(v);
      deliver(cx, callIntrinsic(cx, "simd_bitmask", [mask.ty, bits], [moveOf(value)]), bits);
      return;
    }
    case 2:
      deliver(
        cx,
        callIntrinsic(cx, cx.rng.pick(["simd_reduce_all", "simd_reduce_any"]), [mask.ty], [moveOf(value)]),
        TY_BOOL,
      );
      return;
    case 3: {
      const bits = callIntrinsic(cx, "simd_bitmask", [mask.ty, bitmaskTy(v)], [moveOf(value)]);
      const args = [moveOf(bits), copyOf(newVector(cx, v)), copyOf(newVector(cx, v))];
      deliverVector(cx, callIntrinsic(cx, "simd_select_bitmask", [bitmaskTy(v), v.ty], args), v);
      return;
    }
    default: {
      const args = [moveOf(value), copyOf(newVector(cx, v)), copyOf(newVector(cx, v))];
      deliverVector(cx, callIntrinsic(cx, "simd_select", [mask.ty, v.ty], args), v);
    }
  }
}

/** One lane read or replaced, all lanes permuted, all lanes converted. */
export function simdLanes(cx: FnCx): void {
  const v = someVector(cx);
  const value = newVector(cx, v);
  const known: Operand = constInt(TY_U32, cx.rng.below(v.lanes));
  switch (cx.rng.below(6)) {
    case 0:
      deliverVector(
        cx,
        callIntrinsic(cx, "simd_insert", [v.ty, v.lane], [moveOf(value), known, operand(cx, v.lane)]),
        v,
      );
      return;
    case 1: {
      const index = bounded(cx, TY_U32, v.lanes);
      deliverVector(
        cx,
        callIntrinsic(cx, "simd_insert_dyn", [v.ty, v.lane], [moveOf(value), index, operand(cx, v.lane)]),
        v,
      );
      return;
    }
    case 2: {
      const index = bounded(cx, TY_U32, v.lanes);
      deliver(cx, callIntrinsic(cx, "simd_extract_dyn", [v.ty, v.lane], [moveOf(value), index]), v.lane);
      return;
    }
    case 3:
      deliverVector(cx, shuffled(cx, v, value), v);
      return;
    default:
      convertLanes(cx, v, value);
  }
}

/** Lanes of two vectors in an order that is constant. */
function shuffled(cx: FnCx, v: Vector, value: Local): Local {
  const order = vector(cx, TY_U32, v.lanes);
  const fields = Array.from({ length: v.lanes }, (): Const => {
    return { kind: "scalar", ty: TY_U32, bits: BigInt(cx.rng.below(2 * v.lanes)) };
  });
  const array: Const = { kind: "aggregate", ty: cx.types.tcx.array(TY_U32, v.lanes), variant: 0, fields };
  const index = constOf({ kind: "aggregate", ty: order.ty, variant: 0, fields: [array] });
  const other = copyOf(newVector(cx, v));
  return callIntrinsic(cx, "simd_shuffle", [v.ty, order.ty, v.ty], [moveOf(value), other, index]);
}

function convertLanes(cx: FnCx, v: Vector, value: Local): void {
  const to = vector(cx, cx.rng.pick(LANES), v.lanes);
  // Out-of-range floats saturate in `simd_as` and are undefined in `simd_cast`; integers wrap in both.
  const name = (v.lane.kind === "float" && to.lane.kind !== "float") || cx.rng.chance(50) ? "simd_as" : "simd_cast";
  deliverVector(cx, callIntrinsic(cx, name, [v.ty, to.ty], [moveOf(value)]), to);
}

/** All lanes into one scalar. */
export function simdReduce(cx: FnCx): void {
  const v = someVector(cx, INT_LANES);
  const value = newVector(cx, v);
  if (cx.rng.chance(40)) {
    // The start of an ordered reduction of integers is 0 for sums and 1 for products.
    const sum = cx.rng.chance(50);
    const name = sum ? "simd_reduce_add_ordered" : "simd_reduce_mul_ordered";
    deliver(cx, callIntrinsic(cx, name, [v.ty, v.lane], [moveOf(value), constInt(v.lane, sum ? 0 : 1)]), v.lane);
    return;
  }
  const name = cx.rng.pick(["and", "or", "xor", "min", "max"]);
  deliver(cx, callIntrinsic(cx, `simd_reduce_${name}`, [v.ty, v.lane], [moveOf(value)]), v.lane);
}

/** Lanes loaded and stored where a mask says so: next to each other, or wherever pointers point. */
export function simdMemory(cx: FnCx): void {
  const { tcx } = cx.types;
  const v = someVector(cx, [TY_I32, TY_U32, TY_U16, TY_U8]);
  const { value: chosen, mask } = someMask(cx, v);
  const arrayTy = tcx.array(v.lane, v.lanes);
  const array = temp(cx, arrayTy, newValue(cx, arrayTy));
  const pointerTy = tcx.ptr("mut", v.lane);
  const first = temp(cx, pointerTy, cast("PtrToPtr", moveOf(rawTo(cx, at(array), arrayTy)), pointerTy));
  const align = tcx.constArg(TY_I32, 1n, "1");
  if (cx.rng.chance(12)) scattered(cx, v, mask, chosen, first);
  else {
    const args = [moveOf(chosen), copyOf(first), copyOf(newVector(cx, v))];
    const loads = cx.rng.chance(50);
    const name = loads ? "simd_masked_load" : "simd_masked_store";
    const made = callIntrinsic(cx, name, [mask.ty, pointerTy, v.ty, align], args);
    if (loads) deliverVector(cx, made, v);
  }
  cx.define(array, arrayTy);
}

/** A gather or a scatter through a vector of pointers into one array. */
function scattered(cx: FnCx, v: Vector, mask: Vector, chosen: Local, first: Local): void {
  const pointerTy = cx.types.tcx.ptr("mut", v.lane);
  const pointers = vector(cx, pointerTy, v.lanes, `SimdPtr${v.lane.text}x${v.lanes}`);
  let next = 0;
  const lane = (): number => (cx.rng.chance(70) ? next++ : cx.rng.below(v.lanes)) % v.lanes;
  const lanes = cx.rng.chance(60) ? pointerLanes(cx, pointers, first, lane) : shiftedLanes(cx, pointers, first, lane);
  const args = [copyOf(newVector(cx, v)), copyOf(lanes), moveOf(chosen)];
  const gathers = cx.rng.chance(50);
  const made = callIntrinsic(cx, gathers ? "simd_gather" : "simd_scatter", [v.ty, pointers.ty, mask.ty], args);
  if (gathers) deliverVector(cx, made, v);
}

function pointerLanes(cx: FnCx, pointers: Vector, first: Local, lane: () => number): Local {
  return vectorBy(cx, pointers, () => moveOf(temp(cx, pointers.lane, binary("Offset", copyOf(first), usize(lane())))));
}

/** The first element's pointer in all lanes, moved by a vector of distances; by way of another type of pointers. */
function shiftedLanes(cx: FnCx, pointers: Vector, first: Local, lane: () => number): Local {
  const base = vectorBy(cx, pointers, () => copyOf(first));
  const distances = vector(cx, TY_ISIZE, pointers.lanes);
  const by = vectorBy(cx, distances, () => constInt(TY_ISIZE, lane()));
  const moved = callIntrinsic(cx, "simd_arith_offset", [pointers.ty, distances.ty], [moveOf(base), moveOf(by)]);
  const bytes = vector(cx, cx.types.tcx.ptr("mut", TY_U8), pointers.lanes, `SimdBytesx${pointers.lanes}`);
  const there = callIntrinsic(cx, "simd_cast_ptr", [pointers.ty, bytes.ty], [moveOf(moved)]);
  return callIntrinsic(cx, "simd_cast_ptr", [bytes.ty, pointers.ty], [moveOf(there)]);
}
