/**
 * MachBuffer: the bytes of a function under construction, with labels, fixups and relocations (after Cranelift's `machinst/buffer.rs`).
 *
 * Terms
 * - *label*: a place in the code, named before it is known.
 * - *branch*: a jump to a label. It is written in its long form; `finish` shortens those whose target is near and moves the code together.
 * - *fixup*: 4 bytes that hold the distance to a label. *Relocation*: 4 bytes that the linker fills with the distance to a symbol.
 *
 * Shortening starts from all branches long and repeats until nothing changes: a branch once short stays short, since code between it and its
 * target only shrinks. The result is deterministic.
 */

import { bug, NONE } from "../../../entity/entity.ts";

/** How an ISA writes the two forms of its branches. */
export interface BranchShape {
  /** Bytes of the long form of the branch whose bytes start at `at`. */
  readonly longSize: (bytes: Uint8Array, at: number) => number;
  readonly shortSize: number;
  /** Least and greatest displacement of the short form, from its end. */
  readonly shortMin: number;
  readonly shortMax: number;
  /** Rewrites the long form at `at` to the short one, in place. */
  readonly shorten: (bytes: Uint8Array, at: number, displacement: number) => void;
  /** Fills in the displacement of the long form at `at`, counted from its end. */
  readonly patchLong: (bytes: Uint8Array, at: number, displacement: number) => void;
}

/** The symbol that stands for the function's own read-only data in its relocations. */
export const RODATA_SYMBOL = ".Lrodata";

/** A 4-byte field at `offset` for the linker: the address of `symbol` plus `addend` less the field's own. */
export interface MachReloc {
  readonly offset: number;
  readonly symbol: string;
  readonly addend: number;
  /** Of a call or jump, so that the linker may use a stub. */
  readonly isCall: boolean;
}

export class MachBuffer {
  bytes: Uint8Array = new Uint8Array(4096);
  /** Where the next byte goes. */
  offset = 0;
  private labels: Int32Array = new Int32Array(256);
  private numLabels = 0;
  /** Pairs: offset, label. */
  private branches: Int32Array = new Int32Array(256);
  private numBranches = 0;
  /** Triples: offset of the field, label, addend. */
  private fixups: Int32Array = new Int32Array(96);
  private numFixups = 0;
  relocs: MachReloc[] = [];
  private readonly shape: BranchShape;
  private isShort: Uint8Array = new Uint8Array(128);
  private shrunk: Int32Array = new Int32Array(128);

  constructor(shape: BranchShape) {
    this.shape = shape;
  }

  /** Forgets everything but the memory. */
  reset(): void {
    this.offset = 0;
    this.numLabels = 0;
    this.numBranches = 0;
    this.numFixups = 0;
    this.relocs = [];
  }

  private grow(): void {
    const bigger = new Uint8Array(this.bytes.length * 2);
    bigger.set(this.bytes);
    this.bytes = bigger;
  }

  put1(byte: number): void {
    if (this.offset >= this.bytes.length) this.grow();
    this.bytes[this.offset++] = byte;
  }

  put2(value: number): void {
    this.put1(value);
    this.put1(value >> 8);
  }

  put4(value: number): void {
    if (this.offset + 4 > this.bytes.length) this.grow();
    const { bytes, offset } = this;
    bytes[offset] = value;
    bytes[offset + 1] = value >> 8;
    bytes[offset + 2] = value >> 16;
    bytes[offset + 3] = value >> 24;
    this.offset = offset + 4;
  }

  newLabel(): number {
    return this.newLabels(1);
  }

  /** The first of `count` consecutive labels. */
  newLabels(count: number): number {
    const first = this.numLabels;
    this.numLabels += count;
    if (this.numLabels > this.labels.length) this.labels = grownTo(this.labels, this.numLabels);
    this.labels.fill(NONE, first, this.numLabels);
    return first;
  }

  bind(label: number): void {
    this.labels[label] = this.offset;
  }

  /** The offset of a bound label; after `finish`, its final offset. */
  labelOffset(label: number): number {
    const offset = this.labels[label]!;
    if (offset < 0) throw bug(`label ${label} is not bound`);
    return offset;
  }

  /** To be called before the bytes of a long branch are written. */
  noteBranch(label: number): void {
    const at = this.numBranches++ * 2;
    if (at + 2 > this.branches.length) this.branches = grownTo(this.branches, at + 2);
    this.branches[at] = this.offset;
    this.branches[at + 1] = label;
  }

  /** Four bytes: the distance from their end to `label`, plus `addend`. */
  putLabel4(label: number, addend: number): void {
    const at = this.numFixups++ * 3;
    if (at + 3 > this.fixups.length) this.fixups = grownTo(this.fixups, at + 3);
    this.fixups[at] = this.offset;
    this.fixups[at + 1] = label;
    this.fixups[at + 2] = addend;
    this.put4(0);
  }

  /** Four bytes for the linker: `symbol + addend` less their own address. */
  putSymbol4(symbol: string, addend: number, isCall = false): void {
    this.relocs.push({ offset: this.offset, symbol, addend, isCall });
    this.put4(0);
  }

  /** Chooses the branches' forms, fills in every fixup, and returns the code as a new array; `relocs` are then final. */
  finish(): Uint8Array {
    this.relax();
    this.compact();
    for (let i = 0; i < this.numFixups; i++) this.patchFixup(i * 3);
    return this.bytes.slice(0, this.offset);
  }

  /** Bytes that the branches before branch `index` lose. */
  private countShrunk(): void {
    const { shape, branches, bytes } = this;
    let total = 0;
    for (let i = 0; i < this.numBranches; i++) {
      this.shrunk[i] = total;
      if (this.isShort[i] !== 0) total += shape.longSize(bytes, branches[i * 2]!) - shape.shortSize;
    }
    this.shrunk[this.numBranches] = total;
  }

  /** Where what is at `offset` goes when the short branches have been shortened. `offset` is not within a branch. */
  private moved(offset: number): number {
    let low = 0;
    let high = this.numBranches;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.branches[middle * 2]! < offset) low = middle + 1;
      else high = middle;
    }
    return offset - this.shrunk[low]!;
  }

  private relax(): void {
    const n = this.numBranches;
    if (n + 1 > this.isShort.length) {
      this.isShort = new Uint8Array(n * 2);
      this.shrunk = new Int32Array(n * 2 + 1);
    }
    this.isShort.fill(0, 0, n);
    const { shape, branches } = this;
    for (let changed = true; changed; ) {
      changed = false;
      this.countShrunk();
      for (let i = 0; i < n; i++) {
        if (this.isShort[i] !== 0) continue;
        const start = branches[i * 2]! - this.shrunk[i]!;
        const target = this.moved(this.labelOffset(branches[i * 2 + 1]!));
        // A forward target comes nearer by what this branch itself loses.
        const longSize = shape.longSize(this.bytes, branches[i * 2]!);
        const displacement = target > start ? target - start - longSize : target - start - shape.shortSize;
        if (displacement < shape.shortMin || displacement > shape.shortMax) continue;
        this.isShort[i] = 1;
        changed = true;
      }
    }
    this.countShrunk();
  }

  /** Moves the code together, and labels, fixups and relocations with it. */
  private compact(): void {
    const { shape, branches, bytes } = this;
    for (let i = 0; i < this.numLabels; i++) if (this.labels[i]! >= 0) this.labels[i] = this.moved(this.labels[i]!);
    for (let i = 0; i < this.numFixups; i++) this.fixups[i * 3] = this.moved(this.fixups[i * 3]!);
    if (this.relocs.length !== 0) this.relocs = this.relocs.map((r) => ({ ...r, offset: this.moved(r.offset) }));
    let from = 0;
    let to = 0;
    for (let i = 0; i < this.numBranches; i++) {
      const at = branches[i * 2]!;
      if (from !== to) bytes.copyWithin(to, from, at);
      to += at - from;
      from = at + shape.longSize(bytes, at);
      const target = this.labels[branches[i * 2 + 1]!]!;
      if (this.isShort[i] !== 0) {
        bytes.copyWithin(to, at, from);
        shape.shorten(bytes, to, target - to - shape.shortSize);
        to += shape.shortSize;
      } else {
        bytes.copyWithin(to, at, from);
        shape.patchLong(bytes, to, target - to - (from - at));
        to += from - at;
      }
    }
    if (from !== to) bytes.copyWithin(to, from, this.offset);
    this.offset = to + this.offset - from;
  }

  private patchFixup(at: number): void {
    const field = this.fixups[at]!;
    const value = this.labelOffset(this.fixups[at + 1]!) - field - 4 + this.fixups[at + 2]!;
    for (let i = 0; i < 4; i++) this.bytes[field + i] = value >> (8 * i);
  }
}

function grownTo(array: Int32Array, length: number): Int32Array {
  const bigger = new Int32Array(Math.max(length, array.length * 2));
  bigger.set(array);
  return bigger;
}
