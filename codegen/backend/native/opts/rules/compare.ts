/**
 * Rules on comparisons and `select`.
 */

import { NONE } from "../../../../entity/entity.ts";
import type { Inst, IrFunction, Value } from "../../ir/function.ts";
import { IntCC, Op, Type } from "../../ir/opcodes.ts";
import { insertBits, insertInt, insertOp, replaceInst } from "../edit.ts";
import { foldIntCompare } from "../fold.ts";
import { argOf, BITS, constOf, defOf, isBool, isInt, leadingZeros, type Rule } from "./rule.ts";

function replaceByFlag(fn: IrFunction, inst: Inst, holds: boolean): true {
  replaceInst(fn, inst, insertInt(fn, inst, Type.I8, holds ? 1 : 0));
  return true;
}

function compare(fn: IrFunction, inst: Inst, cc: number, a: Value, b: Value): true {
  replaceInst(fn, inst, insertOp(fn, inst, Op.icmp, fn.valueType[a]! as Type, a, b, NONE, cc));
  return true;
}

const isEquality = (cc: number): boolean => cc === IntCC.eq || cc === IntCC.ne;
const isSigned = (cc: number): boolean => cc >= IntCC.slt && cc <= IntCC.sle;

/** Comparisons that hold of equal numbers. */
const holdsOfEqual = (cc: number): boolean =>
  cc === IntCC.eq || cc === IntCC.sge || cc === IntCC.sle || cc === IntCC.uge || cc === IntCC.ule;

/** A comparison with the least or greatest number of its order that always or never holds; `undefined` otherwise. */
function outcomeAtBound(cc: number, bits: bigint, width: number): boolean | undefined {
  const least = isSigned(cc) ? 1n << BigInt(width - 1) : 0n;
  const greatest = isSigned(cc) ? least - 1n : (1n << BigInt(width)) - 1n;
  if (cc === IntCC.slt || cc === IntCC.ult) return bits === least ? false : undefined;
  if (cc === IntCC.sge || cc === IntCC.uge) return bits === least ? true : undefined;
  if (cc === IntCC.sgt || cc === IntCC.ugt) return bits === greatest ? false : undefined;
  if (cc === IntCC.sle || cc === IntCC.ule) return bits === greatest ? true : undefined;
  return undefined;
}

export const COMPARE_RULES: readonly Rule[] = [
  {
    name: "compare-self",
    ops: [Op.icmp],
    apply: (fn, inst) =>
      argOf(fn, inst, 0) === argOf(fn, inst, 1) && replaceByFlag(fn, inst, holdsOfEqual(fn.aux[inst]!)),
  },
  {
    name: "compare-with-bound",
    ops: [Op.icmp],
    apply: (fn, inst) => {
      const bits = constOf(fn, argOf(fn, inst, 1));
      if (bits === undefined) return false;
      const outcome = outcomeAtBound(fn.aux[inst]!, bits, BITS[fn.type[inst]!]!);
      return outcome !== undefined && replaceByFlag(fn, inst, outcome);
    },
  },
  {
    name: "compare-below-one",
    ops: [Op.icmp],
    apply: (fn, inst) => {
      const cc = fn.aux[inst]!;
      const b = argOf(fn, inst, 1);
      const a = argOf(fn, inst, 0);
      const zero = (): Value => insertInt(fn, inst, fn.type[inst]! as Type, 0);
      if ((cc === IntCC.ult && isInt(fn, b, 1)) || (cc === IntCC.ule && isInt(fn, b, 0)))
        return compare(fn, inst, IntCC.eq, a, zero());
      if ((cc === IntCC.uge && isInt(fn, b, 1)) || (cc === IntCC.ugt && isInt(fn, b, 0)))
        return compare(fn, inst, IntCC.ne, a, zero());
      return false;
    },
  },
  {
    name: "compare-out-of-range",
    ops: [Op.icmp],
    apply: (fn, inst) => {
      const bits = constOf(fn, argOf(fn, inst, 1));
      if (bits === undefined || isEquality(fn.aux[inst]!)) return false;
      const zeros = leadingZeros(fn, argOf(fn, inst, 0));
      if (zeros === 0) return false;
      // The argument is 0 ..= max, in both readings. Its bounds decide when they agree.
      const type = fn.type[inst]!;
      const max = (1n << BigInt(BITS[type]! - zeros)) - 1n;
      const atMin = foldIntCompare(fn.aux[inst]!, type, 0n, bits);
      return atMin === foldIntCompare(fn.aux[inst]!, type, max, bits) && replaceByFlag(fn, inst, atMin);
    },
  },
  {
    name: "equal-out-of-range",
    ops: [Op.icmp],
    apply: (fn, inst) => {
      const bits = constOf(fn, argOf(fn, inst, 1));
      if (bits === undefined || !isEquality(fn.aux[inst]!)) return false;
      const zeros = leadingZeros(fn, argOf(fn, inst, 0));
      if (bits < 1n << BigInt(BITS[fn.type[inst]!]! - zeros)) return false;
      return replaceByFlag(fn, inst, fn.aux[inst] === IntCC.ne);
    },
  },
  {
    name: "compare-flag",
    ops: [Op.icmp],
    apply: (fn, inst, cx) => {
      const cc = fn.aux[inst]!;
      const a = argOf(fn, inst, 0);
      if (!isEquality(cc) || fn.type[inst] !== Type.I8) return false;
      const zero = isInt(fn, argOf(fn, inst, 1), 0);
      if ((!zero && !isInt(fn, argOf(fn, inst, 1), 1)) || !isBool(fn, a)) return false;
      if ((cc === IntCC.ne) === zero) {
        replaceInst(fn, inst, a);
        return true;
      }
      return invertFlag(fn, inst, a, cx.policy.invertCond);
    },
  },
  {
    name: "flag-xor-one",
    ops: [Op.bxor],
    apply: (fn, inst, cx) => {
      if (fn.type[inst] !== Type.I8 || !isInt(fn, argOf(fn, inst, 1), 1)) return false;
      return invertFlag(fn, inst, argOf(fn, inst, 0), cx.policy.invertCond);
    },
  },
  {
    name: "compare-difference-with-zero",
    ops: [Op.icmp],
    apply: (fn, inst) => {
      if (!isEquality(fn.aux[inst]!) || !isInt(fn, argOf(fn, inst, 1), 0)) return false;
      for (const opcode of [Op.isub, Op.bxor]) {
        const inner = defOf(fn, argOf(fn, inst, 0), opcode);
        if (inner !== NONE) return compare(fn, inst, fn.aux[inst]!, argOf(fn, inner, 0), argOf(fn, inner, 1));
      }
      return false;
    },
  },
  {
    name: "compare-sum-with-constant",
    ops: [Op.icmp],
    apply: (fn, inst) => {
      const bits = constOf(fn, argOf(fn, inst, 1));
      if (bits === undefined || !isEquality(fn.aux[inst]!)) return false;
      const sum = defOf(fn, argOf(fn, inst, 0), Op.iadd);
      if (sum === NONE) return false;
      const added = constOf(fn, argOf(fn, sum, 1));
      if (added === undefined) return false;
      const type = fn.type[inst]! as Type;
      const rest = insertBits(fn, inst, type, BigInt.asUintN(BITS[type]!, bits - added));
      return compare(fn, inst, fn.aux[inst]!, argOf(fn, sum, 0), rest);
    },
  },
  {
    name: "compare-extended",
    ops: [Op.icmp],
    apply: (fn, inst) => {
      const cc = fn.aux[inst]!;
      const left = defOf(fn, argOf(fn, inst, 0), Op.uextend);
      if (left === NONE) return false;
      const a = argOf(fn, left, 0);
      const unsignedCc = isSigned(cc) ? cc + 4 : cc;
      const right = defOf(fn, argOf(fn, inst, 1), Op.uextend);
      if (right !== NONE) {
        const b = argOf(fn, right, 0);
        return fn.valueType[a] === fn.valueType[b] && compare(fn, inst, unsignedCc, a, b);
      }
      const bits = constOf(fn, argOf(fn, inst, 1));
      const type = fn.valueType[a]! as Type;
      if (bits === undefined || bits >= 1n << BigInt(BITS[type]!)) return false;
      return compare(fn, inst, unsignedCc, a, insertBits(fn, inst, type, bits));
    },
  },
  {
    name: "compare-sign-extended",
    ops: [Op.icmp],
    apply: (fn, inst) => {
      const left = defOf(fn, argOf(fn, inst, 0), Op.sextend);
      if (left === NONE) return false;
      const a = argOf(fn, left, 0);
      const type = fn.valueType[a]! as Type;
      const right = defOf(fn, argOf(fn, inst, 1), Op.sextend);
      if (right !== NONE) {
        const b = argOf(fn, right, 0);
        return fn.valueType[b] === type && compare(fn, inst, fn.aux[inst]!, a, b);
      }
      const bits = constOf(fn, argOf(fn, inst, 1));
      if (bits === undefined) return false;
      const narrow = BigInt.asUintN(BITS[type]!, bits);
      const back = BigInt.asUintN(BITS[fn.type[inst]!]!, BigInt.asIntN(BITS[type]!, narrow));
      return back === bits && compare(fn, inst, fn.aux[inst]!, a, insertBits(fn, inst, type, narrow));
    },
  },
  {
    name: "select-same",
    ops: [Op.select],
    apply: (fn, inst) => {
      if (argOf(fn, inst, 1) !== argOf(fn, inst, 2)) return false;
      replaceInst(fn, inst, argOf(fn, inst, 1));
      return true;
    },
  },
  {
    name: "select-constant",
    ops: [Op.select],
    apply: (fn, inst) => {
      const bits = constOf(fn, argOf(fn, inst, 0));
      if (bits === undefined) return false;
      replaceInst(fn, inst, argOf(fn, inst, bits !== 0n ? 1 : 2));
      return true;
    },
  },
  {
    name: "select-flag",
    ops: [Op.select],
    apply: (fn, inst, cx) => {
      const cond = argOf(fn, inst, 0);
      if (fn.type[inst] !== Type.I8 || !isBool(fn, cond)) return false;
      if (isInt(fn, argOf(fn, inst, 1), 1) && isInt(fn, argOf(fn, inst, 2), 0)) {
        replaceInst(fn, inst, cond);
        return true;
      }
      if (!isInt(fn, argOf(fn, inst, 1), 0) || !isInt(fn, argOf(fn, inst, 2), 1)) return false;
      if (invertFlag(fn, inst, cond, cx.policy.invertCond)) return true;
      return compare(fn, inst, IntCC.eq, cond, insertInt(fn, inst, Type.I8, 0));
    },
  },
  {
    name: "select-not",
    ops: [Op.select],
    apply: (fn, inst) => {
      const test = defOf(fn, argOf(fn, inst, 0), Op.icmp);
      if (test === NONE || fn.type[test] !== Type.I8 || !isInt(fn, argOf(fn, test, 1), 0)) return false;
      const cc = fn.aux[test]!;
      if (!isEquality(cc)) return false;
      const a = argOf(fn, inst, cc === IntCC.ne ? 1 : 2);
      const b = argOf(fn, inst, cc === IntCC.ne ? 2 : 1);
      replaceInst(fn, inst, insertOp(fn, inst, Op.select, fn.type[inst]! as Type, argOf(fn, test, 0), a, b));
      return true;
    },
  },
];

/** The inverse of a flag that a comparison made, as a new comparison; false when none did. */
function invertFlag(fn: IrFunction, inst: Inst, flag: Value, invertCond: (cc: number) => number): boolean {
  for (const opcode of [Op.icmp, Op.fcmp]) {
    const def = defOf(fn, flag, opcode);
    if (def === NONE) continue;
    const type = fn.type[def]! as Type;
    const cc = invertCond(fn.aux[def]!);
    replaceInst(fn, inst, insertOp(fn, inst, opcode, type, argOf(fn, def, 0), argOf(fn, def, 1), NONE, cc));
    return true;
  }
  return false;
}
