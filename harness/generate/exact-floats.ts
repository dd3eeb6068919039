/**
 * Actions on float operations whose result the implementation may choose, where it has no choice: sums and products of small whole numbers in any order,
 * quotients by powers of two, functions of the C library where every one of them is exact.
 *
 * The sign of a zero stays open: results are looked at as integers.
 */

import {
  type Local,
  type Operand,
  TY_F32,
  TY_F64,
  TY_I16,
  TY_I32,
  TY_I64,
  TY_U8,
  TY_U32,
  type Ty,
} from "../../codegen/index.ts";
import { constInt } from "./constants.ts";
import { accumulator, callIntrinsic, deliver, mixScalar } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { binary, cast, copyOf, moveOf, reusable, temp } from "./operands.ts";
import { vector } from "./simd.ts";

/** A whole number from 1 to 16 as a float, from live data. */
function small(cx: FnCx, ty: Ty): Operand {
  const low = temp(cx, TY_U8, binary("BitAnd", reusable(cx, TY_U8), constInt(TY_U8, 15)));
  const positive = temp(cx, TY_U8, binary("Add", constInt(TY_U8, 1), moveOf(low)));
  return copyOf(temp(cx, ty, cast("IntToFloat", moveOf(positive), ty)));
}

/**
 * The float that is this whole number, which no optimiser knows. The constants stand where the twin of a function keeps them: another argument need not
 * have an exact result.
 */
function known(cx: FnCx, ty: Ty, value: number): Operand {
  const nothing = temp(cx, TY_U8, binary("BitAnd", reusable(cx, TY_U8), constInt(TY_U8, 0)));
  const made = temp(cx, TY_U8, binary("Add", constInt(TY_U8, value), moveOf(nothing)));
  return copyOf(temp(cx, ty, cast("IntToFloat", moveOf(made), ty)));
}

function half(cx: FnCx, ty: Ty): Operand {
  return copyOf(temp(cx, ty, binary("Div", known(cx, ty, 1), known(cx, ty, 2))));
}

function deliverWhole(cx: FnCx, value: Operand, ty: Ty): void {
  const to = cx.rng.pick([TY_I32, TY_I64, TY_I16]);
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  // Quotients by powers of two have at most six bits behind the point.
  const scaled = temp(cx, ty, binary("Mul", value, known(cx, ty, 64)));
  mixScalar(cx, acc, word, moveOf(temp(cx, to, cast("FloatToInt", moveOf(scaled), to))), to);
  deliver(cx, acc, word);
}

const LOOSE: readonly string[] = ["fadd", "fsub", "fmul", "fdiv", "frem"];

/** `f*_algebraic`, `f*_fast` and `fmuladd*`. */
export function looseFloat(cx: FnCx): void {
  const ty = cx.rng.pick([TY_F32, TY_F64]);
  if (cx.rng.chance(25)) {
    const args = [small(cx, ty), small(cx, ty), small(cx, ty)];
    deliverWhole(cx, moveOf(callIntrinsic(cx, `fmuladd${ty.text}`, [], args)), ty);
    return;
  }
  const mode = cx.rng.pick(["algebraic", "fast"]);
  let value = small(cx, ty);
  const count = cx.rng.between(1, 2);
  for (let n = 0; n < count; n++) {
    const name = cx.rng.pick(n === 0 ? LOOSE : LOOSE.filter((other) => other !== "frem"));
    const divides = name === "fdiv" || name === "frem";
    const other = divides ? known(cx, ty, cx.rng.pick([1, 2, 4, 8])) : small(cx, ty);
    // No difference and no remainder is zero: its sign is open.
    if (name === "fsub") value = copyOf(temp(cx, ty, binary("Add", value, known(cx, ty, 32))));
    if (name === "frem") value = copyOf(temp(cx, ty, binary("Add", value, half(cx, ty))));
    value = copyOf(callIntrinsic(cx, `${name}_${mode}`, [ty], [value, other]));
  }
  deliverWhole(cx, value, ty);
}

/** Points at which each function of the C library is exact. */
const EXACT: readonly (readonly [name: string, args: readonly number[]])[] = [
  ["sin", [0]],
  ["cos", [0]],
  ["exp", [0]],
  ["exp2", [0]],
  ["log", [1]],
  ["log2", [1]],
  ["log10", [1]],
  ["pow", [3, 1]],
  ["pow", [5, 0]],
  ["pow", [1, 7]],
];

/** A function of the C library, where its precision does not show. */
export function libraryFloat(cx: FnCx): void {
  const ty = cx.rng.pick([TY_F32, TY_F64]);
  if (cx.rng.chance(20)) {
    const power = cx.rng.below(2);
    deliverWhole(cx, moveOf(callIntrinsic(cx, `powi${ty.text}`, [], [small(cx, ty), constInt(TY_I32, power)])), ty);
    return;
  }
  const [name, args] = cx.rng.pick(EXACT);
  const values = args.map((arg) => known(cx, ty, arg));
  deliverWhole(cx, moveOf(callIntrinsic(cx, `${name}${ty.text}`, [], values)), ty);
}

/** The same by lanes: reductions in no order, multiplications that may be fused with additions, functions where they are exact. */
export function looseVector(cx: FnCx): void {
  const ty = cx.rng.pick([TY_F32, TY_F64]);
  const v = vector(cx, ty, cx.rng.pick([2, 4]));
  const array = cx.types.tcx.array(ty, v.lanes);
  const make = (lane: () => Operand): Operand => {
    const operands = Array.from({ length: v.lanes }, lane);
    const lanes = temp(cx, array, { kind: "aggregate", aggregate: { kind: "array", element: ty }, operands });
    return copyOf(temp(cx, v.ty, cast("Transmute", moveOf(lanes), v.ty)));
  };
  const ones = (): Operand => known(cx, ty, cx.rng.between(1, 3));
  switch (cx.rng.below(3)) {
    case 0: {
      const name = cx.rng.pick(["simd_reduce_add_unordered", "simd_reduce_mul_unordered"]);
      deliverWhole(cx, moveOf(callIntrinsic(cx, name, [v.ty, ty], [make(ones)])), ty);
      return;
    }
    case 1: {
      const args = [make(() => small(cx, ty)), make(ones), make(() => small(cx, ty))];
      deliverLane(cx, callIntrinsic(cx, "simd_relaxed_fma", [v.ty], args), v.ty, ty);
      return;
    }
    default: {
      const [name, args] = cx.rng.pick(EXACT.filter(([, list]) => list.length === 1));
      const value = make(() => known(cx, ty, args[0]!));
      deliverLane(cx, callIntrinsic(cx, `simd_f${name}`, [v.ty], [value]), v.ty, ty);
    }
  }
}

function deliverLane(cx: FnCx, value: Local, vectorTy: Ty, lane: Ty): void {
  const first = callIntrinsic(cx, "simd_extract", [vectorTy, lane], [moveOf(value), constInt(TY_U32, 0)]);
  deliverWhole(cx, moveOf(first), lane);
}
