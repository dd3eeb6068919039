//! A Pratt parser into an arena of boxed-like nodes, constant folding over the tree, and evaluation with variables.
// expect: 0x2ec1ff9185102ae7
#![no_std]

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
}

impl Op {
    const fn from_byte(byte: u8) -> Option<Op> {
        Some(match byte {
            b'+' => Op::Add,
            b'-' => Op::Sub,
            b'*' => Op::Mul,
            b'/' => Op::Div,
            b'^' => Op::Pow,
            _ => return None,
        })
    }

    /// Left and right binding power.
    const fn power(self) -> (u8, u8) {
        match self {
            Op::Add | Op::Sub => (1, 2),
            Op::Mul | Op::Div => (3, 4),
            Op::Pow => (6, 5),
        }
    }

    fn apply(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Op::Add => a.checked_add(b),
            Op::Sub => a.checked_sub(b),
            Op::Mul => a.checked_mul(b),
            Op::Div => a.checked_div(b),
            Op::Pow => a.checked_pow(u32::try_from(b).ok()?),
        }
    }
}

#[derive(Clone, Copy)]
struct Id(u8);

#[derive(Clone, Copy)]
enum Expr {
    Number(i64),
    Variable(u8),
    Negate(Id),
    Binary { op: Op, left: Id, right: Id },
}

struct Arena<const N: usize> {
    nodes: [Expr; N],
    len: usize,
}

impl<const N: usize> Arena<N> {
    fn add(&mut self, expr: Expr) -> Option<Id> {
        *self.nodes.get_mut(self.len)? = expr;
        self.len += 1;
        Some(Id(self.len as u8 - 1))
    }

    fn get(&self, Id(index): Id) -> Expr {
        self.nodes[index as usize]
    }
}

fn primary<const N: usize>(input: &mut &[u8], arena: &mut Arena<N>) -> Option<Id> {
    let (&first, rest) = input.split_first()?;
    *input = rest;
    match first {
        b' ' => primary(input, arena),
        b'-' => {
            let operand = expression(input, arena, 4)?;
            arena.add(Expr::Negate(operand))
        }
        b'(' => {
            let inner = expression(input, arena, 0)?;
            let [b')', rest @ ..] = *input else { return None };
            *input = rest;
            Some(inner)
        }
        b'a'..=b'z' => arena.add(Expr::Variable(first - b'a')),
        b'0'..=b'9' => {
            let mut value = i64::from(first - b'0');
            while let [digit @ b'0'..=b'9', rest @ ..] = *input {
                value = value * 10 + i64::from(digit - b'0');
                *input = rest;
            }
            arena.add(Expr::Number(value))
        }
        _ => None,
    }
}

fn expression<const N: usize>(input: &mut &[u8], arena: &mut Arena<N>, minimum: u8) -> Option<Id> {
    let mut left = primary(input, arena)?;
    loop {
        while let [b' ', rest @ ..] = *input {
            *input = rest;
        }
        let Some((op, rest)) = input.split_first().and_then(|(&byte, rest)| Some((Op::from_byte(byte)?, rest))) else {
            return Some(left);
        };
        let (left_power, right_power) = op.power();
        if left_power < minimum {
            return Some(left);
        }
        *input = rest;
        let right = expression(input, arena, right_power)?;
        left = arena.add(Expr::Binary { op, left, right })?;
    }
}

fn evaluate<const N: usize>(arena: &Arena<N>, id: Id, variables: &dyn Fn(u8) -> Option<i64>) -> Option<i64> {
    match arena.get(id) {
        Expr::Number(value) => Some(value),
        Expr::Variable(name) => variables(name),
        Expr::Negate(operand) => evaluate(arena, operand, variables)?.checked_neg(),
        Expr::Binary { op, left, right } => op.apply(evaluate(arena, left, variables)?, evaluate(arena, right, variables)?),
    }
}

/// Replaces subtrees without variables by their values; returns how many nodes became numbers.
fn fold<const N: usize>(arena: &mut Arena<N>, id: Id) -> u32 {
    let mut folded = match arena.get(id) {
        Expr::Number(_) | Expr::Variable(_) => return 0,
        Expr::Negate(operand) => fold(arena, operand),
        Expr::Binary { left, right, .. } => fold(arena, left) + fold(arena, right),
    };
    if let Some(value) = evaluate(arena, id, &|_| None) {
        arena.nodes[id.0 as usize] = Expr::Number(value);
        folded += 1;
    }
    folded
}

#[no_mangle]
pub fn run() -> u64 {
    let sources: [&[u8]; 6] =
        [b"1 + 2 * 3 - x", b"2^3^2 / (y - 1)", b"-x^2 + (4*5 - 6)*y", b"(1 + 2", b"10 / (3 - 3) + z", b"((((7))))*a*b-c*(d+11)"];
    let mut checksum = 0u64;
    for source in sources {
        let mut arena = Arena { nodes: [Expr::Number(0); 40], len: 0 };
        let mut input = source;
        let root = expression(&mut input, &mut arena, 0).filter(|_| input.is_empty());
        let Some(root) = root else {
            checksum = checksum.wrapping_mul(31).wrapping_add(input.len() as u64);
            continue;
        };
        for scale in 1..50 {
            let value = evaluate(&arena, root, &|name| Some(i64::from(name) * scale - 50));
            checksum = checksum.wrapping_mul(31) ^ value.unwrap_or(-1) as u64;
        }
        checksum = checksum.wrapping_mul(31) ^ u64::from(fold(&mut arena, root));
        checksum ^= evaluate(&arena, root, &|name| Some(i64::from(name))).map_or(99, |value| value as u64);
    }
    checksum
}
