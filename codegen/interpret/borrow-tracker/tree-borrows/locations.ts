/**
 * The bytes of one allocation, as ranges that have been accessed alike.
 *
 * What Tree Borrows needs to know of a byte is little, since most of a tree's permissions follow from the last write (see
 * `tree-state.ts`): a range is eight integers, in one array in the order of the bytes.
 */

/** Of a range: one past its last byte. */
export const END = 0;
/** The node that wrote last: it and those that it was derived from are the *chain*. */
export const WRITER = 1;
/** The deepest node of the chain that is still `Unique`: those below were frozen by reads. */
export const UNIQUE_TO = 2;
/** The birth of the allocation's newest node when it was last written. */
export const WRITTEN = 3;
/** A node whose reads are known to change nothing, since the last write; or `NOBODY`. */
export const READER = 4;
/** The birth of the allocation's newest node when it was last read. */
export const READ = 5;
/** Positions of the last write, and of the read that froze the chain below `UNIQUE_TO`. */
export const WRITE_POSITION = 6;
export const READ_POSITION = 7;

export const STRIDE = 8;
export const SHIFT = 3;

export const NOBODY = -2;

/** A write that a protector's end implies: it is not seen by what was derived from `node`. */
export interface ExitWrite {
  readonly node: number;
  readonly at: number;
  /** Retags through wildcards that are born later than this might be derived from `node`. */
  readonly exposedFrom: number;
}

/** What the eight integers cannot say; rare. */
export interface Exceptions {
  /** Nodes that began as interior mutable `Reserved` and were written through since. */
  readonly activated: number[];
  /** Since the last write. */
  readonly exits: ExitWrite[];
  /** Pairs of a node and its permission, since a write through a wildcard. */
  readonly spared: number[];
}

export type Guards = readonly number[];

export class Locations {
  count = 1;
  data: Int32Array<ArrayBuffer>;
  /** By range: pairs of a protected node and its `ACCESSED | CONFLICTED`. The arrays are shared and never change. */
  readonly guards: (Guards | undefined)[] = [];
  readonly exceptions: (Exceptions | undefined)[] = [];
  private hint = 0;

  constructor(size: number) {
    this.data = new Int32Array(2 * STRIDE);
    this.reset(size);
  }

  /** One range, as of memory that was just allocated: the root wrote it. */
  reset(size: number): void {
    const { data, guards, exceptions } = this;
    data[END] = size;
    data[WRITER] = 0;
    data[UNIQUE_TO] = 0;
    data[WRITTEN] = 0;
    data[READER] = NOBODY;
    data[READ] = 0;
    data[WRITE_POSITION] = -1;
    data[READ_POSITION] = -1;
    this.count = 1;
    this.hint = 0;
    if (guards.length !== 1) guards.length = 1;
    guards[0] = undefined;
    if (exceptions.length !== 1) exceptions.length = 1;
    exceptions[0] = undefined;
  }

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

  /** Splits so that a range begins at `offset`, and returns it. */
  splitAt(offset: number): number {
    if (offset >= this.data[(this.count - 1) << SHIFT]!) return this.count;
    const i = this.find(offset);
    if (this.start(i) === offset) return i;
    this.insertCopy(i);
    this.data[i << SHIFT] = offset;
    this.hint = i + 1;
    return i + 1;
  }

  private insertCopy(i: number): void {
    if ((this.count + 1) * STRIDE > this.data.length) {
      const grown = new Int32Array(this.data.length * 2);
      grown.set(this.data.subarray(0, this.count * STRIDE));
      this.data = grown;
    }
    this.data.copyWithin((i + 1) << SHIFT, i << SHIFT, this.count << SHIFT);
    const guards = this.guards[i];
    const exceptions = this.exceptions[i];
    if (i === this.count - 1) {
      this.guards.push(guards);
      this.exceptions.push(cloneExceptions(exceptions));
    } else {
      this.guards.splice(i + 1, 0, guards);
      this.exceptions.splice(i + 1, 0, cloneExceptions(exceptions));
    }
    this.count++;
  }

  /** Joins neighbours that are in the same state, of the ranges from the one before `from` up to `to`. */
  join(from: number, to: number): void {
    let kept = Math.max(0, from - 1);
    const last = Math.min(to, this.count - 1);
    for (let i = kept + 1; i <= last; i++) {
      if (this.sameState(kept, i)) {
        this.data[kept << SHIFT] = this.data[i << SHIFT]!;
        continue;
      }
      kept++;
      if (kept === i) continue;
      this.data.copyWithin(kept << SHIFT, i << SHIFT, (i + 1) << SHIFT);
      this.guards[kept] = this.guards[i];
      this.exceptions[kept] = this.exceptions[i];
    }
    const removed = last - kept;
    if (removed <= 0) return;
    this.data.copyWithin((kept + 1) << SHIFT, (last + 1) << SHIFT, this.count << SHIFT);
    this.count -= removed;
    if (kept === this.count - 1) {
      this.guards.length = this.count;
      this.exceptions.length = this.count;
    } else {
      this.guards.splice(kept + 1, removed);
      this.exceptions.splice(kept + 1, removed);
    }
    this.hint = kept;
  }

  private sameState(i: number, j: number): boolean {
    const { data } = this;
    for (let k = WRITER; k <= READ; k++) if (data[(i << SHIFT) + k] !== data[(j << SHIFT) + k]) return false;
    return (
      this.exceptions[i] === undefined &&
      this.exceptions[j] === undefined &&
      sameNumbers(this.guards[i], this.guards[j])
    );
  }

  exceptionsOf(i: number): Exceptions {
    let exceptions = this.exceptions[i];
    if (exceptions === undefined) {
      exceptions = { activated: [], exits: [], spared: [] };
      this.exceptions[i] = exceptions;
    }
    return exceptions;
  }
}

function cloneExceptions(e: Exceptions | undefined): Exceptions | undefined {
  return e && { activated: e.activated.slice(), exits: e.exits.slice(), spared: e.spared.slice() };
}

function sameNumbers(a: Guards | undefined, b: Guards | undefined): boolean {
  if (a === b) return true;
  const length = a?.length ?? 0;
  if (length !== (b?.length ?? 0)) return false;
  for (let k = 0; k < length; k++) if (a![k] !== b![k]) return false;
  return true;
}
