/**
 * Goes one way instead of branching: assertions succeed, switches go to one of their targets; blocks that this cuts off are removed.
 */

import { type BasicBlock, type BasicBlockData, build, type Program, successors } from "../../../codegen/index.ts";
import { removeUnreachable } from "../cfg.ts";
import { type BlockSite, mapBodies, type ReduceCx, type Reducer, SiteMap, tryEdits } from "../reducer.ts";
import { prune } from "./drop-functions.ts";

export const dropBranches: Reducer = {
  name: "drop-branches",
  async run(cx: ReduceCx): Promise<boolean> {
    let kept = await tryEdits(cx, sites(cx.program, 0, "assert"), goOneWay);
    // The last way first: it is the `otherwise`, which leaves loops and skips what is special.
    for (let way = 0; way < MAX_WAYS && !cx.stopped; way++) {
      const kind = await tryEdits(cx, sites(cx.program, way, "switchInt"), goOneWay);
      kept = kept || kind;
    }
    const fewer = await tryEdits(cx, armSites(cx.program), dropArms, { factor: 4 });
    for (let way = 0; way < 2 && !cx.stopped; way++) {
      const skipped = await tryEdits(cx, skipSites(cx.program, way), goOneWay, { factor: 4 });
      kept = kept || skipped;
    }
    const returned = await tryEdits(cx, returnSites(cx.program), returnEarly, { factor: 4 });
    return kept || fewer || returned;
  },
};

/** More ways of one switch are tried by dropping its values first. */
const MAX_WAYS = 4;

interface WaySite extends BlockSite {
  readonly target: BasicBlock;
}

function sites(program: Program, way: number, kind: "assert" | "switchInt"): WaySite[] {
  const found: WaySite[] = [];
  program.functions.forEach((item, fn) => {
    item.body?.blocks.forEach(({ terminator }, block) => {
      if (terminator.kind !== kind) return;
      const targets = [...new Set(kind === "assert" ? successors(terminator).slice(0, 1) : successors(terminator))];
      const target = targets[targets.length - 1 - way];
      if (target !== undefined) found.push({ fn, block, target });
    });
  });
  return found;
}

function goOneWay(base: Program, chosen: ReadonlySet<WaySite>): Program {
  const map = new SiteMap(chosen);
  const made = mapBodies(base, (body, fn) => {
    if (!map.hasFn(fn)) return body;
    const blocks = body.blocks.map((block, index): BasicBlockData => {
      const site = map.at(fn, index)?.[0];
      return site === undefined ? block : { ...block, terminator: build.goto(site.target) };
    });
    return removeUnreachable({ ...body, blocks });
  });
  return prune(made);
}

/** Jumps to blocks that branch: one of these blocks' successors can be jumped to instead, which unrolls and leaves loops. */
function skipSites(program: Program, way: number): WaySite[] {
  const found: WaySite[] = [];
  program.functions.forEach((item, fn) => {
    item.body?.blocks.forEach(({ terminator }, block) => {
      if (terminator.kind !== "goto") return;
      const next = item.body?.blocks[terminator.target]?.terminator;
      if (next?.kind !== "switchInt") return;
      const targets = [...new Set(successors(next))];
      const target = targets[targets.length - 1 - way];
      if (target !== undefined && target !== terminator.target) found.push({ fn, block, target });
    });
  });
  return found;
}

interface ArmSite extends BlockSite {
  readonly arm: number;
}

/** The values of switches that have others beside them. */
function armSites(program: Program): ArmSite[] {
  const found: ArmSite[] = [];
  program.functions.forEach((item, fn) => {
    item.body?.blocks.forEach(({ terminator }, block) => {
      if (terminator.kind !== "switchInt") return;
      for (let arm = 0; arm < terminator.values.length; arm++) found.push({ fn, block, arm });
    });
  });
  return found;
}

/** Sends some values of switches to `otherwise`. */
function dropArms(base: Program, chosen: ReadonlySet<ArmSite>): Program {
  const map = new SiteMap(chosen);
  const made = mapBodies(base, (body, fn) => {
    if (!map.hasFn(fn)) return body;
    const blocks = body.blocks.map((block, index): BasicBlockData => {
      const { terminator } = block;
      const dropped = new Set(map.at(fn, index)?.map((site) => site.arm));
      if (terminator.kind !== "switchInt" || dropped.size === 0) return block;
      const values = terminator.values.filter((_, i) => !dropped.has(i));
      const targets = terminator.targets.filter((_, i) => !dropped.has(i));
      return { ...block, terminator: { ...terminator, values, targets } };
    });
    return removeUnreachable({ ...body, blocks });
  });
  return prune(made);
}

/** Blocks that branch or jump, of functions with more than one block. */
function returnSites(program: Program): BlockSite[] {
  const found: BlockSite[] = [];
  program.functions.forEach((item, fn) => {
    item.body?.blocks.forEach(({ terminator }, block) => {
      if (terminator.kind === "goto" || terminator.kind === "switchInt") found.push({ fn, block });
    });
  });
  return found;
}

function returnEarly(base: Program, chosen: ReadonlySet<BlockSite>): Program {
  const map = new SiteMap(chosen);
  const made = mapBodies(base, (body, fn) => {
    if (!map.hasFn(fn)) return body;
    const blocks = body.blocks.map(
      (block, index): BasicBlockData =>
        map.at(fn, index) === undefined ? block : { ...block, terminator: build.ret() },
    );
    return removeUnreachable({ ...body, blocks });
  });
  return prune(made);
}
