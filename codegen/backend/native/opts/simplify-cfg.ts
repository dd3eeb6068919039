/**
 * Simplification of the control-flow graph, to a fixpoint, as LLVM's SimplifyCFG and rustc's `simplify_cfg` do.
 *
 * - Unreachable blocks go.
 * - A branch whose outcome is known, or does not matter, becomes a jump; a small switch becomes a branch (`cfg-branches.ts`).
 * - A block and its only predecessor become one; a block that only jumps on is bypassed; a predecessor that fixes the outcome of a block's
 *   branch goes where the branch goes (`cfg-blocks.ts`).
 * - A branch around a few harmless instructions becomes `select` (`cfg-select.ts`).
 *
 * Each round computes the graph once. Within a round `RoundCx.stale` marks the blocks whose predecessors changed in ways that the graph
 * does not show; they wait for the next round.
 */

import { NONE } from "../../../entity/entity.ts";
import type { Block, IrFunction, Value } from "../ir/function.ts";
import { bypassEmptyBlock, mergeIntoPredecessor, removeUniformParams, threadJumps } from "./cfg-blocks.ts";
import { simplifyTerminator } from "./cfg-branches.ts";
import { branchToSelect } from "./cfg-select.ts";
import type { PassCx } from "./context.ts";
import { removeUnreachable } from "./edit.ts";

/** What the transformations of one round share. */
export interface RoundCx extends PassCx {
  /** By block: its predecessors are not those of `cfg` any more. */
  stale: Uint8Array;
  /** By value: used in another block than its definition's. */
  usedElsewhere: Uint8Array;
}

const MAX_ROUNDS = 12;

let stale: Uint8Array = new Uint8Array(64);
let usedElsewhere: Uint8Array = new Uint8Array(256);

/** Simplifies the control-flow graph; true when anything changed. */
export function simplifyCfg(fn: IrFunction, cx: PassCx): boolean {
  let changed = false;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (!runRound(fn, cx)) break;
    changed = true;
  }
  return changed;
}

function runRound(fn: IrFunction, pass: PassCx): boolean {
  const { cfg } = pass;
  let changed = false;
  for (let i = 0; i < fn.layout.length; i++) if (simplifyTerminator(fn, pass, fn.layout[i]!)) changed = true;
  cfg.compute(fn);
  if (removeUnreachable(fn, cfg)) changed = true;
  if (fn.layout.length === 1) {
    fn.resolveAliases();
    return changed;
  }
  if (changed) {
    fn.resolveAliases();
    cfg.compute(fn);
  }
  prepare(fn);
  const cx: RoundCx = { ...pass, stale, usedElsewhere };
  let moved = false;
  const reachable = cfg.reachable;
  for (let i = 0; i < reachable; i++) {
    const block = cfg.rpo[i]! as Block;
    if (fn.firstInst[block] === NONE) continue;
    if (removeUniformParams(fn, cx, block)) moved = true;
    while (mergeIntoPredecessor(fn, cx, block)) moved = true;
    if (fn.firstInst[block] === NONE) continue;
    if (bypassEmptyBlock(fn, cx, block) || threadJumps(fn, cx, block) || branchToSelect(fn, cx, block)) moved = true;
  }
  if (moved) dropEmptied(fn);
  fn.resolveAliases();
  return changed || moved;
}

function prepare(fn: IrFunction): void {
  if (stale.length < fn.blockCount) stale = new Uint8Array(fn.blockCount * 2);
  stale.fill(0, 0, fn.blockCount);
  if (usedElsewhere.length < fn.valueCount) usedElsewhere = new Uint8Array(fn.valueCount * 2);
  usedElsewhere.fill(0, 0, fn.valueCount);
  for (let i = 0; i < fn.layout.length; i++) {
    const block = fn.layout[i]!;
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
      noteUses(fn, block, fn.argStart[inst]!, fn.argCount[inst]!);
      for (let s = fn.succCount[inst]! - 1, at = fn.succStart[inst]! + s * 3; s >= 0; s--, at -= 3)
        noteUses(fn, block, fn.succPool[at + 1]!, fn.succPool[at + 2]!);
    }
  }
}

function noteUses(fn: IrFunction, block: Block, start: number, count: number): void {
  for (let i = start; i < start + count; i++) {
    const value = fn.argPool[i]! as Value;
    const def = fn.valueDef[value]!;
    if ((def < 0 ? ~def : fn.instBlock[def]!) !== block) usedElsewhere[value] = 1;
  }
}

/** Takes blocks that were emptied by merging out of the layout. */
function dropEmptied(fn: IrFunction): void {
  let kept = 0;
  for (let i = 0; i < fn.layout.length; i++) {
    const block = fn.layout[i]!;
    if (fn.firstInst[block] !== NONE) fn.layout[kept++] = block;
  }
  fn.layout.length = kept;
}
