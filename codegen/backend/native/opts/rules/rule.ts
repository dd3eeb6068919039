/**
 * Peephole rules: what a rule is, and the matchers they share.
 *
 * A *rule* looks at one instruction, whose arguments are no aliases, and rewrites it when it matches: `replaceInst` with an older value, or
 * with new instructions placed before it. The driver (`simplify.ts`) tries the rules of an opcode in the table's order until none matches.
 * No rule may undo another's work, or the driver would not end.
 */

import { NONE } from "../../../../entity/entity.ts";
import type { Inst, IrFunction, Value } from "../../ir/function.ts";
import { Op, Type } from "../../ir/opcodes.ts";
import type { OptPolicy } from "../policy.ts";

export interface RuleCx {
  readonly policy: OptPolicy;
  /** Whether the value has no use, as far as is known. */
  readonly isUnused: (value: Value) => boolean;
}

export interface Rule {
  readonly name: string;
  /** The opcodes that it looks at. */
  readonly ops: readonly number[];
  /** Rewrites `inst`; true when it matched. */
  readonly apply: (fn: IrFunction, inst: Inst, cx: RuleCx) => boolean;
}

export const BITS: readonly number[] = [0, 8, 16, 32, 64, 128, 32, 64];

/** The instruction that defines `value` when it has opcode `opcode`; else `NONE`. */
export function defOf(fn: IrFunction, value: Value, opcode: number): Inst | -1 {
  const def = fn.valueDef[value]!;
  return def >= 0 && fn.opcode[def] === opcode ? (def as Inst) : NONE;
}

/** The resolved argument of an instruction. */
export function argOf(fn: IrFunction, inst: Inst, index: number): Value {
  return fn.resolve(fn.arg(inst, index));
}

export function isConst(fn: IrFunction, value: Value): boolean {
  return defOf(fn, value, Op.iconst) !== NONE;
}

/** The unsigned bits of an integer constant, or `undefined`. */
export function constOf(fn: IrFunction, value: Value): bigint | undefined {
  const def = defOf(fn, value, Op.iconst);
  return def === NONE ? undefined : fn.constBits(def);
}

/** Whether `value` is the integer constant of the small number `n`, sign-extended. */
export function isInt(fn: IrFunction, value: Value, n: number): boolean {
  const def = defOf(fn, value, Op.iconst);
  if (def === NONE) return false;
  const type = fn.type[def]!;
  if (type === Type.I128) return fn.constBits(def) === BigInt.asUintN(128, BigInt(n));
  const lo = fn.immLo[def]!;
  if (type === Type.I64) return lo === (n | 0) && fn.immHi[def] === n >> 31;
  return type === Type.I8 ? lo === (n & 0xff) : type === Type.I16 ? lo === (n & 0xffff) : lo === (n | 0);
}

/** `k` where `value` is the constant 2 to the k; else -1. */
export function log2Of(fn: IrFunction, value: Value): number {
  const def = defOf(fn, value, Op.iconst);
  if (def === NONE) return -1;
  if (fn.type[def] === Type.I128) {
    const bits = fn.constBits(def);
    return bits !== 0n && (bits & (bits - 1n)) === 0n ? bits.toString(2).length - 1 : -1;
  }
  const lo = fn.immLo[def]!;
  const hi = fn.immHi[def]!;
  if (hi === 0) return lo !== 0 && (lo & (lo - 1)) === 0 ? 31 - Math.clz32(lo) : -1;
  return lo === 0 && (hi & (hi - 1)) === 0 ? 63 - Math.clz32(hi) : -1;
}

/** A shift amount: the constant when it is below the width of its type; else -1. */
export function shiftAmount(fn: IrFunction, value: Value): number {
  const def = defOf(fn, value, Op.iconst);
  if (def === NONE) return -1;
  const type = fn.type[def]!;
  if (type === Type.I128) {
    const bits = fn.constBits(def);
    return bits < 128n ? Number(bits) : -1;
  }
  const lo = fn.immLo[def]!;
  return fn.immHi[def] === 0 && lo >= 0 && lo < BITS[type]! ? lo : -1;
}

/** Whether `value` is known to be 0 or 1. */
export function isBool(fn: IrFunction, value: Value): boolean {
  return leadingZeros(fn, value) >= BITS[fn.valueType[value]!]! - 1;
}

/** How many of the high bits of `value` are known to be 0. */
export function leadingZeros(fn: IrFunction, value: Value, depth = 0): number {
  const def = fn.valueDef[value]! as Inst;
  if (def < 0 || depth > 3) return 0;
  const width = BITS[fn.valueType[value]!]!;
  const arg = (i: number): number => leadingZeros(fn, argOf(fn, def, i), depth + 1);
  switch (fn.opcode[def]) {
    case Op.iconst:
      return constantZeros(fn, def, width);
    case Op.icmp:
    case Op.fcmp:
      return 7;
    case Op.uextend:
      return width - BITS[fn.valueType[argOf(fn, def, 0)]!]! + arg(0);
    case Op.ireduce:
      return Math.max(0, arg(0) - (BITS[fn.valueType[argOf(fn, def, 0)]!]! - width));
    case Op.band:
      return Math.max(arg(0), arg(1));
    case Op.bor:
    case Op.bxor:
      return Math.min(arg(0), arg(1));
    case Op.select:
      return Math.min(arg(1), arg(2));
    case Op.ushr: {
      const amount = shiftAmount(fn, argOf(fn, def, 1));
      return amount < 0 ? arg(0) : Math.min(width, arg(0) + amount);
    }
    case Op.udiv:
      return arg(0);
    case Op.urem:
      return Math.max(arg(0), arg(1));
    case Op.iadd:
      return Math.max(0, Math.min(arg(0), arg(1)) - 1);
    case Op.popcnt:
    case Op.clz:
    case Op.ctz:
      return width - (32 - Math.clz32(width));
    default:
      return isOverflowFlag(fn, def, value) ? 7 : 0;
  }
}

function constantZeros(fn: IrFunction, def: Inst, width: number): number {
  if (width === 128) {
    const bits = fn.constBits(def);
    return bits === 0n ? 128 : 128 - bits.toString(2).length;
  }
  const hi = fn.immHi[def]!;
  const zeros = hi !== 0 ? Math.clz32(hi) : 32 + Math.clz32(fn.immLo[def]!);
  return zeros - (64 - width);
}

function isOverflowFlag(fn: IrFunction, def: Inst, value: Value): boolean {
  const opcode = fn.opcode[def]!;
  return opcode >= Op.saddOverflow && opcode <= Op.umulOverflow && fn.valueIndex[value] === 1;
}
