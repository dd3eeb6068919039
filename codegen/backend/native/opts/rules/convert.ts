/**
 * Rules on conversions: chains of extensions and reductions, casts of casts, halves of 128-bit integers.
 */

import { NONE } from "../../../../entity/entity.ts";
import type { Inst, IrFunction, Value } from "../../ir/function.ts";
import { Op, Type } from "../../ir/opcodes.ts";
import { insertBits, insertOp, replaceInst } from "../edit.ts";
import { argOf, BITS, defOf, isInt, leadingZeros, type Rule, shiftAmount } from "./rule.ts";

const typeOf = (fn: IrFunction, inst: Inst): Type => fn.type[inst]! as Type;

function replaceBy(fn: IrFunction, inst: Inst, opcode: number, value: Value): true {
  replaceInst(fn, inst, insertOp(fn, inst, opcode, typeOf(fn, inst), value));
  return true;
}

/** `value` cut or zero- or sign-extended (`extend`) to the type of `inst`. */
function resized(fn: IrFunction, inst: Inst, value: Value, extend: number): true {
  const from = fn.valueType[value]!;
  const type = typeOf(fn, inst);
  if (from !== type) return replaceBy(fn, inst, from > type ? Op.ireduce : extend, value);
  replaceInst(fn, inst, value);
  return true;
}

export const CONVERT_RULES: readonly Rule[] = [
  {
    name: "extend-extended",
    ops: [Op.uextend, Op.sextend],
    apply: (fn, inst) => {
      const value = argOf(fn, inst, 0);
      const zero = defOf(fn, value, Op.uextend);
      // What was zero-extended is not negative.
      if (zero !== NONE) return replaceBy(fn, inst, Op.uextend, argOf(fn, zero, 0));
      const sign = fn.opcode[inst] === Op.sextend ? defOf(fn, value, Op.sextend) : NONE;
      return sign !== NONE && replaceBy(fn, inst, Op.sextend, argOf(fn, sign, 0));
    },
  },
  {
    name: "sign-extend-nonnegative",
    ops: [Op.sextend],
    apply: (fn, inst) =>
      leadingZeros(fn, argOf(fn, inst, 0)) > 0 && replaceBy(fn, inst, Op.uextend, argOf(fn, inst, 0)),
  },
  {
    name: "extend-reduced",
    ops: [Op.uextend],
    apply: (fn, inst) => {
      const narrow = argOf(fn, inst, 0);
      const inner = defOf(fn, narrow, Op.ireduce);
      if (inner === NONE) return false;
      const value = argOf(fn, inner, 0);
      if (fn.valueType[value] !== fn.type[inst]) return false;
      const mask = (1n << BigInt(BITS[fn.valueType[narrow]!]!)) - 1n;
      const bits = insertBits(fn, inst, typeOf(fn, inst), mask);
      replaceInst(fn, inst, insertOp(fn, inst, Op.band, typeOf(fn, inst), value, bits));
      return true;
    },
  },
  {
    name: "reduce-extended",
    ops: [Op.ireduce],
    apply: (fn, inst) => {
      const value = argOf(fn, inst, 0);
      for (const opcode of [Op.uextend, Op.sextend]) {
        const inner = defOf(fn, value, opcode);
        if (inner !== NONE) return resized(fn, inst, argOf(fn, inner, 0), opcode);
      }
      const reduced = defOf(fn, value, Op.ireduce);
      return reduced !== NONE && replaceBy(fn, inst, Op.ireduce, argOf(fn, reduced, 0));
    },
  },
  {
    name: "reduce-masked",
    ops: [Op.ireduce],
    apply: (fn, inst) => {
      const inner = defOf(fn, argOf(fn, inst, 0), Op.band);
      if (inner === NONE) return false;
      const mask = defOf(fn, argOf(fn, inner, 1), Op.iconst);
      if (mask === NONE) return false;
      const ones = (1n << BigInt(BITS[fn.type[inst]!]!)) - 1n;
      return (fn.constBits(mask) & ones) === ones && replaceBy(fn, inst, Op.ireduce, argOf(fn, inner, 0));
    },
  },
  {
    name: "reduce-wide",
    ops: [Op.ireduce],
    apply: (fn, inst) => {
      const value = argOf(fn, inst, 0);
      const concat = defOf(fn, value, Op.iconcat);
      if (concat !== NONE) return resized(fn, inst, argOf(fn, concat, 0), Op.uextend);
      if (fn.type[inst] !== Type.I64) return false;
      const shift = defOf(fn, value, Op.ushr);
      if (shift === NONE || fn.type[shift] !== Type.I128 || shiftAmount(fn, argOf(fn, shift, 1)) !== 64) return false;
      const split = fn.newInst(Op.isplit, Type.I64, [argOf(fn, shift, 0)], [Type.I64, Type.I64]);
      fn.insertBefore(split, inst);
      replaceInst(fn, inst, fn.result(split, 1));
      return true;
    },
  },
  {
    name: "split-concatenated",
    ops: [Op.isplit],
    apply: (fn, inst) => {
      const concat = defOf(fn, argOf(fn, inst, 0), Op.iconcat);
      if (concat === NONE) return false;
      fn.replaceValue(fn.result(inst, 0), argOf(fn, concat, 0));
      fn.replaceValue(fn.result(inst, 1), argOf(fn, concat, 1));
      fn.removeInst(inst);
      return true;
    },
  },
  {
    name: "concatenate-split",
    ops: [Op.iconcat],
    apply: (fn, inst) => {
      const low = argOf(fn, inst, 0);
      const split = defOf(fn, low, Op.isplit);
      if (split === NONE || fn.valueIndex[low] !== 0 || argOf(fn, inst, 1) !== fn.result(split, 1)) return false;
      replaceInst(fn, inst, argOf(fn, split, 0));
      return true;
    },
  },
  {
    name: "concatenate-zero",
    ops: [Op.iconcat],
    apply: (fn, inst) => isInt(fn, argOf(fn, inst, 1), 0) && replaceBy(fn, inst, Op.uextend, argOf(fn, inst, 0)),
  },
  {
    name: "cast-same",
    ops: [Op.bitcast],
    apply: (fn, inst) => {
      const value = argOf(fn, inst, 0);
      if (fn.valueType[value] === fn.type[inst]) {
        replaceInst(fn, inst, value);
        return true;
      }
      const inner = defOf(fn, value, Op.bitcast);
      return inner !== NONE && replaceBy(fn, inst, Op.bitcast, argOf(fn, inner, 0));
    },
  },
];
