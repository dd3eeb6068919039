//! A first-fit allocator with headers in its own memory: splitting, coalescing, and a torture test that checks contents.
// expect: 0x9b42d3b2e6f0562a
#![no_std]

const WORDS: usize = 256;

/// The header before each block: its size in words (header included) shifted left, and whether it is in use.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Header(u32);

impl Header {
    const fn new(size: usize, used: bool) -> Self {
        Header((size as u32) << 1 | used as u32)
    }

    const fn size(self) -> usize {
        (self.0 >> 1) as usize
    }

    const fn is_used(self) -> bool {
        self.0 & 1 != 0
    }
}

struct Heap {
    words: [u32; WORDS],
}

/// The word after a header.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Handle(u16);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HeapError {
    OutOfMemory,
    NotAllocated,
}

impl Heap {
    fn new() -> Self {
        let mut heap = Heap { words: [0; WORDS] };
        heap.words[0] = Header::new(WORDS, false).0;
        heap
    }

    /// All blocks in order, as the place of the header and the header.
    fn blocks(&self) -> impl Iterator<Item = (usize, Header)> + '_ {
        let mut at = 0;
        core::iter::from_fn(move || {
            let header = Header(*self.words.get(at)?);
            let place = at;
            at += header.size();
            Some((place, header))
        })
    }

    fn allocate(&mut self, words: usize) -> Result<Handle, HeapError> {
        let needed = words + 1;
        let fits = |&(_, header): &(usize, Header)| !header.is_used() && header.size() >= needed;
        let (place, header) = self.blocks().find(fits).ok_or(HeapError::OutOfMemory)?;
        let rest = header.size() - needed;
        // A rest of one word would be a block without contents: leave it in this one.
        let taken = if rest > 1 { needed } else { header.size() };
        self.words[place] = Header::new(taken, true).0;
        if taken < header.size() {
            self.words[place + taken] = Header::new(rest, false).0;
        }
        Ok(Handle(place as u16 + 1))
    }

    fn free(&mut self, handle: Handle) -> Result<(), HeapError> {
        let place = usize::from(handle.0) - 1;
        let (_, header) = self.blocks().find(|&(at, header)| at == place && header.is_used()).ok_or(HeapError::NotAllocated)?;
        self.words[place] = Header::new(header.size(), false).0;
        self.coalesce();
        Ok(())
    }

    fn coalesce(&mut self) {
        let mut at = 0;
        while at < WORDS {
            let header = Header(self.words[at]);
            let after = at + header.size();
            match self.words.get(after).map(|&word| Header(word)) {
                Some(next) if !next.is_used() && !header.is_used() => {
                    self.words[at] = Header::new(header.size() + next.size(), false).0;
                }
                _ => at = after,
            }
        }
    }

    fn contents(&mut self, handle: Handle) -> &mut [u32] {
        let start = usize::from(handle.0);
        let size = Header(self.words[start - 1]).size() - 1;
        &mut self.words[start..][..size]
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let mut heap = Heap::new();
    let mut slots: [Option<(Handle, u32)>; 16] = [None; 16];
    let mut state = 0xace1_u32;
    let (mut refused, mut checksum) = (0u64, 0u64);
    for step in 0..220u32 {
        // A linear feedback shift register of 16 bits.
        state = state >> 1 ^ (state & 1) * 0xb400;
        let index = state as usize % slots.len();
        match slots[index].take() {
            Some((handle, stamp)) => {
                let whole = heap.contents(handle).iter().all(|&word| word == stamp);
                let freed = heap.free(handle).and_then(|()| heap.free(handle));
                checksum = checksum.rotate_left(3) ^ u64::from(whole) ^ u64::from(freed == Err(HeapError::NotAllocated)) << 1;
            }
            None => match heap.allocate(1 + state as usize / 16 % 45) {
                Ok(handle) => {
                    heap.contents(handle).fill(step);
                    slots[index] = Some((handle, step));
                    checksum = checksum.wrapping_mul(0x0100_0193) ^ u64::from(handle.0);
                }
                Err(_) => refused += 1,
            },
        }
    }
    for (handle, _) in slots.into_iter().flatten() {
        checksum ^= u64::from(heap.free(handle).is_err());
    }
    let one_block = heap.blocks().eq([(0, Header::new(WORDS, false))]);
    checksum ^ refused << 32 ^ u64::from(one_block) << 60
}
