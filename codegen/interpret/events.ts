/**
 * The events of a run: the records that compiled code would write, and the walk over observed values.
 *
 * The walk goes by type and layout over memory, on its own: it shares nothing with the code that compiled programs observe with.
 */

import { bug } from "../entity/entity.ts";
import { TY_U8 } from "../mir/ty.ts";
import { EventKind, RECORD_SIZE } from "../runtime/events.ts";
import type { Memory } from "./memory.ts";
import { Cls, type TypeInfo, type TypeTable } from "./type-info.ts";
import {
  activeVariant,
  checkBool,
  checkChar,
  checkPointer,
  checkPointerValue,
  type PointerWords,
} from "./typed-copy.ts";
import { UbTrap, Unsupported } from "./ub.ts";

const WORDS = RECORD_SIZE / 4;

/** Thrown when a run writes more records than it may. */
export class EventLimit extends Error {}

/** A growing list of records. */
export class EventLog {
  private words = new Int32Array(64 * WORDS);
  private used = 0;
  private limit = 0;

  reset(limit: number): void {
    this.used = 0;
    this.limit = limit * WORDS;
  }

  push(kind: number, tag: number, w0: number, w1: number, w2: number, w3: number): void {
    const at = this.used;
    if (at >= this.limit) throw new EventLimit();
    if (at + WORDS > this.words.length) {
      const grown = new Int32Array(this.words.length * 2);
      grown.set(this.words);
      this.words = grown;
    }
    const { words } = this;
    words[at] = kind;
    words[at + 1] = tag;
    words[at + 2] = w0;
    words[at + 3] = w1;
    words[at + 4] = w2;
    words[at + 5] = w3;
    this.used = at + WORDS;
  }

  /** The record that ends a panicking run; it is written even when the log is full. */
  pushPanic(code: number): void {
    this.limit = Math.max(this.limit, this.used + WORDS);
    this.push(EventKind.PANIC, 0, code, 0, 0, 0);
  }

  /** A copy of the records' bytes. */
  take(): Uint8Array {
    return new Uint8Array(this.words.buffer.slice(0, this.used * 4));
  }
}

/** Writes the record of a scalar whose words are in register `a`. */
export function observeWords(log: EventLog, cls: number, kind: number, tag: number, R: Int32Array, a: number): void {
  const w0 = R[a]!;
  switch (cls) {
    case Cls.I8:
      log.push(kind, tag, w0 & 0xff, 0, 0, 0);
      return;
    case Cls.I64:
    case Cls.U64:
      log.push(kind, tag, w0, R[a + 1]!, 0, 0);
      return;
    case Cls.I16:
    case Cls.F16:
      log.push(kind, tag, w0 & 0xffff, 0, 0, 0);
      return;
    case Cls.I128:
    case Cls.U128:
    case Cls.F128:
      log.push(kind, tag, w0, R[a + 1]!, R[a + 2]!, R[a + 3]!);
      return;
    case Cls.F32:
      log.push(kind, tag, (w0 & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : w0, 0, 0, 0);
      return;
    case Cls.F64: {
      const top = R[a + 1]! & 0x7fffffff;
      const nan = top > 0x7ff00000 || (top === 0x7ff00000 && w0 !== 0);
      log.push(kind, tag, nan ? 0 : w0, nan ? 0x7ff80000 : R[a + 1]!, 0, 0);
      return;
    }
    case Cls.PTR:
    case Cls.FN:
      log.push(kind, tag, w0 === 0 && R[a + 1] === 0 ? 0 : 1, 0, 0, 0);
      return;
    default:
      log.push(kind, tag, w0, 0, 0, 0);
  }
}

/** References nest no deeper than this while they are observed; a cycle of them would have no end. */
const DEEPEST = 256;

/** Writes the records of the value of type `info` at `at`. */
export function observeMemory(
  log: EventLog,
  m: Memory,
  table: TypeTable,
  info: TypeInfo,
  tag: number,
  at: number,
  depth = 0,
): void {
  if (info.size === 0) {
    observeZst(log, table, info, tag);
    return;
  }
  if (depth > DEEPEST) throw new EventLimit();
  const mem = table.memOf(info);
  switch (mem.kind) {
    case "scalar":
      observeLeaf(log, m, table, info, tag, at, depth);
      return;
    case "struct":
      if (info.uninhabited) throw new UbTrap("uninhabited", `a value of the uninhabited type ${info.ty.text}`);
      for (const field of mem.fields) observeMemory(log, m, table, field.info, tag, at + field.offset, depth);
      return;
    case "wide":
      observeWide(log, m, table, info, tag, at, depth);
      return;
    case "union":
      throw new Unsupported(`observing the union ${info.ty.text}`);
    case "array":
      for (let i = 0; i < mem.count; i++)
        observeMemory(log, m, table, mem.element, tag, at + i * mem.element.size, depth);
      return;
    case "enum": {
      const variant = activeVariant(m, info, mem.tag, at);
      log.push(EventKind.VARIANT, tag, variant, 0, 0, 0);
      for (const field of mem.variants[variant] ?? [])
        observeMemory(log, m, table, field.info, tag, at + field.offset, depth);
    }
  }
}

/** A reference to a slice or `str` is its elements; what else is wide is one record. */
function observeWide(
  log: EventLog,
  m: Memory,
  table: TypeTable,
  info: TypeInfo,
  tag: number,
  at: number,
  depth: number,
): void {
  const { ty } = info;
  if (ty.kind !== "ref" && ty.kind !== "ptr") throw bug(`a wide ${ty.text}`);
  const pointer = pointerAt(m, at);
  const meta = pointerAt(m, at + 8);
  const pointee = table.of(ty.pointee);
  checkPointer(m, table, pointee, ty.kind === "ref" ? "reference" : undefined, pointer, meta);
  const { kind } = ty.pointee;
  if (ty.kind === "ptr" || (kind !== "slice" && kind !== "str")) {
    log.push(EventKind.POINTER, tag, pointer.lo === 0 && pointer.hi === 0 ? 0 : 1, 0, 0, 0);
    return;
  }
  const element = table.of(ty.pointee.kind === "slice" ? ty.pointee.element : TY_U8);
  m.access(pointer.lo, pointer.hi, pointer.tag, meta.lo * element.size, false);
  for (let i = 0; i < meta.lo; i++)
    observeMemory(log, m, table, element, tag, pointer.lo + i * element.size, depth + 1);
}

function pointerAt(m: Memory, at: number): PointerWords {
  return { lo: m.view.getInt32(at, true), hi: m.view.getInt32(at + 4, true), tag: m.loadProvenance(at) };
}

const scratch = new Int32Array(4);

function observeLeaf(
  log: EventLog,
  m: Memory,
  table: TypeTable,
  info: TypeInfo,
  tag: number,
  at: number,
  depth: number,
): void {
  const leaf = info.leaves[0]!;
  const { view } = m;
  switch (leaf.cls) {
    case Cls.PTR:
    case Cls.REF:
    case Cls.FN: {
      const id = m.loadProvenance(at);
      const lo = view.getInt32(at, true);
      const hi = view.getInt32(at + 4, true);
      checkPointerValue(m, table, info, lo, hi, id, false);
      if (info.ty.kind === "ref") {
        const pointee = table.of(info.ty.pointee);
        m.access(lo, hi, id, pointee.size, false);
        observeMemory(log, m, table, pointee, tag, lo, depth + 1);
      } else log.push(leaf.event, tag, lo === 0 && hi === 0 ? 0 : 1, 0, 0, 0);
      return;
    }
    case Cls.F16:
    case Cls.F32:
    case Cls.F64:
    case Cls.F128:
      m.checkInitFloat(at, info.size);
      break;
    default:
      m.checkInit(at, info.size);
  }
  scratch.fill(0);
  for (let i = 0; i < info.size; i++) scratch[i >> 2]! |= m.bytes[at + i]! << ((i & 3) * 8);
  if (leaf.cls === Cls.BOOL) checkBool(scratch[0]!);
  if (leaf.cls === Cls.CHAR) checkChar(scratch[0]!);
  observeWords(log, leaf.cls, leaf.event, tag, scratch, 0);
}

/** Zero-sized values leave no record, save that an enum's variant is one even when it takes no room. */
export function observeZst(log: EventLog, table: TypeTable, info: TypeInfo, tag: number): void {
  if (info.uninhabited) throw new UbTrap("uninhabited", `a value of the uninhabited type ${info.ty.text}`);
  const mem = table.memOf(info);
  switch (mem.kind) {
    case "struct":
      for (const field of mem.fields) observeZst(log, table, field.info, tag);
      return;
    case "array":
      for (let i = 0; i < mem.count; i++) observeZst(log, table, mem.element, tag);
      return;
    case "enum": {
      const variant = mem.tag.known[0]?.variant ?? 0;
      log.push(EventKind.VARIANT, tag, variant, 0, 0, 0);
      for (const field of mem.variants[variant] ?? []) observeZst(log, table, field.info, tag);
      return;
    }
    case "wide":
    case "union":
    case "scalar":
      return;
  }
}
