//! A backtracking matcher for literals, classes, dots, anchors, groups with alternatives and repetitions, without a tree.
// expect: 0x7b380b5f2dc26e9a
#![no_std]

use core::ops::ControlFlow;

/// What follows the current part of the pattern: called with each position where that part can end.
type Continue<'c> = &'c mut dyn FnMut(usize) -> ControlFlow<usize>;

struct Matcher<'t> {
    text: &'t [u8],
    steps: core::cell::Cell<u64>,
}

#[derive(Clone, Copy)]
enum Repeat {
    Once,
    Optional,
    Star,
    Plus,
}

impl Repeat {
    fn split(pattern: &[u8]) -> (Repeat, &[u8]) {
        match pattern {
            [b'?', rest @ ..] => (Repeat::Optional, rest),
            [b'*', rest @ ..] => (Repeat::Star, rest),
            [b'+', rest @ ..] => (Repeat::Plus, rest),
            _ => (Repeat::Once, pattern),
        }
    }
}

/// The length of the first atom: a group, a class, an escape or one byte.
fn atom_length(pattern: &[u8]) -> usize {
    match pattern {
        [b'\\', _, ..] => 2,
        [b'[', ..] => pattern.iter().position(|&byte| byte == b']').map_or(pattern.len(), |end| end + 1),
        [b'(', ..] => {
            let mut depth = 0;
            let end = pattern.iter().position(|&byte| {
                depth += i32::from(byte == b'(') - i32::from(byte == b')');
                depth == 0
            });
            end.map_or(pattern.len(), |end| end + 1)
        }
        _ => 1,
    }
}

fn class_contains(class: &[u8], byte: u8) -> bool {
    match class {
        [] => false,
        [b'^', rest @ ..] => !class_contains(rest, byte),
        [low, b'-', high, rest @ ..] => (*low..=*high).contains(&byte) || class_contains(rest, byte),
        [single, rest @ ..] => *single == byte || class_contains(rest, byte),
    }
}

impl Matcher<'_> {
    fn alternatives(&self, pattern: &[u8], at: usize, then: Continue) -> ControlFlow<usize> {
        let mut start = 0;
        let mut index = 0;
        while index < pattern.len() {
            if pattern[index] == b'|' {
                self.sequence(&pattern[start..index], at, then)?;
                start = index + 1;
                index = start;
            } else {
                index += atom_length(&pattern[index..]);
            }
        }
        self.sequence(&pattern[start..], at, then)
    }

    fn sequence(&self, pattern: &[u8], at: usize, then: Continue) -> ControlFlow<usize> {
        self.steps.set(self.steps.get() + 1);
        match pattern {
            [] => then(at),
            [b'$'] if at == self.text.len() => then(at),
            _ => {
                let (atom, rest) = pattern.split_at(atom_length(pattern));
                let (repeat, rest) = Repeat::split(rest);
                let mut next = |end| self.sequence(rest, end, then);
                match repeat {
                    Repeat::Once => self.atom(atom, at, &mut next),
                    Repeat::Optional => {
                        self.atom(atom, at, &mut next)?;
                        next(at)
                    }
                    Repeat::Star => self.star(atom, at, &mut next),
                    Repeat::Plus => self.atom(atom, at, &mut |end| self.star(atom, end, &mut next)),
                }
            }
        }
    }

    /// Greedy; an empty repetition does not repeat.
    fn star(&self, atom: &[u8], at: usize, then: Continue) -> ControlFlow<usize> {
        self.atom(atom, at, &mut |end| if end > at { self.star(atom, end, then) } else { ControlFlow::Continue(()) })?;
        then(at)
    }

    fn atom(&self, atom: &[u8], at: usize, then: Continue) -> ControlFlow<usize> {
        let next = self.text.get(at).copied();
        let accepted = match (atom, next) {
            ([b'(', inner @ .., b')'], _) => return self.alternatives(inner, at, then),
            (_, None) => false,
            ([b'.'], Some(_)) => true,
            ([b'\\', b'd'], Some(byte)) => byte.is_ascii_digit(),
            ([b'\\', b'w'], Some(byte)) => byte.is_ascii_alphanumeric() || byte == b'_',
            ([b'\\', escaped], Some(byte)) => *escaped == byte,
            ([b'[', class @ .., b']'], Some(byte)) => class_contains(class, byte),
            ([literal], Some(byte)) => *literal == byte,
            _ => false,
        };
        if accepted {
            then(at + 1)
        } else {
            ControlFlow::Continue(())
        }
    }

    /// The first match, leftmost.
    fn find(&self, pattern: &str) -> Option<(usize, usize)> {
        let (pattern, anchored) = pattern.strip_prefix('^').map_or((pattern, false), |rest| (rest, true));
        let starts = if anchored { 0..=0 } else { 0..=self.text.len() };
        starts.into_iter().find_map(|start| match self.alternatives(pattern.as_bytes(), start, &mut ControlFlow::Break) {
            ControlFlow::Break(end) => Some((start, end)),
            ControlFlow::Continue(()) => None,
        })
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let patterns = [r"\d+-\d+", "(foo|ba[rz])+", "^a.*z$", r"[^ ]+@\w+\.(com|org)", "(a|b)*abb", "x?y?z?$", r"(\w+) (\w+)$"];
    let texts = ["call 555-1234 now", "foobarbaz qux", "a to z", "mail me@site.org or you@site.com", "abababbabb", "aaaaaaaaaaaaac", ""];
    let mut checksum = 0u64;
    for text in texts {
        let matcher = Matcher { text: text.as_bytes(), steps: core::cell::Cell::new(0) };
        for pattern in patterns {
            let found = matcher.find(pattern).map_or(0xffff, |(start, end)| (start << 8 | end) as u64);
            checksum = checksum.wrapping_mul(0x0001_0000_01b3).wrapping_add(found);
        }
        checksum ^= matcher.steps.get() << 32;
    }
    checksum
}
