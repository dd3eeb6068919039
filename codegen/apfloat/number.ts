/**
 * f16, f32 and f64 as JavaScript numbers: what an interpreter keeps in a `Float64Array`, and the road through the hardware.
 *
 * Every f16 and f32 is a double. An operation of theirs is done on doubles and rounded again, `Math.fround(a + b)`. Rounding twice is
 * rounding once for `+ - * / sqrt` when the wide precision q and the narrow precision p have q >= 2p + 2 (Figueroa, "When is double rounding
 * innocuous?", 1995): 53 >= 2 × 24 + 2, and more so for 11. Results that are subnormal in the narrow format: sums are exact there (they are
 * multiples of the last bit), products are exact doubles, and a quotient that is not a midpoint of fewer than p bits is at least
 * 2^-2p away from it relative to its size, further than the first rounding can move it; roots are never subnormal. `%` is exact in all.
 *
 * A NaN has no bits here; what comes back from `fromNumber` is the canonical one.
 */

import { bug } from "../entity/entity.ts";
import type { FloatFormat } from "./format.ts";

const DOUBLE = new Float64Array(1);
const DOUBLE_BITS = new BigUint64Array(DOUBLE.buffer);
/** The low half first: typed arrays are little-endian wherever this runs. */
const DOUBLE_WORDS = new Uint32Array(DOUBLE.buffer);
const SINGLE = new Float32Array(1);
const SINGLE_BITS = new Uint32Array(SINGLE.buffer);
const HALF = new Float16Array(1);
const HALF_BITS = new Uint16Array(HALF.buffer);

/** The value of an f16, f32 or f64. */
export function toNumber(format: FloatFormat, bits: bigint): number {
  switch (format.bits) {
    case 64:
      DOUBLE_BITS[0] = bits;
      return DOUBLE[0]!;
    case 32:
      SINGLE_BITS[0] = Number(bits);
      return SINGLE[0]!;
    case 16:
      HALF_BITS[0] = Number(bits);
      return HALF[0]!;
    default:
      throw bug("an f128 is no double");
  }
}

/** The bits of the f16, f32 or f64 nearest to `value`. */
export function fromNumber(format: FloatFormat, value: number): bigint {
  if (Number.isNaN(value)) return format.nan;
  switch (format.bits) {
    case 64:
      DOUBLE[0] = value;
      return DOUBLE_BITS[0]!;
    case 32:
      SINGLE[0] = value;
      return BigInt(SINGLE_BITS[0]!);
    case 16:
      HALF[0] = value;
      return BigInt(HALF_BITS[0]!);
    default:
      throw bug("a double is no f128");
  }
}

/** A double rounded to the format. */
export function narrow(format: FloatFormat, value: number): number {
  return format.bits === 64 ? value : format.bits === 32 ? Math.fround(value) : Math.f16round(value);
}

/** The nearest integer, ties to even. */
export function roundTiesEven(value: number): number {
  const whole = Math.trunc(value);
  const rest = Math.abs(value - whole);
  return rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + Math.sign(value) : whole;
}

/**
 * `a × b + c` of f16s, rounded once.
 *
 * The product of two f16s is an exact double. The sum, too, unless the product's last bit lies 53 places below the sum's first. Products
 * reach down to 2^-48 only, so the sum, and thus `c`, is then at least 2^5, and the product less than 2^-19 of it: nowhere near a midpoint.
 */
export function fma16(a: number, b: number, c: number): number {
  return Math.f16round(a * b + c);
}

/**
 * `a × b + c` of f32s, rounded once.
 *
 * The product is an exact double. The sum is rounded to odd (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008): what
 * is then rounded to 24 bits or fewer is rounded as the exact sum would be.
 */
export function fma32(a: number, b: number, c: number): number {
  return Math.fround(addToOdd(a * b, c));
}

/** `a + b` rounded to odd: when it is not a double, the one of its two neighbours whose last bit is set. */
function addToOdd(a: number, b: number): number {
  const sum = a + b;
  const virtual = sum - a;
  const error = a - (sum - virtual) + (b - virtual);
  // NaN and infinities have no error that compares so.
  if (!(error > 0 || error < 0)) return sum;
  DOUBLE[0] = sum;
  const low = DOUBLE_WORDS[0]!;
  if ((low & 1) !== 0) return sum;
  if (error > 0 === sum > 0) {
    DOUBLE_WORDS[0] = low | 1;
  } else {
    DOUBLE_WORDS[0] = low - 1;
    if (low === 0) DOUBLE_WORDS[1]! -= 1;
  }
  return DOUBLE[0]!;
}

const SPLITTER = 2 ** 27 + 1;
const SAFE_MIN = 2 ** -800;
const SAFE_MAX = 2 ** 900;
const SPLIT_MAX = 2 ** 990;

/**
 * `a × b + c` of f64s, rounded once, when nothing on the way can overflow or underflow; else `undefined`, and `softFma` is to do it.
 *
 * Boldo and Melquiond's algorithm: the product as an exact sum of two doubles (Dekker), then the three terms added with one step rounded to odd.
 */
export function fma64(a: number, b: number, c: number): number | undefined {
  const high = a * b;
  if (c === 0 && high !== 0 && Number.isFinite(high)) return high;
  const size = Math.abs(high);
  const addend = Math.abs(c);
  if (!(size > SAFE_MIN && size < SAFE_MAX && addend > SAFE_MIN && addend < SAFE_MAX)) return undefined;
  if (!(Math.abs(a) < SPLIT_MAX && Math.abs(b) < SPLIT_MAX)) return undefined;
  const low = productError(a, b, high);
  const sum = c + low;
  const virtual = sum - c;
  const sumLow = c - (sum - virtual) + (low - virtual);
  const total = high + sum;
  const totalVirtual = total - high;
  const totalLow = high - (total - totalVirtual) + (sum - totalVirtual);
  return total + addToOdd(totalLow, sumLow);
}

/** `a × b - product`, exactly, where `product` is that rounded. */
function productError(a: number, b: number, product: number): number {
  const scaledA = SPLITTER * a;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = SPLITTER * b;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}
