/** What the options of a run decide: spurious failures, the checks that code asks for. */

import { describe, expect, it } from "vitest";
import type { RuntimeChecks } from "./compile.ts";
import { mainOf, runWith, valuesOf, verdictOf } from "./testing/run-text.ts";

describe("a weak compare-exchange", () => {
  const text = `#[rustc_intrinsic] unsafe fn atomic_cxchgweak_seqcst_seqcst<T>(*mut T, T, T) -> (T, bool);
#[rustc_intrinsic] unsafe fn atomic_cxchg_seqcst_seqcst<T>(*mut T, T, T) -> (T, bool);
${mainOf(
  "let mut _1: u32; let mut _2: *mut u32; let mut _3: (u32, bool); let mut _4: ();",
  "_1 = const 1_u32; _2 = &raw mut _1; _3 = atomic_cxchgweak_seqcst_seqcst::<u32>(copy _2, const 1_u32, const 2_u32) -> [return: bb1, unwind continue];",
  "_4 = observe::<(u32, bool)>(const 0_u32, copy _3) -> [return: bb2, unwind continue];",
  "",
)}`;
  const succeeds = (source: string, seed: number, weakFailureRate?: number): boolean => {
    const options = weakFailureRate === undefined ? {} : { weakFailureRate };
    const [seen, done] = valuesOf(runWith(source, {}, { fuel: 1000, seed, ...options }));
    expect(seen).toBe(1n);
    return done === 1n;
  };
  const count = (source: string, rate?: number): number =>
    Array.from({ length: 200 }, (_, seed) => succeeds(source, seed, rate)).filter((done) => done).length;

  it("fails as often as the options say, by the seed, and in four of five runs by default", () => {
    expect(count(text, 0)).toBe(200);
    expect(count(text, 1)).toBe(0);
    expect(count(text)).toBeGreaterThan(20);
    expect(count(text)).toBeLessThan(60);
  });

  it("is the only one that does", () => {
    expect(count(text.replaceAll("cxchgweak", "cxchg").replace(/^.*\n/, ""), 1)).toBe(200);
  });
});

describe("checks at run time", () => {
  const text = mainOf(
    "let mut _1: bool; let mut _2: bool; let mut _3: ();",
    "_1 = UbChecks(); _2 = ContractChecks(); _3 = observe::<bool>(const 0_u32, copy _1) -> [return: bb1, unwind continue];",
    "_3 = observe::<bool>(const 0_u32, copy _2) -> [return: bb2, unwind continue];",
    "",
  );
  const checks = (runtimeChecks: Partial<RuntimeChecks>): bigint[] => valuesOf(runWith(text, { runtimeChecks }));

  it("are off, and on where the options say so", () => {
    expect(checks({})).toEqual([0n, 0n]);
    expect(checks({ ub: true })).toEqual([1n, 0n]);
    expect(checks({ contract: true })).toEqual([0n, 1n]);
  });
});

describe("symbols", () => {
  const main = mainOf(
    "let mut _1: u32; let mut _2: ();",
    "_1 = answer() -> [return: bb1, unwind continue];",
    "_2 = observe::<u32>(const 0_u32, copy _1) -> [return: bb2, unwind continue];",
    "",
  );
  const program = (definition: string): string => `unsafe extern "C" { fn answer() -> u32; } ${definition} ${main}`;

  it("that the program exports are what its `extern` declarations mean, at compatible types", () => {
    const body = "{ bb0: { _0 = const 42_u32; return; } }";
    expect(valuesOf(runWith(program(`#[export_name = "answer"] extern "C" fn own() -> u32 ${body}`), {}))).toEqual([
      42n,
    ]);
    expect(verdictOf(runWith(program(`#[export_name = "answer"] fn own() -> u32 ${body}`), {}))).toBe("callSignature");
  });
});
