/**
 * Operands: code that brings their values into registers, and what a move leaves behind.
 *
 * A move leaves its place uninitialised, as MIR allows; reading it again is undefined behaviour. Registers are marked after the
 * statement has read all its operands (`flushDeinit`), memory right after its load.
 */

import { bug } from "../entity/entity.ts";
import type { Const, Operand } from "../mir/syntax.ts";
import type { BodyCx } from "./compile-body.ts";
import { SLOT } from "./frame.ts";
import { OP } from "./opcodes.ts";
import { emitAddress, emitLoadLeaves, emitMoveLeaves, type ResolvedPlace, resolvePlace, STORES } from "./place.ts";
import { Cls, type TypeInfo } from "./type-info.ts";
import { Unsupported } from "./ub.ts";

/** The register of a scalar constant. */
function constRegister(cx: BodyCx, value: Const): number {
  if (value.kind === "fn") {
    const slot = cx.scratch(1);
    cx.emit(
      OP.FnPtr,
      slot,
      cx.prepared.instance(
        value.item,
        value.args.map((a) => cx.mono(a)),
      ),
    );
    return slot;
  }
  const info = cx.infoOf(value.ty);
  const leaf = info.leaves[0];
  if (value.kind !== "scalar" || leaf === undefined || info.leaves.length !== 1)
    throw new Unsupported(`a constant of type ${value.ty.text}`);
  const slot = cx.constant(leaf.cls, value.bits);
  if (leaf.cls !== Cls.REF && leaf.cls !== Cls.FN) return slot;
  // An address in the text is a reference only where nothing has to be there.
  const checked = cx.scratch(1);
  emitMoveLeaves(cx, info, checked, slot);
  return checked;
}

/** Notes that the registers of a flat place were moved from. */
export function noteMove(cx: BodyCx, place: Extract<ResolvedPlace, { kind: "reg" }>, local: number): void {
  // A temporary that is assigned in this block and read only here cannot be read again before it is assigned again.
  if (place.whole && cx.reads[local] === 1 && cx.assigned.has(place.plan)) return;
  for (let k = 0; k < place.info.leaves.length; k++) cx.pendingDeinit.push(place.slot + k * SLOT);
}

/** The first register of a flat operand's leaves, which may be the local's own: they must be read before anything else is written. */
export function operandRegister(cx: BodyCx, operand: Operand): number {
  if (operand.kind === "const") return constRegister(cx, operand.value);
  const place = resolvePlace(cx, operand.place);
  if (place.kind === "zst") throw bug("a register for a zero-sized operand");
  if (place.kind === "reg") {
    if (operand.kind === "move") noteMove(cx, place, operand.place.local);
    return place.slot;
  }
  const slot = cx.scratch(place.info.leaves.length);
  emitAddress(cx, place);
  emitLoadLeaves(cx, place.info, slot);
  if (operand.kind === "move") cx.emit(OP.DeinitMem, place.info.size);
  return slot;
}

/** Emits code that copies a flat operand's leaves to the registers from `d` on. */
export function emitOperandTo(cx: BodyCx, operand: Operand, info: TypeInfo, d: number, out = false): void {
  if (operand.kind !== "const") {
    const place = resolvePlace(cx, operand.place);
    if (place.kind === "mem") {
      emitAddress(cx, place);
      emitLoadLeaves(cx, info, d, out);
      if (operand.kind === "move") cx.emit(OP.DeinitMem, info.size);
      return;
    }
    if (place.kind === "reg") {
      if (operand.kind === "move") noteMove(cx, place, operand.place.local);
      emitMoveLeaves(cx, info, d, place.slot, { outTo: out });
      return;
    }
    return;
  }
  emitMoveLeaves(cx, info, d, constRegister(cx, operand.value), { outTo: out });
}

/** Emits the checks of reading a zero-sized operand. */
export function emitZstOperand(cx: BodyCx, operand: Operand): void {
  if (operand.kind !== "const") resolvePlace(cx, operand.place);
}

/** Classes of unsigned integers by size: a constant of an enum is the bits of its tag. */
const UNSIGNED_BY_SIZE: ReadonlyMap<number, number> = new Map([
  [1, Cls.U8],
  [2, Cls.U16],
  [4, Cls.U32],
  [8, Cls.U64],
  [16, Cls.U128],
]);

/** Stores a scalar constant of a type that lives in memory (an enum that is one scalar); answers the register with its address. */
function emitMemoryConstant(cx: BodyCx, value: Const, info: TypeInfo): number {
  const cls = UNSIGNED_BY_SIZE.get(info.size);
  if (value.kind !== "scalar" || cls === undefined || info.layout.backendRepr.kind !== "scalar") {
    throw new Unsupported(`a constant of type ${info.ty.text}`);
  }
  const saved = cx.scratch(1);
  cx.emit(OP.EaLocal, cx.constantMemory);
  cx.emit(STORES[cls]!, cx.constant(cls, value.bits), 0);
  cx.emit(OP.EaSave, saved);
  return saved;
}

/** Emits code that saves the address of an operand that lives in memory, and answers the register it is in. */
export function emitMemoryOperand(cx: BodyCx, operand: Operand, info: TypeInfo): number {
  if (operand.kind === "const") return emitMemoryConstant(cx, operand.value, info);
  const place = resolvePlace(cx, operand.place);
  if (place.kind !== "mem") throw bug(`${info.ty.text} in registers`);
  emitAddress(cx, place);
  const saved = cx.scratch(1);
  cx.emit(OP.EaSave, saved);
  return saved;
}

/** Emits what a move of such an operand leaves behind. */
export function emitMemoryMoved(cx: BodyCx, operand: Operand, info: TypeInfo, saved: number): void {
  if (operand.kind === "move") cx.emit(OP.EaLoad, saved, info.size, OP.DeinitMem, info.size);
}
