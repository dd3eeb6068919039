/**
 * The order in which blocks are lowered and emitted, with critical edges split (after Cranelift's `machinst/blockorder.rs`).
 *
 * A *lowered block* is an IR block, an *edge block* (a jump alone, in the middle of a critical edge), or a *fresh entry*, made when
 * control can come back to the IR's entry. The order is a reverse postorder of the reachable blocks. Successors are visited so that
 * blocks that end in `unreachable` come last: they are where a failed check goes.
 * Edges are numbered by source block, then by successor.
 */

import { NONE } from "../../../entity/entity.ts";
import type { IrFunction } from "../ir/function.ts";
import { Op } from "../ir/opcodes.ts";

function atLeast(array: Int32Array, length: number): Int32Array {
  return array.length >= length ? array : new Int32Array(Math.max(length, array.length * 2));
}

export class BlockOrder {
  numBlocks = 0;
  numEdges = 0;
  /** By lowered block: its IR block; `NONE` for an edge block and a fresh entry. */
  irBlock: Int32Array = new Int32Array(64);
  /** By edge block: the terminator that the edge leaves, and which successor it is. `NONE` for others. */
  edgeInst: Int32Array = new Int32Array(64);
  edgeSucc: Int32Array = new Int32Array(64);
  /** By IR block: its lowered block; `NONE` when unreachable. */
  lowered: Int32Array = new Int32Array(64);
  succStart: Int32Array = new Int32Array(64);
  succs: Int32Array = new Int32Array(64);
  predStart: Int32Array = new Int32Array(64);
  preds: Int32Array = new Int32Array(64);

  private stack: Int32Array = new Int32Array(64);
  private position: Int32Array = new Int32Array(64);
  private predCount: Int32Array = new Int32Array(64);
  private postorder: Int32Array = new Int32Array(64);
  private reachable = 0;

  /** Computes the order of `fn`, whose blocks all end with a terminator. */
  compute(fn: IrFunction): void {
    this.search(fn);
    this.placeBlocks(fn);
    this.linkEdges(fn);
    this.linkPredecessors();
  }

  /** Whether lowered block 0 is a fresh entry, which takes the parameters and jumps to the IR's entry. */
  get hasFreshEntry(): boolean {
    return this.irBlock[0] === NONE;
  }

  private search(fn: IrFunction): void {
    const n = fn.blockCount;
    this.stack = atLeast(this.stack, n + 1);
    this.position = atLeast(this.position, n + 1);
    this.predCount = atLeast(this.predCount, n + 1);
    this.postorder = atLeast(this.postorder, n + 1);
    const { stack, position, predCount } = this;
    position.fill(NONE, 0, n);
    predCount.fill(0, 0, n);
    this.reachable = 0;
    let depth = 0;
    stack[0] = fn.entry;
    position[fn.entry] = 0;
    while (depth >= 0) {
      const block = stack[depth]!;
      const terminator = fn.lastInst[block]!;
      const count = fn.succCount[terminator]!;
      const at = position[block]!++;
      if (at >= count * 2) {
        this.postorder[this.reachable++] = block;
        depth--;
        continue;
      }
      // Two rounds, each over the successors from the last to the first: those that end in `unreachable`, then the others.
      const index = count - 1 - (at % count);
      const target = fn.succPool[fn.succStart[terminator]! + index * 3]!;
      const isCold = fn.opcode[fn.lastInst[target]!] === Op.unreachable;
      if (at < count) predCount[target]!++;
      if (isCold !== at < count || position[target] !== NONE) continue;
      position[target] = 0;
      stack[++depth] = target;
    }
  }

  private placeBlocks(fn: IrFunction): void {
    this.numBlocks = 0;
    this.lowered = atLeast(this.lowered, fn.blockCount);
    this.lowered.fill(NONE, 0, fn.blockCount);
    if (this.predCount[fn.entry] !== 0) {
      this.place(NONE, NONE, 0);
      this.predCount[fn.entry]!++;
    }
    for (let i = this.reachable - 1; i >= 0; i--) {
      const block = this.postorder[i]!;
      this.lowered[block] = this.numBlocks;
      this.place(block, NONE, 0);
      const terminator = fn.lastInst[block]!;
      const count = fn.succCount[terminator]!;
      if (count < 2) continue;
      for (let s = 0; s < count; s++)
        if (this.predCount[fn.succPool[fn.succStart[terminator]! + s * 3]!]! > 1) this.place(NONE, terminator, s);
    }
  }

  private place(irBlock: number, inst: number, succ: number): void {
    const b = this.numBlocks++;
    if (b >= this.irBlock.length) {
      this.irBlock = grown(this.irBlock);
      this.edgeInst = grown(this.edgeInst);
      this.edgeSucc = grown(this.edgeSucc);
    }
    this.irBlock[b] = irBlock;
    this.edgeInst[b] = inst;
    this.edgeSucc[b] = succ;
  }

  private linkEdges(fn: IrFunction): void {
    this.succStart = atLeast(this.succStart, this.numBlocks + 1);
    let edges = 0;
    const push = (target: number): void => {
      if (edges >= this.succs.length) this.succs = grown(this.succs);
      this.succs[edges++] = target;
    };
    for (let b = 0; b < this.numBlocks; b++) {
      this.succStart[b] = edges;
      const block = this.irBlock[b]!;
      if (block === NONE) {
        const inst = this.edgeInst[b]!;
        push(this.lowered[inst === NONE ? fn.entry : fn.succPool[fn.succStart[inst]! + this.edgeSucc[b]! * 3]!]!);
        continue;
      }
      const terminator = fn.lastInst[block]!;
      const count = fn.succCount[terminator]!;
      let edgeBlock = b + 1; // this block's edge blocks follow it
      for (let s = 0; s < count; s++) {
        const target = fn.succPool[fn.succStart[terminator]! + s * 3]!;
        push(count > 1 && this.predCount[target]! > 1 ? edgeBlock++ : this.lowered[target]!);
      }
    }
    this.succStart[this.numBlocks] = edges;
    this.numEdges = edges;
  }

  private linkPredecessors(): void {
    const n = this.numBlocks;
    this.predStart = atLeast(this.predStart, n + 2);
    this.preds = atLeast(this.preds, this.numEdges);
    const { predStart, preds, succs, succStart } = this;
    predStart.fill(0, 0, n + 2);
    for (let e = 0; e < this.numEdges; e++) predStart[succs[e]! + 2]!++;
    for (let b = 2; b < n + 2; b++) predStart[b]! += predStart[b - 1]!;
    for (let b = 0; b < n; b++)
      for (let e = succStart[b]!; e < succStart[b + 1]!; e++) preds[predStart[succs[e]! + 1]!++] = b;
  }
}

function grown(array: Int32Array): Int32Array {
  const bigger = new Int32Array(array.length * 2);
  bigger.set(array);
  return bigger;
}
