/**
 * Compares native results with the evaluator's: the judgement that the tests of lowering share.
 */

import type { IrModule } from "../../../ir/function.ts";
import { Type } from "../../../ir/opcodes.ts";
import type { CompileFlags } from "../../../machinst/compile.ts";
import type { TargetIsa } from "../../../machinst/target-isa.ts";
import { type NativeCase, runNative } from "./run-native.ts";

export const ALGORITHMS: readonly CompileFlags["algorithm"][] = ["fast", "linear-scan"];

function isNan(type: number, bits: bigint): boolean {
  if (type === Type.F32) return (bits & 0x7fff_ffffn) > 0x7f80_0000n;
  return type === Type.F64 && (bits & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n;
}

/** Equal bit for bit, but all NaNs being one. */
function sameResults(types: readonly number[], actual: readonly bigint[], expected: readonly bigint[]): boolean {
  return expected.every((bits, i) => actual[i] === bits || (isNan(types[i]!, bits) && isNan(types[i]!, actual[i]!)));
}

/** Runs `cases` natively and describes those whose results are not the expected ones, at most `limit`. */
export function mismatches(
  module: IrModule,
  cases: readonly NativeCase[],
  expected: readonly (readonly bigint[])[],
  algorithm: CompileFlags["algorithm"],
  isa?: TargetIsa,
  limit = 5,
): string[] {
  const signatures = new Map(module.functions.map((fn) => [fn.symbol, fn.signature]));
  const results = runNative(module, cases, { algorithm, verify: true, optForSize: algorithm === "fast" }, isa);
  const wrong: string[] = [];
  for (const [i, c] of cases.entries()) {
    if (sameResults(signatures.get(c.symbol)!.returns, results[i]!, expected[i]!)) continue;
    wrong.push(
      `${algorithm}: ${c.symbol}(${c.args.join(", ")}) = ${results[i]!.join(", ")}, not ${expected[i]!.join(", ")}`,
    );
    if (wrong.length === limit) break;
  }
  return wrong;
}
