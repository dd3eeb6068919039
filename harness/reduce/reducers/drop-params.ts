/**
 * Removes parameters that a function does not look at, and the arguments for them.
 */

import {
  type Body,
  type FnItem,
  type Local,
  mapBody,
  mapList,
  type Program,
  type Terminator,
  visitBody,
} from "../../../codegen/index.ts";
import { reifiedFns } from "../functions.ts";
import { type ReduceCx, type Reducer, rebuild, tryEdits } from "../reducer.ts";

interface ParamSite {
  readonly item: FnItem;
  readonly param: number;
}

export const dropParams: Reducer = {
  name: "drop-params",
  async run(cx: ReduceCx): Promise<boolean> {
    return tryEdits(cx, unusedParams(cx.program), withoutParams, { factor: 4 });
  },
};

function unusedParams(program: Program): ParamSite[] {
  const reified = reifiedFns(program.functions);
  const sites: ParamSite[] = [];
  for (const item of program.functions) {
    if (item.body === undefined || reified.has(item)) continue;
    const used = new Set<number>();
    visitBody(item.body, { local: (local) => used.add(local) });
    for (let param = 0; param < item.params.length; param++) if (!used.has(param + 1)) sites.push({ item, param });
  }
  return sites;
}

function withoutParams(base: Program, chosen: ReadonlySet<ParamSite>): Program {
  const dropped = new Map<FnItem, Set<number>>();
  for (const { item, param } of chosen) {
    const params = dropped.get(item);
    if (params === undefined) dropped.set(item, new Set([param]));
    else params.add(param);
  }
  return rebuild(base, (item) => {
    const body = item.body === undefined ? undefined : withoutArgs(item.body, dropped);
    const params = dropped.get(item);
    if (params === undefined || body === undefined) return { ...item, body };
    return { ...item, params: item.params.filter((_, i) => !params.has(i)), body: withoutLocals(body, params) };
  });
}

/** `body` with its calls of the changed functions adapted. */
function withoutArgs(body: Body, dropped: ReadonlyMap<FnItem, ReadonlySet<number>>): Body {
  const blocks = mapList(body.blocks, (block) => {
    const { terminator } = block;
    if (terminator.kind !== "call" || terminator.func.kind !== "const" || terminator.func.value.kind !== "fn")
      return block;
    const params = dropped.get(terminator.func.value.item);
    if (params === undefined) return block;
    const adapted: Terminator = { ...terminator, args: terminator.args.filter((_, i) => !params.has(i)) };
    return { ...block, terminator: adapted };
  });
  return blocks === body.blocks ? body : { ...body, blocks };
}

/** `body` without some arguments, which it does not mention. */
function withoutLocals(body: Body, params: ReadonlySet<number>): Body {
  const isDropped = (local: number): boolean => local >= 1 && local <= body.argCount && params.has(local - 1);
  const renumbered: Local[] = [];
  let next = 0;
  for (let i = 0; i < body.locals.length; i++) renumbered.push((isDropped(i) ? next : next++) as Local);
  const { blocks } = mapBody(body, { local: (local) => renumbered[local]! });
  return {
    locals: body.locals.filter((_, i) => !isDropped(i)),
    argCount: body.argCount - params.size,
    blocks,
  };
}
