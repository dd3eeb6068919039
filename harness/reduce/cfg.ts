/**
 * Control flow: reachable blocks, and what is left when blocks go.
 */

import {
  type BasicBlock,
  type BasicBlockData,
  type Body,
  mapTerminator,
  successors,
  type Terminator,
} from "../../codegen/index.ts";

/** The blocks that can be reached, in ascending order. */
export function reachableBlocks(body: Body): number[] {
  const reached = new Set<number>([0]);
  for (const block of reached) {
    const data = body.blocks[block];
    if (data !== undefined) for (const next of successors(data.terminator)) reached.add(next);
  }
  return [...reached].sort((a, b) => a - b);
}

/** `body` without the blocks that cannot be reached. */
export function removeUnreachable(body: Body): Body {
  const kept = reachableBlocks(body);
  if (kept.length === body.blocks.length) return body;
  const renumbered = new Map(kept.map((old, i) => [old, i as BasicBlock]));
  const blocks = kept.map((old): BasicBlockData => {
    const block = body.blocks[old]!;
    return { ...block, terminator: mapTerminator(block.terminator, { block: (b) => renumbered.get(b)! }) };
  });
  return { ...body, blocks };
}

/** `body` with its straight lines of blocks made one, empty blocks skipped, and switches to one block made jumps. */
export function straighten(body: Body): Body {
  const jumps = { ...body, blocks: body.blocks.map((block) => ({ ...block, terminator: simplify(block.terminator) })) };
  return mergeLines(removeUnreachable(skipEmpty(jumps)));
}

function simplify(terminator: Terminator): Terminator {
  if (terminator.kind !== "switchInt") return terminator;
  const targets = new Set(successors(terminator));
  return targets.size === 1 ? { kind: "goto", target: [...targets][0]!, span: terminator.span } : terminator;
}

/** Jumps to where empty blocks lead, instead of to them. */
function skipEmpty(body: Body): Body {
  const leadsTo = (start: BasicBlock): BasicBlock => {
    let at = start;
    for (let steps = 0; steps < body.blocks.length; steps++) {
      const block = body.blocks[at]!;
      if (at === 0 || block.statements.length > 0 || block.terminator.kind !== "goto") return at;
      at = block.terminator.target;
    }
    return start;
  };
  const blocks = body.blocks.map((block) => ({
    ...block,
    terminator: mapTerminator(block.terminator, { block: leadsTo }),
  }));
  return { ...body, blocks };
}

/** Appends to each block the one behind it, when no other leads there. */
function mergeLines(body: Body): Body {
  const predecessors = new Int32Array(body.blocks.length);
  for (const block of body.blocks) for (const next of successors(block.terminator)) predecessors[next]!++;
  const blocks: BasicBlockData[] = [...body.blocks];
  const merged = new Set<number>();
  for (let i = 0; i < blocks.length; i++) {
    if (merged.has(i)) continue;
    for (;;) {
      const block = blocks[i]!;
      if (block.terminator.kind !== "goto") break;
      const next = block.terminator.target;
      if (next === i || next === 0 || predecessors[next] !== 1 || merged.has(next)) break;
      const after = blocks[next]!;
      blocks[i] = { ...block, statements: [...block.statements, ...after.statements], terminator: after.terminator };
      // What was merged is unreachable: its edges are the merged block's now.
      blocks[next] = { ...after, statements: [], terminator: { kind: "unreachable", span: after.terminator.span } };
      merged.add(next);
    }
  }
  return removeUnreachable({ ...body, blocks });
}
