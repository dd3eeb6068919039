/**
 * Rules on bitwise operations, shifts and rotations.
 */

import { NONE } from "../../../../entity/entity.ts";
import type { Inst, IrFunction } from "../../ir/function.ts";
import { Op, type Type } from "../../ir/opcodes.ts";
import { insertBits, insertInt, replaceInst } from "../edit.ts";
import { rewrite } from "./arith.ts";
import { argOf, BITS, constOf, defOf, isInt, leadingZeros, type Rule, shiftAmount } from "./rule.ts";

const typeOf = (fn: IrFunction, inst: Inst): Type => fn.type[inst]! as Type;

function keepLeft(fn: IrFunction, inst: Inst): true {
  replaceInst(fn, inst, argOf(fn, inst, 0));
  return true;
}

/** Two shifts of one kind by constants: one shift by the sum, or what remains when the sum reaches the width. */
function combineShifts(fn: IrFunction, inst: Inst): boolean {
  const opcode = fn.opcode[inst]!;
  const inner = defOf(fn, argOf(fn, inst, 0), opcode);
  if (inner === NONE) return false;
  const a = shiftAmount(fn, argOf(fn, inner, 1));
  const b = shiftAmount(fn, argOf(fn, inst, 1));
  if (a < 0 || b < 0) return false;
  const type = typeOf(fn, inst);
  const width = BITS[type]!;
  if (a + b >= width && opcode !== Op.sshr) {
    replaceInst(fn, inst, insertInt(fn, inst, type, 0));
    return true;
  }
  return rewrite(fn, inst, opcode, argOf(fn, inner, 0), insertInt(fn, inst, type, Math.min(a + b, width - 1)));
}

export const BIT_RULES: readonly Rule[] = [
  {
    name: "or-zero",
    ops: [Op.bor, Op.bxor, Op.ishl, Op.ushr, Op.sshr, Op.rotl, Op.rotr],
    apply: (fn, inst) => isInt(fn, argOf(fn, inst, 1), 0) && keepLeft(fn, inst),
  },
  {
    name: "and-self",
    ops: [Op.band, Op.bor],
    apply: (fn, inst) => argOf(fn, inst, 0) === argOf(fn, inst, 1) && keepLeft(fn, inst),
  },
  {
    name: "and-all-ones",
    ops: [Op.band],
    apply: (fn, inst) => isInt(fn, argOf(fn, inst, 1), -1) && keepLeft(fn, inst),
  },
  {
    name: "or-all-ones",
    ops: [Op.bor],
    apply: (fn, inst) => {
      if (!isInt(fn, argOf(fn, inst, 1), -1)) return false;
      replaceInst(fn, inst, argOf(fn, inst, 1));
      return true;
    },
  },
  {
    name: "xor-all-ones",
    ops: [Op.bxor],
    apply: (fn, inst) => isInt(fn, argOf(fn, inst, 1), -1) && rewrite(fn, inst, Op.bnot, argOf(fn, inst, 0)),
  },
  {
    name: "and-covering-mask",
    ops: [Op.band],
    apply: (fn, inst) => {
      const mask = constOf(fn, argOf(fn, inst, 1));
      if (mask === undefined || (mask & (mask + 1n)) !== 0n) return false;
      const maskBits = mask === 0n ? 0 : mask.toString(2).length;
      if (leadingZeros(fn, argOf(fn, inst, 0)) < BITS[fn.type[inst]!]! - maskBits) return false;
      return keepLeft(fn, inst);
    },
  },
  {
    name: "shift-of-zero",
    ops: [Op.ishl, Op.ushr, Op.sshr],
    apply: (fn, inst) => isInt(fn, argOf(fn, inst, 0), 0) && keepLeft(fn, inst),
  },
  { name: "shift-of-shift", ops: [Op.ishl, Op.ushr, Op.sshr], apply: combineShifts },
  {
    name: "shift-left-then-right",
    ops: [Op.ushr],
    apply: (fn, inst) => {
      const inner = defOf(fn, argOf(fn, inst, 0), Op.ishl);
      if (inner === NONE) return false;
      const amount = shiftAmount(fn, argOf(fn, inst, 1));
      if (amount < 0 || shiftAmount(fn, argOf(fn, inner, 1)) !== amount) return false;
      const type = typeOf(fn, inst);
      const mask = (1n << BigInt(BITS[type]! - amount)) - 1n;
      return rewrite(fn, inst, Op.band, argOf(fn, inner, 0), insertBits(fn, inst, type, mask));
    },
  },
  {
    name: "shift-right-then-left",
    ops: [Op.ishl],
    apply: (fn, inst) => {
      const inner = defOf(fn, argOf(fn, inst, 0), Op.ushr);
      if (inner === NONE) return false;
      const amount = shiftAmount(fn, argOf(fn, inst, 1));
      if (amount < 0 || shiftAmount(fn, argOf(fn, inner, 1)) !== amount) return false;
      const type = typeOf(fn, inst);
      const width = BigInt(BITS[type]!);
      const mask = ((1n << width) - 1n) ^ ((1n << BigInt(amount)) - 1n);
      return rewrite(fn, inst, Op.band, argOf(fn, inner, 0), insertBits(fn, inst, type, mask));
    },
  },
  {
    name: "arithmetic-shift-of-nonnegative",
    ops: [Op.sshr],
    apply: (fn, inst) =>
      leadingZeros(fn, argOf(fn, inst, 0)) > 0 && rewrite(fn, inst, Op.ushr, argOf(fn, inst, 0), argOf(fn, inst, 1)),
  },
];
