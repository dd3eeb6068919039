/**
 * Removes unreachable blocks and merges straight lines of them; removes locals that nothing mentions and numbers the rest anew.
 */

import { type Body, type Local, mapBody, visitBody } from "../../../codegen/index.ts";
import { straighten } from "../cfg.ts";
import { mapBodies, type ReduceCx, type Reducer } from "../reducer.ts";

export const straightenBlocks: Reducer = {
  name: "straighten-blocks",
  async run(cx: ReduceCx): Promise<boolean> {
    return cx.try(mapBodies(cx.program, (body) => straighten(body)));
  },
};

export const dropLocals: Reducer = {
  name: "drop-locals",
  async run(cx: ReduceCx): Promise<boolean> {
    return cx.try(mapBodies(cx.program, (body) => withoutUnusedLocals(body)));
  },
};

/** `body` without the locals that nothing mentions; what scopes said of them goes too. */
export function withoutUnusedLocals(body: Body): Body {
  const used = new Set<number>();
  for (let i = 0; i <= body.argCount; i++) used.add(i);
  visitBody(body, { local: (local) => used.add(local) });
  if (used.size === body.locals.length) return body;
  const kept = [...used].sort((a, b) => a - b);
  const renumbered = new Map(kept.map((old, i) => [old, i as Local]));
  const { blocks } = mapBody(body, { local: (local) => renumbered.get(local)! });
  return { locals: kept.map((old) => body.locals[old]!), argCount: body.argCount, blocks };
}
