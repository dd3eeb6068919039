//! A JSON reader into an arena of nodes, with string escapes, exact errors with positions, and a walk over the tree.
// expect: 0x28d6d2751af90ff7
#![no_std]

#[derive(Clone, Copy, PartialEq)]
enum Node<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Array { first: Option<u16> },
    Object { first: Option<u16> },
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    key: Option<&'a str>,
    value: Node<'a>,
    next: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Error {
    UnexpectedEnd,
    Unexpected { byte: u8, at: usize },
    TooDeep,
    ArenaFull,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    arena: [Entry<'a>; 64],
    used: u16,
}

type Parsed<T> = Result<T, Error>;

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        let blank = Entry { key: None, value: Node::Null, next: None };
        Parser { text, at: 0, arena: [blank; 64], used: 0 }
    }

    fn peek(&mut self) -> Parsed<u8> {
        while let Some(b' ' | b'\n' | b'\t') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
        self.text.as_bytes().get(self.at).copied().ok_or(Error::UnexpectedEnd)
    }

    fn expect(&mut self, wanted: u8) -> Parsed<()> {
        match self.peek()? {
            byte if byte == wanted => {
                self.at += 1;
                Ok(())
            }
            byte => Err(Error::Unexpected { byte, at: self.at }),
        }
    }

    fn word(&mut self, word: &str, node: Node<'a>) -> Parsed<Node<'a>> {
        for &byte in word.as_bytes() {
            self.expect(byte)?;
        }
        Ok(node)
    }

    fn string(&mut self) -> Parsed<&'a str> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            match self.text.as_bytes().get(self.at) {
                None => return Err(Error::UnexpectedEnd),
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        self.text.get(start..self.at - 1).ok_or(Error::UnexpectedEnd)
    }

    fn number(&mut self) -> Node<'a> {
        let bytes = self.text.as_bytes();
        let negative = bytes[self.at] == b'-';
        self.at += negative as usize;
        let (mut value, mut scale) = (0i64, None);
        while let Some(&byte @ (b'0'..=b'9' | b'.')) = bytes.get(self.at) {
            if byte == b'.' {
                scale = Some(1.0f64);
            } else {
                value = value * 10 + i64::from(byte - b'0');
                scale = scale.map(|scale| scale * 10.0);
            }
            self.at += 1;
        }
        let value = if negative { -value } else { value };
        scale.map_or(Node::Integer(value), |scale| Node::Real(value as f64 / scale))
    }

    fn value(&mut self, depth: u32) -> Parsed<Node<'a>> {
        if depth > 8 {
            return Err(Error::TooDeep);
        }
        match self.peek()? {
            b'n' => self.word("null", Node::Null),
            b't' => self.word("true", Node::Bool(true)),
            b'f' => self.word("false", Node::Bool(false)),
            b'"' => self.string().map(Node::Text),
            b'-' | b'0'..=b'9' => Ok(self.number()),
            b'[' => Ok(Node::Array { first: self.entries(depth, b']', false)? }),
            b'{' => Ok(Node::Object { first: self.entries(depth, b'}', true)? }),
            byte => Err(Error::Unexpected { byte, at: self.at }),
        }
    }

    fn entries(&mut self, depth: u32, close: u8, keyed: bool) -> Parsed<Option<u16>> {
        self.at += 1;
        let (mut first, mut last) = (None, None::<u16>);
        while self.peek()? != close {
            if last.is_some() {
                self.expect(b',')?;
                self.peek()?;
            }
            let key = if keyed { Some(self.string()?) } else { None };
            if keyed {
                self.expect(b':')?;
            }
            let value = self.value(depth + 1)?;
            let slot = self.arena.get_mut(usize::from(self.used)).ok_or(Error::ArenaFull)?;
            *slot = Entry { key, value, next: None };
            match last {
                Some(before) => self.arena[usize::from(before)].next = Some(self.used),
                None => first = Some(self.used),
            }
            last = Some(self.used);
            self.used += 1;
        }
        self.at += 1;
        Ok(first)
    }

    fn digest(&self, node: Node<'a>) -> u64 {
        let text_digest = |text: &str| text.bytes().fold(7u64, |h, b| h.wrapping_mul(131) + u64::from(b));
        match node {
            Node::Null => 1,
            Node::Bool(value) => 2 + value as u64,
            Node::Integer(value) => (value as u64).wrapping_mul(5),
            Node::Real(value) => value.to_bits() >> 3,
            Node::Text(text) => text_digest(text),
            Node::Array { mut first } | Node::Object { mut first } => {
                let mut sum = 17u64;
                while let Some(index) = first {
                    let Entry { key, value, next } = self.arena[usize::from(index)];
                    sum = sum.wrapping_mul(1_000_003) ^ key.map_or(0, text_digest) ^ self.digest(value);
                    first = next;
                }
                sum
            }
        }
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let documents = [
        r#"{"name": "mir", "tags": ["a", "b\"c", "Ünïcode"], "size": -120, "ratio": 0.625, "ok": true}"#,
        r#"[[1,2,[3,[4,[]]]],{"k":null,"deep":{"deeper":{"x":[false,{}]}}}, 12345678901]"#,
        r#"  {"a" : [ 1.5 , -2.25, 1000.001 ], "b" : "" }"#,
        r#"[1, 2"#,
        r#"{"a": tru}"#,
        r#"[[[[[[[[[[1]]]]]]]]]]"#,
        r#"{"a" 1}"#,
    ];
    documents.iter().enumerate().fold(0u64, |sum, (index, text)| {
        let mut parser = Parser::new(text);
        let part = match parser.value(0) {
            Ok(root) => parser.digest(root),
            Err(Error::UnexpectedEnd) => 101,
            Err(Error::Unexpected { byte, at }) => u64::from(byte) << 16 | at as u64,
            Err(Error::TooDeep) => 103,
            Err(Error::ArenaFull) => 104,
        };
        sum.rotate_left(9) ^ part.wrapping_add(index as u64)
    })
}
