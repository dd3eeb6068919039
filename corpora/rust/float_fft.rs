//! Fast Fourier transform over a complex type with operators: twiddles by recurrence, round trip, and a convolution.
// expect: 0x8524b2937b3d8005
#![no_std]

use core::f64::consts::PI;
use core::ops::{Add, Mul, Sub};

#[derive(Clone, Copy, Default, PartialEq)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    const ONE: Complex = Complex { re: 1.0, im: 0.0 };

    /// cos + i sin by the Taylor series, for small angles.
    fn unit(angle: f64) -> Self {
        let (mut term, mut sum) = (Self::ONE, Self::ONE);
        for n in 1..24 {
            term = term * Complex { re: 0.0, im: angle / f64::from(n) };
            sum = sum + term;
        }
        sum
    }

    fn conjugate(self) -> Self {
        Complex { im: -self.im, ..self }
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Complex { re: self.re + other.re, im: self.im + other.im }
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Complex { re: self.re - other.re, im: self.im - other.im }
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Complex { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}

fn fft(values: &mut [Complex]) {
    let bits = values.len().trailing_zeros();
    for index in 0..values.len() {
        let mirrored = index.reverse_bits() >> (usize::BITS - bits);
        if index < mirrored {
            values.swap(index, mirrored);
        }
    }
    let mut size = 2;
    while size <= values.len() {
        let step = Complex::unit(-2.0 * PI / size as f64);
        for block in values.chunks_exact_mut(size) {
            let (low, high) = block.split_at_mut(size / 2);
            let mut twiddle = Complex::ONE;
            for (a, b) in low.iter_mut().zip(high) {
                let turned = *b * twiddle;
                (*a, *b) = (*a + turned, *a - turned);
                twiddle = twiddle * step;
            }
        }
        size *= 2;
    }
}

fn inverse_fft(values: &mut [Complex]) {
    let scale = 1.0 / values.len() as f64;
    values.iter_mut().for_each(|value| *value = value.conjugate());
    fft(values);
    values.iter_mut().for_each(|value| {
        let Complex { re, im } = value.conjugate();
        *value = Complex { re: re * scale, im: im * scale };
    });
}

fn convolve<const N: usize>(a: &[i32], b: &[i32]) -> [i64; N] {
    let spread = |values: &[i32]| {
        let mut out = [Complex::default(); N];
        for (slot, &value) in out.iter_mut().zip(values) {
            slot.re = f64::from(value);
        }
        fft(&mut out);
        out
    };
    let (mut left, right) = (spread(a), spread(b));
    for (x, y) in left.iter_mut().zip(&right) {
        *x = *x * *y;
    }
    inverse_fft(&mut left);
    left.map(|value| (value.re + if value.re < 0.0 { -0.5 } else { 0.5 }) as i64)
}

#[no_mangle]
pub fn run() -> u64 {
    let a: [i32; 40] = core::array::from_fn(|i| (i as i32 * 37) % 101 - 50);
    let b: [i32; 24] = core::array::from_fn(|i| (i as i32 * i as i32) % 53 - 20);
    let product = convolve::<64>(&a, &b);
    let mut checksum = 0u64;
    let mut right = 0u64;
    for (index, &got) in product.iter().enumerate() {
        let wanted: i64 = (0..b.len()).filter_map(|j| Some(i64::from(*a.get(index.checked_sub(j)?)?) * i64::from(b[j]))).sum();
        right += u64::from(got == wanted);
        checksum = checksum.wrapping_mul(1_000_003) ^ got as u64;
    }
    let mut signal: [Complex; 256] = core::array::from_fn(|i| Complex { re: (i % 9) as f64, im: -(i as f64) / 8.0 });
    fft(&mut signal);
    let spectrum = signal.iter().fold(0u64, |sum, value| sum.rotate_left(5) ^ value.re.to_bits() ^ value.im.to_bits().rotate_left(32));
    checksum ^ spectrum ^ right << 56
}
