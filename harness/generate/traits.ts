/**
 * The traits of a program that are called through vtables and bounds, with types that implement them.
 *
 * A trait has one to three methods over integers, and maybe a supertrait; each of its types has an impl of every trait, whose methods are
 * random code that reads, and through `&mut self` changes, the value.
 */

import type { FnItem, ImplDef, Local, Mutability, TraitDef, Ty } from "../../codegen/index.ts";
import { accumulator, at, DEREF, fillBody, mixScalar, returnMixed, someCode } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { implPath, newFn, newImpl, newTrait } from "./items.ts";
import { copyOf } from "./operands.ts";
import { changePlace, mixPlace } from "./values.ts";

/** `fn name(&self, param) -> ret`, or with `&mut self`. */
export interface MethodShape {
  readonly item: FnItem;
  readonly mutability: Mutability;
  readonly param: Ty;
  readonly ret: Ty;
}

export interface ObjectTrait {
  readonly trait: TraitDef;
  readonly methods: readonly MethodShape[];
  readonly parent: ObjectTrait | undefined;
  readonly implementors: Ty[];
  readonly dyn: Ty;
}

/** A trait that is there, or a new one; `wantsParent`: one with a supertrait. */
export function objectTrait(cx: FnCx, wantsParent = false): ObjectTrait {
  const known = cx.program.items.known<ObjectTrait>("object traits");
  const fitting = known.filter((t) => !wantsParent || t.parent !== undefined);
  if (fitting.length > 0 && (known.length > 2 || cx.rng.chance(70))) return cx.rng.pick(fitting);
  const parent = wantsParent || (known.length > 0 && cx.rng.chance(40)) ? objectTrait(cx) : undefined;
  const made = makeTrait(cx, parent);
  known.push(made);
  return made;
}

function makeTrait(cx: FnCx, parent: ObjectTrait | undefined): ObjectTrait {
  const { items, types, rng } = { ...cx.program, types: cx.types };
  const { tcx } = types;
  const trait = newTrait(items, items.name("Tr"));
  const self = tcx.param(0, "Self");
  if (parent !== undefined) {
    trait.supertraits = [{ trait: parent.trait, args: [self] }];
    trait.predicates = [{ kind: "trait", ref: { trait: parent.trait, args: [self] } }];
  }
  const methods: MethodShape[] = [];
  for (let i = rng.between(1, 3); i > 0; i--) {
    const mutability: Mutability = rng.chance(30) ? "mut" : "not";
    const [param, ret] = [types.int(), types.int()];
    const name = `m${methods.length}`;
    const item = newFn(items, `${trait.name}::${name}`, [tcx.ref(mutability, self), param], ret, {
      generics: ["Self"],
      parent: trait,
      assocName: name,
    });
    methods.push({ item, mutability, param, ret });
  }
  trait.fns = methods.map((m) => m.item);
  const dyn = tcx.dynamic({ principal: { trait, args: [] }, projections: [], autos: [] });
  return { trait, methods, parent, implementors: [], dyn };
}

const MOST_IMPLEMENTORS = 4;

/** A type without pointers that implements `t`: one that is there, or another one of the program's types. */
export function implementor(cx: FnCx, t: ObjectTrait): Ty {
  const known = t.implementors;
  if (known.length >= MOST_IMPLEMENTORS || (known.length > 1 && cx.rng.chance(60))) return cx.rng.pick(known);
  const ty = cx.types.any(55);
  implement(cx, t, ty);
  return ty;
}

/** Gives `ty` an impl of `t` and of what `t` inherits from. */
export function implement(cx: FnCx, t: ObjectTrait, ty: Ty): void {
  if (t.implementors.includes(ty)) return;
  t.implementors.push(ty);
  if (t.parent !== undefined) implement(cx, t.parent, ty);
  const { items } = cx.program;
  const impl = newImpl(items, t.trait, [ty]);
  const path = implPath(items);
  impl.fns = t.methods.map((method) => implementMethod(cx, impl, path, method, ty));
}

function implementMethod(cx: FnCx, impl: ImplDef, path: string, method: MethodShape, selfTy: Ty): FnItem {
  const { items } = cx.program;
  const name = method.item.assocName!;
  const self = cx.types.tcx.ref(method.mutability, selfTy);
  const item = newFn(items, `${path}::${name}`, [self, method.param], method.ret, {
    parent: impl,
    assocName: name,
    inline: cx.rng.pick(["none", "none", "hint", "never"]),
  });
  fillBody(cx, item, (inner, params) => methodBody(inner, params, method, selfTy));
  return item;
}

function methodBody(inner: FnCx, [self, param]: readonly Local[], method: MethodShape, selfTy: Ty): void {
  inner.define(param!, method.param, { mutable: false });
  inner.define(self!, inner.locals[self!]!.ty, { mutable: false, isParam: true });
  someCode(inner, 0, 3);
  const acc = accumulator(inner, method.ret);
  mixPlace(inner, acc, method.ret, at(self!, DEREF), selfTy);
  mixScalar(inner, acc, method.ret, copyOf(param!), method.param);
  if (method.mutability === "mut") changePlace(inner, at(self!, DEREF), selfTy, copyOf(acc), method.ret);
  returnMixed(inner, acc);
}
