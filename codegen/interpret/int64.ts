/**
 * 64-bit integers as pairs of 32-bit words in a register file `R` (low word first), without BigInt wherever the values allow.
 *
 * All functions read both operands before they write the result, so registers may coincide.
 */

const TWO_32 = 0x1_0000_0000;
/** Below this, sums and products of a quotient and a divisor are exact in doubles. */
const EXACT = 2 ** 52;

export function mul64(R: Int32Array, d: number, a: number, b: number): void {
  const al = R[a]!;
  const ah = R[a + 1]!;
  const bl = R[b]!;
  const bh = R[b + 1]!;
  const a0 = al & 0xffff;
  const a1 = al >>> 16;
  const b0 = bl & 0xffff;
  const b1 = bl >>> 16;
  const p00 = Math.imul(a0, b0);
  const p01 = Math.imul(a0, b1);
  const p10 = Math.imul(a1, b0);
  const p11 = Math.imul(a1, b1);
  const mid = (p00 >>> 16) + (p01 & 0xffff) + (p10 & 0xffff);
  R[d] = (mid << 16) | (p00 & 0xffff);
  R[d + 1] = p11 + (p01 >>> 16) + (p10 >>> 16) + (mid >>> 16) + Math.imul(al, bh) + Math.imul(ah, bl);
}

/** Multiplies; 1 when the true product does not fit. */
export function mulOverflow64(
  R: Int32Array,
  Q: BigUint64Array,
  d: number,
  a: number,
  b: number,
  signed: boolean,
): number {
  let overflow = 0;
  if (signed) {
    const small = R[a + 1] === R[a]! >> 31 && R[b + 1] === R[b]! >> 31;
    if (!small) {
      const product = BigInt.asIntN(64, Q[a >> 1]!) * BigInt.asIntN(64, Q[b >> 1]!);
      overflow = BigInt.asIntN(64, product) === product ? 0 : 1;
    }
  } else if (R[a + 1] !== 0 || R[b + 1] !== 0) {
    const product = Q[a >> 1]! * Q[b >> 1]!;
    overflow = BigInt.asUintN(64, product) === product ? 0 : 1;
  }
  mul64(R, d, a, b);
  return overflow;
}

/** The value as a double, exact below 2^53, else rounded once. */
export function toDoubleSigned(R: Int32Array, a: number): number {
  return R[a + 1]! * TWO_32 + (R[a]! >>> 0);
}

export function toDoubleUnsigned(R: Int32Array, a: number): number {
  return (R[a + 1]! >>> 0) * TWO_32 + (R[a]! >>> 0);
}

/** Stores an integral double within ±2^64. */
export function fromDouble(R: Int32Array, d: number, value: number): void {
  const hi = Math.floor(value / TWO_32);
  R[d] = value - hi * TWO_32;
  R[d + 1] = hi;
}

/** Quotient or remainder; the caller has ruled out a zero divisor and `MIN / -1`. */
export function divRem64(
  R: Int32Array,
  Q: BigUint64Array,
  d: number,
  a: number,
  b: number,
  signed: boolean,
  remainder: boolean,
): void {
  const x = signed ? toDoubleSigned(R, a) : toDoubleUnsigned(R, a);
  const y = signed ? toDoubleSigned(R, b) : toDoubleUnsigned(R, b);
  if (x < EXACT && x > -EXACT && y < EXACT && y > -EXACT) {
    // `%` of doubles is exact, and so is the division of what is left.
    const rest = x % y;
    fromDouble(R, d, remainder ? rest : (x - rest) / y);
    return;
  }
  const p = signed ? BigInt.asIntN(64, Q[a >> 1]!) : Q[a >> 1]!;
  const q = signed ? BigInt.asIntN(64, Q[b >> 1]!) : Q[b >> 1]!;
  Q[d >> 1] = BigInt.asUintN(64, remainder ? p % q : p / q);
}

export function shl64(R: Int32Array, d: number, a: number, amount: number): void {
  const lo = R[a]!;
  const hi = R[a + 1]!;
  if (amount === 0) {
    R[d] = lo;
    R[d + 1] = hi;
  } else if (amount < 32) {
    R[d] = lo << amount;
    R[d + 1] = (hi << amount) | (lo >>> (32 - amount));
  } else {
    R[d] = 0;
    R[d + 1] = lo << (amount - 32);
  }
}

export function shr64(R: Int32Array, d: number, a: number, amount: number, signed: boolean): void {
  const lo = R[a]!;
  const hi = R[a + 1]!;
  if (amount === 0) {
    R[d] = lo;
    R[d + 1] = hi;
  } else if (amount < 32) {
    R[d] = (lo >>> amount) | (hi << (32 - amount));
    R[d + 1] = signed ? hi >> amount : hi >>> amount;
  } else {
    R[d] = signed ? hi >> (amount - 32) : hi >>> (amount - 32);
    R[d + 1] = signed ? hi >> 31 : 0;
  }
}

export function less64(R: Int32Array, a: number, b: number, signed: boolean): boolean {
  const ah = R[a + 1]!;
  const bh = R[b + 1]!;
  if (ah !== bh) return signed ? ah < bh : ah >>> 0 < bh >>> 0;
  return R[a]! >>> 0 < R[b]! >>> 0;
}

/** Nearest 64-bit integer towards zero, saturating; NaN is 0. */
export function floatToInt64(R: Int32Array, d: number, value: number, signed: boolean): void {
  const t = Math.trunc(value);
  if (Number.isNaN(t)) fromDouble(R, d, 0);
  else if (signed) {
    if (t >= 2 ** 63) {
      R[d] = -1;
      R[d + 1] = 0x7fffffff;
    } else if (t <= -(2 ** 63)) {
      R[d] = 0;
      R[d + 1] = -0x80000000;
    } else fromDouble(R, d, t);
  } else if (t >= 2 ** 64) {
    R[d] = -1;
    R[d + 1] = -1;
  } else fromDouble(R, d, Math.max(t, 0));
}
