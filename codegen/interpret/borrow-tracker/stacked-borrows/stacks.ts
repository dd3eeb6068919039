/** The borrow stacks of one allocation: ranges of bytes with the same stack. */

import { ROOT } from "../tag-table.ts";
import { ITEM_SHIFT, NOBODY, retainItems, type Stack } from "./stack.ts";

export class Stacks {
  readonly allocation: number;
  readonly size: number;
  readonly ranges: Stack[];
  readonly exposed: Set<number> = new Set();
  /** The birth of the newest node, and that node. */
  births = 0;
  newest: number = ROOT;
  private hint = 0;

  constructor(allocation: number, size: number, root: number) {
    this.allocation = allocation;
    this.size = size;
    this.ranges = [{ end: size, items: [root], unknown: 0, reader: NOBODY }];
  }

  start(k: number): number {
    return k === 0 ? 0 : this.ranges[k - 1]!.end;
  }

  /** The range that holds the byte at `offset`. */
  find(offset: number): number {
    const { ranges } = this;
    const { hint } = this;
    if (hint < ranges.length && offset < ranges[hint]!.end) {
      if (hint === 0 || offset >= ranges[hint - 1]!.end) return hint;
    } else if (hint + 1 < ranges.length && offset < ranges[hint + 1]!.end) {
      this.hint = hint + 1;
      return hint + 1;
    }
    let low = 0;
    let high = ranges.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (offset < ranges[middle]!.end) high = middle;
      else low = middle + 1;
    }
    this.hint = low;
    return low;
  }

  /** Splits so that a range begins at `offset`, and returns it. */
  splitAt(offset: number): number {
    const { ranges } = this;
    if (offset >= ranges[ranges.length - 1]!.end) return ranges.length;
    const k = this.find(offset);
    if (this.start(k) === offset) return k;
    const old = ranges[k]!;
    const upper: Stack = { end: old.end, items: old.items.slice(), unknown: old.unknown, reader: old.reader };
    old.end = offset;
    if (k === ranges.length - 1) ranges.push(upper);
    else ranges.splice(k + 1, 0, upper);
    this.hint = k + 1;
    return k + 1;
  }

  /** Joins neighbours with equal stacks, of the ranges from the one before `from` up to `to`. */
  join(from: number, to: number): void {
    const { ranges } = this;
    let kept = Math.max(0, from - 1);
    const last = Math.min(to, ranges.length - 1);
    for (let k = kept + 1; k <= last; k++) {
      const range = ranges[k]!;
      const before = ranges[kept]!;
      if (isSame(before, range)) before.end = range.end;
      else ranges[++kept] = range;
    }
    if (last <= kept) return;
    if (last === ranges.length - 1) ranges.length = kept + 1;
    else ranges.splice(kept + 1, last - kept);
    this.hint = kept;
  }

  /** Removes items of dead tags; the nodes that are still in some stack. */
  retain(isNeeded: (node: number) => boolean): Set<number> {
    const inStack = new Set<number>();
    for (const range of this.ranges) {
      retainItems(range, isNeeded);
      if (range.reader !== NOBODY && !isNeeded(range.reader)) range.reader = NOBODY;
    }
    this.join(1, this.ranges.length - 1);
    for (const range of this.ranges) for (const item of range.items) inStack.add(item >> ITEM_SHIFT);
    return inStack;
  }
}

function isSame(a: Stack, b: Stack): boolean {
  if (a.unknown !== b.unknown || a.reader !== b.reader || a.items.length !== b.items.length) return false;
  for (let k = a.items.length - 1; k >= 0; k--) if (a.items[k] !== b.items[k]) return false;
  return true;
}
