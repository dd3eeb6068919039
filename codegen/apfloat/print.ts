/**
 * Floats as rustc writes them in MIR: `1.5f16`, `-0f64`, `1.0E+40f128`, `+Inf_f32`, `NaN_f64` (`pretty_print_const_scalar_int` in
 * rustc_middle/src/ty/print/pretty.rs, over the `Display` of rustc_apfloat's `IeeeFloat`).
 *
 * That is LLVM's `APFloat::toString`: enough digits to tell the value from all others of its format, not the fewest; as plain decimals when
 * that takes at most three zeros of padding, else scientific. Its rounding to that many digits is half up, on an expansion whose far digits
 * have been cut off before, in steps that its estimate of log2(10), 196/59, allows; to print the same text is to do the same.
 */

import { isInfinite, isNan, isNegative } from "./bits.ts";
import type { FloatFormat } from "./format.ts";
import { bitLength, exponentOf, significandOf } from "./unpacked.ts";

/** `digits × 10^exponent`; the digits do not end in a zero. */
export interface Decimal {
  digits: string;
  exponent: number;
}

const MAX_PADDING = 3;

/**
 * `bits` as rustc writes the constant in MIR; `undefined` for NaNs but the canonical: rustc writes `NaN` for those as well, which does not say
 * which bits they are.
 */
export function printConst(format: FloatFormat, bits: bigint): string | undefined {
  if (isNan(format, bits)) return bits === format.nan ? `NaN_${format.name}` : undefined;
  if (isInfinite(format, bits)) return `${isNegative(format, bits) ? "-" : "+"}Inf_${format.name}`;
  return `${isNegative(format, bits) ? "-" : ""}${magnitudeText(format, bits)}${format.name}`;
}

function magnitudeText(format: FloatFormat, bits: bigint): string {
  if ((bits & format.magnitudeMask) === 0n) return "0";
  const precision = 2 + Math.floor((format.precision * 59) / 196);
  const { digits, exponent } = rounded(expansion(format, bits, precision), precision);
  const top = exponent + digits.length - 1;
  const scientific =
    exponent >= 0 ? exponent > MAX_PADDING || digits.length + exponent > precision : -top > MAX_PADDING;
  if (!scientific) return plainText(digits, exponent);
  const fraction = digits.length === 1 ? "0" : digits.slice(1);
  return `${digits[0]}.${fraction}E${top < 0 ? "-" : "+"}${Math.abs(top)}`;
}

/** `digits × 10^exponent` without an exponent. */
export function plainText(digits: string, exponent: number): string {
  if (exponent >= 0) return digits + "0".repeat(exponent);
  const whole = digits.length + exponent;
  if (whole > 0) return `${digits.slice(0, whole)}.${digits.slice(whole)}`;
  return `0.${"0".repeat(-whole)}${digits}`;
}

/** All decimal digits of a magnitude, less those that rustc_apfloat leaves out as far beyond `precision`. */
function expansion(format: FloatFormat, bits: bigint, precision: number): Decimal {
  let significand = significandOf(format, bits);
  let exponent = exponentOf(format, bits);
  const zeros = bitLength(significand & -significand) - 1;
  significand >>= BigInt(zeros);
  exponent += zeros;
  if (exponent >= 0) {
    significand <<= BigInt(exponent);
    exponent = 0;
  } else {
    // n × 2^-e is n × 5^e × 10^-e.
    significand *= 5n ** BigInt(-exponent);
  }
  const needed = Math.floor((precision * 196 + 58) / 59);
  const left = Math.floor((Math.max(0, bitLength(significand) - needed) * 59) / 196);
  return { digits: (significand / 10n ** BigInt(left)).toString(), exponent: exponent + left };
}

/** Rounded half up to at most `precision` digits. */
function rounded({ digits, exponent }: Decimal, precision: number): Decimal {
  const dropped = digits.length - precision;
  if (dropped <= 0) return trimmed(digits, exponent);
  const carry = digits.charCodeAt(precision) >= 53 ? 1n : 0n;
  return trimmed((BigInt(digits.slice(0, precision)) + carry).toString(), exponent + dropped);
}

/** Without the zeros at the end. */
export function trimmed(digits: string, exponent: number): Decimal {
  let end = digits.length;
  while (end > 1 && digits.charCodeAt(end - 1) === 48) end--;
  return { digits: digits.slice(0, end), exponent: exponent + digits.length - end };
}
