/**
 * Terminators. Each carries the number of steps of its block, which is taken from the fuel when it runs.
 */

import { bug } from "../entity/entity.ts";
import type { FnSig } from "../mir/place-ty.ts";
import type { AssertKind, Local, Operand, Terminator } from "../mir/syntax.ts";
import { PanicCode } from "../runtime/events.ts";
import { shownOperands } from "./assert-message.ts";
import type { BodyCx } from "./compile-body.ts";
import { compileCall, compileDrop, compileTailCall } from "./compile-call.ts";
import { emitBlock, emitJump, emitUnwind, terminateAction } from "./compile-jump.ts";
import { OP, TRAP_NEVER_RETURN } from "./opcodes.ts";
import { emitOperandTo, operandRegister } from "./operand.ts";
import { emitMoveLeaves } from "./place.ts";
import { CLS_WORDS, Cls, toWords } from "./type-info.ts";
import { EXPLICIT_PANIC } from "./vm.ts";

export function compileTerminator(cx: BodyCx, sig: FnSig, t: Terminator, cost: number): void {
  switch (t.kind) {
    case "goto":
      cx.emit(OP.Goto, cost);
      emitBlock(cx, t.target);
      return;
    case "switchInt":
      compileSwitch(cx, t, cost);
      return;
    case "return":
      compileReturn(cx, cost);
      return;
    case "unreachable":
      cx.emit(OP.Unreachable);
      return;
    case "unwindResume":
      cx.emit(OP.Resume, cost);
      return;
    case "unwindTerminate":
      cx.emit(OP.Terminate, terminateAction(t.reason));
      return;
    case "assert":
      compileAssert(cx, t, cost);
      return;
    case "call":
      compileCall(cx, t, cost);
      return;
    case "tailCall":
      compileTailCall(cx, t, sig, cost);
      return;
    case "drop":
      compileDrop(cx, t, cost);
  }
}

function compileAssert(cx: BodyCx, t: Extract<Terminator, { kind: "assert" }>, cost: number): void {
  const cond = operandRegister(cx, t.cond);
  cx.emit(OP.Assert, cost, cond, t.expected ? 1 : 0);
  // What the condition was moved from is marked on the way to the target.
  const isDirect = cx.pendingDeinit.length === 0;
  const target = cx.out.length;
  if (isDirect) emitBlock(cx, t.target);
  else cx.emit(0);
  emitAssertFailed(cx, t);
  if (isDirect) return;
  cx.out[target] = cx.out.length;
  cx.flushDeinit(-1, 0);
  emitJump(cx, t.target);
}

/** What runs when an assertion fails; only then are the operands of its message looked at. */
function emitAssertFailed(cx: BodyCx, { message, unwind }: Extract<Terminator, { kind: "assert" }>): void {
  const operands = shownOperands(message).map(asCopy);
  const shown = operands.map((operand) => {
    const [leaf] = cx.operandInfo(operand).leaves;
    if (leaf === undefined) throw bug("an assertion shows an operand without a value");
    return leaf.cls;
  });
  const registers = operands.map((operand) => operandRegister(cx, operand));
  cx.emit(OP.AssertFailed, cx.prepared.asserts.push({ message, code: panicCode(message), shown }) - 1);
  emitUnwind(cx, unwind);
  for (const register of registers) cx.emit(register);
}

/** A message is shown once, so that what a move of it leaves behind does not matter. */
function asCopy(operand: Operand): Operand {
  return operand.kind === "move" ? { kind: "copy", place: operand.place } : operand;
}

/** The code of the panic that a failed assertion is. */
export function panicCode(message: AssertKind): number {
  switch (message.kind) {
    case "boundsCheck":
      return PanicCode.BOUNDS_CHECK;
    case "overflowNeg":
      return PanicCode.OVERFLOW_NEG;
    case "divisionByZero":
      return PanicCode.DIVISION_BY_ZERO;
    case "remainderByZero":
      return PanicCode.REMAINDER_BY_ZERO;
    case "overflow":
      switch (message.op) {
        case "Add":
          return PanicCode.OVERFLOW_ADD;
        case "Sub":
          return PanicCode.OVERFLOW_SUB;
        case "Mul":
          return PanicCode.OVERFLOW_MUL;
        case "Div":
          return PanicCode.OVERFLOW_DIV;
        case "Rem":
          return PanicCode.OVERFLOW_REM;
        case "Shl":
          return PanicCode.OVERFLOW_SHL;
        case "Shr":
          return PanicCode.OVERFLOW_SHR;
        default:
          throw bug(`an assertion on overflow of ${message.op}`);
      }
    case "misalignedPointerDereference":
    case "nullPointerDereference":
    case "invalidEnumConstruction":
    case "resumedAfterReturn":
    case "resumedAfterPanic":
      return EXPLICIT_PANIC;
  }
}

function compileSwitch(cx: BodyCx, t: Extract<Terminator, { kind: "switchInt" }>, cost: number): void {
  const info = cx.operandInfo(t.discr);
  const cls = info.leaves[0]?.cls;
  if (cls === undefined || info.leaves.length !== 1) throw bug(`a switch on ${info.ty.text}`);
  let discr = operandRegister(cx, t.discr);
  if (cx.pendingDeinit.length > 0) {
    // The moved local must be marked before the jump, so the value is looked at elsewhere.
    const copy = cx.scratch(1);
    cx.emit(CLS_WORDS[cls] === 1 ? OP.MovW : OP.Mov4, copy, discr);
    cx.flushDeinit(-1, 0);
    discr = copy;
  }
  const words = CLS_WORDS[cls]!;
  cx.emit(words === 1 ? OP.Switch1 : words === 2 ? OP.Switch2 : OP.Switch4, cost, discr, t.values.length);
  t.values.forEach((value, i) => {
    const w = toWords(value);
    if (cls === Cls.I8) w[0] = (w[0]! << 24) >> 24;
    if (cls === Cls.I16) w[0] = (w[0]! << 16) >> 16;
    for (let k = 0; k < words; k++) cx.emit(w[k]!);
    emitBlock(cx, t.targets[i]!);
  });
  if (t.otherwise !== undefined) emitBlock(cx, t.otherwise);
  else {
    cx.emit(cx.out.length + 1);
    cx.emit(OP.Unreachable);
  }
}

function compileReturn(cx: BodyCx, cost: number): void {
  const ret = cx.plan(0 as Local);
  if (ret.info.uninhabited) cx.emit(OP.Trap, TRAP_NEVER_RETURN);
  if (ret.info.repr === "flat") {
    // Results travel in the frame's first slots.
    if (ret.kind === "reg") emitMoveLeaves(cx, ret.info, 0, ret.slot);
    else emitOperandTo(cx, { kind: "copy", place: { local: 0 as Local, projection: [] } }, ret.info, 0);
  }
  cx.emit(OP.Ret, cost);
}
