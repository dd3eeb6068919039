/**
 * MIR that rustc made of real Rust, at several MIR opt-levels: interpreted, it is free of undefined behaviour and observes what the
 * program compiled by rustc prints.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runText, valuesOf } from "./testing/run-text.ts";

const ITEMS = `struct P { a: i32, b: u64, c: [u8; 4] }
enum Shape { Dot, Line(f64), Rect { w: f32, h: f32 } }
`;

const FUNCTIONS = `
pub fn gcd(mut a: u64, mut b: u64) -> u64 { while b != 0 { let t = a % b; a = b; b = t; } a }
pub fn collatz(mut n: u32) -> u32 { let mut steps = 0; while n != 1 { n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 }; steps += 1; } steps }
pub fn area(s: &Shape) -> f64 { match s { Shape::Dot => 0.0, Shape::Line(l) => *l, Shape::Rect { w, h } => (*w * *h) as f64 } }
pub fn fill(p: &mut P, n: usize) { let mut i = 0; while i < n { p.c[i] = (p.a as u8) ^ (i as u8); p.b += p.c[i] as u64; i += 1; } }
pub fn find(xs: &[i32; 8], x: i32) -> Option<usize> { let mut i = 0; while i < 8 { if xs[i] == x { return Some(i); } i += 1; } None }
pub fn checked(a: i32, b: i32) -> Result<i32, u8> { if b == 0 { return Err(1); } if a == -2147483648 && b == -1 { return Err(2); } Ok(a / b) }
pub fn swap(a: &mut P, b: &mut P) { let t = P { a: a.a, b: a.b, c: a.c }; *a = P { a: b.a, b: b.b, c: b.c }; *b = t; }
pub fn apply(f: fn(u64, u64) -> u64, x: u64) -> u64 { f(x, 36) + f(x, 28) }
pub fn sort(xs: &mut [i32; 8]) { let mut i = 0; while i < 8 { let mut j = i; while j > 0 && xs[j - 1] > xs[j] { let t = xs[j]; xs[j] = xs[j - 1]; xs[j - 1] = t; j -= 1; } i += 1; } }
pub fn mix(x: u128, y: i8) -> (u128, i64, char) { ((x * 3) ^ (y as u128), (y as i64) << 7, if y > 0 { 'p' } else { 'n' }) }
`;

const RUST_MAIN = `
fn main() {
  let p = |v: u128| println!("{:x}", v);
  p(gcd(1071, 462) as u128); p(collatz(27) as u128);
  for s in [Shape::Dot, Shape::Line(2.5), Shape::Rect { w: 3.0, h: 0.1 }] { p(area(&s).to_bits() as u128); }
  let mut a = P { a: 77, b: 5, c: [1, 2, 3, 4] }; let mut b = P { a: -1, b: 6, c: [9; 4] };
  fill(&mut a, 3); swap(&mut a, &mut b);
  for q in [&a, &b] { p(q.a as u32 as u128); p(q.b as u128); for c in q.c { p(c as u128); } }
  let mut xs = [5, -3, 9, 0, 7, 7, -8, 1];
  for x in [0, 6] { match find(&xs, x) { None => p(0), Some(v) => { p(1); p(v as u128); } } }
  for (x, y) in [(7, -2), (1, 0), (-2147483648, -1)] { match checked(x, y) { Ok(v) => { p(0); p(v as u32 as u128); } Err(e) => { p(1); p(e as u128); } } }
  p(apply(gcd, 84) as u128);
  sort(&mut xs); for x in xs { p(x as u32 as u128); }
  let (u, v, w) = mix(1 << 100, -5); p(u); p(v as u64 as u128); p(w as u128);
}
`;

/** The same calls in MIR; each line is a call, whose block is numbered here. */
function mirMain(): string {
  const calls = [
    "_1 = gcd(const 1071_u64, const 462_u64)",
    "_20 = observe::<u64>(const 0_u32, copy _1)",
    "_2 = collatz(const 27_u32)",
    "_20 = observe::<u32>(const 0_u32, copy _2)",
    ...[
      "_3 = Shape::Dot;",
      "_3 = Shape::Line(const 2.5f64);",
      "_3 = Shape::Rect { w: const 3f32, h: const 0.1f32 };",
    ].flatMap((make) => [`${make} _4 = &_3; _5 = area(copy _4)`, "_20 = observe::<f64>(const 0_u32, copy _5)"]),
    "_6 = P { a: const 77_i32, b: const 5_u64, c: const_c }; _7 = P { a: const -1_i32, b: const 6_u64, c: const_d }; _8 = &mut _6; _20 = fill(copy _8, const 3_usize)",
    "_8 = &mut _6; _9 = &mut _7; _20 = swap(copy _8, copy _9)",
    "_20 = observe::<P>(const 0_u32, copy _6)",
    "_20 = observe::<P>(const 0_u32, copy _7)",
    "_10 = [const 5_i32, const -3_i32, const 9_i32, const 0_i32, const 7_i32, const 7_i32, const -8_i32, const 1_i32]; _11 = &_10; _12 = find(copy _11, const 0_i32)",
    "_20 = observe::<std::option::Option<usize>>(const 0_u32, copy _12)",
    "_12 = find(copy _11, const 6_i32)",
    "_20 = observe::<std::option::Option<usize>>(const 0_u32, copy _12)",
    ...["const 7_i32, const -2_i32", "const 1_i32, const 0_i32", "const -2147483648_i32, const -1_i32"].flatMap(
      (args) => [`_13 = checked(${args})`, "_20 = observe::<std::result::Result<i32, u8>>(const 0_u32, copy _13)"],
    ),
    "_14 = gcd as fn(u64, u64) -> u64 (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _1 = apply(copy _14, const 84_u64)",
    "_20 = observe::<u64>(const 0_u32, copy _1)",
    "_15 = &mut _10; _20 = sort(copy _15)",
    "_20 = observe::<[i32; 8]>(const 0_u32, copy _10)",
    "_16 = mix(const 1267650600228229401496703205376_u128, const -5_i8)",
    "_20 = observe::<(u128, i64, char)>(const 0_u32, copy _16)",
  ];
  const blocks = calls.map((c, i) => {
    const arrays = i === 10 ? "_17 = [const 1_u8, const 2_u8, const 3_u8, const 4_u8]; _18 = [const 9_u8; 4]; " : "";
    return `bb${i}: { ${arrays}${c.replace("const_c", "copy _17").replace("const_d", "copy _18")} -> [return: bb${i + 1}, unwind continue]; }`;
  });
  return `fn main() -> () {
    let mut _1: u64; let mut _2: u32; let mut _3: Shape; let mut _4: &Shape; let mut _5: f64; let mut _6: P; let mut _7: P; let mut _8: &mut P;
    let mut _9: &mut P; let mut _10: [i32; 8]; let mut _11: &[i32; 8]; let mut _12: std::option::Option<usize>; let mut _13: std::result::Result<i32, u8>;
    let mut _14: fn(u64, u64) -> u64; let mut _15: &mut [i32; 8]; let mut _16: (u128, i64, char); let mut _17: [u8; 4]; let mut _18: [u8; 4];
    let mut _19: (); let mut _20: ();
    ${blocks.join("\n    ")}
    bb${calls.length}: { return; }
}`;
}

test("rustc's MIR does what rustc's code does", () => {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-rustc-mir-"));
  try {
    writeFileSync(join(dir, "main.rs"), `#![allow(warnings)]\n${ITEMS}${FUNCTIONS}${RUST_MAIN}`);
    writeFileSync(
      join(dir, "lib.rs"),
      `#![allow(warnings)]\n${ITEMS.replace(/^(struct|enum)/gm, "pub $1")}${FUNCTIONS}`,
    );
    const rustc = (...args: string[]): void => {
      const run = spawnSync("rustc", ["--edition", "2021", ...args], {
        encoding: "utf8",
        env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
      });
      if (run.status !== 0) throw new Error(run.stderr);
    };
    rustc("-o", join(dir, "main"), join(dir, "main.rs"));
    const output = spawnSync(join(dir, "main"), [], { encoding: "utf8" }).stdout;
    const theirs = output
      .trimEnd()
      .split("\n")
      .map((line) => BigInt(`0x${line}`));
    for (const level of [0, 1, 2, 3]) {
      for (const checks of ["yes", "no"]) {
        const mir = join(dir, `lib-${level}-${checks}.mir`);
        rustc(
          "--crate-type=lib",
          `--emit=mir=${mir}`,
          `-Zmir-opt-level=${level}`,
          "-C",
          `overflow-checks=${checks}`,
          join(dir, "lib.rs"),
        );
        // Array lengths and constructors are items of the dump too; the program does not need them.
        const text = readFileSync(mir, "utf8")
          .replace(/^const .*$/gm, "")
          .replace(/^fn Shape::[\s\S]*?^}$/gm, "");
        expect(
          valuesOf(runText(`${ITEMS}${text}\n${mirMain()}`)),
          `MIR opt-level ${level}, overflow checks ${checks}`,
        ).toEqual(theirs);
      }
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
});
