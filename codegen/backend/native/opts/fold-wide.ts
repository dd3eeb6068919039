/**
 * Constant folding of what has an `i128` among its arguments or results, on `bigint`s of unsigned bits.
 */

import { Op, Type } from "../ir/opcodes.ts";
import { foldIntCompare, putFloat, roundBig, toBig } from "./fold.ts";

const BITS: readonly number[] = [0, 8, 16, 32, 64, 128, 32, 64];
const MASK = (1n << 128n) - 1n;

const signed = (x: bigint): bigint => BigInt.asIntN(128, x);
const halves = new Int32Array(4);

/**
 * The first result's unsigned bits, or `undefined` when there is no constant result. For opcodes with two results see `foldWideSecond`.
 * `type` is the instruction's type, `from` the first argument's; one of them is `i128`.
 */
export function foldWide(
  opcode: number,
  type: number,
  from: number,
  aux: number,
  a: bigint,
  b: bigint,
): bigint | undefined {
  switch (opcode) {
    case Op.icmp:
      return foldIntCompare(aux, type, a, b) ? 1n : 0n;
    case Op.ireduce:
      return BigInt.asUintN(BITS[type]!, a);
    case Op.uextend:
    case Op.bitcast:
      return a;
    case Op.sextend:
      return BigInt.asUintN(128, BigInt.asIntN(BITS[from]!, a));
    case Op.iconcat:
      return a | (b << 64n);
    case Op.isplit:
      return BigInt.asUintN(64, a);
    case Op.fcvtToUint:
      return clamped(from, a, 0n, MASK);
    case Op.fcvtToSint:
      return clamped(from, a, -(1n << 127n), (1n << 127n) - 1n);
    case Op.fcvtFromUint:
      return floatBits(type, a);
    case Op.fcvtFromSint:
      return floatBits(type, signed(a));
    default:
      return foldArithmetic(opcode, a, b);
  }
}

/** The second result of an opcode that has two. */
export function foldWideSecond(opcode: number, a: bigint, b: bigint): bigint | undefined {
  switch (opcode) {
    case Op.isplit:
      return a >> 64n;
    case Op.saddOverflow:
      return overflow(signed(a) + signed(b), true);
    case Op.uaddOverflow:
      return overflow(a + b, false);
    case Op.ssubOverflow:
      return overflow(signed(a) - signed(b), true);
    case Op.usubOverflow:
      return overflow(a - b, false);
    case Op.smulOverflow:
      return overflow(signed(a) * signed(b), true);
    case Op.umulOverflow:
      return overflow(a * b, false);
    default:
      return undefined;
  }
}

function overflow(result: bigint, isSigned: boolean): bigint {
  return (isSigned ? signed(result) : result & MASK) === result ? 0n : 1n;
}

function foldArithmetic(opcode: number, a: bigint, b: bigint): bigint | undefined {
  switch (opcode) {
    case Op.iadd:
    case Op.saddOverflow:
    case Op.uaddOverflow:
      return (a + b) & MASK;
    case Op.isub:
    case Op.ssubOverflow:
    case Op.usubOverflow:
      return (a - b) & MASK;
    case Op.imul:
    case Op.smulOverflow:
    case Op.umulOverflow:
      return (a * b) & MASK;
    case Op.udiv:
      return b === 0n ? undefined : a / b;
    case Op.urem:
      return b === 0n ? undefined : a % b;
    case Op.sdiv:
      return divides(a, b) ? (signed(a) / signed(b)) & MASK : undefined;
    case Op.srem:
      return divides(a, b) ? (signed(a) % signed(b)) & MASK : undefined;
    case Op.umulhi:
      return (a * b) >> 128n;
    case Op.smulhi:
      return ((signed(a) * signed(b)) >> 128n) & MASK;
    default:
      return foldBits(opcode, a, b);
  }
}

function divides(a: bigint, b: bigint): boolean {
  return b !== 0n && !(b === MASK && a === 1n << 127n);
}

function foldBits(opcode: number, a: bigint, b: bigint): bigint | undefined {
  switch (opcode) {
    case Op.band:
      return a & b;
    case Op.bor:
      return a | b;
    case Op.bxor:
      return a ^ b;
    case Op.bnot:
      return a ^ MASK;
    case Op.ineg:
      return -a & MASK;
    case Op.ishl:
      return b < 128n ? (a << b) & MASK : undefined;
    case Op.ushr:
      return b < 128n ? a >> b : undefined;
    case Op.sshr:
      return b < 128n ? (signed(a) >> b) & MASK : undefined;
    case Op.rotl:
      return b < 128n ? ((a << b) | (a >> (128n - b))) & MASK : undefined;
    case Op.rotr:
      return b < 128n ? ((a >> b) | (a << (128n - b))) & MASK : undefined;
    case Op.clz:
      return a === 0n ? 128n : BigInt(128 - a.toString(2).length);
    case Op.ctz:
      return a === 0n ? 128n : BigInt((a & -a).toString(2).length - 1);
    case Op.popcnt:
      return BigInt(a.toString(2).replaceAll("0", "").length);
    case Op.bswap: {
      let swapped = 0n;
      for (let rest = a, i = 0; i < 16; i++, rest >>= 8n) swapped = (swapped << 8n) | (rest & 0xffn);
      return swapped;
    }
    default:
      return undefined;
  }
}

function floatOf(type: number, bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits, true);
  return type === Type.F32 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}

function clamped(from: number, bits: bigint, min: bigint, max: bigint): bigint {
  const value = floatOf(from, bits);
  if (Number.isNaN(value)) return 0n;
  if (value >= Number(max)) return max & MASK;
  if (value <= Number(min)) return min & MASK;
  return BigInt(Math.trunc(value)) & MASK;
}

function floatBits(type: number, value: bigint): bigint | undefined {
  return putFloat(halves, type, roundBig(type, value)) ? toBig(halves[0]!, halves[1]!) : undefined;
}
