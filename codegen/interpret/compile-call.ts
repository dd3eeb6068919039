/**
 * Calls: of functions, through pointers and vtables, of intrinsics; tail calls; and drops, which are calls of drop glue.
 *
 * Arguments are put where the callee's frame will be. An intrinsic is called the same way, by a machine instruction instead of a jump, unless
 * it is one of those that are code of their own (`compile-intrinsic.ts`).
 */

import { bug } from "../entity/entity.ts";
import type { FnSig } from "../mir/place-ty.ts";
import type { Operand, Place, Terminator } from "../mir/syntax.ts";
import { TY_UNIT, type Ty } from "../mir/ty.ts";
import { type Callee, resolveCall, resolveDropCall } from "./callees.ts";
import type { BodyCx } from "./compile-body.ts";
import { compileSpecial, selectedCall } from "./compile-intrinsic.ts";
import { emitBlock, emitGoOn, emitJump, emitUnwind } from "./compile-jump.ts";
import { emitRetagPlace } from "./compile-retag.ts";
import { align16, type CallLayout, callLayout, SLOT } from "./frame.ts";
import { checkedDeclaration } from "./intrinsics/declaration.ts";
import { ACCESS_NONE, ACCESS_WRITE, OP, TRAP_DIVERGING_RETURN, TRAP_OVERLAP } from "./opcodes.ts";
import { emitMemoryMoved, emitMemoryOperand, emitOperandTo, emitZstOperand, operandRegister } from "./operand.ts";
import {
  emitAddress,
  emitMoveLeaves,
  emitPointer,
  emitStoreLeaves,
  isComputed,
  type MemoryPlace,
  resolvePlace,
} from "./place.ts";
import type { TypeInfo } from "./type-info.ts";
import { Unsupported } from "./ub.ts";
import { vaListTy } from "./va-list.ts";

export type Call = Extract<Terminator, { kind: "call" }>;

/** A function as it is called: its types as the caller sees them. */
interface Target {
  readonly params: readonly Ty[];
  readonly ret: Ty;
  readonly abi: string;
  /** It takes further arguments, by a `VaList`. */
  readonly variadic?: boolean;
}

export function compileCall(cx: BodyCx, t: Call, cost: number): void {
  const callee = calleeOf(cx, t.func);
  if (callee === undefined) {
    compilePointerCall(cx, t, cost);
    return;
  }
  if (callee.kind === "nothing") {
    for (const arg of t.args) emitDiscarded(cx, arg);
    emitGoOn(cx, t, cost);
    return;
  }
  if (callee.kind === "intrinsic") {
    const selected = selectedCall(cx, t, callee);
    if (selected !== undefined) {
      compileCall(cx, selected, cost);
      return;
    }
    if (compileSpecial(cx, t, callee, cost)) return;
  }
  const target = targetOf(cx, callee);
  if (callee.kind === "intrinsic") emitIntrinsicCall(cx, t, callee, target, cost);
  else if (callee.kind === "virtual") emitVirtualCall(cx, t, callee.entry, target, cost);
  else
    emitCallSequence(cx, t, target, t.args, () => {
      cx.emit(OP.Call, cost, callee.index);
      emitUnwind(cx, t.unwind);
    });
}

/** What a call's operand names, by name or by the type that only one function has; `undefined` for a function pointer. */
function calleeOf(cx: BodyCx, func: Operand): Callee | undefined {
  if (func.kind === "const" && func.value.kind === "fn")
    return resolveCall(cx.prepared, func.value.item, func.value.args);
  const { ty } = cx.operandInfo(func);
  return ty.kind === "fndef" ? resolveCall(cx.prepared, ty.item, ty.args) : undefined;
}

function targetOf(cx: BodyCx, callee: Exclude<Callee, { kind: "nothing" }>): Target {
  const { item, args } = callee;
  return {
    params: item.params.map((p) => cx.prepared.instantiate(p, args)),
    ret: cx.prepared.instantiate(item.ret, args),
    abi: item.abi,
    ...(item.variadic === true ? { variadic: true } : {}),
  };
}

function compilePointerCall(cx: BodyCx, t: Call, cost: number): void {
  const { ty, index } = cx.operandInfo(t.func);
  if (ty.kind !== "fnptr") throw bug(`a call of ${ty.text}`);
  const pointer = savedPointer(cx, t.func);
  emitCallSequence(cx, t, ty, t.args, () => {
    cx.emit(OP.CallPtr, cost, pointer, index);
    emitUnwind(cx, t.unwind);
  });
}

/** The register of the pointer that is called, which arguments must not disturb. */
function savedPointer(cx: BodyCx, func: Operand): number {
  const pointer = operandRegister(cx, func);
  if (cx.pendingDeinit.length === 0) return pointer;
  const copy = cx.scratch(1);
  cx.emit(OP.Mov4, copy, pointer);
  cx.flushDeinit(-1, 0);
  return copy;
}

/** The method gets the receiver's address without its vtable, whatever the receiver's type is. */
function emitVirtualCall(cx: BodyCx, t: Call, entry: number, target: Target, cost: number): void {
  const receiver = t.args[0];
  if (receiver === undefined) throw bug("a virtual call without a receiver");
  const info = cx.operandInfo(receiver);
  if (info.leaves.length !== 2) throw new Unsupported(`a method called on ${info.ty.text}`);
  const wide = cx.scratch(2);
  emitOperandTo(cx, cx.prepared.moves === "strict" ? receiver : asPassed(cx, receiver, true), info, wide);
  cx.flushDeinit(-1, 0);
  const thin = cx.prepared.tcx.ptr("mut", TY_UNIT);
  const params = [thin, ...target.params.slice(1)];
  emitCallSequence(
    cx,
    t,
    { ...target, params },
    t.args,
    () => {
      cx.emit(OP.CallVirtual, cost, wide + SLOT, entry);
      emitUnwind(cx, t.unwind);
    },
    { receiver: wide },
  );
}

function emitIntrinsicCall(
  cx: BodyCx,
  t: Call,
  callee: Extract<Callee, { kind: "intrinsic" }>,
  target: Target,
  cost: number,
): void {
  const params = t.args.map((arg, i) => (i < target.params.length ? target.params[i]! : cx.operandInfo(arg).ty));
  const call = callLayout(cx.prepared.table, { ...target, params });
  const ret = cx.infoOf(target.ret);
  const { intrinsic } = callee;
  const infos = params.map((ty) => cx.infoOf(ty));
  const stride = Math.max(...infos.map((info) => (info.repr === "flat" ? align16(info.size) : 0)), 16);
  const room = intrinsic.room?.(cx.prepared.table, callee.args) ?? 0;
  const site = cx.prepared.sites.push({
    intrinsic: checkedDeclaration(intrinsic, callee.item, t.args.length),
    name: callee.item.name,
    args: callee.args,
    params,
    ret,
    call,
    stride,
  });
  const needed = call.memory + stride * params.length + room + 2 * align16(ret.size);
  cx.outMemory = Math.max(cx.outMemory, needed);
  const emitCall = (): void => {
    cx.emit(OP.Intrinsic, cost, site - 1);
    emitUnwind(cx, t.unwind);
  };
  emitCallSequence(cx, t, { ...target, params }, t.args, emitCall, { hasFrame: false });
}

/** Drops what is in a place: its glue is called with its address. */
export function compileDrop(cx: BodyCx, t: Extract<Terminator, { kind: "drop" }>, cost: number): void {
  const d = cx.scratch(2);
  const { place } = t;
  const ty = cx.operandInfo({ kind: "copy", place }).ty;
  const callee = resolveDropCall(cx.prepared, ty);
  if (callee.kind === "nothing" || callee.kind === "intrinsic") {
    cx.emit(OP.Goto, cost);
    emitBlock(cx, t.target);
    return;
  }
  const pointee = emitPointer(cx, place, d);
  const mutable = { pointer: "mutable", pointee: pointee.ty, twoPhase: false } as const;
  if (cx.prepared.aliasing !== "none") cx.emit(OP.Retag, d, cx.prepared.retagSite(mutable), 0);
  emitOutRegister(cx, 0, d);
  if (callee.kind === "virtual") cx.emit(OP.CallVirtual, cost, d + SLOT, callee.entry);
  else {
    if (pointee.repr === "unsized" && pointee.meta !== "none") emitOutRegister(cx, SLOT, d + SLOT);
    cx.emit(OP.Call, cost, callee.index);
  }
  emitUnwind(cx, t.unwind);
  emitDropped(cx, place);
  emitJump(cx, t.target);
}

/** A place that was dropped is uninitialised, as far as this body holds it. */
function emitDropped(cx: BodyCx, place: Place): void {
  if (cx.prepared.moves === "copy") return;
  if (place.projection.some((elem) => elem.kind === "deref")) return;
  const resolved = resolvePlace(cx, place);
  if (resolved.kind !== "mem" || resolved.plan === undefined || resolved.info.repr === "unsized") return;
  emitAddress(cx, resolved, ACCESS_NONE);
  cx.emit(OP.DeinitMem, resolved.info.size);
}

/** Copies a register to a slot of the callee's frame. */
function emitOutRegister(cx: BodyCx, slot: number, from: number): void {
  const at = cx.out.length;
  cx.emit(OP.Mov4, cx.outSlot(slot, at + 1), from);
}

export function compileTailCall(
  cx: BodyCx,
  t: Extract<Terminator, { kind: "tailCall" }>,
  sig: FnSig,
  cost: number,
): void {
  const callee = calleeOf(cx, t.func);
  if (callee !== undefined && callee.kind !== "fn") {
    // Nothing is gained by replacing the frame for what has none: call it, and return.
    throw new Unsupported("a tail call of what is no function");
  }
  const pointer = callee === undefined ? savedPointer(cx, t.func) : -1;
  const { ty, index } = cx.operandInfo(t.func);
  const target = callee === undefined ? (ty as Target & Ty) : targetOf(cx, callee);
  if (target.variadic === true) throw new Unsupported("a tail call of a C-variadic function");
  const call = callLayout(cx.prepared.table, target);
  if (cx.infoOf(target.ret) !== cx.infoOf(sig.ret)) throw bug("a tail call of a function with another result");
  reserveOut(cx, call);
  emitArguments(cx, call, t.args, undefined);
  if (callee === undefined) cx.emit(OP.TailCallPtr, cost, pointer, index);
  else cx.emit(OP.TailCall, cost, callee.index);
}

function reserveOut(cx: BodyCx, call: CallLayout): void {
  cx.outMemory = Math.max(cx.outMemory, call.memory);
  if (call.words > 0) cx.outWords = Math.max(cx.outWords, call.words);
}

/** A memory place that nothing may write to while the callee runs. */
interface Protected {
  readonly saved: number;
  readonly size: number;
}

/** Puts arguments in the callee's frame; answers the places moved from that the callee could reach. */
function emitArguments(
  cx: BodyCx,
  call: CallLayout,
  /** Undefined where an argument is made by other code. */
  args: readonly (Operand | undefined)[],
  /** The register of the first argument, where that is evaluated already. */
  receiver: number | undefined,
): Protected[] {
  const guarded: Protected[] = [];
  args.forEach((arg, i) => {
    const param = call.params[i];
    if (param === undefined) throw bug("a call with too many arguments");
    if (arg === undefined) return;
    const { info } = param;
    const mark = cx.scratchMark();
    if (i === 0 && receiver !== undefined) emitOutRegister(cx, param.slot, receiver);
    else if (info.repr === "zst") emitZstOperand(cx, arg);
    else if (info.repr === "flat") {
      emitOperandTo(cx, arg, info, param.slot, true);
      if (arg.kind === "move" && mayBeReached(cx, arg.place)) {
        // Its address is still the effective one.
        const saved = cx.scratch(1);
        cx.emit(OP.EaSave, saved);
        guarded.push({ saved, size: info.size });
        return;
      }
    } else {
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
  return guarded;
}

function emitCallSequence(
  cx: BodyCx,
  t: Call,
  target: Target,
  written: readonly Operand[],
  emitCall: () => void,
  /** The register of a method's receiver, evaluated already; whether what is called has a frame. */
  { receiver, hasFrame = true }: { readonly receiver?: number; readonly hasFrame?: boolean } = {},
): void {
  const isVariadic = hasFrame && target.variadic === true;
  const fixed = target.params.length;
  const params = isVariadic ? variadicParams(cx, target, written) : target.params;
  const call = callLayout(cx.prepared.table, { ...target, params });
  reserveOut(cx, call);
  const dest = resolvePlace(cx, t.destination);
  const args = cx.prepared.moves === "strict" ? written : written.map((arg) => asPassed(cx, arg, hasFrame));
  if (args.some((a) => a.kind === "move" && placesOverlap(a.place, t.destination))) cx.emit(OP.Trap, TRAP_OVERLAP);
  let saved: number | undefined;
  if (dest.kind === "mem" && (isComputed(dest) || dest.plan?.taken === true)) {
    emitAddress(cx, dest, ACCESS_NONE);
    saved = cx.scratch(1);
    cx.emit(OP.EaSave, saved);
  }
  const passed = isVariadic ? [...args.slice(0, fixed), undefined, ...args.slice(fixed)] : args;
  const guarded = emitArguments(cx, call, passed, receiver);
  if (isVariadic) cx.emit(OP.MakeVaList, cx.prepared.vaSites.push({ call, list: fixed }) - 1);
  if (saved !== undefined) {
    cx.emit(OP.EaLoad, saved, dest.info.size, ACCESS_NONE, OP.DeinitMem, dest.info.size);
    guarded.push({ saved, size: dest.info.size });
  } else if (dest.kind === "mem" && t.unwind.kind === "cleanup") {
    // A call that unwinds has written nothing, and what was there before is gone.
    emitAddress(cx, dest, ACCESS_NONE);
    cx.emit(OP.DeinitMem, dest.info.size);
  }
  const isProtecting = hasFrame && cx.prepared.aliasing !== "none" && guarded.some(({ size }) => size > 0);
  if (isProtecting) {
    for (const { saved: place, size } of guarded) if (size > 0) cx.emit(OP.ProtectPlace, place, size);
  }
  emitCall();
  if (t.target === undefined) {
    cx.emit(OP.Trap, TRAP_DIVERGING_RETURN);
    return;
  }
  if (isProtecting) cx.emit(OP.EndPlaceProtection);
  for (const { saved: place, size } of guarded)
    cx.emit(OP.EaLoad, place, size, ACCESS_NONE, OP.CheckUninit, place, size);
  emitResult(cx, dest, saved);
  emitRetagPlace(cx, t.destination);
  emitJump(cx, t.target);
}

/** The fixed parameters, the list of further arguments, and those arguments, which are passed behind it for the list to be made of. */
function variadicParams(cx: BodyCx, { params }: Target, args: readonly Operand[]): Ty[] {
  const further = args.slice(params.length).map((arg) => cx.operandInfo(arg).ty);
  return [...params, vaListTy(cx.prepared.tcx), ...further];
}

/**
 * An argument as Miri passes it: what is moved is passed in place where it lives in memory, else copied, and intrinsics get copies of everything.
 * A scalar or a pair of them lives in memory once its address was taken; other values always do.
 */
function asPassed(cx: BodyCx, arg: Operand, hasFrame: boolean): Operand {
  if (arg.kind !== "move") return arg;
  const { place } = arg;
  const plan = cx.plan(place.local);
  const { kind } = plan.info.layout.backendRepr;
  const isImmediate = !plan.taken && (kind === "scalar" || kind === "scalarPair") && !hasDeref(place);
  return hasFrame && !isImmediate ? arg : { kind: "copy", place };
}

function hasDeref(place: Place): boolean {
  return place.projection.some(({ kind }) => kind === "deref");
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
  if (saved === undefined) emitAddress(cx, dest, ACCESS_WRITE);
  else cx.emit(OP.EaLoad, saved, dest.info.size, ACCESS_WRITE);
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

/** Evaluates an operand for nothing. */
export function emitDiscarded(cx: BodyCx, operand: Operand): void {
  const info: TypeInfo = cx.operandInfo(operand);
  if (info.repr === "zst") emitZstOperand(cx, operand);
  else if (info.repr === "flat") operandRegister(cx, operand);
  else emitMemoryMoved(cx, operand, info, emitMemoryOperand(cx, operand, info));
}
