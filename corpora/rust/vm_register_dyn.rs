//! A register machine whose devices are trait objects with supertraits, whose instructions are decoded by nested patterns, and whose traps unwind by `?`.
// expect: 0x746b993a0e2b6370
#![no_std]

use core::cell::Cell;
use core::ops::ControlFlow;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

static TICKS: AtomicU64 = AtomicU64::new(1);
static RESETS: AtomicUsize = AtomicUsize::new(0);

trait Named {
    const ID: u8;
    fn id(&self) -> u8 {
        Self::ID
    }
}

trait Clocked {
    fn tick(&self, cycles: u64);
    fn cycles(&self) -> u64;
}

/// Something at an address range. Everything on the bus keeps time.
trait Device: Clocked {
    fn load(&self, at: u16) -> Result<u32, Trap>;
    fn store(&mut self, at: u16, value: u32) -> Result<(), Trap>;
    fn reset(&mut self) {
        RESETS.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trap {
    Unmapped { at: u16 },
    ReadOnly,
    Divide,
    Illegal(u32),
    Fuel,
}

struct Ram<const WORDS: usize> {
    words: [u32; WORDS],
    time: Cell<u64>,
}

struct Rom<'a> {
    words: &'a [u32],
    time: Cell<u64>,
}

/// Each load is the next number.
struct Noise {
    state: Cell<u32>,
    time: Cell<u64>,
}

macro_rules! clocked {
    ($($head:tt)*) => {
        impl $($head)* {
            fn tick(&self, cycles: u64) {
                self.time.set(self.time.get() + cycles);
                TICKS.fetch_add(cycles, Ordering::SeqCst);
            }
            fn cycles(&self) -> u64 {
                self.time.get()
            }
        }
    };
}

clocked!(<const WORDS: usize> Clocked for Ram<WORDS>);
clocked!(Clocked for Rom<'_>);
clocked!(Clocked for Noise);

impl Named for Noise {
    const ID: u8 = 0xa5;
}

impl<const WORDS: usize> Device for Ram<WORDS> {
    fn load(&self, at: u16) -> Result<u32, Trap> {
        self.tick(2);
        self.words.get(usize::from(at)).copied().ok_or(Trap::Unmapped { at })
    }
    fn store(&mut self, at: u16, value: u32) -> Result<(), Trap> {
        self.tick(3);
        *self.words.get_mut(usize::from(at)).ok_or(Trap::Unmapped { at })? = value;
        Ok(())
    }
    fn reset(&mut self) {
        self.words.fill(0);
    }
}

impl Device for Rom<'_> {
    fn load(&self, at: u16) -> Result<u32, Trap> {
        self.tick(1);
        self.words.get(usize::from(at)).copied().ok_or(Trap::Unmapped { at })
    }
    fn store(&mut self, _: u16, _: u32) -> Result<(), Trap> {
        Err(Trap::ReadOnly)
    }
}

impl Device for Noise {
    fn load(&self, at: u16) -> Result<u32, Trap> {
        self.tick(5);
        let next = self.state.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.state.set(next);
        Ok(next >> (at & 15) | u32::from(self.id()) << 24)
    }
    fn store(&mut self, at: u16, value: u32) -> Result<(), Trap> {
        self.state = Cell::new(value ^ u32::from(at));
        Ok(())
    }
}

struct Bus<'d> {
    devices: [(u16, u16, &'d mut dyn Device); 3],
}

impl<'d> Bus<'d> {
    fn find(&mut self, at: u16) -> Option<(&mut (dyn Device + 'd), u16)> {
        self.devices.iter_mut().find(|(from, to, _)| (*from..*to).contains(&at)).map(|(from, _, device)| (&mut **device, at - *from))
    }
    fn load(&mut self, at: u16) -> Result<u32, Trap> {
        let (device, offset) = self.find(at).ok_or(Trap::Unmapped { at })?;
        device.load(offset)
    }
    fn store(&mut self, at: u16, value: u32) -> Result<(), Trap> {
        let (device, offset) = self.find(at).ok_or(Trap::Unmapped { at })?;
        device.store(offset, value)
    }
    fn clock(&self) -> u64 {
        self.devices.iter().map(|(_, _, device)| -> &dyn Clocked { &**device }).map(Clocked::cycles).sum()
    }
}

#[derive(Clone, Copy)]
enum Op {
    Halt,
    Load { to: usize, at: usize, offset: u16 },
    Store { from: usize, at: usize, offset: u16 },
    Alu(fn(u32, u32) -> Option<u32>, usize, usize, usize),
    Branch { when: Condition, left: usize, right: usize, to: i8 },
    Immediate(usize, i16),
}

#[derive(Clone, Copy, PartialEq)]
enum Condition {
    Equal,
    Less,
    Odd,
}

fn decode(word: u32) -> Result<Op, Trap> {
    let [op, a, b, c] = word.to_be_bytes();
    let (x, y) = (usize::from(a >> 4), usize::from(a & 15));
    let long = i16::from_be_bytes([b, c]);
    Ok(match op {
        0 => Op::Halt,
        0x10..=0x1f if !matches!(b, 0xf0..=0xff) => Op::Load { to: x, at: y, offset: long as u16 },
        0x20..=0x2f => Op::Store { from: x, at: y, offset: long as u16 },
        0x30 => Op::Alu(|l, r| l.checked_add(r).or(Some(0)), x, y, usize::from(b & 15)),
        0x31 => Op::Alu(|l, r| Some(l.wrapping_mul(r)), x, y, usize::from(b & 15)),
        0x32 => Op::Alu(u32::checked_div, x, y, usize::from(b & 15)),
        0x33 => Op::Alu(|l, r| Some(l.rotate_left(r % 32) ^ r), x, y, usize::from(b & 15)),
        0x40 | 0x41 | 0x42 => {
            let when = [Condition::Equal, Condition::Less, Condition::Odd][usize::from(op & 3)];
            Op::Branch { when, left: x, right: y, to: c as i8 }
        }
        0x50 => Op::Immediate(x, long),
        _ => return Err(Trap::Illegal(word)),
    })
}

struct Machine<'b, 'd> {
    registers: [u32; 16],
    pc: u16,
    fuel: u32,
    bus: &'b mut Bus<'d>,
}

impl Machine<'_, '_> {
    fn step(&mut self) -> Result<ControlFlow<u32>, Trap> {
        self.fuel = self.fuel.checked_sub(1).ok_or(Trap::Fuel)?;
        let op = decode(self.bus.load(self.pc)?)?;
        self.pc += 1;
        let r = &mut self.registers;
        match op {
            Op::Halt => return Ok(ControlFlow::Break(r[0])),
            Op::Load { to, at, offset } => r[to] = self.bus.load((r[at] as u16).wrapping_add(offset))?,
            Op::Store { from, at, offset } => self.bus.store((r[at] as u16).wrapping_add(offset), r[from])?,
            Op::Alu(f, to, left, right) => r[to] = f(r[left], r[right]).ok_or(Trap::Divide)?,
            Op::Immediate(to, value) => r[to] = value as u32,
            Op::Branch { when, left, right, to } => {
                let holds = match (when, r[left], r[right]) {
                    (Condition::Equal, a, b) => a == b,
                    (Condition::Less, a, b) if a >= b => false,
                    (Condition::Less, ..) => true,
                    (Condition::Odd, a, _) => a & 1 == 1,
                };
                if holds {
                    self.pc = self.pc.wrapping_add_signed(to.into());
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn run(&mut self) -> Result<u32, Trap> {
        loop {
            if let ControlFlow::Break(value) = self.step()? {
                return Ok(value);
            }
        }
    }
}

const PROGRAMS: [&[u32]; 5] = [
    // Sums noise into memory, then folds memory.
    &[0x50100080, 0x50200100, 0x50400001, 0x50500140, 0x10320000, 0x30003000, 0x20010000, 0x30114000, 0x41155000 | 0x1f9, 0x00000000],
    &[0x50100007, 0x50200000, 0x32012000, 0x00000000],
    &[0x50100123, 0x20110000, 0x00000000],
    &[0x50100001, 0x33001000, 0x30001000, 0x420000fc, 0x400000fb],
    &[0x50100080, 0x103100ff, 0xdeadbeef],
];

#[no_mangle]
pub fn run() -> u64 {
    let mut checksum = 0u64;
    for (number, words) in PROGRAMS.iter().enumerate() {
        let mut rom = Rom { words, time: Cell::new(0) };
        let mut ram = Ram::<64> { words: [number as u32; 64], time: Cell::new(0) };
        let mut noise = Noise { state: Cell::new(77), time: Cell::new(0) };
        let mut bus = Bus { devices: [(0, 0x80, &mut rom), (0x80, 0xc0, &mut ram), (0x100, 0x140, &mut noise)] };
        bus.devices.iter_mut().rev().take(number % 3).for_each(|(_, _, device)| device.reset());
        let mut machine = Machine { registers: [0; 16], pc: 0, fuel: 2000, bus: &mut bus };
        let outcome = match machine.run() {
            Ok(value) => u64::from(value),
            Err(Trap::Unmapped { at }) => 1 << 40 | u64::from(at),
            Err(Trap::Illegal(word)) => 2 << 40 | u64::from(word),
            Err(trap @ (Trap::ReadOnly | Trap::Divide | Trap::Fuel)) => 3 << 40 | u64::from(trap == Trap::Divide) << 1 | u64::from(trap == Trap::Fuel),
        };
        let registers = machine.registers.iter().fold(0u64, |sum, &r| sum.rotate_left(3) ^ u64::from(r));
        let pc = machine.pc;
        checksum = checksum.rotate_left(19) ^ outcome ^ registers ^ u64::from(pc) << 50 ^ bus.clock() << 33;
    }
    let last = TICKS.swap(0, Ordering::AcqRel);
    let tries = TICKS.compare_exchange(1, 9, Ordering::Acquire, Ordering::Relaxed).unwrap_or_else(|found| found + 5);
    checksum ^ last << 3 ^ tries ^ (RESETS.load(Ordering::Acquire) as u64) << 58
}
