/**
 * Spill slots for the vregs that need one: vregs whose lifetimes, taken from first to last position without holes, do not overlap share a
 * slot. Slots of 8 and of 16 bytes are kept apart, so that two slots never overlap in part; those of 16 bytes come first, aligned.
 */

import { ensure } from "../../../entity/typed-arrays.ts";
import type { RegallocFunction } from "./function.ts";
import type { Intervals } from "./live-ranges.ts";

export class SpillSlots {
  /** Per vreg that needs one: its slot. Others hold garbage. */
  slot: Int32Array = new Int32Array(0);
  /** Units of 8 bytes in use. */
  numSlots = 0;

  /** Slots in use, as a heap of `end * SLOT + slot index`. */
  private busy: Float64Array = new Float64Array(64);
  private free: Int32Array = new Int32Array(64);
  private order: Float64Array = new Float64Array(64);

  assign(fn: RegallocFunction, iv: Intervals): void {
    this.slot = ensure(this.slot, fn.numVRegs);
    let n = 0;
    for (let v = 0; v < fn.numVRegs; v++) {
      if (iv.needsSlot[v]! === 0 || iv.firstRange[v]! < 0) continue;
      if (n >= this.order.length) {
        const grown = new Float64Array(n * 2);
        grown.set(this.order);
        this.order = grown;
      }
      this.order[n++] = iv.start[v]! * SLOT + v;
    }
    this.numSlots = 0;
    if (n === 0) return;
    this.order.subarray(0, n).sort();
    if (this.busy.length < n) this.busy = new Float64Array(n * 2);
    this.free = ensure(this.free, n);
    this.assignSize(fn, iv, n, 16);
    this.assignSize(fn, iv, n, 8);
  }

  private assignSize(fn: RegallocFunction, iv: Intervals, n: number, size: number): void {
    const base = this.numSlots;
    const units = size >>> 3;
    let made = 0;
    let numFree = 0;
    let numBusy = 0;
    for (let i = 0; i < n; i++) {
      const vreg = this.order[i]! % SLOT;
      if (fn.vregSlotSize[vreg] !== size) continue;
      const start = iv.start[vreg]!;
      let last = vreg;
      while (iv.nextPiece[last]! >= 0) last = iv.nextPiece[last]!;
      while (numBusy > 0 && this.busy[0]! < (start + 1) * SLOT) this.free[numFree++] = this.pop(numBusy--) % SLOT;
      const index = numFree > 0 ? this.free[--numFree]! : made++;
      this.push(numBusy++, iv.end[last]! * SLOT + index);
      this.slot[vreg] = base + index * units;
    }
    this.numSlots = base + made * units;
  }

  private push(size: number, key: number): void {
    const { busy } = this;
    let at = size;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (busy[parent]! <= key) break;
      busy[at] = busy[parent]!;
      at = parent;
    }
    busy[at] = key;
  }

  private pop(size: number): number {
    const { busy } = this;
    const top = busy[0]!;
    const key = busy[size - 1]!;
    const rest = size - 1;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= rest) break;
      if (child + 1 < rest && busy[child + 1]! < busy[child]!) child++;
      if (busy[child]! >= key) break;
      busy[at] = busy[child]!;
      at = child;
    }
    if (rest > 0) busy[at] = key;
    return top;
  }
}

const SLOT = 2 ** 24;
