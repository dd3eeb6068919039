//! Fixed-size big integers with operator traits: factorials by words, products by Karatsuba and by the schoolbook.
// expect: 0x6ff56b19c98b8307
#![no_std]

use core::ops::{Add, AddAssign, Index, Mul, MulAssign, Shl, Sub};

#[derive(Clone, Copy, PartialEq, Eq)]
struct Big<const N: usize>([u32; N]);

impl<const N: usize> Big<N> {
    const ZERO: Self = Big([0; N]);

    /// Words `from..to`, moved to the bottom.
    fn part(&self, from: usize, to: usize) -> Self {
        let mut out = Self::ZERO;
        for (word, &source) in out.0.iter_mut().zip(&self.0[from..to]) {
            *word = source;
        }
        out
    }

    fn used(&self) -> usize {
        self.0.iter().rposition(|&word| word != 0).map_or(0, |last| last + 1)
    }

    fn schoolbook(&self, other: &Self) -> Self {
        let mut out = Self::ZERO;
        for (i, &a) in self.0[..self.used()].iter().enumerate() {
            let mut carry = 0u64;
            for (slot, &b) in out.0[i..].iter_mut().zip(&other.0) {
                let wide = u64::from(a) * u64::from(b) + u64::from(*slot) + carry;
                *slot = wide as u32;
                carry = wide >> 32;
            }
        }
        out
    }

    fn karatsuba(&self, other: &Self) -> Self {
        let size = self.used().max(other.used());
        if size < 4 {
            return self.schoolbook(other);
        }
        let half = size / 2;
        let (a0, a1) = (self.part(0, half), self.part(half, size));
        let (b0, b1) = (other.part(0, half), other.part(half, size));
        let (low, high) = (a0.karatsuba(&b0), a1.karatsuba(&b1));
        let middle = (a0 + a1).karatsuba(&(b0 + b1)) - low - high;
        low + (middle << half) + (high << (2 * half))
    }
}

impl<const N: usize> From<u32> for Big<N> {
    fn from(value: u32) -> Self {
        let mut out = Self::ZERO;
        out.0[0] = value;
        out
    }
}

impl<const N: usize> Index<usize> for Big<N> {
    type Output = u32;
    fn index(&self, index: usize) -> &u32 {
        &self.0[index]
    }
}

impl<const N: usize> AddAssign for Big<N> {
    fn add_assign(&mut self, other: Self) {
        let mut carry = false;
        for (a, b) in self.0.iter_mut().zip(other.0) {
            let (sum, first) = a.overflowing_add(b);
            let (sum, second) = sum.overflowing_add(u32::from(carry));
            *a = sum;
            carry = first | second;
        }
    }
}

impl<const N: usize> Add for Big<N> {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl<const N: usize> Sub for Big<N> {
    type Output = Self;
    fn sub(mut self, other: Self) -> Self {
        let mut borrow = 0i64;
        for (a, &b) in self.0.iter_mut().zip(other.0.iter()) {
            let difference = i64::from(*a) - i64::from(b) + borrow;
            *a = difference as u32;
            borrow = difference >> 32;
        }
        self
    }
}

/// By whole words.
impl<const N: usize> Shl<usize> for Big<N> {
    type Output = Self;
    fn shl(self, words: usize) -> Self {
        let mut out = Self::ZERO;
        out.0[words..].copy_from_slice(&self.0[..N - words]);
        out
    }
}

impl<const N: usize> MulAssign<u32> for Big<N> {
    fn mul_assign(&mut self, factor: u32) {
        let mut carry = 0;
        for word in &mut self.0 {
            let wide = u64::from(*word) * u64::from(factor) + carry;
            *word = wide as u32;
            carry = wide >> 32;
        }
    }
}

impl<const N: usize> Mul for Big<N> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.karatsuba(&other)
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let mut factorial = Big::<24>::from(1);
    let mut checksum = 0u64;
    for n in 1..=60 {
        factorial *= n;
        if n % 15 == 0 {
            let square = factorial * (factorial + Big::from(n));
            let same = square == factorial.schoolbook(&(factorial + Big::from(n)));
            checksum = (0..square.used()).fold(checksum ^ same as u64, |sum, i| sum.rotate_left(13) ^ u64::from(square[i]));
        }
    }
    checksum
}
