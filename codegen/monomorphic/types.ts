/**
 * Monomorphic types: every instance of a definition becomes a definition of its own, with the same fields in the same order, the same attributes
 * and so the same layout.
 *
 * Closures and functions as values become structs, `dyn` types get traits of their own (`object-traits.ts`). What the compiler knows about becomes
 * core's own, whether the program has it from the prelude or brings it. A struct of which some instance may have no size is laid out otherwise than one
 * that always has one, so its definition stays generic, in the type of its last field alone.
 */

import { bug } from "../entity/entity.ts";
import { hasPublicFields } from "../mir/custom-mir/rust-names.ts";
import { UnsupportedError } from "../mir/custom-mir/support.ts";
import { foldParts } from "../mir/fold.ts";
import type { Predicate, TraitDef } from "../mir/items.ts";
import { type AdtDef, type AdtLang, DEFAULT_REPR, type FieldDef, TY_UNIT, type Ty, type TyOf } from "../mir/ty.ts";
import { dropImpl } from "../traits/predicates.ts";
import { normalizedFieldTys, upvarTys } from "../traits/struct-tail.ts";
import { principalRef } from "../traits/vtable.ts";
import type { MonomorphicCx } from "./cx.ts";
import { lastSegment } from "./names.ts";
import { newTrait } from "./new-trait.ts";
import { objectTrait } from "./object-traits.ts";

/** What `ty`, which has no parameters, is in the monomorphic program. */
export function monoTy(cx: MonomorphicCx, ty: Ty): Ty {
  const known = cx.tys.get(ty);
  if (known !== undefined) return known;
  // Recursive types are set before their fields are looked at.
  const own = convert(cx, cx.mono.traits.normalize(ty));
  settle(cx, ty, own);
  return own;
}

function settle(cx: MonomorphicCx, ty: Ty, own: Ty): void {
  cx.tys.set(ty, own);
  cx.tys.set(own, own);
}

function convert(cx: MonomorphicCx, ty: Ty): Ty {
  switch (ty.kind) {
    case "adt":
      return convertAdt(cx, ty);
    case "closure":
      return closureStruct(cx, ty);
    case "fndef":
      return newStruct(cx, ty, lastSegment(ty.item.name), []);
    case "dynamic":
      return convertDyn(cx, ty);
    case "param":
    case "alias":
    case "genericArray":
    case "anonConst":
      throw bug(`${ty.text} is not monomorphic`);
    default:
      return foldParts(cx.tcx, ty, (part) => monoTy(cx, part));
  }
}

// ---- definitions

const PARAM: Ty = { kind: "param", index: 0, name: "T", text: "T" };

/** A type of core's with one parameter. */
function coreType(name: string, lang: AdtLang, adtKind: AdtDef["adtKind"], fields: readonly FieldDef[]): AdtDef {
  return {
    name,
    adtKind,
    generics: ["T"],
    lang,
    variants: [{ name, ctor: fields.length === 0 ? "unit" : "named", fields, discriminant: 0n }],
    repr: { ...DEFAULT_REPR, transparent: fields.length > 0 },
    explicitDiscriminants: false,
    prelude: true,
  };
}

const VALUE: FieldDef = { name: "value", ty: PARAM };

/** Core's own of what may also be a program's. */
const CORE_TYPES: ReadonlyMap<AdtLang, AdtDef> = new Map([
  ["unsafe_cell", coreType("std::cell::UnsafeCell", "unsafe_cell", "struct", [VALUE])],
  ["manually_drop", coreType("std::mem::ManuallyDrop", "manually_drop", "struct", [VALUE])],
  [
    "maybe_uninit",
    coreType("std::mem::MaybeUninit", "maybe_uninit", "union", [{ name: "uninit", ty: TY_UNIT }, VALUE]),
  ],
  ["phantom_data", coreType("std::marker::PhantomData", "phantom_data", "struct", [])],
]);

function convertAdt(cx: MonomorphicCx, ty: TyOf<"adt">): Ty {
  const { def } = ty;
  if (def.lang === "owned_box" || def.lang === "unsafe_pinned")
    throw new UnsupportedError(`${def.name} of a core library of its own`);
  const core = def.lang === undefined ? undefined : CORE_TYPES.get(def.lang);
  // What a `PhantomData` is of is nothing to code generation.
  if (core !== undefined) return cx.tcx.adt(core, [core.lang === "phantom_data" ? TY_UNIT : monoTy(cx, ty.args[0]!)]);
  if (def.prelude && (hasPublicFields(def) || isOpaque(def)))
    return cx.tcx.adt(
      def,
      ty.args.map((arg) => monoTy(cx, arg)),
    );
  return def.adtKind === "struct" && cx.layouts.isMaybeUnsized(def) ? tailStruct(cx, ty) : ownDefinition(cx, ty);
}

/** What intrinsics give and take, and nobody looks into. */
function isOpaque({ name }: AdtDef): boolean {
  return /::(?:TypeId|Location|DynMetadata)$/.test(name);
}

/** A definition like that of `ty`, without its variants. */
function emptyCopy(cx: MonomorphicCx, { def }: TyOf<"adt">): AdtDef {
  const { adtKind, repr, explicitDiscriminants } = def;
  const own: AdtDef = {
    name: lastSegment(def.name),
    adtKind,
    generics: [],
    variants: [],
    repr,
    explicitDiscriminants,
    prelude: false,
  };
  cx.adts.push(own);
  return own;
}

function ownDefinition(cx: MonomorphicCx, ty: TyOf<"adt">): Ty {
  const def = emptyCopy(cx, ty);
  const own = cx.tcx.adt(def) as TyOf<"adt">;
  settle(cx, ty, own);
  def.variants = ty.def.variants.map((variant, v) => {
    const tys = normalizedFieldTys(cx.mono.traits, ty, v);
    return { ...variant, fields: variant.fields.map((field, i) => ({ ...field, ty: monoTy(cx, tys[i]!) })) };
  });
  if (dropImpl(cx.mono.traits, ty) !== undefined) cx.work.push({ kind: "drop", ty, own });
  return own;
}

/** The bound that `?Sized` leaves. */
export const META_SIZED: TraitDef = { ...newTrait("std::marker::MetaSized"), lang: "meta_sized", prelude: true };

/** The one parameter of a struct that stays generic: its tail. */
export const TAIL_PARAM = "Tail";

/** An instance of a struct that may have no size: `struct S<Tail: ?Sized> { …, last: Tail }`. */
function tailStruct(cx: MonomorphicCx, ty: TyOf<"adt">): Ty {
  const tys = normalizedFieldTys(cx.mono.traits, ty, 0);
  const before = tys.slice(0, -1);
  const param = cx.tcx.param(0, TAIL_PARAM);
  const drops = dropImpl(cx.mono.traits, ty) !== undefined;
  let def = cx.tailDefs.get(ty.def, before);
  if (def === undefined) {
    const made = { ...emptyCopy(cx, ty), generics: [TAIL_PARAM] };
    cx.adts[cx.adts.length - 1] = made;
    cx.tailDefs.set(ty.def, before, made);
    const variant = ty.def.variants[0]!;
    const fieldTy = (i: number): Ty => (i === before.length ? param : monoTy(cx, before[i]!));
    made.variants = [{ ...variant, fields: variant.fields.map((field, i) => ({ ...field, ty: fieldTy(i) })) }];
    made.predicates = tailPredicates(cx, made, param, drops);
    def = made;
  }
  const own = cx.tcx.adt(def, [monoTy(cx, tys.at(-1)!)]) as TyOf<"adt">;
  if (drops) cx.work.push({ kind: "tailDrop", ty, own });
  return own;
}

function tailPredicates(cx: MonomorphicCx, def: AdtDef, param: Ty, drops: boolean): readonly Predicate[] {
  const unsized: Predicate = { kind: "trait", ref: { trait: META_SIZED, args: [param] } };
  if (!drops) return [unsized];
  const trait = newTrait(`Drop${def.name}`);
  cx.tailDrops.set(def, trait);
  cx.traits.push(trait);
  return [unsized, { kind: "trait", ref: { trait, args: [param] } }];
}

// ---- structs for what has no name

function newStruct(cx: MonomorphicCx, ty: Ty, name: string, fields: readonly Ty[]): Ty {
  const def: AdtDef = {
    name,
    adtKind: "struct",
    generics: [],
    variants: [],
    repr: DEFAULT_REPR,
    explicitDiscriminants: false,
    prelude: false,
  };
  cx.adts.push(def);
  const own = cx.tcx.adt(def);
  settle(cx, ty, own);
  const named = fields.map((field, i) => ({ name: `c${i}`, ty: monoTy(cx, field) }));
  def.variants = [{ name, ctor: fields.length === 0 ? "unit" : "named", fields: named, discriminant: 0n }];
  return own;
}

function closureStruct(cx: MonomorphicCx, ty: TyOf<"closure">): Ty {
  return newStruct(cx, ty, "Closure", upvarTys(cx.mono.traits, ty));
}

function convertDyn(cx: MonomorphicCx, ty: TyOf<"dynamic">): Ty {
  const ref = principalRef(ty, ty);
  if (ref === undefined) throw new UnsupportedError(`${ty.text}, which has no methods`);
  const { def } = objectTrait(cx, ref);
  return cx.tcx.dynamic({ principal: { trait: def, args: [] }, projections: [], autos: [] });
}
