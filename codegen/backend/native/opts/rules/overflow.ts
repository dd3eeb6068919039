/**
 * Rules on the operations that report overflow: known flags, unused flags.
 */

import type { Inst, IrFunction, Value } from "../../ir/function.ts";
import { Op, Type } from "../../ir/opcodes.ts";
import { insertInt, insertOp } from "../edit.ts";
import { argOf, BITS, isInt, leadingZeros, type Rule } from "./rule.ts";

/** The operation without the flag. */
const PLAIN: Readonly<Record<number, number>> = {
  [Op.saddOverflow]: Op.iadd,
  [Op.uaddOverflow]: Op.iadd,
  [Op.ssubOverflow]: Op.isub,
  [Op.usubOverflow]: Op.isub,
  [Op.smulOverflow]: Op.imul,
  [Op.umulOverflow]: Op.imul,
};

const ALL: readonly number[] = Object.keys(PLAIN).map(Number);

/** Replaces both results: the value by the plain operation's, the flag by 0. */
function cannotOverflow(fn: IrFunction, inst: Inst): true {
  const plain = plainValue(fn, inst);
  fn.replaceValue(fn.result(inst, 0), plain);
  fn.replaceValue(fn.result(inst, 1), insertInt(fn, inst, Type.I8, 0));
  fn.removeInst(inst);
  return true;
}

function plainValue(fn: IrFunction, inst: Inst): Value {
  const opcode = PLAIN[fn.opcode[inst]!]!;
  return insertOp(fn, inst, opcode, fn.type[inst]! as Type, argOf(fn, inst, 0), argOf(fn, inst, 1));
}

export const OVERFLOW_RULES: readonly Rule[] = [
  {
    name: "overflow-flag-unused",
    ops: ALL,
    apply: (fn, inst, cx) => cx.isUnused(fn.result(inst, 1)) && cannotOverflow(fn, inst),
  },
  {
    name: "overflow-of-identity",
    ops: ALL,
    apply: (fn, inst) => {
      const opcode = fn.opcode[inst]!;
      const product = opcode === Op.smulOverflow || opcode === Op.umulOverflow;
      const b = argOf(fn, inst, 1);
      // In one bit's width 1 would be -1; the narrowest type has eight.
      if (!isInt(fn, b, 0) && !(product && isInt(fn, b, 1))) return false;
      return cannotOverflow(fn, inst);
    },
  },
  {
    name: "overflow-of-self",
    ops: [Op.ssubOverflow, Op.usubOverflow],
    apply: (fn, inst) => argOf(fn, inst, 0) === argOf(fn, inst, 1) && cannotOverflow(fn, inst),
  },
  {
    name: "overflow-impossible",
    ops: ALL,
    apply: (fn, inst) => {
      const a = leadingZeros(fn, argOf(fn, inst, 0));
      if (a === 0) return false;
      const b = leadingZeros(fn, argOf(fn, inst, 1));
      return b > 0 && fits(fn.opcode[inst]!, a, b, BITS[fn.type[inst]!]!) && cannotOverflow(fn, inst);
    },
  },
];

/** Whether the operation cannot overflow on numbers with `a` and `b` leading zeros, at least one each. */
function fits(opcode: number, a: number, b: number, width: number): boolean {
  switch (opcode) {
    case Op.uaddOverflow:
      return true;
    case Op.saddOverflow:
      return a >= 2 && b >= 2;
    case Op.ssubOverflow:
      return true;
    case Op.umulOverflow:
      return a + b >= width;
    case Op.smulOverflow:
      return a + b >= width + 1;
    default:
      return false;
  }
}
