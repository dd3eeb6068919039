/**
 * Which node wrote each byte last, for ranges of `Locations` that agree in everything else (see `VARIED`). What is recorded of the bytes
 * of other ranges is out of date.
 */

import { END, Partition, SHIFT } from "./partition.ts";

/** Of a range, beside `END`: as of the same names in `locations.ts`. */
export const LAST_WRITER = 1;
export const LAST_WRITTEN = 2;
export const LAST_WRITE_POSITION = 3;
export const LAST_READ_POSITION = 4;
export const LAST_UNIQUE_TO = 5;

export class LastWrites extends Partition {
  constructor(size: number) {
    super();
    this.data[END] = size;
  }

  /** Makes the bytes from `start` to `end` one range; what there is to say of it is the caller's to set. */
  unite(start: number, end: number): number {
    const first = this.splitAt(start);
    if (this.end(first) !== end) {
      const after = this.splitAt(end);
      this.data[((after - 1) << SHIFT) + END] = end;
      this.remove(first, after - 1);
    }
    return first;
  }

  /** A read at `position` froze what is below `node`, from `start` to `end`. */
  freeze(start: number, end: number, node: number, position: number): void {
    const first = this.splitAt(start);
    const after = this.splitAt(end);
    for (let i = first; i < after; i++) {
      const at = i << SHIFT;
      if (this.data[at + LAST_UNIQUE_TO] === node) continue;
      this.data[at + LAST_UNIQUE_TO] = node;
      this.data[at + LAST_READ_POSITION] = position;
    }
  }

  /** The read that had an effect last was, for all bytes from `start` to `end`, that at `position`. */
  setReadPosition(start: number, end: number, position: number): void {
    const first = this.splitAt(start);
    const after = this.splitAt(end);
    for (let i = first; i < after; i++) this.data[(i << SHIFT) + LAST_READ_POSITION] = position;
  }
}
