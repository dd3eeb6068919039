/** A partition of an allocation's bytes into ranges in ascending order, each of eight integers in one array. */

/** Of a range: one past its last byte. The other integers are the owner's. */
export const END = 0;

export const STRIDE = 8;
export const SHIFT = 3;

export class Partition {
  count = 1;
  data: Int32Array<ArrayBuffer> = new Int32Array(2 * STRIDE);
  protected hint = 0;

  /** The range that holds the byte at `offset`. */
  find(offset: number): number {
    const { data } = this;
    let i = this.hint;
    if (i < this.count && offset < data[i << SHIFT]!) {
      if (i === 0 || offset >= data[(i - 1) << SHIFT]!) return i;
    } else if (i + 1 < this.count && offset < data[(i + 1) << SHIFT]!) {
      this.hint = i + 1;
      return i + 1;
    }
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      i = (low + high) >> 1;
      if (offset < data[i << SHIFT]!) high = i;
      else low = i + 1;
    }
    this.hint = low;
    return low;
  }

  start(i: number): number {
    return i === 0 ? 0 : this.data[(i - 1) << SHIFT]!;
  }

  end(i: number): number {
    return this.data[i << SHIFT]!;
  }

  /** Splits so that a range begins at `offset`, and returns it. */
  splitAt(offset: number): number {
    if (offset >= this.data[(this.count - 1) << SHIFT]!) return this.count;
    const i = this.find(offset);
    if (this.start(i) === offset) return i;
    this.repeat(i, 1);
    this.data[i << SHIFT] = offset;
    this.hint = i + 1;
    return i + 1;
  }

  /** Inserts `copies` of range `i` after it; their bounds are the caller's to set. */
  protected repeat(i: number, copies: number): void {
    const needed = (this.count + copies) * STRIDE;
    if (needed > this.data.length) {
      const grown = new Int32Array(Math.max(needed, this.data.length * 2));
      grown.set(this.data.subarray(0, this.count * STRIDE));
      this.data = grown;
    }
    const { data } = this;
    if (i < this.count - 1) data.copyWithin((i + 1 + copies) << SHIFT, (i + 1) << SHIFT, this.count << SHIFT);
    for (let k = 1; k <= copies; k++) {
      for (let f = 0; f < STRIDE; f++) data[((i + k) << SHIFT) + f] = data[(i << SHIFT) + f]!;
    }
    this.count += copies;
  }

  /** Takes away ranges `from` to `to` (exclusive); the bounds of those beside them are the caller's to set. */
  protected remove(from: number, to: number): void {
    if (from >= to) return;
    if (to < this.count) this.data.copyWithin(from << SHIFT, to << SHIFT, this.count << SHIFT);
    this.count -= to - from;
    if (this.hint >= from) this.hint = from === 0 ? 0 : from - 1;
  }
}
