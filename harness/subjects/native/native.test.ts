/** The own backend as a subject: its levels of MIR optimisation, and one numbering of passes over MIR and the backend's. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { HOST_TARGET, MIR_PASSES } from "../../../codegen/index.ts";
import { caseCount } from "../../campaign/batch.ts";
import { mirLevelShare } from "../../campaign/plan.ts";
import { generateBatch, worstCase } from "../../campaign/task.ts";
import { runBatch } from "../../execute/batch.ts";
import type { Batch, CompileRequest, Configuration } from "../subject.ts";
import { NativeSubject } from "./native.ts";

const directory = mkdtempSync(join(tmpdir(), "mirwatch-native-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const subject = new NativeSubject();
const CONFIGURATIONS = subject.configurations({
  targets: [HOST_TARGET.triple],
  optLevels: ["0", "2"],
  codegenUnits: [1],
  lto: ["no"],
});
const { batch } = generateBatch("3", 0, 6);
let serial = 0;

function configuration(optLevel: string, mirOptLevel: string): Configuration {
  const found = CONFIGURATIONS.find(
    ({ options }) => options["opt-level"] === optLevel && options["mir-opt-level"] === mirOptLevel,
  );
  if (found === undefined) throw new Error(`no configuration with ${optLevel} and ${mirOptLevel}`);
  return found;
}

function request(of: Batch, in_: Configuration, optBisectLimit = -1): CompileRequest {
  return {
    batch: of,
    configuration: in_,
    directory: join(directory, String(serial++)),
    timeLimit: 60,
    optBisectLimit,
  };
}

async function textSize(in_: Configuration, optBisectLimit = -1): Promise<number> {
  const outcome = await subject.compile(request(batch, in_, optBisectLimit));
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  expect(existsSync(outcome.executable)).toBe(true);
  return outcome.textSize;
}

test("three batches meet every configuration, each at one level of MIR optimisation", () => {
  const shares = [0, 1, 2].map((n) => mirLevelShare(CONFIGURATIONS, n));
  expect(shares.map((share) => new Set(share.map(({ options }) => options["mir-opt-level"])).size)).toEqual([1, 1, 1]);
  expect(new Set(shares.flat())).toEqual(new Set(CONFIGURATIONS));
  expect(mirLevelShare(CONFIGURATIONS, 3)).toEqual(shares[0]);
});

test("programs do at every level of MIR optimisation what the interpreter says", async () => {
  for (const each of CONFIGURATIONS) {
    const asked = request(batch, each);
    const outcome = await subject.compile(asked);
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    const { executable } = outcome;
    const run = await runBatch({
      executable,
      target: each.target,
      caseCount: caseCount(batch),
      caseMilliseconds: 5000,
    });
    let first = 0;
    for (const program of batch.programs) {
      const cases = run.cases.slice(first, first + program.runs.length);
      expect(worstCase(program, cases, "native")).toBeUndefined();
      first += program.runs.length;
    }
  }
});

test("bisection numbers the passes on MIR first, and a limit of none is MIR and IR as they were", async () => {
  const optimized = configuration("2", "4");
  const executions = await subject.passExecutions(request(batch, optimized));
  expect(executions.map(({ index }) => index)).toEqual(executions.map((_, i) => i + 1));
  const mirPasses = new Set(MIR_PASSES.map(({ name }) => name));
  const mirCount = executions.findIndex(({ pass }) => !mirPasses.has(pass));
  expect(mirCount).toBeGreaterThan(0);
  expect(executions.slice(mirCount).some(({ pass }) => mirPasses.has(pass))).toBe(false);
  expect(await textSize(optimized, executions.length)).toBe(await textSize(optimized));
  expect(await textSize(optimized, 0)).toBe(await textSize(configuration("2", "0"), 0));
  // All passes on MIR and none of the backend's.
  expect(await textSize(optimized, mirCount)).not.toBe(await textSize(optimized, 0));
});

test("a repro's command line has the level of MIR optimisation", async () => {
  const { commands } = await subject.repro(request(batch, configuration("0", "4")), "repro");
  expect(commands).toEqual([
    expect.stringContaining("-Copt-level=0 -Ccodegen-units=1 -Clto=no -Zmir-opt-level=4 -Zverify"),
  ]);
});
