/**
 * Whether two modules do the same, by evaluation: the comparison that the optimiser's tests rest on.
 */

import { type EvalResult, evaluate } from "../eval.ts";
import type { IrModule } from "../function.ts";

/** Arguments of the random modules' `f`. */
export const INPUTS: readonly (readonly bigint[])[] = [
  [0n, 0n, 0n, 0n],
  [5n, 0xffff_fffdn, 200n, 0x4008_0000_0000_0000n],
  [0xffff_ffff_ffff_fff0n, 77n, 1n, 0xbff8_0000_0000_0000n],
];

const host = (): readonly bigint[] => [];

/** What `f` of a random module does on each input. */
export function behaviour(module: IrModule, fuel = 20_000): readonly EvalResult[] {
  return INPUTS.map((input) => evaluate(module, "f", input, { host, fuel }));
}

function text(result: EvalResult): string {
  return JSON.stringify(result, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

/**
 * The first difference between what a module did before (`before`) and does now, as text; `undefined` when there is none. What trapped or
 * did not end before may do anything now.
 */
export function firstDifference(before: readonly EvalResult[], module: IrModule): string | undefined {
  for (let i = 0; i < before.length; i++) {
    const expected = before[i]!;
    if (expected.outcome.kind !== "return") continue;
    const actual = evaluate(module, "f", INPUTS[i]!, { host, fuel: 80_000 });
    if (text(actual) !== text(expected)) return `input ${i}:\nexpected ${text(expected)}\nactual   ${text(actual)}`;
  }
  return undefined;
}
