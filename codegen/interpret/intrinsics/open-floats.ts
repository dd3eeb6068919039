/** Floats that Rust leaves open: which one a result is, an implementation may choose. */

import { add, fma, mul } from "../../apfloat/arithmetic.ts";
import { isNan } from "../../apfloat/bits.ts";
import type { FloatFormat } from "../../apfloat/format.ts";
import { toNumber } from "../../apfloat/number.ts";

/** Whether it shows that `a * b + c` is rounded once, not twice. */
export function isFusionSeen(format: FloatFormat, a: bigint, b: bigint, c: bigint): boolean {
  const [once, twice] = [fma(format, a, b, c), add(format, mul(format, a, b), c)];
  return once !== twice && !(isNan(format, once) && isNan(format, twice));
}

/** Bits that an operation in any order may add to those of its operands before one is lost. */
const SPARE_BITS = 4;
/** Behind the point. */
const FRACTION_BITS = 6;

/** Whether `bits` is a number of so few binary digits that sums and products of a few like it are exact in any order. A zero is none: its sign is open. */
function isShort(format: FloatFormat, bits: bigint): boolean {
  if (format.bits > 64) return false;
  const scaled = toNumber(format, bits) * 2 ** FRACTION_BITS;
  return scaled !== 0 && Number.isInteger(scaled) && Math.abs(scaled) < 2 ** (format.precision - SPARE_BITS);
}

/** Whether it may show in which order operations were done, or that a quotient was made a product: `operands` and `result` are of one operation. */
export function isOrderSeen(
  format: FloatFormat,
  divides: boolean,
  operands: readonly bigint[],
  result: bigint,
): boolean {
  if (![...operands, result].every((bits) => isShort(format, bits))) return true;
  return divides && !Number.isInteger(Math.log2(Math.abs(toNumber(format, operands[1]!))));
}

/** Where functions of every C library are exact: C23 F.10 demands it, or the result is the argument. */
const EXACT: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  sin: (x) => x === 0,
  cos: (x) => x === 0,
  exp: (x) => x === 0,
  exp2: (x) => x === 0,
  log: (x) => x === 1,
  log2: (x) => x === 1,
  log10: (x) => x === 1,
  pow: (x, y) => x === 1 || y === 0 || y === 1,
};

/** Whether C libraries may differ in what the function `name` gives for `operands`. */
export function isPrecisionSeen(name: string, format: FloatFormat, operands: readonly bigint[]): boolean {
  if (format.bits > 64) return true;
  const [x = Number.NaN, y = Number.NaN] = operands.map((bits) => toNumber(format, bits));
  return EXACT[name]?.(x, y) !== true;
}
