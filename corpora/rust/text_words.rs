//! Words of a text: `str` parsing with splits, trims, finds and case, and a trie of counts with `Option<&mut T>` walks.
// expect: 0x78f1773f5c96b755
#![no_std]

const TEXT: &str = "The quick brown fox jumps over the lazy dog; the dog sleeps.\r\n\
    Key: value = 42, other=-17 ; ratio= 3/8\n\
    \n\
    naïve café — Привет, мир! the Fox's  tail\ttabs\n\
    key : VALUE=0x2A,bad=12a";

#[derive(Clone, Copy)]
struct Node {
    letter: u8,
    count: u32,
    child: u16,
    sibling: u16,
}

/// Nodes by index; 0 is the root, and no child.
struct Trie<const N: usize> {
    nodes: [Node; N],
    len: usize,
}

impl<const N: usize> Trie<N> {
    const EMPTY: Node = Node { letter: 0, count: 0, child: 0, sibling: 0 };

    const fn new() -> Self {
        Trie { nodes: [Self::EMPTY; N], len: 1 }
    }

    fn child(&self, of: usize, letter: u8) -> Option<usize> {
        let mut at = self.nodes[of].child as usize;
        while at != 0 {
            if self.nodes[at].letter == letter {
                return Some(at);
            }
            at = self.nodes[at].sibling as usize;
        }
        None
    }

    /// The node of `word`, made when it is not there; `None` when all are used.
    fn entry(&mut self, word: &str) -> Option<&mut Node> {
        let mut at = 0;
        for letter in word.bytes().map(|b| b.to_ascii_lowercase()) {
            at = match self.child(at, letter) {
                Some(found) => found,
                None => {
                    let slot = self.nodes.get_mut(self.len)?;
                    *slot = Node { letter, sibling: 0, ..Self::EMPTY };
                    let made = self.len;
                    self.len += 1;
                    self.nodes[made].sibling = core::mem::replace(&mut self.nodes[at].child, made as u16);
                    made
                }
            };
        }
        self.nodes.get_mut(at)
    }

    fn total(&self) -> u32 {
        self.nodes[..self.len].iter().map(|node| node.count).sum()
    }
}

/// `name = value`, by the first `=` or `:`.
fn pair(part: &str) -> Option<(&str, &str)> {
    let (name, value) = part.split_once(['=', ':'])?;
    Some((name.trim(), value.trim_matches(|c: char| c.is_whitespace() || c == '"')))
}

fn number(value: &str) -> Result<i64, &str> {
    if let Some(hex) = value.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).map_err(|_| value);
    }
    if let Some((upper, lower)) = value.split_once('/') {
        let (upper, lower): (i64, i64) = (number(upper)?, number(lower)?);
        return upper.checked_mul(1000).and_then(|scaled| scaled.checked_div(lower)).ok_or(value);
    }
    value.parse().map_err(|_| value)
}

#[no_mangle]
pub fn run() -> u64 {
    let mut trie = Trie::<160>::new();
    let mut checksum = 0u64;
    let mut full = 0;
    for word in TEXT.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let longest = word.chars().map(char::len_utf8).max().unwrap_or(0);
        match trie.entry(word) {
            Some(node) => node.count += longest as u32,
            None => full += 1,
        }
    }
    for (at, line) in TEXT.lines().enumerate() {
        let mut parts = line.split([',', ';']).peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let Some((name, value)) = pair(part) else { continue };
            let seen = trie.entry(name).map_or(0, |node| node.count);
            let amount = number(value).map_or_else(|bad| -(bad.len() as i64), |value| value);
            checksum = checksum.rotate_left(11) ^ (amount as u64) ^ u64::from(seen) << 32 ^ u64::from(last) << 60 ^ (at as u64) << 48;
        }
        let capitals = line.char_indices().rev().filter(|(_, c)| c.is_uppercase()).fold(0, |sum, (i, c)| sum * 31 + i as u64 + u64::from(u32::from(c)));
        checksum = checksum.rotate_left(7) ^ capitals ^ line.rfind("the").map_or(0xfff, |i| i as u64) << 20;
    }
    let upper = TEXT.chars().map(|c| c.to_ascii_uppercase()).fold(0u64, |sum, c| sum.wrapping_mul(1_000_003) ^ u64::from(u32::from(c)));
    let words = TEXT.split_whitespace().rev().map(|word| word.len() as u64).fold(0, |sum, len| sum ^ len << (sum % 29));
    checksum ^ upper ^ words << 8 ^ u64::from(trie.total()) << 40 ^ full << 56
}
