//! Unions: tagged values by hand, NaN boxing, float anatomy, a small vector that is inline or elsewhere, bytes of structs.
// expect: 0x7a17cc485db65478
#![no_std]

use core::mem::MaybeUninit;

#[repr(C)]
#[derive(Clone, Copy)]
union Word {
    integer: u64,
    signed: i64,
    float: f64,
    halves: [u32; 2],
    bytes: [u8; 8],
}

impl Word {
    const ZERO: Word = Word { integer: 0 };

    fn integer(self) -> u64 {
        // SAFETY: all fields have eight bytes, and take any bits.
        unsafe { self.integer }
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Value {
    Number(f64),
    Integer(i32),
    Bool(bool),
    Nil,
}

/// A value in the bits of a float: what is not a number is a quiet NaN with a tag.
#[derive(Clone, Copy)]
struct Boxed(Word);

impl Boxed {
    const QUIET: u64 = 0x7ff8_0000_0000_0000;

    fn tagged(tag: u64, payload: u32) -> Self {
        Boxed(Word { integer: Self::QUIET | tag << 48 | u64::from(payload) })
    }

    fn new(value: Value) -> Self {
        match value {
            Value::Number(float) => Boxed(Word { float }),
            Value::Integer(integer) => Self::tagged(1, integer as u32),
            Value::Bool(value) => Self::tagged(2, value.into()),
            Value::Nil => Self::tagged(3, 0),
        }
    }

    fn get(self) -> Value {
        let bits = self.0.integer();
        let payload = bits as u32;
        match (bits & Self::QUIET == Self::QUIET, bits >> 48 & 7) {
            (true, 1) => Value::Integer(payload as i32),
            (true, 2) => Value::Bool(payload != 0),
            (true, 3) => Value::Nil,
            // SAFETY: any bits are a float.
            _ => Value::Number(unsafe { self.0.float }),
        }
    }
}

/// Sign, exponent and mantissa such that the value is `mantissa * 2^exponent`.
fn anatomy(float: f64) -> (bool, i32, u64) {
    let word = Word { float };
    // SAFETY: as above.
    let negative = unsafe { word.signed } < 0;
    let bits = word.integer();
    let fraction = bits & ((1 << 52) - 1);
    match (bits >> 52 & 0x7ff) as i32 {
        0 => (negative, -1074, fraction),
        exponent => (negative, exponent - 1075, fraction | 1 << 52),
    }
}

union Storage<'s, T: Copy, const N: usize> {
    inline: [MaybeUninit<T>; N],
    elsewhere: &'s [T],
}

/// Copies short slices, and refers to long ones. Which field is live follows from the length.
struct SmallSlice<'s, T: Copy, const N: usize> {
    length: usize,
    storage: Storage<'s, T, N>,
}

impl<'s, T: Copy, const N: usize> SmallSlice<'s, T, N> {
    fn new(items: &'s [T]) -> Self {
        let storage = if items.len() <= N {
            let mut inline = [MaybeUninit::uninit(); N];
            for (slot, &item) in inline.iter_mut().zip(items) {
                slot.write(item);
            }
            Storage { inline }
        } else {
            Storage { elsewhere: items }
        };
        SmallSlice { length: items.len(), storage }
    }

    fn as_slice(&self) -> &[T] {
        if self.length <= N {
            // SAFETY: the first `length` items were written by `new`.
            unsafe { core::slice::from_raw_parts(self.storage.inline.as_ptr().cast(), self.length) }
        } else {
            // SAFETY: `new` wrote this field for long slices.
            unsafe { self.storage.elsewhere }
        }
    }
}

/// The inverse square root by an initial guess from the bits, and two steps of Newton's iteration.
fn inverse_sqrt(x: f32) -> f32 {
    let guess = f32::from_bits(0x5f37_59df_u32.wrapping_sub(x.to_bits() >> 1));
    (0..2).fold(guess, |y, _| y * (1.5 - 0.5 * x * y * y))
}

#[no_mangle]
pub fn run() -> u64 {
    let values = [
        Value::Number(1.5),
        Value::Integer(-7),
        Value::Bool(true),
        Value::Nil,
        Value::Number(-0.0),
        Value::Number(f64::INFINITY),
        Value::Integer(i32::MAX),
    ];
    let mut checksum = 0u64;
    for (index, &value) in values.iter().cycle().take(2500).enumerate() {
        let boxed = Boxed::new(match value {
            Value::Integer(n) => Value::Integer(n.wrapping_mul(index as i32)),
            Value::Number(x) => Value::Number(x / (1.0 + index as f64)),
            other => other,
        });
        checksum = checksum.rotate_left(9) ^ boxed.0.integer() ^ u64::from(boxed.get() == value);
        let (negative, exponent, mantissa) = match boxed.get() {
            Value::Number(x) => anatomy(x),
            Value::Integer(n) => anatomy(n.into()),
            Value::Bool(_) | Value::Nil => (false, 0, 0),
        };
        checksum = checksum.wrapping_add(mantissa ^ u64::from(negative)).rotate_right(5) ^ u64::from(exponent as u32);
    }
    let items: [u16; 12] = core::array::from_fn(|i| (i * i) as u16);
    for end in 0..items.len() {
        let small = SmallSlice::<u16, 5>::new(&items[..end]);
        checksum = small.as_slice().iter().fold(checksum, |sum, &item| sum.wrapping_mul(31) ^ u64::from(item));
    }
    let mut word = Word::ZERO;
    for (index, x) in [2.0f32, 0.25, 100.0, 7.0].into_iter().enumerate() {
        // SAFETY: all fields take any bits.
        unsafe {
            word.halves[index % 2] = inverse_sqrt(x).to_bits();
            word.bytes[index] ^= 0x5a;
        }
        checksum = checksum.rotate_left(17) ^ u64::from_le(word.integer());
    }
    checksum
}
