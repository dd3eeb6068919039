//! Burrows-Wheeler transform, move to front and run lengths as a pipeline of stages, each with its inverse.
// expect: 0xf243203b7dd41d89
#![no_std]

use core::cmp::Ordering;

const MAX: usize = 96;

/// Bytes on the stack.
#[derive(Clone, Copy)]
struct Bytes {
    data: [u8; 2 * MAX],
    len: usize,
}

impl Bytes {
    const EMPTY: Bytes = Bytes { data: [0; 2 * MAX], len: 0 };

    fn as_slice(&self) -> &[u8] {
        &self.data[..self.len]
    }
}

impl FromIterator<u8> for Bytes {
    fn from_iter<I: IntoIterator<Item = u8>>(items: I) -> Self {
        items.into_iter().fold(Bytes::EMPTY, |mut bytes, item| {
            bytes.data[bytes.len] = item;
            bytes.len += 1;
            bytes
        })
    }
}

trait Stage {
    fn forward(&self, input: &[u8]) -> Bytes;
    fn backward(&self, input: &[u8]) -> Bytes;
}

/// Writes the row of the original first.
struct BurrowsWheeler;

fn compare_rotations(input: &[u8], a: u8, b: u8) -> Ordering {
    let at = |start: u8, offset: usize| input[(start as usize + offset) % input.len()];
    for offset in 0..input.len() {
        match at(a, offset).cmp(&at(b, offset)) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    Ordering::Equal
}

impl Stage for BurrowsWheeler {
    fn forward(&self, input: &[u8]) -> Bytes {
        let n = input.len();
        let mut rows: [u8; MAX] = core::array::from_fn(|start| start as u8);
        // Insertion by binary search.
        for end in 1..n {
            let row = rows[end];
            let place = rows[..end].partition_point(|&other| compare_rotations(input, other, row).is_le());
            rows.copy_within(place..end, place + 1);
            rows[place] = row;
        }
        let origin = rows[..n].iter().position(|&row| row == 0).unwrap_or(0);
        let last = rows[..n].iter().map(|&row| input[(row as usize + n - 1) % n]);
        core::iter::once(origin as u8).chain(last).collect()
    }

    fn backward(&self, input: &[u8]) -> Bytes {
        let Some((&origin, last)) = input.split_first() else { return Bytes::EMPTY };
        let mut starts = [0u8; 256];
        last.iter().filter(|&&byte| byte < 255).for_each(|&byte| starts[byte as usize + 1] += 1);
        for value in 1..256 {
            starts[value] += starts[value - 1];
        }
        let mut next = [0u8; MAX];
        for (row, &byte) in last.iter().enumerate() {
            next[starts[byte as usize] as usize] = row as u8;
            starts[byte as usize] += 1;
        }
        let rows = core::iter::successors(Some(next[origin as usize]), |&row| Some(next[row as usize]));
        rows.take(last.len()).map(|row| last[row as usize]).collect()
    }
}

struct MoveToFront;

impl MoveToFront {
    fn alphabet() -> [u8; 256] {
        core::array::from_fn(|value| value as u8)
    }
}

impl Stage for MoveToFront {
    fn forward(&self, input: &[u8]) -> Bytes {
        let mut order = Self::alphabet();
        let ranks = input.iter().map(|wanted| {
            let rank = order.iter().position(|byte| byte == wanted).unwrap_or(0);
            order[..=rank].rotate_right(1);
            rank as u8
        });
        ranks.collect()
    }

    fn backward(&self, input: &[u8]) -> Bytes {
        let mut order = Self::alphabet();
        let bytes = input.iter().map(|&rank| {
            order[..=rank as usize].rotate_right(1);
            order[0]
        });
        bytes.collect()
    }
}

/// Each run as its byte and its length.
struct RunLengths;

impl Stage for RunLengths {
    fn forward(&self, input: &[u8]) -> Bytes {
        input.chunk_by(|a, b| a == b).flat_map(|run| [run[0], run.len() as u8]).collect()
    }

    fn backward(&self, input: &[u8]) -> Bytes {
        input.chunks_exact(2).flat_map(|pair| core::iter::repeat_n(pair[0], pair[1].into())).collect()
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let stages: [&dyn Stage; 3] = [&BurrowsWheeler, &MoveToFront, &RunLengths];
    let texts = ["abracadabra, abracadabra!", "mississippi river, mississippi state", "bananananananana", "x"];
    let mut checksum = 0u64;
    for text in texts {
        let start: Bytes = text.bytes().collect();
        let packed = stages.iter().fold(start, |bytes, stage| stage.forward(bytes.as_slice()));
        let back = stages.iter().rev().fold(packed, |bytes, stage| stage.backward(bytes.as_slice()));
        let same = back.as_slice() == text.as_bytes();
        checksum = packed.as_slice().iter().fold(checksum << 1 | same as u64, |sum, &byte| sum.rotate_left(7) ^ u64::from(byte));
    }
    checksum
}
