import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { HOST_TARGET, newTyCtxt } from "../../../codegen/index.ts";
import { makeBatch } from "../../campaign/batch.ts";
import { runBatch } from "../../execute/batch.ts";
import { generateProgram } from "../../generate/program.ts";
import { judgeCase } from "../../oracle/compare.ts";
import { proveProgram } from "../../oracle/prove.ts";
import type { CheckedProgram } from "../subject.ts";
import { RustcSubject } from "./rustc-subject.ts";
import { findRustcs } from "./toolchains.ts";

const scratch = mkdtempSync(join(tmpdir(), "rustc-features-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const HOST = HOST_TARGET.triple;
const OPTIONS = { "opt-level": "1", "codegen-units": "1", lto: "no", "mir-opt-level": "2" };

/** Programs of the whole language that the interpreter runs without complaint. */
function programs(count: number): CheckedProgram[] {
  const tcx = newTyCtxt();
  const checked: CheckedProgram[] = [];
  for (let seed = 0; seed < count; seed++) {
    const proof = proveProgram(generateProgram(seed, { features: "full", tcx }));
    if (proof.kind === "proved") checked.push(proof.checked);
  }
  return checked;
}

describe.each(await findRustcs())("rustc $release", (rustc) => {
  it("does with programs of the whole language what the interpreter says", async () => {
    const checked = programs(12);
    expect(checked.length).toBeGreaterThan(6);
    const batch = makeBatch(checked);
    const subject = new RustcSubject(rustc, "rustc", [HOST], join(scratch, "cache"));
    const configuration = { subject: "rustc", kind: "rustc", target: HOST, options: OPTIONS, id: "rustc" } as const;
    const directory = join(scratch, rustc.release);
    const outcome = await subject.compile({ batch, configuration, directory, timeLimit: 110 });
    expect(outcome).toMatchObject({ kind: "ok" });
    if (outcome.kind !== "ok") return;
    expect(outcome.skipped.size).toBeLessThan(checked.length / 2);
    const caseCount = batch.entries.length;
    const run = await runBatch({ executable: outcome.executable, target: HOST, caseCount, caseMilliseconds: 5000 });
    let number = 0;
    const wrong = checked.flatMap((program, i) =>
      program.runs.flatMap(({ entry, expected }) => {
        const { verdict } = judgeCase(expected.events, run.cases[number++]!);
        return verdict === "agree" || outcome.skipped.has(i) ? [] : [`program ${i}, ${entry.name}: ${verdict}`];
      }),
    );
    expect(wrong).toEqual([]);
  });
});
