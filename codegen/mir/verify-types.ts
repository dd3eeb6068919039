/**
 * The typing rules of places, operands and rvalues that the verifier checks (after rustc_mir_transform/src/validate.rs).
 *
 * Each rule answers a type, or reports through `Checker.fail` and answers `undefined`; who gets `undefined` says nothing more.
 */

import { fieldlessTagBits, intBits, isScalarValue, scalarBits, variantOfTag } from "./literal.ts";
import {
  binaryTy,
  derefTy,
  discriminantTy,
  elementTy,
  fieldTysOf,
  fnSig,
  INDEX_TY,
  metadataTy,
  projectTy,
} from "./place-ty.ts";
import { printPlace } from "./printer.ts";
import type {
  AggregateKind,
  BinOp,
  Body,
  CastKind,
  Const,
  FnItem,
  Operand,
  Place,
  PlaceElem,
  Rvalue,
  UnOp,
} from "./syntax.ts";
import { isIntegral, isPointer, TY_BOOL, TY_U8, TY_USIZE, type Ty, type TyCtxt } from "./ty.ts";

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
      return derefTy(ty) ?? c.fail(`\`${ty.text}\` cannot be dereferenced`);
    case "field": {
      const field = fieldTysOf(ty, variant, c.tcx)?.[elem.index];
      if (field === undefined) return c.fail(`\`${ty.text}\` has no field ${elem.index}`);
      if (!sameTy(field, elem.ty)) {
        return c.fail(`field ${elem.index} of \`${ty.text}\` is \`${field.text}\`, not \`${elem.ty.text}\``);
      }
      return elem.ty;
    }
    case "index": {
      const index = c.body.locals[elem.local];
      if (index === undefined) return c.fail(`there is no local _${elem.local}`);
      if (index.ty !== INDEX_TY) return c.fail(`the index _${elem.local} is \`${index.ty.text}\`, not \`usize\``);
      return elementTy(ty) ?? c.fail(`\`${ty.text}\` cannot be indexed`);
    }
    case "constantIndex": {
      if (ty.kind !== "array") return elementTy(ty) ?? c.fail(`\`${ty.text}\` cannot be indexed`);
      const inside = elem.fromEnd ? elem.offset >= 1 && elem.offset <= ty.length : elem.offset < ty.length;
      if (!inside || elem.minLength > ty.length) return c.fail(`the index is outside of \`${ty.text}\``);
      return ty.element;
    }
    case "subslice": {
      const inside = elem.fromEnd || elem.from <= elem.to;
      const part = inside ? projectTy({ ty }, elem, c.tcx) : undefined;
      return part?.ty ?? c.fail(`\`${ty.text}\` has no such part`);
    }
    case "downcast":
      return ty;
  }
}

/** The type of an operand. */
export function checkOperand(c: Checker, operand: Operand): Ty | undefined {
  return operand.kind === "const" ? checkConst(c, operand.value) : checkPlace(c, operand.place);
}

export function checkConst(c: Checker, value: Const): Ty | undefined {
  switch (value.kind) {
    case "fn":
      return checkFnConst(c, value) ? c.tcx.fnDef(value.item, value.args) : undefined;
    case "zst":
      return isZst(value.ty, c.tcx) || isOpen(value.ty) ? value.ty : c.fail(`\`${value.ty.text}\` is not zero-sized`);
    case "scalar":
      return checkScalar(c, value);
    case "bytes":
      return checkBytes(c, value);
    case "unevaluated": {
      if (!checkArgCount(c, value.item, value.args)) return undefined;
      const ty = c.tcx.substitute(value.item.ty, value.args);
      if (!sameTy(ty, value.ty))
        return c.fail(`\`${value.item.name}\` is a \`${ty.text}\`, not a \`${value.ty.text}\``);
      return value.ty;
    }
    case "static":
    case "alloc":
      if (!isPointer(value.ty)) return c.fail(`a pointer of type \`${value.ty.text}\``);
      return value.ty;
    case "aggregate":
      return checkAggregateConst(c, value);
    case "param":
    case "transmuted":
      return value.ty;
  }
}

function checkAggregateConst(c: Checker, value: Extract<Const, { kind: "aggregate" }>): Ty | undefined {
  const { ty, fields } = value;
  // A union of which no field is written.
  if (ty.kind === "adt" && ty.def.adtKind === "union" && fields.length === 0) return ty;
  const tys = ty.kind === "array" ? undefined : fieldTysOf(ty, value.variant, c.tcx);
  const count = ty.kind === "array" ? ty.length : tys?.length;
  if (count !== fields.length) return c.fail(`a constant of ${fields.length} values has the type \`${ty.text}\``);
  for (let i = 0; i < fields.length; i++) {
    const field = checkConst(c, fields[i]!);
    if (field === undefined) return undefined;
    const expected = ty.kind === "array" ? ty.element : tys![i]!;
    if (!sameTy(field, expected)) return c.fail(`expected a \`${expected.text}\`, found a \`${field.text}\``);
  }
  return ty;
}

function checkBytes(c: Checker, { ty, bytes }: Extract<Const, { kind: "bytes" }>): Ty | undefined {
  const pointee = ty.kind === "ref" ? ty.pointee : undefined;
  if (pointee?.kind === "str") return ty;
  const fits = pointee?.kind === "slice" || (pointee?.kind === "array" && pointee.length === bytes.length);
  return fits && pointee.element === TY_U8 ? ty : c.fail(`${bytes.length} bytes have the type \`${ty.text}\``);
}

function checkScalar(c: Checker, { ty, bits }: Extract<Const, { kind: "scalar" }>): Ty | undefined {
  const width = scalarBits(ty) ?? fieldlessTagBits(ty);
  if (width === undefined || width === 0 || ty.kind === "ref" || ty.kind === "fnptr") {
    return c.fail(`\`${ty.text}\` has no scalar constants`);
  }
  if (bits < 0n || (width < 128 ? bits >> BigInt(width) : bits >> 128n) !== 0n) {
    return c.fail(`the constant ${bits} does not fit in \`${ty.text}\``);
  }
  if (ty.kind === "bool" && bits > 1n) return c.fail(`${bits} is no \`bool\``);
  if (ty.kind === "char" && !isScalarValue(Number(bits))) return c.fail(`0x${bits.toString(16)} is no \`char\``);
  if (ty.kind === "adt" && variantOfTag(ty.def, bits) === undefined) {
    return c.fail(`no variant of \`${ty.text}\` has the discriminant ${bits}`);
  }
  return ty;
}

function checkArgCount(c: Checker, item: { name: string; generics: readonly string[] }, args: readonly Ty[]): boolean {
  if (args.length === item.generics.length) return true;
  c.fail(`\`${item.name}\` has ${item.generics.length} type parameters, not ${args.length}`);
  return false;
}

/** A function item with as many arguments as it has parameters, that the program knows. */
export function checkFnConst(c: Checker, { item, args }: Extract<Const, { kind: "fn" }>): boolean {
  if (!checkArgCount(c, item, args)) return false;
  if (c.knowsFn(item)) return true;
  c.fail(`\`${item.name}\` is no function of the program`);
  return false;
}

const openTys = new WeakMap<Ty, boolean>();

/** `ty` mentions a projection or a constant that is not evaluated: which type it is depends on what stands for its parameters. */
export function isOpen(ty: Ty): boolean {
  let known = openTys.get(ty);
  if (known === undefined) {
    known = isOpenHere(ty);
    openTys.set(ty, known);
  }
  return known;
}

function isOpenHere(ty: Ty): boolean {
  switch (ty.kind) {
    case "alias":
    case "anonConst":
      return true;
    case "tuple":
      return ty.fields.some(isOpen);
    case "array":
    case "slice":
      return isOpen(ty.element);
    case "genericArray":
      return isOpen(ty.element) || isOpen(ty.length);
    case "ref":
    case "ptr":
      return isOpen(ty.pointee);
    case "adt":
    case "fndef":
    case "closure":
      return ty.args.some(isOpen);
    case "fnptr":
      return ty.params.some(isOpen) || isOpen(ty.ret);
    case "dynamic": {
      const { principal, projections } = ty.predicates;
      return (principal?.args ?? []).some(isOpen) || projections.some((p) => p.args.some(isOpen) || isOpen(p.ty));
    }
    default:
      return false;
  }
}

/** The types are one, or may be one once their projections are known. */
export function sameTy(a: Ty, b: Ty): boolean {
  return a === b || isOpen(a) || isOpen(b);
}

/** `ty` has one value, and no bytes. */
export function isZst(ty: Ty, tcx: TyCtxt): boolean {
  switch (ty.kind) {
    case "tuple":
      return ty.fields.every((field) => isZst(field, tcx));
    case "array":
      return ty.length === 0 || isZst(ty.element, tcx);
    case "fndef":
      return true;
    case "closure":
      return (fieldTysOf(ty, undefined, tcx) ?? []).every((field) => isZst(field, tcx));
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
  if (ty !== undefined && !sameTy(ty, target))
    c.fail(`a \`${ty.text}\` is stored in a place of type \`${target.text}\``);
}

function checkedRvalueTy(c: Checker, rvalue: Exclude<Rvalue, { kind: "aggregate" }>, target: Ty): Ty | undefined {
  switch (rvalue.kind) {
    case "use":
      return checkOperand(c, rvalue.operand);
    case "repeat": {
      const element = checkOperand(c, rvalue.operand);
      if (element === undefined) return undefined;
      const ty =
        rvalue.genericCount === undefined
          ? c.tcx.array(element, rvalue.count)
          : c.tcx.arrayOf(element, rvalue.genericCount);
      if (sameTy(ty, target)) return target;
      return c.fail(`[\`${element.text}\`; ${rvalue.count}] is stored in a place of type \`${target.text}\``);
    }
    case "ref":
    case "rawPtr": {
      const pointee = checkPlace(c, rvalue.place);
      if (pointee === undefined) return undefined;
      const kind = rvalue.kind === "ref" ? "ref" : "ptr";
      const fits = target.kind === kind && target.mutability === rvalue.mutability && sameTy(target.pointee, pointee);
      if (fits || isOpen(target)) return target;
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
    case "len": {
      const ty = checkPlace(c, rvalue.place);
      if (ty === undefined) return undefined;
      return elementTy(ty) === undefined ? c.fail(`the length of a \`${ty.text}\``) : TY_USIZE;
    }
    case "nullary":
      return rvalue.op.kind === "UbChecks" || rvalue.op.kind === "ContractChecks" ? TY_BOOL : TY_USIZE;
    case "threadLocalRef":
      if (!rvalue.item.threadLocal) return c.fail(`\`${rvalue.item.name}\` is not thread-local`);
      if (derefTy(rvalue.ty) === rvalue.item.ty) return rvalue.ty;
      return c.fail(`a \`${rvalue.ty.text}\` to a \`${rvalue.item.ty.text}\``);
    case "shallowInitBox": {
      const ty = checkOperand(c, rvalue.operand);
      if (ty === undefined) return undefined;
      return ty.kind === "ptr" && derefTy(target) === rvalue.ty ? target : c.fail(`a box of a \`${ty.text}\``);
    }
  }
}

function checkAggregate(c: Checker, rvalue: Extract<Rvalue, { kind: "aggregate" }>, target: Ty): void {
  const { aggregate, operands } = rvalue;
  if (aggregate.kind === "array") {
    if (!sameTy(c.tcx.array(aggregate.element, operands.length), target)) {
      c.fail(`an aggregate of ${operands.length} values is stored in a place of type \`${target.text}\``);
    }
    for (const operand of operands) expectOperand(c, operand, aggregate.element);
    return;
  }
  if (aggregate.kind === "rawPtr") {
    checkRawPtr(c, aggregate.ty, operands, target);
    return;
  }
  const ty = aggregate.kind === "tuple" ? target : aggregate.ty;
  if (!sameTy(ty, target)) {
    storedIn(c, ty, target);
    return;
  }
  const expected = aggregateFields(c, aggregate, ty);
  if (expected === undefined || expected.length !== operands.length) {
    c.fail(`an aggregate of ${operands.length} values is stored in a place of type \`${target.text}\``);
    return;
  }
  for (let i = 0; i < operands.length; i++) expectOperand(c, operands[i]!, expected[i]!);
}

function storedIn(c: Checker, ty: Ty, target: Ty): void {
  c.fail(`a \`${ty.text}\` is stored in a place of type \`${target.text}\``);
}

/** The types of the operands that make an aggregate of type `ty`: of a union, the one field that is written. */
function aggregateFields(c: Checker, aggregate: AggregateKind, ty: Ty): readonly Ty[] | undefined {
  switch (aggregate.kind) {
    case "tuple":
      return ty.kind === "tuple" ? ty.fields : undefined;
    case "adt": {
      if (ty.kind !== "adt" || ty.def !== aggregate.def) return undefined;
      const fields = fieldTysOf(ty, aggregate.variant, c.tcx);
      if (ty.def.adtKind !== "union") return fields;
      const field = fields?.[aggregate.activeField ?? -1];
      return field === undefined ? undefined : [field];
    }
    default:
      return fieldTysOf(ty, undefined, c.tcx);
  }
}

/** `*const T from (thin pointer, metadata)`. */
function checkRawPtr(c: Checker, ty: Ty, operands: readonly Operand[], target: Ty): void {
  if (!sameTy(ty, target)) storedIn(c, ty, target);
  if (!isPointer(ty) || operands.length !== 2) {
    c.fail(`a \`${ty.text}\` is made from ${operands.length} values`);
    return;
  }
  const pointer = checkOperand(c, operands[0]!);
  if (pointer !== undefined && !isPointer(pointer)) c.fail(`a \`${pointer.text}\` is no pointer`);
  expectOperand(c, operands[1]!, metadataTy(ty, c.tcx));
}

/** `operand` must have the type `expected`. */
export function expectOperand(c: Checker, operand: Operand, expected: Ty): void {
  const ty = checkOperand(c, operand);
  if (ty !== undefined && !sameTy(ty, expected)) c.fail(`expected a \`${expected.text}\`, found a \`${ty.text}\``);
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
  if (!fits && (isOpen(left) || isOpen(right))) return true;
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
      return isPointer(ty) ? metadataTy(ty, c.tcx) : c.fail(`PtrMetadata of \`${ty.text}\``);
  }
}

function checkCast(c: Checker, kind: CastKind, operand: Operand, to: Ty): boolean {
  const from = checkOperand(c, operand);
  if (from === undefined) return false;
  if (kind === "ReifyFnPointer") return checkReify(c, from, to);
  if (kind === "ClosureFnPointer") return checkClosurePointer(c, from, to);
  if (castFits(kind, from, to) || isOpen(from) || isOpen(to)) return true;
  c.fail(`the cast ${kind} from \`${from.text}\` to \`${to.text}\``);
  return false;
}

/** Programs are of 64 bits. */
const POINTER_BITS = 64;

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
      return isIntegral(from) && intBits(from) === POINTER_BITS && to.kind === "ptr";
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
    case "Unsize":
      return unsizes(from, to);
    case "ReifyFnPointer":
    case "ClosureFnPointer":
      return false;
  }
}

/** A pointer, or a structure around one, to what becomes a slice or a `dyn` type; the rest is for trait selection to say. */
function unsizes(from: Ty, to: Ty): boolean {
  const [a, b] = [derefTy(from), derefTy(to)];
  if (a !== undefined && b !== undefined) {
    if (b.kind === "slice") return elementTy(a) === b.element;
    return b.kind === "dynamic" || (b.kind === "adt" && a.kind === "adt" && a.def === b.def);
  }
  return from.kind === "adt" && to.kind === "adt" && from.def === to.def;
}

interface Signature {
  readonly params: readonly Ty[];
  readonly ret: Ty;
  readonly abi: string;
  readonly variadic?: boolean;
}

function sameSignature(a: Signature, b: Signature): boolean {
  const sameParams = a.params.length === b.params.length && a.params.every((ty, i) => sameTy(ty, b.params[i]!));
  return sameParams && sameTy(a.ret, b.ret) && a.abi === b.abi && (a.variadic ?? false) === (b.variadic ?? false);
}

function checkReify(c: Checker, from: Ty, to: Ty): boolean {
  if (from.kind !== "fndef") {
    c.fail("ReifyFnPointer takes a function item");
    return false;
  }
  const { item, args } = from;
  if (item.kind === "intrinsic") {
    c.fail(`the intrinsic \`${item.name}\` has no address`);
    return false;
  }
  if (to.kind === "fnptr" && sameSignature(fnSig(item, args, c.tcx), to)) return true;
  c.fail(`\`${item.name}\` is no \`${to.text}\``);
  return false;
}

/** A closure without captured values as a pointer to a function of its arguments. */
function checkClosurePointer(c: Checker, from: Ty, to: Ty): boolean {
  const body = from.kind === "closure" ? from.def.body : undefined;
  if (from.kind !== "closure" || from.def.upvars.length > 0 || to.kind !== "fnptr") {
    c.fail(`the cast ClosureFnPointer from \`${from.text}\` to \`${to.text}\``);
    return false;
  }
  if (body === undefined) return true;
  const sig = fnSig(body, from.args, c.tcx);
  if (sameSignature({ params: sig.params.slice(1), ret: sig.ret, abi: to.abi }, to)) return true;
  c.fail(`\`${from.text}\` is no \`${to.text}\``);
  return false;
}

/** The type of a value that a `switchInt` can look at, with its width; `undefined` for others. */
export function switchWidth(ty: Ty): number | undefined {
  if (isIntegral(ty)) return intBits(ty);
  if (ty === TY_BOOL) return 1;
  return ty.kind === "char" ? 32 : undefined;
}
