//! Uses of `core` and `alloc` that once could not be imported, or came out wrong: each function's value must be that of rustc's own binary.
#![no_std]
extern crate alloc;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, BinaryHeap, LinkedList, VecDeque};
use alloc::format;
use alloc::rc::{Rc, Weak};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, RefCell, UnsafeCell};
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicUsize, Ordering};

const HEAP_WORDS: usize = 8192;

/// Hands out memory and takes none back.
pub struct Bump {
    used: AtomicUsize,
    heap: UnsafeCell<[u64; HEAP_WORDS]>,
}

unsafe impl Sync for Bump {}

unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = (self.used.load(Ordering::Relaxed) + layout.align() - 1) & !(layout.align() - 1);
        if start + layout.size() > HEAP_WORDS * 8 {
            return core::ptr::null_mut();
        }
        self.used.store(start + layout.size(), Ordering::Relaxed);
        self.heap.get().cast::<u8>().add(start)
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static HEAP: Bump = Bump { used: AtomicUsize::new(0), heap: UnsafeCell::new([0; HEAP_WORDS]) };

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn all<I: IntoIterator<Item = u64>>(items: I) -> u64 {
    items.into_iter().fold(17, |sum, item| sum.wrapping_mul(31).wrapping_add(item))
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Point {
    x: i32,
    name: &'static str,
    tag: (u8, Option<char>),
}

#[derive(Debug)]
enum Shape {
    Empty,
    Named(u8, Point),
    Raw { bytes: [u8; 3] },
}

struct Hexed(u32);

impl fmt::Display for Hexed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(true, "0x", "77")?;
        f.debug_struct("Hexed").field("value", &self.0).finish_non_exhaustive()
    }
}

pub fn t_format_numbers() -> u64 {
    let mut out = String::new();
    for x in [0.0f64, -0.0, 1.5, 1e21, 1e-7, f64::MAX, 5e-324, f64::NAN, f64::NEG_INFINITY] {
        write!(out, "{x} {x:?} {x:.3} {x:e} {x:+10.1}|").unwrap();
    }
    write!(out, "{:5}|{:<5}|{:^5}|{:05}|{:+}|{:#010x}|{:o}|{:e}", 1, 2, 3, 4, 5, 255, 8, 12345u32).unwrap();
    write!(out, "{} {:?} {:.*}", i128::MIN, u128::MAX, 2, 1.23456).unwrap();
    hash(&out)
}

pub fn t_format_debug() -> u64 {
    let point = Point { x: -3, name: "n\"\u{7f}", tag: (1, Some('\'')) };
    let shapes = [Shape::Empty, Shape::Named(7, point.clone()), Shape::Raw { bytes: [1, 2, 3] }];
    let text = format!("{point:?} {point:#?} {shapes:?} {shapes:#?} {:02x?} {:>8}{:#}", [10u8, 11], Hexed(5), Hexed(6));
    let map = BTreeMap::from([(1, "a"), (2, "b")]);
    hash(&text) ^ hash(&format!("{map:?} {map:#?} {:?}", "x".parse::<u8>()))
}

/// Closures of the library that capture several places of one variable.
pub fn t_library_closures() -> u64 {
    let list: LinkedList<u64> = (0..9).collect();
    let by_end = "aé漢z".char_indices().rev().map(|(at, c)| at as u64 * 7 + c as u64);
    let from_map = BTreeMap::from([(1u64, 2u64), (3, 4)]).into_iter().map(|(key, value)| key * value);
    all(by_end) ^ all(from_map) << 7 ^ all(list) << 14
}

pub fn t_collections() -> u64 {
    let mut map = BTreeMap::new();
    (0..60u64).for_each(|i| drop(map.insert(i * 37 % 61, i)));
    (10..30).for_each(|key| drop(map.remove(&key)));
    *map.entry(100).or_insert(0) += 5;
    let tail = map.split_off(&40);
    let (even, third): (BTreeSet<u64>, BTreeSet<u64>) = ((0..30).step_by(2).collect(), (0..30).step_by(3).collect());
    let mut ring: VecDeque<u64> = (0..10).collect();
    ring.rotate_left(3);
    ring.push_front(77);
    ring.make_contiguous().sort();
    let mut heap: BinaryHeap<u64> = (0..30).map(|i| i * 17 % 31).collect();
    let top = core::iter::from_fn(|| heap.pop());
    let sets = even.intersection(&third).chain(even.difference(&third)).copied();
    let maps = map.range(3..40).map(|(key, value)| key * 100 + value).chain(tail.into_values());
    all(sets) ^ all(maps).rotate_left(9) ^ all(ring).rotate_left(18) ^ all(top).rotate_left(27)
}

pub fn t_vectors() -> u64 {
    let mut items: Vec<u64> = (0..20).collect();
    items.insert(3, 99);
    items.swap_remove(2);
    items.retain(|item| item % 3 != 0);
    items.splice(0..1, [9, 9]);
    let drained: Vec<u64> = items.drain(2..4).collect();
    let mut pairs: Vec<(u32, String)> = (0..40).map(|i| (i * 37 % 10, i.to_string())).collect();
    pairs.sort_by(|a, b| b.0.cmp(&a.0));
    all(items) ^ all(drained) << 8 ^ all(pairs.iter().map(|(key, text)| u64::from(*key) ^ hash(text)))
}

pub fn t_strings() -> u64 {
    let mut text = String::from("hello, wörld");
    text.insert_str(1, "ab");
    text.retain(|c| c != 'l');
    text.replace_range(1..2, "--");
    let upper = text.to_uppercase();
    let cow: Cow<str> = String::from_utf8_lossy(b"a\xffb");
    hash(&text) ^ hash(&upper) << 1 ^ hash(&cow) << 2 ^ hash(&["a", "b"].join(", ").repeat(3)) << 3
}

pub fn t_shared() -> u64 {
    let drops = Rc::new(Cell::new(1u64));
    struct Loud(Rc<Cell<u64>>, u64);
    impl Drop for Loud {
        fn drop(&mut self) {
            self.0.set(self.0.get() * 31 + self.1);
        }
    }
    let shared = Rc::new(RefCell::new(Vec::from([Loud(drops.clone(), 2)])));
    let weak: Weak<_> = Rc::downgrade(&shared);
    shared.borrow_mut().extend((3..6).map(|i| Loud(drops.clone(), i)));
    weak.upgrade().map(|again| again.borrow_mut().truncate(2)).unwrap_or_default();
    drop(shared);
    let boxes: [Box<dyn Fn(u64) -> u64>; 2] = [Box::new(|x| x + 1), Box::new(move |x| x * 3)];
    let erased: Arc<dyn core::any::Any> = Arc::new(5u8);
    drops.get() * 2 + u64::from(weak.upgrade().is_none()) + boxes.iter().map(|f| f(7)).sum::<u64>() + u64::from(erased.is::<u8>())
}

/// Lengths that are constants of the type itself, as in `core::num::imp::decimal_seq`.
struct Ring {
    slots: [f64; Self::SIZE],
}

impl Ring {
    const SIZE: usize = 3 + HALF;
}

/// A closure in a static.
static STEPS: [fn(u64) -> u64; 2] = [u64::swap_bytes, |x| x + 7];

const HALF: usize = 2;

pub fn t_associated_lengths() -> u64 {
    let ring = Ring { slots: [1.5f64, 2.0, 0.25, -1.0, 8.0] };
    let parsed =
        ["1.5", "1e400", "-2.75e10", "4.9e-324", ".", "123456789012345678901234567890"].map(|text| text.parse().map_or(1, f64::to_bits));
    all(parsed) ^ STEPS[1](STEPS[0](3)) ^ all(ring.slots.map(f64::to_bits))
}

/// What core does with vectors and with hints to the processor.
pub fn t_processor() -> u64 {
    let gate = AtomicUsize::new(1);
    while gate.compare_exchange_weak(1, 2, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        core::hint::spin_loop();
    }
    core::hint::spin_loop();
    let escaped = b"a\n\xff\"".escape_ascii().map(u64::from);
    all(escaped) ^ u64::from("a text of more than thirty-two bytes, all ASCII".is_ascii()) ^ hash(&"Straße ΑΣ".to_lowercase())
}
