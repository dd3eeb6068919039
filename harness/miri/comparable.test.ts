import { describe, expect, it } from "vitest";
import { newTyCtxt, parseProgram, printProgram, verifyProgram } from "../../codegen/index.ts";
import { hasSubslice, makeComparable } from "./comparable.ts";
import { ourAnswer } from "./judge.ts";

const NESTED = `struct S<'a> { inner: &'a mut [u8] }

fn main() -> () {
    let mut _1: [u8; 3];
    let mut _2: &mut [u8; 3];
    let mut _3: &mut [u8];
    let mut _4: S<'_>;
    let mut _5: &mut S<'_>;

    bb0: {
        _1 = [const 1_u8, const 2_u8, const 3_u8];
        _2 = &two_phase mut _1;
        _3 = move _2 as &mut [u8] (PointerCoercion(Unsize, Implicit));
        _4 = S::<'_> { inner: move _3 };
        _5 = &mut _4;
        (*((*_5).0: &mut [u8]))[-1 of 2] = const 7_u8;
        return;
    }
}
`;

describe("makeComparable", () => {
  const program = parseProgram(NESTED, { tcx: newTyCtxt() });
  makeComparable(program);
  const text = printProgram(program);

  it("leaves a program that verifies, with one dereference in a place and indices from the start", () => {
    expect(verifyProgram(program)).toEqual([]);
    expect(text).not.toMatch(/\(\*\(\(\*|\[-\d+ of|two_phase/);
    expect(text).toContain("PtrMetadata");
  });

  it("changes nothing of what it does", () => {
    expect(ourAnswer(program, program.functions[0]!, "tree")).toMatchObject({ kind: "done" });
  });
});

describe("hasSubslice", () => {
  it.each([
    ["_2 = &_1[1..3];", true],
    ["_3 = copy _1[1 of 4];", false],
  ])("finds the part of an array in `%s`", (statements, found) => {
    const text = `fn main() -> () { let mut _1: [u8; 4]; let mut _2: &[u8; 2]; let mut _3: u8; bb0: { _1 = [const 1_u8; 4]; ${statements} return; } }`;
    const [main] = parseProgram(text, { tcx: newTyCtxt() }).functions;
    expect(hasSubslice(main!.body!)).toBe(found);
  });
});
