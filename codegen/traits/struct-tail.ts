/** The last field, again and again: what makes a type unsized. As `struct_tail_raw` of rustc_middle/src/ty/util.rs. */

import type { Ty } from "../mir/ty.ts";
import type { TraitCx } from "./trait-cx.ts";

/** `ty` itself unless it is a struct or tuple with fields: then the tail of its last field. */
export function structTail(cx: TraitCx, ty: Ty): Ty {
  let tail = cx.normalize(ty);
  for (;;) {
    const next = lastFieldTy(cx, tail);
    if (next === undefined) return tail;
    tail = next;
  }
}

/** The type of the last field of a struct or tuple; `undefined` of anything else, and when it has none. */
export function lastFieldTy(cx: TraitCx, ty: Ty): Ty | undefined {
  if (ty.kind === "tuple") return ty.fields.at(-1);
  if (ty.kind !== "adt" || ty.def.adtKind !== "struct") return undefined;
  const field = ty.def.variants[0]?.fields.at(-1);
  return field === undefined ? undefined : cx.instantiate(field.ty, ty.args);
}

/** The types of the fields of `variant` of an ADT, normalised. */
export function normalizedFieldTys(cx: TraitCx, ty: Extract<Ty, { kind: "adt" }>, variant: number): readonly Ty[] {
  const fields = ty.def.variants[variant]?.fields ?? [];
  return fields.map((field) => cx.instantiate(field.ty, ty.args));
}

/** The types of what a closure captured, normalised. */
export function upvarTys(cx: TraitCx, ty: Extract<Ty, { kind: "closure" }>): readonly Ty[] {
  return ty.def.upvars.map((upvar) => cx.instantiate(upvar, ty.args));
}
