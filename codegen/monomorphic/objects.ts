/** What is in the traits of `dyn` types, and the impls for the types whose vtables are made. */

import { UnsupportedError } from "../mir/custom-mir/support.ts";
import { substituteRef } from "../mir/fold.ts";
import type { ImplDef, TraitDef, TraitRef } from "../mir/items.ts";
import type { FnItem } from "../mir/syntax.ts";
import { TY_UNIT, type Ty, type TyOf } from "../mir/ty.ts";
import { resolveForVtable, resolveInstance } from "../monomorphize/resolve.ts";
import { DUMMY_SP } from "../session/diagnostic.ts";
import { directSupertraits } from "../traits/supertraits.ts";
import { principalRef } from "../traits/vtable.ts";
import type { MonomorphicCx, Mutable, ObjectTrait } from "./cx.ts";
import { monoFn } from "./functions.ts";
import { newTrait } from "./new-trait.ts";
import { isObjectTrait, objectTrait } from "./object-traits.ts";
import { monoTy } from "./types.ts";

/** The signatures of the methods, and the supertraits. */
export function fillObjectTrait(cx: MonomorphicCx, { ref, def, methods }: ObjectTrait): void {
  const self = cx.tcx.param(0, "Self");
  for (const [item, own] of methods) {
    const ty = (generic: Ty): Ty => monoTy(cx, cx.mono.traits.instantiate(generic, ref.args));
    const receiver = item.params[0]!;
    const mutability = receiver.kind === "ref" ? receiver.mutability : "not";
    own.params = [cx.tcx.ref(mutability, self), ...item.params.slice(1).map(ty)];
    own.ret = ty(item.ret);
  }
  const parents = directSupertraits(cx.mono.traits, ref).filter(isObjectTrait);
  def.supertraits = parents.map((parent) => ({ trait: objectTrait(cx, parent).def, args: [self] }));
  def.predicates = def.supertraits.map((parent) => ({ kind: "trait", ref: parent }));
}

/** Impls for `ty` of everything that is in its vtable for `dyn`. */
export function implementObject(cx: MonomorphicCx, ty: Ty, dyn: TyOf<"dynamic">): void {
  const object = principalRef(dyn, dyn);
  const concrete = principalRef(dyn, ty);
  if (object === undefined || concrete === undefined) throw new UnsupportedError(`${dyn.text}, which has no methods`);
  implementTrait(cx, ty, object, concrete);
}

/** The trait `object`, a supertrait of a `dyn` type's, is implemented for `ty` as `concrete`. */
function implementTrait(cx: MonomorphicCx, ty: Ty, object: TraitRef, concrete: TraitRef): void {
  const { def, methods } = objectTrait(cx, object);
  const self = monoTy(cx, ty);
  const impls = cx.objectImpls.get(def) ?? new Map<Ty, Ty>();
  cx.objectImpls.set(def, impls);
  const known = impls.get(self);
  if (known === ty) return;
  if (known !== undefined)
    throw new UnsupportedError("two types that differ in nothing but their names are objects of one trait");
  impls.set(self, ty);
  const fns = [...methods].flatMap(([item, own]) => {
    if (!isPossible(cx, item, concrete)) return [];
    return [method(monoFn(cx, resolveForVtable(cx.mono, item, concrete.args)), own.assocName ?? own.name)];
  });
  if (fns.length < methods.size) throw new UnsupportedError("a method whose bounds do not hold for an object's type");
  cx.impls.push(newImpl({ trait: def, args: [self] }, self, fns));
  const objects = directSupertraits(cx.mono.traits, object).filter(isObjectTrait);
  const concretes = directSupertraits(cx.mono.traits, concrete).filter(isObjectTrait);
  objects.forEach((parent, i) => {
    implementTrait(cx, ty, parent, concretes[i]!);
  });
}

function isPossible(cx: MonomorphicCx, item: FnItem, { args }: TraitRef): boolean {
  return (item.predicates ?? []).every((p) => cx.mono.traits.select(substituteRef(cx.tcx, p.ref, args)) !== undefined);
}

/** `item` as a method by the name `name`. */
export function method(item: Mutable<FnItem>, name: string): FnItem {
  if (item.assocName !== undefined && item.assocName !== name)
    throw new UnsupportedError(`one function is the methods ${item.assocName} and ${name} of objects`);
  item.assocName = name;
  return item;
}

export function newImpl(trait: TraitRef, selfTy: Ty, fns: readonly FnItem[]): ImplDef {
  return {
    kind: "impl",
    generics: [],
    trait,
    selfTy,
    predicates: [],
    negative: false,
    fns,
    assocTypes: [],
    assocConsts: [],
    prelude: false,
    span: DUMMY_SP,
  };
}

// ---- destructors

/** Core's `Drop`. */
export const DROP: TraitDef = newDropTrait();

function newDropTrait(): ReturnType<typeof newTrait> {
  const trait = { ...newTrait("std::ops::Drop"), lang: "drop" as const, prelude: true };
  const self: Ty = { kind: "param", index: 0, name: "Self", text: "Self" };
  const receiver: Ty = { kind: "ref", mutability: "mut", pointee: self, text: "&mut Self" };
  const drop: FnItem = {
    name: "drop",
    kind: "fn",
    generics: ["Self"],
    parent: trait,
    assocName: "drop",
    params: [receiver],
    ret: TY_UNIT,
    inline: "none",
    abi: "Rust",
    body: undefined,
    span: DUMMY_SP,
  };
  trait.fns = [drop];
  return trait;
}

/** The destructor of the type `ty` itself. */
export function destructor(cx: MonomorphicCx, ty: TyOf<"adt">): Mutable<FnItem> {
  const drop = cx.mono.traits.langTrait("drop")?.fns[0];
  if (drop === undefined) throw new UnsupportedError("a destructor without its trait");
  return monoFn(cx, resolveInstance(cx.mono, drop, [ty]));
}

/** The destructor of `ty` as that of `own`. */
export function implementDrop(cx: MonomorphicCx, ty: TyOf<"adt">, own: TyOf<"adt">): void {
  cx.impls.push(newImpl({ trait: DROP, args: [own] }, own, [method(destructor(cx, ty), "drop")]));
}
