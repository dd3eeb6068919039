/** C-variadic functions: their arguments, and what `va_arg` may take them as. */

import { describe, expect, it } from "vitest";
import { mainOf, runText, valuesOf, verdictOf } from "./testing/run-text.ts";

/** A function that observes its further arguments, as these types. */
function taking(...types: string[]): string {
  const blocks = types.map(
    (
      ty,
      i,
    ) => `bb${2 * i}: { _3 = &mut _2; _${4 + i} = std::intrinsics::va_arg::<${ty}>(move _3) -> [return: bb${2 * i + 1}, unwind continue]; }
    bb${2 * i + 1}: { _0 = observe::<${ty}>(const 0_u32, copy _${4 + i}) -> [return: bb${2 * i + 2}, unwind continue]; }`,
  );
  return `unsafe extern "C" fn f(_1: u32, ...) -> () {
    let mut _3: &mut std::ffi::VaList<'_>; ${types.map((ty, i) => `let mut _${4 + i}: ${ty};`).join(" ")}
    ${blocks.join("\n")} bb${2 * types.length}: { return; } }`;
}

const LOCALS =
  'let mut _1: (); let mut _2: unsafe extern "C" fn(u32, ...); let mut _3: [u64; 4]; let mut _4: *const u8;';

function calling(args: string): string {
  return mainOf(
    LOCALS,
    `_4 = const 0_usize as *const u8 (PointerWithExposedProvenance); _1 = f(${args}) -> [return: bb1, unwind continue];`,
    "",
  );
}

describe("variable arguments", () => {
  it("are taken one after the other, of every size", () => {
    const text = `${taking("i32", "u64", "f64", "i64")} ${calling("const 9_u32, const -3_i32, const 5_u64, const 1.5_f64, const 7_i64")}`;
    expect(valuesOf(runText(text))).toEqual([0xfffffffdn, 5n, 0x3ff8000000000000n, 7n]);
  });

  it("need not all be taken, and each call has its own", () => {
    const twice = mainOf(
      LOCALS,
      "_1 = f(const 0_u32, const 1_u32, const 2_u32) -> [return: bb1, unwind continue];",
      "_1 = f(const 0_u32, const 3_u32) -> [return: bb2, unwind continue];",
      "",
    );
    expect(valuesOf(runText(`${taking("u32")} ${twice}`))).toEqual([1n, 3n]);
  });

  it("are passed through a pointer to the function", () => {
    const text = mainOf(
      LOCALS,
      '_2 = f as unsafe extern "C" fn(u32, ...) (PointerCoercion(ReifyFnPointer(Unsafe), Implicit)); _1 = copy _2(const 0_u32, const 4_u32) -> [return: bb1, unwind continue];',
      "",
    );
    expect(valuesOf(runText(`${taking("u32")} ${text}`))).toEqual([4n]);
  });

  it("are taken as the types that they were passed as", () => {
    const verdict = (taken: string, passed: string): string =>
      verdictOf(runText(`${taking(taken)} ${calling(`const 0_u32, ${passed}`)}`));
    expect(verdict("u32", "const 1_i32")).toBe("return");
    expect(verdict("u32", "const -1_i32")).toBe("callSignature");
    expect(verdict("u32", "const 1_u64")).toBe("callSignature");
    expect(verdict("f64", "const 1_u64")).toBe("callSignature");
    expect(verdict("*const i8", "copy _4")).toBe("return");
  });

  it("cannot be taken when there are no more", () => {
    const { outcome } = runText(`${taking("u32", "u32")} ${calling("const 0_u32, const 1_u32")}`);
    expect(outcome).toMatchObject({
      kind: "ub",
      error: { kind: "callSignature", message: expect.stringContaining("argument 1, which was not passed") },
    });
  });

  it("are no part of a call as another function", () => {
    const call = (ty: string, args: string): string =>
      verdictOf(
        runText(
          `${taking("u32")} ${mainOf(
            `let mut _1: (); let mut _2: unsafe extern "C" fn(u32, ...); let mut _3: ${ty};`,
            `_2 = f as unsafe extern "C" fn(u32, ...) (PointerCoercion(ReifyFnPointer(Unsafe), Implicit)); _3 = copy _2 as ${ty} (Transmute); _1 = copy _3(${args}) -> [return: bb1, unwind continue];`,
            "",
          )}`,
        ),
      );
    expect(call('unsafe extern "C" fn(u32, u32)', "const 0_u32, const 1_u32")).toBe("callSignature");
    expect(call('unsafe extern "C" fn(u32)', "const 0_u32")).toBe("callSignature");
    expect(call('unsafe extern "C" fn(u32, ...)', "const 0_u32, const 1_u32")).toBe("return");
  });
});
