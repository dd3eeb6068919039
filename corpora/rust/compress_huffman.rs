//! Huffman coding: a binary heap of weights, tree nodes by index, canonical codes, a bit writer and a bit reader.
// expect: 0x24e56437f0cd370b
#![no_std]

use core::cmp::Reverse;

/// A priority queue of fixed capacity: the greatest first.
struct Heap<T, const N: usize> {
    items: [Option<T>; N],
    len: usize,
}

impl<T: Ord + Copy, const N: usize> Heap<T, N> {
    fn new() -> Self {
        Heap { items: [None; N], len: 0 }
    }

    fn push(&mut self, item: T) {
        let mut at = self.len;
        self.len += 1;
        self.items[at] = Some(item);
        while at > 0 && self.items[(at - 1) / 2] < self.items[at] {
            self.items.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    fn pop(&mut self) -> Option<T> {
        let last = self.len.checked_sub(1)?;
        self.items.swap(0, last);
        self.len = last;
        let top = self.items[last].take();
        let mut at = 0;
        loop {
            // An empty place is less than any item.
            let children = [2 * at + 1, 2 * at + 2];
            let largest = children.into_iter().filter(|&child| child < self.len).max_by_key(|&child| self.items[child]);
            match largest {
                Some(child) if self.items[child] > self.items[at] => {
                    self.items.swap(at, child);
                    at = child;
                }
                _ => return top,
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Tree {
    Leaf(u8),
    Fork(u16, u16),
}

struct BitWriter<'a> {
    bytes: &'a mut [u8],
    bit: usize,
}

impl BitWriter<'_> {
    fn write(&mut self, code: u32, length: u8) {
        for position in (0..length).rev() {
            self.bytes[self.bit / 8] |= ((code >> position & 1) as u8) << (self.bit % 8);
            self.bit += 1;
        }
    }
}

fn bits(bytes: &[u8]) -> impl Iterator<Item = bool> + '_ {
    bytes.iter().flat_map(|&byte| (0..8).map(move |bit| byte >> bit & 1 == 1))
}

/// Code lengths by symbol; zero for symbols that do not occur.
fn code_lengths(text: &[u8]) -> [u8; 128] {
    let mut counts = [0u32; 128];
    text.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    let mut nodes = [Tree::Leaf(0); 256];
    let mut used = 0u16;
    let mut add = |nodes: &mut [Tree; 256], node| {
        nodes[usize::from(used)] = node;
        used += 1;
        used - 1
    };
    let mut heap = Heap::<(Reverse<u32>, Reverse<u16>), 128>::new();
    for (symbol, &count) in counts.iter().enumerate().filter(|(_, &count)| count > 0) {
        heap.push((Reverse(count), Reverse(add(&mut nodes, Tree::Leaf(symbol as u8)))));
    }
    let mut lengths = [0; 128];
    while let Some((Reverse(a), Reverse(left))) = heap.pop() {
        match heap.pop() {
            Some((Reverse(b), Reverse(right))) => {
                heap.push((Reverse(a + b), Reverse(add(&mut nodes, Tree::Fork(left, right)))));
            }
            None => assign(&nodes, left, 0, &mut lengths),
        }
    }
    lengths
}

fn assign(nodes: &[Tree], node: u16, depth: u8, lengths: &mut [u8; 128]) {
    match nodes[usize::from(node)] {
        Tree::Leaf(symbol) => lengths[usize::from(symbol)] = depth.max(1),
        Tree::Fork(left, right) => {
            assign(nodes, left, depth + 1, lengths);
            assign(nodes, right, depth + 1, lengths);
        }
    }
}

/// Canonical codes: shorter first, then by symbol.
fn canonical(lengths: &[u8; 128]) -> [u32; 128] {
    let mut codes = [0; 128];
    let mut next = 0u32;
    for length in 1..=24u8 {
        for (code, _) in codes.iter_mut().zip(lengths).filter(|(_, &of)| of == length) {
            *code = next;
            next += 1;
        }
        next <<= 1;
    }
    codes
}

fn decode(packed: &[u8], lengths: &[u8; 128], codes: &[u32; 128], out: &mut [u8]) -> usize {
    let (mut code, mut length, mut written) = (0, 0, 0);
    for bit in bits(packed) {
        code = code << 1 | u32::from(bit);
        length += 1;
        let symbol = (0..128).find(|&s| lengths[s] == length && codes[s] == code);
        if let (Some(symbol), Some(slot)) = (symbol, out.get_mut(written)) {
            *slot = symbol as u8;
            written += 1;
            (code, length) = (0, 0);
        }
    }
    written
}

#[no_mangle]
pub fn run() -> u64 {
    let text = b"it was the best of times, it was the worst of times";
    let lengths = code_lengths(text);
    let codes = canonical(&lengths);
    let mut packed = [0u8; 64];
    let mut writer = BitWriter { bytes: &mut packed, bit: 0 };
    for &byte in text {
        writer.write(codes[usize::from(byte)], lengths[usize::from(byte)]);
    }
    let used = writer.bit;
    let mut unpacked = [0u8; 51];
    let written = decode(&packed[..used.div_ceil(8)], &lengths, &codes, &mut unpacked);
    let same = written == text.len() && unpacked == *text;
    let checksum = packed.iter().fold(same as u64, |sum, &byte| sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte));
    checksum ^ (used as u64) << 40
}
