//! Minimum spanning forests: union-find with interior mutability, Kruskal over a sorted edge list, checked by Prim.
// expect: 0x0834ee4a62b89a51
#![no_std]

use core::cell::Cell;

const NODES: usize = 48;
const EDGES: usize = 140;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    weight: u16,
    a: u8,
    b: u8,
}

/// Negative numbers are sizes of roots, others are parents. `find` shortens paths behind a shared reference.
struct UnionFind<const N: usize> {
    links: [Cell<i16>; N],
}

impl<const N: usize> UnionFind<N> {
    fn new() -> Self {
        UnionFind { links: [const { Cell::new(-1) }; N] }
    }

    fn find(&self, node: usize) -> usize {
        let mut node = node;
        loop {
            let link = self.links[node].get();
            let Ok(parent) = usize::try_from(link) else { return node };
            let grandparent = self.links[parent].get();
            if grandparent >= 0 {
                self.links[node].set(grandparent);
            }
            node = parent;
        }
    }

    /// False when both were together already.
    fn unite(&self, a: usize, b: usize) -> bool {
        let (mut a, mut b) = (self.find(a), self.find(b));
        if a == b {
            return false;
        }
        if self.links[a] > self.links[b] {
            core::mem::swap(&mut a, &mut b);
        }
        self.links[a].set(self.links[a].get() + self.links[b].get());
        self.links[b].set(a as i16);
        true
    }

    fn sizes(&self) -> impl Iterator<Item = u16> + '_ {
        self.links.iter().filter_map(|link| u16::try_from(link.get().checked_neg()?).ok()).filter(|&size| size > 0)
    }
}

fn shell_sort<T: Ord + Copy>(items: &mut [T]) {
    for gap in [57, 23, 10, 4, 1] {
        for end in gap..items.len() {
            let item = items[end];
            let mut at = end;
            while let Some(before) = at.checked_sub(gap).filter(|&before| items[before] > item) {
                items[at] = items[before];
                at = before;
            }
            items[at] = item;
        }
    }
}

fn kruskal(edges: &[Edge; EDGES]) -> (u32, UnionFind<NODES>) {
    let mut sorted = *edges;
    shell_sort(&mut sorted);
    let forest = UnionFind::new();
    let chosen = sorted.iter().filter(|edge| forest.unite(edge.a.into(), edge.b.into()));
    let total = chosen.map(|edge| u32::from(edge.weight)).sum();
    (total, forest)
}

fn prim(edges: &[Edge; EDGES]) -> u32 {
    let mut inside = [false; NODES];
    let mut total = 0;
    for root in 0..NODES {
        inside[root] = true;
        let crossing =
            |inside: &[bool; NODES]| edges.iter().filter(|edge| inside[usize::from(edge.a)] != inside[usize::from(edge.b)]).min().copied();
        while let Some(Edge { weight, a, b }) = crossing(&inside).filter(|_| inside[root]) {
            inside[usize::from(a)] = true;
            inside[usize::from(b)] = true;
            total += u32::from(weight);
        }
    }
    total
}

#[no_mangle]
pub fn run() -> u64 {
    let mut checksum = 0u64;
    for spread in [9u32, 25, 48] {
        let mut seed = spread;
        let mut next = |below: u32| {
            seed = seed.wrapping_mul(1_597_334_677) ^ seed >> 15;
            (seed >> 8) % below
        };
        let edges: [Edge; EDGES] = core::array::from_fn(|_| {
            let a = next(NODES as u32);
            let b = (a + next(spread)) % NODES as u32;
            Edge { weight: next(1000) as u16, a: a as u8, b: b as u8 }
        });
        let (total, forest) = kruskal(&edges);
        checksum = forest.sizes().fold(checksum.rotate_left(15), |sum, size| sum.wrapping_mul(53) ^ u64::from(size));
        checksum ^= u64::from(total) << 4 | u64::from(total == prim(&edges));
    }
    checksum
}
