/**
 * SimplifyCfg: unreachable blocks go, jumps to jumps are shortened, a block joins its only predecessor, and one block that does nothing but be
 * `unreachable` stands for all (rustc_mir_transform/src/simplify.rs).
 */

import type { BasicBlock, Terminator } from "../mir/syntax.ts";
import { mapTerminator, successors } from "../mir/visit.ts";
import { reversePostorder } from "./cfg.ts";
import type { MirPass, MutBlock, MutBody } from "./pass.ts";

export const simplifyCfg: MirPass = (body) => {
  let changed = false;
  // A switch that became a jump lets blocks join, and the other way round.
  for (let again = true; again; ) {
    const shortened = shortenJumps(body);
    const folded = foldSwitches(body);
    again = mergeChains(body) || shortened || folded;
    changed ||= again;
  }
  const shared = shareUnreachable(body);
  return removeUnreachable(body) || shared || changed;
};

/** Jumps to blocks that are nothing but `unreachable` all go to the first of these. */
function shareUnreachable(body: MutBody): boolean {
  const isEmpty = body.blocks.map(isEmptyUnreachable);
  const first = isEmpty.indexOf(true);
  if (first < 0 || isEmpty.indexOf(true, first + 1) < 0) return false;
  let changed = false;
  for (const block of body.blocks) {
    const next = mapTerminator(block.terminator, {
      block: (target) => (isEmpty[target] === true ? (first as BasicBlock) : target),
    });
    if (next === block.terminator) continue;
    block.terminator = next;
    changed = true;
  }
  return changed;
}

function isEmptyUnreachable({ statements, terminator, isCleanup }: MutBlock): boolean {
  return terminator.kind === "unreachable" && !isCleanup && statements.every(({ kind }) => kind === "nop");
}

/** By block: where a jump to it ends up, through blocks that only jump on and are of the same kind (cleanup or not). */
function finalTargets(body: MutBody): Int32Array {
  const { length } = body.blocks;
  const final = new Int32Array(length).fill(-1);
  const path: number[] = [];
  for (let from = 0; from < length; from++) {
    let at = from;
    path.length = 0;
    while (final[at] === -1) {
      // Should the way lead back here, this is where it ends: a cycle of empty blocks.
      final[at] = at;
      path.push(at);
      const next = jumpOf(body, at);
      if (next === undefined) break;
      at = next;
    }
    const end = final[at]!;
    for (const block of path) final[block] = end;
  }
  return final;
}

/** The target of a block that does nothing but jump. */
function jumpOf(body: MutBody, at: number): number | undefined {
  const { statements, terminator, isCleanup } = body.blocks[at]!;
  if (terminator.kind !== "goto" || statements.some((s) => s.kind !== "nop")) return undefined;
  return body.blocks[terminator.target]!.isCleanup === isCleanup ? terminator.target : undefined;
}

function shortenJumps(body: MutBody): boolean {
  const final = finalTargets(body);
  let changed = false;
  for (const block of body.blocks) {
    const shorter = mapTerminator(block.terminator, { block: (target) => final[target]! as BasicBlock });
    if (shorter === block.terminator) continue;
    block.terminator = shorter;
    changed = true;
  }
  return changed;
}

/** A switch all of whose targets are one is a jump. */
function foldSwitches(body: MutBody): boolean {
  let changed = false;
  for (const block of body.blocks) {
    const { terminator } = block;
    if (terminator.kind !== "switchInt") continue;
    const targets = successors(terminator);
    const [first] = targets;
    // Without `otherwise` other values are undefined behaviour, which a jump merely forgets.
    if (first === undefined || targets.some((target) => target !== first)) continue;
    block.terminator = { kind: "goto", target: first, span: terminator.span };
    changed = true;
  }
  return changed;
}

/** Joins blocks to their only predecessor, when that only jumps there. */
function mergeChains(body: MutBody): boolean {
  const edges = new Int32Array(body.blocks.length);
  // The entry block is entered from outside.
  edges[0] = 1;
  const order = reversePostorder(body);
  for (const block of order) for (const next of successors(body.blocks[block]!.terminator)) edges[next]!++;
  let changed = false;
  const gone = new Uint8Array(body.blocks.length);
  for (const at of order) {
    if (gone[at] === 1) continue;
    const block = body.blocks[at]!;
    for (let next = soleSuccessor(block.terminator); next !== undefined; next = soleSuccessor(block.terminator)) {
      const other = body.blocks[next]!;
      if (next === at || edges[next] !== 1 || other.isCleanup !== block.isCleanup) break;
      for (const statement of other.statements) block.statements.push(statement);
      block.terminator = other.terminator;
      other.statements = [];
      other.terminator = { kind: "unreachable", span: other.terminator.span };
      gone[next] = 1;
      changed = true;
    }
  }
  return changed;
}

function soleSuccessor(terminator: Terminator): number | undefined {
  return terminator.kind === "goto" ? terminator.target : undefined;
}

/** Drops blocks that nothing reaches, and numbers the others anew in their old order. */
export function removeUnreachable(body: MutBody): boolean {
  const order = reversePostorder(body);
  if (order.length === body.blocks.length) return false;
  const renumbered = new Int32Array(body.blocks.length).fill(-1);
  const kept = [...order].sort((a, b) => a - b);
  kept.forEach((block, i) => {
    renumbered[block] = i;
  });
  body.blocks = kept.map((block) => body.blocks[block]!);
  for (const block of body.blocks) {
    block.terminator = mapTerminator(block.terminator, {
      block: (target) => renumbered[target]! as BasicBlock,
    });
  }
  return true;
}
