/**
 * Folding types: rebuilding a type from its parts, and what is known of a type without a context.
 *
 * As rustc_type_ir/src/{fold,flags}.rs. The *flags* of a type say what is anywhere inside of it, so that folds pass over what they
 * would leave as it is.
 */

import type { TraitRef } from "./items.ts";
import type { Ty, TyCtxt } from "./ty.ts";

/** A parameter, which `substitute` replaces. */
export const HAS_PARAM = 1;
/** An `alias`, an `anonConst` or a `genericArray` of one, which `normalize` replaces. */
export const HAS_ALIAS = 2;

const known = new WeakMap<Ty, number>();

/** The flags of `ty`: `HAS_PARAM | HAS_ALIAS`. */
export function typeFlags(ty: Ty): number {
  switch (ty.kind) {
    case "bool":
    case "char":
    case "never":
    case "int":
    case "uint":
    case "float":
    case "str":
    case "foreign":
    case "constArg":
      return 0;
    case "param":
      return HAS_PARAM;
  }
  let flags = known.get(ty);
  if (flags === undefined) {
    flags = ty.kind === "alias" || ty.kind === "anonConst" ? HAS_ALIAS : 0;
    for (const part of partsOf(ty)) flags |= typeFlags(part);
    known.set(ty, flags);
  }
  return flags;
}

/** Whether `ty` mentions a type or const parameter. */
export function hasParam(ty: Ty): boolean {
  return (typeFlags(ty) & HAS_PARAM) !== 0;
}

/** The flags of all of `tys`. */
export function flagsOf(tys: readonly Ty[]): number {
  let flags = 0;
  for (const ty of tys) flags |= typeFlags(ty);
  return flags;
}

/** The types that `ty` is directly made of, in written order. */
export function partsOf(ty: Ty): readonly Ty[] {
  switch (ty.kind) {
    case "tuple":
      return ty.fields;
    case "array":
    case "slice":
      return [ty.element];
    case "genericArray":
      return [ty.element, ty.length];
    case "ref":
    case "ptr":
      return [ty.pointee];
    case "adt":
    case "fndef":
    case "closure":
    case "alias":
    case "anonConst":
      return ty.args;
    case "fnptr":
      return [...ty.params, ty.ret];
    case "dynamic": {
      const { principal, projections } = ty.predicates;
      return [...(principal?.args ?? []), ...projections.flatMap((p) => [...p.args, p.ty])];
    }
    default:
      return [];
  }
}

/** `ty` with `go` applied to each of its parts; `ty` itself when none changed. */
export function foldParts(tcx: TyCtxt, ty: Ty, go: (part: Ty) => Ty): Ty {
  switch (ty.kind) {
    case "tuple":
      return tcx.tuple(ty.fields.map(go));
    case "array":
      return tcx.array(go(ty.element), ty.length);
    case "slice":
      return tcx.slice(go(ty.element));
    case "genericArray":
      return tcx.arrayOf(go(ty.element), go(ty.length));
    case "ref":
      return tcx.ref(ty.mutability, go(ty.pointee));
    case "ptr":
      return tcx.ptr(ty.mutability, go(ty.pointee));
    case "adt":
      return tcx.adt(ty.def, ty.args.map(go));
    case "fndef":
      return tcx.fnDef(ty.item, ty.args.map(go));
    case "closure":
      return tcx.closure(ty.def, ty.args.map(go));
    case "alias":
      return tcx.alias(ty.trait, ty.name, ty.args.map(go));
    case "anonConst":
      return tcx.anonConst(ty.item, ty.args.map(go), ty.text);
    case "fnptr":
      return tcx.fnPtr(ty.params.map(go), go(ty.ret), ty);
    case "dynamic": {
      const { principal, projections, autos } = ty.predicates;
      return tcx.dynamic({
        principal: principal && { trait: principal.trait, args: principal.args.map(go) },
        projections: projections.map((p) => ({ ...p, args: p.args.map(go), ty: go(p.ty) })),
        autos,
      });
    }
    default:
      return ty;
  }
}

/** `ty` with the parameters of its item replaced by `args`; nothing is done when it has none. */
export function substitute(tcx: TyCtxt, ty: Ty, args: readonly Ty[]): Ty {
  return hasParam(ty) ? tcx.substitute(ty, args) : ty;
}

export function substituteAll(tcx: TyCtxt, tys: readonly Ty[], args: readonly Ty[]): readonly Ty[] {
  return (flagsOf(tys) & HAS_PARAM) === 0 ? tys : tys.map((ty) => substitute(tcx, ty, args));
}

export function substituteRef(tcx: TyCtxt, ref: TraitRef, args: readonly Ty[]): TraitRef {
  const own = substituteAll(tcx, ref.args, args);
  return own === ref.args ? ref : { trait: ref.trait, args: own };
}

/** `i32: Trait<u8>`, for messages. */
export function traitRefText({ trait, args }: TraitRef): string {
  const rest = args.slice(1);
  const own = rest.length === 0 ? "" : `<${rest.map((a) => a.text).join(", ")}>`;
  return `${args[0]?.text ?? "_"}: ${trait.name}${own}`;
}
