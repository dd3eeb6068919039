/**
 * Types of Rust's library that layout treats apart, or that are made of those, as `AdtDef`s: `Box`, `NonNull`, `NonZero`, cells, … Their
 * fields are those of the library; `NO_CORE_LIBRARY` tells the same in Rust, for targets whose library is not there.
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

const SCALARS = "bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f16 f32 f64 f128".split(" ");
const SIGNED = "i8 i16 i32 i64 i128 isize".split(" ");

/** What a crate without `core` needs, so that types can be defined, and the types above, in a module `std`. */
export const NO_CORE_LIBRARY: string = `#![feature(no_core, lang_items, auto_traits, decl_macro, unboxed_closures, fundamental)]
#![no_core]
#[rustc_builtin_macro] pub macro define_opaque($($tt:tt)*) {}
#[lang = "pointee_sized"] pub trait PointeeSized {}
#[lang = "meta_sized"] pub trait MetaSized: PointeeSized {}
#[lang = "sized"] pub trait Sized: MetaSized {}
#[lang = "copy"] pub trait Copy {}
#[lang = "freeze"] pub unsafe auto trait Freeze {}
#[lang = "bikeshed_guaranteed_no_drop"] pub trait BikeshedGuaranteedNoDrop {}
#[lang = "unpin"] pub auto trait Unpin {}
#[lang = "sync"] pub unsafe auto trait Sync {}
#[lang = "destruct"] pub trait Destruct {}
#[lang = "drop"] pub trait Drop { fn drop(&mut self); }
#[lang = "neg"] pub trait Neg { type Output; fn neg(self) -> Self::Output; }
#[lang = "legacy_receiver"] pub trait LegacyReceiver {}
impl<T: PointeeSized> LegacyReceiver for &T {}
impl<T: PointeeSized> LegacyReceiver for &mut T {}
#[lang = "tuple_trait"] pub trait Tuple {}
#[lang = "fn_once"] #[rustc_paren_sugar] pub trait FnOnce<Args: Tuple> {
  #[lang = "fn_once_output"] type Output;
  extern "rust-call" fn call_once(self, args: Args) -> Self::Output;
}
#[lang = "fn_mut"] #[rustc_paren_sugar] pub trait FnMut<Args: Tuple>: FnOnce<Args> {
  extern "rust-call" fn call_mut(&mut self, args: Args) -> Self::Output;
}
#[lang = "fn"] #[rustc_paren_sugar] pub trait Fn<Args: Tuple>: FnMut<Args> {
  extern "rust-call" fn call(&self, args: Args) -> Self::Output;
}
${SCALARS.map((ty) => `impl Copy for ${ty} {}`).join("\n")}
${SIGNED.map((ty) => `impl Neg for ${ty} { type Output = ${ty}; fn neg(self) -> ${ty} { -self } }`).join("\n")}
impl<T: PointeeSized> Copy for *const T {}
impl<T: PointeeSized> Copy for *mut T {}
impl<T: PointeeSized> Copy for &T {}
pub mod std {
  pub mod marker {
    use crate::*;
    #[lang = "phantom_data"] pub struct PhantomData<T: ?Sized>;
    pub auto trait Send {}
  }
  pub mod option { use crate::*; pub enum Option<T> { None, Some(T) } }
  pub mod result { use crate::*; pub enum Result<T, E> { Ok(T), Err(E) } }
  pub mod cmp { use crate::*; #[repr(i8)] pub enum Ordering { Less = -1, Equal = 0, Greater = 1 } }
  pub mod num {
    use crate::*;
    #[repr(transparent)] #[rustc_layout_scalar_valid_range_start(1)] pub struct NonZero<T>(T);
  }
  pub mod ptr {
    use crate::*;
    #[repr(transparent)] #[rustc_layout_scalar_valid_range_start(1)] pub struct NonNull<T: ?Sized> { pointer: *const T }
    #[repr(transparent)] pub struct Unique<T: ?Sized> { pointer: NonNull<T>, _marker: crate::std::marker::PhantomData<T> }
  }
  pub mod cell {
    use crate::*;
    #[lang = "unsafe_cell"] #[repr(transparent)] pub struct UnsafeCell<T: ?Sized> { value: T }
    #[repr(transparent)] pub struct Cell<T: ?Sized> { value: UnsafeCell<T> }
    pub struct RefCell<T: ?Sized> { borrow: Cell<isize>, value: UnsafeCell<T> }
  }
  pub mod mem {
    use crate::*;
    #[lang = "manually_drop"] #[repr(transparent)] pub struct ManuallyDrop<T: ?Sized> { value: T }
    impl<T: Copy + ?Sized> Copy for ManuallyDrop<T> {}
    #[lang = "maybe_uninit"] #[repr(transparent)]
    pub union MaybeUninit<T> { uninit: (), value: ManuallyDrop<T> }
  }
  pub mod boxed {
    use crate::*;
    #[lang = "owned_box"] #[fundamental] pub struct Box<T: ?Sized, A = ()>(crate::std::ptr::Unique<T>, A);
  }
}
`;
