/**
 * Rules on division and remainder by constants: powers of two as shifts and masks, others by magic numbers (see `magic.ts`).
 */

import { NONE } from "../../../../entity/entity.ts";
import type { Inst, IrFunction, Value } from "../../ir/function.ts";
import { IntCC, Op, Type } from "../../ir/opcodes.ts";
import { insertBits, insertInt, insertOp, replaceInst } from "../edit.ts";
import { rewrite } from "./arith.ts";
import { argOf, BITS, constOf, isInt, leadingZeros, log2Of, type Rule, type RuleCx } from "./rule.ts";

const typeOf = (fn: IrFunction, inst: Inst): Type => fn.type[inst]! as Type;

/** The divisor, when magic numbers apply to it: no power of two, at least 3 in magnitude, of a type with a double width. */
function magicDivisor(fn: IrFunction, inst: Inst, signed: boolean): bigint | undefined {
  const type = typeOf(fn, inst);
  const bits = constOf(fn, argOf(fn, inst, 1));
  if (bits === undefined || type === Type.I128) return undefined;
  const d = signed ? BigInt.asIntN(BITS[type]!, bits) : bits;
  const magnitude = d < 0n ? -d : d;
  return magnitude < 3n || (magnitude & (magnitude - 1n)) === 0n ? undefined : d;
}

/** `x / d`, unsigned. Types below 32 bits use a product of twice the width, which needs no correction. */
function unsignedQuotient(fn: IrFunction, inst: Inst, x: Value, d: bigint, cx: RuleCx): Value {
  const type = typeOf(fn, inst);
  const width = BITS[type]!;
  const { multiplier, shift, add } = cx.policy.magic.unsigned(width, d);
  const emit = (opcode: number, ty: Type, a: Value, b: Value): Value => insertOp(fn, inst, opcode, ty, a, b);
  if (type === Type.I8 || type === Type.I16) {
    const whole = add ? multiplier + (1n << BigInt(width)) : multiplier;
    const wide = insertOp(fn, inst, Op.uextend, Type.I64, x);
    const product = emit(Op.imul, Type.I64, wide, insertBits(fn, inst, Type.I64, whole));
    const quotient = emit(Op.ushr, Type.I64, product, insertInt(fn, inst, Type.I64, width + shift));
    return insertOp(fn, inst, Op.ireduce, type, quotient);
  }
  const high = emit(Op.umulhi, type, x, insertBits(fn, inst, type, multiplier));
  const by = (value: Value, amount: number): Value =>
    amount === 0 ? value : emit(Op.ushr, type, value, insertInt(fn, inst, type, amount));
  if (!add) return by(high, shift);
  // (x + high) / 2 without overflow: the sum needs one bit more than the type has.
  const half = emit(Op.iadd, type, by(emit(Op.isub, type, x, high), 1), high);
  return by(half, shift - 1);
}

/** `x / d`, rounded toward zero. */
function signedQuotient(fn: IrFunction, inst: Inst, x: Value, d: bigint, cx: RuleCx): Value {
  const type = typeOf(fn, inst);
  const width = BITS[type]!;
  const { multiplier, shift, add } = cx.policy.magic.signed(width, d < 0n ? -d : d);
  const emit = (opcode: number, ty: Type, a: Value, b: Value): Value => insertOp(fn, inst, opcode, ty, a, b);
  let quotient: Value;
  if (type === Type.I8 || type === Type.I16) {
    const wide = insertOp(fn, inst, Op.sextend, Type.I64, x);
    const product = emit(Op.imul, Type.I64, wide, insertBits(fn, inst, Type.I64, multiplier));
    const shifted = emit(Op.sshr, Type.I64, product, insertInt(fn, inst, Type.I64, width + shift));
    quotient = insertOp(fn, inst, Op.ireduce, type, shifted);
  } else {
    // A multiplier of 2^(N-1) or more is negative as a signed number: 2^N too little, so `x` is added.
    quotient = emit(Op.smulhi, type, x, insertBits(fn, inst, type, multiplier));
    if (add) quotient = emit(Op.iadd, type, quotient, x);
    if (shift > 0) quotient = emit(Op.sshr, type, quotient, insertInt(fn, inst, type, shift));
  }
  const sign = emit(Op.ushr, type, x, insertInt(fn, inst, type, width - 1));
  const rounded = emit(Op.iadd, type, quotient, sign);
  return d < 0n ? insertOp(fn, inst, Op.ineg, type, rounded) : rounded;
}

/** `x - quotient * d`. */
function remainder(fn: IrFunction, inst: Inst, x: Value, quotient: Value): true {
  const type = typeOf(fn, inst);
  const product = insertOp(fn, inst, Op.imul, type, quotient, argOf(fn, inst, 1));
  return rewrite(fn, inst, Op.isub, x, product);
}

/** `x` plus `2^k - 1` when it is negative: then an arithmetic shift by `k` rounds toward zero. */
function biased(fn: IrFunction, inst: Inst, x: Value, k: number): Value {
  const type = typeOf(fn, inst);
  const width = BITS[type]!;
  const sign = insertOp(fn, inst, Op.sshr, type, x, insertInt(fn, inst, type, width - 1));
  const bias = insertOp(fn, inst, Op.ushr, type, sign, insertInt(fn, inst, type, width - k));
  return insertOp(fn, inst, Op.iadd, type, x, bias);
}

/** The exponent of a positive power of two, as a signed number; else -1. */
function signedLog2(fn: IrFunction, inst: Inst): number {
  const k = log2Of(fn, argOf(fn, inst, 1));
  return k < BITS[fn.type[inst]!]! - 1 ? k : -1;
}

export const DIVISION_RULES: readonly Rule[] = [
  {
    name: "remainder-by-one",
    ops: [Op.urem, Op.srem],
    apply: (fn, inst) => {
      const b = argOf(fn, inst, 1);
      if (!isInt(fn, b, 1) && !(fn.opcode[inst] === Op.srem && isInt(fn, b, -1))) return false;
      replaceInst(fn, inst, insertInt(fn, inst, typeOf(fn, inst), 0));
      return true;
    },
  },
  {
    name: "divide-nonnegative",
    ops: [Op.sdiv, Op.srem],
    apply: (fn, inst) => {
      const a = argOf(fn, inst, 0);
      const b = argOf(fn, inst, 1);
      if (leadingZeros(fn, a) === 0 || leadingZeros(fn, b) === 0) return false;
      return rewrite(fn, inst, fn.opcode[inst] === Op.sdiv ? Op.udiv : Op.urem, a, b);
    },
  },
  {
    name: "unsigned-divide-by-power-of-two",
    ops: [Op.udiv],
    apply: (fn, inst) => {
      const k = log2Of(fn, argOf(fn, inst, 1));
      if (k <= 0) return false;
      return rewrite(fn, inst, Op.ushr, argOf(fn, inst, 0), insertInt(fn, inst, typeOf(fn, inst), k));
    },
  },
  {
    name: "unsigned-remainder-by-power-of-two",
    ops: [Op.urem],
    apply: (fn, inst) => {
      const k = log2Of(fn, argOf(fn, inst, 1));
      if (k <= 0) return false;
      const mask = insertBits(fn, inst, typeOf(fn, inst), (1n << BigInt(k)) - 1n);
      return rewrite(fn, inst, Op.band, argOf(fn, inst, 0), mask);
    },
  },
  {
    name: "signed-divide-by-power-of-two",
    ops: [Op.sdiv],
    apply: (fn, inst) => {
      const k = signedLog2(fn, inst);
      if (k <= 0) return false;
      const sum = biased(fn, inst, argOf(fn, inst, 0), k);
      return rewrite(fn, inst, Op.sshr, sum, insertInt(fn, inst, typeOf(fn, inst), k));
    },
  },
  {
    name: "signed-remainder-by-power-of-two",
    ops: [Op.srem],
    apply: (fn, inst) => {
      const k = signedLog2(fn, inst);
      if (k <= 0) return false;
      const type = typeOf(fn, inst);
      const x = argOf(fn, inst, 0);
      const mask = BigInt.asUintN(BITS[type]!, -(1n << BigInt(k)));
      const multiple = insertOp(fn, inst, Op.band, type, biased(fn, inst, x, k), insertBits(fn, inst, type, mask));
      return rewrite(fn, inst, Op.isub, x, multiple);
    },
  },
  {
    name: "divide-by-least",
    ops: [Op.sdiv],
    apply: (fn, inst) => {
      const type = typeOf(fn, inst);
      if (log2Of(fn, argOf(fn, inst, 1)) !== BITS[type]! - 1) return false;
      const equal = insertOp(fn, inst, Op.icmp, type, argOf(fn, inst, 0), argOf(fn, inst, 1), NONE, IntCC.eq);
      replaceInst(fn, inst, type === Type.I8 ? equal : insertOp(fn, inst, Op.uextend, type, equal));
      return true;
    },
  },
  {
    name: "unsigned-divide-by-constant",
    ops: [Op.udiv],
    apply: (fn, inst, cx) => {
      const d = magicDivisor(fn, inst, false);
      if (d === undefined) return false;
      replaceInst(fn, inst, unsignedQuotient(fn, inst, argOf(fn, inst, 0), d, cx));
      return true;
    },
  },
  {
    name: "unsigned-remainder-by-constant",
    ops: [Op.urem],
    apply: (fn, inst, cx) => {
      const d = magicDivisor(fn, inst, false);
      if (d === undefined) return false;
      const x = argOf(fn, inst, 0);
      return remainder(fn, inst, x, unsignedQuotient(fn, inst, x, d, cx));
    },
  },
  {
    name: "signed-divide-by-constant",
    ops: [Op.sdiv],
    apply: (fn, inst, cx) => {
      const d = magicDivisor(fn, inst, true);
      if (d === undefined) return false;
      replaceInst(fn, inst, signedQuotient(fn, inst, argOf(fn, inst, 0), d, cx));
      return true;
    },
  },
  {
    name: "signed-remainder-by-constant",
    ops: [Op.srem],
    apply: (fn, inst, cx) => {
      const d = magicDivisor(fn, inst, true);
      if (d === undefined) return false;
      const x = argOf(fn, inst, 0);
      return remainder(fn, inst, x, signedQuotient(fn, inst, x, d, cx));
    },
  },
];
