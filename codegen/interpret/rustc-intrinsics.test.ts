/**
 * Intrinsics that work on memory, pointers, types and unwinding: functions that rustc makes MIR of, interpreted, against the executable
 * that it makes of them. (Those on plain values are in `rustc-values.test.ts`.)
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runWith, valuesOf } from "./testing/run-text.ts";

const ITEMS = `pub trait Shape { fn area(&self) -> u32; }
pub struct Square(u32, u8);
pub struct Tail<T: ?Sized> { head: u8, tail: T }
pub struct Noisy(*mut u64);
pub enum Plain { A, B = 5, C }
#[repr(u8)] pub enum Small { X = 200, Y(u32) = 3 }
pub enum Niche<'a> { None, Some(&'a u32) }
pub enum Wide { P(u8), Q(u64) }
#[repr(i64)] pub enum Signed { N = -3, Z = 0 }
`;

const RUST_IMPLS = `
impl Shape for Square { fn area(&self) -> u32 { self.0 * self.0 } }
impl Drop for Noisy { fn drop(&mut self) { unsafe { *self.0 = *self.0 * 10 + 7; } } }
`;

const MIR_IMPLS = `
impl Shape for Square { fn area(_1: &Square) -> u32 { bb0: { _0 = Mul(copy ((*_1).0: u32), copy ((*_1).0: u32)); return; } } }
impl std::ops::Drop for Noisy { fn drop(_1: &mut Noisy) -> () { let mut _2: *mut u64;
  bb0: { _2 = copy ((*_1).0: *mut u64); (*_2) = Mul(copy (*_2), const 10_u64); (*_2) = Add(copy (*_2), const 7_u64); return; } } }
#[rustc_intrinsic] fn std::intrinsics::variant_count<T>() -> usize;
#[rustc_intrinsic] fn std::intrinsics::offset_of<T>(u32, u32) -> usize;
#[rustc_intrinsic] fn std::intrinsics::type_id_eq(std::any::TypeId, std::any::TypeId) -> bool;
#[rustc_intrinsic] fn std::intrinsics::nontemporal_store<T>(*mut T, T);
#[rustc_intrinsic] fn std::intrinsics::likely(bool) -> bool;
#[rustc_intrinsic] fn std::intrinsics::unlikely(bool) -> bool;
`;

const FUNCTIONS = `pub unsafe fn volatile() -> u64 {
    let mut a = [1u32, 2, 3, 4]; let p = &raw mut a[0]; let q = &raw mut a[1];
    volatile_store(p, 10); volatile_copy_memory(q, p, 2); nontemporal_store(q, volatile_load(p) + 5);
    volatile_copy_nonoverlapping_memory(&raw mut a[2], p, 1);
    let off = arith_offset(p as *const u8, 1) as *mut u32;
    unaligned_volatile_store(off, 0xdeadbeef); let r = unaligned_volatile_load(off as *const u32);
    volatile_set_memory(p, 0x11, 1);
    (r as u64) ^ ((a[0] as u64) << 1) ^ ((a[1] as u64) << 2) ^ ((a[2] as u64) << 3) ^ ((a[3] as u64) << 4)
}
pub unsafe fn bytes() -> u64 {
    let a = [1u8, 2, 250, 4]; let mut b = [1u8, 2, 3, 4]; let p = &raw const a as *const u8; let q = &raw mut b as *mut u8;
    let x = compare_bytes(p, q, 4); let y = compare_bytes(q, p, 4); let z = compare_bytes(p, q, 2); let w = compare_bytes(p, q, 0);
    let e = raw_eq(&a, &b); write_bytes(q, 250, 3); let f = compare_bytes(p, q, 4); copy(p, q, 4); let g = raw_eq(&a, &b);
    let mut c = (1u32, 2u8); let mut d = (3u32, 4u8); typed_swap_nonoverlapping(&raw mut c, &raw mut d);
    (((x > 0) as i64 - (y > 0) as i64 * 8) * 10000 + z as i64 * 1000 + w as i64 * 100 + e as i64 * 64 + (f > 0) as i64 * 8 + g as i64 + c.0 as i64 * 7 + d.1 as i64 * 11) as u64
}
pub unsafe fn distances() -> u64 {
    let a = [1u32; 9]; let p = &raw const a as *const u32; let q = offset(p, 7usize); let r = offset(q, -3isize);
    let same = ptr_mask(q, !0usize) == q;
    ptr_offset_from(p, q) as u64 ^ (ptr_offset_from_unsigned(q, r) as u64) << 8 ^ (ptr_offset_from(r, p) as u64) << 16 ^ (same as u64) << 32
}
pub unsafe fn extents() -> u64 {
    let s = Square(3, 4); let d: &dyn Shape = &s; let t = Tail { head: 1, tail: [1u16, 2, 3] }; let u: &Tail<[u16]> = &t;
    let v = Tail { head: 2, tail: Square(1, 1) }; let w: &Tail<dyn Shape> = &v; let x: &[u64] = &[1, 2, 3]; let y: &str = "hello";
    let (_, vt): (*const (), *const ()) = transmute(d);
    let r = size_of_val(d) + 16 * align_of_val(d) + 256 * size_of_val(u) + 4096 * align_of_val(u) + 65536 * size_of_val(w) + (align_of_val(w) << 24)
        + (size_of_val(x) << 28) + (size_of_val(y) << 36) + (vtable_size(vt) << 44) + (vtable_align(vt) << 52);
    r as u64
}
pub unsafe fn discriminants() -> u64 {
    let k = 1u32;
    let mut r = discriminant_value(&Plain::B) as u64; r = r * 31 + discriminant_value(&Plain::C) as u64; r = r * 31 + discriminant_value(&Small::X) as u64;
    r = r * 31 + discriminant_value(&Small::Y(9)) as u64; r = r * 31 + discriminant_value(&Niche::None) as u64; r = r * 31 + discriminant_value(&Niche::Some(&k)) as u64;
    r = r * 31 + discriminant_value(&Wide::Q(1)) as u64; r = wrapping_mul(r, 31) ^ discriminant_value(&Signed::N) as u64; r ^ discriminant_value(&5u32) as u64
}
pub unsafe fn types() -> u64 {
    (const { variant_count::<Plain>() } + 10 * const { variant_count::<Wide>() } + 100 * const { variant_count::<u8>() } + 1000 * const { needs_drop::<Noisy>() } as usize + 10000 * const { needs_drop::<Square>() } as usize
        + 100000 * const { offset_of::<Square>(0, 1) } + 10000000 * const { offset_of::<Wide>(1, 0) }) as u64 + 1000000000 * const { type_id_eq(type_id::<u8>(), type_id::<u8>()) } as u64
        + 2000000000 * const { type_id_eq(type_id::<u8>(), type_id::<i8>()) } as u64
}
pub unsafe fn dropping() -> u64 { let mut n = 1u64; { let a = Noisy(&raw mut n); let b = Noisy(&raw mut n); forget(b); } let p = &raw mut n; let mut c = Noisy(p); std::ptr::drop_in_place(&raw mut c); forget(c); n }
pub unsafe fn pointers() -> u64 {
    let mut a = [5u16, 6, 7]; let one = 1usize; let s: *mut [u16] = aggregate_raw_ptr(&raw mut a as *mut u16, 2usize); let m: usize = ptr_metadata(s);
    let e: *mut u16 = slice_get_unchecked(s, one); write_via_move(e, 60); let c = e as *const u16; let v = read_via_copy(c);
    let f: f32 = transmute_unchecked(0x40490fdbu32); let g = ptr_guaranteed_cmp(e as *const u16, &raw const a[1]);
    m as u64 + 10 * v as u64 + 100000 * (f as u64) + 1000000 * (g as u64)
}
pub unsafe fn hints() -> u64 {
    cold_path(); assume(true); assert_inhabited::<u8>(); assert_zero_valid::<Option<&u8>>(); assert_mem_uninitialized_valid::<[u8; 4]>();
    let k = select_unpredictable(black_box(true), 3u64, 4u64) + likely(true) as u64 * 10 + unlikely(false) as u64 * 100;
    let n = const_eval_select((k, 2u64), at_compile_time, at_run_time);
    if is_val_statically_known(k) { n } else { n }
}
pub const fn at_compile_time(a: u64, b: u64) -> u64 { a + b }
pub fn at_run_time(a: u64, b: u64) -> u64 { a + b }
pub unsafe fn catching() -> u64 {
    let mut n = 1u64; let p = &raw mut n as *mut u8;
    let a = catch_unwind(calm, p, handle); let b = catch_unwind(wild, p, handle);
    n * 100 + a as u64 * 10 + b as u64
}
pub fn calm(p: *mut u8) { unsafe { *(p as *mut u64) += 2; } }
pub fn wild(p: *mut u8) { unsafe { *(p as *mut u64) += 3; let z = black_box(0u64); *(p as *mut u64) = 10 / z; } }
pub fn handle(p: *mut u8, _payload: *mut u8) { unsafe { *(p as *mut u64) *= 2; } }
pub fn m(h: *mut u64, v: u64) { unsafe { *h = wrapping_add(wrapping_mul(*h, 1099511628211), v); } }
pub unsafe fn atomic_pointers() -> u64 { let mut a = [1u64, 2, 3]; let mut p = &raw mut a[0]; let q = &raw mut a[2]; let at = &raw mut p;
  let old = atomic_xchg::<*mut u64, { AtomicOrdering::AcqRel }>(at, q); let r = *old + 10 * **at; let b = atomic_xsub::<*mut u64, usize, { AtomicOrdering::Relaxed }>(at, 8); let s = **at;
  let c = atomic_cxchg::<*mut u64, { AtomicOrdering::SeqCst }, { AtomicOrdering::Relaxed }>(at, b, old); r + 100 * s + 1000 * c.1 as u64 + 10000 * *atomic_load::<*mut u64, { AtomicOrdering::Acquire }>(at) }
`;

const ORDERINGS = ["Relaxed", "Release", "Acquire", "AcqRel", "SeqCst"];

/** Every atomic operation on `ty`, in every ordering that it may have; the function's result is a hash of theirs. */
function atomics(ty: string): string {
  const isSigned = ty.startsWith("i");
  const arithmetic = ["xadd", "xsub", "and", "nand", "or", "xor"];
  const operations = ["xchg", ...arithmetic, ...(isSigned ? ["max", "min"] : ["umax", "umin"])];
  const note = (value: string): string => `m(&raw mut h, ${value} as u64);`;
  const lines = ORDERINGS.flatMap((ordering, i) => {
    const o = `{ AtomicOrdering::${ordering} }`;
    const isLoad = ordering !== "Release" && ordering !== "AcqRel";
    const isStore = ordering !== "Acquire" && ordering !== "AcqRel";
    return [
      ...(isLoad ? [note(`atomic_load::<${ty}, ${o}>(p)`)] : []),
      ...(isStore ? [`atomic_store::<${ty}, ${o}>(p, ${(i * 37 + 11) % 100});`] : []),
      ...operations.map((op, k) => {
        const types = arithmetic.includes(op) ? `${ty}, ${ty}` : ty;
        return `${note(`atomic_${op}::<${types}, ${o}>(p, ${(i * 13 + k * 29 + 7) % 120})`)} ${note("*p")}`;
      }),
      ...["Relaxed", "Acquire", "SeqCst"].flatMap((failure) => {
        const both = `${ty}, ${o}, { AtomicOrdering::${failure} }`;
        return [
          `let r = atomic_cxchg::<${both}>(p, *p, ${(i * 5 + 3) % 100}); ${note("r.0")} ${note("r.1")}`,
          `let r = atomic_cxchg::<${both}>(p, !*p, 1); ${note("r.0")} ${note("r.1")}`,
          `loop { let r = atomic_cxchgweak::<${both}>(p, *p, 9); if r.1 { ${note("r.0")} break; } }`,
        ];
      }),
      ...(ordering === "Relaxed" ? [] : [`atomic_fence::<${o}>(); atomic_singlethreadfence::<${o}>();`]),
    ];
  });
  return `pub unsafe fn atomics_${ty}() -> u64 { let mut h = 17u64; let mut v: ${ty} = 3; let p = &raw mut v; ${lines.join(" ")} h }`;
}

const SOURCE = `#![allow(warnings, internal_features)]
#![feature(core_intrinsics, const_eval_select)]
use std::intrinsics::*; use std::mem::transmute;
${ITEMS}${RUST_IMPLS}${FUNCTIONS}${["u8", "i16", "u32", "i64", "usize"].map(atomics).join("\n")}`;
const NAMES = [...SOURCE.matchAll(/pub unsafe fn (\w+)\(\) -> u64/g)].map((m) => m[1]!);

const dir = mkdtempSync(join(tmpdir(), "mirwatch-intrinsics-"));
afterAll(() => rmSync(dir, { recursive: true }));

function rustc(file: string, source: string, ...args: string[]): void {
  writeFileSync(join(dir, file), source);
  const run = spawnSync("rustc", ["--edition", "2021", ...args, join(dir, file)], {
    encoding: "utf8",
    env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
  });
  if (run.status !== 0) throw new Error(run.stderr);
}

/** What the executable says that each function gives. */
function compiled(): string[] {
  const calls = NAMES.map((name) => `println!("${name} {}", ${name}());`).join(" ");
  const main = `fn main() { std::panic::set_hook(Box::new(|_| {})); unsafe { ${calls} } }`;
  rustc("main.rs", `${SOURCE}\n${main}`, "-o", join(dir, "main"));
  return spawnSync(join(dir, "main"), [], { encoding: "utf8" }).stdout.trimEnd().split("\n");
}

/** The dump's functions and constants, but for those that `ITEMS` and `MIR_IMPLS` say, and the second, compile-time, body of a `const fn`. */
function functionsOf(dump: string): string {
  const seen = new Set<string>();
  return dump
    .split(/\n(?=fn |const |\/\/ )/)
    .filter((item) => {
      const name = /^(fn|const) [^(=]*?(?=[(=]|: )/.exec(item)?.[0] ?? item;
      if (seen.has(name) || /^fn (<impl|[A-Z])|^const [A-Z]/.test(item)) return false;
      seen.add(name);
      return true;
    })
    .join("\n");
}

/** The same by the interpreter. */
function interpreted(level: number): string[] {
  const file = join(dir, `lib-${level}.mir`);
  const options = ["-C", "debug-assertions=off", `-Zmir-opt-level=${level}`, `--emit=mir=${file}`];
  rustc("lib.rs", SOURCE, "--crate-type=lib", ...options);
  const blocks = NAMES.flatMap((name, i) => [
    `bb${2 * i}: { _1 = ${name}() -> [return: bb${2 * i + 1}, unwind continue]; }`,
    `bb${2 * i + 1}: { _2 = observe::<u64>(const 0_u32, copy _1) -> [return: bb${2 * i + 2}, unwind continue]; }`,
  ]);
  const main = `fn main() -> () { let mut _1: u64; let mut _2: (); ${blocks.join("\n")} bb${2 * NAMES.length}: { return; } }`;
  const text = `${ITEMS.replaceAll("pub ", "")}${MIR_IMPLS}${functionsOf(readFileSync(file, "utf8"))}\n${main}`;
  const values = valuesOf(runWith(text, { moves: "copy" }));
  return NAMES.map((name, i) => `${name} ${values[i]}`);
}

test("intrinsics do in the interpreter what they do in rustc's executable", () => {
  const expected = compiled();
  for (const level of [0, 2]) expect(interpreted(level), `MIR opt-level ${level}`).toEqual(expected);
});
