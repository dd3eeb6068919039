/**
 * Lowering, allocation and emission run natively against the IR's evaluator: every opcode, type and shape of operands, with both allocators
 * and everything verified; and random programs.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../ir/eval.ts";
import type { IrFunction } from "../../ir/function.ts";
import { OPS } from "../../ir/opcodes.ts";
import { parseModule } from "../../ir/parse.ts";
import { assertVerified } from "../../ir/verifier.ts";
import { LOWERING_FAULTS } from "./faults.ts";
import { createX64 } from "./isa.ts";
import { allRules } from "./lower.ts";
import { ALGORITHMS, mismatches } from "./testing/compare.ts";
import { controlCases, memoryCases } from "./testing/control-cases.ts";
import {
  binarySuite,
  compareSuite,
  convertSuite,
  FLOAT_TYPES,
  floatSuite,
  INT_TYPES,
  overflowBranchSuite,
  SuiteBuilder,
  selectSuite,
  unarySuite,
} from "./testing/ir-cases.ts";
import { randomArgs, randomModule } from "./testing/random-ir.ts";
import type { NativeCase } from "./testing/run-native.ts";

function check(fill: (s: SuiteBuilder) => void, minimum: number): void {
  const s = new SuiteBuilder();
  fill(s);
  const { module, cases, expected } = s.finish();
  expect(cases.length).toBeGreaterThan(minimum);
  for (const algorithm of ALGORITHMS) {
    const wrong = mismatches(module, cases, expected, algorithm);
    expect(wrong.map((text) => `${text}\n${s.textOf(/t\d+/.exec(text)![0])}`)).toEqual([]);
  }
}

describe("x64 code against the IR's evaluator", () => {
  for (const type of INT_TYPES) {
    test(`binary operations of ${type}`, () => check((s) => binarySuite(s, type), 1500));
    test(`unary operations and overflow branches of ${type}`, () =>
      check((s) => {
        unarySuite(s, type);
        overflowBranchSuite(s, type);
        selectSuite(s, type);
      }, 500));
    test(`comparisons of ${type}`, () => check((s) => compareSuite(s, type), 1000));
  }
  for (const type of FLOAT_TYPES) {
    test(`arithmetic of ${type}`, () =>
      check((s) => {
        floatSuite(s, type);
        selectSuite(s, type);
        s.add(`(${type}) -> ${type} {\nblock0(v0: ${type}):\n  v1 = black_box.${type} v0\n  return v1\n}`, [[1n]]);
      }, 1000));
    test(`comparisons of ${type}`, () => check((s) => compareSuite(s, type), 1000));
  }
  test("conversions", () => check(convertSuite, 2000));
  test("memory", () => check(memoryCases, 50));
  test("control flow", () => check(controlCases, 50));
});

/** Modules of consecutive seeds in one executable. */
function randomMismatches(first: number, count: number): string[] {
  const functions: IrFunction[] = [];
  const cases: NativeCase[] = [];
  const expected: (readonly bigint[])[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const { text, entry } = randomModule(seed, `s${seed}_`);
    const module = parseModule(text, `seed${seed}`);
    for (const fn of module.functions) assertVerified(fn, "generation");
    for (const args of randomArgs(seed, entry.params, 3)) {
      const { outcome } = evaluate(module, entry.symbol, args);
      if (outcome.kind !== "return") throw new Error(`seed ${seed} does not return: ${JSON.stringify(outcome)}`);
      cases.push({ symbol: entry.symbol, args });
      expected.push(outcome.values);
    }
    functions.push(...module.functions);
  }
  return ALGORITHMS.flatMap((algorithm) => mismatches({ name: "random", functions }, cases, expected, algorithm));
}

test("random programs compute what the evaluator says", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (first) => {
      expect(randomMismatches(first, 12)).toEqual([]);
    }),
    { numRuns: 5 },
  );
});

test("rules have names of their own, and every opcode has a rule", () => {
  const rules = allRules();
  expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length);
  const handled = new Set(rules.map((rule) => rule.op));
  // These are other names for registers, or made at each use (see `machinst/lower.ts`).
  const unruled = ["nop", "iconst", "fconst", "stack_addr", "func_addr", "ireduce", "isplit", "iconcat"];
  expect(
    OPS.filter((_, op) => !handled.has(op))
      .map((info) => info.name)
      .sort(),
  ).toEqual(unruled.sort());
});

describe("the suites notice planted faults", () => {
  // Faults of what the suites have few cases for are left to the hunt.
  const suites: Readonly<Record<string, (s: SuiteBuilder) => void>> = {
    "sign-extension-missing": convertSuite,
    "remainder-signedness": (s) => binarySuite(s, "i8"),
    "shift-right-signedness": (s) => binarySuite(s, "i8"),
    "compare-signedness": (s) => compareSuite(s, "i8"),
    "jump-table-off-by-one": controlCases,
    "memcpy-tail": memoryCases,
  };
  for (const [name, fill] of Object.entries(suites))
    test(name, () => {
      const fault = LOWERING_FAULTS.find((f) => f.name === name)!;
      const s = new SuiteBuilder();
      fill(s);
      const { module, cases, expected } = s.finish();
      expect(mismatches(module, cases, expected, "linear-scan", createX64(fault.overrides))).not.toEqual([]);
    });
});
