/**
 * SimplifyConstCondition: switches and assertions on constants become jumps, `assume(true)` goes
 * (rustc_mir_transform/src/simplify_branches.rs).
 */

import type { Terminator } from "../mir/syntax.ts";
import { constOf } from "./eval.ts";
import type { MirPass } from "./pass.ts";

export const simplifyConstCondition: MirPass = (body) => {
  let changed = false;
  for (const block of body.blocks) {
    const kept = block.statements.filter((s) => s.kind !== "assume" || constOf(s.operand)?.bits !== 1n);
    if (kept.length !== block.statements.length) {
      block.statements = kept;
      changed = true;
    }
    const simpler = simplified(block.terminator);
    if (simpler !== undefined) {
      block.terminator = simpler;
      changed = true;
    }
  }
  return changed;
};

function simplified(terminator: Terminator): Terminator | undefined {
  const { span } = terminator;
  if (terminator.kind === "switchInt") {
    const value = constOf(terminator.discr);
    if (value === undefined) return undefined;
    const at = terminator.values.indexOf(value.bits);
    const target = at >= 0 ? terminator.targets[at] : terminator.otherwise;
    return target === undefined ? { kind: "unreachable", span } : { kind: "goto", target, span };
  }
  if (terminator.kind === "assert") {
    const value = constOf(terminator.cond);
    if (value === undefined || (value.bits === 1n) !== terminator.expected) return undefined;
    return { kind: "goto", target: terminator.target, span };
  }
  return undefined;
}
