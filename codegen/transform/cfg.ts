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
  let idom: Int32Array | undefined;
  const dominates = (a: number, b: number): boolean => {
    idom ??= immediateDominators(order, position, predecessors);
    const goal = position[a]!;
    let at = position[b]!;
    while (at > goal) at = idom[at]!;
    return at === goal;
  };
  return { order, predecessors, position, dominates };
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
