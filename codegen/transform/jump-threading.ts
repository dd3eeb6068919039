/**
 * JumpThreading: a way on which a switch can only go one way jumps there directly (rustc_mir_transform/src/jump_threading.rs).
 *
 * The switch's block is copied for that way in, without the switch. What is known there is what the block before computes, and, behind another switch,
 * which of its targets it took. Loop headers are not threaded through: the loop would get a second entry. The costs bound how much is copied.
 */

import type { BasicBlock, Terminator } from "../mir/syntax.ts";
import { cfgOf } from "./cfg.ts";
import { ConstFlow, type State } from "./dataflow-const-prop.ts";
import type { MirPass, MutBlock, MutBody } from "./pass.ts";

const MOST_STATEMENTS_COPIED = 20;
const MOST_THREADS = 100;

export const jumpThreading: MirPass = (body, cx) => {
  const flow = new ConstFlow(body, cx);
  const cfg = cfgOf(body);
  let threads = 0;
  for (const at of cfg.order) {
    const block = body.blocks[at]!;
    if (block.terminator.kind !== "switchInt" || block.statements.length > MOST_STATEMENTS_COPIED) continue;
    const predecessors = cfg.predecessors[at]!;
    if (predecessors.length < 2 || predecessors.some((p) => cfg.dominates(at, p))) continue;
    for (const p of new Set(predecessors)) {
      const predecessor = body.blocks[p]!;
      if (predecessor.isCleanup !== block.isCleanup) continue;
      for (const edge of edgesTo(predecessor.terminator, at)) {
        if (threads >= MOST_THREADS) return true;
        const target = decided(body, flow, p, edge, at);
        if (target === undefined) continue;
        redirect(predecessor, edge, copyWithJump(body, block, target));
        threads++;
      }
    }
  }
  return threads > 0;
};

/** A way out of a block: its `goto`, or by number one of its switch's targets, of which the last is `otherwise`. */
type Edge = number;

/** The edges of a `goto` or switch that lead to `at`. */
function edgesTo(terminator: Terminator, at: number): readonly Edge[] {
  if (terminator.kind === "goto") return terminator.target === at ? [0] : [];
  if (terminator.kind !== "switchInt") return [];
  const targets = [...terminator.targets, terminator.otherwise];
  return targets.flatMap((target, edge) => (target === at ? [edge] : []));
}

function redirect(block: MutBlock, edge: Edge, to: BasicBlock): void {
  const { terminator } = block;
  if (terminator.kind === "goto") block.terminator = { ...terminator, target: to };
  else if (terminator.kind === "switchInt") {
    if (edge === terminator.targets.length) block.terminator = { ...terminator, otherwise: to };
    else block.terminator = { ...terminator, targets: terminator.targets.map((t, i) => (i === edge ? to : t)) };
  }
}

function copyWithJump(body: MutBody, { statements, terminator, isCleanup }: MutBlock, target: number): BasicBlock {
  body.blocks.push({
    statements: [...statements],
    terminator: { kind: "goto", target: target as BasicBlock, span: terminator.span },
    isCleanup,
  });
  return (body.blocks.length - 1) as BasicBlock;
}

/** Where the switch of `at` goes when it is entered by an edge of `predecessor`, if that is known. */
function decided(body: MutBody, flow: ConstFlow, predecessor: number, edge: Edge, at: number): number | undefined {
  const state: State = new Map();
  const before = body.blocks[predecessor]!;
  for (const statement of before.statements) flow.statement(state, statement);
  if (before.terminator.kind === "switchInt") flow.learn(state, before.terminator, edge);
  for (const statement of body.blocks[at]!.statements) flow.statement(state, statement);
  const { terminator } = body.blocks[at]!;
  if (terminator.kind !== "switchInt" || flow.valueOf(state, terminator.discr) === undefined) return undefined;
  const [target] = flow.takenEdges(state, terminator);
  return target;
}
