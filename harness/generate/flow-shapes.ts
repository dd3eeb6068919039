/**
 * The shapes of control flow in a body: loops, and what stands in cleanup blocks.
 *
 * An edge *retreats* when it leads to a block that a depth-first walk entered before and has not left. It closes a loop when its target dominates its source;
 * else the loop has several entries. Dominators: Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm".
 */

import { type Body, successors } from "../../codegen/index.ts";

export interface FlowShape {
  readonly name: "loop" | "nested loop" | "loop of one block" | "loop with several entries" | "switch in a loop";
  /** Where it stands: the block that is gone back to. */
  readonly block: number;
}

/** The loops of `body`. */
export function flowShapes(body: Body): readonly FlowShape[] {
  const edges = body.blocks.map(({ terminator }): readonly number[] => successors(terminator));
  const { order, number, retreating } = walk(edges);
  if (retreating.length === 0) return [];
  const predecessors = body.blocks.map((): number[] => []);
  edges.forEach((targets, from) => {
    for (const to of targets) predecessors[to]!.push(from);
  });
  const idom = dominators(order, number, predecessors);
  const shapes: FlowShape[] = [];
  const loops = new Map<number, Set<number>>();
  for (const [from, to] of retreating) {
    if (!dominates(idom, to, from)) {
      shapes.push({ name: "loop with several entries", block: to });
      continue;
    }
    if (from === to) shapes.push({ name: "loop of one block", block: to });
    const members = loops.get(to) ?? new Set([to]);
    loops.set(to, members);
    addMembers(members, from, predecessors);
  }
  for (const [head, members] of loops) {
    shapes.push({ name: "loop", block: head });
    if ([...loops].some(([other, around]) => other !== head && around.has(head)))
      shapes.push({ name: "nested loop", block: head });
    const switches = [...members].some((block) => edges[block]!.length > 2);
    if (switches) shapes.push({ name: "switch in a loop", block: head });
  }
  return shapes;
}

/** The blocks from which `from` is reached without passing those of the loop that are known. */
function addMembers(members: Set<number>, from: number, predecessors: readonly (readonly number[])[]): void {
  const pending = [from];
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    if (members.has(block)) continue;
    members.add(block);
    pending.push(...predecessors[block]!);
  }
}

interface Walk {
  /** Blocks in reverse postorder, and the number of each in it; -1 for what is not reached. */
  readonly order: readonly number[];
  readonly number: readonly number[];
  readonly retreating: readonly (readonly [from: number, to: number])[];
}

function walk(edges: readonly (readonly number[])[]): Walk {
  const state = new Uint8Array(edges.length);
  const postorder: number[] = [];
  const retreating: [number, number][] = [];
  const path: { readonly block: number; next: number }[] = [{ block: 0, next: 0 }];
  state[0] = 1;
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const target = edges[top.block]![top.next++];
    if (target === undefined) {
      state[top.block] = 2;
      postorder.push(top.block);
      path.pop();
    } else if (state[target] === 1) retreating.push([top.block, target]);
    else if (state[target] === 0) {
      state[target] = 1;
      path.push({ block: target, next: 0 });
    }
  }
  const order = postorder.reverse();
  const number = new Array<number>(edges.length).fill(-1);
  order.forEach((block, i) => {
    number[block] = i;
  });
  return { order, number, retreating };
}

/** The immediate dominator of each block that is reached; the entry's is itself. */
function dominators(
  order: readonly number[],
  number: readonly number[],
  predecessors: readonly (readonly number[])[],
): number[] {
  const idom = new Array<number>(number.length).fill(-1);
  idom[0] = 0;
  const meet = (a: number, b: number): number => {
    let [x, y] = [a, b];
    while (x !== y) {
      while (number[x]! > number[y]!) x = idom[x]!;
      while (number[y]! > number[x]!) y = idom[y]!;
    }
    return x;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of order) {
      if (block === 0) continue;
      let found = -1;
      for (const from of predecessors[block]!) {
        if (number[from] === -1 || idom[from] === -1) continue;
        found = found === -1 ? from : meet(from, found);
      }
      if (idom[block] === found) continue;
      idom[block] = found;
      changed = true;
    }
  }
  return idom;
}

function dominates(idom: readonly number[], block: number, other: number): boolean {
  for (let at = other; ; at = idom[at]!) {
    if (at === block) return true;
    if (at === 0) return false;
  }
}
