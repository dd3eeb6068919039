/** What a mutation is: a kind of small change towards undefined behaviour, and where in a body it can be made. */

import { build, type FnItem, type LayoutCx, type Program, type TyCtxt } from "../../codegen/index.ts";
import type { Rng } from "../generate/rng.ts";
import type { OpenBlock, OpenBody } from "./open-body.ts";

/** A function of the program, and which of its blocks run. */
export interface Site {
  readonly body: OpenBody;
  readonly item: FnItem;
  readonly tcx: TyCtxt;
  readonly layout: LayoutCx;
  readonly program: Program;
  readonly rng: Rng;
  /** The blocks that run, as they were before any edit. */
  readonly ran: readonly number[];
}

/** Makes one change. */
export type Edit = () => void;

export interface Mutation {
  readonly name: string;
  /** The changes that can be made in a body; each is made alone. */
  sites(site: Site): Edit[];
}

/** Makes the block go on at `target`, whatever it ended with. */
export function goTo(block: OpenBlock, target: number): Edit {
  return () => {
    block.terminator = build.goto(target);
  };
}

/** Edits for each block that runs. */
export function eachBlock(site: Site, find: (block: OpenBlock, at: number) => Edit[]): Edit[] {
  return site.ran.flatMap((at) => find(site.body.blocks[at]!, at));
}

/** Edits for each statement that runs. */
export function eachStatement(
  site: Site,
  find: (statement: OpenBlock["statements"][number], at: number, block: OpenBlock, blockAt: number) => Edit[],
): Edit[] {
  return eachBlock(site, (block, blockAt) =>
    block.statements.flatMap((statement, at) => find(statement, at, block, blockAt)),
  );
}
