/**
 * Places: what a MIR place means in a frame, and the code that reaches it.
 *
 * A place is registers, nothing (zero-sized), or memory: an offset from a base (the frame, or a pointer in a register) and the array
 * indices on the way. The pointers of inner derefs are loaded when the place is resolved, so it is resolved where MIR evaluates it.
 */

import { bug } from "../entity/entity.ts";
import { fieldOffset, forVariant } from "../layout/layout.ts";
import type { Local, Place, PlaceElem } from "../mir/syntax.ts";
import type { BodyCx, LocalPlan } from "./compile-body.ts";
import { SLOT } from "./frame.ts";
import { OP, TRAP_INDEX } from "./opcodes.ts";
import { CLS_WORDS, Cls, type TypeInfo } from "./type-info.ts";

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
      /** Per index on the way: the register of the index, the stride, the length. */
      readonly steps: readonly number[];
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
  steps: number[];
}

export function resolvePlace(cx: BodyCx, place: Place): ResolvedPlace {
  const plan = cx.plan(place.local);
  const walk: Walk = {
    info: plan.info,
    variant: undefined,
    plan,
    slot: plan.kind === "reg" ? plan.slot : undefined,
    pointer: -1,
    pointerAlign: 1,
    offset: plan.offset,
    steps: [],
  };
  for (const elem of place.projection) project(cx, walk, elem);
  return finishWalk(cx, walk, place.projection.length === 0);
}

function finishWalk(cx: BodyCx, walk: Walk, whole: boolean): ResolvedPlace {
  const { info, plan, slot } = walk;
  if (info.repr === "zst") {
    if (plan !== undefined) cx.checkLive(plan);
    // Nothing is accessed, but an index must be below the length all the same.
    const { steps } = walk;
    for (let i = 0; i < steps.length; i += 3) cx.emit(OP.EaIndex, steps[i]!, 0, steps[i + 2]!);
    return { kind: "zst", info };
  }
  if (slot !== undefined && plan !== undefined) return { kind: "reg", info, slot, plan, whole };
  const { pointer, pointerAlign, offset, steps } = walk;
  return { kind: "mem", info, plan, pointer, pointerAlign, offset, steps };
}

function project(cx: BodyCx, walk: Walk, elem: PlaceElem): void {
  switch (elem.kind) {
    case "deref":
      derefWalk(cx, walk);
      return;
    case "downcast":
      walk.variant = elem.variant;
      return;
    case "field": {
      const { info } = walk;
      const of = { ty: info.ty, layout: info.layout };
      const { layout } = walk.variant === undefined ? of : forVariant(cx.prepared.layout, of, walk.variant);
      const field = cx.infoOf(elem.ty);
      if (walk.slot !== undefined) walk.slot += SLOT * leavesBefore(cx, info, elem.index);
      else walk.offset += fieldOffset(layout, elem.index);
      walk.info = field;
      walk.variant = undefined;
      return;
    }
    case "index": {
      const { ty } = walk.info;
      if (ty.kind !== "array") throw bug(`an index into ${ty.text}`);
      const element = cx.infoOf(ty.element);
      walk.steps.push(indexRegister(cx, elem.local), element.size, ty.length);
      walk.info = element;
      return;
    }
    case "constantIndex": {
      const { ty } = walk.info;
      if (ty.kind !== "array") throw bug(`an index into ${ty.text}`);
      const element = cx.infoOf(ty.element);
      const index = elem.fromEnd ? ty.length - elem.offset : elem.offset;
      if (index < 0 || index >= ty.length) cx.emit(OP.Trap, TRAP_INDEX);
      walk.offset += index * element.size;
      walk.info = element;
    }
  }
}

/** How many leaves of a flat struct come before field `index`. */
function leavesBefore(cx: BodyCx, info: TypeInfo, index: number): number {
  const { ty } = info;
  const tys = ty.kind === "tuple" ? ty.fields : ty.kind === "adt" ? cx.prepared.layout.variantFieldTys(ty, 0) : [];
  let leaves = 0;
  for (let i = 0; i < index; i++) leaves += cx.prepared.table.of(tys[i]!).leaves.length;
  return leaves;
}

function derefWalk(cx: BodyCx, walk: Walk): void {
  const { ty } = walk.info;
  if (ty.kind !== "ref" && ty.kind !== "ptr") throw bug(`a deref of ${ty.text}`);
  let pointer = walk.slot;
  if (pointer === undefined) {
    pointer = cx.scratch(1);
    emitAddress(cx, { kind: "mem", ...walk });
    cx.emit(OP.LdPtr, pointer, 0);
  }
  const pointee = cx.infoOf(ty.pointee);
  walk.info = pointee;
  walk.variant = undefined;
  walk.plan = undefined;
  walk.slot = undefined;
  walk.pointer = pointer;
  walk.pointerAlign = pointee.align;
  walk.offset = 0;
  walk.steps = [];
}

function indexRegister(cx: BodyCx, local: Local): number {
  const plan = cx.plan(local);
  if (plan.kind === "reg") return plan.slot;
  const slot = cx.scratch(1);
  cx.checkLive(plan);
  cx.emit(OP.EaLocal, plan.offset, OP.Ld64, slot, 0);
  return slot;
}

/** Emits the code that brings `place`'s address, checked for an access of its whole size, into `ea`. */
export function emitAddress(cx: BodyCx, place: MemoryPlace): void {
  const { plan, steps, offset } = place;
  if (plan !== undefined) {
    cx.checkLive(plan);
    cx.emit(OP.EaLocal, offset);
    for (let i = 0; i < steps.length; i += 3) cx.emit(OP.EaIndex, steps[i]!, steps[i + 1]!, steps[i + 2]!);
    return;
  }
  if (steps.length === 0) {
    cx.emit(OP.EaDeref, place.pointer, offset, place.info.size, place.pointerAlign);
    return;
  }
  cx.emit(OP.EaPtr, place.pointer, place.pointerAlign);
  if (offset !== 0) cx.emit(OP.EaAdd, offset);
  for (let i = 0; i < steps.length; i += 3) cx.emit(OP.EaIndex, steps[i]!, steps[i + 1]!, steps[i + 2]!);
  cx.emit(OP.EaCheck, place.info.size);
}

/** Whether computing the address does more than add to the frame's. */
export function isComputed(place: MemoryPlace): boolean {
  return place.plan === undefined || place.steps.length > 0;
}

/** Emits a pointer to `place` into `d`. */
export function emitPointer(cx: BodyCx, place: Place, d: number): void {
  const plan = cx.plan(place.local);
  const walk: Walk = {
    info: plan.info,
    variant: undefined,
    plan,
    slot: plan.kind === "reg" ? plan.slot : undefined,
    pointer: -1,
    pointerAlign: 1,
    offset: plan.offset,
    steps: [],
  };
  for (const elem of place.projection) project(cx, walk, elem);
  if (walk.plan !== undefined) {
    if (walk.plan.kind !== "mem") throw bug(`the address of _${place.local}, which is in registers`);
    cx.emit(OP.AddrLocal, d, walk.plan.slot, walk.offset);
  } else cx.emit(OP.PtrAdd, d, walk.pointer, walk.offset);
  const { steps } = walk;
  for (let i = 0; i < steps.length; i += 3) cx.emit(OP.PtrIndex, d, d, steps[i]!, steps[i + 1]!, steps[i + 2]!);
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
];

/** Emits loads of all leaves of the value at `ea` into the registers from `d` on. `out`: they are of the callee's frame. */
export function emitLoadLeaves(cx: BodyCx, info: TypeInfo, d: number, out = false): void {
  info.leaves.forEach((leaf, k) => {
    const slot = d + k * SLOT;
    cx.emit(LOADS[leaf.cls]!, out ? cx.outSlot(slot, cx.out.length + 1) : slot, leaf.offset);
    if (leaf.cls === Cls.REF) emitPointee(cx, leaf.ty);
  });
}

/** Emits stores of registers from `a` on to the leaves of the value at `ea`, `base` bytes further. */
export function emitStoreLeaves(cx: BodyCx, info: TypeInfo, a: number, base = 0): void {
  info.leaves.forEach((leaf, k) => {
    cx.emit(STORES[leaf.cls]!, a + k * SLOT, base + leaf.offset);
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
      leaf.cls === Cls.REF ? OP.MovRef : leaf.cls >= Cls.PTR || words === 4 ? OP.Mov4 : words === 2 ? OP.Mov2 : OP.MovW;
    const at = cx.out.length;
    cx.emit(op, options.outTo ? cx.outSlot(to, at + 1) : to, options.outFrom ? cx.outSlot(from, at + 2) : from);
    if (op === OP.MovRef) emitPointee(cx, leaf.ty);
  });
}
