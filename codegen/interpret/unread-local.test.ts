/** Reports name the local that could not be read, and none when it might be another. */

import { expect, test } from "vitest";
import { mainOf, runText } from "./testing/run-text.ts";

function messageOf(text: string): string {
  const { outcome } = runText(text);
  return outcome.kind === "ub" ? outcome.error.message : outcome.kind;
}

test.each([
  ["an operand", "let mut _1: i32; let mut _2: i32;", "_1 = const 1_i32; _1 = Add(copy _1, copy _2);", "_2"],
  ["an array", "let mut _1: [u8; 4]; let mut _2: u8;", "_1[0 of 4] = const 1_u8; _2 = copy _1[3 of 4];", "_1"],
  [
    "an index",
    "let mut _1: [u8; 4]; let mut _2: u8; let mut _3: usize;",
    "_1 = [const 0_u8; 4]; _2 = copy _1[_3];",
    "_3",
  ],
  ["a pointer that is written through", "let mut _1: *mut u8;", "(*_1) = const 1_u8;", "_1"],
  ["the target of a write", "let mut _1: u8;", "StorageLive(_1); StorageDead(_1); _1 = const 1_u8;", "_1"],
])("%s", (_, locals, block, name) => {
  expect(messageOf(mainOf(locals, block))).toMatch(new RegExp(`: ${name}$`));
});

test("none of two arguments that may both not be read", () => {
  const text = `fn f(_1: i32, _2: i32) -> () { bb0: { return; } }
    ${mainOf("let mut _1: i32; let mut _2: i32; let mut _3: ();", "_3 = f(move _1, move _2) -> [return: bb1, unwind continue];", "")}`;
  expect(messageOf(text)).toBe("read of an uninitialised (or moved) local");
});

test("what another thread's frame holds, not the memory that its stack is in", () => {
  const text = `extern "C" { fn thread_spawn(_1: fn(*mut ()), _2: *mut ()) -> u64; fn thread_join(_1: u64) -> (); }
    fn work(_1: *mut ()) -> () { let mut _2: [u8; 4]; let mut _3: u8; bb0: { _2[0 of 4] = const 1_u8; _3 = copy _2[3 of 4]; return; } }
    ${mainOf(
      "let mut _1: fn(*mut ()); let mut _2: *mut (); let mut _3: u64; let mut _4: ();",
      "_1 = work as fn(*mut ()) (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _4 = (); _2 = &raw mut _4; _3 = thread_spawn(copy _1, copy _2) -> [return: bb1, unwind continue];",
      "_4 = thread_join(copy _3) -> [return: bb2, unwind continue];",
      "",
    )}`;
  expect(messageOf(text)).toBe("read of uninitialised memory: _2");
});
