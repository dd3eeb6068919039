/**
 * The generator's source of randomness: xoshiro128** seeded through a splitmix-style hash, on 32-bit integer arithmetic.
 *
 * The same seed gives the same numbers on every machine. Source: Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators" (2021), for xoshiro; Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014), for the seeding.
 */

/** A cumulative table of weights: `Rng.weighted` draws an index from it. */
export interface WeightTable {
  readonly sums: Int32Array;
  readonly total: number;
}

/** The table of `weights`, which are non-negative integers. */
export function weightTable(weights: readonly number[]): WeightTable {
  const sums = new Int32Array(weights.length);
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    total += weights[i]!;
    sums[i] = total;
  }
  return { sums, total };
}

export class Rng {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** `stream` separates the sequences that one seed is used for. */
  constructor(seed: bigint | number, stream = 0) {
    const wide = BigInt.asUintN(64, typeof seed === "bigint" ? seed : BigInt(Math.trunc(seed)));
    let state = Number(wide & 0xffffffffn) ^ Math.imul(stream + 1, 0x9e3779b9);
    const high = Number(wide >> 32n);
    const nextWord = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ high;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.a = nextWord();
    this.b = nextWord();
    this.c = nextWord();
    this.d = nextWord() | 1;
  }

  /** The next 32 bits, as an unsigned number. */
  next(): number {
    const scrambled = Math.imul(this.b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result >>> 0;
  }

  /** A number in `0 ..< n`, with `n ≥ 1`. */
  below(n: number): number {
    return Math.floor((this.next() / 4294967296) * n);
  }

  /** A number in `low ..= high`. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** An index of `table`, as often as its weight says; -1 when all weights are 0. */
  weighted(table: WeightTable): number {
    if (table.total === 0) return -1;
    const at = this.below(table.total);
    const { sums } = table;
    let i = 0;
    while (sums[i]! <= at) i++;
    return i;
  }

  /** 64 random bits. */
  bits64(): bigint {
    return (BigInt(this.next()) << 32n) | BigInt(this.next());
  }
}

const MASK64 = (1n << 64n) - 1n;

/** A seed for number `index` of the sequence that `seed` stands for: the finalizer of splitmix64 on both. */
export function mixSeed(seed: bigint, index: bigint): bigint {
  let z = (seed + (index + 1n) * 0x9e3779b97f4a7c15n) & MASK64;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK64;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK64;
  return z ^ (z >> 31n);
}
