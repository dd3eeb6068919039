//! SHA-256 with its round constants computed at compile time from cube roots of primes, in integers only.
// expect: 0x4eec36d60c8f08b6
#![no_std]

/// The first 32 bits of the fraction of the `root`-th root (2 or 3) of `n`.
const fn root_fraction(n: u128, root: u32) -> u32 {
    // The largest x with x^root <= n << (32 * root).
    let target = n << (32 * root);
    let mut x: u128 = 0;
    let mut bit = 38;
    while bit > 0 {
        bit -= 1;
        let candidate = x | 1 << bit;
        let power = if root == 2 { candidate * candidate } else { candidate * candidate * candidate };
        if power <= target {
            x = candidate;
        }
    }
    x as u32
}

const fn constants<const N: usize>(root: u32) -> [u32; N] {
    let mut out = [0; N];
    let (mut count, mut n) = (0, 2u128);
    while count < N {
        let (mut divisor, mut prime) = (2, true);
        while divisor * divisor <= n {
            if n % divisor == 0 {
                prime = false;
            }
            divisor += 1;
        }
        if prime {
            out[count] = root_fraction(n, root);
            count += 1;
        }
        n += 1;
    }
    out
}

static K: [u32; 64] = constants(3);
static INITIAL: [u32; 8] = constants(2);

fn compress(state: &mut [u32; 8], block: &[u8; 64]) {
    let mut w = [0u32; 64];
    for (word, bytes) in w.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    for i in 16..64 {
        let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ (w[i - 15] >> 3);
        let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ (w[i - 2] >> 10);
        w[i] = w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (&k, &word) in K.iter().zip(&w) {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let t1 = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(k).wrapping_add(word);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
        (d, c, b, a) = (c, b, a, t1.wrapping_add(s0.wrapping_add(majority)));
    }
    for (word, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(add);
    }
}

fn sha256(message: &[u8]) -> [u32; 8] {
    let mut state = INITIAL;
    let mut block = [0u8; 64];
    let mut filled = 0;
    let mut push = |byte: u8| {
        block[filled % 64] = byte;
        filled += 1;
        if filled % 64 == 0 {
            compress(&mut state, &block);
        }
        filled % 64
    };
    for &byte in message {
        push(byte);
    }
    let mut position = push(0x80);
    while position != 56 {
        position = push(0);
    }
    for byte in (message.len() as u64 * 8).to_be_bytes() {
        push(byte);
    }
    state
}

#[no_mangle]
pub fn run() -> u64 {
    let abc_is_right = sha256(b"abc")[0] == 0xba78_16bf;
    let mut text = [b'a'; 200];
    let mut checksum = abc_is_right as u64;
    for length in [0, 1, 55, 56, 63, 64, 65, 119, 120, 200] {
        let digest = sha256(&text[..length]);
        for pair in digest.chunks(2) {
            checksum = checksum.rotate_left(11) ^ (u64::from(pair[0]) << 32 | u64::from(pair[1]));
        }
        text[length / 2] = digest[3] as u8;
    }
    checksum
}
