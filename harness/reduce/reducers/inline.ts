/**
 * Flattens calls: the callee's blocks take the call's place. Kept only when the program is smaller once copies are propagated.
 */

import {
  type BasicBlock,
  type BasicBlockData,
  type Body,
  build,
  type FnItem,
  type Local,
  mapBlock,
  type Program,
} from "../../../codegen/index.ts";
import { straighten } from "../cfg.ts";
import { mentionedFns } from "../functions.ts";
import { type BlockSite, mapBodies, type ReduceCx, type Reducer } from "../reducer.ts";
import { prune } from "./drop-functions.ts";
import { withoutAllDeadStores } from "./drop-statements.ts";
import { propagateAll } from "./propagate.ts";

export const inlineCalls: Reducer = {
  name: "inline-calls",
  async run(cx: ReduceCx): Promise<boolean> {
    let kept = false;
    for (let i = 0; !cx.stopped; ) {
      const site = callSites(cx.program)[i];
      if (site === undefined) break;
      const inlined = inlineAt(cx.program, site);
      // What the caller does not use of the callee is dead now.
      if ((await cx.trySmaller(withoutAllDeadStores(inlined))) || (await cx.trySmaller(inlined))) kept = true;
      else i++;
    }
    return kept;
  },
};

function callSites(program: Program): BlockSite[] {
  const sites: BlockSite[] = [];
  program.functions.forEach((item, fn) => {
    item.body?.blocks.forEach((block, index) => {
      const callee = calleeOf(block);
      if (callee?.body !== undefined && callee !== item && !mentionedFns(callee.body).has(callee)) {
        sites.push({ fn, block: index });
      }
    });
  });
  return sites;
}

function calleeOf(block: BasicBlockData): FnItem | undefined {
  const { terminator } = block;
  if (terminator.kind !== "call" || terminator.func.kind !== "const" || terminator.func.value.kind !== "fn")
    return undefined;
  return terminator.func.value.args.length === 0 ? terminator.func.value.item : undefined;
}

function inlineAt(program: Program, site: BlockSite): Program {
  const made = mapBodies(program, (body, fn) =>
    fn === site.fn ? propagateAll(straighten(inlineCall(body, site.block)), body.locals.length) : body,
  );
  return prune(made);
}

/** `body` with the call that ends block `at` replaced by the callee's blocks. */
export function inlineCall(body: Body, at: number): Body {
  const block = body.blocks[at]!;
  const callee = calleeOf(block)?.body;
  const { terminator } = block;
  if (callee === undefined || terminator.kind !== "call") return body;
  const firstLocal = body.locals.length;
  const firstBlock = body.blocks.length;
  const local = (l: number): Local => (firstLocal + l) as Local;
  const args = terminator.args.map((arg, i) => build.assign(local(i + 1), build.use(arg)));
  const { target } = terminator;
  const inlined = callee.blocks.map((data): BasicBlockData => {
    const mapped = mapBlock(data, { local, block: (b) => (firstBlock + b) as BasicBlock });
    if (mapped.terminator.kind !== "return") return mapped;
    if (target === undefined) return { ...mapped, terminator: build.unreachable() };
    const result = build.assign(terminator.destination, build.use(build.move(local(0))));
    return { ...mapped, statements: [...mapped.statements, result], terminator: build.goto(target) };
  });
  const caller: BasicBlockData = {
    ...block,
    statements: [...block.statements, ...args],
    terminator: build.goto(firstBlock),
  };
  const blocks = body.blocks.map((data, i) => (i === at ? caller : data));
  return { locals: [...body.locals, ...callee.locals], argCount: body.argCount, blocks: [...blocks, ...inlined] };
}
