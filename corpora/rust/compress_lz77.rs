//! LZ77 with a hash table of last positions: compress text into tokens, then decompress with overlapping copies.
// expect: 0x0fe37f69450ac095
#![no_std]

const CAPACITY: usize = 640;

/// A growing array of bytes with an end.
struct Buffer {
    bytes: [u8; CAPACITY],
    len: usize,
}

#[derive(Debug)]
struct Full;

impl Buffer {
    const fn new() -> Self {
        Buffer { bytes: [0; CAPACITY], len: 0 }
    }

    fn push(&mut self, byte: u8) -> Result<(), Full> {
        *self.bytes.get_mut(self.len).ok_or(Full)? = byte;
        self.len += 1;
        Ok(())
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), Full> {
        bytes.iter().try_for_each(|&byte| self.push(byte))
    }
}

impl core::ops::Deref for Buffer {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

enum Token<'a> {
    Literals(&'a [u8]),
    Match { distance: u16, length: u8 },
}

impl Token<'_> {
    /// One byte of length (the top bit tells a match), then the bytes or the distance.
    fn write(&self, out: &mut Buffer) -> Result<(), Full> {
        match *self {
            Token::Literals(bytes) => bytes.chunks(127).try_for_each(|chunk| {
                out.push(chunk.len() as u8)?;
                out.extend(chunk)
            }),
            Token::Match { distance, length } => {
                out.push(length | 0x80)?;
                out.extend(&distance.to_le_bytes())
            }
        }
    }
}

fn slot(bytes: &[u8]) -> usize {
    let [a, b, c] = [bytes[0], bytes[1], bytes[2]].map(u32::from);
    ((a << 16 | b << 8 | c).wrapping_mul(0x9e37_79b1) >> 24) as usize
}

fn compress(input: &[u8], out: &mut Buffer) -> Result<(), Full> {
    let mut last = [None::<u16>; 256];
    let (mut at, mut literals) = (0, 0);
    while at + 3 <= input.len() {
        let candidate = last[slot(&input[at..])].replace(at as u16);
        let found = candidate.map(usize::from).and_then(|from| {
            let length = input[from..].iter().zip(&input[at..]).take(127).take_while(|(a, b)| a == b).count();
            (length >= 4).then_some((at - from, length))
        });
        let Some((distance, length)) = found else {
            at += 1;
            continue;
        };
        Token::Literals(&input[literals..at]).write(out)?;
        Token::Match { distance: distance as u16, length: length as u8 }.write(out)?;
        at += length;
        literals = at;
    }
    Token::Literals(&input[literals..]).write(out)
}

fn decompress(mut input: &[u8], out: &mut Buffer) -> Result<(), Full> {
    loop {
        match input {
            [] => return Ok(()),
            &[head, low, high, ref rest @ ..] if head & 0x80 != 0 => {
                let distance = usize::from(u16::from_le_bytes([low, high]));
                for _ in 0..head & 0x7f {
                    let byte = out.len().checked_sub(distance).and_then(|from| out.get(from).copied());
                    out.push(byte.ok_or(Full)?)?;
                }
                input = rest;
            }
            [count, rest @ ..] => {
                let (literals, rest) = rest.split_at_checked(usize::from(*count)).ok_or(Full)?;
                out.extend(literals)?;
                input = rest;
            }
        }
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let texts: [&[u8]; 4] = [
        b"she sells sea shells by the sea shore; the shells she sells are sea shells, I am sure the shells are sea shore shells",
        &[b'z'; 400],
        b"abcdefghijklmnopqrstuvwxyz0123456789",
        b"tick tock tick tock tick tack tick tock tock tick tick tock tick tack",
    ];
    let mut checksum = 0u64;
    for &text in texts.iter().cycle().take(10) {
        let (mut packed, mut unpacked) = (Buffer::new(), Buffer::new());
        let done = compress(text, &mut packed).and_then(|()| decompress(&packed, &mut unpacked));
        let same = done.is_ok() && unpacked[..] == *text;
        checksum = packed.iter().fold(checksum << 1 | same as u64, |sum, &byte| sum.rotate_left(5) ^ u64::from(byte));
        checksum = checksum.wrapping_mul(3) ^ packed.len() as u64;
    }
    checksum
}
