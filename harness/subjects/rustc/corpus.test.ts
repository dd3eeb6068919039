import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { HOST_TARGET, newTyCtxt, parseProgram } from "../../../codegen/index.ts";
import { makeBatch } from "../../campaign/batch.ts";
import { runBatch } from "../../execute/batch.ts";
import { judgeCase } from "../../oracle/compare.ts";
import { GIVEN, proveProgram } from "../../oracle/prove.ts";
import { underLayoutsOf } from "../../oracle/release-layouts.ts";
import type { CheckedProgram } from "../subject.ts";
import { RustcSubject } from "./rustc-subject.ts";
import { findRustcs } from "./toolchains.ts";

const CORPUS = join(import.meta.dirname, "../../../corpora/rust");
const scratch = mkdtempSync(join(tmpdir(), "rustc-corpus-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const HOST = HOST_TARGET.triple;
const OPTIONS = { "opt-level": "0", "codegen-units": "1", lto: "no", "mir-opt-level": "1" };

/** Objects, destructors, statics with atomics, `MaybeUninit`, constants with pointers, iterators over arrays by value. */
const NAMES = ["drop_order", "statics_interior", "dyn_supertraits", "alloc_slab_lists"];

function corpusProgram(name: string): CheckedProgram {
  const text = readFileSync(join(CORPUS, `${name}.mir`), "utf8");
  const proof = proveProgram(parseProgram(text, { tcx: newTyCtxt(), file: name }), 0, {
    ...GIVEN,
    trustAddresses: true,
  });
  if (proof.kind === "rejected") throw new Error(`${name}: ${proof.reason}`);
  return proof.checked;
}

const programs = NAMES.map(corpusProgram);

describe.each(await findRustcs())("rustc $release", (rustc) => {
  const subject = new RustcSubject(rustc, `rustc-${rustc.release}`, [HOST], join(scratch, "cache"));

  it("compiles imported programs, and they give what the interpreter says", async () => {
    const own = programs.map((program) => underLayoutsOf(program, subject.info));
    expect(own).not.toContain(undefined);
    const batch = makeBatch(own.flatMap((program) => program ?? []));
    const configuration = {
      subject: subject.info.name,
      kind: "rustc",
      target: HOST,
      options: OPTIONS,
      id: "test",
    } as const;
    const directory = join(scratch, rustc.release);
    const outcome = await subject.compile({ batch, configuration, directory, timeLimit: 100 });
    if (outcome.kind !== "ok") throw new Error("message" in outcome ? outcome.message : outcome.reason);
    expect([...outcome.skipped.values()]).toEqual([]);
    const run = await runBatch({
      executable: outcome.executable,
      target: HOST,
      caseCount: NAMES.length,
      caseMilliseconds: 10_000,
    });
    const verdicts = batch.programs.map(({ runs }, i) => judgeCase(runs[0]!.expected.events, run.cases[i]!).verdict);
    expect(verdicts).toEqual(NAMES.map(() => "agree"));
  }, 200_000);
});
