/**
 * Moves between allocations, gathered per program point and made sequential.
 *
 * The moves of one *group* (an instruction and a phase) happen at once: all read before any writes. `sequentialise` finds an order
 * (as in Leroy et al., "Tilting at windmills with Coq", and regalloc2's `moves.rs`): a move is ready when no move that waits reads its
 * target; what then remains are disjoint cycles, each broken by saving one location in a temporary.
 *
 * One scratch register per class is enough. A move from stack to stack goes through it. A cycle with at most one such move
 * is saved in the scratch itself; one with more is saved in a spill slot that the function has for this purpose.
 *
 * Phases, in program order. Before an instruction: edge moves into the block, stores of block parameters, moves for the instruction
 * (splits, fixed uses, reused inputs), edge moves out of the block. After it: moves from fixed defs and stores of defs.
 */

import { bug } from "../../../entity/entity.ts";
import { ensure, extend } from "../../../entity/typed-arrays.ts";
import {
  allocIndex,
  allocIsReg,
  allocIsRemat,
  allocIsStack,
  allocReg,
  allocStack,
  EDIT_STRIDE,
  type RegallocPolicy,
} from "./function.ts";

export const PHASE_EDGE_IN = 0;
export const PHASE_PARAM_STORE = 1;
export const PHASE_INST = 2;
export const PHASE_EDGE_OUT = 3;
export const PHASE_AFTER = 4;
const PHASES = 5;

/** Locations are pregs (0..63), then spill slots. */
function locationOf(alloc: number): number {
  return allocIsReg(alloc) ? allocIndex(alloc) : 64 + allocIndex(alloc);
}

export class MoveList {
  edits: Int32Array = new Int32Array(256);
  numEdits = 0;
  /** Spill slots, with the one that saves cycles once that is needed. */
  numSlots = 0;

  private heads: Int32Array = new Int32Array(0);
  private numHeads = 0;
  private next: Int32Array = new Int32Array(256);
  private from: Int32Array = new Int32Array(256);
  private to: Int32Array = new Int32Array(256);
  private word: Int32Array = new Int32Array(256);
  private count = 0;

  /** Per location: moves of the group that still read it. Zero between groups. */
  private readers: Int32Array = new Int32Array(64);
  /** Per location: the move of the group that writes it, plus one. Zero between groups. */
  private writer: Int32Array = new Int32Array(64);
  private ready: Int32Array = new Int32Array(64);
  private group: Int32Array = new Int32Array(64);

  private scratchInt = 0;
  private scratchFloat = 0;
  private temporary = -1;
  private savesCycle: RegallocPolicy["savesCycle"] = () => true;

  /** Starts a function of `numInsts` instructions. */
  reset(numInsts: number, scratch: readonly [number, number], savesCycle: RegallocPolicy["savesCycle"]): void {
    this.numHeads = numInsts * PHASES;
    this.heads = ensure(this.heads, this.numHeads);
    this.heads.fill(-1, 0, this.numHeads);
    this.count = 0;
    this.numEdits = 0;
    this.temporary = -1;
    this.scratchInt = allocReg(scratch[0]);
    this.scratchFloat = allocReg(scratch[1]);
    this.savesCycle = savesCycle;
  }

  /** Adds a move; `word` is the edit's class and size. */
  add(inst: number, phase: number, from: number, to: number, word: number): void {
    if (from === to) return;
    const index = this.count++;
    if (index >= this.next.length) this.growMoves();
    const head = inst * PHASES + phase;
    this.next[index] = this.heads[head]!;
    this.heads[head] = index;
    this.from[index] = from;
    this.to[index] = to;
    this.word[index] = word;
  }

  /** Starts a single group, whose moves are added as phase 0 of instruction 0. */
  resetGroup(): void {
    this.heads[0] = -1;
    this.numHeads = PHASES;
    this.count = 0;
    this.numEdits = 0;
    this.temporary = -1;
  }

  /** Writes all groups into `edits`, in program order. `numSlots` spill slots are in use. */
  sequentialiseAll(numSlots: number): void {
    this.numSlots = numSlots;
    const locations = 64 + numSlots;
    if (this.readers.length < locations) {
      this.readers = extend(this.readers, locations);
      this.writer = extend(this.writer, locations);
    }
    if (this.count === 0) return;
    const heads = this.heads;
    for (let head = 0; head < this.numHeads; head++) {
      const first = heads[head]!;
      if (first < 0) continue;
      const inst = (head / PHASES) | 0;
      const point = inst * 2 + (head - inst * PHASES === PHASE_AFTER ? 1 : 0);
      if (this.next[first]! < 0) this.emit(point, this.from[first]!, this.to[first]!, this.word[first]!);
      else this.sequentialise(point, first);
    }
  }

  private growMoves(): void {
    this.next = extend(this.next, this.count);
    this.from = extend(this.from, this.count);
    this.to = extend(this.to, this.count);
    this.word = extend(this.word, this.count);
  }

  private sequentialise(point: number, first: number): void {
    let size = 0;
    for (let m = first; m >= 0; m = this.next[m]!) size++;
    this.group = ensure(this.group, size);
    this.ready = ensure(this.ready, size);
    const { group, readers, writer, ready, from, to } = this;
    size = 0;
    for (let m = first; m >= 0; m = this.next[m]!) {
      const target = locationOf(to[m]!);
      const other = writer[target]!;
      if (other !== 0) {
        // Two uses of one vreg may be fixed to one register.
        if (from[other - 1] === from[m]) continue;
        throw bug(`two moves to location ${target} at point ${point}`);
      }
      group[size++] = m;
      if (!allocIsRemat(from[m]!)) readers[locationOf(from[m]!)]!++;
      writer[target] = m + 1;
    }
    let numReady = 0;
    for (let i = 0; i < size; i++) if (readers[locationOf(to[group[i]!]!)] === 0) ready[numReady++] = group[i]!;
    this.drain(point, numReady);
    for (let i = 0; i < size; i++) {
      const move = group[i]!;
      if (writer[locationOf(to[move]!)] === move + 1) this.breakCycle(point, move);
    }
  }

  /** Emits the `numReady` moves in `ready` and all that become ready by that. */
  private drain(point: number, numReady: number): void {
    const { readers, writer, ready, from, to, word } = this;
    let top = numReady;
    while (top > 0) {
      const move = ready[--top]!;
      const source = from[move]!;
      this.emit(point, source, to[move]!, word[move]!);
      writer[locationOf(to[move]!)] = 0;
      if (allocIsRemat(source)) continue;
      const location = locationOf(source);
      // The temporary of a cycle is no location of the group; nobody counts its readers.
      if (location >= readers.length || readers[location] === 0) continue;
      if (--readers[location]! === 0 && writer[location]! > 0) ready[top++] = writer[location]! - 1;
    }
  }

  /** All waiting moves form cycles; emits the one through `move`. */
  private breakCycle(point: number, move: number): void {
    const { writer, from, to, word, readers } = this;
    // Walk against the flow: the writer of my source, and so on, until the move that reads my target.
    let stackToStack = 0;
    let length = 0;
    // The move whose source is saved: best one from stack to stack, since the save takes its place.
    let saved = move;
    let at = move;
    do {
      length++;
      if (allocIsStack(from[at]!) && allocIsStack(to[at]!)) {
        stackToStack++;
        saved = at;
      }
      const next = writer[locationOf(from[at]!)]!;
      if (next === 0 || length > this.count) throw bug(`a move at point ${point} waits for none`);
      at = next - 1;
    } while (at !== move);
    const source = from[saved]!;
    const cls = word[saved]!;
    const scratch = (cls & 1) === 0 ? this.scratchInt : this.scratchFloat;
    const temporary = stackToStack > 1 ? this.temporarySlot() : scratch;
    if (this.savesCycle(length)) this.emit(point, source, temporary, cls);
    from[saved] = temporary;
    const location = locationOf(source);
    readers[location] = 0;
    this.ready[0] = writer[location]! - 1;
    this.drain(point, 1);
  }

  private temporarySlot(): number {
    if (this.temporary < 0) {
      this.temporary = (this.numSlots + 1) & ~1;
      this.numSlots = this.temporary + 2;
    }
    return allocStack(this.temporary);
  }

  private emit(point: number, from: number, to: number, word: number): void {
    if (!allocIsReg(from) && allocIsStack(to)) {
      const scratch = (word & 1) === 0 ? this.scratchInt : this.scratchFloat;
      this.push(point, from, scratch, word);
      this.push(point, scratch, to, word);
    } else {
      this.push(point, from, to, word);
    }
  }

  /** Appends an edit as it is. */
  push(point: number, from: number, to: number, word: number): void {
    const at = this.numEdits * EDIT_STRIDE;
    if (at + EDIT_STRIDE > this.edits.length) this.edits = extend(this.edits, at + EDIT_STRIDE);
    const edits = this.edits;
    edits[at] = point;
    edits[at + 1] = from;
    edits[at + 2] = to;
    edits[at + 3] = word;
    this.numEdits++;
  }
}
