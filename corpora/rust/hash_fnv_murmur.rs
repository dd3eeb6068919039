//! FNV-1a and MurmurHash3 (32 bits) behind one streaming trait, over generated keys.
// expect: 0x30aa8d185ef279ad
#![no_std]

/// A hash that takes its input in pieces.
trait StreamHash: Default {
    type Output: Into<u64>;
    fn update(&mut self, bytes: &[u8]);
    fn finish(self) -> Self::Output;
}

struct Fnv1a(u64);

impl Default for Fnv1a {
    fn default() -> Self {
        Fnv1a(0xcbf2_9ce4_8422_2325)
    }
}

impl StreamHash for Fnv1a {
    type Output = u64;

    fn update(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(self) -> u64 {
        self.0
    }
}

#[derive(Default)]
struct Murmur3 {
    state: u32,
    tail: [u8; 4],
    tail_len: usize,
    total: u32,
}

impl Murmur3 {
    fn scramble(block: u32) -> u32 {
        block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
    }
}

impl StreamHash for Murmur3 {
    type Output = u32;

    fn update(&mut self, bytes: &[u8]) {
        self.total = self.total.wrapping_add(bytes.len() as u32);
        for &byte in bytes {
            self.tail[self.tail_len] = byte;
            self.tail_len += 1;
            if self.tail_len == 4 {
                let block = Self::scramble(u32::from_le_bytes(self.tail));
                self.state = (self.state ^ block).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
                self.tail_len = 0;
            }
        }
    }

    fn finish(mut self) -> u32 {
        if self.tail_len > 0 {
            self.tail[self.tail_len..].fill(0);
            self.state ^= Self::scramble(u32::from_le_bytes(self.tail));
        }
        let mut h = self.state ^ self.total;
        h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
        h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
        h ^ (h >> 16)
    }
}

/// Hashes `key` in pieces of growing length.
fn hash_in_pieces<H: StreamHash>(key: &[u8]) -> u64 {
    let mut hasher = H::default();
    let mut rest = key;
    let mut step = 1;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(step.min(rest.len()));
        hasher.update(piece);
        rest = after;
        step += 1;
    }
    hasher.finish().into()
}

#[no_mangle]
pub fn run() -> u64 {
    let mut key = [0u8; 61];
    let mut checksum = 0u64;
    for round in 0..60u32 {
        for (index, byte) in key.iter_mut().enumerate() {
            *byte = (round * 31 + index as u32 * 7) as u8;
        }
        let key = &key[..round as usize + 1];
        let (fnv, murmur) = (hash_in_pieces::<Fnv1a>(key), hash_in_pieces::<Murmur3>(key));
        checksum = checksum.rotate_left(7) ^ fnv ^ (murmur << 17);
    }
    checksum
}
