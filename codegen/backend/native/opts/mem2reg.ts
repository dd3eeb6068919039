/**
 * Stack slots to SSA values.
 *
 * A slot is *promoted* when it is at most 16 bytes and is only loaded and stored, at known offsets. Its value is one SSA value: of the
 * accesses' type when they all have one, else of an integer type of the slot's size, from which loads take and into which
 * stores put their bits.
 *
 * Promotion works on 32 slots at a time, one bit each: liveness, then block parameters at the iterated dominance frontier of the stores where
 * the slot is live (pruned SSA: Cytron et al., "Efficiently Computing Static Single Assignment Form", 1991), then renaming in a walk of the
 * dominator tree. What was never stored reads as zero.
 */

import { NONE } from "../../../entity/entity.ts";
import { atLeast } from "../ir/cfg.ts";
import type { Block, Inst, IrFunction, Value } from "../ir/function.ts";
import { Op, TYPE_BYTES, Type } from "../ir/opcodes.ts";
import type { PassCx } from "./context.ts";
import { insertInt, insertOp, removeUnreachable, replaceInst } from "./edit.ts";

// Scratch tables, by slot.
let slotType: Int32Array = new Int32Array(32);
let slotBit: Int32Array = new Int32Array(32);
/** Slots to promote, in order. */
let promoted: Int32Array = new Int32Array(32);
let promotedCount = 0;

// Scratch tables, by block: sets of the current 32 slots.
let stored: Int32Array = new Int32Array(32);
let exposed: Int32Array = new Int32Array(32);
let liveIn: Int32Array = new Int32Array(32);
let joins: Int32Array = new Int32Array(32);
/** The value of each current slot at the end of each block. */
let outValue: Int32Array = new Int32Array(32 * 32);
const current = new Int32Array(32);

/** Promotes stack slots to values; true when any was. */
export function mem2reg(fn: IrFunction, cx: PassCx): boolean {
  if (fn.stackSlots.length === 0) return false;
  cx.cfg.compute(fn);
  const pruned = removeUnreachable(fn, cx.cfg);
  if (pruned) cx.cfg.compute(fn);
  chooseSlots(fn, cx);
  if (promotedCount === 0) return pruned;
  cx.tree.compute(cx.cfg, fn.blockCount);
  cx.frontier.compute(cx.cfg, cx.tree);
  reserve(fn.blockCount);
  for (let from = 0; from < promotedCount; from += 32) promote(fn, cx, from, Math.min(32, promotedCount - from));
  fn.resolveAliases();
  return true;
}

function reserve(blocks: number): void {
  stored = atLeast(stored, blocks);
  exposed = atLeast(exposed, blocks);
  liveIn = atLeast(liveIn, blocks);
  joins = atLeast(joins, blocks);
  outValue = atLeast(outValue, blocks * 32);
}

const MIXED = -1;

/** Fills `promoted` and the slots' types. */
function chooseSlots(fn: IrFunction, cx: PassCx): void {
  const { addresses } = cx;
  addresses.compute(fn, cx.cfg, cx.policy.escapesThrough);
  const slots = fn.stackSlots.length;
  slotType = atLeast(slotType, slots);
  slotBit = atLeast(slotBit, slots);
  promoted = atLeast(promoted, slots);
  slotType.fill(0, 0, slots);
  for (let i = 0; i < cx.cfg.reachable; i++) {
    for (let inst = fn.firstInst[cx.cfg.rpo[i]!]!; inst !== NONE; inst = fn.next[inst]!)
      noteAccess(fn, cx, inst as Inst);
  }
  promotedCount = 0;
  for (let slot = 0; slot < slots; slot++) {
    slotBit[slot] = NONE;
    if (slotType[slot] === 0 || addresses.splittable[slot] === 0 || fn.stackSlots[slot]!.size > 16) continue;
    if (!cx.policy.mayPromote(fn, slot)) continue;
    if (slotType[slot] === MIXED) slotType[slot] = integerFor(fn.stackSlots[slot]!.size);
    promoted[promotedCount++] = slot;
  }
}

/** The narrowest integer type of at least `bytes`. */
function integerFor(bytes: number): Type {
  return bytes <= 1 ? Type.I8 : bytes <= 2 ? Type.I16 : bytes <= 4 ? Type.I32 : bytes <= 8 ? Type.I64 : Type.I128;
}

function noteAccess(fn: IrFunction, cx: PassCx, inst: Inst): void {
  const { addresses } = cx;
  const opcode = fn.opcode[inst]!;
  if (opcode === Op.load || opcode === Op.store) {
    const address = fn.arg(inst, 0);
    const slot = addresses.base[address]!;
    if (slot >= addresses.slotCount) return;
    const type = fn.type[inst]!;
    const whole = addresses.offset[address]! + fn.immLo[inst]! === 0;
    const before = slotType[slot]!;
    slotType[slot] = whole && (before === 0 || before === type) ? type : MIXED;
  } else if (opcode === Op.memcpy || opcode === Op.memset) {
    for (let i = fn.argCount[inst]! - 1; i >= 0; i--) {
      const slot = addresses.base[fn.arg(inst, i)]!;
      if (slot < addresses.slotCount) addresses.splittable[slot] = 0;
    }
  }
}

function promote(fn: IrFunction, cx: PassCx, from: number, count: number): void {
  for (let i = 0; i < count; i++) slotBit[promoted[from + i]!] = i;
  findUses(fn, cx);
  findLiveness(fn, cx);
  placeJoins(cx);
  rename(fn, cx, from, count);
  for (let i = 0; i < count; i++) slotBit[promoted[from + i]!] = NONE;
}

/** The current bit of the slot that a load or store accesses, or `NONE`. */
function bitOf(fn: IrFunction, cx: PassCx, inst: number): number {
  const opcode = fn.opcode[inst]!;
  if (opcode !== Op.load && opcode !== Op.store) return NONE;
  const slot = cx.addresses.base[fn.argPool[fn.argStart[inst]!]!]!;
  return slot < cx.addresses.slotCount ? slotBit[slot]! : NONE;
}

/** Whether a store sets all of its slot's value. */
function isWhole(fn: IrFunction, cx: PassCx, inst: number): boolean {
  const slot = cx.addresses.base[fn.argPool[fn.argStart[inst]!]!]!;
  return TYPE_BYTES[fn.type[inst]!] === TYPE_BYTES[slotType[slot]!];
}

function findUses(fn: IrFunction, cx: PassCx): void {
  for (let i = 0; i < cx.cfg.reachable; i++) {
    const block = cx.cfg.rpo[i]!;
    let def = 0;
    let use = 0;
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
      const bit = bitOf(fn, cx, inst);
      if (bit === NONE) continue;
      const mask = 1 << bit;
      const store = fn.opcode[inst] === Op.store;
      if ((!store || !isWhole(fn, cx, inst)) && (def & mask) === 0) use |= mask;
      if (store) def |= mask;
    }
    stored[block] = def;
    exposed[block] = use;
    liveIn[block] = use;
    joins[block] = 0;
  }
}

function findLiveness(fn: IrFunction, cx: PassCx): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = cx.cfg.reachable - 1; i >= 0; i--) {
      const block = cx.cfg.rpo[i]!;
      const last = fn.lastInst[block]!;
      let out = 0;
      for (let s = fn.succCount[last]! - 1, at = fn.succStart[last]! + s * 3; s >= 0; s--, at -= 3)
        out |= liveIn[fn.succPool[at]!]!;
      const live = exposed[block]! | (out & ~stored[block]!);
      if (live !== liveIn[block]) {
        liveIn[block] = live;
        changed = true;
      }
    }
  }
}

function placeJoins(cx: PassCx): void {
  const { frontier } = cx;
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < frontier.count; i++) {
      const from = frontier.from[i]!;
      const to = frontier.to[i]!;
      const added = (stored[from]! | joins[from]!) & liveIn[to]! & ~joins[to]!;
      if (added !== 0) {
        joins[to]! |= added;
        changed = true;
      }
    }
  }
}

function rename(fn: IrFunction, cx: PassCx, from: number, count: number): void {
  const { tree, cfg } = cx;
  for (let i = 0; i < tree.count; i++) {
    const block = tree.preorder[i]! as Block;
    const idom = tree.idom[block]!;
    if (idom === NONE) current.fill(NONE);
    else for (let b = 0; b < count; b++) current[b] = outValue[idom * 32 + b]!;
    for (let rest = joins[block]!; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      current[bit] = fn.appendBlockParam(block, slotType[promoted[from + bit]!]! as Type);
    }
    for (let inst = fn.firstInst[block]!; inst !== NONE; ) {
      const following = fn.next[inst]!;
      const bit = bitOf(fn, cx, inst);
      if (bit !== NONE) renameAccess(fn, cx, inst as Inst, bit, slotType[promoted[from + bit]!]! as Type);
      inst = following;
    }
    for (let b = 0; b < count; b++) outValue[block * 32 + b] = current[b]!;
  }
  for (let i = 0; i < cfg.reachable; i++) passArguments(fn, cfg.rpo[i]! as Block, from);
}

/** Appends the values at the end of `block` to the arguments of its successors that join them. */
function passArguments(fn: IrFunction, block: Block, from: number): void {
  const last = fn.lastInst[block]! as Inst;
  for (let s = 0; s < fn.succCount[last]!; s++) {
    const joined = joins[fn.succBlock(last, s)]!;
    if (joined === 0) continue;
    const args = fn.succArgs(last, s);
    for (let rest = joined; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      let value = outValue[block * 32 + bit]!;
      if (value === NONE) {
        value = insertZero(fn, last, slotType[promoted[from + bit]!]! as Type);
        outValue[block * 32 + bit] = value;
      }
      args.push(value as Value);
    }
    fn.replaceSuccArgs(last, s, args);
  }
}

function insertZero(fn: IrFunction, before: Inst, type: Type): Value {
  return insertInt(fn, before, type, 0);
}

function renameAccess(fn: IrFunction, cx: PassCx, inst: Inst, bit: number, type: Type): void {
  const address = fn.arg(inst, 0);
  const shift = (cx.addresses.offset[address]! + fn.immLo[inst]!) * 8;
  if (fn.opcode[inst] === Op.store) {
    const value = fn.resolve(fn.arg(inst, 1));
    if (isWhole(fn, cx, inst)) current[bit] = convert(fn, inst, value, type);
    else current[bit] = insertBitsAt(fn, inst, readCurrent(fn, inst, bit, type), value, shift, type);
    fn.removeInst(inst);
    return;
  }
  replaceInst(fn, inst, extractBits(fn, inst, readCurrent(fn, inst, bit, type), shift, fn.type[inst]! as Type));
}

function readCurrent(fn: IrFunction, before: Inst, bit: number, type: Type): Value {
  if (current[bit] === NONE) current[bit] = insertZero(fn, before, type);
  return fn.resolve(current[bit]! as Value);
}

/** `value` as `type` of the same size. */
function convert(fn: IrFunction, before: Inst, value: Value, type: Type): Value {
  return fn.valueType[value] === type ? value : insertOp(fn, before, Op.bitcast, type, value);
}

/** The bits of `value` from bit `shift` on, as `type`. */
function extractBits(fn: IrFunction, before: Inst, value: Value, shift: number, type: Type): Value {
  const whole = fn.valueType[value]! as Type;
  if (TYPE_BYTES[whole] === TYPE_BYTES[type]) return convert(fn, before, value, type);
  let bits = value;
  if (shift !== 0) bits = insertOp(fn, before, Op.ushr, whole, bits, insertInt(fn, before, whole, shift));
  bits = insertOp(fn, before, Op.ireduce, integerFor(TYPE_BYTES[type]!), bits);
  return convert(fn, before, bits, type);
}

/** `old` with the bits from `shift` on replaced by those of `value`. */
function insertBitsAt(fn: IrFunction, before: Inst, old: Value, value: Value, shift: number, type: Type): Value {
  const bytes = TYPE_BYTES[fn.valueType[value]!]!;
  const bits = insertOp(fn, before, Op.uextend, type, convert(fn, before, value, integerFor(bytes)));
  const placed = shift === 0 ? bits : insertOp(fn, before, Op.ishl, type, bits, insertInt(fn, before, type, shift));
  const ones = ((1n << BigInt(bytes * 8)) - 1n) << BigInt(shift);
  const mask = fn.newConst(type, BigInt.asUintN(TYPE_BYTES[type]! * 8, ~ones));
  fn.insertBefore(mask, before);
  const kept = insertOp(fn, before, Op.band, type, old, fn.result(mask));
  return insertOp(fn, before, Op.bor, type, kept, placed);
}
