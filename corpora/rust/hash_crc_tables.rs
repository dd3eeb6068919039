//! CRC-32 and CRC-64 by slicing over tables that const fns evaluate, checked against the bitwise definition.
// expect: 0x95ff2e342348c72a
#![no_std]

trait Crc {
    type Word: Copy + PartialEq;
    const POLYNOMIAL: Self::Word;
    /// `TABLES[k][b]`: the remainder of byte `b` followed by `k` zero bytes.
    const TABLES: [[Self::Word; 256]; 4];
    fn by_table(bytes: &[u8]) -> Self::Word;
    fn bit_by_bit(bytes: &[u8]) -> Self::Word;
}

macro_rules! crc {
    ($name:ident, $word:ty, $polynomial:expr) => {
        struct $name;

        impl $name {
            const fn tables() -> [[$word; 256]; 4] {
                let mut tables = [[0; 256]; 4];
                let mut byte = 0;
                while byte < 256 {
                    let mut remainder = byte as $word;
                    let mut bit = 0;
                    while bit < 8 {
                        let carry = remainder & 1;
                        remainder = (remainder >> 1) ^ ($polynomial * carry);
                        bit += 1;
                    }
                    tables[0][byte] = remainder;
                    byte += 1;
                }
                let mut k = 1;
                while k < 4 {
                    let mut byte = 0;
                    while byte < 256 {
                        let before = tables[k - 1][byte];
                        tables[k][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
                        byte += 1;
                    }
                    k += 1;
                }
                tables
            }
        }

        impl Crc for $name {
            type Word = $word;
            const POLYNOMIAL: $word = $polynomial;
            const TABLES: [[$word; 256]; 4] = Self::tables();

            fn by_table(bytes: &[u8]) -> $word {
                static TABLES: [[$word; 256]; 4] = <$name as Crc>::TABLES;
                let mut crc = <$word>::MAX;
                let mut chunks = bytes.chunks_exact(4);
                for chunk in chunks.by_ref() {
                    let word = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
                    let mixed = (crc as u32 ^ word).to_le_bytes();
                    // What four bytes have pushed out of a word of more than four bytes.
                    crc = crc.checked_shr(32).unwrap_or(0);
                    for (table, &byte) in TABLES.iter().rev().zip(&mixed) {
                        crc ^= table[byte as usize];
                    }
                }
                for &byte in chunks.remainder() {
                    crc = (crc >> 8) ^ TABLES[0][(crc as u8 ^ byte) as usize];
                }
                !crc
            }

            fn bit_by_bit(bytes: &[u8]) -> $word {
                !bytes.iter().fold(<$word>::MAX, |crc, &byte| {
                    (0..8).fold(crc ^ <$word>::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ Self::POLYNOMIAL } else { crc >> 1 })
                })
            }
        }
    };
}

crc!(Crc32, u32, 0xedb8_8320u32);
crc!(Crc64, u64, 0xc96c_5795_d787_0f42u64);

fn agree<C: Crc>(bytes: &[u8]) -> Option<C::Word> {
    let word = C::by_table(bytes);
    (word == C::bit_by_bit(bytes)).then_some(word)
}

#[no_mangle]
pub fn run() -> u64 {
    let mut bytes = [0u8; 96];
    let mut seed = 1u32;
    let mut checksum = u64::from(Crc32::by_table(b"123456789") == 0xcbf4_3926);
    for length in (0..bytes.len()).step_by(5) {
        for byte in &mut bytes[..length] {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (seed >> 24) as u8;
        }
        let message = &bytes[..length];
        match (agree::<Crc32>(message), agree::<Crc64>(message)) {
            (Some(narrow), Some(wide)) => checksum = checksum.rotate_left(5) ^ wide ^ u64::from(narrow),
            _ => return 0,
        }
    }
    checksum
}
