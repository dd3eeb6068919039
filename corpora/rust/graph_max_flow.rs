//! Maximum flow by Dinic's algorithm: paired arcs, levels by breadth-first search, blocking flows by depth-first search.
// expect: 0x3501370137013700
#![no_std]

const MAX_NODES: usize = 32;
const MAX_ARCS: usize = 256;

#[derive(Clone, Copy, Default)]
struct Arc {
    to: u8,
    capacity: u16,
    /// Plus one; zero ends the list.
    next: u16,
}

struct Network {
    arcs: [Arc; MAX_ARCS],
    used: usize,
    first: [u16; MAX_NODES],
    nodes: usize,
}

impl Network {
    fn new(nodes: usize) -> Self {
        Network { arcs: [Arc::default(); MAX_ARCS], used: 0, first: [0; MAX_NODES], nodes }
    }

    /// An arc and its reverse lie at `2k` and `2k + 1`.
    fn connect(&mut self, from: u8, to: u8, capacity: u16) -> &mut Self {
        for (from, to, capacity) in [(from, to, capacity), (to, from, 0)] {
            let head = &mut self.first[usize::from(from)];
            self.arcs[self.used] = Arc { to, capacity, next: *head };
            self.used += 1;
            *head = self.used as u16;
        }
        self
    }

    fn levels(&self, source: u8) -> [Option<u8>; MAX_NODES] {
        let mut levels = [None; MAX_NODES];
        let mut queue = [source; MAX_NODES];
        let (mut read, mut write) = (0, 1);
        levels[usize::from(source)] = Some(0);
        while read < write {
            let node = usize::from(queue[read]);
            read += 1;
            let mut at = self.first[node];
            while let Some(arc) = at.checked_sub(1).map(|index| self.arcs[usize::from(index)]) {
                let level = &mut levels[usize::from(arc.to)];
                if arc.capacity > 0 && level.is_none() {
                    *level = Some(read as u8);
                    queue[write] = arc.to;
                    write += 1;
                }
                at = arc.next;
            }
        }
        // What was written is the number in the queue: make it the distance.
        for index in 1..write {
            let node = usize::from(queue[index]);
            let parent = levels[node].map(|number| queue[usize::from(number) - 1]);
            levels[node] = parent.and_then(|parent| levels[usize::from(parent)]).map(|level| level + 1);
        }
        levels
    }

    fn push(&mut self, node: u8, sink: u8, limit: u16, levels: &[Option<u8>], next: &mut [u16; MAX_NODES]) -> u16 {
        if node == sink {
            return limit;
        }
        while let Some(index) = next[usize::from(node)].checked_sub(1).map(usize::from) {
            let Arc { to, capacity, next: following } = self.arcs[index];
            let deeper = levels[usize::from(node)].zip(levels[usize::from(to)]).is_some_and(|(a, b)| b == a + 1);
            if capacity > 0 && deeper {
                let pushed = self.push(to, sink, limit.min(capacity), levels, next);
                if pushed > 0 {
                    self.arcs[index].capacity -= pushed;
                    self.arcs[index ^ 1].capacity += pushed;
                    return pushed;
                }
            }
            next[usize::from(node)] = following;
        }
        0
    }

    fn max_flow(&mut self, source: u8, sink: u8) -> u32 {
        let mut total = 0;
        loop {
            let levels = self.levels(source);
            if levels[usize::from(sink)].is_none() {
                return total;
            }
            let mut next = self.first;
            loop {
                match self.push(source, sink, u16::MAX, &levels, &mut next) {
                    0 => break,
                    pushed => total += u32::from(pushed),
                }
            }
        }
    }

    /// After the flow: the capacity of the arcs that lead out of what the source still reaches.
    fn min_cut(&self, source: u8) -> u32 {
        let reached = self.levels(source);
        (0..self.nodes)
            .filter(|&node| reached[node].is_some())
            .flat_map(|node| {
                let start = self.first[node].checked_sub(1);
                core::iter::successors(start, |&at| self.arcs[usize::from(at)].next.checked_sub(1))
            })
            .filter(|at| at % 2 == 0 && reached[usize::from(self.arcs[usize::from(*at)].to)].is_none())
            .map(|at| u32::from(self.arcs[usize::from(at) ^ 1].capacity))
            .sum()
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let mut checksum = 0u64;
    let mut textbook = Network::new(6);
    textbook.connect(0, 1, 16).connect(0, 2, 13).connect(1, 3, 12).connect(2, 1, 4);
    textbook.connect(2, 4, 14).connect(3, 2, 9).connect(3, 5, 20).connect(4, 3, 7).connect(4, 5, 4);
    checksum ^= u64::from(textbook.max_flow(0, 5) == 23);
    for layers in 2..6u8 {
        let sink = layers * 5 + 1;
        let mut network = Network::new(usize::from(sink) + 1);
        for layer in 0..layers {
            for (i, j) in (0..5u8).flat_map(|i| [0, 1, 3].map(|step| (i, (i + step) % 5))) {
                let capacity = u16::from((i * 7 + j * 3 + layer * 11) % 17);
                match layer {
                    0 if i == j => drop(network.connect(0, 1 + i, 20)),
                    0 => {}
                    _ => drop(network.connect(1 + (layer - 1) * 5 + i, 1 + layer * 5 + j, capacity)),
                }
            }
        }
        for i in 0..5 {
            network.connect(1 + (layers - 1) * 5 + i, sink, 9 + u16::from(i));
        }
        let flow = network.max_flow(0, sink);
        let cut = network.min_cut(0);
        checksum = checksum.rotate_left(16) ^ u64::from(flow) << 8 ^ u64::from(cut == flow);
    }
    checksum
}
