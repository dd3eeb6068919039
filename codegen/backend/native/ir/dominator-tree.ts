/**
 * The dominator tree: `a` dominates `b` when every path from the entry to `b` goes through `a`.
 *
 * Immediate dominators by the iterative algorithm of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance Algorithm", 2001); then
 * preorder numbers over the tree, so that a query is two comparisons. Also the *dominance frontier* edges of the same paper.
 */

import { NONE } from "../../../entity/entity.ts";
import { atLeast, type ControlFlowGraph } from "./cfg.ts";
import type { Block } from "./function.ts";

export class DominatorTree {
  /** Immediate dominator by block; `NONE` for the entry and for unreachable blocks. */
  idom: Int32Array = new Int32Array(32);
  /** Reachable blocks in preorder over the tree; as many as `count`. */
  preorder: Int32Array = new Int32Array(32);
  count = 0;
  /** Depth in the tree, by block. */
  depth: Int32Array = new Int32Array(32);
  private preNumber: Int32Array = new Int32Array(32);
  /** The greatest preorder number in the subtree. */
  private lastNumber: Int32Array = new Int32Array(32);
  private firstChild: Int32Array = new Int32Array(32);
  private sibling: Int32Array = new Int32Array(32);

  compute(cfg: ControlFlowGraph, blockCount: number): void {
    this.reserve(blockCount);
    const { idom } = this;
    idom.fill(NONE, 0, blockCount);
    this.preNumber.fill(NONE, 0, blockCount);
    this.count = cfg.reachable;
    if (cfg.reachable === 0) return;
    const { rpo, rpoIndex, predStart, predBlock } = cfg;
    const entry = rpo[0]!;
    idom[entry] = entry;
    for (let changed = true; changed; ) {
      changed = false;
      for (let i = 1; i < cfg.reachable; i++) {
        const block = rpo[i]!;
        let best = NONE;
        for (let p = predStart[block]!; p < predStart[block + 1]!; p++) {
          const pred = predBlock[p]!;
          if (idom[pred] === NONE) continue;
          best = best === NONE ? pred : this.intersect(rpoIndex, best, pred);
        }
        if (idom[block] !== best) {
          idom[block] = best;
          changed = true;
        }
      }
    }
    idom[entry] = NONE;
    this.number(cfg, blockCount);
  }

  private reserve(blockCount: number): void {
    this.idom = atLeast(this.idom, blockCount);
    this.preorder = atLeast(this.preorder, blockCount);
    this.depth = atLeast(this.depth, blockCount);
    this.preNumber = atLeast(this.preNumber, blockCount);
    this.lastNumber = atLeast(this.lastNumber, blockCount);
    this.firstChild = atLeast(this.firstChild, blockCount);
    this.sibling = atLeast(this.sibling, blockCount);
  }

  private intersect(rpoIndex: Int32Array, a: number, b: number): number {
    const { idom } = this;
    while (a !== b) {
      while (rpoIndex[a]! > rpoIndex[b]!) a = idom[a]!;
      while (rpoIndex[b]! > rpoIndex[a]!) b = idom[b]!;
    }
    return a;
  }

  private number(cfg: ControlFlowGraph, blockCount: number): void {
    const { idom, firstChild, sibling, preorder, preNumber, lastNumber, depth } = this;
    firstChild.fill(NONE, 0, blockCount);
    // Children in reverse postorder: linking from the back leaves the first in front.
    for (let i = cfg.reachable - 1; i > 0; i--) {
      const block = cfg.rpo[i]!;
      const parent = idom[block]!;
      sibling[block] = firstChild[parent]!;
      firstChild[parent] = block;
    }
    const entry = cfg.rpo[0]!;
    sibling[entry] = NONE;
    depth[entry] = 0;
    let next = 0;
    let block = entry;
    for (;;) {
      preNumber[block] = next;
      preorder[next++] = block;
      if (firstChild[block] !== NONE) {
        depth[firstChild[block]!] = depth[block]! + 1;
        block = firstChild[block]!;
        continue;
      }
      lastNumber[block] = next - 1;
      while (block !== entry && sibling[block] === NONE) {
        block = idom[block]!;
        lastNumber[block] = next - 1;
      }
      if (block === entry) return;
      depth[sibling[block]!] = depth[block]!;
      block = sibling[block]!;
    }
  }

  /** Whether `a` dominates `b`; a block dominates itself. False when either is unreachable. */
  dominates(a: Block, b: Block): boolean {
    const pa = this.preNumber[a]!;
    const pb = this.preNumber[b]!;
    return pa !== NONE && pb !== NONE && pa <= pb && pb <= this.lastNumber[a]!;
  }
}

/**
 * Dominance frontiers as a list of edges: `to[i]` is in the frontier of `from[i]`. An edge may be listed more than once.
 */
export class DominanceFrontier {
  count = 0;
  from: Int32Array = new Int32Array(32);
  to: Int32Array = new Int32Array(32);

  compute(cfg: ControlFlowGraph, tree: DominatorTree): void {
    this.count = 0;
    const entry = cfg.rpo[0]!;
    for (let i = 0; i < cfg.reachable; i++) {
      const block = cfg.rpo[i]!;
      const start = cfg.predStart[block]!;
      const end = cfg.predStart[block + 1]!;
      // The entry has an edge from outside, which is no predecessor here.
      if (end - start < 2 && block !== entry) continue;
      for (let p = start; p < end; p++) {
        const stop = tree.idom[block]!;
        for (let runner = cfg.predBlock[p]!; runner !== stop && runner !== NONE; runner = tree.idom[runner]!) {
          this.push(runner, block);
        }
      }
    }
  }

  private push(from: number, to: number): void {
    const at = this.count++;
    if (at >= this.from.length) {
      const grow = (old: Int32Array): Int32Array => {
        const bigger = new Int32Array(old.length * 2);
        bigger.set(old);
        return bigger;
      };
      this.from = grow(this.from);
      this.to = grow(this.to);
    }
    this.from[at] = from;
    this.to[at] = to;
  }
}
