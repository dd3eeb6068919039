/**
 * Rules on integer arithmetic: identities, constants, reassociation of constants, multiplication by powers of two.
 */

import { NONE } from "../../../../entity/entity.ts";
import type { Inst, IrFunction, Value } from "../../ir/function.ts";
import { INT_CC_SWAPPED, Op, type Type } from "../../ir/opcodes.ts";
import { insertBits, insertInt, insertOp, replaceInst } from "../edit.ts";
import { argOf, BITS, constOf, defOf, isConst, isInt, log2Of, type Rule } from "./rule.ts";

const typeOf = (fn: IrFunction, inst: Inst): Type => fn.type[inst]! as Type;

function replaceByZero(fn: IrFunction, inst: Inst): true {
  replaceInst(fn, inst, insertInt(fn, inst, typeOf(fn, inst), 0));
  return true;
}

/** Replaces by `a op b` of the same type. */
export function rewrite(fn: IrFunction, inst: Inst, opcode: number, a: Value, b: Value | -1 = NONE): true {
  replaceInst(fn, inst, insertOp(fn, inst, opcode, typeOf(fn, inst), a, b));
  return true;
}

/** `(x op c1) op c2` with an associative `op`: `x op (c1 op c2)`. */
function reassociate(opcode: number, combine: (a: bigint, b: bigint) => bigint): Rule["apply"] {
  return (fn, inst) => {
    const outer = constOf(fn, argOf(fn, inst, 1));
    const inner = outer === undefined ? NONE : defOf(fn, argOf(fn, inst, 0), opcode);
    if (inner === NONE || outer === undefined) return false;
    const constant = constOf(fn, argOf(fn, inner, 1));
    if (constant === undefined) return false;
    const type = typeOf(fn, inst);
    const bits = insertBits(fn, inst, type, BigInt.asUintN(BITS[type]!, combine(constant, outer)));
    return rewrite(fn, inst, opcode, argOf(fn, inner, 0), bits);
  };
}

/** `x op y` is `x` when `y` is the small number `n`. */
function rightIdentity(n: number): Rule["apply"] {
  return (fn, inst) => {
    if (!isInt(fn, argOf(fn, inst, 1), n)) return false;
    replaceInst(fn, inst, argOf(fn, inst, 0));
    return true;
  };
}

/** `x op y` is 0 when `y` is. */
function rightZero(fn: IrFunction, inst: Inst): boolean {
  return isInt(fn, argOf(fn, inst, 1), 0) && replaceByZero(fn, inst);
}

const COMMUTATIVE: readonly number[] = [
  Op.iadd,
  Op.imul,
  Op.umulhi,
  Op.smulhi,
  Op.band,
  Op.bor,
  Op.bxor,
  Op.saddOverflow,
  Op.uaddOverflow,
  Op.smulOverflow,
  Op.umulOverflow,
];

export const ARITH_RULES: readonly Rule[] = [
  {
    name: "constant-right",
    ops: COMMUTATIVE,
    apply: (fn, inst, cx) => {
      if (cx.policy.commutative[fn.opcode[inst]!] === 0) return false;
      const a = argOf(fn, inst, 0);
      const b = argOf(fn, inst, 1);
      if (!isConst(fn, a) || isConst(fn, b)) return false;
      fn.setArg(inst, 0, b);
      fn.setArg(inst, 1, a);
      return true;
    },
  },
  {
    name: "compare-constant-right",
    ops: [Op.icmp],
    apply: (fn, inst, cx) => {
      const a = argOf(fn, inst, 0);
      const b = argOf(fn, inst, 1);
      if (!isConst(fn, a) || isConst(fn, b)) return false;
      fn.setArg(inst, 0, b);
      fn.setArg(inst, 1, a);
      fn.aux[inst] = cx.policy.swapCond(fn.aux[inst]!);
      return true;
    },
  },
  { name: "add-zero", ops: [Op.iadd, Op.isub], apply: rightIdentity(0) },
  { name: "add-constants", ops: [Op.iadd], apply: reassociate(Op.iadd, (a, b) => a + b) },
  { name: "mul-constants", ops: [Op.imul], apply: reassociate(Op.imul, (a, b) => a * b) },
  { name: "and-constants", ops: [Op.band], apply: reassociate(Op.band, (a, b) => a & b) },
  { name: "or-constants", ops: [Op.bor], apply: reassociate(Op.bor, (a, b) => a | b) },
  { name: "xor-constants", ops: [Op.bxor], apply: reassociate(Op.bxor, (a, b) => a ^ b) },
  {
    name: "add-negated",
    ops: [Op.iadd],
    apply: (fn, inst) => {
      const a = argOf(fn, inst, 0);
      const b = argOf(fn, inst, 1);
      const right = defOf(fn, b, Op.ineg);
      if (right !== NONE) return rewrite(fn, inst, Op.isub, a, argOf(fn, right, 0));
      const left = defOf(fn, a, Op.ineg);
      return left !== NONE && rewrite(fn, inst, Op.isub, b, argOf(fn, left, 0));
    },
  },
  {
    name: "add-of-difference",
    ops: [Op.iadd],
    apply: (fn, inst) => {
      for (const side of [0, 1]) {
        const difference = defOf(fn, argOf(fn, inst, side), Op.isub);
        if (difference !== NONE && argOf(fn, difference, 1) === argOf(fn, inst, 1 - side)) {
          replaceInst(fn, inst, argOf(fn, difference, 0));
          return true;
        }
      }
      return false;
    },
  },
  {
    name: "sub-self",
    ops: [Op.isub, Op.bxor],
    apply: (fn, inst) => argOf(fn, inst, 0) === argOf(fn, inst, 1) && replaceByZero(fn, inst),
  },
  {
    name: "sub-constant",
    ops: [Op.isub],
    apply: (fn, inst) => {
      const constant = constOf(fn, argOf(fn, inst, 1));
      if (constant === undefined) return false;
      const type = typeOf(fn, inst);
      const negated = insertBits(fn, inst, type, BigInt.asUintN(BITS[type]!, -constant));
      return rewrite(fn, inst, Op.iadd, argOf(fn, inst, 0), negated);
    },
  },
  {
    name: "sub-from-zero",
    ops: [Op.isub],
    apply: (fn, inst) => isInt(fn, argOf(fn, inst, 0), 0) && rewrite(fn, inst, Op.ineg, argOf(fn, inst, 1)),
  },
  {
    name: "sub-of-sum",
    ops: [Op.isub],
    apply: (fn, inst) => {
      const sum = defOf(fn, argOf(fn, inst, 0), Op.iadd);
      if (sum === NONE) return false;
      for (const side of [0, 1]) {
        if (argOf(fn, sum, side) === argOf(fn, inst, 1)) {
          replaceInst(fn, inst, argOf(fn, sum, 1 - side));
          return true;
        }
      }
      return false;
    },
  },
  { name: "mul-zero", ops: [Op.imul, Op.band], apply: rightZero },
  { name: "mul-one", ops: [Op.imul, Op.udiv, Op.sdiv], apply: rightIdentity(1) },
  {
    name: "mul-minus-one",
    ops: [Op.imul, Op.sdiv],
    apply: (fn, inst) => isInt(fn, argOf(fn, inst, 1), -1) && rewrite(fn, inst, Op.ineg, argOf(fn, inst, 0)),
  },
  {
    name: "mul-power-of-two",
    ops: [Op.imul],
    apply: (fn, inst) => {
      const k = log2Of(fn, argOf(fn, inst, 1));
      if (k <= 0) return false;
      return rewrite(fn, inst, Op.ishl, argOf(fn, inst, 0), insertInt(fn, inst, typeOf(fn, inst), k));
    },
  },
  {
    name: "double-negation",
    ops: [Op.ineg, Op.bnot, Op.fneg],
    apply: (fn, inst) => {
      const inner = defOf(fn, argOf(fn, inst, 0), fn.opcode[inst]!);
      if (inner === NONE) return false;
      replaceInst(fn, inst, argOf(fn, inner, 0));
      return true;
    },
  },
  {
    name: "negated-difference",
    ops: [Op.ineg],
    apply: (fn, inst) => {
      const inner = defOf(fn, argOf(fn, inst, 0), Op.isub);
      return inner !== NONE && rewrite(fn, inst, Op.isub, argOf(fn, inner, 1), argOf(fn, inner, 0));
    },
  },
];

/** The default of `policy.swapCond`. */
export function swapCond(cc: number): number {
  return INT_CC_SWAPPED[cc]!;
}
