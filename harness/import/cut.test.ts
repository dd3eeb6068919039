import { describe, expect, test } from "vitest";
import { type FnItem, newTyCtxt, parseProgram, verifyBody } from "../../codegen/index.ts";
import { abortingBody, dropGlueBody, isAborting } from "./cut.ts";

const PROGRAM = `
trait rustlib::fmt::Display { fn fmt(_1: &Self) -> u8; }
struct rustlib::fmt::Formatter { flags: u8 }
trait Other { fn fmt(_1: &Self) -> u8; }
impl rustlib::fmt::Display for u8 { fn fmt(_1: &u8) -> u8 { let mut _0: u8; bb0: { _0 = const 1_u8; return; } } }
impl Other for u8 { fn fmt(_1: &u8) -> u8 { let mut _0: u8; bb0: { _0 = const 1_u8; return; } } }
fn abort() -> ! { let mut _0: !; bb0: { goto -> bb0; } }
fn plain(_1: u8, _2: &str) -> u16 { let mut _0: u16; bb0: { _0 = const 1_u16; return; } }
fn formats(_1: &mut rustlib::fmt::Formatter) -> u16 { let mut _0: u16; bb0: { _0 = const 1_u16; return; } }
fn drop_in_place<T>(_1: *mut T) -> () { let mut _0: (); bb0: { return; } }
fn drop_glue<T>(_1: &mut T) -> () { let mut _0: (); bb0: { return; } }
`;

const program = parseProgram(PROGRAM, { file: "t.mir", tcx: newTyCtxt() });

function fn(name: string): FnItem {
  const found = program.functions.find((item) => item.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

describe("what formats is not imported", () => {
  test.for([
    ["fmt::{impl#3}::write_str", true],
    ["fmt::num::{impl#1}::fmt", true],
    ["fmt::rt::{impl#0}::new_display", false],
    ["fmt::{impl#5}::new_const", false],
    ["fmt::{impl#5}::as_str", false],
    ["num::{impl#1}::parse", false],
    ["ufmt::f", false],
  ] as const)("%s of a formatter: %s; of other things it is", ([key, expected]) => {
    expect(isAborting(key, fn("formats"))).toBe(expected);
    expect(isAborting(key, fn("plain"))).toBe(false);
  });

  test("by the trait, wherever the impl stands", () => {
    const impls = program.impls!.map((impl) => impl.fns[0]!);
    expect(impls.map((item) => isAborting("num::error::{impl#1}::fmt", item))).toEqual([true, false]);
  });
});

test("what stands for a function is a body of its signature", () => {
  const aborting = abortingBody(fn("plain"), fn("abort"));
  expect(verifyBody(aborting, program.tcx)).toEqual([]);
  expect(aborting.argCount).toBe(2);
  expect(aborting.locals.slice(0, 3).map(({ ty }) => ty.text)).toEqual(["u16", "u8", "&str"]);
  for (const name of ["drop_in_place", "drop_glue"]) {
    const glue = dropGlueBody(fn(name));
    expect(verifyBody(glue, program.tcx)).toEqual([]);
    expect(glue.blocks[0]!.terminator.kind).toBe("drop");
  }
});
