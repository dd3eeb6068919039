//! Heap sort in place and bottom-up merge sort with a scratch buffer, on generic ordered items, compared with each other.
// expect: 0x7f7c687edb2b0b36
#![no_std]

fn sift_down<T: PartialOrd>(heap: &mut [T], mut root: usize) {
    loop {
        let left = 2 * root + 1;
        let Some(right) = heap.get(left + 1) else {
            if left < heap.len() && heap[root] < heap[left] {
                heap.swap(root, left);
            }
            return;
        };
        let child = if *right > heap[left] { left + 1 } else { left };
        if heap[root] >= heap[child] {
            return;
        }
        heap.swap(root, child);
        root = child;
    }
}

fn heap_sort<T: PartialOrd>(items: &mut [T]) {
    for root in (0..items.len() / 2).rev() {
        sift_down(items, root);
    }
    for end in (1..items.len()).rev() {
        items.swap(0, end);
        sift_down(&mut items[..end], 0);
    }
}

fn merge<T: PartialOrd + Copy>(left: &[T], right: &[T], out: &mut [T]) {
    let (mut left, mut right) = (left.iter().copied().peekable(), right.iter().copied().peekable());
    for slot in out {
        let take_left = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => a <= b,
            (a, _) => a.is_some(),
        };
        let next = if take_left { left.next() } else { right.next() };
        if let Some(item) = next {
            *slot = item;
        }
    }
}

fn merge_sort<T: PartialOrd + Copy, const N: usize>(items: &mut [T; N]) {
    let mut scratch = *items;
    let mut width = 1;
    while width < N {
        for (from, to) in items.chunks(2 * width).zip(scratch.chunks_mut(2 * width)) {
            let (left, right) = from.split_at(width.min(from.len()));
            merge(left, right, to);
        }
        core::mem::swap(items, &mut scratch);
        width *= 2;
    }
}

fn fill<T, const N: usize>(mut seed: u64, make: impl Fn(u64) -> T) -> [T; N] {
    core::array::from_fn(|_| {
        seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        make(seed >> 33)
    })
}

fn sorted_both_ways<T: PartialOrd + Copy, const N: usize>(items: [T; N], digest: impl Fn(u64, T) -> u64) -> u64 {
    let (mut by_heap, mut by_merge) = (items, items);
    heap_sort(&mut by_heap);
    merge_sort(&mut by_merge);
    if by_heap != by_merge {
        return 0;
    }
    by_heap.into_iter().fold(1, digest)
}

#[no_mangle]
pub fn run() -> u64 {
    let integers: [i32; 203] = fill(7, |random| random as i32 - 0x3fff_ffff);
    let pairs: [(u8, char); 100] = fill(11, |random| (random as u8 % 9, char::from(b'a' + (random >> 9) as u8 % 26)));
    let floats: [f32; 90] = fill(13, |random| random as f32 / 1024.0 - 1e6);
    let a = sorted_both_ways(integers, |sum, item| sum.wrapping_mul(33) ^ item as u32 as u64);
    let b = sorted_both_ways(pairs, |sum, (digit, letter)| sum.wrapping_mul(129) + u64::from(digit) * 256 + letter as u64);
    let c = sorted_both_ways(floats, |sum, item| sum.rotate_left(9) ^ u64::from(item.to_bits()));
    a ^ b.rotate_left(21) ^ c.rotate_left(42)
}
