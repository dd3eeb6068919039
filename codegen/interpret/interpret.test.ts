/**
 * What runs come to: calls, panics, limits, flags, coverage, and the bytecode's numbering.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LayoutCx } from "../layout/layout.ts";
import { parseProgram } from "../mir/parser.ts";
import { entryPoints } from "../mir/program.ts";
import { EventKind, PanicCode } from "../runtime/events.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { coverageOf, interpretEntry, prepareProgram } from "./interpret.ts";
import { OPCODES } from "./opcodes.ts";
import { eventsOf, mainOf, runText, valuesOf, verdictOf } from "./testing/run-text.ts";

/** `main` that computes into `_1: ty` and observes it. */
function observedOf(ty: string, statements: string, locals = "", items = ""): bigint[] {
  const text = mainOf(
    `let mut _1: ${ty}; let mut _2: (); ${locals}`,
    `${statements} _2 = observe::<${ty}>(const 9_u32, copy _1) -> [return: bb1, unwind continue];`,
    "",
  );
  return valuesOf(runText(`${items} ${text}`));
}

const REIFY = "(PointerCoercion(ReifyFnPointer(Safe), Implicit))";

describe("calls", () => {
  const FACTORIAL = `fn factorial(_1: u64) -> u64 {
    let mut _2: u64; let mut _3: u64; let mut _4: (u64, bool);
    bb0: { switchInt(copy _1) -> [0: bb1, otherwise: bb2]; }
    bb1: { _0 = const 1_u64; return; }
    bb2: { _2 = Sub(copy _1, const 1_u64); _3 = factorial(move _2) -> [return: bb3, unwind continue]; }
    bb3: { _4 = MulWithOverflow(copy _1, copy _3); assert(!move (_4.1: bool), "attempt to compute \`{} * {}\`, which would overflow", copy _1, copy _3) -> [success: bb4, unwind continue]; }
    bb4: { _0 = move (_4.0: u64); return; }
}`;
  const factorialOf = (n: number): string =>
    `${FACTORIAL} ${mainOf("let mut _1: u64; let mut _2: ();", `_1 = factorial(const ${n}_u64) -> [return: bb1, unwind continue];`, "_2 = observe::<u64>(const 0_u32, copy _1) -> [return: bb2, unwind continue];", "")}`;

  it("recurse", () => {
    expect(valuesOf(runText(factorialOf(20)))).toEqual([2432902008176640000n]);
  });

  it("panic where an assertion fails, and say so last", () => {
    const result = runText(factorialOf(21));
    expect(verdictOf(result)).toBe(`panic ${PanicCode.OVERFLOW_MUL}`);
    expect(eventsOf(result)).toEqual([{ kind: EventKind.PANIC, tag: 0, value: BigInt(PanicCode.OVERFLOW_MUL) }]);
  });

  it("go through pointers, with structs in registers and arrays in memory", () => {
    const items = `struct P { a: i32, b: i64 }
fn f(_1: P, _2: [u16; 3], _3: &mut [u16; 3]) -> [u16; 3] {
    let mut _4: u16;
    bb0: { _0 = copy _2; _4 = copy (_1.0: i32) as u16 (IntToInt); _0[1 of 3] = copy _4; (*_3)[0 of 3] = const 99_u16; return; }
}`;
    const locals =
      "let mut _3: [u16; 3]; let mut _4: [u16; 3]; let mut _5: fn(P, [u16; 3], &mut [u16; 3]) -> [u16; 3]; let mut _6: P; let mut _7: &mut [u16; 3];";
    const text = mainOf(
      `let mut _1: [u16; 3]; let mut _2: (); ${locals}`,
      `_3 = [const 1_u16, const 2_u16, const 3_u16]; _4 = [const 5_u16; 3]; _7 = &mut _4; _6 = P { a: const 7_i32, b: const 8_i64 };
       _5 = f as fn(P, [u16; 3], &mut [u16; 3]) -> [u16; 3] ${REIFY}; _1 = move _5(move _6, move _3, copy _7) -> [return: bb1, unwind continue];`,
      "_2 = observe::<[u16; 3]>(const 1_u32, copy _1) -> [return: bb2, unwind continue];",
      "_2 = observe::<&mut [u16; 3]>(const 2_u32, copy _7) -> [return: bb3, unwind continue];",
      "",
    );
    expect(valuesOf(runText(`${items} ${text}`))).toEqual([1n, 7n, 3n, 99n, 5n, 5n]);
  });

  it("instantiate generics", () => {
    const items = "fn swap<A, B>(_1: A, _2: B) -> (B, A) { bb0: { _0 = (move _2, move _1); return; } }";
    const text = mainOf(
      "let mut _1: (u8, [i32; 2]); let mut _2: (); let mut _3: [i32; 2]; let mut _4: (bool, char);",
      "_3 = [const 1_i32, const -2_i32]; _1 = swap::<[i32; 2], u8>(move _3, const 5_u8) -> [return: bb1, unwind continue];",
      "_2 = observe::<(u8, [i32; 2])>(const 0_u32, copy _1) -> [return: bb2, unwind continue];",
      "_4 = swap::<char, bool>(const 'x', const true) -> [return: bb3, unwind continue];",
      "_2 = observe::<(bool, char)>(const 0_u32, copy _4) -> [return: bb4, unwind continue];",
      "",
    );
    expect(valuesOf(runText(`${items} ${text}`))).toEqual([5n, 1n, 0xfffffffen, 1n, 120n]);
  });

  it("write results through places that were computed before", () => {
    const items = "fn one(_1: u8) -> u8 { bb0: { _0 = Add(copy _1, const 1_u8); return; } }";
    const text = mainOf(
      "let mut _1: [u8; 4]; let mut _2: (); let mut _3: usize; let mut _4: &mut [u8; 4];",
      "_1 = [const 0_u8; 4]; _3 = const 2_usize; _4 = &mut _1; (*_4)[_3] = one(const 6_u8) -> [return: bb1, unwind continue];",
      "_2 = observe::<[u8; 4]>(const 0_u32, copy _1) -> [return: bb2, unwind continue];",
      "",
    );
    expect(valuesOf(runText(`${items} ${text}`))).toEqual([0n, 0n, 7n, 0n]);
  });
});

describe("limits", () => {
  it("stop what does not end", () => {
    const result = runText(mainOf("", "goto -> bb1;", "goto -> bb1;", ""), 1000);
    expect(verdictOf(result)).toBe("outOfFuel");
    expect(result.steps).toBe(1000);
  });

  it("stop what recurses too deep", () => {
    const items =
      "fn f() -> () { let mut _1: (); bb0: { _1 = f() -> [return: bb1, unwind continue]; } bb1: { return; } }";
    expect(
      verdictOf(runText(`${items} ${mainOf("let mut _1: ();", "_1 = f() -> [return: bb1, unwind continue];", "")}`)),
    ).toBe("resourceExhaustion");
  });

  it("end a run that needs more memory than there is, without a verdict", () => {
    const heap = `extern "C" { fn __rust_alloc(_1: usize, _2: usize) -> *mut u8; fn malloc(_1: usize) -> *mut u8; }`;
    const ends = (locals: string, ...blocks: string[]): unknown =>
      runText(`${heap} ${mainOf(`let mut _1: *mut u8; ${locals}`, ...blocks, "")}`).outcome;
    const exhausted = (what: string): object => ({ kind: "resourceExhaustion", what: expect.stringContaining(what) });
    const rust = (size: bigint, align: bigint): string =>
      `_1 = __rust_alloc(const ${size}_usize, const ${align}_usize) -> [return: bb1, unwind continue];`;
    expect(ends("", rust(1n << 40n, 8n))).toEqual(exhausted("1099511627776 bytes"));
    expect(ends("", rust(8n, 1n << 40n))).toEqual(exhausted("aligned to 1099511627776"));
    expect(ends("", rust(1n << 63n, 8n))).toMatchObject({ kind: "ub" });
    expect(ends("let mut _2: [u64; 4294967296];", "goto -> bb1;")).toEqual(exhausted("[u64; 4294967296]"));
    expect(ends("let mut _2: [u8; 67108864];", "_2 = [const 0_u8; 67108864]; goto -> bb1;")).toEqual(
      exhausted("stack"),
    );
    expect(ends("", rust(1n << 27n, 8n))).toEqual(exhausted("134217728 bytes"));
    // C's heap says no to what no machine has, and that is an answer.
    const c = `_1 = malloc(const ${1n << 63n}_usize) -> [return: bb1, unwind continue];`;
    expect(ends("", c)).toEqual({ kind: "return" });
  });

  it("stop a flood of events", () => {
    const text = mainOf(
      "let mut _1: ();",
      "goto -> bb1;",
      "_1 = observe::<bool>(const 0_u32, const true) -> [return: bb1, unwind continue];",
      "",
    );
    const result = runText(text, 1_000_000, 10);
    expect(verdictOf(result)).toBe("eventLimit");
    expect(eventsOf(result).length).toBe(10);
  });

  it("say what is not supported", () => {
    const text = `extern "C" fn g() -> (); ${mainOf("let mut _1: ();", "_1 = g() -> [return: bb1, unwind continue];", "")}`;
    expect(runText(text).outcome).toMatchObject({ kind: "unsupported" });
  });

  it("count statements and terminators", () => {
    expect(runText(mainOf("let mut _1: i32;", "_1 = const 1_i32; nop; goto -> bb1;", "_1 = const 2_i32;")).steps).toBe(
      5,
    );
  });
});

describe("intrinsics", () => {
  it("pass values through a black box", () => {
    const text = mainOf(
      "let mut _1: [u8; 3]; let mut _2: (); let mut _3: [u8; 3]; let mut _4: i64;",
      "_3 = [const 4_u8; 3]; _1 = black_box::<[u8; 3]>(move _3) -> [return: bb1, unwind continue];",
      "_4 = black_box::<i64>(const -1_i64) -> [return: bb2, unwind continue];",
      "_2 = observe::<[u8; 3]>(const 0_u32, copy _1) -> [return: bb3, unwind continue];",
      "_2 = observe::<i64>(const 0_u32, copy _4) -> [return: bb4, unwind continue];",
      "",
    );
    expect(valuesOf(runText(text))).toEqual([4n, 4n, 4n, 0xffffffffffffffffn]);
  });

  it("write raw records and panic", () => {
    const text = mainOf(
      "let mut _1: (); let mut _2: !;",
      "_1 = observe_scalar(const 14_u32, const 3_u32, const 5_u64, const 6_u64) -> [return: bb1, unwind continue];",
      "_2 = panic(const 10_u32) -> unwind continue;",
      "",
    );
    const result = runText(text);
    expect(verdictOf(result)).toBe("panic 10");
    expect(eventsOf(result)[0]).toEqual({ kind: 14, tag: 3, value: (6n << 64n) | 5n });
  });

  it("observe nothing for nothing, and variants of empty enums", () => {
    const items = "enum One { Only } struct S { a: (), b: One, c: [u8; 0] }";
    const text = mainOf(
      "let mut _1: S; let mut _2: (); let mut _3: (); let mut _4: One; let mut _5: [u8; 0];",
      "_3 = (); _4 = One::Only; _5 = []; _1 = S { a: copy _3, b: copy _4, c: copy _5 }; _2 = observe::<S>(const 0_u32, copy _1) -> [return: bb1, unwind continue];",
      "",
    );
    expect(eventsOf(runText(`${items} ${text}`)).map((e) => e.kind)).toEqual([EventKind.VARIANT]);
  });
});

describe("what Rust leaves open", () => {
  const flags = (locals: string, statements: string): string => {
    const result = runText(mainOf(locals, statements));
    expect(verdictOf(result)).toBe("return");
    return `${result.nanBitsObserved ? "nan" : ""}${result.addressObserved ? "address" : ""}`;
  };

  it("is noted when the bits of a NaN are looked at", () => {
    expect(
      flags(
        "let mut _1: f32; let mut _2: u32;",
        "_1 = Div(const 0.0_f32, const 0.0_f32); _2 = copy _1 as u32 (Transmute);",
      ),
    ).toBe("nan");
    expect(
      flags(
        "let mut _1: f32; let mut _2: u32;",
        "_1 = Div(const 1.0_f32, const 0.0_f32); _2 = copy _1 as u32 (Transmute);",
      ),
    ).toBe("");
    expect(
      flags(
        "let mut _1: f64; let mut _2: i8;",
        "_1 = Div(const 0.0_f64, const 0.0_f64); _2 = copy _1 as i8 (FloatToInt);",
      ),
    ).toBe("");
    const array =
      "let mut _1: [f64; 2]; let mut _2: *const [f64; 2]; let mut _3: *const u64; let mut _4: u64; let mut _5: f64; let mut _6: [f64; 2];";
    const nan =
      "_5 = Sub(const +Inf_f64, const +Inf_f64); _1 = [copy _5, const 1.0_f64]; _6 = copy _1; _2 = &raw const _6; _3 = copy _2 as *const u64 (PtrToPtr);";
    expect(flags(array, `${nan} _4 = copy (*_3);`)).toBe("nan");
    expect(flags(array, `${nan} _3 = Offset(copy _3, const 1_usize); _4 = copy (*_3);`)).toBe("");
  });

  it("is noted when addresses are looked at", () => {
    const locals =
      "let mut _1: i32; let mut _2: i32; let mut _3: *const i32; let mut _4: *const i32; let mut _5: bool; let mut _6: usize;";
    const two = "_1 = const 1_i32; _2 = const 2_i32; _3 = &raw const _1; _4 = &raw const _2;";
    expect(flags(locals, `${two} _5 = Lt(copy _3, copy _4);`)).toBe("address");
    expect(flags(locals, `${two} _5 = Eq(copy _3, copy _4);`)).toBe("");
    expect(flags(locals, `${two} _4 = Offset(copy _3, const 1_isize); _5 = Lt(copy _3, copy _4);`)).toBe("");
    expect(flags(locals, `${two} _4 = Offset(copy _4, const 1_isize); _5 = Eq(copy _3, copy _4);`)).toBe("address");
    expect(flags(locals, `${two} _6 = copy _3 as usize (PointerExposeProvenance);`)).toBe("address");
    expect(flags(locals, `${two} _6 = copy _3 as usize (Transmute);`)).toBe("address");
    expect(
      flags(
        locals,
        "_4 = const 0_usize as *const i32 (PointerWithExposedProvenance); _6 = copy _4 as usize (PointerExposeProvenance);",
      ),
    ).toBe("address");
    expect(
      flags(locals, "_4 = const 8_usize as *const i32 (Transmute); _6 = copy _4 as usize (PointerExposeProvenance);"),
    ).toBe("");
  });

  it("leaves exposed pointers usable", () => {
    const locals = "let mut _3: i32; let mut _4: *mut i32; let mut _5: usize; let mut _6: *mut i32;";
    const round =
      "_3 = const 5_i32; _4 = &raw mut _3; _5 = copy _4 as usize (PointerExposeProvenance); _6 = copy _5 as *mut i32 (PointerWithExposedProvenance); (*_6) = const 6_i32; _1 = copy _3;";
    expect(observedOf("i32", round, locals)).toEqual([6n]);
    const hidden = round.replace("copy _4 as usize (PointerExposeProvenance)", "copy _4 as usize (Transmute)");
    expect(verdictOf(runText(mainOf(`let mut _1: i32; let mut _2: (); ${locals}`, hidden)))).toBe("danglingPointer");
  });
});

describe("values", () => {
  it("canonicalise NaN in events", () => {
    expect(
      observedOf("f64", "_3 = Sub(const +Inf_f64, const +Inf_f64); _1 = Neg(copy _3);", "let mut _3: f64;"),
    ).toEqual([0x7ff8000000000000n]);
  });

  it("keep a pointer through memory, whole or in halves", () => {
    const locals = "let mut _3: i32; let mut _4: [*const i32; 2]; let mut _5: [*const i32; 2]; let mut _6: *const i32;";
    const statements =
      "_3 = const 77_i32; _6 = &raw const _3; _4 = [copy _6, copy _6]; _5 = copy _4; _6 = copy _5[1 of 2]; _1 = copy (*_6);";
    expect(observedOf("i32", statements, locals)).toEqual([77n]);
  });

  it("index and project deeply", () => {
    const items = "struct In { x: u8, y: [u16; 3] } struct Out { a: In, b: [In; 2] }";
    const locals =
      "let mut _3: Out; let mut _4: In; let mut _5: In; let mut _6: In; let mut _7: [u16; 3]; let mut _8: [In; 2]; let mut _9: usize; let mut _10: &mut Out;";
    const statements = `_7 = [const 1_u16, const 2_u16, const 3_u16]; _4 = In { x: const 1_u8, y: copy _7 }; _5 = copy _4; _6 = copy _4; _8 = [move _4, move _5];
      _3 = Out { a: move _6, b: move _8 }; _9 = const 1_usize; _10 = &mut _3; ((*_10).1: [In; 2])[_9].1 = [const 9_u16; 3]; _1 = copy ((_3.1: [In; 2])[1 of 2].1: [u16; 3])[-1 of 3];`;
    expect(
      observedOf(
        "u16",
        statements.replace(
          "[_9].1 =",
          "[_9] = In { x: const 4_u8, y: copy _7 }; (((*_10).1: [In; 2])[_9].1: [u16; 3]) =",
        ),
        locals,
        items,
      ),
    ).toEqual([9n]);
  });
});

describe("constants", () => {
  it("may be variants of an enum without fields", () => {
    const items = "enum E { A, B = 7, C } fn f(_1: E, _2: E) -> (E, E) { bb0: { _0 = (copy _2, copy _1); return; } }";
    const text = mainOf(
      "let mut _1: (E, E); let mut _2: (); let mut _3: E; let mut _4: [E; 2]; let mut _5: isize;",
      "_3 = const E::B; _5 = discriminant(_3); _4 = [const E::C; 2]; _1 = f(const E::A, const E::C) -> [return: bb1, unwind continue];",
      "_2 = observe::<(E, E)>(const 0_u32, copy _1) -> [return: bb2, unwind continue];",
      "_2 = observe::<[E; 2]>(const 0_u32, copy _4) -> [return: bb3, unwind continue];",
      "_2 = observe::<E>(const 0_u32, const E::B) -> [return: bb4, unwind continue];",
      "_2 = observe::<isize>(const 0_u32, copy _5) -> [return: bb5, unwind continue];",
      "",
    );
    expect(valuesOf(runText(`${items} ${text}`))).toEqual([2n, 0n, 2n, 2n, 1n, 7n]);
  });
});

describe("coverage", () => {
  it("tells which blocks ran", () => {
    const program = parseProgram(
      mainOf(
        "let mut _1: bool;",
        "_1 = const true; switchInt(copy _1) -> [0: bb1, otherwise: bb2];",
        "goto -> bb2;",
        "",
      ),
    );
    const prepared = prepareProgram(program, new LayoutCx(program.tcx, HOST_TARGET.dataLayout), { coverage: true });
    interpretEntry(prepared, entryPoints(program)[0]!, { fuel: 100 });
    expect(coverageOf(prepared).map((c) => [c.item.name, [...c.blocks]])).toEqual([["main", [1, 0, 1]]]);
  });
});

describe("the machine", () => {
  it("numbers its cases as the opcodes are numbered", () => {
    const files =
      "execute machine-float machine-wide machine-extra machine-memory machine-pointers machine-observe".split(" ");
    const source = files.map((f) => readFileSync(new URL(`./${f}.ts`, import.meta.url), "utf8")).join("\n");
    const cases = [...source.matchAll(/case (\d+):\s*\{?\s*\/\/ (\w+)/g)].map((m) => [Number(m[1]), m[2]]);
    expect(cases.length).toBe(OPCODES.length);
    for (const [number, name] of cases) expect(OPCODES[Number(number)]).toBe(name);
    for (const m of source.matchAll(/=== (\d+) \/\* (\w+) \*\//g)) expect(OPCODES[Number(m[1])]).toBe(m[2]);
  });

  it("ends without a verdict where a body needs an impl or a type that is not there", () => {
    const call = "trait T { fn f() -> u32; }";
    expect(
      runText(`${call} ${mainOf("let mut _1: u32;", "_1 = <u32 as T>::f() -> [return: bb1, unwind continue];", "")}`)
        .outcome,
    ).toMatchObject({ kind: "unsupported", what: expect.stringContaining("`u32: T` does not hold") });
    const type = "trait T { type Out; } struct S<A: T>(A::Out);";
    expect(runText(`${type} ${mainOf("let mut _1: S<u32>;", "")}`).outcome.kind).toBe("unsupported");
  });

  it("does the same twice", () => {
    const text = mainOf(
      "let mut _1: i32; let mut _2: *const i32; let mut _3: ();",
      "_1 = const 1_i32; _2 = &raw const _1; _3 = observe::<*const i32>(const 0_u32, copy _2) -> [return: bb1, unwind continue];",
      "",
    );
    const first = runText(text);
    expect(verdictOf(runText(mainOf("let mut _1: i32; let mut _2: i32;", "_2 = copy _1;")))).toBe("uninit");
    expect(runText(text)).toEqual(first);
  });
});
