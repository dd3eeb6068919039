//! 128-bit arithmetic: Q64.64 fixed point with square root, exponential and logarithm, Fibonacci in u128, and decimal digits.
// expect: 0x3b0a5908aed4b051
#![no_std]

use core::ops::{Add, Div, Mul, Neg, Sub};

/// A number times 2^64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fixed(i128);

impl Fixed {
    const ZERO: Fixed = Fixed(0);
    const ONE: Fixed = Fixed(1 << 64);

    const fn ratio(numerator: i64, denominator: i64) -> Fixed {
        Fixed(((numerator as i128) << 64) / denominator as i128)
    }

    /// Bit by bit on the 192-bit number that is the value times 2^64.
    fn sqrt(self) -> Option<Fixed> {
        let value = u128::try_from(self.0).ok()?;
        let mut root = 0u128;
        for bit in (0..96).rev() {
            let trial = root | 1 << bit;
            if square_at_most(trial, value) {
                root = trial;
            }
        }
        Some(Fixed(root as i128))
    }

    fn exp(self) -> Fixed {
        // e^x = (e^(x / 2^k))^(2^k)
        let halvings = 128u32.saturating_sub(self.0.unsigned_abs().leading_zeros()).saturating_sub(60);
        let small = Fixed(self.0 >> halvings);
        let series = (1..20).rev().fold(Fixed::ONE, |sum, n| Fixed::ONE + small * sum / Fixed::ratio(n, 1));
        (0..halvings).fold(series, |x, _| x * x)
    }

    fn ln(self) -> Option<Fixed> {
        if self <= Fixed::ZERO {
            return None;
        }
        // Newton's iteration for e^y = x, from the exponent of two.
        let exponent = 63 - self.0.leading_zeros() as i64;
        let start = Fixed::ratio(exponent * 693, 1000);
        Some((0..6).fold(start, |y, _| y - Fixed::ONE + self * (-y).exp()))
    }
}

/// Whether a^2 <= b * 2^64, for a below 2^96.
fn square_at_most(a: u128, b: u128) -> bool {
    let (high, low) = (a >> 64, a & u128::from(u64::MAX));
    let cross = 2 * high * low + (low * low >> 64);
    let top = high * high;
    match top.checked_shl(64).filter(|_| top >> 63 == 0).and_then(|wide| wide.checked_add(cross)) {
        Some(whole) => whole < b || (whole == b && low.wrapping_mul(low) as u64 == 0),
        None => false,
    }
}

impl Add for Fixed {
    type Output = Fixed;
    fn add(self, other: Fixed) -> Fixed {
        Fixed(self.0 + other.0)
    }
}

impl Sub for Fixed {
    type Output = Fixed;
    fn sub(self, other: Fixed) -> Fixed {
        Fixed(self.0 - other.0)
    }
}

impl Neg for Fixed {
    type Output = Fixed;
    fn neg(self) -> Fixed {
        Fixed(-self.0)
    }
}

impl Mul for Fixed {
    type Output = Fixed;
    fn mul(self, other: Fixed) -> Fixed {
        let negative = (self.0 < 0) != (other.0 < 0);
        let (a, b) = (self.0.unsigned_abs(), other.0.unsigned_abs());
        let mask = u128::from(u64::MAX);
        let (a1, a0, b1, b0) = (a >> 64, a & mask, b >> 64, b & mask);
        let product = (a1 * b1 << 64) + a1 * b0 + a0 * b1 + (a0 * b0 >> 64);
        Fixed(if negative { -(product as i128) } else { product as i128 })
    }
}

impl Div for Fixed {
    type Output = Fixed;
    fn div(self, other: Fixed) -> Fixed {
        let mut rest = self.0 % other.0;
        let mut quotient = self.0 / other.0;
        for _ in 0..64 {
            rest <<= 1;
            quotient = (quotient << 1) + rest / other.0;
            rest %= other.0;
        }
        Fixed(quotient)
    }
}

fn fibonacci(n: u32) -> Option<u128> {
    let pairs = core::iter::successors(Some((0u128, 1u128)), |&(a, b)| Some((b, a.checked_add(b)?)));
    pairs.map(|(a, _)| a).nth(n as usize)
}

fn digits(mut value: u128) -> impl Iterator<Item = u8> {
    core::iter::from_fn(move || {
        let digit = (value % 10) as u8;
        let more = value != 0;
        value /= 10;
        more.then_some(digit)
    })
}

#[no_mangle]
pub fn run() -> u64 {
    let mut checksum = 0u64;
    for (numerator, denominator) in [(1, 1), (2, 1), (-7, 3), (1, 1000), (12_345, 67), (25, 4)] {
        let x = Fixed::ratio(numerator, denominator);
        let root = x.sqrt().unwrap_or(Fixed::ZERO);
        let log = x.ln().unwrap_or(-Fixed::ONE);
        let back = if log.0.abs() < 10 << 64 { log.exp() } else { x };
        let near = (back - x).0.unsigned_abs() < 1 << 30;
        for part in [root, log, x * x / (x + Fixed::ONE), root * root - x] {
            checksum = checksum.rotate_left(9) ^ part.0 as u64 ^ (part.0 >> 64) as u64;
        }
        checksum = checksum << 1 | u64::from(near);
    }
    for n in [0, 1, 90, 150, 185, 186, 187] {
        let value = fibonacci(n).unwrap_or(u128::MAX);
        checksum = digits(value).fold(checksum, |sum, digit| sum.wrapping_mul(11).wrapping_add(u64::from(digit)));
        let wide = value as i128;
        let shifted = wide.wrapping_shl(n) ^ wide.wrapping_shr(n / 2) ^ wide.swap_bytes();
        checksum ^= u64::from(shifted.count_ones()) << 32 | u64::from(value.leading_zeros());
    }
    checksum
}
