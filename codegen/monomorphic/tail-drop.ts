/**
 * Destructors of structs that stay generic in their tail. Rust takes one destructor for all tails only, so it is one that asks a trait of the tail for the
 * instance's own.
 */

import { BodyBuilder, deref, move, newFn, place, refTo } from "../mir/builder.ts";
import type { ImplDef, Predicate, TraitDef } from "../mir/items.ts";
import type { FnItem } from "../mir/syntax.ts";
import { type AdtDef, TY_UNIT, type TyOf } from "../mir/ty.ts";
import type { MonomorphicCx } from "./cx.ts";
import { DROP, destructor, newImpl } from "./objects.ts";
import { TAIL_PARAM } from "./types.ts";

/** The destructor of `ty`, which became `own`. */
export function implementTailDrop(cx: MonomorphicCx, ty: TyOf<"adt">, own: TyOf<"adt">): void {
  const trait = cx.tailDrops.get(own.def);
  const tail = own.args[0]!;
  if (trait === undefined) return;
  if (trait.fns.length === 0) declare(cx, own.def, trait);
  const impls = cx.objectImpls.get(trait) ?? new Map();
  cx.objectImpls.set(trait, impls);
  if (impls.has(tail)) return;
  impls.set(tail, ty);
  const fn = destructor(cx, ty);
  fn.assocName = "drop_with_tail";
  cx.impls.push(newImpl({ trait, args: [tail] }, tail, [fn]));
}

/** The trait's one function, and the destructor that calls it. */
function declare(cx: MonomorphicCx, def: AdtDef, trait: TraitDef): void {
  const { tcx } = cx;
  const self = tcx.ref("mut", tcx.adt(def, [tcx.param(0, "Self")]));
  const drop: FnItem = {
    ...newFn("drop_with_tail", [self], TY_UNIT, { generics: ["Self"] }),
    parent: trait,
    assocName: "drop_with_tail",
  };
  trait.fns = [drop];
  const param = tcx.param(0, TAIL_PARAM);
  const selfTy = tcx.adt(def, [param]);
  const predicates: readonly Predicate[] = def.predicates ?? [];
  const impl: ImplDef = { ...newImpl({ trait: DROP, args: [selfTy] }, selfTy, []), generics: [TAIL_PARAM], predicates };
  const receiver = tcx.ref("mut", selfTy);
  const b = new BodyBuilder(tcx, [receiver], TY_UNIT);
  const reborrowed = b.temp(receiver, refTo("mut", place(1, deref())));
  b.call(0, { kind: "const", value: { kind: "fn", item: drop, args: [param] } }, [move(reborrowed)]);
  b.terminate({ kind: "return", span: drop.span });
  const own: FnItem = {
    ...newFn("drop", [receiver], TY_UNIT, { generics: [TAIL_PARAM], body: b.finish() }),
    parent: impl,
    assocName: "drop",
  };
  impl.fns = [own];
  cx.functions.push(own);
  cx.impls.push(impl);
}
