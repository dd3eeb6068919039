/**
 * Branches that become `select`: a condition that chooses between two ways to one block, with at most a few harmless instructions on
 * each way, computes both and chooses the block's arguments.
 */

import { NONE } from "../../../entity/entity.ts";
import type { Block, Inst, IrFunction, Value } from "../ir/function.ts";
import { Op, type Type } from "../ir/opcodes.ts";
import { insertOp, replaceByJump } from "./edit.ts";
import type { RoundCx } from "./simplify-cfg.ts";

/** Turns the branch at the end of `block` into `select`; true when it did. */
export function branchToSelect(fn: IrFunction, cx: RoundCx, block: Block): boolean {
  const branch = fn.lastInst[block]! as Inst;
  if (fn.opcode[branch] !== Op.brif) return false;
  const limit = cx.policy.speculationLimit[cx.optLevel];
  const then = wayOf(fn, cx, block, branch, 0, limit);
  const otherwise = wayOf(fn, cx, block, branch, 1, limit);
  const join = joinOf(fn, branch, then, otherwise);
  if (join === NONE) return false;
  const left = argsOver(fn, branch, 0, then, join);
  const right = argsOver(fn, branch, 1, otherwise, join);
  let selects = 0;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) selects++;
  if (selects > cx.policy.selectLimit[cx.optLevel]) return false;
  return convert(fn, cx, block, branch, then, otherwise, join, left, right);
}

/** The block on way `succ` when it only leads on and may be run in vain; else `NONE`. */
function wayOf(fn: IrFunction, cx: RoundCx, block: Block, branch: Inst, succ: number, limit: number): Block | -1 {
  const way = fn.succBlock(branch, succ);
  if (way === block || cx.stale[way] !== 0 || cx.cfg.predCount(way) !== 1) return NONE;
  if (fn.opcode[fn.lastInst[way]!] !== Op.jump) return NONE;
  let cost = 0;
  for (let inst = fn.firstInst[way]!; fn.next[inst] !== NONE; inst = fn.next[inst]!) {
    if (!cx.policy.maySpeculate(fn, inst as Inst)) return NONE;
    if (fn.opcode[inst] !== Op.iconst && fn.opcode[inst] !== Op.fconst && ++cost > limit) return NONE;
  }
  return way;
}

function targetOf(fn: IrFunction, way: Block): Block {
  return fn.succBlock(fn.lastInst[way]! as Inst, 0);
}

/** Where both ways meet; `NONE` when they do not. */
function joinOf(fn: IrFunction, branch: Inst, then: Block | -1, otherwise: Block | -1): Block | -1 {
  const direct0 = fn.succBlock(branch, 0);
  const direct1 = fn.succBlock(branch, 1);
  if (direct0 === direct1) return direct0;
  if (then !== NONE && otherwise !== NONE && targetOf(fn, then) === targetOf(fn, otherwise)) return targetOf(fn, then);
  if (then !== NONE && targetOf(fn, then) === direct1) return direct1;
  if (otherwise !== NONE && targetOf(fn, otherwise) === direct0) return direct0;
  return NONE;
}

/** The arguments that `join` gets over way `succ`. */
function argsOver(fn: IrFunction, branch: Inst, succ: number, way: Block | -1, join: Block): Value[] {
  if (fn.succBlock(branch, succ) === join) return fn.succArgs(branch, succ).map((v) => fn.resolve(v));
  const params = fn.blockParams[way as Block]!;
  return fn.succArgs(fn.lastInst[way]! as Inst, 0).map((v) => {
    const value = fn.resolve(v);
    const index = params.indexOf(value);
    return index < 0 ? value : fn.resolve(fn.succArg(branch, succ, index));
  });
}

function convert(
  fn: IrFunction,
  cx: RoundCx,
  block: Block,
  branch: Inst,
  then: Block | -1,
  otherwise: Block | -1,
  join: Block,
  left: readonly Value[],
  right: readonly Value[],
): true {
  if (fn.succBlock(branch, 0) !== join) moveUp(fn, cx, branch, 0, then as Block);
  if (fn.succBlock(branch, 1) !== join) moveUp(fn, cx, branch, 1, otherwise as Block);
  const cond = fn.resolve(fn.arg(branch, 0));
  const args = left.map((value, i) =>
    value === right[i] ? value : insertOp(fn, branch, Op.select, fn.valueType[value]! as Type, cond, value, right[i]!),
  );
  replaceByJump(fn, block, join, args);
  cx.stale[join] = 1;
  return true;
}

/** Moves the instructions of `way` before the branch that leads to it, and empties it. */
function moveUp(fn: IrFunction, cx: RoundCx, branch: Inst, succ: number, way: Block): void {
  const params = fn.blockParams[way]!;
  for (let i = 0; i < params.length; i++) fn.replaceValue(params[i]!, fn.resolve(fn.succArg(branch, succ, i)));
  params.length = 0;
  for (let inst = fn.firstInst[way]!; inst !== NONE; ) {
    const following = fn.next[inst]!;
    fn.removeInst(inst as Inst);
    if (following !== NONE) fn.insertBefore(inst as Inst, branch);
    inst = following;
  }
  cx.stale[way] = 1;
}
