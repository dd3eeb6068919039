//! DEFLATE (RFC 1951): matches by hash chains, blocks with fixed and with dynamic codes and stored ones, and an inflater that reads them back.
// expect: 0xe7f0897a1e3315c9
#![no_std]

const BASES: [(u16, u8); 29] = [
    (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1), (17, 1), (19, 2), (23, 2), (27, 2),
    (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4), (131, 5), (163, 5), (195, 5), (227, 5), (258, 0),
];
const DISTANCES: [(u16, u8); 30] = [
    (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4), (49, 4), (65, 5), (97, 5), (129, 6),
    (193, 6), (257, 7), (385, 7), (513, 8), (769, 8), (1025, 9), (1537, 9), (2049, 10), (3073, 10), (4097, 11), (6145, 11), (8193, 12),
    (12289, 12), (16385, 13), (24577, 13),
];
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

#[derive(Debug, PartialEq)]
enum Wrong {
    End,
    Kind,
    Length,
    Code,
    Distance,
    Room,
}

struct BitWriter<'a> {
    out: &'a mut [u8],
    at: usize,
    bits: u64,
    count: u32,
}

impl BitWriter<'_> {
    fn put(&mut self, value: u32, width: u32) {
        self.bits |= u64::from(value) << self.count;
        self.count += width;
        while self.count >= 8 {
            self.out[self.at] = self.bits as u8;
            self.at += 1;
            self.bits >>= 8;
            self.count -= 8;
        }
    }

    /// Codes stand with their highest bit first.
    fn code(&mut self, code: u16, width: u8) {
        self.put(u32::from(code.reverse_bits() >> (16 - u32::from(width))), u32::from(width));
    }

    fn align(&mut self) {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
    }
}

struct BitReader<'a> {
    from: core::slice::Iter<'a, u8>,
    bits: u32,
    count: u32,
}

impl BitReader<'_> {
    fn take(&mut self, width: u32) -> Result<u32, Wrong> {
        while self.count < width {
            self.bits |= u32::from(*self.from.next().ok_or(Wrong::End)?) << self.count;
            self.count += 8;
        }
        let value = self.bits & ((1 << width) - 1);
        self.bits >>= width;
        self.count -= width;
        Ok(value)
    }
}

/// The canonical codes of these lengths.
fn codes<const N: usize>(lengths: &[u8; N]) -> [u16; N] {
    let mut count = [0u16; 16];
    lengths.iter().for_each(|&length| count[usize::from(length)] += 1);
    count[0] = 0;
    let mut next = [0u16; 17];
    for length in 1..=15 {
        next[length + 1] = (next[length] + count[length]) << 1;
    }
    core::array::from_fn(|symbol| {
        let length = usize::from(lengths[symbol]);
        let code = next[length];
        next[length] += u16::from(length > 0);
        code
    })
}

/// How many symbols have codes of each length, and the symbols in the order of their codes.
struct Decoder {
    count: [u16; 16],
    symbols: [u16; 288],
}

impl Decoder {
    fn new(lengths: &[u8]) -> Decoder {
        let mut count = [0u16; 16];
        lengths.iter().for_each(|&length| count[usize::from(length)] += 1);
        let mut offsets = [0u16; 16];
        for length in 1..15 {
            offsets[length + 1] = offsets[length] + count[length];
        }
        count[0] = 0;
        let mut symbols = [0; 288];
        for (symbol, &length) in lengths.iter().enumerate().filter(|(_, &length)| length > 0) {
            symbols[usize::from(offsets[usize::from(length)])] = symbol as u16;
            offsets[usize::from(length)] += 1;
        }
        Decoder { count, symbols }
    }

    fn next(&self, reader: &mut BitReader) -> Result<usize, Wrong> {
        let (mut code, mut first, mut index) = (0i32, 0i32, 0i32);
        for length in 1..16 {
            code |= reader.take(1)? as i32;
            let count = i32::from(self.count[length]);
            if code - count < first {
                return Ok(usize::from(self.symbols[(index + code - first) as usize]));
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(Wrong::Code)
    }
}

fn fixed() -> ([u8; 288], [u8; 30]) {
    let lengths = core::array::from_fn(|symbol| match symbol {
        0..=143 => 8,
        144..=255 => 9,
        256..=279 => 7,
        _ => 8,
    });
    (lengths, [5; 30])
}

/// Lengths that are longer for rarer symbols; complete, though not the best.
fn skewed() -> ([u8; 288], [u8; 30]) {
    // 256 of 10 bits, 16 of 5 and 16 of 6: 1/4 + 1/2 + 1/4.
    let lengths = core::array::from_fn(|symbol| match symbol {
        97..=112 => 5,
        32 | 256..=270 => 6,
        _ => 10,
    });
    (lengths, core::array::from_fn(|symbol| if symbol < 2 { 4 } else { 5 }))
}

fn position(table: &[(u16, u8)], value: usize) -> usize {
    table.partition_point(|&(base, _)| usize::from(base) <= value) - 1
}

fn compress(input: &[u8], writer: &mut BitWriter, (lengths, distances): ([u8; 288], [u8; 30])) {
    let (symbol_codes, distance_codes) = (codes(&lengths), codes(&distances));
    let mut heads = [usize::MAX; 256];
    let mut at = 0;
    while at < input.len() {
        let mut best = (0, 0);
        if let [a, b, c, ..] = input[at..] {
            let slot = usize::from(a ^ b.rotate_left(3) ^ c.rotate_left(5));
            let candidate = core::mem::replace(&mut heads[slot], at);
            if candidate != usize::MAX {
                let same = input[at..].iter().zip(&input[candidate..]).take(258).take_while(|(x, y)| x == y).count();
                best = (same, at - candidate);
            }
        }
        if best.0 < 3 {
            let symbol = usize::from(input[at]);
            writer.code(symbol_codes[symbol], lengths[symbol]);
            at += 1;
            continue;
        }
        let length = position(&BASES, best.0);
        writer.code(symbol_codes[257 + length], lengths[257 + length]);
        writer.put(best.0 as u32 - u32::from(BASES[length].0), u32::from(BASES[length].1));
        let distance = position(&DISTANCES, best.1);
        writer.code(distance_codes[distance], distances[distance]);
        writer.put(best.1 as u32 - u32::from(DISTANCES[distance].0), u32::from(DISTANCES[distance].1));
        at += best.0;
    }
    writer.code(symbol_codes[256], lengths[256]);
}

/// The lengths of a dynamic block, each as itself: the code of the code lengths has 4 bits for all of 0 to 15.
fn put_lengths(writer: &mut BitWriter, (lengths, distances): &([u8; 288], [u8; 30])) {
    writer.put(286 - 257, 5);
    writer.put(30 - 1, 5);
    writer.put(19 - 4, 4);
    ORDER.iter().for_each(|&symbol| writer.put(if symbol < 16 { 4 } else { 0 }, 3));
    for &length in lengths[..286].iter().chain(distances) {
        writer.code(u16::from(length), 4);
    }
}

fn dynamic(reader: &mut BitReader) -> Result<(Decoder, Decoder), Wrong> {
    let counts = (reader.take(5)? as usize + 257, reader.take(5)? as usize + 1, reader.take(4)? as usize + 4);
    let mut lengths = [0u8; 320];
    for &symbol in &ORDER[..counts.2] {
        lengths[symbol] = reader.take(3)? as u8;
    }
    let decoder = Decoder::new(&lengths[..19]);
    lengths.fill(0);
    let mut at = 0;
    while at < counts.0 + counts.1 {
        let (value, times) = match decoder.next(reader)? {
            16 => (*lengths[..at].last().ok_or(Wrong::Length)?, 3 + reader.take(2)?),
            17 => (0, 3 + reader.take(3)?),
            18 => (0, 11 + reader.take(7)?),
            length => (length as u8, 1),
        };
        lengths.get_mut(at..at + times as usize).ok_or(Wrong::Length)?.fill(value);
        at += times as usize;
    }
    Ok((Decoder::new(&lengths[..counts.0]), Decoder::new(&lengths[counts.0..counts.0 + counts.1])))
}

fn inflate(input: &[u8], out: &mut [u8]) -> Result<usize, Wrong> {
    let mut reader = BitReader { from: input.iter(), bits: 0, count: 0 };
    let mut at = 0;
    loop {
        let last = reader.take(1)? == 1;
        let (symbols, distances) = match reader.take(2)? {
            0 => {
                let rest = reader.count % 8;
                reader.take(rest)?;
                let (length, check) = (reader.take(16)?, reader.take(16)?);
                if length != !check & 0xffff {
                    return Err(Wrong::Length);
                }
                for _ in 0..length {
                    *out.get_mut(at).ok_or(Wrong::Room)? = reader.take(8)? as u8;
                    at += 1;
                }
                if last {
                    return Ok(at);
                }
                continue;
            }
            1 => {
                let (lengths, distances) = fixed();
                (Decoder::new(&lengths), Decoder::new(&distances))
            }
            2 => dynamic(&mut reader)?,
            _ => return Err(Wrong::Kind),
        };
        loop {
            let symbol = symbols.next(&mut reader)?;
            if symbol < 256 {
                *out.get_mut(at).ok_or(Wrong::Room)? = symbol as u8;
                at += 1;
                continue;
            }
            if symbol == 256 {
                break;
            }
            let &(base, extra) = BASES.get(symbol - 257).ok_or(Wrong::Code)?;
            let length = usize::from(base) + reader.take(u32::from(extra))? as usize;
            let &(base, extra) = DISTANCES.get(distances.next(&mut reader)?).ok_or(Wrong::Code)?;
            let distance = usize::from(base) + reader.take(u32::from(extra))? as usize;
            if distance > at {
                return Err(Wrong::Distance);
            }
            if at + length > out.len() {
                return Err(Wrong::Room);
            }
            for _ in 0..length {
                out[at] = out[at - distance];
                at += 1;
            }
        }
        if last {
            return Ok(at);
        }
    }
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[no_mangle]
pub fn run() -> u64 {
    let words = ["the ", "cat ", "sat on ", "a mat, ", "and then ", "another ", "habitual habit. "];
    let mut text = [0u8; 3000];
    let mut state = 2463534242u32;
    let mut filled = 0;
    while filled < text.len() {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let word = words[state as usize % words.len()].as_bytes();
        let room = word.len().min(text.len() - filled);
        text[filled..filled + room].copy_from_slice(&word[..room]);
        filled += room;
    }
    let mut packed = [0u8; 4000];
    let mut writer = BitWriter { out: &mut packed, at: 0, bits: 0, count: 0 };
    writer.put(0b010, 3);
    compress(&text[..1200], &mut writer, fixed());
    writer.put(0b000, 3);
    writer.align();
    writer.put(300, 16);
    writer.put(!300 & 0xffff, 16);
    text[1200..1500].iter().for_each(|&byte| writer.put(u32::from(byte), 8));
    writer.put(0b101, 3);
    put_lengths(&mut writer, &skewed());
    compress(&text[1500..], &mut writer, skewed());
    writer.align();
    let length = writer.at;
    let mut back = [0u8; 3000];
    let size = inflate(&packed[..length], &mut back);
    let mut checksum = fnv(&packed[..length]) ^ (length as u64) << 40 ^ u64::from(size == Ok(3000) && back == text);
    for cut in [0, 1, 5, 100, length - 2] {
        let wrong = inflate(&packed[..cut], &mut back);
        checksum = checksum.rotate_left(7) ^ u64::from(wrong == Err(Wrong::End));
    }
    for (at, bit) in [(0, 1), (0, 2), (700, 64), (300, 3)] {
        packed[at] ^= bit;
        let code = match inflate(&packed[..length], &mut back) {
            Ok(size) => size as u64,
            Err(wrong) => 0x8000 + wrong as u64,
        };
        packed[at] ^= bit;
        checksum = checksum.rotate_left(9) ^ code;
    }
    checksum ^ fnv(&back)
}
