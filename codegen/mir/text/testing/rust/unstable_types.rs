//! Opaque type aliases, generic constant expressions, box patterns, `try` blocks, specialization.

#![crate_type = "lib"]
#![feature(
    type_alias_impl_trait,
    generic_const_exprs,
    box_patterns,
    try_blocks,
    yeet_expr,
    never_patterns,
    specialization,
    const_trait_impl
)]
#![allow(incomplete_features, internal_features)]

pub type O = impl Iterator<Item = u8> + Clone;
#[define_opaque(O)]
pub fn o() -> O {
    (0..3u8).filter(|x| x % 2 == 0)
}

pub fn uo(x: O) -> Option<u8> {
    x.clone().last()
}

pub fn gce<const N: usize>(x: [u8; N]) -> [u8; N + 1]
where
    [(); N + 1]:,
{
    let _ = x;
    [0; N + 1]
}

pub fn cg() -> [u8; 4] {
    gce([1, 2, 3])
}

pub fn bp(b: Box<(u8, Option<Box<String>>)>) -> usize {
    match b {
        box (1, Some(box ref s)) => s.len(),
        box (x, _) => x as usize,
    }
}

pub fn tr(s: &str) -> Result<u8, std::num::ParseIntError> {
    let r: Result<u8, _> = try { s.parse::<u8>()? + 1 };
    r
}

pub fn ye(b: bool) -> Option<u8> {
    if b {
        do yeet
    }
    Some(1)
}

pub trait Sp {
    fn s(&self) -> u8;
}

impl<T> Sp for T {
    default fn s(&self) -> u8 {
        0
    }
}

impl Sp for u8 {
    fn s(&self) -> u8 {
        *self
    }
}
