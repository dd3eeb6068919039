/**
 * Matching impl headers: one-way matching of a pattern, whose parameters are variables, against a type.
 *
 * After the `match_impl` step of rustc_trait_selection/src/traits/select/mod.rs. The type matched against has no variables, so matching
 * is all that selection needs of unification; its own parameters, if any, are opaque. A pattern's `alias` says nothing about its
 * variables, so it is put off until they are known.
 */

import { typeFlags } from "../mir/fold.ts";
import type { TraitRef } from "../mir/items.ts";
import { TY_USIZE, type Ty, type TyCtxt } from "../mir/ty.ts";

/** What the variables of a pattern stand for, and what remains to be compared once they are known. */
export interface Bindings {
  readonly args: (Ty | undefined)[];
  readonly deferred: (readonly [pattern: Ty, ty: Ty])[];
}

export function newBindings(count: number): Bindings {
  return { args: new Array<Ty | undefined>(count).fill(undefined), deferred: [] };
}

/** The value of an array's length as a generic argument. */
export function lengthArg(tcx: TyCtxt, length: number): Ty {
  return tcx.constArg(TY_USIZE, BigInt(length), String(length));
}

/** Matches `pattern` against `ty`, adding to `bindings`; false when they are different types whatever the variables are. */
export function matchTy(tcx: TyCtxt, pattern: Ty, ty: Ty, bindings: Bindings): boolean {
  if (pattern.kind === "param") {
    const bound = bindings.args[pattern.index];
    if (bound !== undefined) return bound === ty;
    bindings.args[pattern.index] = ty;
    return true;
  }
  if (typeFlags(pattern) === 0) return pattern === ty;
  switch (pattern.kind) {
    case "alias":
    case "anonConst":
      bindings.deferred.push([pattern, ty]);
      return true;
    case "genericArray":
      return matchGenericArray(tcx, pattern, ty, bindings);
    case "tuple":
      return ty.kind === "tuple" && matchTys(tcx, pattern.fields, ty.fields, bindings);
    case "array":
      return ty.kind === "array" && ty.length === pattern.length && matchTy(tcx, pattern.element, ty.element, bindings);
    case "slice":
      return ty.kind === "slice" && matchTy(tcx, pattern.element, ty.element, bindings);
    case "ref":
    case "ptr": {
      if (ty.kind !== pattern.kind || ty.mutability !== pattern.mutability) return false;
      return matchTy(tcx, pattern.pointee, ty.pointee, bindings);
    }
    case "adt":
      return ty.kind === "adt" && ty.def === pattern.def && matchTys(tcx, pattern.args, ty.args, bindings);
    case "fndef":
      return ty.kind === "fndef" && ty.item === pattern.item && matchTys(tcx, pattern.args, ty.args, bindings);
    case "closure":
      return ty.kind === "closure" && ty.def === pattern.def && matchTys(tcx, pattern.args, ty.args, bindings);
    case "fnptr": {
      if (ty.kind !== "fnptr" || ty.abi !== pattern.abi || ty.unsafe !== pattern.unsafe) return false;
      if (ty.variadic !== pattern.variadic) return false;
      return matchTys(tcx, pattern.params, ty.params, bindings) && matchTy(tcx, pattern.ret, ty.ret, bindings);
    }
    case "dynamic":
      return ty.kind === "dynamic" && matchDyn(tcx, pattern, ty, bindings);
    default:
      return pattern === ty;
  }
}

export function matchTys(tcx: TyCtxt, patterns: readonly Ty[], tys: readonly Ty[], bindings: Bindings): boolean {
  if (patterns.length !== tys.length) return false;
  for (let i = 0; i < patterns.length; i++) if (!matchTy(tcx, patterns[i]!, tys[i]!, bindings)) return false;
  return true;
}

function matchGenericArray(
  tcx: TyCtxt,
  pattern: Extract<Ty, { kind: "genericArray" }>,
  ty: Ty,
  bindings: Bindings,
): boolean {
  if (ty.kind === "genericArray")
    return matchTy(tcx, pattern.element, ty.element, bindings) && matchTy(tcx, pattern.length, ty.length, bindings);
  if (ty.kind !== "array") return false;
  return (
    matchTy(tcx, pattern.element, ty.element, bindings) &&
    matchTy(tcx, pattern.length, lengthArg(tcx, ty.length), bindings)
  );
}

type DynTy = Extract<Ty, { kind: "dynamic" }>;

function matchDyn(tcx: TyCtxt, pattern: DynTy, ty: DynTy, bindings: Bindings): boolean {
  const a = pattern.predicates;
  const b = ty.predicates;
  if (a.principal?.trait !== b.principal?.trait || a.projections.length !== b.projections.length) return false;
  if (a.autos.length !== b.autos.length || !a.autos.every((trait) => b.autos.includes(trait))) return false;
  if (!matchTys(tcx, a.principal?.args ?? [], b.principal?.args ?? [], bindings)) return false;
  return a.projections.every((p) => {
    const other = b.projections.find((q) => q.trait === p.trait && q.name === p.name);
    if (other === undefined) return false;
    return matchTys(tcx, p.args, other.args, bindings) && matchTy(tcx, p.ty, other.ty, bindings);
  });
}

/** Matches the arguments of `pattern`, an impl's trait reference, against those of `ref`. */
export function matchRef(tcx: TyCtxt, pattern: TraitRef, ref: TraitRef, generics: number): Bindings | undefined {
  const bindings = newBindings(generics);
  return matchTys(tcx, pattern.args, ref.args, bindings) ? bindings : undefined;
}

/**
 * A cheap necessary condition for `matchTy`: whether the outermost constructors can agree (rustc's `DeepRejectCtxt`, one level deep).
 */
export function mayMatch(pattern: Ty, ty: Ty): boolean {
  if (pattern.kind === "param" || pattern.kind === "alias" || pattern.kind === "anonConst") return true;
  if (pattern.kind === "genericArray") return ty.kind === "array" || ty.kind === "genericArray";
  if (pattern.kind !== ty.kind) return false;
  if (pattern.kind === "adt") return ty.kind === "adt" && pattern.def === ty.def;
  return pattern.kind !== "int" && pattern.kind !== "uint" && pattern.kind !== "float" ? true : pattern === ty;
}
