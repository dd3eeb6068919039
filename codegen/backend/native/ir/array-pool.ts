/**
 * Typed arrays that are used again: a free list per power of two. Allocating and collecting a few dozen arrays per function costs more than
 * filling them. Contents are what the last user left.
 */

type Reusable = Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** Lengths are powers of two from this one on. */
const SMALLEST = 16;
/** Free elements that are kept per length. */
const KEPT = 1 << 24;

export class ArrayPool<T extends Reusable> {
  private readonly make: new (
    length: number,
  ) => T;
  /** By the logarithm of the length. */
  private readonly free: T[][] = Array.from({ length: 32 }, () => []);

  constructor(make: new (length: number) => T) {
    this.make = make;
  }

  /** An array of at least `length` elements. */
  take(length: number): T {
    const log = length <= SMALLEST ? 31 - Math.clz32(SMALLEST) : 32 - Math.clz32(length - 1);
    return this.free[log]!.pop() ?? new this.make(1 << log);
  }

  /** An array of twice the length or at least `length`, which starts with the contents of `array`. */
  grow(array: T, length: number): T {
    const bigger = this.take(Math.max(length, array.length * 2));
    bigger.set(array);
    return bigger;
  }

  /** A copy of `array`, of its length. */
  copy(array: T): T {
    const copy = this.take(array.length);
    copy.set(array);
    return copy;
  }

  /** Takes an array of this pool back; the caller must not use it again. */
  give(array: T): void {
    const log = 31 - Math.clz32(array.length);
    const list = this.free[log]!;
    if (list.length < KEPT >> log) list.push(array);
  }
}

export const INT_ARRAYS: ArrayPool<Int32Array<ArrayBuffer>> = new ArrayPool(Int32Array);
export const BYTE_ARRAYS: ArrayPool<Uint8Array<ArrayBuffer>> = new ArrayPool(Uint8Array);
