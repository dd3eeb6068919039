/**
 * Numbers as intrinsics see them: the format of a scalar type, and operations on the bits of integers. Shared by the intrinsics on scalars
 * and, lane by lane, those on vectors.
 */

import { type FloatFormat, formatOf } from "../../apfloat/format.ts";
import { CLS_SIZE, type Cls, isFloatCls, isSignedCls } from "../type-info.ts";

export interface Numeric {
  /** The width in bits. */
  readonly width: number;
  readonly signed: boolean;
  /** Of floats. */
  readonly format: FloatFormat | undefined;
}

const BY_CLS: readonly Numeric[] = CLS_SIZE.map((size, cls) => ({
  width: size * 8,
  signed: isSignedCls(cls),
  format: isFloatCls(cls) ? formatOf(size * 8) : undefined,
}));

/** What a scalar of class `cls` is; of pointers, their address. */
export function numericOf(cls: Cls): Numeric {
  return BY_CLS[cls]!;
}

/** The number that `bits` stand for. */
export function valueOfBits({ width, signed }: Numeric, bits: bigint): bigint {
  return signed ? BigInt.asIntN(width, bits) : bits;
}

export function smallest({ width, signed }: Numeric): bigint {
  return signed ? -(1n << BigInt(width - 1)) : 0n;
}

export function largest({ width, signed }: Numeric): bigint {
  return signed ? (1n << BigInt(width - 1)) - 1n : (1n << BigInt(width)) - 1n;
}

export function isInRange(numeric: Numeric, value: bigint): boolean {
  return value >= smallest(numeric) && value <= largest(numeric);
}

/** The nearest value in range. */
export function saturate(numeric: Numeric, value: bigint): bigint {
  if (value < smallest(numeric)) return smallest(numeric);
  return value > largest(numeric) ? largest(numeric) : value;
}

export function popCount(bits: bigint): number {
  let count = 0;
  for (let rest = bits; rest !== 0n; rest &= rest - 1n) count++;
  return count;
}

export function leadingZeros({ width }: Numeric, bits: bigint): number {
  return bits === 0n ? width : width - bits.toString(2).length;
}

export function trailingZeros({ width }: Numeric, bits: bigint): number {
  return bits === 0n ? width : (bits & -bits).toString(2).length - 1;
}

export function swapBytes({ width }: Numeric, bits: bigint): bigint {
  let swapped = 0n;
  for (let at = 0; at < width; at += 8) swapped = (swapped << 8n) | ((bits >> BigInt(at)) & 0xffn);
  return swapped;
}

export function reverseBits({ width }: Numeric, bits: bigint): bigint {
  let reversed = 0n;
  for (let at = 0; at < width; at++) reversed = (reversed << 1n) | ((bits >> BigInt(at)) & 1n);
  return reversed;
}

/** The upper half of the pair `high`, `low` shifted left; `shift` is below the width. */
export function funnelLeft({ width }: Numeric, high: bigint, low: bigint, shift: bigint): bigint {
  return BigInt.asUintN(width, (high << shift) | (low >> (BigInt(width) - shift)));
}

/** The lower half of the pair `high`, `low` shifted right; `shift` is below the width. */
export function funnelRight({ width }: Numeric, high: bigint, low: bigint, shift: bigint): bigint {
  return BigInt.asUintN(width, (high << (BigInt(width) - shift)) | (low >> shift));
}

/** The product of polynomials over one bit, its low half. */
export function carrylessMul({ width }: Numeric, a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let at = 0n; at < BigInt(width); at++) if (((b >> at) & 1n) === 1n) product ^= a << at;
  return BigInt.asUintN(width, product);
}
