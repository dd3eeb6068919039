/**
 * Whether two functions do the same: structural hash and comparison of their bodies, up to the numbers of values, blocks and references.
 */

import { NONE } from "../../../entity/entity.ts";
import type { Block, Inst, IrFunction, Signature } from "../ir/function.ts";
import { OPS, Op, Type } from "../ir/opcodes.ts";

/** Equal for functions that `sameBody` finds the same. */
export function hashBody(fn: IrFunction): number {
  let h = fn.layout.length ^ (fn.signature.params.length << 8);
  for (const block of fn.layout) {
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
      h = Math.imul(h ^ (fn.opcode[inst]! + (fn.type[inst]! << 8)), 0x9e37_79b1);
      h ^= h >>> 15;
      h = (h + fn.argCount[inst]! * 31 + fn.succCount[inst]! * 7) | 0;
      // References and indices differ between functions; all else that is immediate counts.
      const { format } = OPS[fn.opcode[inst]!]!;
      if (format === "const" && fn.type[inst] !== Type.I128)
        h ^= Math.imul(fn.immLo[inst]!, 0x85eb_ca6b) ^ fn.immHi[inst]!;
    }
  }
  return h;
}

function sameSignature(a: Signature, b: Signature): boolean {
  return (
    a.noReturn === b.noReturn &&
    a.params.length === b.params.length &&
    a.returns.length === b.returns.length &&
    a.params.every((ty, i) => ty === b.params[i]) &&
    a.returns.every((ty, i) => ty === b.returns[i])
  );
}

/** Whether `a` and `b` have the same signature and body; a call of itself in one matches a call of itself in the other. */
export function sameBody(a: IrFunction, b: IrFunction): boolean {
  if (!sameSignature(a.signature, b.signature) || a.layout.length !== b.layout.length) return false;
  const blocks = new Map<Block, Block>();
  const values = new Map<number, number>();
  for (let i = 0; i < a.layout.length; i++) {
    const left = a.blockParams[a.layout[i]!]!;
    const right = b.blockParams[b.layout[i]!]!;
    if (left.length !== right.length) return false;
    blocks.set(a.layout[i]!, b.layout[i]!);
    for (let p = 0; p < left.length; p++) {
      if (a.valueType[left[p]!] !== b.valueType[right[p]!]) return false;
      values.set(left[p]!, right[p]!);
    }
    if (!pairResults(a, b, a.layout[i]!, b.layout[i]!, values)) return false;
  }
  return a.layout.every((block, i) => sameInsts(a, b, block, b.layout[i]!, values, blocks));
}

/** Pairs the results of two blocks' instructions; false when their shapes differ. */
function pairResults(a: IrFunction, b: IrFunction, left: Block, right: Block, values: Map<number, number>): boolean {
  let x = a.firstInst[left]!;
  let y = b.firstInst[right]!;
  for (; x !== NONE && y !== NONE; x = a.next[x]!, y = b.next[y]!) {
    if (a.opcode[x] !== b.opcode[y] || a.type[x] !== b.type[y] || a.resultCount[x] !== b.resultCount[y]) return false;
    for (let i = 0; i < a.resultCount[x]!; i++) values.set(a.resultStart[x]! + i, b.resultStart[y]! + i);
  }
  return x === y;
}

function sameInsts(
  a: IrFunction,
  b: IrFunction,
  left: Block,
  right: Block,
  values: ReadonlyMap<number, number>,
  blocks: ReadonlyMap<Block, Block>,
): boolean {
  let y = b.firstInst[right]!;
  for (let x = a.firstInst[left]!; x !== NONE; x = a.next[x]!, y = b.next[y]!) {
    const i = x as Inst;
    const j = y as Inst;
    if (a.aux[i] !== b.aux[j] || a.argCount[i] !== b.argCount[j] || a.succCount[i] !== b.succCount[j]) return false;
    for (let n = 0; n < a.argCount[i]!; n++) if (values.get(a.arg(i, n)) !== b.arg(j, n)) return false;
    for (let s = 0; s < a.succCount[i]!; s++) {
      if (blocks.get(a.succBlock(i, s)) !== b.succBlock(j, s)) return false;
      for (let n = 0; n < a.succArgCount(i, s); n++) {
        if (values.get(a.succArg(i, s, n)) !== b.succArg(j, s, n)) return false;
      }
    }
    if (!sameImmediates(a, b, i, j)) return false;
  }
  return true;
}

function sameImmediates(a: IrFunction, b: IrFunction, i: Inst, j: Inst): boolean {
  const opcode = a.opcode[i]!;
  switch (OPS[opcode]!.format) {
    case "const":
      return a.constBits(i) === b.constBits(j);
    case "slot": {
      const left = a.stackSlots[a.immLo[i]!]!;
      const right = b.stackSlots[b.immLo[j]!]!;
      return (
        a.immLo[i] === b.immLo[j] && a.immHi[i] === b.immHi[j] && left.size === right.size && left.align === right.align
      );
    }
    case "func": {
      const left = a.functions[a.immLo[i]!]!;
      const right = b.functions[b.immLo[j]!]!;
      const same = left.symbol === right.symbol || (left.symbol === a.symbol && right.symbol === b.symbol);
      return same && sameSignature(left.signature, right.signature);
    }
    case "sig":
      return sameSignature(a.signatures[a.immLo[i]!]!, b.signatures[b.immLo[j]!]!);
    case "branch": {
      if (opcode !== Op.switch) return true;
      const left = a.switchCases[a.immLo[i]!]!;
      const right = b.switchCases[b.immLo[j]!]!;
      return left.length === right.length && left.every((value, n) => value === right[n]);
    }
    default:
      return a.immLo[i] === b.immLo[j] && a.immHi[i] === b.immHi[j];
  }
}
