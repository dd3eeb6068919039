/**
 * Arithmetic on bits of any format, by exact integer arithmetic and one rounding: the definition that the fast paths are held to, and
 * the only way for f128.
 *
 * A NaN result is always the canonical one, whatever NaN went in.
 */

import { isInfinite, isNan, isNegative, isZero, neg } from "./bits.ts";
import type { FloatFormat } from "./format.ts";
import { bitLength, exponentOf, roundPack, significandOf } from "./unpacked.ts";

export function softAdd(format: FloatFormat, a: bigint, b: bigint): bigint {
  if (isNan(format, a) || isNan(format, b)) return format.nan;
  if (isInfinite(format, a)) return isInfinite(format, b) && a !== b ? format.nan : a;
  if (isInfinite(format, b)) return b;
  const significandA = significandOf(format, a);
  const significandB = significandOf(format, b);
  if (significandA === 0n && significandB === 0n) return a & b;
  return roundedSum(
    format,
    isNegative(format, a) ? -significandA : significandA,
    exponentOf(format, a),
    isNegative(format, b) ? -significandB : significandB,
    exponentOf(format, b),
  );
}

export function softSub(format: FloatFormat, a: bigint, b: bigint): bigint {
  return isNan(format, b) ? format.nan : softAdd(format, a, neg(format, b));
}

/** The sum of two values that are not both zero, rounded once; significands are signed and of at most twice the precision. */
function roundedSum(format: FloatFormat, x: bigint, exponentX: number, y: bigint, exponentY: number): bigint {
  if (x === 0n) return packSigned(format, y, exponentY);
  if (y === 0n) return packSigned(format, x, exponentX);
  const gap = exponentX + bitLength(x < 0n ? -x : x) - (exponentY + bitLength(y < 0n ? -y : y));
  const far = 3 * format.precision + 8;
  if (gap > far) return nudged(format, x, exponentX, y);
  if (gap < -far) return nudged(format, y, exponentY, x);
  const exponent = Math.min(exponentX, exponentY);
  const sum = (x << BigInt(exponentX - exponent)) + (y << BigInt(exponentY - exponent));
  return packSigned(format, sum, exponent);
}

/** `x` and something of the sign of `y` that is too small to matter but for ties. */
function nudged(format: FloatFormat, x: bigint, exponent: number, y: bigint): bigint {
  const room = format.precision + 8;
  return packSigned(format, (x << BigInt(room)) + (y < 0n ? -1n : 1n), exponent - room);
}

function packSigned(format: FloatFormat, significand: bigint, exponent: number): bigint {
  const negative = significand < 0n;
  return roundPack(format, negative, negative ? -significand : significand, exponent);
}

export function softMul(format: FloatFormat, a: bigint, b: bigint): bigint {
  if (isNan(format, a) || isNan(format, b)) return format.nan;
  const sign = (a ^ b) & format.signMask;
  if (isInfinite(format, a)) return isZero(format, b) ? format.nan : sign | format.infinity;
  if (isInfinite(format, b)) return isZero(format, a) ? format.nan : sign | format.infinity;
  const product = significandOf(format, a) * significandOf(format, b);
  return roundPack(format, sign !== 0n, product, exponentOf(format, a) + exponentOf(format, b));
}

export function softDiv(format: FloatFormat, a: bigint, b: bigint): bigint {
  if (isNan(format, a) || isNan(format, b)) return format.nan;
  const sign = (a ^ b) & format.signMask;
  if (isInfinite(format, a)) return isInfinite(format, b) ? format.nan : sign | format.infinity;
  if (isInfinite(format, b)) return sign;
  if (isZero(format, b)) return isZero(format, a) ? format.nan : sign | format.infinity;
  return roundedQuotient(
    format,
    sign !== 0n,
    significandOf(format, a),
    significandOf(format, b),
    exponentOf(format, a) - exponentOf(format, b),
  );
}

/** `±numerator / denominator × 2^exponent`, rounded once. */
export function roundedQuotient(
  format: FloatFormat,
  negative: boolean,
  numerator: bigint,
  denominator: bigint,
  exponent: number,
): bigint {
  const shift = Math.max(0, format.precision + 3 - bitLength(numerator) + bitLength(denominator));
  const scaled = numerator << BigInt(shift);
  const quotient = scaled / denominator;
  return roundPack(format, negative, quotient, exponent - shift, quotient * denominator !== scaled);
}

/** Rust's `%`, C's `fmod`: `a - b × trunc(a / b)`, which is always exact; the sign is that of `a`. */
export function softRem(format: FloatFormat, a: bigint, b: bigint): bigint {
  if (isNan(format, a) || isNan(format, b) || isInfinite(format, a) || isZero(format, b)) return format.nan;
  if (isInfinite(format, b) || (a & format.magnitudeMask) < (b & format.magnitudeMask)) return a;
  // |a| >= |b|, so the exponent of `a` is no smaller.
  const exponent = exponentOf(format, b);
  const scaled = significandOf(format, a) << BigInt(exponentOf(format, a) - exponent);
  return roundPack(format, isNegative(format, a), scaled % significandOf(format, b), exponent);
}

/** `a × b + c` with one rounding. */
export function softFma(format: FloatFormat, a: bigint, b: bigint, c: bigint): bigint {
  if (isNan(format, a) || isNan(format, b) || isNan(format, c)) return format.nan;
  const sign = (a ^ b) & format.signMask;
  if (isInfinite(format, a) || isInfinite(format, b)) {
    const product = softMul(format, a, b);
    return product === format.nan ? product : softAdd(format, product, c);
  }
  if (isInfinite(format, c)) return c;
  const product = significandOf(format, a) * significandOf(format, b);
  const addend = significandOf(format, c);
  if (product === 0n && addend === 0n) return sign & c;
  return roundedSum(
    format,
    sign !== 0n ? -product : product,
    exponentOf(format, a) + exponentOf(format, b),
    isNegative(format, c) ? -addend : addend,
    exponentOf(format, c),
  );
}

export function softSqrt(format: FloatFormat, a: bigint): bigint {
  if (isZero(format, a)) return a;
  if (isNan(format, a) || isNegative(format, a)) return format.nan;
  if (isInfinite(format, a)) return a;
  const significand = significandOf(format, a);
  const exponent = exponentOf(format, a);
  // An even exponent, and twice as many bits as the root is to have.
  let shift = 2 * format.precision + 4 - bitLength(significand);
  if ((exponent - shift) % 2 !== 0) shift++;
  const scaled = significand << BigInt(shift);
  const root = integerSqrt(scaled);
  return roundPack(format, false, root, (exponent - shift) / 2, root * root !== scaled);
}

/** The integer part of a square root, by Newton's method from the root of the nearest double. */
function integerSqrt(value: bigint): bigint {
  let root = BigInt(Math.floor(Math.sqrt(Number(value))));
  for (;;) {
    const next = (root + value / root) >> 1n;
    const step = next - root;
    root = next;
    if (step >= -1n && step <= 1n) break;
  }
  while (root * root > value) root -= 1n;
  while ((root + 1n) * (root + 1n) <= value) root += 1n;
  return root;
}
