//! A hash map with open addressing, Robin Hood insertion and backward-shift removal, generic over keys, and an entry interface.
// expect: 0x39e2fbf56a7375ad
#![no_std]

use core::hash::{BuildHasher, Hash, Hasher};
use core::mem;

#[derive(Clone, Copy, Default)]
struct Mixer {
    state: u64,
}

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte) + 1);
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.state = (self.state.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }

    fn finish(&self) -> u64 {
        self.state ^ self.state >> 32
    }
}

#[derive(Clone, Copy, Default)]
struct BuildMixer;

impl BuildHasher for BuildMixer {
    type Hasher = Mixer;
    fn build_hasher(&self) -> Mixer {
        Mixer::default()
    }
}

struct Slot<K, V> {
    key: K,
    value: V,
    hash: u64,
}

/// `N` is a power of two.
struct Map<K, V, S, const N: usize> {
    slots: [Option<Slot<K, V>>; N],
    len: usize,
    build: S,
}

impl<K: Hash + Eq, V, S: BuildHasher, const N: usize> Map<K, V, S, N> {
    const MASK: usize = N - 1;

    fn with_hasher(build: S) -> Self {
        assert!(N.is_power_of_two());
        Map { slots: [const { None }; N], len: 0, build }
    }

    /// How far a hash at `index` is from where it wants to be.
    fn distance(hash: u64, index: usize) -> usize {
        index.wrapping_sub(hash as usize) & Self::MASK
    }

    fn find(&self, key: &K) -> Option<usize> {
        let hash = self.build.hash_one(key);
        let mut index = hash as usize & Self::MASK;
        for distance in 0..N {
            let slot = self.slots[index].as_ref()?;
            if slot.hash == hash && slot.key == *key {
                return Some(index);
            }
            if Self::distance(slot.hash, index) < distance {
                return None;
            }
            index = (index + 1) & Self::MASK;
        }
        None
    }

    fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let index = self.find(key)?;
        self.slots[index].as_mut().map(|slot| &mut slot.value)
    }

    /// Gives the pair back when the map is full.
    fn insert(&mut self, key: K, value: V) -> Result<Option<V>, (K, V)> {
        if let Some(old) = self.get_mut(&key) {
            return Ok(Some(mem::replace(old, value)));
        }
        if self.len == N {
            return Err((key, value));
        }
        self.len += 1;
        let hash = self.build.hash_one(&key);
        let mut carried = Slot { key, value, hash };
        let mut index = hash as usize & Self::MASK;
        loop {
            match &mut self.slots[index] {
                empty @ None => {
                    *empty = Some(carried);
                    return Ok(None);
                }
                Some(slot) if Self::distance(slot.hash, index) < Self::distance(carried.hash, index) => mem::swap(slot, &mut carried),
                Some(_) => {}
            }
            index = (index + 1) & Self::MASK;
        }
    }

    fn remove(&mut self, key: &K) -> Option<V> {
        let mut index = self.find(key)?;
        let removed = self.slots[index].take();
        self.len -= 1;
        loop {
            let next = (index + 1) & Self::MASK;
            match self.slots[next].take_if(|slot| Self::distance(slot.hash, next) > 0) {
                None => return removed.map(|slot| slot.value),
                moved => self.slots[index] = moved,
            }
            index = next;
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.slots.iter().filter_map(|slot| slot.as_ref().map(|slot| (&slot.key, &slot.value)))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Point {
    x: u32,
    y: u32,
}

impl Hash for Point {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u32(self.x);
        state.write_u32(self.y);
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let mut map = Map::<Point, u32, _, 64>::with_hasher(BuildMixer);
    let mut state = 0x1357_9bdf_u32;
    let (mut refused, mut removed, mut checksum) = (0u64, 0u64, 0u64);
    for step in 0..400u32 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let point = Point { x: state >> 24 & 15, y: state >> 16 & 7 };
        match (state >> 12 & 7, map.get_mut(&point)) {
            (0..=1, _) => removed += map.remove(&point).map_or(0, u64::from),
            (2, Some(count)) => *count += step,
            _ => match map.insert(point, step) {
                Ok(Some(old)) => checksum = checksum.rotate_left(3) ^ u64::from(old),
                Ok(None) => checksum = checksum.wrapping_add(1 << 40),
                Err((point, _)) => refused += u64::from(point.x + point.y),
            },
        }
    }
    let mut found = 0;
    for (point, count) in map.iter() {
        found += usize::from(map.find(point).is_some());
        checksum = checksum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(point.x << 8 | point.y) ^ u64::from(*count) << 20;
    }
    checksum ^ refused << 8 ^ removed << 24 ^ ((map.len - found) as u64) << 60
}
