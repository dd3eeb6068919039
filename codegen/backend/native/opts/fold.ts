/**
 * Constant folding: the exact result of each opcode on constants.
 *
 * Constants of up to 64 bits are two signed 32-bit halves, in the canonical form of the IR (zero-extended, the high half 0 below 64 bits);
 * floats are their bits. `i128` and what touches it goes through `bigint` (`fold-wide.ts`). A *fold* writes the result's halves to
 * `out[0]`, `out[1]` and, of overflow operations, the flag to `out[2]`; it returns false when there is no constant result: a trap, a
 * shift by the width or more, a NaN (whose bits the machine chooses).
 */

import { OPS, Op, Type } from "../ir/opcodes.ts";

/**
 * `type` is the instruction's, `from` the first argument's. The arguments' halves follow; an absent argument is 0.
 */
export type Fold = (
  type: number,
  from: number,
  aLo: number,
  aHi: number,
  bLo: number,
  bHi: number,
  out: Int32Array,
  aux: number,
) => boolean;

/** Folds by opcode, for types of up to 64 bits. */
export type FoldTable = readonly (Fold | undefined)[];

const BITS: readonly number[] = [0, 8, 16, 32, 64, 128, 32, 64];

const bytes = new DataView(new ArrayBuffer(8));

/** The halves as one unsigned number. */
export function toBig(lo: number, hi: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}

function signedBig(lo: number, hi: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo >>> 0);
}

function putBig(out: Int32Array, value: bigint): true {
  out[0] = Number(BigInt.asIntN(32, value));
  out[1] = Number(BigInt.asIntN(32, value >> 32n));
  return true;
}

/** Writes a result of at most 32 bits, wrapped to `type`. */
function putNarrow(out: Int32Array, type: number, value: number): true {
  out[0] = type === Type.I8 ? value & 0xff : type === Type.I16 ? value & 0xffff : value | 0;
  out[1] = 0;
  return true;
}

function put(out: Int32Array, lo: number, hi: number): true {
  out[0] = lo;
  out[1] = hi;
  return true;
}

/** The signed reading of a narrow constant. */
function signed(type: number, lo: number): number {
  return type === Type.I8 ? (lo << 24) >> 24 : type === Type.I16 ? (lo << 16) >> 16 : lo | 0;
}

const f64 = (lo: number, hi: number): number => {
  bytes.setInt32(0, lo, true);
  bytes.setInt32(4, hi, true);
  return bytes.getFloat64(0, true);
};

const f32 = (lo: number): number => {
  bytes.setInt32(0, lo, true);
  return bytes.getFloat32(0, true);
};

function toFloat(type: number, lo: number, hi: number): number {
  return type === Type.F32 ? f32(lo) : f64(lo, hi);
}

/** False on NaN. */
export function putFloat(out: Int32Array, type: number, value: number): boolean {
  if (Number.isNaN(value)) return false;
  if (type === Type.F32) {
    bytes.setFloat32(0, value, true);
    return put(out, bytes.getInt32(0, true), 0);
  }
  bytes.setFloat64(0, value, true);
  return put(out, bytes.getInt32(0, true), bytes.getInt32(4, true));
}

const table: (Fold | undefined)[] = OPS.map(() => undefined);

// --- Integers --------------------------------------------------------------------------------------------------------

table[Op.iadd] = (type, _f, aLo, aHi, bLo, bHi, out) => {
  if (type !== Type.I64) return putNarrow(out, type, aLo + bLo);
  const lo = (aLo >>> 0) + (bLo >>> 0);
  return put(out, lo | 0, (aHi + bHi + (lo > 0xffff_ffff ? 1 : 0)) | 0);
};
table[Op.isub] = (type, _f, aLo, aHi, bLo, bHi, out) => {
  if (type !== Type.I64) return putNarrow(out, type, aLo - bLo);
  return put(out, (aLo - bLo) | 0, (aHi - bHi - (aLo >>> 0 < bLo >>> 0 ? 1 : 0)) | 0);
};
table[Op.imul] = (type, _f, aLo, aHi, bLo, bHi, out) =>
  type === Type.I64 ? putBig(out, toBig(aLo, aHi) * toBig(bLo, bHi)) : putNarrow(out, type, Math.imul(aLo, bLo));
table[Op.udiv] = (type, _f, aLo, aHi, bLo, bHi, out) => {
  if ((bLo | bHi) === 0) return false;
  if (type === Type.I64) return putBig(out, toBig(aLo, aHi) / toBig(bLo, bHi));
  return putNarrow(out, type, Math.floor((aLo >>> 0) / (bLo >>> 0)));
};
table[Op.urem] = (type, _f, aLo, aHi, bLo, bHi, out) => {
  if ((bLo | bHi) === 0) return false;
  if (type === Type.I64) return putBig(out, toBig(aLo, aHi) % toBig(bLo, bHi));
  return putNarrow(out, type, (aLo >>> 0) % (bLo >>> 0));
};
table[Op.sdiv] = (type, _f, aLo, aHi, bLo, bHi, out) => {
  if (signedDivisionTraps(type, aLo, aHi, bLo, bHi)) return false;
  if (type === Type.I64) return putBig(out, signedBig(aLo, aHi) / signedBig(bLo, bHi));
  return putNarrow(out, type, Math.trunc(signed(type, aLo) / signed(type, bLo)));
};
table[Op.srem] = (type, _f, aLo, aHi, bLo, bHi, out) => {
  if (signedDivisionTraps(type, aLo, aHi, bLo, bHi)) return false;
  if (type === Type.I64) return putBig(out, signedBig(aLo, aHi) % signedBig(bLo, bHi));
  return putNarrow(out, type, signed(type, aLo) % signed(type, bLo));
};

/** Whether the division traps: by zero, or the least number by -1. */
export function signedDivisionTraps(type: number, aLo: number, aHi: number, bLo: number, bHi: number): boolean {
  if ((bLo | bHi) === 0) return true;
  if (type === Type.I64) return bLo === -1 && bHi === -1 && aLo === 0 && aHi === -0x8000_0000;
  return signed(type, bLo) === -1 && signed(type, aLo) === -(2 ** (BITS[type]! - 1));
}

table[Op.umulhi] = (type, _f, aLo, aHi, bLo, bHi, out) => {
  const product = toBig(aLo, aHi) * toBig(bLo, bHi);
  return putBig(out, BigInt.asUintN(BITS[type]!, product >> BigInt(BITS[type]!)));
};
table[Op.smulhi] = (type, _f, aLo, aHi, bLo, bHi, out) => {
  const width = BITS[type]!;
  const product = BigInt.asIntN(width, toBig(aLo, aHi)) * BigInt.asIntN(width, toBig(bLo, bHi));
  return putBig(out, BigInt.asUintN(width, product >> BigInt(width)));
};
table[Op.band] = (_t, _f, aLo, aHi, bLo, bHi, out) => put(out, aLo & bLo, aHi & bHi);
table[Op.bor] = (_t, _f, aLo, aHi, bLo, bHi, out) => put(out, aLo | bLo, aHi | bHi);
table[Op.bxor] = (_t, _f, aLo, aHi, bLo, bHi, out) => put(out, aLo ^ bLo, aHi ^ bHi);
table[Op.bnot] = (type, _f, aLo, aHi, _bl, _bh, out) =>
  type === Type.I64 ? put(out, ~aLo, ~aHi) : putNarrow(out, type, ~aLo);
table[Op.ineg] = (type, _f, aLo, aHi, _bl, _bh, out) =>
  type === Type.I64 ? put(out, -aLo | 0, (~aHi + (aLo === 0 ? 1 : 0)) | 0) : putNarrow(out, type, -aLo);

/** The amount of a shift; -1 when it is the width or more. */
function amountOf(type: number, bLo: number, bHi: number): number {
  return bHi === 0 && bLo >>> 0 < BITS[type]! ? bLo : -1;
}

table[Op.ishl] = (type, _f, aLo, aHi, bLo, bHi, out) => {
  const n = amountOf(type, bLo, bHi);
  if (n < 0) return false;
  if (type !== Type.I64) return putNarrow(out, type, aLo << n);
  if (n === 0) return put(out, aLo, aHi);
  return n >= 32 ? put(out, 0, aLo << (n - 32)) : put(out, aLo << n, (aHi << n) | (aLo >>> (32 - n)));
};
table[Op.ushr] = (type, _f, aLo, aHi, bLo, bHi, out) => {
  const n = amountOf(type, bLo, bHi);
  if (n < 0) return false;
  if (type !== Type.I64) return putNarrow(out, type, aLo >>> n);
  if (n === 0) return put(out, aLo, aHi);
  return n >= 32 ? put(out, (aHi >>> (n - 32)) | 0, 0) : put(out, (aLo >>> n) | (aHi << (32 - n)), (aHi >>> n) | 0);
};
table[Op.sshr] = (type, _f, aLo, aHi, bLo, bHi, out) => {
  const n = amountOf(type, bLo, bHi);
  if (n < 0) return false;
  if (type !== Type.I64) return putNarrow(out, type, signed(type, aLo) >> n);
  if (n === 0) return put(out, aLo, aHi);
  return n >= 32 ? put(out, aHi >> (n - 32), aHi >> 31) : put(out, (aLo >>> n) | (aHi << (32 - n)), aHi >> n);
};
table[Op.rotl] = (type, _f, aLo, aHi, bLo, bHi, out) => rotate(type, aLo, aHi, bLo, bHi, out, true);
table[Op.rotr] = (type, _f, aLo, aHi, bLo, bHi, out) => rotate(type, aLo, aHi, bLo, bHi, out, false);

function rotate(
  type: number,
  aLo: number,
  aHi: number,
  bLo: number,
  bHi: number,
  out: Int32Array,
  left: boolean,
): boolean {
  const width = BITS[type]!;
  const amount = amountOf(type, bLo, bHi);
  if (amount < 0) return false;
  const n = left ? amount : (width - amount) % width;
  if (type === Type.I64) {
    const value = toBig(aLo, aHi);
    return putBig(out, (value << BigInt(n)) | (value >> BigInt(64 - n)));
  }
  if (n === 0) return put(out, aLo, 0);
  return putNarrow(out, type, (aLo << n) | (aLo >>> (width - n)));
}

table[Op.clz] = (type, _f, aLo, aHi, _bl, _bh, out) =>
  type === Type.I64
    ? put(out, aHi !== 0 ? Math.clz32(aHi) : 32 + Math.clz32(aLo), 0)
    : put(out, Math.clz32(aLo) - (32 - BITS[type]!), 0);
table[Op.ctz] = (type, _f, aLo, aHi, _bl, _bh, out) => {
  if (aLo !== 0) return put(out, 31 - Math.clz32(aLo & -aLo), 0);
  if (type !== Type.I64) return put(out, BITS[type]!, 0);
  return put(out, aHi !== 0 ? 63 - Math.clz32(aHi & -aHi) : 64, 0);
};
table[Op.popcnt] = (_t, _f, aLo, aHi, _bl, _bh, out) => put(out, popcount(aLo) + popcount(aHi), 0);

function popcount(x: number): number {
  let count = 0;
  for (let rest = x; rest !== 0; rest &= rest - 1) count++;
  return count;
}

const swap32 = (x: number): number => ((x & 0xff) << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24);

table[Op.bswap] = (type, _f, aLo, aHi, _bl, _bh, out) => {
  if (type === Type.I64) return put(out, swap32(aHi), swap32(aLo));
  return putNarrow(out, type, swap32(aLo) >>> (32 - BITS[type]!));
};

/** `signedResult`: the overflow is that of the signed reading. */
function overflowing(
  narrow: (a: number, b: number) => number,
  wide: (a: bigint, b: bigint) => bigint,
  signedResult: boolean,
): Fold {
  return (type, _f, aLo, aHi, bLo, bHi, out) => {
    if (type === Type.I64) {
      const a = signedResult ? signedBig(aLo, aHi) : toBig(aLo, aHi);
      const b = signedResult ? signedBig(bLo, bHi) : toBig(bLo, bHi);
      const result = wide(a, b);
      const fits = signedResult ? BigInt.asIntN(64, result) : BigInt.asUintN(64, result);
      out[2] = fits === result ? 0 : 1;
      return putBig(out, result);
    }
    // Sums are exact in a double; so is whether a product fits 32 bits. The product's low bits come from `imul`.
    const result = signedResult ? narrow(signed(type, aLo), signed(type, bLo)) : narrow(aLo >>> 0, bLo >>> 0);
    const half = 2 ** (BITS[type]! - 1);
    out[2] = (signedResult ? result >= -half && result < half : result >= 0 && result < 2 * half) ? 0 : 1;
    return putNarrow(out, type, narrow === product ? Math.imul(aLo, bLo) : result);
  };
}

const sum = (a: number, b: number): number => a + b;
const difference = (a: number, b: number): number => a - b;
const product = (a: number, b: number): number => a * b;

table[Op.saddOverflow] = overflowing(sum, (a, b) => a + b, true);
table[Op.uaddOverflow] = overflowing(sum, (a, b) => a + b, false);
table[Op.ssubOverflow] = overflowing(difference, (a, b) => a - b, true);
table[Op.usubOverflow] = overflowing(difference, (a, b) => a - b, false);
table[Op.smulOverflow] = overflowing(product, (a, b) => a * b, true);
table[Op.umulOverflow] = overflowing(product, (a, b) => a * b, false);

/** An integer comparison of unsigned bits of any width. */
export function foldIntCompare(cc: number, type: number, a: bigint, b: bigint): boolean {
  if (cc <= 1) return (a === b) === (cc === 0);
  const width = BITS[type]!;
  const x = cc <= 5 ? BigInt.asIntN(width, a) : a;
  const y = cc <= 5 ? BigInt.asIntN(width, b) : b;
  const order = x < y ? -1 : x > y ? 1 : 0;
  return holds(cc, order);
}

/** Whether a condition, eq and ne aside, holds of numbers in that order. */
function holds(cc: number, order: number): boolean {
  switch ((cc - 2) & 3) {
    case 0:
      return order < 0;
    case 1:
      return order >= 0;
    case 2:
      return order > 0;
    default:
      return order <= 0;
  }
}

table[Op.icmp] = (type, _f, aLo, aHi, bLo, bHi, out, cc) => {
  if (cc <= 1) return put(out, (aLo === bLo && aHi === bHi) === (cc === 0) ? 1 : 0, 0);
  const isSigned = cc <= 5;
  let x: number;
  let y: number;
  if (type !== Type.I64) {
    x = isSigned ? signed(type, aLo) : aLo >>> 0;
    y = isSigned ? signed(type, bLo) : bLo >>> 0;
  } else if (aHi !== bHi) {
    x = isSigned ? aHi : aHi >>> 0;
    y = isSigned ? bHi : bHi >>> 0;
  } else {
    x = aLo >>> 0;
    y = bLo >>> 0;
  }
  return put(out, holds(cc, x < y ? -1 : x > y ? 1 : 0) ? 1 : 0, 0);
};

// --- Floats ----------------------------------------------------------------------------------------------------------

table[Op.fcmp] = (type, _f, aLo, aHi, bLo, bHi, out, cc) => {
  const a = toFloat(type, aLo, aHi);
  const b = toFloat(type, bLo, bHi);
  return put(out, floatHolds(cc, a, b) ? 1 : 0, 0);
};

function floatHolds(cc: number, a: number, b: number): boolean {
  switch (cc) {
    case 0:
      return a === b;
    case 1:
      return a !== b;
    case 2:
      return a < b;
    case 3:
      return !(a < b);
    case 4:
      return a <= b;
    case 5:
      return !(a <= b);
    case 6:
      return a > b;
    case 7:
      return !(a > b);
    case 8:
      return a >= b;
    case 9:
      return !(a >= b);
    case 10:
      return Number.isNaN(a) || Number.isNaN(b);
    default:
      return !Number.isNaN(a) && !Number.isNaN(b);
  }
}

/** Rounding the double result of one operation to f32 gives the f32 result. */
function floatFold(compute: (a: number, b: number) => number): Fold {
  return (type, _f, aLo, aHi, bLo, bHi, out) =>
    putFloat(out, type, compute(toFloat(type, aLo, aHi), toFloat(type, bLo, bHi)));
}

table[Op.fadd] = floatFold((a, b) => a + b);
table[Op.fsub] = floatFold((a, b) => a - b);
table[Op.fmul] = floatFold((a, b) => a * b);
table[Op.fdiv] = floatFold((a, b) => a / b);
table[Op.sqrt] = floatFold((a) => Math.sqrt(a));
table[Op.fneg] = (type, _f, aLo, aHi, _bl, _bh, out) =>
  type === Type.F32 ? put(out, aLo ^ -0x8000_0000, 0) : put(out, aLo, aHi ^ -0x8000_0000);
table[Op.fabs] = (type, _f, aLo, aHi, _bl, _bh, out) =>
  type === Type.F32 ? put(out, aLo & 0x7fff_ffff, 0) : put(out, aLo, aHi & 0x7fff_ffff);

// --- Conversions -----------------------------------------------------------------------------------------------------

table[Op.ireduce] = (type, _f, aLo, _ah, _bl, _bh, out) => putNarrow(out, type, aLo);
table[Op.uextend] = (_t, _f, aLo, _ah, _bl, _bh, out) => put(out, aLo, 0);
table[Op.sextend] = (type, from, aLo, _ah, _bl, _bh, out) => {
  const value = signed(from, aLo);
  return type === Type.I64 ? put(out, value, value >> 31) : putNarrow(out, type, value);
};
table[Op.bitcast] = (_t, _f, aLo, aHi, _bl, _bh, out) => put(out, aLo, aHi);
table[Op.fpromote] = (_t, _f, aLo, _ah, _bl, _bh, out) => putFloat(out, Type.F64, f32(aLo));
table[Op.fdemote] = (_t, _f, aLo, aHi, _bl, _bh, out) => putFloat(out, Type.F32, f64(aLo, aHi));
table[Op.fcvtToUint] = (type, from, aLo, aHi, _bl, _bh, out) => {
  const value = toFloat(from, aLo, aHi);
  return putClamped(out, type, value, 0, 2 ** BITS[type]!);
};
table[Op.fcvtToSint] = (type, from, aLo, aHi, _bl, _bh, out) => {
  const half = 2 ** (BITS[type]! - 1);
  return putClamped(out, type, toFloat(from, aLo, aHi), -half, half);
};

/** Truncates and clamps to `min <= x < end`; NaN becomes 0. */
function putClamped(out: Int32Array, type: number, value: number, min: number, end: number): true {
  if (Number.isNaN(value)) return put(out, 0, 0);
  const whole = Math.trunc(value);
  if (type === Type.I64) {
    if (whole >= end) return putBig(out, BigInt(end) - 1n);
    return putBig(out, BigInt(Math.max(whole, min)));
  }
  return putNarrow(out, type, whole >= end ? end - 1 : Math.max(whole, min));
}

table[Op.fcvtFromUint] = (type, _f, aLo, aHi, _bl, _bh, out) => {
  if (aHi === 0) return putFloat(out, type, aLo >>> 0);
  return putFloat(out, type, roundBig(type, toBig(aLo, aHi)));
};
table[Op.fcvtFromSint] = (type, from, aLo, aHi, _bl, _bh, out) => {
  if (from !== Type.I64) return putFloat(out, type, signed(from, aLo));
  return putFloat(out, type, roundBig(type, signedBig(aLo, aHi)));
};

/**
 * The double nearest to `value`; for f32 one that rounds to the nearest f32: what is cut off is remembered in the last bit, which the
 * second rounding then cannot mistake for a tie.
 */
export function roundBig(type: number, value: bigint): number {
  if (type === Type.F64) return Number(value);
  const magnitude = value < 0n ? -value : value;
  const excess = magnitude.toString(2).length - 53;
  if (excess <= 0) return Number(value);
  const kept = magnitude >> BigInt(excess);
  const sticky = kept << BigInt(excess) === magnitude ? kept : kept | 1n;
  const rounded = Number(sticky) * 2 ** excess;
  return value < 0n ? -rounded : rounded;
}

export const DEFAULT_FOLDS: FoldTable = table;
