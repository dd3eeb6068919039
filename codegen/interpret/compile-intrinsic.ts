/**
 * Intrinsics that are code of their own: what a program observes, and those that call functions.
 */

import { bug } from "../entity/entity.ts";
import { INTRINSICS } from "../mir/prelude.ts";
import type { Operand } from "../mir/syntax.ts";
import { TY_I32 } from "../mir/ty.ts";
import type { Callee } from "./callees.ts";
import type { BodyCx } from "./compile-body.ts";
import type { Call } from "./compile-call.ts";
import { emitGoOn, emitJump, emitUnwind } from "./compile-jump.ts";
import { align16, SLOT } from "./frame.ts";
import { ACCESS_WRITE, OP, TRAP_DIVERGING_RETURN, UNWIND_UNREACHABLE } from "./opcodes.ts";
import { emitMemoryMoved, emitMemoryOperand, emitOperandTo, emitZstOperand, operandRegister } from "./operand.ts";
import { emitAddress, emitMoveLeaves, emitStoreLeaves, resolvePlace } from "./place.ts";
import { Cls } from "./type-info.ts";
import { Unsupported } from "./ub.ts";

/** Compiles a call of an intrinsic that has code of its own; false when it is one of the table's. */
export function compileSpecial(
  cx: BodyCx,
  t: Call,
  callee: Extract<Callee, { kind: "intrinsic" }>,
  cost: number,
): boolean {
  const { name } = callee.item;
  switch (name.slice(name.lastIndexOf(":") + 1)) {
    case INTRINSICS.observe.name:
      emitObserve(cx, t);
      break;
    case INTRINSICS.blackBox.name:
      emitBlackBox(cx, t);
      break;
    case INTRINSICS.observeScalar.name: {
      const [kind, tag, low, high] = [0, 1, 2, 3].map((i) => argument(cx, t, i));
      cx.emit(OP.ObserveRecord, kind, tag, low, high);
      break;
    }
    case INTRINSICS.panic.name: {
      // A panic of core's has a message, ours a code.
      if (t.args.length !== 1 || cx.operandInfo(t.args[0]!).leaves[0]?.cls !== Cls.U32) return false;
      cx.emit(OP.PanicOp, cost, argument(cx, t, 0));
      emitUnwind(cx, t.unwind);
      return true;
    }
    case "catch_unwind":
      emitCatchUnwind(cx, t, cost);
      return true;
    default:
      return false;
  }
  emitGoOn(cx, t, cost);
  return true;
}

/** A scalar argument, in a register. */
function argument(cx: BodyCx, t: Call, i: number): number {
  const arg: Operand | undefined = t.args[i];
  if (arg === undefined) throw bug("an intrinsic without its argument");
  return operandRegister(cx, arg);
}

/**
 * `catch_unwind(try: fn(*mut u8), data: *mut u8, catch: fn(*mut u8, *mut u8)) -> i32`: calls `try(data)`; when that unwinds, calls
 * `catch(data, payload)` and gives 1. The payload is null: what a panic carries is the machine's.
 */
function emitCatchUnwind(cx: BodyCx, t: Call, cost: number): void {
  const pointers = [0, 1, 2].map((i) => {
    const copy = cx.scratch(1);
    cx.emit(OP.Mov4, copy, argument(cx, t, i));
    return copy;
  });
  cx.flushDeinit(-1, 0);
  const [attempt, data, handler] = pointers as [number, number, number];
  const types = [0, 2].map((i) => cx.operandInfo(t.args[i]!).index) as [number, number];
  cx.outWords = Math.max(cx.outWords, 2 * SLOT);
  const result = cx.scratch(1);
  const out = (slot: number, from: number): void => {
    cx.emit(OP.Mov4, cx.outSlot(slot, cx.out.length + 1), from);
  };
  out(0, data);
  cx.emit(OP.CallPtr, cost, attempt, types[0]);
  const landing = cx.out.length;
  cx.emit(0);
  cx.emit(OP.MovW, result, cx.constant(Cls.I32, 0n));
  cx.emit(OP.Jmp);
  const end = cx.out.length;
  cx.emit(0);
  cx.out[landing] = cx.out.length;
  const payload = cx.scratch(1);
  cx.emit(OP.Caught, payload);
  out(0, data);
  out(SLOT, payload);
  // The handler may not unwind.
  cx.emit(OP.CallPtr, 0, handler, types[1], UNWIND_UNREACHABLE);
  cx.emit(OP.MovW, result, cx.constant(Cls.I32, 1n));
  cx.out[end] = cx.out.length;
  const dest = resolvePlace(cx, t.destination);
  const info = cx.infoOf(TY_I32);
  if (dest.kind === "reg") {
    cx.checkLive(dest.plan);
    emitMoveLeaves(cx, info, dest.slot, result);
  } else if (dest.kind === "mem") {
    emitAddress(cx, dest, ACCESS_WRITE);
    emitStoreLeaves(cx, info, result);
  }
  if (t.target === undefined) cx.emit(OP.Trap, TRAP_DIVERGING_RETURN);
  else emitJump(cx, t.target);
}

/**
 * What `const_eval_select((args…), in_const, at_run_time)` calls, for here it is run time; `undefined` for another intrinsic.
 */
export function selectedCall(cx: BodyCx, t: Call, callee: Extract<Callee, { kind: "intrinsic" }>): Call | undefined {
  const { name } = callee.item;
  if (name.slice(name.lastIndexOf(":") + 1) !== "const_eval_select") return undefined;
  const [tuple, , func] = t.args;
  if (tuple === undefined || func === undefined) throw bug("const_eval_select without its arguments");
  const { ty } = cx.operandInfo(tuple);
  if (ty.kind !== "tuple") throw bug(`const_eval_select with ${ty.text}`);
  const args = ty.fields.map((field, index): Operand => {
    if (tuple.kind === "const") throw new Unsupported("const_eval_select with a constant tuple");
    const { local, projection } = tuple.place;
    return { kind: tuple.kind, place: { local, projection: [...projection, { kind: "field", index, ty: field }] } };
  });
  return { ...t, func, args };
}

function emitObserve(cx: BodyCx, t: Call): void {
  const tag = argument(cx, t, 0);
  const value = t.args[1];
  if (value === undefined) throw bug("an observation without a value");
  const info = cx.operandInfo(value);
  const leaf = info.leaves[0];
  if (info.repr === "zst") {
    emitZstOperand(cx, value);
    cx.emit(OP.ObserveZst, tag, info.index);
  } else if (leaf !== undefined && leaf.event !== 0 && leaf.ty === info.ty) {
    cx.emit(OP.Observe, tag, operandRegister(cx, value), leaf.cls, leaf.event);
  } else {
    cx.outMemory = Math.max(cx.outMemory, align16(info.size));
    if (info.repr === "flat") {
      const a = operandRegister(cx, value);
      cx.emit(OP.EaLocal, cx.frameMemory, OP.DeinitMem, info.size);
      emitStoreLeaves(cx, info, a);
    } else {
      const from = emitMemoryOperand(cx, value, info);
      cx.emit(OP.EaLocal, cx.frameMemory, OP.CopyTyped, from, info.index);
      emitMemoryMoved(cx, value, info, from);
      cx.emit(OP.EaLocal, cx.frameMemory);
    }
    cx.emit(OP.ObserveMem, tag, info.index);
  }
}

/** The argument is the result. It goes by way of the callee's frame, as it would in a call. */
function emitBlackBox(cx: BodyCx, t: Call): void {
  const value = t.args[0];
  if (value === undefined) throw bug("a black box without a value");
  const info = cx.operandInfo(value);
  const dest = resolvePlace(cx, t.destination);
  if (info.repr === "zst") emitZstOperand(cx, value);
  else if (info.repr === "flat") {
    const d = cx.scratch(info.leaves.length);
    emitOperandTo(cx, value, info, d);
    cx.flushDeinit(-1, 0);
    if (dest.kind === "reg") {
      cx.checkLive(dest.plan);
      emitMoveLeaves(cx, info, dest.slot, d);
    } else if (dest.kind === "mem") {
      emitAddress(cx, dest, ACCESS_WRITE);
      cx.emit(OP.DeinitMem, info.size);
      emitStoreLeaves(cx, info, d);
    }
  } else {
    cx.outMemory = Math.max(cx.outMemory, align16(info.size));
    const from = emitMemoryOperand(cx, value, info);
    cx.emit(OP.EaLocal, cx.frameMemory, OP.CopyTyped, from, info.index);
    emitMemoryMoved(cx, value, info, from);
    const copy = cx.scratch(1);
    cx.emit(OP.EaLocal, cx.frameMemory, OP.EaSave, copy);
    if (dest.kind !== "mem") throw bug(`${info.ty.text} in registers`);
    emitAddress(cx, dest, ACCESS_WRITE);
    cx.emit(OP.CopyTyped, copy, info.index);
  }
}
