/**
 * Removes parameters that a function does not look at, and the arguments for them. A trait's method loses one with all that implement it.
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

/** A parameter of functions that share their signature. */
interface ParamSite {
  readonly items: readonly FnItem[];
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
  const families = familiesOf(program);
  const grouped = new Set(families.flat());
  for (const item of program.functions)
    if (!grouped.has(item) && item.body !== undefined && !hasFixedSignature(item)) families.push([item]);
  return families.flatMap((items): ParamSite[] => {
    if (items.some((item) => reified.has(item))) return [];
    const used = new Set(items.flatMap((item) => [...mentionedLocals(item)]));
    // The receiver says which trait's method is called.
    const first = items[0]!.parent?.kind === "trait" ? 1 : 0;
    return items[0]!.params.flatMap((_, param) => (param < first || used.has(param + 1) ? [] : [{ items, param }]));
  });
}

/** Closures are called by the type of their arguments, and methods of the prelude's traits as these say. */
function hasFixedSignature({ closure, parent }: FnItem): boolean {
  return closure !== undefined || (parent?.kind === "impl" && parent.trait !== undefined);
}

function mentionedLocals({ body }: FnItem): ReadonlySet<number> {
  const used = new Set<number>();
  if (body !== undefined) visitBody(body, { local: (local) => used.add(local) });
  return used;
}

/** Each method of the program's own traits, with what impls give for it. */
function familiesOf({ traits = [], impls = [] }: Program): FnItem[][] {
  return traits
    .filter((trait) => !trait.prelude)
    .flatMap((trait) => {
      const given = impls.filter((impl) => impl.trait?.trait === trait).flatMap(({ fns }) => fns);
      return trait.fns.map((method) => [method, ...given.filter((fn) => fn.assocName === method.assocName)]);
    });
}

function withoutParams(base: Program, chosen: ReadonlySet<ParamSite>): Program {
  const dropped = new Map<FnItem, Set<number>>();
  for (const { items, param } of chosen) {
    for (const item of items) {
      const params = dropped.get(item);
      if (params === undefined) dropped.set(item, new Set([param]));
      else params.add(param);
    }
  }
  return rebuild(base, (item) => {
    const params = dropped.get(item);
    const body = item.body === undefined ? undefined : withoutArgs(item.body, dropped);
    if (params === undefined) return { ...item, body };
    const own = body === undefined ? undefined : withoutLocals(body, params);
    return { ...item, params: item.params.filter((_, i) => !params.has(i)), body: own };
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
