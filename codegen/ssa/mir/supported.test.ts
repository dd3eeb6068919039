import { describe, expect, test } from "vitest";
import { parseProgram } from "../../mir/parser.ts";
import { codegenLacks } from "./supported.ts";

function lacks(main: string, items = ""): string | undefined {
  return codegenLacks(parseProgram(`${items}\nfn main() -> () {\nlet mut _0: ();\n${main}\n}\n`));
}

describe("what code generation lacks", () => {
  test("is nothing for plain functions, arrays and calls", () => {
    const f = "fn f(_1: [i32; 2]) -> i32 {\nlet mut _0: i32;\nbb0: { _0 = copy _1[1 of 2]; return; }\n}\n";
    const made =
      "let mut _1: i32;\nlet mut _2: ();\nlet mut _3: [i32; 2];\nbb0: { _3 = [const 1_i32, const 2_i32]; _1 = f(move _3) -> [return: bb1, unwind continue]; }\nbb1: { _2 = observe::<i32>(const 1_u32, copy _1) -> [return: bb2, unwind continue]; }\nbb2: { return; }";
    expect(lacks(made, f)).toBeUndefined();
  });

  test("has no names of the program in it, so that programs share a reason", () => {
    const union = (name: string): string | undefined =>
      lacks(`let mut _1: ${name};\nbb0: { _1 = ${name} { a: const 1_u8 }; return; }`, `union ${name} { a: u8, b: i8 }`);
    expect(union("U")).toBe("unions");
    expect(union("Other")).toBe("unions");
  });

  test("is found inside of types", () => {
    const main = "let mut _1: S;\nbb0: { return; }";
    expect(lacks(main, "struct S { f: [(u8, &'static str); 2] }")).toBe("`str`");
    expect(lacks(main, "struct S { f: std::option::Option<f16> }")).toBe("the type `f16`");
    expect(lacks(main, "struct S { f: &'static S }")).toBeUndefined();
  });

  test("is found in what is reached, and not in what is not", () => {
    const g = (called: string): string =>
      `fn g() -> () {\nlet mut _0: ();\nlet mut _1: u128;\nbb0: { ${called} }\nbb1: { return; }\n}\n`;
    const tail = g("_1 = std::intrinsics::bswap::<u128>(const 1_u128) -> [return: bb1, unwind continue];");
    expect(lacks("bb0: { return; }", tail)).toBeUndefined();
    expect(lacks("bb0: { _0 = g() -> [return: bb1, unwind continue]; }\nbb1: { return; }", tail)).toBe(
      "the intrinsic `bswap`",
    );
  });

  test("is unwinding into a cleanup block", () => {
    const g = "fn g() -> () {\nlet mut _0: ();\nbb0: { return; }\n}\n";
    expect(
      lacks("bb0: { _0 = g() -> [return: bb1, unwind: bb2]; }\nbb1: { return; }\nbb2 (cleanup): { resume; }", g),
    ).toBe("unwinding into a cleanup block");
  });

  test("is whatever would be left to the linker: foreign functions, and the allocator behind `Box`", () => {
    const malloc = 'extern "C" {\nfn malloc(_1: usize) -> *mut u8;\n}\n';
    const calls =
      "let mut _1: *mut u8;\nbb0: { _1 = malloc(const 8_usize) -> [return: bb1, unwind continue]; }\nbb1: { return; }";
    expect(lacks(calls, malloc)).toBe("foreign functions");
    expect(lacks("bb0: { return; }", malloc)).toBeUndefined();
    const drops =
      "fn f(_1: std::boxed::Box<i32>) -> () {\nlet mut _0: ();\nbb0: { drop(_1) -> [return: bb1, unwind continue]; }\nbb1: { return; }\n}\n";
    const pointer =
      "let mut _1: fn(std::boxed::Box<i32>);\nbb0: { _1 = f as fn(std::boxed::Box<i32>) (PointerCoercion(ReifyFnPointer, Implicit)); return; }";
    expect(lacks(pointer, drops)).toBe("`Box`");
  });

  test("is looked for in what a static points to, and in code that refers to statics", () => {
    const h =
      "fn h() -> u8 {\nlet mut _0: u8;\nbb0: { _0 = std::intrinsics::bswap::<u8>(const 1_u8) -> [return: bb1, unwind continue]; }\nbb1: { return; }\n}\n";
    const table = (f: string): string =>
      `static T: fn() -> u8 = {\nlet mut _0: fn() -> u8;\nbb0: { _0 = ${f} as fn() -> u8 (PointerCoercion(ReifyFnPointer, Implicit)); return; }\n}\n`;
    const fine = "fn g() -> u8 {\nlet mut _0: u8;\nbb0: { _0 = const 1_u8; return; }\n}\n";
    expect(lacks("bb0: { return; }", `${h}${table("h")}`)).toBe("the intrinsic `bswap`");
    expect(lacks("bb0: { return; }", `${fine}${table("g")}`)).toBeUndefined();
    const reads = "let mut _1: &fn() -> u8;\nbb0: { _1 = const {alloc1: &fn() -> u8}; return; }";
    expect(lacks(reads, `alloc1 (static: T)\n${fine}${table("g")}`)).toBe("a constant of kind `static`");
  });

  test("is nothing in blocks that a switch on a constant never goes to", () => {
    const main =
      "let mut _1: i32;\nbb0: { switchInt(const false) -> [0: bb1, otherwise: bb2]; }\nbb1: { return; }\nbb2: { _1 = missing() -> [return: bb1, unwind continue]; }";
    expect(
      lacks(main, "fn missing() -> i32 {\nlet mut _0: i32;\nlet mut _1: f16;\nbb0: { _0 = const 1_i32; return; }\n}\n"),
    ).toBeUndefined();
  });
});
