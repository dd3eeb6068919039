/** The properties have teeth: a policy with one wrong entry is noticed by running random modules. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EFFECTS, Effect, IntCC, Op } from "../ir/opcodes.ts";
import { behaviour, firstDifference } from "../ir/testing/compare.ts";
import { arbitraryChoices, randomModule } from "../ir/testing/random-module.ts";
import { verifyFunction } from "../ir/verifier.ts";
import { newPassCx } from "./context.ts";
import { DEFAULT_FOLDS } from "./fold.ts";
import { DEFAULT_MAGIC } from "./magic.ts";
import { DEFAULT_PASSES } from "./pass-table.ts";
import { DEFAULT_POLICY, type OptPolicy } from "./policy.ts";

const without = (table: Uint8Array, opcode: number, value: number): Uint8Array =>
  Uint8Array.from(table, (old, i) => (i === opcode ? value : old));

const FAULTS: readonly (readonly [string, Partial<OptPolicy>])[] = [
  ["stores never clobber", { mayAlias: () => false }],
  ["conditions are not inverted", { invertCond: (cc) => cc }],
  ["exchanged conditions stay", { swapCond: (cc) => cc }],
  ["calls are removable", { removable: without(DEFAULT_POLICY.removable, Op.call, 1) }],
  [
    "sign extension folds as zero extension",
    { fold: DEFAULT_FOLDS.map((fold, i) => (i === Op.sextend ? DEFAULT_FOLDS[Op.uextend] : fold)) },
  ],
  [
    "logical shift folds as arithmetic",
    { fold: DEFAULT_FOLDS.map((fold, i) => (i === Op.ushr ? DEFAULT_FOLDS[Op.sshr] : fold)) },
  ],
  [
    "signed magic shifts one too far",
    {
      magic: {
        ...DEFAULT_MAGIC,
        signed: (bits, d) => ({ ...DEFAULT_MAGIC.signed(bits, d), shift: DEFAULT_MAGIC.signed(bits, d).shift + 1 }),
      },
    },
  ],
  ["divisions run in vain", { maySpeculate: () => true }],
  [
    "what the loop writes is hoisted",
    { mayHoist: (fn, inst) => (EFFECTS[fn.opcode[inst]!]! & (Effect.WRITE | Effect.SIDE)) === 0 },
  ],
  [
    "unsigned comparison becomes signed",
    { swapCond: (cc) => (cc >= IntCC.ult ? DEFAULT_POLICY.swapCond(cc) - 4 : DEFAULT_POLICY.swapCond(cc)) },
  ],
];

/** Whether the module, optimised at opt-level 3 by `policy`, is ill-formed or does something else. */
function isNoticed(choices: readonly number[], policy: OptPolicy): boolean {
  const module = randomModule(choices);
  const before = behaviour(module);
  const cx = newPassCx(policy, "3");
  for (const row of DEFAULT_PASSES.rows) {
    if (!row.levels.includes("3")) continue;
    if (row.kind === "module") row.run(module, cx);
    else for (const fn of module.functions) row.run(fn, cx);
    if (module.functions.some((fn) => verifyFunction(fn).length > 0)) return true;
  }
  return firstDifference(before, module) !== undefined;
}

describe("a wrong policy is noticed", () => {
  test.each(FAULTS)("%s", (_, fault) => {
    const policy = { ...DEFAULT_POLICY, ...fault };
    const property = fc.property(arbitraryChoices(), (choices) => !isNoticed(choices, policy));
    const result = fc.check(property, { numRuns: 1500, endOnFailure: true, seed: 2 });
    expect(result.failed).toBe(true);
  });
});
