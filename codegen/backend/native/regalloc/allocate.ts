/**
 * Register allocation: the entry.
 *
 * Two algorithms behind one interface: `linear-scan` (see `linear-scan.ts`) and `fast` (see `fast.ts`). `checkAllocation` in
 * `checker.ts` checks the result of either.
 */

import { ensure } from "../../../entity/typed-arrays.ts";
import { allocateFast } from "./fast.ts";
import {
  EDIT_STRIDE,
  type MachineEnv,
  type RegallocFunction,
  type RegallocOptions,
  type RegallocOutput,
  type RegallocPolicy,
  SOUND_POLICY,
} from "./function.ts";
import { LinearScan } from "./linear-scan.ts";
import { Intervals } from "./live-ranges.ts";
import { Liveness } from "./liveness.ts";
import { loopDepths } from "./loops.ts";
import { MoveList } from "./moves.ts";
import { allocatableMask, writtenRegs } from "./registers.ts";
import { Resolver } from "./resolve.ts";
import { SpillSlots } from "./spill-slots.ts";

/** What linear scan works in, kept from one function to the next. */
const live: Liveness = new Liveness();
const intervals: Intervals = new Intervals();
const scan: LinearScan = new LinearScan(intervals);
const slots: SpillSlots = new SpillSlots();
const moves: MoveList = new MoveList();
const resolver: Resolver = new Resolver();
let depth: Int32Array = new Int32Array(0);

/**
 * Gives every operand of `fn` a register or a spill slot and makes the moves that this takes.
 *
 * `fn` keeps the rules at the head of `function.ts`; one that does not, or whose constraints no allocation meets, is a `bug()`.
 * The result shares nothing with later calls.
 */
export function allocate(fn: RegallocFunction, env: MachineEnv, options: RegallocOptions): RegallocOutput {
  const policy = options.policy ?? SOUND_POLICY;
  return options.algorithm === "fast" ? allocateFast(fn, env, policy) : allocateLinearScan(fn, env, policy);
}

function allocateLinearScan(fn: RegallocFunction, env: MachineEnv, policy: RegallocPolicy): RegallocOutput {
  const numOperands = fn.operandStart[fn.numInsts]!;
  const allocs = new Int32Array(numOperands);
  depth = ensure(depth, fn.numBlocks);
  loopDepths(fn, depth);
  live.compute(fn);
  intervals.build(fn, live, allocs, allocatableMask(env), policy.clobberFilter);
  scan.run(fn, env, depth);
  slots.assign(fn, intervals);
  moves.reset(fn.numInsts, env.scratch, policy.savesCycle);
  resolver.run(fn, live, intervals, slots, moves, policy, allocs);
  moves.sequentialiseAll(slots.numSlots);
  return {
    allocs,
    edits: moves.edits.slice(0, moves.numEdits * EDIT_STRIDE),
    numEdits: moves.numEdits,
    numSpillSlots: moves.numSlots,
    writtenRegs: writtenRegs(fn, allocs, moves.edits, moves.numEdits),
  };
}
