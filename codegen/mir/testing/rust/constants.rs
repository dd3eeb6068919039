use std::mem;
pub trait Tr {
    const C: u32;
    const D: u8 = 7;
    const ARR: [u8; 3] = [1, 2, 3];
}
pub struct Foo<T>(pub T);
impl<T: Copy> Foo<T> {
    pub const BAR: usize = mem::size_of::<T>() + 1;
    pub const F: fn(T) -> T = ident::<T>;
}
impl Tr for u8 {
    const C: u32 = 5;
}
impl<T: Tr> Tr for Foo<T> {
    const C: u32 = T::C + 1;
    const D: u8 = 9;
}
pub fn ident<T>(x: T) -> T {
    x
}
pub static S: u32 = 77;
pub static mut M: [u16; 3] = [1, 2, 3];
pub static PS: &u32 = &S;
pub static FP: fn(u8) -> u8 = ident::<u8>;
pub const K: u64 = u64::MAX - 3;
pub const NAMES: [&str; 3] = ["a", "bc", "def"];
pub const PAIR: (u8, &'static [u16]) = (3, &[1, 2, 3]);
pub const CLO: fn(u32) -> u32 = |x| x + 1;
pub static CLOS: [fn(u32) -> u32; 2] = [|x| x + 1, |x| x * 2];
pub trait Go {
    fn go(&self) -> u32;
}
impl Go for u8 {
    fn go(&self) -> u32 {
        *self as u32
    }
}
pub static DYN: &(dyn Go + Sync) = &3u8;
pub mod inner {
    pub const Z: i8 = -3;
    pub static W: i16 = -300;
}
pub enum E {
    A(u8),
    B { x: u32 },
    C,
}
pub const EV: E = E::B { x: 4 };
pub fn assoc<T: Tr>() -> u32 {
    T::C + T::D as u32
}
pub fn arr<T: Tr>(i: usize) -> u8 {
    T::ARR[i]
}
pub fn bar<T: Copy>() -> usize {
    Foo::<T>::BAR
}
pub fn sz<T>() -> fn() -> usize {
    mem::size_of::<T>
}
pub fn apply<F: Fn() -> usize>(f: F) -> usize {
    f()
}
pub fn inlinec<T>() -> usize {
    const { mem::size_of::<T>() * 2 }
}
impl<T> Foo<T> {
    pub fn meth() -> u32 {
        static L: u32 = 19;
        const M: u32 = 14;
        L + M
    }
}
pub fn m2<const N: usize, const B: bool, const C: char>() -> (usize, bool, char) {
    (N, B, C)
}
const fn bits32(x: f32) -> u64 {
    unsafe { mem::transmute::<f32, u32>(x) as u64 }
}
const fn bits64(x: f64) -> u64 {
    unsafe { mem::transmute::<f64, u64>(x) }
}

pub fn ints() -> u64 {
    u64::MAX
        ^ (i8::MIN as u8 as u64) << 3
        ^ (u16::MAX as u64) << 9
        ^ (i128::MIN >> 100) as u64
        ^ (usize::MAX >> 5) as u64
        ^ isize::MIN as u64
        ^ u32::BITS as u64
        ^ (i128::MAX >> 64) as u64
}
pub fn floats() -> u64 {
    bits32(f32::MAX)
        ^ bits64(f64::NAN) << 1
        ^ bits64(f64::INFINITY) << 2
        ^ bits32(f32::EPSILON) << 11
        ^ bits64(f64::EPSILON) >> 7
        ^ bits64(f64::MIN_POSITIVE) >> 3
        ^ bits32(f32::NEG_INFINITY) << 5
        ^ bits64(f64::MIN) >> 9
}
pub fn formats() -> u64 {
    (f32::MIN_EXP * 3 + f32::MAX_EXP * 5 + f64::MIN_10_EXP * 7 + f64::MAX_10_EXP * 11 + f32::MIN_10_EXP) as u64
        ^ (f64::DIGITS << 3 ^ f32::MANTISSA_DIGITS << 8 ^ f64::RADIX << 15) as u64
}
pub fn math() -> u64 {
    use std::f64::consts::*;
    let mut h = 0u64;
    let a = [
        PI,
        TAU,
        FRAC_PI_2,
        FRAC_PI_3,
        FRAC_PI_4,
        FRAC_PI_6,
        FRAC_PI_8,
        FRAC_1_PI,
        FRAC_2_PI,
        FRAC_2_SQRT_PI,
        SQRT_2,
        FRAC_1_SQRT_2,
        E,
        LOG2_10,
        LOG2_E,
        LOG10_2,
        LOG10_E,
        LN_2,
        LN_10,
    ];
    let mut i = 0;
    while i < 19 {
        let x = a[i];
        i += 1;
        h = (h << 3 ^ h >> 61) ^ bits64(x);
    }
    h
}
pub fn math32() -> u64 {
    use std::f32::consts::*;
    bits32(PI) ^ bits32(E) << 9 ^ bits32(SQRT_2) << 17 ^ bits32(LN_2) << 27 ^ bits32(LOG10_2) << 31
}
pub fn chars() -> u64 {
    (char::MAX as u64) << 32 | char::REPLACEMENT_CHARACTER as u64
}
pub fn associated() -> u64 {
    assoc::<u8>() as u64 + 100 * assoc::<Foo<u8>>() as u64 + 10000 * assoc::<Foo<Foo<u8>>>() as u64 + <u8 as Tr>::D as u64 * 1000000
}
pub fn arrays() -> u64 {
    arr::<u8>(2) as u64 + 10 * arr::<Foo<u8>>(1) as u64
}
pub fn inherent() -> u64 {
    bar::<u16>() as u64 + 100 * Foo::<u64>::BAR as u64
}
pub fn pointer() -> u64 {
    (Foo::<u32>::F)(17) as u64
}
pub fn fn_items() -> u64 {
    sz::<u32>()() as u64 + 10 * apply(mem::size_of::<u64>) as u64 + 100 * apply(mem::align_of::<u16>) as u64
}
pub fn statics() -> u64 {
    S as u64 + *PS as u64 + unsafe { M[1] } as u64 + FP(9) as u64
}
pub fn static_refs() -> u64 {
    let r: &'static u32 = &S;
    let m = &raw mut M;
    *r as u64 + unsafe { (*m)[2] } as u64
}
pub fn consts() -> u64 {
    K ^ NAMES[2].len() as u64 ^ (PAIR.0 as u64) << 8 ^ (PAIR.1.len() as u64) << 16
}
pub fn inline_consts() -> u64 {
    inlinec::<u16>() as u64 + 100 * inlinec::<[u64; 3]>() as u64
}
pub fn nested() -> u64 {
    const X: Option<Option<u8>> = Some(None);
    const O: std::cmp::Ordering = std::cmp::Ordering::Less;
    const P: std::marker::PhantomData<u8> = std::marker::PhantomData;
    let p = P;
    (match X {
        Some(_) => 1,
        None => 0,
    }) + 10 * (O as i8 as u8) as u64
        + mem::size_of_val(&p) as u64
}
pub fn enums() -> u64 {
    match EV {
        E::A(x) => x as u64,
        E::B { x } => 100 + x as u64,
        E::C => 3,
    }
}
pub fn closures() -> u64 {
    CLO(3) as u64 + 10 * CLOS[1](4) as u64 + 100 * CLOS[0](1) as u64
}
pub fn dynamic() -> u64 {
    DYN.go() as u64
}
pub fn modules() -> u64 {
    (inner::W as i64 + inner::Z as i64) as u64
}
pub fn locals() -> u64 {
    static L: u32 = 9;
    const M: u32 = 4;
    (L + M) as u64 + 100 * Foo::<u8>::meth() as u64
}
pub fn const_args() -> u64 {
    let (n, b, c) = m2::<{ 1 + 2 }, true, 'x'>();
    n as u64 + 10 * b as u64 + 100 * c as u64
}
pub fn literals() -> u64 {
    let b: &'static [u8; 4] = b"abcd";
    let s: &'static [u8] = b"xyz";
    let r: &'static [&'static [u8]] = &[b"a", b"bc"];
    b[2] as u64 + 1000 * s.len() as u64 + 10000 * r[1].len() as u64
}
pub fn sizes() -> u64 {
    mem::size_of::<[u16; 5]>() as u64
        + 100 * mem::align_of::<u32>() as u64
        + 1000 * mem::needs_drop::<Vec2>() as u64
        + 10000 * mem::size_of_val("hello") as u64
        + {
            let mut a = 3u8;
            let mut b = 4u8;
            mem::swap(&mut a, &mut b);
            let c = mem::replace(&mut a, 9);
            (a - b) as u64 * 7 + c as u64 + (b"xy" as &[u8]).len() as u64
        } * 1000000
}
pub struct Vec2(u8);
impl Drop for Vec2 {
    fn drop(&mut self) {}
}
