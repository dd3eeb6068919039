/**
 * Rust's library in a few lines, for targets whose own may not be there: the traits that the compiler asks for, and the types that
 * `library-types.ts` has.
 */

import { bug } from "../../entity/entity.ts";
import { isIntegral, SIGNED_INTS, UNSIGNED_INTS } from "../../mir/ty.ts";
import type { TargetDataLayout } from "../types.ts";
import { rangePattern } from "./range-pattern.ts";
import type { RangeSyntax } from "./rustc-dialect.ts";

const NOT_ZERO = "#[repr(transparent)] #[rustc_layout_scalar_valid_range_start(1)]";
const NON_NULL_BY_PATTERN =
  "#[repr(transparent)] pub struct NonNull<T: ?Sized> { pointer: crate::std::pat::pattern_type!(*const T is !null) }";

/** `NonZero`, whose parameter says by a trait which pattern type is in it. */
function nonZeroByPattern(dl: TargetDataLayout): string {
  const pointerBits = dl.pointerSize * 8;
  const impls = [...SIGNED_INTS, ...UNSIGNED_INTS].map((ty) => {
    if (!isIntegral(ty)) throw bug(`${ty.text} is no integer`);
    const end = (1n << BigInt(ty.width === "size" ? pointerBits : ty.width)) - 1n;
    const pattern = rangePattern(ty, { start: 1n, end }, pointerBits);
    return `impl ZeroablePrimitive for ${ty.text} { type NonZeroInner = crate::std::pat::pattern_type!(${ty.text} is ${pattern}); }`;
  });
  return `pub trait ZeroablePrimitive { type NonZeroInner; }
    ${impls.join("\n    ")}
    #[repr(transparent)] pub struct NonZero<T: ZeroablePrimitive>(T::NonZeroInner);`;
}

const SCALARS = "bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f16 f32 f64 f128".split(" ");
const SIGNED = "i8 i16 i32 i64 i128 isize".split(" ");

/** What a crate without `core` needs, so that types can be defined, and the library's types, in a module `std`. */
export function noCoreLibrary(ranges: RangeSyntax, dataLayout: TargetDataLayout): string {
  return `${ranges === "patterns" ? "#![feature(pattern_types)]" : ""}
#![feature(no_core, lang_items, auto_traits, decl_macro, unboxed_closures, fundamental)]
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
  pub mod pat { #[rustc_builtin_macro] pub macro pattern_type($($tt:tt)*) {} }
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
    ${ranges === "patterns" ? nonZeroByPattern(dataLayout) : `${NOT_ZERO} pub struct NonZero<T>(T);`}
  }
  pub mod ptr {
    use crate::*;
    ${ranges === "patterns" ? NON_NULL_BY_PATTERN : `${NOT_ZERO} pub struct NonNull<T: ?Sized> { pointer: *const T }`}
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
}
