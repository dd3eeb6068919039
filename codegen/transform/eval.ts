/**
 * Operations on constant scalars, for passes that fold. Shares no code with the interpreter, which judges these passes.
 *
 * Bits are unsigned numbers of the type's width, as in `Const`. What is undefined, would panic or is not a scalar of a fixed width gives
 * `undefined`: such operations stay. Floats are never folded.
 */

import type { BinOp, Const, Operand, UnOp } from "../mir/syntax.ts";
import { TY_BOOL, TY_CHAR, type Ty } from "../mir/ty.ts";

/** A scalar constant. */
export interface ScalarConst {
  readonly ty: Ty;
  readonly bits: bigint;
}

/** The width in bits of integers, `bool` and `char`; `undefined` for other types. */
export function scalarWidth(ty: Ty, pointerBits: number): number | undefined {
  if (ty.kind === "int" || ty.kind === "uint") return ty.width === "size" ? pointerBits : ty.width;
  if (ty === TY_BOOL) return 1;
  if (ty === TY_CHAR) return 32;
  return undefined;
}

/** The constant that `operand` is, when that is an integer, a `bool` or a `char`. */
export function constOf(operand: Operand): ScalarConst | undefined {
  if (operand.kind !== "const" || operand.value.kind !== "scalar") return undefined;
  const { ty, bits } = operand.value;
  return ty.kind === "int" || ty.kind === "uint" || ty === TY_BOOL || ty === TY_CHAR ? { ty, bits } : undefined;
}

export function constOperand({ ty, bits }: ScalarConst): Operand {
  return { kind: "const", value: scalarConst(ty, bits) };
}

export function scalarConst(ty: Ty, bits: bigint): Const {
  return { kind: "scalar", ty, bits };
}

function mathValue({ ty, bits }: ScalarConst, width: number): bigint {
  return ty.kind === "int" ? BigInt.asIntN(width, bits) : bits;
}

const COMPARE: Readonly<Partial<Record<BinOp, (a: bigint, b: bigint) => boolean>>> = {
  Eq: (a, b) => a === b,
  Ne: (a, b) => a !== b,
  Lt: (a, b) => a < b,
  Le: (a, b) => a <= b,
  Gt: (a, b) => a > b,
  Ge: (a, b) => a >= b,
};

/** `left op right` for operations that give one scalar. */
export function evalBinary(
  op: BinOp,
  left: ScalarConst,
  right: ScalarConst,
  pointerBits: number,
): ScalarConst | undefined {
  const width = scalarWidth(left.ty, pointerBits);
  const rightWidth = scalarWidth(right.ty, pointerBits);
  if (width === undefined || rightWidth === undefined) return undefined;
  const a = mathValue(left, width);
  const b = mathValue(right, rightWidth);
  const compare = COMPARE[op];
  if (compare !== undefined) return { ty: TY_BOOL, bits: compare(a, b) ? 1n : 0n };
  const exact = evalArithmetic(op, a, b, width);
  if (exact === undefined) return undefined;
  const bits = BigInt.asUintN(width, exact);
  if (op.endsWith("Unchecked") && !op.startsWith("Sh")) {
    if (mathValue({ ty: left.ty, bits }, width) !== exact) return undefined;
  }
  return { ty: left.ty, bits };
}

/** `left op right` for `AddWithOverflow` and its like: the wrapped result and whether it wrapped. */
export function evalOverflowing(
  op: BinOp,
  left: ScalarConst,
  right: ScalarConst,
  pointerBits: number,
): { readonly value: ScalarConst; readonly overflow: boolean } | undefined {
  const width = scalarWidth(left.ty, pointerBits);
  if (width === undefined || !op.endsWith("WithOverflow")) return undefined;
  const plain = op.slice(0, -"WithOverflow".length) as BinOp;
  const exact = evalArithmetic(plain, mathValue(left, width), mathValue(right, width), width);
  if (exact === undefined) return undefined;
  const value = { ty: left.ty, bits: BigInt.asUintN(width, exact) };
  return { value, overflow: mathValue(value, width) !== exact };
}

function evalArithmetic(op: BinOp, a: bigint, b: bigint, width: number): bigint | undefined {
  switch (op) {
    case "Add":
    case "AddUnchecked":
      return a + b;
    case "Sub":
    case "SubUnchecked":
      return a - b;
    case "Mul":
    case "MulUnchecked":
      return a * b;
    case "Div":
    case "Rem": {
      const overflows = b === -1n && a === -(1n << BigInt(width - 1));
      if (b === 0n || overflows) return undefined;
      return op === "Div" ? a / b : a % b;
    }
    case "BitAnd":
      return a & b;
    case "BitOr":
      return a | b;
    case "BitXor":
      return a ^ b;
    case "Shl":
      return a << BigInt.asUintN(Math.log2(width), b);
    case "Shr":
      return a >> BigInt.asUintN(Math.log2(width), b);
    case "ShlUnchecked":
    case "ShrUnchecked":
      if (b < 0n || b >= BigInt(width)) return undefined;
      return op === "ShlUnchecked" ? a << b : a >> b;
    default:
      return undefined;
  }
}

export function evalUnary(op: UnOp, operand: ScalarConst, pointerBits: number): ScalarConst | undefined {
  const width = scalarWidth(operand.ty, pointerBits);
  if (width === undefined || operand.ty === TY_CHAR) return undefined;
  if (op === "Not") return { ty: operand.ty, bits: BigInt.asUintN(width, ~operand.bits) };
  if (op === "Neg" && operand.ty.kind === "int") return { ty: operand.ty, bits: BigInt.asUintN(width, -operand.bits) };
  return undefined;
}

/** `operand as to`, an `IntToInt` cast. */
export function evalIntCast(operand: ScalarConst, to: Ty, pointerBits: number): ScalarConst | undefined {
  const from = scalarWidth(operand.ty, pointerBits);
  const width = scalarWidth(to, pointerBits);
  if (from === undefined || width === undefined || to === TY_BOOL) return undefined;
  return { ty: to, bits: BigInt.asUintN(width, mathValue(operand, from)) };
}
