//! Structs, enums, strings and tuples as arguments of const parameters.

#![crate_type = "lib"]
#![feature(adt_const_params, unsized_const_params)]
#![allow(incomplete_features)]

use std::marker::ConstParamTy;

#[derive(PartialEq, Eq, ConstParamTy)]
pub struct S {
    pub a: u8,
    pub b: bool,
}

#[derive(PartialEq, Eq, ConstParamTy)]
pub enum E {
    A,
    B(u8, char),
    C { x: i16 },
}

pub struct W<const X: S, const Y: E>;
impl<const X: S, const Y: E> W<X, Y> {
    pub const V: u8 = X.a;
    pub fn f(&self) -> u8 {
        Self::V
            + match Y {
                E::A => 1,
                E::B(x, _) => x,
                E::C { .. } => 3,
            }
    }
}

pub fn u() -> u8 {
    W::<{ S { a: 1, b: true } }, { E::B(3, 'x') }>.f()
        + W::<{ S { a: 2, b: false } }, { E::C { x: -4 } }>.f()
        + st::<"he\"llo">()
        + by::<{ &[1, 2] }>()
        + tp::<{ (1, 'c', true) }>()
}

pub fn st<const T: &'static str>() -> u8 {
    T.len() as u8
}

pub fn by<const T: &'static [u8]>() -> u8 {
    T[0]
}

pub fn tp<const T: (u8, char, bool)>() -> u8 {
    T.0
}
