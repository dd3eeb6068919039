//! A C-variadic function.

#![crate_type = "lib"]
#![feature(c_variadic)]

pub unsafe extern "C" fn va(n: usize, mut ap: ...) -> i32 {
    let mut s = 0;
    for _ in 0..n {
        s += unsafe { ap.next_arg::<i32>() };
    }
    s
}
