/**
 * Where references are retagged: on entry of a function (protected), where they are made, and where they are copied or returned.
 *
 * Sources: rustc_mir_transform/src/add_retag.rs; Miri's `src/borrow_tracker/mod.rs`.
 */

import type { Place, Rvalue } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import type { RetagPointer, RetagShape } from "./borrow-tracker/retag.ts";
import type { BodyCx } from "./compile-body.ts";
import { SLOT } from "./frame.ts";
import { globalBoxContent } from "./global-box.ts";
import { OP } from "./opcodes.ts";
import { emitAddress, resolvePlace } from "./place.ts";
import type { TypeInfo, TypeTable } from "./type-info.ts";

/** One pointer that is retagged, as code knows it by number. */
export interface RetagSite {
  readonly pointer: RetagPointer;
  readonly pointee: Ty;
  readonly twoPhase: boolean;
  /** Made when the retag is first executed. */
  plan?: RetagPlan;
}

/** What is the same at all executions of a retag. */
export interface RetagPlan {
  readonly pointee: TypeInfo;
  /** In bytes; -1 when the metadata says it. */
  readonly size: number;
  /** Of a slice, the size of an element; else -1. */
  readonly stride: number;
  /** Nothing when the vtable says it. */
  readonly shape: RetagShape | undefined;
}

/** A pointer in a flat value. */
export interface FlatRetag extends RetagSite {
  readonly leaf: number;
}

const NONE: readonly FlatRetag[] = [];
const flatRetags = new WeakMap<TypeInfo, readonly FlatRetag[]>();

/** The pointers in a flat value that retagging is about: references and boxes, not raw pointers. */
export function retagsOf(table: TypeTable, info: TypeInfo): readonly FlatRetag[] {
  let known = flatRetags.get(info);
  if (known === undefined) {
    known = findRetags(table, info);
    flatRetags.set(info, known);
  }
  return known;
}

function findRetags(table: TypeTable, { ty, leaves }: TypeInfo): readonly FlatRetag[] {
  if (ty.kind === "ref") return [flatRetag(ty.mutability === "mut" ? "mutable" : "shared", ty.pointee)];
  if (leaves.length === 0 || mayDangle(ty)) return NONE;
  const content = globalBoxContent(ty);
  if (content !== undefined) return [flatRetag("box", content)];
  const found: FlatRetag[] = [];
  let leaf = 0;
  for (const fieldTy of table.fieldTysOf(ty)) {
    const field = table.of(fieldTy);
    for (const retag of retagsOf(table, field)) found.push({ ...retag, leaf: retag.leaf + leaf });
    leaf += field.leaves.length;
  }
  return found.length === 0 ? NONE : found;
}

/** What is in a `MaybeDangling`, as that in `ManuallyDrop` is, is never retagged. */
function mayDangle(ty: Ty): boolean {
  return ty.kind === "adt" && (ty.def.lang === "manually_drop" || ty.def.name.endsWith("::MaybeDangling"));
}

function flatRetag(pointer: RetagPointer, pointee: Ty): FlatRetag {
  return { leaf: 0, pointer, pointee, twoPhase: false };
}

const referencing = new WeakMap<TypeInfo, boolean>();

/** Whether a value of `info` may have references or boxes in it that a retag is about. */
export function mayContainReference(table: TypeTable, info: TypeInfo): boolean {
  let known = referencing.get(info);
  if (known === undefined) {
    known = findReference(table, info);
    referencing.set(info, known);
  }
  return known;
}

function findReference(table: TypeTable, info: TypeInfo): boolean {
  const { ty } = info;
  if (info.repr === "zst" || mayDangle(ty)) return false;
  if (info.repr === "flat") return retagsOf(table, info).length > 0;
  if (ty.kind === "array") return mayContainReference(table, table.of(ty.element));
  if (ty.kind === "adt" && ty.def.adtKind === "union") return false;
  if (ty.kind === "adt" && ty.def.adtKind === "enum")
    return ty.def.variants.some((_, v) =>
      table.cx.variantFieldTys(ty, v).some((field) => mayContainReference(table, table.of(field))),
    );
  return table.fieldTysOf(ty).some((field) => mayContainReference(table, table.of(field)));
}

/** Whether the value that `rvalue` gives is retagged when it is assigned. Borrows retag by themselves. */
function isRetagged(cx: BodyCx, rvalue: Rvalue): boolean {
  if (rvalue.kind === "ref" || rvalue.kind === "rawPtr") return false;
  if (rvalue.kind === "use") return cx.prepared.retagTypedCopies && !isDerefTemporary(cx, rvalue);
  return rvalue.kind === "cast" || rvalue.kind === "aggregate" || rvalue.kind === "repeat";
}

/**
 * Whether an assignment only splits a place with several dereferences into two: rustc's `Derefer` makes them, as `deref_copy` in older dumps.
 * Newer ones have a plain copy: of a unique pointer that is in a place, which no copy of the source language is.
 */
function isDerefTemporary(cx: BodyCx, rvalue: Extract<Rvalue, { kind: "use" }>): boolean {
  const { operand } = rvalue;
  if (rvalue.spelling !== undefined) return true;
  if (operand.kind !== "copy" || operand.place.projection.length === 0) return false;
  const info = cx.operandInfo(operand);
  return info.repr === "flat" && retagsOf(cx.prepared.table, info).some(({ pointer }) => pointer !== "shared");
}

/** Emits what assigning `rvalue` to `place` retags. */
export function emitRetagAssigned(cx: BodyCx, place: Place, rvalue: Rvalue): void {
  if (cx.prepared.aliasing !== "none" && isRetagged(cx, rvalue)) emitRetagPlace(cx, place);
}

/** Emits the retag of what is in `place`, unless that is behind a pointer. */
export function emitRetagPlace(cx: BodyCx, place: Place): void {
  if (cx.prepared.aliasing === "none" || place.projection[0]?.kind === "deref") return;
  const resolved = resolvePlace(cx, place);
  if (resolved.kind === "zst" || !mayContainReference(cx.prepared.table, resolved.info)) return;
  if (resolved.kind === "reg") {
    emitRetagRegisters(cx, resolved.info, resolved.slot, false);
    return;
  }
  emitAddress(cx, resolved);
  cx.emit(OP.RetagMem, resolved.info.index, 0);
}

/** Emits the retag of the flat value in the registers from `slot` on. */
export function emitRetagRegisters(cx: BodyCx, info: TypeInfo, slot: number, isProtected: boolean): void {
  for (const { leaf, pointer, pointee } of retagsOf(cx.prepared.table, info))
    emitRetag(cx, slot + leaf * SLOT, { pointer, pointee, twoPhase: false }, isProtected);
}

/** Emits the retag of the pointer in one register (and its metadata in the next). */
export function emitRetag(cx: BodyCx, slot: number, site: RetagSite, isProtected: boolean): void {
  cx.emit(OP.Retag, slot, cx.prepared.retagSite(site), isProtected ? 1 : 0);
}
