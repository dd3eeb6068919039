/** Functions of the monomorphic program: one for each instance that is used, without parameters. */

import { newFn } from "../mir/builder.ts";
import { UnsupportedError } from "../mir/custom-mir/support.ts";
import { partsOf } from "../mir/fold.ts";
import type { TraitRef } from "../mir/items.ts";
import type { Const, FnItem } from "../mir/syntax.ts";
import { TY_UNIT, type Ty } from "../mir/ty.ts";
import type { Instance } from "../monomorphize/instance.ts";
import { instanceBody } from "../monomorphize/instantiate.ts";
import { resolveInstance } from "../monomorphize/resolve.ts";
import { directSupertraits } from "../traits/supertraits.ts";
import { principalRef } from "../traits/vtable.ts";
import type { MonomorphicCx, Mutable } from "./cx.ts";
import { lastSegment } from "./names.ts";
import { objectTrait } from "./object-traits.ts";
import { monoTy } from "./types.ts";

/** The function that `instance`, which has a body, becomes. */
export function monoFn(cx: MonomorphicCx, instance: Instance): Mutable<FnItem> {
  const known = cx.fns.get(instance.symbol);
  if (known !== undefined) return known;
  const { item } = instance;
  const body = instanceBody(cx.mono, instance);
  if (body === undefined) throw new UnsupportedError(`the function ${item.name} has no body`);
  if (item.variadic === true)
    throw new UnsupportedError("a function of the program that takes any number of arguments");
  const tys = body.locals.slice(0, body.argCount + 1).map(({ ty }) => monoTy(cx, ty));
  const own: Mutable<FnItem> = {
    name: isEntryName(item.name) ? item.name : lastSegment(item.name),
    kind: "fn",
    generics: [],
    params: tys.slice(1),
    ret: tys[0] ?? TY_UNIT,
    inline: item.inline,
    abi: item.abi === "C" ? "C" : "Rust",
    body: undefined,
    span: item.span,
  };
  cx.fns.set(instance.symbol, own);
  cx.functions.push(own);
  cx.work.push({ kind: "body", item: own, body });
  return own;
}

function isEntryName(name: string): boolean {
  return /^(?:main|input_\d+)$/.test(name);
}

/** Any type's glue, by the type that the pointer has. */
const DROP_IN_PLACE: FnItem = { ...newFn("drop_in_place", [], TY_UNIT), kind: "intrinsic" };

/** What a call of `item::<args>` calls. Types in it are still the program's own. */
export function monoCallee(cx: MonomorphicCx, item: FnItem, args: readonly Ty[]): Const {
  return calleeOf(cx, resolveInstance(cx.mono, item, args));
}

/** A mention of what `instance` becomes. */
export function calleeOf(cx: MonomorphicCx, instance: Instance): Const {
  const { def, item, args } = instance;
  switch (def.kind) {
    case "intrinsic":
      refuseOwnTypes(item);
      return { kind: "fn", item, args };
    case "dropGlue":
      return { kind: "fn", item: DROP_IN_PLACE, args: [] };
    case "virtual":
      return { kind: "fn", item: objectMethod(cx, def.item, args), args: args.slice(0, 1) };
    default:
      if (item.body === undefined) return { kind: "fn", item, args };
      return { kind: "fn", item: monoFn(cx, instance), args: [] };
  }
}

/**
 * Core's intrinsics have core's types in their signatures, never a program's own of the same name. Those that never return are written without their arguments, and
 * the two of type ids with core's.
 */
function refuseOwnTypes(item: FnItem): void {
  if (item.ret.kind === "never" || /(?:^|::)type_id(?:_eq)?$/.test(item.name)) return;
  const own = [...item.params, item.ret].some(hasOwnDefinition);
  if (own) throw new UnsupportedError(`${lastSegment(item.name)} with a type of a core library of its own`);
}

function hasOwnDefinition(ty: Ty): boolean {
  return (ty.kind === "adt" && !ty.def.prelude) || partsOf(ty).some(hasOwnDefinition);
}

/** The method `item` of the object `args[0]`. */
function objectMethod(cx: MonomorphicCx, item: FnItem, args: readonly Ty[]): FnItem {
  const [self] = args;
  const ref = self?.kind === "dynamic" ? principalRef(self, self) : undefined;
  const owner = ref === undefined ? undefined : supertraitWith(cx, ref, item);
  const method = owner === undefined ? undefined : objectTrait(cx, owner).methods.get(item);
  if (method === undefined)
    throw new UnsupportedError(`a call of ${item.assocName ?? item.name} of an object by value or by a smart pointer`);
  return method;
}

/** `ref` or the supertrait of it that has `item`. */
function supertraitWith(cx: MonomorphicCx, ref: TraitRef, item: FnItem): TraitRef | undefined {
  if (ref.trait.fns.includes(item)) return ref;
  for (const parent of directSupertraits(cx.mono.traits, ref)) {
    const found = supertraitWith(cx, parent, item);
    if (found !== undefined) return found;
  }
  return undefined;
}
