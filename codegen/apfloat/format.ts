/**
 * The four IEEE 754 binary interchange formats that Rust has, described once for everything in this folder.
 *
 * A float is its *bits*: an unsigned bigint of the format's width, as Rust's `to_bits` gives them. Terms follow IEEE 754-2019:
 * *precision* counts the significand's bits with the implicit one; a finite value is `significand × 2^exponent` with an integer
 * significand. The *canonical NaN* is the positive quiet NaN without payload, what rustc's constant evaluation produces.
 */

import { bug } from "../entity/entity.ts";

/** The width in bits of a float type. */
export type FloatBits = 16 | 32 | 64 | 128;

/** What distinguishes one format; the masks are derived, and kept as operations need them. */
export interface FloatFormat {
  readonly name: "f16" | "f32" | "f64" | "f128";
  readonly bits: FloatBits;
  /** Bits of the stored significand: one less than `precision`. */
  readonly significandBits: number;
  readonly exponentBits: number;
  readonly precision: number;
  /** The exponent of the greatest finite values' leading bit; also the bias. */
  readonly maxExponent: number;
  /** The exponent of the smallest normal value's leading bit. */
  readonly minExponent: number;
  /** The exponent of the last bit of a subnormal: every finite value is a multiple of two to this. */
  readonly lsbExponent: number;
  readonly signMask: bigint;
  readonly significandMask: bigint;
  /** All bits but the sign. */
  readonly magnitudeMask: bigint;
  /** The top bit of the stored significand: set in quiet NaNs. */
  readonly quietBit: bigint;
  /** Positive infinity; also the mask of the exponent field. */
  readonly infinity: bigint;
  /** The canonical NaN. */
  readonly nan: bigint;
  readonly one: bigint;
  /** The greatest finite value. */
  readonly max: bigint;
  readonly minNormal: bigint;
}

function describe(name: FloatFormat["name"], bits: FloatBits, exponentBits: number): FloatFormat {
  const significandBits = bits - 1 - exponentBits;
  const stored = BigInt(significandBits);
  const maxExponent = 2 ** (exponentBits - 1) - 1;
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << stored;
  const quietBit = 1n << (stored - 1n);
  return {
    name,
    bits,
    significandBits,
    exponentBits,
    precision: significandBits + 1,
    maxExponent,
    minExponent: 1 - maxExponent,
    lsbExponent: 1 - maxExponent - significandBits,
    signMask: 1n << BigInt(bits - 1),
    significandMask: (1n << stored) - 1n,
    magnitudeMask: (1n << BigInt(bits - 1)) - 1n,
    quietBit,
    infinity,
    nan: infinity | quietBit,
    one: BigInt(maxExponent) << stored,
    max: infinity - 1n,
    minNormal: 1n << stored,
  };
}

export const F16: FloatFormat = describe("f16", 16, 5);
export const F32: FloatFormat = describe("f32", 32, 8);
export const F64: FloatFormat = describe("f64", 64, 11);
export const F128: FloatFormat = describe("f128", 128, 15);

/** All formats, by width. */
export const FORMATS: readonly FloatFormat[] = [F16, F32, F64, F128];

/** The format of a float type of `bits`. */
export function formatOf(bits: number): FloatFormat {
  switch (bits) {
    case 16:
      return F16;
    case 32:
      return F32;
    case 64:
      return F64;
    case 128:
      return F128;
    default:
      throw bug(`no float has ${bits} bits`);
  }
}
