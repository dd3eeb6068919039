/**
 * Sparse conditional constant propagation.
 *
 * Wegman and Zadeck, "Constant Propagation with Conditional Branches" (1991). Every value is unknown, one constant, or varying, and only goes down
 * that way; only blocks that constants do not rule out are looked at. Two worklists, of edges into blocks and of values that went down.
 * Afterwards values with constants are replaced, and branches on constants become jumps.
 */

import { NONE } from "../../../entity/entity.ts";
import { atLeast } from "../ir/cfg.ts";
import type { Block, Inst, IrFunction, Value } from "../ir/function.ts";
import { EFFECTS, Effect, Op, Type } from "../ir/opcodes.ts";
import type { PassCx } from "./context.ts";
import { blockStart, insertBits, insertConst, removeUnreachable, replaceByJump } from "./edit.ts";
import type { FoldTable } from "./fold.ts";
import { foldWide, foldWideSecond } from "./fold-wide.ts";

const UNKNOWN = 0;
const CONSTANT = 1;
const VARYING = 2;

let state: Uint8Array = new Uint8Array(256);
let low: Int32Array = new Int32Array(256);
let high: Int32Array = new Int32Array(256);
/** The bits of `i128` constants. */
let wide: bigint[] = [];
/** By block: control may come here. */
let executable: Uint8Array = new Uint8Array(64);

let blockList: Int32Array = new Int32Array(64);
let blockListLength = 0;
let valueList: Int32Array = new Int32Array(256);
let valueListLength = 0;
let queued: Uint8Array = new Uint8Array(256);

// Uses by value, as linked runs: the instructions that name it.
let useStart: Int32Array = new Int32Array(257);
let useInst: Int32Array = new Int32Array(256);

const out = new Int32Array(4);

/** Propagates constants; true when anything changed. */
export function constProp(fn: IrFunction, cx: PassCx): boolean {
  prepare(fn);
  const entry = fn.entry;
  for (const param of fn.blockParams[entry]!) state[param] = VARYING;
  reach(entry);
  const folds = cx.policy.fold;
  while (blockListLength > 0 || valueListLength > 0) {
    while (valueListLength > 0) {
      const value = valueList[--valueListLength]!;
      queued[value] = 0;
      for (let u = useStart[value]!; u < useStart[value + 1]!; u++) {
        const inst = useInst[u]!;
        if (executable[fn.instBlock[inst]!] !== 0) visit(fn, inst, folds);
      }
    }
    if (blockListLength > 0) {
      const block = blockList[--blockListLength]!;
      for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) visit(fn, inst, folds);
    }
  }
  return rewrite(fn, cx);
}

function prepare(fn: IrFunction): void {
  const values = fn.valueCount;
  if (state.length < values) {
    state = new Uint8Array(values * 2);
    queued = new Uint8Array(values * 2);
  }
  low = atLeast(low, values);
  high = atLeast(high, values);
  valueList = atLeast(valueList, values);
  useStart = atLeast(useStart, values + 2);
  state.fill(UNKNOWN, 0, values);
  queued.fill(0, 0, values);
  wide = [];
  if (executable.length < fn.blockCount) executable = new Uint8Array(fn.blockCount * 2);
  blockList = atLeast(blockList, fn.blockCount);
  executable.fill(0, 0, fn.blockCount);
  blockListLength = 0;
  valueListLength = 0;
  collectUses(fn);
}

function collectUses(fn: IrFunction): void {
  useStart.fill(0, 0, fn.valueCount + 2);
  let total = 0;
  const count = (start: number, length: number): void => {
    for (let i = start; i < start + length; i++) useStart[fn.argPool[i]! + 2]!++;
    total += length;
  };
  forEachRun(fn, count);
  for (let v = 2; v < fn.valueCount + 2; v++) useStart[v]! += useStart[v - 1]!;
  useInst = atLeast(useInst, total);
  forEachRun(fn, (start, length, inst) => {
    for (let i = start; i < start + length; i++) useInst[useStart[fn.argPool[i]! + 1]!++] = inst;
  });
}

function forEachRun(fn: IrFunction, visitRun: (start: number, length: number, inst: number) => void): void {
  for (let b = 0; b < fn.layout.length; b++) {
    for (let inst = fn.firstInst[fn.layout[b]!]!; inst !== NONE; inst = fn.next[inst]!) {
      visitRun(fn.argStart[inst]!, fn.argCount[inst]!, inst);
      for (let s = fn.succCount[inst]! - 1, at = fn.succStart[inst]! + s * 3; s >= 0; s--, at -= 3)
        visitRun(fn.succPool[at + 1]!, fn.succPool[at + 2]!, inst);
    }
  }
}

function reach(block: number): void {
  if (executable[block] !== 0) return;
  executable[block] = 1;
  blockList[blockListLength++] = block;
}

function lower(value: number): void {
  if (queued[value] !== 0) return;
  queued[value] = 1;
  valueList[valueListLength++] = value;
}

function setVarying(value: number): void {
  if (state[value] === VARYING) return;
  state[value] = VARYING;
  lower(value);
}

function setConstant(value: number, lo: number, hi: number, bits: bigint | undefined): void {
  if (state[value] === VARYING) return;
  if (state[value] === CONSTANT) {
    if (low[value] === lo && high[value] === hi && wide[value] === bits) return;
    state[value] = VARYING;
  } else {
    state[value] = CONSTANT;
    low[value] = lo;
    high[value] = hi;
    if (bits !== undefined) wide[value] = bits;
  }
  lower(value);
}

/** `to` takes what `from` is. */
function meet(from: number, to: number): void {
  if (state[from] === VARYING) setVarying(to);
  else if (state[from] === CONSTANT) setConstant(to, low[from]!, high[from]!, wide[from]);
}

function visit(fn: IrFunction, inst: number, folds: FoldTable): void {
  const opcode = fn.opcode[inst]!;
  if ((EFFECTS[opcode]! & Effect.TERMINATOR) !== 0) {
    visitTerminator(fn, inst as Inst, opcode);
    return;
  }
  const results = fn.resultCount[inst]!;
  if (results === 0) return;
  const result = fn.resultStart[inst]!;
  if (opcode === Op.iconst || opcode === Op.fconst) {
    if (fn.type[inst] === Type.I128) setConstant(result, 0, 0, fn.wideConstants[fn.immLo[inst]!]!);
    else setConstant(result, fn.immLo[inst]!, fn.immHi[inst]!, undefined);
    return;
  }
  if (opcode === Op.select) {
    visitSelect(fn, inst as Inst, result);
    return;
  }
  const outcome = evaluate(fn, inst as Inst, opcode, folds);
  if (outcome === VARYING) for (let i = 0; i < results; i++) setVarying(result + i);
}

function visitSelect(fn: IrFunction, inst: Inst, result: number): void {
  const cond = fn.arg(inst, 0);
  if (state[cond] === UNKNOWN) return;
  if (state[cond] === CONSTANT) {
    meet(fn.arg(inst, low[cond] !== 0 ? 1 : 2), result);
    return;
  }
  meet(fn.arg(inst, 1), result);
  meet(fn.arg(inst, 2), result);
}

/** Evaluates on the arguments' states; sets the results when they are constants. */
function evaluate(fn: IrFunction, inst: Inst, opcode: number, folds: FoldTable): number {
  const count = fn.argCount[inst]!;
  if (count === 0 || count > 2 || (EFFECTS[opcode]! & (Effect.READ | Effect.SIDE)) !== 0) return VARYING;
  const a = fn.arg(inst, 0);
  const b = count === 2 ? fn.arg(inst, 1) : a;
  if (state[a] === VARYING || state[b] === VARYING) return VARYING;
  if (state[a] === UNKNOWN || state[b] === UNKNOWN) return UNKNOWN;
  const type = fn.type[inst]!;
  const from = fn.valueType[a]!;
  const result = fn.resultStart[inst]!;
  if (type === Type.I128 || from === Type.I128) return evaluateWide(fn, inst, opcode, a, b, count);
  const fold = folds[opcode];
  const two = count === 2;
  if (
    fold === undefined ||
    !fold(type, from, low[a]!, high[a]!, two ? low[b]! : 0, two ? high[b]! : 0, out, fn.aux[inst]!)
  )
    return VARYING;
  setConstant(result, out[0]!, out[1]!, undefined);
  if (fn.resultCount[inst] === 2) setConstant(result + 1, out[2]!, 0, undefined);
  return CONSTANT;
}

function bitsOf(fn: IrFunction, value: Value): bigint {
  if (fn.valueType[value] === Type.I128) return wide[value]!;
  return (BigInt(high[value]! >>> 0) << 32n) | BigInt(low[value]! >>> 0);
}

function evaluateWide(fn: IrFunction, inst: Inst, opcode: number, a: Value, b: Value, count: number): number {
  const x = bitsOf(fn, a);
  const y = count === 2 ? bitsOf(fn, b) : 0n;
  const first = foldWide(opcode, fn.type[inst]!, fn.valueType[a]!, fn.aux[inst]!, x, y);
  if (first === undefined) return VARYING;
  setBits(fn, fn.result(inst), first);
  if (fn.resultCount[inst] === 2) setBits(fn, fn.result(inst, 1), foldWideSecond(opcode, x, y) ?? 0n);
  return CONSTANT;
}

function setBits(fn: IrFunction, value: Value, bits: bigint): void {
  if (fn.valueType[value] === Type.I128) {
    setConstant(value, 0, 0, bits);
    return;
  }
  setConstant(value, Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n)), undefined);
}

function visitTerminator(fn: IrFunction, inst: Inst, opcode: number): void {
  const only = knownSuccessor(fn, inst, opcode);
  if (only === UNKNOWN_SUCCESSOR) return;
  for (let s = 0; s < fn.succCount[inst]!; s++) {
    if (only !== ALL_SUCCESSORS && s !== only) continue;
    const block = fn.succBlock(inst, s);
    const params = fn.blockParams[block]!;
    for (let i = 0; i < params.length; i++) meet(fn.succArg(inst, s, i), params[i]!);
    reach(block);
  }
}

const ALL_SUCCESSORS = -1;
const UNKNOWN_SUCCESSOR = -2;

function knownSuccessor(fn: IrFunction, inst: Inst, opcode: number): number {
  if (opcode !== Op.brif && opcode !== Op.switch) return ALL_SUCCESSORS;
  const cond = fn.arg(inst, 0);
  if (state[cond] === VARYING) return ALL_SUCCESSORS;
  if (state[cond] === UNKNOWN) return UNKNOWN_SUCCESSOR;
  if (opcode === Op.brif) return low[cond] !== 0 ? 0 : 1;
  return fn.switchCases[fn.immLo[inst]!]!.indexOf(bitsOf(fn, cond)) + 1;
}

function rewrite(fn: IrFunction, cx: PassCx): boolean {
  let changed = false;
  for (const block of fn.layout) {
    if (executable[block] === 0) continue;
    if (block !== fn.entry)
      for (const param of fn.blockParams[block]!) if (materialize(fn, param, blockStart(fn, block))) changed = true;
    for (let inst = fn.firstInst[block]!; inst !== NONE; ) {
      const following = fn.next[inst]!;
      if (rewriteInst(fn, inst as Inst, block)) changed = true;
      inst = following;
    }
  }
  fn.resolveAliases();
  cx.cfg.compute(fn);
  return removeUnreachable(fn, cx.cfg) || changed;
}

/** Replaces a constant value that is used; true when it was. The constant goes before `before`. */
function materialize(fn: IrFunction, value: Value, before: Inst): boolean {
  if (state[value] !== CONSTANT || useStart[value] === useStart[value + 1]) return false;
  const type = fn.valueType[value]! as Type;
  fn.replaceValue(
    value,
    type === Type.I128
      ? insertBits(fn, before, type, wide[value]!)
      : insertConst(fn, before, type, low[value]!, high[value]!),
  );
  return true;
}

function rewriteInst(fn: IrFunction, inst: Inst, block: Block): boolean {
  const opcode = fn.opcode[inst]!;
  if (opcode === Op.iconst || opcode === Op.fconst) return false;
  if ((EFFECTS[opcode]! & Effect.TERMINATOR) !== 0) {
    const only = knownSuccessor(fn, inst, opcode);
    if (only < 0) return false;
    replaceByJump(fn, block, fn.succBlock(inst, only), fn.succArgs(inst, only));
    return true;
  }
  const results = fn.resultCount[inst]!;
  let changed = false;
  let constants = 0;
  for (let i = 0; i < results; i++) {
    const value = fn.result(inst, i);
    if (state[value] === CONSTANT) constants++;
    if (materialize(fn, value, inst)) changed = true;
  }
  if (results > 0 && constants === results && (EFFECTS[opcode]! & ~(Effect.COMMUTATIVE | Effect.TRAP)) === 0) {
    fn.removeInst(inst);
    return true;
  }
  return changed;
}
