/** Exact conversions between IEEE bits, numbers and big integers, for the test backend and for tests. */

const scratch = new DataView(new ArrayBuffer(8));

/** The value with these IEEE bits, of 32 or 64 bits. */
export function floatFromBits(bits: bigint, width: 32 | 64): number {
  if (width === 32) {
    scratch.setUint32(0, Number(bits));
    return scratch.getFloat32(0);
  }
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
}

/** The IEEE bits of `value`, rounded to `width` bits. */
export function floatToBits(value: number, width: 32 | 64): bigint {
  if (width === 32) {
    scratch.setFloat32(0, value);
    return BigInt(scratch.getUint32(0));
  }
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

/** The IEEE bits of the float nearest to `value`, ties to even. */
export function intToFloatBits(value: bigint, width: 32 | 64): bigint {
  const precision = width === 32 ? 24n : 53n;
  const sign = value < 0n ? 1n << BigInt(width - 1) : 0n;
  let magnitude = value < 0n ? -value : value;
  if (magnitude === 0n) return 0n;
  const length = BigInt(magnitude.toString(2).length);
  let exponent = length - 1n;
  if (length > precision) {
    const drop = length - precision;
    const half = 1n << (drop - 1n);
    const rest = magnitude & ((1n << drop) - 1n);
    magnitude >>= drop;
    if (rest > half || (rest === half && (magnitude & 1n) === 1n)) magnitude++;
    if (magnitude >> precision !== 0n) {
      magnitude >>= 1n;
      exponent++;
    }
  } else {
    magnitude <<= precision - length;
  }
  const bias = width === 32 ? 127n : 1023n;
  if (exponent > bias) return sign | ((2n * bias + 1n) << (precision - 1n));
  return sign | ((exponent + bias) << (precision - 1n)) | (magnitude & ((1n << (precision - 1n)) - 1n));
}

/** `value` as an integer of `width` bits by Rust's `as`: towards zero, saturating, NaN to 0. Unsigned bits of the result. */
export function floatToIntBits(value: number, width: number, signed: boolean): bigint {
  if (Number.isNaN(value)) return 0n;
  const min = signed ? -(1n << BigInt(width - 1)) : 0n;
  const max = signed ? (1n << BigInt(width - 1)) - 1n : (1n << BigInt(width)) - 1n;
  if (value === Number.POSITIVE_INFINITY) return max;
  const exact = value === Number.NEGATIVE_INFINITY ? min : BigInt(Math.trunc(value));
  const clamped = exact < min ? min : exact > max ? max : exact;
  return BigInt.asUintN(width, clamped);
}
