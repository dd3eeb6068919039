/**
 * Order: Rust's comparison operators, `total_cmp`, and the minimum and maximum of both IEEE 754 editions.
 */

import { isNan, isNegative, isZero } from "./bits.ts";
import type { FloatFormat } from "./format.ts";

/** Rust's `partial_cmp`: -1, 0 or 1; `undefined` when either is a NaN. Zeros are equal. */
export function compare(format: FloatFormat, a: bigint, b: bigint): -1 | 0 | 1 | undefined {
  if (isNan(format, a) || isNan(format, b)) return undefined;
  if (isZero(format, a) && isZero(format, b)) return 0;
  return totalCompare(format, a, b);
}

export function eq(format: FloatFormat, a: bigint, b: bigint): boolean {
  return compare(format, a, b) === 0;
}

export function lt(format: FloatFormat, a: bigint, b: bigint): boolean {
  return compare(format, a, b) === -1;
}

export function le(format: FloatFormat, a: bigint, b: bigint): boolean {
  const order = compare(format, a, b);
  return order === -1 || order === 0;
}

/** Rust's `total_cmp`: negative NaNs, negative numbers, -0, +0, positive numbers, NaNs; signaling NaNs nearer to the numbers. */
export function totalCompare(format: FloatFormat, a: bigint, b: bigint): -1 | 0 | 1 {
  if (a === b) return 0;
  const less = isNegative(format, a) ? !isNegative(format, b) || a > b : !isNegative(format, b) && a < b;
  return less ? -1 : 1;
}

/**
 * Whether `minNum` and `maxNum` of these may give either: zeros of different signs. Rust leaves the sign open, so a program that looks at it
 * has no one meaning.
 */
export function isZeroSignOpen(format: FloatFormat, a: bigint, b: bigint): boolean {
  return a !== b && isZero(format, a) && isZero(format, b);
}

/** Rust's `min`, the `minimum_number_nsz_*` and older `minnum*` intrinsics: the other operand when one is a NaN; here, -0 is below +0. */
export function minNum(format: FloatFormat, a: bigint, b: bigint): bigint {
  if (isNan(format, a)) return isNan(format, b) ? format.nan : b;
  if (isNan(format, b)) return a;
  return totalCompare(format, a, b) <= 0 ? a : b;
}

/** Rust's `max`, the `maximum_number_nsz_*` and older `maxnum*` intrinsics: as `minNum`. */
export function maxNum(format: FloatFormat, a: bigint, b: bigint): bigint {
  if (isNan(format, a)) return isNan(format, b) ? format.nan : b;
  if (isNan(format, b)) return a;
  return totalCompare(format, a, b) >= 0 ? a : b;
}

/** IEEE 754-2019's `minimum`: a NaN when either is; -0 is below +0. */
export function minimum(format: FloatFormat, a: bigint, b: bigint): bigint {
  return isNan(format, a) || isNan(format, b) ? format.nan : minNum(format, a, b);
}

/** IEEE 754-2019's `maximum`: a NaN when either is; -0 is below +0. */
export function maximum(format: FloatFormat, a: bigint, b: bigint): bigint {
  return isNan(format, a) || isNan(format, b) ? format.nan : maxNum(format, a, b);
}
