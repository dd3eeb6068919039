/**
 * What each address is made of, and which stack slots escape.
 *
 * An address is a *base* plus a constant *offset*, where the offset may be unknown. A base is a stack slot (numbers below the slot
 * count) or a value that is nothing better (slot count plus value). The walk follows `stack_addr`, and `iadd`/`isub` with an integer.
 *
 * A slot *escapes* when its address goes where the walk does not follow: a call, memory, a block parameter, a comparison, arithmetic other
 * than the above. Memory that has not escaped is touched only through addresses whose base it is. A slot is *splittable* when, besides, every access
 * to it is a load, store, memcpy or memset at a known offset within its bounds.
 */

import { NONE } from "../../../entity/entity.ts";
import { atLeast, type ControlFlowGraph } from "../ir/cfg.ts";
import type { Inst, IrFunction, Value } from "../ir/function.ts";
import { OPS, Op, TYPE_BYTES } from "../ir/opcodes.ts";

/** Offsets beyond this are treated as unknown, so that sums stay exact. */
const OFFSET_LIMIT = 1 << 28;

export class AddressAnalysis {
  slotCount = 0;
  /** How many values the function had when it was analysed; of newer ones nothing is known. */
  valueCount = 0;
  /** The base of each value. */
  base: Int32Array = new Int32Array(256);
  /** The offset from the base, where `known`. */
  offset: Int32Array = new Int32Array(256);
  known: Uint8Array = new Uint8Array(256);
  /** 1: the slot escapes. */
  escaped: Uint8Array = new Uint8Array(16);
  /** 1: the slot is splittable. */
  splittable: Uint8Array = new Uint8Array(16);

  private escapesThrough: Uint8Array = new Uint8Array(0);

  /** `escapesThrough` says by opcode whether an address given to it escapes; stores count by the value stored. */
  compute(fn: IrFunction, cfg: ControlFlowGraph, escapesThrough: Uint8Array): void {
    this.escapesThrough = escapesThrough;
    this.slotCount = fn.stackSlots.length;
    this.valueCount = fn.valueCount;
    this.base = atLeast(this.base, fn.valueCount);
    this.offset = atLeast(this.offset, fn.valueCount);
    if (this.known.length < fn.valueCount) this.known = new Uint8Array(fn.valueCount * 2);
    if (this.escaped.length < this.slotCount) {
      this.escaped = new Uint8Array(this.slotCount * 2);
      this.splittable = new Uint8Array(this.slotCount * 2);
    }
    this.escaped.fill(0, 0, this.slotCount);
    this.splittable.fill(1, 0, this.slotCount);
    const { slotCount, base, offset, known } = this;
    for (let v = 0; v < fn.valueCount; v++) {
      base[v] = slotCount + v;
      offset[v] = 0;
      known[v] = 1;
    }
    for (let i = 0; i < cfg.reachable; i++) {
      const block = cfg.rpo[i]!;
      for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) this.visit(fn, inst);
    }
  }

  private visit(fn: IrFunction, inst: number): void {
    const opcode = fn.opcode[inst]!;
    switch (opcode) {
      case Op.stackAddr: {
        const result = fn.resultStart[inst]!;
        this.base[result] = fn.immLo[inst]!;
        this.offset[result] = fn.immHi[inst]!;
        return;
      }
      case Op.iadd:
      case Op.isub:
        this.visitSum(fn, inst, opcode);
        return;
      case Op.load:
        this.access(fn, inst, fn.arg(inst as Inst, 0), TYPE_BYTES[fn.type[inst]!]!);
        return;
      case Op.store:
        this.access(fn, inst, fn.arg(inst as Inst, 0), TYPE_BYTES[fn.type[inst]!]!);
        if (this.escapesThrough[opcode] !== 0) this.escape(fn.arg(inst as Inst, 1));
        return;
      case Op.memcpy:
        this.access(fn, inst, fn.arg(inst as Inst, 0), fn.immLo[inst]!);
        this.access(fn, inst, fn.arg(inst as Inst, 1), fn.immLo[inst]!);
        return;
      case Op.memset:
        this.access(fn, inst, fn.arg(inst as Inst, 0), fn.immLo[inst]!);
        return;
      default:
        this.escapeAll(fn, inst);
        return;
    }
  }

  private escapeAll(fn: IrFunction, inst: number): void {
    if (this.slotCount === 0 || this.escapesThrough[fn.opcode[inst]!] === 0) return;
    const start = fn.argStart[inst]!;
    for (let i = fn.argCount[inst]! - 1; i >= 0; i--) this.escape(fn.resolve(fn.argPool[start + i]! as Value));
    if (OPS[fn.opcode[inst]!]!.format !== "branch") return;
    for (let s = 0, at = fn.succStart[inst]!; s < fn.succCount[inst]!; s++, at += 3) {
      const from = fn.succPool[at + 1]!;
      for (let i = fn.succPool[at + 2]! - 1; i >= 0; i--) this.escape(fn.resolve(fn.argPool[from + i]! as Value));
    }
  }

  private escape(value: Value): void {
    const base = this.base[value]!;
    if (base < this.slotCount) {
      this.escaped[base] = 1;
      this.splittable[base] = 0;
    }
  }

  private access(fn: IrFunction, inst: number, address: Value, size: number): void {
    const base = this.base[address]!;
    if (base >= this.slotCount || this.splittable[base] === 0) return;
    const opcode = fn.opcode[inst]!;
    const at = this.offset[address]! + (opcode === Op.load || opcode === Op.store ? fn.immLo[inst]! : 0);
    if (this.known[address] === 0 || at < 0 || at + size > fn.stackSlots[base]!.size) this.splittable[base] = 0;
  }

  private visitSum(fn: IrFunction, inst: number, opcode: number): void {
    const result = fn.resultStart[inst]!;
    let a = fn.arg(inst as Inst, 0);
    let b = fn.arg(inst as Inst, 1);
    if (opcode === Op.iadd && constantOffset(fn, a) !== undefined) {
      const swap = a;
      a = b;
      b = swap;
    }
    const c = constantOffset(fn, b);
    if (c !== undefined) {
      const sum = opcode === Op.iadd ? this.offset[a]! + c : this.offset[a]! - c;
      this.base[result] = this.base[a]!;
      this.known[result] = sum > -OFFSET_LIMIT && sum < OFFSET_LIMIT ? this.known[a]! : 0;
      this.offset[result] = this.known[result] === 0 ? 0 : sum;
      return;
    }
    const slotA = this.base[a]! < this.slotCount;
    const slotB = this.base[b]! < this.slotCount;
    if (slotA !== slotB && (opcode === Op.iadd || slotA)) {
      const slot = this.base[slotA ? a : b]!;
      this.base[result] = slot;
      this.known[result] = 0;
      return;
    }
    this.escape(a);
    this.escape(b);
  }
}

/** The value of an `i64` constant small enough to be an offset. */
function constantOffset(fn: IrFunction, value: Value): number | undefined {
  const def = fn.valueDef[value]!;
  if (def < 0 || fn.opcode[def] !== Op.iconst || fn.type[def] !== 4) return undefined;
  const lo = fn.immLo[def]!;
  if (fn.immHi[def] !== lo >> 31 || lo <= -OFFSET_LIMIT || lo >= OFFSET_LIMIT) return undefined;
  return lo;
}

/** Whether the bytes of two accesses may be the same. */
export function mayAlias(
  aa: AddressAnalysis,
  a: Value,
  offsetA: number,
  sizeA: number,
  b: Value,
  offsetB: number,
  sizeB: number,
): boolean {
  const baseA = aa.base[a]!;
  const baseB = aa.base[b]!;
  if (baseA === baseB) {
    if (aa.known[a] === 0 || aa.known[b] === 0) return true;
    const startA = aa.offset[a]! + offsetA;
    const startB = aa.offset[b]! + offsetB;
    return startA < startB + sizeB && startB < startA + sizeA;
  }
  const slotA = baseA < aa.slotCount;
  const slotB = baseB < aa.slotCount;
  if (slotA && slotB) return false;
  if (slotA) return aa.escaped[baseA] !== 0;
  if (slotB) return aa.escaped[baseB] !== 0;
  return true;
}

/** Whether a call or a system call may read or write the memory at `address`. */
export function reachableByCalls(aa: AddressAnalysis, address: Value): boolean {
  const base = aa.base[address]!;
  return base >= aa.slotCount || aa.escaped[base] !== 0;
}
