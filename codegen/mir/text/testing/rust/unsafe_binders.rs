//! Unsafe binders, wrapped and unwrapped.

#![crate_type = "lib"]
#![feature(unsafe_binders)]
#![allow(incomplete_features)]

use std::unsafe_binder::{unwrap_binder, wrap_binder};

pub fn w<'a>(x: &'a u8) -> unsafe<'b> &'b u8 {
    unsafe { wrap_binder!(x) }
}

pub fn u(x: unsafe<'b> &'b u8) -> u8 {
    unsafe { *unwrap_binder!(x) }
}

pub struct S<'a>(&'a u8, u8);
impl<'a> Copy for S<'a> {}
impl<'a> Clone for S<'a> {
    fn clone(&self) -> Self {
        *self
    }
}

pub fn n(x: unsafe<'a, 'b> (&'a u8, &'b u8), y: unsafe<'a> S<'a>) -> u8 {
    unsafe {
        let (a, b) = unwrap_binder!(x);
        *a + *b + unwrap_binder!(y).1
    }
}
