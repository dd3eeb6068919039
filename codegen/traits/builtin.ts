/**
 * The compiler's own impls: `Sized`, `Copy`, `Clone`, `Fn*`, the auto traits, and the marker traits that types have by what they are.
 *
 * As rustc_trait_selection/src/traits/select/candidate_assembly.rs (`assemble_builtin_*`, `assemble_candidates_from_auto_impls`) and
 * confirmation.rs. They are asked only when no impl of the program applies, so core's impls for `i32` and its like, where a program
 * has them, come first.
 */

import type { TraitRef } from "../mir/items.ts";
import type { Ty, TyOf } from "../mir/ty.ts";
import { normalizedFieldTys, structTail, upvarTys } from "./struct-tail.ts";
import type { ImplSource, TraitCx } from "./trait-cx.ts";
import { unsizeInfo } from "./unsize.ts";

/** The compiler's impl for `ref`, if there is one. */
export function builtinCandidate(cx: TraitCx, ref: TraitRef): ImplSource | undefined {
  const { lang } = ref.trait;
  if (lang === undefined || !builtinHolds(cx, ref, ref.args[0]!)) return undefined;
  return { kind: "builtin", lang };
}

function builtinHolds(cx: TraitCx, ref: TraitRef, self: Ty): boolean {
  switch (ref.trait.lang) {
    case "sized":
      return isSizedTail(structTail(cx, self));
    case "pointee_sized":
    case "pointee":
    case "destruct":
      return true;
    case "meta_sized":
      return structTail(cx, self).kind !== "foreign";
    case "discriminant_kind":
      return true;
    case "copy":
    case "clone":
      return cloneHolds(cx, ref, self);
    case "fn":
    case "fn_mut":
    case "fn_once":
      return callHolds(cx, ref, self);
    case "fn_ptr":
      return self.kind === "fnptr";
    case "tuple":
      return self.kind === "tuple";
    case "unsize":
      return ref.args[1] !== undefined && unsizeInfo(cx, self, ref.args[1]) !== undefined;
    case "coerce_unsized":
      return coerceHolds(cx, self, ref.args[1]);
    case "freeze":
    case "unpin":
    case "send":
    case "sync":
    case "auto":
      return autoHolds(cx, ref, self);
    default:
      return false;
  }
}

function isSizedTail(tail: Ty): boolean {
  switch (tail.kind) {
    case "str":
    case "slice":
    case "dynamic":
    case "foreign":
    case "alias":
    case "param":
      return false;
    default:
      return true;
  }
}

/** Of a type that the language itself can copy; `Clone` is then its `cloneShim`. */
function cloneHolds(cx: TraitCx, ref: TraitRef, self: Ty): boolean {
  const all = (tys: readonly Ty[]): boolean => tys.every((ty) => cx.holds(ref.trait, [ty]));
  switch (self.kind) {
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
      return self.mutability === "not";
    case "tuple":
      return all(self.fields);
    case "array":
      return all([self.element]);
    case "closure":
      return all(upvarTys(cx, self));
    default:
      return false;
  }
}

/** What calling a value of a type takes and gives. */
export interface CallSignature {
  readonly params: readonly Ty[];
  readonly ret: Ty;
}

/** The signature of a closure, a function item or a function pointer, without the receiver; `undefined` of anything else. */
export function callSignature(cx: TraitCx, ty: Ty): CallSignature | undefined {
  switch (ty.kind) {
    case "fnptr":
      return ty;
    case "fndef": {
      const fill = (t: Ty): Ty => cx.instantiate(t, ty.args);
      return { params: ty.item.params.map(fill), ret: fill(ty.item.ret) };
    }
    case "closure": {
      const { body } = ty.def;
      if (body === undefined) return undefined;
      const fill = (t: Ty): Ty => cx.instantiate(t, ty.args);
      return { params: body.params.slice(1).map(fill), ret: fill(body.ret) };
    }
    default:
      return undefined;
  }
}

const CLOSURE_RANKS = { fn: 0, fnMut: 1, fnOnce: 2 } as const;
const TRAIT_RANKS = { fn: 0, fn_mut: 1, fn_once: 2 } as const;

/** `Self: Fn*<Args>`: a closure has the traits from its own kind up, safe functions and pointers to them have all three. */
function callHolds(cx: TraitCx, ref: TraitRef, self: Ty): boolean {
  const { lang } = ref.trait;
  if (lang !== "fn" && lang !== "fn_mut" && lang !== "fn_once") return false;
  if (self.kind === "fnptr" && (self.unsafe || self.variadic)) return false;
  if (self.kind === "fndef" && (self.item.unsafe === true || self.item.variadic === true)) return false;
  if (self.kind === "closure" && CLOSURE_RANKS[self.def.closureKind] > TRAIT_RANKS[lang]) return false;
  const sig = callSignature(cx, self);
  return sig !== undefined && ref.args[1] === cx.tcx.tuple(sig.params);
}

function coerceHolds(cx: TraitCx, from: Ty, to: Ty | undefined): boolean {
  if (to === undefined || (from.kind !== "ref" && from.kind !== "ptr") || (to.kind !== "ref" && to.kind !== "ptr")) {
    return false;
  }
  if (from.kind === "ptr" && to.kind === "ref") return false;
  if (from.mutability === "not" && to.mutability === "mut") return false;
  return from.pointee === to.pointee || unsizeInfo(cx, from.pointee, to.pointee) !== undefined;
}

/**
 * An auto trait holds of a type when it holds of what the type is made of. Pointers and `UnsafeCell` have rules of their own, which core
 * writes as impls; a program without those impls gets the same answers here.
 */
function autoHolds(cx: TraitCx, ref: TraitRef, self: Ty): boolean {
  const { trait } = ref;
  if (self.kind === "param" || self.kind === "alias") return false;
  if (self.kind === "dynamic") return false;
  if (self.kind === "foreign") return false;
  if (self.kind === "adt" && self.def.lang === "unsafe_cell" && (trait.lang === "freeze" || trait.lang === "sync")) {
    return false;
  }
  if (self.kind === "adt" && self.def.lang === "phantom_data" && trait.lang === "freeze") return true;
  if (self.kind === "ref" || self.kind === "ptr") {
    if (trait.lang === "freeze" || trait.lang === "unpin") return true;
    if (trait.lang === "send" || trait.lang === "sync") return pointerIsShareable(cx, ref, self);
  }
  return constituents(cx, self).every((ty) => cx.holds(trait, [ty]));
}

function pointerIsShareable(cx: TraitCx, ref: TraitRef, self: TyOf<"ref"> | TyOf<"ptr">): boolean {
  if (self.kind === "ptr") return false;
  if (self.mutability === "mut" || ref.trait.lang === "sync") return cx.holds(ref.trait, [self.pointee]);
  const sync = cx.langTrait("sync");
  return sync === undefined || cx.holds(sync, [self.pointee]);
}

/** The types that an auto trait must hold of, to hold of `ty` (rustc's `constituent_types`). */
export function constituents(cx: TraitCx, ty: Ty): readonly Ty[] {
  switch (ty.kind) {
    case "ref":
    case "ptr":
      return [ty.pointee];
    case "array":
    case "slice":
    case "genericArray":
      return [ty.element];
    case "tuple":
      return ty.fields;
    case "closure":
      return upvarTys(cx, ty);
    case "adt":
      if (ty.def.lang === "phantom_data") return ty.args;
      return ty.def.variants.flatMap((_, variant) => normalizedFieldTys(cx, ty, variant));
    default:
      return NO_TYS;
  }
}

const NO_TYS: readonly Ty[] = [];
