/**
 * Orders and dominators of a MIR body's blocks.
 *
 * Dominators after Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm" (2001). Cleanup blocks are not followed: a panic
 * aborts, so nothing unwinds. Nor are the ways of a switch that its constant does not go: the collector did not follow them.
 */

import type { BasicBlockData, Body } from "../../mir/syntax.ts";
import { constSwitchTarget } from "../../monomorphize/mono-reachable.ts";

/** Calls `visit` with each block that control can go to after `block`. */
export function forEachSuccessor(block: BasicBlockData, visit: (block: number) => void): void {
  const { terminator } = block;
  switch (terminator.kind) {
    case "goto":
    case "assert":
      visit(terminator.target);
      break;
    case "call":
      if (terminator.target !== undefined) visit(terminator.target);
      break;
    case "switchInt":
      forEachTarget(block, terminator, visit);
      break;
    case "return":
    case "unreachable":
      break;
  }
}

type SwitchInt = Extract<BasicBlockData["terminator"], { kind: "switchInt" }>;

function forEachTarget(block: BasicBlockData, { targets, otherwise }: SwitchInt, visit: (block: number) => void): void {
  const only = constSwitchTarget(block, undefined);
  if (only === undefined) {
    for (const target of targets) visit(target);
    if (otherwise !== undefined) visit(otherwise);
  } else if (only !== "unreachable") {
    visit(only);
  }
}

/** The blocks of a body that can be reached, and their tree of dominators. */
export interface Traversal {
  /** Reachable blocks in reverse postorder. */
  readonly order: readonly number[];
  /** Edges into each block from reachable ones. */
  readonly predecessorCount: Uint32Array;
  /** Whether `a` dominates `b`; both reachable. */
  readonly dominates: (a: number, b: number) => boolean;
}

export function traverse(body: Body): Traversal {
  const count = body.blocks.length;
  const successorLists: number[][] = new Array(count);
  const predecessorCount = new Uint32Array(count);
  const order = reversePostorder(body, successorLists, predecessorCount);
  let idom: Int32Array | undefined;
  const position = new Int32Array(count);
  for (let i = 0; i < order.length; i++) position[order[i]!] = i;
  const dominates = (a: number, b: number): boolean => {
    idom ??= immediateDominators(order, position, successorLists);
    // Positions fall strictly on the way up the tree.
    let at = position[b]!;
    const goal = position[a]!;
    while (at > goal) at = idom[at]!;
    return at === goal;
  };
  return { order, predecessorCount, dominates };
}

function reversePostorder(body: Body, successorLists: number[][], predecessorCount: Uint32Array): number[] {
  const postorder: number[] = [];
  const next = new Int32Array(body.blocks.length).fill(-1);
  const stack: number[] = [0];
  const open = (block: number): void => {
    const list: number[] = [];
    forEachSuccessor(body.blocks[block]!, (s) => {
      list.push(s);
      predecessorCount[s]!++;
    });
    successorLists[block] = list;
    next[block] = 0;
  };
  open(0);
  while (stack.length > 0) {
    const block = stack[stack.length - 1]!;
    const list = successorLists[block]!;
    const i = next[block]!;
    if (i === list.length) {
      postorder.push(block);
      stack.pop();
      continue;
    }
    next[block] = i + 1;
    const target = list[i]!;
    if (next[target] === -1) {
      open(target);
      stack.push(target);
    }
  }
  return postorder.reverse();
}

/** Immediate dominators, by position in `order`; the entry's is itself. */
function immediateDominators(
  order: readonly number[],
  position: Int32Array,
  successorLists: readonly (readonly number[])[],
): Int32Array {
  const count = order.length;
  const predecessors: number[][] = order.map(() => []);
  for (let i = 0; i < count; i++) {
    for (const s of successorLists[order[i]!]!) predecessors[position[s]!]!.push(i);
  }
  const idom = new Int32Array(count).fill(-1);
  idom[0] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 1; i < count; i++) {
      let found = -1;
      for (const p of predecessors[i]!) {
        if (idom[p] === -1) continue;
        found = found === -1 ? p : intersect(idom, found, p);
      }
      if (idom[i] !== found) {
        idom[i] = found;
        changed = true;
      }
    }
  }
  return idom;
}

function intersect(idom: Int32Array, a: number, b: number): number {
  while (a !== b) {
    while (a > b) a = idom[a]!;
    while (b > a) b = idom[b]!;
  }
  return a;
}
