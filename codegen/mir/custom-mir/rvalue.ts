/**
 * Statements and rvalues of custom MIR.
 *
 * What MIR has and custom MIR lacks is written otherwise: unchecked and three-way operations and pointers with metadata are calls of intrinsics, which rustc lowers back to
 * operations; the length of an array is a constant, that of a slice its pointer's metadata.
 */

import { bug } from "../../entity/entity.ts";
import type { BinOp, CastKind, NullOp, Operand, Place, Rvalue, Statement } from "../syntax.ts";
import { TY_UNIT, type Ty } from "../ty.ts";
import type { BodyCx } from "./body-cx.ts";
import { fnPath, intrinsicPath } from "./callee.ts";
import { unsizingFn } from "./coercion.ts";
import { constructorPath, isWrapper, uninitialised } from "./constants.ts";
import { requireCopy } from "./copy.ts";
import { closurePointer } from "./forwarder.ts";
import { writeOperand, writePlace, writeTarget } from "./place.ts";
import type { LanguageConstruct } from "./probes.ts";
import { memberIdent } from "./rust-names.ts";
import { need, UnsupportedError } from "./support.ts";
import { threadLocalKey } from "./thread-local.ts";
import { hasPatternField } from "./valid-range.ts";

const OPERATORS: Readonly<Partial<Record<BinOp, string>>> = {
  Add: "+",
  Sub: "-",
  Mul: "*",
  Div: "/",
  Rem: "%",
  BitXor: "^",
  BitAnd: "&",
  BitOr: "|",
  Shl: "<<",
  Shr: ">>",
  Eq: "==",
  Lt: "<",
  Le: "<=",
  Ne: "!=",
  Ge: ">=",
  Gt: ">",
};

const CHECKED: Readonly<Partial<Record<BinOp, string>>> = {
  AddWithOverflow: "+",
  SubWithOverflow: "-",
  MulWithOverflow: "*",
};

/** Operations that are calls of intrinsics. */
const INTRINSIC_OPS: Readonly<Partial<Record<BinOp, string>>> = {
  AddUnchecked: "unchecked_add",
  SubUnchecked: "unchecked_sub",
  MulUnchecked: "unchecked_mul",
  ShlUnchecked: "unchecked_shl",
  ShrUnchecked: "unchecked_shr",
  Cmp: "three_way_compare",
};

export function writeStatement(b: BodyCx, statement: Statement): void {
  const { support } = b.module;
  switch (statement.kind) {
    case "assign":
      writeAssign(b, statement.place, statement.rvalue);
      break;
    case "setDiscriminant":
      need(support, "setDiscriminant");
      b.push(`SetDiscriminant(${writePlace(b, statement.place)}, ${statement.variant});`);
      break;
    case "storageLive":
      b.push(`StorageLive(_${statement.local});`);
      break;
    case "storageDead":
      b.push(`StorageDead(_${statement.local});`);
      break;
    case "assume":
      need(support, "assume");
      b.push(`Assume(${writeOperand(b, statement.operand)});`);
      break;
    case "copyNonOverlapping": {
      const args = [statement.src, statement.dst, statement.count].map((operand) => writeOperand(b, operand));
      const unit = b.temp(b.module.tcx.tuple([]));
      b.call(unit, intrinsicPath(b.module, "copy_nonoverlapping", []), args);
      break;
    }
    // A value that is lost is not read again; retags are rustc's to add.
    case "deinit":
    case "retag":
    case "nop":
      break;
  }
}

/** Whether there is a cast for it: one of objects may be lacking alone. */
function takesUnsize({ module }: BodyCx, ty: Ty): boolean {
  const isObject = (ty.kind === "ref" || ty.kind === "ptr") && ty.pointee.kind === "dynamic";
  return module.support?.has(isObject ? "castUnsizeDyn" : "castUnsize") ?? true;
}

function writeAssign(b: BodyCx, place: Place, rvalue: Rvalue): void {
  if (!assignByCall(b, place, rvalue)) b.push(`${writeTarget(b, place)} = ${writeRvalue(b, place, rvalue)};`);
}

/** Writes what only a call gives. */
function assignByCall(b: BodyCx, place: Place, rvalue: Rvalue): boolean {
  const call = (callee: string, args: readonly string[]): true => {
    b.call(writeTarget(b, place), callee, args);
    return true;
  };
  switch (rvalue.kind) {
    case "binary": {
      const intrinsic = INTRINSIC_OPS[rvalue.op];
      if (intrinsic === undefined) return false;
      const args = [writeOperand(b, rvalue.left), writeOperand(b, rvalue.right)];
      return call(intrinsicPath(b.module, intrinsic, []), args);
    }
    case "aggregate": {
      if (rvalue.aggregate.kind !== "rawPtr") return false;
      const args = rvalue.operands.map((operand) => writeOperand(b, operand));
      return call(`core::intrinsics::aggregate_raw_ptr::<${b.module.names.ty(rvalue.aggregate.ty)}, _, _>`, args);
    }
    case "cast": {
      const { castKind, operand, ty } = rvalue;
      if (castKind !== "Unsize" || takesUnsize(b, ty)) return false;
      return call(unsizingFn(b.module, b.operandTy(operand), ty), [writeOperand(b, operand)]);
    }
    case "nullary":
      if (rvalue.op.kind === "UbChecks") return call(intrinsicPath(b.module, "ub_checks", []), []);
      if (rvalue.op.kind === "ContractChecks") return call(intrinsicPath(b.module, "contract_checks", []), []);
      return false;
    case "threadLocalRef": {
      const { item, ty } = rvalue;
      need(b.module.support, "threadLocal");
      const callee = b.module.names.of(threadLocalKey(item), `${item.name}_address`);
      const address = b.temp(b.module.tcx.ptr("mut", item.ty));
      b.call(address, callee, []);
      const mutability = (ty.kind === "ref" || ty.kind === "ptr") && ty.mutability === "mut" ? "mut" : "const";
      const borrow =
        ty.kind === "ref" ? `&${mutability === "mut" ? "mut " : ""}(*${address})` : `&raw ${mutability} (*${address})`;
      b.push(`${writeTarget(b, place)} = ${borrow};`);
      return true;
    }
    default:
      return false;
  }
}

function writeRvalue(b: BodyCx, place: Place, rvalue: Rvalue): string {
  const { support } = b.module;
  switch (rvalue.kind) {
    case "use":
      return isUnit(rvalue.operand) ? "()" : writeOperand(b, rvalue.operand);
    case "repeat": {
      need(support, "repeat");
      if (rvalue.operand.kind !== "const") requireCopy(b.module, b.operandTy(rvalue.operand));
      const count = rvalue.genericCount === undefined ? rvalue.count : b.module.names.ty(rvalue.genericCount);
      return `[${writeOperand(b, rvalue.operand)}; ${count}]`;
    }
    case "ref":
      return `&${rvalue.mutability === "mut" ? "mut " : ""}${writeTarget(b, rvalue.place)}`;
    case "rawPtr":
      return `&raw ${rvalue.mutability === "mut" ? "mut" : "const"} ${writeTarget(b, rvalue.place)}`;
    case "cast":
      return writeCast(b, rvalue);
    case "binary":
      return writeBinary(b, rvalue.op, writeOperand(b, rvalue.left), writeOperand(b, rvalue.right));
    case "unary":
      return writeUnary(b, rvalue);
    case "discriminant":
      need(support, "discriminant");
      return `Discriminant(${writePlace(b, rvalue.place)})`;
    case "len":
      return writeLen(b, rvalue.place);
    case "nullary":
      return writeNullary(b, rvalue.op);
    case "aggregate":
      return writeAggregate(b, rvalue);
    case "shallowInitBox":
    case "threadLocalRef":
      throw new UnsupportedError(
        `${rvalue.kind} rvalues are not written (${b.ty(place.local, place.projection).text})`,
      );
  }
}

/** `()` is an aggregate without operands, which costs rustc less than a constant. */
function isUnit(operand: Operand): boolean {
  return operand.kind === "const" && operand.value.kind === "zst" && operand.value.ty === TY_UNIT;
}

function writeBinary(b: BodyCx, op: BinOp, left: string, right: string): string {
  const plain = OPERATORS[op];
  if (plain !== undefined) return `${left} ${plain} ${right}`;
  const checked = CHECKED[op];
  if (checked !== undefined) {
    need(b.module.support, "checked");
    return `Checked(${left} ${checked} ${right})`;
  }
  if (op !== "Offset") throw bug(`${op} is no operator`);
  need(b.module.support, "offset");
  return `Offset(${left}, ${right})`;
}

function writeUnary(b: BodyCx, { op, operand }: Extract<Rvalue, { kind: "unary" }>): string {
  if (op === "PtrMetadata")
    return writeMetadata(b, operand.kind === "const" ? undefined : operand.place, b.operandTy(operand));
  const text = writeOperand(b, operand);
  return `${op === "Not" ? "!" : "-"}${text.startsWith("-") ? `(${text})` : text}`;
}

/** The metadata of the pointer in `place`, which the function takes as a `*const`: others are borrowed again. */
function writeMetadata(b: BodyCx, place: Place | undefined, ty: Ty): string {
  need(b.module.support, "ptrMetadata");
  if (place === undefined || (ty.kind !== "ref" && ty.kind !== "ptr"))
    throw new UnsupportedError("the metadata of a constant");
  if (ty.kind === "ptr" && ty.mutability === "not") return `PtrMetadata(${writePlace(b, place)})`;
  const temp = b.temp(b.module.tcx.ptr("not", ty.pointee));
  const pointee: Place = { local: place.local, projection: [...place.projection, { kind: "deref" }] };
  b.push(`${temp} = &raw const ${writePlace(b, pointee)};`);
  return `PtrMetadata(${temp})`;
}

function writeLen(b: BodyCx, place: Place): string {
  const ty = b.ty(place.local, place.projection);
  if (ty.kind === "array") return `${ty.length}_usize`;
  if (ty.kind === "genericArray") return b.module.names.ty(ty.length);
  const pointer: Place = { local: place.local, projection: place.projection.slice(0, -1) };
  if (place.projection.at(-1)?.kind !== "deref") throw bug(`the length of ${ty.text}`);
  return writeMetadata(b, pointer, b.ty(pointer.local, pointer.projection));
}

function writeNullary(b: BodyCx, op: NullOp): string {
  const { names } = b.module;
  switch (op.kind) {
    case "SizeOf":
      return `const { core::mem::size_of::<${names.ty(op.ty)}>() }`;
    case "AlignOf":
      return `const { core::mem::align_of::<${names.ty(op.ty)}>() }`;
    case "OffsetOf": {
      let { ty } = op;
      const path = op.path.map(([variant, field]) => {
        const isEnum = ty.kind === "adt" && ty.def.adtKind === "enum";
        if (ty.kind === "adt" && hasPatternField(b.module, ty.def))
          throw new UnsupportedError("the offset of a field of a pattern type");
        const name = names.field(ty, variant, field);
        const head = isEnum && ty.kind === "adt" ? `${memberIdent(ty.def.variants[variant]!.name)}.` : "";
        ty =
          ty.kind === "adt" ? b.module.tcx.fieldTys(ty, variant)[field]! : ty.kind === "tuple" ? ty.fields[field]! : ty;
        return head + name;
      });
      return `const { core::mem::offset_of!(${names.ty(op.ty)}, ${path.join(".")}) }`;
    }
    default:
      throw bug(`${op.kind} is no constant`);
  }
}

/** What each cast needs; the others are `as`. */
const CAST_CONSTRUCTS: Readonly<Partial<Record<CastKind, LanguageConstruct>>> = {
  Transmute: "castTransmute",
  PtrToPtr: "castPtrToPtr",
  ReifyFnPointer: "reifyFnPointer",
  ClosureFnPointer: "reifyFnPointer",
  UnsafeFnPointer: "castTransmute",
  ArrayToPointer: "castPtrToPtr",
  PointerExposeProvenance: "pointerExposeProvenance",
  PointerWithExposedProvenance: "pointerWithExposedProvenance",
  FnPtrToPtr: "fnPtrToPtr",
};

function writeCast(b: BodyCx, { castKind, operand, ty }: Extract<Rvalue, { kind: "cast" }>): string {
  const construct = CAST_CONSTRUCTS[castKind];
  if (construct !== undefined) need(b.module.support, construct);
  switch (castKind) {
    case "Transmute":
    // A pointer to an unsafe function is the same pointer.
    case "UnsafeFnPointer":
      return `CastTransmute(${writeOperand(b, operand)})`;
    case "PtrToPtr":
    case "ArrayToPointer":
      return `CastPtrToPtr(${writeOperand(b, operand)})`;
    case "Unsize":
      return `CastUnsize(${writeOperand(b, operand)})`;
    case "ReifyFnPointer": {
      const from = b.operandTy(operand);
      if (from.kind !== "fndef") throw bug("a function pointer of what is no function");
      return `const { ${fnPath(b.module, from.item, from.args)} as ${b.module.names.ty(ty)} }`;
    }
    case "ClosureFnPointer": {
      const from = b.operandTy(operand);
      if (from.kind !== "closure") throw bug("a function pointer of what is no closure");
      return `const { ${closurePointer(b.module, from.def)} as ${b.module.names.ty(ty)} }`;
    }
    default:
      // A cast to the type that is there already is none in Rust.
      if (b.operandTy(operand) === ty) return writeOperand(b, operand);
      return `${writeOperand(b, operand)} as ${b.module.names.ty(ty)}`;
  }
}

/** A value of `MaybeUninit` that is made of `()` is not initialised. */
function writeWrapped(b: BodyCx, ty: Ty, operands: readonly Operand[], values: readonly string[]): string {
  const isVoid = operands.length === 0 || b.operandTy(operands[0]!) === TY_UNIT;
  if (ty.kind === "adt" && ty.def.lang === "maybe_uninit" && isVoid) return `const { ${uninitialised(b.module, ty)} }`;
  return `CastTransmute(${values[0]})`;
}

function writeAggregate(b: BodyCx, { aggregate, operands }: Extract<Rvalue, { kind: "aggregate" }>): string {
  need(b.module.support, "aggregate");
  const values = operands.map((operand) => writeOperand(b, operand));
  switch (aggregate.kind) {
    case "array":
      return `[${values.join(", ")}]`;
    case "tuple":
      return values.length === 1 ? `(${values[0]},)` : `(${values.join(", ")})`;
    case "closure":
    case "adt": {
      // What holds one value and nothing else is that value, and its field is private.
      if (aggregate.kind === "adt" && isWrapper(b.module, aggregate.def))
        return writeWrapped(b, aggregate.ty, operands, values);
      const variant = aggregate.kind === "adt" ? aggregate.variant : 0;
      const first = (aggregate.kind === "adt" ? aggregate.activeField : undefined) ?? 0;
      const fields = values.map((value, i) => `${b.module.names.field(aggregate.ty, variant, first + i)}: ${value}`);
      return `${constructorPath(b.module, aggregate.ty, variant)} { ${fields.join(", ")} }`;
    }
    case "rawPtr":
      throw bug("a pointer with metadata is made by a call");
  }
}
