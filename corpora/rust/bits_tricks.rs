//! Bit tricks written out against the standard operations: counts, reversals, Gray codes, Morton codes, permutations, isqrt.
// expect: 0x6f19b259ef0dcff0
#![no_std]

fn popcount_by_halves(mut x: u64) -> u32 {
    x -= x >> 1 & 0x5555_5555_5555_5555;
    x = (x & 0x3333_3333_3333_3333) + (x >> 2 & 0x3333_3333_3333_3333);
    x = (x + (x >> 4)) & 0x0f0f_0f0f_0f0f_0f0f;
    (x.wrapping_mul(0x0101_0101_0101_0101) >> 56) as u32
}

fn reverse_by_swaps(mut x: u64) -> u64 {
    let masks = [0x5555_5555_5555_5555u64, 0x3333_3333_3333_3333, 0x0f0f_0f0f_0f0f_0f0f, 0x00ff_00ff_00ff_00ff, 0x0000_ffff_0000_ffff];
    for (level, mask) in masks.into_iter().enumerate() {
        let by = 1 << level;
        x = x >> by & mask | (x & mask) << by;
    }
    x.rotate_left(32)
}

/// The position of the lowest bit by a de Bruijn sequence.
fn lowest_bit(x: u32) -> Option<u32> {
    const SEQUENCE: u32 = 0x077c_b531;
    static TABLE: [u8; 32] = {
        let mut table = [0; 32];
        let mut bit = 0;
        while bit < 32 {
            table[(SEQUENCE.wrapping_shl(bit) >> 27) as usize] = bit as u8;
            bit += 1;
        }
        table
    };
    let isolated = x & x.wrapping_neg();
    (x != 0).then(|| TABLE[(isolated.wrapping_mul(SEQUENCE) >> 27) as usize].into())
}

fn gray(x: u32) -> u32 {
    x ^ x >> 1
}

fn from_gray(x: u32) -> u32 {
    [1, 2, 4, 8, 16].into_iter().fold(x, |x, by| x ^ x >> by)
}

fn spread(x: u16) -> u32 {
    let x = u32::from(x);
    let x = (x | x << 8) & 0x00ff_00ff;
    let x = (x | x << 4) & 0x0f0f_0f0f;
    let x = (x | x << 2) & 0x3333_3333;
    (x | x << 1) & 0x5555_5555
}

fn morton(x: u16, y: u16) -> u32 {
    spread(x) | spread(y) << 1
}

/// The next number with as many bits.
fn next_permutation(x: u32) -> Option<u32> {
    let lowest = x & x.wrapping_neg();
    let ripple = x.checked_add(lowest)?;
    Some((x ^ ripple) >> 2 >> lowest.checked_ilog2()? | ripple)
}

fn isqrt(x: u64) -> u64 {
    let (mut root, mut rest) = (0, x);
    let mut bit = 1u64 << 62;
    while bit != 0 {
        let trial = root + bit;
        root >>= 1;
        if let Some(less) = rest.checked_sub(trial) {
            rest = less;
            root += bit;
        }
        bit >>= 2;
    }
    root
}

fn average_without_overflow(a: i32, b: i32) -> i32 {
    (a & b) + ((a ^ b) >> 1)
}

#[no_mangle]
pub fn run() -> u64 {
    let mut x = 0x9e37_79b9_7f4a_7c15u64;
    let mut right = 0u64;
    let mut checksum = 0u64;
    for _ in 0..80 {
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let (low, high) = (x as u32, (x >> 32) as u32);
        let checks = [
            popcount_by_halves(x) == x.count_ones(),
            reverse_by_swaps(x) == x.reverse_bits(),
            lowest_bit(low) == (low != 0).then(|| low.trailing_zeros()),
            from_gray(gray(high)) == high,
            (gray(low) ^ gray(low.wrapping_add(1))).is_power_of_two(),
            (0..16).all(|bit| morton(low as u16, high as u16) >> (2 * bit) & 1 == low >> bit & 1),
            next_permutation(low).is_none_or(|next| next > low && next.count_ones() == low.count_ones()),
            isqrt(x) == x.isqrt(),
            i64::from(average_without_overflow(low as i32, high as i32)) == (i64::from(low as i32) + i64::from(high as i32)) >> 1,
            x.swap_bytes().to_be() == x.to_le(),
            (x as i64).signum() as i128 == i128::from((x != 0) as i64 - 2 * (x >> 63) as i64),
        ];
        right += checks.iter().map(|&check| u64::from(check)).sum::<u64>();
        checksum = checksum.rotate_left(1) ^ u64::from(morton(low as u16, high as u16)) ^ isqrt(x) << 32;
    }
    checksum.wrapping_mul(1_000_000).wrapping_add(right)
}
