/**
 * Types of Rust's library that layout treats apart, or that are made of those, as `AdtDef`s: `Box`, `NonNull`, `NonZero`, cells, … Their
 * fields are those of the library; `no-core-library.ts` tells the same in Rust.
 */

import type { TraitDef, TraitLang } from "../../mir/items.ts";
import {
  type AdtDef,
  type AdtLang,
  DEFAULT_REPR,
  type FieldDef,
  type ReprOptions,
  TY_ISIZE,
  TY_UNIT,
  type Ty,
  type TyCtxt,
} from "../../mir/ty.ts";
import { DUMMY_SP } from "../../session/diagnostic.ts";

/** A trait without items. */
export function emptyTrait(name: string, lang?: TraitLang): TraitDef {
  const base = {
    kind: "trait",
    name,
    generics: ["Self"],
    predicates: [],
    supertraits: [],
    fns: [],
    assocTypes: [],
    assocConsts: [],
    prelude: true,
    span: DUMMY_SP,
  } as const;
  return lang === undefined ? base : { ...base, lang };
}

export const META_SIZED: TraitDef = emptyTrait("std::marker::MetaSized", "meta_sized");
export const SEND: TraitDef = emptyTrait("std::marker::Send", "auto");

const TRANSPARENT: ReprOptions = { ...DEFAULT_REPR, transparent: true };
const NOT_ZERO = { start: 1n, end: (1n << 128n) - 1n };

/** The types, by the last part of their path. All have one parameter, `T`. */
export type LibraryTypes = Readonly<Record<LibraryName, AdtDef>>;
export type LibraryName =
  | "PhantomData"
  | "NonNull"
  | "NonZero"
  | "UnsafeCell"
  | "Cell"
  | "RefCell"
  | "ManuallyDrop"
  | "MaybeUninit"
  | "Box";

export function libraryTypes(tcx: TyCtxt): LibraryTypes {
  const t = tcx.param(0, "T");
  const struct = (
    name: string,
    fieldTys: Readonly<Record<string, Ty>>,
    options: { repr?: ReprOptions; lang?: AdtLang; sized?: boolean; union?: boolean } = {},
  ): AdtDef => {
    const fields = Object.entries(fieldTys).map(([field, ty]): FieldDef => ({ name: field, ty }));
    const variant = name.slice(name.lastIndexOf(":") + 1);
    const def: AdtDef = {
      name,
      adtKind: options.union === true ? "union" : "struct",
      generics: ["T"],
      predicates: options.sized === true ? [] : [{ kind: "trait", ref: { trait: META_SIZED, args: [t] } }],
      variants: [{ name: variant, ctor: "named", fields, discriminant: 0n }],
      repr: options.repr ?? DEFAULT_REPR,
      explicitDiscriminants: false,
      prelude: true,
    };
    return options.lang === undefined ? def : { ...def, lang: options.lang };
  };
  const of = (def: AdtDef): Ty => tcx.adt(def, [t]);

  const phantom = struct("std::marker::PhantomData", {}, { lang: "phantom_data" });
  const nonNull = struct(
    "std::ptr::NonNull",
    { pointer: tcx.ptr("not", t) },
    { repr: { ...TRANSPARENT, validRange: NOT_ZERO } },
  );
  const unique = struct("std::ptr::Unique", { pointer: of(nonNull), _marker: of(phantom) }, { repr: TRANSPARENT });
  const unsafeCell = struct("std::cell::UnsafeCell", { value: t }, { repr: TRANSPARENT, lang: "unsafe_cell" });
  const cell = struct("std::cell::Cell", { value: of(unsafeCell) }, { repr: TRANSPARENT });
  const manuallyDrop = struct("std::mem::ManuallyDrop", { value: t }, { repr: TRANSPARENT, lang: "manually_drop" });
  return {
    PhantomData: phantom,
    NonNull: nonNull,
    NonZero: struct("std::num::NonZero", { 0: t }, { repr: { ...TRANSPARENT, validRange: NOT_ZERO }, sized: true }),
    UnsafeCell: unsafeCell,
    Cell: cell,
    RefCell: struct("std::cell::RefCell", { borrow: tcx.adt(cell, [TY_ISIZE]), value: of(unsafeCell) }),
    ManuallyDrop: manuallyDrop,
    MaybeUninit: struct(
      "std::mem::MaybeUninit",
      { uninit: TY_UNIT, value: of(manuallyDrop) },
      {
        repr: TRANSPARENT,
        lang: "maybe_uninit",
        sized: true,
        union: true,
      },
    ),
    Box: struct("std::boxed::Box", { 0: of(unique), 1: TY_UNIT }, { lang: "owned_box" }),
  };
}
