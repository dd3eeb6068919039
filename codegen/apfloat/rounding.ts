/**
 * Rounding to an integral value of the same format: Rust's `floor`, `ceil`, `trunc`, `round` and `round_ties_even`. The result is exact, keeps the
 * sign (of zeros too), and is the canonical NaN for every NaN.
 */

import { isNan, isNegative } from "./bits.ts";
import type { FloatFormat } from "./format.ts";
import { exponentOf, significandOf } from "./unpacked.ts";

/** Which of its two integral neighbours a value goes to; `toward-zero` is `trunc`, `ties-away` is `round`. */
export type IntegralRounding = "down" | "up" | "toward-zero" | "ties-away" | "ties-even";

export function floor(format: FloatFormat, bits: bigint): bigint {
  return roundToIntegral(format, bits, "down");
}

export function ceil(format: FloatFormat, bits: bigint): bigint {
  return roundToIntegral(format, bits, "up");
}

export function trunc(format: FloatFormat, bits: bigint): bigint {
  return roundToIntegral(format, bits, "toward-zero");
}

export function round(format: FloatFormat, bits: bigint): bigint {
  return roundToIntegral(format, bits, "ties-away");
}

export function roundTiesEven(format: FloatFormat, bits: bigint): bigint {
  return roundToIntegral(format, bits, "ties-even");
}

export function roundToIntegral(format: FloatFormat, bits: bigint, rounding: IntegralRounding): bigint {
  const magnitude = bits & format.magnitudeMask;
  if (isNan(format, bits)) return format.nan;
  const fractionBits = -exponentOf(format, bits);
  if (fractionBits <= 0 || magnitude === 0n) return bits;
  const sign = bits & format.signMask;
  if (fractionBits > format.significandBits) {
    // Less than one: the result is zero or one.
    const half = format.one - format.minNormal;
    return sign | (roundsUp(rounding, sign !== 0n, false, magnitude - half) ? format.one : 0n);
  }
  const unit = 1n << BigInt(fractionBits);
  const rest = magnitude & (unit - 1n);
  if (rest === 0n) return bits;
  const odd = (significandOf(format, bits) & unit) !== 0n;
  const below = magnitude - rest;
  // A carry goes on into the exponent, which is what it is to do.
  return sign | (roundsUp(rounding, isNegative(format, bits), odd, 2n * rest - unit) ? below + unit : below);
}

/** Whether a magnitude goes to the greater neighbour; `beyondHalf` has the sign of its distance from the middle. */
function roundsUp(rounding: IntegralRounding, negative: boolean, odd: boolean, beyondHalf: bigint): boolean {
  switch (rounding) {
    case "down":
      return negative;
    case "up":
      return !negative;
    case "toward-zero":
      return false;
    case "ties-away":
      return beyondHalf >= 0n;
    case "ties-even":
      return beyondHalf > 0n || (beyondHalf === 0n && odd);
  }
}
