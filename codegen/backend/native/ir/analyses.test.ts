import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NONE } from "../../../entity/entity.ts";
import { ControlFlowGraph } from "./cfg.ts";
import { DominanceFrontier, DominatorTree } from "./dominator-tree.ts";
import { type Block, IrFunction } from "./function.ts";
import { LoopAnalysis } from "./loops.ts";
import { Op, Type } from "./opcodes.ts";

/** A function of blocks that do nothing: `targets[b]` are the successors of block b, none of them the entry. */
function graph(targets: readonly (readonly number[])[]): IrFunction {
  const fn = new IrFunction("g", { params: [], returns: [], noReturn: false });
  for (let b = 0; b < targets.length; b++) fn.layout.push(fn.newBlock());
  targets.forEach((succs, b) => {
    const [first, second] = succs;
    const block = b as Block;
    if (first === undefined) {
      fn.appendInst(fn.newInst(Op.ret, 0, [], []), block);
    } else if (second === undefined) {
      const jump = fn.newInst(Op.jump, 0, [], []);
      fn.addSucc(jump, first as Block, []);
      fn.appendInst(jump, block);
    } else {
      const cond = fn.newSimple(Op.iconst, Type.I8, Type.I8, NONE, NONE, NONE, 0, 0);
      fn.appendInst(cond, block);
      const branch = fn.newInst(Op.brif, 0, [fn.result(cond)], []);
      fn.addSucc(branch, first as Block, []);
      fn.addSucc(branch, second as Block, []);
      fn.appendInst(branch, block);
    }
  });
  return fn;
}

const graphs = fc.integer({ min: 1, max: 12 }).chain((n) =>
  fc.array(fc.array(fc.integer({ min: Math.min(1, n - 1), max: n - 1 }), { maxLength: n === 1 ? 0 : 2 }), {
    minLength: n,
    maxLength: n,
  }),
);

/** Blocks reachable from the entry without passing `without`. */
function reach(targets: readonly (readonly number[])[], without: number): Set<number> {
  const seen = new Set<number>();
  const work = without === 0 ? [] : [0];
  while (work.length > 0) {
    const block = work.pop()!;
    if (seen.has(block)) continue;
    seen.add(block);
    for (const succ of targets[block]!) if (succ !== without) work.push(succ);
  }
  return seen;
}

describe("analyses of the control-flow graph", () => {
  const cfg = new ControlFlowGraph();
  const tree = new DominatorTree();
  const frontier = new DominanceFrontier();
  const loops = new LoopAnalysis();

  test("agree with the definitions", () => {
    fc.assert(
      fc.property(graphs, (targets) => {
        const fn = graph(targets);
        cfg.compute(fn);
        tree.compute(cfg, fn.blockCount);
        frontier.compute(cfg, tree);
        loops.compute(cfg, tree, fn.blockCount);
        const all = reach(targets, -1);
        expect(cfg.reachable).toBe(all.size);
        const blocks = [...all];
        const dominates = (a: number, b: number): boolean => a === b || !reach(targets, a).has(b);
        for (const b of targets.keys()) {
          expect(cfg.isReachable(b as Block)).toBe(all.has(b));
          const preds = blocks.flatMap((p) => targets[p]!.filter((s) => s === b).map(() => p));
          const start = cfg.predStart[b]!;
          expect([...cfg.predBlock.subarray(start, cfg.predStart[b + 1])].sort()).toEqual(preds.sort());
        }
        for (const a of blocks)
          for (const b of blocks) expect(tree.dominates(a as Block, b as Block)).toBe(dominates(a, b));
        // A frontier: dominates a predecessor, not the block itself strictly.
        const edges = new Set(
          Array.from({ length: frontier.count }, (_, i) => `${frontier.from[i]} ${frontier.to[i]}`),
        );
        const expected = new Set<string>();
        for (const a of blocks)
          for (const p of blocks)
            for (const b of targets[p]!)
              if (dominates(a, p) && (a === b || !dominates(a, b))) expected.add(`${a} ${b}`);
        expect(edges).toEqual(expected);
        checkLoops(targets, blocks, dominates);
      }),
      { numRuns: 400 },
    );
  });

  function checkLoops(
    targets: readonly (readonly number[])[],
    blocks: readonly number[],
    dominates: (a: number, b: number) => boolean,
  ): void {
    const headers = new Map<number, Set<number>>();
    for (const latch of blocks)
      for (const head of targets[latch]!) {
        if (!dominates(head, latch)) continue;
        const body = headers.get(head) ?? new Set([head]);
        headers.set(head, body);
        const work = [latch];
        while (work.length > 0) {
          const block = work.pop()!;
          if (body.has(block)) continue;
          body.add(block);
          for (const p of blocks) if (targets[p]!.includes(block)) work.push(p);
        }
      }
    expect(new Set(loops.header.subarray(0, loops.count))).toEqual(new Set(headers.keys()));
    for (let loop = 0; loop < loops.count; loop++) {
      const body = headers.get(loops.header[loop]!)!;
      for (const b of blocks) expect(loops.contains(loop, b as Block)).toBe(body.has(b));
    }
  }
});
