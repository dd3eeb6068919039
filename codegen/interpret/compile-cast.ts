/**
 * Casts between scalars, and transmutes, which go through memory so that every byte is looked at as the new type.
 */

import { bug } from "../entity/entity.ts";
import type { CastKind, Operand } from "../mir/syntax.ts";
import type { BodyCx } from "./compile-body.ts";
import { align16 } from "./frame.ts";
import { OP } from "./opcodes.ts";
import { emitMemoryMoved, emitMemoryOperand, operandRegister } from "./operand.ts";
import { emitLoadLeaves, emitMoveLeaves, emitStoreLeaves } from "./place.ts";
import { CLS_SHIFT, CLS_SIZE, CLS_WORDS, Cls, isSignedCls, type TypeInfo } from "./type-info.ts";

/** Emits the cast of `operand` to the flat type `to`, into the registers from `d` on. */
export function emitCast(cx: BodyCx, kind: CastKind, operand: Operand, to: TypeInfo, d: number): void {
  if (kind === "Transmute") {
    emitFlatTransmute(cx, operand, to, d);
    return;
  }
  const from = cx.operandInfo(operand).leaves[0]?.cls;
  const cls = to.leaves[0]?.cls;
  if (from === undefined || cls === undefined) throw bug(`a cast of kind ${kind} to ${to.ty.text}`);
  const a = operandRegister(cx, operand);
  switch (kind) {
    case "IntToInt":
      emitIntToInt(cx, from, cls, d, a);
      return;
    case "IntToFloat":
      emitIntToFloat(cx, from, cls, d, a);
      return;
    case "FloatToInt":
      cx.emit(OP.FloatToInt, d, a, from === Cls.F64 ? 64 : 32, CLS_SIZE[cls]! * 8, isSignedCls(cls) ? 1 : 0);
      return;
    case "FloatToFloat":
      if (from === cls) cx.emit(OP.Mov2, d, a);
      else cx.emit(from === Cls.F32 ? OP.F32ToF64 : OP.F64ToF32, d, a);
      return;
    case "PointerExposeProvenance":
      cx.emit(OP.Expose, d, a);
      if (CLS_WORDS[cls] !== 2) emitIntToInt(cx, Cls.U64, cls, d, d);
      return;
    case "PointerWithExposedProvenance":
      if (CLS_WORDS[from] !== 2) throw bug("a pointer from an integer of another size");
      cx.emit(OP.FromExposed, d, a);
      return;
    case "PtrToPtr":
    case "FnPtrToPtr":
    case "ReifyFnPointer":
    case "UnsafeFnPointer":
    case "MutToConstPointer":
    case "ArrayToPointer":
      cx.emit(OP.Mov4, d, a);
  }
}

function emitIntToInt(cx: BodyCx, from: Cls, to: Cls, d: number, a: number): void {
  const wide = CLS_WORDS[from]!;
  const words = CLS_WORDS[to]!;
  const signed = isSignedCls(from);
  if (words === 1) cx.emit(isSignedCls(to) ? OP.NormS : OP.NormU, d, a, CLS_SHIFT[to]!);
  else if (words === wide || words < wide) cx.emit(words === 2 ? OP.Mov2 : OP.Mov4, d, a);
  else if (words === 2) cx.emit(signed ? OP.SExt2 : OP.ZExt2, d, a);
  else if (wide === 1) cx.emit(signed ? OP.SExt4 : OP.ZExt4, d, a);
  else cx.emit(signed ? OP.SExt24 : OP.ZExt24, d, a);
}

function emitIntToFloat(cx: BodyCx, from: Cls, to: Cls, d: number, a: number): void {
  const signed = isSignedCls(from) ? 1 : 0;
  const bits = to === Cls.F64 ? 64 : 32;
  const words = CLS_WORDS[from]!;
  if (words === 1) cx.emit(to === Cls.F64 ? OP.IntToF64 : OP.IntToF32, d, a, signed);
  else cx.emit(words === 2 ? OP.Int2ToFloat : OP.Int4ToFloat, d, a, signed, bits);
}

/** Stores `operand` in memory beyond the frame, where `to` can be read from it; `ea` is there afterwards. */
function emitToScratchMemory(cx: BodyCx, operand: Operand, to: TypeInfo): void {
  const from = cx.operandInfo(operand);
  if (from.size !== to.size) throw bug(`a transmute of ${from.ty.text} to ${to.ty.text}, which differ in size`);
  cx.outMemory = Math.max(cx.outMemory, align16(from.size));
  if (from.repr === "flat") {
    const a = operandRegister(cx, operand);
    cx.emit(OP.EaLocal, cx.frameMemory, OP.DeinitMem, from.size);
    emitStoreLeaves(cx, from, a);
    return;
  }
  const saved = emitMemoryOperand(cx, operand, from);
  cx.emit(OP.EaLocal, cx.frameMemory, OP.CopyTyped, saved, from.index);
  emitMemoryMoved(cx, operand, from, saved);
  if (operand.kind === "move") cx.emit(OP.EaLocal, cx.frameMemory);
}

function emitFlatTransmute(cx: BodyCx, operand: Operand, to: TypeInfo, d: number): void {
  const from = cx.operandInfo(operand);
  const x = from.leaves[0]?.cls;
  const y = to.leaves[0]?.cls;
  const single = from.repr === "flat" && from.leaves.length === 1 && to.leaves.length === 1 && from.size === to.size;
  if (single && x !== undefined && y !== undefined) {
    const toInt = y <= Cls.U128;
    const fromInt = x <= Cls.CHAR;
    if (fromInt && toInt) {
      emitIntToInt(cx, x, y, d, operandRegister(cx, operand));
      return;
    }
    if (x === y) {
      emitMoveLeaves(cx, to, d, operandRegister(cx, operand));
      return;
    }
  }
  emitToScratchMemory(cx, operand, to);
  emitLoadLeaves(cx, to, d);
}

/** Emits a transmute to a type that lives in memory; answers the register with the address to copy from. */
export function emitTransmute(cx: BodyCx, operand: Operand, to: TypeInfo): number {
  emitToScratchMemory(cx, operand, to);
  const saved = cx.scratch(1);
  cx.emit(OP.EaSave, saved);
  return saved;
}
