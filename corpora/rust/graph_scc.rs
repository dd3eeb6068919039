//! Strongly connected components by Tarjan's algorithm on an explicit stack, and the order of the condensation.
// expect: 0x031950db05235706
#![no_std]

const N: usize = 60;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(transparent)]
struct NodeId(u8);

/// Compressed rows: the successors of `v` are `targets[offsets[v]..offsets[v + 1]]`.
struct Digraph<const EDGES: usize> {
    offsets: [u16; N + 1],
    targets: [NodeId; EDGES],
}

impl<const EDGES: usize> Digraph<EDGES> {
    fn from_edges(edges: &[(NodeId, NodeId); EDGES]) -> Self {
        let mut offsets = [0u16; N + 1];
        for (from, _) in edges {
            offsets[usize::from(from.0) + 1] += 1;
        }
        for v in 0..N {
            offsets[v + 1] += offsets[v];
        }
        let mut next = offsets;
        let mut targets = [NodeId(0); EDGES];
        for &(from, to) in edges {
            let slot = &mut next[usize::from(from.0)];
            targets[usize::from(*slot)] = to;
            *slot += 1;
        }
        Digraph { offsets, targets }
    }

    fn successors(&self, NodeId(v): NodeId) -> &[NodeId] {
        let [low, high] = [v, v + 1].map(|at| usize::from(self.offsets[usize::from(at)]));
        &self.targets[low..high]
    }
}

#[derive(Clone, Copy)]
enum Mark {
    Unseen,
    OnStack { index: u8, low: u8 },
    Done { component: u8 },
}

struct Frame<'g> {
    node: NodeId,
    rest: core::slice::Iter<'g, NodeId>,
}

struct Tarjan<'g, const EDGES: usize> {
    graph: &'g Digraph<EDGES>,
    marks: [Mark; N],
    stack: [NodeId; N],
    height: usize,
    counter: u8,
    components: u8,
}

impl<'g, const EDGES: usize> Tarjan<'g, EDGES> {
    fn enter(&mut self, node: NodeId) -> Frame<'g> {
        self.marks[usize::from(node.0)] = Mark::OnStack { index: self.counter, low: self.counter };
        self.counter += 1;
        self.stack[self.height] = node;
        self.height += 1;
        Frame { node, rest: self.graph.successors(node).iter() }
    }

    fn lower(&mut self, node: NodeId, to: u8) {
        if let Mark::OnStack { low, .. } = &mut self.marks[usize::from(node.0)] {
            *low = to.min(*low);
        }
    }

    fn leave(&mut self, node: NodeId) {
        let Mark::OnStack { index, low } = self.marks[usize::from(node.0)] else { return };
        if index != low {
            return;
        }
        loop {
            self.height -= 1;
            let member = self.stack[self.height];
            self.marks[usize::from(member.0)] = Mark::Done { component: self.components };
            if member == node {
                break;
            }
        }
        self.components += 1;
    }

    fn visit(&mut self, root: NodeId) {
        let mut frames: [Option<Frame<'g>>; N] = [const { None }; N];
        let mut depth = 1usize;
        frames[0] = Some(self.enter(root));
        while let Some(frame) = depth.checked_sub(1).and_then(|top| frames[top].as_mut()) {
            let node = frame.node;
            match frame.rest.next() {
                Some(&next) => match self.marks[usize::from(next.0)] {
                    Mark::Unseen => {
                        frames[depth] = Some(self.enter(next));
                        depth += 1;
                    }
                    Mark::OnStack { index, .. } => self.lower(node, index),
                    Mark::Done { .. } => {}
                },
                None => {
                    depth -= 1;
                    let low = match self.marks[usize::from(node.0)] {
                        Mark::OnStack { low, .. } => Some(low),
                        _ => None,
                    };
                    self.leave(node);
                    let parent = depth.checked_sub(1).and_then(|top| frames[top].as_ref()).map(|frame| frame.node);
                    if let (Some(parent), Some(low)) = (parent, low) {
                        self.lower(parent, low);
                    }
                }
            }
        }
    }
}

fn components<const EDGES: usize>(graph: &Digraph<EDGES>) -> ([u8; N], u8) {
    let mut tarjan = Tarjan { graph, marks: [Mark::Unseen; N], stack: [NodeId(0); N], height: 0, counter: 0, components: 0 };
    for v in (0..N as u8).map(NodeId) {
        if matches!(tarjan.marks[usize::from(v.0)], Mark::Unseen) {
            tarjan.visit(v);
        }
    }
    let of = tarjan.marks.map(|mark| if let Mark::Done { component } = mark { component } else { u8::MAX });
    (of, tarjan.components)
}

fn random_graph<const EDGES: usize>(mut seed: u32) -> Digraph<EDGES> {
    let mut next = || {
        seed = seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        NodeId(((seed >> 16) % N as u32) as u8)
    };
    Digraph::from_edges(&core::array::from_fn(|_| (next(), next())))
}

fn digest<const EDGES: usize>(seed: u32) -> u64 {
    let graph = random_graph::<EDGES>(seed);
    let (of, count) = components(&graph);
    let nodes = (0..N as u8).map(NodeId);
    // Components are numbered against the edges: the condensation has no cycle.
    let sorted = nodes.flat_map(|v| graph.successors(v).iter().map(move |&w| (v, w)));
    let ordered = sorted.filter(|&(v, w)| of[usize::from(v.0)] >= of[usize::from(w.0)]).count() == EDGES;
    of.iter().fold(u64::from(count) << 1 | ordered as u64, |sum, &c| sum.wrapping_mul(61).wrapping_add(u64::from(c)))
}

#[no_mangle]
pub fn run() -> u64 {
    digest::<40>(1) ^ digest::<70>(2).rotate_left(17) ^ digest::<110>(3).rotate_left(34) ^ digest::<200>(4).rotate_left(51)
}
