/**
 * The bytes of one allocation, as ranges that have been accessed alike.
 *
 * What Tree Borrows needs to know of a byte is little, since most of a tree's permissions follow from the last write (see
 * `tree-state.ts`): a range is eight integers, in one array in the order of the bytes.
 *
 * Loops over an array through a new reference each time write every element through another node. To the next access of the whole array
 * they are alike nevertheless, once a read froze what is below some node: which nodes those were matters to none that is newer. So such
 * ranges are joined to one that is `VARIED`, and what is different is put aside, in `LastWrites`. Their `UNIQUE_TO`s lie on one way down the
 * tree, and nothing on it below any of them is older than the last write there. An access through a node to which they are not alike
 * *settles* the range: it falls into those that it was made of.
 */

import type { TagTable } from "../tag-table.ts";
import {
  LAST_READ_POSITION,
  LAST_UNIQUE_TO,
  LAST_WRITE_POSITION,
  LAST_WRITER,
  LAST_WRITTEN,
  LastWrites,
} from "./last-writes.ts";
import { END, Partition, SHIFT } from "./partition.ts";

export { END, SHIFT, STRIDE } from "./partition.ts";

/** The node that wrote last: it and those that it was derived from are the *chain*; or `VARIED`. */
export const WRITER = 1;
/** The deepest node of the chain that is still `Unique`: those below were frozen by reads. The deepest of all, where that varies. */
export const UNIQUE_TO = 2;
/** The birth of the allocation's newest node when it was last written; no less than that when the writers vary. */
export const WRITTEN = 3;
/** A node whose reads are known to change nothing, since the last write; or `NOBODY`. */
export const READER = 4;
/** The birth of the allocation's newest node when it was last read. */
export const READ = 5;
/** Positions of the last write, and of the read that froze the chain below `UNIQUE_TO`. */
export const WRITE_POSITION = 6;
export const READ_POSITION = 7;
/** Of a range whose writers vary, instead: as `WRITTEN`, of the byte that was written first, or less. */
export const OLDEST_WRITTEN: number = WRITE_POSITION;
/** … the uppermost of what would be `UNIQUE_TO`. It is on the chains of all writers. */
export const UNIQUE_FROM: number = READ_POSITION;

export const NOBODY = -2;
/** As a writer: not the same for all bytes. Such a range has no exceptions. */
export const VARIED = -3;

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

export class Locations extends Partition {
  /** By range: pairs of a protected node and its `ACCESSED | CONFLICTED`. The arrays are shared and never change. */
  readonly guards: (Guards | undefined)[] = [];
  readonly exceptions: (Exceptions | undefined)[] = [];
  /** Where nodes may have different permissions on both sides for other reasons than accesses: ranges are not joined there. */
  readonly cuts: Set<number> = new Set();
  private readonly tags: TagTable;
  private lastWrites: LastWrites | undefined;

  constructor(size: number, tags: TagTable) {
    super();
    this.tags = tags;
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
    if (this.cuts.size > 0) this.cuts.clear();
    this.lastWrites = undefined;
  }

  isVaried(i: number): boolean {
    return this.data[(i << SHIFT) + WRITER] === VARIED;
  }

  protected override repeat(i: number, copies: number): void {
    super.repeat(i, copies);
    const { guards, exceptions } = this;
    for (let k = 0; k < copies; k++) {
      if (i + 1 >= guards.length) {
        guards.push(guards[i]);
        exceptions.push(cloneExceptions(exceptions[i]));
      } else {
        guards.splice(i + 1, 0, guards[i]);
        exceptions.splice(i + 1, 0, cloneExceptions(exceptions[i]));
      }
    }
  }

  protected override remove(from: number, to: number): void {
    super.remove(from, to);
    if (this.count === from) {
      this.guards.length = from;
      this.exceptions.length = from;
    } else {
      this.guards.splice(from, to - from);
      this.exceptions.splice(from, to - from);
    }
  }

  /** Joins neighbours that are in the same state, of the ranges from the one before `from` up to `to`. */
  join(from: number, to: number): void {
    this.joinIf(Math.max(0, from - 1), to, false);
  }

  /** Joins neighbours, of the ranges from `from` to `to`, that differ in their writers alone. */
  joinVaried(from: number, to: number): void {
    this.joinIf(from, to, true);
  }

  private joinIf(from: number, to: number, mayVary: boolean): void {
    let kept = from;
    const last = Math.min(to, this.count - 1);
    const { data, guards, exceptions } = this;
    for (let i = kept + 1; i <= last; i++) {
      if (this.isAlike(kept, i) && (this.wereWrittenAlike(kept, i) || this.vary(kept, i, mayVary))) {
        data[kept << SHIFT] = data[i << SHIFT]!;
        continue;
      }
      kept++;
      if (kept === i) continue;
      data.copyWithin(kept << SHIFT, i << SHIFT, (i + 1) << SHIFT);
      guards[kept] = guards[i];
      exceptions[kept] = exceptions[i];
    }
    if (kept < last) this.remove(kept + 1, last + 1);
  }

  /** Whether ranges `i` and `j`, neighbours, differ in their writers at most. */
  private isAlike(i: number, j: number): boolean {
    const { data, cuts } = this;
    const a = i << SHIFT;
    const b = j << SHIFT;
    if (data[a + READER] !== data[b + READER] || data[a + READ] !== data[b + READ]) return false;
    if (this.exceptions[i] !== undefined || this.exceptions[j] !== undefined) return false;
    if (cuts.size > 0 && cuts.has(data[a + END]!)) return false;
    return sameNumbers(this.guards[i], this.guards[j]);
  }

  private wereWrittenAlike(i: number, j: number): boolean {
    const { data } = this;
    const a = i << SHIFT;
    const b = j << SHIFT;
    return (
      data[a + WRITER] !== VARIED &&
      data[a + WRITER] === data[b + WRITER] &&
      data[a + UNIQUE_TO] === data[b + UNIQUE_TO] &&
      data[a + WRITTEN] === data[b + WRITTEN]
    );
  }

  /** Makes range `i` one that can stand for `j` as well, which follows it and is alike; false when there is none. */
  private vary(i: number, j: number, mayVary: boolean): boolean {
    const { data } = this;
    const a = i << SHIFT;
    const b = j << SHIFT;
    if (!mayVary && !(data[a + WRITER] === VARIED && data[b + WRITER] === VARIED)) return false;
    const deepest = data[a + UNIQUE_TO] === data[b + UNIQUE_TO] ? data[a + UNIQUE_TO]! : this.deepest(a, b);
    if (deepest < 0) return false;
    this.setAside(i);
    this.setAside(j);
    data[a + UNIQUE_TO] = deepest;
    data[a + WRITTEN] = Math.max(data[a + WRITTEN]!, data[b + WRITTEN]!);
    data[a + OLDEST_WRITTEN] = Math.min(data[a + OLDEST_WRITTEN]!, data[b + OLDEST_WRITTEN]!);
    const first = data[a + UNIQUE_FROM]!;
    const second = data[b + UNIQUE_FROM]!;
    if (this.tags.depth[first]! > this.tags.depth[second]!) data[a + UNIQUE_FROM] = second;
    return true;
  }

  /** Of two `UNIQUE_TO`s that are not the same, the one that is derived from the other, by nodes that are newer than its range's writes; or -1. */
  private deepest(a: number, b: number): number {
    const { data, tags } = this;
    const first = data[a + UNIQUE_TO]!;
    const second = data[b + UNIQUE_TO]!;
    const swaps = tags.depth[first]! > tags.depth[second]!;
    const lower = swaps ? first : second;
    const upper = swaps ? second : first;
    let below = lower;
    const { parent, depth } = tags;
    while (depth[below]! > depth[upper]! + 1) below = parent[below]!;
    if (parent[below] !== upper || depth[below] === depth[upper]) return -1;
    return tags.birth[below]! > data[(swaps ? b : a) + WRITTEN]! ? lower : -1;
  }

  /** Makes a range `VARIED`, unless it is. */
  private setAside(i: number): void {
    const { data } = this;
    const at = i << SHIFT;
    if (data[at + WRITER] === VARIED) return;
    this.lastWrites ??= new LastWrites(this.end(this.count - 1));
    const to = this.lastWrites.unite(this.start(i), data[at + END]!) << SHIFT;
    const writes = this.lastWrites.data;
    writes[to + LAST_WRITER] = data[at + WRITER]!;
    writes[to + LAST_WRITTEN] = data[at + WRITTEN]!;
    writes[to + LAST_WRITE_POSITION] = data[at + WRITE_POSITION]!;
    writes[to + LAST_READ_POSITION] = data[at + READ_POSITION]!;
    writes[to + LAST_UNIQUE_TO] = data[at + UNIQUE_TO]!;
    data[at + WRITER] = VARIED;
    data[at + OLDEST_WRITTEN] = data[at + WRITTEN]!;
    data[at + UNIQUE_FROM] = data[at + UNIQUE_TO]!;
  }

  /** Lets a `VARIED` range that was written at once have its writer again. */
  narrow(i: number): void {
    const writes = this.lastWrites;
    if (writes === undefined) return;
    const k = writes.find(this.start(i));
    if (writes.end(k) >= this.data[(i << SHIFT) + END]!) this.restore(i, writes.data, k);
  }

  /** Lets a `VARIED` range fall into those that it was made of: range `i` is the first of them. */
  settle(i: number): void {
    const writes = this.lastWrites;
    if (writes === undefined) return;
    const first = writes.find(this.start(i));
    const end = this.data[(i << SHIFT) + END]!;
    let last = first;
    while (writes.end(last) < end) last++;
    if (last > first) this.repeat(i, last - first);
    for (let k = first; k <= last; k++) {
      this.restore(i + k - first, writes.data, k);
      this.data[(i + k - first) << SHIFT] = Math.min(end, writes.end(k));
    }
  }

  private restore(i: number, writes: Int32Array, k: number): void {
    const { data } = this;
    const at = i << SHIFT;
    const from = k << SHIFT;
    data[at + WRITER] = writes[from + LAST_WRITER]!;
    data[at + WRITTEN] = writes[from + LAST_WRITTEN]!;
    data[at + WRITE_POSITION] = writes[from + LAST_WRITE_POSITION]!;
    data[at + READ_POSITION] = writes[from + LAST_READ_POSITION]!;
    data[at + UNIQUE_TO] = writes[from + LAST_UNIQUE_TO]!;
  }

  /** All ranges have their writers again. */
  settleAll(): void {
    for (let i = 0; i < this.count; i++) if (this.isVaried(i)) this.settle(i);
  }

  /** A read at `position` froze what is below `node`, which is `UNIQUE_TO` or above. */
  freeze(i: number, node: number, position: number): void {
    const at = i << SHIFT;
    if (this.isVaried(i)) {
      this.lastWrites?.freeze(this.start(i), this.end(i), node, position);
      this.data[at + UNIQUE_FROM] = node;
    } else this.data[at + READ_POSITION] = position;
    this.data[at + UNIQUE_TO] = node;
  }

  setReadPosition(i: number, position: number): void {
    if (this.isVaried(i)) this.lastWrites?.setReadPosition(this.start(i), this.end(i), position);
    else this.data[(i << SHIFT) + READ_POSITION] = position;
  }

  /** What is known of the last write of the byte at `offset`, in range `i`: `WRITER`, `UNIQUE_TO` or `WRITTEN`. */
  at(i: number, offset: number, field: typeof WRITER | typeof UNIQUE_TO | typeof WRITTEN): number {
    const writes = this.lastWrites;
    if (!this.isVaried(i) || writes === undefined) return this.data[(i << SHIFT) + field]!;
    const aside = field === WRITER ? LAST_WRITER : field === WRITTEN ? LAST_WRITTEN : LAST_UNIQUE_TO;
    return writes.data[(writes.find(offset) << SHIFT) + aside]!;
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
  return (
    e && {
      activated: e.activated.slice(),
      exits: e.exits.slice(),
      spared: e.spared.slice(),
    }
  );
}

function sameNumbers(a: Guards | undefined, b: Guards | undefined): boolean {
  if (a === b) return true;
  const length = a?.length ?? 0;
  if (length !== (b?.length ?? 0)) return false;
  for (let k = 0; k < length; k++) if (a![k] !== b![k]) return false;
  return true;
}
