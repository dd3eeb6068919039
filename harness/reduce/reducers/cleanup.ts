/**
 * Removes unreachable blocks and merges straight lines of them; removes locals that nothing mentions and numbers the rest anew.
 */

import { type Body, type Local, mapBody, type Program, visitBody } from "../../../codegen/index.ts";
import { straighten } from "../cfg.ts";
import { mapBodies, type ReduceCx, type Reducer, tryEdits } from "../reducer.ts";
import { prune } from "./drop-functions.ts";

export const straightenBlocks: Reducer = {
  name: "straighten-blocks",
  async run(cx: ReduceCx): Promise<boolean> {
    return cx.try(mapBodies(cx.program, (body) => straighten(body)));
  },
};

export const dropLocals: Reducer = {
  name: "drop-locals",
  async run(cx: ReduceCx): Promise<boolean> {
    if (await cx.try(prune(mapBodies(cx.program, (body) => withoutUnusedLocals(body))))) return true;
    // Some of them may matter by being there: a slot of the stack, a type to lay out.
    return tryEdits(cx, unusedLocals(cx.program), withoutLocals);
  },
};

interface LocalSite {
  readonly fn: number;
  readonly local: number;
}

function unusedLocals(program: Program): LocalSite[] {
  return program.functions.flatMap(({ body }, fn): LocalSite[] => {
    if (body === undefined) return [];
    const used = usedLocals(body);
    return body.locals.flatMap((_, local) => (used.has(local) ? [] : [{ fn, local }]));
  });
}

function withoutLocals(base: Program, chosen: ReadonlySet<LocalSite>): Program {
  const dropped = new Map<number, Set<number>>();
  for (const { fn, local } of chosen) {
    const locals = dropped.get(fn);
    if (locals === undefined) dropped.set(fn, new Set([local]));
    else locals.add(local);
  }
  const keep = (fn: number, local: number): boolean => dropped.get(fn)?.has(local) !== true;
  return prune(
    mapBodies(base, (body, fn) => {
      if (!dropped.has(fn)) return body;
      return keepLocals(
        body,
        [...body.locals.keys()].filter((local) => keep(fn, local)),
      );
    }),
  );
}

/** `body` without the locals that nothing mentions; what scopes said of them goes too. */
export function withoutUnusedLocals(body: Body): Body {
  const used = usedLocals(body);
  if (used.size === body.locals.length) return body;
  return keepLocals(
    body,
    [...used].sort((a, b) => a - b),
  );
}

/** The return place, the arguments and what is mentioned. */
function usedLocals(body: Body): ReadonlySet<number> {
  const used = new Set<number>();
  for (let i = 0; i <= body.argCount; i++) used.add(i);
  visitBody(body, { local: (local) => used.add(local) });
  return used;
}

/** `body` with the locals `kept` alone, which are all that it mentions. */
function keepLocals(body: Body, kept: readonly number[]): Body {
  const renumbered = new Map(kept.map((old, i) => [old, i as Local]));
  const { blocks } = mapBody(body, { local: (local) => renumbered.get(local)! });
  return { locals: kept.map((old) => body.locals[old]!), argCount: body.argCount, blocks };
}
