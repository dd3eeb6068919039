/** Whole imports by the rustc that is there, of what once came out wrong. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseProgram, printProgram, renderVerifyError, verifyProgram } from "../../codegen/index.ts";
import { checksumOf } from "./checksum.ts";
import { Importer } from "./import.ts";
import { findToolchain, type Toolchain } from "./toolchain.ts";

/** `run` gives this value by rustc 1.95, 1.96 and nightly 1.97, optimised and not. */
const VALUE = "0x4e5daf016a5bff12";

const SOURCE = `#![no_std]
use core::cell::{Cell, RefCell};

struct Pair { x: u64, y: u64, name: &'static str }

fn apply<const N: usize, T: Copy>(items: [T; N], f: impl Fn(T) -> u64) -> u64 {
    let weigh = move |at: usize| f(items[at]) * (at as u64 + N as u64);
    (0..N).map(|at| weigh(at)).sum()
}

/// What only the library's own destructors put back.
fn destructors() -> u64 {
    let mut items = [9u64, 3, 7, 1, 5];
    items.sort_unstable();
    let cell = RefCell::new(5u64);
    let seen = { let guard = cell.borrow(); *guard };
    let free = cell.try_borrow_mut().is_ok();
    items.iter().fold(seen, |sum, item| sum * 10 + item) * 10 + u64::from(free)
}

/// Several places of one variable, by reference, by value and by unique reference.
fn places() -> u64 {
    let mut pair = Pair { x: 3, y: 40, name: "abc" };
    let by_ref = apply([1u8, 2, 3], |n| u64::from(n) * pair.x + pair.y + pair.name.len() as u64);
    let taken = { let (p, q) = (&pair, Cell::new(2)); let f = move || { q.set(q.get() + p.x); q.get() * p.y }; f() + f() };
    let mut change = |by: u64| { pair.x += by; pair.y ^= pair.x; };
    change(5);
    change(6);
    by_ref + taken * 1000 + pair.x * 1_000_000 + pair.y * 100_000_000
}

/// Impls that differ in \`?Sized\`, and a search that core does with vectors.
fn specialised() -> u64 {
    let mut numbers = (5u8..).step_by(7);
    let third = numbers.nth(2).map_or(0, u64::from);
    let text = "a long enough line of text to look for a word in, word by word";
    third * 100 + text.find("word").map_or(0, |at| at as u64) + u64::from(text.contains("wards")) * 7
}

#[no_mangle]
pub fn run() -> u64 {
    destructors().rotate_left(40) ^ places() ^ specialised().rotate_left(20)
}
`;

function toolchain(): Toolchain | undefined {
  try {
    return findToolchain(process.env.RUSTC);
  } catch {
    return undefined;
  }
}

const found = toolchain();

test.skipIf(found === undefined)(
  "destructors, captured places and specialised impls of the library are those of rustc",
  { timeout: 300_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), "import-test-"));
    try {
      const file = join(folder, "program.rs");
      writeFileSync(file, SOURCE);
      const importer = new Importer(found!);
      const texts = [0, 1].map(() => printProgram(importer.program(file, { entry: "run", inline: true })));
      expect(texts[1]).toBe(texts[0]);
      const program = parseProgram(texts[0]!, { file: "program.mir" });
      expect(verifyProgram(program).map(renderVerifyError)).toEqual([]);
      expect(checksumOf(program)).toBe(VALUE);
      expect(texts[0]).not.toContain("#[]");
      expect(texts[0]).not.toContain(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
