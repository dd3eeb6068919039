/** `mirc` on generated programs of the whole language; `fuzz-mirc.ts` tries many more. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { outcomeOf } from "../codegen/driver/testing/outcome.ts";
import { printProgram } from "../codegen/index.ts";
import { programSeed } from "../harness/campaign/batch.ts";
import { expectedStream } from "../harness/execute/expected.ts";
import { FEATURES, type FeatureChoice } from "../harness/generate/features.ts";
import { generateChecked } from "../harness/generate/generate.ts";

const directory = mkdtempSync(join(tmpdir(), "mirwatch-fuzz-mirc-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What became of `count` programs: those that agree, and the reasons of those that are refused. */
async function outcomes(
  count: number,
  features: (number: number) => FeatureChoice,
): Promise<{ agree: number; refused: string[] }> {
  const refused: string[] = [];
  let agree = 0;
  for (let number = 0; number < count; number++) {
    const { program, runs } = generateChecked(programSeed("3", number), { features: features(number) });
    // Our code aborts where these would unwind.
    if (runs.some(({ result }) => result.unwound)) continue;
    const expected = expectedStream(runs.map(({ result }) => result));
    const options = [`-Copt-level=${number % 4}`, `-Ccodegen-units=${1 + (number % 3)}`];
    const outcome = await outcomeOf(printProgram(program), expected, directory, options);
    if (outcome.kind === "fault") expect.fail(`program ${number}: ${outcome.what}`);
    if (outcome.kind === "agrees") agree++;
    else refused.push(outcome.reason);
  }
  return { agree, refused };
}

test("a program of all features becomes right code, or is refused with what is not lowered", async () => {
  const { refused } = await outcomes(24, () => "full");
  expect(new Set(refused).size).toBeGreaterThan(5);
});

test("so does a program of each feature alone, and many of those are lowered", async () => {
  const { agree, refused } = await outcomes(
    2 * FEATURES.length,
    (number) => new Set([FEATURES[number % FEATURES.length]!]),
  );
  expect(agree).toBeGreaterThan(10);
  expect(refused.length).toBeGreaterThan(5);
});
