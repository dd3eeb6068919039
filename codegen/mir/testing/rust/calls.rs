#![feature(unboxed_closures, fn_traits, never_type, extern_types, tuple_trait)]
use std::mem;
pub struct Adder(pub u64);
impl FnOnce<(u64, u32)> for Adder {
    type Output = u64;
    extern "rust-call" fn call_once(self, args: (u64, u32)) -> u64 {
        self.0 + args.0 * 2 + args.1 as u64
    }
}
impl FnMut<(u64, u32)> for Adder {
    extern "rust-call" fn call_mut(&mut self, args: (u64, u32)) -> u64 {
        self.0 += 1;
        self.0 + args.0 * 2 + args.1 as u64
    }
}
impl Fn<(u64, u32)> for Adder {
    extern "rust-call" fn call(&self, args: (u64, u32)) -> u64 {
        self.0 + args.0 * 3 + args.1 as u64
    }
}
pub extern "rust-call" fn free(args: (u64, u16)) -> u64 {
    args.0 * 10 + args.1 as u64 * 100
}
pub extern "rust-call" fn only(args: (u64, u16)) -> u64 {
    args.0 * 10 + args.1 as u64 * 100
}
pub extern "rust-call" fn empty(args: ()) -> u64 {
    6
}
pub fn once<F: FnOnce(u64, u32) -> u64>(f: F) -> u64 {
    f(3, 4)
}
pub fn twice<F: FnMut(u64, u32) -> u64>(mut f: F) -> u64 {
    f(3, 4) * 1000 + f(5, 6)
}
pub fn shared<F: Fn(u64, u32) -> u64>(f: &F) -> u64 {
    f(3, 4)
}
pub fn dynamic(f: &dyn Fn(u64, u32) -> u64) -> u64 {
    f(7, 8)
}
pub fn dyn_mut(f: &mut dyn FnMut(u64, u32) -> u64) -> u64 {
    f(7, 8) + f(1, 1)
}
pub fn plain(a: u64, b: u32) -> u64 {
    a * 100 + b as u64
}
pub fn spread<A: std::marker::Tuple, F: FnOnce<A, Output = u64>>(f: F, a: A) -> u64 {
    f.call_once(a)
}
pub fn none<F: Fn() -> u64>(f: F) -> u64 {
    f() + f()
}
pub fn one<F: Fn((u8, u16)) -> u64>(f: F) -> u64 {
    f((1, 2))
}
pub const TABLE: [fn(u64) -> u64; 3] = [|x| x + 1, |x| x * 2, double];
pub const fn double(x: u64) -> u64 {
    x * 4
}
pub static OPS: [(&str, fn(u64, u64) -> u64); 2] = [("add", |a, b| a + b), ("mul", |a, b| a * b)];
pub struct Handler {
    pub run: fn(&u64) -> u64,
}
pub static H: Handler = Handler { run: |x| *x + 9 };
pub const fn apply_const(f: fn(u64) -> u64) -> fn(u64) -> u64 {
    f
}
pub trait HasFn {
    const F: fn(u64) -> u64;
}
impl HasFn for u8 {
    const F: fn(u64) -> u64 = |x| x ^ 0xff;
}
impl<T: HasFn> HasFn for [T; 2] {
    const F: fn(u64) -> u64 = |x| (T::F)(x) + 1;
}
pub fn make(n: u64) -> impl Fn(u64) -> u64 {
    move |x| x * n
}
pub fn compose(f: fn(u64) -> u64, g: fn(u64) -> u64) -> impl Fn(u64) -> u64 {
    move |x| g(f(x))
}
pub trait Val: Copy {
    fn val(self) -> u64;
}
impl Val for u8 {
    fn val(self) -> u64 {
        self as u64
    }
}
impl Val for u32 {
    fn val(self) -> u64 {
        self as u64 * 3
    }
}
pub fn generic<T: Val>(t: T) -> u64 {
    let f = |k: u64| {
        let v: u64 = t.val();
        v + k
    };
    f(1) + f(2)
}
pub struct D(*mut u64);
impl Drop for D {
    fn drop(&mut self) {
        unsafe {
            *self.0 = *self.0 * 10 + 1;
        }
    }
}

pub fn c_once() -> u64 {
    once(Adder(1))
}
pub fn c_mut() -> u64 {
    twice(Adder(1))
}
pub fn c_shared() -> u64 {
    shared(&Adder(1))
}
pub fn c_dyn() -> u64 {
    dynamic(&Adder(1)) + dyn_mut(&mut Adder(5))
}
pub fn c_free() -> u64 {
    free((2, 3)) + only((4, 5)) + empty(())
}
pub fn c_free_pointer() -> u64 {
    let f: extern "rust-call" fn((u64, u16)) -> u64 = free;
    f((2, 3))
}
pub fn c_items() -> u64 {
    once(plain) + twice(plain) + shared(&plain) + dynamic(&plain) + dyn_mut(&mut plain)
}
pub fn c_pointers() -> u64 {
    let p: fn(u64, u32) -> u64 = plain;
    once(p) + twice(p) + shared(&p) + dynamic(&p) + dyn_mut(&mut { p })
}
pub fn c_closures() -> u64 {
    let k = 5u64;
    let mut n = 0u64;
    let a = once(|a, b| a + b as u64 + k);
    let b = twice(|a, b| {
        n += a;
        n + b as u64
    });
    a + b + n + shared(&|a, b| a * b as u64 * k) + dynamic(&|a, b| a - 1 + b as u64 + k)
}
pub fn c_spread() -> u64 {
    spread(|| 7, ())
        + spread(|a: u8| a as u64, (3,))
        + spread(|a: u8, b: u64, c: (u8, u8)| a as u64 + b + c.1 as u64, (1, 2, (3, 4)))
        + spread(plain, (1, 2))
        + spread(Adder(3), (4, 5))
}
pub fn c_none() -> u64 {
    let x = 21u64;
    none(|| x) + one(|(a, b)| a as u64 + 10 * b as u64)
}
pub fn c_table() -> u64 {
    TABLE[0](1) + 10 * TABLE[1](2) + 100 * TABLE[2](3)
}
pub fn c_ops() -> u64 {
    (OPS[0].1)(3, 4) + 100 * (OPS[1].1)(3, 4) + OPS[0].0.len() as u64 * 10000
}
pub fn c_handler() -> u64 {
    (H.run)(&3)
}
pub fn c_apply() -> u64 {
    const F: fn(u64) -> u64 = apply_const(|x| x + 3);
    F(4)
}
pub fn c_assoc() -> u64 {
    (<[u8; 2] as HasFn>::F)(0x0f) + (<[[u8; 2]; 2] as HasFn>::F)(1) * 1000
}
pub fn c_make() -> u64 {
    compose(|x| x * 3, |x| x + 1)(5) + make(4)(5)
}
pub fn c_generic() -> u64 {
    generic(3u8) + generic(4u32)
}
pub fn c_explicit() -> u64 {
    let f = |a: u64, b: u32| a + b as u64;
    Fn::call(&f, (1, 2))
        + FnOnce::call_once(f, (3, 4))
        + <fn(u64, u32) -> u64 as FnMut<(u64, u32)>>::call_mut(&mut (plain as fn(u64, u32) -> u64), (5, 6))
}
pub fn c_refs() -> u64 {
    let f = |a: u64, b: u32| a * b as u64;
    let r = &f;
    let rr = &r;
    let mut n = 0u64;
    let mut g = |a: u64, b: u32| {
        n += a * b as u64;
        n
    };
    let m = twice(&mut g) + once(&mut g) + dyn_mut(&mut &mut g);
    once(rr) + shared(rr) + spread(&rr, (2, 3)) + m + twice(f) + once(&f as &dyn Fn(u64, u32) -> u64)
}
pub fn c_drop() -> u64 {
    let mut c = 2u64;
    let d = D(&raw mut c);
    let f = move |x: u64, y: u32| {
        let _e = &d;
        x + y as u64
    };
    let r = once(f);
    c * 100 + r
}
pub fn c_boxed() -> u64 {
    let d: &dyn Fn(&dyn Fn(u64) -> u64) -> u64 = &|f| f(f(3));
    d(&|x| x * x)
}
pub fn c_recursive() -> u64 {
    fn fix(f: &dyn Fn(&dyn Fn(u64) -> u64, u64) -> u64, n: u64) -> u64 {
        f(&|k| fix(f, k), n)
    }
    fix(&|rec, n| if n < 2 { 1 } else { n * rec(n - 1) }, 6)
}
