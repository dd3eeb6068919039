/** The locals of constants' bodies, which their values may point to. */

import { expect, test } from "vitest";
import { mainOf, runText, valuesOf, verdictOf } from "./testing/run-text.ts";

const SUM = `fn sum(_1: &u32, _2: &u32) -> u32 { bb0: { _0 = Add(copy (*_1), copy (*_2)); return; } }`;

test("each of many keeps its memory, and takes no more of it than its frame", () => {
  const count = 5000;
  const items = Array.from(
    { length: count },
    (_, i) => `const main::promoted[${i}]: &u32 = { let mut _1: u32; bb0: { _1 = const ${i}_u32; _0 = &_1; return; } }`,
  );
  const uses = Array.from({ length: count }, (_, i) => `_1[${i} of ${count}] = const main::promoted[${i}];`);
  const main = mainOf(
    `let mut _1: [&u32; ${count}]; let mut _2: usize; let mut _3: u32; let mut _4: bool; let mut _5: ();`,
    `${uses.join(" ")} _2 = const 0_usize; _3 = const 0_u32; goto -> bb1;`,
    `_4 = Lt(copy _2, const ${count}_usize); switchInt(move _4) -> [0: bb3, otherwise: bb2];`,
    "_3 = Add(copy _3, copy (*_1[_2])); _2 = Add(copy _2, const 1_usize); goto -> bb1;",
    "_5 = observe::<u32>(const 0_u32, copy _3) -> [return: bb4, unwind continue];",
    "",
  );
  expect(valuesOf(runText(`${items.join("\n")}\n${main}`))).toEqual([BigInt((count * (count - 1)) / 2)]);
});

test("one may be made while another is, and both keep theirs", () => {
  const text = `${SUM}
const INNER: &u32 = { let mut _1: u32; bb0: { _1 = const 40_u32; _0 = &_1; return; } }
const OUTER: &u32 = { let mut _1: u32; let mut _2: u32; let mut _3: &u32; let mut _4: &u32;
  bb0: { _1 = const 2_u32; _3 = &_1; _4 = const INNER; _2 = sum(copy _3, copy _4) -> [return: bb1, unwind continue]; }
  bb1: { _0 = &_2; return; } }
const LATER: &u32 = { let mut _1: u32; bb0: { _1 = const 7_u32; _0 = &_1; return; } }
${mainOf(
  "let mut _1: &u32; let mut _2: &u32; let mut _3: u32; let mut _4: (); let mut _5: &u32;",
  "_1 = const OUTER; _2 = const LATER; _5 = const INNER; _3 = sum(copy _1, copy _2) -> [return: bb1, unwind continue];",
  "_3 = Add(copy _3, copy (*_5)); _4 = observe::<u32>(const 0_u32, copy _3) -> [return: bb2, unwind continue];",
  "",
)}`;
  expect(valuesOf(runText(text))).toEqual([89n]);
});

test("what a function that the body calls has as locals is gone", () => {
  const text = `fn leak() -> *const u32 { let mut _1: u32; bb0: { _1 = const 1_u32; _0 = &raw const _1; return; } }
const GONE: *const u32 = { bb0: { _0 = leak() -> [return: bb1, unwind continue]; } bb1: { return; } }
${mainOf("let mut _1: *const u32; let mut _2: u32;", "_1 = const GONE; _2 = copy (*_1);")}`;
  expect(verdictOf(runText(text))).toBe("danglingPointer");
});
