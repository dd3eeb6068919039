/**
 * SimplifyConstCondition: switches and assertions on constants become jumps, `assume(true)` goes, and what comes after `assume(false)` is unreachable
 * (rustc_mir_transform/src/simplify_branches.rs).
 *
 * A place that the statement just before made a constant counts as one.
 */

import type { Operand, Statement, Terminator } from "../mir/syntax.ts";
import { constOf, type ScalarConst } from "./eval.ts";
import type { MirPass, MutBlock } from "./pass.ts";
import { samePlace } from "./same-statement.ts";

export const simplifyConstCondition: MirPass = (body) => {
  let changed = false;
  for (const block of body.blocks) changed = simplifyBlock(block) || changed;
  return changed;
};

function simplifyBlock(block: MutBlock): boolean {
  const { statements, terminator } = block;
  /** What stays, once something goes. */
  let kept: Statement[] | undefined;
  let before: Statement | undefined;
  let isOver = false;
  statements.forEach((statement, i) => {
    const known = statement.kind === "assume" && !isOver ? valueBehind(before, statement.operand) : undefined;
    before = statement;
    if (known?.bits === 1n) kept ??= statements.slice(0, i);
    else kept?.push(statement);
    if (known?.bits === 0n) isOver = true;
  });
  const next = isOver ? unreachable(terminator) : simplified(terminator, before);
  if (kept !== undefined) block.statements = kept;
  if (next !== undefined) block.terminator = next;
  return kept !== undefined || next !== undefined;
}

function unreachable({ kind, span }: Terminator): Terminator | undefined {
  return kind === "unreachable" ? undefined : { kind: "unreachable", span };
}

/** The constant that `operand` is behind the statement `before`. */
function valueBehind(before: Statement | undefined, operand: Operand): ScalarConst | undefined {
  if (operand.kind === "const") return constOf(operand);
  if (before?.kind !== "assign" || before.rvalue.kind !== "use" || !samePlace(before.place, operand.place))
    return undefined;
  return constOf(before.rvalue.operand);
}

function simplified(terminator: Terminator, before: Statement | undefined): Terminator | undefined {
  const { span } = terminator;
  if (terminator.kind === "switchInt") {
    const value = valueBehind(before, terminator.discr);
    if (value === undefined) return undefined;
    const at = terminator.values.indexOf(value.bits);
    const target = at >= 0 ? terminator.targets[at] : terminator.otherwise;
    return target === undefined ? { kind: "unreachable", span } : { kind: "goto", target, span };
  }
  if (terminator.kind === "assert") {
    const value = valueBehind(before, terminator.cond);
    if (value === undefined || (value.bits === 1n) !== terminator.expected) return undefined;
    return { kind: "goto", target: terminator.target, span };
  }
  return undefined;
}
