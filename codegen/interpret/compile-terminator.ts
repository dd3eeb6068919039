/**
 * Terminators. Each carries the number of steps of its block, which is taken from the fuel when it runs.
 */

import { bug } from "../entity/entity.ts";
import { calleeSig, type FnSig } from "../mir/place-ty.ts";
import { INTRINSICS } from "../mir/prelude.ts";
import type { AssertKind, BasicBlock, Local, Operand, Place, Terminator } from "../mir/syntax.ts";
import { PanicCode } from "../runtime/events.ts";
import type { BodyCx } from "./compile-body.ts";
import { align16, callLayout } from "./frame.ts";
import { OP, TRAP_DIVERGING_RETURN, TRAP_NEVER_RETURN, TRAP_OVERLAP } from "./opcodes.ts";
import { emitMemoryMoved, emitMemoryOperand, emitOperandTo, emitZstOperand, operandRegister } from "./operand.ts";
import { emitAddress, emitMoveLeaves, emitStoreLeaves, isComputed, type MemoryPlace, resolvePlace } from "./place.ts";
import { CLS_WORDS, Cls, toWords } from "./type-info.ts";
import { Unsupported } from "./ub.ts";

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
      compileReturn(cx, sig, cost);
      return;
    case "unreachable":
      cx.emit(OP.Unreachable);
      return;
    case "assert": {
      const cond = operandRegister(cx, t.cond);
      cx.emit(OP.Assert, cost, cond, t.expected ? 1 : 0, panicCode(t.message));
      cx.blockFixups.push(cx.out.length);
      // What the condition was moved from is marked on the way to the target.
      if (cx.pendingDeinit.length === 0) cx.emit(t.target);
      else {
        cx.blockFixups.pop();
        cx.emit(cx.out.length + 1);
        cx.flushDeinit(-1, 0);
        emitJump(cx, t.target);
      }
      return;
    }
    case "call":
      compileCall(cx, t, cost);
  }
}

/** Emits a block's number, to become the position of its code. */
function emitBlock(cx: BodyCx, block: BasicBlock): void {
  cx.blockFixups.push(cx.out.length);
  cx.emit(block);
}

function emitJump(cx: BodyCx, block: BasicBlock): void {
  cx.emit(OP.Jmp);
  emitBlock(cx, block);
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

function compileReturn(cx: BodyCx, sig: FnSig, cost: number): void {
  const ret = cx.plan(0 as Local);
  if (ret.info.uninhabited) cx.emit(OP.Trap, TRAP_NEVER_RETURN);
  if (ret.info.repr === "flat") {
    // Results travel in the frame's first slots.
    if (ret.kind === "reg") emitMoveLeaves(cx, ret.info, 0, ret.slot);
    else emitOperandTo(cx, { kind: "copy", place: { local: 0 as Local, projection: [] } }, ret.info, 0);
  }
  if (sig.ret.kind === "param") throw bug("a return of a type parameter");
  cx.emit(OP.Ret, cost);
}

type Call = Extract<Terminator, { kind: "call" }>;

function compileCall(cx: BodyCx, t: Call, cost: number): void {
  const { func } = t;
  if (func.kind === "const" && func.value.kind === "fn") {
    const { item } = func.value;
    if (item.kind === "intrinsic") {
      compileIntrinsic(cx, t, item.name, cost);
      return;
    }
    const index = cx.prepared.instance(
      item,
      func.value.args.map((a) => cx.mono(a)),
    );
    emitCallSequence(cx, t, () => cx.emit(OP.Call, cost, index));
    return;
  }
  let pointer = operandRegister(cx, func);
  if (cx.pendingDeinit.length > 0) {
    const copy = cx.scratch(1);
    cx.emit(OP.Mov4, copy, pointer);
    cx.flushDeinit(-1, 0);
    pointer = copy;
  }
  const ty = cx.operandInfo(func).index;
  emitCallSequence(cx, t, () => cx.emit(OP.CallPtr, cost, pointer, ty));
}

/** A memory place that nothing may write to while the callee runs. */
interface Protected {
  readonly saved: number;
  readonly size: number;
}

function emitCallSequence(cx: BodyCx, t: Call, emitCall: () => void): void {
  const sig = calleeSig(cx.body, t.func, cx.prepared.tcx);
  if (sig === undefined) throw bug("a call of what is no function");
  const mono = { params: sig.params.map((p) => cx.mono(p)), ret: cx.mono(sig.ret), abi: sig.abi };
  const call = callLayout(cx.prepared.table, mono);
  cx.outMemory = Math.max(cx.outMemory, call.memory);
  if (call.words > 0) cx.outWords = Math.max(cx.outWords, call.words);
  const dest = resolvePlace(cx, t.destination);
  if (t.args.some((a) => a.kind === "move" && placesOverlap(a.place, t.destination))) cx.emit(OP.Trap, TRAP_OVERLAP);
  const guarded: Protected[] = [];
  let target: number | undefined;
  if (dest.kind === "mem" && (isComputed(dest) || dest.plan?.taken === true)) {
    emitAddress(cx, dest);
    target = cx.scratch(1);
    cx.emit(OP.EaSave, target);
  }
  t.args.forEach((arg, i) => {
    const param = call.params[i];
    if (param === undefined) throw bug("a call with too many arguments");
    const { info } = param;
    const mark = cx.scratchMark();
    if (info.repr === "zst") emitZstOperand(cx, arg);
    else if (info.repr === "flat") emitOperandTo(cx, arg, info, param.slot, true);
    else {
      const from = emitMemoryOperand(cx, arg, info);
      cx.emit(OP.EaLocal, cx.frameMemory + param.offset, OP.CopyTyped, from, info.index);
      emitMemoryMoved(cx, arg, info, from);
      if (arg.kind === "move" && mayBeReached(cx, arg.place)) {
        guarded.push({ saved: from, size: info.size });
        return;
      }
    }
    cx.scratchRelease(mark);
    cx.flushDeinit(-1, 0);
  });
  if (target !== undefined) {
    cx.emit(OP.EaLoad, target, dest.info.size, OP.DeinitMem, dest.info.size);
    guarded.push({ saved: target, size: dest.info.size });
  }
  emitCall();
  if (t.target === undefined) {
    cx.emit(OP.Trap, TRAP_DIVERGING_RETURN);
    return;
  }
  for (const { saved, size } of guarded) cx.emit(OP.EaLoad, saved, size, OP.CheckUninit, saved, size);
  emitResult(cx, dest, target);
  emitJump(cx, t.target);
}

/** Brings a call's result from the callee's frame to its destination. */
function emitResult(cx: BodyCx, dest: ReturnType<typeof resolvePlace>, saved: number | undefined): void {
  if (dest.kind === "zst") return;
  const { info } = dest;
  if (dest.kind === "reg") {
    cx.checkLive(dest.plan);
    emitMoveLeaves(cx, info, dest.slot, 0, { outFrom: true });
    return;
  }
  const address = (): void => emitSaved(cx, dest, saved);
  if (info.repr === "flat") {
    const d = cx.scratch(info.leaves.length);
    emitMoveLeaves(cx, info, d, 0, { outFrom: true });
    address();
    cx.emit(OP.DeinitMem, info.size);
    emitStoreLeaves(cx, info, d);
    return;
  }
  const from = cx.scratch(1);
  cx.emit(OP.EaLocal, cx.frameMemory, OP.EaSave, from);
  address();
  cx.emit(OP.CopyTyped, from, info.index);
}

function emitSaved(cx: BodyCx, dest: MemoryPlace, saved: number | undefined): void {
  if (saved === undefined) emitAddress(cx, dest);
  else cx.emit(OP.EaLoad, saved, dest.info.size);
}

/** Whether something other than this body can reach the memory of `place`. */
function mayBeReached(cx: BodyCx, place: Place): boolean {
  return cx.plan(place.local).taken || place.projection.some((e) => e.kind === "deref");
}

/** Whether two places of one local surely share memory: one is a part of the other, by fields alone. */
function placesOverlap(a: Place, b: Place): boolean {
  if (a.local !== b.local) return false;
  const length = Math.min(a.projection.length, b.projection.length);
  for (let i = 0; i < length; i++) {
    const x = a.projection[i]!;
    const y = b.projection[i]!;
    if (x.kind === "field" && y.kind === "field") {
      if (x.index !== y.index) return false;
    } else if (x.kind !== y.kind) return false;
    else if (x.kind === "index" && y.kind === "index" && x.local !== y.local) return false;
    else if (x.kind === "constantIndex" && y.kind === "constantIndex" && x.offset !== y.offset) return false;
  }
  const rest = a.projection.length > length ? a.projection : b.projection;
  return !rest.slice(length).some((e) => e.kind === "deref");
}

/** A scalar argument of an intrinsic, in a register. */
function argument(cx: BodyCx, t: Call, i: number): number {
  const arg: Operand | undefined = t.args[i];
  if (arg === undefined) throw bug("an intrinsic without its argument");
  return operandRegister(cx, arg);
}

function compileIntrinsic(cx: BodyCx, t: Call, name: string, cost: number): void {
  switch (name) {
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
      const code = argument(cx, t, 0);
      cx.emit(OP.PanicOp, cost, code);
      return;
    }
    default:
      throw new Unsupported(`the intrinsic \`${name}\``);
  }
  cx.flushDeinit(-1, 0);
  if (t.target === undefined) {
    cx.emit(OP.Trap, TRAP_DIVERGING_RETURN);
    return;
  }
  cx.emit(OP.Goto, cost);
  emitBlock(cx, t.target);
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
      emitAddress(cx, dest);
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
    emitAddress(cx, dest);
    cx.emit(OP.CopyTyped, copy, info.index);
  }
}
