/**
 * Actions on tuples, structs, arrays and enums, and transmutes between values of one size.
 */

import {
  DUMMY_SP,
  discriminantTy,
  type Local,
  type Place,
  type PlaceElem,
  TY_BOOL,
  TY_CHAR,
  TY_F32,
  TY_F64,
  TY_I8,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  TY_U128,
  TY_USIZE,
  type Ty,
  type TyOf,
} from "../../codegen/index.ts";
import { constInt, SCALAR_TYPES, scalarBits } from "./constants.ts";
import { canRead, canWrite, type Entry, type FnCx } from "./fn-cx.ts";
import {
  binary,
  bounded,
  cast,
  copyOf,
  localOf,
  masked,
  moveOf,
  newValue,
  newVariant,
  operand,
  placeOf,
  reusable,
  store,
  temp,
  use,
  variable,
} from "./operands.ts";
import { assertThat, cast_ } from "./scalars.ts";
import type { TypeInfo } from "./types.ts";

/** `place` with more projections. */
export function project(place: Place, ...elems: readonly PlaceElem[]): Place {
  return { local: place.local, projection: [...place.projection, ...elems] };
}

/** A new variable of aggregate type, built at once or part by part. */
export function makeAggregate(cx: FnCx): void {
  if (cx.types.aggregates.length === 0) {
    cast_(cx);
    return;
  }
  const { ty } = cx.rng.pick(cx.types.aggregates);
  const local = cx.newScopedLocal(ty);
  if (!cx.rng.chance(30) || !buildInParts(cx, local, ty)) cx.assign(placeOf(local), newValue(cx, ty));
  cx.define(local, ty);
}

/** Initialises `local` part by part; false when the type has no parts to do so. */
function buildInParts(cx: FnCx, local: Local, ty: Ty): boolean {
  const field = (index: number, fieldTy: Ty, ...before: readonly PlaceElem[]): void => {
    const value = operand(cx, fieldTy);
    cx.assign({ local, projection: [...before, { kind: "field", index, ty: fieldTy }] }, use(value));
  };
  if (ty.kind === "tuple" && ty.fields.length > 0) {
    for (const [i, f] of ty.fields.entries()) field(i, f);
    return true;
  }
  if (ty.kind === "array" && ty.length <= 8) {
    for (let offset = 0; offset < ty.length; offset++) {
      const value = operand(cx, ty.element);
      cx.assign(
        { local, projection: [{ kind: "constantIndex", offset, minLength: ty.length, fromEnd: false }] },
        use(value),
      );
    }
    return true;
  }
  if (ty.kind !== "adt") return false;
  if (ty.def.adtKind === "struct") {
    for (const [i, f] of cx.types.tcx.fieldTys(ty, 0).entries()) field(i, f);
    return true;
  }
  const variant = cx.rng.below(ty.def.variants.length);
  const downcast: PlaceElem = { kind: "downcast", variant, name: ty.def.variants[variant]!.name };
  for (const [i, f] of cx.types.tcx.fieldTys(ty, variant).entries()) field(i, f, downcast);
  cx.statement({ kind: "setDiscriminant", place: placeOf(local), variant, span: DUMMY_SP });
  return true;
}

/** A readable entry of some aggregate type of the program. */
function aggregateEntry(cx: FnCx, among: readonly TypeInfo[], fits: (entry: Entry) => boolean): Entry | undefined {
  for (let tries = 0; tries < 3 && among.length > 0; tries++) {
    const entry = cx.choose(cx.rng.pick(among), fits);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

export function copyAggregate(cx: FnCx): void {
  const entry = aggregateEntry(cx, cx.types.aggregates, canRead);
  if (entry === undefined) {
    makeAggregate(cx);
    return;
  }
  entry.v.uses++;
  store(cx, entry.info.ty, use(entry.copy));
}

/** A new value for an aggregate, or a part of one, that is there. */
export function overwrite(cx: FnCx): void {
  const entry = aggregateEntry(cx, cx.types.aggregates, canWrite);
  if (entry === undefined) {
    makeAggregate(cx);
    return;
  }
  const { ty } = entry.info;
  cx.assign(entry.place, use(moveOf(temp(cx, ty, newValue(cx, ty)))));
  entry.v.uses = 0;
}

/** An index below the length of an array, in a local: masked, or checked by an assertion as rustc does. */
export function indexLocal(cx: FnCx, length: number): Local {
  const { rng } = cx;
  const risky = rng.chance(cx.drawn.policy.chances.assertion);
  const value = risky ? variable(cx, TY_USIZE) : bounded(cx, TY_USIZE, length);
  const index = localOf(cx, TY_USIZE, value);
  if (risky || rng.chance(30)) {
    const inside = temp(cx, TY_BOOL, binary("Lt", copyOf(index), constInt(TY_USIZE, length)));
    assertThat(cx, moveOf(inside), true, {
      kind: "boundsCheck",
      length: constInt(TY_USIZE, length),
      index: copyOf(index),
    });
  }
  return index;
}

export function indexRead(cx: FnCx): void {
  const entry = aggregateEntry(cx, cx.types.arrays, canRead);
  if (entry === undefined) {
    makeAggregate(cx);
    return;
  }
  const { element, length } = entry.info.ty as TyOf<"array">;
  entry.v.uses++;
  cx.pinned++;
  const index = indexLocal(cx, length);
  cx.pinned--;
  store(cx, element, use({ kind: "copy", place: project(entry.place, { kind: "index", local: index }) }));
}

export function indexWrite(cx: FnCx): void {
  const entry = aggregateEntry(cx, cx.types.arrays, canWrite);
  if (entry === undefined) {
    makeAggregate(cx);
    return;
  }
  const { element, length } = entry.info.ty as TyOf<"array">;
  cx.pinned++;
  const index = indexLocal(cx, length);
  const value = reusable(cx, element);
  const plainValue = cx.types.info(element).isScalar ? value : moveOf(temp(cx, element, use(value)));
  cx.pinned--;
  cx.assign(project(entry.place, { kind: "index", local: index }), use(plainValue));
}

/** Another variant for an enum that is there. */
export function enumUpdate(cx: FnCx): void {
  const entry = aggregateEntry(cx, cx.types.enums, canWrite);
  if (entry === undefined) {
    makeAggregate(cx);
    return;
  }
  const ty = entry.info.ty as TyOf<"adt">;
  const variant = cx.rng.below(ty.def.variants.length);
  entry.v.uses = 0;
  if (ty.def.variants[variant]!.fields.length === 0) {
    cx.statement({ kind: "setDiscriminant", place: entry.place, variant, span: DUMMY_SP });
    return;
  }
  cx.assign(entry.place, use(moveOf(temp(cx, ty, newVariant(cx, ty, variant)))));
}

/** A readable entry of some enum, for a match. */
export function enumEntry(cx: FnCx): Entry | undefined {
  return aggregateEntry(cx, cx.types.enums, canRead);
}

/** Integers of one width, signed and unsigned. */
function sameWidth(ty: Ty): Ty {
  const bits = scalarBits(ty);
  const other = SCALAR_TYPES.filter(
    (t) => (t.kind === "int" || t.kind === "uint") && t !== ty && scalarBits(t) === bits,
  );
  return other[0]!;
}

export function transmute(cx: FnCx): void {
  const { rng } = cx;
  const { tcx } = cx.types;
  switch (rng.below(10)) {
    case 0: // the other signedness
    case 1: {
      const from = cx.types.int();
      const to = sameWidth(from);
      store(cx, to, cast("Transmute", variable(cx, from), to));
      return;
    }
    case 2: // any bits are a float
      {
        rng.chance(50)
          ? store(cx, TY_F32, cast("Transmute", variable(cx, TY_U32), TY_F32))
          : store(cx, TY_F64, cast("Transmute", variable(cx, TY_U64), TY_F64));
        return;
      }
    case 3: {
      // a float that is no NaN, to its bits
      const [float, bits] = rng.chance(50) ? [TY_F32, TY_U32] : [TY_F64, TY_U64];
      const value = temp(cx, float, cast("IntToFloat", variable(cx, cx.types.int()), float));
      store(cx, bits, cast("Transmute", moveOf(value), bits));
      return;
    }
    case 4:
    case 5: {
      // an integer as an array of smaller ones, and back
      const [whole, part] = rng.pick([
        [TY_U32, TY_U8],
        [TY_U64, TY_U32],
        [TY_U128, TY_U64],
        [TY_U128, TY_U8],
        [TY_U64, TY_U16],
        [TY_U16, TY_U8],
      ] as const);
      const array = tcx.array(part, scalarBits(whole) / scalarBits(part));
      if (rng.chance(60)) {
        const made = temp(cx, array, cast("Transmute", variable(cx, whole), array));
        const at = rng.below((array as TyOf<"array">).length);
        store(
          cx,
          part,
          use({
            kind: "copy",
            place: {
              local: made,
              projection: [
                { kind: "constantIndex", offset: at, minLength: (array as TyOf<"array">).length, fromEnd: false },
              ],
            },
          }),
        );
        return;
      }
      store(cx, whole, cast("Transmute", reusable(cx, array), whole));
      return;
    }
    case 6: // char and bool to the integer that holds them
      {
        rng.chance(50)
          ? store(cx, TY_U32, cast("Transmute", variable(cx, TY_CHAR), TY_U32))
          : store(cx, TY_U8, cast("Transmute", variable(cx, TY_BOOL), TY_U8));
        return;
      }
    case 7: // and back, masked to valid values
      {
        rng.chance(50)
          ? store(cx, TY_BOOL, cast("Transmute", moveOf(masked(cx, variable(cx, TY_U8), TY_U8, 1)), TY_BOOL))
          : store(cx, TY_CHAR, cast("Transmute", moveOf(masked(cx, variable(cx, TY_U32), TY_U32, 15)), TY_CHAR));
        return;
      }
    default: {
      transmuteEnum(cx);
      return;
    }
  }
}

/** A fieldless enum to its tag; an `Ordering` when the program has none. */
function transmuteEnum(cx: FnCx): void {
  for (const info of cx.types.enums) {
    const ty = info.ty as TyOf<"adt">;
    if (ty.def.repr.int === undefined || ty.def.variants.some((v) => v.fields.length > 0)) continue;
    const tag = discriminantTy(ty);
    store(cx, tag, cast("Transmute", reusable(cx, ty), tag));
    return;
  }
  const ordering = cx.types.tcx.adt(cx.types.ordering);
  store(cx, TY_I8, cast("Transmute", reusable(cx, ordering), TY_I8));
}
