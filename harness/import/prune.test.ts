import { expect, test } from "vitest";
import { newTyCtxt, parseProgram, printProgram, verifyProgram } from "../../codegen/index.ts";
import { pruned } from "./prune.ts";

const PROGRAM = `
#[lang = "drop"]
trait Dropped { fn drop(_1: &mut Self) -> (); }
trait Used { fn f(_1: Self) -> u8; fn never(_1: Self) -> u8; }
trait Unused { fn g(_1: Self) -> u8; }
struct A(u8);
struct B(A);
struct Lost;
const KEPT: u8 = { let mut _0: u8; bb0: { _0 = const 3_u8; return; } }
const GONE: u8 = { let mut _0: u8; bb0: { _0 = const 4_u8; return; } }
static SEEN: u8 = { let mut _0: u8; bb0: { _0 = const KEPT; return; } }
static UNSEEN: u8 = { let mut _0: u8; bb0: { _0 = const GONE; return; } }

impl Dropped for A { fn drop(_1: &mut A) -> () { let mut _0: (); bb0: { _0 = called() -> [return: bb1, unwind continue]; } bb1: { return; } } }
impl Used for A {
    fn f(_1: A) -> u8 { let mut _0: u8; bb0: { _0 = copy (_1.0: u8); return; } }
    fn never(_1: A) -> u8 { let mut _0: u8; bb0: { _0 = only_here() -> [return: bb1, unwind continue]; } bb1: { return; } }
}
impl Used for Lost {
    fn f(_1: Lost) -> u8 { let mut _0: u8; bb0: { _0 = const 1_u8; return; } }
    fn never(_1: Lost) -> u8 { let mut _0: u8; bb0: { _0 = const 1_u8; return; } }
}
impl Unused for A { fn g(_1: A) -> u8 { let mut _0: u8; bb0: { _0 = const 1_u8; return; } } }

fn called() -> () { let mut _0: (); bb0: { return; } }
fn only_here() -> u8 { let mut _0: u8; bb0: { _0 = const 1_u8; return; } }
fn main() -> () {
    let mut _0: ();
    let mut _1: B;
    let mut _2: A;
    let mut _3: u8;
    let mut _4: &u8;
    bb0: { _2 = A(const 1_u8); _4 = const {alloc1: &u8}; _3 = <A as Used>::f(move _2) -> [return: bb1, unwind continue]; }
    bb1: { return; }
}

alloc1 (static: SEEN)
`;

test("what an entry does not need is left out, and the rest is a program", () => {
  const program = parseProgram(PROGRAM, { file: "t.mir", tcx: newTyCtxt() });
  const main = program.functions.find(({ name }) => name === "main")!;
  const made = pruned(program, main, () => false);
  const text = printProgram(made);
  const there = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
  expect(["main", "A", "B", "Used", "f", "SEEN", "KEPT"].filter((name) => !there(name))).toEqual([]);
  // Drop glue calls a destructor that no body mentions.
  expect(["Dropped", "called"].filter((name) => !there(name))).toEqual([]);
  expect(["Lost", "Unused", "GONE", "UNSEEN", "never"].filter(there)).toEqual([]);
  expect(verifyProgram(made)).toEqual([]);
  expect(verifyProgram(parseProgram(text, { file: "again.mir", tcx: newTyCtxt() }))).toEqual([]);
});

test("bodies that only stand for others need nothing", () => {
  const program = parseProgram(PROGRAM, { file: "t.mir", tcx: newTyCtxt() });
  const main = program.functions.find(({ name }) => name === "main")!;
  const made = pruned(program, main, (body) => body !== main.body);
  expect(made.functions.map(({ name }) => name).filter((name) => !/^(?:Used|Dropped)::/.test(name))).toEqual(["main"]);
  expect(made.functions.find(({ name }) => name === "called")).toBeUndefined();
});
