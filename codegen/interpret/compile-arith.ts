/**
 * Unary and binary operations on scalars: which instruction computes `left op right` of a class.
 */

import { bug } from "../entity/entity.ts";
import type { BinOp, Operand, UnOp } from "../mir/syntax.ts";
import type { BodyCx } from "./compile-body.ts";
import { SLOT } from "./frame.ts";
import { Arith } from "./int128.ts";
import { OP } from "./opcodes.ts";
import { emitZstOperand, operandRegister } from "./operand.ts";
import { SOFT_BINARY, SOFT_COMPARE } from "./soft-float.ts";
import { CLS_SHIFT, CLS_SIZE, CLS_WORDS, Cls, isSignedCls, type TypeInfo } from "./type-info.ts";

type Arithmetic = "Add" | "Sub" | "Mul";
type Comparison = "Eq" | "Ne" | "Lt" | "Le" | "Gt" | "Ge";

/** 32-bit operations: signed and unsigned, wrapping and with overflow flag. */
const WORD_OPS: Readonly<Record<Arithmetic, readonly [number, number, number, number]>> = {
  Add: [OP.AddS, OP.AddU, OP.AddOS, OP.AddOU],
  Sub: [OP.SubS, OP.SubU, OP.SubOS, OP.SubOU],
  Mul: [OP.MulS, OP.MulU, OP.MulOS, OP.MulOU],
};
const PAIR_OPS: Readonly<Record<Arithmetic, number>> = { Add: OP.Add2, Sub: OP.Sub2, Mul: OP.Mul2 };
const WIDE_OPS: Readonly<Record<string, number>> = {
  Add: Arith.ADD,
  Sub: Arith.SUB,
  Mul: Arith.MUL,
  Div: Arith.DIV,
  Rem: Arith.REM,
  Shl: Arith.SHL,
  Shr: Arith.SHR,
};
const FLOAT_OPS: Readonly<Record<string, readonly [number, number]>> = {
  Add: [OP.AddF32, OP.AddF64],
  Sub: [OP.SubF32, OP.SubF64],
  Mul: [OP.MulF32, OP.MulF64],
  Div: [OP.DivF32, OP.DivF64],
  Rem: [OP.RemF32, OP.RemF64],
};
const BIT_OPS: Readonly<Record<string, readonly [number, number, number]>> = {
  BitAnd: [OP.And1, OP.And2, OP.And4],
  BitOr: [OP.Or1, OP.Or2, OP.Or4],
  BitXor: [OP.Xor1, OP.Xor2, OP.Xor4],
};

/** Emits `left op right` into the registers from `d` on. */
export function emitBinary(cx: BodyCx, op: BinOp, left: Operand, right: Operand, d: number): void {
  const info = cx.operandInfo(left);
  const cls = info.leaves[0]?.cls;
  if (cls === undefined) {
    if (info.repr === "zst" && emitUnitComparison(cx, op, left, right, d)) return;
    throw bug(`${op} on ${info.ty.text}`);
  }
  if (info.leaves.length === 2 && info.ty.kind === "ptr") {
    emitWideComparison(cx, op, left, right, d);
    return;
  }
  if (info.leaves.length !== 1) throw bug(`${op} on ${info.ty.text}`);
  const a = operandRegister(cx, left);
  const b = operandRegister(cx, right);
  switch (op) {
    case "Add":
    case "Sub":
    case "Mul":
      emitArithmetic(cx, op, cls, d, a, b);
      return;
    case "AddWithOverflow":
    case "SubWithOverflow":
    case "MulWithOverflow":
      emitOverflowing(cx, op.slice(0, 3) as Arithmetic, cls, d, a, b);
      return;
    case "AddUnchecked":
    case "SubUnchecked":
    case "MulUnchecked": {
      const pair = cx.scratch(2);
      emitOverflowing(cx, op.slice(0, 3) as Arithmetic, cls, pair, a, b);
      cx.emit(OP.TrapIf, pair + SLOT, OP.Mov4, d, pair);
      return;
    }
    case "Div":
    case "Rem":
      emitDivision(cx, op, cls, d, a, b);
      return;
    case "BitAnd":
    case "BitOr":
    case "BitXor":
      cx.emit(BIT_OPS[op]![widthIndex(cls)]!, d, a, b);
      return;
    case "Shl":
    case "Shr":
      emitShift(cx, op, cls, d, a, b);
      return;
    case "ShlUnchecked":
    case "ShrUnchecked": {
      const amount = cx.operandInfo(right).leaves[0]?.cls ?? Cls.U32;
      cx.emit(OP.ShCheck, b, CLS_WORDS[amount]!, CLS_SIZE[cls]! * 8);
      emitShift(cx, op === "ShlUnchecked" ? "Shl" : "Shr", cls, d, a, b);
      return;
    }
    case "Eq":
    case "Ne":
    case "Lt":
    case "Le":
    case "Gt":
    case "Ge":
      emitComparison(cx, op, cls, d, a, b);
      return;
    case "Cmp":
      cx.emit(OP.Cmp, d, a, b, CLS_WORDS[cls]!, isSignedCls(cls) ? 1 : 0);
      return;
    case "Offset":
      emitOffset(cx, info, cx.operandInfo(right), d, a, b);
  }
}

/** `()` compares equal. */
function emitUnitComparison(cx: BodyCx, op: BinOp, left: Operand, right: Operand, d: number): boolean {
  const result =
    op === "Eq" || op === "Le" || op === "Ge" ? 1n : op === "Ne" || op === "Lt" || op === "Gt" ? 0n : undefined;
  if (result === undefined) return false;
  emitZstOperand(cx, left);
  emitZstOperand(cx, right);
  cx.emit(OP.MovW, d, cx.constant(Cls.BOOL, result));
  return true;
}

const WIDE_COMPARISONS: readonly BinOp[] = ["Eq", "Ne", "Lt", "Le", "Gt", "Ge"];

/** Wide pointers compare by address, then by metadata. */
function emitWideComparison(cx: BodyCx, op: BinOp, left: Operand, right: Operand, d: number): void {
  const number = WIDE_COMPARISONS.indexOf(op);
  if (number < 0) throw bug(`${op} on wide pointers`);
  const a = operandRegister(cx, left);
  const b = operandRegister(cx, right);
  cx.emit(OP.PtrCompareWide, d, a, b, number);
}

function widthIndex(cls: Cls): 0 | 1 | 2 {
  const words = CLS_WORDS[cls];
  return words === 1 ? 0 : words === 2 ? 1 : 2;
}

function emitArithmetic(cx: BodyCx, op: Arithmetic, cls: Cls, d: number, a: number, b: number): void {
  const signed = isSignedCls(cls);
  if (cls === Cls.F32 || cls === Cls.F64) cx.emit(FLOAT_OPS[op]![cls === Cls.F32 ? 0 : 1], d, a, b);
  else if (cls >= Cls.F16) cx.emit(OP.SoftBinary, d, a, b, SOFT_BINARY.indexOf(op), CLS_SIZE[cls]! * 8);
  else if (CLS_WORDS[cls] === 1) cx.emit(WORD_OPS[op][signed ? 0 : 1], d, a, b, CLS_SHIFT[cls]!);
  else if (CLS_WORDS[cls] === 2) cx.emit(PAIR_OPS[op], d, a, b);
  else cx.emit(OP.Arith4, d, a, b, WIDE_OPS[op]!, signed ? 1 : 0);
}

function emitOverflowing(cx: BodyCx, op: Arithmetic, cls: Cls, d: number, a: number, b: number): void {
  const signed = isSignedCls(cls);
  if (CLS_WORDS[cls] === 1) cx.emit(WORD_OPS[op][signed ? 2 : 3], d, a, b, CLS_SHIFT[cls]!);
  else if (CLS_WORDS[cls] === 4) cx.emit(OP.ArithO4, d, a, b, WIDE_OPS[op]!, signed ? 1 : 0);
  else if (op === "Mul") cx.emit(OP.MulO2, d, a, b, signed ? 1 : 0);
  else if (op === "Add") cx.emit(signed ? OP.AddOS2 : OP.AddOU2, d, a, b);
  else cx.emit(signed ? OP.SubOS2 : OP.SubOU2, d, a, b);
}

function emitDivision(cx: BodyCx, op: "Div" | "Rem", cls: Cls, d: number, a: number, b: number): void {
  const signed = isSignedCls(cls);
  if (cls === Cls.F32 || cls === Cls.F64) cx.emit(FLOAT_OPS[op]![cls === Cls.F32 ? 0 : 1], d, a, b);
  else if (cls >= Cls.F16) cx.emit(OP.SoftBinary, d, a, b, SOFT_BINARY.indexOf(op), CLS_SIZE[cls]! * 8);
  else if (CLS_WORDS[cls] === 1) {
    const word = op === "Div" ? (signed ? OP.DivS : OP.DivU) : signed ? OP.RemS : OP.RemU;
    cx.emit(word, d, a, b, CLS_SHIFT[cls]!);
  } else if (CLS_WORDS[cls] === 2) cx.emit(OP.DivRem2, d, a, b, signed ? 1 : 0, op === "Rem" ? 1 : 0);
  else cx.emit(OP.Arith4, d, a, b, WIDE_OPS[op]!, signed ? 1 : 0);
}

function emitShift(cx: BodyCx, op: "Shl" | "Shr", cls: Cls, d: number, a: number, b: number): void {
  const signed = isSignedCls(cls);
  if (CLS_WORDS[cls] === 1) {
    const word = op === "Shl" ? (signed ? OP.ShlS : OP.ShlU) : signed ? OP.ShrS : OP.ShrU;
    cx.emit(word, d, a, b, CLS_SHIFT[cls]!);
  } else if (CLS_WORDS[cls] === 4) cx.emit(OP.Arith4, d, a, b, WIDE_OPS[op]!, signed ? 1 : 0);
  else if (op === "Shl") cx.emit(OP.Shl2, d, a, b);
  else cx.emit(OP.Shr2, d, a, b, signed ? 1 : 0);
}

/** Signed and unsigned `Eq`, `Ne`, `Lt`, `Le`, by width. */
const COMPARISONS: Readonly<Record<"Eq" | "Ne" | "Lt" | "Le", readonly (readonly [number, number])[]>> = {
  Eq: [
    [OP.Eq1, OP.Eq1],
    [OP.Eq2, OP.Eq2],
    [OP.Eq4, OP.Eq4],
  ],
  Ne: [
    [OP.Ne1, OP.Ne1],
    [OP.Ne2, OP.Ne2],
    [OP.Ne4, OP.Ne4],
  ],
  Lt: [
    [OP.LtS1, OP.LtU1],
    [OP.LtS2, OP.LtU2],
    [OP.LtS4, OP.LtU4],
  ],
  Le: [
    [OP.LeS1, OP.LeU1],
    [OP.LeS2, OP.LeU2],
    [OP.LeS4, OP.LeU4],
  ],
};
const FLOAT_COMPARISONS: Readonly<Record<"Eq" | "Ne" | "Lt" | "Le", number>> = {
  Eq: OP.EqF,
  Ne: OP.NeF,
  Lt: OP.LtF,
  Le: OP.LeF,
};

function emitComparison(cx: BodyCx, op: Comparison, cls: Cls, d: number, left: number, right: number): void {
  const swap = op === "Gt" || op === "Ge";
  const a = swap ? right : left;
  const b = swap ? left : right;
  const base = op === "Gt" ? "Lt" : op === "Ge" ? "Le" : op;
  if (cls === Cls.F32 || cls === Cls.F64) cx.emit(FLOAT_COMPARISONS[base], d, a, b, cls === Cls.F64 ? 64 : 32);
  else if (cls >= Cls.F16) cx.emit(OP.SoftCompare, d, a, b, SOFT_COMPARE.indexOf(base), CLS_SIZE[cls]! * 8);
  else if (cls >= Cls.PTR) {
    if (base === "Eq" || base === "Ne") cx.emit(OP.PtrEq, d, a, b, base === "Eq" ? 1 : 0);
    else cx.emit(OP.PtrLess, d, a, b, base === "Le" ? 1 : 0);
  } else cx.emit(COMPARISONS[base][widthIndex(cls)]![isSignedCls(cls) ? 0 : 1], d, a, b);
}

function emitOffset(cx: BodyCx, pointer: TypeInfo, count: TypeInfo, d: number, a: number, b: number): void {
  const { ty } = pointer;
  if (ty.kind !== "ptr" && ty.kind !== "ref") throw bug(`Offset on ${ty.text}`);
  const cls = count.leaves[0]?.cls ?? Cls.I64;
  cx.emit(OP.PtrOffset, d, a, b, cx.infoOf(ty.pointee).size, isSignedCls(cls) ? 1 : 0);
}

/** Emits `op operand` into the register `d`. */
export function emitUnary(cx: BodyCx, op: UnOp, operand: Operand, info: TypeInfo, d: number): void {
  if (op === "PtrMetadata") {
    emitMetadataOf(cx, operand, d);
    return;
  }
  const cls = info.leaves[0]?.cls;
  if (cls === undefined) throw bug(`${op} on ${info.ty.text}`);
  const a = operandRegister(cx, operand);
  const words = CLS_WORDS[cls]!;
  if (op === "Not") {
    if (cls === Cls.BOOL) cx.emit(OP.NotBool, d, a);
    else if (words === 1) cx.emit(isSignedCls(cls) ? OP.NotS : OP.NotU, d, a, CLS_SHIFT[cls]!);
    else cx.emit(words === 2 ? OP.Not2 : OP.Not4, d, a);
    return;
  }
  if (cls >= Cls.F16) cx.emit(OP.SoftNeg, d, a, CLS_SIZE[cls]! * 8);
  else if (cls === Cls.F32) cx.emit(OP.NegF32, d, a);
  else if (cls === Cls.F64) cx.emit(OP.NegF64, d, a);
  else if (words === 1) cx.emit(OP.NegS, d, a, CLS_SHIFT[cls]!);
  else cx.emit(words === 2 ? OP.Neg2 : OP.Neg4, d, a);
}

/** The metadata of a wide pointer; of a thin one it is `()`, which takes no room. */
function emitMetadataOf(cx: BodyCx, operand: Operand, d: number): void {
  const info = cx.operandInfo(operand);
  const a = operandRegister(cx, operand);
  if (info.leaves.length === 2) cx.emit(OP.Mov4, d, a + SLOT);
}
