//! A compiler for a language of eight letters into folded operations, then their interpreter with input and output ports.
// expect: 0x0aeb8f81e034431e
#![no_std]

#[derive(Clone, Copy, PartialEq, Eq)]
enum Op {
    Add(u8),
    Move(i8),
    Output,
    Input,
    /// To the operation after the matching close, when the cell is zero.
    Open(u16),
    Close(u16),
    Clear,
    /// Adds a multiple of the cell to another one, and clears it.
    MulAdd {
        offset: i8,
        factor: u8,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Error {
    Unbalanced { at: usize },
    TooLong,
    OutOfTape,
    OutOfFuel,
}

struct Code<const N: usize> {
    ops: [Op; N],
    len: usize,
}

impl<const N: usize> Code<N> {
    fn emit(&mut self, op: Op) -> Result<(), Error> {
        let last = self.ops[..self.len].last_mut();
        match (last, op) {
            (Some(Op::Add(count)), Op::Add(more)) => *count = count.wrapping_add(more),
            (Some(Op::Move(by)), Op::Move(more)) if by.checked_add(more).is_some() => *by += more,
            _ => {
                *self.ops.get_mut(self.len).ok_or(Error::TooLong)? = op;
                self.len += 1;
            }
        }
        Ok(())
    }

    /// A loop from `open` to the end that clears its cell, alone or with one multiplication.
    fn simplify_loop(&mut self, open: usize) -> bool {
        let simple = match self.ops[open + 1..self.len] {
            [Op::Add(1 | 255)] => Op::Clear,
            [Op::Add(255), Op::Move(there), Op::Add(factor), Op::Move(back)] if there == -back => Op::MulAdd { offset: there, factor },
            [Op::Move(there), Op::Add(factor), Op::Move(back), Op::Add(255)] if there == -back => Op::MulAdd { offset: there, factor },
            _ => return false,
        };
        self.ops[open] = simple;
        self.len = open + 1;
        true
    }

    fn compile(source: &str) -> Result<Self, Error> {
        let mut code = Code { ops: [Op::Clear; N], len: 0 };
        let mut open = [0usize; 16];
        let mut depth = 0;
        for (at, letter) in source.char_indices() {
            match letter {
                '+' => code.emit(Op::Add(1))?,
                '-' => code.emit(Op::Add(255))?,
                '>' => code.emit(Op::Move(1))?,
                '<' => code.emit(Op::Move(-1))?,
                '.' => code.emit(Op::Output)?,
                ',' => code.emit(Op::Input)?,
                '[' => {
                    *open.get_mut(depth).ok_or(Error::TooLong)? = code.len;
                    depth += 1;
                    code.emit(Op::Open(0))?;
                }
                ']' => {
                    depth = depth.checked_sub(1).ok_or(Error::Unbalanced { at })?;
                    let start = open[depth];
                    if !code.simplify_loop(start) {
                        code.emit(Op::Close(start as u16))?;
                        code.ops[start] = Op::Open(code.len as u16);
                    }
                }
                _ => {}
            }
        }
        if depth > 0 {
            Err(Error::Unbalanced { at: source.len() })
        } else {
            Ok(code)
        }
    }

    fn run(&self, input: &mut dyn Iterator<Item = u8>, output: &mut dyn FnMut(u8)) -> Result<u32, Error> {
        let mut tape = [0u8; 64];
        let (mut head, mut pc, mut steps) = (0usize, 0, 0);
        while let Some(&op) = self.ops[..self.len].get(pc) {
            pc += 1;
            steps += 1;
            if steps > 20_000 {
                return Err(Error::OutOfFuel);
            }
            let cell = &mut tape[head];
            match op {
                Op::Add(count) => *cell = cell.wrapping_add(count),
                Op::Move(by) => head = head.checked_add_signed(by.into()).filter(|&head| head < 64).ok_or(Error::OutOfTape)?,
                Op::Output => output(*cell),
                Op::Input => *cell = input.next().unwrap_or(0),
                Op::Open(after) if *cell == 0 => pc = after.into(),
                Op::Close(start) => pc = start.into(),
                Op::Open(_) => {}
                Op::Clear => *cell = 0,
                Op::MulAdd { offset, factor } => {
                    let amount = core::mem::take(cell).wrapping_mul(factor);
                    let place = head.checked_add_signed(offset.into()).ok_or(Error::OutOfTape)?;
                    let other = tape.get_mut(place).ok_or(Error::OutOfTape)?;
                    *other = other.wrapping_add(amount);
                }
            }
        }
        Ok(steps)
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let programs = [
        "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++.",
        ",[->+>+<<]>>[-<<+>>]<[>.<-]",
        ",>,<[->>+>+<<<]>>>[-<<<+>>>]<.[-]<[.-]",
        ">>>>[<<<<-]+++[>+++<-]>[-]<.",
        "++[>+",
        "+]",
        "<",
        "+[>+<+]>.",
    ];
    let mut checksum = 0u64;
    for source in programs {
        let mut input = (5u8..).step_by(7);
        let mut written = 0u64;
        let result = Code::<96>::compile(source)
            .and_then(|code| code.run(&mut input, &mut |byte| written = written.wrapping_mul(257).wrapping_add(byte.into())));
        let outcome = match result {
            Ok(steps) => steps.into(),
            Err(Error::Unbalanced { at }) => 1 << 32 | at as u64,
            Err(Error::TooLong) => 2 << 32,
            Err(Error::OutOfTape) => 3 << 32,
            Err(Error::OutOfFuel) => 4 << 32,
        };
        checksum = checksum.rotate_left(7) ^ outcome ^ written;
    }
    checksum
}
