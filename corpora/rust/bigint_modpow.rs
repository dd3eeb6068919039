//! Modular arithmetic in u128: Montgomery multiplication against the plain one, Miller-Rabin, and modular inverses.
// expect: 0x36fb8f07a0d8cc90
#![no_std]

trait Ring {
    fn multiply(&self, a: u64, b: u64) -> u64;
    fn enter(&self, a: u64) -> u64;
    fn leave(&self, a: u64) -> u64;

    fn power(&self, base: u64, mut exponent: u64) -> u64 {
        let mut base = self.enter(base);
        let mut result = self.enter(1);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.multiply(result, base);
            }
            base = self.multiply(base, base);
            exponent >>= 1;
        }
        self.leave(result)
    }
}

struct Plain {
    modulus: u64,
}

impl Ring for Plain {
    fn multiply(&self, a: u64, b: u64) -> u64 {
        (u128::from(a) * u128::from(b) % u128::from(self.modulus)) as u64
    }
    fn enter(&self, a: u64) -> u64 {
        a % self.modulus
    }
    fn leave(&self, a: u64) -> u64 {
        a
    }
}

/// For odd moduli below 2^63.
struct Montgomery {
    modulus: u64,
    inverse: u64,
    square: u64,
}

impl Montgomery {
    fn new(modulus: u64) -> Self {
        // Newton's iteration doubles the number of right bits.
        let inverse = (0..6).fold(1u64, |x, _| x.wrapping_mul(2u64.wrapping_sub(modulus.wrapping_mul(x))));
        let r = u128::from(u64::MAX) + 1;
        let r = r % u128::from(modulus);
        Montgomery { modulus, inverse: inverse.wrapping_neg(), square: (r * r % u128::from(modulus)) as u64 }
    }

    fn reduce(&self, wide: u128) -> u64 {
        let m = (wide as u64).wrapping_mul(self.inverse);
        let t = ((wide + u128::from(m) * u128::from(self.modulus)) >> 64) as u64;
        t.checked_sub(self.modulus).unwrap_or(t)
    }
}

impl Ring for Montgomery {
    fn multiply(&self, a: u64, b: u64) -> u64 {
        self.reduce(u128::from(a) * u128::from(b))
    }
    fn enter(&self, a: u64) -> u64 {
        self.multiply(a % self.modulus, self.square)
    }
    fn leave(&self, a: u64) -> u64 {
        self.reduce(a.into())
    }
}

fn is_prime(n: u64, ring: &dyn Ring) -> bool {
    let shift = (n - 1).trailing_zeros();
    let odd = (n - 1) >> shift;
    [2, 3, 5, 7, 11, 13, 17].into_iter().filter(|&base| base < n).all(|base| {
        let mut x = ring.power(base, odd);
        if x == 1 || x == n - 1 {
            return true;
        }
        (1..shift).any(|_| {
            x = ring.power(x, 2);
            x == n - 1
        })
    })
}

/// The inverse of `a` by the extended Euclidean algorithm, in signed 128 bits.
fn inverse(a: u64, modulus: u64) -> Option<u64> {
    let (mut r, mut next_r) = (i128::from(modulus), i128::from(a));
    let (mut t, mut next_t) = (0i128, 1i128);
    while next_r != 0 {
        let quotient = r.div_euclid(next_r);
        (r, next_r) = (next_r, r - quotient * next_r);
        (t, next_t) = (next_t, t - quotient * next_t);
    }
    (r == 1).then(|| t.rem_euclid(i128::from(modulus)) as u64)
}

#[no_mangle]
pub fn run() -> u64 {
    let mut checksum = 0u64;
    for n in (1_000_000_007u64..).step_by(2).take(16).chain([561, 3_215_031_751, (1 << 61) - 1]) {
        let (plain, fast) = (Plain { modulus: n }, Montgomery::new(n));
        let rings: [&dyn Ring; 2] = [&plain, &fast];
        let [slow, quick] = rings.map(|ring| is_prime(n, ring));
        let powers = rings.map(|ring| ring.power(n / 3, n / 7));
        let inverted = inverse(n / 5 * 2 + 1, n).unwrap_or(0);
        let agreed = slow == quick && powers[0] == powers[1];
        checksum = checksum.rotate_left(6) ^ powers[1] ^ inverted << 1 ^ u64::from(slow) << 2 ^ u64::from(agreed);
    }
    checksum
}
