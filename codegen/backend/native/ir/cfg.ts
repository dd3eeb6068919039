/**
 * The control-flow graph of a function: predecessors, and reverse postorder.
 *
 * A *predecessor* is an edge, not a block: the terminator's block and the index of the successor in it. One block may therefore be a
 * predecessor twice. *Reverse postorder* lists the reachable blocks so that a block comes before its successors, back edges aside.
 * The object keeps its tables between functions; `compute` fills them anew. Nothing is invalidated by itself: whoever changes the graph
 * computes it again (cranelift/codegen/src/flowgraph.rs).
 */

import { NONE } from "../../../entity/entity.ts";
import type { Block, IrFunction } from "./function.ts";

/** An Int32Array of at least `length` elements; the old one when it is large enough. */
export function atLeast(array: Int32Array, length: number): Int32Array {
  return array.length >= length ? array : new Int32Array(Math.max(length, array.length * 2));
}

export class ControlFlowGraph {
  /** Number of reachable blocks. */
  reachable = 0;
  /** Reachable blocks in reverse postorder; the first `reachable` elements count. */
  rpo: Int32Array = new Int32Array(32);
  /** A block's place in `rpo`; `NONE` for an unreachable one. */
  rpoIndex: Int32Array = new Int32Array(32);
  /** By block, where its predecessors start; `predStart[block + 1]` is where they end. Only reachable predecessors are listed. */
  predStart: Int32Array = new Int32Array(33);
  /** The block of each predecessor edge. */
  predBlock: Int32Array = new Int32Array(64);
  /** The index of the successor that each predecessor edge is. */
  predSucc: Int32Array = new Int32Array(64);

  private stack: Int32Array = new Int32Array(64);
  private position: Int32Array = new Int32Array(32);

  compute(fn: IrFunction): void {
    const blocks = fn.blockCount;
    this.rpo = atLeast(this.rpo, blocks);
    this.rpoIndex = atLeast(this.rpoIndex, blocks);
    this.position = atLeast(this.position, blocks + 1);
    this.stack = atLeast(this.stack, blocks + 1);
    this.predStart = atLeast(this.predStart, blocks + 2);
    this.rpoIndex.fill(NONE, 0, blocks);
    this.predStart.fill(0, 0, blocks + 2);
    this.reachable = 0;
    if (fn.layout.length === 0) return;
    const edges = this.postorder(fn);
    this.linkPredecessors(fn, edges);
  }

  /** Depth-first search; fills `rpo` and counts predecessors into `predStart[block + 2]`. Returns the number of edges. */
  private postorder(fn: IrFunction): number {
    const { rpoIndex, rpo, stack, position, predStart } = this;
    const { succPool, succStart, succCount, lastInst } = fn;
    let edges = 0;
    let depth = 0;
    let done = 0;
    stack[0] = fn.entry;
    position[0] = 0;
    rpoIndex[fn.entry] = 0;
    while (depth >= 0) {
      const block = stack[depth]!;
      const last = lastInst[block]!;
      const at = position[depth]!;
      if (last !== NONE && at < succCount[last]!) {
        position[depth]!++;
        const succ = succPool[succStart[last]! + at * 3]!;
        predStart[succ + 2]!++;
        edges++;
        if (rpoIndex[succ] === NONE) {
          rpoIndex[succ] = 0;
          depth++;
          stack[depth] = succ;
          position[depth] = 0;
        }
        continue;
      }
      rpo[done++] = block;
      depth--;
    }
    this.reachable = done;
    for (let i = 0, j = done - 1; i < j; i++, j--) {
      const swap = rpo[i]!;
      rpo[i] = rpo[j]!;
      rpo[j] = swap;
    }
    for (let i = 0; i < done; i++) rpoIndex[rpo[i]!] = i;
    return edges;
  }

  private linkPredecessors(fn: IrFunction, edges: number): void {
    const { predStart, rpo } = this;
    this.predBlock = atLeast(this.predBlock, edges);
    this.predSucc = atLeast(this.predSucc, edges);
    const blocks = fn.blockCount;
    for (let b = 2; b < blocks + 2; b++) predStart[b]! += predStart[b - 1]!;
    for (let i = 0; i < this.reachable; i++) {
      const block = rpo[i]!;
      const last = fn.lastInst[block]!;
      if (last === NONE) continue;
      const count = fn.succCount[last]!;
      for (let s = 0; s < count; s++) {
        const succ = fn.succPool[fn.succStart[last]! + s * 3]!;
        const at = predStart[succ + 1]!++;
        this.predBlock[at] = block;
        this.predSucc[at] = s;
      }
    }
  }

  isReachable(block: Block): boolean {
    return this.rpoIndex[block] !== NONE;
  }

  predCount(block: Block): number {
    return this.predStart[block + 1]! - this.predStart[block]!;
  }

  /** The only predecessor block of `block`, by its only edge; `NONE` when it has another number of them. */
  singlePred(block: Block): Block | -1 {
    const start = this.predStart[block]!;
    return this.predStart[block + 1]! - start === 1 ? (this.predBlock[start]! as Block) : NONE;
  }
}
