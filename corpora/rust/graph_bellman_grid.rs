//! Paths and orders in graphs of slices of slices: Bellman-Ford, topological order, bipartite check and bridges, over one generic edge type.
// expect: 0xbbd8c01940a23244
#![no_std]

trait Weight: Copy + PartialOrd + core::ops::Add<Output = Self> + Default {
    const FAR: Self;
    fn bits(self) -> u64;
}

impl Weight for i32 {
    const FAR: i32 = i32::MAX / 4;
    fn bits(self) -> u64 {
        self as u32 as u64
    }
}

impl Weight for f64 {
    const FAR: f64 = f64::INFINITY;
    fn bits(self) -> u64 {
        self.to_bits()
    }
}

type Edges<'a, W> = &'a [(usize, W)];

struct Graph<'a, W> {
    out: &'a [Edges<'a, W>],
}

#[derive(Debug, PartialEq, Eq)]
struct Cycle(usize);

impl<'a, W: Weight> Graph<'a, W> {
    fn edges(&self) -> impl Iterator<Item = (usize, usize, W)> + use<'a, W> {
        self.out.iter().enumerate().flat_map(|(from, edges)| edges.iter().map(move |&(to, weight)| (from, to, weight)))
    }

    fn distances<const N: usize>(&self, start: usize) -> Result<[W; N], Cycle> {
        let mut far = [W::FAR; N];
        far[start] = W::default();
        for round in 0..=N {
            let mut changed = None;
            for (from, to, weight) in self.edges().filter(|&(from, ..)| from < N) {
                let through = far[from] + weight;
                if far[from] < W::FAR && through < far[to] {
                    far[to] = through;
                    changed = Some(to);
                }
            }
            match changed {
                None => return Ok(far),
                Some(at) if round == N => return Err(Cycle(at)),
                Some(_) => {}
            }
        }
        Ok(far)
    }

    fn order<'o>(&self, into: &'o mut [usize]) -> Option<&'o [usize]> {
        let mut degree = [0u8; 16];
        self.edges().for_each(|(_, to, _)| degree[to] += 1);
        let (mut head, mut tail) = (0, 0);
        for node in 0..self.out.len() {
            if degree[node] == 0 {
                *into.get_mut(tail)? = node;
                tail += 1;
            }
        }
        while head < tail {
            let node = into[head];
            head += 1;
            for &(to, _) in self.out[node] {
                degree[to] -= 1;
                if degree[to] == 0 {
                    *into.get_mut(tail)? = to;
                    tail += 1;
                }
            }
        }
        (tail == self.out.len()).then(|| &into[..tail])
    }

    fn colours(&self) -> Result<u64, (usize, usize)> {
        let mut colour: [Option<bool>; 16] = [None; 16];
        let mut passes = 0;
        for root in 0..self.out.len() {
            colour[root].get_or_insert(false);
            loop {
                passes += 1;
                let mut more = false;
                for (from, to, _) in self.edges() {
                    match (colour[from], &mut colour[to]) {
                        (Some(a), slot @ None) => {
                            *slot = Some(!a);
                            more = true;
                        }
                        (Some(a), Some(b)) if a == *b => return Err((from, to)),
                        _ => {}
                    }
                }
                if !more {
                    break;
                }
            }
        }
        Ok(colour.iter().flatten().fold(passes, |sum, &c| sum << 1 | u64::from(c)))
    }

    /// Reach without one edge, for each edge: those that nothing replaces.
    fn bridges(&self) -> u64 {
        fn reach<W: Copy>(out: &[Edges<'_, W>], at: usize, without: (usize, usize), seen: &mut u32) {
            if core::mem::replace(seen, *seen | 1 << at) >> at & 1 == 1 {
                return;
            }
            for &(to, _) in out[at].iter().filter(|&&(to, _)| (at, to) != without) {
                reach(out, to, without, seen);
            }
        }
        self.edges().map(|(from, to, _)| (from, to)).enumerate().fold(0, |sum, (i, edge)| {
            let (mut all, mut less) = (0, 0);
            reach(self.out, 0, (usize::MAX, 0), &mut all);
            reach(self.out, 0, edge, &mut less);
            sum ^ u64::from(all != less) << (i % 64)
        })
    }
}

fn digest<W: Weight, const N: usize>(graph: &Graph<'_, W>) -> u64 {
    let far = graph.distances::<N>(0).map(|far| far.iter().fold(1, |sum: u64, weight| sum.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ weight.bits()));
    let far = far.unwrap_or_else(|Cycle(at)| 0xc1c1e << 8 | at as u64);
    let mut places = [0; N];
    let order = graph.order(&mut places).map_or(77, |order| order.iter().fold(0, |sum, &node| sum * 17 + node as u64));
    let colours = graph.colours().unwrap_or_else(|(from, to)| (from * 100 + to) as u64);
    far ^ order.rotate_left(20) ^ colours.rotate_left(44) ^ graph.bridges().reverse_bits()
}

#[no_mangle]
pub fn run() -> u64 {
    let dag: [&[(usize, i32)]; 7] = [&[(1, 7), (2, 3)], &[(3, -2), (4, 9)], &[(1, 1), (4, 20)], &[(5, 5)], &[(5, 1), (6, 4)], &[(6, -8)], &[]];
    let looped: [&[(usize, i32)]; 5] = [&[(1, 4)], &[(2, -6), (4, 1)], &[(3, 2)], &[(1, 3)], &[]];
    let floats: [&[(usize, f64)]; 6] = [&[(1, 0.5), (3, 2.25)], &[(2, 1.5)], &[(5, 0.125)], &[(4, 0.75)], &[(5, 8.0), (0, 1.0)], &[(0, 3.5)]];
    let mut checksum = digest::<i32, 7>(&Graph { out: &dag });
    checksum = checksum.rotate_left(21) ^ digest::<i32, 5>(&Graph { out: &looped });
    checksum = checksum.rotate_left(21) ^ digest::<f64, 6>(&Graph { out: &floats });
    checksum.rotate_left(21) ^ digest::<i32, 4>(&Graph { out: &[&[(1, 1)], &[(0, 2), (2, 3)], &[(3, 1)], &[]] })
}
