//! A lexer as a table-driven machine made at compile time, then a machine of types: a protocol whose states are structs.
// expect: 0xeb70d68aad5ce782
#![no_std]

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum State {
    Start,
    Word,
    Number,
    Fraction,
    Text,
    Escape,
    Space,
    Symbol,
    Stop,
}

#[derive(Clone, Copy)]
#[repr(u8)]
enum Class {
    Letter,
    Digit,
    Dot,
    Quote,
    Backslash,
    Blank,
    Other,
}

const STATES: usize = State::Stop as usize;
const CLASSES: usize = Class::Other as usize + 1;

static CLASS_OF: [Class; 256] = {
    let mut table = [Class::Other; 256];
    let mut byte = 0usize;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'.' => Class::Dot,
            b'"' => Class::Quote,
            b'\\' => Class::Backslash,
            b' ' | b'\t' | b'\n' => Class::Blank,
            _ => Class::Other,
        };
        byte += 1;
    }
    table
};

static TRANSITIONS: [[State; CLASSES]; STATES] = {
    use State::*;
    let mut table = [[Stop; CLASSES]; STATES];
    table[Start as usize] = [Word, Number, Symbol, Text, Symbol, Space, Symbol];
    table[Word as usize] = [Word, Word, Stop, Stop, Stop, Stop, Stop];
    table[Number as usize] = [Stop, Number, Fraction, Stop, Stop, Stop, Stop];
    table[Fraction as usize] = [Stop, Fraction, Stop, Stop, Stop, Stop, Stop];
    table[Text as usize] = [Text, Text, Text, Symbol, Escape, Text, Text];
    table[Escape as usize] = [Text; CLASSES];
    table[Space as usize][Class::Blank as usize] = Space;
    table
};

/// Pieces of the source with the state in which each ended.
struct Lexer<'s> {
    rest: &'s str,
}

impl<'s> Iterator for Lexer<'s> {
    type Item = (State, &'s str);

    fn next(&mut self) -> Option<Self::Item> {
        let mut state = State::Start;
        let mut first = None;
        let end = self.rest.bytes().position(|byte| {
            let to = TRANSITIONS[state as usize][CLASS_OF[usize::from(byte)] as usize];
            let stops = to == State::Stop;
            if !stops {
                state = to;
                first.get_or_insert(to);
            }
            stops
        });
        let (piece, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        first.map(|first| (if first == State::Text { first } else { state }, piece))
    }
}

/// A connection whose states are types: what is not allowed does not compile.
mod protocol {
    pub struct Closed;
    pub struct Open {
        sequence: u16,
    }
    pub struct Connection<S> {
        state: S,
        bytes: u32,
    }

    pub enum Sent {
        Accepted(Connection<Open>),
        Broken(Connection<Closed>),
    }

    impl Connection<Closed> {
        pub const fn new() -> Self {
            Connection { state: Closed, bytes: 0 }
        }

        pub fn open(self, sequence: u16) -> Connection<Open> {
            Connection { state: Open { sequence }, bytes: self.bytes }
        }
    }

    impl Connection<Open> {
        pub fn send(mut self, message: &str) -> Sent {
            self.state.sequence = self.state.sequence.wrapping_mul(25).wrapping_add(message.len() as u16);
            self.bytes += message.len() as u32;
            if self.state.sequence % 11 == 4 {
                Sent::Broken(Connection { state: Closed, bytes: self.bytes })
            } else {
                Sent::Accepted(self)
            }
        }

        pub fn sequence(&self) -> u16 {
            self.state.sequence
        }
    }

    impl<S> Connection<S> {
        pub fn bytes(&self) -> u32 {
            self.bytes
        }
    }
}

use protocol::{Connection, Sent};

#[no_mangle]
pub fn run() -> u64 {
    let source = "let größe = 12.75 + alpha_3 * \"a \\\"quoted\\\" text\" - x.y; // 1.2.3\n\tif (n >= 0) { return \"\"; } π";
    let mut checksum = 0u64;
    for (kind, piece) in (Lexer { rest: source }) {
        let letters = piece.chars().fold(0u64, |sum, letter| sum.wrapping_mul(33) ^ u64::from(u32::from(letter)));
        checksum = checksum.rotate_left(11) ^ letters ^ u64::from(kind as u8) << 56;
    }
    let mut connection = Connection::new().open(1);
    let mut broken = 0u64;
    for (_, piece) in (0..18).flat_map(|_| Lexer { rest: source }).filter(|(kind, _)| *kind != State::Space) {
        connection = match connection.send(piece) {
            Sent::Accepted(connection) => connection,
            Sent::Broken(closed) => {
                broken += 1;
                let sequence = closed.bytes() as u16;
                closed.open(sequence)
            }
        };
    }
    checksum ^ u64::from(connection.sequence()) << 16 ^ u64::from(connection.bytes()) ^ broken << 40
}
