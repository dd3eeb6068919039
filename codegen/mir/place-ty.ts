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
import { type AdtDef, TY_BOOL, TY_ISIZE, TY_U8, TY_USIZE, type Ty, type TyCtxt, type TyOf } from "./ty.ts";

/** What a place's type depends on of a body. */
export type HasLocals = Pick<Body, "locals">;

export interface PlaceTy {
  readonly ty: Ty;
  /** The variant that a downcast selected. */
  readonly variant?: number;
}

/** The type of `base` after one more projection; `undefined` when the projection does not fit the type. */
export function projectTy(base: PlaceTy, elem: PlaceElem): PlaceTy | undefined {
  const { ty } = base;
  switch (elem.kind) {
    case "field":
      return { ty: elem.ty };
    case "deref":
      return ty.kind === "ref" || ty.kind === "ptr" ? { ty: ty.pointee } : undefined;
    case "index":
    case "constantIndex":
      return ty.kind === "array" ? { ty: ty.element } : undefined;
    case "downcast":
      return ty.kind === "adt" ? { ty, variant: elem.variant } : undefined;
  }
}

/**
 * The type of `place` in `body`. `tcx` is not needed for any projection of today; it is a parameter so that projections that intern
 * (slices) can come.
 */
export function placeTy(body: HasLocals, place: Place, _tcx: TyCtxt): PlaceTy {
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
    const next = projectTy(current, projection[i]!);
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
}

/** The signature of `item::<args>`. */
export function fnSig(item: FnItem, args: readonly Ty[], tcx: TyCtxt): FnSig {
  if (args.length === 0) return item;
  return {
    params: item.params.map((p) => tcx.substitute(p, args)),
    ret: tcx.substitute(item.ret, args),
    abi: item.abi,
  };
}

/** The type of a constant. A function item has no type of its own here: its type is that of a pointer to it. */
export function constTy(value: Const, tcx: TyCtxt): Ty {
  if (value.kind !== "fn") return value.ty;
  const sig = fnSig(value.item, value.args, tcx);
  return tcx.fnPtr(sig.params, sig.ret, { abi: sig.abi });
}

/** The type of `operand` in `body`; of a function item, the pointer to it. */
export function operandTy(body: HasLocals, operand: Operand, tcx: TyCtxt): Ty {
  return operand.kind === "const" ? constTy(operand.value, tcx) : placeTy(body, operand.place, tcx).ty;
}

/** The signature of what a call calls: an item, or a function pointer; `undefined` when `func` cannot be called. */
export function calleeSig(body: HasLocals, func: Operand, tcx: TyCtxt): FnSig | undefined {
  if (func.kind === "const" && func.value.kind === "fn") return fnSig(func.value.item, func.value.args, tcx);
  const ty = operandTy(body, func, tcx);
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
    case "repeat":
      return tcx.array(operandTy(body, rvalue.operand, tcx), rvalue.count);
    case "ref":
      return tcx.ref(rvalue.mutability, placeTy(body, rvalue.place, tcx).ty);
    case "rawPtr":
      return tcx.ptr(rvalue.mutability, placeTy(body, rvalue.place, tcx).ty);
    case "cast":
      return rvalue.ty;
    case "binary":
      return binaryTy(rvalue.op, operandTy(body, rvalue.left, tcx), tcx);
    case "unary":
      return operandTy(body, rvalue.operand, tcx);
    case "discriminant":
      return discriminantTy(placeTy(body, rvalue.place, tcx).ty);
    case "aggregate":
      switch (rvalue.aggregate.kind) {
        case "adt":
          return rvalue.aggregate.ty;
        case "array":
          return tcx.array(rvalue.aggregate.element, rvalue.operands.length);
        case "tuple":
          return tcx.tuple(rvalue.operands.map((operand) => operandTy(body, operand, tcx)));
      }
  }
}

/** The types of the fields of `ty` (of `variant`, for an enum); `undefined` when it has no fields to project. */
export function fieldTysOf(ty: Ty, variant: number | undefined, tcx: TyCtxt): readonly Ty[] | undefined {
  if (ty.kind === "tuple") return ty.fields;
  if (ty.kind !== "adt") return undefined;
  if (ty.def.adtKind === "enum" && variant === undefined) return undefined;
  return adtFieldTys(ty, variant ?? 0, tcx);
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
