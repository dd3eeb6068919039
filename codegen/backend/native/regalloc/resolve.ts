/**
 * The last part of linear scan: from intervals with registers to operand allocations and moves.
 *
 * Within a block, a move connects an interval to the next one of the same vreg where that one is in a register (the slot is always valid). On
 * edges, each vreg that is live into the target moves from where it is at the source's end to where it is at the target's start, together
 * with the block arguments (Wimmer & Franz, figure 7).
 */

import { bug } from "../../../entity/entity.ts";
import { ensure } from "../../../entity/typed-arrays.ts";
import {
  ALLOC_NONE,
  allocIsReg,
  allocReg,
  allocRemat,
  allocStack,
  type RegallocFunction,
  type RegallocPolicy,
} from "./function.ts";
import { type Intervals, SPILLED, USE_ALIAS, USE_DEF, USE_FIXED_DEF, USE_GAP, USE_STACK } from "./live-ranges.ts";
import type { Liveness } from "./liveness.ts";
import { type MoveList, PHASE_AFTER, PHASE_EDGE_IN, PHASE_EDGE_OUT, PHASE_INST, PHASE_PARAM_STORE } from "./moves.ts";
import type { SpillSlots } from "./spill-slots.ts";

export class Resolver {
  private fn!: RegallocFunction;
  private iv!: Intervals;
  private slots!: SpillSlots;
  private moves!: MoveList;
  private policy!: RegallocPolicy;
  /** Per vreg: the interval that the walk over the blocks is at. */
  private piece: Int32Array = new Int32Array(0);
  /** Per pair of the liveness: the allocation at the block's start (live in) or end (live out). */
  private pairAlloc: Int32Array = new Int32Array(0);
  /** Per entry of `params`: its allocation at its block's start, or none when it is dead. */
  private paramAlloc: Int32Array = new Int32Array(0);
  /** Per vreg: its allocation at the end of the edge's source. */
  private atEnd: Int32Array = new Int32Array(0);

  run(
    fn: RegallocFunction,
    live: Liveness,
    iv: Intervals,
    slots: SpillSlots,
    moves: MoveList,
    policy: RegallocPolicy,
    allocs: Int32Array,
  ): void {
    this.fn = fn;
    this.iv = iv;
    this.slots = slots;
    this.moves = moves;
    this.policy = policy;
    for (let i = 0; i < iv.count; i++) if (i >= fn.numVRegs || iv.firstRange[i]! >= 0) this.setOperands(i, allocs);
    for (let i = 0; i < iv.count; i++) if (i >= fn.numVRegs || iv.firstRange[i]! >= 0) this.addMoves(i, allocs);
    if (fn.numBlocks > 1) {
      this.locatePairs(live);
      this.resolveEdges(live);
    }
  }

  private location(interval: number): number {
    const reg = this.iv.reg[interval]!;
    if (reg < SPILLED) return allocReg(reg);
    const vreg = this.iv.vreg[interval]!;
    const { vregRemat } = this.fn;
    return vregRemat !== undefined && vregRemat[vreg]! !== 0 ? allocRemat(vreg) : allocStack(this.slots.slot[vreg]!);
  }

  private word(vreg: number): number {
    return this.fn.vregClass[vreg]! | (this.fn.vregSlotSize[vreg]! << 8);
  }

  /** Allocations of the operands that are where their vreg is. */
  private setOperands(interval: number, allocs: Int32Array): void {
    const { iv } = this;
    if (iv.reg[interval]! < 0) throw bug(`interval ${interval} of vreg ${iv.vreg[interval]} has no location`);
    const location = this.location(interval);
    const end = iv.end[interval]!;
    for (let u = iv.firstUse[interval]!; u >= 0 && iv.usePos[u]! < end; u = iv.useNext[u]!) {
      const op = iv.useOp[u]!;
      if (op < 0) continue;
      const kind = iv.useKind[u]! & 7;
      if (kind === USE_STACK) allocs[op] = allocStack(this.slots.slot[iv.vreg[interval]!]!);
      else if (kind < USE_STACK) allocs[op] = location;
    }
  }

  /** Moves for gap uses, out of fixed defs, into this interval from the one before, and the store at the definition. */
  private addMoves(interval: number, allocs: Int32Array): void {
    const { iv, moves } = this;
    const vreg = iv.vreg[interval]!;
    const end = iv.end[interval]!;
    const location = this.location(interval);
    const word = this.word(vreg);
    for (let u = iv.firstUse[interval]!; u >= 0 && iv.usePos[u]! < end; u = iv.useNext[u]!) {
      const op = iv.useOp[u]!;
      if (op < 0) continue;
      const kind = iv.useKind[u]!;
      if ((kind & 7) === USE_GAP) {
        if (iv.useAux[u]! >= 0) allocs[op] = allocs[iv.useAux[u]!]!;
        moves.add(iv.usePos[u]! >> 2, PHASE_INST, location, allocs[op]!, word);
      } else if (kind === USE_ALIAS) {
        allocs[op] = allocs[iv.useAux[u]!]!;
      } else if ((kind & USE_DEF) !== 0) {
        this.addDefMoves(vreg, kind & 7, iv.usePos[u]! >> 2, allocs[op]!, location, word);
      }
    }
    const next = iv.nextPiece[interval]!;
    if (next < 0 || iv.reg[next]! === SPILLED) return;
    const at = iv.start[next]!;
    if (at !== end || ((at & 3) === 0 && this.isBlockStart(at >> 2))) return;
    moves.add(at >> 2, PHASE_INST, location, this.location(next), word);
  }

  private addDefMoves(vreg: number, kind: number, inst: number, def: number, location: number, word: number): void {
    // A fixed def's vreg begins at the next instruction.
    const after = kind === USE_FIXED_DEF ? inst - 1 : inst;
    const stores = this.storesAtDef(vreg);
    const slot = stores ? allocStack(this.slots.slot[vreg]!) : 0;
    if (allocIsReg(location) && location !== def) this.moves.add(after, PHASE_AFTER, def, location, word);
    if (stores && def !== slot) this.moves.add(after, PHASE_AFTER, def, slot, word);
    // A stack def whose vreg goes on in a register needs no move here: the reload comes with the split.
  }

  private storesAtDef(vreg: number): boolean {
    return this.iv.needsSlot[vreg]! !== 0 && this.policy.storesSpill(vreg);
  }

  private isBlockStart(inst: number): boolean {
    return inst >= this.fn.numInsts || this.fn.blockStart[this.iv.instBlock[inst]!] === inst;
  }

  /** Fills `pairAlloc`, and stores block parameters that start in a register and have a slot. */
  private locatePairs(live: Liveness): void {
    const { fn, iv } = this;
    this.pairAlloc = ensure(this.pairAlloc, live.numPairs);
    this.piece = ensure(this.piece, fn.numVRegs);
    this.paramAlloc = ensure(this.paramAlloc, fn.paramStart[fn.numBlocks]!);
    const { piece, pairAlloc } = this;
    for (let v = 0; v < fn.numVRegs; v++) piece[v] = v;
    for (let b = 0; b < fn.numBlocks; b++) {
      const start = fn.blockStart[b]! * 4;
      for (let p = live.inHead[b]!; p >= 0; p = live.pairNext[p]!) pairAlloc[p] = this.locate(live.pairVReg[p]!, start);
      for (let p = fn.paramStart[b]!; p < fn.paramStart[b + 1]!; p++) {
        const param = fn.params[p]!;
        if (iv.firstRange[param]! < 0) {
          this.paramAlloc[p] = ALLOC_NONE;
          continue;
        }
        const location = this.locate(param, start);
        this.paramAlloc[p] = location;
        if (!allocIsReg(location) || !this.storesAtDef(param)) continue;
        this.moves.add(start >> 2, PHASE_PARAM_STORE, location, allocStack(this.slots.slot[param]!), this.word(param));
      }
      const end = fn.blockStart[b + 1]! * 4 - 1;
      for (let p = live.outHead[b]!; p >= 0; p = live.pairNext[p]!) pairAlloc[p] = this.locate(live.pairVReg[p]!, end);
    }
  }

  /** The allocation of `vreg` at `pos`; positions come in ascending order. */
  private locate(vreg: number, pos: number): number {
    const { iv } = this;
    let at = this.piece[vreg]!;
    if (iv.end[at]! <= pos) {
      while (at >= 0 && iv.end[at]! <= pos) at = iv.nextPiece[at]!;
      if (at < 0) throw bug(`vreg ${vreg} is not live at ${pos}`);
      this.piece[vreg] = at;
    }
    return this.location(at);
  }

  private resolveEdges(live: Liveness): void {
    const { fn, pairAlloc } = this;
    this.atEnd = ensure(this.atEnd, fn.numVRegs);
    const { atEnd } = this;
    for (let b = 0; b < fn.numBlocks; b++) {
      if (fn.succStart[b] === fn.succStart[b + 1]) continue;
      for (let p = live.outHead[b]!; p >= 0; p = live.pairNext[p]!) atEnd[live.pairVReg[p]!] = pairAlloc[p]!;
      for (let e = fn.succStart[b]!; e < fn.succStart[b + 1]!; e++) this.resolveEdge(live, b, e);
    }
  }

  private resolveEdge(live: Liveness, source: number, edge: number): void {
    const { fn, moves, atEnd, pairAlloc } = this;
    const target = fn.succs[edge]!;
    const single = fn.predStart[target + 1]! - fn.predStart[target]! === 1;
    const inst = single ? fn.blockStart[target]! : fn.blockStart[source + 1]! - 1;
    const phase = single ? PHASE_EDGE_IN : PHASE_EDGE_OUT;
    for (let p = live.inHead[target]!; p >= 0; p = live.pairNext[p]!) {
      const to = pairAlloc[p]!;
      // A slot is valid wherever its vreg is live, and a remat needs nothing.
      if (allocIsReg(to)) moves.add(inst, phase, atEnd[live.pairVReg[p]!]!, to, this.word(live.pairVReg[p]!));
    }
    const firstParam = fn.paramStart[target]!;
    const firstArg = fn.argStart[edge]!;
    for (let i = 0; i < fn.argStart[edge + 1]! - firstArg; i++) {
      const to = this.paramAlloc[firstParam + i]!;
      if (to === ALLOC_NONE) continue;
      moves.add(inst, phase, atEnd[fn.args[firstArg + i]!]!, to, this.word(fn.params[firstParam + i]!));
    }
  }
}
