/**
 * Rules on addresses: constant offsets move into the loads and stores, and into `stack_addr`.
 */

import { NONE } from "../../../../entity/entity.ts";
import type { Inst, IrFunction, Value } from "../../ir/function.ts";
import { MemFlags, Op, Type } from "../../ir/opcodes.ts";
import { replaceInst } from "../edit.ts";
import { argOf, defOf, type Rule } from "./rule.ts";

/** Offsets stay within what instructions of every target can hold with room to spare. */
const LIMIT = 1 << 24;

/** The constant that is added to give `address`, when it is a small one; else `undefined`. */
function addedConstant(fn: IrFunction, address: Value): { readonly base: Value; readonly bytes: number } | undefined {
  const sum = defOf(fn, address, Op.iadd);
  if (sum === NONE) return undefined;
  const constant = defOf(fn, argOf(fn, sum, 1), Op.iconst);
  if (constant === NONE || fn.type[constant] !== Type.I64) return undefined;
  const bytes = fn.immLo[constant]!;
  if (fn.immHi[constant] !== bytes >> 31 || bytes <= -LIMIT || bytes >= LIMIT) return undefined;
  return { base: argOf(fn, sum, 0), bytes };
}

export const MEMORY_RULES: readonly Rule[] = [
  {
    name: "offset-into-access",
    ops: [Op.load, Op.store],
    apply: (fn: IrFunction, inst: Inst) => {
      const added = addedConstant(fn, argOf(fn, inst, 0));
      if (added === undefined) return false;
      const offset = fn.immLo[inst]! + added.bytes;
      if (offset <= -LIMIT || offset >= LIMIT) return false;
      fn.setArg(inst, 0, added.base);
      fn.immLo[inst] = offset;
      return true;
    },
  },
  {
    name: "offset-into-slot",
    ops: [Op.iadd],
    apply: (fn, inst) => {
      const added = addedConstant(fn, fn.result(inst));
      if (added === undefined) return false;
      const slot = defOf(fn, added.base, Op.stackAddr);
      if (slot === NONE) return false;
      const offset = fn.immHi[slot]! + added.bytes;
      if (offset <= -LIMIT || offset >= LIMIT) return false;
      const address = fn.newSimple(Op.stackAddr, Type.I64, Type.I64, NONE, NONE, NONE, fn.immLo[slot]!, offset);
      fn.insertBefore(address, inst);
      replaceInst(fn, inst, fn.result(address));
      return true;
    },
  },
  {
    name: "copy-of-nothing",
    ops: [Op.memcpy, Op.memset],
    apply: (fn, inst) => {
      if (fn.immLo[inst] !== 0) return false;
      fn.removeInst(inst);
      return true;
    },
  },
  {
    name: "copy-to-scalar",
    ops: [Op.memcpy],
    apply: (fn, inst) => {
      const size = fn.immLo[inst]!;
      if (size !== 1 && size !== 2 && size !== 4 && size !== 8) return false;
      const type = (size === 1 ? Type.I8 : size === 2 ? Type.I16 : size === 4 ? Type.I32 : Type.I64) as Type;
      const aux = Math.min(fn.aux[inst]!, 31 - Math.clz32(size)) << MemFlags.ALIGN_SHIFT;
      const load = fn.newSimple(Op.load, type, type, argOf(fn, inst, 1), NONE, NONE, 0, 0, aux);
      fn.insertBefore(load, inst);
      fn.insertBefore(fn.newInst(Op.store, type, [argOf(fn, inst, 0), fn.result(load)], [], 0, 0, aux), inst);
      fn.removeInst(inst);
      return true;
    },
  },
  {
    name: "fill-to-scalar",
    ops: [Op.memset],
    apply: (fn, inst) => {
      const size = fn.immLo[inst]!;
      if (size !== 1 && size !== 2 && size !== 4 && size !== 8) return false;
      const type = (size === 1 ? Type.I8 : size === 2 ? Type.I16 : size === 4 ? Type.I32 : Type.I64) as Type;
      const aux = Math.min(fn.aux[inst]!, 31 - Math.clz32(size)) << MemFlags.ALIGN_SHIFT;
      const byte = fn.immHi[inst]! & 0xff;
      const value = fn.newConst(type, BigInt.asUintN(size * 8, BigInt(byte) * 0x0101_0101_0101_0101n));
      fn.insertBefore(value, inst);
      fn.insertBefore(fn.newInst(Op.store, type, [argOf(fn, inst, 0), fn.result(value)], [], 0, 0, aux), inst);
      fn.removeInst(inst);
      return true;
    },
  },
];
