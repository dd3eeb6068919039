/** Every pass, sequences of passes and every pipeline keep what random modules do, and keep them well formed. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OPT_LEVELS, type OptLevel } from "../../../session/session.ts";
import { cloneModule } from "../ir/clone.ts";
import type { IrModule } from "../ir/function.ts";
import { behaviour, firstDifference } from "../ir/testing/compare.ts";
import { arbitraryChoices, randomModule } from "../ir/testing/random-module.ts";
import { printFunction, printModule } from "../ir/text.ts";
import { assertVerified } from "../ir/verifier.ts";
import { newPassCx } from "./context.ts";
import { baseName, DEFAULT_PASSES, type PassRow } from "./pass-table.ts";
import { DEFAULT_POLICY } from "./policy.ts";

const PASSES: ReadonlyMap<string, PassRow> = new Map(DEFAULT_PASSES.rows.map((row) => [baseName(row.name), row]));

function runPass(module: IrModule, row: PassRow, level: OptLevel): boolean {
  const cx = newPassCx(DEFAULT_POLICY, level, module.roots);
  if (row.kind === "module") return row.run(module, cx);
  let changed = false;
  for (const fn of module.functions) if (row.run(fn, cx)) changed = true;
  return changed;
}

function check(module: IrModule, rows: readonly PassRow[], level: OptLevel): void {
  const before = behaviour(module);
  const original = printModule(module);
  for (const row of rows) {
    runPass(module, row, level);
    for (const fn of module.functions) assertVerified(fn, `after ${row.name}`);
  }
  const difference = firstDifference(before, module);
  if (difference === undefined) return;
  throw new Error(`${rows.map((row) => row.name).join(", ")}: ${difference}\n${original}\n---\n${printModule(module)}`);
}

describe("behaviour and form are kept", () => {
  test.each([...PASSES.keys()])("by %s alone", (name) => {
    fc.assert(
      fc.property(arbitraryChoices(), (choices) => check(randomModule(choices), [PASSES.get(name)!], "3")),
      { numRuns: 50 },
    );
  });

  test("by any sequence of passes", () => {
    const sequence = fc.array(fc.constantFrom(...PASSES.values()), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(arbitraryChoices(), sequence, (choices, rows) => check(randomModule(choices), rows, "2")),
      { numRuns: 90 },
    );
  });

  test.each(OPT_LEVELS)("at opt-level %s", (level) => {
    const rows = DEFAULT_PASSES.rows.filter((row) => row.levels.includes(level));
    fc.assert(
      fc.property(arbitraryChoices(600), (choices) => check(randomModule(choices), rows, level)),
      { numRuns: 50 },
    );
  });
});

describe("passes tell the truth", () => {
  // Passes that change nothing must say so, and one that says so must have changed nothing.
  test.each([...PASSES.keys()])("%s says whether it changed anything", (name) => {
    fc.assert(
      fc.property(arbitraryChoices(), (choices) => {
        const module = randomModule(choices);
        const before = printModule(module, { renumber: true });
        if (!runPass(module, PASSES.get(name)!, "3")) expect(printModule(module, { renumber: true })).toBe(before);
      }),
      { numRuns: 30 },
    );
  });

  const modulePasses = [...PASSES.values()].filter((row) => row.kind === "module");
  test.each(modulePasses)("$name names the functions that it changed", (row) => {
    fc.assert(
      fc.property(arbitraryChoices(600), (choices) => {
        const module = randomModule(choices);
        const before = new Map(module.functions.map((fn) => [fn, printFunction(fn)]));
        const cx = newPassCx(DEFAULT_POLICY, "3", module.roots);
        row.run(module, cx);
        for (const fn of module.functions) if (!cx.touched.has(fn)) expect(printFunction(fn)).toBe(before.get(fn));
      }),
      { numRuns: 50 },
    );
  });

  test("the same module gives the same result, whatever was compiled before", () => {
    const rows = DEFAULT_PASSES.rows.filter((row) => row.levels.includes("2"));
    fc.assert(
      fc.property(arbitraryChoices(), arbitraryChoices(), (choices, others) => {
        const first = randomModule(choices);
        const second = cloneModule(first);
        for (const row of rows) runPass(first, row, "2");
        const other = randomModule(others);
        for (const row of rows) runPass(other, row, "2");
        for (const row of rows) runPass(second, row, "2");
        expect(printModule(second)).toBe(printModule(first));
      }),
      { numRuns: 30 },
    );
  });
});
