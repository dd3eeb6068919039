/** The aliasing rules as programs break and keep them, under both models. */

import { describe, expect, it } from "vitest";
import type { Aliasing } from "./memory.ts";
import { mainOf, runWith, verdictOf } from "./testing/run-text.ts";

const REFS =
  "let mut _1: u32; let mut _2: &mut u32; let mut _3: &mut u32; let mut _4: &u32; let mut _5: *mut u32; let mut _6: u32; let mut _7: ();";

function verdict(text: string, aliasing: Aliasing): string {
  return verdictOf(runWith(text, { aliasing }));
}

/** Statements on `_1: u32` and pointers to it; the verdicts of Tree Borrows, Stacked Borrows, and no model. */
const CASES: readonly (readonly [name: string, statements: string, tree: string, stacked: string])[] = [
  [
    "a reborrow is used while its parent rests",
    "_1 = const 1_u32; _2 = &mut _1; _3 = &mut (*_2); (*_3) = const 2_u32; (*_2) = const 3_u32;",
    "return",
    "return",
  ],
  [
    "a mutable reference is read after its parent was written",
    "_1 = const 1_u32; _2 = &mut _1; _3 = &mut (*_2); (*_3) = const 2_u32; (*_2) = const 3_u32; _6 = copy (*_3);",
    "aliasing",
    "aliasing",
  ],
  [
    "a local is written while it is mutably borrowed, and the borrow read again",
    "_1 = const 1_u32; _2 = &mut _1; (*_2) = const 2_u32; _1 = const 3_u32; _6 = copy (*_2);",
    "aliasing",
    "aliasing",
  ],
  [
    "a local is read while it is mutably borrowed, and the borrow written again",
    "_1 = const 1_u32; _2 = &mut _1; (*_2) = const 2_u32; _6 = copy _1; (*_2) = const 3_u32;",
    "aliasing",
    "aliasing",
  ],
  [
    "a shared reference is read after the value changed below it",
    "_1 = const 1_u32; _4 = &_1; _1 = const 2_u32; _6 = copy (*_4);",
    "aliasing",
    "aliasing",
  ],
  [
    "a shared reference is read twice",
    "_1 = const 1_u32; _4 = &_1; _6 = copy _1; _6 = copy (*_4);",
    "return",
    "return",
  ],
  [
    "a write through a shared reference cast to a raw pointer",
    "_1 = const 1_u32; _4 = &_1; _5 = copy _4 as *mut u32 (Transmute); (*_5) = const 2_u32;",
    "aliasing",
    "aliasing",
  ],
  [
    "a raw pointer from a mutable reference, used in turns with it",
    "_1 = const 1_u32; _2 = &mut _1; _5 = &raw mut (*_2); (*_5) = const 2_u32; (*_2) = const 3_u32; (*_5) = const 4_u32;",
    "return",
    "aliasing",
  ],
  [
    "two mutable references that are only made, and the first one written",
    "_1 = const 1_u32; _5 = &raw mut _1; _2 = &mut (*_5); _3 = &mut (*_5); (*_2) = const 2_u32;",
    "return",
    "aliasing",
  ],
];

describe("references", () => {
  for (const [name, statements, tree, stacked] of CASES) {
    it(name, () => {
      const text = mainOf(REFS, statements);
      expect(verdict(text, "none")).toBe("return");
      expect(verdict(text, "tree")).toBe(tree);
      expect(verdict(text, "stacked")).toBe(stacked);
    });
  }

  it("an argument is protected while the function runs", () => {
    const callee = `fn f(_1: &mut u32, _2: *mut u32) -> () { bb0: { (*_1) = const 2_u32; (*_2) = const 3_u32; return; } }`;
    const call = (body: string): string =>
      mainOf(
        REFS,
        "_1 = const 1_u32; _5 = &raw mut _1; _2 = &mut (*_5); _7 = f(move _2, copy _5) -> [return: bb1, unwind continue];",
        body,
      );
    expect(verdict(`${callee} ${call("")}`, "tree")).toBe("aliasing");
    expect(verdict(`${callee} ${call("")}`, "stacked")).toBe("aliasing");
    const later = callee.replace("(*_2) = const 3_u32;", "");
    expect(verdict(`${later} ${call("(*_5) = const 4_u32;")}`, "tree")).toBe("return");
  });

  it("memory is not freed while a function has a reference to it as argument", () => {
    const text = `extern "C" { fn __rust_alloc(_1: usize, _2: usize) -> *mut u8; fn __rust_dealloc(_1: *mut u8, _2: usize, _3: usize) -> (); }
      fn f(_1: &mut u8, _2: *mut u8) -> () { let mut _3: (); bb0: { _3 = __rust_dealloc(copy _2, const 1_usize, const 1_usize) -> [return: bb1, unwind continue]; } bb1: { return; } }
      ${mainOf(
        "let mut _1: *mut u8; let mut _2: &mut u8; let mut _3: ();",
        "_1 = __rust_alloc(const 1_usize, const 1_usize) -> [return: bb1, unwind continue];",
        "_2 = &mut (*_1); _3 = f(move _2, copy _1) -> [return: bb2, unwind continue];",
        "",
      )}`;
    expect(verdict(text, "tree")).toBe("aliasing");
    expect(verdict(text, "none")).toBe("return");
  });

  it("a cell may change behind a shared reference, and nothing beside it", () => {
    const declared = '#[lang = "unsafe_cell"] struct Cell(u32);';
    const text = (write: string): string =>
      `${declared} ${mainOf(
        "let mut _1: (Cell, u32); let mut _2: &(Cell, u32); let mut _3: *mut (Cell, u32); let mut _4: u32; let mut _5: Cell;",
        `_5 = Cell(const 1_u32); _1 = (move _5, const 2_u32); _2 = &_1; _3 = copy _2 as *mut (Cell, u32) (Transmute); ${write} _4 = copy (((*_2).0: Cell).0: u32);`,
      )}`;
    expect(verdict(text("(((*_3).0: Cell).0: u32) = const 5_u32;"), "tree")).toBe("return");
    expect(verdict(text("((*_3).1: u32) = const 5_u32;"), "tree")).toBe("aliasing");
  });

  it("are as unique as boxes of the global allocator, and those of others are not", () => {
    const text = (box: string): string =>
      `struct Arena; ${mainOf(
        `let mut _1: u32; let mut _2: *mut u32; let mut _3: ${box}; let mut _4: ${box}; let mut _5: *mut u32; let mut _6: u32;`,
        `_1 = const 1_u32; _2 = &raw mut _1; _3 = copy _2 as ${box} (Transmute); _4 = move _3; (*_2) = const 5_u32; _5 = copy _4 as *mut u32 (Transmute); _6 = copy (*_5);`,
      )}`;
    for (const model of ["tree", "stacked"] as const) {
      expect(verdict(text("std::boxed::Box<u32>"), model)).toBe("aliasing");
      expect(verdict(text("std::boxed::Box<u32, Arena>"), model)).toBe("return");
    }
  });

  it("reports where the tag came from and what disabled it", () => {
    const { outcome } = runWith(mainOf(REFS, CASES[1]![1]), { aliasing: "tree" });
    expect(outcome.kind === "ub" && outcome.error.notes.map(({ what, at }) => [what, at?.statement])).toEqual([
      ["the accessed tag was created here", 2],
      ["tag <2> was disabled here", 4],
    ]);
  });

  it("forgets tags that nothing has any more", () => {
    const text = mainOf(
      `${REFS} let mut _8: bool;`,
      "_1 = const 0_u32; _2 = &mut _1; goto -> bb1;",
      "_3 = &mut (*_2); (*_3) = Add(copy (*_3), const 1_u32); _8 = Lt(copy (*_3), const 300000_u32); switchInt(copy _8) -> [0: bb2, otherwise: bb1];",
      "",
    );
    expect(verdictOf(runWith(text, { aliasing: "tree" }, { fuel: 10_000_000 }))).toBe("return");
  });
});
