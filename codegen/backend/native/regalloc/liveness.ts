/**
 * Liveness across blocks: which vregs are live into and out of each block.
 *
 * Computed vreg by vreg from its uses, walking up the predecessors until the defining block (Brandner et al., "Computing Liveness
 * Sets for SSA-Form Programs", algorithm 6, "by use"). The cost is the size of the result; a vreg used only in its own block costs nothing.
 * A vreg that an edge passes as an argument is live out of the edge's source.
 */

import { ensure, extend } from "../../../entity/typed-arrays.ts";
import type { RegallocFunction } from "./function.ts";

export class Liveness {
  /** Pairs (vreg, block), chained per block: `pairNext` from `inHead[block]` or `outHead[block]`, ending with -1. */
  pairVReg: Int32Array = new Int32Array(256);
  pairNext: Int32Array = new Int32Array(256);
  numPairs = 0;
  inHead: Int32Array = new Int32Array(0);
  outHead: Int32Array = new Int32Array(0);
  /** Per vreg: the block that defines it, or -1. */
  defBlock: Int32Array = new Int32Array(0);

  private useHead: Int32Array = new Int32Array(0);
  private useNext: Int32Array = new Int32Array(256);
  /** `block << 1`, plus one when the use is at the block's end, by an edge. */
  private useAt: Int32Array = new Int32Array(256);
  private numUses = 0;
  private inStamp: Int32Array = new Int32Array(0);
  private outStamp: Int32Array = new Int32Array(0);
  private stack: Int32Array = new Int32Array(64);

  compute(fn: RegallocFunction): void {
    const blocks = fn.numBlocks;
    this.numPairs = 0;
    this.numUses = 0;
    this.inHead = ensure(this.inHead, blocks);
    this.outHead = ensure(this.outHead, blocks);
    this.inStamp = ensure(this.inStamp, blocks);
    this.outStamp = ensure(this.outStamp, blocks);
    this.stack = ensure(this.stack, blocks + 1);
    this.defBlock = ensure(this.defBlock, fn.numVRegs);
    this.useHead = ensure(this.useHead, fn.numVRegs);
    this.inHead.fill(-1, 0, blocks);
    this.outHead.fill(-1, 0, blocks);
    this.inStamp.fill(-1, 0, blocks);
    this.outStamp.fill(-1, 0, blocks);
    this.defBlock.fill(-1, 0, fn.numVRegs);
    this.useHead.fill(-1, 0, fn.numVRegs);
    this.findDefs(fn);
    this.findUses(fn);
    for (let v = 0; v < fn.numVRegs; v++) {
      for (let u = this.useHead[v]!; u >= 0; u = this.useNext[u]!) {
        const block = this.useAt[u]! >>> 1;
        if ((this.useAt[u]! & 1) !== 0) this.markOut(v, block);
        if (block !== this.defBlock[v]) this.markIn(fn, v, block);
      }
    }
  }

  private findDefs(fn: RegallocFunction): void {
    const { defBlock } = this;
    const { operands, operandStart, blockStart, params, paramStart } = fn;
    for (let b = 0; b < fn.numBlocks; b++) {
      for (let p = paramStart[b]!; p < paramStart[b + 1]!; p++) defBlock[params[p]!] = b;
      const end = operandStart[blockStart[b + 1]!]!;
      for (let o = operandStart[blockStart[b]!]!; o < end; o++) {
        const op = operands[o]!;
        if ((op & 0x800000) !== 0) defBlock[op & 0x3fffff] = b;
      }
    }
  }

  /** Notes the uses that are not in the defining block, and all by edges. */
  private findUses(fn: RegallocFunction): void {
    const { defBlock } = this;
    const { operands, operandStart, blockStart, args, argStart, succStart } = fn;
    for (let b = 0; b < fn.numBlocks; b++) {
      const end = operandStart[blockStart[b + 1]!]!;
      for (let o = operandStart[blockStart[b]!]!; o < end; o++) {
        const op = operands[o]!;
        if ((op & 0x800000) === 0 && defBlock[op & 0x3fffff] !== b) this.addUse(op & 0x3fffff, b << 1);
      }
      const lastArg = argStart[succStart[b + 1]!]!;
      for (let a = argStart[succStart[b]!]!; a < lastArg; a++) this.addUse(args[a]!, (b << 1) | 1);
    }
  }

  private addUse(vreg: number, at: number): void {
    const head = this.useHead[vreg]!;
    if (head >= 0 && this.useAt[head] === at) return;
    const index = this.numUses++;
    if (index >= this.useNext.length) {
      this.useNext = extend(this.useNext, index + 1);
      this.useAt = extend(this.useAt, index + 1);
    }
    this.useNext[index] = head;
    this.useAt[index] = at;
    this.useHead[vreg] = index;
  }

  private markOut(vreg: number, block: number): void {
    if (this.outStamp[block] === vreg) return;
    this.outStamp[block] = vreg;
    this.outHead[block] = this.addPair(vreg, this.outHead[block]!);
  }

  private markIn(fn: RegallocFunction, vreg: number, block: number): void {
    if (this.inStamp[block] === vreg) return;
    const { stack, inStamp, outStamp, defBlock } = this;
    let top = 0;
    stack[top++] = block;
    inStamp[block] = vreg;
    while (top > 0) {
      const at = stack[--top]!;
      this.inHead[at] = this.addPair(vreg, this.inHead[at]!);
      for (let e = fn.predStart[at]!; e < fn.predStart[at + 1]!; e++) {
        const pred = fn.preds[e]!;
        if (outStamp[pred] !== vreg) {
          outStamp[pred] = vreg;
          this.outHead[pred] = this.addPair(vreg, this.outHead[pred]!);
        }
        if (pred === defBlock[vreg] || inStamp[pred] === vreg) continue;
        inStamp[pred] = vreg;
        stack[top++] = pred;
      }
    }
  }

  private addPair(vreg: number, next: number): number {
    const index = this.numPairs++;
    if (index >= this.pairVReg.length) {
      this.pairVReg = extend(this.pairVReg, index + 1);
      this.pairNext = extend(this.pairNext, index + 1);
    }
    this.pairVReg[index] = vreg;
    this.pairNext[index] = next;
    return index;
  }
}
