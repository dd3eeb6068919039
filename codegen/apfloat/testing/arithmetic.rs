// Every operation on every triple, evaluated by rustc at compile time. CASES is replaced by the operands of a format; the program writes
// the results as 128-bit little-endian words, triple by triple.
#![feature(f16, f128, float_minimum_maximum)]
#![allow(long_running_const_eval)]

use std::io::Write;

macro_rules! format {
    ($name:ident, $bits:ident, $cases:expr) => {
        mod $name {
            const CASES: &[[$bits; 3]] = $cases;
            const OPS: usize = 44;

            const fn one([x, y, z]: [$bits; 3]) -> [u128; OPS] {
                let (a, b, c) = ($name::from_bits(x), $name::from_bits(y), $name::from_bits(z));
                let n = (x as u128).wrapping_mul(0x9e3779b97f4a7c15f39cc0605cedc835) ^ (y as u128);
                // Any size; or a tie with something far below it, which must not be lost on the way.
                let n = if z & 128 == 0 {
                    n >> (z as u32 & 127)
                } else {
                    let top = (n >> 100) as u32 & 127;
                    (1 << top) | (1 << (top.wrapping_sub($name::MANTISSA_DIGITS) & 127)) | (1 << ((n >> 107) as u32 & 31))
                };
                [
                    (a + b).to_bits() as u128,
                    (a - b).to_bits() as u128,
                    (a * b).to_bits() as u128,
                    (a / b).to_bits() as u128,
                    (a % b).to_bits() as u128,
                    a.mul_add(b, c).to_bits() as u128,
                    a.floor().to_bits() as u128,
                    a.ceil().to_bits() as u128,
                    a.trunc().to_bits() as u128,
                    a.round().to_bits() as u128,
                    a.round_ties_even().to_bits() as u128,
                    a.min(b).to_bits() as u128,
                    a.max(b).to_bits() as u128,
                    a.minimum(b).to_bits() as u128,
                    a.maximum(b).to_bits() as u128,
                    a.copysign(b).to_bits() as u128,
                    (-a).to_bits() as u128,
                    a.abs().to_bits() as u128,
                    a.next_up().to_bits() as u128,
                    a.next_down().to_bits() as u128,
                    (a < b) as u128 | ((a <= b) as u128) << 1 | ((a == b) as u128) << 2 | (a.classify() as u128) << 3,
                    (a as f16).to_bits() as u128,
                    (a as f32).to_bits() as u128,
                    (a as f64).to_bits() as u128,
                    (a as f128).to_bits() as u128,
                    a as i8 as u8 as u128,
                    a as u8 as u128,
                    a as i16 as u16 as u128,
                    a as u16 as u128,
                    a as i32 as u32 as u128,
                    a as u32 as u128,
                    a as i64 as u64 as u128,
                    a as u64 as u128,
                    a as i128 as u128,
                    a as u128,
                    (n as i8 as $name).to_bits() as u128,
                    (n as u16 as $name).to_bits() as u128,
                    (n as i32 as $name).to_bits() as u128,
                    (n as u32 as $name).to_bits() as u128,
                    (n as i64 as $name).to_bits() as u128,
                    (n as u64 as $name).to_bits() as u128,
                    (n as i128 as $name).to_bits() as u128,
                    (n as $name).to_bits() as u128,
                    n,
                ]
            }

            const fn all() -> [[u128; OPS]; CASES.len()] {
                let mut results = [[0; OPS]; CASES.len()];
                let mut i = 0;
                while i < CASES.len() {
                    results[i] = one(CASES[i]);
                    i += 1;
                }
                results
            }

            pub static RESULTS: [[u128; OPS]; CASES.len()] = all();
        }
    };
}

format!(f16, u16, CASES_F16);
format!(f32, u32, CASES_F32);
format!(f64, u64, CASES_F64);
format!(f128, u128, CASES_F128);

fn main() {
    let mut bytes = Vec::new();
    for row in f16::RESULTS.iter().chain(&f32::RESULTS).chain(&f64::RESULTS).chain(&f128::RESULTS) {
        for word in row {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
    }
    std::io::stdout().write_all(&bytes).unwrap();
}
