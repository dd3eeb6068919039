/** Floats in registers as the bits that `apfloat/` computes with: f16 in one word, f128 in four. */

import { add, div, mul, rem, sub } from "../apfloat/arithmetic.ts";
import { compare } from "../apfloat/compare.ts";
import { convert } from "../apfloat/convert.ts";
import { type FloatFormat, formatOf } from "../apfloat/format.ts";
import { bug } from "../entity/entity.ts";
import { read128, write128 } from "./int128.ts";

export { formatOf } from "../apfloat/format.ts";

/** Binary operations, by number. */
export const SOFT_BINARY: readonly string[] = ["Add", "Sub", "Mul", "Div", "Rem"];
const BINARY: readonly ((format: FloatFormat, a: bigint, b: bigint) => bigint)[] = [add, sub, mul, div, rem];

/** Comparisons, by number. */
export const SOFT_COMPARE: readonly string[] = ["Eq", "Ne", "Lt", "Le"];

/** The bits of the float of `bits` in register `a`. */
export function readFloat(R: Int32Array, Q: BigUint64Array, bits: number, a: number): bigint {
  if (bits <= 32) return BigInt(bits === 16 ? R[a]! & 0xffff : R[a]! >>> 0);
  return bits === 64 ? Q[a >> 1]! : read128(Q, a, false);
}

export function writeFloat(R: Int32Array, Q: BigUint64Array, bits: number, d: number, value: bigint): void {
  if (bits <= 32) R[d] = Number(value) | 0;
  else if (bits === 64) Q[d >> 1] = value;
  else write128(Q, d, value);
}

export function softBinary(
  R: Int32Array,
  Q: BigUint64Array,
  op: number,
  bits: number,
  d: number,
  a: number,
  b: number,
): void {
  const compute = BINARY[op];
  if (compute === undefined) throw bug(`operation ${op} on floats`);
  writeFloat(R, Q, bits, d, compute(formatOf(bits), readFloat(R, Q, bits, a), readFloat(R, Q, bits, b)));
}

export function softCompare(R: Int32Array, Q: BigUint64Array, op: number, bits: number, a: number, b: number): boolean {
  const order = compare(formatOf(bits), readFloat(R, Q, bits, a), readFloat(R, Q, bits, b));
  switch (op) {
    case 0:
      return order === 0;
    case 1:
      return order !== 0;
    case 2:
      return order === -1;
    default:
      return order === -1 || order === 0;
  }
}

/** `d = a`, from the format of `from` bits to that of `to`. */
export function convertFloat(R: Int32Array, Q: BigUint64Array, from: number, to: number, d: number, a: number): void {
  writeFloat(R, Q, to, d, convert(formatOf(from), formatOf(to), readFloat(R, Q, from, a)));
}
