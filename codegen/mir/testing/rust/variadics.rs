#![feature(c_variadic)]
use std::ffi::{c_double, c_int, VaList};
pub unsafe extern "C" fn sum(n: c_int, mut ap: ...) -> u64 {
    let mut s = 0u64;
    let mut i = 0;
    while i < n {
        s = s * 10 + ap.arg::<c_int>() as u64;
        i += 1;
    }
    s
}
pub unsafe extern "C" fn mix(mut ap: ...) -> u64 {
    let a = ap.arg::<u64>();
    let p = ap.arg::<*const u8>();
    let d = ap.arg::<c_double>();
    a * 100 + *p as u64 * 10 + d as u64
}
pub unsafe fn take(mut ap: VaList) -> u64 {
    ap.arg::<i32>() as u64
}
pub unsafe extern "C" fn clones(_n: c_int, mut ap: ...) -> u64 {
    let _first = ap.arg::<i32>();
    let c = ap.clone();
    take(c) * 10 + ap.arg::<i32>() as u64
}
pub fn through(f: unsafe extern "C" fn(c_int, ...) -> u64) -> u64 {
    unsafe { f(2, 5i32, 6i32) }
}
pub fn v_sum() -> u64 {
    unsafe { sum(3, 1i32, 2i32, 3i32) * 10000 + sum(0) + sum(1, 7i32, 8i32) }
}
pub fn v_mix() -> u64 {
    let x = 4u8;
    unsafe { mix(3u64, &raw const x, 5.5f64) }
}
pub fn v_pointer() -> u64 {
    through(sum)
}
pub fn v_clones() -> u64 {
    unsafe { clones(0, 1i32, 2i32, 3i32) }
}
pub unsafe extern "C" fn pass(ap: ...) -> u64 {
    take(ap)
}
pub fn v_moves() -> u64 {
    unsafe { pass(9i32) }
}
