/**
 * Which blocks of a monomorphic body can be reached, when switches on constants go one way only.
 *
 * As `Body::try_const_mono_switchint` and `traversal::mono_reachable` of rustc_middle/src/mir. `if T::IS_ZST` of a generic function is a switch on
 * a constant once `T` is known: what only the other way mentions needs no code. Code generation leaves the same blocks out, or it would refer to
 * what was not collected.
 */

import type { BasicBlock, BasicBlockData, Body, Const, Operand, Place } from "../mir/syntax.ts";
import { successors } from "../mir/visit.ts";
import type { MonoCx } from "./mono-cx.ts";

/** Evaluates constant items; without it, a switch on one goes every way. */
export type Evaluator = Pick<MonoCx, "constBits"> | undefined;

/** The block that `block` always goes to, when its switch is on a constant; `unreachable`: the constant is none of its values. */
export function constSwitchTarget(block: BasicBlockData, evaluator: Evaluator): BasicBlock | "unreachable" | undefined {
  const { terminator } = block;
  if (terminator.kind !== "switchInt") return undefined;
  const bits = discriminantBits(block, terminator.discr, evaluator);
  if (bits === undefined) return undefined;
  const index = terminator.values.indexOf(bits);
  return index < 0 ? (terminator.otherwise ?? "unreachable") : terminator.targets[index]!;
}

/** The value that is switched on: a constant, or a local that the last statement made one (`if false` is written so). */
function discriminantBits({ statements }: BasicBlockData, discr: Operand, evaluator: Evaluator): bigint | undefined {
  if (discr.kind === "const") return constBits(discr.value, evaluator);
  for (let i = statements.length - 1; i >= 0; i--) {
    const statement = statements[i]!;
    if (statement.kind === "storageLive" || statement.kind === "storageDead") continue;
    if (statement.kind !== "assign" || !isSameLocal(statement.place, discr.place)) return undefined;
    const { rvalue } = statement;
    // The checks of library preconditions and contracts are off, as with `-Z ub-checks=no`.
    if (rvalue.kind === "nullary")
      return rvalue.op.kind === "UbChecks" || rvalue.op.kind === "ContractChecks" ? 0n : undefined;
    if (rvalue.kind !== "use" || rvalue.operand.kind !== "const") return undefined;
    return constBits(rvalue.operand.value, evaluator);
  }
  return undefined;
}

function isSameLocal(a: Place, b: Place): boolean {
  return a.local === b.local && a.projection.length === 0 && b.projection.length === 0;
}

function constBits(value: Const, evaluator: Evaluator): bigint | undefined {
  if (value.kind === "scalar") return value.bits;
  if (value.kind === "unevaluated") return evaluator?.constBits(value.item, value.args);
  return undefined;
}

/** One byte per block: 1 when a path from the entry leads to it. `body` is monomorphic. */
export function monoReachable(body: Body, evaluator: Evaluator): Uint8Array {
  return walk(body, (block) => {
    const target = constSwitchTarget(block, evaluator);
    if (target === undefined) return successors(block.terminator);
    return target === "unreachable" ? NONE : [target];
  });
}

const NONE: readonly BasicBlock[] = [];

/** As `monoReachable`, when switches go every way. */
export function reachable(body: Body): Uint8Array {
  return walk(body, (block) => successors(block.terminator));
}

function walk(body: Body, next: (block: BasicBlockData) => readonly BasicBlock[]): Uint8Array {
  const reached = new Uint8Array(body.blocks.length);
  if (reached.length === 0) return reached;
  const stack = [0];
  reached[0] = 1;
  for (let block = stack.pop(); block !== undefined; block = stack.pop()) {
    for (const target of next(body.blocks[block]!)) {
      if (reached[target] === 1) continue;
      reached[target] = 1;
      stack.push(target);
    }
  }
  return reached;
}
