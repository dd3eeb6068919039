/**
 * Finite values taken apart into integers, and put together again with the one rounding that every operation here ends in: to nearest,
 * ties to even. All that is exact is done in between, on bigints without bounds.
 */

import type { FloatFormat } from "./format.ts";

const DOUBLE = new Float64Array(1);
const WORDS = new Uint32Array(DOUBLE.buffer);
/** Below this, a conversion to double cannot overflow. */
const DOUBLE_RANGE = 1n << 1000n;

/** The number of bits of a natural number; 0 for zero. */
export function bitLength(value: bigint): number {
  if (value === 0n) return 0;
  if (value >= DOUBLE_RANGE) {
    const hex = value.toString(16);
    return hex.length * 4 - (Math.clz32(Number.parseInt(hex[0]!, 16)) - 28);
  }
  DOUBLE[0] = Number(value);
  const length = (WORDS[1]! >>> 20) - 1022;
  // The conversion rounds, so a value just below a power of two may have become that power.
  const roundedUp = length > 53 && value >> BigInt(length - 1) === 0n;
  return roundedUp ? length - 1 : length;
}

/** The significand of a finite value, with its implicit bit: 0 for zeros. */
export function significandOf(format: FloatFormat, bits: bigint): bigint {
  const stored = bits & format.significandMask;
  return (bits & format.infinity) === 0n ? stored : stored | format.minNormal;
}

/** The exponent that goes with `significandOf`: the magnitude is significand × 2^exponent. */
export function exponentOf(format: FloatFormat, bits: bigint): number {
  const biased = Number((bits & format.infinity) >> BigInt(format.significandBits));
  return format.lsbExponent + (biased === 0 ? 0 : biased - 1);
}

/**
 * The float nearest to `±significand × 2^exponent`, an infinity when that is beyond the range.
 *
 * With `sticky`, the value is a little more, by less than one unit of the significand, which must then have two bits more than the
 * format's precision at least.
 */
export function roundPack(
  format: FloatFormat,
  negative: boolean,
  significand: bigint,
  exponent: number,
  sticky = false,
): bigint {
  const sign = negative ? format.signMask : 0n;
  if (significand === 0n) return sign;
  const top = exponent + bitLength(significand) - 1;
  if (top > format.maxExponent) return sign | format.infinity;
  const lsb = Math.max(top - format.significandBits, format.lsbExponent);
  const drop = lsb - exponent;
  const kept = drop <= 0 ? significand << BigInt(-drop) : roundedShift(significand, BigInt(drop), sticky);
  // The implicit bit is added to the exponent field: so is a carry out of the significand, up to infinity.
  return sign | ((BigInt(lsb - format.lsbExponent) << BigInt(format.significandBits)) + kept);
}

/** `value / 2^drop`, to nearest, ties to even unless `sticky` says that more lies below. */
export function roundedShift(value: bigint, drop: bigint, sticky: boolean): bigint {
  const floor = value >> drop;
  const rest = value - (floor << drop);
  const half = 1n << (drop - 1n);
  if (rest < half || (rest === half && !sticky && (floor & 1n) === 0n)) return floor;
  return floor + 1n;
}
