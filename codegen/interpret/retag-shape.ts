/**
 * The shapes of retags: what types say of the permissions that a pointer gets, made once per kind of pointer and pointee.
 *
 * Sources: rustc's `AddRetag`, Miri's `NewPermission`.
 */

import { fieldOffset, forVariant } from "../layout/layout.ts";
import type { Ty } from "../mir/ty.ts";
import { isFreeze, isUnpin } from "../traits/predicates.ts";
import type { TraitCx } from "../traits/trait-cx.ts";
import type { ByteRange, RetagPointer, RetagShape } from "./borrow-tracker/retag.ts";
import type { TypeInfo, TypeTable } from "./type-info.ts";

/** More cells than this in an array, and all of it counts as one. */
const MOST_CELLS = 1024;

export class RetagShapes {
  private readonly traits: TraitCx;
  private readonly table: TypeTable;
  private readonly known = new Map<string, Map<Ty, RetagShape>>();
  /** Shapes by the same with an `Unpin` pointee. */
  private readonly pinned = new Map<RetagShape, RetagShape>();

  constructor(traits: TraitCx, table: TypeTable) {
    this.traits = traits;
    this.table = table;
  }

  /** The shape of a pointer to `pointee`, a type that may end in a slice, but in no `dyn`. */
  of(pointer: RetagPointer, pointee: Ty, twoPhase: boolean): RetagShape {
    const key = twoPhase ? `${pointer} two-phase` : pointer;
    let shapes = this.known.get(key);
    if (shapes === undefined) {
      shapes = new Map();
      this.known.set(key, shapes);
    }
    let shape = shapes.get(pointee);
    if (shape === undefined) {
      shape = this.make(pointer, pointee, twoPhase);
      shapes.set(pointee, shape);
    }
    return shape;
  }

  /**
   * The shape of a pointer to the trait object type `object`, whose value is a `pointee`. Where cells are is asked of the value, but whether it may be moved
   * of the object's type, which few are `Unpin` by: most unique references to trait objects are not unique to the model.
   */
  ofObject(pointer: RetagPointer, object: Ty, pointee: Ty, twoPhase: boolean): RetagShape {
    const shape = this.of(pointer, pointee, twoPhase);
    if (!shape.unpin || isUnpin(this.traits, object)) return shape;
    let pinned = this.pinned.get(shape);
    if (pinned === undefined) {
      pinned = { ...shape, unpin: false };
      this.pinned.set(shape, pinned);
    }
    return pinned;
  }

  private make(pointer: RetagPointer, pointee: Ty, twoPhase: boolean): RetagShape {
    const freeze = isFreeze(this.traits, pointee);
    const base = { pointer, twoPhase, freeze, unpin: isUnpin(this.traits, pointee) };
    if (freeze) return { ...base, cells: [] };
    const info = this.table.of(pointee);
    const cells: ByteRange[] = [];
    this.collect(info, 0, cells);
    const tail = this.tailOf(info);
    return { ...base, cells: merged(cells), ...(tail === undefined ? {} : { tail }) };
  }

  /** Adds the cells of the sized part of `info` at `at`. */
  private collect(info: TypeInfo, at: number, cells: ByteRange[]): void {
    const { ty } = info;
    if (isFreeze(this.traits, ty)) return;
    const whole = (): void => {
      if (info.size > 0) cells.push({ start: at, end: at + info.size });
    };
    if (ty.kind === "adt" && (ty.def.lang === "unsafe_cell" || ty.def.adtKind === "union")) {
      whole();
      return;
    }
    if (ty.kind === "array") {
      const element = this.table.of(ty.element);
      if (ty.length > MOST_CELLS) whole();
      else for (let i = 0; i < ty.length; i++) this.collect(element, at + i * element.size, cells);
      return;
    }
    if (ty.kind === "adt" && ty.def.adtKind === "enum") {
      const { cx } = this.table;
      const { variants } = info.layout;
      if (variants.kind !== "single") {
        // Which bytes are in a cell depends on the variant: Miri takes all of the enum.
        whole();
        return;
      }
      const { layout } = forVariant(cx, { ty, layout: info.layout }, variants.index);
      cx.variantFieldTys(ty, variants.index).forEach((field, i) => {
        this.collect(this.table.of(field), at + fieldOffset(layout, i), cells);
      });
      return;
    }
    const tys = this.table.fieldTysOf(ty);
    tys.forEach((field, i) => {
      const part = this.table.of(field);
      if (part.repr !== "unsized" || part.ty.kind === "adt" || part.ty.kind === "tuple")
        this.collect(part, at + fieldOffset(info.layout, i), cells);
    });
  }

  private tailOf(info: TypeInfo): RetagShape["tail"] {
    let at = 0;
    let current = info;
    for (;;) {
      const { ty } = current;
      if (ty.kind === "slice") {
        const element = this.table.of(ty.element);
        const cells: ByteRange[] = [];
        this.collect(element, 0, cells);
        return { start: at, stride: element.size, cells: merged(cells) };
      }
      const tys = this.table.fieldTysOf(ty);
      const last = tys.length - 1;
      if (current.repr !== "unsized" || last < 0) return undefined;
      at += fieldOffset(current.layout, last);
      current = this.table.of(tys[last]!);
    }
  }
}

/** Ascending and disjoint. */
function merged(cells: readonly ByteRange[]): readonly ByteRange[] {
  const sorted = [...cells].sort((a, b) => a.start - b.start);
  const out: { start: number; end: number }[] = [];
  for (const cell of sorted) {
    const last = out[out.length - 1];
    if (last !== undefined && cell.start <= last.end) last.end = Math.max(last.end, cell.end);
    else out.push({ ...cell });
  }
  return out;
}
