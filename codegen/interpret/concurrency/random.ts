/** A small seeded generator (mulberry32): the same seed gives the same choices, on any machine. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** Begins anew with another seed. */
  reset(seed: number): void {
    this.state = seed >>> 0;
  }

  /** Whether something happens that has this probability. */
  happens(chance: number): boolean {
    return this.next() / 2 ** 32 < chance;
  }

  /** From 0 to 2^32 - 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let x = this.state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (x ^ (x >>> 14)) >>> 0;
  }

  /** From 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor((this.next() / 2 ** 32) * count);
  }

  /** How many trials until the first success, each with probability `chance`: at least 1. */
  trials(chance: number): number {
    if (chance <= 0) return Number.MAX_SAFE_INTEGER;
    if (chance >= 1) return 1;
    const uniform = (this.next() + 1) / (2 ** 32 + 1);
    return 1 + Math.floor(Math.log(uniform) / Math.log(1 - chance));
  }
}
