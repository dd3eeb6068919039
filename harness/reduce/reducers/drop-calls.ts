/**
 * Removes calls: first as if they had not been there, then with a default value for their result. Observations are calls too.
 */

import {
  type BasicBlockData,
  type Body,
  build,
  type LocalDecl,
  type Program,
  placeTy,
} from "../../../codegen/index.ts";
import { DefaultMaker } from "../defaults.ts";
import { type BlockSite, mapBodies, type ReduceCx, type Reducer, SiteMap, tryEdits } from "../reducer.ts";
import { prune } from "./drop-functions.ts";

export const dropCalls: Reducer = {
  name: "drop-calls",
  async run(cx: ReduceCx): Promise<boolean> {
    const dropped = await tryEdits(cx, callSites(cx.program), (base, chosen) => replaceCalls(base, chosen, false));
    const replaced = await tryEdits(cx, callSites(cx.program), (base, chosen) => replaceCalls(base, chosen, true));
    return dropped || replaced;
  },
};

function callSites(program: Program): BlockSite[] {
  const sites: BlockSite[] = [];
  program.functions.forEach((item, fn) => {
    item.body?.blocks.forEach(({ terminator }, block) => {
      if (terminator.kind === "call" && terminator.target !== undefined) sites.push({ fn, block });
    });
  });
  return sites;
}

function replaceCalls(base: Program, chosen: ReadonlySet<BlockSite>, withDefault: boolean): Program | undefined {
  const sites = new SiteMap(chosen);
  let possible = true;
  const made = mapBodies(base, (body, fn) => {
    if (!sites.hasFn(fn)) return body;
    const locals: LocalDecl[] = [...body.locals];
    const blocks = body.blocks.map((block, index) => {
      if (sites.at(fn, index) === undefined) return block;
      const replaced = replaceCall(base, body, block, locals, withDefault);
      if (replaced === undefined) possible = false;
      return replaced ?? block;
    });
    return { ...body, locals, blocks };
  });
  return possible ? prune(made) : undefined;
}

function replaceCall(
  program: Program,
  body: Body,
  block: BasicBlockData,
  locals: LocalDecl[],
  withDefault: boolean,
): BasicBlockData | undefined {
  const { terminator } = block;
  if (terminator.kind !== "call" || terminator.target === undefined) return undefined;
  const goto = build.goto(terminator.target);
  if (!withDefault) return { ...block, terminator: goto };
  const maker = new DefaultMaker(locals, program.tcx);
  const rvalue = maker.rvalue(placeTy(body, terminator.destination, program.tcx).ty);
  if (rvalue === undefined) return undefined;
  const made = [...maker.statements, build.assign(terminator.destination, rvalue)];
  return { ...block, statements: [...block.statements, ...made], terminator: goto };
}
