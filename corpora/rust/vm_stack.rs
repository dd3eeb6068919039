//! A stack machine: instructions decoded from bytes into an enum with payloads, frames, traps as errors; three programs.
// expect: 0xf677fa87a1faaaac
#![no_std]

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inst {
    Push(i32),
    Pop,
    Dup,
    Swap,
    Load(u8),
    Store(u8),
    Binary(BinOp),
    Jump(u16),
    JumpIfZero(u16),
    Call { target: u16, arguments: u8 },
    Return,
    Halt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum BinOp {
    Add = 0x20,
    Sub,
    Mul,
    Div,
    Rem,
    Less,
    Equal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trap {
    BadOpcode(u8),
    Truncated,
    StackUnderflow,
    StackOverflow,
    DivisionByZero,
    OutOfFuel,
}

struct Decoder<'c> {
    code: &'c [u8],
    pc: usize,
}

impl Decoder<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Trap> {
        let bytes = self.code.get(self.pc..).and_then(|rest| rest.first_chunk::<N>()).ok_or(Trap::Truncated)?;
        self.pc += N;
        Ok(*bytes)
    }

    fn next(&mut self) -> Result<Inst, Trap> {
        let [opcode] = self.take()?;
        Ok(match opcode {
            0x01 => Inst::Push(i32::from_le_bytes(self.take()?)),
            0x02 => Inst::Push(i8::from_le_bytes(self.take()?).into()),
            0x03 => Inst::Pop,
            0x04 => Inst::Dup,
            0x05 => Inst::Swap,
            0x08 => Inst::Load(self.take::<1>()?[0]),
            0x09 => Inst::Store(self.take::<1>()?[0]),
            0x10 => Inst::Jump(u16::from_le_bytes(self.take()?)),
            0x11 => Inst::JumpIfZero(u16::from_le_bytes(self.take()?)),
            0x12 => Inst::Call { target: u16::from_le_bytes(self.take()?), arguments: self.take::<1>()?[0] },
            0x13 => Inst::Return,
            0x14 => Inst::Halt,
            0x20 => Inst::Binary(BinOp::Add),
            0x21 => Inst::Binary(BinOp::Sub),
            0x22 => Inst::Binary(BinOp::Mul),
            0x23 => Inst::Binary(BinOp::Div),
            0x24 => Inst::Binary(BinOp::Rem),
            0x25 => Inst::Binary(BinOp::Less),
            0x26 => Inst::Binary(BinOp::Equal),
            other => return Err(Trap::BadOpcode(other)),
        })
    }
}

#[derive(Clone, Copy, Default)]
struct Frame {
    return_to: usize,
    base: usize,
}

struct Machine {
    stack: [i32; 64],
    height: usize,
    frames: [Frame; 24],
    depth: usize,
    fuel: u32,
}

impl Machine {
    fn push(&mut self, value: i32) -> Result<(), Trap> {
        *self.stack.get_mut(self.height).ok_or(Trap::StackOverflow)? = value;
        self.height += 1;
        Ok(())
    }

    fn pop(&mut self) -> Result<i32, Trap> {
        if self.height == self.frames[self.depth].base {
            return Err(Trap::StackUnderflow);
        }
        self.height -= 1;
        Ok(self.stack[self.height])
    }

    fn local(&mut self, index: u8) -> Result<&mut i32, Trap> {
        let place = self.frames[self.depth].base + usize::from(index);
        self.stack[..self.height].get_mut(place).ok_or(Trap::StackUnderflow)
    }

    fn binary(&mut self, op: BinOp) -> Result<i32, Trap> {
        let (b, a) = (self.pop()?, self.pop()?);
        match op {
            BinOp::Add => Ok(a.wrapping_add(b)),
            BinOp::Sub => Ok(a.wrapping_sub(b)),
            BinOp::Mul => Ok(a.wrapping_mul(b)),
            BinOp::Div => a.checked_div(b).ok_or(Trap::DivisionByZero),
            BinOp::Rem => a.checked_rem(b).ok_or(Trap::DivisionByZero),
            BinOp::Less => Ok((a < b).into()),
            BinOp::Equal => Ok((a == b).into()),
        }
    }

    fn run(&mut self, code: &[u8]) -> Result<i32, Trap> {
        let mut decoder = Decoder { code, pc: 0 };
        loop {
            self.fuel = self.fuel.checked_sub(1).ok_or(Trap::OutOfFuel)?;
            match decoder.next()? {
                Inst::Push(value) => self.push(value)?,
                Inst::Pop => drop(self.pop()?),
                Inst::Dup => {
                    let top = self.pop()?;
                    self.push(top)?;
                    self.push(top)?;
                }
                Inst::Swap => {
                    let (b, a) = (self.pop()?, self.pop()?);
                    self.push(b)?;
                    self.push(a)?;
                }
                Inst::Load(index) => {
                    let value = *self.local(index)?;
                    self.push(value)?;
                }
                Inst::Store(index) => *self.local(index)? = self.pop()?,
                Inst::Binary(op) => {
                    let result = self.binary(op)?;
                    self.push(result)?;
                }
                Inst::Jump(target) => decoder.pc = target.into(),
                Inst::JumpIfZero(target) if self.pop()? == 0 => decoder.pc = target.into(),
                Inst::JumpIfZero(_) => {}
                Inst::Call { target, arguments } => {
                    let base = self.height.checked_sub(arguments.into()).ok_or(Trap::StackUnderflow)?;
                    self.depth += 1;
                    *self.frames.get_mut(self.depth).ok_or(Trap::StackOverflow)? = Frame { return_to: decoder.pc, base };
                    decoder.pc = target.into();
                }
                Inst::Return => {
                    let value = self.pop()?;
                    let Frame { return_to, base } = self.frames[self.depth];
                    self.depth = self.depth.checked_sub(1).ok_or(Trap::StackUnderflow)?;
                    (self.height, decoder.pc) = (base, return_to);
                    self.push(value)?;
                }
                Inst::Halt => return self.pop(),
            }
        }
    }
}

/// The eleventh Fibonacci number by recursion: the function is at 7.
#[rustfmt::skip]
const FIB: &[u8] = &[
    0x02, 11, 0x12, 7, 0, 1, 0x14,
    0x08, 0, 0x02, 2, 0x25, 0x11, 18, 0, 0x08, 0, 0x13,
    0x08, 0, 0x02, 1, 0x21, 0x12, 7, 0, 1, 0x08, 0, 0x02, 2, 0x21, 0x12, 7, 0, 1, 0x20, 0x13,
];

/// Euclid's algorithm in two locals: the loop is from 10 to 29.
#[rustfmt::skip]
const GCD: &[u8] = &[
    0x01, 0xd0, 0x4b, 0, 0, 0x01, 0x38, 0x31, 0, 0,
    0x08, 1, 0x11, 29, 0, 0x08, 0, 0x08, 1, 0x24, 0x08, 1, 0x09, 0, 0x09, 1, 0x10, 10, 0,
    0x08, 0, 0x14,
];

/// One for each trap.
const FAULTY: [&[u8]; 7] = [
    &[0x02, 1, 0x02, 0, 0x23],
    &[0x02, 1, 0x20],
    &[0x10, 0, 0],
    &[0x02, 7, 0x10, 0, 0],
    &[0x01, 1, 2],
    &[0x02, 3, 0x04, 0x05, 0x03, 0xff],
    &[0x12, 0, 0, 0],
];

#[no_mangle]
pub fn run() -> u64 {
    let mut checksum = 0u64;
    for program in [FIB, GCD].into_iter().chain(FAULTY) {
        let mut machine = Machine { stack: [0; 64], height: 0, frames: [Frame::default(); 24], depth: 0, fuel: 3000 };
        let outcome = match machine.run(program) {
            Ok(value) => value as u32 as u64,
            Err(Trap::BadOpcode(opcode)) => 1 << 40 | u64::from(opcode),
            Err(Trap::Truncated) => 2 << 40,
            Err(Trap::StackUnderflow) => 3 << 40,
            Err(Trap::StackOverflow) => 4 << 40,
            Err(Trap::DivisionByZero) => 5 << 40,
            Err(Trap::OutOfFuel) => 6 << 40,
        };
        checksum = checksum.wrapping_mul(0x0100_0000_01b3) ^ outcome ^ u64::from(machine.fuel) << 16;
    }
    checksum
}
