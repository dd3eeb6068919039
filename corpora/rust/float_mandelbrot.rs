//! The Mandelbrot set in f32 and f64 over one numeric trait, with a cycle check, drawn into a bitmap and a histogram.
// expect: 0x7945b8d4ad364f82
#![no_std]

use core::ops::{Add, Mul, Sub};

trait Float: Copy + PartialOrd + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    const FOUR: Self;
    fn from_f32(value: f32) -> Self;
}

impl Float for f32 {
    const FOUR: f32 = 4.0;
    fn from_f32(value: f32) -> f32 {
        value
    }
}

impl Float for f64 {
    const FOUR: f64 = 4.0;
    fn from_f32(value: f32) -> f64 {
        value.into()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Escapes { after: u8 },
    Cycles,
    Unknown,
}

/// The orbit of zero under z -> z^2 + c.
struct Orbit<F> {
    c: (F, F),
    z: (F, F),
}

impl<F: Float> Iterator for Orbit<F> {
    type Item = (F, F);

    fn next(&mut self) -> Option<(F, F)> {
        let (x, y) = self.z;
        let (xx, yy, xy) = (x * x, y * y, x * y);
        if xx + yy > F::FOUR {
            return None;
        }
        self.z = (xx - yy + self.c.0, xy + xy + self.c.1);
        Some(self.z)
    }
}

fn fate<F: Float>(c: (F, F), limit: u8) -> Fate {
    let zero = F::from_f32(0.0);
    let mut checkpoint = (zero, zero);
    let mut after = 0;
    for z in (Orbit { c, z: (zero, zero) }).take(limit.into()) {
        if z == checkpoint {
            return Fate::Cycles;
        }
        after += 1;
        if after & (after - 1) == 0 {
            checkpoint = z;
        }
    }
    if after < limit {
        Fate::Escapes { after }
    } else {
        Fate::Unknown
    }
}

struct Picture {
    rows: [u64; 24],
    histogram: [u16; 8],
}

fn draw<F: Float>(limit: u8) -> Picture {
    let mut picture = Picture { rows: [0; 24], histogram: [0; 8] };
    for (y, row) in picture.rows.iter_mut().enumerate() {
        for x in 0..48u8 {
            let c = (F::from_f32(f32::from(x) * 0.0625 - 2.0), F::from_f32(y as f32 * 0.1 - 1.15));
            match fate(c, limit) {
                Fate::Escapes { after } => picture.histogram[7.min(after.ilog2() as usize)] += 1,
                Fate::Cycles => *row |= 1 << x,
                Fate::Unknown => *row |= 1 << x | 1 << 63,
            }
        }
    }
    picture
}

#[no_mangle]
pub fn run() -> u64 {
    let (single, double) = (draw::<f32>(40), draw::<f64>(40));
    let differing: u32 = single.rows.iter().zip(&double.rows).map(|(a, b)| (a ^ b).count_ones()).sum();
    let mut checksum = u64::from(differing);
    for picture in [&single, &double] {
        checksum = picture.rows.iter().fold(checksum, |sum, row| sum.rotate_left(11) ^ row);
        checksum = picture.histogram.iter().fold(checksum, |sum, &count| sum.wrapping_mul(977) + u64::from(count));
    }
    checksum
}
