//! A hash after XXH64: four lanes over stripes, then the tail by eight, four and one byte, then an avalanche.
// expect: 0x4fdb1d25cdcf958e
#![no_std]

const PRIMES: [u64; 5] =
    [0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63, 0x27d4_eb2f_1656_67c5];

fn read<const N: usize>(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    let value = head.iter().enumerate().map(|(i, &b)| u64::from(b) << (8 * i)).sum();
    Some((value, rest))
}

fn round(lane: u64, input: u64) -> u64 {
    lane.wrapping_add(input.wrapping_mul(PRIMES[1])).rotate_left(31).wrapping_mul(PRIMES[0])
}

fn merge(hash: u64, lane: u64) -> u64 {
    (hash ^ round(0, lane)).wrapping_mul(PRIMES[0]).wrapping_add(PRIMES[3])
}

fn avalanche(mut hash: u64) -> u64 {
    for (shift, prime) in [(33, PRIMES[1]), (29, PRIMES[2])] {
        hash = (hash ^ hash >> shift).wrapping_mul(prime);
    }
    hash ^ hash >> 32
}

fn xxh64(input: &[u8], seed: u64) -> u64 {
    let mut rest = input;
    let mut hash = if input.len() >= 32 {
        let mut lanes =
            [seed.wrapping_add(PRIMES[0]).wrapping_add(PRIMES[1]), seed.wrapping_add(PRIMES[1]), seed, seed.wrapping_sub(PRIMES[0])];
        while rest.len() >= 32 {
            for lane in &mut lanes {
                let Some((word, after)) = read::<8>(rest) else { break };
                *lane = round(*lane, word);
                rest = after;
            }
        }
        let rotations = [1, 7, 12, 18];
        let start = lanes.iter().zip(rotations).fold(0u64, |sum, (lane, by)| sum.wrapping_add(lane.rotate_left(by)));
        lanes.into_iter().fold(start, merge)
    } else {
        seed.wrapping_add(PRIMES[4])
    };
    hash = hash.wrapping_add(input.len() as u64);
    while let Some((word, after)) = read::<8>(rest) {
        hash = (hash ^ round(0, word)).rotate_left(27).wrapping_mul(PRIMES[0]).wrapping_add(PRIMES[3]);
        rest = after;
    }
    if let Some((word, after)) = read::<4>(rest) {
        hash = (hash ^ word.wrapping_mul(PRIMES[0])).rotate_left(23).wrapping_mul(PRIMES[1]).wrapping_add(PRIMES[2]);
        rest = after;
    }
    for &byte in rest {
        hash = (hash ^ u64::from(byte).wrapping_mul(PRIMES[4])).rotate_left(11).wrapping_mul(PRIMES[0]);
    }
    avalanche(hash)
}

#[no_mangle]
pub fn run() -> u64 {
    let buffer: [u8; 160] = core::array::from_fn(|index| (index as u8).wrapping_mul(37));
    let empty_is_right = xxh64(&[], 0) == 0xef46_db37_51d8_e999;
    (0..buffer.len()).fold(empty_is_right as u64, |sum, start| sum.rotate_left(3) ^ xxh64(&buffer[start..], start as u64))
}
