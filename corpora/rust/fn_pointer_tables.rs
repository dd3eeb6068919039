//! Tables of function pointers: opcodes dispatched through an array, pointers in structs and statics, pointers to generics.
// expect: 0xcece93ee9eeb753b
#![no_std]

#[derive(Clone, Copy, Default)]
struct Cpu {
    registers: [u16; 4],
    zero: bool,
    carry: bool,
    pc: u8,
    cycles: u32,
}

type Handler = fn(&mut Cpu, u8) -> Flow;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Jump(u8),
    Stop,
}

fn set_flags(cpu: &mut Cpu, register: u8, (value, carry): (u16, bool)) -> Flow {
    cpu.registers[usize::from(register & 3)] = value;
    cpu.zero = value == 0;
    cpu.carry = carry;
    Flow::Next
}

/// An instruction of two registers from a function of two numbers, named by type.
trait Alu {
    fn compute(a: u16, b: u16, carry: bool) -> (u16, bool);
}

fn alu<A: Alu>(cpu: &mut Cpu, operands: u8) -> Flow {
    let [to, from] = [operands & 3, operands >> 2 & 3];
    let result = A::compute(cpu.registers[usize::from(to)], cpu.registers[usize::from(from)], cpu.carry);
    set_flags(cpu, to, result)
}

macro_rules! alu {
    ($($name:ident = |$a:ident, $b:ident, $carry:ident| $body:expr;)*) => {$(
        struct $name;
        impl Alu for $name {
            fn compute($a: u16, $b: u16, $carry: bool) -> (u16, bool) {
                $body
            }
        }
    )*};
}

alu! {
    Move = |_a, b, carry| (b, carry);
    Add = |a, b, _carry| a.overflowing_add(b);
    AddCarry = |a, b, carry| {
        let (sum, first) = a.overflowing_add(b);
        let (sum, second) = sum.overflowing_add(u16::from(carry));
        (sum, first || second)
    };
    Subtract = |a, b, _carry| a.overflowing_sub(b);
    Xor = |a, b, carry| (a ^ b, carry);
    Rotate = |a, b, _carry| (a.rotate_left(u32::from(b)), a >> 15 == 1);
}

fn immediate(cpu: &mut Cpu, operands: u8) -> Flow {
    let carry = cpu.carry;
    set_flags(cpu, operands, (u16::from(operands >> 2), carry))
}

fn jump_if<const WANTED: bool>(cpu: &mut Cpu, operands: u8) -> Flow {
    if cpu.zero == WANTED {
        Flow::Jump(operands)
    } else {
        Flow::Next
    }
}

fn halt(_: &mut Cpu, _: u8) -> Flow {
    Flow::Stop
}

#[derive(Clone, Copy)]
struct Operation {
    name: &'static str,
    handler: Handler,
    cycles: u8,
}

const fn operation(name: &'static str, handler: Handler, cycles: u8) -> Operation {
    Operation { name, handler, cycles }
}

static OPERATIONS: [Operation; 10] = [
    operation("halt", halt, 1),
    operation("move", alu::<Move>, 1),
    operation("add", alu::<Add>, 2),
    operation("adc", alu::<AddCarry>, 2),
    operation("sub", alu::<Subtract>, 2),
    operation("xor", alu::<Xor>, 1),
    operation("rot", alu::<Rotate>, 3),
    operation("imm", immediate, 1),
    operation("jz", jump_if::<true>, 4),
    operation("jnz", jump_if::<false>, 4),
];

/// Called before each instruction when there is one.
type Hook = Option<fn(&Cpu, &Operation) -> u64>;

fn execute(cpu: &mut Cpu, program: &[(u8, u8)], hook: Hook) -> u64 {
    let mut trace = 0u64;
    while let Some(&(opcode, operands)) = program.get(usize::from(cpu.pc)) {
        let Some(operation) = OPERATIONS.get(usize::from(opcode)) else { break };
        if let Some(hook) = hook {
            trace = trace.rotate_left(3) ^ hook(cpu, operation);
        }
        cpu.cycles += u32::from(operation.cycles);
        match (operation.handler)(cpu, operands) {
            Flow::Next => cpu.pc += 1,
            Flow::Jump(target) => cpu.pc = target,
            Flow::Stop => break,
        }
        if cpu.cycles > 3000 {
            break;
        }
    }
    trace
}

fn name_hook(_: &Cpu, operation: &Operation) -> u64 {
    operation.name.bytes().map(u64::from).sum()
}

fn select(names: &[&str]) -> [Option<Handler>; 3] {
    let find = |name: &&str| OPERATIONS.iter().find(|operation| operation.name == *name).map(|operation| operation.handler);
    core::array::from_fn(|index| names.get(index).and_then(find))
}

#[no_mangle]
pub fn run() -> u64 {
    // Multiplies by adding, rotates what comes out, and counts down.
    let countdown = [
        (7, 0),
        (7, 9 << 2 | 1),
        (7, 41 << 2 | 2),
        (7, 1 << 2 | 3),
        (2, 2 << 2),
        (6, 3 << 2),
        (3, 1 << 2),
        (4, 3 << 2 | 1),
        (9, 4),
        (5, 2 << 2),
        (0, 0),
    ];
    let endless = [(7, 3 << 2 | 2), (2, 2 << 2), (6, 2 << 2 | 1), (5, 1 << 2), (9, 1), (8, 0)];
    let hooks: [Hook; 3] = [None, Some(name_hook), Some(|cpu, _| u64::from(cpu.registers[0]) << u32::from(cpu.zero))];
    let mut checksum = 0u64;
    for program in [&countdown[..], &endless[..]] {
        for hook in hooks {
            let mut cpu = Cpu::default();
            let trace = execute(&mut cpu, program, hook);
            checksum = cpu.registers.iter().fold(checksum ^ trace, |sum, &register| sum.rotate_left(13) ^ u64::from(register));
            checksum = checksum.wrapping_add(u64::from(cpu.cycles));
        }
    }
    let mut cpu = Cpu { registers: [1, 2, 3, 4], ..Cpu::default() };
    let chosen = select(&["add", "none", "rot"]);
    let flows = chosen.iter().flatten().cycle().take(40).filter(|handler| handler(&mut cpu, 0b1110) == Flow::Next).count();
    checksum ^ u64::from(cpu.registers[2]) << 16 ^ flows as u64
}
