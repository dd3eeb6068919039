/**
 * Inlining of one call: the caller's block is split after it, and a copy of the callee's body put between.
 */

import { NONE } from "../../../entity/entity.ts";
import type { Block, Inst, IrFunction, Value } from "../ir/function.ts";
import { OPS, Op, Type } from "../ir/opcodes.ts";

let valueMap: Int32Array = new Int32Array(256);
let blockMap: Int32Array = new Int32Array(32);

/**
 * Replaces `call` in `fn` by the body of `callee`. Appends the blocks made to `layout`, after the call's block. Returns the block
 * in which the instructions after the call now stand. Uses of the call's results are left as aliases.
 */
export function inlineCall(fn: IrFunction, call: Inst, callee: IrFunction, layout: Block[]): Block {
  const block = fn.instBlock[call]! as Block;
  const rest = splitAfter(fn, call);
  const args = fn.args(call).map((value) => fn.resolve(value));
  const slots = callee.stackSlots.map((slot) => fn.newStackSlot(slot.size, slot.align));
  prepare(fn, callee, args);
  for (const from of callee.layout) {
    const to = blockMap[from]! as Block;
    layout.push(to);
    for (let inst = callee.firstInst[from]!; inst !== NONE; inst = callee.next[inst]!)
      fn.appendInst(cloneInst(fn, callee, inst as Inst, slots, rest), to);
  }
  for (const from of callee.layout) patchBlock(fn, from);
  const enter = fn.newInst(Op.jump, 0, [], []);
  fn.addSucc(enter, blockMap[callee.entry]! as Block, []);
  fn.appendInst(enter, block);
  layout.push(rest);
  return rest;
}

/** Moves what follows `call` to a new block, whose parameters stand for the call's results; takes the call away. */
function splitAfter(fn: IrFunction, call: Inst): Block {
  const rest = fn.newBlock();
  for (let i = 0; i < fn.resultCount[call]!; i++) {
    const result = fn.result(call, i);
    fn.replaceValue(result, fn.appendBlockParam(rest, fn.valueType[result]! as Type));
  }
  for (let inst = fn.next[call]!; inst !== NONE; ) {
    const following = fn.next[inst]!;
    fn.removeInst(inst as Inst);
    fn.appendInst(inst as Inst, rest);
    inst = following;
  }
  fn.removeInst(call);
  return rest;
}

function prepare(fn: IrFunction, callee: IrFunction, args: readonly Value[]): void {
  if (valueMap.length < callee.valueCount) valueMap = new Int32Array(callee.valueCount * 2);
  if (blockMap.length < callee.blockCount) blockMap = new Int32Array(callee.blockCount * 2);
  for (const from of callee.layout) {
    const to = fn.newBlock();
    blockMap[from] = to;
    const params = callee.blockParams[from]!;
    for (let i = 0; i < params.length; i++) {
      const param = params[i]!;
      valueMap[param] = from === callee.entry ? args[i]! : fn.appendBlockParam(to, callee.valueType[param]! as Type);
    }
  }
}

/** A copy of `inst`, whose arguments still have the callee's numbers. */
function cloneInst(fn: IrFunction, callee: IrFunction, inst: Inst, slots: readonly number[], rest: Block): Inst {
  const opcode = callee.opcode[inst]!;
  if (opcode === Op.ret) {
    const jump = fn.newInst(Op.jump, 0, [], []);
    fn.addSucc(jump, rest, callee.args(inst));
    return jump;
  }
  const types: Type[] = [];
  for (let i = 0; i < callee.resultCount[inst]!; i++) types.push(callee.valueType[callee.result(inst, i)]! as Type);
  const lo = mappedImmediate(fn, callee, inst, slots);
  const copy = fn.newInst(
    opcode,
    callee.type[inst]!,
    callee.args(inst),
    types,
    lo,
    callee.immHi[inst]!,
    callee.aux[inst]!,
  );
  for (let s = 0; s < callee.succCount[inst]!; s++)
    fn.addSucc(copy, blockMap[callee.succBlock(inst, s)]! as Block, callee.succArgs(inst, s));
  for (let i = 0; i < types.length; i++) valueMap[callee.result(inst, i)] = fn.result(copy, i);
  return copy;
}

/** `immLo` of the copy: indices into the callee's tables become indices into the caller's. */
function mappedImmediate(fn: IrFunction, callee: IrFunction, inst: Inst, slots: readonly number[]): number {
  const lo = callee.immLo[inst]!;
  const opcode = callee.opcode[inst]!;
  switch (OPS[opcode]!.format) {
    case "const":
      return callee.type[inst] === Type.I128 ? fn.wideConstants.push(callee.wideConstants[lo]!) - 1 : lo;
    case "slot":
      return slots[lo]!;
    case "func":
      return fn.importFunction(callee.functions[lo]!.symbol, callee.functions[lo]!.signature);
    case "sig":
      return fn.importSignature(callee.signatures[lo]!);
    case "branch":
      return opcode === Op.switch ? fn.switchCases.push(callee.switchCases[lo]!) - 1 : lo;
    default:
      return lo;
  }
}

/** Renames the arguments of a copied block's instructions. */
function patchBlock(fn: IrFunction, from: Block): void {
  const to = blockMap[from]!;
  for (let inst = fn.firstInst[to]!; inst !== NONE; inst = fn.next[inst]!) {
    patchRun(fn, fn.argStart[inst]!, fn.argCount[inst]!);
    for (let s = 0, at = fn.succStart[inst]!; s < fn.succCount[inst]!; s++, at += 3)
      patchRun(fn, fn.succPool[at + 1]!, fn.succPool[at + 2]!);
  }
}

function patchRun(fn: IrFunction, start: number, count: number): void {
  for (let i = start; i < start + count; i++) fn.argPool[i] = valueMap[fn.argPool[i]!]!;
}
