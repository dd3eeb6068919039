/** v0 symbols, against those that rustc gives the same instances. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { linkTexts } from "../mir/parser.ts";
import { collectCrate, rootsFor } from "./collector.ts";
import type { Instance } from "./instance.ts";
import { withoutDisambiguators } from "./testing/rewrite-v0.ts";
import { mangleV0 } from "./v0.ts";

/** Everything that symbols are made of, but what is not known of a program: where re-exports stand, bound lifetimes, and what encloses a closure in an impl. */
const SOURCE = `#![no_std]
#![allow(warnings)]
pub trait Shape<T> { fn area(&self) -> u32; fn twice(&self) -> u32 { self.area() } fn by<V>(&self, v: V) where Self: Sized {} }
pub trait Plain { fn p(&self) {} }
pub struct Wrap<T>(T); pub struct S; pub enum E<T> { A(T), B } pub struct Arr<const N: usize>;
impl<T> Shape<T> for Wrap<T> { fn area(&self) -> u32 { 1 } }
impl Shape<u8> for S { fn area(&self) -> u32 { 2 } fn by<V>(&self, v: V) { } }
impl Plain for S {} impl Plain for [u8; 3] { fn p(&self) {} } impl<A, B> Plain for (A, B) {}
impl<T> Wrap<T> { fn new(t: T) -> u32 { 3 } fn other<U>(u: U) {} }
impl S { fn me(&self) {} }
impl<const N: usize> Arr<N> { fn len(&self) -> usize { N } }
fn one<T>(t: T) {}
fn two<T, U>() {}
fn con<const N: i32, const B: bool, const C: char, const U: u128>() {}
fn twice<const N: usize, const M: usize>(a: [[u8; N]; N]) -> [u8; M] { [0; M] }
fn apply<F: Fn(u32) -> u32>(f: F) -> u32 { f(1) }
fn once<F: FnOnce(u32) -> u32>(f: F) -> u32 { f(1) }
fn double(x: u32) -> u32 { x }
mod inner { pub fn deep<T>(t: T) {} pub struct In<T>(pub T); pub mod more { pub fn f<T>() {} } }
fn in_generic<T: Copy>(t: T) -> u32 { apply(|x| { once(|y| { one(t); y }) }) }
struct Loud(u8); impl Loud { fn _1st(&self) {} }
pub struct Guard<T>(T); pub trait Tr { fn t(&self); }
impl Tr for S { #[track_caller] fn t(&self) {} } impl Tr for Loud { fn t(&self) {} }
#[track_caller] fn tracked(x: u32) -> u32 { x }
#[track_caller] fn tracked_generic<T>(x: T) -> T { x }
#[derive(Clone, Copy)] struct Both(u8);
#[unsafe(no_mangle)] pub extern "C" fn root(k: u32, d: &dyn Plain) {
  one(1u8); one(S); one(Wrap(1i64)); one((1u8, 2i16, 'a', true, 1.0f32, 2.0f64, 1u128, -1i128)); one("x"); one([1u16; 5]); one(()); one((1u8,));
  one(&k as *const u32); one(k as usize as *mut Wrap<u8>); one(double as fn(u32) -> u32); one(double); one(Some(1u8)); one(Some(Wrap(Some(2u8))));
  let slice: &[u8] = &[1]; one(slice); one(k as usize); one(k as isize);
  two::<Wrap<Wrap<u8>>, Wrap<Wrap<u8>>>(); two::<&dyn Plain, &mut dyn Shape<u8>>(); two::<E<u8>, E<E<u8>>>(); two::<inner::In<u8>, inner::In<inner::In<u8>>>();
  two::<unsafe fn(u8), unsafe extern "C" fn(u8) -> u8>(); two::<(Wrap<u8>, E<u8>), (Wrap<u8>, E<u8>)>(); two::<[Wrap<u8>; 2], [[u8; 2]; 300]>(); two::<&'static str, *const [u8]>();
  con::<1, true, 'x', 340282366920938463463374607431768211450>(); con::<-5, false, '\\u{1F600}', 0>(); twice::<2, 2>([[0; 2]; 2]); twice::<1, 3844>([[0; 1]; 1]);
  inner::deep(1u8); inner::deep(inner::In(2u8)); inner::more::f::<inner::In<S>>();
  Wrap(1u8).area(); Wrap(1u8).twice(); Wrap(2u16).by('c'); S.area(); S.twice(); S.by(1u8); S.by(Wrap(S)); S.p(); [1u8, 2, 3].p(); (1u8, S).p(); (S, (S, S)).p();
  Wrap::<u8>::new(1); Wrap::<S>::other(1u8); S.me(); Arr::<7>.len(); Arr::<0>.len(); d.p();
  apply(|x| x); apply(|x| x ^ k); once(|x| x ^ 1); one(|y: u8| y); apply(|x| once(|z| z ^ x));
  in_generic(1u8); in_generic(Both(2)); two::<Both, [Both; 3]>(); Loud(1)._1st();
  let pointers: [fn(u32) -> u32; 2] = [tracked, tracked_generic::<u32>]; pointers[0](1);
  let t: &dyn Tr = &S; t.t(); let t: &dyn Tr = &Loud(1); t.t();
}
`;

const tools = ["rustc", "nm"].every((tool) => spawnSync(tool, ["--version"]).status === 0);

/** rustc's symbols of `SOURCE`, and its MIR. */
function compiled(): { readonly symbols: string[]; readonly dump: string } {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-v0-"));
  try {
    writeFileSync(join(dir, "mir.rs"), SOURCE);
    const flags = ["--crate-type=lib", "--edition=2024", "-Csymbol-mangling-version=v0", "-Ztrim-diagnostic-paths=no"];
    const env = { ...process.env, RUSTC_BOOTSTRAP: "1" };
    const run = spawnSync("rustc", [...flags, "--emit=mir,obj", "mir.rs"], { cwd: dir, env, encoding: "utf8" });
    if (run.status !== 0) throw new Error(run.stderr);
    const { stdout } = spawnSync("nm", ["--defined-only", "mir.o"], { cwd: dir, encoding: "utf8" });
    const symbols = stdout.split("\n").flatMap((line) => / (_R\w+)$/.exec(line)?.[1] ?? []);
    return { symbols, dump: readFileSync(join(dir, "mir.mir"), "utf8") };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** How `Fn::call` of closures is compiled differs. */
const isClosureCall = (symbol: string): boolean => /[0-9]call(?:_once|_mut)?B[0-9A-Za-z]*_$/.test(symbol);

it.skipIf(!tools)("v0 symbols are rustc's", () => {
  const { symbols, dump } = compiled();
  const expected = symbols
    .map((symbol) => withoutDisambiguators(symbol))
    .filter((s) => s !== undefined && !isClosureCall(s));
  const { program } = linkTexts([
    { text: SOURCE, file: "mir.rs", syntax: "rust" },
    { text: dump, file: "mir.mir", syntax: "mir" },
  ]);
  const { items } = collectCrate(program, rootsFor(program, "lazy"));
  const symbolOf = ({ def, item, args, symbol }: Instance): string =>
    def.kind === "item" ? mangleV0({ kind: "item", item, args }, program.tcx) : symbol;
  const found = items.filter(({ instance }) => instance.item.abi !== "C").map(({ instance }) => symbolOf(instance));
  expect(found.filter((symbol) => !isClosureCall(symbol)).sort()).toEqual(expected.sort());
  expect(expected.length).toBeGreaterThan(70);
});
