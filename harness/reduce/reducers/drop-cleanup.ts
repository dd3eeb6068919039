/**
 * Removes what unwinding and scopes leave behind: drops become jumps, and what unwinds into a cleanup block unwinds on instead.
 */

import { type BasicBlockData, build, type Program, type Terminator } from "../../../codegen/index.ts";
import { removeUnreachable } from "../cfg.ts";
import { type BlockSite, mapBodies, type ReduceCx, type Reducer, SiteMap, tryEdits } from "../reducer.ts";
import { prune } from "./drop-functions.ts";

export const dropCleanup: Reducer = {
  name: "drop-cleanup",
  async run(cx: ReduceCx): Promise<boolean> {
    const edges = await tryEdits(cx, sites(cx.program, withoutEdge), (base, chosen) => edit(base, chosen, withoutEdge));
    const drops = await tryEdits(cx, sites(cx.program, withoutDrop), (base, chosen) => edit(base, chosen, withoutDrop));
    return edges || drops;
  },
};

/** A terminator made simpler; `undefined` leaves it. */
type Simpler = (terminator: Terminator) => Terminator | undefined;

function withoutEdge(terminator: Terminator): Terminator | undefined {
  if (!("unwind" in terminator) || terminator.unwind.kind !== "cleanup") return undefined;
  return { ...terminator, unwind: { kind: "continue" } };
}

function withoutDrop(terminator: Terminator): Terminator | undefined {
  return terminator.kind === "drop" ? build.goto(terminator.target) : undefined;
}

function sites(program: Program, simpler: Simpler): BlockSite[] {
  return program.functions.flatMap((item, fn) =>
    (item.body?.blocks ?? []).flatMap(({ terminator }, block) =>
      simpler(terminator) === undefined ? [] : [{ fn, block }],
    ),
  );
}

function edit(base: Program, chosen: ReadonlySet<BlockSite>, simpler: Simpler): Program {
  const map = new SiteMap(chosen);
  const made = mapBodies(base, (body, fn) => {
    if (!map.hasFn(fn)) return body;
    const blocks = body.blocks.map((block, index): BasicBlockData => {
      const terminator = map.at(fn, index) === undefined ? undefined : simpler(block.terminator);
      return terminator === undefined ? block : { ...block, terminator };
    });
    return removeUnreachable({ ...body, blocks });
  });
  return prune(made);
}
