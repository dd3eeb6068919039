//! A slab of slots with generations, lists threaded through it, and handles that are given back on drop; `Option<&mut T>` all the way.
// expect: 0x5beafd1f148e07bb
#![no_std]

use core::cell::{Cell, RefCell, UnsafeCell};
use core::marker::PhantomData;
use core::mem::{self, ManuallyDrop, MaybeUninit};
use core::num::NonZeroU32;
use core::ops::{Deref, DerefMut, Index};

/// Generation above, index below; never zero, so that `Option<Key>` is as small.
struct Key<T>(NonZeroU32, PhantomData<fn() -> T>);

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Key<T> {}

enum Slot<T> {
    Free { next: Option<u16> },
    Used(T),
}

struct Slab<T, const N: usize> {
    slots: [(u16, Slot<T>); N],
    free: Option<u16>,
    used: usize,
}

impl<T, const N: usize> Slab<T, N> {
    fn new() -> Self {
        let slots = core::array::from_fn(|i| (1, Slot::Free { next: (i + 1 < N).then_some(i as u16 + 1) }));
        Slab { slots, free: (N > 0).then_some(0), used: 0 }
    }

    fn insert(&mut self, value: T) -> Result<Key<T>, T> {
        let Some(index) = self.free else { return Err(value) };
        let (generation, slot) = &mut self.slots[usize::from(index)];
        let Slot::Free { next } = mem::replace(slot, Slot::Used(value)) else { unreachable!() };
        self.free = next;
        self.used += 1;
        let bits = u32::from(*generation) << 16 | u32::from(index);
        NonZeroU32::new(bits).map(|bits| Key(bits, PhantomData)).ok_or_else(|| unreachable!())
    }

    fn split(key: Key<T>) -> (u16, usize) {
        let bits = key.0.get();
        ((bits >> 16) as u16, usize::from(bits as u16))
    }

    fn get_mut(&mut self, key: Key<T>) -> Option<&mut T> {
        let (generation, index) = Self::split(key);
        match self.slots.get_mut(index) {
            Some((g, Slot::Used(value))) if *g == generation => Some(value),
            _ => None,
        }
    }

    fn get(&self, key: Key<T>) -> Option<&T> {
        let (generation, index) = Self::split(key);
        self.slots.get(index).filter(|(g, _)| *g == generation).and_then(|(_, slot)| match slot {
            Slot::Used(value) => Some(value),
            Slot::Free { .. } => None,
        })
    }

    fn remove(&mut self, key: Key<T>) -> Option<T> {
        self.get_mut(key)?;
        let (_, index) = Self::split(key);
        let (generation, slot) = &mut self.slots[index];
        *generation = generation.wrapping_add(1).max(1);
        let old = mem::replace(slot, Slot::Free { next: self.free.replace(index as u16) });
        self.used -= 1;
        match old {
            Slot::Used(value) => Some(value),
            Slot::Free { .. } => None,
        }
    }
}

impl<T, const N: usize> Index<Key<T>> for Slab<T, N> {
    type Output = T;
    fn index(&self, key: Key<T>) -> &T {
        self.get(key).unwrap_or_else(|| panic!("no such key"))
    }
}

struct Item<'l> {
    value: u32,
    next: Option<Key<Item<'l>>>,
    log: &'l Cell<u64>,
}

impl Drop for Item<'_> {
    fn drop(&mut self) {
        self.log.set(self.log.get().rotate_left(6) ^ u64::from(self.value));
    }
}

type Items<'l> = Slab<Item<'l>, 24>;

/// A list sorted by value.
#[derive(Default)]
struct List<'l> {
    head: Option<Key<Item<'l>>>,
    len: usize,
}

impl<'l> List<'l> {
    fn insert(&mut self, items: &mut Items<'l>, value: u32, log: &'l Cell<u64>) -> Option<&mut Self> {
        let mut before = None;
        let mut at = self.head;
        while let Some(key) = at {
            let item = items.get(key)?;
            if item.value >= value {
                break;
            }
            before = at;
            at = item.next;
        }
        let key = items.insert(Item { value, next: at, log }).ok()?;
        match before.and_then(|before| items.get_mut(before)) {
            Some(item) => item.next = Some(key),
            None => self.head = Some(key),
        }
        self.len += 1;
        Some(self)
    }

    fn pop(&mut self, items: &mut Items<'l>) -> Option<u32> {
        let item = ManuallyDrop::new(items.remove(self.head?)?);
        self.head = item.next;
        self.len = self.len.checked_sub(1)?;
        Some(ManuallyDrop::into_inner(item).value)
    }

    fn iter<'a>(&self, items: &'a Items<'l>) -> impl Iterator<Item = &'a Item<'l>> + use<'a, 'l> {
        core::iter::successors(self.head, |&key| items[key].next).map(|key| &items[key])
    }
}

/// A value in a place of a pool, back there when it goes.
struct Loan<'p, T> {
    pool: &'p Pool<T>,
    value: ManuallyDrop<T>,
}

struct Pool<T> {
    spare: UnsafeCell<MaybeUninit<T>>,
    there: Cell<bool>,
    made: RefCell<[u8; 4]>,
}

impl<T: Default> Pool<T> {
    fn take(&self) -> Loan<'_, T> {
        let value = if self.there.replace(false) {
            // SAFETY: `there` says that the place is initialised, and no longer does.
            unsafe { (*self.spare.get()).assume_init_read() }
        } else {
            self.made.borrow_mut()[0] += 1;
            T::default()
        };
        Loan { pool: self, value: ManuallyDrop::new(value) }
    }
}

impl<T> Drop for Loan<'_, T> {
    fn drop(&mut self) {
        // SAFETY: the value is taken once, here.
        let value = unsafe { ManuallyDrop::take(&mut self.value) };
        let Loan { pool, .. } = self;
        if pool.there.replace(true) {
            pool.made.borrow_mut()[1] += 1;
            pool.there.set(true);
            return;
        }
        // SAFETY: nothing is in the place, and nobody looks at it.
        unsafe { (*pool.spare.get()).write(value) };
    }
}

impl<T> Deref for Loan<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Loan<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

fn step(seed: &mut u32) -> u32 {
    *seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
    *seed >> 16
}

#[no_mangle]
pub fn run() -> u64 {
    let log = Cell::new(0);
    let mut seed = 2024;
    let mut checksum = mem::size_of::<Option<Key<u64>>>() as u64;
    {
        let mut items = Items::new();
        let mut lists: [List; 3] = Default::default();
        let mut stale = None;
        for _ in 0..180 {
            let draw = step(&mut seed);
            let list = &mut lists[draw as usize % 3];
            let done = match draw >> 2 & 3 {
                0 => list.pop(&mut items),
                1 if list.len > 5 => list.pop(&mut items).and(list.pop(&mut items)),
                _ => list.insert(&mut items, draw >> 4 & 0xff, &log).map(|list| list.len as u32),
            };
            let old = core::mem::replace(&mut stale, list.head);
            let gone = old.is_some_and(|key| items.get(key).is_none());
            checksum = checksum.rotate_left(5) ^ u64::from(done.unwrap_or(999)) ^ u64::from(gone) << 40;
        }
        for list in &lists {
            let (sorted, sum) = list.iter(&items).fold((true, 0), |(ok, last), item| (ok && item.value >= last, item.value));
            checksum ^= u64::from(sorted) << 50 ^ u64::from(sum) << 20 ^ (items.used as u64) << 8;
        }
    }
    let pool = Pool::<[u16; 6]> { spare: UnsafeCell::new(MaybeUninit::uninit()), there: Cell::new(false), made: RefCell::new([0; 4]) };
    for round in 0..20 {
        let mut first = pool.take();
        first[round % 6] += round as u16;
        let second = (round % 4 == 3).then(|| pool.take());
        checksum = checksum.rotate_left(3) ^ first.iter().chain(second.iter().flat_map(|loan| loan.iter())).map(|&x| u64::from(x)).sum::<u64>();
    }
    let made = pool.made.into_inner();
    checksum ^ log.get() ^ u64::from(u32::from_le_bytes(made)) << 32
}
