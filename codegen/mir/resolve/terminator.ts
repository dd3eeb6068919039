/**
 * Terminators of MIR text. Older rustcs' spellings become today's.
 */

import type { Span } from "../../session/diagnostic.ts";
import { calleeSig } from "../place-ty.ts";
import type { AssertKind, BasicBlock, Operand, Terminator, UnwindAction } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import type { BodyCx } from "./body-cx.ts";
import { findConst } from "./const-paths.ts";
import { assertKind } from "./messages.ts";
import { findFn, resolveFn } from "./paths.ts";
import { errorIn, type Scope, unsupportedIn } from "./world.ts";

export function resolveTerminator(cx: BodyCx, terminator: text.Terminator, span: Span): Terminator {
  const { scope } = cx;
  switch (terminator.kind) {
    case "goto":
      return { kind: "goto", target: cx.target(terminator.target), span };
    case "switchInt":
      return switchTerminator(cx, terminator, span);
    case "return":
    case "unreachable":
      return { kind: terminator.kind, span };
    case "resume":
      return { kind: "unwindResume", span };
    case "terminate":
      return { kind: "unwindTerminate", reason: terminator.reason, span };
    case "call":
      return call(cx, terminator, span);
    case "tailCall": {
      const func = callee(cx, terminator.func);
      const params = calleeSig(cx, func, scope.world.tcx)?.params;
      return { kind: "tailCall", func, args: cx.operands(terminator.args, params), span };
    }
    case "drop": {
      if (terminator.future !== undefined) throw unsupportedIn(scope, "`async drop`");
      const place = cx.place(terminator.place);
      const { target, unwind } = successors(cx, terminator.target, terminator.unwind);
      if (target === undefined) throw errorIn(scope, "a drop goes on somewhere");
      return { kind: "drop", place, target, unwind, span };
    }
    case "assert":
      return assertion(cx, terminator, span);
    case "falseEdge":
      return { kind: "goto", target: cx.target(terminator.real), span };
    case "falseUnwind":
      return { kind: "goto", target: cx.target(terminator.real), span };
    case "yield":
    case "coroutineDrop":
      throw unsupportedIn(scope, "coroutines");
    case "asm":
      throw unsupportedIn(scope, "inline assembly");
  }
}

function switchTerminator(
  cx: BodyCx,
  terminator: Extract<text.Terminator, { kind: "switchInt" }>,
  span: Span,
): Terminator {
  const { scope } = cx;
  const discr = cx.operand(terminator.discr, undefined);
  if (terminator.values.length === 0 && terminator.otherwise < 0) throw errorIn(scope, "this `switchInt` goes nowhere");
  const values = terminator.values.map((value) => switchValue(scope, value));
  const targets = terminator.targets.map((target) => cx.target(target));
  const otherwise = terminator.otherwise < 0 ? undefined : cx.target(terminator.otherwise);
  return { kind: "switchInt", discr, values, targets, otherwise, span };
}

function call(cx: BodyCx, terminator: Extract<text.Terminator, { kind: "call" }>, span: Span): Terminator {
  const { place: destination, ty } = cx.typedPlace(terminator.destination);
  const func = callee(cx, terminator.func);
  const params = calleeSig(cx, func, cx.scope.world.tcx)?.params;
  const args = cx.operands(terminator.args, params);
  let { target, unwind } = successors(cx, terminator.target, terminator.unwind);
  // Before 1.72 `-> bb1` was where a call returns.
  if (target === undefined && unwind.kind === "cleanup" && ty.kind !== "never" && !cx.cleanup.has(unwind.block)) {
    target = unwind.block;
    unwind = { kind: "continue" };
  }
  return { kind: "call", func, args, destination, target, unwind, span };
}

function callee(cx: BodyCx, func: text.Operand): Operand {
  if (func.kind !== "const" || func.value.kind !== "path") return cx.operand(func, undefined);
  const { scope } = cx;
  const { path } = func.value;
  // `const f::{constant#0}(…)`, `const Type::<T>::F(…)`: a constant that is a function pointer.
  if (func.keyword && findFn(scope, path) === undefined && findConst(scope, path) !== undefined)
    return cx.operand(func, undefined);
  return { kind: "const", value: { kind: "fn", ...resolveFn(scope, path) } };
}

function successors(
  cx: BodyCx,
  target: number,
  unwind: text.UnwindAction,
): { target: BasicBlock | undefined; unwind: UnwindAction } {
  return { target: target < 0 ? undefined : cx.target(target), unwind: unwindAction(cx, unwind) };
}

function unwindAction(cx: BodyCx, unwind: text.UnwindAction): UnwindAction {
  switch (unwind.kind) {
    case "none":
    case "continue":
      return { kind: "continue" };
    case "unreachable":
      return { kind: "unreachable" };
    case "terminate":
      return { kind: "terminate", reason: unwind.reason };
    case "cleanup":
      return { kind: "cleanup", block: cx.target(unwind.block) };
  }
}

function assertion(cx: BodyCx, terminator: Extract<text.Terminator, { kind: "assert" }>, span: Span): Terminator {
  const cond = cx.operand(terminator.cond, undefined);
  const args = cx.operands(terminator.args, undefined);
  const message: AssertKind | undefined = assertKind(terminator.message, args);
  if (message === undefined) throw unsupportedIn(cx.scope, `an assertion with the message ${terminator.message}`);
  const { target, unwind } = successors(cx, terminator.target, terminator.unwind);
  if (target === undefined) throw errorIn(cx.scope, "an assertion goes on somewhere");
  return { kind: "assert", cond, expected: terminator.expected, message, target, unwind, span };
}

/** An unsigned number; older dumps give its type behind it. */
function switchValue(scope: Scope, value: string): bigint {
  const match = /^(\d{1,39})(?:_?[iu](?:8|16|32|64|128|size))?$/.exec(value);
  if (match === null) throw errorIn(scope, `expected a value or \`otherwise\`, found \`${value}\``);
  return BigInt(match[1]!);
}
