/**
 * UnreachablePropagation: what must run into `unreachable` is unreachable itself (rustc_mir_transform/src/unreachable_prop.rs).
 *
 * Jumps there become `unreachable`, and switches lose the targets that lead there. What such a target told of the value is kept as an `assume`. Calls and
 * assertions stay: they may not come back.
 */

import { operandTy } from "../mir/place-ty.ts";
import type { BasicBlock, Local, Operand, Rvalue, Terminator } from "../mir/syntax.ts";
import { TY_BOOL, type Ty } from "../mir/ty.ts";
import { reversePostorder } from "./cfg.ts";
import { constOperand } from "./eval.ts";
import type { MirPass, MutBlock, MutBody, TransformCx } from "./pass.ts";

type Switch = Extract<Terminator, { kind: "switchInt" }>;

export const unreachablePropagation: MirPass = (body, cx) => {
  const unreachable = new Uint8Array(body.blocks.length);
  let changed = false;
  for (const at of reversePostorder(body).reverse()) {
    const block = body.blocks[at]!;
    const { terminator } = block;
    if (terminator.kind === "unreachable") unreachable[at] = 1;
    else if (leadsNowhere(terminator, unreachable)) {
      block.terminator = { kind: "unreachable", span: terminator.span };
      unreachable[at] = 1;
      changed = true;
    } else if (terminator.kind === "switchInt" && narrow(body, block, terminator, unreachable, cx)) changed = true;
  }
  return changed;
};

function leadsNowhere(terminator: Terminator, unreachable: Uint8Array): boolean {
  if (terminator.kind === "goto") return unreachable[terminator.target] === 1;
  if (terminator.kind !== "switchInt") return false;
  const { targets, otherwise } = terminator;
  return (
    targets.every((target) => unreachable[target] === 1) && (otherwise === undefined || unreachable[otherwise] === 1)
  );
}

/** Takes unreachable targets from a switch that has others; false when there are none to take. */
function narrow(body: MutBody, block: MutBlock, terminator: Switch, unreachable: Uint8Array, cx: TransformCx): boolean {
  const { targets, values, otherwise, span } = terminator;
  const isDead = targets.map((target) => unreachable[target] === 1);
  const isClosed = otherwise === undefined || unreachable[otherwise] === 1;
  const live = targets.filter((_, i) => !isDead[i]);
  const ty = operandTy(body, terminator.discr, cx.tcx);
  if (isClosed && live.length === 1) {
    assume(body, block, terminator, "Eq", ty, values[isDead.indexOf(false)]!);
    block.terminator = { kind: "goto", target: live[0]!, span };
    return true;
  }
  if (!isDead.includes(true)) return false;
  // Where `otherwise` is unreachable, what is not listed says as much.
  if (!isClosed) {
    values.forEach((value, i) => {
      if (isDead[i]) assume(body, block, terminator, "Ne", ty, value);
    });
  }
  block.terminator = without(terminator, isDead);
  return true;
}

/** A switch without the targets marked; a jump when only `otherwise` is left. */
function without(terminator: Switch, isDead: readonly boolean[]): Terminator {
  const targets: readonly BasicBlock[] = terminator.targets.filter((_, i) => !isDead[i]);
  const { otherwise, span } = terminator;
  if (targets.length === 0 && otherwise !== undefined) return { kind: "goto", target: otherwise, span };
  return { ...terminator, targets, values: terminator.values.filter((_, i) => !isDead[i]) };
}

function assume(body: MutBody, block: MutBlock, { discr, span }: Switch, op: "Eq" | "Ne", ty: Ty, bits: bigint): void {
  const local = body.locals.length as Local;
  body.locals.push({ ty: TY_BOOL, mutability: "not" });
  const left: Operand = discr.kind === "move" ? { kind: "copy", place: discr.place } : discr;
  const rvalue: Rvalue = { kind: "binary", op, left, right: constOperand({ ty, bits }) };
  const place = { local, projection: [] };
  block.statements.push({ kind: "assign", place, rvalue, span });
  block.statements.push({ kind: "assume", operand: { kind: "move", place }, span });
}
