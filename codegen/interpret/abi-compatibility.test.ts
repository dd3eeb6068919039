/** Which types a function pointer may be called at, row by row of core's documentation of `fn`. */

import { expect, test } from "vitest";
import { mainOf, runText, valuesOf, verdictOf } from "./testing/run-text.ts";

const ITEMS = `
struct Plain(u32);
#[repr(transparent)] struct Wrapper(u32);
#[repr(transparent)] struct Tagged((), Wrapper);
struct Empty;
#[repr(C)] enum Optional { None, Some(&u8) }
#[repr(transparent)] union Overlay { value: u32, nothing: () }
#[repr(transparent)] struct Wrapped(&u8);
`;

/** What a function takes, what it is called with, and what that is. */
const ROWS: readonly (readonly [takes: string, given: string, verdict: string])[] = [
  ["*const u32", "*mut u8", "return"],
  ["*const u32", "&u8", "return"],
  ["std::ptr::NonNull<u32>", "&u8", "return"],
  ["*const [u8]", "*const str", "return"],
  ["*const [u8]", "*const u8", "callSignature"],
  ["usize", "u64", "return"],
  ["isize", "i64", "return"],
  ["usize", "isize", "callSignature"],
  ["usize", "u32", "callSignature"],
  ["usize", "*const u8", "callSignature"],
  ["char", "u32", "return"],
  ["u32", "char", "return"],
  ["f32", "u32", "callSignature"],
  ["fn(u8)", "fn() -> u64", "return"],
  ['extern "C" fn()', "fn()", "callSignature"],
  ["Wrapper", "u32", "return"],
  ["Tagged", "u32", "return"],
  ["Tagged", "Wrapper", "return"],
  ["Plain", "u32", "callSignature"],
  ["Empty", "()", "return"],
  ["[u32; 0]", "()", "callSignature"],
  ["std::option::Option<u32>", "u32", "callSignature"],
  ["std::option::Option<*const u8>", "*const u8", "callSignature"],
  ["std::option::Option<&u8>", "&u8", "return"],
  ["&u8", "std::option::Option<&u8>", "return"],
  ["std::option::Option<fn()>", "fn(u8)", "return"],
  ["std::option::Option<std::num::NonZero<u32>>", "u32", "return"],
  ["std::option::Option<&u8>", "*const u8", "return"],
  ["std::result::Result<&u8, ()>", "&u8", "return"],
  ["std::result::Result<(), &u8>", "&u8", "return"],
  ["std::result::Result<&u8, [u32; 0]>", "&u8", "callSignature"],
  ["std::option::Option<(&u8,)>", "&u8", "callSignature"],
  ["Optional", "&u8", "callSignature"],
  ["Overlay", "u32", "return"],
  ["std::option::Option<Wrapped>", "&u8", "return"],
];

/** `f` is called, by way of a pointer, as if it took what is given. */
function programOf(takes: string, given: string): string {
  const call = `fn call(_1: fn(${given}), _2: ${given}) -> () { bb0: { _0 = copy _1(copy _2) -> [return: bb1, unwind continue]; } bb1: { return; } }`;
  return `${ITEMS} fn f(_1: ${takes}) -> () { bb0: { return; } } ${call}
${mainOf(
  `let mut _1: fn(${takes}); let mut _2: fn(${given}); let mut _3: (); let mut _4: ${given}; let mut _5: u8; let mut _6: &u8;`,
  `_1 = f as fn(${takes}) (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _2 = copy _1 as fn(${given}) (Transmute); _5 = const 65_u8; _6 = &_5; ${argument(given)} _3 = call(copy _2, copy _4) -> [return: bb1, unwind continue];`,
  "",
)}`;
}

/** Statements that make `_4`. */
function argument(given: string): string {
  switch (given) {
    case "()":
      return "_4 = ();";
    case "Wrapper":
      return "_4 = Wrapper(const 1_u32);";
    case "char":
      return "_4 = const 'a';";
    case "fn()":
    case "fn() -> u64":
      return `_4 = copy _2 as ${given} (Transmute);`;
    case "std::option::Option<&u8>":
      return "_4 = std::option::Option::<&u8>::Some(copy _6);";
    case "fn(u8)":
      return `_4 = copy _2 as ${given} (Transmute);`;
    case "&u8":
      return "_4 = &_5;";
    case "*const u8":
      return "_4 = &raw const _5;";
    case "*mut u8":
      return "_4 = &raw mut _5;";
    case "*const str":
      return '_4 = const "a" as *const str (Transmute);';
    default:
      return `_4 = const 65_${given};`;
  }
}

test("a function pointer may be called at the types that core promises to be passed alike", () => {
  for (const [takes, given, verdict] of ROWS) {
    expect(`${takes} given ${given}: ${verdictOf(runText(programOf(takes, given)))}`).toBe(
      `${takes} given ${given}: ${verdict}`,
    );
  }
});

test("an argument must be valid at the type that the function takes", () => {
  const text = programOf("char", "u32").replace("const 65_u32", "const 55296_u32");
  expect(verdictOf(runText(text))).toBe("invalidChar");
});

test("a result must be valid at the type that the call awaits", () => {
  const text = (value: number): string => `fn f() -> u32 { bb0: { _0 = const ${value}_u32; return; } }
${mainOf(
  "let mut _1: fn() -> u32; let mut _2: fn() -> char; let mut _3: char;",
  "_1 = f as fn() -> u32 (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _2 = copy _1 as fn() -> char (Transmute); _3 = copy _2() -> [return: bb1, unwind continue];",
  "",
)}`;
  expect(verdictOf(runText(text(65)))).toBe("return");
  expect(verdictOf(runText(text(0xd800)))).toBe("invalidChar");
});

test("arguments and results arrive as if they were transmuted", () => {
  const text = `fn deref(_1: std::option::Option<&u32>, _2: u8, _3: char) -> u32 { let mut _4: isize; let mut _5: u32;
  bb0: { _4 = discriminant(_1); switchInt(move _4) -> [0: bb1, otherwise: bb2]; }
  bb1: { _0 = const 0_u32; return; }
  bb2: { _0 = copy (*((_1 as Some).0: &u32)); _5 = copy _3 as u32 (IntToInt); _0 = Add(copy _0, copy _5); return; } }`;
  const main = mainOf(
    "let mut _1: fn(std::option::Option<&u32>, u8, char) -> u32; let mut _2: fn(&u32, u8, u32) -> char; let mut _3: char; let mut _4: u32; let mut _5: &u32; let mut _6: ();",
    "_1 = deref as fn(std::option::Option<&u32>, u8, char) -> u32 (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _2 = copy _1 as fn(&u32, u8, u32) -> char (Transmute); _4 = const 60_u32; _5 = &_4; _3 = copy _2(copy _5, const 9_u8, const 5_u32) -> [return: bb1, unwind continue];",
    "_6 = observe::<char>(const 0_u32, copy _3) -> [return: bb2, unwind continue];",
    "",
  );
  expect(valuesOf(runText(`${text} ${main}`))).toEqual([65n]);
});

test("a function of `C` may be called as one of `C-unwind`, but not the other way round", () => {
  const text = (own: string, given: string): string => `extern "${own}" fn f() -> () { bb0: { return; } }
${mainOf(
  `let mut _1: extern "${own}" fn(); let mut _2: extern "${given}" fn(); let mut _3: ();`,
  `_1 = f as extern "${own}" fn() (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _2 = copy _1 as extern "${given}" fn() (Transmute); _3 = copy _2() -> [return: bb1, unwind continue];`,
  "",
)}`;
  expect(verdictOf(runText(text("C", "C-unwind")))).toBe("return");
  expect(verdictOf(runText(text("C-unwind", "C")))).toBe("callSignature");
});
