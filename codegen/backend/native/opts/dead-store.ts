/**
 * Dead store elimination.
 *
 * - A store, memset or memcpy to a slot that has not escaped is dead when no way on from it reads the slot: backward liveness of slots as wholes,
 *   32 at a time.
 * - A store is dead when a later store in its block writes at least its bytes, and nothing between may read them.
 */

import { NONE } from "../../../entity/entity.ts";
import { atLeast } from "../ir/cfg.ts";
import type { Inst, IrFunction, Value } from "../ir/function.ts";
import { EFFECTS, Effect, Op, TYPE_BYTES } from "../ir/opcodes.ts";
import type { PassCx } from "./context.ts";

let liveIn: Int32Array = new Int32Array(32);
let generated: Int32Array = new Int32Array(32);

/** Removes stores that nothing reads; true when there were any. */
export function deadStore(fn: IrFunction, cx: PassCx): boolean {
  if (!hasWrites(fn)) return false;
  cx.cfg.compute(fn);
  cx.addresses.compute(fn, cx.cfg, cx.policy.escapesThrough);
  let changed = false;
  const slots = fn.stackSlots.length;
  for (let from = 0; from < slots; from += 32) if (removeUnread(fn, cx, from)) changed = true;
  for (let i = 0; i < cx.cfg.reachable; i++) if (removeOverwritten(fn, cx, cx.cfg.rpo[i]!)) changed = true;
  return changed;
}

function hasWrites(fn: IrFunction): boolean {
  for (let b = 0; b < fn.layout.length; b++) {
    for (let inst = fn.firstInst[fn.layout[b]!]!; inst !== NONE; inst = fn.next[inst]!) {
      if (isMemoryWrite(fn.opcode[inst]!)) return true;
    }
  }
  return false;
}

function isMemoryWrite(opcode: number): boolean {
  return opcode === Op.store || opcode === Op.memcpy || opcode === Op.memset;
}

/** The bit of the slot at `address`, of the 32 slots from `from` on, when it has not escaped; else 0. */
function bitOf(cx: PassCx, address: Value, from: number): number {
  const base = cx.addresses.base[address]!;
  const index = base - from;
  return index >= 0 && index < 32 && base < cx.addresses.slotCount && cx.addresses.escaped[base] === 0 ? 1 << index : 0;
}

/** The slots that `inst` reads. */
function readBits(fn: IrFunction, cx: PassCx, inst: number, from: number): number {
  const opcode = fn.opcode[inst]!;
  if (opcode === Op.load) return bitOf(cx, fn.arg(inst as Inst, 0), from);
  return opcode === Op.memcpy ? bitOf(cx, fn.arg(inst as Inst, 1), from) : 0;
}

function removeUnread(fn: IrFunction, cx: PassCx, from: number): boolean {
  const { cfg } = cx;
  liveIn = atLeast(liveIn, fn.blockCount);
  generated = atLeast(generated, fn.blockCount);
  for (let i = 0; i < cfg.reachable; i++) {
    const block = cfg.rpo[i]!;
    let bits = 0;
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) bits |= readBits(fn, cx, inst, from);
    generated[block] = bits;
    liveIn[block] = bits;
  }
  for (let again = true; again; ) {
    again = false;
    for (let i = cfg.reachable - 1; i >= 0; i--) {
      const block = cfg.rpo[i]!;
      const live = generated[block]! | liveOut(fn, block);
      if (live !== liveIn[block]) {
        liveIn[block] = live;
        again = true;
      }
    }
  }
  let changed = false;
  for (let i = 0; i < cfg.reachable; i++) if (sweepBlock(fn, cx, cfg.rpo[i]!, from)) changed = true;
  return changed;
}

function liveOut(fn: IrFunction, block: number): number {
  const last = fn.lastInst[block]!;
  let out = 0;
  for (let s = fn.succCount[last]! - 1, at = fn.succStart[last]! + s * 3; s >= 0; s--, at -= 3)
    out |= liveIn[fn.succPool[at]!]!;
  return out;
}

function sweepBlock(fn: IrFunction, cx: PassCx, block: number, from: number): boolean {
  let live = liveOut(fn, block);
  let changed = false;
  for (let inst = fn.lastInst[block]!; inst !== NONE; ) {
    const previous = fn.prev[inst]!;
    if (isMemoryWrite(fn.opcode[inst]!)) {
      const bit = bitOf(cx, fn.arg(inst as Inst, 0), from);
      if (bit !== 0 && (live & bit) === 0) {
        fn.removeInst(inst as Inst);
        changed = true;
        inst = previous;
        continue;
      }
    }
    live |= readBits(fn, cx, inst, from);
    inst = previous;
  }
  return changed;
}

/** How many later stores a store is compared with. */
const WINDOW = 16;
const later: Inst[] = [];

/** Removes stores that a later store of the block overwrites, walking backwards. */
function removeOverwritten(fn: IrFunction, cx: PassCx, block: number): boolean {
  let changed = false;
  later.length = 0;
  for (let inst = fn.lastInst[block]!; inst !== NONE; ) {
    const previous = fn.prev[inst]!;
    const opcode = fn.opcode[inst]!;
    if (opcode === Op.store) {
      if (isOverwritten(fn, cx, inst as Inst)) {
        fn.removeInst(inst as Inst);
        changed = true;
      } else {
        if (later.length >= WINDOW) later.shift();
        later.push(inst as Inst);
      }
    } else if (opcode === Op.load) {
      forgetRead(fn, cx, fn.arg(inst as Inst, 0), fn.immLo[inst]!, TYPE_BYTES[fn.type[inst]!]!);
    } else if (opcode === Op.memcpy) {
      forgetRead(fn, cx, fn.arg(inst as Inst, 1), 0, fn.immLo[inst]!);
    } else if (later.length > 0 && (EFFECTS[opcode]! & (Effect.READ | Effect.SIDE)) !== 0) {
      // A call may read what it can reach, or not come back.
      keepUnreachable(fn, cx);
    }
    inst = previous;
  }
  return changed;
}

function isOverwritten(fn: IrFunction, cx: PassCx, inst: Inst): boolean {
  const { base, offset, known } = cx.addresses;
  const address = fn.arg(inst, 0);
  if (known[address] === 0) return false;
  const start = offset[address]! + fn.immLo[inst]!;
  const end = start + TYPE_BYTES[fn.type[inst]!]!;
  for (const other of later) {
    const at = fn.arg(other, 0);
    if (base[at] !== base[address] || known[at] === 0) continue;
    const otherStart = offset[at]! + fn.immLo[other]!;
    if (otherStart <= start && end <= otherStart + TYPE_BYTES[fn.type[other]!]!) return true;
  }
  return false;
}

/** The bytes are read: stores to them before are needed. */
function forgetRead(fn: IrFunction, cx: PassCx, address: Value, offset: number, size: number): void {
  for (let i = later.length - 1; i >= 0; i--) {
    const store = later[i]!;
    const storeSize = TYPE_BYTES[fn.type[store]!]!;
    if (cx.policy.mayAlias(cx.addresses, fn.arg(store, 0), fn.immLo[store]!, storeSize, address, offset, size))
      later.splice(i, 1);
  }
}

function keepUnreachable(fn: IrFunction, cx: PassCx): void {
  for (let i = later.length - 1; i >= 0; i--) {
    if (cx.policy.reachableByCalls(cx.addresses, fn.arg(later[i]!, 0))) later.splice(i, 1);
  }
}
