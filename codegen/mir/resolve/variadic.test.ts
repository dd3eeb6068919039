import { describe, expect, test } from "vitest";
import { parseProgram } from "../parser.ts";
import { printProgram } from "../printer.ts";
import type { Program } from "../program.ts";
import { renderVerifyError, verifyProgram } from "../verifier.ts";

const SUM = `unsafe extern "C" fn sum(_1: i32, ...) -> i32 {
    let mut _3: &mut std::ffi::VaList<'_>;
    let mut _4: std::ffi::VaList<'_>;
    let mut _5: &std::ffi::VaList<'_>;
    bb0: { _3 = &mut _2; _0 = std::ffi::VaList::<'_>::next_arg::<i32>(move _3) -> [return: bb1, unwind continue]; }
    bb1: { _5 = &_2; _4 = <std::ffi::VaList<'_> as Clone>::clone(copy _5) -> [return: bb2, unwind continue]; }
    bb2: { drop(_2) -> [return: bb3, unwind continue]; }
    bb3: { return; }
}
`;
const PRINTF = `extern "C" { fn printf(format: *const i8, ...) -> i32; }\n`;

function main(call: string, locals = ""): string {
  return `${SUM}${PRINTF}fn main() -> () { let mut _1: i32; ${locals} bb0: { ${call} -> [return: bb1, unwind continue]; } bb1: { return; } }`;
}

function errors(program: Program): string[] {
  return verifyProgram(program).map(renderVerifyError);
}

describe("functions with variable arguments", () => {
  test("have the list of them as an argument that is none of the signature's", () => {
    const sum = parseProgram(SUM).functions.find(({ name }) => name === "sum")!;
    expect(sum).toMatchObject({ variadic: true, abi: "C", unsafe: true });
    expect(sum.params.map(({ text }) => text)).toEqual(["i32"]);
    expect(sum.body!.argCount).toBe(2);
    expect(sum.body!.locals[2]!.ty.text).toBe("std::ffi::VaList");
  });

  test.each([
    ["by name, without any", "_1 = sum(const 1_i32)", ""],
    ["by name, with some of any type", "_1 = sum(const 1_i32, const 2_u64, const 0.5_f64)", ""],
    ["of another language", "_1 = printf(copy _2, const 2_u64)", "let mut _2: *const i8;"],
    ["by a pointer", "_1 = copy _2(const 1_i32, const 3_i32)", `let mut _2: unsafe extern "C" fn(i32, ...) -> i32;`],
    [
      "of a pointer that has no other arguments",
      "_1 = copy _2(const 1_i32)",
      `let mut _2: unsafe extern "C" fn(...) -> i32;`,
    ],
  ])("are called %s, and print to a text that reads the same", (_what, call, locals) => {
    const program = parseProgram(main(call, locals));
    expect(errors(program)).toEqual([]);
    const printed = printProgram(program);
    expect(printProgram(parseProgram(printed))).toBe(printed);
  });

  test("want the arguments that they name", () => {
    expect(errors(parseProgram(main("_1 = sum()")))).toEqual([expect.stringContaining("takes 1 arguments, not 0")]);
    expect(errors(parseProgram(main("_1 = sum(const 1_u8)")))[0]).toContain("u8");
    const fixed = main("_1 = copy _2(const 1_i32, const 3_i32)", `let mut _2: unsafe extern "C" fn(i32) -> i32;`);
    expect(errors(parseProgram(fixed))).toEqual([expect.stringContaining("takes 1 arguments, not 2")]);
  });

  test("become pointers to such functions only", () => {
    const reify = (ty: string): string[] =>
      errors(
        parseProgram(
          `${SUM}fn main() -> () { let mut _1: ${ty}; bb0: { _1 = sum as ${ty} (PointerCoercion(ReifyFnPointer(Unsafe), Implicit)); return; } }`,
        ),
      );
    expect(reify(`unsafe extern "C" fn(i32, ...) -> i32`)).toEqual([]);
    expect(reify(`unsafe extern "C" fn(i32) -> i32`)).toHaveLength(1);
    expect(reify(`unsafe extern "C" fn(...) -> i32`)).toHaveLength(1);
  });
});
