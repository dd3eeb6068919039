/**
 * What a mention of a function item stands for: an instance that has code, a shim, or something that code generation expands in place.
 *
 * As rustc_ty_utils/src/instance.rs (`Instance::resolve`). A trait's method becomes an impl's, or the trait's own body, or a shim of the
 * compiler's impls, or a call through a vtable. `observe::<T>` resolves to the glue of `T`, as dropping resolves to drop glue.
 */

import { bug } from "../entity/entity.ts";
import { traitRefText } from "../mir/fold.ts";
import type { TraitDef, TraitRef } from "../mir/items.ts";
import { INTRINSICS } from "../mir/prelude.ts";
import type { FnItem } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { needsDrop } from "../traits/predicates.ts";
import { type ImplSource, implItemArgs } from "../traits/trait-cx.ts";
import { vtableMethodIndex } from "../traits/vtable.ts";
import { observeGlue } from "../transform/observe-glue.ts";
import type { CallKind, Instance } from "./instance.ts";
import type { MonoCx } from "./mono-cx.ts";
import * as shims from "./shims.ts";
import { instanceOf, symbolName } from "./symbol-names.ts";
import { pathSegments } from "./v0.ts";

/** The instance that a function pointer to `item::<args>` points to, where there are no traits to ask. */
export function resolveFn(item: FnItem, args: readonly Ty[]): Instance {
  if (item.kind === "intrinsic") throw bug(`the address of the intrinsic ${item.name}`);
  return instanceOf(item, args);
}

/** The instance that a call of (or mention of) `item::<args>` needs code for; undefined when it needs none of its own. */
export function resolveUse(tcx: TyCtxt, item: FnItem, args: readonly Ty[]): Instance | undefined {
  if (item === INTRINSICS.observe) {
    const ty = args[0];
    if (ty === undefined) throw bug("observe without a type argument");
    return observeGlue(tcx, ty)?.instance;
  }
  return item.kind === "fn" && item.body !== undefined ? instanceOf(item, args) : undefined;
}

/** Whether a mention of `item` stands for `item` itself, so that no trait has to be asked. */
export function isPlain(item: FnItem): boolean {
  return item.parent?.kind !== "trait" && !isDropInPlace(item);
}

/** `core::ptr::drop_in_place`, whose body the compiler makes. */
export function isDropInPlace(item: FnItem): boolean {
  return item.body === undefined && item.name.endsWith("drop_in_place") && /(?:^|::)drop_in_place$/.test(item.name);
}

/** An associated function's name in its trait or impl. */
function assocNameOf(item: FnItem): string {
  return item.assocName ?? pathSegments(item.name).at(-1) ?? item.name;
}

/** `item::<args>`, which is no trait's method. */
export function itemInstance(cx: MonoCx, item: FnItem, args: readonly Ty[]): Instance {
  if (args.length === 0 && item.parent === undefined) return instanceOf(item);
  return cx.intern(
    item.kind === "intrinsic" ? "intrinsic" : "item",
    item,
    args,
    () => symbolName(item, args, cx.tcx),
    (symbol) => ({ def: { kind: item.kind === "intrinsic" ? "intrinsic" : "item", item }, args, item, symbol }),
  );
}

/**
 * What a call of `item::<args>` calls; `args` are monomorphic.
 *
 * @throws Diagnostic when a trait that it needs does not hold.
 */
export function resolveInstance(cx: MonoCx, item: FnItem, args: readonly Ty[]): Instance {
  if (args.length === 0 && item.parent === undefined && item.body !== undefined) return instanceOf(item);
  const own = args.map((arg) => cx.traits.normalize(arg));
  if (isDropInPlace(item)) return resolveDrop(cx, own[0] ?? noArgument(item));
  const { parent } = item;
  return parent?.kind === "trait" ? resolveMethod(cx, parent, item, own) : itemInstance(cx, item, own);
}

function noArgument(item: FnItem): never {
  throw bug(`${item.name} without a type argument`);
}

function resolveMethod(cx: MonoCx, trait: TraitDef, item: FnItem, args: readonly Ty[]): Instance {
  const ref: TraitRef = { trait, args: args.slice(0, trait.generics.length) };
  const source = cx.traits.select(ref);
  if (source === undefined) {
    throw new Diagnostic(`\`${item.name}\` cannot be called: \`${traitRefText(ref)}\` does not hold`, {
      span: item.span,
    });
  }
  switch (source.kind) {
    case "user":
      return resolveImplMethod(cx, source, trait, item, args);
    case "object": {
      const self = ref.args[0];
      if (self?.kind !== "dynamic") throw bug(`an object candidate for ${self?.text}`);
      const index = vtableMethodIndex(cx.traits, self, source.ref, item);
      return index === undefined ? defaultMethod(cx, ref, item, args) : shims.virtualInstance(cx, item, args, index);
    }
    case "builtin":
      return resolveBuiltinMethod(cx, ref, item, args);
  }
}

function resolveImplMethod(
  cx: MonoCx,
  source: Extract<ImplSource, { kind: "user" }>,
  trait: TraitDef,
  item: FnItem,
  args: readonly Ty[],
): Instance {
  const name = assocNameOf(item);
  const ref: TraitRef = { trait, args: args.slice(0, trait.generics.length) };
  // An impl may leave an item to the less special impls that hold too.
  const from = cx.traits.itemSource(source, ref, (impl) => impl.fns.some((fn) => assocNameOf(fn) === name));
  const found = from?.impl.fns.find((fn) => assocNameOf(fn) === name);
  if (from === undefined || found === undefined) return defaultMethod(cx, ref, item, args);
  return itemInstance(cx, found, implItemArgs(from, trait, args));
}

/** The body that the trait itself gives. */
function defaultMethod(cx: MonoCx, ref: TraitRef, item: FnItem, args: readonly Ty[]): Instance {
  if (item.body === undefined) {
    throw new Diagnostic(`\`${item.name}\` has no body for \`${traitRefText(ref)}\``, { span: item.span });
  }
  return itemInstance(cx, item, args);
}

function resolveBuiltinMethod(cx: MonoCx, ref: TraitRef, item: FnItem, args: readonly Ty[]): Instance {
  const self = ref.args[0]!;
  switch (ref.trait.lang) {
    case "clone":
      return assocNameOf(item) === "clone" ? shims.cloneInstance(cx, ref, item) : defaultMethod(cx, ref, item, args);
    case "fn":
    case "fn_mut":
    case "fn_once": {
      const call = CALL_KINDS[ref.trait.lang];
      if (self.kind === "closure") return shims.closureCallInstance(cx, ref, self, call);
      if (self.kind === "fnptr" || self.kind === "fndef") return shims.fnPtrInstance(cx, ref, self, call);
      throw bug(`a call of ${self.text}`);
    }
    case "fn_ptr":
      return item.body === undefined ? shims.fnPtrAddrInstance(cx, ref, item) : itemInstance(cx, item, args);
    default:
      return defaultMethod(cx, ref, item, args);
  }
}

const CALL_KINDS: Readonly<Record<"fn" | "fn_mut" | "fn_once", CallKind>> = {
  fn: "fn",
  fn_mut: "fnMut",
  fn_once: "fnOnce",
};

/** The glue that drops a value of `ty`; of kind `dropGlue` without a type when there is nothing to do. */
export function resolveDrop(cx: MonoCx, ty: Ty): Instance {
  const own = cx.traits.normalize(ty);
  return shims.dropInstance(cx, own, needsDrop(cx.traits, own));
}

/**
 * What a function pointer to `item::<args>` points to (rustc's `resolve_for_fn_ptr`).
 *
 * @throws Diagnostic for an intrinsic, which has no address.
 */
export function resolveFnPtr(cx: MonoCx, item: FnItem, args: readonly Ty[]): Instance {
  const instance = resolveInstance(cx, item, args);
  switch (instance.def.kind) {
    case "virtual":
      return shims.reifyInstance(cx, instance.def.item, instance.args);
    case "intrinsic":
      throw new Diagnostic(`the intrinsic \`${item.name}\` has no address`, { span: item.span });
    case "item":
      return isTrackCaller(instance.item) ? shims.reifyInstance(cx, instance.item, instance.args) : instance;
    default:
      return instance;
  }
}

/** Whether a function is told where it is called from. Who calls a pointer to it cannot know, so the pointer is to a shim. */
export function isTrackCaller(item: FnItem): boolean {
  return item.attributes?.includes("track_caller") === true;
}

/** The entry of a vtable for a method: takes `self` by pointer where the method takes it by value. */
export function resolveForVtable(cx: MonoCx, item: FnItem, args: readonly Ty[]): Instance {
  const receiver = item.params[0];
  if (receiver?.kind === "param" && receiver.index === 0) return shims.vtableInstance(cx, item, args);
  const instance = resolveInstance(cx, item, args);
  if (instance.def.kind === "virtual") return shims.reifyInstance(cx, instance.def.item, instance.args);
  // The callers of the trait's method know of the attribute when that has it.
  const unforeseen = isTrackCaller(instance.item) && !isTrackCaller(item) && instance.item.parent?.kind !== "trait";
  return unforeseen && instance.def.kind === "item" ? shims.reifyInstance(cx, instance.item, instance.args) : instance;
}

/** What a closure without captures becomes when it is cast to a function pointer. */
export function resolveClosureFnPtr(cx: MonoCx, ty: Extract<Ty, { kind: "closure" }>): Instance {
  return shims.closureFnPtrInstance(cx, ty);
}
