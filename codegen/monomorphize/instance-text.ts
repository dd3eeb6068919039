/** Instances as rustc shows them. As the `Display` of `Instance` in rustc_middle/src/ty/instance.rs. */

import { substitute } from "../mir/fold.ts";
import type { TraitRef } from "../mir/items.ts";
import type { FnItem } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import type { Instance } from "./instance.ts";
import { pathSegments } from "./v0.ts";

/** An instance as rustc shows it: its path with arguments, and what kind of shim it is. */
export function instanceText(instance: Instance, tcx: TyCtxt): string {
  const { def, args, item } = instance;
  switch (def.kind) {
    case "item":
      return itemText(item, args, tcx);
    case "intrinsic":
      return `${itemText(item, args, tcx)} - intrinsic`;
    case "virtual":
      return `${itemText(def.item, args, tcx)} - virtual#${def.index}`;
    case "dropGlue":
      return `${item.name} - shim(${def.ty === undefined ? "None" : `Some(${def.ty.text})`})`;
    case "fnPtrShim":
    case "cloneShim":
    case "fnPtrAddrShim":
      return `${item.name} - shim(${def.ty.text})`;
    case "closureCallShim":
    case "closureFnPtrShim":
      return `${item.name} - shim`;
    case "reifyShim":
      return `${item.name} - shim(reify)`;
    case "vtableShim":
      return `${item.name} - shim(vtable)`;
    case "threadLocalShim":
      return `${item.name} - shim(tls)`;
    case "ctorShim": {
      const { ty, variant } = def;
      const path = `${ty.def.name}${argsText(tcx.writtenArgs(ty.def.defaults, ty.args))}`;
      return ty.def.adtKind === "enum" ? `${path}::${ty.def.variants[variant]!.name}` : path;
    }
  }
}

function argsText(args: readonly Ty[]): string {
  return args.length === 0 ? "" : `::<${args.map((a) => a.text).join(", ")}>`;
}

/** `foo::<i32>`, `<S as Trait<u8>>::method`, `Vec::<i32>::push`. */
export function itemText(item: FnItem, args: readonly Ty[], tcx: TyCtxt): string {
  const { parent } = item;
  if (parent === undefined) return `${item.name}${argsText(args)}`;
  const fill = (ty: Ty): Ty => substitute(tcx, ty, args);
  const name = item.assocName ?? pathSegments(item.name).at(-1)!;
  const own = argsText(args.slice(parent.generics.length));
  if (parent.kind === "trait") {
    const ref = { trait: parent, args: args.slice(0, parent.generics.length) };
    return `<${args[0]?.text ?? "Self"} as ${traitText(ref, tcx)}>::${name}${own}`;
  }
  const self = fill(parent.selfTy);
  if (parent.trait !== undefined) {
    const { trait } = parent.trait;
    return `<${self.text} as ${traitText({ trait, args: parent.trait.args.map(fill) }, tcx)}>::${name}${own}`;
  }
  const selfText = self.kind === "adt" ? `${self.def.name}${argsText(self.args)}` : `<${self.text}>`;
  return `${selfText}::${name}${own}`;
}

/** A trait with its arguments but `Self`, and but for those at the end that are the defaults. */
function traitText({ trait, args }: TraitRef, tcx: TyCtxt): string {
  const written = tcx.writtenArgs(trait.defaults, args).slice(1);
  return written.length === 0 ? trait.name : `${trait.name}<${written.map((a) => a.text).join(", ")}>`;
}
