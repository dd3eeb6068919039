// What has no constant evaluation: roots, powers, text. Reads lines `WIDTH BITS POWER`, in hexadecimal but the width and the power; writes a line
// with the bits of the root, the bits of the power, and `{:?}`, `{}` and `{:e}`.
#![feature(f16, f128)]

use std::hint::black_box;
use std::io::{BufWriter, Read, Write};

macro_rules! line {
    ($out:expr, $float:ident, $bits:ident, $text:expr, $power:expr) => {{
        let a = black_box($float::from_bits($bits::from_str_radix($text, 16).unwrap()));
        let power = black_box($power);
        write!($out, "{:x} {:x}", a.sqrt().to_bits(), a.powi(power).to_bits()).unwrap();
        writeln!($out, " {a:?}").unwrap();
    }};
    (text $out:expr, $float:ident, $bits:ident, $text:expr, $power:expr) => {{
        let a = black_box($float::from_bits($bits::from_str_radix($text, 16).unwrap()));
        let power = black_box($power);
        write!($out, "{:x} {:x}", a.sqrt().to_bits(), a.powi(power).to_bits()).unwrap();
        writeln!($out, " {a:?} {a} {a:e}").unwrap();
    }};
}

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let power: i32 = words[2].parse().unwrap();
        match words[0] {
            "16" => line!(text out, f16, u16, words[1], power),
            "32" => line!(text out, f32, u32, words[1], power),
            "64" => line!(text out, f64, u64, words[1], power),
            _ => line!(out, f128, u128, words[1], power),
        }
    }
}
