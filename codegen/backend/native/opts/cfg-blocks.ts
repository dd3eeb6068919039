/**
 * Blocks that can go: merged into their only predecessor, bypassed because they only jump on, or skipped by a predecessor that knows where
 * their branch leads (jump threading). Also block parameters that always get the same argument.
 */

import { NONE } from "../../../entity/entity.ts";
import type { Block, Inst, IrFunction, Value } from "../ir/function.ts";
import { Op } from "../ir/opcodes.ts";
import { definedBy } from "./cfg-branches.ts";
import { foldIntCompare } from "./fold.ts";
import type { RoundCx } from "./simplify-cfg.ts";

/**
 * Merges the only successor of `block` into it when `block` is that one's only predecessor; true when it did. (The successor's
 * instructions move; the successor is left empty.)
 */
export function mergeIntoPredecessor(fn: IrFunction, cx: RoundCx, block: Block): boolean {
  const jump = fn.lastInst[block]! as Inst;
  if (fn.opcode[jump] !== Op.jump) return false;
  const succ = fn.succBlock(jump, 0);
  if (succ === block || succ === fn.entry || cx.stale[succ] !== 0 || cx.cfg.predCount(succ) !== 1) return false;
  const params = fn.blockParams[succ]!;
  for (let i = 0; i < params.length; i++) {
    const arg = fn.resolve(fn.succArg(jump, 0, i));
    cx.usedElsewhere[arg]! |= cx.usedElsewhere[params[i]!]!;
    fn.replaceValue(params[i]!, arg);
  }
  params.length = 0;
  fn.removeInst(jump);
  for (let inst = fn.firstInst[succ]!; inst !== NONE; ) {
    const following = fn.next[inst]!;
    fn.appendInst(inst as Inst, block);
    inst = following;
  }
  fn.firstInst[succ] = NONE;
  fn.lastInst[succ] = NONE;
  renamePredecessor(fn, cx, block, succ);
  return true;
}

/** The successors of `block` were those of `old`: says so in the graph. */
function renamePredecessor(fn: IrFunction, cx: RoundCx, block: Block, old: Block): void {
  const last = fn.lastInst[block]! as Inst;
  const { predStart, predBlock } = cx.cfg;
  for (let s = 0; s < fn.succCount[last]!; s++) {
    const succ = fn.succBlock(last, s);
    for (let p = predStart[succ]!; p < predStart[succ + 1]!; p++) if (predBlock[p] === old) predBlock[p] = block;
  }
}

/** Whether every value that `block` defines is used in it alone. */
function isSelfContained(fn: IrFunction, cx: RoundCx, block: Block): boolean {
  const params = fn.blockParams[block]!;
  for (let i = 0; i < params.length; i++) if (cx.usedElsewhere[params[i]!] !== 0) return false;
  for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
    const start = fn.resultStart[inst]!;
    for (let i = fn.resultCount[inst]! - 1; i >= 0; i--) if (cx.usedElsewhere[start + i] !== 0) return false;
  }
  return true;
}

/** The arguments that `inst` passes to successor `succ` when control comes over an edge that gives its block `given`. */
function substituted(fn: IrFunction, block: Block, inst: Inst, succ: number, from: Inst, edge: number): Value[] {
  const args = fn.succArgs(inst, succ);
  for (let i = 0; i < args.length; i++) {
    const value = fn.resolve(args[i]!);
    args[i] = fn.valueDef[value] === ~block ? fn.resolve(fn.succArg(from, edge, fn.valueIndex[value]!)) : value;
  }
  return args;
}

function redirect(fn: IrFunction, cx: RoundCx, from: Inst, edge: number, to: Block, args: readonly Value[]): void {
  fn.setSuccBlock(from, edge, to);
  fn.replaceSuccArgs(from, edge, args);
  for (let i = 0; i < args.length; i++) cx.usedElsewhere[args[i]!] = 1;
  cx.stale[to] = 1;
}

/** Sends the predecessors of a block that only jumps on straight to where it jumps; true when it did. */
export function bypassEmptyBlock(fn: IrFunction, cx: RoundCx, block: Block): boolean {
  const jump = fn.firstInst[block]! as Inst;
  if (fn.opcode[jump] !== Op.jump || block === fn.entry || cx.stale[block] !== 0) return false;
  const target = fn.succBlock(jump, 0);
  if (target === block || !isSelfContained(fn, cx, block)) return false;
  const { predStart, predBlock, predSucc } = cx.cfg;
  for (let p = predStart[block]!; p < predStart[block + 1]!; p++) {
    const from = fn.lastInst[predBlock[p]!]! as Inst;
    redirect(fn, cx, from, predSucc[p]!, target, substituted(fn, block, jump, 0, from, predSucc[p]!));
  }
  cx.stale[block] = 1;
  cx.stale[target] = 1;
  return true;
}

/**
 * Jump threading: where a predecessor passes a constant that decides the branch of `block`, and `block` does nothing else, the
 * predecessor goes straight to the outcome. True when any predecessor does.
 */
export function threadJumps(fn: IrFunction, cx: RoundCx, block: Block): boolean {
  const params = fn.blockParams[block]!;
  if (params.length === 0 || block === fn.entry || cx.stale[block] !== 0) return false;
  const last = fn.lastInst[block]! as Inst;
  if (fn.opcode[last] !== Op.brif && fn.opcode[last] !== Op.switch) return false;
  const subject = decidingParam(fn, block, last);
  if (subject === NONE || !isSelfContained(fn, cx, block)) return false;
  const { predStart, predBlock, predSucc } = cx.cfg;
  let changed = false;
  for (let p = predStart[block]!; p < predStart[block + 1]!; p++) {
    const from = fn.lastInst[predBlock[p]!]! as Inst;
    if (predBlock[p] === block) continue;
    const outcome = outcomeFor(fn, last, subject, fn.resolve(fn.succArg(from, predSucc[p]!, subject)));
    if (outcome === NONE || fn.succBlock(last, outcome) === block || passesLocal(fn, block, last, outcome)) continue;
    redirect(
      fn,
      cx,
      from,
      predSucc[p]!,
      fn.succBlock(last, outcome),
      substituted(fn, block, last, outcome, from, predSucc[p]!),
    );
    changed = true;
  }
  if (changed) cx.stale[block] = 1;
  return changed;
}

/** Whether the block call passes a value that an instruction of `block` computes. */
function passesLocal(fn: IrFunction, block: Block, last: Inst, succ: number): boolean {
  for (let i = fn.succArgCount(last, succ) - 1; i >= 0; i--) {
    const def = fn.valueDef[fn.resolve(fn.succArg(last, succ, i))]!;
    if (def >= 0 && fn.instBlock[def] === block) return true;
  }
  return false;
}

/** The parameter that alone decides the branch `last` of `block`, directly or compared with a constant; else `NONE`. */
function decidingParam(fn: IrFunction, block: Block, last: Inst): number {
  const cond = fn.resolve(fn.arg(last, 0));
  const first = fn.firstInst[block]! as Inst;
  if (fn.valueDef[cond] === ~block)
    return first === last || onlyConstants(fn, first, last) ? fn.valueIndex[cond]! : NONE;
  const compare = definedBy(fn, cond, Op.icmp);
  if (compare === NONE || fn.instBlock[compare] !== block || fn.opcode[last] !== Op.brif) return NONE;
  if (!onlyConstants(fn, first, compare) || fn.next[compare] !== last) return NONE;
  const left = fn.resolve(fn.arg(compare, 0));
  if (definedBy(fn, fn.resolve(fn.arg(compare, 1)), Op.iconst) === NONE) return NONE;
  return fn.valueDef[left] === ~block ? fn.valueIndex[left]! : NONE;
}

function onlyConstants(fn: IrFunction, from: Inst, to: Inst): boolean {
  for (let inst: number = from; inst !== to; inst = fn.next[inst]!) {
    if (inst === NONE || (fn.opcode[inst] !== Op.iconst && fn.opcode[inst] !== Op.fconst)) return false;
  }
  return true;
}

/** Which successor the branch `last` takes when the deciding parameter is `value`; `NONE` when that is not known. */
function outcomeFor(fn: IrFunction, last: Inst, subject: number, value: Value): number {
  const constant = definedBy(fn, value, Op.iconst);
  if (constant === NONE) return NONE;
  if (fn.opcode[last] === Op.switch) return fn.switchCases[fn.immLo[last]!]!.indexOf(fn.constBits(constant)) + 1;
  const cond = fn.resolve(fn.arg(last, 0));
  const def = fn.valueDef[cond]!;
  if (def < 0) return fn.valueIndex[cond] === subject ? (fn.immLo[constant] !== 0 ? 0 : 1) : NONE;
  const other = definedBy(fn, fn.resolve(fn.arg(def as Inst, 1)), Op.iconst) as Inst;
  const holds = foldIntCompare(fn.aux[def]!, fn.type[def]!, fn.constBits(constant), fn.constBits(other));
  return holds ? 0 : 1;
}

/** Replaces parameters that get one and the same value from every predecessor (or themselves); true when there were any. */
export function removeUniformParams(fn: IrFunction, cx: RoundCx, block: Block): boolean {
  const params = fn.blockParams[block]!;
  if (params.length === 0 || block === fn.entry || cx.stale[block] !== 0) return false;
  const { predStart, predBlock, predSucc } = cx.cfg;
  let changed = false;
  for (let index = params.length - 1; index >= 0; index--) {
    const same = uniformArgument(fn, cx, block, index);
    if (same === NONE) continue;
    const param = params[index]!;
    for (let p = predStart[block]!; p < predStart[block + 1]!; p++)
      fn.removeSuccArg(fn.lastInst[predBlock[p]!]! as Inst, predSucc[p]!, index);
    fn.removeBlockParam(block, index);
    fn.replaceValue(param, same);
    cx.usedElsewhere[same] = 1;
    changed = true;
  }
  return changed;
}

function uniformArgument(fn: IrFunction, cx: RoundCx, block: Block, index: number): Value | -1 {
  const { predStart, predBlock, predSucc } = cx.cfg;
  const param = fn.blockParams[block]![index]!;
  let same: Value | -1 = NONE;
  for (let p = predStart[block]!; p < predStart[block + 1]!; p++) {
    const value = fn.resolve(fn.succArg(fn.lastInst[predBlock[p]!]! as Inst, predSucc[p]!, index));
    if (value === param || value === same) continue;
    if (same !== NONE) return NONE;
    same = value;
  }
  return same;
}
