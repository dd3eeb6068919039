/**
 * Questions about types that code generation and the interpreter ask all the time: `Copy`, `Sized`, `Freeze`, `Unpin`, drop.
 *
 * As rustc_middle/src/ty/util.rs and rustc_ty_utils/src/{common_traits,needs_drop}.rs. Answers are remembered by type.
 */

import type { ImplDef } from "../mir/items.ts";
import type { Ty } from "../mir/ty.ts";
import { constituents } from "./builtin.ts";
import { normalizedFieldTys, structTail, upvarTys } from "./struct-tail.ts";
import type { TraitCx } from "./trait-cx.ts";

/** Looks up `ty` or works it out. Recursion through the type itself finds `whileWorking`. */
function remembered(cache: Map<Ty, boolean>, ty: Ty, whileWorking: boolean, work: () => boolean): boolean {
  const known = cache.get(ty);
  if (known !== undefined) return known;
  cache.set(ty, whileWorking);
  try {
    const answer = work();
    cache.set(ty, answer);
    return answer;
  } catch (error) {
    cache.delete(ty);
    throw error;
  }
}

/** `ty: Copy`. Of a parameter, which may or may not be, false. */
export function isCopy(cx: TraitCx, ty: Ty): boolean {
  switch (ty.kind) {
    case "bool":
    case "char":
    case "int":
    case "uint":
    case "float":
    case "never":
    case "ptr":
    case "fnptr":
    case "fndef":
      return true;
    case "ref":
      return ty.mutability === "not";
    case "str":
    case "slice":
    case "dynamic":
    case "foreign":
    case "param":
      return false;
    case "array":
    case "genericArray":
      return isCopy(cx, ty.element);
    case "tuple":
      return ty.fields.every((field) => isCopy(cx, field));
    case "closure":
      return remembered(cx.isCopyCache, ty, true, () => upvarTys(cx, ty).every((upvar) => isCopy(cx, upvar)));
    case "adt": {
      if (ty.def.lang === "phantom_data") return true;
      const copy = cx.langTrait("copy");
      return copy !== undefined && remembered(cx.isCopyCache, ty, true, () => cx.holds(copy, [ty]));
    }
    default: {
      const known = cx.normalize(ty);
      return known !== ty && isCopy(cx, known);
    }
  }
}

/** `ty: Sized`: its size is known at compile time. */
export function isSized(cx: TraitCx, ty: Ty): boolean {
  switch (structTail(cx, ty).kind) {
    case "str":
    case "slice":
    case "dynamic":
    case "foreign":
      return false;
    default:
      return true;
  }
}

/** No `UnsafeCell` is inside of `ty`, what pointers point to aside: shared references to it may be taken for unchanging. */
export function isFreeze(cx: TraitCx, ty: Ty): boolean {
  switch (ty.kind) {
    case "ref":
    case "ptr":
      return true;
    case "dynamic":
    case "foreign":
    case "param":
      return false;
    case "adt":
      if (ty.def.lang === "unsafe_cell") return false;
      if (ty.def.lang === "phantom_data") return true;
      return remembered(cx.isFreezeCache, ty, true, () => constituents(cx, ty).every((part) => isFreeze(cx, part)));
    case "alias": {
      const known = cx.normalize(ty);
      return known !== ty && isFreeze(cx, known);
    }
    default:
      return constituents(cx, ty).every((part) => isFreeze(cx, part));
  }
}

/** `ty: Unpin`: mutable references to it are unique even behind a `Pin`. */
export function isUnpin(cx: TraitCx, ty: Ty): boolean {
  switch (ty.kind) {
    case "ref":
    case "ptr":
      return true;
    case "adt": {
      if (ty.def.lang === "unsafe_pinned" || PHANTOM_PINNED.test(ty.def.name)) return false;
      const unpin = cx.langTrait("unpin");
      return remembered(cx.isUnpinCache, ty, true, () => {
        if (unpin !== undefined) return cx.holds(unpin, [ty]);
        return constituents(cx, ty).every((part) => isUnpin(cx, part));
      });
    }
    case "dynamic":
      return ty.predicates.autos.some((trait) => trait.lang === "unpin");
    case "foreign":
    case "param":
      return false;
    case "alias": {
      const known = cx.normalize(ty);
      return known !== ty && isUnpin(cx, known);
    }
    default:
      return constituents(cx, ty).every((part) => isUnpin(cx, part));
  }
}

const PHANTOM_PINNED = /(?:^|::)PhantomPinned$/;

/** Whether dropping a value of `ty` does anything. Of a parameter, which may, true. */
export function needsDrop(cx: TraitCx, ty: Ty): boolean {
  switch (ty.kind) {
    case "array":
      return ty.length > 0 && needsDrop(cx, ty.element);
    case "slice":
    case "genericArray":
      return needsDrop(cx, ty.element);
    case "tuple":
      return ty.fields.some((field) => needsDrop(cx, field));
    case "dynamic":
    case "param":
      return true;
    case "alias": {
      const known = cx.normalize(ty);
      return known === ty || needsDrop(cx, known);
    }
    case "closure":
      return remembered(cx.needsDropCache, ty, false, () => upvarTys(cx, ty).some((upvar) => needsDrop(cx, upvar)));
    case "adt":
      return remembered(cx.needsDropCache, ty, false, () => {
        if (ty.def.lang === "manually_drop") return false;
        if (ty.def.lang === "owned_box" || dropImpl(cx, ty) !== undefined) return true;
        // A union never drops its fields.
        if (ty.def.adtKind === "union") return false;
        return ty.def.variants.some((_, v) => normalizedFieldTys(cx, ty, v).some((field) => needsDrop(cx, field)));
      });
    default:
      return false;
  }
}

/** The impl of `Drop` for `ty` itself, with its arguments. */
export function dropImpl(
  cx: TraitCx,
  ty: Extract<Ty, { kind: "adt" }>,
): { readonly impl: ImplDef; readonly args: readonly Ty[] } | undefined {
  const drop = cx.langTrait("drop");
  const source = drop === undefined ? undefined : cx.select({ trait: drop, args: [ty] });
  return source?.kind === "user" ? source : undefined;
}
