/**
 * The verifier of the IR. It runs after every pass under `-Z verify`, and is linear in the size of the function.
 *
 * Invariants, in the manner of cranelift/codegen/src/verifier/mod.rs:
 *
 * Blocks
 * - There is an entry block. Its parameters have the types of the signature's. No block branches to it.
 * - A block is in the layout at most once. It is not empty, ends with a terminator, and has no other.
 * - The instruction list is linked both ways, and every instruction in it names its block.
 * - Successors are in the layout; a block call has as many arguments as the block has parameters, of the same types.
 *
 * Instructions
 * - The number of arguments, results and successors is the opcode's; types are as in `type-rules.ts`.
 * - Condition codes, stack slots, function and signature references and switch tables exist. Constants are in canonical form:
 *   zero-extended, `immHi` 0 below 64 bits. Accesses through `stack_addr` itself may lie anywhere.
 * - Calls and returns agree with their signatures. Cases of a switch differ and fit its type.
 *
 * Values
 * - No argument is an alias. The definition of every argument is in the layout.
 * - In a reachable block, the definition dominates the use.
 */

import { bug, NONE } from "../../../entity/entity.ts";
import { ControlFlowGraph } from "./cfg.ts";
import { DominatorTree } from "./dominator-tree.ts";
import type { Block, Inst, IrFunction, Signature, Value } from "./function.ts";
import { EFFECTS, Effect, FLOAT_CC_NAMES, INT_CC_NAMES, OPS, Op, TYPE_BYTES, TYPE_NAMES, Type } from "./opcodes.ts";
import { TYPE_CLASS, TypeClass } from "./type-rules.ts";

export interface VerifierError {
  readonly message: string;
  /** The instruction at fault, or -1. */
  readonly inst: number;
  /** The block at fault, or -1. */
  readonly block: number;
}

const K = TypeClass;

// Columns of the opcode table, for speed.
const ARG_COUNT: Int8Array = Int8Array.from(OPS, (info) => info.args);
const RESULT_COUNT: Int8Array = Int8Array.from(OPS, (info) => info.results);
const IS_BRANCH: Uint8Array = Uint8Array.from(OPS, (info) => (info.format === "branch" ? 1 : 0));
const cfg = new ControlFlowGraph();
const tree = new DominatorTree();

// Scratch of one verification. A stamp equal to `generation` means "seen in this run".
let generation = 0;
let blockStamp: Int32Array = new Int32Array(64);
let valueStamp: Int32Array = new Int32Array(256);
let errors: VerifierError[] = [];
let currentInst = NONE;
let currentBlock = NONE;

function report(message: string): void {
  errors.push({ message, inst: currentInst, block: currentBlock });
}

function reserve(fn: IrFunction): void {
  if (generation >= 0x7ffffff0) {
    generation = 0;
    blockStamp.fill(0);
    valueStamp.fill(0);
  }
  generation++;
  if (blockStamp.length < fn.blockCount) blockStamp = new Int32Array(fn.blockCount * 2);
  if (valueStamp.length < fn.valueCount) valueStamp = new Int32Array(fn.valueCount * 2);
}

/** The violated invariants of `fn`, in the order found; empty when it is well formed. */
export function verifyFunction(fn: IrFunction): readonly VerifierError[] {
  errors = [];
  currentInst = NONE;
  currentBlock = NONE;
  reserve(fn);
  if (fn.layout.length === 0) {
    report("the function has no block");
    return errors;
  }
  checkLayout(fn);
  if (errors.length > 0) return errors;
  checkEntry(fn);
  for (let i = 0; i < fn.layout.length; i++) checkBlock(fn, fn.layout[i]!);
  if (errors.length > 0) return errors;
  cfg.compute(fn);
  tree.compute(cfg, fn.blockCount);
  checkEntryPredecessors(fn);
  for (let i = 0; i < tree.count; i++) checkDominance(fn, tree.preorder[i]! as Block);
  return errors;
}

/** One line per error, for messages. */
export function renderVerifierErrors(fn: IrFunction, found: readonly VerifierError[]): string {
  return found
    .map((e) => {
      const at =
        e.inst !== NONE ? `inst${e.inst} (${fn.opName(e.inst as Inst)}) of block${e.block}` : `block${e.block}`;
      return e.block === NONE ? e.message : `${at}: ${e.message}`;
    })
    .join("\n");
}

/** Throws the error of an internal fault when `fn` is not well formed. `when` says what was done last. */
export function assertVerified(fn: IrFunction, when: string): void {
  const found = verifyFunction(fn);
  if (found.length > 0) throw bug(`${fn.symbol} is not well formed ${when}:\n${renderVerifierErrors(fn, found)}`);
}

/** Links and terminators; afterwards the tables can be walked safely. */
function checkLayout(fn: IrFunction): void {
  for (const block of fn.layout) {
    currentBlock = block;
    if (block < 0 || block >= fn.blockCount) {
      report("no such block");
      return;
    }
    if (blockStamp[block] === generation) {
      report("the block is in the layout twice");
      return;
    }
    blockStamp[block] = generation;
    let previous = NONE;
    let steps = 0;
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
      currentInst = inst;
      if (inst < 0 || inst >= fn.instCount) {
        report("no such instruction");
        return;
      }
      if (fn.prev[inst] !== previous) {
        report("the links of the instruction list disagree");
        return;
      }
      if (fn.instBlock[inst] !== block) {
        report(`the instruction names block${fn.instBlock[inst]} as its block`);
        return;
      }
      if (++steps > fn.instCount) {
        report("the instruction list has a cycle");
        return;
      }
      const terminator = (EFFECTS[fn.opcode[inst]!]! & Effect.TERMINATOR) !== 0;
      if (terminator !== (fn.next[inst] === NONE)) {
        report(terminator ? "a terminator is not the last instruction" : "the block does not end with a terminator");
        return;
      }
      previous = inst;
    }
    currentInst = NONE;
    if (previous === NONE) {
      report("the block is empty");
      return;
    }
    if (fn.lastInst[block] !== previous) {
      report("the block's last instruction is another");
      return;
    }
  }
}

function checkEntry(fn: IrFunction): void {
  currentBlock = fn.entry;
  const params = fn.blockParams[fn.entry]!;
  const expected = fn.signature.params;
  if (params.length !== expected.length) {
    report(`the entry has ${params.length} parameters, the signature ${expected.length}`);
    return;
  }
  for (let i = 0; i < params.length; i++) {
    if (fn.valueType[params[i]!] !== expected[i])
      report(`parameter ${i} of the entry has another type than the signature's`);
  }
}

function checkEntryPredecessors(fn: IrFunction): void {
  currentBlock = fn.entry;
  currentInst = NONE;
  if (cfg.predCount(fn.entry) !== 0) report("a block branches to the entry");
}

function checkBlock(fn: IrFunction, block: Block): void {
  currentBlock = block;
  currentInst = NONE;
  const params = fn.blockParams[block]!;
  for (let i = 0; i < params.length; i++) {
    const param = params[i]!;
    if (fn.valueDef[param] !== ~block || fn.valueIndex[param] !== i)
      report(`v${param} is not parameter ${i} of its block`);
  }
  for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
    currentInst = inst;
    checkInst(fn, inst);
  }
}

function checkInst(fn: IrFunction, inst: number): void {
  const opcode = fn.opcode[inst]!;
  if (opcode >= OPS.length || opcode === Op.nop) {
    report("no such opcode in a block");
    return;
  }
  const argCount = fn.argCount[inst]!;
  if (ARG_COUNT[opcode]! >= 0 && argCount !== ARG_COUNT[opcode]) {
    report(`${argCount} arguments, not ${ARG_COUNT[opcode]}`);
    return;
  }
  const resultCount = fn.resultCount[inst]!;
  if (RESULT_COUNT[opcode]! >= 0 && resultCount !== RESULT_COUNT[opcode]) {
    report(`${resultCount} results, not ${RESULT_COUNT[opcode]}`);
    return;
  }
  const argStart = fn.argStart[inst]!;
  for (let i = 0; i < argCount; i++) checkUse(fn, fn.argPool[argStart + i]!);
  const resultStart = fn.resultStart[inst]!;
  for (let i = 0; i < resultCount; i++) {
    if (fn.valueDef[resultStart + i] !== inst || fn.valueIndex[resultStart + i] !== i)
      report(`v${resultStart + i} is not result ${i} of its instruction`);
  }
  if (IS_BRANCH[opcode] === 0) {
    if (fn.succCount[inst] !== 0) {
      report("only branches have successors");
      return;
    }
  } else {
    checkSuccessors(fn, inst);
  }
  if (errors.length > 0) return;
  checkTypes(fn, inst, opcode);
}

function checkUse(fn: IrFunction, value: number): void {
  if (value < 0 || value >= fn.valueCount) {
    report(`no value v${value}`);
    return;
  }
  if (fn.resolve(value as Value) !== value) {
    report(`v${value} is an alias of v${fn.resolve(value as Value)}`);
    return;
  }
  const def = fn.valueDef[value]!;
  if (def < 0) {
    const block = ~def;
    if (blockStamp[block] !== generation || fn.blockParams[block]![fn.valueIndex[value]!] !== value)
      report(`v${value} is a parameter of a removed block, or a removed parameter`);
  } else {
    const block = fn.instBlock[def]!;
    if (block === NONE || blockStamp[block] !== generation) report(`v${value} is the result of a removed instruction`);
  }
}

function checkSuccessors(fn: IrFunction, inst: number): void {
  const count = fn.succCount[inst]!;
  const start = fn.succStart[inst]!;
  for (let s = 0; s < count; s++) {
    const block = fn.succPool[start + s * 3]!;
    if (block < 0 || block >= fn.blockCount || blockStamp[block] !== generation) {
      report(`successor block${block} is not in the layout`);
      continue;
    }
    const from = fn.succPool[start + s * 3 + 1]!;
    const args = fn.succPool[start + s * 3 + 2]!;
    const params = fn.blockParams[block]!;
    if (args !== params.length) {
      report(`${args} arguments for the ${params.length} parameters of block${block}`);
      continue;
    }
    for (let i = 0; i < args; i++) {
      const value = fn.argPool[from + i]!;
      checkUse(fn, value);
      if (fn.valueType[value] !== fn.valueType[params[i]!])
        report(`argument v${value} has another type than parameter v${params[i]} of block${block}`);
    }
  }
}

function argType(fn: IrFunction, inst: number, index: number): number {
  return fn.valueType[fn.argPool[fn.argStart[inst]! + index]!]!;
}

/** Checks that all arguments have type `type`, and the results have `first` and `second` (0: no such result). */
function expectTypes(fn: IrFunction, inst: number, type: number, first: number, second: number): void {
  const start = fn.argStart[inst]!;
  const count = fn.argCount[inst]!;
  for (let i = 0; i < count; i++) {
    const value = fn.argPool[start + i]!;
    if (fn.valueType[value] !== type)
      report(`v${value} is ${TYPE_NAMES[fn.valueType[value]!]}, not ${TYPE_NAMES[type]}`);
  }
  expectResults(fn, inst, first, second);
}

function expectResults(fn: IrFunction, inst: number, first: number, second: number): void {
  const result = fn.resultStart[inst]!;
  if (first !== 0 && fn.valueType[result] !== first) report(`result v${result} is not ${TYPE_NAMES[first]}`);
  if (second !== 0 && fn.valueType[result + 1] !== second) report(`result v${result + 1} is not ${TYPE_NAMES[second]}`);
}

function expectInt(type: number): void {
  if (type < Type.I8 || type > Type.I128) report("the type must be an integer");
}

function expectFloat(type: number): void {
  if (type !== Type.F32 && type !== Type.F64) report("the type must be a float");
}

function checkTypes(fn: IrFunction, inst: number, opcode: number): void {
  const type = fn.type[inst]!;
  switch (TYPE_CLASS[opcode]!) {
    case K.iconst:
    case K.fconst:
      checkConst(fn, inst, opcode, type);
      return;
    case K.intBinary:
    case K.intUnary:
      expectInt(type);
      expectTypes(fn, inst, type, type, 0);
      return;
    case K.overflow:
      expectInt(type);
      expectTypes(fn, inst, type, type, Type.I8);
      return;
    case K.icmp:
      expectInt(type);
      if (fn.aux[inst]! >= INT_CC_NAMES.length) report("no such condition code");
      expectTypes(fn, inst, type, Type.I8, 0);
      return;
    case K.fcmp:
      expectFloat(type);
      if (fn.aux[inst]! >= FLOAT_CC_NAMES.length) report("no such condition code");
      expectTypes(fn, inst, type, Type.I8, 0);
      return;
    case K.select:
      if (argType(fn, inst, 0) !== Type.I8) report("the condition must be an i8");
      if (argType(fn, inst, 1) !== type || argType(fn, inst, 2) !== type) report("the choices must have the type");
      expectResults(fn, inst, type, 0);
      return;
    case K.floatBinary:
    case K.floatUnary:
      expectFloat(type);
      expectTypes(fn, inst, type, type, 0);
      return;
    case K.blackBox:
      expectTypes(fn, inst, type, type, 0);
      return;
    case K.reduce:
    case K.extend:
    case K.floatToInt:
    case K.intToFloat:
    case K.promote:
    case K.demote:
    case K.bitcast:
    case K.concat:
    case K.split:
      checkConversion(fn, inst, TYPE_CLASS[opcode]!, type);
      return;
    case K.load:
    case K.store:
    case K.address:
    case K.memcpy:
    case K.memset:
      checkMemory(fn, inst, opcode, type);
      return;
    default:
      checkControl(fn, inst, TYPE_CLASS[opcode]!);
      return;
  }
}

function checkConst(fn: IrFunction, inst: number, opcode: number, type: number): void {
  if (opcode === Op.iconst) expectInt(type);
  else expectFloat(type);
  expectResults(fn, inst, type, 0);
  const lo = fn.immLo[inst]!;
  if (type === Type.I128) {
    if (lo < 0 || lo >= fn.wideConstants.length) report("no such wide constant");
    return;
  }
  const bytes = TYPE_BYTES[type]!;
  if (bytes < 8 && fn.immHi[inst] !== 0) report("the constant is wider than its type");
  if (bytes < 4 && lo >>> (bytes * 8) !== 0) report("the constant is wider than its type");
}

function checkConversion(fn: IrFunction, inst: number, kind: number, type: number): void {
  const from = argType(fn, inst, 0);
  switch (kind) {
    case K.reduce:
      if (from > Type.I128 || type > Type.I128 || from <= type) report("ireduce takes a wider integer");
      break;
    case K.extend:
      if (from > Type.I128 || type > Type.I128 || from >= type) report("an extension takes a narrower integer");
      break;
    case K.floatToInt:
      expectInt(type);
      expectFloat(from);
      break;
    case K.intToFloat:
      expectInt(from);
      expectFloat(type);
      break;
    case K.promote:
      if (from !== Type.F32 || type !== Type.F64) report("fpromote is of an f32 to f64");
      break;
    case K.demote:
      if (from !== Type.F64 || type !== Type.F32) report("fdemote is of an f64 to f32");
      break;
    case K.bitcast:
      if (TYPE_BYTES[from] !== TYPE_BYTES[type]) report("bitcast keeps the size");
      break;
    case K.concat:
      if (type !== Type.I128) report("iconcat makes an i128");
      expectTypes(fn, inst, Type.I64, Type.I128, 0);
      return;
    default:
      expectTypes(fn, inst, Type.I128, Type.I64, Type.I64);
      return;
  }
  expectResults(fn, inst, type, 0);
}

function checkMemory(fn: IrFunction, inst: number, opcode: number, type: number): void {
  if (opcode === Op.stackAddr) {
    if (fn.immLo[inst]! < 0 || fn.immLo[inst]! >= fn.stackSlots.length) report("no such stack slot");
    expectResults(fn, inst, Type.I64, 0);
    return;
  }
  if (opcode === Op.funcAddr) {
    if (fn.immLo[inst]! < 0 || fn.immLo[inst]! >= fn.functions.length) report("no such function reference");
    expectResults(fn, inst, Type.I64, 0);
    return;
  }
  if (argType(fn, inst, 0) !== Type.I64) report("an address is an i64");
  if (opcode === Op.load) {
    if (type < Type.I8 || type > Type.F64) report("no such type");
    expectResults(fn, inst, type, 0);
    return;
  }
  if (opcode === Op.store) {
    if (argType(fn, inst, 1) !== type) report("the value stored has another type");
  } else {
    if (opcode === Op.memcpy && argType(fn, inst, 1) !== Type.I64) report("an address is an i64");
    if (fn.immLo[inst]! < 0) report("the size of a block is negative");
  }
}

function checkControl(fn: IrFunction, inst: number, kind: number): void {
  const succs = fn.succCount[inst]!;
  switch (kind) {
    case K.call: {
      const callee = fn.functions[fn.immLo[inst]!];
      if (callee === undefined) {
        report("no such function reference");
        return;
      }
      checkCall(fn, inst, callee.signature, 0);
      return;
    }
    case K.callIndirect: {
      const signature = fn.signatures[fn.immLo[inst]!];
      if (signature === undefined) {
        report("no such signature reference");
        return;
      }
      if (fn.argCount[inst]! === 0 || argType(fn, inst, 0) !== Type.I64) {
        report("the callee is an i64");
        return;
      }
      checkCall(fn, inst, signature, 1);
      return;
    }
    case K.syscall:
      if (fn.argCount[inst]! < 1 || fn.argCount[inst]! > 7) report("a system call has 1 to 7 arguments");
      expectTypes(fn, inst, Type.I64, Type.I64, 0);
      return;
    case K.jump:
      if (succs !== 1) report(`${succs} successors, not 1`);
      return;
    case K.brif:
      if (succs !== 2) report(`${succs} successors, not 2`);
      if (argType(fn, inst, 0) !== Type.I8) report("the condition must be an i8");
      return;
    case K.switch:
      checkSwitch(fn, inst);
      return;
    case K.ret: {
      const returns = fn.signature.returns;
      if (fn.argCount[inst] !== returns.length) {
        report(`returns ${fn.argCount[inst]} values, not ${returns.length}`);
        return;
      }
      for (let i = 0; i < returns.length; i++) {
        if (argType(fn, inst, i) !== returns[i]) report(`returned value ${i} has another type than the signature's`);
      }
      return;
    }
    case K.unreachable:
      return;
    default:
      throw bug(`no typing rule for ${fn.opName(inst as Inst)}`);
  }
}

function checkCall(fn: IrFunction, inst: number, signature: Signature, skip: number): void {
  const { params, returns } = signature;
  if (fn.argCount[inst]! - skip !== params.length) {
    report(`${fn.argCount[inst]! - skip} arguments for ${params.length} parameters`);
    return;
  }
  for (let i = 0; i < params.length; i++) {
    if (argType(fn, inst, i + skip) !== params[i]) report(`argument ${i} has another type than the parameter's`);
  }
  if (fn.resultCount[inst] !== returns.length) {
    report(`${fn.resultCount[inst]} results, not ${returns.length}`);
    return;
  }
  const result = fn.resultStart[inst]!;
  for (let i = 0; i < returns.length; i++) {
    if (fn.valueType[result + i] !== returns[i]) report(`result ${i} has another type than the signature's`);
  }
}

function checkSwitch(fn: IrFunction, inst: number): void {
  const type = argType(fn, inst, 0);
  expectInt(type);
  const cases = fn.switchCases[fn.immLo[inst]!];
  if (cases === undefined) {
    report("no such switch table");
    return;
  }
  if (fn.succCount[inst] !== cases.length + 1) {
    report(`${fn.succCount[inst]} successors for ${cases.length} cases`);
    return;
  }
  if (cases.length > 1 && new Set(cases).size !== cases.length) report("a switch has a case twice");
  const limit = 1n << BigInt(TYPE_BYTES[type]! * 8);
  for (const value of cases) if (value < 0n || value >= limit) report(`case ${value} does not fit the type`);
}

function checkDominance(fn: IrFunction, block: Block): void {
  currentBlock = block;
  const params = fn.blockParams[block]!;
  for (let i = 0; i < params.length; i++) valueStamp[params[i]!] = generation;
  for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
    currentInst = inst;
    const start = fn.argStart[inst]!;
    checkDominanceRun(fn, block, start, fn.argCount[inst]!);
    const succs = fn.succCount[inst]!;
    for (let s = 0, at = fn.succStart[inst]!; s < succs; s++, at += 3)
      checkDominanceRun(fn, block, fn.succPool[at + 1]!, fn.succPool[at + 2]!);
    const result = fn.resultStart[inst]!;
    for (let i = fn.resultCount[inst]! - 1; i >= 0; i--) valueStamp[result + i] = generation;
  }
}

function checkDominanceRun(fn: IrFunction, block: Block, start: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const value = fn.argPool[start + i]!;
    const def = fn.valueDef[value]!;
    const home = (def < 0 ? ~def : fn.instBlock[def]!) as Block;
    // In the dominator tree's preorder, what was seen in this block came before.
    if (home === block ? valueStamp[value] !== generation : !tree.dominates(home, block))
      report(`v${value} does not dominate its use`);
  }
}
