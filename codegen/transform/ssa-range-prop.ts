/**
 * SsaRangePropagation: behind an edge that says what a local is, the local is that constant (rustc_mir_transform/src/ssa_range_prop.rs).
 *
 * A switch on a local in SSA form tells its value in the listed targets, an assertion that of its condition behind it, as far as the edge
 * dominates: the target has no other way in. Constants are never wider than what the edge tells, so ranges are single values.
 */

import type { Operand } from "../mir/syntax.ts";
import { TY_BOOL } from "../mir/ty.ts";
import { mapStatement, mapTerminator } from "../mir/visit.ts";
import type { Cfg } from "./cfg.ts";
import { constOperand, type ScalarConst, scalarWidth } from "./eval.ts";
import { ssaLocals, wholeLocal } from "./locals.ts";
import type { MirPass, MutBody, TransformCx } from "./pass.ts";

/** By block: what locals are in it and in the blocks that it dominates. */
type Facts = Map<number, { readonly local: number; readonly value: ScalarConst }[]>;

export const ssaRangePropagation: MirPass = (body, cx) => {
  const { isSsa, cfg } = ssaLocals(body);
  const facts = factsOf(body, isSsa, cfg, cx);
  if (facts.size === 0) return false;
  let changed = false;
  const known = new Map<number, ScalarConst>();
  const operand = (o: Operand): Operand => {
    if (o.kind === "const" || o.place.projection.length > 0) return o;
    const value = known.get(o.place.local);
    if (value === undefined) return o;
    changed = true;
    return constOperand(value);
  };
  walkDominators(cfg, (at, entered) => {
    // A local has one value on a way down: where it is known already, nothing is new, or nothing is reached.
    if (!entered) {
      for (const { local, value } of facts.get(at) ?? []) if (known.get(local) === value) known.delete(local);
      return;
    }
    for (const { local, value } of facts.get(at) ?? []) if (!known.has(local)) known.set(local, value);
    const block = body.blocks[at]!;
    block.statements = block.statements.map((statement) => mapStatement(statement, { operand }));
    block.terminator = mapTerminator(block.terminator, { operand });
  });
  return changed;
};

/** Visits reachable blocks down the dominator tree: each is entered before those that it dominates, and left behind them. */
function walkDominators(cfg: Cfg, visit: (block: number, entered: boolean) => void): void {
  const children = new Map<number, number[]>();
  for (const block of cfg.order) {
    const parent = cfg.idom(block);
    if (parent === block) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [block]);
    else siblings.push(block);
  }
  const stack = [{ block: 0, at: 0 }];
  visit(0, true);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = children.get(top.block)?.[top.at++];
    if (next === undefined) {
      visit(top.block, false);
      stack.pop();
    } else {
      visit(next, true);
      stack.push({ block: next, at: 0 });
    }
  }
}

function factsOf(body: MutBody, isSsa: Uint8Array, cfg: Cfg, cx: TransformCx): Facts {
  const facts: Facts = new Map();
  const pointerBits = cx.layouts.dataLayout.pointerSize * 8;
  const learn = (operand: Operand, target: number, bits: bigint): void => {
    const local = wholeLocal(operand);
    if (local === undefined || isSsa[local] === 0 || cfg.predecessors[target]!.length !== 1) return;
    const { ty } = body.locals[local]!;
    if (scalarWidth(ty, pointerBits) === undefined) return;
    const fact = { local, value: { ty, bits } };
    const known = facts.get(target);
    if (known === undefined) facts.set(target, [fact]);
    else known.push(fact);
  };
  for (const at of cfg.order) {
    const { terminator } = body.blocks[at]!;
    if (terminator.kind === "assert") learn(terminator.cond, terminator.target, terminator.expected ? 1n : 0n);
    if (terminator.kind !== "switchInt") continue;
    const { discr, values, targets, otherwise } = terminator;
    values.forEach((value, i) => {
      learn(discr, targets[i]!, value);
    });
    const local = wholeLocal(discr);
    // A `bool` that is not the one listed value is the other.
    if (values.length === 1 && otherwise !== undefined && local !== undefined && body.locals[local]!.ty === TY_BOOL)
      learn(discr, otherwise, 1n - values[0]!);
  }
  return facts;
}
