/**
 * Rules on floats: only those that are exact for every input, infinities, zeros of both signs and (up to their bits) NaNs included.
 */

import { NONE } from "../../../../entity/entity.ts";
import type { Inst, IrFunction, Value } from "../../ir/function.ts";
import { FloatCC, Op, Type } from "../../ir/opcodes.ts";
import { insertConst, insertInt, replaceInst } from "../edit.ts";
import { rewrite } from "./arith.ts";
import { argOf, defOf, type Rule } from "./rule.ts";

function isFloat(fn: IrFunction, value: Value, lo: number, hi: number): boolean {
  const def = defOf(fn, value, Op.fconst);
  return def !== NONE && fn.immLo[def] === lo && fn.immHi[def] === hi;
}

function isOne(fn: IrFunction, inst: Inst, value: Value): boolean {
  return fn.type[inst] === Type.F32 ? isFloat(fn, value, 0x3f80_0000, 0) : isFloat(fn, value, 0, 0x3ff0_0000);
}

/** Whether `value` is a zero of the given sign. */
function isZero(fn: IrFunction, inst: Inst, value: Value, negative: boolean): boolean {
  const sign = negative ? -0x8000_0000 : 0;
  return fn.type[inst] === Type.F32 ? isFloat(fn, value, sign, 0) : isFloat(fn, value, 0, sign);
}

function keep(fn: IrFunction, inst: Inst, index: number): true {
  replaceInst(fn, inst, argOf(fn, inst, index));
  return true;
}

export const FLOAT_RULES: readonly Rule[] = [
  {
    name: "float-constant-right",
    ops: [Op.fadd, Op.fmul],
    apply: (fn, inst, cx) => {
      const a = argOf(fn, inst, 0);
      const b = argOf(fn, inst, 1);
      if (cx.policy.commutative[fn.opcode[inst]!] === 0) return false;
      if (defOf(fn, a, Op.fconst) === NONE || defOf(fn, b, Op.fconst) !== NONE) return false;
      fn.setArg(inst, 0, b);
      fn.setArg(inst, 1, a);
      return true;
    },
  },
  {
    name: "multiply-by-one",
    ops: [Op.fmul, Op.fdiv],
    apply: (fn, inst) => isOne(fn, inst, argOf(fn, inst, 1)) && keep(fn, inst, 0),
  },
  {
    name: "add-negative-zero",
    ops: [Op.fadd],
    apply: (fn, inst) => isZero(fn, inst, argOf(fn, inst, 1), true) && keep(fn, inst, 0),
  },
  {
    name: "subtract-zero",
    ops: [Op.fsub],
    apply: (fn, inst) => isZero(fn, inst, argOf(fn, inst, 1), false) && keep(fn, inst, 0),
  },
  {
    name: "divide-by-power-of-two",
    ops: [Op.fdiv],
    apply: (fn, inst) => {
      const def = defOf(fn, argOf(fn, inst, 1), Op.fconst);
      if (def === NONE) return false;
      const type = fn.type[inst]! as Type;
      // The reciprocal of 2^e is 2^-e: exact when both exponents are those of normal numbers.
      const high = type === Type.F32 ? fn.immLo[def]! : fn.immHi[def]!;
      const digits = type === Type.F32 ? 23 : 20;
      const bias = type === Type.F32 ? 127 : 1023;
      const exponent = (high >>> digits) & (2 * bias + 1);
      if ((high & ((1 << digits) - 1)) !== 0 || (type === Type.F64 && fn.immLo[def] !== 0)) return false;
      if (exponent < 1 || exponent > 2 * bias - 1) return false;
      const inverse = (high & -0x8000_0000) | ((2 * bias - exponent) << digits);
      const bits =
        type === Type.F32 ? insertConst(fn, inst, type, inverse, 0) : insertConst(fn, inst, type, 0, inverse);
      return rewrite(fn, inst, Op.fmul, argOf(fn, inst, 0), bits);
    },
  },
  {
    name: "absolute-of-sign",
    ops: [Op.fabs],
    apply: (fn, inst) => {
      const value = argOf(fn, inst, 0);
      const negated = defOf(fn, value, Op.fneg);
      if (negated !== NONE) return rewrite(fn, inst, Op.fabs, argOf(fn, negated, 0));
      return defOf(fn, value, Op.fabs) !== NONE && keep(fn, inst, 0);
    },
  },
  {
    name: "add-negated-float",
    ops: [Op.fadd, Op.fsub],
    apply: (fn, inst) => {
      const negated = defOf(fn, argOf(fn, inst, 1), Op.fneg);
      if (negated === NONE) return false;
      const opposite = fn.opcode[inst] === Op.fadd ? Op.fsub : Op.fadd;
      return rewrite(fn, inst, opposite, argOf(fn, inst, 0), argOf(fn, negated, 0));
    },
  },
  {
    name: "compare-float-self",
    ops: [Op.fcmp],
    apply: (fn, inst) => {
      if (argOf(fn, inst, 0) !== argOf(fn, inst, 1)) return false;
      const cc = fn.aux[inst]!;
      if (cc !== FloatCC.lt && cc !== FloatCC.gt) return false;
      replaceInst(fn, inst, insertInt(fn, inst, Type.I8, 0));
      return true;
    },
  },
];
