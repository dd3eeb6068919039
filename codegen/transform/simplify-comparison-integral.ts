/**
 * SimplifyComparisonIntegral: a switch on whether an integer equals a constant is a switch on the integer
 * (rustc_mir_transform/src/simplify_comparison_integral.rs).
 *
 * The comparison goes when the switch moves its result; otherwise it stays for whoever else reads that. The integer must be at the switch what it was at the
 * comparison: it is a local that is not borrowed and that no statement between them writes, moves from, or ends.
 */

import { operandTy } from "../mir/place-ty.ts";
import type { BasicBlock, Local, Operand, Rvalue, Statement, Terminator } from "../mir/syntax.ts";
import { constOf, scalarWidth } from "./eval.ts";
import { borrowedLocals, forEachUse, wholeLocal } from "./locals.ts";
import type { MirPass, MutBlock } from "./pass.ts";

type Switch = Extract<Terminator, { kind: "switchInt" }>;

export const simplifyComparisonIntegral: MirPass = (body, cx) => {
  let changed = false;
  let borrowed: Uint8Array | undefined;
  for (const block of body.blocks) {
    const { terminator } = block;
    if (terminator.kind !== "switchInt") continue;
    const found = comparisonBefore(block, terminator);
    if (found === undefined) continue;
    borrowed ??= borrowedLocals(body);
    const { at, compared, equal } = found;
    if (borrowed[compared.local] === 1 || !isKept(block.statements, at, compared.local)) continue;
    const ty = body.locals[compared.local]!.ty;
    if (scalarWidth(ty, cx.layouts.dataLayout.pointerSize * 8) === undefined) continue;
    if (operandTy(body, compared.constant, cx.tcx) !== ty) continue;
    const next = switchOn(terminator, compared, equal);
    if (next === undefined) continue;
    if (isOnlySwitchedOn(block, at, terminator)) block.statements.splice(at, 1);
    else block.statements[at] = copying(block.statements[at]!, compared.local);
    block.terminator = next;
    changed = true;
  }
  return changed;
};

interface Compared {
  readonly local: Local;
  readonly constant: Operand;
  readonly bits: bigint;
}

/** The comparison whose result the switch looks at, and whether it asks for equality. */
function comparisonBefore(
  { statements }: MutBlock,
  { discr, values }: Switch,
): { readonly at: number; readonly compared: Compared; readonly equal: boolean } | undefined {
  const local = wholeLocal(discr);
  if (local === undefined || values.length === 0) return undefined;
  const at = statements.findLastIndex((s) => s.kind === "assign" && s.place.local === local);
  const statement = statements[at];
  if (statement?.kind !== "assign" || statement.place.projection.length > 0) return undefined;
  const { rvalue } = statement;
  if (rvalue.kind !== "binary" || (rvalue.op !== "Eq" && rvalue.op !== "Ne")) return undefined;
  const compared = sides(rvalue);
  return compared === undefined ? undefined : { at, compared, equal: rvalue.op === "Eq" };
}

function sides({ left, right }: Extract<Rvalue, { kind: "binary" }>): Compared | undefined {
  for (const [value, constant] of [
    [left, right],
    [right, left],
  ] as const) {
    const bits = constOf(constant)?.bits;
    if (bits === undefined || value.kind === "const" || value.place.projection.length > 0) continue;
    return { local: value.place.local, constant, bits };
  }
  return undefined;
}

/** Whether nobody but the switch reads the result of the comparison at `at`: what the switch moves is gone behind it. */
function isOnlySwitchedOn({ statements }: MutBlock, at: number, { discr }: Switch): boolean {
  if (discr.kind !== "move") return false;
  const result = discr.place.local;
  let only = true;
  for (let i = at + 1; i < statements.length; i++) {
    forEachUse({ statement: statements[i]! }, (used, how) => {
      if (used === result && how !== "storage") only = false;
    });
  }
  return only;
}

/** Whether the local still has its value behind the last statement. */
function isKept(statements: readonly Statement[], comparison: number, local: number): boolean {
  for (let i = comparison; i < statements.length; i++) {
    let kept = true;
    forEachUse({ statement: statements[i]! }, (used, how) => {
      // The comparison itself may move it: that becomes a copy.
      if (used === local && how !== "read" && !(i === comparison && how === "move")) kept = false;
    });
    if (!kept) return false;
  }
  return true;
}

/** The comparison, which leaves the local as it is. */
function copying(statement: Statement, local: number): Statement {
  if (statement.kind !== "assign" || statement.rvalue.kind !== "binary") return statement;
  const { left, right } = statement.rvalue;
  const copy = (operand: Operand): Operand =>
    operand.kind === "move" && operand.place.local === local ? { kind: "copy", place: operand.place } : operand;
  const next = { ...statement.rvalue, left: copy(left), right: copy(right) };
  return left === next.left && right === next.right ? statement : { ...statement, rvalue: next };
}

function switchOn(terminator: Switch, { local, bits }: Compared, equal: boolean): Terminator | undefined {
  const target = (value: bigint): BasicBlock | undefined => {
    const at = terminator.values.indexOf(value);
    return at >= 0 ? terminator.targets[at] : terminator.otherwise;
  };
  const [taken, other] = [target(equal ? 1n : 0n), target(equal ? 0n : 1n)];
  // A missing target is one that the result never has.
  if (taken === undefined || other === undefined) return undefined;
  return {
    kind: "switchInt",
    discr: { kind: "copy", place: { local, projection: [] } },
    values: [bits],
    targets: [taken],
    otherwise: other,
    span: terminator.span,
  };
}
