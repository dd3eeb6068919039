/**
 * The control flow of a body under change: successors, predecessors, reverse postorder, dominators.
 *
 * Dominators after Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm" (2001). Unlike code generation's walk, this one follows unwinding.
 */

import type { BasicBlock } from "../mir/syntax.ts";
import { successors } from "../mir/visit.ts";
import type { MutBody } from "./pass.ts";

export interface Cfg {
  /** Reachable blocks in reverse postorder. */
  readonly order: readonly number[];
  /** By block: its reachable predecessors, one entry per edge. */
  readonly predecessors: readonly (readonly number[])[];
  /** By block: its place in `order`, or -1. */
  readonly position: Int32Array;
  /** Whether `a` dominates `b`; both reachable. */
  dominates(a: number, b: number): boolean;
  /** The immediate dominator of a reachable block; of the entry block, itself. */
  idom(block: number): number;
}

export function cfgOf(body: MutBody): Cfg {
  const count = body.blocks.length;
  const order = reversePostorder(body);
  const position = new Int32Array(count).fill(-1);
  order.forEach((block, i) => {
    position[block] = i;
  });
  const predecessors: number[][] = Array.from({ length: count }, () => []);
  for (const block of order) {
    for (const next of successors(body.blocks[block]!.terminator)) predecessors[next]!.push(block);
  }
  let immediate: Int32Array | undefined;
  const idoms = (): Int32Array => {
    immediate ??= immediateDominators(order, position, predecessors);
    return immediate;
  };
  let tree: DominatorTree | undefined;
  const dominates = (a: number, b: number): boolean => {
    tree ??= dominatorTree(idoms());
    const [x, y] = [position[a]!, position[b]!];
    return tree.first[x]! <= tree.first[y]! && tree.first[y]! <= tree.last[x]!;
  };
  const idom = (block: number): number => order[idoms()[position[block]!]!]!;
  return { order, predecessors, position, dominates, idom };
}

/** Reachable blocks, each before its successors where no loop is in the way. */
export function reversePostorder(body: MutBody): number[] {
  const seen = new Uint8Array(body.blocks.length);
  const postorder: number[] = [];
  const stack: { block: number; next: readonly BasicBlock[]; at: number }[] = [];
  const enter = (block: number): void => {
    seen[block] = 1;
    stack.push({ block, next: successors(body.blocks[block]!.terminator), at: 0 });
  };
  enter(0);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    if (top.at < top.next.length) {
      const next = top.next[top.at++]!;
      if (seen[next] === 0) enter(next);
    } else {
      postorder.push(top.block);
      stack.pop();
    }
  }
  return postorder.reverse();
}

/** By position in `order`: the numbers of the first and the last block of the subtree, in preorder. */
interface DominatorTree {
  readonly first: Int32Array;
  readonly last: Int32Array;
}

/** The tree of immediate dominators, numbered so that whether one dominates another is two comparisons. */
function dominatorTree(idom: Int32Array): DominatorTree {
  const sizes = new Int32Array(idom.length).fill(1);
  // A dominator comes before what it dominates in reverse postorder.
  for (let i = idom.length - 1; i > 0; i--) sizes[idom[i]!]! += sizes[i]!;
  const first = new Int32Array(idom.length);
  const last = new Int32Array(idom.length);
  /** The number that the next child gets. */
  const next = new Int32Array(idom.length);
  next[0] = 1;
  last[0] = idom.length - 1;
  for (let i = 1; i < idom.length; i++) {
    const parent = idom[i]!;
    first[i] = next[parent]!;
    next[parent]! += sizes[i]!;
    next[i] = first[i]! + 1;
    last[i] = first[i]! + sizes[i]! - 1;
  }
  return { first, last };
}

/** By position in `order`: the position of the immediate dominator. */
function immediateDominators(
  order: readonly number[],
  position: Int32Array,
  predecessors: readonly (readonly number[])[],
): Int32Array {
  const idom = new Int32Array(order.length).fill(-1);
  idom[0] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 1; i < order.length; i++) {
      let found = -1;
      for (const predecessor of predecessors[order[i]!]!) {
        const p = position[predecessor]!;
        if (idom[p] !== -1) found = found === -1 ? p : intersect(idom, found, p);
      }
      if (idom[i] !== found) {
        idom[i] = found;
        changed = true;
      }
    }
  }
  return idom;
}

function intersect(idom: Int32Array, left: number, right: number): number {
  let a = left;
  let b = right;
  while (a !== b) {
    while (a > b) a = idom[a]!;
    while (b > a) b = idom[b]!;
  }
  return a;
}
