//! The order of drops, recorded: locals, temporaries, partial moves, replaced values, arrays, enums, early exits, `mem` functions.
// expect: 0x8b201c935734845d
#![no_std]

use core::cell::Cell;
use core::mem::{self, ManuallyDrop};

/// The last events as a number, and how many there were.
struct Log {
    digest: Cell<u64>,
    events: Cell<u32>,
}

impl Log {
    fn record(&self, event: u8) {
        self.digest.set(self.digest.get().wrapping_mul(0x0100_0000_01b3) ^ u64::from(event));
        self.events.set(self.events.get() + 1);
    }

    fn noisy(&self, id: u8) -> Noisy<'_> {
        self.record(id);
        Noisy { log: self, id }
    }
}

struct Noisy<'l> {
    log: &'l Log,
    id: u8,
}

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        self.log.record(self.id | 0x80);
    }
}

/// Fields are dropped in the order of their declaration, after the struct's own `drop`.
struct Pair<'l> {
    second: Noisy<'l>,
    first: Noisy<'l>,
}

impl Drop for Pair<'_> {
    fn drop(&mut self) {
        mem::swap(&mut self.first, &mut self.second);
        self.first.log.record(0x7f);
    }
}

enum Holding<'l> {
    Nothing,
    One(Noisy<'l>),
    Many([Noisy<'l>; 3]),
    Nested(Option<(u8, Noisy<'l>)>),
}

fn early_exit<'l>(log: &'l Log, n: u8) -> Option<Noisy<'l>> {
    let first = log.noisy(n);
    let _unused = log.noisy(n + 1);
    let kept = (n % 3 != 0).then(|| log.noisy(n + 2))?;
    if n % 2 == 0 {
        return Some(first);
    }
    Some(kept)
}

fn partial_moves(log: &Log) -> Noisy<'_> {
    let tuple = (log.noisy(20), log.noisy(21), log.noisy(22));
    let (_, moved, _) = tuple;
    let [_, middle, ..] = [log.noisy(23), log.noisy(24), log.noisy(25)];
    log.record(26);
    drop(moved);
    middle
}

fn conditional(log: &Log, take: bool) -> u8 {
    let value = log.noisy(30);
    let other = log.noisy(31);
    if take {
        drop(value);
    }
    other.id
}

fn loops(log: &Log) {
    let mut slot = None;
    for id in 40..46 {
        let fresh = log.noisy(id);
        match id % 3 {
            0 => continue,
            1 => slot = Some(fresh),
            _ if id == 44 => break,
            _ => log.record(47),
        }
    }
    if let Some(Noisy { id, .. }) = &slot {
        log.record(*id);
    }
}

fn holdings(log: &Log) {
    let mut held = Holding::Nothing;
    for step in 0..8u8 {
        let next = match step % 4 {
            0 => Holding::One(log.noisy(50 + step)),
            1 => Holding::Many([60, 61, 62].map(|id| log.noisy(id + step))),
            2 => Holding::Nested((step > 4).then(|| (step, log.noisy(70)))),
            _ => Holding::Nothing,
        };
        // Assignment drops the old value, `replace` gives it back.
        if step % 2 == 0 {
            held = next;
        } else if let Holding::Many([_, second, _]) = mem::replace(&mut held, next) {
            log.record(second.id);
        }
        let weight = match &held {
            Holding::Nothing => 1,
            Holding::One(noisy) => noisy.id,
            Holding::Many(all) => all.iter().map(|noisy| noisy.id % 10).sum(),
            Holding::Nested(inner) => inner.as_ref().map_or(2, |(number, noisy)| number + noisy.id),
        };
        log.record(weight);
    }
}

fn manual(log: &Log) {
    let mut kept = ManuallyDrop::new(log.noisy(80));
    mem::forget(log.noisy(81));
    let array = [82, 83, 84, 85].map(|id| log.noisy(id));
    let mut rest = array.into_iter();
    let taken = rest.next_back();
    log.record(86);
    drop(rest);
    log.record(taken.map_or(0, |noisy| noisy.id));
    // SAFETY: it is dropped here only.
    unsafe { ManuallyDrop::drop(&mut kept) };
}

#[no_mangle]
pub fn run() -> u64 {
    let log = Log { digest: Cell::new(0xcbf2_9ce4_8422_2325), events: Cell::new(0) };
    for round in 0..70u8 {
        for n in 0..6 {
            if let Some(noisy) = early_exit(&log, n) {
                log.record(noisy.id ^ round);
            }
        }
        let _last = partial_moves(&log);
        log.record(conditional(&log, round % 2 == 0) + log.noisy(32).id);
        let pair = Pair { first: log.noisy(1), second: log.noisy(2) };
        loops(&log);
        holdings(&log);
        manual(&log);
        // A pattern of underscore does not bind: the temporary is dropped at once.
        let _ = log.noisy(90);
        let Pair { first, .. } = &pair;
        log.record(first.id);
    }
    log.digest.get() ^ u64::from(log.events.get()) << 32
}
