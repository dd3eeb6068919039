/**
 * Conversions between floats, and between floats and integers of any width: Rust's `as`, and `float_to_int_unchecked`.
 *
 * Integers are bigints of their mathematical value, negative ones below zero.
 */

import { isFiniteFloat, isInfinite, isNan, isNegative } from "./bits.ts";
import type { FloatFormat } from "./format.ts";
import { fromNumber, toNumber } from "./number.ts";
import { exponentOf, roundPack, significandOf } from "./unpacked.ts";

/** The value in another format, rounded once. A NaN becomes the canonical one: Rust leaves open which. */
export function convert(from: FloatFormat, to: FloatFormat, bits: bigint): bigint {
  if (from.bits !== 128 && to.bits !== 128) return fromNumber(to, toNumber(from, bits));
  if (isNan(from, bits)) return to.nan;
  const negative = isNegative(from, bits);
  if (isInfinite(from, bits)) return negative ? to.infinity | to.signMask : to.infinity;
  return roundPack(to, negative, significandOf(from, bits), exponentOf(from, bits));
}

/** The float nearest to an integer; an infinity beyond the range, which only f16, and f32 for `u128`, can see. */
export function fromInt(format: FloatFormat, value: bigint): bigint {
  // One rounding: a bigint becomes the nearest double.
  if (format.bits === 64) return fromNumber(format, Number(value));
  const negative = value < 0n;
  return roundPack(format, negative, negative ? -value : value, 0);
}

/** Beyond this exponent of the last bit, no integer type holds a value. */
const WIDEST = 128;

/** A finite value without its fraction, where that is below 2^(128 + precision); greater ones come out as something of that size. */
function integerPart(format: FloatFormat, bits: bigint): bigint {
  const exponent = Math.min(exponentOf(format, bits), WIDEST);
  const significand = significandOf(format, bits);
  const magnitude = exponent >= 0 ? significand << BigInt(exponent) : significand >> BigInt(-exponent);
  return isNegative(format, bits) ? -magnitude : magnitude;
}

/** The range of an integer type. */
function limits(width: number, signed: boolean): { min: bigint; max: bigint } {
  const span = 1n << BigInt(signed ? width - 1 : width);
  return { min: signed ? -span : 0n, max: span - 1n };
}

/** Rust's `as`: towards zero, saturating; NaN is 0. */
export function toIntSaturating(format: FloatFormat, bits: bigint, width: number, signed: boolean): bigint {
  if (isNan(format, bits)) return 0n;
  const { min, max } = limits(width, signed);
  if (isInfinite(format, bits)) return isNegative(format, bits) ? min : max;
  const value = integerPart(format, bits);
  return value < min ? min : value > max ? max : value;
}

/** `to_int_unchecked`: towards zero; `undefined`, where Rust has undefined behaviour, for NaNs, infinities and what is out of range. */
export function toIntUnchecked(format: FloatFormat, bits: bigint, width: number, signed: boolean): bigint | undefined {
  if (!isFiniteFloat(format, bits)) return undefined;
  const { min, max } = limits(width, signed);
  const value = integerPart(format, bits);
  return value < min || value > max ? undefined : value;
}
