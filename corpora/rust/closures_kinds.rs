//! Closures of every kind: generic, `&dyn Fn`, `&mut dyn FnMut`, by move, returned, recursive by a combinator, in tables.
// expect: 0xc23add6c58820813
#![no_std]

fn twice<T>(f: impl Fn(T) -> T) -> impl Fn(T) -> T {
    move |x| f(f(x))
}

fn compose<A, B, C>(f: impl Fn(A) -> B, g: impl Fn(B) -> C) -> impl Fn(A) -> C {
    move |x| g(f(x))
}

/// Partial application in two steps.
fn curry<A, B, C, F: Fn(A, B) -> C + Copy>(f: F) -> impl Fn(A) -> Curried<A, F> {
    move |first| Curried { first, f }
}

struct Curried<A, F> {
    first: A,
    f: F,
}

impl<A: Copy, F> Curried<A, F> {
    fn call<B, C>(&self, second: B) -> C
    where
        F: Fn(A, B) -> C,
    {
        (self.f)(self.first, second)
    }
}

/// A function that gets itself as an argument.
fn fix<A, B>(f: &dyn Fn(&dyn Fn(A) -> B, A) -> B, argument: A) -> B {
    f(&|next| fix(f, next), argument)
}

fn counter(start: u32, step: u32) -> impl FnMut() -> u32 {
    let mut next = start;
    move || {
        let now = next;
        next += step;
        now
    }
}

/// Calls the consumer exactly once, with what the producer returned last.
fn drain<T>(mut produce: impl FnMut() -> Option<T>, consume: impl FnOnce(T) -> u64) -> u64 {
    let mut last = None;
    while let Some(item) = produce() {
        last = Some(item);
    }
    last.map_or(0, consume)
}

struct Memo<F, const N: usize> {
    compute: F,
    known: [Option<u64>; N],
    misses: u32,
}

impl<F: Fn(&mut dyn FnMut(usize) -> u64, usize) -> u64 + Copy, const N: usize> Memo<F, N> {
    fn get(&mut self, index: usize) -> u64 {
        if let Some(value) = self.known[index] {
            return value;
        }
        self.misses += 1;
        let compute = self.compute;
        let value = compute(&mut |smaller| self.get(smaller), index);
        *self.known[index].insert(value)
    }
}

/// Listeners with state of their own, called in order.
fn notify(listeners: &mut [&mut dyn FnMut(u8) -> bool], events: &[u8]) -> usize {
    events.iter().filter(|&&event| listeners.iter_mut().any(|listener| listener(event))).count()
}

#[no_mangle]
pub fn run() -> u64 {
    let offset = 7u64;
    let affine = |x: u64| x.wrapping_mul(5).wrapping_add(offset);
    let fourfold = twice(twice(affine));
    let parity = compose(&fourfold, |x| x.count_ones() % 2 == 1);
    let add = curry(|a: u64, b: u8| a + u64::from(b));
    let (ten, thousand) = (add(10), add(1000));
    let mut checksum = (0..3000).fold(0u64, |sum, x| sum << 1 ^ fourfold(x) ^ u64::from(parity(x)));
    checksum ^= ten.call::<u8, u64>(3) << 32 ^ thousand.call::<u8, u64>(250) << 40;

    let ackermann = fix::<(u64, u64), u64>(
        &|again, (m, n)| match (m, n) {
            (0, n) => n + 1,
            (m, 0) => again((m - 1, 1)),
            (m, n) => again((m - 1, again((m, n - 1)))),
        },
        (2, 14),
    );
    let mut memo = Memo::<_, 40> {
        compute: |get: &mut dyn FnMut(usize) -> u64, n| if n < 2 { n as u64 } else { get(n - 1).wrapping_add(get(n / 2)) + get(n - 2) },
        known: [None; 40],
        misses: 0,
    };
    checksum = checksum.rotate_left(9) ^ ackermann ^ memo.get(39) ^ u64::from(memo.misses) << 56;

    let (mut evens, mut odds) = (counter(0, 2), counter(1, 2));
    let mut sources: [&mut dyn FnMut() -> u32; 2] = [&mut evens, &mut odds];
    let merged = (0..40).map(|i| sources[i % 3 % 2]()).fold(0u64, |sum, n| sum.wrapping_mul(31) + u64::from(n));
    let words = ["one", "three", "eleven", "two"];
    let mut rest = words.iter();
    let owner = [merged >> 2; 3];
    let drained = drain(|| rest.next(), move |word| owner.iter().sum::<u64>() ^ word.len() as u64);

    let (mut total, mut seen) = (0u32, [false; 16]);
    let mut first_time = |event: u8| !core::mem::replace(&mut seen[usize::from(event % 16)], true);
    let mut large = |event: u8| {
        total += u32::from(event);
        event > 200
    };
    let events: [u8; 64] = core::array::from_fn(|i| (i * 37 % 251) as u8);
    let handled = notify(&mut [&mut first_time, &mut large], &events);
    let table: [(&str, fn(u64) -> u64); 3] = [("double", |x| x << 1), ("negate", u64::wrapping_neg), ("self", core::convert::identity)];
    let folded = table.iter().fold(checksum, |sum, (name, f)| f(sum).rotate_left(name.len() as u32));
    folded ^ drained ^ (handled as u64) << 48 ^ u64::from(total) << 20
}
