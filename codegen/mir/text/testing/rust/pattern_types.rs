//! Pattern types, of integers and of `char`.

#![crate_type = "lib"]
#![feature(pattern_types, pattern_type_macro)]
#![allow(internal_features)]

use std::pat::pattern_type;

pub type P = pattern_type!(u32 is 1..=9);
pub type C = pattern_type!(char is 'a'..='z');
pub type I = pattern_type!(i8 is -5..=5);
pub fn a(x: P) -> u32 {
    unsafe { std::mem::transmute(x) }
}

pub fn b(x: Option<C>) -> Option<C> {
    x
}

pub const Q: I = unsafe { std::mem::transmute(-3i8) };
pub fn q() -> I {
    Q
}

pub struct W(P, I);
pub fn w(w: W) -> P {
    w.0
}

pub fn nz(x: std::num::NonZeroU8, v: &Vec<u8>) -> usize {
    x.get() as usize + v.capacity()
}
