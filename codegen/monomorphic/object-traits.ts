/**
 * The traits that stand for traits of `dyn` types: one for each trait with its arguments and associated types, without parameters.
 *
 * They have the methods that can be called on the object through a reference; a vtable's other methods cannot be called in what is written.
 */

import type { TraitDef, TraitLang, TraitRef } from "../mir/items.ts";
import type { FnItem } from "../mir/syntax.ts";
import { TY_UNIT, type Ty } from "../mir/ty.ts";
import { ownVtableMethods } from "../traits/vtable.ts";
import type { MonomorphicCx, Mutable, ObjectTrait } from "./cx.ts";
import { lastSegment } from "./names.ts";
import { newTrait } from "./new-trait.ts";

/** The trait for `ref`, whose `Self` is a `dyn` type. */
export function objectTrait(cx: MonomorphicCx, ref: TraitRef): ObjectTrait {
  const methods = ownVtableMethods(ref.trait).filter((item) => isSelfRef(item.params[0]));
  const key = keyOf(cx, ref, methods);
  let object = cx.objectTraits.get(key);
  if (object === undefined) {
    const def = newTrait(lastSegment(ref.trait.name));
    const own = new Map(methods.map((item) => [item, newMethod(def, item)]));
    def.fns = [...own.values()];
    object = { ref, def, methods: own };
    cx.objectTraits.set(key, object);
    cx.traits.push(def);
    cx.work.push({ kind: "objectTrait", object });
  }
  return object;
}

/** `&Self` and `&mut Self`. */
function isSelfRef(ty: Ty | undefined): boolean {
  return ty?.kind === "ref" && ty.pointee.kind === "param" && ty.pointee.index === 0;
}

/** What tells two of these traits apart: associated types are in the signatures, if anywhere. */
function keyOf(cx: MonomorphicCx, { trait, args }: TraitRef, methods: readonly FnItem[]): string {
  const texts = methods.map((item) =>
    [...item.params.slice(1), item.ret].map((ty) => cx.mono.traits.instantiate(ty, args).text).join(", "),
  );
  const own = args.slice(1).map(({ text }) => text);
  return `${trait.name}<${own.join(", ")}> { ${texts.join("; ")} }`;
}

function newMethod(parent: TraitDef, item: FnItem): Mutable<FnItem> {
  const name = item.assocName ?? lastSegment(item.name);
  return {
    name,
    kind: "fn",
    generics: ["Self"],
    parent,
    assocName: name,
    params: [],
    ret: TY_UNIT,
    inline: "none",
    abi: "Rust",
    body: undefined,
    span: item.span,
  };
}

/** Traits without methods that the compiler knows types to have or not, whatever stands in a program. */
const MARKERS: ReadonlySet<TraitLang> = new Set<TraitLang>([
  "sized",
  "meta_sized",
  "pointee_sized",
  "freeze",
  "unpin",
  "send",
  "sync",
  "auto",
  "copy",
  "destruct",
  "tuple",
  "pointee",
]);

/** Whether a supertrait has a part in a vtable or may be upcast to. */
export function isObjectTrait({ trait }: TraitRef): boolean {
  return trait.lang === undefined || !MARKERS.has(trait.lang);
}
