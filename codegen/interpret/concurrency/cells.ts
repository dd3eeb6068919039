/**
 * What is known of the accesses of bytes: ranges that were accessed alike, per allocation. Reads by one thread only, as most are, are kept
 * as one *epoch* (a thread and its time) instead of a clock.
 */

import type { RaceAccess } from "./data-race.ts";
import type { VectorClock } from "./vector-clock.ts";

/** The last accesses of some kind by each thread. */
export interface AccessClock {
  readonly times: VectorClock;
  readonly positions: number[];
  readonly kinds: RaceAccess[];
}

export interface AtomicCell {
  readonly reads: AccessClock;
  readonly writes: AccessClock;
  /** What a load with acquire semantics learns. */
  sync: VectorClock;
  /** The size of the accesses; 0 after loads of several sizes. */
  size: number;
}

/** No thread, and several. */
export const NOBODY = -1;
export const MANY = -2;

/** The accesses of the bytes up to `end`. */
export interface Cell {
  end: number;
  /** The last non-atomic write, which may be the allocation. */
  writeThread: number;
  writeTime: number;
  writePosition: number;
  writeKind: RaceAccess;
  /** The non-atomic reads since: of one thread, or `MANY` in `reads`. */
  readThread: number;
  readTime: number;
  readPosition: number;
  readKind: RaceAccess;
  reads: AccessClock | undefined;
  atomic: AtomicCell | undefined;
}

export function accessClock(): AccessClock {
  return { times: [], positions: [], kinds: [] };
}

export function record(clock: AccessClock, thread: number, time: number, position: number, kind: RaceAccess): void {
  while (clock.times.length <= thread) {
    clock.times.push(0);
    clock.positions.push(-1);
    clock.kinds.push(kind);
  }
  clock.times[thread] = time;
  clock.positions[thread] = position;
  clock.kinds[thread] = kind;
}

/** The cells of one allocation. */
export class Cells {
  readonly list: Cell[];
  private hint = 0;

  constructor(size: number, writeThread: number, writeTime: number, writePosition: number) {
    this.list = [
      {
        end: size,
        writeThread,
        writeTime,
        writePosition,
        writeKind: "allocation",
        readThread: NOBODY,
        readTime: 0,
        readPosition: -1,
        readKind: "non-atomic read",
        reads: undefined,
        atomic: undefined,
      },
    ];
  }

  start(k: number): number {
    return k === 0 ? 0 : this.list[k - 1]!.end;
  }

  /** The cell that holds the byte at `offset`. */
  find(offset: number): number {
    const { list, hint } = this;
    if (hint < list.length && offset < list[hint]!.end && offset >= this.start(hint)) return hint;
    let low = 0;
    let high = list.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (offset < list[middle]!.end) high = middle;
      else low = middle + 1;
    }
    this.hint = low;
    return low;
  }

  /** Splits so that a cell begins at `offset`, and returns it; past the last one at the end. */
  splitAt(offset: number): number {
    const { list } = this;
    if (offset >= list[list.length - 1]!.end) return list.length;
    const k = this.find(offset);
    if (this.start(k) === offset) return k;
    const lower = list[k]!;
    const upper = cloneCell(lower);
    lower.end = offset;
    list.splice(k + 1, 0, upper);
    this.hint = k + 1;
    return k + 1;
  }

  /** Joins cell `k` to the one before when both saw the same non-atomic accesses and no others. */
  joinBefore(k: number): void {
    const { list } = this;
    if (k === 0 || k >= list.length) return;
    const a = list[k - 1]!;
    const b = list[k]!;
    if (a.atomic !== undefined || b.atomic !== undefined || a.reads !== undefined || b.reads !== undefined) return;
    if (a.writeThread !== b.writeThread || a.writeTime !== b.writeTime || a.writeKind !== b.writeKind) return;
    if (a.readThread !== b.readThread || a.readTime !== b.readTime || a.readKind !== b.readKind) return;
    a.end = b.end;
    list.splice(k, 1);
    this.hint = k - 1;
  }
}

function cloneCell(cell: Cell): Cell {
  const { atomic, reads } = cell;
  return {
    ...cell,
    reads: reads && cloneAccess(reads),
    atomic: atomic && {
      ...atomic,
      reads: cloneAccess(atomic.reads),
      writes: cloneAccess(atomic.writes),
      sync: atomic.sync.slice(),
    },
  };
}

function cloneAccess(clock: AccessClock): AccessClock {
  return { times: clock.times.slice(), positions: clock.positions.slice(), kinds: clock.kinds.slice() };
}
