/** Retags as the machine makes them: of pointers in registers, and of all in a value that lives in memory. */

import { type RetagShape, visitFreezeSensitive } from "./borrow-tracker/retag.ts";
import type { Tag } from "./borrow-tracker/violation.ts";
import { mayContainReference, type RetagPlan, type RetagSite, retagsOf } from "./compile-retag.ts";
import type { Memory } from "./memory.ts";
import { collectTags } from "./tag-gc.ts";
import type { TypeInfo } from "./type-info.ts";
import { activeVariant, type PointerWords, sizeAndAlign } from "./typed-copy.ts";
import type { Vm } from "./vm.ts";

const SLOT = 4;

/** Retags the pointer in register `a`, whose metadata is in the next one. */
export function retagRegister(vm: Vm, site: RetagSite, a: number, isProtected: boolean): void {
  const { R } = vm.regs;
  const plan = planOf(vm, site);
  const { size, shape } = plan;
  if (size >= 0 && shape !== undefined) {
    R[a + 2] = retag(vm, shape, size, R[a]!, R[a + 1]!, R[a + 2]!, isProtected);
    return;
  }
  const meta = { lo: R[a + SLOT]!, hi: R[a + SLOT + 1]!, tag: R[a + SLOT + 2]! };
  R[a + 2] = retagUnsized(vm, site, plan, R[a]!, R[a + 1]!, R[a + 2]!, meta, isProtected);
}

function planOf(vm: Vm, site: RetagSite): RetagPlan {
  site.plan ??= makePlan(vm, site);
  return site.plan;
}

function makePlan(vm: Vm, { pointer, pointee, twoPhase }: RetagSite): RetagPlan {
  const { table, retagShapes } = vm.prepared;
  const info = table.of(pointee);
  const { ty } = info;
  return {
    pointee: info,
    size: info.repr === "unsized" ? -1 : info.size,
    stride: ty.kind === "slice" ? table.of(ty.element).size : ty.kind === "str" ? 1 : -1,
    shape: isDyn(info) ? undefined : retagShapes.of(pointer, ty, twoPhase),
  };
}

/** The metadata is a vtable, and nothing comes before the value that it is for. */
function isDyn(info: TypeInfo): boolean {
  return info.meta === "vtable" && info.ty.kind === "dynamic";
}

function retagUnsized(
  vm: Vm,
  site: RetagSite,
  plan: RetagPlan,
  lo: number,
  hi: number,
  tag: number,
  meta: PointerWords,
  isProtected: boolean,
): number {
  const { memory: m, prepared } = vm;
  // Longer slices than that are for `sizeAndAlign` to refuse.
  const isShort = plan.stride >= 0 && meta.hi === 0 && meta.lo >= 0;
  const size = isShort ? meta.lo * plan.stride : sizeAndAlign(m, prepared.table, plan.pointee, meta).size;
  let { shape } = plan;
  if (shape === undefined) {
    const { ty } = vm.globals.vtable(m.checkVtable(meta.lo, meta.hi, meta.tag)).global;
    shape = prepared.retagShapes.ofObject(site.pointer, plan.pointee.ty, ty, site.twoPhase);
  }
  return retag(vm, shape, size, lo, hi, tag, isProtected);
}

/** The tag that a pointer has after the retag. */
function retag(
  vm: Vm,
  shape: RetagShape,
  size: number,
  lo: number,
  hi: number,
  tag: number,
  isProtected: boolean,
): number {
  const { memory: m } = vm;
  const { borrow } = m;
  if (borrow === undefined) return tag;
  const id = m.resolve(lo, hi, tag, size);
  // What points to no memory, to code or to a vtable has nothing to track.
  if (id <= 0 || (m.state[id]! & 1) === 0) return tag;
  const offset = lo - m.base[id]!;
  if (offset < 0 || offset + size > m.size[id]!) return tag;
  if (borrow.collectionDue) collectTags(vm);
  borrow.position = m.position;
  const made = borrow.retag(id, tag as Tag, offset, size, shape, isProtected ? vm.depth : -1);
  m.syncTracker();
  if (m.races?.active === true && size > 0) raceWithRetag(vm, m.races, shape, id, offset, size, isProtected);
  return made;
}

/**
 * What a retag is to the race detector: mostly a read; a write where it makes what is to be unique, under Stacked Borrows, and where it
 * implies one, of an argument.
 */
function raceWithRetag(
  vm: Vm,
  races: NonNullable<Memory["races"]>,
  shape: RetagShape,
  id: number,
  offset: number,
  size: number,
  isProtected: boolean,
): void {
  const { aliasing, implicitWrites } = vm.prepared;
  const { pointer } = shape;
  const thread = vm.thread.id;
  races.position = vm.memory.position;
  if (pointer === "shared") {
    visitFreezeSensitive(shape, size, (start, end, frozen) => {
      if (frozen) races.read(thread, id, offset + start, end - start, true);
    });
  } else if ((pointer === "mutable" || pointer === "box") && shape.unpin) {
    const writes = aliasing === "tree" ? implicitWrites && isProtected : !shape.twoPhase;
    if (writes) races.write(thread, id, offset, size, true);
    else if (aliasing === "tree") races.read(thread, id, offset, size, true);
  }
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
  for (const site of retagsOf(vm.prepared.table, info)) {
    const from = at + info.leaves[site.leaf]!.offset;
    const { lo, hi, tag } = pointerAt(vm, from);
    const plan = planOf(vm, site);
    const { size, shape } = plan;
    const made =
      size >= 0 && shape !== undefined
        ? retag(vm, shape, size, lo, hi, tag, isProtected)
        : retagUnsized(vm, site, plan, lo, hi, tag, metadataAt(vm, plan, from), isProtected);
    if (made !== tag) m.storePointer(from, lo, hi, made);
  }
}

function metadataAt(vm: Vm, plan: RetagPlan, from: number): PointerWords {
  return pointerAt(vm, plan.pointee.meta === "none" ? from : from + 8);
}

function pointerAt({ memory: m }: Vm, at: number): PointerWords {
  return { lo: m.view.getInt32(at, true), hi: m.view.getInt32(at + 4, true), tag: m.loadProvenance(at) };
}
