/**
 * Casts between scalars, and transmutes, which go through memory so that every byte is looked at as the new type.
 */

import { bug } from "../entity/entity.ts";
import type { CastKind, Operand } from "../mir/syntax.ts";
import { coerceUnsized, type UnsizeInfo } from "../traits/unsize.ts";
import { reifiedFunction } from "./callees.ts";
import type { BodyCx } from "./compile-body.ts";
import { emitRetagRegisters, mayContainReference } from "./compile-retag.ts";
import { align16, SLOT } from "./frame.ts";
import { OP, TRAP_TRANSMUTE } from "./opcodes.ts";
import { emitMemoryMoved, emitMemoryOperand, emitZstOperand, operandRegister } from "./operand.ts";
import { emitChecks, emitLoadLeaves, emitMoveLeaves, emitStoreLeaves } from "./place.ts";
import { CLS_SHIFT, CLS_SIZE, CLS_WORDS, Cls, isSignedCls, type TypeInfo } from "./type-info.ts";
import { Unsupported } from "./ub.ts";

/** Emits the cast of `operand` to the flat type `to`, into the registers from `d` on. */
export function emitCast(cx: BodyCx, kind: CastKind, operand: Operand, to: TypeInfo, d: number): void {
  switch (kind) {
    case "Transmute":
      emitFlatTransmute(cx, operand, to, d);
      return;
    case "ReifyFnPointer":
    case "ClosureFnPointer":
      emitReify(cx, operand, d);
      return;
    case "Unsize":
      emitUnsize(cx, operand, to, d);
      return;
    case "PtrToPtr":
    case "FnPtrToPtr":
    case "UnsafeFnPointer":
    case "MutToConstPointer":
    case "ArrayToPointer": {
      // A wide pointer keeps its metadata, or loses it.
      const a = operandRegister(cx, operand);
      // Only a function has an address as data.
      if (kind === "FnPtrToPtr") cx.emit(OP.CheckFn, a);
      for (let k = 0; k < to.leaves.length; k++) cx.emit(OP.Mov4, d + k * SLOT, a + k * SLOT);
      emitChecks(cx, to, d);
      return;
    }
    default:
      emitScalarCast(cx, kind, operand, to, d);
  }
}

type ScalarCast =
  | "IntToInt"
  | "IntToFloat"
  | "FloatToInt"
  | "FloatToFloat"
  | "PointerExposeProvenance"
  | "PointerWithExposedProvenance";

function emitScalarCast(cx: BodyCx, kind: ScalarCast, operand: Operand, to: TypeInfo, d: number): void {
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
      if (from === Cls.F16 || from === Cls.F128)
        cx.emit(OP.SoftToInt, d, a, CLS_SIZE[from]! * 8, CLS_SIZE[cls]! * 8, isSignedCls(cls) ? 1 : 0);
      else cx.emit(OP.FloatToInt, d, a, from === Cls.F64 ? 64 : 32, CLS_SIZE[cls]! * 8, isSignedCls(cls) ? 1 : 0);
      return;
    case "FloatToFloat":
      if (from === cls) cx.emit(OP.Mov4, d, a);
      else if (from >= Cls.F16 || cls >= Cls.F16)
        cx.emit(OP.SoftConvert, d, a, CLS_SIZE[from]! * 8, CLS_SIZE[cls]! * 8);
      else cx.emit(from === Cls.F32 ? OP.F32ToF64 : OP.F64ToF32, d, a);
      return;
    case "PointerExposeProvenance":
      cx.emit(OP.Expose, d, a);
      if (CLS_WORDS[cls] !== 2) emitIntToInt(cx, Cls.U64, cls, d, d);
      return;
    case "PointerWithExposedProvenance":
      if (CLS_WORDS[from] !== 2) throw bug("a pointer from an integer of another size");
      cx.emit(OP.FromExposed, d, a);
  }
}

/** A function item or a closure without captures as a function pointer: neither takes any room. */
function emitReify(cx: BodyCx, operand: Operand, d: number): void {
  const { ty } = cx.operandInfo(operand);
  const target = reifiedFunction(cx.prepared, ty);
  if (target === undefined) {
    // Older texts have the function's pointer here already.
    cx.emit(OP.Mov4, d, operandRegister(cx, operand));
    return;
  }
  emitZstOperand(cx, operand);
  cx.emit(OP.FnPtr, d, target);
}

/** `&[T; N]` to `&[T]`, `&T` to `&dyn Trait`, and the same of what wraps such a pointer. */
function emitUnsize(cx: BodyCx, operand: Operand, to: TypeInfo, d: number): void {
  const from = cx.operandInfo(operand);
  const coercion = coerceUnsized(cx.prepared.traits, from.ty, to.ty);
  if (coercion === undefined) throw new Unsupported(`the coercion of ${from.ty.text} to ${to.ty.text}`);
  if (from.repr !== "flat" || to.repr !== "flat") throw new Unsupported(`the coercion of the large ${from.ty.text}`);
  const a = operandRegister(cx, operand);
  let leaf = 0;
  let current = from;
  for (const field of coercion.path) {
    const tys = cx.prepared.table.fieldTysOf(current.ty);
    for (let i = 0; i < field; i++) leaf += cx.infoOf(tys[i]!).leaves.length;
    current = cx.infoOf(tys[field]!);
  }
  const wasWide = current.leaves.length === 2;
  const at = leaf * SLOT;
  // Leaves behind the pointer move up by one where it had no metadata; from the last, for the registers may be the same.
  const shift = wasWide ? 0 : 1;
  for (let k = to.leaves.length - 1; k > leaf + 1; k--) cx.emit(OP.Mov4, d + k * SLOT, a + (k - shift) * SLOT);
  emitMetadata(cx, coercion.info, d + at + SLOT, a + at + SLOT);
  for (let k = leaf; k >= 0; k--) cx.emit(OP.Mov4, d + k * SLOT, a + k * SLOT);
  emitChecks(cx, to, d);
}

function emitMetadata(cx: BodyCx, info: UnsizeInfo, d: number, old: number): void {
  switch (info.kind) {
    case "length":
      cx.emit(OP.Mov2, d, cx.constant(Cls.U64, BigInt(info.length)));
      return;
    case "vtable":
      cx.emit(OP.GlobalPtr, d, cx.prepared.globals.add({ kind: "vtable", ty: info.ty, dyn: info.dyn }), 0);
      return;
    case "upcast":
      cx.emit(OP.Upcast, d, old, cx.infoOf(info.to).index);
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
  const bits = CLS_SIZE[to]! * 8;
  const words = CLS_WORDS[from]!;
  if (to >= Cls.F16) cx.emit(OP.SoftFromInt, d, a, words, signed, bits);
  else if (words === 1) cx.emit(to === Cls.F64 ? OP.IntToF64 : OP.IntToF32, d, a, signed);
  else cx.emit(words === 2 ? OP.Int2ToFloat : OP.Int4ToFloat, d, a, signed, bits);
}

function retagsSource({ prepared }: BodyCx, from: TypeInfo): boolean {
  return prepared.aliasing !== "none" && prepared.retagTypedCopies && mayContainReference(prepared.table, from);
}

/** Stores `operand` in memory beyond the frame, where `to` can be read from it; `ea` is there afterwards. */
function emitToScratchMemory(cx: BodyCx, operand: Operand, to: TypeInfo): void {
  const from = cx.operandInfo(operand);
  if (from.size !== to.size) cx.emit(OP.Trap, TRAP_TRANSMUTE);
  cx.outMemory = Math.max(cx.outMemory, align16(Math.max(from.size, to.size)));
  if (from.repr === "zst") {
    emitZstOperand(cx, operand);
    cx.emit(OP.EaLocal, cx.frameMemory);
    return;
  }
  if (from.repr === "flat") {
    const a = operandRegister(cx, operand);
    cx.emit(OP.EaLocal, cx.frameMemory, OP.DeinitMem, from.size);
    emitStoreLeaves(cx, from, a);
    emitRetagSource(cx, from);
    return;
  }
  const saved = emitMemoryOperand(cx, operand, from);
  cx.emit(OP.EaLocal, cx.frameMemory, OP.CopyTyped, saved, from.index);
  emitMemoryMoved(cx, operand, from, saved);
  if (operand.kind === "move") cx.emit(OP.EaLocal, cx.frameMemory);
  emitRetagSource(cx, from);
}

/**
 * A transmute is two typed copies, the first at the type that the operand has: references in it are retagged, whatever they become
 * (rustc_const_eval/src/interpret/place.rs, `copy_op_inner`). `ea` is at the value.
 */
function emitRetagSource(cx: BodyCx, from: TypeInfo): void {
  if (retagsSource(cx, from)) cx.emit(OP.RetagMem, from.index, 0, OP.EaLocal, cx.frameMemory);
}

function emitFlatTransmute(cx: BodyCx, operand: Operand, to: TypeInfo, d: number): void {
  const from = cx.operandInfo(operand);
  const x = from.leaves[0]?.cls;
  const y = to.leaves[0]?.cls;
  const single =
    from.repr === "flat" &&
    from.leaves.length === 1 &&
    to.leaves.length === 1 &&
    from.size === to.size &&
    cx.prepared.table.checksOf(to).length === 0;
  if (single && x !== undefined && y !== undefined) {
    const toInt = y <= Cls.U128;
    const fromInt = x <= Cls.CHAR;
    if (fromInt && toInt) {
      emitIntToInt(cx, x, y, d, operandRegister(cx, operand));
      return;
    }
    if (x === y) {
      emitMoveLeaves(cx, to, d, operandRegister(cx, operand));
      if (retagsSource(cx, from) && from !== to) emitRetagRegisters(cx, from, d, false);
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
