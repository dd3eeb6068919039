/**
 * SIMD vectors: their types, values made from arrays, and the actions that compute lane by lane.
 *
 * `simd-lanes.ts` has those that move lanes: comparisons, shuffles, reductions, memory.
 */

import {
  type AdtDef,
  DEFAULT_REPR,
  type Local,
  type Operand,
  TY_F32,
  TY_F64,
  TY_I8,
  TY_I16,
  TY_I32,
  TY_I64,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  type Ty,
} from "../../codegen/index.ts";
import { constInt, scalarBits } from "./constants.ts";
import { callIntrinsic, deliver } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { binary, cast, copyOf, masked, moveOf, newValue, reusable, temp, use } from "./operands.ts";

/** A vector type with its lanes. */
export interface Vector {
  readonly ty: Ty;
  readonly lane: Ty;
  readonly lanes: number;
}

export const INT_LANES: readonly Ty[] = [TY_I8, TY_I16, TY_I32, TY_I64, TY_U8, TY_U16, TY_U32, TY_U64];
/** Floats as often as two thirds of the integers together: their operations are as many. */
export const LANES: readonly Ty[] = [...INT_LANES, TY_F32, TY_F64, TY_F32, TY_F64, TY_F32, TY_F64];

/** `#[repr(simd)] struct Simd…([T; N]);`, one for each. */
export function vector(cx: FnCx, lane: Ty, lanes: number, name = `Simd${lane.text}x${lanes}`): Vector {
  const { tcx } = cx.types;
  const known = cx.program.items.known<Vector>(`simd ${lane.text} ${lanes}`);
  if (known.length > 0) return known[0]!;
  const def: AdtDef = {
    name,
    adtKind: "struct",
    generics: [],
    variants: [{ name, ctor: "tuple", fields: [{ name: "0", ty: tcx.array(lane, lanes) }], discriminant: 0n }],
    repr: { ...DEFAULT_REPR, simd: true },
    explicitDiscriminants: false,
    prelude: false,
  };
  const made = { ty: tcx.adt(def), lane, lanes };
  known.push(made);
  return made;
}

export function someVector(cx: FnCx, lanes: readonly Ty[] = LANES): Vector {
  const lane = cx.rng.pick(lanes);
  const most = Math.min(16, 256 / scalarBits(lane));
  return vector(cx, lane, cx.rng.pick([2, 4, 8, 16].filter((n) => n <= most)));
}

/** The vector of lanes of masks: signed integers as wide as `v`'s. */
export function maskOf(cx: FnCx, v: Vector): Vector {
  const width = scalarBits(v.lane);
  return vector(cx, width === 8 ? TY_I8 : width === 16 ? TY_I16 : width === 32 ? TY_I32 : TY_I64, v.lanes);
}

/** A vector of live values. */
export function newVector(cx: FnCx, v: Vector): Local {
  if (cx.rng.chance(15)) return callIntrinsic(cx, "simd_splat", [v.ty, v.lane], [reusable(cx, v.lane)]);
  const array = cx.types.tcx.array(v.lane, v.lanes);
  return vectorOf(cx, v, temp(cx, array, newValue(cx, array)));
}

/** A vector of these lanes. */
function vectorOf(cx: FnCx, v: Vector, array: Local): Local {
  return temp(cx, v.ty, cast("Transmute", moveOf(array), v.ty));
}

/** A vector whose every lane `lane` makes. */
export function vectorBy(cx: FnCx, v: Vector, lane: () => Operand): Local {
  const operands = Array.from({ length: v.lanes }, lane);
  const ty = cx.types.tcx.array(v.lane, v.lanes);
  return vectorOf(cx, v, temp(cx, ty, { kind: "aggregate", aggregate: { kind: "array", element: v.lane }, operands }));
}

/** A lane, or the whole of it as an array, where later code finds it. */
export function deliverVector(cx: FnCx, value: Local, v: Vector): void {
  if (cx.rng.chance(50)) {
    const array = cx.types.tcx.array(v.lane, v.lanes);
    const lanes = temp(cx, array, cast("Transmute", moveOf(value), array));
    const at = { kind: "constantIndex", offset: cx.rng.below(v.lanes), minLength: v.lanes, fromEnd: false } as const;
    deliver(cx, temp(cx, v.lane, use({ kind: "copy", place: { local: lanes, projection: [at] } })), v.lane);
    cx.define(lanes, array);
    return;
  }
  const index = constInt(TY_U32, cx.rng.below(v.lanes));
  deliver(cx, callIntrinsic(cx, "simd_extract", [v.ty, v.lane], [copyOf(value), index]), v.lane);
}

const INT_UNARY: readonly string[] = ["simd_bswap", "simd_bitreverse", "simd_ctlz", "simd_cttz", "simd_ctpop"];
const FLOAT_UNARY: readonly string[] = [
  "simd_neg",
  "simd_fabs",
  "simd_ceil",
  "simd_floor",
  "simd_round",
  "simd_round_ties_even",
  "simd_trunc",
  "simd_fsqrt",
];
const INT_BINARY: readonly string[] = [
  "simd_add",
  "simd_sub",
  "simd_mul",
  "simd_and",
  "simd_or",
  "simd_xor",
  "simd_saturating_add",
  "simd_saturating_sub",
];
const FLOAT_BINARY: readonly string[] = ["simd_add", "simd_sub", "simd_mul", "simd_div", "simd_rem"];
/** Which of two zeros comes out is open. */
const OPEN_ZERO: readonly string[] = ["simd_fmin", "simd_fmax", "simd_minimum_number_nsz", "simd_maximum_number_nsz"];

export function simdArithmetic(cx: FnCx): void {
  const v = someVector(cx);
  let value = newVector(cx, v);
  for (let n = cx.rng.between(2, 4); n > 0; n--)
    value = v.lane.kind === "float" ? floatStep(cx, v, value) : intStep(cx, v, value);
  deliverVector(cx, value, v);
}

function floatStep(cx: FnCx, v: Vector, value: Local): Local {
  const call = (name: string, ...more: readonly Local[]): Local =>
    callIntrinsic(cx, name, [v.ty], [value, ...more].map(copyOf));
  const roll = cx.rng.below(10);
  if (roll < 3) return call(cx.rng.pick(FLOAT_UNARY));
  if (roll < 4) return call("simd_fma", newVector(cx, v), newVector(cx, v));
  if (roll < 6) {
    // Compared with itself and something else: which zero it was does not show.
    const open = call(cx.rng.pick(OPEN_ZERO), newVector(cx, v));
    const mask = maskOf(cx, v);
    const smaller = callIntrinsic(cx, "simd_lt", [v.ty, mask.ty], [copyOf(open), copyOf(value)]);
    return callIntrinsic(
      cx,
      "simd_select",
      [mask.ty, v.ty],
      [moveOf(smaller), copyOf(value), copyOf(newVector(cx, v))],
    );
  }
  return call(cx.rng.pick(FLOAT_BINARY), newVector(cx, v));
}

function intStep(cx: FnCx, v: Vector, value: Local): Local {
  const call = (name: string, ...more: readonly Local[]): Local =>
    callIntrinsic(cx, name, [v.ty], [value, ...more].map(copyOf));
  const signed = v.lane.kind === "int";
  const roll = cx.rng.below(12);
  if (roll < 3) return call(cx.rng.pick(signed ? [...INT_UNARY, "simd_neg"] : INT_UNARY));
  if (roll < 5) return call(cx.rng.pick(["simd_shl", "simd_shr"]), shiftAmounts(cx, v));
  if (roll < 6) return call(cx.rng.pick(["simd_funnel_shl", "simd_funnel_shr"]), newVector(cx, v), shiftAmounts(cx, v));
  if (roll < 7 && !signed) return call("simd_carryless_mul", newVector(cx, v));
  if (roll < 8) return call(cx.rng.pick(["simd_div", "simd_rem"]), divisors(cx, v));
  return call(cx.rng.pick(INT_BINARY), newVector(cx, v));
}

/** Lanes below the width. */
function shiftAmounts(cx: FnCx, v: Vector): Local {
  const limit = constInt(v.lane, scalarBits(v.lane) - 1);
  return vectorBy(cx, v, () => moveOf(temp(cx, v.lane, binary("BitAnd", reusable(cx, v.lane), limit))));
}

/** Lanes that are positive. */
function divisors(cx: FnCx, v: Vector): Local {
  return vectorBy(cx, v, () => {
    const low = masked(cx, reusable(cx, v.lane), v.lane, scalarBits(v.lane) - 1);
    return moveOf(temp(cx, v.lane, binary("BitOr", moveOf(low), constInt(v.lane, 1))));
  });
}
