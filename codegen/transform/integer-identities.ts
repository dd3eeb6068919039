/** The identities of integer arithmetic: operands that do nothing, operands that decide the result, and what an operation gives of one value twice. */

import type { BinOp } from "../mir/syntax.ts";
import { TY_BOOL, type Ty } from "../mir/ty.ts";

/** Operations whose left operand may be neutral too. */
export const COMMUTATIVE: ReadonlySet<BinOp> = new Set([
  "Add",
  "AddUnchecked",
  "Mul",
  "MulUnchecked",
  "BitOr",
  "BitXor",
  "BitAnd",
]);

/** The right operand, as bits of `width`, that makes `op` do nothing. */
export function neutralElement(op: BinOp, ty: Ty, width: number): bigint | undefined {
  switch (op) {
    case "Add":
    case "AddUnchecked":
    case "Sub":
    case "SubUnchecked":
    case "BitOr":
    case "BitXor":
    case "Shl":
    case "ShlUnchecked":
    case "Shr":
    case "ShrUnchecked":
      return 0n;
    case "Mul":
    case "MulUnchecked":
    case "Div":
      return ty === TY_BOOL ? undefined : 1n;
    case "BitAnd":
      return (1n << BigInt(width)) - 1n;
    default:
      return undefined;
  }
}

/** What is known of the operands of an operation on integers. */
export interface Operands {
  /** Both are one value. */
  readonly same: boolean;
  readonly left: bigint | undefined;
  readonly right: bigint | undefined;
  /** In bits. */
  readonly width: number;
}

/** The result of `op` whatever is not known: either operand when that is `operand`, or the bits of the operands' type; of a comparison a truth value. */
export function knownResult(
  op: BinOp,
  { same, left, right, width }: Operands,
): "operand" | bigint | boolean | undefined {
  const has = (bits: bigint): boolean => left === bits || right === bits;
  const ones = (1n << BigInt(width)) - 1n;
  switch (op) {
    case "Sub":
    case "BitXor":
      return same ? 0n : undefined;
    case "BitAnd":
      if (has(0n)) return 0n;
      return same ? "operand" : undefined;
    case "BitOr":
      if (has(ones)) return ones;
      return same ? "operand" : undefined;
    case "Mul":
    case "MulUnchecked":
      return has(0n) ? 0n : undefined;
    case "Eq":
    case "Le":
    case "Ge":
      return same ? true : undefined;
    case "Ne":
    case "Lt":
    case "Gt":
      return same ? false : undefined;
    default:
      return undefined;
  }
}
