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

export class LastWrites extends Partition {
  constructor(size: number) {
    super();
    this.data[END] = size;
  }

  /** The bytes from `start` to `end` were last written alike. */
  record(
    start: number,
    end: number,
    writer: number,
    written: number,
    writePosition: number,
    readPosition: number,
  ): void {
    const first = this.splitAt(start);
    let last = first;
    if (this.end(first) !== end) {
      last = this.splitAt(end) - 1;
      this.remove(first, last);
    }
    const { data } = this;
    const at = first << SHIFT;
    data[at + END] = end;
    data[at + LAST_WRITER] = writer;
    data[at + LAST_WRITTEN] = written;
    data[at + LAST_WRITE_POSITION] = writePosition;
    data[at + LAST_READ_POSITION] = readPosition;
  }

  /** The read that had an effect last was, for all bytes from `start` to `end`, that at `position`. */
  setReadPosition(start: number, end: number, position: number): void {
    const first = this.splitAt(start);
    const after = this.splitAt(end);
    for (let i = first; i < after; i++) this.data[(i << SHIFT) + LAST_READ_POSITION] = position;
  }
}
