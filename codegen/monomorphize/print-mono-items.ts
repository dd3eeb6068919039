/**
 * `-Z print-mono-items`: what is in which codegen unit, in rustc's format: `MONO_ITEM fn foo::<i32> @@ cgu.0[Internal]`.
 *
 * As the end of rustc_monomorphize/src/partitioning.rs.
 */

import type { TyCtxt } from "../mir/ty.ts";
import type { Linkage } from "../ssa/traits/types.ts";
import { instanceText } from "./instance-text.ts";
import type { CodegenUnit } from "./partitioning.ts";

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
