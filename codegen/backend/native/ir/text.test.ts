import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostic } from "../../../session/diagnostic.ts";
import { parseFunction, parseModule } from "./parse.ts";
import { arbitraryChoices, randomModule } from "./testing/random-module.ts";
import { printFunction, printModule } from "./text.ts";

const SAMPLE = `function %"a b::<c>"(i64, i32) -> i32, f64 internal inline=hint {
  ss0 = size 16, align 8
  fn0 = %f(i32) -> i32
  fn1 = %g() noreturn
  sig0 = (i64, i8)
block7(v9: i64, v1: i32):
  v2 = iconst.i32 -1
  v3 = load.i32 notrap align=4 v9+8
  v4 = iadd.i32 nsw nuw v3, v2
  v20, v21 = sadd_overflow.i32 v4, v2
  v22 = iconst.i128 -170141183460469231731687303715884105728
  v23 = fconst.f64 0x7ff8000000000000
  v24 = stack_addr.i64 ss0-4
  memcpy v24, v9, 12 align=4
  memset v9, 255, 7
  store.i8 align=2 v9-3, v21
  v25 = func_addr.i64 fn1
  v26 = call fn0(v4)
  call_indirect sig0, v25(v9, v21)
  v27 = icmp.i32 ult v26, v4
  v28 = fcmp.f64 uno v23, v23
  v29 = syscall v9, v9
  v30 = black_box.i64 v29
  v31, v32 = isplit.i64 v22
  brif v27, block1(v4), block2
block1(v40: i32):
  switch v40, block2, [0: block3(v23), 4294967295: block2]
block2:
  call fn1()
  unreachable
block3(v41: f64):
  return v40, v41
}
`;

describe("the text form", () => {
  test("printing what was read gives the text back", () => {
    expect(printFunction(parseFunction(SAMPLE))).toBe(SAMPLE);
  });

  test("holds for random modules, own numbers or new ones", () => {
    fc.assert(
      fc.property(arbitraryChoices(), fc.boolean(), (choices, renumber) => {
        const text = printModule(randomModule(choices), { renumber });
        expect(printModule(parseModule(text, "random"))).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  const bad: readonly (readonly [string, string, number, number])[] = [
    ["function %f() {\nblock0:\n  v0 = frobnicate.i32 v1\n}\n", "no instruction `frobnicate.i32`", 3, 8],
    ["function %f() {\nblock0:\n  v0 = iadd v1, v2\n}\n", "`iadd` needs a type, as in `iadd.i32`", 3, 8],
    ["function %f() {\nblock0:\n  v0 = iconst.i8 300\n}\n", "the constant does not fit i8", 3, 18],
    ["function %f() {\nblock0:\n  return v3\n}\n", "v3 is not defined", 3, 10],
    ["function %f() {\nblock0:\n  v0 = bnot.i8 v0, v0\n}\n", "`bnot` has 1 arguments, not 2", 3, 20],
    ["function %f() {\nblock0:\n  call fn0()\n}\n", "fn0 is not declared", 3, 8],
    ["function %f() {\nblock0:\nblock0:\n}\n", "block0 is defined twice", 3, 1],
    ["function %f(i31) {\n}\n", "expected a type, found `i31`", 1, 13],
    ["function %f() {\nblock0:\n  return\n", "expected an instruction, found the end of the text", 4, 1],
    ["function %f() {\nblock0:\n  ?\n}\n", "unexpected character `?`", 3, 3],
  ];
  test.each(bad)("%j is a diagnostic: %s", (text, message, line, column) => {
    let caught: unknown;
    try {
      parseFunction(text, "bad.ir");
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(Diagnostic);
    const diagnostic = caught as Diagnostic;
    expect([diagnostic.message, diagnostic.span, diagnostic.file]).toEqual([message, { line, column }, "bad.ir"]);
  });
});
