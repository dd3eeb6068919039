/**
 * Partitioning: placing mono items in codegen units.
 *
 * As rustc_monomorphize/src/partitioning.rs: items are *placed*, units are *merged* until there are N, and symbols that no other unit
 * needs are made *internal*. It differs in placing each item in a unit of its own instead of its module's, so that one program's
 * functions spread over the units and calls across units are common: that is what is to be tested.
 */

import type { Linkage } from "../ssa/traits/types.ts";
import type { MonoItem } from "./mono-item.ts";

/** A unit of code that is compiled on its own, perhaps in parallel with others. */
export interface CodegenUnit {
  readonly name: string;
  readonly items: readonly MonoItem[];
  readonly sizeEstimate: number;
  /** The linkage of each symbol that the unit defines; those not in it are external. */
  readonly linkages?: ReadonlyMap<string, Linkage>;
}

/** A set of items on its way to be a unit. */
interface Pile {
  readonly items: number[];
  size: number;
}

/**
 * Places `items` in at most `count` units. `roots` are the symbols that must be visible outside of their unit.
 */
export function partition(items: readonly MonoItem[], count: number, roots: ReadonlySet<string>): CodegenUnit[] {
  const piles = mergePiles(items, Math.max(1, count));
  const unitOf = new Map<string, number>();
  piles.forEach((pile, unit) => {
    for (const i of pile.items) unitOf.set(items[i]!.instance.symbol, unit);
  });
  const shared = new Set<string>(roots);
  for (const item of items) {
    const unit = unitOf.get(item.instance.symbol);
    for (const use of item.uses) if (unitOf.get(use.symbol) !== unit) shared.add(use.symbol);
  }
  return piles.map((pile, n) => {
    const own = pile.items.map((i) => items[i]!);
    const linkages = new Map<string, Linkage>(
      own.map(({ instance }) => [instance.symbol, shared.has(instance.symbol) ? "external" : "internal"]),
    );
    return { name: `cgu.${n}`, items: own, sizeEstimate: pile.size, linkages };
  });
}

/** Merges the two smallest piles until `count` are left, as rustc's `merge_codegen_units`. */
function mergePiles(items: readonly MonoItem[], count: number): Pile[] {
  if (count === 1)
    return [{ items: items.map((_, i) => i), size: items.reduce((sum, item) => sum + item.sizeEstimate, 0) }];
  const piles: Pile[] = items.map((item, i) => ({ items: [i], size: item.sizeEstimate }));
  // Largest first; of equal ones, the earlier.
  const order = (a: Pile, b: Pile): number => b.size - a.size || a.items[0]! - b.items[0]!;
  piles.sort(order);
  while (piles.length > count) {
    const smallest = piles.pop()!;
    const next = piles.pop()!;
    const merged: Pile = {
      items: [...next.items, ...smallest.items].sort((a, b) => a - b),
      size: next.size + smallest.size,
    };
    insertSorted(piles, merged, order);
  }
  return piles.sort((a, b) => a.items[0]! - b.items[0]!);
}

function insertSorted(piles: Pile[], pile: Pile, order: (a: Pile, b: Pile) => number): void {
  let low = 0;
  let high = piles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(piles[middle]!, pile) <= 0) low = middle + 1;
    else high = middle;
  }
  piles.splice(low, 0, pile);
}
