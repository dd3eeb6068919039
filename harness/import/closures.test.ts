import { describe, expect, test } from "vitest";
import { Diagnostic, type text, typeText } from "../../codegen/index.ts";
import { capturesOf } from "./closures.ts";
import type { LinkedCrate } from "./crates.ts";
import { crateOf } from "./testing/crates.ts";

const BODY = (
  lines: string,
  debug = "",
): string => `fn f::{closure#0}(_1: &{closure@f<T, N>::{closure#0}}, _2: u8) -> u8 {
    debug c => _2;
${debug}    let mut _0: u8;
    let mut _3: &T;

    bb0: {
${lines}        return;
    }
}
`;

const OUTER = `fn f(_1: T, _2: [T; N]) -> u8 {
    let mut _0: u8;
    let mut _3: {closure@f<T, N>::{closure#0}};
    let mut _4: &T;

    bb0: {
        _4 = &_1;
        _3 = {closure@f<T, N>::{closure#0}} { a: move _4, b: copy _2 };
        return;
    }
}

`;

function captures(crate: LinkedCrate): string[] {
  const dumped = crate.dump.get("f::{closure#0}") as text.FnItem;
  return capturesOf({ crate, key: "f::{closure#0}", scope: undefined as never, opaque: new Map() }, dumped).map(
    typeText,
  );
}

describe("what a closure captures", () => {
  test("is what its own body looks at", () => {
    const mir = BODY("        _3 = copy ((*_1).0: &T);\n        _0 = copy ((*_1).1: [T; N])[0 of 1];\n");
    expect(captures(crateOf("fn f() {}", mir))).toEqual(["&T", "[T; N]"]);
  });

  test("is what its `debug` lines name too", () => {
    const debug = "    debug a => (*((*_1).0: &T));\n    debug b => ((*_1).1: [T; N]);\n";
    expect(captures(crateOf("fn f() {}", BODY("", debug)))).toEqual(["&T", "[T; N]"]);
  });

  test("is told by the function around it, before that was optimised, when the body has no use for it", () => {
    const debug = "    debug a => const ZeroSized: X;\n    debug b => ((*_1).1: [T; N]);\n";
    expect(captures(crateOf("fn f() {}", BODY("", debug), OUTER + BODY("")))).toEqual(["&T", "[T; N]"]);
  });

  test("is not guessed", () => {
    const debug = "    debug a => const ZeroSized: X;\n";
    expect(() => captures(crateOf("fn f() {}", BODY("", debug)))).toThrow(Diagnostic);
    // Of the function's own instance nothing is known by another one.
    const instance = OUTER.replaceAll("f<T, N>::{closure#0}", "f<u8, 3>::{closure#0}");
    expect(() => captures(crateOf("fn f() {}", BODY("", debug), instance + BODY("")))).toThrow("does not say all");
  });

  test("may be nothing", () => {
    expect(captures(crateOf("fn f() {}", BODY("")))).toEqual([]);
  });
});
