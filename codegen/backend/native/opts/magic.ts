/**
 * Magic numbers: division by a constant as a multiplication and shifts.
 *
 * Granlund and Montgomery, "Division by Invariant Integers using Multiplication" (1994); Warren, "Hacker's Delight", chapter 10. With N
 * bits, `m = floor(2^(N+s) / d) + 1` gives `floor(x / d) = floor(m * x / 2^(N+s))` for all x below 2^N when `m * d - 2^(N+s) <= 2^s`.
 */

export interface Magic {
  /** Below 2^N. */
  readonly multiplier: bigint;
  /** How far to shift the high half of the product. */
  readonly shift: number;
  /** The true multiplier is 2^N more than `multiplier`. */
  readonly add: boolean;
}

export interface MagicTable {
  /** For unsigned division of `bits` bits by `d`, 3 or more and no power of two. */
  readonly unsigned: (bits: number, d: bigint) => Magic;
  /** For signed division of `bits` bits by a positive `d` of 3 or more and no power of two; then a negative quotient lacks 1. */
  readonly signed: (bits: number, d: bigint) => Magic;
}

function search(scale: number, first: number, d: bigint): { m: bigint; s: number } {
  for (let s = first; ; s++) {
    const power = 1n << BigInt(scale + s);
    const m = power / d + 1n;
    if (m * d - power <= 1n << BigInt(s)) return { m, s };
  }
}

function unsignedMagic(bits: number, d: bigint): Magic {
  const { m, s } = search(bits, 0, d);
  const limit = 1n << BigInt(bits);
  return m < limit ? { multiplier: m, shift: s, add: false } : { multiplier: m - limit, shift: s, add: true };
}

function signedMagic(bits: number, d: bigint): Magic {
  const { m, s } = search(bits - 1, 1, d);
  return { multiplier: m, shift: s - 1, add: m >= 1n << BigInt(bits - 1) };
}

export const DEFAULT_MAGIC: MagicTable = { unsigned: unsignedMagic, signed: signedMagic };
