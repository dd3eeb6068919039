/**
 * Natural loops and how they nest.
 *
 * A *back edge* goes to a block that dominates its source; the target is the loop's *header*, the source a *latch*. The *body* is what
 * reaches a latch without passing the header. Loops with one header are one loop. Cycles without a dominating header (irreducible ones) are
 * not loops here and no pass touches them. As cranelift/codegen/src/loop_analysis.rs.
 */

import { NONE } from "../../../entity/entity.ts";
import { atLeast, type ControlFlowGraph } from "./cfg.ts";
import type { DominatorTree } from "./dominator-tree.ts";
import type { Block } from "./function.ts";

export class LoopAnalysis {
  /** Number of loops; a loop is an index. Outer loops come before the loops inside them. */
  count = 0;
  header: Int32Array = new Int32Array(8);
  /** The loop around, or `NONE`. */
  parent: Int32Array = new Int32Array(8);
  /** The innermost loop of each block, or `NONE`. */
  loopOf: Int32Array = new Int32Array(32);
  private stack: Int32Array = new Int32Array(32);

  compute(cfg: ControlFlowGraph, tree: DominatorTree, blockCount: number): void {
    this.loopOf = atLeast(this.loopOf, blockCount);
    this.loopOf.fill(NONE, 0, blockCount);
    this.count = 0;
    this.findHeaders(cfg, tree);
    // Inner loops have later headers: from the last to the first, each claims the blocks that no inner loop holds, and the inner loops.
    for (let loop = this.count - 1; loop >= 0; loop--) this.discover(cfg, tree, loop);
  }

  private findHeaders(cfg: ControlFlowGraph, tree: DominatorTree): void {
    for (let i = 0; i < cfg.reachable; i++) {
      const block = cfg.rpo[i]! as Block;
      for (let p = cfg.predStart[block]!; p < cfg.predStart[block + 1]!; p++) {
        const pred = cfg.predBlock[p]! as Block;
        // Only an edge that goes backwards in reverse postorder can be a back edge.
        if (cfg.rpoIndex[pred]! < i || !tree.dominates(block, pred)) continue;
        const loop = this.count++;
        if (loop >= this.header.length) this.grow();
        this.header[loop] = block;
        this.parent[loop] = NONE;
        break;
      }
    }
  }

  private grow(): void {
    const header = new Int32Array(this.header.length * 2);
    header.set(this.header);
    this.header = header;
    const parent = new Int32Array(this.parent.length * 2);
    parent.set(this.parent);
    this.parent = parent;
  }

  private discover(cfg: ControlFlowGraph, tree: DominatorTree, loop: number): void {
    const { header, parent, loopOf } = this;
    const head = header[loop]! as Block;
    let depth = 0;
    this.stack = atLeast(this.stack, cfg.predStart[head + 1]! - cfg.predStart[head]!);
    for (let p = cfg.predStart[head]!; p < cfg.predStart[head + 1]!; p++) {
      const pred = cfg.predBlock[p]! as Block;
      if (tree.dominates(head, pred)) this.stack[depth++] = pred;
    }
    while (depth > 0) {
      let block = this.stack[--depth]!;
      let inner = loopOf[block]!;
      if (inner === NONE) {
        loopOf[block] = loop;
        if (block === head) continue;
      } else {
        while (parent[inner] !== NONE && inner !== loop) inner = parent[inner]!;
        if (inner === loop) continue;
        parent[inner] = loop;
        // Go on from outside of the inner loop.
        block = header[inner]!;
      }
      const start = cfg.predStart[block]!;
      const end = cfg.predStart[block + 1]!;
      if (depth + end - start > this.stack.length) {
        const bigger = new Int32Array((depth + end - start) * 2);
        bigger.set(this.stack);
        this.stack = bigger;
      }
      for (let p = start; p < end; p++) {
        // The inner loop's own latches lead back into it and end there.
        this.stack[depth++] = cfg.predBlock[p]!;
      }
    }
  }

  /** Whether `block` is in `loop` or in a loop inside it. */
  contains(loop: number, block: Block): boolean {
    for (let at = this.loopOf[block]!; at !== NONE; at = this.parent[at]!) if (at === loop) return true;
    return false;
  }
}
