/**
 * The ISA-independent part of lowering: the walk over the IR, and what rules may ask (after Cranelift's `machinst/lower.rs`).
 *
 * The walk goes backwards over blocks and instructions, so that every use of a value is seen before its definition. A value gets a virtual
 * register when it is first used; an instruction without effects whose results got none is not put out at all: it is dead, or all its
 * users took it into themselves.
 *
 * *Colors* number the stretches between instructions that write memory or call. A load may be sunk into a later instruction of the
 * same color. *Look-through*: `ireduce`, integer `bitcast`, `isplit` and `iconcat` are only other names for their arguments' registers.
 * Constants and addresses of stack slots and functions are made anew at each use, ahead of the chunk that uses them.
 */

import { bug, NONE } from "../../../entity/entity.ts";
import type { IrFunction } from "../ir/function.ts";
import { EFFECTS, Effect, Op, Type } from "../ir/opcodes.ts";
import { CLASS_FLOAT, CLASS_INT, type RegClass } from "../regalloc/function.ts";
import { BlockOrder } from "./block-order.ts";
import { type VCode, VCodeBuilder } from "./vcode.ts";

/** How many patterns one lowering rule may have. */
export const MAX_BINDINGS = 16;

/** What an ISA does for the walk. */
export interface LowerBackend {
  /** Puts out one instruction; terminators too. */
  readonly lowerInst: (cx: LowerContext, inst: number) => void;
  /** Defines the function's parameters, in a chunk of their own at the function's start. */
  readonly lowerParams: (cx: LowerContext) => void;
  /** Puts out a jump to `block`'s only successor. */
  readonly lowerJump: (cx: LowerContext) => void;
  /** A new register that holds part `part` (0 low, 1 high) of the constant or address that `inst` makes. */
  readonly materialize: (cx: LowerContext, inst: number, part: 0 | 1) => number;
  /** Opcodes whose `i32` results (loads: narrower ones too) leave the register's upper bits zero, so that `uextend` is no instruction. */
  readonly zeroExtends: Uint8Array;
}

const EFFECT_MASK: number = Effect.WRITE | Effect.SIDE | Effect.TERMINATOR;

/** Opcodes whose results are made anew at each use. */
const REMATERIALIZED: Uint8Array = new Uint8Array(256);
for (const op of [Op.iconst, Op.fconst, Op.stackAddr, Op.funcAddr]) REMATERIALIZED[op] = 1;
const LOOKED_THROUGH: Uint8Array = new Uint8Array(256);
for (const op of [Op.ireduce, Op.bitcast, Op.isplit, Op.iconcat, Op.uextend]) LOOKED_THROUGH[op] = 1;

export class LowerContext {
  /** The function being lowered. */
  fn!: IrFunction;
  readonly builder: VCodeBuilder = new VCodeBuilder();
  readonly order: BlockOrder = new BlockOrder();
  /** What the patterns of the matched rule matched. */
  readonly bind: Int32Array = new Int32Array(MAX_BINDINGS);
  /** Uses by value: 0, 1, or 2 for more. */
  useCount: Uint8Array = new Uint8Array(256);
  /** The lowered block at hand. */
  block = 0;
  optForSize = false;
  /** Byte offsets of stack slots from the first one's. */
  readonly slotOffset: number[] = [];
  slotSize = 0;
  maxSlotAlign = 1;

  private backend!: LowerBackend;
  private regLow: Int32Array = new Int32Array(256);
  private regHigh: Int32Array = new Int32Array(256);
  private color: Int32Array = new Int32Array(256);
  private sunk: Uint8Array = new Uint8Array(256);
  private currentColor = 0;

  /** Lowers `fn`. The result is valid until the next call. */
  lower(fn: IrFunction, backend: LowerBackend, optForSize: boolean): VCode {
    fn.resolveAliases();
    this.fn = fn;
    this.backend = backend;
    this.optForSize = optForSize;
    this.order.compute(fn);
    this.builder.reset(this.order);
    this.scan();
    this.layOutSlots();
    for (let b = this.order.numBlocks - 1; b >= 0; b--) this.lowerBlock(b);
    return this.builder.finish(this.order);
  }

  private scan(): void {
    const fn = this.fn;
    if (fn.valueCount > this.useCount.length) {
      const n = fn.valueCount * 2;
      this.useCount = new Uint8Array(n);
      this.regLow = new Int32Array(n);
      this.regHigh = new Int32Array(n);
    }
    if (fn.instCount > this.color.length) {
      this.color = new Int32Array(fn.instCount * 2);
      this.sunk = new Uint8Array(fn.instCount * 2);
    }
    this.useCount.fill(0, 0, fn.valueCount);
    this.regLow.fill(NONE, 0, fn.valueCount);
    this.regHigh.fill(NONE, 0, fn.valueCount);
    this.sunk.fill(0, 0, fn.instCount);
    let color = 0;
    for (let b = 0; b < this.order.numBlocks; b++) {
      const block = this.order.irBlock[b]!;
      if (block === NONE) continue;
      color++;
      for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
        this.color[inst] = color;
        if ((EFFECTS[fn.opcode[inst]!]! & EFFECT_MASK) !== 0) color++;
        this.countUses(fn.argStart[inst]!, fn.argCount[inst]!);
        for (let s = 0; s < fn.succCount[inst]!; s++) {
          const at = fn.succStart[inst]! + s * 3;
          this.countUses(fn.succPool[at + 1]!, fn.succPool[at + 2]!);
        }
      }
    }
  }

  private countUses(start: number, count: number): void {
    const { useCount } = this;
    const pool = this.fn.argPool;
    for (let i = start; i < start + count; i++) {
      const value = pool[i]!;
      if (useCount[value]! < 2) useCount[value]!++;
    }
  }

  /** Slots in order, each aligned; one aligned beyond 16 gets room to be aligned within (see `slotNeedsAligning`). */
  private layOutSlots(): void {
    let offset = 0;
    this.slotOffset.length = 0;
    this.maxSlotAlign = 1;
    for (const slot of this.fn.stackSlots) {
      const align = Math.min(slot.align, 16);
      offset = Math.ceil(offset / align) * align;
      this.slotOffset.push(offset);
      offset += slot.size + (slot.align > 16 ? slot.align - 16 : 0);
      this.maxSlotAlign = Math.max(this.maxSlotAlign, align);
    }
    this.slotSize = offset;
  }

  /** Whether the slot's address must be rounded up: the frame itself is aligned to 16 only. */
  slotNeedsAligning(slot: number): boolean {
    return this.fn.stackSlots[slot]!.align > 16;
  }

  // --- The walk ------------------------------------------------------------------------------------------------------

  private lowerBlock(b: number): void {
    const { fn, order, builder, backend } = this;
    this.block = b;
    builder.startBlock(b);
    const block = order.irBlock[b]!;
    if (block === NONE) {
      builder.startChunk();
      backend.lowerJump(this);
      const inst = order.edgeInst[b]!;
      if (inst !== NONE) this.lowerEdge(order.succStart[b]!, inst, order.edgeSucc[b]!);
      else this.lowerFreshEntry();
    } else {
      this.lowerInsts(block);
      if (b !== 0) this.lowerBlockParams(b, fn.blockParams[block]!);
    }
    if (b === 0) {
      builder.startChunk();
      backend.lowerParams(this);
    }
    builder.endBlock(b);
  }

  private lowerInsts(block: number): void {
    const { fn, builder, backend } = this;
    const terminator = fn.lastInst[block]!;
    for (let inst = terminator; inst !== NONE; inst = fn.prev[inst]!) {
      if (this.sunk[inst] !== 0 || !this.mustLower(inst)) continue;
      this.currentColor = this.color[inst]!;
      builder.startChunk();
      backend.lowerInst(this, inst);
      if (inst === terminator) this.lowerEdges(inst);
    }
  }

  private mustLower(inst: number): boolean {
    const { fn } = this;
    if ((EFFECTS[fn.opcode[inst]!]! & EFFECT_MASK) !== 0) return true;
    const first = fn.resultStart[inst]!;
    for (let i = 0; i < fn.resultCount[inst]!; i++)
      if (this.regLow[first + i] !== NONE || this.regHigh[first + i] !== NONE) return true;
    return false;
  }

  /** The arguments that a terminator passes on edges without an edge block. */
  private lowerEdges(inst: number): void {
    const { fn, order } = this;
    const first = order.succStart[this.block]!;
    for (let s = 0; s < fn.succCount[inst]!; s++)
      if (order.irBlock[order.succs[first + s]!] !== NONE) this.lowerEdge(first + s, inst, s);
  }

  private lowerEdge(edge: number, inst: number, succ: number): void {
    const { fn, builder } = this;
    const at = fn.succStart[inst]! + succ * 3;
    const start = fn.succPool[at + 1]!;
    const count = fn.succPool[at + 2]!;
    if (count === 0) return;
    builder.startChunk();
    builder.startEdge(edge);
    for (let i = start; i < start + count; i++) {
      const value = fn.argPool[i]!;
      builder.edgeArg(edge, this.use(value));
      if (fn.valueType[value] === Type.I128) builder.edgeArg(edge, this.useHigh(value));
    }
  }

  private lowerFreshEntry(): void {
    const { fn, builder, order } = this;
    const edge = order.succStart[0]!;
    builder.startEdge(edge);
    this.freshParams.length = 0;
    for (const value of fn.blockParams[fn.entry]!) {
      const wide = fn.valueType[value] === Type.I128;
      this.freshParams.push(builder.newVReg(this.classOf(value)), wide ? builder.newVReg(CLASS_INT) : NONE);
    }
    for (const vreg of this.freshParams) if (vreg !== NONE) builder.edgeArg(edge, vreg);
  }

  /** Registers of the parameters of a fresh entry, in pairs; empty without one. */
  private readonly freshParams: number[] = [];

  private lowerBlockParams(b: number, params: readonly number[]): void {
    const { fn, builder } = this;
    builder.startParams(b);
    for (let i = 0; i < params.length; i++) {
      const value = params[i]!;
      builder.blockParam(b, this.def(value));
      if (fn.valueType[value] === Type.I128) builder.blockParam(b, this.defHigh(value));
    }
  }

  /**
   * The register of part `part` of the function's parameter `index`, for `lowerParams`; `NONE` when nobody reads it. Called
   * once for each.
   */
  paramReg(index: number, part: 0 | 1): number {
    if (this.order.hasFreshEntry) return this.freshParams[index * 2 + part]!;
    const value = this.fn.blockParams[this.fn.entry]![index]!;
    return (part === 0 ? this.regLow : this.regHigh)[value]!;
  }

  // --- What rules ask ------------------------------------------------------------------------------------------------

  classOf(value: number): RegClass {
    return this.fn.valueType[value]! >= Type.F32 ? CLASS_FLOAT : CLASS_INT;
  }

  arg(inst: number, index: number): number {
    return this.fn.argPool[this.fn.argStart[inst]! + index]!;
  }

  argType(inst: number, index: number): number {
    return this.fn.valueType[this.fn.argPool[this.fn.argStart[inst]! + index]!]!;
  }

  /** A new register of the integer class. */
  tmp(): number {
    return this.builder.newVReg(CLASS_INT);
  }

  /** A new register of the float class. `slotSize` is 16 when all its bytes count. */
  tmpFloat(slotSize = 8): number {
    return this.builder.newVReg(CLASS_FLOAT, slotSize);
  }

  /** The register that holds `value`, or its low half. */
  use(value: number): number {
    return this.usePart(value, 0);
  }

  /** The register that holds the high half of an `i128`. */
  useHigh(value: number): number {
    return this.usePart(value, 1);
  }

  private usePart(start: number, firstPart: 0 | 1): number {
    const { fn } = this;
    let value = start;
    let part = firstPart;
    for (;;) {
      const def = fn.valueDef[value]!;
      if (def < 0) break;
      const opcode = fn.opcode[def]!;
      if (REMATERIALIZED[opcode] !== 0) return this.makeAhead(def, part);
      if (LOOKED_THROUGH[opcode] === 0) break;
      const arg = fn.argPool[fn.argStart[def]!]!;
      if (opcode === Op.isplit) part = fn.valueIndex[value] as 0 | 1;
      else if (opcode === Op.iconcat) {
        value = fn.argPool[fn.argStart[def]! + part]!;
        part = 0;
        continue;
      } else if (opcode === Op.uextend) {
        if (part === 1 || !this.isZeroExtended(arg)) break;
      } else if (opcode === Op.bitcast && fn.type[def]! >= Type.F32 !== fn.valueType[arg]! >= Type.F32) break;
      value = arg;
    }
    return part === 0 ? this.def(value) : this.defHigh(value);
  }

  /** Whether the register of `value` is known to be zero above its type, up to 64 bits. */
  private isZeroExtended(value: number): boolean {
    const { fn } = this;
    const def = fn.valueDef[value]!;
    if (def < 0) return false;
    const opcode = fn.opcode[def]!;
    const type = fn.valueType[value]!;
    return (
      this.backend.zeroExtends[opcode] !== 0 &&
      fn.valueIndex[value] === 0 &&
      (type === Type.I32 || (type < Type.I32 && opcode === Op.load))
    );
  }

  private makeAhead(inst: number, part: 0 | 1): number {
    this.builder.startAhead();
    const vreg = this.backend.materialize(this, inst, part);
    this.builder.endAhead();
    return vreg;
  }

  /** The register that defines `value` (the low half), for the instruction that makes it. */
  def(value: number): number {
    let vreg = this.regLow[value]!;
    if (vreg === NONE) {
      vreg = this.builder.newVReg(this.classOf(value));
      this.regLow[value] = vreg;
    }
    return vreg;
  }

  defHigh(value: number): number {
    let vreg = this.regHigh[value]!;
    if (vreg === NONE) {
      vreg = this.builder.newVReg(CLASS_INT);
      this.regHigh[value] = vreg;
    }
    return vreg;
  }

  /** The register of result `index` of `inst`. */
  result(inst: number, index = 0): number {
    return this.def(this.fn.resultStart[inst]! + index);
  }

  resultHigh(inst: number, index = 0): number {
    return this.defHigh(this.fn.resultStart[inst]! + index);
  }

  /** Whether anybody reads result `index` of `inst`, or its high half. */
  isUsed(inst: number, index: number): boolean {
    const value = this.fn.resultStart[inst]! + index;
    return this.regLow[value] !== NONE || this.regHigh[value] !== NONE;
  }

  /** Of a single result: whether anybody reads its register, or its low half; its high half. */
  isLowUsed(inst: number): boolean {
    return this.regLow[this.fn.resultStart[inst]!] !== NONE;
  }

  isHighUsed(inst: number): boolean {
    return this.regHigh[this.fn.resultStart[inst]!] !== NONE;
  }

  /** The instruction that makes `value` when its opcode is `opcode`; else `NONE`. */
  defBy(value: number, opcode: number): number {
    const def = this.fn.valueDef[value]!;
    return def >= 0 && this.fn.opcode[def] === opcode ? def : NONE;
  }

  /** Whether `inst` is a load of `value` that the instruction being lowered may do itself. */
  canSinkLoad(inst: number, value: number): boolean {
    return (
      this.fn.opcode[inst] === Op.load &&
      this.useCount[value] === 1 &&
      this.regLow[value] === NONE &&
      this.regHigh[value] === NONE &&
      this.color[inst] === this.currentColor &&
      this.sunk[inst] === 0
    );
  }

  /** `inst` is put out as a part of the instruction being lowered, and not by itself. */
  sink(inst: number): void {
    if (this.sunk[inst] !== 0) throw bug(`an instruction of ${this.fn.symbol} is sunk twice`);
    this.sunk[inst] = 1;
  }

  /**
   * Whether `inst`, without effects and with two results, may be put out as a part of the block's terminator: its flag result is used there alone,
   * and its other result by nothing in between.
   */
  canSinkIntoTerminator(inst: number, terminator: number): boolean {
    const { fn } = this;
    if (fn.instBlock[inst] !== fn.instBlock[terminator] || this.sunk[inst] !== 0) return false;
    const first = fn.resultStart[inst]!;
    if (this.useCount[first + 1] !== 1) return false;
    if (this.useCount[first] === 0) return true;
    for (let at = fn.prev[terminator]!, steps = 0; at !== inst; at = fn.prev[at]!, steps++) {
      if (at === NONE || steps === MAX_SINK_DISTANCE) return false;
      const start = fn.argStart[at]!;
      for (let i = start; i < start + fn.argCount[at]!; i++) if (fn.argPool[i] === first) return false;
    }
    return true;
  }
}

/** How far an instruction may be sunk: looking further costs more than it gains. */
const MAX_SINK_DISTANCE = 16;
