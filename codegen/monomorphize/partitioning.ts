/**
 * Partitioning: placing mono items in codegen units.
 *
 * As rustc_monomorphize/src/partitioning.rs: items are *placed*, units are *merged* until there are N, and symbols that no other unit
 * needs are made *internal*. It differs in placing each item in a unit of its own instead of its module's, so that one program's
 * functions spread over the units and calls across units are common: that is what is to be tested.
 *
 * An item is *globally shared* (one unit has it) or, when asked for, a *local copy*: what is to be inlined is put into each unit that
 * reaches it, under an internal symbol (rustc's `-Z inline-in-all-cgus`).
 */

import type { StaticItem } from "../mir/items.ts";
import type { Linkage } from "../ssa/traits/types.ts";
import type { Instance } from "./instance.ts";
import type { MonoCx } from "./mono-cx.ts";
import type { MonoItem, StaticMonoItem } from "./mono-item.ts";

/** A unit of code that is compiled on its own, perhaps in parallel with others. */
export interface CodegenUnit {
  readonly name: string;
  readonly items: readonly MonoItem[];
  /** Absent when it defines none. */
  readonly statics?: readonly StaticMonoItem[];
  readonly sizeEstimate: number;
  /** The linkage of each symbol that the unit defines; those not in it are external. */
  readonly linkages?: ReadonlyMap<string, Linkage>;
  /** What resolved the mentions in its items; absent when they need no traits. */
  readonly mono?: MonoCx;
}

export interface PartitionOptions {
  /** Copies what is to be inlined into each unit that reaches it. */
  readonly inlineInAllCgus?: boolean;
  readonly statics?: readonly StaticMonoItem[];
  readonly mono?: MonoCx | undefined;
}

/** How an item is placed (rustc's `InstantiationMode`). */
export type InstantiationMode = "globallyShared" | "localCopy";

/**
 * How `instance` is placed when copies are asked for: shims, closures and what is marked `#[inline]` are copied; generic functions are
 * shared unless marked.
 */
export function instantiationMode({ def, item }: Instance): InstantiationMode {
  if (item.inline === "never") return "globallyShared";
  if (def.kind !== "item") return "localCopy";
  return item.closure !== undefined || item.inline !== "none" ? "localCopy" : "globallyShared";
}

/** A set of items on its way to be a unit. Statics are numbered behind the functions. */
interface Pile {
  readonly items: number[];
  size: number;
}

/**
 * Places `items` in at most `count` units. `roots` are the symbols that must be visible outside of their unit.
 */
export function partition(
  items: readonly MonoItem[],
  count: number,
  roots: ReadonlySet<string>,
  options: PartitionOptions = {},
): CodegenUnit[] {
  const statics = options.statics ?? NO_STATICS;
  const copies = options.inlineInAllCgus === true ? copiedItems(items, roots) : NO_COPIES;
  const placed = [
    ...items.flatMap((item, i) => (copies.has(item.instance.symbol) ? [] : [[i, item.sizeEstimate] as const])),
    ...statics.map((item, i) => [items.length + i, item.sizeEstimate] as const),
  ];
  const piles = mergePiles(placed, Math.max(1, count));
  const units = piles.map((pile) => unitItems(pile, items, statics, copies));
  const shared = sharedSymbols(units, roots);
  return units.map((unit, n) => finishUnit(unit, n, shared, copies, options.mono));
}

const NO_STATICS: readonly StaticMonoItem[] = [];
const NO_COPIES: ReadonlyMap<string, MonoItem> = new Map();

/** The items that are copied into each unit that reaches them, by symbol. */
function copiedItems(items: readonly MonoItem[], roots: ReadonlySet<string>): ReadonlyMap<string, MonoItem> {
  const copied = items.filter(
    ({ instance }) => !roots.has(instance.symbol) && instantiationMode(instance) === "localCopy",
  );
  return new Map(copied.map((item) => [item.instance.symbol, item]));
}

interface UnitItems {
  readonly items: MonoItem[];
  readonly statics: StaticMonoItem[];
  size: number;
}

function unitItems(
  pile: Pile,
  items: readonly MonoItem[],
  statics: readonly StaticMonoItem[],
  copies: ReadonlyMap<string, MonoItem>,
): UnitItems {
  const unit: UnitItems = { items: [], statics: [], size: pile.size };
  for (const i of pile.items) {
    if (i < items.length) unit.items.push(items[i]!);
    else unit.statics.push(statics[i - items.length]!);
  }
  if (copies.size > 0) addCopies(unit, copies);
  return unit;
}

/** Adds the copies that the items of `unit`, and the copies themselves, reach. */
function addCopies(unit: UnitItems, copies: ReadonlyMap<string, MonoItem>): void {
  const added = new Set<string>();
  const add = (uses: readonly Instance[]): void => {
    for (const { symbol } of uses) {
      const copy = copies.get(symbol);
      if (copy === undefined || added.has(symbol)) continue;
      added.add(symbol);
      unit.items.push(copy);
      unit.size += copy.sizeEstimate;
    }
  };
  for (const item of unit.statics) add(item.uses);
  // The list grows while it is walked: copies reach further copies.
  for (let i = 0; i < unit.items.length; i++) add(unit.items[i]!.uses);
}

/** The symbols that more than their own unit refers to, and `roots`. */
function sharedSymbols(units: readonly UnitItems[], roots: ReadonlySet<string>): ReadonlySet<string> {
  const home = new Map<string, UnitItems>();
  const homeOfStatic = new Map<StaticItem, UnitItems>();
  for (const unit of units) {
    for (const { instance } of unit.items) home.set(instance.symbol, unit);
    for (const { item } of unit.statics) homeOfStatic.set(item, unit);
  }
  const shared = new Set<string>(roots);
  const symbols = new Map(units.flatMap((unit) => unit.statics.map(({ item, symbol }) => [item, symbol] as const)));
  for (const unit of units) {
    const visit = ({ uses, statics }: Pick<MonoItem, "uses" | "statics">): void => {
      for (const { symbol } of uses) if (home.get(symbol) !== unit) shared.add(symbol);
      for (const item of statics ?? []) {
        const symbol = symbols.get(item);
        if (symbol !== undefined && homeOfStatic.get(item) !== unit) shared.add(symbol);
      }
    };
    for (const item of unit.items) visit(item);
    for (const item of unit.statics) visit(item);
  }
  return shared;
}

function finishUnit(
  { items, statics, size }: UnitItems,
  n: number,
  shared: ReadonlySet<string>,
  copies: ReadonlyMap<string, MonoItem>,
  mono: MonoCx | undefined,
): CodegenUnit {
  const linkages = new Map<string, Linkage>();
  for (const { instance } of items) {
    const external = shared.has(instance.symbol) && !copies.has(instance.symbol);
    linkages.set(instance.symbol, external ? "external" : "internal");
  }
  for (const { symbol } of statics) linkages.set(symbol, shared.has(symbol) ? "external" : "internal");
  return {
    name: `cgu.${n}`,
    items,
    sizeEstimate: size,
    linkages,
    ...(statics.length === 0 ? {} : { statics }),
    ...(mono === undefined ? {} : { mono }),
  };
}

/** Merges the two smallest piles until `count` are left, as rustc's `merge_codegen_units`. */
function mergePiles(placed: readonly (readonly [item: number, size: number])[], count: number): Pile[] {
  if (count === 1)
    return [{ items: placed.map(([item]) => item), size: placed.reduce((sum, [, size]) => sum + size, 0) }];
  const piles: Pile[] = placed.map(([item, size]) => ({ items: [item], size }));
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
