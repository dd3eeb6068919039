/**
 * Copies of values that live in memory, and the walk over enums.
 *
 * A copy is *typed*: what it reads must be valid at the type (every integer initialised, every `bool` 0 or 1, every tag a variant's,
 * every reference good), and what lies between the fields does not come along: padding is uninitialised afterwards.
 */

import { bug } from "../entity/entity.ts";
import { INIT, type Memory, NAN_BYTE } from "./memory.ts";
import { CLS_SIZE, Cls, type TagInfo, type TypeInfo, type TypeTable } from "./type-info.ts";
import { UbTrap } from "./ub.ts";

/** Copies a value of type `info` from `src` to `dst`, which do not overlap. */
export function copyTyped(m: Memory, table: TypeTable, info: TypeInfo, src: number, dst: number): void {
  if (info.size === 0) {
    if (info.uninhabited) throw new UbTrap("uninhabited", `a value of the uninhabited type ${info.ty.text}`);
    return;
  }
  if (info.plain) {
    copyPlain(m, info.size, src, dst);
    return;
  }
  const mem = table.memOf(info);
  switch (mem.kind) {
    case "scalar":
      copyLeaf(m, table, info, src, dst);
      return;
    case "struct":
      if (info.uninhabited) throw new UbTrap("uninhabited", `a value of the uninhabited type ${info.ty.text}`);
      m.deinit(dst, info.size);
      for (const field of mem.fields) copyTyped(m, table, field.info, src + field.offset, dst + field.offset);
      return;
    case "array":
      for (let i = 0; i < mem.count; i++)
        copyTyped(m, table, mem.element, src + i * mem.element.size, dst + i * mem.element.size);
      return;
    case "enum": {
      const variant = activeVariant(m, info, mem.tag, src);
      m.deinit(dst, info.size);
      for (const field of mem.variants[variant] ?? [])
        copyTyped(m, table, field.info, src + field.offset, dst + field.offset);
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

function copyLeaf(m: Memory, table: TypeTable, info: TypeInfo, src: number, dst: number): void {
  const cls = info.leaves[0]?.cls ?? Cls.U8;
  const { view } = m;
  switch (cls) {
    case Cls.F32:
    case Cls.F64: {
      const size = info.size;
      m.checkInitFloat(src, size);
      for (let i = 0; i < size; i++) m.bytes[dst + i] = m.bytes[src + i]!;
      const value = cls === Cls.F32 ? view.getFloat32(src, true) : view.getFloat64(src, true);
      m.marks.fill(Number.isNaN(value) ? NAN_BYTE : INIT, dst, dst + size);
      return;
    }
    case Cls.PTR:
    case Cls.REF:
    case Cls.FN: {
      const id = m.loadProvenance(src);
      const lo = view.getInt32(src, true);
      const hi = view.getInt32(src + 4, true);
      checkPointerValue(m, table, info, lo, hi, id);
      m.storePointer(dst, lo, hi, id);
      return;
    }
    default:
      copyPlain(m, CLS_SIZE[cls]!, src, dst);
      if (cls === Cls.BOOL) checkBool(m.bytes[dst]!);
      if (cls === Cls.CHAR) checkChar(view.getInt32(dst, true));
  }
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
): void {
  if (info.ty.kind === "ref") {
    const pointee = table.of(info.ty.pointee);
    m.checkReference(lo, hi, id, pointee.size, pointee.align);
    if (pointee.uninhabited)
      throw new UbTrap("invalidReference", `a reference to the uninhabited type ${pointee.ty.text}`);
  } else if (info.ty.kind === "fnptr") m.checkFnPointer(lo, hi, id);
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
  for (const { words, variant } of tag.known) {
    if (words[0] === w0 && words[1] === w1 && words[2] === w2 && words[3] === w3) return variant;
  }
  if (tag.untagged !== undefined && (tag.untagged.full || inRange(tag.untagged.range, w0, w1, w2, w3)))
    return tag.untagged.variant;
  const value = [w3, w2, w1, w0].reduce((sum, w) => (sum << 32n) | BigInt(w >>> 0), 0n);
  throw new UbTrap("invalidEnumTag", `0x${value.toString(16)} is no tag of ${info.ty.text}`);
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

/** Marks a float's bytes by its value; the bytes are there already. */
export function markFloat(m: Memory, at: number, size: number): void {
  const value = size === 4 ? m.view.getFloat32(at, true) : m.view.getFloat64(at, true);
  m.marks.fill(Number.isNaN(value) ? NAN_BYTE : INIT, at, at + size);
}
