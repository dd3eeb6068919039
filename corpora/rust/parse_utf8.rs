//! UTF-8 decoded by hand against `core::str`, encoded back, UTF-16 both ways, case folding, word counts and a reversal by clusters.
// expect: 0xc51098c282e48acb
#![no_std]

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Invalid {
    Continuation,
    Truncated,
    Overlong,
    Surrogate,
    TooLarge,
}

/// The first code point and how many bytes it takes.
fn decode(bytes: &[u8]) -> Result<Option<(char, usize)>, Invalid> {
    let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
    let (count, bits, least) = match first {
        0..=0x7f => return Ok(Some((char::from(first), 1))),
        0xc0..=0xdf => (1, u32::from(first & 0x1f), 0x80),
        0xe0..=0xef => (2, u32::from(first & 0x0f), 0x800),
        0xf0..=0xf7 => (3, u32::from(first & 0x07), 0x1_0000),
        _ => return Err(Invalid::Continuation),
    };
    let mut point = bits;
    for index in 0..count {
        match rest.get(index) {
            None => return Err(Invalid::Truncated),
            Some(&byte @ 0x80..=0xbf) => point = point << 6 | u32::from(byte & 0x3f),
            Some(_) => return Err(Invalid::Continuation),
        }
    }
    match point {
        _ if point < least => Err(Invalid::Overlong),
        0xd800..=0xdfff => Err(Invalid::Surrogate),
        _ => char::from_u32(point).map(|letter| Some((letter, count + 1))).ok_or(Invalid::TooLarge),
    }
}

/// Bytes with an end, filled letter by letter.
struct Text {
    bytes: [u8; 96],
    len: usize,
}

impl Text {
    fn new() -> Self {
        Text { bytes: [0; 96], len: 0 }
    }

    fn push(&mut self, letter: char) {
        let written = letter.encode_utf8(&mut self.bytes[self.len..]).len();
        self.len += written;
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

fn fold_case(letter: char) -> char {
    match letter {
        'A'..='Z' => letter.to_ascii_lowercase(),
        'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ω' => char::from_u32(letter as u32 + 32).unwrap_or(letter),
        'А'..='Я' => char::from_u32(letter as u32 + 0x20).unwrap_or(letter),
        other => other,
    }
}

fn is_combining(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Clusters in reverse order: a letter stays before its combining marks.
fn reverse(text: &str, out: &mut Text) {
    let mut end = text.len();
    for (start, letter) in text.char_indices().rev() {
        if !is_combining(letter) {
            for letter in text[start..end].chars() {
                out.push(letter);
            }
            end = start;
        }
    }
}

/// Through UTF-16 and back.
fn through_utf16(text: &str) -> u64 {
    let mut units = [0u16; 64];
    let mut used = 0;
    for letter in text.chars() {
        used += letter.encode_utf16(&mut units[used..]).len();
    }
    let mut sum = 0u64;
    let mut at = 0;
    while at < used {
        let point = match (units[at], units.get(at + 1)) {
            (high @ 0xd800..=0xdbff, Some(&low @ 0xdc00..=0xdfff)) => {
                at += 1;
                0x1_0000 + (u32::from(high & 0x3ff) << 10 | u32::from(low & 0x3ff))
            }
            (unit, _) => u32::from(unit),
        };
        sum = sum.wrapping_mul(31).wrapping_add(u64::from(point));
        at += 1;
    }
    sum
}

#[no_mangle]
pub fn run() -> u64 {
    let texts = ["Hello, World", "Ærøskøbing ΑΒΓ Жук", "e\u{301}a\u{300}\u{302}o 日本語", "🦀👩\u{200d}🚀 done", ""];
    let mut checksum = 0u64;
    for &text in texts.iter().cycle().take(40) {
        let mut rest = text.as_bytes();
        let mut expected = text.chars();
        let (mut folded, mut reversed) = (Text::new(), Text::new());
        while let Ok(Some((letter, length))) = decode(rest) {
            checksum = checksum << 1 ^ u64::from(expected.next() == Some(letter));
            folded.push(fold_case(letter));
            rest = &rest[length..];
        }
        reverse(text, &mut reversed);
        for byte in folded.as_bytes().iter().chain(reversed.as_bytes()) {
            checksum = checksum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(*byte);
        }
        checksum = checksum.rotate_left(9) ^ through_utf16(text) ^ text.split(' ').count() as u64;
    }
    let broken: [&[u8]; 8] =
        [b"\xff", b"\xc3", b"\xe2\x28\xa1", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xf0\x9f\xa6\x80"];
    for bytes in broken {
        let code = match decode(bytes) {
            Ok(found) => found.map_or(0, |(letter, length)| letter as u64 * 8 + length as u64),
            Err(error) => 1 + error as u64,
        };
        let agrees = core::str::from_utf8(bytes).is_ok() == (code > 5);
        checksum = checksum.rotate_left(5) ^ code ^ u64::from(agrees) << 32;
    }
    checksum
}
