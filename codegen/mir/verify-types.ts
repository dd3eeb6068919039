/**
 * The typing rules of places, operands and rvalues that the verifier checks (after rustc_mir_transform/src/validate.rs).
 *
 * Each rule answers a type, or reports through `Checker.fail` and answers `undefined`; who gets `undefined` says nothing more.
 */

import { fieldlessTagBits, intBits, isScalarValue, scalarBits } from "./literal.ts";
import { binaryTy, discriminantTy, fieldTysOf, fnSig, INDEX_TY } from "./place-ty.ts";
import { printPlace } from "./printer.ts";
import type { BinOp, Body, CastKind, Const, FnItem, Operand, Place, PlaceElem, Rvalue, UnOp } from "./syntax.ts";
import { isIntegral, TY_BOOL, TY_UNIT, type Ty, type TyCtxt } from "./ty.ts";

/** What the rules need to know of where they are. */
export interface Checker {
  readonly body: Body;
  readonly tcx: TyCtxt;
  /** The program has this function, or it is an intrinsic. */
  knowsFn(item: FnItem): boolean;
  /** Reports an error at the current statement; answers `undefined`. */
  fail(message: string): undefined;
}

export function checkPlace(c: Checker, place: Place): Ty | undefined {
  const decl = c.body.locals[place.local];
  if (decl === undefined) return c.fail(`there is no local _${place.local}`);
  const { projection } = place;
  let ty = decl.ty;
  let variant: number | undefined;
  for (let i = 0; i < projection.length; i++) {
    const elem = projection[i]!;
    if (elem.kind === "downcast") {
      if (!checkDowncast(c, ty, elem)) return undefined;
      variant = elem.variant;
      if (i + 1 === projection.length) return c.fail(`the place ${printPlace(place)} ends in a downcast`);
      continue;
    }
    if (variant !== undefined && elem.kind !== "field") return c.fail(`only a field can follow a downcast`);
    const next = checkElem(c, ty, variant, elem);
    if (next === undefined) return undefined;
    ty = next;
    variant = undefined;
  }
  return ty;
}

function checkDowncast(c: Checker, ty: Ty, elem: Extract<PlaceElem, { kind: "downcast" }>): boolean {
  if (ty.kind !== "adt" || ty.def.adtKind !== "enum") {
    c.fail(`a downcast of \`${ty.text}\`, which is no enum`);
    return false;
  }
  const def = ty.def.variants[elem.variant];
  if (def === undefined || def.name !== elem.name) {
    c.fail(`variant ${elem.variant} of \`${ty.text}\` is not \`${elem.name}\``);
    return false;
  }
  return true;
}

function checkElem(c: Checker, ty: Ty, variant: number | undefined, elem: PlaceElem): Ty | undefined {
  switch (elem.kind) {
    case "deref":
      if (ty.kind !== "ref" && ty.kind !== "ptr") return c.fail(`\`${ty.text}\` cannot be dereferenced`);
      return ty.pointee;
    case "field": {
      const field = fieldTysOf(ty, variant, c.tcx)?.[elem.index];
      if (field === undefined) return c.fail(`\`${ty.text}\` has no field ${elem.index}`);
      if (field !== elem.ty) {
        return c.fail(`field ${elem.index} of \`${ty.text}\` is \`${field.text}\`, not \`${elem.ty.text}\``);
      }
      return field;
    }
    case "index": {
      const index = c.body.locals[elem.local];
      if (index === undefined) return c.fail(`there is no local _${elem.local}`);
      if (index.ty !== INDEX_TY) return c.fail(`the index _${elem.local} is \`${index.ty.text}\`, not \`usize\``);
      if (ty.kind !== "array") return c.fail(`\`${ty.text}\` cannot be indexed`);
      return ty.element;
    }
    case "constantIndex": {
      if (ty.kind !== "array") return c.fail(`\`${ty.text}\` cannot be indexed`);
      const inside = elem.fromEnd ? elem.offset >= 1 && elem.offset <= ty.length : elem.offset < ty.length;
      if (!inside || elem.minLength > ty.length) return c.fail(`the index is outside of \`${ty.text}\``);
      return ty.element;
    }
    case "downcast":
      return ty;
  }
}

/** The type of an operand that is a value: a function item is none. */
export function checkOperand(c: Checker, operand: Operand): Ty | undefined {
  if (operand.kind !== "const") return checkPlace(c, operand.place);
  if (operand.value.kind === "fn") return c.fail(`the function \`${operand.value.item.name}\` is used as a value`);
  return checkConst(c, operand.value);
}

function checkConst(c: Checker, value: Exclude<Const, { kind: "fn" }>): Ty | undefined {
  const { ty } = value;
  if (value.kind === "zst") return isZst(ty, c.tcx) ? ty : c.fail(`\`${ty.text}\` is not zero-sized`);
  const { bits } = value;
  const width = scalarBits(ty) ?? fieldlessTagBits(ty);
  if (width === undefined || width === 0 || ty.kind === "ref" || ty.kind === "fnptr") {
    return c.fail(`\`${ty.text}\` has no scalar constants`);
  }
  if (bits < 0n || (width < 128 ? bits >> BigInt(width) : bits >> 128n) !== 0n) {
    return c.fail(`the constant ${bits} does not fit in \`${ty.text}\``);
  }
  if (ty.kind === "bool" && bits > 1n) return c.fail(`${bits} is no \`bool\``);
  if (ty.kind === "char" && !isScalarValue(Number(bits))) return c.fail(`0x${bits.toString(16)} is no \`char\``);
  if (ty.kind === "adt" && !ty.def.variants.some((v) => BigInt.asUintN(width, v.discriminant) === bits)) {
    return c.fail(`no variant of \`${ty.text}\` has the discriminant ${bits}`);
  }
  return ty;
}

/** `ty` has one value, and no bytes. */
export function isZst(ty: Ty, tcx: TyCtxt): boolean {
  switch (ty.kind) {
    case "tuple":
      return ty.fields.every((field) => isZst(field, tcx));
    case "array":
      return ty.length === 0 || isZst(ty.element, tcx);
    case "adt":
      if (ty.def.variants.length !== 1 || ty.def.repr.int !== undefined) return false;
      if (ty.def.adtKind === "enum" && ty.def.repr.c) return false;
      return (fieldTysOf(ty, 0, tcx) ?? []).every((field) => isZst(field, tcx));
    default:
      return false;
  }
}

/** Checks `rvalue`, which is stored in a place of type `target`. */
export function checkRvalue(c: Checker, rvalue: Rvalue, target: Ty): void {
  if (rvalue.kind === "aggregate") {
    checkAggregate(c, rvalue, target);
    return;
  }
  const ty = checkedRvalueTy(c, rvalue, target);
  if (ty !== undefined && ty !== target) c.fail(`a \`${ty.text}\` is stored in a place of type \`${target.text}\``);
}

function checkedRvalueTy(c: Checker, rvalue: Exclude<Rvalue, { kind: "aggregate" }>, target: Ty): Ty | undefined {
  switch (rvalue.kind) {
    case "use":
      return checkOperand(c, rvalue.operand);
    case "repeat": {
      const element = checkOperand(c, rvalue.operand);
      if (element === undefined) return undefined;
      if (target.kind === "array" && target.element === element && target.length === rvalue.count) return target;
      return c.fail(`[\`${element.text}\`; ${rvalue.count}] is stored in a place of type \`${target.text}\``);
    }
    case "ref":
    case "rawPtr": {
      const pointee = checkPlace(c, rvalue.place);
      if (pointee === undefined) return undefined;
      const kind = rvalue.kind === "ref" ? "ref" : "ptr";
      const fits = target.kind === kind && target.mutability === rvalue.mutability && target.pointee === pointee;
      if (fits) return target;
      return c.fail(`a pointer to \`${pointee.text}\` is stored in a place of type \`${target.text}\``);
    }
    case "cast":
      return checkCast(c, rvalue.castKind, rvalue.operand, rvalue.ty) ? rvalue.ty : undefined;
    case "binary": {
      const left = checkOperand(c, rvalue.left);
      const right = checkOperand(c, rvalue.right);
      if (left === undefined || right === undefined) return undefined;
      return checkBinary(c, rvalue.op, left, right) ? binaryTy(rvalue.op, left, c.tcx) : undefined;
    }
    case "unary": {
      const ty = checkOperand(c, rvalue.operand);
      return ty === undefined ? undefined : checkUnary(c, rvalue.op, ty);
    }
    case "discriminant": {
      const ty = checkPlace(c, rvalue.place);
      return ty === undefined ? undefined : discriminantTy(ty);
    }
  }
}

function checkAggregate(c: Checker, rvalue: Extract<Rvalue, { kind: "aggregate" }>, target: Ty): void {
  const { aggregate, operands } = rvalue;
  let expected: readonly Ty[] | undefined;
  if (aggregate.kind === "adt") {
    if (aggregate.ty !== target) {
      c.fail(`a \`${aggregate.ty.text}\` is stored in a place of type \`${target.text}\``);
      return;
    }
    expected = fieldTysOf(target, aggregate.variant, c.tcx);
    if (target.kind !== "adt" || target.def !== aggregate.def || expected === undefined) {
      c.fail(`\`${target.text}\` has no variant ${aggregate.variant}`);
      return;
    }
  } else if (aggregate.kind === "tuple") {
    expected = target.kind === "tuple" ? target.fields : undefined;
  } else if (target.kind === "array" && target.element === aggregate.element && target.length === operands.length) {
    for (const operand of operands) expectOperand(c, operand, target.element);
    return;
  }
  if (expected === undefined || expected.length !== operands.length) {
    c.fail(`an aggregate of ${operands.length} values is stored in a place of type \`${target.text}\``);
    return;
  }
  for (let i = 0; i < operands.length; i++) expectOperand(c, operands[i]!, expected[i]!);
}

/** `operand` must have the type `expected`. */
export function expectOperand(c: Checker, operand: Operand, expected: Ty): void {
  const ty = checkOperand(c, operand);
  if (ty !== undefined && ty !== expected) c.fail(`expected a \`${expected.text}\`, found a \`${ty.text}\``);
}

function isNumeric(ty: Ty): boolean {
  return ty.kind === "int" || ty.kind === "uint" || ty.kind === "float";
}

function isComparable(ty: Ty): boolean {
  return isNumeric(ty) || ty.kind === "bool" || ty.kind === "char" || ty.kind === "ptr" || ty.kind === "fnptr";
}

function isBits(ty: Ty): boolean {
  return ty.kind === "int" || ty.kind === "uint" || ty.kind === "bool";
}

/** What the left operand may be, by operation; the right one has the same type except for shifts and offsets. */
function operandFits(op: BinOp, ty: Ty): boolean {
  switch (op) {
    case "Add":
    case "Sub":
    case "Mul":
    case "Div":
    case "Rem":
      return isNumeric(ty);
    case "BitXor":
    case "BitAnd":
    case "BitOr":
      return isBits(ty);
    case "Eq":
    case "Ne":
    case "Lt":
    case "Le":
    case "Gt":
    case "Ge":
      return isComparable(ty);
    case "Cmp":
      return isIntegral(ty) || ty.kind === "char";
    case "Offset":
      return ty.kind === "ptr";
    default:
      return isIntegral(ty);
  }
}

function checkBinary(c: Checker, op: BinOp, left: Ty, right: Ty): boolean {
  let fits = operandFits(op, left);
  if (op === "Shl" || op === "Shr" || op === "ShlUnchecked" || op === "ShrUnchecked") fits &&= isIntegral(right);
  else if (op === "Offset") fits &&= isIntegral(right) && right.width === "size";
  else fits &&= left === right;
  if (!fits) c.fail(`${op} of \`${left.text}\` and \`${right.text}\``);
  return fits;
}

function checkUnary(c: Checker, op: UnOp, ty: Ty): Ty | undefined {
  switch (op) {
    case "Not":
      return isBits(ty) ? ty : c.fail(`Not of \`${ty.text}\``);
    case "Neg":
      return ty.kind === "int" || ty.kind === "float" ? ty : c.fail(`Neg of \`${ty.text}\``);
    case "PtrMetadata":
      return ty.kind === "ptr" || ty.kind === "ref" ? TY_UNIT : c.fail(`PtrMetadata of \`${ty.text}\``);
  }
}

function checkCast(c: Checker, kind: CastKind, operand: Operand, to: Ty): boolean {
  if (kind === "ReifyFnPointer") return checkReify(c, operand, to);
  const from = checkOperand(c, operand);
  if (from === undefined) return false;
  if (castFits(kind, from, to)) return true;
  c.fail(`the cast ${kind} from \`${from.text}\` to \`${to.text}\``);
  return false;
}

function castFits(kind: CastKind, from: Ty, to: Ty): boolean {
  switch (kind) {
    case "IntToInt":
      if (to.kind === "char") return from.kind === "uint" && from.width === 8;
      return (isIntegral(from) || from.kind === "bool" || from.kind === "char") && isIntegral(to);
    case "IntToFloat":
      return isIntegral(from) && to.kind === "float";
    case "FloatToInt":
      return from.kind === "float" && isIntegral(to);
    case "FloatToFloat":
      return from.kind === "float" && to.kind === "float";
    case "PtrToPtr":
      return from.kind === "ptr" && to.kind === "ptr";
    case "FnPtrToPtr":
      return from.kind === "fnptr" && to.kind === "ptr";
    case "PointerExposeProvenance":
      return (from.kind === "ptr" || from.kind === "fnptr") && isIntegral(to);
    case "PointerWithExposedProvenance":
      return isIntegral(from) && to.kind === "ptr";
    case "Transmute": {
      const a = scalarBits(from);
      const b = scalarBits(to);
      return a === undefined || b === undefined || a === b;
    }
    case "MutToConstPointer":
      return (
        from.kind === "ptr" &&
        to.kind === "ptr" &&
        from.mutability === "mut" &&
        to.mutability === "not" &&
        from.pointee === to.pointee
      );
    case "ArrayToPointer":
      return (
        from.kind === "ptr" &&
        to.kind === "ptr" &&
        from.mutability === to.mutability &&
        from.pointee.kind === "array" &&
        from.pointee.element === to.pointee
      );
    case "UnsafeFnPointer":
      return from.kind === "fnptr" && to.kind === "fnptr" && !from.unsafe && to.unsafe && sameSignature(from, to);
    case "ReifyFnPointer":
      return false;
  }
}

interface Signature {
  readonly params: readonly Ty[];
  readonly ret: Ty;
  readonly abi: string;
}

function sameSignature(a: Signature, b: Signature): boolean {
  const sameParams = a.params.length === b.params.length && a.params.every((ty, i) => ty === b.params[i]);
  return sameParams && a.ret === b.ret && a.abi === b.abi;
}

function checkReify(c: Checker, operand: Operand, to: Ty): boolean {
  if (operand.kind !== "const" || operand.value.kind !== "fn") {
    c.fail("ReifyFnPointer takes a function item");
    return false;
  }
  const { item, args } = operand.value;
  if (args.length !== item.generics.length) {
    c.fail(`\`${item.name}\` has ${item.generics.length} type parameters, not ${args.length}`);
    return false;
  }
  if (item.kind === "intrinsic") {
    c.fail(`the intrinsic \`${item.name}\` has no address`);
    return false;
  }
  if (!c.knowsFn(item)) {
    c.fail(`\`${item.name}\` is no function of the program`);
    return false;
  }
  if (to.kind === "fnptr" && sameSignature(fnSig(item, args, c.tcx), to)) return true;
  c.fail(`\`${item.name}\` is no \`${to.text}\``);
  return false;
}

/** The type of a value that a `switchInt` can look at, with its width; `undefined` for others. */
export function switchWidth(ty: Ty): number | undefined {
  if (isIntegral(ty)) return intBits(ty);
  if (ty === TY_BOOL) return 1;
  return ty.kind === "char" ? 32 : undefined;
}
