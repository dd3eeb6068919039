/** Retags as the machine makes them: of pointers in registers, and of all in a value that lives in memory. */

import type { RetagPointer, RetagShape } from "./borrow-tracker/retag.ts";
import type { Tag } from "./borrow-tracker/violation.ts";
import type { RetagSite } from "./compile-retag.ts";
import { mayContainReference, retagsOf } from "./compile-retag.ts";
import { collectTags } from "./tag-gc.ts";
import type { TypeInfo } from "./type-info.ts";
import { activeVariant, type PointerWords, sizeAndAlign } from "./typed-copy.ts";
import type { Vm } from "./vm.ts";

const SLOT = 4;

/** Retags the pointer in register `a`, whose metadata is in the next one. */
export function retagRegister(vm: Vm, site: RetagSite, a: number, isProtected: boolean): void {
  const { R } = vm.regs;
  const pointer = { lo: R[a]!, hi: R[a + 1]!, tag: R[a + 2]! };
  const meta = { lo: R[a + SLOT]!, hi: R[a + SLOT + 1]!, tag: R[a + SLOT + 2]! };
  R[a + 2] = retag(vm, site.pointer, site.pointee, site.twoPhase, pointer, meta, isProtected);
}

/** The tag that the pointer has after the retag. */
function retag(
  vm: Vm,
  kind: RetagPointer,
  pointee: TypeInfo["ty"],
  twoPhase: boolean,
  pointer: PointerWords,
  meta: PointerWords,
  isProtected: boolean,
): number {
  const { memory: m, prepared } = vm;
  const { borrow } = m;
  const { lo, hi, tag } = pointer;
  if (borrow === undefined) return tag;
  const info = prepared.table.of(pointee);
  const { size } = sizeAndAlign(m, prepared.table, info, meta);
  const id = m.resolve(lo, hi, tag, size);
  // What points to no memory, to code or to a vtable has nothing to track.
  if (id <= 0 || (m.state[id]! & 1) === 0) return tag;
  const offset = lo - m.base[id]!;
  if (offset < 0 || offset + size > m.size[id]!) return tag;
  if (borrow.collectionDue) collectTags(vm);
  borrow.position = m.position;
  const shape = shapeOf(vm, kind, info, twoPhase, meta);
  const made = borrow.retag(id, tag as Tag, offset, size, shape, isProtected ? vm.depth : -1);
  m.syncTracker();
  if (m.races?.active === true && size > 0 && kind !== "raw mut" && kind !== "raw const") {
    m.races.position = m.position;
    if (shape.freeze || kind === "mutable") m.races.read(vm.thread.id, id, offset, size, true);
  }
  return made;
}

function shapeOf(vm: Vm, kind: RetagPointer, info: TypeInfo, twoPhase: boolean, meta: PointerWords): RetagShape {
  const { retagShapes } = vm.prepared;
  if (info.meta !== "vtable" || info.ty.kind !== "dynamic") return retagShapes.of(kind, info.ty, twoPhase);
  const vtable = vm.memory.checkVtable(meta.lo, meta.hi, meta.tag);
  return retagShapes.of(kind, vm.globals.vtable(vtable).global.ty, twoPhase);
}

/** Retags every reference and box in the value of type `info` at `at`. */
export function retagMemory(vm: Vm, info: TypeInfo, at: number, isProtected: boolean): void {
  const { table } = vm.prepared;
  if (!mayContainReference(table, info)) return;
  if (info.repr === "flat") {
    retagFlat(vm, info, at, isProtected);
    return;
  }
  const mem = table.memOf(info);
  switch (mem.kind) {
    case "struct":
      for (const field of mem.fields) retagMemory(vm, field.info, at + field.offset, isProtected);
      return;
    case "array":
      for (let i = 0; i < mem.count; i++) retagMemory(vm, mem.element, at + i * mem.element.size, isProtected);
      return;
    case "enum": {
      const variant = activeVariant(vm.memory, info, mem.tag, at);
      for (const field of mem.variants[variant] ?? []) retagMemory(vm, field.info, at + field.offset, isProtected);
      return;
    }
    case "scalar":
    case "wide":
    case "union":
      return;
  }
}

function retagFlat(vm: Vm, info: TypeInfo, at: number, isProtected: boolean): void {
  const { memory: m } = vm;
  for (const { leaf, pointer, pointee } of retagsOf(vm.prepared.table, info)) {
    const from = at + info.leaves[leaf]!.offset;
    const words = pointerAt(vm, from);
    const isWide = vm.prepared.table.of(pointee).meta !== "none";
    const meta = isWide ? pointerAt(vm, from + 8) : words;
    const tag = retag(vm, pointer, pointee, false, words, meta, isProtected);
    if (tag !== words.tag) m.storePointer(from, words.lo, words.hi, tag);
  }
}

function pointerAt({ memory: m }: Vm, at: number): PointerWords {
  return { lo: m.view.getInt32(at, true), hi: m.view.getInt32(at + 4, true), tag: m.loadProvenance(at) };
}
