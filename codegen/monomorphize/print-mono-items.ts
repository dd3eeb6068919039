/**
 * `-Z print-mono-items`: what is in which codegen unit, in rustc's format: `MONO_ITEM fn foo::<i32> @@ cgu.0[Internal]`.
 *
 * As the end of rustc_monomorphize/src/partitioning.rs, and the `Display` of `Instance` in rustc_middle/src/ty/instance.rs.
 */

import type { FnItem } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import type { Linkage } from "../ssa/traits/types.ts";
import { substitute } from "../traits/fold.ts";
import type { Instance } from "./instance.ts";
import type { CodegenUnit } from "./partitioning.ts";
import { pathSegments } from "./v0.ts";

const LINKAGES: Readonly<Record<Linkage, string>> = {
  external: "External",
  internal: "Internal",
  availableExternally: "AvailableExternally",
};

/** One line for each item of `units`, sorted. */
export function printMonoItems(units: readonly CodegenUnit[], tcx: TyCtxt): string[] {
  const places = new Map<string, string[]>();
  const add = (item: string, symbol: string, unit: CodegenUnit): void => {
    const place = `${unit.name}[${LINKAGES[unit.linkages?.get(symbol) ?? "external"]}]`;
    const known = places.get(item);
    if (known === undefined) places.set(item, [place]);
    else if (!known.includes(place)) known.push(place);
  };
  for (const unit of units) {
    for (const { instance } of unit.items) add(`fn ${instanceText(instance, tcx)}`, instance.symbol, unit);
    for (const { item, symbol } of unit.statics ?? []) add(`static ${item.name}`, symbol, unit);
  }
  const lines = [...places].map(([item, where]) => `MONO_ITEM ${item} @@ ${where.sort().join(" ")}`);
  return lines.sort();
}

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
    case "ctorShim":
      return item.name;
  }
}

function argsText(args: readonly Ty[]): string {
  return args.length === 0 ? "" : `::<${args.map((a) => a.text).join(", ")}>`;
}

/** `foo::<i32>`, `<S as Trait<u8>>::method`, `Vec::<i32>::push`. */
function itemText(item: FnItem, args: readonly Ty[], tcx: TyCtxt): string {
  const { parent } = item;
  if (parent === undefined) return `${item.name}${argsText(args)}`;
  const fill = (ty: Ty): Ty => substitute(tcx, ty, args);
  const name = item.assocName ?? pathSegments(item.name).at(-1)!;
  const own = argsText(args.slice(parent.generics.length));
  if (parent.kind === "trait") {
    return `<${args[0]?.text ?? "Self"} as ${traitText(parent.name, args.slice(1, parent.generics.length))}>::${name}${own}`;
  }
  const self = fill(parent.selfTy);
  if (parent.trait !== undefined) {
    return `<${self.text} as ${traitText(parent.trait.trait.name, parent.trait.args.slice(1).map(fill))}>::${name}${own}`;
  }
  const selfText = self.kind === "adt" ? `${self.def.name}${argsText(self.args)}` : `<${self.text}>`;
  return `${selfText}::${name}${own}`;
}

function traitText(name: string, args: readonly Ty[]): string {
  return args.length === 0 ? name : `${name}<${args.map((a) => a.text).join(", ")}>`;
}
