/**
 * LowerIntrinsics: calls of intrinsics that MIR has an operation for become that operation (rustc_mir_transform/src/lower_intrinsics.rs).
 *
 * rustc does so before it optimises, at any level; dumps come behind it. Here it is for programs that call intrinsics as their source does. What the
 * intrinsic leaves undefined the operation leaves undefined too. Sizes and the like are known only of types without parameters.
 */

import { layoutOf } from "../layout/layout.ts";
import { typeFlags } from "../mir/fold.ts";
import { placeTy, rvalueTy } from "../mir/place-ty.ts";
import type { BinOp, Local, Operand, Place, Rvalue, Statement, Terminator } from "../mir/syntax.ts";
import { TY_BOOL, TY_UNIT, TY_USIZE, type Ty } from "../mir/ty.ts";
import { constOperand } from "./eval.ts";
import type { MirPass, MutBody, TransformCx } from "./pass.ts";

type Call = Extract<Terminator, { kind: "call" }>;
/** What a call becomes: statements, then the value of its destination. */
interface Lowered {
  readonly statements?: readonly Statement[];
  /** Absent where the destination is a `()`. */
  readonly rvalue?: Rvalue;
}

export const lowerIntrinsics: MirPass = (body, cx) => {
  let changed = false;
  for (const block of body.blocks) {
    const { terminator } = block;
    const intrinsic = terminator.kind === "call" ? intrinsicOf(terminator) : undefined;
    if (terminator.kind !== "call" || intrinsic === undefined) continue;
    const { span, target, destination } = terminator;
    if (intrinsic.name === "unreachable") {
      block.terminator = { kind: "unreachable", span };
      changed = true;
      continue;
    }
    const lowered = target === undefined ? undefined : lower(body, terminator, intrinsic, cx);
    if (target === undefined || lowered === undefined) continue;
    const unit: Operand = { kind: "const", value: { kind: "zst", ty: TY_UNIT } };
    const { statements = [], rvalue = { kind: "use", operand: unit } } = lowered;
    if (rvalueTy(body, rvalue, cx.tcx) !== placeTy(body, destination, cx.tcx).ty) continue;
    block.statements = [...block.statements, ...statements, { kind: "assign", place: destination, rvalue, span }];
    block.terminator = { kind: "goto", target, span };
    changed = true;
  }
  return changed;
};

interface IntrinsicCall {
  readonly name: string;
  readonly tyArgs: readonly Ty[];
}

/** The intrinsic of core that `call` calls. */
function intrinsicOf({ func }: Call): IntrinsicCall | undefined {
  if (func.kind !== "const" || func.value.kind !== "fn" || func.value.item.kind !== "intrinsic") return undefined;
  const { item, args } = func.value;
  const name = /(?:^|::)intrinsics::(\w+)$/.exec(item.name)?.[1];
  return name === undefined ? undefined : { name, tyArgs: args };
}

const BINARY: ReadonlyMap<string, BinOp> = new Map([
  ["wrapping_add", "Add"],
  ["wrapping_sub", "Sub"],
  ["wrapping_mul", "Mul"],
  ["add_with_overflow", "AddWithOverflow"],
  ["sub_with_overflow", "SubWithOverflow"],
  ["mul_with_overflow", "MulWithOverflow"],
  ["unchecked_add", "AddUnchecked"],
  ["unchecked_sub", "SubUnchecked"],
  ["unchecked_mul", "MulUnchecked"],
  ["unchecked_div", "Div"],
  ["unchecked_rem", "Rem"],
  ["unchecked_shl", "ShlUnchecked"],
  ["unchecked_shr", "ShrUnchecked"],
  ["three_way_compare", "Cmp"],
  ["offset", "Offset"],
]);

function lower(body: MutBody, call: Call, { name, tyArgs }: IntrinsicCall, cx: TransformCx): Lowered | undefined {
  const [first, second, third] = call.args;
  const op = BINARY.get(name);
  if (op !== undefined && first !== undefined && second !== undefined)
    return { rvalue: { kind: "binary", op, left: first, right: second } };
  if (first === undefined) return ofType(name, tyArgs[0], cx);
  // A call's arguments are read before its destination is written; an assignment's two sides may not overlap.
  if (call.args.some((arg) => arg.kind !== "const" && arg.place.local === call.destination.local)) return undefined;
  const { span } = call;
  switch (name) {
    case "forget":
      return { statements: [] };
    case "assume":
      return { statements: [{ kind: "assume", operand: first, span }] };
    case "transmute":
      return transmuted(first, placeTy(body, call.destination, cx.tcx).ty);
    case "read_via_copy":
      return readThrough(body, first, call, cx);
    case "write_via_move": {
      const place = pointee(first);
      if (place === undefined || second === undefined) return undefined;
      return { statements: [{ kind: "assign", place, rvalue: { kind: "use", operand: second }, span }] };
    }
    case "copy_nonoverlapping": {
      if (second === undefined || third === undefined) return undefined;
      return { statements: [{ kind: "copyNonOverlapping", src: first, dst: second, count: third, span }] };
    }
    case "discriminant_value": {
      const place = pointee(first);
      return place === undefined ? undefined : { rvalue: { kind: "discriminant", place } };
    }
    case "ptr_metadata":
      return { rvalue: { kind: "unary", op: "PtrMetadata", operand: first } };
    default:
      return undefined;
  }
}

/** Intrinsics without arguments, about a type. */
function ofType(name: string, ty: Ty | undefined, cx: TransformCx): Lowered | undefined {
  if (ty === undefined || typeFlags(ty) !== 0) return undefined;
  const use = (of: Ty, bits: bigint): Lowered => ({ rvalue: { kind: "use", operand: constOperand({ ty: of, bits }) } });
  switch (name) {
    case "size_of":
      return use(TY_USIZE, BigInt(layoutOf(cx.layouts, ty).layout.size));
    case "align_of":
    case "min_align_of":
      return use(TY_USIZE, BigInt(layoutOf(cx.layouts, ty).layout.align));
    case "needs_drop":
      return use(TY_BOOL, cx.needsDrop(ty) ? 1n : 0n);
    default:
      return undefined;
  }
}

/** The value behind `pointer`, by way of a local: the pointer may lead to the destination. */
function readThrough(
  body: MutBody,
  pointer: Operand,
  { destination, span }: Call,
  cx: TransformCx,
): Lowered | undefined {
  const source = pointee(pointer);
  if (source === undefined) return undefined;
  const place: Place = { local: body.locals.length as Local, projection: [] };
  body.locals.push({ ty: placeTy(body, destination, cx.tcx).ty, mutability: "not" });
  const read: Rvalue = { kind: "use", operand: { kind: "copy", place: source } };
  return {
    statements: [{ kind: "assign", place, rvalue: read, span }],
    rvalue: { kind: "use", operand: { kind: "move", place } },
  };
}

function transmuted(operand: Operand, ty: Ty): Lowered | undefined {
  if (typeFlags(ty) !== 0 || ty.kind === "never") return undefined;
  return { rvalue: { kind: "cast", castKind: "Transmute", operand, ty } };
}

/** What a pointer in a place points to. */
function pointee(pointer: Operand): Place | undefined {
  if (pointer.kind === "const") return undefined;
  const { local, projection } = pointer.place;
  return { local, projection: [...projection, { kind: "deref" }] };
}
