/**
 * Conversions between integers of any width and floats, with one rounding, to nearest, ties to even.
 */

/** `value` as the nearest f64. */
export function bigToF64(value: bigint): number {
  return Number(value);
}

/** `value` as the nearest f32, as a double; beyond f32's range, an infinity. */
export function bigToF32(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const bits = magnitude.toString(2).length;
  if (bits <= 53) return Math.fround(Number(value));
  // Keep 50 bits and fold the rest into a sticky bit below them: enough that rounding to 24 bits sees what it must.
  const shift = BigInt(bits - 50);
  const head = magnitude >> shift;
  const sticky = head << shift === magnitude ? head : head | 1n;
  const rounded = Math.fround(Number(sticky) * 2 ** (bits - 50));
  return value < 0n ? -rounded : rounded;
}

/** `value` rounded towards zero into the range of an integer type of `bits`; NaN is 0. */
export function floatToBig(value: number, bits: number, signed: boolean): bigint {
  if (Number.isNaN(value)) return 0n;
  const min = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const max = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  if (value === Number.POSITIVE_INFINITY) return max;
  if (value === Number.NEGATIVE_INFINITY) return min;
  const exact = BigInt(Math.trunc(value));
  return exact < min ? min : exact > max ? max : exact;
}
