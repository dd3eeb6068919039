//! Slices taken apart by patterns: packets, run detection, merging of intervals, slices of slices, ranges and bindings.
// expect: 0x0c9112bacba73684
#![no_std]

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packet<'b> {
    Ping { sequence: u16 },
    Data { channel: u8, payload: &'b [u8] },
    Pair(&'b [u8; 2], &'b [u8; 2]),
    Padding(usize),
}

fn parse(bytes: &[u8]) -> Option<(Packet<'_>, &[u8])> {
    Some(match bytes {
        [0x00, rest @ ..] => {
            let zeros = rest.iter().take_while(|&&byte| byte == 0).count();
            (Packet::Padding(zeros + 1), &rest[zeros..])
        }
        &[0x01, high, low, ref rest @ ..] => (Packet::Ping { sequence: u16::from_be_bytes([high, low]) }, rest),
        [head @ 0x10..=0x1f, length, rest @ ..] if rest.len() >= usize::from(*length) => {
            let (payload, rest) = rest.split_at(usize::from(*length));
            (Packet::Data { channel: head & 0xf, payload }, rest)
        }
        [0x02, body @ ..] => {
            let (first, rest) = body.split_first_chunk::<2>()?;
            let (second, rest) = rest.split_first_chunk::<2>()?;
            (Packet::Pair(first, second), rest)
        }
        _ => return None,
    })
}

fn is_palindrome(bytes: &[u8]) -> bool {
    match bytes {
        [first, middle @ .., last] => first == last && is_palindrome(middle),
        [] | [_] => true,
    }
}

/// Counts peaks, valleys and plateaus of three.
fn shapes(values: &[i16]) -> (u32, u32, u32) {
    match values {
        [a, rest @ ..] if rest.len() > 1 => {
            let [b, c, ..] = rest else { return (0, 0, 0) };
            let (peaks, valleys, plateaus) = shapes(rest);
            match (a.cmp(b), b.cmp(c)) {
                (core::cmp::Ordering::Less, core::cmp::Ordering::Greater) => (peaks + 1, valleys, plateaus),
                (core::cmp::Ordering::Greater, core::cmp::Ordering::Less) => (peaks, valleys + 1, plateaus),
                (core::cmp::Ordering::Equal, core::cmp::Ordering::Equal) => (peaks, valleys, plateaus + 1),
                _ => (peaks, valleys, plateaus),
            }
        }
        _ => (0, 0, 0),
    }
}

/// Merges sorted intervals in place, and returns those that are left.
fn merge(intervals: &mut [(u8, u8)]) -> &[(u8, u8)] {
    let mut kept = 0;
    for index in 1..intervals.len() {
        let next = intervals[index];
        if let [.., (_, end)] = &mut intervals[..=kept] {
            if next.0 <= *end {
                *end = next.1.max(*end);
                continue;
            }
        }
        kept += 1;
        intervals[kept] = next;
    }
    intervals.get(..=kept).unwrap_or_default()
}

/// The longest common prefix of all.
fn common_prefix<'b>(groups: &[&'b [u8]]) -> &'b [u8] {
    match groups {
        [] => &[],
        [only] => only,
        [first, rest @ ..] => {
            let other = common_prefix(rest);
            let length = first.iter().zip(other).take_while(|(a, b)| a == b).count();
            &first[..length]
        }
    }
}

fn transpose<const R: usize, const C: usize>(rows: &[[u8; C]; R], out: &mut [[u8; R]; C]) {
    for (y, row) in rows.iter().enumerate() {
        for (column, &cell) in out.iter_mut().zip(row) {
            column[y] = cell;
        }
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let stream = [0x01, 0x12, 0x34, 0x13, 3, 9, 8, 9, 0, 0, 0, 0x02, 5, 6, 5, 6, 0x1f, 0, 0x10, 5, 1, 2, 3, 2, 1, 0x77, 1];
    let mut checksum = 0u64;
    for start in (0..stream.len()).cycle().take(700) {
        let mut rest = &stream[start..];
        while let Some((packet, after)) = parse(rest) {
            let value = match packet {
                Packet::Ping { sequence: sequence @ 0..=0xff } => u64::from(sequence),
                Packet::Ping { sequence } => 0x1_0000 | u64::from(sequence),
                Packet::Data { channel, payload: [first, .., last] } if first == last => {
                    0x2_0000 | u64::from(channel) << 8 | u64::from(*last)
                }
                Packet::Data { payload, .. } => 0x3_0000 | payload.len() as u64,
                Packet::Pair(a, b) => 0x4_0000 | u64::from(a == b) << 8 | u64::from(a[0] ^ b[1]),
                Packet::Padding(zeros) => 0x5_0000 | zeros as u64,
            };
            checksum = checksum.rotate_left(7) ^ value;
            rest = after;
        }
        checksum = checksum.wrapping_add(rest.len() as u64) << 1 | u64::from(is_palindrome(rest));
    }
    let wave: [i16; 120] = core::array::from_fn(|i| ((i * i * 7 + i / 3) % 41) as i16 / 4);
    let (peaks, valleys, plateaus) = shapes(&wave);
    let mut intervals = [(1, 4), (2, 3), (5, 9), (9, 12), (20, 25), (21, 30), (31, 31), (40, 50), (45, 46)];
    let merged = merge(&mut intervals).iter().fold(0u64, |sum, &(low, high)| sum * 251 % 1_000_003 + u64::from(high - low));
    let words: [&[u8]; 4] = [b"interpreter", b"internal", b"interval", b"inter"];
    let prefix = common_prefix(&words).len() + common_prefix(&words[1..3]).len() * 10 + common_prefix(&[]).len();
    let rows = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]];
    let mut columns = [[0; 3]; 4];
    transpose(&rows, &mut columns);
    let flat = columns.as_flattened().iter().rev().fold(0u64, |sum, &cell| sum * 13 % 999_983 + u64::from(cell));
    checksum ^ u64::from(peaks | valleys << 8 | plateaus << 16) << 32 ^ merged << 8 ^ prefix as u64 ^ flat
}
