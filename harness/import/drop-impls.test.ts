import { expect, test } from "vitest";
import { Diagnostic, newTyCtxt, parseProgram } from "../../codegen/index.ts";
import { checkDropImpls, droppedTypes } from "./drop-impls.ts";
import { crateOf } from "./testing/crates.ts";

const SOURCE = `
mod ops { pub mod drop { pub trait Drop { fn drop(&mut self); } } }
use ops::drop::Drop as D;
pub mod a { pub struct Guard<T>(T); pub struct Plain; }
trait Drop2 {}
impl<T> D for a::Guard<T> { fn drop(&mut self) {} }
impl Drop2 for a::Plain {}
`;

const DECLARED = `
#[lang = "drop"]
trait ops::drop::Drop { fn drop(_1: &mut Self) -> (); }
struct a::Guard<T>(T);
struct a::Plain;
fn main() -> () { let mut _0: (); let mut _1: a::Guard<u8>; bb0: { return; } }
`;

const IMPL = `
impl<T> ops::drop::Drop for a::Guard<T> {
    fn drop(_1: &mut a::Guard<T>) -> () { let mut _0: (); bb0: { return; } }
}
`;

test("the types of a crate with a destructor are those of its impls of `Drop`, under any name", () => {
  expect([...droppedTypes(crateOf(SOURCE))]).toEqual(["a::Guard"]);
});

test("a program must have the destructors of its types", () => {
  const dropped = droppedTypes(crateOf(SOURCE));
  const parse = (text: string) => parseProgram(text, { file: "t.mir", tcx: newTyCtxt() });
  const why = new Map([["{impl#0}", new Diagnostic("unknown type in `a::Guard`")]]);
  expect(() => checkDropImpls(parse(DECLARED), dropped, why)).toThrow("the `Drop` of `a::Guard` was not imported");
  expect(() => checkDropImpls(parse(DECLARED + IMPL), dropped, why)).not.toThrow();
  expect(() => checkDropImpls(parse(DECLARED), new Set(["a::Other"]), why)).not.toThrow();
});
