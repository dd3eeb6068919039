/**
 * Text to floats, rounded once for any number of digits: what `str::parse` takes, Rust's literals, and constants in MIR.
 */

import { F64, type FloatFormat, formatOf } from "./format.ts";
import { fromNumber } from "./number.ts";
import { roundedQuotient } from "./soft.ts";
import { roundPack } from "./unpacked.ts";

/** A literal with its type: f64 when it has no suffix. */
export interface FloatLiteral {
  format: FloatFormat;
  bits: bigint;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const SPECIAL = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/** The float that Rust's `str::parse` reads from `text`; `undefined` where that is an error. */
export function parseFloatText(format: FloatFormat, text: string): bigint | undefined {
  const special = SPECIAL.exec(text);
  if (special !== null) {
    return (special[2] === undefined ? format.nan : format.infinity) | (special[1] === "-" ? format.signMask : 0n);
  }
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const whole = match[2]!;
  const fraction = match[3] ?? "";
  if (whole === "" && fraction === "") return undefined;
  if (format.bits === 64) return fromNumber(format, Number(text));
  return decimalToFloat(format, match[1] === "-", whole + fraction, Number(match[4] ?? 0) - fraction.length);
}

const LITERAL = /^([+-]?[\w.]+?(?:[eE][+-][\d_]+)?)_?(?:f(16|32|64|128))?$/;

/**
 * A float literal of Rust or of MIR (`1_000.5e-3_f128`, `1.0E+40f128`, `+Inf_f32`, `2f16`), with a sign or without; `undefined` for what
 * is none. `inf` and `NaN` in any case are taken too.
 */
export function parseLiteral(text: string): FloatLiteral | undefined {
  const match = LITERAL.exec(text);
  if (match === null) return undefined;
  const format = match[2] === undefined ? F64 : formatOf(Number(match[2]));
  const bits = parseFloatText(format, match[1]!.replaceAll("_", ""));
  return bits === undefined ? undefined : { format, bits };
}

/**
 * The float nearest to `±digits × 10^exponent`. Time depends on the format and, in proportion, on the number of digits; never on the exponent.
 */
export function decimalToFloat(format: FloatFormat, negative: boolean, digits: string, exponent: number): bigint {
  const sign = negative ? format.signMask : 0n;
  let start = 0;
  while (start < digits.length && digits.charCodeAt(start) === 48) start++;
  if (start === digits.length) return sign;
  // The value lies in [10^(magnitude - 1), 10^magnitude).
  const magnitude = digits.length - start + exponent;
  if ((magnitude - 1) * LOG2_OF_10 > format.maxExponent + 1) return sign | format.infinity;
  if (magnitude * LOG2_OF_10 < format.lsbExponent - 2) return sign;
  const { significand, dropped } = cut(digits, start, mostDigits(format));
  const power = exponent + dropped;
  if (power >= 0) return roundPack(format, negative, significand * 10n ** BigInt(power), 0);
  return roundedQuotient(format, negative, significand, 10n ** BigInt(-power), 0);
}

const LOG2_OF_10 = Math.log2(10);

/** An upper bound of the decimal digits of any value halfway between two floats. */
function mostDigits(format: FloatFormat): number {
  return Math.ceil((format.precision + 1) * 0.302 + (1 - format.lsbExponent) * 0.7) + 2;
}

/** At most `most` digits from `start` on, and one more for any that are left out: it can only matter that there are some. */
function cut(digits: string, start: number, most: number): { significand: bigint; dropped: number } {
  const end = start + most;
  if (digits.length <= end) return { significand: BigInt(digits.slice(start)), dropped: 0 };
  const more = /[1-9]/.test(digits.slice(end)) ? "1" : "0";
  return { significand: BigInt(digits.slice(start, end) + more), dropped: digits.length - end - 1 };
}
