import { describe, expect, test } from "vitest";
import { shortClosures, withNames } from "./captures.ts";

/** As rustc prints `fn f(t: Cell, k: u8) -> u8 { g(|c| c + t.x + t.y, move || k) }`, closures by path. */
const DUMP = `fn f(_1: Cell, _2: u8) -> u8 {
    let mut _0: u8;
    let mut _3: {closure@f::{closure#0}};
    let mut _4: &u8;
    let mut _5: &u8;
    let mut _6: {closure@f::{closure#1}};

    bb0: {
        _4 = &(_1.0: u8);
        _5 = &(_1.1: u8);
        _3 = {closure@f::{closure#0}} { t: copy _4 };
        _6 = {closure@f::{closure#1}} { k: copy _2 };
        _0 = g::<{closure@f::{closure#0}}, {closure@f::{closure#1}}>(move _3, move _6) -> [return: bb1, unwind continue];
    }

    bb1: {
        return;
    }
}

fn f::{closure#0}(_1: &{closure@f::{closure#0}}, _2: u8) -> u8 {
    debug c => _2;
    debug t__x => (*((*_1).0: &u8));
    debug t__y => (*((*_1).1: &u8));
    let mut _0: u8;
    let mut _3: &u8;

    bb0: {
        _3 = copy ((*_1).0: &u8);
        _0 = Add(copy _2, copy (*_3));
        return;
    }
}

fn f::{closure#1}(_1: {closure@f::{closure#1}}) -> u8 {
    debug k => (_1.0: u8);
    let mut _0: u8;

    bb0: {
        _0 = copy (_1.0: u8);
        return;
    }
}
`;

test("closures of which too few operands are printed are found by their own bodies", () => {
  expect(shortClosures("t.mir", Buffer.from(DUMP))).toEqual([{ name: "f::{closure#0}", captures: 2 }]);
  const whole = DUMP.replace("{ t: copy _4 }", "{ a: copy _4, b: copy _5 }");
  expect(shortClosures("t.mir", Buffer.from(whole))).toEqual([]);
});

describe("the source of such a closure", () => {
  const edited = (source: string, from: string, to: string, captures = 1): string => {
    const located = `fn f::{closure#0}(_1: &mut {closure@src/a.rs:${from}: ${to}}, _2: u8) -> u8 {\n`;
    return withNames("src/a.rs", source, [{ name: "f::{closure#0}", captures }], located);
  };

  test("is given names to print", () => {
    expect(edited("fn f() { g(|c| c + t.x, 1) }", "1:12", "1:15", 2)).toBe(
      "fn f() { g({ let __c0 = (); let __c1 = (); |c| { let _ = __c0; let _ = __c1; c + t.x } }, 1) }",
    );
  });

  test.for([
    ["ends at a semicolon", "let h = move |c| t.x + h[c, 2];", "1:9", "1:17", " t.x + h[c, 2]", ";"],
    ["may be a block, with a type before it", "let h = |c| -> u8 { a; b };", "1:9", "1:18", " { a; b }", ";"],
    [
      "has arguments with commas",
      "g(|c| h::<A, fn(B) -> C<D>>(t.x), 2)",
      "1:3",
      "1:6",
      " h::<A, fn(B) -> C<D>>(t.x)",
      ", 2)",
    ],
    ["compares", "g(|c| c < t.x && t.y > c, 2)", "1:3", "1:6", " c < t.x && t.y > c", ", 2)"],
    ["has strings with brackets", "g(|c| h(\")\", b'}', t.x))", "1:3", "1:6", " h(\")\", b'}', t.x)", ")"],
    ["stands behind wide characters", 'g("é𝄞", |c| t.x)', "1:9", "1:12", " t.x", ")"],
  ])("%s", ([, source, from, to, body, rest]) => {
    expect(
      edited(source!, from!, to!).endsWith(`| { let _ = __c0;${body} } }${rest}`) ||
        edited(source!, from!, to!).endsWith(`u8 { let _ = __c0;${body} } }${rest}`),
    ).toBe(true);
  });

  test("stands in this file", () => {
    expect(() => withNames("src/b.rs", "", [{ name: "f::{closure#0}", captures: 1 }], "")).toThrow(
      "is not in this file",
    );
  });
});
