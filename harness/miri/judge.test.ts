import { describe, expect, it } from "vitest";
import { newTyCtxt, parseProgram } from "../../codegen/index.ts";
import { ourAnswer } from "./judge.ts";

const ID = "fn id(_1: u32) -> u32 { bb0: { _0 = copy _1; return; } }";

/** Programs with what Miri 1.101.0-nightly says of them. */
const CASES: readonly { readonly name: string; readonly text: string; readonly ends: string }[] = [
  {
    name: "a scalar that is moved into a call and whose address nobody took can be read again",
    text: `${ID} fn main() -> () { let mut _1: u32; let mut _2: u32; bb0: { _1 = const 1_u32; _2 = id(move _1) -> [return: bb1, unwind continue]; }
           bb1: { _2 = copy _1; return; } }`,
    ends: "done",
  },
  {
    name: "one whose address was taken is gone",
    text: `${ID} fn main() -> () { let mut _1: u32; let mut _2: u32; let mut _3: *const u32; bb0: { _1 = const 1_u32; _3 = &raw const _1; _2 = id(move _1) -> [return: bb1, unwind continue]; }
           bb1: { _2 = copy _1; return; } }`,
    ends: "uninit",
  },
  {
    name: "so is an array, which lives in memory",
    text: `fn id(_1: [u32; 3]) -> () { bb0: { return; } }
           fn main() -> () { let mut _1: [u32; 3]; let mut _2: (); let mut _3: [u32; 3]; bb0: { _1 = [const 1_u32; 3]; _2 = id(move _1) -> [return: bb1, unwind continue]; }
           bb1: { _3 = copy _1; return; } }`,
    ends: "uninit",
  },
  {
    name: "what was dropped keeps its bytes",
    text: `struct D { a: [u32; 3] }
           impl Drop for D { fn drop(_1: &mut D) -> () { bb0: { return; } } }
           fn main() -> () { let mut _1: D; let mut _2: [u32; 3]; bb0: { _1 = D { a: const [1_u32, 2_u32, 3_u32] }; drop(_1) -> [return: bb1, unwind continue]; }
           bb1: { _2 = copy (_1.0: [u32; 3]); return; } }`,
    ends: "done",
  },
];

describe("ourAnswer", () => {
  it.each(CASES)("says as Miri that $name", ({ text, ends }) => {
    const program = parseProgram(text, { tcx: newTyCtxt() });
    const main = program.functions.find(({ name }) => name === "main")!;
    const answer = ourAnswer(program, main, "tree");
    expect(answer.kind === "ub" ? answer.ub : answer.kind).toBe(ends);
  });
});
