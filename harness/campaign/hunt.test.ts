/** A hunt from seeds to a finding's directory, with a bug planted in the own backend. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOST_TARGET, newTyCtxt, parseProgram, verifyProgram } from "../../codegen/index.ts";
import { proveProgram } from "../oracle/prove.ts";
import { openStore } from "../store/database.ts";
import { listFindings } from "../store/findings.ts";
import { findSubjects } from "../subjects/find.ts";
import { type HuntObserver, type HuntResult, hunt, STORE_FILE } from "./hunt.ts";
import type { FindingRecord } from "./messages.ts";
import type { Plan } from "./plan.ts";
import { DEFAULT_LIMITS } from "./task.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const FAULT = "sign-extension-missing";

const SILENT: HuntObserver = { begin: () => {}, task: () => {}, warn: () => {}, end: () => {} };

const PLAN: Plan = {
  seed: "1",
  programs: 90,
  batchSize: 30,
  matrix: { targets: [HOST_TARGET.triple], optLevels: ["0", "2"], codegenUnits: [1], lto: ["no"] },
  subjects: [],
  full: false,
  features: "core",
};

let out: string;
let result: HuntResult;
let findings: FindingRecord[];

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), "mirwatch-hunt-"));
  const faults = [FAULT];
  const subjects = await findSubjects({ names: ["native"], faults, out });
  const plan = { ...PLAN, subjects: subjects.map(({ info }) => ({ name: info.name, version: info.version })) };
  result = await hunt(
    {
      plan,
      seconds: undefined,
      jobs: 1,
      out,
      resume: false,
      limits: DEFAULT_LIMITS,
      reduceMilliseconds: 20_000,
      faults,
      observer: SILENT,
      signal: new AbortController().signal,
    },
    subjects,
  );
  findings = result.findings.map(
    (id) => JSON.parse(readFileSync(join(out, "findings", id, "finding.json"), "utf8")) as FindingRecord,
  );
});

afterAll(() => {
  rmSync(out, { recursive: true, force: true });
});

describe("a hunt with a planted bug", () => {
  test("finds it, and counts every run once", () => {
    expect(result).toMatchObject({ programs: 90, configurations: 6, runs: 180, interrupted: false });
    expect(result.verdicts.miscompile).toBeGreaterThan(0);
    expect(Object.values(result.verdicts).reduce((a, b) => a + b, 0)).toBe(180);
    expect(findings.length).toBeGreaterThan(0);
    // One fault, however many programs show it: far fewer findings than faulty programs.
    expect(findings.length).toBeLessThanOrEqual(Math.max(2, result.verdicts.miscompile / 4));
  });

  test("reduces it to a few statements that are valid MIR and free of undefined behaviour", () => {
    for (const finding of findings) {
      expect(finding.statements).toBeLessThanOrEqual(10);
      const program = parseProgram(readFileSync(join(out, finding.directory, "program.mir"), "utf8"), {
        tcx: newTyCtxt(),
      });
      expect(verifyProgram(program)).toEqual([]);
      expect(proveProgram(program).kind).toBe("proved");
    }
  });

  test("tells the first divergent event, the culprit and the reference", () => {
    for (const finding of findings) {
      expect(finding.expected).toMatch(/^(observe|panic|end of run)/);
      expect(finding.actual).not.toBe(finding.expected);
      // The lowering is at fault; on some programs it takes a pass to bring out the sign extension that it gets wrong.
      expect(finding.culprit).toMatch(/^(code generation|[\w-]+(#\w+)? \(execution \d+, on )/);
      expect(finding.seed).toBe("1");
    }
  });

  test("keeps findings and occurrences in the store", async () => {
    const store = openStore(join(out, STORE_FILE));
    const rows = await listFindings(store.db);
    await store.close();
    expect(rows.map((row) => row.id).sort()).toEqual(findings.map((finding) => finding.id).sort());
    expect(rows.reduce((sum, row) => sum + row.occurrences, 0)).toBeGreaterThanOrEqual(result.verdicts.miscompile / 2);
  });

  test("writes a repro.sh that shows the fault, and does not show it with a sound compiler", () => {
    const directory = join(out, findings[0]!.directory);
    const run = (): number | null =>
      spawnSync("sh", ["repro.sh"], {
        cwd: directory,
        env: { ...process.env, MIRC: join(ROOT, "bin", "mirc.js") },
        encoding: "utf8",
      }).status;
    expect(run()).toBe(0);
    execFileSync("sed", ["-i", `s/-Zplant-fault=${FAULT}//`, "repro.sh"], { cwd: directory });
    expect(run()).toBe(1);
    for (const file of ["original.mir", "program.rs", "expected.txt", "repro.batch.mir"])
      expect(existsSync(join(directory, file))).toBe(true);
  });
});
