/**
 * Small edits of a function that several passes share: constants, replacing instructions, terminators, unreachable blocks.
 */

import { NONE } from "../../../entity/entity.ts";
import type { ControlFlowGraph } from "../ir/cfg.ts";
import type { Block, Inst, IrFunction, Value } from "../ir/function.ts";
import { Op, TYPE_BYTES, Type } from "../ir/opcodes.ts";

/** A constant of up to 64 bits, in canonical form (see the verifier), placed before `before`. Floats are given by their bits. */
export function insertConst(fn: IrFunction, before: Inst, type: Type, lo: number, hi: number): Value {
  const opcode = type >= Type.F32 ? Op.fconst : Op.iconst;
  const inst = fn.newSimple(opcode, type, type, NONE, NONE, NONE, lo, hi);
  fn.insertBefore(inst, before);
  return fn.result(inst);
}

/** An integer constant of any width from a small number, sign-extended to the type and wrapped. */
export function insertInt(fn: IrFunction, before: Inst, type: Type, value: number): Value {
  if (type === Type.I128) return insertWide(fn, before, BigInt.asUintN(128, BigInt(value)));
  if (type === Type.I64) return insertConst(fn, before, type, value | 0, Math.floor(value / 0x1_0000_0000) | 0);
  const bytes = TYPE_BYTES[type]!;
  return insertConst(fn, before, type, bytes === 4 ? value | 0 : value & (bytes === 1 ? 0xff : 0xffff), 0);
}

/** A constant given by unsigned bits that fit the type. */
export function insertBits(fn: IrFunction, before: Inst, type: Type, bits: bigint): Value {
  const inst = fn.newConst(type, bits);
  fn.insertBefore(inst, before);
  return fn.result(inst);
}

function insertWide(fn: IrFunction, before: Inst, bits: bigint): Value {
  const inst = fn.newConst(Type.I128, bits);
  fn.insertBefore(inst, before);
  return fn.result(inst);
}

/** A new instruction with one result of the instruction's type, before `before`. */
export function insertOp(
  fn: IrFunction,
  before: Inst,
  opcode: number,
  type: Type,
  a: Value,
  b: Value | -1 = NONE,
  c: Value | -1 = NONE,
  aux = 0,
): Value {
  const resultType = opcode === Op.icmp || opcode === Op.fcmp ? Type.I8 : type;
  const inst = fn.newSimple(opcode, type, resultType, a, b, c, 0, 0, aux);
  fn.insertBefore(inst, before);
  return fn.result(inst);
}

/** Replaces the only result of `inst` by `value` and takes `inst` away. */
export function replaceInst(fn: IrFunction, inst: Inst, value: Value): void {
  fn.replaceValue(fn.result(inst), value);
  fn.removeInst(inst);
}

/** Replaces the terminator of `block` by a jump. */
export function replaceByJump(fn: IrFunction, block: Block, target: Block, args: readonly Value[]): void {
  const old = fn.terminator(block);
  fn.removeInst(old);
  const jump = fn.newInst(Op.jump, 0, [], []);
  fn.addSucc(jump, target, args);
  fn.appendInst(jump, block);
}

/** Takes all blocks out of the layout that `cfg` does not reach; true when there were any. Their instructions keep no block. */
export function removeUnreachable(fn: IrFunction, cfg: ControlFlowGraph): boolean {
  if (cfg.reachable === fn.layout.length) return false;
  let kept = 0;
  for (let i = 0; i < fn.layout.length; i++) {
    const block = fn.layout[i]!;
    if (cfg.rpoIndex[block] !== NONE) fn.layout[kept++] = block;
    else detachBlock(fn, block);
  }
  fn.layout.length = kept;
  return true;
}

/** Takes all instructions out of `block`. */
export function detachBlock(fn: IrFunction, block: Block): void {
  for (let inst = fn.firstInst[block]!; inst !== NONE; ) {
    const following = fn.next[inst]!;
    fn.instBlock[inst] = NONE;
    fn.next[inst] = NONE;
    fn.prev[inst] = NONE;
    inst = following;
  }
  fn.firstInst[block] = NONE;
  fn.lastInst[block] = NONE;
}

/** Where instructions that must come first in `block` go: before its first instruction. */
export function blockStart(fn: IrFunction, block: Block): Inst {
  return fn.firstInst[block]! as Inst;
}
