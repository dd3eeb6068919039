/** The instances of shims: their signatures, bodies and symbols. The bodies are made in `transform/shim/`. */

import { newFn } from "../mir/builder.ts";
import type { StaticItem, TraitRef } from "../mir/items.ts";
import type { FnItem, InlineAttr } from "../mir/syntax.ts";
import { TY_UNIT, type Ty, type TyOf } from "../mir/ty.ts";
import {
  type CallKind,
  closureCallShim,
  closureFnPtrShim,
  fnPtrShim,
  reifyShim,
  type Shim,
  vtableShim,
} from "../transform/shim/call-shims.ts";
import { cloneShim } from "../transform/shim/clone-shim.ts";
import { buildDropGlue } from "../transform/shim/drop-glue.ts";
import { ctorShim, fnPtrAddrShim, threadLocalShim } from "../transform/shim/value-shims.ts";
import type { Instance, InstanceKind } from "./instance.ts";
import { itemText } from "./instance-text.ts";
import type { MonoCx } from "./mono-cx.ts";
import { symbolName } from "./symbol-names.ts";
import { mangleV0 } from "./v0.ts";

const CALL_METHODS: Readonly<Record<CallKind, string>> = { fn: "call", fnMut: "call_mut", fnOnce: "call_once" };

function shimItem(name: string, shim: Shim, inline: InlineAttr = "hint"): FnItem {
  return newFn(name, shim.params, shim.ret, { inline, body: shim.body });
}

/** A shim that is all that its `def` says, with no arguments left to fill in. */
function shimInstance(
  cx: MonoCx,
  root: object,
  tys: readonly Ty[],
  def: InstanceKind,
  variant: string,
  make: { readonly name: () => string; readonly symbol: () => string; readonly shim: () => Shim },
): Instance {
  return cx.intern(`${def.kind} ${variant}`, root, tys, make.symbol, (symbol) => ({
    def,
    args: NO_ARGS,
    item: shimItem(make.name(), make.shim()),
    symbol,
  }));
}

const NO_ARGS: readonly Ty[] = [];

/** `<Self as Trait<args>>`. */
function qualified({ trait, args }: TraitRef): string {
  const [self, ...rest] = args.map((arg) => arg.text);
  return `<${self} as ${trait.name}${rest.length === 0 ? "" : `<${rest.join(", ")}>`}>`;
}

/** `drop_in_place::<ty>`; of what has nothing to drop, without a body. */
export function dropInstance(cx: MonoCx, ty: Ty, needed: boolean): Instance {
  const name = `std::ptr::drop_in_place::<${ty.text}>`;
  const params = [cx.tcx.ptr("mut", ty)];
  return cx.intern(
    "dropGlue",
    cx,
    [ty],
    () => mangleV0({ kind: "path", path: "core::ptr::drop_in_place", args: [ty] }, cx.tcx),
    (symbol) => ({
      def: { kind: "dropGlue", ty: needed ? ty : undefined },
      args: NO_ARGS,
      item: newFn(name, params, TY_UNIT, {
        inline: "hint",
        ...(needed ? { body: buildDropGlue(cx.traits, ty) } : {}),
      }),
      symbol,
    }),
  );
}

/** The entry `index` of a vtable, which is the trait's method `item`. */
export function virtualInstance(cx: MonoCx, item: FnItem, args: readonly Ty[], index: number): Instance {
  return cx.intern(
    "virtual",
    item,
    args,
    () => mangleV0({ kind: "item", item, args, shim: "virtual" }, cx.tcx),
    (symbol) => ({ def: { kind: "virtual", item, index }, args, item: { ...item, body: undefined }, symbol }),
  );
}

export function reifyInstance(cx: MonoCx, item: FnItem, args: readonly Ty[]): Instance {
  return shimInstance(cx, item, args, { kind: "reifyShim", item }, "", {
    name: () => itemText(item, args, cx.tcx),
    symbol: () => mangleV0({ kind: "item", item, args, shim: "reify" }, cx.tcx),
    shim: () => calledFrom(item, reifyShim(cx.traits, item, args)),
  });
}

/** `shim`, whose calls stand where `item` does: that is where `#[track_caller]` functions are called from. */
function calledFrom({ span }: FnItem, shim: Shim): Shim {
  const blocks = shim.body.blocks.map((block) => ({ ...block, terminator: { ...block.terminator, span } }));
  return { ...shim, body: { ...shim.body, blocks } };
}

export function vtableInstance(cx: MonoCx, item: FnItem, args: readonly Ty[]): Instance {
  return shimInstance(cx, item, args, { kind: "vtableShim", item }, "", {
    name: () => itemText(item, args, cx.tcx),
    symbol: () => mangleV0({ kind: "item", item, args, shim: "vtable" }, cx.tcx),
    shim: () => vtableShim(cx.traits, item, args),
  });
}

export function cloneInstance(cx: MonoCx, ref: TraitRef, clone: FnItem): Instance {
  const ty = ref.args[0]!;
  return shimInstance(cx, clone, [ty], { kind: "cloneShim", ty }, "", {
    name: () => `${qualified(ref)}::clone`,
    symbol: () => mangleV0({ kind: "method", ref, name: "clone" }, cx.tcx),
    shim: () => cloneShim(cx.traits, ty, clone),
  });
}

export function fnPtrInstance(cx: MonoCx, ref: TraitRef, ty: TyOf<"fnptr"> | TyOf<"fndef">, call: CallKind): Instance {
  const name = CALL_METHODS[call];
  return shimInstance(cx, cx, [ty], { kind: "fnPtrShim", ty, call }, call, {
    name: () => `${qualified(ref)}::${name}`,
    symbol: () => mangleV0({ kind: "method", ref, name }, cx.tcx),
    shim: () => fnPtrShim(cx.traits, ty, call),
  });
}

export function closureCallInstance(cx: MonoCx, ref: TraitRef, ty: TyOf<"closure">, call: CallKind): Instance {
  const name = CALL_METHODS[call];
  return shimInstance(cx, cx, [ty], { kind: "closureCallShim", ty, call }, call, {
    name: () => `${qualified(ref)}::${name}`,
    symbol: () => mangleV0({ kind: "method", ref, name }, cx.tcx),
    shim: () => closureCallShim(cx.traits, ty, call),
  });
}

export function closureFnPtrInstance(cx: MonoCx, ty: TyOf<"closure">): Instance {
  return shimInstance(cx, cx, [ty], { kind: "closureFnPtrShim", ty }, "", {
    name: () => `${ty.text} as fn`,
    symbol: () => mangleV0({ kind: "closure", ty, shim: "fn" }, cx.tcx),
    shim: () => closureFnPtrShim(cx.traits, ty),
  });
}

export function fnPtrAddrInstance(cx: MonoCx, ref: TraitRef, item: FnItem): Instance {
  const ty = ref.args[0]!;
  return shimInstance(cx, item, [ty], { kind: "fnPtrAddrShim", ty }, "", {
    name: () => `${qualified(ref)}::addr`,
    symbol: () => mangleV0({ kind: "method", ref, name: "addr" }, cx.tcx),
    shim: () => fnPtrAddrShim(cx.traits, ty),
  });
}

/** The function that answers the address of this thread's copy of `item`. */
export function threadLocalInstance(cx: MonoCx, item: StaticItem): Instance {
  return shimInstance(cx, item, [], { kind: "threadLocalShim", item }, "", {
    name: () => item.name,
    symbol: () => mangleV0({ kind: "path", path: item.name, args: [], shim: "tls" }, cx.tcx),
    shim: () => threadLocalShim(cx.traits, item),
  });
}

/** The constructor of `variant` of `ty` as a function. */
export function ctorInstance(cx: MonoCx, ty: TyOf<"adt">, variant: number): Instance {
  const def = ty.def.variants[variant];
  const path = ty.def.adtKind === "enum" ? `${ty.def.name}::${def?.name}` : ty.def.name;
  return shimInstance(cx, cx, [ty], { kind: "ctorShim", ty, variant }, String(variant), {
    name: () => path,
    symbol: () => mangleV0({ kind: "ctor", ty, variant }, cx.tcx),
    shim: () => ctorShim(cx.traits, ty, variant),
  });
}

/** The symbol of a static. */
export function staticSymbol(item: StaticItem): string {
  const plain = newFn(item.name, NO_ARGS, TY_UNIT, item.body === undefined ? { abi: "C" } : {});
  return symbolName(plain, NO_ARGS);
}
