/**
 * Assignments.
 *
 * A flat result is computed into registers (the destination's own, if it has some) and stored if the destination is memory. Aggregates,
 * repeats and copies of what lives in memory are built in the destination, which is uninitialised first: an operand that overlaps it is
 * then read uninitialised, which is the undefined behaviour that MIR makes of it.
 */

import { bug } from "../entity/entity.ts";
import { discriminantFor, fieldOffset, forVariant } from "../layout/layout.ts";
import { discriminantTy } from "../mir/place-ty.ts";
import type { NullOp, Operand, Place, Rvalue } from "../mir/syntax.ts";
import { emitBinary, emitUnary } from "./compile-arith.ts";
import type { BodyCx } from "./compile-body.ts";
import { emitCast, emitTransmute } from "./compile-cast.ts";
import { emitRetag, emitRetagAssigned } from "./compile-retag.ts";
import { SLOT } from "./frame.ts";
import { offsetOfPath } from "./offset-of.ts";
import { ACCESS_NONE, ACCESS_WRITE, OP, TRAP_OVERLAP, TRAP_UNINHABITED } from "./opcodes.ts";
import { emitMemoryMoved, emitMemoryOperand, emitOperandTo, emitZstOperand, operandRegister } from "./operand.ts";
import {
  emitAddress,
  emitChecks,
  emitLength,
  emitMoveLeaves,
  emitPointee,
  emitPointer,
  emitStoreLeaves,
  isComputed,
  type MemoryPlace,
  type ResolvedPlace,
  resolvePlace,
} from "./place.ts";
import { Cls, type TypeInfo } from "./type-info.ts";

/** `written` is the rvalue as the program has it, where `assigned` copies what that moves. */
export function compileAssign(cx: BodyCx, place: Place, assigned: Rvalue, written: Rvalue = assigned): void {
  const rvalue = withoutIdentity(cx, assigned);
  const dest = resolvePlace(cx, place);
  if (dest.info.uninhabited) cx.emit(OP.Trap, TRAP_UNINHABITED);
  if (dest.kind === "zst") {
    compileZst(cx, rvalue);
    cx.flushDeinit(-1, 0);
    return;
  }
  if (dest.kind === "reg") compileToRegisters(cx, dest, place, rvalue);
  else compileToMemory(cx, dest, place, rvalue);
  emitRetagAssigned(cx, place, written);
}

/** A coercion to the type that the operand has already is a copy. */
function withoutIdentity(cx: BodyCx, rvalue: Rvalue): Rvalue {
  if (rvalue.kind !== "cast" || rvalue.castKind !== "Unsize") return rvalue;
  return cx.operandInfo(rvalue.operand).ty === cx.infoOf(rvalue.ty).ty
    ? { kind: "use", operand: rvalue.operand }
    : rvalue;
}

function compileToMemory(cx: BodyCx, dest: MemoryPlace, place: Place, rvalue: Rvalue): void {
  const pinned = pinIfMoved(cx, dest, place, rvalue);
  if (rvalue.kind === "aggregate") compileAggregate(cx, pinned, rvalue);
  else if (rvalue.kind === "repeat") compileRepeat(cx, pinned, rvalue.operand, rvalue.count);
  else if (pinned.info.repr === "flat" && !isMemoryCopy(cx, rvalue, pinned.info)) {
    const d = cx.scratch(pinned.info.leaves.length);
    emitFlat(cx, rvalue, pinned.info, d);
    emitDestination(cx, pinned, ACCESS_WRITE);
    if (pinned.info.leaves.length > 1 || pinned.info.size !== sizeOfLeaf(pinned.info))
      cx.emit(OP.DeinitMem, pinned.info.size);
    emitStoreLeaves(cx, pinned.info, d);
  } else compileMemory(cx, pinned, rvalue);
  cx.flushDeinit(-1, 0);
}

/** Whether this copies from memory what codegen copies as memory too: then its places may not overlap. */
function isMemoryCopy(cx: BodyCx, rvalue: Rvalue, info: TypeInfo): boolean {
  if (rvalue.kind !== "use" || rvalue.operand.kind === "const" || info.layout.backendRepr.kind !== "memory")
    return false;
  return cx.plan(rvalue.operand.place.local).kind === "mem" || hasDeref(rvalue.operand.place);
}

function sizeOfLeaf(info: TypeInfo): number {
  const isCompound = info.ty.kind === "adt" || info.ty.kind === "tuple" || info.ty.kind === "closure";
  return info.leaves.length === 1 && !isCompound ? info.size : -1;
}

/** A memory destination; `saved`, if there is one, is the register that holds its address already. */
type Destination = MemoryPlace & { readonly saved?: number };

/** Where the rvalue moves from a local that the destination's address depends on, the address is computed first. */
function pinIfMoved(cx: BodyCx, dest: MemoryPlace, place: Place, rvalue: Rvalue): Destination {
  if (!isComputed(dest) || !movesFromPlace(rvalue, place)) return dest;
  emitAddress(cx, dest, ACCESS_NONE);
  const saved = cx.scratch(1);
  cx.emit(OP.EaSave, saved);
  return { ...dest, saved };
}

function movesFromPlace(rvalue: Rvalue, place: Place): boolean {
  const depends = (o: Operand): boolean =>
    o.kind === "move" &&
    (o.place.local === place.local || place.projection.some((e) => e.kind === "index" && e.local === o.place.local));
  switch (rvalue.kind) {
    case "use":
    case "repeat":
    case "cast":
    case "unary":
      return depends(rvalue.operand);
    case "binary":
      return depends(rvalue.left) || depends(rvalue.right);
    case "aggregate":
      return rvalue.operands.some(depends);
    default:
      return false;
  }
}

/** Brings the destination's address into `ea`. */
function emitDestination(cx: BodyCx, dest: Destination, access: number): void {
  if (dest.saved !== undefined) cx.emit(OP.EaLoad, dest.saved, dest.info.size, access);
  else emitAddress(cx, dest, access);
}

function compileToRegisters(
  cx: BodyCx,
  dest: Extract<ResolvedPlace, { kind: "reg" }>,
  place: Place,
  rvalue: Rvalue,
): void {
  cx.checkLive(dest.plan);
  const aggregate = rvalue.kind === "aggregate";
  if (
    aggregate &&
    rvalue.operands.some((o) => o.kind !== "const" && o.place.local === place.local && !hasDeref(o.place))
  ) {
    cx.emit(OP.Trap, TRAP_OVERLAP);
  }
  emitFlat(cx, rvalue, dest.info, dest.slot);
  cx.flushDeinit(dest.slot, dest.info.leaves.length * SLOT);
  if (dest.whole) cx.assigned.add(dest.plan);
}

function hasDeref(place: Place): boolean {
  return place.projection.some((e) => e.kind === "deref");
}

/** Emits code that computes a flat rvalue into the registers from `d` on. */
function emitFlat(cx: BodyCx, rvalue: Rvalue, info: TypeInfo, d: number): void {
  switch (rvalue.kind) {
    case "use":
      emitOperandTo(cx, rvalue.operand, info, d);
      return;
    case "ref":
    case "rawPtr":
      emitBorrow(cx, rvalue, info, d);
      return;
    case "len":
      emitLength(cx, rvalue.place, d);
      return;
    case "nullary":
      emitNullary(cx, rvalue.op, d);
      return;
    case "threadLocalRef":
      cx.emit(OP.GlobalPtr, d, cx.prepared.globals.add({ kind: "static", item: rvalue.item }), 0);
      return;
    case "shallowInitBox":
      emitMoveLeaves(cx, info, d, operandRegister(cx, rvalue.operand));
      return;
    case "binary":
      emitBinary(cx, rvalue.op, rvalue.left, rvalue.right, d);
      return;
    case "unary":
      emitUnary(cx, rvalue.op, rvalue.operand, info, d);
      return;
    case "cast":
      emitCast(cx, rvalue.castKind, rvalue.operand, info, d);
      return;
    case "discriminant":
      emitDiscriminant(cx, rvalue.place, info, d);
      return;
    case "aggregate": {
      let slot = d;
      for (const operand of rvalue.operands) {
        const field = cx.operandInfo(operand);
        if (field.repr === "zst") emitZstOperand(cx, operand);
        else emitOperandTo(cx, operand, field, slot);
        slot += field.leaves.length * SLOT;
      }
      emitChecks(cx, info, d);
      return;
    }
    case "repeat":
      throw bug(`a repeat of type ${info.ty.text}`);
  }
}

/** A borrow is a pointer that is checked and retagged; a raw borrow only of Stacked Borrows. */
function emitBorrow(cx: BodyCx, rvalue: Extract<Rvalue, { kind: "ref" | "rawPtr" }>, info: TypeInfo, d: number): void {
  const { aliasing } = cx.prepared;
  const pointee = emitPointer(cx, rvalue.place, d, rvalue.kind === "rawPtr");
  if (rvalue.kind === "ref") {
    if (pointee.meta === "none") {
      cx.emit(OP.CheckRef, d);
      emitPointee(cx, info.ty);
    } else cx.emit(OP.CheckValue, d, info.index);
    if (aliasing === "none") return;
    const pointer = rvalue.mutability === "mut" ? "mutable" : "shared";
    emitRetag(cx, d, { pointer, pointee: pointee.ty, twoPhase: rvalue.twoPhase === true }, false);
  } else if (aliasing === "stacked" && rvalue.fake !== true && !isBehindRawPointer(cx, rvalue.place)) {
    const pointer = rvalue.mutability === "mut" ? "raw mut" : "raw const";
    emitRetag(cx, d, { pointer, pointee: pointee.ty, twoPhase: false }, false);
  }
}

/** Whether `place` is in what a raw pointer points to: a raw borrow of it is the same pointer. */
function isBehindRawPointer(cx: BodyCx, { local, projection }: Place): boolean {
  return projection[0]?.kind === "deref" && cx.plan(local).info.ty.kind === "ptr";
}

function emitNullary(cx: BodyCx, op: NullOp, d: number): void {
  const value = (bits: number, cls: Cls): void => cx.emit(OP.Mov2, d, cx.constant(cls, BigInt(bits)));
  switch (op.kind) {
    case "SizeOf":
      value(cx.infoOf(op.ty).size, Cls.U64);
      return;
    case "AlignOf":
      value(cx.infoOf(op.ty).align, Cls.U64);
      return;
    case "OffsetOf":
      value(offsetOfPath(cx.prepared, op.ty, op.path), Cls.U64);
      return;
    case "UbChecks":
      cx.emit(OP.MovW, d, cx.constant(Cls.BOOL, cx.prepared.runtimeChecks.ub ? 1n : 0n));
      return;
    case "ContractChecks":
      cx.emit(OP.MovW, d, cx.constant(Cls.BOOL, cx.prepared.runtimeChecks.contract ? 1n : 0n));
  }
}

function emitDiscriminant(cx: BodyCx, place: Place, info: TypeInfo, d: number): void {
  const of = resolvePlace(cx, place);
  const { ty } = of.info;
  const isEnum = ty.kind === "adt" && ty.def.adtKind === "enum";
  if (of.info.uninhabited) cx.emit(OP.Trap, TRAP_UNINHABITED);
  if (isEnum && of.kind === "mem") {
    emitAddress(cx, of);
    cx.emit(OP.Discr, d, of.info.index);
    return;
  }
  // No enum, or one that takes no room because one variant only can exist.
  const { variants } = of.info.layout;
  const variant = variants.kind === "single" ? variants.index : 0;
  const bits = isEnum && !of.info.uninhabited ? discriminantFor(cx.prepared.layout, ty, variant).bits : 0n;
  const leaf = info.leaves[0];
  if (leaf === undefined || discriminantTy(ty) !== info.ty) throw bug(`a discriminant of type ${info.ty.text}`);
  cx.emit(OP.Mov4, d, cx.constant(leaf.cls, bits));
}

/** Operands of zero size: nothing is copied, but a deref or a dead local in them still counts. */
function compileZst(cx: BodyCx, rvalue: Rvalue): void {
  const operand = (o: Operand): void => {
    const info = cx.operandInfo(o);
    if (info.repr === "zst") emitZstOperand(cx, o);
    else if (info.repr === "flat") emitOperandTo(cx, o, info, cx.scratch(info.leaves.length));
    else emitMemoryMoved(cx, o, info, emitMemoryOperand(cx, o, info));
  };
  switch (rvalue.kind) {
    case "repeat":
      // Nothing is read for no elements (rustc_const_eval/src/interpret/step.rs).
      if (cx.operandInfo(rvalue.operand).repr === "zst") emitZstOperand(cx, rvalue.operand);
      return;
    case "use":
    case "cast":
    case "unary":
      operand(rvalue.operand);
      return;
    case "aggregate":
      rvalue.operands.forEach(operand);
      return;
    case "ref":
    case "rawPtr":
    case "binary":
    case "discriminant":
    case "len":
    case "nullary":
    case "threadLocalRef":
    case "shallowInitBox":
      throw bug(`a zero-sized ${rvalue.kind}`);
  }
}

/** Assignments of values that live in memory. */
function compileMemory(cx: BodyCx, dest: Destination, rvalue: Rvalue): void {
  const { info } = dest;
  switch (rvalue.kind) {
    case "use": {
      const from = emitMemoryOperand(cx, rvalue.operand, info);
      emitDestination(cx, dest, ACCESS_WRITE);
      cx.emit(OP.CopyTyped, from, info.index);
      emitMemoryMoved(cx, rvalue.operand, info, from);
      return;
    }
    case "binary": {
      // Three-way comparison: `Ordering` is an enum of one byte.
      const d = cx.scratch(1);
      emitBinary(cx, rvalue.op, rvalue.left, rvalue.right, d);
      emitDestination(cx, dest, ACCESS_WRITE);
      cx.emit(OP.St8, d, 0);
      return;
    }
    case "cast": {
      if (rvalue.castKind !== "Transmute") throw bug(`a cast to ${info.ty.text}`);
      const from = emitTransmute(cx, rvalue.operand, info);
      emitDestination(cx, dest, ACCESS_WRITE);
      cx.emit(OP.CopyTyped, from, info.index);
      return;
    }
    default:
      throw bug(`${rvalue.kind} of type ${info.ty.text}`);
  }
}

function compileAggregate(cx: BodyCx, dest: Destination, rvalue: Extract<Rvalue, { kind: "aggregate" }>): void {
  const { aggregate, operands } = rvalue;
  const { info } = dest;
  emitDestination(cx, dest, ACCESS_WRITE);
  cx.emit(OP.DeinitMem, info.size);
  let target = dest;
  if (isComputed(dest) && dest.saved === undefined && operands.length > 0) {
    const saved = cx.scratch(1);
    cx.emit(OP.EaSave, saved);
    target = { ...dest, saved };
  }
  const of = { ty: info.ty, layout: info.layout };
  const { layout } = aggregate.kind === "adt" ? forVariant(cx.prepared.layout, of, aggregate.variant) : of;
  operands.forEach((operand, i) => {
    const field = cx.operandInfo(operand);
    const mark = cx.scratchMark();
    const written = aggregate.kind === "adt" ? (aggregate.activeField ?? i) : i;
    const offset = aggregate.kind === "adt" && aggregate.def.adtKind === "union" ? 0 : fieldOffset(layout, written);
    if (field.repr === "zst") emitZstOperand(cx, operand);
    else if (field.repr === "flat") {
      const slot = operandRegister(cx, operand);
      emitDestination(cx, target, ACCESS_NONE);
      emitStoreLeaves(cx, field, slot, offset);
    } else {
      const from = emitMemoryOperand(cx, operand, field);
      emitDestination(cx, target, ACCESS_NONE);
      cx.emit(OP.EaAdd, offset, OP.CopyTyped, from, field.index);
      emitMemoryMoved(cx, operand, field, from);
    }
    cx.flushDeinit(-1, 0);
    cx.scratchRelease(mark);
  });
  if (aggregate.kind === "adt" && aggregate.def.adtKind === "enum") {
    if (operands.length > 0) emitDestination(cx, target, ACCESS_NONE);
    cx.emit(OP.SetTag, info.index, aggregate.variant);
  }
}

function compileRepeat(cx: BodyCx, dest: Destination, operand: Operand, count: number): void {
  const element = cx.operandInfo(operand);
  if (element.repr === "flat") {
    const slot = operandRegister(cx, operand);
    emitDestination(cx, dest, ACCESS_WRITE);
    cx.emit(OP.DeinitMem, dest.info.size);
    emitStoreLeaves(cx, element, slot);
  } else {
    const from = emitMemoryOperand(cx, operand, element);
    emitDestination(cx, dest, ACCESS_WRITE);
    cx.emit(OP.CopyTyped, from, element.index);
    emitMemoryMoved(cx, operand, element, from);
    if (operand.kind === "move") emitDestination(cx, dest, ACCESS_NONE);
  }
  cx.emit(OP.Repeat, element.size, count);
}
