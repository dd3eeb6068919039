/**
 * Dense branded indices, and sets of them.
 *
 * An *entity* (a value, a block, a virtual register, a MIR local …) is a small integer that indexes a table. The brand keeps
 * the integers of different tables apart at compile time and costs nothing at run time.
 *
 * Terms follow Cranelift's `entity` crate: an *entity set* is a bit set over entities. Tables are plain or typed arrays, which their owners grow.
 */

declare const brand: unique symbol;

/** A dense index of the table named by `Name`. */
export type Entity<Name extends string> = number & { readonly [brand]: Name };

/** Marks "no entity" in packed tables, where `undefined` cannot be stored. */
export const NONE = -1;

/** A growable bit set over entities. */
export class EntitySet<K extends number> {
  words: Uint32Array;

  constructor(capacity = 64) {
    this.words = new Uint32Array((capacity + 31) >>> 5);
  }

  has(key: K): boolean {
    const word = key >>> 5;
    return word < this.words.length && ((this.words[word]! >>> (key & 31)) & 1) !== 0;
  }

  /** Adds `key`; true when it was not there. */
  add(key: K): boolean {
    const word = key >>> 5;
    if (word >= this.words.length) this.grow(word + 1);
    const before = this.words[word]!;
    const after = before | (1 << (key & 31));
    this.words[word] = after;
    return after >>> 0 !== before;
  }

  delete(key: K): void {
    const word = key >>> 5;
    if (word < this.words.length) this.words[word]! &= ~(1 << (key & 31));
  }

  clear(): void {
    this.words.fill(0);
  }

  /** Adds all of `other`; true when that changed this set. */
  union(other: EntitySet<K>): boolean {
    if (other.words.length > this.words.length) this.grow(other.words.length);
    let changed = false;
    for (let i = 0; i < other.words.length; i++) {
      const before = this.words[i]!;
      const after = (before | other.words[i]!) >>> 0;
      if (after !== before) {
        this.words[i] = after;
        changed = true;
      }
    }
    return changed;
  }

  *[Symbol.iterator](): IterableIterator<K> {
    for (let i = 0; i < this.words.length; i++) {
      for (let word = this.words[i]!; word !== 0; word &= word - 1) {
        yield ((i << 5) + 31 - Math.clz32(word & -word)) as K;
      }
    }
  }

  private grow(words: number): void {
    const grown = new Uint32Array(Math.max(words, this.words.length * 2));
    grown.set(this.words);
    this.words = grown;
  }
}

/**
 * The error of an unreachable case: a fault of ours, never of the input. `context` says what was being done, and to what.
 */
export function bug(context: string): Error {
  return new Error(`internal error: ${context}`);
}
