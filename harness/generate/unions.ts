/**
 * Actions on unions: what was written read back, or its bytes seen as another field's; a union with a tag beside it.
 */

import {
  type AdtDef,
  bug,
  DEFAULT_REPR,
  type Local,
  TY_BOOL,
  TY_I16,
  TY_I32,
  TY_I64,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  type Ty,
  type TyOf,
} from "../../codegen/index.ts";
import { accumulator, at, copyAt, deliver, fieldElem, ifThenElse, mixScalar } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { condition, copyOf, moveOf, newValue, operand, placeOf, reusable, temp, use } from "./operands.ts";
import { mixPlace } from "./values.ts";

/** Sets of types of one size, of which any bits are valid. */
function families(cx: FnCx): readonly (readonly Ty[])[] {
  const { tcx } = cx.types;
  return [
    [TY_U32, TY_I32, tcx.array(TY_U8, 4), tcx.array(TY_U16, 2), tcx.tuple([TY_U16, TY_I16])],
    [TY_U64, TY_I64, tcx.array(TY_U8, 8), tcx.array(TY_U32, 2), tcx.tuple([TY_I32, TY_U32])],
    [TY_U16, TY_I16, tcx.array(TY_U8, 2)],
  ];
}

/** One of the program's unions, or a new one; `ty` and the types of its fields. */
export function union(cx: FnCx): { ty: TyOf<"adt">; fields: readonly Ty[] } {
  const { items } = cx.program;
  const known = items.known<{ ty: TyOf<"adt">; fields: readonly Ty[] }>("unions");
  if (known.length >= 3 || (known.length > 0 && cx.rng.chance(50))) return cx.rng.pick(known);
  const name = items.name("U");
  const family = cx.rng.pick(families(cx));
  const fields = family.slice(0, cx.rng.between(2, family.length));
  const repr = cx.rng.pick([
    DEFAULT_REPR,
    { ...DEFAULT_REPR, c: true },
    { ...DEFAULT_REPR, packed: 1 },
    { ...DEFAULT_REPR, align: 16 },
  ]);
  const def: AdtDef = {
    name,
    adtKind: "union",
    generics: [],
    variants: [{ name, ctor: "named", fields: fields.map((ty, i) => ({ name: `f${i}`, ty })), discriminant: 0n }],
    repr,
    explicitDiscriminants: false,
    prelude: false,
  };
  const ty = cx.types.tcx.adt(def);
  if (ty.kind !== "adt") throw bug("a union that is no adt");
  const made = { ty, fields };
  known.push(made);
  return made;
}

/** A local of union type whose field `active` is set. */
export function newUnion(cx: FnCx, ty: TyOf<"adt">, fields: readonly Ty[], active: number): Local {
  return temp(cx, ty, {
    kind: "aggregate",
    aggregate: { kind: "adt", ty, def: ty.def, variant: 0, activeField: active },
    operands: [reusable(cx, fields[active]!)],
  });
}

/** Writes one field, maybe a part of another, and reads a third. */
export function unionPun(cx: FnCx): void {
  const { ty, fields } = union(cx);
  const held = newUnion(cx, ty, fields, cx.rng.below(fields.length));
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  // Copies of a union keep every byte.
  const copy = temp(cx, ty, use(cx.rng.chance(50) ? copyOf(held) : moveOf(held)));
  if (cx.rng.chance(60)) {
    const i = cx.rng.below(fields.length);
    const part = fields[i]!;
    const place = at(copy, fieldElem(i, part));
    if (part.kind === "array") {
      const element = {
        kind: "constantIndex",
        offset: cx.rng.below(part.length),
        minLength: part.length,
        fromEnd: false,
      } as const;
      cx.assign(at(copy, fieldElem(i, part), element), use(operand(cx, part.element)));
    } else if (part.kind === "tuple")
      cx.assign(at(copy, fieldElem(i, part), fieldElem(0, part.fields[0]!)), use(operand(cx, part.fields[0]!)));
    else cx.assign(place, use(operand(cx, part)));
  }
  const i = cx.rng.below(fields.length);
  mixPlace(cx, acc, word, at(copy, fieldElem(i, fields[i]!)), fields[i]!);
  if (cx.rng.chance(50)) {
    const k = cx.rng.below(fields.length);
    const value = temp(cx, fields[k]!, use(copyAt(copy, fieldElem(k, fields[k]!))));
    cx.define(value, fields[k]!);
  }
  deliver(cx, acc, word);
}

/** `(tag, union)`: the tag says which field is there, also of fields of different sizes. */
export function unionVariant(cx: FnCx): void {
  const { tcx } = cx.types;
  const { items } = cx.program;
  const known = items.known<{ ty: TyOf<"adt">; fields: readonly Ty[] }>("tagged unions");
  if (known.length === 0 || (known.length < 2 && cx.rng.chance(30))) {
    const name = items.name("V");
    const fields = [cx.types.scalar(), cx.types.any(60)];
    const ty = tcx.adt({
      name,
      adtKind: "union",
      generics: [],
      variants: [{ name, ctor: "named", fields: fields.map((f, i) => ({ name: `f${i}`, ty: f })), discriminant: 0n }],
      repr: cx.rng.chance(50) ? { ...DEFAULT_REPR, c: true } : DEFAULT_REPR,
      explicitDiscriminants: false,
      prelude: false,
    }) as TyOf<"adt">;
    known.push({ ty, fields });
  }
  const { ty, fields } = cx.rng.pick(known);
  const tagged = tcx.tuple([TY_BOOL, ty]);
  const held = cx.newLocal(tagged);
  const cond = temp(cx, TY_BOOL, use(condition(cx)));
  const fill = (active: number): void => {
    const value = cx.types.info(fields[active]!).isScalar
      ? use(reusable(cx, fields[active]!))
      : newValue(cx, fields[active]!);
    cx.assign(at(held, fieldElem(1, ty), fieldElem(active, fields[active]!)), value);
  };
  cx.assign(at(held, fieldElem(0, TY_BOOL)), use(copyOf(cond)));
  ifThenElse(
    cx,
    copyOf(cond),
    () => fill(1),
    () => fill(0),
  );
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  const moved = temp(cx, tagged, use(moveOf(held)));
  ifThenElse(
    cx,
    copyAt(moved, fieldElem(0, TY_BOOL)),
    () => mixPlace(cx, acc, word, at(moved, fieldElem(1, ty), fieldElem(1, fields[1]!)), fields[1]!),
    () => mixScalar(cx, acc, word, copyAt(moved, fieldElem(1, ty), fieldElem(0, fields[0]!)), fields[0]!),
  );
  deliver(cx, acc, word);
  cx.assign(placeOf(cond), use(operand(cx, TY_BOOL)));
}
