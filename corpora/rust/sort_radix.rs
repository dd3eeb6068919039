//! Radix sort of signed, unsigned and float keys, each mapped to an order-preserving bit pattern by a trait.
// expect: 0xe1b59a0c7d1c8e1c
#![no_std]

/// Keys whose order is that of an unsigned number.
trait RadixKey: Copy {
    const BYTES: usize;
    fn bits(self) -> u64;
}

impl RadixKey for u16 {
    const BYTES: usize = 2;
    fn bits(self) -> u64 {
        self.into()
    }
}

impl RadixKey for i32 {
    const BYTES: usize = 4;
    fn bits(self) -> u64 {
        u64::from(self as u32 ^ 1 << 31)
    }
}

impl RadixKey for f64 {
    const BYTES: usize = 8;
    /// Negative numbers are ordered backwards by their bits, and come below the positive ones.
    fn bits(self) -> u64 {
        let bits = self.to_bits();
        if bits >> 63 == 1 {
            !bits
        } else {
            bits | 1 << 63
        }
    }
}

impl<A: RadixKey, B: RadixKey> RadixKey for (A, B) {
    const BYTES: usize = A::BYTES + B::BYTES;
    fn bits(self) -> u64 {
        self.0.bits() << (8 * B::BYTES) | self.1.bits()
    }
}

fn radix_sort<K: RadixKey, const N: usize>(keys: &mut [K; N]) {
    let mut from = *keys;
    for digit in 0..K::BYTES {
        let byte_of = |key: K| (key.bits() >> (8 * digit)) as u8 as usize;
        let mut starts = [0usize; 256];
        for &key in &from {
            starts[byte_of(key)] += 1;
        }
        let mut total = 0;
        for start in &mut starts {
            total += core::mem::replace(start, total);
        }
        for &key in &from {
            let place = &mut starts[byte_of(key)];
            keys[*place] = key;
            *place += 1;
        }
        from = *keys;
    }
}

fn digest<K: RadixKey, const N: usize>(mut keys: [K; N]) -> u64 {
    radix_sort(&mut keys);
    let inversions = keys.windows(2).filter(|pair| pair[0].bits() > pair[1].bits()).count() as u64;
    keys.iter().fold(inversions, |sum, key| (sum ^ key.bits()).wrapping_mul(0x0100_0000_01b3))
}

#[no_mangle]
pub fn run() -> u64 {
    let mut state = 88_172_645_463_325_252u64;
    let mut next = move || {
        state ^= state << 7;
        state ^= state >> 9;
        state
    };
    let small: [u16; 180] = core::array::from_fn(|_| next() as u16);
    let signed: [i32; 120] = core::array::from_fn(|_| next() as i32 >> 3);
    let floats: [f64; 100] = core::array::from_fn(|i| (next() % 2001) as f64 * 0.125 - 125.0 + i as f64);
    let pairs: [(i32, u16); 80] = core::array::from_fn(|_| ((next() % 7) as i32 - 3, next() as u16));
    [digest(small), digest(signed), digest(floats), digest(pairs)].iter().fold(0, |sum, part| sum.rotate_left(16) ^ part)
}
