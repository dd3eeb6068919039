/**
 * Rvalues of MIR text. Older rustcs' spellings become today's.
 */

import { fieldTysOf, operandTy } from "../place-ty.ts";
import type { AggregateKind, BinOp, CastKind, Const, Operand, Rvalue } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import { pathText } from "../text/print-type.ts";
import { type FieldDef, TY_USIZE, type Ty, type TyOf } from "../ty.ts";
import type { BodyCx } from "./body-cx.ts";
import { learnUpvars } from "./closures.ts";
import { resolveCount } from "./const-args.ts";
import { resolveConst } from "./constants.ts";
import { resolveVariant, type VariantRef } from "./constructors.ts";
import { pathName } from "./path-names.ts";
import { findFn, resolveFn } from "./paths.ts";
import { resolveTy } from "./types.ts";
import { errorIn, unsupportedIn } from "./world.ts";

const CASTS: ReadonlyMap<string, CastKind> = new Map<string, CastKind>([
  ...(
    [
      "IntToInt",
      "IntToFloat",
      "FloatToInt",
      "FloatToFloat",
      "PtrToPtr",
      "FnPtrToPtr",
      "Transmute",
      "PointerExposeProvenance",
      "PointerWithExposedProvenance",
    ] as const
  ).map((kind): [string, CastKind] => [kind, kind]),
  ["PointerExposeAddress", "PointerExposeProvenance"],
  ["PointerFromExposedAddress", "PointerWithExposedProvenance"],
  // Another type of the same layout, of which lifetimes alone may differ.
  ["Subtype", "Transmute"],
]);

const COERCIONS: ReadonlyMap<string, CastKind> = new Map<string, CastKind>(
  (
    ["ReifyFnPointer", "ClosureFnPointer", "UnsafeFnPointer", "MutToConstPointer", "ArrayToPointer", "Unsize"] as const
  ).map((kind) => [kind, kind]),
);

/** Operations that older rustcs name otherwise. */
const OLD_BINARY: ReadonlyMap<string, BinOp> = new Map([
  ["CheckedAdd", "AddWithOverflow"],
  ["CheckedSub", "SubWithOverflow"],
  ["CheckedMul", "MulWithOverflow"],
]);

/** `rvalue`, which is assigned to a place of type `target`. */
export function resolveRvalue(cx: BodyCx, rvalue: text.Rvalue, target: Ty): Rvalue {
  const { scope } = cx;
  const { tcx } = scope.world;
  switch (rvalue.kind) {
    case "use":
      return use(cx, rvalue, target);
    case "repeat": {
      const element = target.kind === "array" || target.kind === "genericArray" ? target.element : undefined;
      const operand = cx.operand(rvalue.operand, element);
      const count = resolveCount(scope, rvalue.count);
      return typeof count === "number"
        ? { kind: "repeat", operand, count }
        : { kind: "repeat", operand, count: 0, genericCount: count };
    }
    case "ref": {
      if (rvalue.borrow.startsWith("fake")) throw unsupportedIn(scope, "this kind of borrow");
      const twoPhase = rvalue.borrow.startsWith("two_phase");
      const mutability = rvalue.borrow === "" ? "not" : "mut";
      return { kind: "ref", mutability, place: cx.place(rvalue.place), ...(twoPhase ? { twoPhase } : {}) };
    }
    case "rawPtr": {
      const mutability = rvalue.word === "mut" ? "mut" : "not";
      const fake = rvalue.word === "const (fake)";
      return { kind: "rawPtr", mutability, place: cx.place(rvalue.place), ...(fake ? { fake } : {}) };
    }
    case "threadLocalRef": {
      const name = pathName(rvalue.path);
      const item = scope.world.statics.find(name, scope.module);
      if (item === undefined || item === "several") throw errorIn(scope, `unknown static \`${name}\``);
      return { kind: "threadLocalRef", item, ty: target };
    }
    case "cast":
      return cast(cx, rvalue);
    case "binary":
      return binary(cx, rvalue);
    case "unary": {
      const { op } = rvalue;
      if (op !== "Not" && op !== "Neg" && op !== "PtrMetadata") throw unsupportedIn(scope, `\`${op}\``);
      // Of a trait object it is a `DynMetadata`, which the text need not name.
      if (op === "PtrMetadata") scope.world.lookup(scope.world.adts, "std::ptr::DynMetadata", scope.module);
      return { kind: "unary", op, operand: cx.operand(rvalue.operand, undefined) };
    }
    case "discriminant":
      return { kind: "discriminant", place: cx.place(rvalue.place) };
    case "len": {
      const { place, ty } = cx.typedPlace(rvalue.place);
      if (ty.kind !== "array") return { kind: "len", place };
      return {
        kind: "use",
        operand: { kind: "const", value: { kind: "scalar", ty: TY_USIZE, bits: BigInt(ty.length) } },
      };
    }
    case "copyForDeref":
      return { kind: "use", operand: { kind: "copy", place: cx.place(rvalue.place) }, spelling: "deref_copy" };
    case "nullary":
      return nullary(cx, rvalue.op, rvalue.ty);
    case "offsetOf":
      return { kind: "nullary", op: { kind: "OffsetOf", ty: resolveTy(scope, rvalue.ty), path: rvalue.path } };
    case "shallowInitBox": {
      const ty = resolveTy(scope, rvalue.ty);
      return { kind: "shallowInitBox", operand: cx.operand(rvalue.operand, undefined), ty };
    }
    case "wrapBinder":
    case "reborrow":
      throw unsupportedIn(scope, "this value");
    case "array": {
      const element = target.kind === "array" ? target.element : undefined;
      if (element === undefined) throw errorIn(scope, `an array is assigned to a place of type \`${target.text}\``);
      const operands = cx.operands(rvalue.elements, new Array<Ty>(rvalue.elements.length).fill(element));
      return { kind: "aggregate", aggregate: { kind: "array", element }, operands };
    }
    case "tuple": {
      const operands = cx.operands(rvalue.elements, target.kind === "tuple" ? target.fields : undefined);
      return { kind: "aggregate", aggregate: { kind: "tuple" }, operands };
    }
    case "tupleStruct":
      return tupleStruct(cx, rvalue.path, rvalue.elements);
    case "struct":
      return struct(cx, rvalue.path, rvalue.fields);
    case "closure":
      return closure(cx, rvalue);
    case "aggregateRawPtr": {
      const ty = tcx.ptr(rvalue.mutable ? "mut" : "not", resolveTy(scope, rvalue.pointee));
      const operands = cx.operands(rvalue.elements, undefined);
      return { kind: "aggregate", aggregate: { kind: "rawPtr", ty }, operands };
    }
  }
}

function nullary(cx: BodyCx, op: string, ty: text.Type | undefined): Rvalue {
  switch (op) {
    case "SizeOf":
    case "AlignOf":
      if (ty === undefined) break;
      return { kind: "nullary", op: { kind: op, ty: resolveTy(cx.scope, ty) } };
    case "UbChecks":
    case "ContractChecks":
      return { kind: "nullary", op: { kind: op } };
    default:
  }
  throw unsupportedIn(cx.scope, `\`${op}\``);
}

function use(cx: BodyCx, { operand, prefix }: Extract<text.Rvalue, { kind: "use" }>, target: Ty): Rvalue {
  if (operand.kind === "runtimeChecks") return nullary(cx, operand.name, undefined);
  if (operand.kind === "const") {
    const made = constantRvalue(cx, operand, target);
    if (made !== undefined) return made;
  }
  const made = cx.operand(operand, target);
  return prefix === "" ? { kind: "use", operand: made } : { kind: "use", operand: made, spelling: "no_retag" };
}

/** A constant with parts is the aggregate that makes it; a unit without `const` too. */
function constantRvalue(
  cx: BodyCx,
  { value, keyword }: Extract<text.Operand, { kind: "const" }>,
  target: Ty,
): Rvalue | undefined {
  const { scope } = cx;
  if (!keyword && value.kind === "path") {
    const variant = resolveVariant(scope, value.path);
    if (variant === undefined || (target.kind !== "adt" && findFn(scope, value.path) !== undefined)) return undefined;
    const { ctor, fields } = variant.ty.def.variants[variant.variant]!;
    if (ctor === "tuple" && fields.length > 0 && target.kind === "fndef") return undefined;
    return aggregate(cx, value.path, variant, []);
  }
  if (value.kind === "fnPtr") {
    const found = resolveFn(scope, value.path);
    return {
      kind: "cast",
      castKind: "ReifyFnPointer",
      operand: { kind: "const", value: { kind: "fn", ...found } },
      ty: target,
    };
  }
  const made = resolveConst(scope, value, target);
  return made.kind === "aggregate" && !isUninit(made)
    ? constAggregate(made)
    : { kind: "use", operand: { kind: "const", value: made } };
}

function cast(cx: BodyCx, { operand, ty: written, cast }: Extract<text.Rvalue, { kind: "cast" }>): Rvalue {
  const { scope } = cx;
  const ty = resolveTy(scope, written);
  const made = cx.operand(operand, undefined);
  if (cast.kind !== "PointerCoercion" && cast.kind !== "Pointer") {
    const castKind = CASTS.get(cast.kind);
    if (castKind === undefined) throw unsupportedIn(scope, `the cast \`${cast.kind}\``);
    return { kind: "cast", castKind, operand: made, ty };
  }
  const castKind = COERCIONS.get(cast.coercion);
  if (castKind === undefined) throw unsupportedIn(scope, `the coercion \`${cast.coercion}\``);
  if (cast.safety !== "" && ty.kind === "fnptr" && ty.unsafe !== (cast.safety === "Unsafe")) {
    throw errorIn(scope, `\`${cast.safety}\` does not fit the type \`${ty.text}\``);
  }
  return { kind: "cast", castKind, operand: made, ty, ...(cast.source === "AsCast" ? { asCast: true } : {}) };
}

function binary(cx: BodyCx, { op, left, right }: Extract<text.Rvalue, { kind: "binary" }>): Rvalue {
  const a = cx.operand(left, undefined);
  const b = cx.operand(right, undefined);
  return { kind: "binary", op: OLD_BINARY.get(op) ?? (op as BinOp), left: a, right: b };
}

// ---- aggregates

function variant(cx: BodyCx, path: text.Path): VariantRef {
  const found = resolveVariant(cx.scope, path);
  if (found === undefined) {
    const name = pathName(path);
    if (findFn(cx.scope, path) !== undefined) throw errorIn(cx.scope, `a call of \`${name}\` without \`->\``);
    throw errorIn(
      cx.scope,
      `unknown function \`${name}\``,
      "declare it with `fn`, or the type with `struct` or `enum`",
    );
  }
  return found;
}

function tupleStruct(cx: BodyCx, path: text.Path, elements: readonly text.Operand[]): Rvalue {
  const found = variant(cx, path);
  const tys = fieldTysOf(found.ty, found.variant, cx.scope.world.tcx);
  const { ctor, fields } = found.ty.def.variants[found.variant]!;
  if (elements.length !== fields.length) {
    throw errorIn(cx.scope, `\`${pathName(path)}\` has ${fields.length} fields, not ${elements.length}`);
  }
  if (ctor !== "tuple") {
    throw errorIn(
      cx.scope,
      `\`${pathName(path)}\` is not written like this`,
      `it is declared as a ${ctor} constructor`,
    );
  }
  return aggregate(cx, path, found, cx.operands(elements, tys));
}

function struct(cx: BodyCx, path: text.Path, inits: readonly text.FieldInit[]): Rvalue {
  const { scope } = cx;
  const found = variant(cx, path);
  const tys = fieldTysOf(found.ty, found.variant, scope.world.tcx);
  const { fields } = found.ty.def.variants[found.variant]!;
  const operands: (Operand | undefined)[] = new Array(fields.length).fill(undefined);
  let active = 0;
  for (const { name, value } of inits) {
    const index = fieldIndex(fields, name, active);
    if (index < 0) throw errorIn(scope, `\`${pathName(path)}\` has no field \`${name}\``);
    if (operands[index] !== undefined) throw errorIn(scope, `the field \`${name}\` is given twice`);
    operands[index] = cx.operand(value, tys?.[index]);
    active = index;
  }
  if (found.ty.def.adtKind === "union") {
    if (inits.length !== 1) throw errorIn(scope, "one field of a union is written at a time");
    return unionAggregate(cx, found, active, operands[active]!);
  }
  const missing = operands.indexOf(undefined);
  if (missing >= 0) throw errorIn(scope, `the field \`${fields[missing]!.name}\` is not given`);
  return aggregate(cx, path, found, operands as Operand[]);
}

/** The field `name`, which mostly stands behind the one that was found last. */
function fieldIndex(fields: readonly FieldDef[], name: string, last: number): number {
  if (fields[last]?.name === name) return last;
  return fields[last + 1]?.name === name ? last + 1 : fields.findIndex((f) => f.name === name);
}

/** rustc names the first field of a union, whichever is written: the value's type tells. */
function unionAggregate(cx: BodyCx, { ty, variant }: VariantRef, named: number, operand: Operand): Rvalue {
  const { tcx } = cx.scope.world;
  const tys = fieldTysOf(ty, variant, tcx) ?? [];
  const written = operandTy(cx, operand, tcx);
  const fitting = tys[named] === written ? named : tys.indexOf(written);
  const activeField = fitting < 0 ? named : fitting;
  return {
    kind: "aggregate",
    aggregate: { kind: "adt", ty, def: ty.def, variant: 0, activeField },
    operands: [operand],
  };
}

function aggregate(cx: BodyCx, path: text.Path, { ty, variant }: VariantRef, operands: readonly Operand[]): Rvalue {
  const { fields } = ty.def.variants[variant]!;
  if (operands.length !== fields.length) {
    throw errorIn(cx.scope, `\`${pathText(path)}\` has ${fields.length} fields, not ${operands.length}`);
  }
  return { kind: "aggregate", aggregate: { kind: "adt", ty, def: ty.def, variant }, operands };
}

function closure(cx: BodyCx, { ty: written, fields }: Extract<text.Rvalue, { kind: "closure" }>): Rvalue {
  const ty = resolveTy(cx.scope, written) as TyOf<"closure">;
  const operands = fields.map(({ value }) => cx.operand(value, undefined));
  learnUpvars(cx, ty, fields, operands);
  return { kind: "aggregate", aggregate: { kind: "closure", ty, def: ty.def }, operands };
}

/** A constant with parts as the aggregate that makes it; parts that have parts stay constants. */
function constAggregate(value: Extract<Const, { kind: "aggregate" }>): Rvalue {
  const operands = value.fields.map((field): Operand => ({ kind: "const", value: field }));
  const { ty } = value;
  let aggregate: AggregateKind;
  if (ty.kind === "adt") aggregate = { kind: "adt", ty, def: ty.def, variant: value.variant };
  else if (ty.kind === "array") aggregate = { kind: "array", element: ty.element };
  else aggregate = { kind: "tuple" };
  return { kind: "aggregate", aggregate, operands, asConst: true };
}

function isUninit({ ty, fields }: Extract<Const, { kind: "aggregate" }>): boolean {
  return ty.kind === "adt" && ty.def.adtKind === "union" && fields.length === 0;
}
