//! Thompson's construction into a program of states and its simulation with sets of threads, in linear time.
// expect: 0x1c11edaec573663d
#![no_std]

const STATES: usize = 48;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inst {
    Byte(u8),
    Any,
    Split(u8, u8),
    Jump(u8),
    Match,
}

#[derive(Clone)]
struct Program {
    insts: [Inst; STATES],
    len: u8,
}

/// A set with constant-time clearing: members are listed densely, and each knows its place.
struct SparseSet {
    dense: [u8; STATES],
    sparse: [u8; STATES],
    len: usize,
}

impl SparseSet {
    fn new() -> Self {
        SparseSet { dense: [0; STATES], sparse: [0; STATES], len: 0 }
    }

    fn insert(&mut self, value: u8) -> bool {
        let place = usize::from(self.sparse[usize::from(value)]);
        if place < self.len && self.dense[place] == value {
            return false;
        }
        self.sparse[usize::from(value)] = self.len as u8;
        self.dense[self.len] = value;
        self.len += 1;
        true
    }

    fn iter(&self) -> core::slice::Iter<'_, u8> {
        self.dense[..self.len].iter()
    }
}

/// Compiles from postfix notation: `.` joins, `|` chooses, `* + ?` repeat, `_` is any byte.
mod compile {
    use super::{Inst, Program, STATES};

    /// A fragment: instructions, at places relative to its own start, that fall out of their end.
    #[derive(Clone, Copy)]
    struct Fragment {
        insts: [Inst; STATES],
        len: u8,
    }

    impl Fragment {
        fn of(insts: &[Inst]) -> Self {
            let mut all = [Inst::Match; STATES];
            all[..insts.len()].copy_from_slice(insts);
            Fragment { insts: all, len: insts.len() as u8 }
        }

        fn then(mut self, other: &Fragment) -> Self {
            let base = self.len;
            for inst in &other.insts[..usize::from(other.len)] {
                self.insts[usize::from(self.len)] = match *inst {
                    Inst::Split(a, b) => Inst::Split(a + base, b + base),
                    Inst::Jump(to) => Inst::Jump(to + base),
                    other => other,
                };
                self.len += 1;
            }
            self
        }
    }

    pub fn postfix(pattern: &[u8]) -> Option<Program> {
        let mut stack = [None::<Fragment>; 8];
        let mut depth = 0;
        for &byte in pattern {
            let mut pop = || {
                depth = usize::checked_sub(depth, 1)?;
                stack[depth].take()
            };
            let fragment = match byte {
                b'.' => {
                    let second = pop()?;
                    pop()?.then(&second)
                }
                b'|' => {
                    let (second, first) = (pop()?, pop()?);
                    let left = Fragment::of(&[Inst::Split(1, first.len + 2)]).then(&first);
                    let end = left.len + 1 + second.len;
                    let mut both = left;
                    both.insts[usize::from(both.len)] = Inst::Jump(end);
                    both.len += 1;
                    both.then(&second)
                }
                b'*' => {
                    let body = pop()?;
                    let mut all = Fragment::of(&[Inst::Split(1, body.len + 2)]).then(&body);
                    all.insts[usize::from(all.len)] = Inst::Jump(0);
                    all.len += 1;
                    all
                }
                b'+' => {
                    let mut body = pop()?;
                    body.insts[usize::from(body.len)] = Inst::Split(0, body.len + 1);
                    body.len += 1;
                    body
                }
                b'?' => {
                    let body = pop()?;
                    Fragment::of(&[Inst::Split(1, body.len + 1)]).then(&body)
                }
                b'_' => Fragment::of(&[Inst::Any]),
                literal => Fragment::of(&[Inst::Byte(literal)]),
            };
            *stack.get_mut(depth)? = Some(fragment);
            depth += 1;
        }
        let whole = stack[0].filter(|_| depth == 1)?.then(&Fragment::of(&[Inst::Match]));
        Some(Program { insts: whole.insts, len: whole.len })
    }
}

impl Program {
    fn follow(&self, pc: u8, set: &mut SparseSet) {
        if !set.insert(pc) {
            return;
        }
        match self.insts[usize::from(pc)] {
            Inst::Split(a, b) => {
                self.follow(a, set);
                self.follow(b, set);
            }
            Inst::Jump(to) => self.follow(to, set),
            Inst::Byte(_) | Inst::Any | Inst::Match => {}
        }
    }

    /// The length of the longest prefix that matches.
    fn longest_prefix(&self, text: &[u8]) -> Option<usize> {
        let mut current = SparseSet::new();
        let mut next = SparseSet::new();
        self.follow(0, &mut current);
        let mut longest = None;
        for at in 0..=text.len() {
            let byte = text.get(at);
            for &pc in current.iter() {
                match (self.insts[usize::from(pc)], byte) {
                    (Inst::Match, _) => longest = Some(at),
                    (Inst::Any, Some(_)) => self.follow(pc + 1, &mut next),
                    (Inst::Byte(wanted), Some(&found)) if wanted == found => self.follow(pc + 1, &mut next),
                    _ => {}
                }
            }
            core::mem::swap(&mut current, &mut next);
            next.len = 0;
        }
        longest
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let patterns = ["ab|*a.b.b.", "a?a?.a?.aa.a..", "xy.+z?.", "_*b.", "ab.c", "h_.l+.o*."];
    let texts =
        ["abaabbab", "aaa", "xyxyxyz", "no bells", "hello", "hallllooo", "aaaaaaaaaaaaaaabbbbbbaaaab", "xyxyxyxyxyxyxyxyxyxyxyzb", ""];
    let mut checksum = 0u64;
    for pattern in patterns {
        let Some(program) = compile::postfix(pattern.as_bytes()) else {
            checksum = checksum.rotate_left(13) ^ 0xbad;
            continue;
        };
        for text in texts {
            let length = program.longest_prefix(text.as_bytes()).map_or(77, |length| length as u64);
            checksum = checksum.wrapping_mul(131).wrapping_add(length ^ u64::from(program.len) << 8);
        }
    }
    checksum
}
