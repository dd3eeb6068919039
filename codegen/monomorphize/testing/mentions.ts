/** Bodies for tests of the collector: what they mention is all that matters. */

import * as mir from "../../mir/builder.ts";
import type { StaticItem } from "../../mir/items.ts";
import type { BasicBlock, Body, FnItem, Terminator } from "../../mir/syntax.ts";
import { TY_UNIT, type Ty, type TyCtxt } from "../../mir/ty.ts";
import { DUMMY_SP } from "../../session/diagnostic.ts";

export type Mention =
  | { readonly kind: "call"; readonly item: FnItem; readonly args?: readonly Ty[] }
  | { readonly kind: "drop"; readonly ty: Ty }
  | { readonly kind: "unsize"; readonly from: Ty; readonly to: Ty }
  | { readonly kind: "reify"; readonly item: FnItem; readonly args?: readonly Ty[]; readonly to: Ty }
  | { readonly kind: "closureFnPtr"; readonly closure: Ty; readonly to: Ty }
  | { readonly kind: "static"; readonly item: StaticItem };

/** A body of these parameters that does `mentions` one after the other. */
export function mentioning(tcx: TyCtxt, item: Pick<FnItem, "params" | "ret">, mentions: readonly Mention[]): Body {
  const b = new mir.BodyBuilder(tcx, item.params, item.ret);
  for (const mention of mentions) mentionOne(b, mention);
  b.terminate(mir.ret());
  return b.finish();
}

function mentionOne(b: mir.BodyBuilder, mention: Mention): void {
  switch (mention.kind) {
    case "call": {
      const { item, args = [] } = mention;
      const fill = (ty: Ty): Ty => b.tcx.substitute(ty, args);
      const operands = item.params.map((ty) => mir.move(b.newLocal(fill(ty))));
      b.call(b.newLocal(fill(item.ret)), mir.fnRef(item, args), operands);
      return;
    }
    case "drop":
      drop(b, mention.ty);
      return;
    case "unsize":
      b.temp(mention.to, mir.cast("Unsize", mir.move(b.newLocal(mention.from)), mention.to));
      return;
    case "reify":
      b.temp(mention.to, mir.cast("ReifyFnPointer", mir.fnRef(mention.item, mention.args), mention.to));
      return;
    case "closureFnPtr":
      b.temp(mention.to, mir.cast("ClosureFnPointer", mir.move(b.newLocal(mention.closure)), mention.to));
      return;
    case "static": {
      const ty = b.tcx.ref("not", mention.item.ty);
      b.temp(ty, mir.use(mir.constant({ kind: "static", item: mention.item, offset: 0, ty })));
    }
  }
}

function drop(b: mir.BodyBuilder, ty: Ty): void {
  const next: BasicBlock = b.newBlock();
  const terminator: Terminator = {
    kind: "drop",
    place: mir.place(b.newLocal(ty)),
    target: next,
    unwind: { kind: "continue" },
    span: DUMMY_SP,
  };
  b.terminate(terminator);
  b.switchTo(next);
}

/** Gives `item` a body that does `mentions`. */
export function define(tcx: TyCtxt, item: FnItem, ...mentions: readonly Mention[]): FnItem {
  item.body = mentioning(tcx, item, mentions);
  return item;
}

/** A static whose initialiser does `mentions`. */
export function newStatic(tcx: TyCtxt, name: string, ty: Ty, ...mentions: readonly Mention[]): StaticItem {
  const body = mentioning(tcx, { params: [], ret: ty }, mentions);
  return { kind: "static", name, ty, mutability: "not", threadLocal: false, body, span: DUMMY_SP };
}

export const call = (item: FnItem, ...args: readonly Ty[]): Mention => ({ kind: "call", item, args });
export const dropOf = (ty: Ty): Mention => ({ kind: "drop", ty });

/** `fn()` for short. */
export function unitFn(name: string, generics: readonly string[] = []): FnItem {
  return mir.newFn(name, [], TY_UNIT, { generics });
}
