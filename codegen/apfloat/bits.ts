/**
 * What is said of a float, and done to it, by its bits alone: classification, signs, neighbours. None of these ever traps, rounds or
 * changes a NaN's payload; `neg`, `abs` and `copysign` are the bit operations that Rust says they are.
 */

import type { FloatFormat } from "./format.ts";

/** Rust's `core::num::FpCategory`. */
export type FpCategory = "Nan" | "Infinite" | "Zero" | "Subnormal" | "Normal";

export function classify(format: FloatFormat, bits: bigint): FpCategory {
  const magnitude = bits & format.magnitudeMask;
  if (magnitude > format.infinity) return "Nan";
  if (magnitude === format.infinity) return "Infinite";
  if (magnitude === 0n) return "Zero";
  return magnitude < format.minNormal ? "Subnormal" : "Normal";
}

export function isNan(format: FloatFormat, bits: bigint): boolean {
  return (bits & format.magnitudeMask) > format.infinity;
}

export function isInfinite(format: FloatFormat, bits: bigint): boolean {
  return (bits & format.magnitudeMask) === format.infinity;
}

export function isFiniteFloat(format: FloatFormat, bits: bigint): boolean {
  return (bits & format.magnitudeMask) < format.infinity;
}

export function isZero(format: FloatFormat, bits: bigint): boolean {
  return (bits & format.magnitudeMask) === 0n;
}

/** Whether the sign bit is set, which it can be in zeros and NaNs too. */
export function isNegative(format: FloatFormat, bits: bigint): boolean {
  return (bits & format.signMask) !== 0n;
}

export function neg(format: FloatFormat, bits: bigint): bigint {
  return bits ^ format.signMask;
}

export function abs(format: FloatFormat, bits: bigint): bigint {
  return bits & format.magnitudeMask;
}

/** `bits` with the sign of `sign`. */
export function copysign(format: FloatFormat, bits: bigint, sign: bigint): bigint {
  return (bits & format.magnitudeMask) | (sign & format.signMask);
}

/** The least value greater than `bits` (Rust's `next_up`); NaNs and positive infinity are their own. */
export function nextUp(format: FloatFormat, bits: bigint): bigint {
  if (isNan(format, bits) || bits === format.infinity) return bits;
  if (isZero(format, bits)) return 1n;
  return isNegative(format, bits) ? bits - 1n : bits + 1n;
}

/** The greatest value less than `bits` (Rust's `next_down`); NaNs and negative infinity are their own. */
export function nextDown(format: FloatFormat, bits: bigint): bigint {
  if (isNan(format, bits)) return bits;
  return neg(format, nextUp(format, neg(format, bits)));
}
