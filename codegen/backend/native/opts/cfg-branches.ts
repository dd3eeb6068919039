/**
 * Terminators that can be simpler, one block at a time: known conditions, equal successors, small switches, impossible successors.
 */

import { NONE } from "../../../entity/entity.ts";
import type { Block, Inst, IrFunction, Value } from "../ir/function.ts";
import { IntCC, Op, Type } from "../ir/opcodes.ts";
import type { PassCx } from "./context.ts";
import { insertBits, insertOp, replaceByJump } from "./edit.ts";

/** Simplifies the terminator of `block`, repeatedly; true when it changed. */
export function simplifyTerminator(fn: IrFunction, cx: PassCx, block: Block): boolean {
  let changed = false;
  while (simplifyOnce(fn, cx, block)) changed = true;
  return changed;
}

function simplifyOnce(fn: IrFunction, cx: PassCx, block: Block): boolean {
  const inst = fn.lastInst[block]! as Inst;
  const opcode = fn.opcode[inst]!;
  if (opcode === Op.brif) return simplifyBrif(fn, cx, block, inst);
  if (opcode === Op.switch) return simplifySwitch(fn, cx, block, inst);
  return false;
}

/** The instruction that defines `value`, when it has opcode `opcode`; else `NONE`. */
export function definedBy(fn: IrFunction, value: Value, opcode: number): Inst | -1 {
  const def = fn.valueDef[value]!;
  return def >= 0 && fn.opcode[def] === opcode ? (def as Inst) : NONE;
}

function sameSuccessor(fn: IrFunction, inst: Inst, a: number, b: number): boolean {
  if (fn.succBlock(inst, a) !== fn.succBlock(inst, b)) return false;
  for (let i = fn.succArgCount(inst, a) - 1; i >= 0; i--) {
    if (fn.resolve(fn.succArg(inst, a, i)) !== fn.resolve(fn.succArg(inst, b, i))) return false;
  }
  return true;
}

/** Whether `block` does nothing but say that control never comes to it. */
function isImpossible(fn: IrFunction, cx: PassCx, block: Block): boolean {
  return cx.policy.trustUnreachable && fn.opcode[fn.firstInst[block]!] === Op.unreachable;
}

function jumpTo(fn: IrFunction, block: Block, inst: Inst, succ: number): true {
  replaceByJump(fn, block, fn.succBlock(inst, succ), fn.succArgs(inst, succ));
  return true;
}

function simplifyBrif(fn: IrFunction, cx: PassCx, block: Block, inst: Inst): boolean {
  const cond = fn.resolve(fn.arg(inst, 0));
  const constant = definedBy(fn, cond, Op.iconst);
  if (constant !== NONE) return jumpTo(fn, block, inst, fn.immLo[constant] !== 0 ? 0 : 1);
  if (sameSuccessor(fn, inst, 0, 1)) return jumpTo(fn, block, inst, 0);
  if (isImpossible(fn, cx, fn.succBlock(inst, 0))) return jumpTo(fn, block, inst, 1);
  if (isImpossible(fn, cx, fn.succBlock(inst, 1))) return jumpTo(fn, block, inst, 0);
  const inverted = invertedCondition(fn, cond);
  if (inverted !== NONE) {
    const branch = fn.newInst(Op.brif, fn.type[inst]!, [inverted], []);
    fn.addSucc(branch, fn.succBlock(inst, 1), fn.succArgs(inst, 1));
    fn.addSucc(branch, fn.succBlock(inst, 0), fn.succArgs(inst, 0));
    fn.removeInst(inst);
    fn.appendInst(branch, block);
    return true;
  }
  const direct = directCondition(fn, cond);
  if (direct !== NONE) {
    fn.setArg(inst, 0, direct);
    return true;
  }
  return false;
}

/** `x` where `cond` is `x == 0`, of an `i8`; else `NONE`. */
function invertedCondition(fn: IrFunction, cond: Value): Value | -1 {
  return comparedWithZero(fn, cond, IntCC.eq);
}

/** `x` where `cond` is `x != 0`, of an `i8`; else `NONE`. */
function directCondition(fn: IrFunction, cond: Value): Value | -1 {
  return comparedWithZero(fn, cond, IntCC.ne);
}

function comparedWithZero(fn: IrFunction, cond: Value, cc: number): Value | -1 {
  const compare = definedBy(fn, cond, Op.icmp);
  if (compare === NONE || fn.aux[compare] !== cc || fn.type[compare] !== Type.I8) return NONE;
  const zero = definedBy(fn, fn.resolve(fn.arg(compare, 1)), Op.iconst);
  return zero !== NONE && fn.immLo[zero] === 0 ? fn.resolve(fn.arg(compare, 0)) : NONE;
}

function simplifySwitch(fn: IrFunction, cx: PassCx, block: Block, inst: Inst): boolean {
  const cases = fn.switchCases[fn.immLo[inst]!]!;
  const value = fn.resolve(fn.arg(inst, 0));
  const constant = definedBy(fn, value, Op.iconst);
  if (constant !== NONE) return jumpTo(fn, block, inst, cases.indexOf(fn.constBits(constant)) + 1);
  const needed = neededCases(fn, cx, inst, cases.length);
  if (needed.length === 0) return jumpTo(fn, block, inst, 0);
  const impossibleDefault = isImpossible(fn, cx, fn.succBlock(inst, 0));
  if (impossibleDefault && needed.length === 1) return jumpTo(fn, block, inst, needed[0]!);
  if (needed.length === 1) return switchToBrif(fn, block, inst, value, cases[needed[0]! - 1]!, needed[0]!, 0);
  if (impossibleDefault && needed.length === 2)
    return switchToBrif(fn, block, inst, value, cases[needed[0]! - 1]!, needed[0]!, needed[1]!);
  if (needed.length === cases.length) return false;
  const smaller = fn.newInst(
    Op.switch,
    fn.type[inst]!,
    [value],
    [],
    fn.switchCases.push(needed.map((s) => cases[s - 1]!)) - 1,
  );
  fn.addSucc(smaller, fn.succBlock(inst, 0), fn.succArgs(inst, 0));
  for (const s of needed) fn.addSucc(smaller, fn.succBlock(inst, s), fn.succArgs(inst, s));
  fn.removeInst(inst);
  fn.appendInst(smaller, block);
  return true;
}

/** The successors of a switch that differ from the default and can be reached. */
function neededCases(fn: IrFunction, cx: PassCx, inst: Inst, count: number): number[] {
  const needed: number[] = [];
  for (let s = 1; s <= count; s++) {
    if (!sameSuccessor(fn, inst, s, 0) && !isImpossible(fn, cx, fn.succBlock(inst, s))) needed.push(s);
  }
  return needed;
}

function switchToBrif(
  fn: IrFunction,
  block: Block,
  inst: Inst,
  value: Value,
  bits: bigint,
  then: number,
  otherwise: number,
): true {
  const type = fn.valueType[value]! as Type;
  const equal = insertOp(fn, inst, Op.icmp, type, value, insertBits(fn, inst, type, bits), NONE, IntCC.eq);
  const branch = fn.newInst(Op.brif, 0, [equal], []);
  fn.addSucc(branch, fn.succBlock(inst, then), fn.succArgs(inst, then));
  fn.addSucc(branch, fn.succBlock(inst, otherwise), fn.succArgs(inst, otherwise));
  fn.removeInst(inst);
  fn.appendInst(branch, block);
  return true;
}
