/**
 * Types of places, operands and rvalues (after rustc_middle/src/mir/statement.rs and tcx.rs).
 *
 * A *place type* is a type and, behind a downcast, the variant that is looked at. Field projections carry their type, so a place's
 * type costs no interning. These functions trust the body: on an ill-typed one they throw `bug`; the verifier asks `projectTy`, which
 * answers `undefined` instead.
 */

import { bug } from "../entity/entity.ts";
import { preludeAdt } from "./prelude.ts";
import type { BinOp, Body, Const, FnItem, Operand, Place, PlaceElem, Rvalue } from "./syntax.ts";
import { type AdtDef, TY_BOOL, TY_ISIZE, TY_U8, TY_UNIT, TY_USIZE, type Ty, type TyCtxt, type TyOf } from "./ty.ts";

/** What a place's type depends on of a body. */
export type HasLocals = Pick<Body, "locals">;

export interface PlaceTy {
  readonly ty: Ty;
  /** The variant that a downcast selected. */
  readonly variant?: number;
}

/** The type of `base` after one more projection; `undefined` when the projection does not fit the type. */
export function projectTy(base: PlaceTy, elem: PlaceElem, tcx: TyCtxt): PlaceTy | undefined {
  const { ty } = base;
  switch (elem.kind) {
    case "field":
      return { ty: elem.ty };
    case "deref": {
      const pointee = derefTy(ty);
      return pointee === undefined ? undefined : { ty: pointee };
    }
    case "index":
    case "constantIndex": {
      const element = elementTy(ty);
      return element === undefined ? undefined : { ty: element };
    }
    case "subslice": {
      const part = subsliceTy(ty, elem, tcx);
      return part === undefined ? undefined : { ty: part };
    }
    case "downcast":
      return ty.kind === "adt" ? { ty, variant: elem.variant } : undefined;
  }
}

/** What a value of `ty` points to, of references, raw pointers and boxes. */
export function derefTy(ty: Ty): Ty | undefined {
  if (ty.kind === "ref" || ty.kind === "ptr") return ty.pointee;
  return ty.kind === "adt" && ty.def.lang === "owned_box" ? ty.args[0] : undefined;
}

/** The type of the elements of arrays and slices. */
export function elementTy(ty: Ty): Ty | undefined {
  return ty.kind === "array" || ty.kind === "slice" || ty.kind === "genericArray" ? ty.element : undefined;
}

/** Of an array, the shorter array; of a slice, the slice. */
function subsliceTy(ty: Ty, elem: Extract<PlaceElem, { kind: "subslice" }>, tcx: TyCtxt): Ty | undefined {
  if (ty.kind === "slice") return ty;
  if (ty.kind !== "array") return undefined;
  const length = (elem.fromEnd ? ty.length - elem.to : elem.to) - elem.from;
  return length < 0 ? undefined : tcx.array(ty.element, length);
}

/** The type of `place` in `body`. */
export function placeTy(body: HasLocals, place: Place, tcx: TyCtxt): PlaceTy {
  const { projection } = place;
  const last = projection.length - 1;
  const decl = body.locals[place.local];
  if (decl === undefined) throw bug(`no local _${place.local}`);
  if (last < 0) return decl;
  // Field projections know their type: only what follows the last one has to be walked.
  let start = last;
  while (start >= 0 && projection[start]!.kind !== "field") start--;
  let current: PlaceTy = start < 0 ? decl : { ty: (projection[start] as Extract<PlaceElem, { kind: "field" }>).ty };
  for (let i = start + 1; i <= last; i++) {
    const next = projectTy(current, projection[i]!, tcx);
    if (next === undefined)
      throw bug(`projection ${projection[i]!.kind} of ${current.ty.text} in a place of _${place.local}`);
    current = next;
  }
  return current;
}

/** The signature of a function item with its type arguments filled in. */
export interface FnSig {
  readonly params: readonly Ty[];
  readonly ret: Ty;
  readonly abi: string;
  /** Calls may have more arguments than `params`. */
  readonly variadic?: boolean;
}

/** The signature of `item::<args>`. */
export function fnSig(item: FnItem, args: readonly Ty[], tcx: TyCtxt): FnSig {
  if (args.length === 0) return item;
  return {
    params: item.params.map((p) => tcx.substitute(p, args)),
    ret: tcx.substitute(item.ret, args),
    abi: item.abi,
    ...(item.variadic === true ? { variadic: true } : {}),
  };
}

/** The type of a constant; of a function item, the type that only it has. */
export function constTy(value: Const, tcx: TyCtxt): Ty {
  return value.kind === "fn" ? tcx.fnDef(value.item, value.args) : value.ty;
}

/** The type of `operand` in `body`. */
export function operandTy(body: HasLocals, operand: Operand, tcx: TyCtxt): Ty {
  return operand.kind === "const" ? constTy(operand.value, tcx) : placeTy(body, operand.place, tcx).ty;
}

/** The signature of what a call calls: an item, by name or as a value, or a function pointer; `undefined` when `func` cannot be called. */
export function calleeSig(body: HasLocals, func: Operand, tcx: TyCtxt): FnSig | undefined {
  if (func.kind === "const" && func.value.kind === "fn") return fnSig(func.value.item, func.value.args, tcx);
  const ty = operandTy(body, func, tcx);
  if (ty.kind === "fndef") return fnSig(ty.item, ty.args, tcx);
  return ty.kind === "fnptr" ? ty : undefined;
}

/** The type that `discriminant(place)` has: the `repr`'s integer, else `isize`; of what is no enum, `u8`. */
export function discriminantTy(ty: Ty): Ty {
  if (ty.kind !== "adt" || ty.def.adtKind !== "enum") return TY_U8;
  return ty.def.repr.int ?? TY_ISIZE;
}

/** The result type of `left op right`, from the left operand's type. */
export function binaryTy(op: BinOp, left: Ty, tcx: TyCtxt): Ty {
  switch (op) {
    case "Eq":
    case "Ne":
    case "Lt":
    case "Le":
    case "Gt":
    case "Ge":
      return TY_BOOL;
    case "AddWithOverflow":
    case "SubWithOverflow":
    case "MulWithOverflow":
      return overflowPair(left, tcx);
    case "Cmp":
      return tcx.adt(preludeAdt(tcx, "std::cmp::Ordering"));
    default:
      return left;
  }
}

const overflowPairs = new WeakMap<TyCtxt, Map<Ty, Ty>>();

/** `(ty, bool)`, remembered per type because every checked operation asks for it. */
function overflowPair(ty: Ty, tcx: TyCtxt): Ty {
  let known = overflowPairs.get(tcx);
  if (known === undefined) {
    known = new Map();
    overflowPairs.set(tcx, known);
  }
  let pair = known.get(ty);
  if (pair === undefined) {
    pair = tcx.tuple([ty, TY_BOOL]);
    known.set(ty, pair);
  }
  return pair;
}

/** The type of the value of `rvalue` in `body`. */
export function rvalueTy(body: HasLocals, rvalue: Rvalue, tcx: TyCtxt): Ty {
  switch (rvalue.kind) {
    case "use":
      return operandTy(body, rvalue.operand, tcx);
    case "repeat": {
      const element = operandTy(body, rvalue.operand, tcx);
      return rvalue.genericCount === undefined
        ? tcx.array(element, rvalue.count)
        : tcx.arrayOf(element, rvalue.genericCount);
    }
    case "ref":
      return tcx.ref(rvalue.mutability, placeTy(body, rvalue.place, tcx).ty);
    case "rawPtr":
      return tcx.ptr(rvalue.mutability, placeTy(body, rvalue.place, tcx).ty);
    case "cast":
    case "threadLocalRef":
      return rvalue.ty;
    case "binary":
      return binaryTy(rvalue.op, operandTy(body, rvalue.left, tcx), tcx);
    case "unary": {
      const ty = operandTy(body, rvalue.operand, tcx);
      return rvalue.op === "PtrMetadata" ? metadataTy(ty, tcx) : ty;
    }
    case "discriminant":
      return discriminantTy(placeTy(body, rvalue.place, tcx).ty);
    case "len":
      return TY_USIZE;
    case "nullary":
      return rvalue.op.kind === "UbChecks" || rvalue.op.kind === "ContractChecks" ? TY_BOOL : TY_USIZE;
    case "shallowInitBox":
      return tcx.adt(preludeAdt(tcx, "std::boxed::Box"), [rvalue.ty]);
    case "aggregate":
      switch (rvalue.aggregate.kind) {
        case "adt":
        case "closure":
        case "rawPtr":
          return rvalue.aggregate.ty;
        case "array":
          return tcx.array(rvalue.aggregate.element, rvalue.operands.length);
        case "tuple":
          return tcx.tuple(rvalue.operands.map((operand) => operandTy(body, operand, tcx)));
      }
  }
}

/**
 * The type of `PtrMetadata` of a pointer: the length of slices, `DynMetadata<dyn Trait>` of trait objects, `()` of what is sized. That of a
 * struct is its last field's.
 */
export function metadataTy(pointer: Ty, tcx: TyCtxt): Ty {
  const tail = structTail(derefTy(pointer) ?? pointer, tcx);
  if (tail.kind === "slice" || tail.kind === "str") return TY_USIZE;
  if (tail.kind === "dynamic") return tcx.adt(preludeAdt(tcx, "std::ptr::DynMetadata"), [tail]);
  return TY_UNIT;
}

/** The type of the last field of the last field … of `ty`: what makes it unsized, when it is (rustc's `struct_tail_raw`). */
export function structTail(ty: Ty, tcx: TyCtxt): Ty {
  let tail = ty;
  while (true) {
    let last: Ty | undefined;
    if (tail.kind === "tuple") last = tail.fields.at(-1);
    else if (tail.kind === "adt" && tail.def.adtKind === "struct") last = adtFieldTys(tail, 0, tcx)?.at(-1);
    if (last === undefined) return tail;
    tail = last;
  }
}

/** The types of the fields of `ty` (of `variant`, for an enum); `undefined` when it has no fields to project. */
export function fieldTysOf(ty: Ty, variant: number | undefined, tcx: TyCtxt): readonly Ty[] | undefined {
  if (ty.kind === "tuple") return ty.fields;
  if (ty.kind === "closure") return closureUpvars(ty, tcx);
  if (ty.kind !== "adt") return undefined;
  if (ty.def.adtKind === "enum" && variant === undefined) return undefined;
  return adtFieldTys(ty, variant ?? 0, tcx);
}

/** The captured values of a closure, with the arguments of the item that it stands in. */
function closureUpvars(ty: TyOf<"closure">, tcx: TyCtxt): readonly Ty[] {
  return ty.def.upvars.map((upvar) => tcx.substitute(upvar, ty.args));
}

const adtFields = new WeakMap<
  Ty,
  { readonly variants: AdtDef["variants"]; readonly tys: (readonly Ty[] | undefined)[] }
>();

function adtFieldTys(ty: TyOf<"adt">, variant: number, tcx: TyCtxt): readonly Ty[] | undefined {
  const { variants } = ty.def;
  let known = adtFields.get(ty);
  // A definition is completed while it is being declared: what was remembered of the incomplete one is stale.
  if (known === undefined || known.variants !== variants) {
    known = { variants, tys: new Array(variants.length) };
    adtFields.set(ty, known);
  }
  if (variant >= variants.length) return undefined;
  let tys = known.tys[variant];
  if (tys === undefined) {
    tys = tcx.fieldTys(ty, variant);
    known.tys[variant] = tys;
  }
  return tys;
}

/** The type that indexes arrays. */
export const INDEX_TY: Ty = TY_USIZE;
