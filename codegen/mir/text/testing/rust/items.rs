//! Statics and thread-locals, foreign items, unions, vectors, f16 and f128, trait objects, casts, literals.

#![crate_type = "lib"]
#![feature(thread_local, extern_types, c_variadic, f16, f128, repr_simd, portable_simd, never_type, core_intrinsics)]
#![allow(internal_features, incomplete_features, static_mut_refs)]

use std::cell::{Cell, RefCell};
use std::simd::{prelude::*, *};

#[thread_local]
static TL: Cell<u32> = Cell::new(3);
#[thread_local]
static mut TM: [u8; 4] = [1; 4];
thread_local! { static R:RefCell<Vec<String>> = const { RefCell::new(Vec::new()) }; static L:String="a".to_string(); }
pub fn tl() -> u32 {
    TL.set(TL.get() + 1);
    unsafe {
        TM[1] = 2;
    }
    R.with(|r| r.borrow_mut().push("x".into()));
    L.with(|s| s.len() as u32) + TL.get()
}

unsafe extern "C" {
    pub type Op;
    safe fn sf(x: u8);
    unsafe fn uf(p: *const Op, ...) -> i32;
    static EXT: u8;
    static mut EXTM: [u8; 2];
    #[thread_local]
    static ETL: u8;
}

pub unsafe fn ext(p: &Op) -> i32 {
    sf(1);
    EXTM[0] = EXT;
    uf(p, 1u32, 2.5f64, EXTM.as_ptr()) + ETL as i32
}

pub fn fl(a: f16, b: f128) -> (f16, f128) {
    (a * 1.5f16 + f16::MAX, b - 2.25f128 / f128::EPSILON)
}

pub fn sm(a: f32x4, b: f32x4) -> u8 {
    (a * b + f32x4::splat(1.0)).simd_gt(b).to_bitmask() as u8
}

#[repr(simd)]
#[derive(Copy, Clone)]
pub struct V([i16; 8]);
pub const CV: V = V([1, -2, 3, 4, 5, 6, 7, -8]);
pub fn sv() -> V {
    CV
}

pub union U {
    a: u32,
    b: [u8; 4],
    c: std::mem::ManuallyDrop<String>,
}

pub const UC: U = U { a: 0x01020304 };
pub unsafe fn un(mut u: U) -> u8 {
    u.b[1] = 3;
    let U { a } = u;
    match u {
        U { a: 1 } => 1,
        U { b: [2, ..] } => 2,
        _ => a as u8,
    }
}

pub static ST: &[(&str, Option<fn(u8) -> u8>)] = &[("a", Some(inc)), ("bb", None)];
fn inc(x: u8) -> u8 {
    x + 1
}

pub static mut SMU: [Option<&'static u8>; 3] = [None, Some(&5), None];
static INNER: u8 = 3;
pub static PTR: &&u8 = &&INNER;
pub const fn fact(n: u64) -> u64 {
    if n == 0 { 1 } else { n * fact(n - 1) }
}

pub const F: [u64; 6] = {
    let mut a = [0; 6];
    let mut i = 0;
    while i < 6 {
        a[i] = fact(i as u64);
        i += 1;
    }
    a
};

pub trait A1 {
    fn a(&self) -> u8;
}

pub trait B1: A1 + Send {
    fn b(&self) -> u8 {
        self.a()
    }
}

impl A1 for u8 {
    fn a(&self) -> u8 {
        *self
    }
}

impl B1 for u8 {}

pub static DY: &(dyn A1 + Sync) = &9u8;
pub fn idx(v: &[u8], a: &mut [u32; 5], i: usize) -> u8 {
    a[i] += 1;
    let [x, .., y] = *a;
    v[i] + v[x as usize..][0] + y as u8
}

pub fn gen_const<const N: usize, const B: bool, const C: char>(x: [u8; N]) -> [u8; N] {
    if B && C == '\'' { x } else { [N as u8; N] }
}

pub fn callg() -> [u8; 3] {
    gen_const::<3, true, '\u{1F600}'>([1, 2, 3])
}

pub fn lits() -> (char, &'static str, &'static [u8], &'static std::ffi::CStr, i128, f32, u8, i8) {
    ('\n', "q\"\\\u{7f}\u{1F600}\n//x", b"\x00\xff\"", c"c\xffstr", -170141183460469231731687303715884105728, f32::NAN, b'\'', -128)
}

pub fn ov(a: i32, b: i32, c: u32) -> i32 {
    (a + b * 2 - a / b % 3) << c >> 2 | -a & !b
}

pub fn casts(a: i32, p: *const u8, f: f32, c: char, b: bool) -> usize {
    let q = p as *const u32 as usize;
    let g = callg as fn() -> _ as usize;
    let u = (|x: u8| x) as fn(u8) -> u8;
    q + g + (f as u8 as usize) + (a as f64 as usize) + (c as usize) + b as usize + u(1) as usize + (p as *mut ()).expose_provenance()
}

pub fn raw(x: &mut (u8, u32)) -> *mut u32 {
    let p = &raw const x.0;
    let _ = p;
    &raw mut x.1
}

pub fn rep() -> [Option<String>; 4] {
    [const { None }; 4]
}

pub fn off() -> usize {
    std::mem::offset_of!(Off, b.1) + std::mem::size_of::<Off>()
}

pub struct Off {
    a: u8,
    b: (u8, u64),
}

pub fn f_dyn(x: &(dyn for<'a> Fn(&'a u8) -> &'a u8 + 'static)) -> u8 {
    *x(&1)
}

pub fn imp(x: impl Fn(&u8) -> u8 + Copy, y: &dyn std::any::Any) -> u8 {
    x(&1) + y.is::<u8>() as u8
}

pub mod r#mod {
    pub fn r#fn(r#type: u8) -> u8 {
        r#type
    }
}

pub fn unié(ü: u8) -> u8 {
    ü
}

pub trait Tr<'a> {
    type X;
    const K: usize;
    fn g<const N: usize>(x: Self::X) -> [u8; N];
}

pub fn hr<T: for<'a> Tr<'a>>(h: <T as Tr<'static>>::X) -> [u8; 2] {
    <T as Tr<'static>>::g::<2>(h)
}
