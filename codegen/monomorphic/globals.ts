/** Constants, statics and allocations of the monomorphic program. */

import { UnsupportedError } from "../mir/custom-mir/support.ts";
import type { AllocItem, ConstItem, Relocation, StaticItem } from "../mir/items.ts";
import type { Body, Const } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import { instantiateBody } from "../monomorphize/instantiate.ts";
import { resolveFnPtr } from "../monomorphize/resolve.ts";
import { DUMMY_SP } from "../session/diagnostic.ts";
import { resolveConst } from "../traits/normalize.ts";
import type { MonomorphicCx, Mutable } from "./cx.ts";
import { calleeOf } from "./functions.ts";
import { splitLentLocals } from "./lent-locals.ts";
import { lastSegment } from "./names.ts";
import { monoTy } from "./types.ts";

/** The constant `item::<args>` of type `ty`: by value when it is a number, else an item of its own. */
export function monoConst(cx: MonomorphicCx, item: ConstItem, args: readonly Ty[], ty: Ty): Const {
  if (cx.madeConsts.has(item)) return { kind: "unevaluated", item, args, ty };
  const found = resolveConst(cx.mono.traits, item, args);
  const bits = isNumber(ty) ? cx.mono.constBits(found.item, found.args) : undefined;
  if (bits !== undefined) return { kind: "scalar", ty, bits };
  return { kind: "unevaluated", item: constItem(cx, found.item, found.args, ty), args: [], ty };
}

function isNumber({ kind }: Ty): boolean {
  return kind === "bool" || kind === "char" || kind === "int" || kind === "uint" || kind === "float";
}

function constItem(cx: MonomorphicCx, item: ConstItem, args: readonly Ty[], ty: Ty): ConstItem {
  const known = cx.constItems.get(item, args);
  if (known !== undefined) return known;
  if (item.body === undefined) throw new UnsupportedError(`the constant ${item.name} has no value`);
  const own: ConstItem = {
    kind: "const",
    name: lastSegment(item.name),
    generics: [],
    ty: monoTy(cx, ty),
    body: undefined,
    span: item.span,
  };
  cx.constItems.set(item, args, own);
  cx.consts.push(own);
  cx.work.push({ kind: "body", item: own, body: initialiser(cx, own.name, instantiateBody(cx.mono, item.body, args)) });
  return own;
}

/** The body of `name`'s value, which no pointer to its own locals leaves but that which is the value. */
function initialiser(cx: MonomorphicCx, name: string, body: Body): Body {
  return splitLentLocals(body, (part, ty) => {
    const item: ConstItem = {
      kind: "const",
      name: `${name}_part`,
      generics: [],
      ty: monoTy(cx, ty),
      body: undefined,
      span: DUMMY_SP,
    };
    cx.consts.push(item);
    cx.madeConsts.add(item);
    cx.work.push({ kind: "body", item, body: part });
    return { kind: "unevaluated", item, args: [], ty };
  });
}

export function monoStatic(cx: MonomorphicCx, item: StaticItem): StaticItem {
  const known = cx.staticItems.get(item);
  if (known !== undefined) return known;
  const own: StaticItem = {
    ...item,
    name: item.body === undefined ? item.name : lastSegment(item.name),
    ty: monoTy(cx, item.ty),
    body: undefined,
  };
  cx.staticItems.set(item, own);
  cx.statics.push(own);
  if (item.body !== undefined)
    cx.work.push({ kind: "body", item: own, body: initialiser(cx, own.name, instantiateBody(cx.mono, item.body, [])) });
  return own;
}

export function monoAlloc(cx: MonomorphicCx, alloc: AllocItem): AllocItem {
  const known = cx.allocs.get(alloc);
  if (known !== undefined) return known;
  const own: Mutable<AllocItem> = { ...alloc, relocations: [] };
  // Allocations may point to each other.
  cx.allocs.set(alloc, own);
  own.relocations = alloc.relocations.map((relocation) => ({
    ...relocation,
    target: monoTarget(cx, relocation.target),
  }));
  return own;
}

function monoTarget(cx: MonomorphicCx, target: Relocation["target"]): Relocation["target"] {
  switch (target.kind) {
    case "alloc":
      return { kind: "alloc", alloc: monoAlloc(cx, target.alloc) };
    case "static":
      return { kind: "static", item: monoStatic(cx, target.item) };
    case "fn": {
      const callee = calleeOf(cx, resolveFnPtr(cx.mono, target.item, target.args));
      if (callee.kind !== "fn" || callee.args.length > 0)
        throw new UnsupportedError(`a pointer to ${target.item.name} in a constant`);
      return { kind: "fn", item: callee.item, args: [] };
    }
    case "vtable": {
      const { ty, dyn } = target;
      if (dyn.kind === "dynamic") cx.work.push({ kind: "vtable", ty, dyn });
      return { kind: "vtable", ty: monoTy(cx, ty), dyn: monoTy(cx, dyn) };
    }
  }
}
