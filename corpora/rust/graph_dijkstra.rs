//! Shortest paths on a grid with weights: a trait for graphs, Dijkstra with an indexed heap, and A* with a heuristic.
// expect: 0x72710706fcc27531
#![no_std]

const SIDE: usize = 14;
const NODES: usize = SIDE * SIDE;

trait Graph {
    type Node: Copy + Eq + Into<usize>;
    type Edges<'g>: Iterator<Item = (Self::Node, u32)>
    where
        Self: 'g;
    fn edges(&self, from: Self::Node) -> Self::Edges<'_>;
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Cell {
    x: u8,
    y: u8,
}

impl From<Cell> for usize {
    fn from(cell: Cell) -> usize {
        usize::from(cell.y) * SIDE + usize::from(cell.x)
    }
}

struct Grid {
    cost: [[Option<u8>; SIDE]; SIDE],
}

struct Neighbours<'g> {
    grid: &'g Grid,
    around: Cell,
    direction: usize,
}

impl Iterator for Neighbours<'_> {
    type Item = (Cell, u32);

    fn next(&mut self) -> Option<Self::Item> {
        const STEPS: [(i8, i8); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];
        while let Some(&(dx, dy)) = STEPS.get(self.direction) {
            self.direction += 1;
            let found = self.around.x.checked_add_signed(dx).zip(self.around.y.checked_add_signed(dy));
            let Some((x, y)) = found else { continue };
            let row = self.grid.cost.get(usize::from(y));
            if let Some(&Some(cost)) = row.and_then(|row| row.get(usize::from(x))) {
                return Some((Cell { x, y }, cost.into()));
            }
        }
        None
    }
}

impl Graph for Grid {
    type Node = Cell;
    type Edges<'g> = Neighbours<'g>;

    fn edges(&self, from: Cell) -> Neighbours<'_> {
        Neighbours { grid: self, around: from, direction: 0 }
    }
}

/// A binary heap of nodes by priority that knows where each node is, so that priorities can decrease.
struct IndexedHeap<N> {
    items: [Option<(u32, N)>; NODES],
    place: [Option<u16>; NODES],
    len: usize,
}

impl<N: Copy + Into<usize>> IndexedHeap<N> {
    fn new() -> Self {
        IndexedHeap { items: [const { None }; NODES], place: [None; NODES], len: 0 }
    }

    fn key(&self, at: usize) -> u32 {
        self.items[at].map_or(u32::MAX, |(key, _)| key)
    }

    fn put(&mut self, at: usize, item: (u32, N)) {
        self.items[at] = Some(item);
        self.place[item.1.into()] = Some(at as u16);
    }

    fn push_or_decrease(&mut self, key: u32, node: N) {
        let mut at = self.place[node.into()].map_or(self.len, usize::from);
        if at == self.len {
            self.len += 1;
        }
        while at > 0 && self.key((at - 1) / 2) > key {
            if let Some(parent) = self.items[(at - 1) / 2] {
                self.put(at, parent);
            }
            at = (at - 1) / 2;
        }
        self.put(at, (key, node));
    }

    fn pop(&mut self) -> Option<(u32, N)> {
        let top = self.items[0].take()?;
        self.place[top.1.into()] = None;
        self.len -= 1;
        if let Some(last) = self.items[self.len].take() {
            let mut at = 0;
            loop {
                let (left, right) = (2 * at + 1, 2 * at + 2);
                let child = if right < self.len && self.key(right) < self.key(left) { right } else { left };
                match self.items.get(child).copied().flatten() {
                    Some(smaller) if child < self.len && smaller.0 < last.0 => self.put(at, smaller),
                    _ => break,
                }
                at = child;
            }
            self.put(at, last);
        }
        Some(top)
    }
}

/// The cost of the cheapest path, and how many nodes were settled.
fn search<G: Graph>(graph: &G, from: G::Node, to: G::Node, estimate: impl Fn(G::Node) -> u32) -> (Option<u32>, u32) {
    let mut distance = [u32::MAX; NODES];
    let mut heap = IndexedHeap::new();
    distance[from.into()] = 0;
    heap.push_or_decrease(estimate(from), from);
    let mut settled = 0;
    while let Some((_, node)) = heap.pop() {
        settled += 1;
        let here = distance[node.into()];
        if node == to {
            return (Some(here), settled);
        }
        for (next, cost) in graph.edges(node) {
            let through = here + cost;
            if through < distance[next.into()] {
                distance[next.into()] = through;
                heap.push_or_decrease(through + estimate(next), next);
            }
        }
    }
    (None, settled)
}

#[no_mangle]
pub fn run() -> u64 {
    let mut grid = Grid { cost: [[None; SIDE]; SIDE] };
    for (y, row) in grid.cost.iter_mut().enumerate() {
        for (x, cell) in row.iter_mut().enumerate() {
            let wall = x % 4 == 2 && (y + x / 4 * 5) % SIDE != 3;
            *cell = (!wall).then_some((1 + (x * x + y * 7) % 9) as u8);
        }
    }
    let start = Cell { x: 0, y: 0 };
    let targets = [Cell { x: 13, y: 13 }, Cell { x: 1, y: 9 }, Cell { x: 2, y: 0 }];
    targets.into_iter().fold(0, |sum: u64, target| {
        let (plain, all) = search(&grid, start, target, |_| 0);
        let (guided, some) = search(&grid, start, target, |cell| u32::from(cell.x.abs_diff(target.x) + cell.y.abs_diff(target.y)));
        let same = plain == guided && some <= all;
        sum.rotate_left(20) ^ u64::from(plain.unwrap_or(999)) << 20 ^ u64::from(all) << 10 ^ u64::from(some) << 1 ^ u64::from(same)
    })
}
