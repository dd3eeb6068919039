/**
 * Places: what a MIR place means in a frame, and the code that reaches it.
 *
 * A place is registers, nothing (zero-sized), or memory: an offset from a base (the frame, or a pointer in a register) and the array
 * indices on the way. The pointers of inner derefs are loaded when the place is resolved, so it is resolved where MIR evaluates it.
 */

import { bug } from "../entity/entity.ts";
import { fieldOffset, forVariant } from "../layout/layout.ts";
import { derefTy } from "../mir/place-ty.ts";
import type { Local, Place, PlaceElem } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import type { BodyCx, LocalPlan } from "./compile-body.ts";
import { SLOT } from "./frame.ts";
import { ACCESS_NONE, ACCESS_READ, OP, TRAP_INDEX } from "./opcodes.ts";
import { CLS_SIZE, CLS_WORDS, Cls, isPointerCls, type TypeInfo } from "./type-info.ts";

/** What is added to an address on the way, beside constants. Metadata is in a register: a length, or a pointer to a vtable. */
export type Step =
  /** Of an array: the register of the index, the stride, the length. */
  | { readonly kind: "index"; readonly register: number; readonly stride: number; readonly length: number }
  | { readonly kind: "sliceIndex"; readonly register: number; readonly stride: number; readonly meta: number }
  | { readonly kind: "fromEnd"; readonly offset: number; readonly stride: number; readonly meta: number }
  /** A field of a type that is known by its vtable: `offset` rounded up to its alignment. */
  | { readonly kind: "dynField"; readonly offset: number; readonly packed: number; readonly meta: number };

export type ResolvedPlace =
  | {
      readonly kind: "reg";
      readonly info: TypeInfo;
      readonly slot: number;
      readonly plan: LocalPlan;
      readonly whole: boolean;
    }
  | { readonly kind: "zst"; readonly info: TypeInfo }
  | {
      readonly kind: "mem";
      readonly info: TypeInfo;
      /** The local that holds it, or none behind a pointer. */
      readonly plan: LocalPlan | undefined;
      /** Of a pointer: its register, and the alignment that the pointee's type requires. */
      readonly pointer: number;
      readonly pointerAlign: number;
      readonly offset: number;
      readonly steps: readonly Step[];
      /** The register of the metadata of a place of an unsized type. */
      readonly meta: number;
    };

export type MemoryPlace = Extract<ResolvedPlace, { kind: "mem" }>;

/** The walk along the projections of one place. */
interface Walk {
  info: TypeInfo;
  variant: number | undefined;
  plan: LocalPlan | undefined;
  /** In registers so far; else in memory. */
  slot: number | undefined;
  pointer: number;
  pointerAlign: number;
  offset: number;
  steps: Step[];
  meta: number;
  /** The type of the reference in a register that was last gone through: it must be valid for all that it points to. */
  reference: TypeInfo | undefined;
}

function startWalk(cx: BodyCx, place: Place): Walk {
  const plan = cx.plan(place.local);
  return {
    info: plan.info,
    variant: undefined,
    plan,
    slot: plan.kind === "reg" ? plan.slot : undefined,
    pointer: -1,
    pointerAlign: 1,
    offset: plan.offset,
    steps: [],
    meta: -1,
    reference: undefined,
  };
}

/** Emits the check of the last reference on the way, for what accesses less than it points to, or nothing. */
function emitReferenceCheck(cx: BodyCx, { reference, pointer }: Walk): void {
  if (reference === undefined) return;
  if (reference.leaves.length === 2) cx.emit(OP.CheckValue, pointer, reference.index);
  else {
    cx.emit(OP.CheckRef, pointer);
    emitPointee(cx, reference.ty);
  }
}

export function resolvePlace(cx: BodyCx, place: Place): ResolvedPlace {
  const walk = startWalk(cx, place);
  for (const elem of place.projection) project(cx, walk, elem);
  return finishWalk(cx, walk, place.projection.length === 0);
}

function finishWalk(cx: BodyCx, walk: Walk, whole: boolean): ResolvedPlace {
  const { info, plan, slot } = walk;
  if (info.repr === "zst") {
    if (plan !== undefined) cx.checkLive(plan);
    // Nothing is accessed, but the pointer must be aligned and an index below the length all the same.
    if (plan === undefined && slot === undefined) {
      emitReferenceCheck(cx, walk);
      emitAddress(cx, { kind: "mem", ...walk }, ACCESS_NONE);
    } else for (const step of walk.steps) emitStep(cx, step);
    return { kind: "zst", info };
  }
  if (slot !== undefined && plan !== undefined) return { kind: "reg", info, slot, plan, whole };
  const { pointer, pointerAlign, offset, steps, meta } = walk;
  return { kind: "mem", info, plan, pointer, pointerAlign, offset, steps, meta };
}

function project(cx: BodyCx, walk: Walk, elem: PlaceElem): void {
  switch (elem.kind) {
    case "deref":
      derefWalk(cx, walk);
      return;
    case "downcast":
      walk.variant = elem.variant;
      return;
    case "field":
      fieldWalk(cx, walk, elem.index, elem.ty);
      return;
    case "index":
      indexWalk(cx, walk, elem.local);
      return;
    case "constantIndex":
      constantIndexWalk(cx, walk, elem);
      return;
    case "subslice":
      subsliceWalk(cx, walk, elem);
  }
}

function fieldWalk(cx: BodyCx, walk: Walk, index: number, ty: Ty): void {
  const { info } = walk;
  const of = { ty: info.ty, layout: info.layout };
  const { layout } = walk.variant === undefined ? of : forVariant(cx.prepared.layout, of, walk.variant);
  const field = cx.infoOf(ty);
  if (walk.slot !== undefined) walk.slot += SLOT * leavesBefore(cx, info, index);
  else {
    const offset = fieldOffset(layout, index);
    if (field.repr === "unsized" && field.meta === "vtable") {
      const packed = info.ty.kind === "adt" ? (info.ty.def.repr.packed ?? 0) : 0;
      walk.steps.push({ kind: "dynField", offset, packed, meta: walk.meta });
    } else walk.offset += offset;
  }
  walk.info = field;
  walk.variant = undefined;
}

function indexWalk(cx: BodyCx, walk: Walk, local: Local): void {
  const { ty } = walk.info;
  const element = cx.infoOf(elementOf(ty));
  const register = indexRegister(cx, local);
  if (ty.kind === "array") walk.steps.push({ kind: "index", register, stride: element.size, length: ty.length });
  else walk.steps.push({ kind: "sliceIndex", register, stride: element.size, meta: walk.meta });
  walk.info = element;
}

function elementOf(ty: Ty): Ty {
  if (ty.kind !== "array" && ty.kind !== "slice") throw bug(`an index into ${ty.text}`);
  return ty.element;
}

function constantIndexWalk(cx: BodyCx, walk: Walk, elem: Extract<PlaceElem, { kind: "constantIndex" }>): void {
  const { ty } = walk.info;
  const element = cx.infoOf(elementOf(ty));
  walk.info = element;
  if (ty.kind === "array") {
    const index = elem.fromEnd ? ty.length - elem.offset : elem.offset;
    if (index < 0 || index >= ty.length) cx.emit(OP.Trap, TRAP_INDEX);
    walk.offset += index * element.size;
    return;
  }
  cx.emit(OP.MinLen, walk.meta, elem.fromEnd ? elem.offset : elem.offset + 1);
  if (elem.fromEnd) walk.steps.push({ kind: "fromEnd", offset: elem.offset, stride: element.size, meta: walk.meta });
  else walk.offset += elem.offset * element.size;
}

function subsliceWalk(cx: BodyCx, walk: Walk, elem: Extract<PlaceElem, { kind: "subslice" }>): void {
  const { ty } = walk.info;
  const element = cx.infoOf(elementOf(ty));
  walk.offset += elem.from * element.size;
  if (ty.kind === "array") {
    const length = (elem.fromEnd ? ty.length - elem.to : elem.to) - elem.from;
    if (length < 0 || elem.from + length > ty.length) cx.emit(OP.Trap, TRAP_INDEX);
    walk.info = cx.infoOf(cx.prepared.tcx.array(element.ty, Math.max(length, 0)));
    return;
  }
  const meta = cx.scratch(1);
  cx.emit(OP.MinLen, walk.meta, elem.fromEnd ? elem.from + elem.to : elem.to);
  if (elem.fromEnd) cx.emit(OP.SubMeta, meta, walk.meta, elem.from + elem.to);
  else cx.emit(OP.Mov2, meta, cx.constant(Cls.U64, BigInt(elem.to - elem.from)));
  walk.meta = meta;
}

/** How many leaves of a flat struct come before field `index`. */
function leavesBefore(cx: BodyCx, info: TypeInfo, index: number): number {
  const tys = cx.prepared.table.fieldTysOf(info.ty);
  let leaves = 0;
  for (let i = 0; i < index; i++) leaves += cx.prepared.table.of(tys[i]!).leaves.length;
  return leaves;
}

/** Where in a value of a pointer's or box's type its pointer is. */
function pointerOffset(cx: BodyCx, info: TypeInfo): number {
  if (info.leaves.length > 0) return info.leaves[0]!.offset;
  const first = cx.prepared.table.fieldTysOf(info.ty)[0];
  if (first === undefined) throw bug(`a deref of ${info.ty.text}`);
  return fieldOffset(info.layout, 0) + pointerOffset(cx, cx.infoOf(first));
}

function derefWalk(cx: BodyCx, walk: Walk): void {
  const { info } = walk;
  const pointeeTy = derefTy(info.ty);
  if (pointeeTy === undefined) throw bug(`a deref of ${info.ty.text}`);
  const pointee = cx.infoOf(pointeeTy);
  let pointer = walk.slot;
  if (pointer === undefined) {
    const wide = pointee.meta !== "none";
    pointer = cx.scratch(wide ? 2 : 1);
    const at = pointerOffset(cx, info);
    emitAddress(cx, { kind: "mem", ...walk }, ACCESS_READ);
    if (info.ty.kind === "ref" && !wide) {
      cx.emit(OP.LdRef, pointer, at);
      emitPointee(cx, info.ty);
    } else cx.emit(OP.LdPtr, pointer, at);
    if (wide) cx.emit(pointee.meta === "length" ? OP.Ld64 : OP.LdPtr, pointer + SLOT, at + 8);
    if (wide && (info.ty.kind === "ref" || info.ty.kind === "ptr")) emitChecks(cx, info, pointer);
  }
  walk.reference = walk.slot !== undefined && info.ty.kind === "ref" ? info : undefined;
  walk.info = pointee;
  walk.variant = undefined;
  walk.plan = undefined;
  walk.slot = undefined;
  walk.pointer = pointer;
  walk.pointerAlign = pointee.align;
  walk.offset = 0;
  walk.steps = [];
  walk.meta = pointee.meta === "none" ? -1 : pointer + SLOT;
}

function indexRegister(cx: BodyCx, local: Local): number {
  const plan = cx.plan(local);
  if (plan.kind === "reg") return plan.slot;
  const slot = cx.scratch(1);
  emitAddress(cx, { kind: "mem", ...startWalk(cx, { local, projection: [] }) }, ACCESS_READ);
  cx.emit(OP.Ld64, slot, 0);
  return slot;
}

function emitStep(cx: BodyCx, step: Step): void {
  switch (step.kind) {
    case "index":
      cx.emit(OP.EaIndex, step.register, step.stride, step.length);
      return;
    case "sliceIndex":
      cx.emit(OP.EaIndexMeta, step.register, step.stride, step.meta);
      return;
    case "fromEnd":
      cx.emit(OP.EaConstEnd, step.offset, step.stride, step.meta);
      return;
    case "dynField":
      cx.emit(OP.EaDynField, step.offset, step.packed, step.meta);
  }
}

/**
 * Emits the code that brings `place`'s address, checked for an access of its whole size, into `ea`. `access` says whether it is read or
 * written right away, which aliasing and races are about.
 */
export function emitAddress(cx: BodyCx, place: MemoryPlace, access: number = ACCESS_NONE): void {
  const { plan, steps, offset } = place;
  if (plan !== undefined) {
    cx.checkLive(plan);
    if (!plan.taken) cx.emit(OP.EaLocal, offset);
    else cx.emit(OP.EaTaken, offset, plan.slot, place.info.size, steps.length === 0 ? access : ACCESS_NONE);
    for (const step of steps) emitStep(cx, step);
    if (plan.taken && steps.length > 0 && access !== ACCESS_NONE) cx.emit(OP.EaCheck, place.info.size, access);
    return;
  }
  if (steps.length === 0) {
    cx.emit(OP.EaDeref, place.pointer, offset, place.info.size, place.pointerAlign, access);
    return;
  }
  cx.emit(OP.EaPtr, place.pointer, place.pointerAlign);
  if (offset !== 0) cx.emit(OP.EaAdd, offset);
  for (const step of steps) emitStep(cx, step);
  cx.emit(OP.EaCheck, place.info.size, access);
}

/** Whether computing the address does more than add to the frame's. */
export function isComputed(place: MemoryPlace): boolean {
  return place.plan === undefined || place.steps.length > 0;
}

/**
 * Emits a pointer to `place` into `d`, and its metadata into the register behind; answers the place's type. `isRaw`: nobody will check that
 * it is a valid reference.
 */
export function emitPointer(cx: BodyCx, place: Place, d: number, isRaw: boolean = false): TypeInfo {
  const walk = startWalk(cx, place);
  for (const elem of place.projection) project(cx, walk, elem);
  const isWhole = place.projection[place.projection.length - 1]?.kind === "deref";
  if (isRaw || (walk.info.size === 0 && !isWhole)) emitReferenceCheck(cx, walk);
  if (walk.plan !== undefined) {
    if (walk.plan.kind !== "mem") throw bug(`the address of _${place.local}, which is in registers`);
    cx.emit(OP.AddrLocal, d, walk.plan.slot, walk.offset);
  } else cx.emit(OP.PtrAdd, d, walk.pointer, walk.offset);
  for (const step of walk.steps) {
    switch (step.kind) {
      case "index":
        cx.emit(OP.PtrIndex, d, d, step.register, step.stride, step.length);
        break;
      case "sliceIndex":
        cx.emit(OP.PtrIndexMeta, d, d, step.register, step.stride, step.meta);
        break;
      case "fromEnd":
        cx.emit(OP.PtrConstEnd, d, d, step.offset, step.stride, step.meta);
        break;
      case "dynField":
        cx.emit(OP.PtrDynField, d, d, step.offset, step.packed, step.meta);
    }
  }
  if (walk.info.repr === "unsized" && walk.info.meta !== "none") cx.emit(OP.Mov4, d + SLOT, walk.meta);
  return walk.info;
}

/** Emits the length of the array or slice in `place` into `d`. */
export function emitLength(cx: BodyCx, place: Place, d: number): void {
  const resolved = resolvePlace(cx, place);
  const { ty } = resolved.info;
  if (ty.kind === "array") cx.emit(OP.Mov2, d, cx.constant(Cls.U64, BigInt(ty.length)));
  else if (resolved.kind === "mem" && ty.kind === "slice") cx.emit(OP.Mov2, d, resolved.meta);
  else throw bug(`the length of ${ty.text}`);
}

const LOADS: readonly number[] = [
  OP.LdI8,
  OP.LdI16,
  OP.Ld32,
  OP.Ld64,
  OP.Ld128,
  OP.LdU8,
  OP.LdU16,
  OP.Ld32,
  OP.Ld64,
  OP.Ld128,
  OP.LdBool,
  OP.LdChar,
  OP.LdF32,
  OP.LdF64,
  OP.LdPtr,
  OP.LdRef,
  OP.LdFn,
  OP.LdSoft,
  OP.LdSoft,
];
/** The instruction that stores a register of each class. */
export const STORES: readonly number[] = [
  OP.St8,
  OP.St16,
  OP.St32,
  OP.St64,
  OP.St128,
  OP.St8,
  OP.St16,
  OP.St32,
  OP.St64,
  OP.St128,
  OP.St8,
  OP.St32,
  OP.StF32,
  OP.StF64,
  OP.StPtr,
  OP.StPtr,
  OP.StPtr,
  OP.StSoft,
  OP.StSoft,
];

/** Emits loads of all leaves of the value at `ea` into the registers from `d` on. `out`: they are of the callee's frame. */
export function emitLoadLeaves(cx: BodyCx, info: TypeInfo, d: number, out = false): void {
  info.leaves.forEach((leaf, k) => {
    const slot = d + k * SLOT;
    cx.emit(LOADS[leaf.cls]!, out ? cx.outSlot(slot, cx.out.length + 1) : slot, leaf.offset);
    if (leaf.cls === Cls.REF) emitPointee(cx, leaf.ty);
    else if (leaf.cls >= Cls.F16) cx.emit(CLS_SIZE[leaf.cls]!);
  });
  emitChecks(cx, info, d, out);
}

/** Emits the checks of a flat value's type that are not those of its leaves. */
export function emitChecks(cx: BodyCx, info: TypeInfo, d: number, out = false): void {
  if (cx.prepared.table.checksOf(info).length === 0) return;
  cx.emit(OP.CheckValue, out ? cx.outSlot(d, cx.out.length + 1) : d, info.index);
}

/** Emits stores of registers from `a` on to the leaves of the value at `ea`, `base` bytes further. */
export function emitStoreLeaves(cx: BodyCx, info: TypeInfo, a: number, base = 0): void {
  info.leaves.forEach((leaf, k) => {
    cx.emit(STORES[leaf.cls]!, a + k * SLOT, base + leaf.offset);
    if (leaf.cls >= Cls.F16) cx.emit(CLS_SIZE[leaf.cls]!);
  });
}

/** Emits size and alignment of a reference's pointee, the operands of its check. */
export function emitPointee(cx: BodyCx, ty: TypeInfo["ty"]): void {
  if (ty.kind !== "ref") throw bug(`the pointee of ${ty.text}`);
  const pointee = cx.infoOf(ty.pointee);
  cx.emit(pointee.size, pointee.align);
}

/** Emits copies of all leaves from the registers at `a` to those at `d`. `out`: `d` is in the callee's frame. */
export function emitMoveLeaves(
  cx: BodyCx,
  info: TypeInfo,
  d: number,
  a: number,
  options: { outTo?: boolean; outFrom?: boolean } = {},
): void {
  info.leaves.forEach((leaf, k) => {
    const to = d + k * SLOT;
    const from = a + k * SLOT;
    const words = CLS_WORDS[leaf.cls]!;
    const op =
      leaf.cls === Cls.REF
        ? OP.MovRef
        : isPointerCls(leaf.cls) || words === 4
          ? OP.Mov4
          : words === 2
            ? OP.Mov2
            : OP.MovW;
    const at = cx.out.length;
    cx.emit(op, options.outTo ? cx.outSlot(to, at + 1) : to, options.outFrom ? cx.outSlot(from, at + 2) : from);
    if (op === OP.MovRef) emitPointee(cx, leaf.ty);
  });
  emitChecks(cx, info, d, options.outTo === true);
}
