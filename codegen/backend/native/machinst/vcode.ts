/**
 * VCode: a function in machine instructions over virtual registers, before register allocation (after Cranelift's `machinst/vcode.rs`).
 *
 * Everything is a column of a typed array. A machine instruction is an opcode that the ISA numbers (its instruction forms, then its
 * pseudo-instructions), four words that the ISA reads as it likes (`aux`, `disp`, `immLo`, `immHi`), allocator flags, clobbers, and a run of
 * packed operands. A `VCode` is a `RegallocFunction` as it stands.
 *
 * Lowering goes backwards, block by block and instruction by instruction, but writes the instructions of one IR instruction forwards: such a run is
 * a *chunk*. `VCodeBuilder` takes chunks in the order of lowering; `finish` lays them out in program order. Instructions marked as *ahead* go
 * to the front of their chunk: they make constants, wherever in the chunk these turned out to be needed.
 */

import { bug } from "../../../entity/entity.ts";
import { extend } from "../../../entity/typed-arrays.ts";
import type { RegallocFunction, RegClass } from "../regalloc/function.ts";
import type { BlockOrder } from "./block-order.ts";

/** A constant of the function's read-only data, or a jump table there. */
export interface RodataItem {
  readonly offset: number;
  /** Little-endian words; of a jump table, the edges to the targets. */
  readonly words: readonly number[];
  readonly isJumpTable: boolean;
}

/** How a `switch` was lowered; targets are indices of the block's successors. */
export interface SwitchData {
  /** Byte offset of its jump table in the read-only data; `NONE` when it is a tree of comparisons. */
  readonly tableOffset: number;
  /** Of a tree: case values as unsigned bits, ascending, and the successor of each. */
  readonly values: readonly bigint[];
  readonly targets: readonly number[];
}

export class VCode implements RegallocFunction {
  numVRegs = 0;
  vregClass: Uint8Array = new Uint8Array(512);
  vregSlotSize: Uint8Array = new Uint8Array(512);

  numInsts = 0;
  opcode: Uint16Array = new Uint16Array(512);
  aux: Int32Array = new Int32Array(512);
  disp: Int32Array = new Int32Array(512);
  immLo: Int32Array = new Int32Array(512);
  immHi: Int32Array = new Int32Array(512);
  instFlags: Uint8Array = new Uint8Array(512);
  clobbers: Int32Array = new Int32Array(1024);
  operands: Int32Array = new Int32Array(1024);
  operandStart: Int32Array = new Int32Array(513);

  numBlocks = 0;
  blockStart: Int32Array = new Int32Array(64);
  succStart: Int32Array = new Int32Array(64);
  succs: Int32Array = new Int32Array(64);
  predStart: Int32Array = new Int32Array(64);
  preds: Int32Array = new Int32Array(64);
  paramStart: Int32Array = new Int32Array(64);
  params: Int32Array = new Int32Array(64);
  argStart: Int32Array = new Int32Array(64);
  args: Int32Array = new Int32Array(64);

  /** Symbols that instructions name by index. */
  symbols: string[] = [];
  switches: SwitchData[] = [];
  rodata: RodataItem[] = [];
  rodataSize = 0;
  rodataAlign = 1;
  /** Bytes at the bottom of the frame for stack arguments of callees. */
  outgoingSize = 0;
  hasCalls = false;
}

const AHEAD = 0x80;

export class VCodeBuilder {
  readonly vcode: VCode = new VCode();

  // The raw columns, in order of lowering.
  private count = 0;
  private operandCount = 0;
  private opcode: Uint16Array = new Uint16Array(512);
  private aux: Int32Array = new Int32Array(512);
  private disp: Int32Array = new Int32Array(512);
  private immLo: Int32Array = new Int32Array(512);
  private immHi: Int32Array = new Int32Array(512);
  private flags: Uint8Array = new Uint8Array(512);
  private clobbers: Int32Array = new Int32Array(1024);
  private operandStart: Int32Array = new Int32Array(513);
  private operands: Int32Array = new Int32Array(1024);
  private capacity = 512;
  private aheadFlag = 0;

  private chunkStart: Int32Array = new Int32Array(256);
  private chunkHasAhead: Uint8Array = new Uint8Array(256);
  private numChunks = 0;
  /** By block: its chunks, in order of lowering. */
  private blockFirstChunk: Int32Array = new Int32Array(64);
  private blockEndChunk: Int32Array = new Int32Array(64);

  /** Arguments by edge, in order of lowering. */
  private edgeArgs: Int32Array = new Int32Array(64);
  private edgeArgCount = 0;
  private edgeStart: Int32Array = new Int32Array(64);
  private edgeCount: Int32Array = new Int32Array(64);
  /** Parameters by block, in order of lowering. */
  private blockParams: Int32Array = new Int32Array(64);
  private blockParamCount = 0;
  private paramFirst: Int32Array = new Int32Array(64);
  private paramCount: Int32Array = new Int32Array(64);

  /** Starts a function whose blocks and edges are `order`'s. */
  reset(order: BlockOrder): void {
    const v = this.vcode;
    v.numVRegs = 0;
    v.numInsts = 0;
    v.numBlocks = order.numBlocks;
    v.symbols = [];
    v.switches = [];
    v.rodata = [];
    v.rodataSize = 0;
    v.rodataAlign = 1;
    v.outgoingSize = 0;
    v.hasCalls = false;
    this.count = 0;
    this.operandCount = 0;
    this.aheadFlag = 0;
    this.numChunks = 0;
    this.edgeArgCount = 0;
    this.blockParamCount = 0;
    const blocks = order.numBlocks + 1;
    this.blockFirstChunk = extend(this.blockFirstChunk, blocks);
    this.blockEndChunk = extend(this.blockEndChunk, blocks);
    this.paramFirst = extend(this.paramFirst, blocks);
    this.paramCount = extend(this.paramCount, blocks);
    this.edgeStart = extend(this.edgeStart, order.numEdges + 1);
    this.edgeCount = extend(this.edgeCount, order.numEdges + 1);
    this.edgeCount.fill(0, 0, order.numEdges);
    this.paramCount.fill(0, 0, blocks);
  }

  newVReg(regClass: RegClass, slotSize = 8): number {
    const v = this.vcode;
    const vreg = v.numVRegs++;
    if (vreg >= v.vregClass.length) {
      v.vregClass = extend(v.vregClass, vreg + 1);
      v.vregSlotSize = extend(v.vregSlotSize, vreg + 1);
    }
    v.vregClass[vreg] = regClass;
    v.vregSlotSize[vreg] = slotSize;
    return vreg;
  }

  // --- Chunks --------------------------------------------------------------------------------------------------------

  startBlock(block: number): void {
    this.blockFirstChunk[block] = this.numChunks;
  }

  endBlock(block: number): void {
    this.blockEndChunk[block] = this.numChunks;
  }

  /** What is put from now on comes before everything put into this block so far. */
  startChunk(): void {
    const chunk = this.numChunks++;
    if (chunk + 1 >= this.chunkStart.length) {
      this.chunkStart = extend(this.chunkStart, chunk + 2);
      this.chunkHasAhead = extend(this.chunkHasAhead, chunk + 2);
    }
    this.chunkStart[chunk] = this.count;
    this.chunkHasAhead[chunk] = 0;
  }

  /** What is put until `endAhead` goes to the front of the chunk. */
  startAhead(): void {
    if (this.aheadFlag !== 0) throw bug("a constant within a constant");
    this.aheadFlag = AHEAD;
    this.chunkHasAhead[this.numChunks - 1] = 1;
  }

  endAhead(): void {
    this.aheadFlag = 0;
  }

  /** Puts an instruction; its operands follow by `operand`. */
  inst(opcode: number, aux = 0, disp = 0, lo = 0, hi = 0, flags = 0): void {
    const i = this.count++;
    if (i >= this.capacity) this.growRaw();
    this.opcode[i] = opcode;
    this.aux[i] = aux;
    this.disp[i] = disp;
    this.immLo[i] = lo;
    this.immHi[i] = hi;
    this.flags[i] = flags | this.aheadFlag;
    this.clobbers[i * 2] = 0;
    this.clobbers[i * 2 + 1] = 0;
    this.operandStart[i] = this.operandCount;
  }

  /** The newest instruction clobbers these registers, by class. */
  clobber(ints: number, floats: number): void {
    const i = this.count - 1;
    this.clobbers[i * 2] = ints;
    this.clobbers[i * 2 + 1] = floats;
  }

  operand(word: number): void {
    if (this.operandCount >= this.operands.length) this.operands = extend(this.operands, this.operandCount + 1);
    this.operands[this.operandCount++] = word;
  }

  private growRaw(): void {
    const n = this.capacity * 2;
    this.capacity = n;
    this.opcode = extend(this.opcode, n);
    this.aux = extend(this.aux, n);
    this.disp = extend(this.disp, n);
    this.immLo = extend(this.immLo, n);
    this.immHi = extend(this.immHi, n);
    this.flags = extend(this.flags, n);
    this.clobbers = extend(this.clobbers, n * 2);
    this.operandStart = extend(this.operandStart, n + 1);
  }

  // --- Edges and parameters ------------------------------------------------------------------------------------------

  startEdge(edge: number): void {
    this.edgeStart[edge] = this.edgeArgCount;
  }

  edgeArg(edge: number, vreg: number): void {
    this.edgeArgs = extend(this.edgeArgs, this.edgeArgCount + 1);
    this.edgeArgs[this.edgeArgCount++] = vreg;
    this.edgeCount[edge]!++;
  }

  startParams(block: number): void {
    this.paramFirst[block] = this.blockParamCount;
  }

  blockParam(block: number, vreg: number): void {
    this.blockParams = extend(this.blockParams, this.blockParamCount + 1);
    this.blockParams[this.blockParamCount++] = vreg;
    this.paramCount[block]!++;
  }

  // --- Read-only data ------------------------------------------------------------------------------------------------

  /** The offset of a constant of the given 32-bit words, aligned to its size. Equal constants are one. */
  constant(words: readonly number[]): number {
    const v = this.vcode;
    for (const item of v.rodata) {
      if (item.isJumpTable || item.words.length !== words.length) continue;
      if (item.words.every((word, i) => word === words[i])) return item.offset;
    }
    return this.rodataItem(words, words.length * 4, false);
  }

  /** The offset of a jump table: successors, of a block whose first edge is `firstEdge`. */
  jumpTable(successors: readonly number[], firstEdge: number): number {
    return this.rodataItem(
      successors.map((s) => firstEdge + s),
      4,
      true,
    );
  }

  private rodataItem(words: readonly number[], align: number, isJumpTable: boolean): number {
    const v = this.vcode;
    const offset = (v.rodataSize + align - 1) & -align;
    v.rodataSize = offset + words.length * 4;
    v.rodataAlign = Math.max(v.rodataAlign, align);
    v.rodata.push({ offset, words, isJumpTable });
    return offset;
  }

  // --- Finishing -----------------------------------------------------------------------------------------------------

  /** The function in program order. Valid until the next `reset`. */
  finish(order: BlockOrder): VCode {
    const v = this.vcode;
    this.operandStart[this.count] = this.operandCount;
    this.chunkStart = extend(this.chunkStart, this.numChunks + 1);
    this.chunkStart[this.numChunks] = this.count;
    v.opcode = extend(v.opcode, this.count);
    v.aux = extend(v.aux, this.count);
    v.disp = extend(v.disp, this.count);
    v.immLo = extend(v.immLo, this.count);
    v.immHi = extend(v.immHi, this.count);
    v.instFlags = extend(v.instFlags, this.count);
    v.clobbers = extend(v.clobbers, this.count * 2);
    v.operands = extend(v.operands, this.operandCount);
    v.operandStart = extend(v.operandStart, this.count + 1);
    v.blockStart = extend(v.blockStart, v.numBlocks + 1);
    v.operandStart[0] = 0;
    for (let b = 0; b < v.numBlocks; b++) {
      v.blockStart[b] = v.numInsts;
      for (let chunk = this.blockEndChunk[b]! - 1; chunk >= this.blockFirstChunk[b]!; chunk--) this.copyChunk(chunk);
    }
    v.blockStart[v.numBlocks] = v.numInsts;
    if (v.numInsts !== this.count) throw bug(`${this.count - v.numInsts} instructions are in no block`);
    this.finishEdges(order);
    return v;
  }

  private copyChunk(chunk: number): void {
    const start = this.chunkStart[chunk]!;
    const end = this.chunkStart[chunk + 1]!;
    if (this.chunkHasAhead[chunk] === 0) {
      for (let i = start; i < end; i++) this.copyInst(i);
      return;
    }
    for (let i = start; i < end; i++) if ((this.flags[i]! & AHEAD) !== 0) this.copyInst(i);
    for (let i = start; i < end; i++) if ((this.flags[i]! & AHEAD) === 0) this.copyInst(i);
  }

  private copyInst(i: number): void {
    const v = this.vcode;
    const to = v.numInsts++;
    v.opcode[to] = this.opcode[i]!;
    v.aux[to] = this.aux[i]!;
    v.disp[to] = this.disp[i]!;
    v.immLo[to] = this.immLo[i]!;
    v.immHi[to] = this.immHi[i]!;
    v.instFlags[to] = this.flags[i]! & ~AHEAD;
    v.clobbers[to * 2] = this.clobbers[i * 2]!;
    v.clobbers[to * 2 + 1] = this.clobbers[i * 2 + 1]!;
    let at = v.operandStart[to]!;
    const end = this.operandStart[i + 1]!;
    for (let o = this.operandStart[i]!; o < end; o++) v.operands[at++] = this.operands[o]!;
    v.operandStart[to + 1] = at;
  }

  private finishEdges(order: BlockOrder): void {
    const v = this.vcode;
    v.succStart = order.succStart;
    v.succs = order.succs;
    v.predStart = order.predStart;
    v.preds = order.preds;
    v.argStart = extend(v.argStart, order.numEdges + 1);
    v.args = extend(v.args, this.edgeArgCount);
    let at = 0;
    for (let e = 0; e < order.numEdges; e++) {
      v.argStart[e] = at;
      const first = this.edgeStart[e]!;
      for (let i = 0; i < this.edgeCount[e]!; i++) v.args[at++] = this.edgeArgs[first + i]!;
    }
    v.argStart[order.numEdges] = at;
    v.paramStart = extend(v.paramStart, v.numBlocks + 1);
    v.params = extend(v.params, this.blockParamCount);
    at = 0;
    for (let b = 0; b < v.numBlocks; b++) {
      v.paramStart[b] = at;
      const first = this.paramFirst[b]!;
      for (let i = 0; i < this.paramCount[b]!; i++) v.params[at++] = this.blockParams[first + i]!;
    }
    v.paramStart[v.numBlocks] = at;
  }
}
