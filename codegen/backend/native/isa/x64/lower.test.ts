/**
 * Lowering, allocation and emission run natively against the IR's evaluator: every opcode, type and shape of operands, with both allocators
 * and everything verified.
 */

import { describe, expect, test } from "vitest";
import type { IrModule } from "../../ir/function.ts";
import type { CompileFlags } from "../../machinst/compile.ts";
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
import { runNative } from "./testing/run-native.ts";

const ALGORITHMS: readonly CompileFlags["algorithm"][] = ["fast", "linear-scan"];

function isNan(type: number, bits: bigint): boolean {
  if (type === 6) return (bits & 0x7fff_ffffn) > 0x7f80_0000n;
  return type === 7 && (bits & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n;
}

/** Equal, all NaNs being one. */
function same(module: IrModule, symbol: string, actual: readonly bigint[], expected: readonly bigint[]): boolean {
  const returns = module.functions.find((fn) => fn.symbol === symbol)!.signature.returns;
  return expected.every((bits, i) => actual[i] === bits || (isNan(returns[i]!, bits) && isNan(returns[i]!, actual[i]!)));
}

function check(fill: (s: SuiteBuilder) => void, minimum: number): void {
  const s = new SuiteBuilder();
  fill(s);
  const suite = s.finish();
  expect(suite.cases.length).toBeGreaterThan(minimum);
  for (const algorithm of ALGORITHMS) {
    const results = runNative(suite.module, suite.cases, { algorithm, verify: true, optForSize: algorithm === "fast" });
    const wrong: string[] = [];
    for (const [i, c] of suite.cases.entries()) {
      if (wrong.length >= 5) break;
      if (same(suite.module, c.symbol, results[i]!, suite.expected[i]!)) continue;
      wrong.push(`${algorithm}: ${s.textOf(c.symbol)}(${c.args.join(", ")}) = ${results[i]!.join(", ")}, not ${suite.expected[i]!.join(", ")}`);
    }
    expect(wrong).toEqual([]);
  }
}

describe("x64 code against the IR's evaluator", () => {
  for (const type of INT_TYPES) {
    test(`binary operations of ${type}`, () => check((s) => binarySuite(s, type), 2000));
    test(`unary operations and overflow branches of ${type}`, () =>
      check((s) => {
        unarySuite(s, type);
        overflowBranchSuite(s, type);
        selectSuite(s, type);
      }, 500));
    test(`comparisons of ${type}`, () => check((s) => compareSuite(s, type), 2000));
  }
  for (const type of FLOAT_TYPES) {
    test(`arithmetic of ${type}`, () =>
      check((s) => {
        floatSuite(s, type);
        selectSuite(s, type);
        s.add(`(${type}) -> ${type} {\nblock0(v0: ${type}):\n  v1 = black_box.${type} v0\n  return v1\n}`, [[1n]]);
      }, 1000));
    test(`comparisons of ${type}`, () => check((s) => compareSuite(s, type), 2000));
  }
  test("conversions", () => check(convertSuite, 2000));
});
