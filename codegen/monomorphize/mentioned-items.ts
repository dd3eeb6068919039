/**
 * The bodies of functions as they were before MIR passes.
 *
 * As `mentioned_items` of rustc (rustc_mir_transform/src/mentioned_items.rs), which notes what a body mentions before any optimisation; here the
 * body itself is kept, as bodies do not change. What it mentions and the optimised body does not use is not compiled, but its
 * constants are evaluated.
 */

import type { Program } from "../mir/program.ts";
import type { Body, FnItem } from "../mir/syntax.ts";

const before = new WeakMap<FnItem, Body>();

/** Keeps the bodies of `program`, which passes are about to replace. */
export function keepMentionedItems(program: Program): void {
  const members = [...(program.impls ?? []), ...(program.traits ?? [])].flatMap(({ fns }) => fns);
  keepBodies([...program.functions, ...members]);
}

/** Keeps the bodies of `items`, which what passes made of them are about to stand in for. */
export function keepBodies(items: Iterable<FnItem>): void {
  for (const item of items) if (item.body !== undefined) before.set(item, item.body);
}

/** The body that `item` had then; `undefined` when none was kept. */
export function bodyBeforePasses(item: FnItem): Body | undefined {
  return before.get(item);
}
