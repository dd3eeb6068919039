/** The supertraits of a trait reference. As rustc_type_ir/src/elaborate.rs. */

import { substituteAll } from "../mir/fold.ts";
import type { TraitRef } from "../mir/items.ts";
import type { TraitCx } from "./trait-cx.ts";

/** The direct supertraits of `ref`, in written order. */
export function directSupertraits(cx: TraitCx, ref: TraitRef): readonly TraitRef[] {
  return ref.trait.supertraits.map(({ trait, args }) => ({
    trait,
    args: substituteAll(cx.tcx, args, ref.args).map((arg) => cx.normalize(arg)),
  }));
}

/** `ref` and all its supertraits, each once, nearer ones first. */
export function supertraitsOf(cx: TraitCx, ref: TraitRef): readonly TraitRef[] {
  const found: TraitRef[] = [ref];
  for (let i = 0; i < found.length; i++) {
    for (const parent of directSupertraits(cx, found[i]!))
      if (!found.some((r) => sameRef(r, parent))) found.push(parent);
  }
  return found;
}

export function sameRef(a: TraitRef, b: TraitRef): boolean {
  return a.trait === b.trait && a.args.length === b.args.length && a.args.every((arg, i) => arg === b.args[i]);
}
