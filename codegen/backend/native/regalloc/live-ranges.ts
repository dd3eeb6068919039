/**
 * Lifetime intervals with holes, use lists and fixed ranges, for linear scan.
 *
 * Built in one walk against the program order (Wimmer & Franz, "Linear Scan Register Allocation on SSA Form", CGO 2010, figure 4, with
 * liveness known beforehand, so that loops and irreducible flow need no care).
 *
 * Positions: four per instruction `i`. At `4i` (*gap*) moves read, at `4i + 1` (*early*) the instruction reads and early defs are
 * written, at `4i + 2` (*late*) late uses are read, late defs and clobbers written; `4i + 3` ends the instruction. Ranges are half open.
 *
 * A use with a fixed register, and an input that a def reuses, need the vreg only at the gap: a move brings it to the register, which
 * belongs to the instruction from the early position on. A def with a fixed register is moved out after the instruction, so its
 * vreg begins at the next gap. Where vreg and register agree, thanks to hints, there is no move.
 */

import { bug } from "../../../entity/entity.ts";
import { ensure, extend } from "../../../entity/typed-arrays.ts";
import {
  allocReg,
  CONSTRAINT_ANY,
  CONSTRAINT_FIXED,
  CONSTRAINT_REUSE,
  CONSTRAINT_STACK,
  INST_MOVE,
  type RegallocFunction,
} from "./function.ts";
import type { Liveness } from "./liveness.ts";

/** Kinds of use list entries. */
export const USE_ANY = 0;
/** Must be in a register. */
export const USE_REG = 1;
/** Must be in its spill slot. */
export const USE_STACK = 2;
/** Copied at the gap or by an edge, from anywhere. */
export const USE_GAP = 3;
/** The move out of a fixed def. */
export const USE_FIXED_DEF = 4;
/** Stands for no operand: whatever register holds the def must hold it through the instruction. */
export const USE_PIN = 5;
/** Mentions a vreg that is also the input some def reuses: takes the register of that def. */
export const USE_ALIAS = 6;
/** Added to the kind when the entry defines the vreg. */
export const USE_DEF = 8;

/** Whether an entry of kind `kind` needs a register. */
export function needsRegister(kind: number): boolean {
  const k = kind & 7;
  return k === USE_REG || k === USE_PIN;
}

export class Intervals {
  /** Intervals `0..numVRegs` are the vregs; those after it are split off from them. */
  count = 0;
  vreg: Int32Array = new Int32Array(0);
  start: Int32Array = new Int32Array(0);
  end: Int32Array = new Int32Array(0);
  /** First range, or -1 for a vreg without any. */
  firstRange: Int32Array = new Int32Array(0);
  /** The first range that ends after the walk's position. */
  curRange: Int32Array = new Int32Array(0);
  firstUse: Int32Array = new Int32Array(0);
  /** The first use at or after the walk's position. */
  curUse: Int32Array = new Int32Array(0);
  /** A preg, `UNASSIGNED`, or `SPILLED`. */
  reg: Int32Array = new Int32Array(0);
  /** The next interval of the same vreg, by position. */
  nextPiece: Int32Array = new Int32Array(0);
  nextInactive: Int32Array = new Int32Array(0);

  rangeFrom: Int32Array = new Int32Array(1024);
  rangeTo: Int32Array = new Int32Array(1024);
  rangeNext: Int32Array = new Int32Array(1024);
  numRanges = 0;

  usePos: Int32Array = new Int32Array(1024);
  useKind: Int32Array = new Int32Array(1024);
  /** Operand index, or -1 (pins, and block arguments, which edge moves read). */
  useOp: Int32Array = new Int32Array(1024);
  /** For gap uses: the operand of the def that reuses this one, or -1 when fixed. */
  useAux: Int32Array = new Int32Array(1024);
  useNext: Int32Array = new Int32Array(1024);
  numUses = 0;

  /** Per preg: the ranges that instructions claim, ascending. */
  fixedHead: Int32Array = new Int32Array(64);

  /** Per vreg: a preg that would save a move, or -1. */
  hintReg: Int32Array = new Int32Array(0);
  /** Per vreg: a vreg whose register would save a move, or -1. */
  hintVReg: Int32Array = new Int32Array(0);
  /** Per vreg: 1 when it needs its spill slot stored. */
  needsSlot: Int32Array = new Int32Array(0);
  /** Per instruction: its block. */
  instBlock: Int32Array = new Int32Array(0);

  /** Builds the intervals of `fn`; sets the allocations of fixed operands. `allocatable` and `clobberFilter` are per class. */
  build(
    fn: RegallocFunction,
    live: Liveness,
    allocs: Int32Array,
    allocatable: readonly [number, number],
    clobberFilter: readonly [number, number],
  ): void {
    this.reset(fn);
    const { blockStart, clobbers } = fn;
    const maskInt = allocatable[0] & clobberFilter[0];
    const maskFloat = allocatable[1] & clobberFilter[1];
    for (let b = fn.numBlocks - 1; b >= 0; b--) {
      const from = blockStart[b]! * 4;
      const to = blockStart[b + 1]! * 4;
      for (let p = live.outHead[b]!; p >= 0; p = live.pairNext[p]!) this.addRange(live.pairVReg[p]!, from, to);
      const lastArg = fn.argStart[fn.succStart[b + 1]!]!;
      for (let a = fn.argStart[fn.succStart[b]!]!; a < lastArg; a++) this.addUse(fn.args[a]!, to - 4, USE_GAP, -1, -1);
      for (let i = blockStart[b + 1]! - 1; i >= blockStart[b]!; i--) {
        this.instBlock[i] = b;
        const int = clobbers[2 * i]! & maskInt;
        const float = clobbers[2 * i + 1]! & maskFloat;
        if ((int | float) !== 0) {
          this.addClobbers(int, 0, i);
          this.addClobbers(float, 32, i);
        }
        if (fn.operandStart[i]! < fn.operandStart[i + 1]!) this.addInst(fn, allocs, i, from);
      }
      this.addParams(fn, b, from);
    }
  }

  private reset(fn: RegallocFunction): void {
    const n = fn.numVRegs;
    this.count = n;
    this.growIntervals(n + 64);
    this.hintReg = ensure(this.hintReg, n);
    this.hintVReg = ensure(this.hintVReg, n);
    this.needsSlot = ensure(this.needsSlot, n);
    this.instBlock = ensure(this.instBlock, fn.numInsts);
    this.firstRange.fill(-1, 0, n);
    this.firstUse.fill(-1, 0, n);
    this.hintReg.fill(-1, 0, n);
    this.hintVReg.fill(-1, 0, n);
    this.needsSlot.fill(0, 0, n);
    this.fixedHead.fill(-1);
    this.numRanges = 0;
    this.numUses = 0;
  }

  growIntervals(capacity: number): void {
    if (this.vreg.length >= capacity) return;
    this.vreg = extend(this.vreg, capacity);
    this.start = extend(this.start, capacity);
    this.end = extend(this.end, capacity);
    this.firstRange = extend(this.firstRange, capacity);
    this.curRange = extend(this.curRange, capacity);
    this.firstUse = extend(this.firstUse, capacity);
    this.curUse = extend(this.curUse, capacity);
    this.reg = extend(this.reg, capacity);
    this.nextPiece = extend(this.nextPiece, capacity);
    this.nextInactive = extend(this.nextInactive, capacity);
  }

  newRange(from: number, to: number, next: number): number {
    const r = this.numRanges++;
    if (r >= this.rangeFrom.length) {
      this.rangeFrom = extend(this.rangeFrom, r + 1);
      this.rangeTo = extend(this.rangeTo, r + 1);
      this.rangeNext = extend(this.rangeNext, r + 1);
    }
    this.rangeFrom[r] = from;
    this.rangeTo[r] = to;
    this.rangeNext[r] = next;
    return r;
  }

  /** Adds `[from, to)` in front; it may overlap or touch the first range. */
  private addRange(vreg: number, from: number, to: number): void {
    const head = this.firstRange[vreg]!;
    if (head >= 0 && this.rangeFrom[head]! <= to) {
      this.rangeFrom[head] = from;
      if (to > this.rangeTo[head]!) this.rangeTo[head] = to;
    } else {
      this.firstRange[vreg] = this.newRange(from, to, head);
    }
  }

  /** Begins `vreg` at `pos`; without any later use it lives up to `deadEnd`. */
  private define(vreg: number, pos: number, deadEnd: number): void {
    const head = this.firstRange[vreg]!;
    if (head < 0) this.firstRange[vreg] = this.newRange(pos, deadEnd, -1);
    else this.rangeFrom[head] = pos;
  }

  private addUse(vreg: number, pos: number, kind: number, op: number, aux: number): void {
    const u = this.numUses++;
    if (u >= this.usePos.length) {
      this.usePos = extend(this.usePos, u + 1);
      this.useKind = extend(this.useKind, u + 1);
      this.useOp = extend(this.useOp, u + 1);
      this.useAux = extend(this.useAux, u + 1);
      this.useNext = extend(this.useNext, u + 1);
    }
    this.usePos[u] = pos;
    this.useKind[u] = kind;
    this.useOp[u] = op;
    this.useAux[u] = aux;
    // Entries come in descending order, but for those of one instruction.
    let after = -1;
    let at = this.firstUse[vreg]!;
    while (at >= 0 && this.usePos[at]! < pos) {
      after = at;
      at = this.useNext[at]!;
    }
    this.useNext[u] = at;
    if (after < 0) this.firstUse[vreg] = u;
    else this.useNext[after] = u;
  }

  private addFixed(preg: number, from: number, to: number): void {
    const head = this.fixedHead[preg]!;
    if (head >= 0 && this.rangeFrom[head]! < to) {
      // Several claims of one instruction.
      if (from < this.rangeFrom[head]!) this.rangeFrom[head] = from;
    } else {
      this.fixedHead[preg] = this.newRange(from, to, head);
    }
  }

  private addClobbers(mask: number, base: number, inst: number): void {
    for (let m = mask; m !== 0; m &= m - 1) this.addFixed(base + 31 - Math.clz32(m & -m), inst * 4 + 2, inst * 4 + 4);
  }

  private addParams(fn: RegallocFunction, block: number, from: number): void {
    for (let p = fn.paramStart[block]!; p < fn.paramStart[block + 1]!; p++) {
      const param = fn.params[p]!;
      // A dead parameter gets no interval, and its edges no move.
      if (this.firstRange[param]! < 0) continue;
      this.define(param, from, from + 1);
      const index = p - fn.paramStart[block]!;
      for (let e = fn.predStart[block]!; e < fn.predStart[block + 1]!; e++) {
        const pred = fn.preds[e]!;
        for (let s = fn.succStart[pred]!; s < fn.succStart[pred + 1]!; s++) {
          if (fn.succs[s] !== block) continue;
          const arg = fn.args[fn.argStart[s]! + index]!;
          if (this.hintVReg[arg]! < 0) this.hintVReg[arg] = param;
          if (pred < block) this.hintVReg[param] = arg;
        }
      }
    }
  }

  private addInst(fn: RegallocFunction, allocs: Int32Array, inst: number, blockFrom: number): void {
    const first = fn.operandStart[inst]!;
    const last = fn.operandStart[inst + 1]!;
    let reuses = false;
    for (let o = first; o < last; o++) {
      const op = fn.operands[o]!;
      if ((op & 0x800000) !== 0) {
        const constraint = op >>> 25;
        if (constraint >= CONSTRAINT_REUSE && constraint < CONSTRAINT_FIXED) reuses = true;
        this.addDef(fn, allocs, inst, o, op);
      }
    }
    for (let o = first; o < last; o++) {
      const op = fn.operands[o]!;
      if ((op & 0x800000) === 0) this.addOperandUse(fn, allocs, inst, o, op, blockFrom, reuses);
    }
    if ((fn.instFlags[inst]! & INST_MOVE) !== 0)
      this.hintMove(fn.operands[first]! & 0x3fffff, fn.operands[last - 1]! & 0x3fffff);
  }

  private hintMove(source: number, target: number): void {
    if (this.hintVReg[target]! < 0) this.hintVReg[target] = source;
    if (this.hintVReg[source]! < 0) this.hintVReg[source] = target;
    if (this.hintReg[source]! < 0) this.hintReg[source] = this.hintReg[target]!;
  }

  private addDef(fn: RegallocFunction, allocs: Int32Array, inst: number, o: number, op: number): void {
    const vreg = op & 0x3fffff;
    const constraint = op >>> 25;
    const late = (op & 0x1000000) !== 0;
    const pos = inst * 4 + (late ? 2 : 1);
    if (constraint >= CONSTRAINT_FIXED) {
      const preg = constraint & 63;
      allocs[o] = allocReg(preg);
      this.addFixed(preg, pos, inst * 4 + 4);
      if (this.firstRange[vreg]! < 0) return;
      this.define(vreg, inst * 4 + 4, inst * 4 + 5);
      this.addUse(vreg, inst * 4 + 4, USE_FIXED_DEF | USE_DEF, o, -1);
      this.hintReg[vreg] = preg;
    } else if (constraint >= CONSTRAINT_REUSE) {
      const input = fn.operands[fn.operandStart[inst]! + (constraint & 31)]! & 0x3fffff;
      this.define(vreg, inst * 4 + 1, inst * 4 + 4);
      this.addUse(vreg, inst * 4 + 1, USE_REG | USE_DEF, o, -1);
      this.addUse(vreg, inst * 4 + 2, USE_PIN, -1, -1);
      this.hintVReg[vreg] = input;
      if (this.hintVReg[input]! < 0) this.hintVReg[input] = vreg;
      if (this.hintReg[input]! < 0) this.hintReg[input] = this.hintReg[vreg]!;
    } else if (constraint === CONSTRAINT_STACK) {
      this.define(vreg, pos, inst * 4 + 4);
      this.addUse(vreg, pos, USE_STACK | USE_DEF, o, -1);
      this.needsSlot[vreg] = 1;
    } else {
      const any = constraint === CONSTRAINT_ANY && late && (fn.vregRemat === undefined || fn.vregRemat[vreg] === 0);
      this.define(vreg, pos, inst * 4 + 4);
      this.addUse(vreg, pos, (any ? USE_ANY : USE_REG) | USE_DEF, o, -1);
      if (!late) this.addUse(vreg, inst * 4 + 2, USE_PIN, -1, -1);
    }
  }

  private addOperandUse(
    fn: RegallocFunction,
    allocs: Int32Array,
    inst: number,
    o: number,
    op: number,
    blockFrom: number,
    reuses: boolean,
  ): void {
    const vreg = op & 0x3fffff;
    const constraint = op >>> 25;
    const late = (op & 0x1000000) !== 0;
    if (constraint >= CONSTRAINT_FIXED) {
      const preg = constraint & 63;
      allocs[o] = allocReg(preg);
      this.addFixed(preg, inst * 4 + 1, late ? inst * 4 + 4 : inst * 4 + 2);
      // A vreg that dies here would best be in the register already.
      const head = this.firstRange[vreg]!;
      if (this.hintReg[vreg]! < 0 || head < 0 || this.rangeFrom[head]! > inst * 4) this.hintReg[vreg] = preg;
      this.addRange(vreg, blockFrom, inst * 4 + 1);
      this.addUse(vreg, inst * 4, USE_GAP, o, -1);
      return;
    }
    if (reuses && !late && constraint !== CONSTRAINT_STACK) {
      const def = reusingDef(fn, inst, o);
      if (def !== -1) {
        this.addRange(vreg, blockFrom, inst * 4 + 1);
        this.addUse(vreg, inst * 4, def >= 0 ? USE_GAP : USE_ALIAS, o, def >= 0 ? def : -2 - def);
        return;
      }
    }
    const pos = inst * 4 + (late ? 2 : 1);
    this.addRange(vreg, blockFrom, pos + 1);
    if (constraint === CONSTRAINT_STACK) {
      this.needsSlot[vreg] = 1;
      this.addUse(vreg, pos, USE_STACK, o, -1);
    } else {
      const any = constraint === CONSTRAINT_ANY && (fn.vregRemat === undefined || fn.vregRemat[vreg] === 0);
      this.addUse(vreg, pos, any ? USE_ANY : USE_REG, o, -1);
    }
  }

  /** Cuts `interval` at `pos`, within its lifetime, and returns the new rest. */
  split(interval: number, pos: number): number {
    const rest = this.count++;
    if (rest >= this.vreg.length) this.growIntervals(rest + 1);
    const { rangeTo, rangeNext } = this;
    let range = this.curRange[interval]!;
    if (range < 0 || this.rangeFrom[range]! >= pos) range = this.firstRange[interval]!;
    let before = -1;
    while (range >= 0 && rangeTo[range]! <= pos) {
      before = range;
      range = rangeNext[range]!;
    }
    if (range < 0 || (before < 0 && this.rangeFrom[range]! >= pos))
      throw bug(`cannot split interval ${interval} at ${pos}`);
    let restFirst = range;
    if (this.rangeFrom[range]! < pos) {
      restFirst = this.newRange(pos, rangeTo[range]!, rangeNext[range]!);
      this.rangeTo[range] = pos;
      this.rangeNext[range] = -1;
      before = range;
    } else {
      this.rangeNext[before] = -1;
    }
    let use = this.curUse[interval]!;
    while (use >= 0 && this.usePos[use]! < pos) use = this.useNext[use]!;
    this.vreg[rest] = this.vreg[interval]!;
    this.start[rest] = this.rangeFrom[restFirst]!;
    this.end[rest] = this.end[interval]!;
    this.firstRange[rest] = restFirst;
    this.curRange[rest] = restFirst;
    this.firstUse[rest] = use;
    this.curUse[rest] = use;
    this.reg[rest] = UNASSIGNED;
    this.nextPiece[rest] = this.nextPiece[interval]!;
    this.nextPiece[interval] = rest;
    this.end[interval] = this.rangeTo[before]!;
    return rest;
  }
}

export const UNASSIGNED = -1;
export const SPILLED = 64;

/**
 * When operand `o` is the input that a def reuses: that def's operand. When it mentions the same vreg as such an input: `-2 - def`.
 * Else -1.
 */
function reusingDef(fn: RegallocFunction, inst: number, o: number): number {
  const first = fn.operandStart[inst]!;
  const last = fn.operandStart[inst + 1]!;
  const vreg = fn.operands[o]! & 0x3fffff;
  let alias = -1;
  for (let d = first; d < last; d++) {
    const op = fn.operands[d]!;
    const constraint = op >>> 25;
    if ((op & 0x800000) === 0 || constraint < CONSTRAINT_REUSE || constraint >= CONSTRAINT_FIXED) continue;
    const input = first + (constraint & 31);
    if (input === o) return d;
    if ((fn.operands[input]! & 0x3fffff) === vreg) alias = -2 - d;
  }
  return alias;
}
