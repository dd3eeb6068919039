/**
 * 128-bit integers, as four 32-bit words in a register file, seen by `Q` as two 64-bit ones. Arithmetic is BigInt's: they are rare.
 */

import { bug } from "../entity/entity.ts";

/** Operations of `arith128`. */
export const Arith: {
  readonly ADD: 0;
  readonly SUB: 1;
  readonly MUL: 2;
  readonly DIV: 3;
  readonly REM: 4;
  readonly SHL: 5;
  readonly SHR: 6;
} = { ADD: 0, SUB: 1, MUL: 2, DIV: 3, REM: 4, SHL: 5, SHR: 6 };

/** The 128-bit value of register `a`. */
export function read128(Q: BigUint64Array, a: number, signed: boolean): bigint {
  const i = a >> 1;
  const hi = Q[i + 1]!;
  return ((signed ? BigInt.asIntN(64, hi) : hi) << 64n) | Q[i]!;
}

/** Stores the low 128 bits of `value`. */
export function write128(Q: BigUint64Array, d: number, value: bigint): void {
  const i = d >> 1;
  Q[i] = BigInt.asUintN(64, value);
  Q[i + 1] = BigInt.asUintN(64, value >> 64n);
}

/** `d = a op b`, wrapping; 1 when the true result does not fit. Shifts take their amount from the low word of `b`. */
export function arith128(
  R: Int32Array,
  Q: BigUint64Array,
  op: number,
  d: number,
  a: number,
  b: number,
  signed: boolean,
): number {
  const x = read128(Q, a, signed);
  let value: bigint;
  switch (op) {
    case Arith.ADD:
      value = x + read128(Q, b, signed);
      break;
    case Arith.SUB:
      value = x - read128(Q, b, signed);
      break;
    case Arith.MUL:
      value = x * read128(Q, b, signed);
      break;
    case Arith.DIV:
      value = x / read128(Q, b, signed);
      break;
    case Arith.REM:
      value = x % read128(Q, b, signed);
      break;
    case Arith.SHL:
      value = x << BigInt(R[b]! & 127);
      break;
    case Arith.SHR:
      value = x >> BigInt(R[b]! & 127);
      break;
    default:
      throw bug(`128-bit operation ${op}`);
  }
  write128(Q, d, value);
  return read128(Q, d, signed) === value ? 0 : 1;
}

export function less128(R: Int32Array, a: number, b: number, signed: boolean): boolean {
  const at = R[a + 3]!;
  const bt = R[b + 3]!;
  if (at !== bt) return signed ? at < bt : at >>> 0 < bt >>> 0;
  for (let i = 2; i >= 0; i--) {
    const x = R[a + i]! >>> 0;
    const y = R[b + i]! >>> 0;
    if (x !== y) return x < y;
  }
  return false;
}

export function isZero128(R: Int32Array, a: number): boolean {
  return (R[a]! | R[a + 1]! | R[a + 2]! | R[a + 3]!) === 0;
}

export function equal128(R: Int32Array, a: number, b: number): boolean {
  return R[a] === R[b] && R[a + 1] === R[b + 1] && R[a + 2] === R[b + 2] && R[a + 3] === R[b + 3];
}
