/**
 * Where references are retagged: on entry of a function (protected), where they are made, and where they are copied or returned.
 *
 * Sources: rustc_mir_transform/src/add_retag.rs; Miri's `src/borrow_tracker/mod.rs`.
 */

import type { Place, Rvalue } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import type { RetagPointer } from "./borrow-tracker/retag.ts";
import type { BodyCx } from "./compile-body.ts";
import { SLOT } from "./frame.ts";
import { OP } from "./opcodes.ts";
import { emitAddress, resolvePlace } from "./place.ts";
import type { TypeInfo, TypeTable } from "./type-info.ts";

/** One pointer that is retagged, as code knows it by number. */
export interface RetagSite {
  readonly pointer: RetagPointer;
  readonly pointee: Ty;
  readonly twoPhase: boolean;
}

/** A pointer in a flat value. */
export interface FlatRetag {
  readonly leaf: number;
  readonly pointer: RetagPointer;
  readonly pointee: Ty;
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
  if (ty.kind === "ref")
    return [{ leaf: 0, pointer: ty.mutability === "mut" ? "mutable" : "shared", pointee: ty.pointee }];
  if (leaves.length === 0) return NONE;
  const content = ty.kind === "adt" && ty.def.lang === "owned_box" ? ty.args[0] : undefined;
  if (content !== undefined) return [{ leaf: 0, pointer: "box", pointee: content }];
  const found: FlatRetag[] = [];
  let leaf = 0;
  for (const fieldTy of table.fieldTysOf(ty)) {
    const field = table.of(fieldTy);
    for (const retag of retagsOf(table, field)) found.push({ ...retag, leaf: retag.leaf + leaf });
    leaf += field.leaves.length;
  }
  return found.length === 0 ? NONE : found;
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
  if (info.repr === "zst") return false;
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
  if (rvalue.kind === "use") return cx.prepared.retagTypedCopies && rvalue.spelling === undefined;
  return rvalue.kind === "cast" || rvalue.kind === "aggregate" || rvalue.kind === "repeat";
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
