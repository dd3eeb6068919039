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

describe("the shape of a program of the whole language", () => {
  test("has intrinsics by name, drops and virtual calls", () => {
    const text = `
struct D { f0: u8 }
impl Drop for D {
    fn drop(_1: &mut D) -> () {
        let mut _0: ();
        bb0: { return; }
    }
}
trait T { fn f(_1: &Self) -> (); }
impl T for D {
    fn f(_1: &D) -> () {
        let mut _0: ();
        bb0: { return; }
    }
}
fn main() -> () {
    let mut _0: ();
    let mut _1: D;
    let mut _2: &dyn T;
    let mut _3: &D;
    let mut _4: u64;
    let mut _5: u32;
    bb0: {
        _1 = D { f0: const 1_u8 };
        _3 = &_1;
        _2 = copy _3 as &dyn T (PointerCoercion(Unsize, Implicit));
        _0 = <dyn T as T>::f(copy _2) -> [return: bb1, unwind continue];
    }
    bb1: { _4 = std::intrinsics::bswap::<u64>(const 1_u64) -> [return: bb2, unwind continue]; }
    bb2: { drop(_1) -> [return: bb3, unwind continue]; }
    bb3: { return; }
}`;
    expect(shapeOf(parseProgram(text))).toEqual(["Unsize:ptr>ptr", "bswap", "call-virtual", "drop"]);
  });
});
