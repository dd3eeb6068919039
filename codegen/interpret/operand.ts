/**
 * Operands: code that brings their values into registers, and what a move leaves behind.
 *
 * A move leaves its place uninitialised, as MIR allows; reading it again is undefined behaviour. Registers are marked after the
 * statement has read all its operands (`flushDeinit`), memory right after its load.
 */

import { bug } from "../entity/entity.ts";
import type { Const, Operand } from "../mir/syntax.ts";
import { fnPointerTarget } from "./callees.ts";
import type { BodyCx } from "./compile-body.ts";
import { SLOT } from "./frame.ts";
import { ACCESS_NONE, ACCESS_READ, OP } from "./opcodes.ts";
import { emitAddress, emitLoadLeaves, emitMoveLeaves, type ResolvedPlace, resolvePlace } from "./place.ts";
import { Cls, type TypeInfo } from "./type-info.ts";

/** The first register of a flat constant's leaves. */
function constRegister(cx: BodyCx, value: Const, info: TypeInfo): number {
  const leaf = info.leaves[0];
  const isScalar = value.kind === "scalar" || value.kind === "transmuted";
  if (isScalar && leaf !== undefined && info.leaves.length === 1 && leaf.offset === 0) {
    const slot = cx.constant(leaf.cls, value.bits);
    const checked = leaf.cls === Cls.REF || leaf.cls === Cls.FN || cx.prepared.table.checksOf(info).length > 0;
    if (!checked) return slot;
    // An address in the text is a reference only where nothing has to be there.
    const copy = cx.scratch(1);
    emitMoveLeaves(cx, info, copy, slot);
    return copy;
  }
  const slot = cx.scratch(info.leaves.length);
  emitConstTo(cx, value, info, slot, false);
  return slot;
}

/** Emits code that brings a flat constant that is held in memory into the registers from `d` on. */
function emitConstTo(cx: BodyCx, value: Const, info: TypeInfo, d: number, out: boolean): void {
  if (value.kind === "fn") {
    const at = cx.out.length;
    cx.emit(OP.FnPtr, out ? cx.outSlot(d, at + 1) : d, fnPointerTarget(cx.prepared, value.item, value.args));
    return;
  }
  if (value.kind === "static" || (value.kind === "alloc" && info.leaves.length === 1)) {
    const target =
      value.kind === "static"
        ? cx.prepared.globals.add({ kind: "static", item: value.item })
        : cx.prepared.globals.add({ kind: "alloc", alloc: value.alloc });
    const at = cx.out.length;
    cx.emit(OP.GlobalPtr, out ? cx.outSlot(d, at + 1) : d, target, value.offset);
    return;
  }
  cx.emit(OP.ConstEa, globalOf(cx, value, info));
  emitLoadLeaves(cx, info, d, out);
}

/** The global that holds a constant's value. */
function globalOf(cx: BodyCx, value: Const, info: TypeInfo): number {
  const { ty } = info;
  if (value.kind === "unevaluated")
    return cx.prepared.globals.add({ kind: "const", item: value.item, args: value.args, ty });
  return cx.prepared.globals.add({ kind: "value", value, args: [], ty });
}

/** Whether an operand leaves its place uninitialised: a move, but not of an enum's payload, in which the discriminant may lie that drops ask for. */
function clears(operand: Operand): boolean {
  return operand.kind === "move" && !operand.place.projection.some(({ kind }) => kind === "downcast");
}

/** Notes that the registers of a flat place were moved from. */
export function noteMove(cx: BodyCx, place: Extract<ResolvedPlace, { kind: "reg" }>, local: number): void {
  // A temporary that is assigned in this block and read only here cannot be read again before it is assigned again.
  if (place.whole && cx.reads[local] === 1 && cx.assigned.has(place.plan)) return;
  for (let k = 0; k < place.info.leaves.length; k++) cx.pendingDeinit.push(place.slot + k * SLOT);
}

/** The first register of a flat operand's leaves, which may be the local's own: they must be read before anything else is written. */
export function operandRegister(cx: BodyCx, operand: Operand): number {
  if (operand.kind === "const") return constRegister(cx, operand.value, cx.operandInfo(operand));
  const place = resolvePlace(cx, operand.place);
  if (place.kind === "zst") throw bug("a register for a zero-sized operand");
  if (place.kind === "reg") {
    if (clears(operand)) noteMove(cx, place, operand.place.local);
    return place.slot;
  }
  const slot = cx.scratch(place.info.leaves.length);
  emitAddress(cx, place, ACCESS_READ);
  emitLoadLeaves(cx, place.info, slot);
  if (clears(operand)) cx.emit(OP.DeinitMem, place.info.size);
  return slot;
}

/** Emits code that copies a flat operand's leaves to the registers from `d` on. */
export function emitOperandTo(cx: BodyCx, operand: Operand, info: TypeInfo, d: number, out = false): void {
  if (operand.kind !== "const") {
    const place = resolvePlace(cx, operand.place);
    if (place.kind === "mem") {
      emitAddress(cx, place, ACCESS_READ);
      emitLoadLeaves(cx, info, d, out);
      if (clears(operand)) cx.emit(OP.DeinitMem, info.size);
      return;
    }
    if (place.kind === "reg") {
      if (clears(operand)) noteMove(cx, place, operand.place.local);
      emitMoveLeaves(cx, info, d, place.slot, { outTo: out });
      return;
    }
    return;
  }
  const { value } = operand;
  if (value.kind === "scalar" || value.kind === "transmuted")
    emitMoveLeaves(cx, info, d, constRegister(cx, value, info), { outTo: out });
  else emitConstTo(cx, value, info, d, out);
}

/** Emits the checks of reading a zero-sized operand. */
export function emitZstOperand(cx: BodyCx, operand: Operand): void {
  if (operand.kind !== "const") resolvePlace(cx, operand.place);
}

/** Emits code that saves the address of an operand that lives in memory, and answers the register it is in. */
export function emitMemoryOperand(cx: BodyCx, operand: Operand, info: TypeInfo): number {
  if (operand.kind === "const") cx.emit(OP.ConstEa, globalOf(cx, operand.value, info));
  else {
    const place = resolvePlace(cx, operand.place);
    if (place.kind !== "mem") throw bug(`${info.ty.text} in registers`);
    emitAddress(cx, place, ACCESS_READ);
  }
  const saved = cx.scratch(1);
  cx.emit(OP.EaSave, saved);
  return saved;
}

/** Emits what a move of such an operand leaves behind. */
export function emitMemoryMoved(cx: BodyCx, operand: Operand, info: TypeInfo, saved: number): void {
  if (clears(operand)) cx.emit(OP.EaLoad, saved, info.size, ACCESS_NONE, OP.DeinitMem, info.size);
}
