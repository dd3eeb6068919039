import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Block, Inst, IrFunction } from "./function.ts";
import { Op, Type } from "./opcodes.ts";
import { parseFunction } from "./parse.ts";
import { arbitraryChoices, randomModule } from "./testing/random-module.ts";
import { verifyFunction } from "./verifier.ts";

/** Text, and a part of the first error. */
const ILL_FORMED: readonly (readonly [string, string])[] = [
  ["block0(v0: i32):\n  v1 = iadd.i64 v0, v0\n  return", "v0 is i32, not i64"],
  ["block0(v0: i32):\n  return v0", "returns 1 values, not 0"],
  ["block0(v0: i32):\n  v1 = iconst.i8 1\n  v2 = icmp.i32 eq v0, v1\n  return", "v1 is i8, not i32"],
  ["block0(v0: i32):\n  v1 = uextend.i16 v0\n  return", "an extension takes a narrower integer"],
  ["block0(v0: i32):\n  v1 = ireduce.i64 v0\n  return", "ireduce takes a wider integer"],
  ["block0(v0: i32):\n  v1 = bitcast.f64 v0\n  return", "bitcast keeps the size"],
  ["block0(v0: i32):\n  v1 = load.i32 v0\n  return", "an address is an i64"],
  ["block0(v0: i32):\n  brif v0, block1, block1\nblock1:\n  return", "the condition must be an i8"],
  ["block0(v0: i32):\n  jump block1\nblock1(v1: i32):\n  return", "0 arguments for the 1 parameters"],
  [
    "block0(v0: i32):\n  v2 = iconst.i8 0\n  jump block1(v2)\nblock1(v1: i32):\n  return",
    "has another type than parameter",
  ],
  ["block0(v0: i32):\n  jump block1", "successor block1 is not in the layout"],
  ["block0(v0: i32):\n  v1 = bnot.i32 v0", "the block does not end with a terminator"],
  ["block0(v0: i32):\n  return\nblock1:", "the block is empty"],
  ["block0(v0: i32):\n  return\n  return", "a terminator is not the last instruction"],
  ["block0(v0: i32):\n  jump block0(v0)", "a block branches to the entry"],
  ["block0:\n  return", "the entry has 0 parameters, the signature 1"],
  ["block0(v0: i64):\n  return", "parameter 0 of the entry has another type"],
  ["block0(v0: i32):\n  v2 = bnot.i32 v1\n  v1 = bnot.i32 v0\n  return", "v1 does not dominate its use"],
  [
    "block0(v0: i32):\n  v1 = iconst.i8 0\n  brif v1, block1, block2\nblock1:\n  v2 = bnot.i32 v0\n  jump block2\nblock2:\n  v3 = bnot.i32 v2\n  return",
    "v2 does not dominate its use",
  ],
  ["block0(v0: i32):\n  switch v0, block1, [1: block1, 1: block1]\nblock1:\n  return", "a switch has a case twice"],
  ["block0(v0: i32):\n  switch v0, block1, [4294967296: block1]\nblock1:\n  return", "does not fit the type"],
  ["block0(v0: i32):\n  v1 = fadd.i32 v0, v0\n  return", "the type must be a float"],
];

const wrap = (body: string): IrFunction => parseFunction(`function %f(i32) {\n${body}\n}\n`);

describe("the verifier", () => {
  test.each(ILL_FORMED)("%j: %s", (body, message) => {
    expect(verifyFunction(wrap(body))[0]?.message).toContain(message);
  });

  test("accepts random functions", () => {
    fc.assert(
      fc.property(arbitraryChoices(), (choices) => {
        for (const fn of randomModule(choices).functions) expect(verifyFunction(fn)).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  test("sees what the text cannot say", () => {
    const well = (): IrFunction => wrap("block0(v0: i32):\n  v1 = bnot.i32 v0\n  v2 = bnot.i32 v1\n  return");
    const entry = 0 as Block;
    const broken: readonly (readonly [string, (fn: IrFunction) => void])[] = [
      ["is an alias of", (fn) => fn.replaceValue(fn.result(0 as Inst), fn.blockParams[entry]![0]!)],
      ["is the result of a removed instruction", (fn) => fn.removeInst(0 as Inst)],
      ["is not result 0", (fn) => fn.valueDef.fill(1, 1, 2)],
      ["links of the instruction list disagree", (fn) => fn.prev.fill(0, 2, 3)],
      ["names block5 as its block", (fn) => fn.instBlock.fill(5, 1, 2)],
      ["in the layout twice", (fn) => fn.layout.push(entry)],
      ["the function has no block", (fn) => fn.layout.splice(0)],
      [
        "the constant is wider than its type",
        (fn) => fn.insertBefore(fn.newSimple(Op.iconst, Type.I8, Type.I8, -1, -1, -1, -1, 0), 0 as Inst),
      ],
      ["is a parameter of a removed block", (fn) => fn.removeBlockParam(entry, 0)],
    ];
    for (const [message, breakIt] of broken) {
      const fn = well();
      expect(verifyFunction(fn)).toEqual([]);
      breakIt(fn);
      const found = verifyFunction(fn)
        .map((e) => e.message)
        .join("\n");
      expect(found).toContain(message === "is a parameter of a removed block" ? "parameters, the signature" : message);
    }
  });
});
