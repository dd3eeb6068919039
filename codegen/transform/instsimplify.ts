/**
 * InstSimplify: rvalues that say something simple in a complicated way (rustc_mir_transform/src/instsimplify.rs), and the identities of integer
 * arithmetic.
 */

import { operandTy, placeTy, rvalueTy } from "../mir/place-ty.ts";
import type { Operand, Rvalue } from "../mir/syntax.ts";
import { TY_BOOL, TY_USIZE, type Ty } from "../mir/ty.ts";
import { constOf, constOperand, scalarWidth } from "./eval.ts";
import type { MirPass, MutBody, TransformCx } from "./pass.ts";

export const instSimplify: MirPass = (body, cx) => {
  let changed = false;
  for (const block of body.blocks) {
    block.statements.forEach((statement, i) => {
      if (statement.kind !== "assign") return;
      const rvalue = simplify(body, statement.rvalue, cx);
      // A place is never assigned to itself.
      if (rvalue === undefined || (rvalue.kind === "use" && reads(rvalue.operand, statement.place.local))) return;
      block.statements[i] = { ...statement, rvalue };
      changed = true;
    });
  }
  return changed;
};

function reads(operand: Operand, local: number): boolean {
  return operand.kind !== "const" && operand.place.local === local;
}

function simplify(body: MutBody, rvalue: Rvalue, cx: TransformCx): Rvalue | undefined {
  switch (rvalue.kind) {
    case "binary":
      return rvalue.op === "Eq" || rvalue.op === "Ne" ? boolComparison(body, rvalue, cx) : identity(rvalue, cx);
    case "cast":
      return sameTypeCast(body, rvalue, cx);
    case "repeat": {
      if (rvalue.count !== 1 || "genericCount" in rvalue) return undefined;
      const element = operandTy(body, rvalue.operand, cx.tcx);
      return { kind: "aggregate", aggregate: { kind: "array", element }, operands: [rvalue.operand] };
    }
    case "ref":
      return sharedReborrow(body, rvalue, cx);
    case "len": {
      const { ty } = placeTy(body, rvalue.place, cx.tcx);
      if (ty.kind !== "array") return undefined;
      return { kind: "use", operand: constOperand({ ty: TY_USIZE, bits: BigInt(ty.length) }) };
    }
    default:
      return undefined;
  }
}

/** `x == true` is `x`; `x == false` is `!x`. */
function boolComparison(
  body: MutBody,
  { op, left, right }: Extract<Rvalue, { kind: "binary" }>,
  cx: TransformCx,
): Rvalue | undefined {
  if (operandTy(body, left, cx.tcx) !== TY_BOOL) return undefined;
  const constant = constOf(left) ?? constOf(right);
  if (constant === undefined) return undefined;
  const operand = constOf(left) === undefined ? left : right;
  return (constant.bits === 1n) === (op === "Eq") ? { kind: "use", operand } : { kind: "unary", op: "Not", operand };
}

/** What leaves an integer as it is: `x + 0`, `x * 1`, `x | 0`, `x & !0`, `x << 0` … */
function identity({ op, left, right }: Extract<Rvalue, { kind: "binary" }>, cx: TransformCx): Rvalue | undefined {
  const pointerBits = cx.layouts.dataLayout.pointerSize * 8;
  const neutral = (operand: Operand): boolean => {
    const constant = constOf(operand);
    if (constant === undefined) return false;
    const width = scalarWidth(constant.ty, pointerBits)!;
    return constant.bits === neutralElement(op, constant.ty, width);
  };
  if (neutral(right)) return { kind: "use", operand: left };
  if (COMMUTATIVE.has(op) && neutral(left)) return { kind: "use", operand: right };
  return undefined;
}

const COMMUTATIVE: ReadonlySet<string> = new Set([
  "Add",
  "AddUnchecked",
  "Mul",
  "MulUnchecked",
  "BitOr",
  "BitXor",
  "BitAnd",
]);

/** The right operand that makes `op` do nothing. */
function neutralElement(op: string, ty: Ty, width: number): bigint | undefined {
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

function sameTypeCast(
  body: MutBody,
  { castKind, operand, ty }: Extract<Rvalue, { kind: "cast" }>,
  cx: TransformCx,
): Rvalue | undefined {
  const keepsValue = castKind === "IntToInt" || castKind === "PtrToPtr" || castKind === "Transmute";
  return keepsValue && operandTy(body, operand, cx.tcx) === ty ? { kind: "use", operand } : undefined;
}

/** `&*p` of a shared reference is `p`. */
function sharedReborrow(body: MutBody, rvalue: Extract<Rvalue, { kind: "ref" }>, cx: TransformCx): Rvalue | undefined {
  const { local, projection } = rvalue.place;
  if (rvalue.mutability !== "not" || projection.at(-1)?.kind !== "deref") return undefined;
  const pointer = { local, projection: projection.slice(0, -1) };
  if (placeTy(body, pointer, cx.tcx).ty !== rvalueTy(body, rvalue, cx.tcx)) return undefined;
  return { kind: "use", operand: { kind: "copy", place: pointer } };
}
