/**
 * Scalar replacement of aggregates: splits a stack slot into the pieces that are accessed apart, so that `mem2reg` can promote them.
 *
 * Two neighbouring bytes are *glued* when one load or store covers both; copies between two split slots carry the glue from one to the
 * other. A *piece* is a maximal run of glued bytes. Bytes that no load or store touches form pieces of up to 8 bytes; they are only copied.
 * Each piece becomes a slot of its own. A `memset` becomes stores, a `memcpy` becomes a load and a store per common segment of the
 * pieces on both sides. Only slots whose every access is at a known place in bounds are split (LLVM's SROA partitions likewise).
 */

import { NONE } from "../../../entity/entity.ts";
import { atLeast } from "../ir/cfg.ts";
import type { Block, Inst, IrFunction, Value } from "../ir/function.ts";
import { MemFlags, Op, TYPE_BYTES, Type } from "../ir/opcodes.ts";
import type { PassCx } from "./context.ts";
import { blockStart, insertBits, insertOp, removeUnreachable } from "./edit.ts";

// Scratch, by slot.
/** Where the slot's bytes start in the byte tables; `NONE` when it is not split. */
let byteStart: Int32Array = new Int32Array(32);
/** By byte of the slots under consideration: glued to the next byte. */
let glued: Uint8Array = new Uint8Array(512);
/** By byte: touched by a load or store, or copied to where one is. */
let touched: Uint8Array = new Uint8Array(512);
/** By byte: the number of the piece that it is in. */
let pieceOf: Int32Array = new Int32Array(512);

// The block copies and fills of the function, and its plain accesses, of slots under consideration.
const blockOps: Inst[] = [];
const accesses: Inst[] = [];

// Pieces.
const pieceStart: number[] = [];
const pieceSize: number[] = [];
const pieceType: number[] = [];
const pieceAddress: Value[] = [];
const pieceAlign: number[] = [];

/** Splits stack slots; true when any was. */
export function sroa(fn: IrFunction, cx: PassCx): boolean {
  if (fn.stackSlots.length === 0) return false;
  cx.cfg.compute(fn);
  const pruned = removeUnreachable(fn, cx.cfg);
  if (pruned) cx.cfg.compute(fn);
  cx.addresses.compute(fn, cx.cfg, cx.policy.escapesThrough);
  const bytes = chooseSlots(fn, cx);
  if (bytes === 0) return pruned;
  collectAccesses(fn, cx);
  glueCopies(fn, cx);
  dropFinelySplit(fn, cx);
  makePieces(fn, cx);
  if (pieceStart.length === 0) return pruned;
  for (const inst of accesses) moveAccess(fn, cx, inst);
  for (const inst of blockOps) splitBlockOp(fn, cx, inst);
  return true;
}

function chooseSlots(fn: IrFunction, cx: PassCx): number {
  const slots = fn.stackSlots.length;
  byteStart = atLeast(byteStart, slots);
  let bytes = 0;
  for (let slot = 0; slot < slots; slot++) {
    const size = fn.stackSlots[slot]!.size;
    byteStart[slot] = NONE;
    if (cx.addresses.splittable[slot] === 0 || size === 0 || size > cx.policy.sroaMaxBytes) continue;
    if (!cx.policy.mayPromote(fn, slot)) continue;
    byteStart[slot] = bytes;
    bytes += size;
  }
  if (glued.length < bytes) {
    glued = new Uint8Array(bytes * 2);
    touched = new Uint8Array(bytes * 2);
    pieceOf = new Int32Array(bytes * 2);
  }
  glued.fill(0, 0, bytes);
  touched.fill(0, 0, bytes);
  return bytes;
}

/** Where in the byte tables the memory at `address` begins; `NONE` when it is no slot under consideration. */
function bytesAt(cx: PassCx, address: Value): number {
  const slot = cx.addresses.base[address]!;
  if (slot >= cx.addresses.slotCount || byteStart[slot] === NONE) return NONE;
  return byteStart[slot]! + cx.addresses.offset[address]!;
}

function collectAccesses(fn: IrFunction, cx: PassCx): void {
  blockOps.length = 0;
  accesses.length = 0;
  for (let i = 0; i < cx.cfg.reachable; i++) {
    for (let at = fn.firstInst[cx.cfg.rpo[i]!]!; at !== NONE; at = fn.next[at]!) {
      const inst = at as Inst;
      const opcode = fn.opcode[inst]!;
      if (opcode === Op.load || opcode === Op.store) {
        const start = bytesAt(cx, fn.arg(inst, 0));
        if (start === NONE) continue;
        accesses.push(inst);
        const from = start + fn.immLo[inst]!;
        const size = TYPE_BYTES[fn.type[inst]!]!;
        glued.fill(1, from, from + size - 1);
        touched.fill(1, from, from + size);
      } else if (opcode === Op.memset) {
        if (bytesAt(cx, fn.arg(inst, 0)) !== NONE) blockOps.push(inst);
      } else if (opcode === Op.memcpy) {
        if (bytesAt(cx, fn.arg(inst, 0)) !== NONE || bytesAt(cx, fn.arg(inst, 1)) !== NONE) blockOps.push(inst);
      }
    }
  }
}

/** Carries glue over copies between split slots, both ways, for as long as that adds any, within a bound. */
function glueCopies(fn: IrFunction, cx: PassCx): void {
  for (let round = 0, changed = true; changed && round < 8; round++) {
    changed = false;
    for (const inst of blockOps) {
      if (fn.opcode[inst] !== Op.memcpy) continue;
      const to = bytesAt(cx, fn.arg(inst, 0));
      const from = bytesAt(cx, fn.arg(inst, 1));
      if (to === NONE || from === NONE) continue;
      const size = fn.immLo[inst]!;
      for (let i = 0; i < size; i++) {
        if (touched[to + i] !== touched[from + i]) {
          touched[to + i] = 1;
          touched[from + i] = 1;
          changed = true;
        }
        if (i + 1 < size && glued[to + i] !== glued[from + i]) {
          glued[to + i] = 1;
          glued[from + i] = 1;
          changed = true;
        }
      }
    }
  }
}

/** Gives up slots that would fall into too many pieces. */
function dropFinelySplit(fn: IrFunction, cx: PassCx): void {
  for (let slot = 0; slot < fn.stackSlots.length; slot++) {
    const start = byteStart[slot]!;
    if (start === NONE) continue;
    const end = start + fn.stackSlots[slot]!.size;
    let pieces = 0;
    for (let at = start; at < end; at = pieceEnd(start, at, end)) pieces++;
    if (pieces > cx.policy.sroaMaxPieces) byteStart[slot] = NONE;
  }
}

/** Where the piece that starts at byte `at` ends; the slot is `start .. end`. */
function pieceEnd(start: number, at: number, end: number): number {
  let to = at + 1;
  if (touched[at] === 0 && glued[at] === 0) {
    while (to < end && touched[to] === 0 && glued[to] === 0 && (to - start) % 8 !== 0) to++;
    return to;
  }
  while (to < end && glued[to - 1] === 1) to++;
  return to;
}

function makePieces(fn: IrFunction, cx: PassCx): void {
  pieceStart.length = 0;
  pieceSize.length = 0;
  pieceType.length = 0;
  pieceAddress.length = 0;
  pieceAlign.length = 0;
  const slots = fn.stackSlots.length;
  for (let slot = 0; slot < slots; slot++) {
    const start = byteStart[slot]!;
    if (start === NONE) continue;
    const { size, align } = fn.stackSlots[slot]!;
    if (!worthSplitting(fn, cx, slot, start, size)) {
      byteStart[slot] = NONE;
      continue;
    }
    for (let at = start; at < start + size; ) {
      const end = pieceEnd(start, at, start + size);
      pieceOf.fill(pieceStart.length, at, end);
      const slotOfPiece = fn.newStackSlot(end - at, align);
      const address = fn.newSimple(Op.stackAddr, Type.I64, Type.I64, NONE, NONE, NONE, slotOfPiece, 0);
      fn.insertBefore(address, blockStart(fn, fn.entry as Block));
      pieceStart.push(at);
      pieceSize.push(end - at);
      pieceType.push(0);
      pieceAddress.push(fn.result(address));
      pieceAlign.push(align);
      at = end;
    }
  }
  for (const inst of accesses) notePieceType(fn, cx, inst);
}

/** A slot of one piece is worth the trouble only when a block operation touches it: that becomes loads and stores. */
function worthSplitting(fn: IrFunction, cx: PassCx, slot: number, start: number, size: number): boolean {
  if (pieceEnd(start, start, start + size) !== start + size) return true;
  if (size > 16) return false;
  for (const inst of blockOps) {
    if (fn.instBlock[inst] === NONE) continue;
    for (let i = fn.argCount[inst]! - 1; i >= 0; i--) if (cx.addresses.base[fn.arg(inst, i)] === slot) return true;
  }
  return false;
}

function notePieceType(fn: IrFunction, cx: PassCx, inst: Inst): void {
  const start = bytesAt(cx, fn.arg(inst, 0));
  if (start === NONE) return;
  const from = start + fn.immLo[inst]!;
  const piece = pieceOf[from]!;
  if (pieceStart[piece] === from && pieceSize[piece] === TYPE_BYTES[fn.type[inst]!]) {
    const type = fn.type[inst]!;
    pieceType[piece] = pieceType[piece] === 0 || pieceType[piece] === type ? type : integerOf(TYPE_BYTES[type]!);
  }
}

function integerOf(bytes: number): Type {
  return bytes === 1 ? Type.I8 : bytes === 2 ? Type.I16 : bytes === 4 ? Type.I32 : bytes === 8 ? Type.I64 : Type.I128;
}

/** The log2 of the alignment that byte `at` of a piece is known to have. */
function alignmentAt(piece: number, at: number): number {
  const within = at - pieceStart[piece]!;
  const known = within === 0 ? pieceAlign[piece]! : Math.min(pieceAlign[piece]!, within & -within);
  return 31 - Math.clz32(known);
}

/** Points a load or store at its piece. */
function moveAccess(fn: IrFunction, cx: PassCx, inst: Inst): void {
  const start = bytesAt(cx, fn.arg(inst, 0));
  if (start === NONE) return;
  const from = start + fn.immLo[inst]!;
  const piece = pieceOf[from]!;
  fn.setArg(inst, 0, pieceAddress[piece]!);
  fn.immLo[inst] = from - pieceStart[piece]!;
  const align = Math.min(fn.aux[inst]! >> MemFlags.ALIGN_SHIFT, alignmentAt(piece, from));
  fn.aux[inst] = MemFlags.NOTRAP | (align << MemFlags.ALIGN_SHIFT);
}

function splitBlockOp(fn: IrFunction, cx: PassCx, inst: Inst): void {
  const to = bytesAt(cx, fn.arg(inst, 0));
  const from = fn.opcode[inst] === Op.memcpy ? bytesAt(cx, fn.arg(inst, 1)) : NONE;
  if (to === NONE && from === NONE) return;
  const size = fn.immLo[inst]!;
  for (let at = 0; at < size; ) {
    const end = segmentEnd(to, from, at, size);
    splitSegment(fn, inst, to, from, at, end);
    at = end;
  }
  fn.removeInst(inst);
}

/** The end of the longest stretch from `at` on that crosses no border of a piece on either side. */
function segmentEnd(to: number, from: number, at: number, size: number): number {
  let end = size;
  if (to !== NONE) {
    const piece = pieceOf[to + at]!;
    end = Math.min(end, pieceStart[piece]! + pieceSize[piece]! - to);
  }
  if (from !== NONE) {
    const piece = pieceOf[from + at]!;
    end = Math.min(end, pieceStart[piece]! + pieceSize[piece]! - from);
  }
  return end;
}

/** The type of the next move of a segment with `left` bytes left: a piece's own type when it is moved whole. */
function moveType(to: number, from: number, at: number, left: number): Type {
  for (const side of [to, from]) {
    if (side === NONE) continue;
    const piece = pieceOf[side + at]!;
    if (pieceStart[piece] === side + at && pieceSize[piece] === left && pieceType[piece] !== 0)
      return pieceType[piece]! as Type;
  }
  return left >= 8 ? Type.I64 : left >= 4 ? Type.I32 : left >= 2 ? Type.I16 : Type.I8;
}

function splitSegment(fn: IrFunction, inst: Inst, to: number, from: number, start: number, end: number): void {
  const dead = to !== NONE && pieceSize[pieceOf[to + start]!]! > 16;
  if (dead || (from !== NONE && pieceSize[pieceOf[from + start]!]! > 16)) {
    keepSegment(fn, inst, to, from, start, end);
    return;
  }
  for (let at = start; at < end; ) {
    const type = moveType(to, from, at, end - at);
    const value =
      fn.opcode[inst] === Op.memset
        ? filledValue(fn, inst, type)
        : segmentLoad(fn, inst, fn.arg(inst, 1), from, at, type);
    segmentStore(fn, inst, to, at, value, type);
    at += TYPE_BYTES[type]!;
  }
}

/** The constant whose bytes are all the byte that a `memset` writes. */
function filledValue(fn: IrFunction, inst: Inst, type: Type): Value {
  const byte = BigInt(fn.immHi[inst]! & 0xff);
  let bits = 0n;
  for (let i = 0; i < TYPE_BYTES[type]!; i++) bits = (bits << 8n) | byte;
  return insertBits(fn, inst, type, bits);
}

/** The alignment's log2 of byte `at` of the memory outside that a block operation names. */
function outsideAlignment(fn: IrFunction, inst: Inst, at: number): number {
  const log2 = fn.aux[inst]!;
  return at === 0 ? log2 : Math.min(log2, 31 - Math.clz32(at & -at));
}

function segmentLoad(fn: IrFunction, inst: Inst, address: Value, from: number, at: number, type: Type): Value {
  const natural = 31 - Math.clz32(TYPE_BYTES[type]!);
  let load: Inst;
  if (from === NONE) {
    const aux = Math.min(natural, outsideAlignment(fn, inst, at)) << MemFlags.ALIGN_SHIFT;
    load = fn.newSimple(Op.load, type, type, address, NONE, NONE, at, 0, aux);
  } else {
    const piece = pieceOf[from + at]!;
    const aux = MemFlags.NOTRAP | (Math.min(natural, alignmentAt(piece, from + at)) << MemFlags.ALIGN_SHIFT);
    load = fn.newSimple(Op.load, type, type, pieceAddress[piece]!, NONE, NONE, from + at - pieceStart[piece]!, 0, aux);
  }
  fn.insertBefore(load, inst);
  return fn.result(load);
}

function segmentStore(fn: IrFunction, inst: Inst, to: number, at: number, value: Value, type: Type): void {
  const natural = 31 - Math.clz32(TYPE_BYTES[type]!);
  let address = fn.arg(inst, 0);
  let offset = at;
  let aux = Math.min(natural, outsideAlignment(fn, inst, at)) << MemFlags.ALIGN_SHIFT;
  if (to !== NONE) {
    const piece = pieceOf[to + at]!;
    address = pieceAddress[piece]!;
    offset = to + at - pieceStart[piece]!;
    aux = MemFlags.NOTRAP | (Math.min(natural, alignmentAt(piece, to + at)) << MemFlags.ALIGN_SHIFT);
  }
  fn.insertBefore(fn.newInst(Op.store, type, [address, value], [], offset, 0, aux), inst);
}

/** A segment of a piece that stays in memory: the same operation on the segment alone. */
function keepSegment(fn: IrFunction, inst: Inst, to: number, from: number, start: number, end: number): void {
  const place = (side: number, arg: number): Value => {
    const address = side === NONE ? fn.arg(inst, arg) : pieceAddress[pieceOf[side + start]!]!;
    const offset = side === NONE ? start : side + start - pieceStart[pieceOf[side + start]!]!;
    if (offset === 0) return address;
    return insertOp(fn, inst, Op.iadd, Type.I64, address, insertBits(fn, inst, Type.I64, BigInt(offset)));
  };
  const args = fn.opcode[inst] === Op.memset ? [place(to, 0)] : [place(to, 0), place(from, 1)];
  fn.insertBefore(fn.newInst(fn.opcode[inst]!, fn.type[inst]!, args, [], end - start, fn.immHi[inst]!, 0), inst);
}
