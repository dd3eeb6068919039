/**
 * Dead code elimination: keeps what the effects of the function need, by marking (Cytron et al., 1991, without control dependence).
 *
 * Roots are the instructions that must run. From them the marks spread over arguments; a marked block parameter marks what its
 * predecessors pass. All else goes, cycles of block parameters included. Stack slots that nothing names any more go too.
 */

import { NONE } from "../../../entity/entity.ts";
import { atLeast } from "../ir/cfg.ts";
import type { Block, Inst, IrFunction } from "../ir/function.ts";
import { Op } from "../ir/opcodes.ts";
import type { PassCx } from "./context.ts";
import { removeUnreachable } from "./edit.ts";

let marked: Uint8Array = new Uint8Array(256);
let worklist: Int32Array = new Int32Array(256);
let depth = 0;
let slotNumber: Int32Array = new Int32Array(32);

/** Removes what is computed in vain, and unreachable blocks; true when there was any. */
export function dce(fn: IrFunction, cx: PassCx): boolean {
  cx.cfg.compute(fn);
  let changed = false;
  if (removeUnreachable(fn, cx.cfg)) {
    changed = true;
    cx.cfg.compute(fn);
  }
  if (marked.length < fn.valueCount) marked = new Uint8Array(fn.valueCount * 2);
  marked.fill(0, 0, fn.valueCount);
  worklist = atLeast(worklist, fn.valueCount);
  depth = 0;
  markRoots(fn, cx);
  while (depth > 0) spread(fn, cx, worklist[--depth]!);
  if (sweep(fn, cx)) changed = true;
  return dropUnusedSlots(fn) || changed;
}

/** Drops stack slots that nothing takes the address of; the others are numbered anew. */
function dropUnusedSlots(fn: IrFunction): boolean {
  const slots = fn.stackSlots.length;
  if (slots === 0) return false;
  if (slotNumber.length < slots) slotNumber = new Int32Array(slots * 2);
  slotNumber.fill(NONE, 0, slots);
  forEachStackAddr(fn, (inst) => {
    slotNumber[fn.immLo[inst]!] = 0;
  });
  let kept = 0;
  for (let slot = 0; slot < slots; slot++) {
    if (slotNumber[slot] === NONE) continue;
    slotNumber[slot] = kept;
    fn.stackSlots[kept++] = fn.stackSlots[slot]!;
  }
  if (kept === slots) return false;
  fn.stackSlots.length = kept;
  forEachStackAddr(fn, (inst) => {
    fn.immLo[inst] = slotNumber[fn.immLo[inst]!]!;
  });
  return true;
}

function forEachStackAddr(fn: IrFunction, visit: (inst: number) => void): void {
  for (let i = 0; i < fn.layout.length; i++) {
    for (let inst = fn.firstInst[fn.layout[i]!]!; inst !== NONE; inst = fn.next[inst]!) {
      if (fn.opcode[inst] === Op.stackAddr) visit(inst);
    }
  }
}

function mark(value: number): void {
  if (marked[value] !== 0) return;
  marked[value] = 1;
  worklist[depth++] = value;
}

function markArgs(fn: IrFunction, inst: number): void {
  const start = fn.argStart[inst]!;
  for (let i = fn.argCount[inst]! - 1; i >= 0; i--) mark(fn.argPool[start + i]!);
}

function markRoots(fn: IrFunction, cx: PassCx): void {
  const { removable } = cx.policy;
  for (let i = 0; i < fn.layout.length; i++) {
    for (let inst = fn.firstInst[fn.layout[i]!]!; inst !== NONE; inst = fn.next[inst]!) {
      if (removable[fn.opcode[inst]!] === 0) markArgs(fn, inst);
    }
  }
}

function spread(fn: IrFunction, cx: PassCx, value: number): void {
  const def = fn.valueDef[value]!;
  if (def >= 0) {
    if (cx.policy.removable[fn.opcode[def]!] !== 0) markArgs(fn, def);
    return;
  }
  const block = ~def;
  const index = fn.valueIndex[value]!;
  const { predStart, predBlock, predSucc } = cx.cfg;
  for (let p = predStart[block]!; p < predStart[block + 1]!; p++) {
    mark(fn.succArg(fn.lastInst[predBlock[p]!]! as Inst, predSucc[p]!, index));
  }
}

function sweep(fn: IrFunction, cx: PassCx): boolean {
  let changed = false;
  const { removable } = cx.policy;
  for (let i = 0; i < fn.layout.length; i++) {
    const block = fn.layout[i]!;
    if (i > 0 && sweepParams(fn, cx, block)) changed = true;
    for (let inst = fn.firstInst[block]!; inst !== NONE; ) {
      const following = fn.next[inst]!;
      if (removable[fn.opcode[inst]!] !== 0 && !isMarked(fn, inst)) {
        fn.removeInst(inst as Inst);
        changed = true;
      }
      inst = following;
    }
  }
  return changed;
}

function isMarked(fn: IrFunction, inst: number): boolean {
  const start = fn.resultStart[inst]!;
  for (let i = fn.resultCount[inst]! - 1; i >= 0; i--) if (marked[start + i] !== 0) return true;
  return false;
}

function sweepParams(fn: IrFunction, cx: PassCx, block: Block): boolean {
  const params = fn.blockParams[block]!;
  let changed = false;
  const { predStart, predBlock, predSucc } = cx.cfg;
  for (let index = params.length - 1; index >= 0; index--) {
    if (marked[params[index]!] !== 0) continue;
    fn.removeBlockParam(block, index);
    for (let p = predStart[block]!; p < predStart[block + 1]!; p++) {
      fn.removeSuccArg(fn.lastInst[predBlock[p]!]! as Inst, predSucc[p]!, index);
    }
    changed = true;
  }
  return changed;
}
