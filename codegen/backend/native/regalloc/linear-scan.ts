/**
 * Linear scan register allocation on SSA form, with lifetime holes and interval splitting.
 *
 * After Wimmer & Mössenböck, "Optimized Interval Splitting in a Linear Scan Register Allocator" (VEE 2005) and Wimmer & Franz (CGO
 * 2010). Intervals are visited by start. An interval takes a hinted or a free register; one that is free only for a while is
 * taken up to there and the rest comes back later; else the cheapest of the occupants and the interval itself goes to its spill slot,
 * until shortly before its next use that needs a register. The cost of spilling is the frequency of the next use over the
 * distance to it. Reloads are moved out of loops.
 *
 * A spilled vreg is stored once, where it is defined (its value never changes), so going to the slot never costs a move and an
 * interval may go there at any position. Into a register it can only come at an early position (the gap's moves) or at a block's start (the
 * edges' moves): the *legal* positions.
 */

import { bug } from "../../../entity/entity.ts";
import { ensure } from "../../../entity/typed-arrays.ts";
import type { MachineEnv, RegallocFunction } from "./function.ts";
import { type Intervals, needsRegister, SPILLED, UNASSIGNED, USE_ANY, USE_STACK } from "./live-ranges.ts";

const FOREVER = 0x7fffffff;
/** Heap and order keys are `start * KEY + interval`. */
const KEY = 2 ** 24;
/** Blocks that the search for a split position outside a loop looks at. */
const SPLIT_SEARCH_BLOCKS = 64;
/** Ranges that the search for the meeting of two range lists passes. */
const MEETING_STEPS = 128;
const FREQUENCY: Float64Array = Float64Array.from({ length: 8 }, (_, depth) => 8 ** depth);

export class LinearScan {
  private iv: Intervals;
  private fn!: RegallocFunction;
  private depth!: Int32Array;

  private readonly active: Int32Array = new Int32Array(64);
  private readonly inactive: Int32Array = new Int32Array(64);
  private readonly fixed: Int32Array = new Int32Array(64);
  /** Per class: the position at which the active or inactive sets change next. */
  private readonly nextEvent: Int32Array = new Int32Array(2);
  /** Per vreg: the register that it had last, or -1. */
  private assigned: Int32Array = new Int32Array(0);
  private initial: Float64Array = new Float64Array(0);
  private numInitial = 0;
  private heap: Float64Array = new Float64Array(256);
  private heapSize = 0;
  private order: readonly [Int32Array, Int32Array] = [new Int32Array(0), new Int32Array(0)];
  private orderOf: MachineEnv | undefined;
  /** Per preg: 1 when it may be allocated. */
  private readonly allocatable: Uint8Array = new Uint8Array(64);

  constructor(intervals: Intervals) {
    this.iv = intervals;
  }

  /** Gives every interval of `fn` a register or `SPILLED`. `depth` is the loop depth per block. */
  run(fn: RegallocFunction, env: MachineEnv, depth: Int32Array): void {
    this.fn = fn;
    this.depth = depth;
    this.prepare(env);
    let next = 0;
    for (;;) {
      let key: number;
      if (this.heapSize > 0 && (next >= this.numInitial || this.heap[0]! < this.initial[next]!)) key = this.popHeap();
      else if (next < this.numInitial) key = this.initial[next++]!;
      else break;
      this.visit(key % KEY);
    }
  }

  private prepare(env: MachineEnv): void {
    const { iv, fn } = this;
    if (this.orderOf !== env) {
      this.orderOf = env;
      this.order = [
        Int32Array.from([...env.preferredRegs[0], ...env.nonPreferredRegs[0]]),
        Int32Array.from([...env.preferredRegs[1], ...env.nonPreferredRegs[1]]),
      ];
      this.allocatable.fill(0);
      for (const order of this.order) for (const reg of order) this.allocatable[reg] = 1;
    }
    this.active.fill(-1);
    this.inactive.fill(-1);
    this.fixed.set(iv.fixedHead);
    this.nextEvent.fill(FOREVER);
    this.heapSize = 0;
    this.assigned = ensure(this.assigned, fn.numVRegs);
    this.assigned.fill(-1, 0, fn.numVRegs);
    if (this.initial.length < fn.numVRegs) this.initial = new Float64Array(fn.numVRegs * 2);
    let n = 0;
    let sorted = true;
    let before = -1;
    for (let v = 0; v < fn.numVRegs; v++) {
      iv.vreg[v] = v;
      iv.nextPiece[v] = -1;
      const first = iv.firstRange[v]!;
      if (first < 0) continue;
      let last = first;
      while (iv.rangeNext[last]! >= 0) last = iv.rangeNext[last]!;
      iv.start[v] = iv.rangeFrom[first]!;
      iv.end[v] = iv.rangeTo[last]!;
      iv.curRange[v] = first;
      iv.curUse[v] = iv.firstUse[v]!;
      iv.reg[v] = UNASSIGNED;
      const key = iv.start[v]! * KEY + v;
      if (key < before) sorted = false;
      before = key;
      this.initial[n++] = key;
    }
    this.numInitial = n;
    if (!sorted) this.initial.subarray(0, n).sort();
  }

  private visit(interval: number): void {
    const { iv } = this;
    const cls = this.fn.vregClass[iv.vreg[interval]!]!;
    const start = iv.start[interval]!;
    if (start >= this.nextEvent[cls]!) this.advance(cls, start);
    const use = iv.curUse[interval]!;
    if (use >= 0 && iv.usePos[use]! === start && (iv.useKind[use]! & 7) === USE_STACK) this.spill(interval);
    else if (!this.tryFree(interval, cls)) this.allocateBlocked(interval, cls);
  }

  // The active and inactive sets.

  /** Moves the sets of a class on to `pos`. */
  private advance(cls: number, pos: number): void {
    const { active, inactive, iv } = this;
    const { curRange, rangeFrom, rangeTo, rangeNext, nextInactive } = iv;
    let event = FOREVER;
    const order = this.order[cls]!;
    for (let i = 0; i < order.length; i++) {
      const reg = order[i]!;
      let wasActive = active[reg]!;
      if (wasActive >= 0) {
        let range = curRange[wasActive]!;
        while (range >= 0 && rangeTo[range]! <= pos) range = rangeNext[range]!;
        curRange[wasActive] = range;
        if (range >= 0 && rangeFrom[range]! <= pos) {
          if (rangeTo[range]! < event) event = rangeTo[range]!;
          wasActive = -1;
        } else {
          active[reg] = -1;
          if (range < 0) wasActive = -1;
        }
      }
      let kept = -1;
      let at = inactive[reg]!;
      while (at >= 0) {
        const next = nextInactive[at]!;
        let range = curRange[at]!;
        while (range >= 0 && rangeTo[range]! <= pos) range = rangeNext[range]!;
        curRange[at] = range;
        if (range >= 0) {
          if (rangeFrom[range]! <= pos) {
            if (active[reg]! >= 0) throw bug(`intervals ${active[reg]} and ${at} both hold register ${reg} at ${pos}`);
            active[reg] = at;
            if (rangeTo[range]! < event) event = rangeTo[range]!;
          } else {
            nextInactive[at] = kept;
            kept = at;
            if (rangeFrom[range]! < event) event = rangeFrom[range]!;
          }
        }
        at = next;
      }
      if (wasActive >= 0) {
        nextInactive[wasActive] = kept;
        kept = wasActive;
        const from = rangeFrom[curRange[wasActive]!]!;
        if (from < event) event = from;
      }
      inactive[reg] = kept;
    }
    this.nextEvent[cls] = event;
  }

  private assign(interval: number, reg: number): void {
    const { iv } = this;
    iv.reg[interval] = reg;
    this.active[reg] = interval;
    const vreg = iv.vreg[interval]!;
    this.assigned[vreg] = reg;
    const until = iv.rangeTo[iv.curRange[interval]!]!;
    const cls = reg >>> 5;
    if (until < this.nextEvent[cls]!) this.nextEvent[cls] = until;
  }

  /** The first position at which a claim or an inactive interval of `reg` meets `interval`. */
  private blockedFrom(interval: number, reg: number): number {
    const { iv } = this;
    const { rangeFrom, rangeTo, rangeNext } = iv;
    const first = iv.firstRange[interval]!;
    const start = rangeFrom[first]!;
    let fixed = this.fixed[reg]!;
    while (fixed >= 0 && rangeTo[fixed]! <= start) fixed = rangeNext[fixed]!;
    this.fixed[reg] = fixed;
    let until = fixed < 0 || rangeFrom[fixed]! >= iv.end[interval]! ? FOREVER : this.meeting(first, fixed);
    for (let at = this.inactive[reg]!; at >= 0; at = iv.nextInactive[at]!) {
      const meets = this.meeting(first, iv.curRange[at]!);
      if (meets < until) until = meets;
    }
    return until;
  }

  /**
   * The first position in both range lists, or one before it: the search ends after some steps, so that intervals with very many
   * holes do not make the whole quadratic. Too early a position costs a split, no more.
   */
  private meeting(a: number, b: number): number {
    const { rangeFrom, rangeTo, rangeNext } = this.iv;
    let x = a;
    let y = b;
    for (let step = 0; x >= 0 && y >= 0; step++) {
      if (step < MEETING_STEPS && rangeTo[x]! <= rangeFrom[y]!) x = rangeNext[x]!;
      else if (step < MEETING_STEPS && rangeTo[y]! <= rangeFrom[x]!) y = rangeNext[y]!;
      else return Math.max(rangeFrom[x]!, rangeFrom[y]!);
    }
    return FOREVER;
  }

  // Taking a free register.

  private tryFree(interval: number, cls: number): boolean {
    const { iv, active } = this;
    const end = iv.end[interval]!;
    const hint = this.findHint(interval, cls, end);
    if (hint >= 0) {
      this.assign(interval, hint);
      return true;
    }
    let best = -1;
    let bestUntil = iv.start[interval]!;
    const order = this.order[cls]!;
    for (let i = 0; i < order.length; i++) {
      const reg = order[i]!;
      if (active[reg]! >= 0) continue;
      const until = this.blockedFrom(interval, reg);
      if (until >= end) {
        this.assign(interval, reg);
        return true;
      }
      if (until > bestUntil) {
        bestUntil = until;
        best = reg;
      }
    }
    return best >= 0 && this.takeUntil(interval, best, bestUntil);
  }

  /** A register that saves a move and is free for the whole interval, or -1. */
  private findHint(interval: number, cls: number, end: number): number {
    const { iv, assigned } = this;
    const vreg = iv.vreg[interval]!;
    const own = assigned[vreg]!;
    if (own >= 0 && this.isFree(interval, own, end)) return own;
    const fixed = iv.hintReg[vreg]!;
    if (fixed >= 0 && fixed >>> 5 === cls && this.isFree(interval, fixed, end)) return fixed;
    let other = vreg;
    for (let hops = 0; hops < 3; hops++) {
      other = iv.hintVReg[other]!;
      if (other < 0) return -1;
      let reg = assigned[other]!;
      if (reg < 0) reg = iv.hintReg[other]!;
      if (reg >= 0 && reg >>> 5 === cls && this.isFree(interval, reg, end)) return reg;
    }
    return -1;
  }

  private isFree(interval: number, reg: number, end: number): boolean {
    return this.active[reg]! < 0 && this.allocatable[reg] === 1 && this.blockedFrom(interval, reg) >= end;
  }

  /** Takes `reg`, free up to `limit`, if that serves a use. */
  private takeUntil(interval: number, reg: number, limit: number): boolean {
    const { iv } = this;
    const use = iv.curUse[interval]!;
    const reach = this.usableLimit(interval, limit);
    if (reach <= iv.start[interval]! || use < 0 || iv.usePos[use]! >= reach) return false;
    this.assign(interval, reg);
    this.cut(interval, reach);
    return true;
  }

  /** A late use that needs a register cannot be cut off right before it: the register must come from the early position on. */
  private usableLimit(interval: number, limit: number): number {
    if ((limit & 3) !== 2) return limit;
    const { iv } = this;
    for (let u = iv.curUse[interval]!; u >= 0 && iv.usePos[u]! <= limit; u = iv.useNext[u]!) {
      if (iv.usePos[u] === limit && needsRegister(iv.useKind[u]!)) return limit - 1;
    }
    return limit;
  }

  /** Ends `interval` at `limit` or before, after its last use there; the rest is visited later or spilled. */
  private cut(interval: number, limit: number): void {
    const { iv } = this;
    let lastUse = iv.start[interval]!;
    for (let u = iv.curUse[interval]!; u >= 0 && iv.usePos[u]! < limit; u = iv.useNext[u]!) lastUse = iv.usePos[u]!;
    const legal = this.legalAtOrBefore(limit);
    if (legal > lastUse) this.pushHeap(iv.split(interval, this.optimalPosition(lastUse, legal)));
    else this.spill(iv.split(interval, limit));
    // The cut may have shortened the current range.
    const until = iv.rangeTo[iv.curRange[interval]!]!;
    const cls = this.fn.vregClass[iv.vreg[interval]!]!;
    if (until < this.nextEvent[cls]!) this.nextEvent[cls] = until;
  }

  // Spilling.

  /** No register is free: spills the interval or the occupant of a register, whichever is cheaper. */
  private allocateBlocked(interval: number, cls: number): void {
    const { iv, active } = this;
    const start = iv.start[interval]!;
    const need = this.firstNeed(interval);
    const mustNow = need >= 0 && this.reloadPosition(iv.usePos[need]!) <= start;
    const needed = mustNow ? this.lastNeedInInst(need) : start;
    const order = this.order[cls]!;
    let best = -1;
    let bestCost = mustNow ? Number.POSITIVE_INFINITY : this.cost(interval, start);
    let bestUntil = 0;
    for (let i = 0; i < order.length; i++) {
      const reg = order[i]!;
      const occupant = active[reg]!;
      if (occupant >= 0 && !this.canEvict(occupant, start)) continue;
      const cost = occupant >= 0 ? this.cost(occupant, start) : 0;
      if (cost > bestCost || (cost === bestCost && best < 0 && !mustNow)) continue;
      const until = this.usableLimit(interval, this.blockedFrom(interval, reg));
      if (until <= needed || (!mustNow && !this.hasUseBefore(interval, until))) continue;
      if (cost < bestCost || best < 0 || until > bestUntil) {
        best = reg;
        bestCost = cost;
        bestUntil = until;
      }
    }
    if (best < 0) {
      if (mustNow) throw bug(`no register of class ${cls} for vreg ${iv.vreg[interval]} at instruction ${start >> 2}`);
      this.spill(interval);
      return;
    }
    if (active[best]! >= 0) this.evict(best, start);
    this.assign(interval, best);
    if (bestUntil < iv.end[interval]!) this.cut(interval, bestUntil);
  }

  private firstNeed(interval: number): number {
    const { iv } = this;
    const end = iv.end[interval]!;
    for (let u = iv.curUse[interval]!; u >= 0 && iv.usePos[u]! < end; u = iv.useNext[u]!) {
      if (needsRegister(iv.useKind[u]!)) return u;
    }
    return -1;
  }

  /** The position of the last use that needs a register, in the instruction of use `need`. */
  private lastNeedInInst(need: number): number {
    const { iv } = this;
    let last = iv.usePos[need]!;
    const inst = last >> 2;
    for (let u = iv.useNext[need]!; u >= 0 && iv.usePos[u]! >> 2 === inst; u = iv.useNext[u]!) {
      if (needsRegister(iv.useKind[u]!)) last = iv.usePos[u]!;
    }
    return last;
  }

  private hasUseBefore(interval: number, limit: number): boolean {
    const use = this.iv.curUse[interval]!;
    return use >= 0 && this.iv.usePos[use]! < limit;
  }

  /** Where a register must be there at the latest for a use at `pos`. */
  private reloadPosition(pos: number): number {
    return (pos & ~3) + 1;
  }

  private canEvict(occupant: number, pos: number): boolean {
    const { iv } = this;
    this.advanceUse(occupant, pos);
    for (let u = iv.curUse[occupant]!; u >= 0 && iv.usePos[u]! >> 2 <= pos >> 2; u = iv.useNext[u]!) {
      if (needsRegister(iv.useKind[u]!) && this.reloadPosition(iv.usePos[u]!) <= pos) return false;
    }
    return true;
  }

  private advanceUse(interval: number, pos: number): void {
    const { iv } = this;
    let use = iv.curUse[interval]!;
    while (use >= 0 && iv.usePos[use]! < pos) use = iv.useNext[use]!;
    iv.curUse[interval] = use;
  }

  /** What it costs to have `interval` in its slot from `pos` on: frequency of the next use over the distance to it. */
  private cost(interval: number, pos: number): number {
    const { iv, fn } = this;
    this.advanceUse(interval, pos);
    const end = iv.end[interval]!;
    let use = iv.curUse[interval]!;
    while (use >= 0 && (iv.useKind[use]! & 7) === USE_STACK) use = iv.useNext[use]!;
    if (use < 0 || iv.usePos[use]! >= end) return 0;
    const at = iv.usePos[use]!;
    let cost = FREQUENCY[Math.min(this.depth[iv.instBlock[at >> 2]!]!, 7)]! / (at - pos + 4);
    if ((iv.useKind[use]! & 7) === USE_ANY) cost *= 0.5;
    const vreg = iv.vreg[interval]!;
    if (iv.needsSlot[vreg]! !== 0 || (fn.vregRemat !== undefined && fn.vregRemat[vreg]! !== 0)) cost *= 0.6;
    return cost;
  }

  private evict(reg: number, pos: number): void {
    const { iv } = this;
    const occupant = this.active[reg]!;
    this.active[reg] = -1;
    this.spill(iv.start[occupant]! === pos ? occupant : iv.split(occupant, pos));
  }

  /** Sends `interval` to its slot, up to shortly before the next use that needs a register. */
  private spill(interval: number): void {
    const { iv, fn } = this;
    const vreg = iv.vreg[interval]!;
    iv.reg[interval] = SPILLED;
    if (fn.vregRemat === undefined || fn.vregRemat[vreg]! === 0) iv.needsSlot[vreg] = 1;
    const need = this.firstNeed(interval);
    if (need < 0) return;
    const start = iv.start[interval]!;
    const reload = this.reloadPosition(iv.usePos[need]!);
    if (reload <= start) throw bug(`vreg ${vreg} is spilled at ${start} where it needs a register`);
    this.pushHeap(iv.split(interval, this.optimalPosition(start, reload)));
  }

  // Positions.

  private legalAtOrBefore(pos: number): number {
    if ((pos & 3) === 0 && this.isBlockStart(pos >> 2)) return pos;
    return (pos & 3) === 0 ? pos - 3 : (pos & ~3) + 1;
  }

  private isBlockStart(inst: number): boolean {
    return inst >= this.fn.numInsts || this.fn.blockStart[this.iv.instBlock[inst]!] === inst;
  }

  /** The best legal position in `(min, max]`: `max`, or one at the end of an earlier block in fewer loops. */
  private optimalPosition(min: number, max: number): number {
    const { depth, fn, iv } = this;
    const first = iv.instBlock[min >> 2]!;
    const last = max >> 2 >= fn.numInsts ? fn.numBlocks - 1 : iv.instBlock[max >> 2]!;
    if (first === last) return max;
    let best = last;
    const stop = Math.max(first, last - SPLIT_SEARCH_BLOCKS);
    for (let b = last - 1; b >= stop; b--) if (depth[b]! < depth[best]!) best = b;
    if (best === last) return max;
    const pos = (fn.blockStart[best + 1]! - 1) * 4 + 1;
    return pos > min ? pos : max;
  }

  // The heap of rests to visit.

  private pushHeap(interval: number): void {
    if (this.heapSize >= this.heap.length) {
      const grown = new Float64Array(this.heap.length * 2);
      grown.set(this.heap);
      this.heap = grown;
    }
    const { heap } = this;
    const key = this.iv.start[interval]! * KEY + interval;
    let at = this.heapSize++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]! <= key) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = key;
  }

  private popHeap(): number {
    const { heap } = this;
    const top = heap[0]!;
    const key = heap[--this.heapSize]!;
    const size = this.heapSize;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= size) break;
      if (child + 1 < size && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= key) break;
      heap[at] = heap[child]!;
      at = child;
    }
    if (size > 0) heap[at] = key;
    return top;
  }
}
