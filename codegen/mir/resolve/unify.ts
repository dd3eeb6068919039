/**
 * Matching a generic type against another: which arguments for the parameters of an impl make its types those that are asked for.
 */

import { TY_USIZE, type Ty, type TyCtxt } from "../ty.ts";

/** Binds the parameters in `pattern` so that it becomes `ty`; `bound` keeps what earlier matches bound. False when there is no way. */
export function matchTy(tcx: TyCtxt, pattern: Ty, ty: Ty, bound: (Ty | undefined)[]): boolean {
  if (pattern.kind === "param") {
    const known = bound[pattern.index];
    if (known !== undefined) return known === ty;
    bound[pattern.index] = ty;
    return true;
  }
  // What a projection stands for is not known here: it fits whatever the rest of the impl decides.
  if (pattern.kind === "alias") return true;
  if (pattern.kind === "genericArray") {
    if (ty.kind === "array" && pattern.length.kind === "param") {
      const length = tcx.constArg(TY_USIZE, BigInt(ty.length), String(ty.length));
      return matchTy(tcx, pattern.element, ty.element, bound) && matchTy(tcx, pattern.length, length, bound);
    }
    return (
      ty.kind === "genericArray" &&
      matchTy(tcx, pattern.element, ty.element, bound) &&
      matchTy(tcx, pattern.length, ty.length, bound)
    );
  }
  if (pattern.kind !== ty.kind) return false;
  switch (pattern.kind) {
    case "tuple":
      return ty.kind === "tuple" && matchTys(tcx, pattern.fields, ty.fields, bound);
    case "array":
      return ty.kind === "array" && pattern.length === ty.length && matchTy(tcx, pattern.element, ty.element, bound);
    case "slice":
      return ty.kind === "slice" && matchTy(tcx, pattern.element, ty.element, bound);
    case "ref":
    case "ptr":
      return (
        (ty.kind === "ref" || ty.kind === "ptr") &&
        pattern.mutability === ty.mutability &&
        matchTy(tcx, pattern.pointee, ty.pointee, bound)
      );
    case "adt":
      return ty.kind === "adt" && pattern.def === ty.def && matchTys(tcx, pattern.args, ty.args, bound);
    case "fnptr":
      return (
        ty.kind === "fnptr" &&
        pattern.abi === ty.abi &&
        pattern.unsafe === ty.unsafe &&
        pattern.variadic === ty.variadic &&
        matchTys(tcx, pattern.params, ty.params, bound) &&
        matchTy(tcx, pattern.ret, ty.ret, bound)
      );
    case "dynamic": {
      if (ty.kind !== "dynamic") return false;
      const [a, b] = [pattern.predicates.principal, ty.predicates.principal];
      if (a === undefined || b === undefined) return pattern === ty;
      return a.trait === b.trait && matchTys(tcx, a.args, b.args, bound);
    }
    default:
      return pattern === ty;
  }
}

export function matchTys(tcx: TyCtxt, patterns: readonly Ty[], tys: readonly Ty[], bound: (Ty | undefined)[]): boolean {
  if (patterns.length !== tys.length) return false;
  for (let i = 0; i < patterns.length; i++) if (!matchTy(tcx, patterns[i]!, tys[i]!, bound)) return false;
  return true;
}
