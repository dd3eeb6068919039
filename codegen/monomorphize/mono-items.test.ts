/**
 * What is collected, against rustc's `-Z print-mono-items`: rustc compiles a crate and dumps its MIR, which is linked with the crate's
 * source and collected here. Every body that is made for it is well-formed.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { constEvaluator } from "../interpret/const-eval.ts";
import { linkTexts, parseProgram } from "../mir/parser.ts";
import { renderVerifyError, verifyBody } from "../mir/verifier.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { traitCxOf } from "../traits/context.ts";
import { collectCrate, rootsFor } from "./collector.ts";
import { instanceText } from "./instance-text.ts";
import { instanceBody } from "./instantiate.ts";
import { keepMentionedItems } from "./mentioned-items.ts";
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
  traitCxOf(program).constEvaluator = constEvaluator(program, HOST_TARGET.dataLayout);
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

const CONSTANT_SWITCHES = `
trait Flag { const ON: bool; const LEVEL: u32; fn on() {} fn off() {} }
struct Yes; struct No;
impl Flag for Yes { const ON: bool = true; const LEVEL: u32 = 3; }
impl Flag for No { const ON: bool = false; const LEVEL: u32 = 9; }
fn pick<T: Flag>() { if T::ON { T::on() } else { T::off() } }
fn level<T: Flag>() -> u32 { match T::LEVEL { 1 => first(), 3 => third(), _ => other::<T>() } }
fn first() -> u32 { 1 } fn third() -> u32 { 3 } fn other<T>() -> u32 { 4 }
struct Buf<const N: usize>;
impl<const N: usize> Buf<N> { const EMPTY: bool = N == 0; fn fill() -> bool { if Self::EMPTY { helper::<N>() } else { true } } }
fn count<const N: usize>() { if N == 0 { none() } else { some() } }
fn none() {} fn some() {}
fn helper<const N: usize>() -> bool { false }
fn debug() { if cfg!(test) { never() } else { always() } }
fn never() {} fn always() {}
#[unsafe(no_mangle)] pub extern "C" fn root() { pick::<Yes>(); pick::<No>(); level::<Yes>(); level::<No>(); Buf::<4>::fill(); count::<0>(); debug(); }`;

const TRACKED = `
trait Tr { fn plain(&self); #[track_caller] fn told(&self); #[track_caller] fn default(&self) {} }
struct A; struct B;
impl Tr for A { #[track_caller] fn plain(&self) {} fn told(&self) {} }
impl Tr for B { fn plain(&self) {} #[track_caller] fn told(&self) {} fn default(&self) {} }
#[track_caller] fn tracked(x: u32) -> u32 { x }
#[track_caller] fn generic<T>(x: T) -> T { x }
fn take(x: &dyn Tr) { x.plain(); x.told(); x.default() }
fn apply<F: Fn(u32) -> u32>(f: F) -> u32 { f(1) }
static TABLE: [fn(u32) -> u32; 1] = [tracked];
const POINTER: fn(u8) -> u8 = generic::<u8>;
#[unsafe(no_mangle)] pub extern "C" fn root(k: u32) {
  let f: fn(u32) -> u32 = generic::<u32>; f(1); TABLE[0](2); let p = POINTER; p(3); tracked(4); apply(tracked);
  take(&A); take(&B); let m: fn(&A) = Tr::plain; m(&A); let m: fn(&'static (dyn Tr + 'static)) = <dyn Tr>::told; m(&B);
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

  it("of functions whose switches on constants go one way", () => {
    const { expected, found } = bothItems(CONSTANT_SWITCHES);
    expect(found).toEqual(expected);
    expect(found.filter((item) => /never|first|helper/.test(item))).toEqual([]);
  });

  it("of pointers to `#[track_caller]` functions, and of vtables with them", () => {
    const { expected, found } = bothItems(TRACKED);
    expect(found).toEqual(expected);
    expect(found.filter((item) => /shim\(reify\)/.test(item)).length).toBe(5);
  });
});

describe("what is mentioned and not used", () => {
  const text = (called: string): string => `struct Check<const N: usize>;
impl<const N: usize> Check<N> {
    const OK: usize = {
        let mut _0: usize;
        let mut _1: (usize, bool);
        bb0: {
            _1 = SubWithOverflow(N, const 2_usize);
            assert(!move (_1.1: bool), "attempt to compute \`{} - {}\`, which would overflow", N, const 2_usize) -> [success: bb1, unwind continue];
        }
        bb1: { _0 = move (_1.0: usize); return; }
    }
}
fn checked<const N: usize>() -> usize {
    let mut _0: usize;
    bb0: { _0 = const Check::<N>::OK; return; }
}
fn by<const N: usize>() -> usize {
    let mut _0: usize;
    bb0: { _0 = checked::<N>() -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
fn main() -> () {
    let mut _0: ();
    let mut _1: bool;
    let mut _2: usize;
    bb0: { _1 = const false; switchInt(move _1) -> [0: bb2, otherwise: bb1]; }
    bb1: { _2 = ${called}() -> [return: bb2, unwind continue]; }
    bb2: { return; }
}
`;
  const collect = (program: ReturnType<typeof parseProgram>): string[] => {
    traitCxOf(program).constEvaluator = constEvaluator(program, HOST_TARGET.dataLayout);
    const { items } = collectCrate(program, rootsFor(program, "lazy"), program.statics);
    return items.map(({ instance }) => instance.item.name);
  };

  it("has no code, but its constants must evaluate", () => {
    expect(collect(parseProgram(text("by::<3_usize>")))).toEqual(["main"]);
    expect(() => collect(parseProgram(text("by::<1_usize>")))).toThrow("evaluation of the constant");
  });

  it("is so too when a pass took it out of the body", () => {
    const [fails, whole] = ["1", "3"].map((n) => parseProgram(text(`by::<${n}_usize>`)));
    for (const program of [fails!, whole!]) {
      keepMentionedItems(program);
      const main = program.functions.find(({ name }) => name === "main")!;
      main.body = { ...main.body!, blocks: [main.body!.blocks[2]!] };
    }
    expect(() => collect(fails!)).toThrow("evaluation of the constant");
    expect(collect(whole!)).toEqual(["main"]);
  });
});

describe("instances without end", () => {
  const program = (arg: string): string => `struct S<T> { x: T }
fn f<T>() -> () {
    let mut _0: ();
    bb0: { _0 = f::<${arg}>() -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
fn main() -> () {
    let mut _0: ();
    bb0: { _0 = f::<u8>() -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
`;
  it.each([
    ["(T,)", /reached the recursion limit while instantiating `f::<\(\(.*`/],
    ["S<T>", /recursion limit|nests too deep/],
    ["(T, T)", /recursion limit|too long/],
  ])("of %s are an error", (arg, message) => {
    const parsed = parseProgram(program(arg));
    expect(() => collectCrate(parsed, rootsFor(parsed, "lazy"))).toThrow(message);
  });
});
