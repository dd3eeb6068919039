import fc from "fast-check";
import { expect, test } from "vitest";
import { Diagnostic, renderDiagnostic } from "../session/diagnostic.ts";
import { parseProgram, parseProgramWithSkips } from "./parser.ts";
import { newTyCtxt } from "./prelude.ts";
import { printProgram } from "./printer.ts";
import { randomProgram } from "./testing/random-program.ts";
import { ITEMS } from "./testing/rustc-sources.ts";
import { verifyProgram } from "./verifier.ts";

/** `statements` in the only block of a function with some locals. */
function inBody(statements: string, locals = ""): string {
  return `${ITEMS}
fn callee(_1: u8) -> u8 {
    bb0: { _0 = copy _1; return; }
}
fn f(_1: u8, _2: *mut u8, _3: Mixed<u8>) -> u8 {
    let mut _4: [u8; 4]; let mut _5: usize; let mut _6: (u8, i32); let mut _7: fn(u8) -> u8; let mut _8: f32; ${locals}
    bb0: {
        ${statements}
    }
    bb1: { return; }
}`;
}

function diagnosticOf(text: string): Diagnostic {
  try {
    parseProgram(text, { file: "x.mir" });
  } catch (error) {
    if (error instanceof Diagnostic) return error;
    throw error;
  }
  throw new Error(`no diagnostic for ${text}`);
}

test.each([
  ["_0 = copy _9; return;", "the local `_9` is not declared"],
  ["_0 = copy _1 return;", "expected `;`, found `return`"],
  ["_0 = Frob(copy _1); return;", "unknown function `Frob`"],
  ["_0 = g(copy _1) -> [return: bb1, unwind continue];", "unknown function `g`"],
  ["_0 = callee::<u8>(copy _1) -> [return: bb1, unwind continue];", "`callee` has 0 type parameters, not 1"],
  ["goto -> bb7;", "there is no block `bb7`"],
  ["_0 = const 5; return;", "the number `5` has no type"],
  ["_0 = const 256_u8; return;", "`256_u8` does not fit in `u8`"],
  ["_0 = const -1_u8; return;", "`-1_u8` does not fit in `u8`"],
  ["_8 = const 1.0E+99f32; return;", "`1.0E+99f32` is too large for `f32`"],
  ["_0 = const 0x_u8; return;", "`0x_u8` has no digits"],
  ["_0 = const 0b2_u8; return;", "`0b2_u8` is no number"],
  ["_0 = const 1.2.3f32; return;", "expected"],
  ["_4 = [const 0_u8; 0o9]; return;", "not supported yet: this constant in a type"],
  ["_4 = [const 0_u8; -1]; return;", "not supported yet: this constant in a type"],
  ["_0 = const 'ab'; return;", "expected"],
  ["_0 = copy (_1 as Some); return;", "`u8` is no enum"],
  ["_0 = copy ((_3 as Nope).0: u8); return;", "`Mixed<u8>` has no variant `Nope`"],
  ["_0 = copy (*_1); return;", "a place of type `u8` cannot be dereferenced"],
  ["_0 = copy _1[_5]; return;", "a place of type `u8` cannot be indexed"],
  ["_0 = <u8 as Trait>::f(copy _1) -> [return: bb1, unwind continue];", "unknown trait `Trait`"],
  ["_0 = const N; return;", "not supported yet: the constant `N`"],
  ["_0 = const {alloc7: &u8}; return;", "there is no `alloc7`"],
  ["_0 = &raw const (*{alloc1: *const u8}); return;", "expected"],
  ["_0 = Mixed::<u8>::Tup(copy _1, copy _1); return;", "`Mixed::Tup` has 1 fields, not 2"],
  ["_3 = Mixed::<u8>::Nam { a: copy _1 }; return;", "the field `b` is not given"],
  ["_3 = Mixed::<u8>::Nam { a: copy _1, c: copy _1 }; return;", "`Mixed::Nam` has no field `c`"],
  ["_0 = copy _1 as u8 (Misc); return;", "not supported yet: the cast `Misc`"],
  ['assert(copy _1, "what is this", copy _1) -> [success: bb1, unwind continue];', "not supported yet: an assertion"],
  ["switchInt(copy _1) -> [];", "this switch goes nowhere"],
  ["switchInt(copy _1) -> [x: bb1];", "expected a value or `otherwise`"],
  ["/* no end", "expected a statement, found the end of the text"],
  ['_0 = const "no end', "this string has no end"],
])("%s is a diagnostic at its line", (statement, message) => {
  const diagnostic = diagnosticOf(inBody(statement));
  expect(diagnostic.message).toContain(message);
  expect(diagnostic.file).toBe("x.mir");
  expect(diagnostic.span.line).toBeGreaterThan(1);
  expect(diagnostic.span.column).toBeGreaterThan(0);
  expect(inBody(statement).split("\n")[diagnostic.span.line - 1]).toBe(diagnostic.sourceLine);
  expect(renderDiagnostic(diagnostic)).toContain("x.mir:");
});

test.each([
  ["struct S { a: S }", "`S` contains itself"],
  ["struct A { b: Option<B> } struct B(A);", "contains itself"],
  ["struct S; struct S;", "declared twice"],
  ["struct S { a: u8, a: u8 }", "declared twice"],
  ["enum E { A = 1, B = 1 }", "the discriminant 1 is there twice"],
  ["#[repr(u8)] enum E { A = 300 }", "does not fit in `u8`"],
  ["enum E { A(u8) = 3 }", "need an integer `repr`"],
  ["#[repr(align(3))] struct S;", "power of two"],
  ["#[repr(u8)] struct S;", "no discriminant"],
  ["#[panic_handler] fn f() -> () { bb0: { return; } }", "the attribute `panic_handler`"],
  ["struct S<T> { a: T } fn f(_1: S) -> () { bb0: { return; } }", "`S` has 1 type parameters, not 0"],
  ["fn f() -> Nope { bb0: { return; } }", "unknown type `Nope`"],
  ["struct a::X; struct b::X; fn f(_1: X) -> () { bb0: { return; } }", "several types are named `X`"],
  ["fn f() -> () { bb0: { return; } } fn f() -> () { bb0: { return; } }", "defined twice"],
  ["fn f() -> () { let _2: u8; bb0: { return; } }", "the local `_1` is not declared"],
  ["fn f() -> () { bb1: { return; } }", "the block `bb0` is missing"],
  ["fn f() -> () { bb0: { return; } bb0: { return; } }", "the block `bb0` is there twice"],
  ["fn f() -> () { let mut _0: u8; bb0: { return; } }", "the return place's type"],
  ["static X: u8 = const Y;", "not supported yet: the constant `Y`"],
  ["fn f() -> impl Copy { bb0: { return; } }", "not supported yet: the type `impl Copy`"],
  ["fn f(", "expected a type, found the end of the text"],
  ["union U { a: u8, a: u8 }", "declared twice"],
  ["trait T: Nope {}", "unknown trait `Nope`"],
  ["impl Nope {}", "unknown type `Nope`"],
  ["junk", "expected an item"],
  ["fn f(_1: [u8; 0bb0]) -> () { bb0: { return; } }", "not supported yet: this constant in a type"],
  ["fn f(_1: [u8; 0x]) -> () { bb0: { return; } }", "not supported yet: this constant in a type"],
  ["fn f(_1: [u8; 1 << 200]) -> () { bb0: { return; } }", "not supported yet: this constant in a type"],
  ["fn f(_1: [u8; 1 / 0]) -> () { bb0: { return; } }", "not supported yet: this constant in a type"],
  ["fn f(_1: [u8; 4 - 5]) -> () { bb0: { return; } }", "not supported yet: this constant in a type"],
  ["fn f(_1: [u8; 300u8]) -> () { bb0: { return; } }", "not supported yet: this constant in a type"],
  ["fn f(_1: [u8; 18446744073709551615]) -> () { bb0: { return; } }", "an array of 18446744073709551615 elements"],
  ["#[rustc_layout_scalar_valid_range_start(x)] struct S(u8);", "`x` is no unsigned number"],
  ["#[rustc_layout_scalar_valid_range_end(-1)] struct S(u8);", "`-1` is no unsigned number"],
  ["type A = (A, u8); fn f(_1: A) -> () { bb0: { return; } }", "the type `A` is made of itself"],
  ["type A = B; type B = A; fn f(_1: A) -> () { bb0: { return; } }", "is made of itself"],
  ["struct std::ptr::NonNull<T>(T);", "`std::ptr::NonNull` is declared by the standard library"],
  [
    "trait T { type O; } impl T for u8 { type O = <u16 as T>::O; } impl T for u16 { type O = <u8 as T>::O; } fn f(_1: <u8 as T>::O) -> () { bb0: { return; } }",
    "has no end",
  ],
])("%s is refused", (text, message) => {
  expect(diagnosticOf(text).message).toContain(message);
});

test("deep nesting is a diagnostic, not an exhausted stack", () => {
  for (const open of ["(", "[", "&", "*mut ", "Option<", "fn("]) {
    expect(diagnosticOf(`fn f(_1: ${open.repeat(100_000)}`).message).toBeDefined();
    expect(diagnosticOf(`fn f(_1: ${open.repeat(5000)}u8${"]>)".repeat(5000)}) -> () {}`).message).toBeDefined();
  }
  expect(diagnosticOf(inBody(`_0 = copy ${"(*".repeat(100_000)}_2`)).message).toBeDefined();
  expect(diagnosticOf(`fn f() -> () {\n${"scope 1 {\n".repeat(50_000)}}`).message).toBeDefined();
});

test("a large program takes linear time", () => {
  const block = inBody("_0 = copy _1; goto -> bb1;").slice(ITEMS.length);
  const program = (count: number): string =>
    ITEMS +
    Array.from({ length: count }, (_, i) =>
      block.replaceAll("fn callee", `fn callee${i}`).replace("fn f(", `fn f${i}(`),
    ).join("");
  // Processor time, which a busy machine does not stretch.
  const time = (text: string): number => {
    const start = process.cpuUsage();
    parseProgram(text);
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
  const [small, large] = [program(200), program(2000)];
  for (let i = 0; i < 3; i++) time(small);
  const best = (text: string): number => Math.min(time(text), time(text), time(text), time(text));
  // Ten times the text: quadratic time would be a hundred times.
  expect(best(large) / best(small)).toBeLessThan(45);
});

test("older spellings are read", () => {
  const text = inBody(
    `_1 = copy _1; _6 = CheckedAdd(copy _1, const 1_u8); _5 = Len(_4); _0 = const callee(move _1) -> bb1;`,
  ).replace("let mut _6: (u8, i32)", "let mut _6: (u8, bool)");
  const printed = printProgram(parseProgram(text));
  expect(printed).toContain("_1 = copy _1;");
  expect(printed).toContain("_6 = AddWithOverflow(copy _1, const 1_u8);");
  expect(printed).toContain("_5 = const 4_usize;");
  expect(printed).toContain("_0 = callee(move _1) -> [return: bb1, unwind continue];");
});

test("short and long paths mean the same type", () => {
  const text = `struct m::Q(u8);
fn f(_1: Q, _2: m::Q, _3: Option<Q>) -> std::option::Option<m::Q> {
    let mut _4: core::option::Option<m::Q>;
    bb0: { _4 = std::option::Option::<m::Q>::Some(copy _1); _4 = Option::<Q>::None; _0 = copy _4; return; }
}`;
  const program = parseProgram(text);
  const [f] = program.functions;
  expect(f!.params[0]).toBe(f!.params[1]);
  expect(f!.params[2]).toBe(f!.ret);
  expect(verifyProgram(program)).toEqual([]);
});

test("a given type context is used, and functions see later ones", () => {
  const tcx = newTyCtxt();
  const program = parseProgram(
    "fn a() -> u8 { bb0: { _0 = b() -> [return: bb1, unwind continue]; } bb1: { return; } } fn b() -> u8 { bb0: { _0 = const 1_u8; return; } }",
    { tcx },
  );
  expect(program.tcx).toBe(tcx);
  const { terminator } = program.functions[0]!.body!.blocks[0]!;
  const callee = terminator.kind === "call" && terminator.func.kind === "const" ? terminator.func.value : undefined;
  expect(callee).toMatchObject({ kind: "fn", item: program.functions[1] });
});

test("skipping leaves out what is not understood, and all that needs it", () => {
  const text = `static X: u8 = const Y;
struct Bad { s: Nope }
struct Worse(Bad);
fn needs(_1: *const Worse) -> u8 {
    bb0: { return; }
}
fn broken() -> u8 {
    bb0: { _0 = const Y; return; }
}
fn calls() -> u8 {
    bb0: { _0 = broken() -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
alloc1 (size: 4, align: 1) {
    22 7b 22 7b                                     │ "{"{
}
fn calls_too() -> fn() -> u8 {
    bb0: { _0 = calls as fn() -> u8 (PointerCoercion(ReifyFnPointer(Safe), Implicit)); return; }
}
fn fine() -> u8 {
    bb0: { _0 = const 1_u8; return; }
}
`;
  const { program, skipped } = parseProgramWithSkips(text, { onUnsupported: "skip" });
  expect(program.functions.map((item) => item.name)).toEqual(["fine"]);
  expect(program.adts).toEqual([]);
  expect(skipped.map((s) => s.name).sort()).toEqual(["Bad", "Worse", "X", "broken", "calls", "calls_too", "needs"]);
  expect(verifyProgram(program)).toEqual([]);
});

test("the discriminants of an enum may be bytes and expressions", () => {
  const program = parseProgram("#[repr(u8)] enum E { A = b'+', B = (1 << 3) | 0x_1, C = 300 as u8 }");
  expect(program.adts![0]!.variants.map((v) => v.discriminant)).toEqual([43n, 9n, 44n]);
});

test("what stands for more than can be is refused, where it stands", () => {
  const doubled = Array.from({ length: 40 }, (_, i) => `type A${i + 1} = (A${i}, A${i});`).join("\n");
  const diagnostic = diagnosticOf(`type A0 = u8;\n${doubled}\nfn f(_1: A40) -> () { bb0: { return; } }`);
  expect(diagnostic.message).toBe("a type of this program is too long");
  expect(diagnostic.span.line).toBeGreaterThan(0);
  const nested = Array.from({ length: 300 }, (_, i) => `struct S${i + 1}(S${i});`).join("\n");
  expect(diagnosticOf(`struct S0(u8);\n${nested}`).message).toContain("contains too many others");
  const field = "fn f(_1: {closure@a.rs:1:1: 1:2}) -> u8 { bb0: { _0 = copy (_1.4000000000: u8); return; } }";
  expect(diagnosticOf(field).message).toContain("has no field 4000000000");
});

test("allocations keep their order, whatever mentions them first", () => {
  const text = `fn f() -> () {
    let mut _0: ();
    let mut _1: &u8;

    bb0: {
        _1 = const {alloc3: &u8};
        _1 = const {alloc1: &u8};
        return;
    }
}

alloc1 (size: 1, align: 1) {
    01 │ .
}

alloc2 (size: 1, align: 1) {
    02 │ .
}

alloc3 (size: 8, align: 8) {
    ╾───────alloc2────────╼ │ ╾──────╼
}
`;
  expect(printProgram(parseProgram(text))).toBe(text);
});

test("what a skipped item would have been needed for is left out too", () => {
  const text = `struct Bad(Nope);
trait T { fn go() -> (); }
impl T for Bad { fn go() -> () { bb0: { return; } } }
static COUNT: u8 = const Nope;
static AGAIN: &u8 = const {alloc1: &u8};
fn counts() -> &u8 { bb0: { _0 = const {alloc1: &u8}; return; } }
fn fine() -> u8 { bb0: { _0 = const 1_u8; return; } }
alloc1 (static: COUNT)
`;
  const { program } = parseProgramWithSkips(text, { onUnsupported: "skip" });
  expect(program.functions.map((item) => item.name)).toEqual(["T::go", "fine"]);
  expect(program.statics ?? []).toEqual([]);
  expect((program.impls ?? []).filter((item) => !item.prelude)).toEqual([]);
  expect(verifyProgram(program)).toEqual([]);
});

test("a program's own types are not those that the prelude means", () => {
  const text = `struct own::NonNull<T>(Box<T>);
fn f(_1: own::NonNull<u8>) -> () { bb0: { return; } }`;
  const program = parseProgram(text);
  expect(verifyProgram(program)).toEqual([]);
  expect(printProgram(parseProgram(printProgram(program)))).toBe(printProgram(program));
});

test("only diagnostics escape, whatever the text", () => {
  const seed = printProgram(randomProgram(Array.from({ length: 400 }, (_, i) => (i * 7919) % 10_007)));
  const base = seed + inBody("_0 = callee(copy _1) -> [return: bb1, unwind continue];");
  const pieces = [
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    "::",
    "->",
    "_1",
    "bb0",
    "const ",
    "'",
    '"',
    "/*",
    "//",
    "\n",
    "0x",
    "9".repeat(50),
    "é",
    "\ud800",
    "fn ",
    "struct ",
    "alloc1 (",
    "-",
    ";",
    ",",
    "#[",
  ];
  const edit = fc.record({ at: fc.nat(base.length), remove: fc.nat(40), insert: fc.constantFrom("", ...pieces) });
  const check = (text: string): void => {
    for (const onUnsupported of ["error", "skip"] as const) {
      try {
        const program = parseProgram(text, { onUnsupported });
        verifyProgram(program);
        printProgram(program);
      } catch (error) {
        if (!(error instanceof Diagnostic)) throw error;
        expect(onUnsupported).toBe("error");
      }
    }
  };
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      let text = base;
      for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
      check(text);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.nat(base.length), (length) => check(base.slice(0, length))),
    { numRuns: 150 },
  );
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), check), { numRuns: 300 });
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), (words) => check(words.join(" "))),
    { numRuns: 500 },
  );
});

test.each([
  ['#[lang = ""freeze]\ntrait Freeze {}\n#[lang = "freeze"]\ntrait Freeze {}', "expected one string"],
  ['#[lang = _1"freeze"]\ntrait Freeze {}', "expected one string"],
  ["fn f<_>(_1: u8) -> () { bb0: { return; } }", "expected a type parameter"],
])("%s is refused", (text, message) => {
  expect(() => parseProgram(text)).toThrow(message);
});

test("the metadata of a trait object needs no type that the text mentions", () => {
  const text = `trait T {}
fn f(_1: *const dyn T) -> () { let mut _2: usize; bb0: { _2 = PtrMetadata(copy _1); return; } }`;
  expect(verifyProgram(parseProgram(text)).map(({ message }) => message)).toEqual([
    "a `std::ptr::DynMetadata<dyn T>` is stored in a place of type `usize`",
  ]);
});
