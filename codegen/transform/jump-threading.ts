/**
 * JumpThreading: a predecessor from which a switch can only go one way jumps there directly (rustc_mir_transform/src/jump_threading.rs).
 *
 * The switch's block is copied for that predecessor, without the switch. Loop headers are not threaded through: the loop would get a second
 * entry. The costs bound how much is copied.
 */

import type { BasicBlock } from "../mir/syntax.ts";
import { cfgOf } from "./cfg.ts";
import { ConstFlow, type State } from "./dataflow-const-prop.ts";
import type { MirPass, MutBody } from "./pass.ts";

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
    for (const p of predecessors) {
      const predecessor = body.blocks[p]!;
      if (predecessor.terminator.kind !== "goto" || predecessor.isCleanup !== block.isCleanup) continue;
      if (threads >= MOST_THREADS) return true;
      const target = decided(body, flow, p, at);
      if (target === undefined) continue;
      body.blocks.push({
        statements: [...block.statements],
        terminator: { kind: "goto", target: target as BasicBlock, span: block.terminator.span },
        isCleanup: block.isCleanup,
      });
      predecessor.terminator = { ...predecessor.terminator, target: (body.blocks.length - 1) as BasicBlock };
      threads++;
    }
  }
  return threads > 0;
};

/** Where the switch of `at` goes when it is entered from `predecessor`, if that is known. */
function decided(body: MutBody, flow: ConstFlow, predecessor: number, at: number): number | undefined {
  const state: State = new Map();
  for (const block of [predecessor, at]) {
    for (const statement of body.blocks[block]!.statements) flow.statement(state, statement);
  }
  const { terminator } = body.blocks[at]!;
  if (terminator.kind !== "switchInt" || flow.valueOf(state, terminator.discr) === undefined) return undefined;
  const [target] = flow.takenEdges(state, terminator);
  return target;
}
