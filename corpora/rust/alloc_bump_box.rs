//! A bump allocator over a static arena and a hand-made `Own<T>` box: a binary search tree by owned pointers, dropped in order.
// expect: 0x20d4bd570f920e1f
#![no_std]

use core::alloc::Layout;
use core::cell::{Cell, UnsafeCell};
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

#[repr(C, align(16))]
struct Arena<const N: usize> {
    memory: UnsafeCell<[u8; N]>,
    used: Cell<usize>,
    live: Cell<usize>,
}

// SAFETY: the programs of this corpus have one thread.
unsafe impl<const N: usize> Sync for Arena<N> {}

static ARENA: Arena<8192> = Arena { memory: UnsafeCell::new([0; 8192]), used: Cell::new(0), live: Cell::new(0) };

impl<const N: usize> Arena<N> {
    fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        let start = self.used.get().next_multiple_of(layout.align());
        let end = start.checked_add(layout.size()).filter(|&end| end <= N)?;
        self.used.set(end);
        self.live.set(self.live.get() + 1);
        // SAFETY: `start <= N`, so the pointer stays in the arena.
        NonNull::new(unsafe { self.memory.get().cast::<u8>().add(start) })
    }

    /// Starts anew when nothing lives any more.
    fn release(&self) {
        self.live.set(self.live.get() - 1);
        if self.live.get() == 0 {
            self.used.set(0);
        }
    }
}

/// Owns a value in the arena.
struct Own<T> {
    pointer: NonNull<T>,
}

impl<T> Own<T> {
    fn new(value: T) -> Option<Self> {
        let pointer = ARENA.allocate(Layout::new::<T>())?.cast::<T>();
        // SAFETY: fresh memory of the right size and alignment.
        unsafe { pointer.as_ptr().write(value) };
        Some(Own { pointer })
    }
}

impl<T> Deref for Own<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the value lives as long as its owner.
        unsafe { self.pointer.as_ref() }
    }
}

impl<T> DerefMut for Own<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the owner is borrowed uniquely.
        unsafe { self.pointer.as_mut() }
    }
}

impl<T> Drop for Own<T> {
    fn drop(&mut self) {
        // SAFETY: the value is dropped once, with its owner.
        unsafe { self.pointer.as_ptr().drop_in_place() };
        ARENA.release();
    }
}

type Link<K> = Option<Own<Node<K>>>;

struct Node<K> {
    key: K,
    count: u32,
    left: Link<K>,
    right: Link<K>,
}

#[derive(Default)]
struct Tree<K> {
    root: Link<K>,
}

impl<K: Ord> Tree<K> {
    /// Walks to the place by `&mut` links.
    fn insert(&mut self, key: K) -> Option<u32> {
        let mut link = &mut self.root;
        while let Some(node) = link {
            if key == node.key {
                node.count += 1;
                return Some(node.count);
            }
            link = if key < node.key { &mut node.left } else { &mut node.right };
        }
        *link = Some(Own::new(Node { key, count: 1, left: None, right: None })?);
        Some(1)
    }

    fn depth(link: &Link<K>) -> usize {
        link.as_ref().map_or(0, |node| 1 + Self::depth(&node.left).max(Self::depth(&node.right)))
    }

    fn in_order(link: &Link<K>, visit: &mut impl FnMut(&K, u32)) {
        if let Some(node) = link {
            Self::in_order(&node.left, visit);
            visit(&node.key, node.count);
            Self::in_order(&node.right, visit);
        }
    }

    /// Takes the smallest key out, and gives its right subtree to its parent.
    fn pop_first(&mut self) -> Option<K> {
        let mut link = &mut self.root;
        while link.as_ref()?.left.is_some() {
            link = &mut link.as_mut()?.left;
        }
        let mut node = link.take()?;
        *link = node.right.take();
        let Node { key, .. } = &mut *node;
        // SAFETY: what is left in the node is forgotten with it: no links, and a count.
        let key = unsafe { core::ptr::read(key) };
        core::mem::forget(node);
        ARENA.release();
        Some(key)
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let mut checksum = 0u64;
    for round in 1..4u64 {
        let mut tree = Tree::default();
        let mut state = round;
        let failed = (0..110).filter(|_| {
            state = state.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
            tree.insert(((state >> 40) as u16 % 300, state >> 62)).is_none()
        });
        checksum = checksum.rotate_left(9) ^ failed.count() as u64;
        let popped = core::iter::from_fn(|| tree.pop_first()).take(10);
        checksum = popped.fold(checksum, |sum, (number, tag)| sum.wrapping_mul(37) ^ u64::from(number) << 2 ^ tag);
        Tree::in_order(&tree.root, &mut |key, count| checksum = checksum.wrapping_mul(41) ^ u64::from(key.0) ^ u64::from(count) << 12);
        checksum ^= (Tree::depth(&tree.root) as u64) << 56 | (ARENA.live.get() as u64) << 48;
        drop(tree);
        checksum = checksum.wrapping_add((ARENA.live.get() + ARENA.used.get()) as u64);
    }
    checksum
}
