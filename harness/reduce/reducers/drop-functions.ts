/**
 * Removes functions that nothing reaches, and makes others return at once.
 */

import { type Body, build, type Program } from "../../../codegen/index.ts";
import { reachableFns } from "../count.ts";
import { DefaultMaker } from "../defaults.ts";
import { pruneItems } from "../rebuild-items.ts";
import { mapBodies, type ReduceCx, type Reducer, rebuild, tryEdits } from "../reducer.ts";
import { isSimple } from "../used-items.ts";

export const dropFunctions: Reducer = {
  name: "drop-functions",
  async run(cx: ReduceCx): Promise<boolean> {
    const kept = reachableFns(cx.program);
    const all = isSimple(cx.program) && kept.size === cx.program.functions.length;
    const pruned = !all && (await cx.try(prune(cx.program)));
    const { functions } = cx.program;
    const candidates = functions
      .map((_, i) => i)
      .filter((i) => (functions[i]!.body?.blocks.length ?? 0) > 1 && functions[i]!.params.length > 0);
    const emptied = await tryEdits(cx, candidates, returnAtOnce);
    if (emptied) await cx.try(prune(cx.program));
    return pruned || emptied;
  },
};

/** `program` without the functions, and other items, that no entry point reaches. */
export function prune(program: Program): Program {
  if (!isSimple(program)) return pruneItems(program);
  const kept = reachableFns(program);
  return rebuild(program, (item) => (kept.has(item) ? item : undefined));
}

function returnAtOnce(base: Program, chosen: ReadonlySet<number>): Program | undefined {
  let possible = true;
  const made = mapBodies(base, (body, index) => {
    if (!chosen.has(index)) return body;
    const empty = emptyBody(base, body);
    if (empty === undefined) possible = false;
    return empty ?? body;
  });
  return possible ? made : undefined;
}

function emptyBody(program: Program, body: Body): Body | undefined {
  const locals = body.locals.slice(0, body.argCount + 1);
  const maker = new DefaultMaker(locals, program.tcx);
  const rvalue = maker.rvalue(body.locals[0]!.ty);
  if (rvalue === undefined) return undefined;
  const statements = [...maker.statements, build.assign(0, rvalue)];
  return { locals, argCount: body.argCount, blocks: [{ statements, terminator: build.ret(), isCleanup: false }] };
}
