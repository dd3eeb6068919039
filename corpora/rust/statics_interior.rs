//! Statics that point into each other: a linked table of commands, a configuration of cells, `static mut` behind raw pointers.
// expect: 0x99813d419e1a9e26
#![no_std]

use core::cell::{Cell, RefCell};
use core::ptr::{addr_of, addr_of_mut};
use core::sync::atomic::{AtomicU32, Ordering};

/// A command knows its parent, its children and an alias elsewhere in the table.
struct Command {
    name: &'static str,
    parent: Option<&'static Command>,
    aliases: &'static [&'static str],
    weight: &'static u32,
    uses: AtomicU32,
}

static WEIGHTS: [u32; 4] = [3, 5, 8, 13];

static ROOT: Command = Command { name: "git", parent: None, aliases: &[], weight: &WEIGHTS[3], uses: AtomicU32::new(0) };
static REMOTE: Command =
    Command { name: "remote", parent: Some(&ROOT), aliases: &["rem", "r"], weight: &WEIGHTS[1], uses: AtomicU32::new(0) };
static ADD: Command = Command { name: "add", parent: Some(&REMOTE), aliases: &["a"], weight: &WEIGHTS[0], uses: AtomicU32::new(10) };
static PRUNE: Command = Command { name: "prune", parent: Some(&REMOTE), aliases: &[], weight: &WEIGHTS[2], uses: AtomicU32::new(0) };
static TABLE: [&Command; 4] = [&ADD, &PRUNE, &REMOTE, &ROOT];

impl Command {
    fn path(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        core::iter::successors(Some(self), |command| command.parent).map(|command| command.name)
    }

    fn answers_to(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }

    /// Counts the use here and in all parents.
    fn used(&self) -> u32 {
        let before = self.uses.fetch_add(*self.weight, Ordering::Relaxed);
        before + self.parent.map_or(0, Command::used)
    }
}

struct Config {
    verbose: Cell<bool>,
    depth: Cell<u8>,
    history: RefCell<[u8; 12]>,
}

/// Shared although its cells are not: there is one thread.
struct Single<T>(T);

// SAFETY: the programs of this corpus have one thread.
unsafe impl<T> Sync for Single<T> {}

static CONFIG: Single<Config> = Single(Config { verbose: Cell::new(false), depth: Cell::new(3), history: RefCell::new([0; 12]) });
static CURRENT: Single<Cell<&Command>> = Single(Cell::new(&ROOT));

struct Ring {
    slots: [u32; 8],
    head: usize,
    /// Points into `slots`, or is null.
    largest: *const u32,
}

static mut RING: Ring = Ring { slots: [0; 8], head: 0, largest: core::ptr::null() };

fn push(value: u32) {
    let ring = addr_of_mut!(RING);
    // SAFETY: one thread, and no reference to the ring outlives this function; `largest` points into it or is null.
    unsafe {
        let slot = addr_of_mut!((*ring).slots[(*ring).head % 8]);
        slot.write(value);
        (*ring).head += 1;
        let largest = (*ring).largest;
        if largest.is_null() || *slot >= *largest {
            (*ring).largest = slot;
        }
    }
}

fn ring_digest() -> u64 {
    let ring = addr_of!(RING);
    // SAFETY: as above.
    let (slots, largest, place) = unsafe {
        let largest = (*ring).largest;
        let place = largest.offset_from(addr_of!((*ring).slots).cast());
        ((*ring).slots, *largest, place)
    };
    slots.iter().fold(u64::from(largest) << 8 | place as u64, |sum, &slot| sum.wrapping_mul(31) ^ u64::from(slot))
}

fn dispatch(word: &str) -> Option<&'static Command> {
    let Config { verbose, depth, history } = &CONFIG.0;
    let command = TABLE.iter().find(|command| command.answers_to(word))?;
    let mut entries = history.borrow_mut();
    entries.rotate_right(1);
    entries[0] = command.path().map(|name| name.len() as u8).sum();
    verbose.set(!verbose.get());
    depth.update(|depth| depth.wrapping_mul(3) ^ entries[0]);
    CURRENT.0.set(command);
    push(command.used());
    Some(command)
}

#[no_mangle]
pub fn run() -> u64 {
    let words = ["add", "r", "prune", "unknown", "git", "rem", "a", "remote"];
    let mut checksum = 0u64;
    for word in words.iter().cycle().take(450) {
        let path = dispatch(word).map_or(0, |command| command.path().count());
        checksum = checksum.rotate_left(9) ^ ring_digest() ^ path as u64;
        checksum ^= u64::from(CONFIG.0.depth.get()) << 40 | u64::from(CONFIG.0.verbose.get()) << 56;
    }
    let same = core::ptr::eq(CURRENT.0.get(), TABLE[1]) || CURRENT.0.get().parent.is_some_and(|parent| core::ptr::eq(parent, &ROOT));
    let history = CONFIG.0.history.try_borrow().map_or(0, |entries| entries.iter().map(|&entry| u64::from(entry)).sum());
    let uses = TABLE.iter().map(|command| u64::from(command.uses.swap(0, Ordering::AcqRel))).fold(0, |sum, uses| sum * 1009 + uses);
    checksum ^ u64::from(same) << 63 ^ history << 20 ^ uses
}
