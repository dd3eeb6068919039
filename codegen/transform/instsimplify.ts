/**
 * InstSimplify: rvalues and calls that say something simple in a complicated way (rustc_mir_transform/src/instsimplify.rs), and the identities of integer
 * arithmetic.
 */

import { operandTy, placeTy, rvalueTy } from "../mir/place-ty.ts";
import type { FnItem, Operand, Rvalue, Terminator } from "../mir/syntax.ts";
import { TY_BOOL, TY_UNIT, TY_USIZE, type Ty } from "../mir/ty.ts";
import { constOf, constOperand, scalarWidth } from "./eval.ts";
import { COMMUTATIVE, neutralElement } from "./integer-identities.ts";
import type { MirPass, MutBlock, MutBody, TransformCx } from "./pass.ts";
import { sameOperand } from "./same-statement.ts";

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
    changed = primitiveClone(body, block, cx) || changed;
    const terminator = withoutUnwinding(withoutDuplicates(block.terminator));
    if (terminator === block.terminator) continue;
    block.terminator = terminator;
    changed = true;
  }
  return changed;
};

function reads(operand: Operand, local: number): boolean {
  return operand.kind !== "const" && operand.place.local === local;
}

/** A call of `Clone::clone` for a type whose values are copied anyway is the copy. */
function primitiveClone(body: MutBody, block: MutBlock, cx: TransformCx): boolean {
  const { terminator } = block;
  if (terminator.kind !== "call" || terminator.target === undefined || terminator.args.length !== 1) return false;
  const { args, destination, target, span } = terminator;
  const [source] = args;
  const callee = calleeOf(terminator);
  if (source === undefined || source.kind === "const" || callee?.assocName !== "clone") return false;
  if (callee.parent?.kind !== "trait" || callee.parent.lang !== "clone") return false;
  const ty = operandTy(body, source, cx.tcx);
  if (ty.kind !== "ref" || !isPureClone(ty.pointee) || placeTy(body, destination, cx.tcx).ty !== ty.pointee)
    return false;
  // A call's arguments are read before its destination is written; an assignment's two sides may not overlap.
  if (destination.local === source.place.local) return false;
  const place = { local: source.place.local, projection: [...source.place.projection, { kind: "deref" as const }] };
  block.statements.push({
    kind: "assign",
    place: destination,
    rvalue: { kind: "use", operand: { kind: "copy", place } },
    span,
  });
  block.terminator = { kind: "goto", target, span };
  return true;
}

function calleeOf({ func }: Extract<Terminator, { kind: "call" }>): FnItem | undefined {
  return func.kind === "const" && func.value.kind === "fn" ? func.value.item : undefined;
}

function isPureClone(ty: Ty): boolean {
  switch (ty.kind) {
    case "bool":
    case "char":
    case "int":
    case "uint":
    case "float":
    case "ptr":
    case "fnptr":
      return true;
    case "ref":
      return ty.mutability === "not";
    case "tuple":
      return ty.fields.length <= 3 && ty.fields.every(isPureClone);
    case "array":
      return isPureClone(ty.element);
    default:
      return false;
  }
}

/** A switch without targets that are those of `otherwise`. */
function withoutDuplicates(terminator: Terminator): Terminator {
  if (terminator.kind !== "switchInt" || terminator.otherwise === undefined) return terminator;
  const { values, targets, otherwise } = terminator;
  const isOther = targets.map((target) => target !== otherwise);
  if (isOther.every(Boolean)) return terminator;
  return { ...terminator, values: values.filter((_, i) => isOther[i]), targets: targets.filter((_, i) => isOther[i]) };
}

/** What has C's calling convention does not unwind: it aborts. */
function withoutUnwinding(terminator: Terminator): Terminator {
  if (terminator.kind !== "call" || terminator.unwind.kind === "unreachable") return terminator;
  const callee = calleeOf(terminator);
  if (callee === undefined || !NO_UNWIND.has(callee.abi)) return terminator;
  return { ...terminator, unwind: { kind: "unreachable" } };
}

const NO_UNWIND: ReadonlySet<string> = new Set(["C", "system", "cdecl", "sysv64", "win64", "efiapi", "aapcs"]);

function simplify(body: MutBody, rvalue: Rvalue, cx: TransformCx): Rvalue | undefined {
  switch (rvalue.kind) {
    case "binary":
      return rvalue.op === "Eq" || rvalue.op === "Ne" ? boolComparison(body, rvalue, cx) : identity(rvalue, cx);
    case "cast":
      return simplerCast(body, rvalue, cx);
    case "repeat": {
      if (rvalue.count !== 1 || "genericCount" in rvalue) return undefined;
      const element = operandTy(body, rvalue.operand, cx.tcx);
      return { kind: "aggregate", aggregate: { kind: "array", element }, operands: [rvalue.operand] };
    }
    case "aggregate":
      return simplerAggregate(body, rvalue, cx);
    case "ref":
    case "rawPtr":
      return reborrow(body, rvalue, cx);
    case "len": {
      const { ty } = placeTy(body, rvalue.place, cx.tcx);
      if (ty.kind !== "array") return undefined;
      return { kind: "use", operand: constOperand({ ty: TY_USIZE, bits: BigInt(ty.length) }) };
    }
    default:
      return undefined;
  }
}

/** From so many elements on, an array of one constant is written as a repetition. */
const FEWEST_REPEATED = 5;

/** `[7, 7, 7, 7, 7]` is `[7; 5]`, and a pointer with `()` for metadata a cast. */
function simplerAggregate(
  body: MutBody,
  { aggregate, operands }: Extract<Rvalue, { kind: "aggregate" }>,
  cx: TransformCx,
): Rvalue | undefined {
  const [first, second] = operands;
  if (first === undefined) return undefined;
  if (aggregate.kind === "rawPtr")
    return second !== undefined && operandTy(body, second, cx.tcx) === TY_UNIT
      ? { kind: "cast", castKind: "PtrToPtr", operand: first, ty: aggregate.ty }
      : undefined;
  if (aggregate.kind !== "array" || operands.length < FEWEST_REPEATED || first.kind !== "const") return undefined;
  if (!operands.every((operand) => sameOperand(operand, first))) return undefined;
  return { kind: "repeat", operand: first, count: operands.length };
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

function simplerCast(body: MutBody, rvalue: Extract<Rvalue, { kind: "cast" }>, cx: TransformCx): Rvalue | undefined {
  const { castKind, operand, ty } = rvalue;
  const from = operandTy(body, operand, cx.tcx);
  const keepsValue = castKind === "IntToInt" || castKind === "PtrToPtr" || castKind === "Transmute";
  if (from === ty) return keepsValue ? { kind: "use", operand } : undefined;
  const isSign = (from.kind === "int" && ty.kind === "uint") || (from.kind === "uint" && ty.kind === "int");
  if (castKind !== "Transmute" || !isSign || from.width !== ty.width) return undefined;
  return { ...rvalue, castKind: "IntToInt" };
}

/** `&*p` is `p` where that has the same type. The new reference would have no right that `p` has not. */
function reborrow(
  body: MutBody,
  rvalue: Extract<Rvalue, { kind: "ref" | "rawPtr" }>,
  cx: TransformCx,
): Rvalue | undefined {
  const { local, projection } = rvalue.place;
  if (projection.at(-1)?.kind !== "deref" || (rvalue.kind === "rawPtr" && rvalue.fake === true)) return undefined;
  const pointer = { local, projection: projection.slice(0, -1) };
  if (placeTy(body, pointer, cx.tcx).ty !== rvalueTy(body, rvalue, cx.tcx)) return undefined;
  return { kind: "use", operand: { kind: "copy", place: pointer } };
}
