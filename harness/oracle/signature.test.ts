import { describe, expect, test } from "vitest";
import { parseProgram } from "../../codegen/index.ts";
import { shapeOf } from "./signature.ts";

function shape(body: string): string[] {
  const locals = [
    "let mut _0: ();",
    "let mut _1: i32;",
    "let mut _2: &i32;",
    "let mut _3: i64;",
    "let mut _4: (i32, i32);",
  ];
  return shapeOf(parseProgram(`fn main() -> () {\n${locals.join("\n")}\nbb0: {\n${body}\nreturn;\n}\n}\n`));
}

describe("the shape of a program", () => {
  test("has the operations and the class of their types, each once, without widths", () => {
    expect(
      shape("_1 = Add(const 1_i32, const 2_i32); _3 = Add(const 1_i64, const 2_i64); _3 = copy _1 as i64 (IntToInt);"),
    ).toEqual(["Add:int", "IntToInt:int>int"]);
  });

  test("does not depend on how values are carried", () => {
    expect(shape("_1 = const 5_i32; _2 = &_1; _3 = copy (*_2) as i64 (IntToInt);")).toEqual(
      shape("_1 = const 5_i32; _3 = copy _1 as i64 (IntToInt);"),
    );
  });

  test("of a program without operations is how values are carried", () => {
    expect(shape("_1 = const 5_i32; _4 = (copy _1, copy _1); _2 = &_1;")).toEqual(["aggregate", "ref"]);
  });
});
