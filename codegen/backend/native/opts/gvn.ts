/**
 * Global value numbering over the dominator tree, with memory.
 *
 * Click, "Global Code Motion, Global Value Numbering" (1995), in the scoped hash table form of Briggs, Cooper and Simpson: blocks are walked
 * in preorder, and an instruction equal to one that dominates it is replaced. What a subtree adds is undone on leaving it.
 *
 * Memory: *facts* say that some bytes hold some value. Loads and stores make facts, writes and calls that may touch the bytes end them. At a
 * block with several predecessors, the facts of its dominator hold that no write on the way from there ends.
 *
 * Branches: below the taken side of `brif c`, a flag `c` is the constant that it must be, and a value compared for equality with a
 * constant is that constant.
 */

import { NONE } from "../../../entity/entity.ts";
import { atLeast } from "../ir/cfg.ts";
import type { Block, Inst, IrFunction, Value } from "../ir/function.ts";
import { ArithFlags, EFFECTS, Effect, IntCC, Op, TYPE_BYTES, Type } from "../ir/opcodes.ts";
import type { PassCx } from "./context.ts";
import { insertInt, insertOp, removeUnreachable, replaceInst } from "./edit.ts";
import { argOf, defOf, isBool } from "./rules/rule.ts";

// The scoped hash table: chains of instructions by hash. Entries are pushed and popped with the scopes.
let buckets: Int32Array = new Int32Array(512);
let entryInst: Int32Array = new Int32Array(256);
let entryNext: Int32Array = new Int32Array(256);
let entryBucket: Int32Array = new Int32Array(256);
let entries = 0;

/** A bound on facts looked at for one access. */
const MAX_FACTS = 48;

// Facts: bytes `offset .. offset + size` from `address` hold `value`. Ended facts are dead; `undo` lists what a scope ended.
const factAddress: Value[] = [];
const factOffset: number[] = [];
const factValue: Value[] = [];
const factAlive: boolean[] = [];
let facts = 0;
const undo: number[] = [];

// Values that branches make known, as pairs to restore: value, what it stood for before.
let known: Int32Array = new Int32Array(256);
let knownCount = 0;
const knownUndo: number[] = [];

// Scopes of the walk.
let scopeBlock: Int32Array = new Int32Array(32);
let scopeEntries: Int32Array = new Int32Array(32);
let scopeFacts: Int32Array = new Int32Array(32);
let scopeUndo: Int32Array = new Int32Array(32);
let scopeKnown: Int32Array = new Int32Array(32);

/** Blocks between a block and its dominator, and whether a block was visited in the current search. */
let between: Int32Array = new Int32Array(32);
let stamp: Int32Array = new Int32Array(32);
let stampNow = 0;

let changed = false;
let hasMemory = false;

/** Removes redundant computations, loads and stores; true when there were any. */
export function gvn(fn: IrFunction, cx: PassCx): boolean {
  cx.cfg.compute(fn);
  changed = false;
  if (removeUnreachable(fn, cx.cfg)) {
    changed = true;
    cx.cfg.compute(fn);
  }
  cx.tree.compute(cx.cfg, fn.blockCount);
  reserve(fn);
  hasMemory = usesMemory(fn);
  if (hasMemory) cx.addresses.compute(fn, cx.cfg, cx.policy.escapesThrough);
  walk(fn, cx);
  fn.resolveAliases();
  return changed;
}

function reserve(fn: IrFunction): void {
  let size = 64;
  while (size < fn.valueCount) size *= 2;
  if (buckets.length < size) buckets = new Int32Array(size);
  buckets.fill(NONE);
  entries = 0;
  entryInst = atLeast(entryInst, fn.instCount + 1);
  entryNext = atLeast(entryNext, fn.instCount + 1);
  entryBucket = atLeast(entryBucket, fn.instCount + 1);
  facts = 0;
  undo.length = 0;
  knownUndo.length = 0;
  known = atLeast(known, fn.valueCount);
  knownCount = fn.valueCount;
  known.fill(NONE, 0, knownCount);
  scopeBlock = atLeast(scopeBlock, fn.blockCount + 1);
  scopeEntries = atLeast(scopeEntries, fn.blockCount + 1);
  scopeFacts = atLeast(scopeFacts, fn.blockCount + 1);
  scopeUndo = atLeast(scopeUndo, fn.blockCount + 1);
  scopeKnown = atLeast(scopeKnown, fn.blockCount + 1);
  between = atLeast(between, fn.blockCount + 1);
  if (stamp.length < fn.blockCount) {
    stamp = new Int32Array(fn.blockCount * 2);
    stampNow = 0;
  }
}

function usesMemory(fn: IrFunction): boolean {
  for (let b = 0; b < fn.layout.length; b++) {
    for (let inst = fn.firstInst[fn.layout[b]!]!; inst !== NONE; inst = fn.next[inst]!) {
      const opcode = fn.opcode[inst]!;
      if (opcode === Op.load || opcode === Op.store) return true;
    }
  }
  return false;
}

function walk(fn: IrFunction, cx: PassCx): void {
  const { tree } = cx;
  let depth = -1;
  const total = tree.count;
  for (let i = 0; i < total; i++) {
    const block = tree.preorder[i]! as Block;
    const idom = tree.idom[block]!;
    while (depth >= 0 && scopeBlock[depth] !== idom) leaveScope(depth--);
    depth++;
    scopeBlock[depth] = block;
    scopeEntries[depth] = entries;
    scopeFacts[depth] = facts;
    scopeUndo[depth] = undo.length;
    scopeKnown[depth] = knownUndo.length;
    if (idom !== NONE) enterBlock(fn, cx, block, idom as Block);
    visitBlock(fn, cx, block);
  }
}

function leaveScope(depth: number): void {
  while (entries > scopeEntries[depth]!) {
    entries--;
    buckets[entryBucket[entries]!] = entryNext[entries]!;
  }
  while (undo.length > scopeUndo[depth]!) factAlive[undo.pop()!] = true;
  facts = scopeFacts[depth]!;
  while (knownUndo.length > scopeKnown[depth]!) {
    const before = knownUndo.pop()!;
    known[knownUndo.pop()!] = before;
  }
}

/** What changes on the way from `idom` to `block`. */
function enterBlock(fn: IrFunction, cx: PassCx, block: Block, idom: Block): void {
  const pred = cx.cfg.singlePred(block);
  if (pred !== NONE) {
    learnFromBranch(fn, cx, block, pred);
    return;
  }
  if (!hasMemory || facts === 0) return;
  endFactsBetween(fn, cx, block, idom);
}

/** Ends the facts that a write on some way from `idom` (its end) to `block` (its start) may end. */
function endFactsBetween(fn: IrFunction, cx: PassCx, block: Block, idom: Block): void {
  const { predStart, predBlock } = cx.cfg;
  stampNow++;
  let depth = 0;
  stamp[idom] = stampNow;
  for (let p = predStart[block]!; p < predStart[block + 1]!; p++) {
    const pred = predBlock[p]!;
    if (stamp[pred] !== stampNow) {
      stamp[pred] = stampNow;
      between[depth++] = pred;
    }
  }
  while (depth > 0) {
    const at = between[--depth]!;
    for (let inst = fn.firstInst[at]!; inst !== NONE; inst = fn.next[inst]!) {
      if ((EFFECTS[fn.opcode[inst]!]! & Effect.WRITE) !== 0) endFacts(fn, cx, inst as Inst);
    }
    for (let p = predStart[at]!; p < predStart[at + 1]!; p++) {
      const pred = predBlock[p]!;
      if (stamp[pred] === stampNow) continue;
      stamp[pred] = stampNow;
      between[depth++] = pred;
    }
  }
}

/** Flags known to be 0 or 1, whose constant is made when it is first used. */
const KNOWN_ZERO = -2;
const KNOWN_ONE = -3;

function setKnown(value: Value, constant: number): void {
  knownUndo.push(value, known[value]!);
  known[value] = constant;
}

/** Below one side of a branch, its condition is known. */
function learnFromBranch(fn: IrFunction, cx: PassCx, block: Block, pred: Block): void {
  const last = fn.lastInst[pred]! as Inst;
  if (fn.opcode[last] !== Op.brif || !cx.policy.learnFromBranches) return;
  if (fn.succBlock(last, 0) === fn.succBlock(last, 1)) return;
  const taken = fn.succBlock(last, 0) === block;
  const cond = fn.resolve(fn.arg(last, 0));
  if (cond >= knownCount) return;
  if (!taken || isBool(fn, cond)) setKnown(cond, taken ? KNOWN_ONE : KNOWN_ZERO);
  const compare = defOf(fn, cond, Op.icmp);
  if (compare === NONE) return;
  const cc = fn.aux[compare]!;
  if (cc !== (taken ? IntCC.eq : IntCC.ne)) return;
  const constant = argOf(fn, compare, 1);
  const value = argOf(fn, compare, 0);
  if (defOf(fn, constant, Op.iconst) !== NONE && defOf(fn, value, Op.iconst) === NONE && value < knownCount)
    setKnown(value, constant);
}

function visitBlock(fn: IrFunction, cx: PassCx, block: Block): void {
  for (let inst = fn.firstInst[block]!; inst !== NONE; ) {
    const following = fn.next[inst]!;
    useKnown(fn, inst as Inst, fn.argStart[inst]!, fn.argCount[inst]!);
    visitInst(fn, cx, inst as Inst);
    inst = following;
  }
  const last = fn.lastInst[block]!;
  for (let s = fn.succCount[last]! - 1, at = fn.succStart[last]! + s * 3; s >= 0; s--, at -= 3)
    useKnown(fn, last as Inst, fn.succPool[at + 1]!, fn.succPool[at + 2]!);
}

/** Resolves arguments of `inst`, and replaces those that branches made known. */
function useKnown(fn: IrFunction, inst: Inst, start: number, count: number): void {
  for (let i = start; i < start + count; i++) {
    const value = fn.resolve(fn.argPool[i]! as Value);
    const constant = value < knownCount ? known[value]! : NONE;
    // First the value: making a constant may replace the pool.
    const meant = constant === NONE ? value : knownConstant(fn, inst, value, constant);
    fn.argPool[i] = meant;
  }
}

function knownConstant(fn: IrFunction, before: Inst, value: Value, constant: number): Value {
  changed = true;
  if (constant >= 0) return fn.resolve(constant as Value);
  const made = insertInt(fn, before, Type.I8, constant === KNOWN_ONE ? 1 : 0);
  setKnown(value, made);
  return made;
}

function visitInst(fn: IrFunction, cx: PassCx, inst: Inst): void {
  const opcode = fn.opcode[inst]!;
  if (opcode === Op.load) {
    visitLoad(fn, cx, inst);
    return;
  }
  if (opcode === Op.store) {
    visitStore(fn, cx, inst);
    return;
  }
  if ((EFFECTS[opcode]! & Effect.WRITE) !== 0) {
    if (facts > 0) endFacts(fn, cx, inst);
    return;
  }
  if (cx.policy.mayNumber[opcode] === 0) return;
  const bucket = hash(fn, inst, opcode, cx.policy.commutative[opcode]!) & (buckets.length - 1);
  for (let e = buckets[bucket]!; e !== NONE; e = entryNext[e]!) {
    const other = entryInst[e]! as Inst;
    if (!equal(fn, inst, other, cx.policy.commutative[opcode]!)) continue;
    // Flags claim what holds of both.
    fn.aux[other] = mergedAux(fn, other, inst);
    for (let i = 0; i < fn.resultCount[inst]!; i++) fn.replaceValue(fn.result(inst, i), fn.result(other, i));
    fn.removeInst(inst);
    changed = true;
    return;
  }
  if (entries >= entryInst.length) return;
  entryInst[entries] = inst;
  entryBucket[entries] = bucket;
  entryNext[entries] = buckets[bucket]!;
  buckets[bucket] = entries++;
}

function isFlagged(opcode: number): boolean {
  return opcode === Op.iadd || opcode === Op.isub || opcode === Op.imul;
}

function mergedAux(fn: IrFunction, a: Inst, b: Inst): number {
  if (!isFlagged(fn.opcode[a]!)) return fn.aux[a]!;
  return fn.aux[a]! & fn.aux[b]! & (ArithFlags.NSW | ArithFlags.NUW);
}

function hash(fn: IrFunction, inst: Inst, opcode: number, commutative: number): number {
  let h = Math.imul(opcode + (fn.type[inst]! << 8), 0x9e37_79b1) ^ Math.imul(fn.immLo[inst]!, 0x85eb_ca6b);
  h ^= Math.imul(fn.immHi[inst]!, 0xc2b2_ae35);
  if (!isFlagged(opcode)) h ^= fn.aux[inst]! << 20;
  const start = fn.argStart[inst]!;
  const count = fn.argCount[inst]!;
  if (commutative !== 0) {
    h ^= Math.imul(fn.argPool[start]! + fn.argPool[start + 1]!, 0x27d4_eb2f);
  } else {
    for (let i = 0; i < count; i++) h = Math.imul(h ^ fn.argPool[start + i]!, 0x27d4_eb2f) ^ (h >>> 15);
  }
  return (h ^ (h >>> 13)) >>> 0;
}

function equal(fn: IrFunction, a: Inst, b: Inst, commutative: number): boolean {
  const opcode = fn.opcode[a]!;
  if (opcode !== fn.opcode[b] || fn.type[a] !== fn.type[b]) return false;
  if (fn.immLo[a] !== fn.immLo[b] || fn.immHi[a] !== fn.immHi[b]) {
    // Wide constants are equal by value, whatever their index.
    if (opcode !== Op.iconst || fn.type[a] !== Type.I128 || fn.constBits(a) !== fn.constBits(b)) return false;
  }
  if (fn.aux[a] !== fn.aux[b] && !isFlagged(opcode)) return false;
  const count = fn.argCount[a]!;
  if (count !== fn.argCount[b]) return false;
  const x = fn.argStart[a]!;
  const y = fn.argStart[b]!;
  let same = true;
  for (let i = 0; i < count; i++) if (fn.argPool[x + i] !== fn.argPool[y + i]) same = false;
  if (same || commutative === 0) return same;
  return fn.argPool[x] === fn.argPool[y + 1] && fn.argPool[x + 1] === fn.argPool[y];
}

// --- Memory ----------------------------------------------------------------------------------------------------------

function addFact(address: Value, offset: number, value: Value): void {
  factAddress[facts] = address;
  factOffset[facts] = offset;
  factValue[facts] = value;
  factAlive[facts] = true;
  facts++;
}

function factSize(fn: IrFunction, fact: number): number {
  return TYPE_BYTES[fn.valueType[factValue[fact]!]!]!;
}

/** Ends the facts about bytes that `inst` may write. */
function endFacts(fn: IrFunction, cx: PassCx, inst: Inst): void {
  const opcode = fn.opcode[inst]!;
  const { policy, addresses } = cx;
  const memoryOp = opcode === Op.store || opcode === Op.memcpy || opcode === Op.memset;
  // Through an address that is not analysed a write reaches what a call reaches.
  const plainWrite = memoryOp && isAnalysed(cx, fn.arg(inst, 0));
  const first = Math.max(0, facts - MAX_FACTS);
  for (let f = first; f < facts; f++) {
    if (!factAlive[f]) continue;
    const at = factAddress[f]!;
    let ended: boolean;
    if (plainWrite) {
      const store = opcode === Op.store;
      const size = store ? TYPE_BYTES[fn.type[inst]!]! : fn.immLo[inst]!;
      const offset = store ? fn.immLo[inst]! : 0;
      ended = policy.mayAlias(addresses, at, factOffset[f]!, factSize(fn, f), fn.arg(inst, 0), offset, size);
    } else {
      ended = policy.reachableByCalls(addresses, at);
    }
    if (ended) {
      factAlive[f] = false;
      undo.push(f);
    }
  }
}

/** The fact about the bytes at an address whose base and offset are the same; the newest that covers `size` bytes. */
function findFact(fn: IrFunction, cx: PassCx, address: Value, offset: number, size: number): number {
  const { base, known: exact, offset: displacement } = cx.addresses;
  const first = Math.max(0, facts - MAX_FACTS);
  for (let f = facts - 1; f >= first; f--) {
    if (!factAlive[f] || factSize(fn, f) < size) continue;
    const at = factAddress[f]!;
    if (at === address) {
      if (factOffset[f] === offset) return f;
    } else if (
      base[at] === base[address] &&
      exact[at] !== 0 &&
      exact[address] !== 0 &&
      displacement[at]! + factOffset[f]! === displacement[address]! + offset
    ) {
      return f;
    }
  }
  return NONE;
}

/** Whether the analysis knows the address; of values that this pass made it knows nothing. */
function isAnalysed(cx: PassCx, address: Value): boolean {
  return address < cx.addresses.valueCount;
}

function visitLoad(fn: IrFunction, cx: PassCx, inst: Inst): void {
  const address = fn.arg(inst, 0);
  if (!isAnalysed(cx, address)) return;
  const offset = fn.immLo[inst]!;
  const type = fn.type[inst]! as Type;
  const fact = findFact(fn, cx, address, offset, TYPE_BYTES[type]!);
  if (fact !== NONE) {
    const value = convert(fn, inst, fn.resolve(factValue[fact]!), type);
    if (value !== NONE) {
      replaceInst(fn, inst, value);
      changed = true;
      return;
    }
  }
  addFact(address, offset, fn.result(inst));
}

/** The first bytes of `value` as `type`. */
function convert(fn: IrFunction, before: Inst, value: Value, type: Type): Value | -1 {
  const from = fn.valueType[value]! as Type;
  if (from === type) return value;
  const fromInt = integerOf(TYPE_BYTES[from]!);
  const toInt = integerOf(TYPE_BYTES[type]!);
  let bits = from === fromInt ? value : insertOp(fn, before, Op.bitcast, fromInt, value);
  if (fromInt !== toInt) bits = insertOp(fn, before, Op.ireduce, toInt, bits);
  return toInt === type ? bits : insertOp(fn, before, Op.bitcast, type, bits);
}

function integerOf(bytes: number): Type {
  return bytes === 1 ? Type.I8 : bytes === 2 ? Type.I16 : bytes === 4 ? Type.I32 : bytes === 8 ? Type.I64 : Type.I128;
}

function visitStore(fn: IrFunction, cx: PassCx, inst: Inst): void {
  const address = fn.arg(inst, 0);
  const value = fn.arg(inst, 1);
  if (!isAnalysed(cx, address)) {
    endFacts(fn, cx, inst);
    return;
  }
  const offset = fn.immLo[inst]!;
  const fact = findFact(fn, cx, address, offset, TYPE_BYTES[fn.type[inst]!]!);
  if (fact !== NONE && fn.resolve(factValue[fact]!) === value) {
    // The bytes hold the value already.
    fn.removeInst(inst);
    changed = true;
    return;
  }
  endFacts(fn, cx, inst);
  addFact(address, offset, value);
}
