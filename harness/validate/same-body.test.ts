import { describe, expect, it } from "vitest";
import { newTyCtxt, parseProgram } from "../../codegen/index.ts";
import { canonicalText } from "./same-body.ts";

function textOf(body: string): string {
  const program = parseProgram(`fn f(_1: u8) -> u8 {\n${body}\n}\n`, { file: "f.mir", tcx: newTyCtxt() });
  return canonicalText(program.functions[0]!.body!);
}

const PLAIN = `
  let mut _0: u8;
  let mut _2: u8;
  bb0: { _2 = copy _1; switchInt(copy _2) -> [0: bb1, otherwise: bb2]; }
  bb1: { _0 = copy _2; return; }
  bb2: { unreachable; }`;

describe("canonical text", () => {
  it("is the same when locals, blocks, storage and what nothing reaches differ", () => {
    const other = `
  let mut _0: u8;
  let mut _2: u16;
  let mut _3: u8;
  bb0: { StorageLive(_3); _3 = move _1; switchInt(copy _3) -> [0: bb3, otherwise: bb1]; }
  bb1: { unreachable; }
  bb2: { _2 = const 7_u16; return; }
  bb3: { nop; _0 = move _3; StorageDead(_3); return; }`;
    expect(textOf(other)).toBe(textOf(PLAIN));
  });

  it.for([
    ["a constant", PLAIN.replace("_0 = copy _2", "_0 = const 1_u8")],
    ["a switch's value", PLAIN.replace("[0: bb1", "[1: bb1")],
    ["which local is read", PLAIN.replace("_0 = copy _2", "_0 = copy _1")],
    ["what is behind a target", PLAIN.replace("bb2: { unreachable; }", "bb2: { _0 = const 0_u8; return; }")],
  ] as const)("differs when %s does", ([, body]) => {
    expect(textOf(body)).not.toBe(textOf(PLAIN));
  });
});
