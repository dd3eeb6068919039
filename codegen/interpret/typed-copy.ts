/**
 * Copies of values that live in memory, and the walk over enums.
 *
 * A copy is *typed*: what it reads must be valid at the type (every integer initialised, every `bool` 0 or 1, every tag a variant's,
 * every reference good), and what lies between the fields does not come along: padding is uninitialised afterwards.
 */

import { bug } from "../entity/entity.ts";
import { extentWith, type PointerMetadata } from "../layout/unsized.ts";
import { INIT, type Memory, NAN_BYTE } from "./memory.ts";
import {
  type Check,
  CLS_SIZE,
  Cls,
  isMaybeDangling,
  type PointerNoun,
  type TagInfo,
  type TypeInfo,
  type TypeTable,
} from "./type-info.ts";
import { UbTrap } from "./ub.ts";

/** Copies a value of type `info` from `src` to `dst`, which do not overlap. `loose`: references in it may dangle. */
export function copyTyped(
  m: Memory,
  table: TypeTable,
  info: TypeInfo,
  src: number,
  dst: number,
  loose: boolean = false,
): void {
  if (info.size === 0) {
    if (info.uninhabited) throw new UbTrap("uninhabited", `a value of the uninhabited type ${info.ty.text}`);
    return;
  }
  const checks = table.checksOf(info);
  for (let i = 0; i < checks.length; i++) checkMemory(m, table, checks[i]!, src, loose);
  if (info.plain) {
    copyPlain(m, info.size, src, dst);
    return;
  }
  const mem = table.memOf(info);
  switch (mem.kind) {
    case "scalar":
      copyLeaf(m, table, info, src, dst, loose);
      return;
    case "struct": {
      if (info.uninhabited) throw new UbTrap("uninhabited", `a value of the uninhabited type ${info.ty.text}`);
      m.deinit(dst, info.size);
      const inner = loose || isMaybeDangling(info.ty);
      for (const field of mem.fields) copyTyped(m, table, field.info, src + field.offset, dst + field.offset, inner);
      return;
    }
    case "wide":
      for (let i = 0; i < 2; i++) {
        const { cls, offset } = info.leaves[i]!;
        if (cls === Cls.U64) copyPlain(m, 8, src + offset, dst + offset);
        else copyPointer(m, src + offset, dst + offset);
      }
      return;
    case "union":
      m.copyRaw(src, dst, info.size);
      for (const [start, end] of mem.padding) m.deinit(dst + start, end - start);
      return;
    case "array":
      for (let i = 0; i < mem.count; i++)
        copyTyped(m, table, mem.element, src + i * mem.element.size, dst + i * mem.element.size, loose);
      return;
    case "enum": {
      const variant = activeVariant(m, info, mem.tag, src);
      m.deinit(dst, info.size);
      for (const field of mem.variants[variant] ?? [])
        copyTyped(m, table, field.info, src + field.offset, dst + field.offset, loose);
      // The tag of a niche-filled enum's untagged variant is one of its fields.
      if (mem.tag.write[variant] !== undefined) copyPlain(m, mem.tag.size, src + mem.tag.offset, dst + mem.tag.offset);
    }
  }
}

function copyPlain(m: Memory, size: number, src: number, dst: number): void {
  m.checkInit(src, size);
  if (size > 32) {
    m.bytes.copyWithin(dst, src, src + size);
    m.marks.fill(INIT, dst, dst + size);
    return;
  }
  for (let i = 0; i < size; i++) {
    m.bytes[dst + i] = m.bytes[src + i]!;
    m.marks[dst + i] = INIT;
  }
}

function copyLeaf(m: Memory, table: TypeTable, info: TypeInfo, src: number, dst: number, loose: boolean): void {
  const cls = info.leaves[0]?.cls ?? Cls.U8;
  const { view } = m;
  switch (cls) {
    case Cls.F16:
    case Cls.F32:
    case Cls.F64:
    case Cls.F128: {
      const size = info.size;
      m.checkInitFloat(src, size);
      for (let i = 0; i < size; i++) m.bytes[dst + i] = m.bytes[src + i]!;
      m.marks.fill(isNanAt(m, src, size) ? NAN_BYTE : INIT, dst, dst + size);
      return;
    }
    case Cls.PTR:
    case Cls.REF:
    case Cls.FN: {
      const id = m.loadProvenance(src);
      const lo = view.getInt32(src, true);
      const hi = view.getInt32(src + 4, true);
      checkPointerValue(m, table, info, lo, hi, id, loose);
      m.storePointer(dst, lo, hi, id);
      return;
    }
    default:
      copyPlain(m, CLS_SIZE[cls]!, src, dst);
      if (cls === Cls.BOOL) checkBool(m.bytes[dst]!);
      if (cls === Cls.CHAR) checkChar(view.getInt32(dst, true));
  }
}

function copyPointer(m: Memory, src: number, dst: number): void {
  const tag = m.loadProvenance(src);
  m.storePointer(dst, m.view.getInt32(src, true), m.view.getInt32(src + 4, true), tag);
}

/** Whether the float of `size` bytes at `at` is a NaN. */
export function isNanAt(m: Memory, at: number, size: number): boolean {
  if (size === 4) return Number.isNaN(m.view.getFloat32(at, true));
  if (size === 8) return Number.isNaN(m.view.getFloat64(at, true));
  const bits = m.loadBits(at, size);
  const infinity = size === 2 ? 0x7c00n : 0x7fffn << 112n;
  return BigInt.asUintN(size * 8 - 1, bits) > infinity;
}

/** Traps unless `check` holds of the value at `at`. */
function checkMemory(m: Memory, table: TypeTable, check: Check, at: number, loose: boolean): void {
  const from = at + check.offset;
  if (check.kind === "range") {
    m.checkInitFloat(from, check.size);
    checkRange(check, m.loadBits(from, check.size));
    return;
  }
  const { view } = m;
  const wide = check.pointee.meta !== "none";
  checkPointer(
    m,
    table,
    check.pointee,
    check.kind === "reference" ? check.noun : undefined,
    { lo: view.getInt32(from, true), hi: view.getInt32(from + 4, true), tag: m.loadProvenance(from) },
    wide
      ? { lo: view.getInt32(from + 8, true), hi: view.getInt32(from + 12, true), tag: m.loadProvenance(from + 8) }
      : NO_META,
    loose || (check.kind === "reference" && check.loose),
  );
}

export function checkRange(check: Extract<Check, { kind: "range" }>, bits: bigint): void {
  const { start, end } = check;
  const valid = start <= end ? bits >= start && bits <= end : bits >= start || bits <= end;
  if (!valid) {
    const range = `0x${start.toString(16)}..=0x${end.toString(16)}`;
    throw new UbTrap("invalidValue", `0x${bits.toString(16)}, which is not in ${range} as its type demands`);
  }
}

/** A pointer's or its metadata's words. */
export interface PointerWords {
  readonly lo: number;
  readonly hi: number;
  readonly tag: number;
}

const NO_META: PointerWords = { lo: 0, hi: 0, tag: 0 };

/**
 * Traps unless a pointer to `pointee` is valid: its metadata, and of a reference or box, as `noun` says, everything else. A `loose` one may
 * dangle.
 */
export function checkPointer(
  m: Memory,
  table: TypeTable,
  pointee: TypeInfo,
  noun: PointerNoun | undefined,
  pointer: PointerWords,
  meta: PointerWords,
  loose: boolean = false,
): void {
  if (pointee.meta === "vtable") checkVtableFor(m, table, pointee, m.checkVtable(meta.lo, meta.hi, meta.tag));
  if (noun === undefined) return;
  const extent = sizeAndAlign(m, table, pointee, meta);
  m.checkReference(pointer.lo, pointer.hi, pointer.tag, loose ? 0 : extent.size, extent.align, noun);
  if (!loose && table.pointsToNothing(pointee))
    throw new UbTrap("invalidReference", `a ${noun} to the uninhabited type ${pointee.ty.text}`);
}

/** Traps when a vtable is that of another trait than the pointee's. */
function checkVtableFor(m: Memory, table: TypeTable, pointee: TypeInfo, vtable: number): void {
  const tail = table.cx.tailOf(pointee.ty);
  const made = m.vtables.get(vtable);
  if (tail.kind !== "dynamic" || made === undefined || made === tail) return;
  const wanted = tail.predicates.principal;
  const found = made.predicates.principal;
  const same =
    wanted?.trait === found?.trait &&
    (wanted?.args ?? []).every((arg, i) => arg === found?.args[i]) &&
    tail.predicates.projections.every(({ trait, name, ty }) => {
      const other = made.predicates.projections.find((p) => p.trait === trait && p.name === name);
      return other === undefined || other.ty === ty;
    });
  if (!same) throw new UbTrap("invalidVtable", `a pointer to ${tail.text} with a vtable for ${made.text}`);
}

/** The size and alignment of what a pointer with this metadata points to. Of a vtable, the allocation's entry says them. */
export function sizeAndAlign(
  m: Memory,
  table: TypeTable,
  pointee: TypeInfo,
  meta: PointerWords,
): { readonly size: number; readonly align: number } {
  if (pointee.repr !== "unsized") return pointee;
  const found = extentWith(table.extentOf(pointee), metadataOf(m, pointee, meta));
  if (found === undefined) return { size: 0, align: 1 };
  if (found.size >= 2 ** 46)
    throw new UbTrap("invalidMetadata", `metadata that makes ${pointee.ty.text} larger than the address space`);
  return found;
}

function metadataOf(m: Memory, pointee: TypeInfo, meta: PointerWords): PointerMetadata {
  if (pointee.meta === "none") return { kind: "none" };
  if (pointee.meta === "length") return { kind: "length", length: (meta.hi >>> 0) * 2 ** 32 + (meta.lo >>> 0) };
  const vtable = m.checkVtable(meta.lo, meta.hi, meta.tag);
  return { kind: "vtable", size: m.vtableSize(vtable), align: m.align[vtable]! };
}

export function checkBool(value: number): void {
  if (value > 1 || value < 0) throw new UbTrap("invalidBool", `${value} is no bool`);
}

export function checkChar(value: number): void {
  const code = value >>> 0;
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    throw new UbTrap("invalidChar", `0x${code.toString(16)} is no char`);
}

/** Traps unless a pointer is valid at the reference, raw pointer or function pointer type of `info`. */
export function checkPointerValue(
  m: Memory,
  table: TypeTable,
  info: TypeInfo,
  lo: number,
  hi: number,
  id: number,
  loose: boolean,
): void {
  if (info.ty.kind === "ref") {
    const pointee = table.of(info.ty.pointee);
    m.checkReference(lo, hi, id, loose ? 0 : pointee.size, pointee.align);
    if (!loose && table.pointsToNothing(pointee))
      throw new UbTrap("invalidReference", `a reference to the uninhabited type ${pointee.ty.text}`);
  } else if (info.ty.kind === "fnptr" && lo === 0 && hi === 0) m.failNullFn();
}

/** The active variant of the enum at `at`. */
export function activeVariant(m: Memory, info: TypeInfo, tag: TagInfo, at: number): number {
  if (info.uninhabited) throw new UbTrap("uninhabited", `a value of the uninhabited type ${info.ty.text}`);
  if (tag.size === 0) return tag.known[0]?.variant ?? 0;
  const from = at + tag.offset;
  if (tag.isPointer) m.loadProvenance(from);
  else m.checkInit(from, tag.size);
  const { view } = m;
  let w0: number;
  let w1 = 0;
  let w2 = 0;
  let w3 = 0;
  switch (tag.size) {
    case 1:
      w0 = view.getUint8(from);
      break;
    case 2:
      w0 = view.getUint16(from, true);
      break;
    case 4:
      w0 = view.getInt32(from, true);
      break;
    default:
      w0 = view.getInt32(from, true);
      w1 = view.getInt32(from + 4, true);
      if (tag.size === 16) {
        w2 = view.getInt32(from + 8, true);
        w3 = view.getInt32(from + 12, true);
      }
  }
  if (tag.small !== undefined && w0 >= 0 && w0 < 256 && tag.small[w0]! >= 0) return tag.small[w0]!;
  for (const { words, variant } of tag.known) {
    if (words[0] !== w0 || words[1] !== w1 || words[2] !== w2 || words[3] !== w3) continue;
    if (variant >= 0) return variant;
    throw invalidTag(info, w0, w1, w2, w3);
  }
  if (tag.untagged !== undefined && (tag.untagged.full || inRange(tag.untagged.range, w0, w1, w2, w3)))
    return tag.untagged.variant;
  throw invalidTag(info, w0, w1, w2, w3);
}

function invalidTag(info: TypeInfo, ...words: number[]): UbTrap {
  const value = words.reduceRight((sum, w) => (sum << 32n) | BigInt(w >>> 0), 0n);
  return new UbTrap("invalidEnumTag", `0x${value.toString(16)} is no tag of ${info.ty.text}`);
}

function inRange(
  range: { readonly start: bigint; readonly end: bigint },
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): boolean {
  if (w1 === 0 && w2 === 0 && w3 === 0 && range.start <= range.end) {
    const value = w0 >>> 0;
    return value >= range.start && value <= range.end;
  }
  const value = [w3, w2, w1, w0].reduce((sum, w) => (sum << 32n) | BigInt(w >>> 0), 0n);
  const { start, end } = range;
  return start <= end ? value >= start && value <= end : value >= start || value <= end;
}

/** Writes the tag that makes `variant` active at `at`, where that variant's fields are already. */
export function writeTag(m: Memory, info: TypeInfo, tag: TagInfo, variant: number, at: number): void {
  if (tag.inhabited[variant] !== true)
    throw new UbTrap("uninhabited", `variant ${variant} of ${info.ty.text} is uninhabited`);
  const words = tag.write[variant];
  if (words === undefined) {
    if (tag.size === 0) return;
    // Nothing to write; but a niche that holds another variant's tag would make that one active.
    if (activeVariant(m, info, tag, at) !== variant) {
      throw new UbTrap(
        "invalidNicheWrite",
        `the niche of ${info.ty.text} says another variant than the one that is set`,
      );
    }
    return;
  }
  const to = at + tag.offset;
  if (tag.size > 16) throw bug(`a tag of ${tag.size} bytes`);
  for (let i = 0; i < tag.size; i++) {
    m.bytes[to + i] = words[i >> 2]! >>> ((i & 3) * 8);
    m.marks[to + i] = INIT;
  }
}
