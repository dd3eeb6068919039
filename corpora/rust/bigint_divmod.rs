//! Long division of big integers after Knuth's algorithm D, checked by multiplying back, and decimal printing.
// expect: 0x3ca2f7d3372017a3
#![no_std]

use core::cmp::Ordering;

const WORDS: usize = 16;

/// Words from the least to the greatest; those from `len` on are zero.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Natural {
    len: usize,
    words: [u32; WORDS],
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        self.len.cmp(&other.len).then_with(|| self.digits().iter().rev().cmp(other.digits().iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct DivisionByZero;

impl Natural {
    fn from_words(words: &[u32]) -> Self {
        let mut out = Natural::default();
        out.words[..words.len()].copy_from_slice(words);
        out.len = words.len();
        out.trimmed()
    }

    fn trimmed(mut self) -> Self {
        while let [.., 0] = self.words[..self.len] {
            self.len -= 1;
        }
        self
    }

    fn digits(&self) -> &[u32] {
        &self.words[..self.len]
    }

    fn multiply_add(&self, other: &Self, addend: &Self) -> Self {
        let mut words = addend.words;
        for (i, &a) in self.digits().iter().enumerate() {
            let mut carry = 0;
            for (slot, &b) in words[i..].iter_mut().zip(other.digits().iter().chain(core::iter::repeat(&0))) {
                let wide = u64::from(a) * u64::from(b) + u64::from(*slot) + carry;
                (*slot, carry) = (wide as u32, wide >> 32);
            }
        }
        Natural { len: WORDS, words }.trimmed()
    }

    fn divide_by_word(&self, divisor: u32) -> (Self, u32) {
        let mut quotient = *self;
        let mut remainder = 0u64;
        for word in quotient.words[..self.len].iter_mut().rev() {
            let wide = remainder << 32 | u64::from(*word);
            *word = (wide / u64::from(divisor)) as u32;
            remainder = wide % u64::from(divisor);
        }
        (quotient.trimmed(), remainder as u32)
    }

    fn shifted_left(&self, bits: u32) -> [u32; WORDS + 1] {
        let mut out = [0; WORDS + 1];
        for (i, &word) in self.digits().iter().enumerate() {
            let wide = u64::from(word) << bits;
            out[i] |= wide as u32;
            out[i + 1] = (wide >> 32) as u32;
        }
        out
    }

    fn divide(&self, divisor: &Self) -> Result<(Self, Self), DivisionByZero> {
        let n = divisor.len;
        match divisor.digits() {
            [] => return Err(DivisionByZero),
            [single] => {
                let (quotient, remainder) = self.divide_by_word(*single);
                return Ok((quotient, Self::from_words(&[remainder])));
            }
            _ if self.len < n => return Ok((Natural::default(), *self)),
            _ => {}
        }
        let shift = divisor.words[n - 1].leading_zeros();
        let v = divisor.shifted_left(shift);
        let mut u = self.shifted_left(shift);
        let mut quotient = Natural { len: self.len - n + 1, ..Natural::default() };
        for j in (0..quotient.len).rev() {
            let top = u64::from(u[j + n]) << 32 | u64::from(u[j + n - 1]);
            let (mut guess, mut rest) = (top / u64::from(v[n - 1]), top % u64::from(v[n - 1]));
            while guess >> 32 != 0 || guess * u64::from(v[n - 2]) > (rest << 32 | u64::from(u[j + n - 2])) {
                guess -= 1;
                rest += u64::from(v[n - 1]);
                if rest >> 32 != 0 {
                    break;
                }
            }
            let mut borrow = 0i64;
            let mut carry = 0u64;
            for i in 0..=n {
                let product = guess * u64::from(v[i]) + carry;
                carry = product >> 32;
                let difference = i64::from(u[i + j]) - i64::from(product as u32) + borrow;
                u[i + j] = difference as u32;
                borrow = difference >> 32;
            }
            if borrow < 0 {
                guess -= 1;
                let mut carry = 0;
                for i in 0..=n {
                    let sum = u64::from(u[i + j]) + u64::from(v[i]) + carry;
                    u[i + j] = sum as u32;
                    carry = sum >> 32;
                }
            }
            quotient.words[j] = guess as u32;
        }
        let mut remainder = Natural { len: n, ..Natural::default() };
        for i in 0..n {
            remainder.words[i] = ((u64::from(u[i + 1]) << 32 | u64::from(u[i])) >> shift) as u32;
        }
        Ok((quotient.trimmed(), remainder.trimmed()))
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let mut seed = 12_345u64;
    let mut word = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Words of all ones and all zeros are where the guess is most wrong.
        match seed >> 61 {
            0 => 0,
            1 => u32::MAX,
            _ => (seed >> 29) as u32,
        }
    };
    let mut checksum = 0u64;
    for round in 0..48 {
        let dividend: [u32; 11] = core::array::from_fn(|_| word());
        let divisor: [u32; 5] = core::array::from_fn(|_| word());
        let a = Natural::from_words(&dividend[..5 + round % 7]);
        let b = Natural::from_words(&divisor[..round % 6]);
        match a.divide(&b) {
            Ok((quotient, remainder)) => {
                let valid = remainder < b && quotient.multiply_add(&b, &remainder) == a;
                let digits = quotient.digits().iter().chain(remainder.digits());
                checksum = digits.fold(checksum << 1 | valid as u64, |sum, &word| sum.rotate_left(7) ^ u64::from(word));
            }
            Err(DivisionByZero) => checksum = checksum.rotate_left(1) ^ 0xd1,
        }
    }
    let mut rest = Natural::from_words(&[u32::MAX; 10]);
    while rest.len > 0 {
        let (quotient, digit) = rest.divide_by_word(10);
        checksum = checksum.wrapping_mul(11).wrapping_add(u64::from(digit));
        rest = quotient;
    }
    checksum
}
