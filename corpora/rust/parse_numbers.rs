//! Integers of every width parsed and printed through one trait, and decimal floats parsed with an exact fast path.
// expect: 0xaa1e60c509b38d5b
#![no_std]

use core::num::NonZeroU8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum ParseError {
    Empty,
    Digit(NonZeroU8),
    Overflow,
}

trait Integer: Copy + PartialEq {
    fn push_digit(self, radix: u32, digit: u32, negative: bool) -> Option<Self>;
    fn zero() -> Self;
    fn to_i128(self) -> i128;
}

macro_rules! integer {
    ($($ty:ty)*) => {$(
        impl Integer for $ty {
            fn push_digit(self, radix: u32, digit: u32, negative: bool) -> Option<Self> {
                let scaled = self.checked_mul(radix as $ty)?;
                if negative { scaled.checked_sub(digit as $ty) } else { scaled.checked_add(digit as $ty) }
            }
            fn zero() -> Self {
                0
            }
            fn to_i128(self) -> i128 {
                self as i128
            }
        }
    )*};
}

integer!(u8 i8 u16 i32 u64 i64 i128);

fn parse<T: Integer>(text: &str, radix: u32) -> Result<T, ParseError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() {
        return Err(ParseError::Empty);
    }
    digits.bytes().try_fold(T::zero(), |value, byte| {
        let bad = NonZeroU8::new(byte).ok_or(ParseError::Empty)?;
        let digit = char::from(byte).to_digit(radix).ok_or(ParseError::Digit(bad))?;
        value.push_digit(radix, digit, negative).ok_or(ParseError::Overflow)
    })
}

/// Writes `value` at the end of `buffer` and returns the part written.
fn print(mut value: i128, radix: i128, buffer: &mut [u8; 48]) -> &str {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let negative = value < 0;
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = DIGITS[(value % radix).unsigned_abs() as usize];
        value /= radix;
        if value == 0 {
            break;
        }
    }
    if negative {
        at -= 1;
        buffer[at] = b'-';
    }
    core::str::from_utf8(&buffer[at..]).unwrap_or("?")
}

/// Exact when the digits fit 53 bits and the power of ten is itself exact; None otherwise.
fn parse_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, parse::<i64>(exponent, 10).ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = whole.bytes().chain(fraction.bytes()).filter(u8::is_ascii_digit);
    let value = digits.fold(0u64, |value, byte| value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0')));
    let power = exponent - fraction.len() as i64;
    if value >> 53 != 0 || power.abs() > 22 {
        return None;
    }
    let scale = (0..power.abs()).fold(1.0f64, |scale, _| scale * 10.0);
    let magnitude = if power < 0 { value as f64 / scale } else { value as f64 * scale };
    Some(if whole.starts_with('-') { -magnitude } else { magnitude })
}

fn digest<T: Integer>(text: &str) -> u64 {
    let mut buffer = [0; 48];
    match parse::<T>(text, 10) {
        Ok(value) => print(value.to_i128(), 7, &mut buffer).bytes().fold(1, |sum, byte| sum * 29 % 1_000_007 + u64::from(byte)),
        Err(ParseError::Empty) => 2,
        Err(ParseError::Digit(byte)) => 3 + u64::from(byte.get()),
        Err(ParseError::Overflow) => 5,
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let texts =
        ["0", "-128", "127", "255", "-129", "65535", "2147483647", "-9223372036854775808", "18446744073709551615", "12x4", "-", "+77", ""];
    let mut checksum = 0u64;
    for text in texts {
        let parts = [
            digest::<u8>(text),
            digest::<i8>(text),
            digest::<u16>(text),
            digest::<i32>(text),
            digest::<u64>(text),
            digest::<i64>(text),
            digest::<i128>(text),
        ];
        checksum = parts.iter().fold(checksum, |sum, part| sum.rotate_left(5).wrapping_add(*part));
    }
    for text in ["1.5", "-0.1", "12345.678e3", "9007199254740993", "2.5e-7", "1e22", "1e23", "-0"] {
        checksum = checksum.rotate_left(11) ^ parse_float(text).map_or(13, f64::to_bits);
    }
    checksum
}
