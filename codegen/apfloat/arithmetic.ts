/**
 * Arithmetic on float bits: through the hardware where that is exactly right, else by bigint. Rounding is to nearest, ties to even.
 *
 * A NaN result is always `format.nan`, so comparing with that tells that an operation produced a NaN; Rust leaves its sign and payload
 * open, and a program that looks at them has no one meaning.
 */

import type { FloatFormat } from "./format.ts";
import { fma16, fma32, fma64, fromNumber, toNumber } from "./number.ts";
import { softAdd, softDiv, softFma, softMul, softRem, softSqrt, softSub } from "./soft.ts";

export function add(format: FloatFormat, a: bigint, b: bigint): bigint {
  if (format.bits === 128) return softAdd(format, a, b);
  return fromNumber(format, toNumber(format, a) + toNumber(format, b));
}

export function sub(format: FloatFormat, a: bigint, b: bigint): bigint {
  if (format.bits === 128) return softSub(format, a, b);
  return fromNumber(format, toNumber(format, a) - toNumber(format, b));
}

export function mul(format: FloatFormat, a: bigint, b: bigint): bigint {
  if (format.bits === 128) return softMul(format, a, b);
  return fromNumber(format, toNumber(format, a) * toNumber(format, b));
}

export function div(format: FloatFormat, a: bigint, b: bigint): bigint {
  if (format.bits === 128) return softDiv(format, a, b);
  return fromNumber(format, toNumber(format, a) / toNumber(format, b));
}

/** Rust's `%`: exact, with the sign of `a`. */
export function rem(format: FloatFormat, a: bigint, b: bigint): bigint {
  if (format.bits === 128) return softRem(format, a, b);
  return fromNumber(format, toNumber(format, a) % toNumber(format, b));
}

export function sqrt(format: FloatFormat, a: bigint): bigint {
  if (format.bits === 128) return softSqrt(format, a);
  return fromNumber(format, Math.sqrt(toNumber(format, a)));
}

/** `a × b + c` with one rounding (`mul_add`). `fmuladd` may be this or `add(mul(a, b), c)`, as the compiler likes. */
export function fma(format: FloatFormat, a: bigint, b: bigint, c: bigint): bigint {
  if (format.bits === 128) return softFma(format, a, b, c);
  const x = toNumber(format, a);
  const y = toNumber(format, b);
  const z = toNumber(format, c);
  if (format.bits === 16) return fromNumber(format, fma16(x, y, z));
  if (format.bits === 32) return fromNumber(format, fma32(x, y, z));
  const fused = fma64(x, y, z);
  return fused === undefined ? softFma(format, a, b, c) : fromNumber(format, fused);
}

/**
 * `a` to an integer power by repeated squaring, as compiler-rt's `__powisf2`, `__powidf2` and `__powitf2`. That order of operations is an
 * implementation's choice: Rust promises no precision for `powi`, so an optimizer may give other last bits.
 *
 * There is none for f16: LLVM takes the f32's and rounds.
 */
export function powi(format: FloatFormat, a: bigint, power: number): bigint {
  if (format.bits !== 128) return fromNumber(format, powiNumber(format.bits === 64, toNumber(format, a), power));
  let result = format.one;
  let square = a;
  for (let left = Math.abs(power); ; ) {
    if (left % 2 === 1) result = softMul(format, result, square);
    left = Math.floor(left / 2);
    if (left === 0) break;
    square = softMul(format, square, square);
  }
  return power < 0 ? softDiv(format, format.one, result) : result;
}

/** `powi` on numbers: in f64, or else in f32. */
export function powiNumber(double: boolean, a: number, power: number): number {
  let result = 1;
  let square = a;
  for (let left = Math.abs(power); ; ) {
    if (left % 2 === 1) result = double ? result * square : Math.fround(result * square);
    left = Math.floor(left / 2);
    if (left === 0) break;
    square = double ? square * square : Math.fround(square * square);
  }
  return power < 0 ? 1 / result : result;
}
