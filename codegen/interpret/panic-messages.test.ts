/** What panics say: the text that rustc's executable writes to its standard error, but for the place. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mainOf, runText } from "./testing/run-text.ts";

interface Row {
  /** An expression that panics; `n(x)` is `x`, unknown to the optimiser. */
  readonly rust: string;
  /** What MIR does instead: an assertion's condition and message, or a call. */
  readonly mir: string;
  /** Statements before it. */
  readonly before?: string;
}

const assertion = (rust: string, message: string, before = ""): Row => ({
  rust,
  mir: `assert(const false, ${message}) -> [success: bb1, unwind continue];`,
  before,
});
const call = (rust: string, callee: string, before = ""): Row => ({
  rust,
  mir: `_9 = ${callee} -> unwind continue;`,
  before,
});

const OPERATIONS = [
  ["add", "+", "1i32", "i32::MAX"],
  ["sub", "-", "1i32", "i32::MIN"],
  ["mul", "*", "2i32", "i32::MAX"],
  ["div", "/", "-1i32", "i32::MIN"],
  ["rem", "%", "-1i32", "i32::MIN"],
  ["shl", "<<", "32i32", "1i32"],
  ["shr", ">>", "32i32", "1i32"],
] as const;

/** The message of MIR for each, as dumps have it. */
const MIR_MESSAGES: Readonly<Record<string, string>> = {
  add: '"attempt to compute `{} + {}`, which would overflow", const 1_i32, const 2_i32',
  sub: '"attempt to compute `{} - {}`, which would overflow", const 1_i32, const 2_i32',
  mul: '"attempt to compute `{} * {}`, which would overflow", const 1_i32, const 2_i32',
  div: '"attempt to compute `{} / {}`, which would overflow", const 1_i32, const 2_i32',
  rem: '"attempt to compute the remainder of `{} % {}`, which would overflow", const 1_i32, const 2_i32',
  shl: '"attempt to shift left by `{}`, which would overflow", const 32_i32',
  shr: '"attempt to shift right by `{}`, which would overflow", const 32_i32',
};

const ROWS: readonly Row[] = [
  assertion(
    "[1u8, 2, 3][n(7usize)]",
    '"index out of bounds: the length is {} but the index is {}", const 3_usize, move _1',
    "_1 = const 7_usize;",
  ),
  call("[1u8, 2, 3][n(3usize)]", "std::panicking::panic_bounds_check(const 3_usize, const 3_usize)"),
  ...OPERATIONS.flatMap(([name, operator, right, left]) => [
    assertion(`n(${left}) ${operator} n(${right})`, MIR_MESSAGES[name]!),
    call(`n(${left}) ${operator} n(${right})`, `std::panicking::panic_const::panic_const_${name}_overflow()`),
  ]),
  assertion("-n(i8::MIN)", '"attempt to negate `{}`, which would overflow", const -128_i8'),
  assertion("n(1) / n(0)", '"attempt to divide `{}` by zero", const 1_i32'),
  assertion("n(1) % n(0)", '"attempt to calculate the remainder of `{}` with a divisor of zero", const 1_i32'),
  call("n(1) / n(0)", "std::panicking::panic_const::panic_const_div_by_zero()"),
  call("n(1) % n(0)", "std::panicking::panic_const::panic_const_rem_by_zero()"),
  assertion("polled_twice(async { 1 })", '"`async fn` resumed after completion"'),
  assertion("polled_twice(async { if n(true) { panic!() } 1 })", '"`async fn` resumed after panicking"'),
  assertion("resumed_twice(#[coroutine] || { yield 1; })", '"coroutine resumed after completion"'),
  assertion(
    "unsafe { *without_provenance::<u32>(n(0x1001)) }",
    '"misaligned pointer dereference: address must be a multiple of {} but is {}", const 4_usize, const 4097_usize',
  ),
  assertion("unsafe { *without_provenance::<u8>(n(0)) }", '"null pointer dereference occurred"'),
  assertion(
    "unsafe { transmute::<u8, Two>(n(29)) as u8 }",
    '"trying to construct an enum from an invalid value {}", const 29_u128',
  ),
  ...[
    ["n(5usize)..", "5", "3", "3"],
    ["n(0usize)..n(4)", "0", "4", "3"],
    ["n(2usize)..n(1)", "2", "1", "3"],
    ["n(7usize)..n(5)", "7", "5", "3"],
    ["n(0usize)..=n(3)", "0", "3", "3"],
  ].map(([range, start, end, len]) =>
    call(
      `[1u8, 2, 3][${range}].len()`,
      `std::slice::index::slice_index_fail(const ${start}_usize, const ${end}_usize, const ${len}_usize)`,
    ),
  ),
  call(
    "[1u8, 2, 3].copy_from_slice(&[1u8, 2][..n(2)])",
    "std::slice::copy_from_slice_impl::len_mismatch_fail(const 3_usize, const 2_usize)",
  ),
  call("n(None::<u8>).unwrap()", "std::option::unwrap_failed()"),
  call('n(None::<u8>).expect("what: ü")', 'std::option::expect_failed(const "what: ü")'),
  call('{ let s = n("text"); core::panicking::panic(s) }', 'std::panicking::panic(const "text")'),
  call("panic!()", "std::panicking::panic_explicit()"),
  call(
    "{ let c = RefCell::new(1); let a = c.borrow(); n(&c).borrow_mut(); drop(a) }",
    "std::cell::panic_already_borrowed(const std::cell::BorrowMutError {{  }})",
  ),
  call("n(0u32).ilog2()", "std::num::int_log10::panic_for_nonpositive_argument()"),
  call("n(-1i32).isqrt()", "std::num::int_sqrt::panic_for_negative_argument()"),
  call('core::panicking::panic_nounwind(n("no way"))', 'std::panicking::panic_nounwind(const "no way")'),
];

const SOURCE = `#![allow(warnings, internal_features)]
#![feature(core_intrinsics, panic_internals, coroutines, coroutine_trait, stmt_expr_attributes, strict_provenance)]
extern crate core;
use std::{cell::RefCell, hint::black_box as n, mem::transmute, ptr::without_provenance, pin::pin, future::Future, task::*, ops::Coroutine};
#[repr(u8)] enum Two { A, B }
fn polled_twice(f: impl Future<Output = i32>) {
  let mut f = pin!(f); let mut cx = Context::from_waker(Waker::noop());
  std::panic::set_hook(Box::new(|_| {})); let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| { f.as_mut().poll(&mut cx); }));
  let _ = std::panic::take_hook(); f.as_mut().poll(&mut cx);
}
fn resumed_twice(c: impl Coroutine<Yield = i32, Return = ()>) { let mut c = pin!(c); for _ in 0..3 { c.as_mut().resume(()); } }
fn main() { match std::env::args().nth(1).unwrap().parse::<u32>().unwrap() {
${ROWS.map(({ rust }, i) => `${i} => { n(${rust}); }`).join("\n")}
_ => {} } }`;

/** What stands between the line of the place and the note about backtraces. */
function messageOf(stderr: string): string {
  const found = /panicked at [^\n]*:\n([\s\S]*?)\n(?:note:|stack backtrace:|thread caused)/.exec(stderr);
  return found?.[1] ?? stderr;
}

/** The messages of an executable made by rustc. */
function compiledMessages(): string[] {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-panics-"));
  try {
    const source = join(dir, "main.rs");
    writeFileSync(source, SOURCE);
    const env = { ...process.env, RUSTC_BOOTSTRAP: "1", RUST_BACKTRACE: "0" };
    const run = spawnSync("rustc", ["--edition", "2021", "-C", "debug-assertions", "-o", join(dir, "main"), source], {
      encoding: "utf8",
      env,
    });
    if (run.status !== 0) throw new Error(run.stderr);
    return ROWS.map((_, i) => messageOf(spawnSync(join(dir, "main"), [String(i)], { encoding: "utf8", env }).stderr));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function interpretedMessage({ mir, before = "" }: Row): string {
  const locals = "let mut _1: usize; let mut _2: usize; let mut _3: usize; let mut _4: usize;";
  const rest = "let mut _5: (); let mut _6: (); let mut _7: (); let mut _8: (); let mut _9: !;";
  const { outcome } = runText(mainOf(`${locals} ${rest}`, `${before} ${mir}`, ""));
  return (
    (outcome.kind === "panic" || outcome.kind === "abort" ? outcome.message : undefined) ?? JSON.stringify(outcome)
  );
}

describe("panics", () => {
  it("say what rustc's executable says", () => {
    const show = (messages: readonly string[]): string[] => ROWS.map(({ rust }, i) => `${rust}: ${messages[i]}`);
    expect(show(ROWS.map(interpretedMessage))).toEqual(show(compiledMessages()));
  });

  it("look at the operands of a message only when the assertion fails", () => {
    const text = (cond: boolean): unknown =>
      runText(
        mainOf(
          "let mut _1: usize;",
          `assert(const ${cond}, "index out of bounds: the length is {} but the index is {}", const 3_usize, copy _1) -> [success: bb1, unwind continue];`,
          "",
        ),
      ).outcome;
    expect(text(true)).toEqual({ kind: "return" });
    expect(text(false)).toMatchObject({ kind: "ub", error: { kind: "uninit" } });
  });

  it("do not unwind where debug builds check for undefined behaviour", () => {
    const text = mainOf(
      "",
      'assert(const false, "null pointer dereference occurred") -> [success: bb1, unwind unreachable];',
      "",
    );
    expect(runText(text).outcome).toEqual({ kind: "abort", message: "null pointer dereference occurred" });
  });
});
