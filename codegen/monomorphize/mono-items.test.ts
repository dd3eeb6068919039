/**
 * What is collected, against rustc's `-Z print-mono-items`: rustc compiles a crate and dumps its MIR, which is linked with the crate's
 * source and collected here. Every body that is made for it is well-formed.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { linkTexts } from "../mir/parser.ts";
import { renderVerifyError, verifyBody } from "../mir/verifier.ts";
import { collectCrate, rootsFor } from "./collector.ts";
import { instanceText } from "./instance-text.ts";
import { instanceBody } from "./instantiate.ts";
import { partition } from "./partitioning.ts";
import { printMonoItems } from "./print-mono-items.ts";

/** rustc's mono items of `source`, and those found here. In a library, `extern "C"` functions are roots; so are methods of impls of traits. */
function bothItems(source: string): { readonly expected: string[]; readonly found: string[] } {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-mono-"));
  try {
    const text = `#![no_std]\n#![allow(warnings)]\n${source}`;
    writeFileSync(join(dir, "k.rs"), text);
    const args = [
      "--edition",
      "2024",
      "--crate-type",
      "lib",
      "-Zprint-mono-items=yes",
      "-Copt-level=0",
      "--emit=mir,obj",
      "k.rs",
    ];
    const run = spawnSync("rustc", args, { cwd: dir, env: { ...process.env, RUSTC_BOOTSTRAP: "1" }, encoding: "utf8" });
    if (run.status !== 0) throw new Error(run.stderr);
    const dump = readFileSync(join(dir, "k.mir"), "utf8");
    return { expected: itemsOf(run.stdout.split("\n")), found: itemsHere(text, dump) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function itemsHere(source: string, dump: string): string[] {
  const { program } = linkTexts([
    { text: source, file: "k.rs", syntax: "rust" },
    { text: dump, file: "k.mir", syntax: "mir" },
  ]);
  const roots = rootsFor(program, "lazy");
  const { items, statics, mono } = collectCrate(program, roots, program.statics);
  for (const { instance } of items) {
    // Others have the body that was read.
    if (instance.args.length === 0 && instance.def.kind === "item") continue;
    const body = mono === undefined ? instance.item.body : instanceBody(mono, instance);
    if (body === undefined) throw new Error(`${instance.symbol} has no body`);
    const errors = verifyBody(body, program.tcx, instanceText(instance, program.tcx));
    expect(errors.map(renderVerifyError)).toEqual([]);
  }
  const units = partition(items, 2, new Set(roots.map((r) => r.symbol)), { statics, mono });
  return itemsOf(printMonoItems(units, program.tcx));
}

/** The items of lines `MONO_ITEM … @@ …`. How the library's paths begin differs by how it is reached. */
function itemsOf(lines: readonly string[]): string[] {
  return lines
    .flatMap((line) => /^MONO_ITEM (.*) @@ /.exec(line)?.[1] ?? [])
    .map((item) => item.replaceAll(/\b(?:std|core)::/g, ""))
    .sort();
}

const TRAITS = `
trait Shape { const SIDES: u32 = 1; fn area(&self) -> u32; fn twice(&self) -> u32 { self.area() + Self::SIDES } fn unused(&self) {} }
struct Square(u32); struct Circle(u32); struct Pair<T, U> { a: T, b: U }
impl Shape for Square { const SIDES: u32 = 4; fn area(&self) -> u32 { self.0 } }
impl Shape for Circle { fn area(&self) -> u32 { self.0 } fn twice(&self) -> u32 { 7 } }
impl<T: Shape, U: Shape> Shape for Pair<T, U> { fn area(&self) -> u32 { sum(&self.a, &self.b) } }
impl<T> Pair<T, u8> { fn first(&self) -> &T { &self.a } fn never(&self) {} }
fn sum<A: Shape, B: Shape>(a: &A, b: &B) -> u32 { a.twice() + b.twice() }
fn never_called() {}
fn never_used<T>(t: T) {}
trait Source { type Out; fn get(&self) -> Self::Out; fn map<F: Sink<Self::Out>>(&self, f: &F) { f.put(self.get()) } }
trait Sink<T> { fn put(&self, x: T); }
struct Bytes; struct Log;
impl Source for Bytes { type Out = u8; fn get(&self) -> u8 { 3 } }
impl<S: Source> Source for &S { type Out = (S::Out, bool); fn get(&self) -> Self::Out { ((**self).get(), true) } }
impl Sink<u8> for Log { fn put(&self, x: u8) { only_bytes() } }
impl Sink<(u8, bool)> for Log { fn put(&self, x: (u8, bool)) { only_pairs() } }
fn only_bytes() {}
fn only_pairs() {}
struct Buffer<const N: usize> { bytes: [u8; N] }
impl<const N: usize> Buffer<N> { fn fill(&mut self, x: u8) { let mut i = 0; while i < N { set(&mut self.bytes, i, x); i += 1; } } }
fn set<const N: usize>(bytes: &mut [u8; N], i: usize, x: u8) { bytes[i] = x; }
#[unsafe(no_mangle)] pub extern "C" fn root() {
  let p = Pair { a: Square(1), b: Pair { a: Circle(2), b: Square(3) } };
  let q = Pair { a: 1u64, b: 2u8 }; q.first(); p.area(); Circle(1).area();
  Bytes.map(&Log); <&Bytes as Source>::map(&&Bytes, &Log);
  Buffer::<4> { bytes: [0; 4] }.fill(1); Buffer::<9> { bytes: [0; 9] }.fill(2);
}`;

const DROPS_AND_VTABLES = `
trait Base { fn base(&self) {} }
trait Side { fn side(&self) { } }
trait Sub: Base + Side { fn sub(&self); fn consume(self) where Self: Sized {} fn other(&self) { helper::<Self>() } }
struct Loud(u8); struct Quiet(u8); struct Holder<T> { x: u8, y: T }
enum Either { A(Loud), B(u8) }
impl Drop for Loud { fn drop(&mut self) { touch(&self.0) } }
impl<T> Drop for Guard<T> { fn drop(&mut self) { } }
struct Guard<T> { x: T }
impl Base for Loud {} impl Side for Loud {} impl Sub for Loud { fn sub(&self) {} }
impl Base for Quiet { fn base(&self) {} } impl Side for Quiet {} impl Sub for Quiet { fn sub(&self) {} }
struct Third(u8);
impl Drop for Third { fn drop(&mut self) {} }
impl Base for Third {} impl Side for Third {} impl Sub for Third { fn sub(&self) {} }
#[unsafe(no_mangle)] pub extern "C" fn never_drops(x: &Third) { take(x) }
fn helper<T: ?Sized>() {}
fn touch(x: &u8) {}
fn take(x: &dyn Sub) { x.sub(); up(x); aside(x); }
fn up(x: &dyn Base) { x.base(); }
fn aside(x: &dyn Side) { x.side(); }
#[unsafe(no_mangle)] pub extern "C" fn root(k: u8) {
  let a = Loud(1); let b = Quiet(2);
  take(&a); take(&b);
  let h = Holder { x: 1, y: Either::A(Loud(3)) };
  let arr = [Holder { x: 1, y: Loud(2) }, Holder { x: 3, y: Loud(4) }];
  let t = (Quiet(3), 4u8);
  let g = (Guard { x: 1u8 }, Guard { x: Loud(9) });
}`;

const CALLS = `
struct Loud(u8);
impl Drop for Loud { fn drop(&mut self) {} }
fn double(x: u32) -> u32 { x }
fn triple(x: u32) -> u32 { x }
fn generic<T>(x: T) -> T { x }
fn apply<F: Fn(u32) -> u32>(f: F) -> u32 { f(1) }
fn many<F: FnMut(u32)>(mut f: F) { f(1); f(2) }
fn once<F: FnOnce(u32) -> u32>(f: F) -> u32 { f(5) }
fn pointer(f: fn(u32) -> u32) -> u32 { f(1) }
fn dynamic(f: &dyn Fn(u32) -> u32) -> u32 { f(1) }
static TABLE: [fn(u32) -> u32; 2] = [double, triple];
static USED: u32 = 3;
static UNUSED: u32 = 4;
const POINTER: fn(u32) -> u32 = generic::<u32>;
#[unsafe(no_mangle)] pub extern "C" fn root(k: u32) {
  let l = Loud(1); let mut n = USED;
  apply(|x| x ^ k); once(move |x| { let m = &l; x ^ m.0 as u32 }); apply(double); many(|x| n += x);
  pointer(POINTER); pointer(|x| x ^ 1); TABLE[(k % 2) as usize](4); dynamic(&double); dynamic(&|x| x + k);
}`;

const rustc = spawnSync("rustc", ["--version"]).status === 0;

describe.skipIf(!rustc)("mono items are rustc's", () => {
  it("of generic functions, associated items and impls of generic types", () => {
    const { expected, found } = bothItems(TRAITS);
    expect(found).toEqual(expected);
  });

  it("of vtables and drop glue", () => {
    const { expected, found } = bothItems(DROPS_AND_VTABLES);
    expect(found).toEqual(expected);
  });

  it("of closures, function pointers and statics", () => {
    const { expected, found } = bothItems(CALLS);
    // rustc calls a closure's body directly, and its shim for pointers to closures is the one for `call_once`.
    const direct = (item: string): boolean => /^fn <\{closure@.*>::(?:call|call_mut|call_once) - shim/.test(item);
    const pointers = found.filter((item) => / as fn - shim$/.test(item));
    expect(found.filter((item) => !direct(item) && !pointers.includes(item))).toEqual(
      expected.filter((item) => !direct(item)),
    );
    expect(pointers.length).toBe(1);
  });
});
