/**
 * Operands for tests of float arithmetic: the edges of a format in all combinations, and random ones that are likely to meet rounding,
 * ties, cancellation, and the ends of the range.
 */

import { abs, neg } from "../bits.ts";
import type { FloatFormat } from "../format.ts";
import { softMul } from "../soft.ts";

/** A 64-bit xorshift generator: the same numbers for the same seed. */
export class Random {
  private state: bigint;

  constructor(seed: bigint) {
    this.state = seed;
  }

  word(): bigint {
    let x = this.state;
    x ^= BigInt.asUintN(64, x << 13n);
    x ^= x >> 7n;
    x ^= BigInt.asUintN(64, x << 17n);
    this.state = x;
    return x;
  }

  bits(width: number): bigint {
    return BigInt.asUintN(width, (this.word() << 64n) | this.word());
  }

  below(limit: number): number {
    return Number(this.word() % BigInt(limit));
  }
}

/** Values at and beside every edge of the format, of both signs. */
export function edges(format: FloatFormat): bigint[] {
  const { one, minNormal, infinity, nan, max, significandBits } = format;
  const magnitudes = [
    0n,
    1n,
    2n,
    minNormal - 1n,
    minNormal,
    minNormal + 1n,
    one - minNormal,
    one - minNormal - 1n,
    one - 1n,
    one,
    one + 1n,
    // 1.5, 2, 2.5, 3
    one + minNormal / 2n,
    one + minNormal,
    one + minNormal + minNormal / 4n,
    one + minNormal + minNormal / 2n,
    // The greatest value with a half, the least without.
    one + BigInt(significandBits - 1) * minNormal + 1n,
    one + BigInt(significandBits) * minNormal,
    max - 1n,
    max,
    infinity,
    nan,
    infinity + 1n,
    nan + 5n,
  ];
  return magnitudes.flatMap((m) => [m, neg(format, m)]);
}

/** One random operand; `other` is the one that it is going to meet. */
export function operand(format: FloatFormat, random: Random, other: bigint): bigint {
  const bits = random.bits(format.bits);
  switch (random.below(6)) {
    case 0:
      return bits;
    case 1: {
      // Beside the other's exponent.
      const step = BigInt(random.below(2 * format.precision + 6) - format.precision - 3) * format.minNormal;
      const magnitude = (abs(format, other) & format.infinity) + step + (bits & format.significandMask);
      return magnitude < 0n || magnitude > format.infinity ? bits : magnitude | (bits & format.signMask);
    }
    case 2: {
      // Few significant bits, and a size around one: products, sums and quotients that are exact or ties.
      const kept = BigInt(random.below(format.significandBits));
      const significand = ((bits & format.significandMask) >> kept) << kept;
      const exponent = BigInt(random.below(2 * format.exponentBits + 20) - 10) * format.minNormal;
      const magnitude = format.one + exponent + significand;
      return magnitude < 0n || magnitude > format.infinity ? bits : magnitude | (bits & format.signMask);
    }
    case 3: {
      // Long runs of ones or zeros.
      const run = (1n << BigInt(random.below(format.bits))) - 1n;
      return random.below(2) === 0 ? run : BigInt.asUintN(format.bits, ~run);
    }
    case 4: {
      // A few units from the other, or from its opposite.
      const near = other + BigInt(random.below(9) - 4);
      return random.below(2) === 0 ? BigInt.asUintN(format.bits, near) : neg(format, BigInt.asUintN(format.bits, near));
    }
    default:
      // Subnormal, or nearly.
      return (bits & format.signMask) | (bits & (format.minNormal * 4n - 1n));
  }
}

/** Three operands for one round of all operations. */
export type Triple = readonly [bigint, bigint, bigint];

/** All pairs of edges, then `count` random triples, many of which cancel in `a × b + c`. */
export function triples(format: FloatFormat, random: Random, count: number): Triple[] {
  const all = edges(format);
  const result: Triple[] = all.flatMap((a) => all.map((b): Triple => [a, b, all[random.below(all.length)]!]));
  for (let i = 0; i < count; i++) result.push(randomTriple(format, random));
  return result;
}

export function randomTriple(format: FloatFormat, random: Random): Triple {
  const a = operand(format, random, format.one);
  const b = operand(format, random, a);
  const product = softMul(format, a, b);
  return [a, b, operand(format, random, random.below(2) === 0 ? neg(format, product) : b)];
}
