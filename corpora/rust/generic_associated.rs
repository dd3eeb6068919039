//! Generics with associated types and constants: monoids, a segment tree over them, and finite fields by their modulus.
// expect: 0x55032326dfef9340
#![no_std]

use core::fmt::Debug;
use core::marker::PhantomData;
use core::ops::{Add, Mul, Neg, Sub};

trait Monoid {
    type Value: Copy + PartialEq + Debug;
    const IDENTITY: Self::Value;
    const NAME: &'static str;
    fn combine(a: Self::Value, b: Self::Value) -> Self::Value;
}

struct Sum;
struct Max;
/// The product of two monoids, side by side.
struct Both<A, B>(PhantomData<(A, B)>);
/// Functions x -> a x + b over a field, applied from left to right.
struct Affine<F>(PhantomData<F>);

impl Monoid for Sum {
    type Value = i64;
    const IDENTITY: i64 = 0;
    const NAME: &'static str = "sum";
    fn combine(a: i64, b: i64) -> i64 {
        a + b
    }
}

impl Monoid for Max {
    type Value = Option<i32>;
    const IDENTITY: Option<i32> = None;
    const NAME: &'static str = "max";
    fn combine(a: Option<i32>, b: Option<i32>) -> Option<i32> {
        a.max(b)
    }
}

impl<A: Monoid, B: Monoid> Monoid for Both<A, B> {
    type Value = (A::Value, B::Value);
    const IDENTITY: Self::Value = (A::IDENTITY, B::IDENTITY);
    const NAME: &'static str = if A::NAME.len() > B::NAME.len() { A::NAME } else { B::NAME };
    fn combine(a: Self::Value, b: Self::Value) -> Self::Value {
        (A::combine(a.0, b.0), B::combine(a.1, b.1))
    }
}

impl<F: Field> Monoid for Affine<F> {
    type Value = (F, F);
    const IDENTITY: (F, F) = (F::ONE, F::ZERO);
    const NAME: &'static str = "affine";
    fn combine((a, b): (F, F), (c, d): (F, F)) -> (F, F) {
        (a * c, b * c + d)
    }
}

trait Field: Copy + PartialEq + Debug + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Neg<Output = Self> {
    const ZERO: Self;
    const ONE: Self;
    const ORDER: u64;

    fn power(self, exponent: u64) -> Self {
        let top = u64::BITS - exponent.leading_zeros();
        (0..top).rev().fold(Self::ONE, |result, bit| {
            let square = result * result;
            if exponent >> bit & 1 == 1 {
                square * self
            } else {
                square
            }
        })
    }

    /// By Fermat's little theorem.
    fn inverse(self) -> Option<Self> {
        (self != Self::ZERO).then(|| self.power(Self::ORDER - 2))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Mod<const P: u32>(u32);

impl<const P: u32> Add for Mod<P> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Mod(((u64::from(self.0) + u64::from(other.0)) % u64::from(P)) as u32)
    }
}

impl<const P: u32> Neg for Mod<P> {
    type Output = Self;
    fn neg(self) -> Self {
        Mod((P - self.0) % P)
    }
}

impl<const P: u32> Sub for Mod<P> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<const P: u32> Mul for Mod<P> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Mod((u64::from(self.0) * u64::from(other.0) % u64::from(P)) as u32)
    }
}

impl<const P: u32> Field for Mod<P> {
    const ZERO: Self = Mod(0);
    const ONE: Self = Mod(1 % P);
    const ORDER: u64 = P as u64;
}

/// Leaves at `LEAVES..2 * LEAVES`, so `NODES` is twice `LEAVES`.
struct SegmentTree<M: Monoid, const NODES: usize> {
    nodes: [M::Value; NODES],
}

impl<M: Monoid, const NODES: usize> SegmentTree<M, NODES> {
    const LEAVES: usize = NODES / 2;

    fn new() -> Self {
        SegmentTree { nodes: [M::IDENTITY; NODES] }
    }

    fn set(&mut self, index: usize, value: M::Value) {
        let mut at = Self::LEAVES + index;
        self.nodes[at] = value;
        while at > 1 {
            at /= 2;
            self.nodes[at] = M::combine(self.nodes[2 * at], self.nodes[2 * at + 1]);
        }
    }

    fn query(&self, range: core::ops::Range<usize>) -> M::Value {
        let (mut low, mut high) = (range.start + Self::LEAVES, range.end + Self::LEAVES);
        let (mut left, mut right) = (M::IDENTITY, M::IDENTITY);
        while low < high {
            if low % 2 == 1 {
                left = M::combine(left, self.nodes[low]);
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                right = M::combine(self.nodes[high], right);
            }
            (low, high) = (low / 2, high / 2);
        }
        M::combine(left, right)
    }
}

/// Queries against the plain fold; returns how many agree and what `digest` makes of the values.
fn exercise<M: Monoid>(value: impl Fn(u64) -> M::Value, digest: impl Fn(M::Value) -> u64) -> u64 {
    let mut tree = SegmentTree::<M, 64>::new();
    let mut plain = [M::IDENTITY; 32];
    let mut state = M::NAME.len() as u64;
    let mut sum = 0u64;
    for step in 0..60 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let index = (state >> 59) as usize;
        plain[index] = value(state >> 33);
        tree.set(index, plain[index]);
        let range = step % 16..(step % 16 + index).min(32);
        let wanted = plain[range.clone()].iter().copied().fold(M::IDENTITY, M::combine);
        let got = tree.query(range);
        sum = sum.rotate_left(7) ^ digest(got) ^ u64::from(got == wanted) << 63;
    }
    sum
}

#[no_mangle]
pub fn run() -> u64 {
    type F = Mod<65_537>;
    let inverses = (1..40).filter_map(|n| Some((Mod::<1_000_003>(n).inverse()? * Mod(n)).0)).sum::<u32>();
    let sums = exercise::<Sum>(|x| x as i64 - (1 << 30), |value| value as u64);
    let pairs = exercise::<Both<Sum, Max>>(
        |x| (x as i64 & 0xff, Some(x as i32 >> 3)),
        |(sum, max)| sum as u64 ^ u64::from(max.unwrap_or(-1) as u32) << 16,
    );
    let affine = exercise::<Affine<F>>(
        |x| (Mod(x as u32 % 65_537), Mod((x >> 15) as u32)),
        |(a, b)| u64::from(a.0) << 20 | u64::from((b - Mod(1)).0),
    );
    sums ^ pairs.rotate_left(13) ^ affine.rotate_left(29) ^ u64::from(inverses)
}
