/**
 * Binary and unary operations on scalars. As rustc_codegen_ssa/src/mir/rvalue.rs (`codegen_scalar_binop`).
 */

import { intType, primitiveBits } from "../../abi/type-of.ts";
import { bug } from "../../entity/entity.ts";
import { fieldOffset } from "../../layout/layout.ts";
import type { TyAndLayout } from "../../layout/types.ts";
import type { BinOp, UnOp } from "../../mir/syntax.ts";
import type { Ty } from "../../mir/ty.ts";
import { BackendType, type IntPredicate, type OverflowOp, type RealPredicate, type Value } from "../traits/types.ts";
import type { FunctionCx } from "./function-cx.ts";
import { immediate, immediateOf, OperandKind, type OperandRef, pair, scalarOf, zeroSized } from "./operand.ts";

/** `left op right`, of layout `to`. */
export function codegenBinary(
  fx: FunctionCx,
  op: BinOp,
  left: OperandRef,
  right: OperandRef,
  to: TyAndLayout,
): OperandRef {
  if (left.kind === OperandKind.ZeroSized) return immediate(to, compareUnits(fx, op));
  const a = immediateOf(left);
  const b = immediateOf(right);
  const { ty } = left.layout;
  switch (op) {
    case "AddWithOverflow":
    case "SubWithOverflow":
    case "MulWithOverflow":
      return checkedPair(fx, op, ty, a, b, to);
    case "Shl":
    case "ShlUnchecked":
    case "Shr":
    case "ShrUnchecked":
      return immediate(to, shift(fx, op, left, right));
    case "Offset":
      return immediate(to, offset(fx, ty, a, right));
    case "Eq":
    case "Ne":
    case "Lt":
    case "Le":
    case "Gt":
    case "Ge":
      return immediate(to, compare(fx, op, ty, a, b));
    case "Cmp":
      return immediate(to, threeWay(fx, ty, a, b));
    default:
      return immediate(to, ty.kind === "float" ? floatBinop(fx, op, a, b) : intBinop(fx, op, ty, a, b));
  }
}

/** All values of a zero-sized type are equal. */
function compareUnits(fx: FunctionCx, op: BinOp): Value {
  if (op === "Cmp") return fx.bx.constInt(BackendType.I8, 0n);
  return fx.bx.constInt(BackendType.I1, op === "Eq" || op === "Le" || op === "Ge" ? 1n : 0n);
}

function floatBinop(fx: FunctionCx, op: BinOp, a: Value, b: Value): Value {
  const { bx } = fx;
  switch (op) {
    case "Add":
      return bx.fadd(a, b);
    case "Sub":
      return bx.fsub(a, b);
    case "Mul":
      return bx.fmul(a, b);
    case "Div":
      return bx.fdiv(a, b);
    case "Rem":
      return bx.frem(a, b);
    default:
      throw bug(`${op} of floats`);
  }
}

function intBinop(fx: FunctionCx, op: BinOp, ty: Ty, a: Value, b: Value): Value {
  const { bx } = fx;
  const signed = ty.kind === "int";
  switch (op) {
    case "Add":
      return bx.add(a, b);
    case "AddUnchecked":
      return bx.uncheckedBinop(signed ? "sadd" : "uadd", a, b);
    case "Sub":
      return bx.sub(a, b);
    case "SubUnchecked":
      return bx.uncheckedBinop(signed ? "ssub" : "usub", a, b);
    case "Mul":
      return bx.mul(a, b);
    case "MulUnchecked":
      return bx.uncheckedBinop(signed ? "smul" : "umul", a, b);
    case "Div":
      return signed ? bx.sdiv(a, b) : bx.udiv(a, b);
    case "Rem":
      return signed ? bx.srem(a, b) : bx.urem(a, b);
    case "BitAnd":
      return bx.and(a, b);
    case "BitOr":
      return bx.or(a, b);
    case "BitXor":
      return bx.xor(a, b);
    default:
      throw bug(`${op} of integers`);
  }
}

type CheckedOp = "AddWithOverflow" | "SubWithOverflow" | "MulWithOverflow";

const CHECKED: Readonly<Record<CheckedOp, readonly [OverflowOp, OverflowOp]>> = {
  AddWithOverflow: ["sadd", "uadd"],
  SubWithOverflow: ["ssub", "usub"],
  MulWithOverflow: ["smul", "umul"],
};

function checkedPair(fx: FunctionCx, op: CheckedOp, ty: Ty, a: Value, b: Value, to: TyAndLayout): OperandRef {
  const [result, overflow] = fx.bx.checkedBinop(CHECKED[op][ty.kind === "int" ? 0 : 1], a, b);
  // The layout decides which of the two comes first.
  return fieldOffset(to.layout, 0) === 0 ? pair(to, result, overflow) : pair(to, overflow, result);
}

/** The amount is taken modulo the width: by a mask, or because an unchecked shift promises it. */
function shift(fx: FunctionCx, op: BinOp, left: OperandRef, right: OperandRef): Value {
  const { bx, cx } = fx;
  const pointerBits = cx.pointerSize * 8;
  const bits = primitiveBits(scalarOf(left.layout.layout).primitive, pointerBits);
  const amountBits = primitiveBits(scalarOf(right.layout.layout).primitive, pointerBits);
  const type = intType(bits);
  let amount = immediateOf(right);
  if (amountBits > bits) amount = bx.trunc(amount, type);
  else if (amountBits < bits) amount = bx.zext(amount, type);
  if (op === "Shl" || op === "Shr") amount = bx.and(amount, bx.constInt(type, cx.policy.shiftMask(bits)));
  const value = immediateOf(left);
  if (op === "Shl" || op === "ShlUnchecked") return bx.shl(value, amount);
  return left.layout.ty.kind === "int" ? bx.ashr(value, amount) : bx.lshr(value, amount);
}

function offset(fx: FunctionCx, ty: Ty, base: Value, count: OperandRef): Value {
  if (ty.kind !== "ptr" && ty.kind !== "ref") throw bug(`Offset of ${ty.text}`);
  const { size } = fx.cx.layoutOf(ty.pointee).layout;
  return size === 0 ? base : fx.bx.ptrIndex(base, immediateOf(count), size);
}

type Comparison = "Eq" | "Ne" | "Lt" | "Le" | "Gt" | "Ge";

const SIGNED: Readonly<Record<Comparison, IntPredicate>> = {
  Eq: "eq",
  Ne: "ne",
  Lt: "slt",
  Le: "sle",
  Gt: "sgt",
  Ge: "sge",
};
const UNSIGNED: Readonly<Record<Comparison, IntPredicate>> = {
  Eq: "eq",
  Ne: "ne",
  Lt: "ult",
  Le: "ule",
  Gt: "ugt",
  Ge: "uge",
};
const REAL: Readonly<Record<Comparison, RealPredicate>> = {
  Eq: "oeq",
  Ne: "une",
  Lt: "olt",
  Le: "ole",
  Gt: "ogt",
  Ge: "oge",
};

function compare(fx: FunctionCx, op: Comparison, ty: Ty, a: Value, b: Value): Value {
  if (ty.kind === "float") return fx.bx.fcmp(REAL[op], a, b);
  return fx.bx.icmp((ty.kind === "int" ? SIGNED : UNSIGNED)[op], a, b);
}

/** `Ordering` as an i8: (a > b) - (a < b). */
function threeWay(fx: FunctionCx, ty: Ty, a: Value, b: Value): Value {
  const { bx } = fx;
  const greater = bx.zext(compare(fx, "Gt", ty, a, b), BackendType.I8);
  return bx.sub(greater, bx.zext(compare(fx, "Lt", ty, a, b), BackendType.I8));
}

/** `op operand`, of layout `to`. */
export function codegenUnary(fx: FunctionCx, op: UnOp, operand: OperandRef, to: TyAndLayout): OperandRef {
  const { bx } = fx;
  if (op === "PtrMetadata") return zeroSized(to);
  const value = immediateOf(operand);
  // `not` is for integers: a backend may keep an `I1` in a wider register.
  if (op === "Not")
    return immediate(
      to,
      operand.layout.ty.kind === "bool" ? bx.xor(value, bx.constInt(BackendType.I1, 1n)) : bx.not(value),
    );
  return immediate(to, operand.layout.ty.kind === "float" ? bx.fneg(value) : bx.neg(value));
}
