import { expect, it } from "vitest";
import { firstDifference } from "./same-text.ts";

it("takes texts for equal that differ in blank lines and comments", () => {
  const printed = "fn f() -> () {\n    let _1: u8;\n}\n";
  expect(
    firstDifference("// MIR for `f`\n\nfn f() -> () {\n\n    let _1: u8; // in scope 0\n}\n", printed),
  ).toBeUndefined();
  expect(firstDifference("fn f() -> () {\n    let _1: u16;\n}\n", printed)).toMatchObject({ line: 2 });
});

it("takes no part of a string or of an allocation's characters for a comment", () => {
  const string = '        _1 = const "a // b";';
  expect(firstDifference(string, '        _1 = const "a')).toBeDefined();
  expect(firstDifference(string, '        _1 = const "a // c";')).toBeDefined();
  expect(firstDifference("    2f 2f // │ //x", "    2f 2f // │ //y")).toBeDefined();
});

it("knows the comment behind the last line of a template, whose string starts lines before", () => {
  const line = 'ret", options()) -> unwind unreachable;';
  expect(firstDifference(`${line} // bb0[1]: scope 2 at src/a.rs:1:2: 3:4`, line)).toBeUndefined();
  expect(firstDifference(`${line} // scope 2 at src/a.rs:1:2: 3:4`, line)).toBeUndefined();
  expect(firstDifference(`${line} // anything else`, line)).toBeDefined();
});
