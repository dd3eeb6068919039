/**
 * Removes `where` clauses and supertraits. Where something rests on one, the candidate no longer resolves, and is not interesting.
 */

import type { Program } from "../../../codegen/index.ts";
import { type Bounded, boundedItems, rebuildBounds } from "../rebuild-items.ts";
import { type ReduceCx, type Reducer, tryEdits } from "../reducer.ts";
import { isSimple } from "../used-items.ts";
import { prune } from "./drop-functions.ts";

interface BoundSite {
  readonly owner: Bounded;
  readonly index: number;
}

export const dropBounds: Reducer = {
  name: "drop-bounds",
  async run(cx: ReduceCx): Promise<boolean> {
    if (isSimple(cx.program)) return false;
    return tryEdits(cx, boundSites(cx.program), withoutBounds, { factor: 4 });
  },
};

function boundSites(program: Program): BoundSite[] {
  return boundedItems(program).flatMap((owner) => (owner.predicates ?? []).map((_, index) => ({ owner, index })));
}

function withoutBounds(base: Program, chosen: ReadonlySet<BoundSite>): Program {
  const gone = new Map<Bounded, Set<number>>();
  for (const { owner, index } of chosen) {
    const indices = gone.get(owner);
    if (indices === undefined) gone.set(owner, new Set([index]));
    else indices.add(index);
  }
  return prune(rebuildBounds(base, (owner, index) => gone.get(owner)?.has(index) !== true));
}
