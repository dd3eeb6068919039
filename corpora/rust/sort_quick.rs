//! Quicksort with a three-way partition and a comparison closure, falling back to insertion on short slices.
// expect: 0xdcab558bc879bc43
#![no_std]

use core::cmp::Ordering;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Record {
    key: i16,
    group: u8,
    serial: u32,
}

fn insertion_sort<T: Copy>(items: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) {
    for end in 1..items.len() {
        let item = items[end];
        let mut hole = end;
        while hole > 0 && compare(&item, &items[hole - 1]).is_lt() {
            items[hole] = items[hole - 1];
            hole -= 1;
        }
        items[hole] = item;
    }
}

fn median_of_three<T: Copy>(items: &[T], compare: &impl Fn(&T, &T) -> Ordering) -> T {
    let mut three = [items[0], items[items.len() / 2], items[items.len() - 1]];
    insertion_sort(&mut three, compare);
    three[1]
}

/// Returns the bounds of the part equal to `pivot`.
fn partition<T: Copy>(items: &mut [T], pivot: T, compare: &impl Fn(&T, &T) -> Ordering) -> (usize, usize) {
    let (mut less, mut next, mut greater) = (0, 0, items.len());
    while next < greater {
        match compare(&items[next], &pivot) {
            Ordering::Less => {
                items.swap(less, next);
                less += 1;
                next += 1;
            }
            Ordering::Equal => next += 1,
            Ordering::Greater => {
                greater -= 1;
                items.swap(next, greater);
            }
        }
    }
    (less, greater)
}

fn quicksort<T: Copy>(mut items: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) {
    while items.len() > 12 {
        let pivot = median_of_three(items, compare);
        let (less, greater) = partition(items, pivot, compare);
        let (left, rest) = items.split_at_mut(less);
        let (_, right) = rest.split_at_mut(greater - less);
        // Recurse into the shorter side, so that the stack stays shallow.
        if left.len() < right.len() {
            quicksort(left, compare);
            items = right;
        } else {
            quicksort(right, compare);
            items = left;
        }
    }
    insertion_sort(items, compare);
}

#[no_mangle]
pub fn run() -> u64 {
    let mut records = [Record::default(); 300];
    let mut state = 0x2545_f491u32;
    for (serial, record) in records.iter_mut().enumerate() {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        *record = Record { key: (state % 97) as i16 - 48, group: (state >> 8) as u8 & 3, serial: serial as u32 };
    }
    quicksort(&mut records, &|a, b| a.key.cmp(&b.key).then(b.group.cmp(&a.group)).then(a.serial.cmp(&b.serial)));
    let ordered = records.windows(2).all(|pair| (pair[0].key, pair[1].group) <= (pair[1].key, pair[1].group));
    let by_key = records.iter().fold(0u64, |sum, r| sum.wrapping_mul(31).wrapping_add(u64::from(r.serial)));
    quicksort(&mut records, &|a, b| a.serial.cmp(&b.serial));
    let restored = records.iter().enumerate().all(|(index, record)| record.serial as usize == index);
    by_key << 2 | u64::from(ordered) << 1 | u64::from(restored)
}
