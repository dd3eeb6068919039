/**
 * Rust sources whose MIR the reader must take whole, and the rustcs of this machine that print it.
 *
 * `ITEMS` is Rust and MIR text at once: it stands in the source, and before the dump when that is read.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ITEMS = `
pub struct Pair(pub u8, pub u32);
#[repr(C)]
pub struct Named { pub a: u64, pub b: bool, pub c: [i16; 4] }
pub struct Unit;
pub struct Generic<T> { pub value: T, pub other: u8 }
#[repr(u8)]
pub enum Small { A = 3, B, C = 200 }
pub enum Mixed<T> { Tup(T), Nam { a: T, b: i8 }, Empty }
pub enum Nested { Some(Pair), Other(Option<u16>), Last(char) }
`;

/** By subject: functions that are supported whole, in debug and optimised builds. */
export const SOURCES: Readonly<Record<string, string>> = {
  arith: `
pub fn checked(a: i32, b: i32, c: u8) -> i32 { (a + b) * (a - b) / (b % a) - (a << c) + (a >> c) }
pub fn negate(a: i64, b: i128) -> (i64, i128) { (-a, -b) }
pub fn bits(a: u64, b: u64) -> u64 { (a & b) | (a ^ !b) }
pub fn bools(a: bool, b: bool) -> bool { (a & b) ^ !a | (a == b) }
pub fn compare(a: i8, b: i8, c: f64, d: f64, e: char) -> bool { a < b && c <= d && e > 'q' || a != b }
pub fn floats(a: f32, b: f64) -> (f32, f64) { (a * 1.5 + 0.1 - 16777216.0, b / 1e300 + 4.9e-324 - 123456789012345680.0) }
pub fn limits(k: u8) -> i128 { if k == 0 { -170141183460469231731687303715884105728 } else { 170141183460469231731687303715884105727 } }
pub fn sizes(k: u8) -> (usize, isize, u8) { if k == 255 { (18446744073709551615, -9223372036854775808, k) } else { (3, -3, 255) } }
pub fn chars(k: u32) -> char { match k { 0 => 'a', 1 => '\\n', 2 => '\\'', 3 => '"', 4 => '\\u{1f600}', 5 => '\\0', 6 => '\\u{301}', 7 => '\\u{200b}', 8 => '\\u{e9}', _ => '\\u{10ffff}' } }
pub fn unsigned(a: u128, b: u16, c: usize) -> u128 { a / 7 + (b as u128) % 1000 - (c as u128) * 2 }
`,
  aggregates: `
pub fn fields(p: &Pair, n: &mut Named) -> u32 { n.a = p.1 as u64; n.c[2] = 7; n.b = !n.b; p.1 }
pub fn make(a: u64, x: i16) -> (Pair, Named) { (Pair(a as u8, a as u32), Named { a, b: a > 3, c: [x; 4] }) }
pub fn generic(g: Generic<i64>) -> Generic<u8> { Generic { value: g.value as u8, other: g.other } }
pub fn tuples(t: (u8, (u16, [u32; 2]))) -> ((u8,), u32) { ((t.0,), (t.1).1[1] + (t.1).0 as u32) }
pub fn unit(_u: Unit) -> Unit { Unit }
pub fn enums(m: Mixed<u8>, s: Small) -> i32 { match m { Mixed::Tup(x) => x as i32, Mixed::Nam { a, b } => a as i32 + b as i32, Mixed::Empty => s as i32 } }
pub fn build(k: u8, x: u16) -> Mixed<u16> { match k { 0 => Mixed::Tup(x), 1 => Mixed::Nam { a: x, b: k as i8 }, _ => Mixed::Empty } }
pub fn option(x: Option<u64>, y: u64) -> Option<u64> { match x { Some(v) if v > y => Some(v - y), Some(_) => None, None => x } }
pub fn result(x: Result<u32, i8>) -> Result<u8, Pair> { match x { Ok(v) => Err(Pair(1, v)), Err(e) => Ok(e as u8) } }
pub fn deep(n: &Nested) -> u32 { match n { Nested::Some(Pair(a, b)) => *a as u32 + *b, Nested::Other(Some(x)) => *x as u32, Nested::Other(None) => 1, Nested::Last(c) => *c as u32 } }
`,
  memory: `
pub fn arrays(x: [[u8; 3]; 2], i: usize, j: usize) -> u8 { let mut y = x; y[i][j] = x[1][2]; y[0][j] ^ y[i][0] }
pub fn refs<'a>(a: &'a u32, b: &'a mut u32) -> &'a u32 { *b = *a + 1; if *a > 3 { a } else { b } }
pub fn swap(a: &mut Pair, b: &mut Pair) { let t = a.1; a.1 = b.1; b.1 = t; }
pub fn raw(x: &mut [u32; 4]) -> (*const u32, *mut u32) { let p = &raw const x[1]; (p, &raw mut x[2]) }
pub fn pointers(p: *mut u32, q: *const u8) -> (*const u16, usize, *const u8) { (p as *const u16, q as usize, p as *const u8) }
pub fn reborrow(x: &mut &mut u8) -> u8 { **x = 3; let y = &mut **x; *y = *y / 2; *y }
pub fn sum(xs: &[i32; 8]) -> i32 { let mut s = 0; let mut i = 0; while i < 8 { s += xs[i]; i += 1; } s }
pub fn pattern(xs: [u8; 3]) -> u8 { let [a, _, c] = xs; a + c }
`,
  control: `
pub fn fact(n: u32) -> u64 { if n < 2 { 1 } else { n as u64 * fact(n - 1) } }
pub fn even(n: u32) -> bool { if n == 0 { true } else { odd(n - 1) } }
pub fn odd(n: u32) -> bool { if n == 0 { false } else { even(n - 1) } }
pub fn pointer(f: fn(i32, u8) -> i32, g: extern "C" fn(u8) -> u8, k: u8) -> i32 { f(1, g(k)) }
pub fn choose(k: bool) -> fn(u32) -> bool { if k { even } else { odd } }
pub unsafe fn unsafe_pointer(f: unsafe fn(u8), g: unsafe extern "C" fn()) { unsafe { f(3); g() } }
pub fn loops(n: u32) -> u32 { let mut s = 0u32; let mut i = 0; 'o: loop { i += 1; let mut j = 0; while j < i { if j * i > n { break 'o; } s ^= j << 3; j += 1; } } s }
pub fn forever(x: &mut u8) -> ! { loop { *x ^= 1; } }
pub fn matches(c: char, b: bool, i: i8) -> u8 { match (c, b) { ('a', true) => 1, ('\\u{80}', false) => 2, _ => match i { -1 => 3, -128 => 4, 127 => 5, _ => 6 } } }
#[inline(never)] pub fn shadow(x: i32) -> i32 { let x = x ^ 1; let x = x & 5; { let y = x | 3; y } }
pub fn inlined(x: i32) -> i32 { shadow(x) + helper(x) }
#[inline(always)] fn helper(x: i32) -> i32 { let y = x * 3; y - 1 }
`,
  casts: `
pub fn ints(a: i8, b: u64, c: usize, d: bool, e: char, f: i128) -> (u64, i8, u16, u8, u32, u8, usize) { (a as u64, b as i8, c as u16, d as u8, e as u32, f as u8, f as usize) }
pub fn to_float(a: i8, b: u128) -> (f32, f64) { (a as f32, b as f64) }
pub fn from_float(a: f32, b: f64) -> (u8, i128, f64, f32) { (a as u8, b as i128, a as f64, b as f32) }
pub fn byte(a: u8) -> char { a as char }
pub fn bits(a: f32, b: u64) -> (u32, f64) { unsafe { (std::mem::transmute::<f32, u32>(a), std::mem::transmute::<u64, f64>(b)) } }
pub fn address(x: usize, f: fn(u8) -> u8) -> (*const u8, usize, *const ()) { (x as *const u8, f as usize, f as *const ()) }
pub fn constness(p: *mut u8, q: *mut [u8; 4]) -> (*const u8, *mut u8) { (p as *const u8, q as *mut u8) }
pub fn safety(f: fn(u8)) -> unsafe fn(u8) { f }
pub fn small(s: Small) -> (u8, i32) { let t = s as u8; (t, t as i32) }
`,
};

export interface Rustc {
  readonly name: string;
  readonly command: readonly string[];
}

/** The rustcs that answer, newest spelling of MIR or not. */
export function findRustcs(): Rustc[] {
  const candidates: Rustc[] = [
    { name: "stable", command: ["rustc"] },
    { name: "nightly", command: ["rustup", "run", "nightly", "rustc"] },
    { name: "system", command: ["/usr/bin/rustc"] },
  ];
  return candidates.filter(({ command }) => run([...command, "--version"]).status === 0);
}

function run(command: readonly string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(command[0]!, command.slice(1), { encoding: "utf8", timeout: 60_000 });
  return { status, stderr };
}

/** The MIR that `rustc` prints for `source`. */
export function emitMir(rustc: Rustc, source: string, options: readonly string[]): string {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-mir-"));
  try {
    const file = join(dir, "kernel.rs");
    const out = join(dir, "kernel.mir");
    writeFileSync(file, `#![crate_type = "lib"]\n#![allow(warnings)]\n${ITEMS}${source}`);
    const { status, stderr } = run([...rustc.command, "--emit=mir", ...options, file, "-o", out]);
    if (status !== 0) throw new Error(`${rustc.name} failed: ${stderr}`);
    return readFileSync(out, "utf8");
  } finally {
    rmSync(dir, { recursive: true });
  }
}
