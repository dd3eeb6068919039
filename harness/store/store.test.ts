import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FindingRecord, TaskRecord } from "../campaign/messages.ts";
import { newVerdictCounts } from "../oracle/compare.ts";
import { beginCampaign, campaignTotals, doneTasks, finishCampaign, saveTask, unfinishedCampaign } from "./campaigns.ts";
import { openStore, type Store } from "./database.ts";
import { findingById, listFindings, setStatus } from "./findings.ts";

const FINDING: FindingRecord = {
  id: "0123456789ab",
  signature: "native | miscompile | gvn | Add:int",
  verdict: "miscompile",
  subject: "native",
  target: "x86_64-unknown-linux-gnu",
  options: { "opt-level": "2" },
  configuration: "native/x86_64-unknown-linux-gnu/opt-level=2",
  reference: "interpreter",
  version: "1",
  seed: "7",
  program: 3,
  features: "core",
  culprit: "gvn",
  event: 1,
  expected: "observe 0: i32 1",
  actual: "observe 0: i32 2",
  statements: 4,
  directory: "findings/0123456789ab",
};

function record(task: string, batch: number, findings: readonly FindingRecord[] = []): TaskRecord {
  return {
    task,
    batch,
    programs: 10,
    discarded: 1,
    results: [
      {
        configuration: FINDING.configuration,
        subject: "native",
        target: FINDING.target,
        options: FINDING.options,
        runs: 10,
        verdicts: { ...newVerdictCounts(), agree: 9, miscompile: 1 },
        compileSeconds: 0.5,
        runSeconds: 0.1,
        textSize: 1000,
      },
    ],
    skips: [["llvm-14: no i128", 2]],
    findings,
    occurrences: findings.map(({ id }) => ({ finding: id, program: 3, configuration: FINDING.configuration })),
    seconds: 1,
    cpuSeconds: 0.9,
    stages: { compile: 0.5 },
  };
}

describe("the store", () => {
  let directory: string;
  let store: Store;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "mirwatch-store-"));
    store = openStore(join(directory, "s.sqlite"));
  });

  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test("adds up what was saved, and tells which tasks are done", async () => {
    const campaign = await beginCampaign(store.db, "7", "{}");
    await saveTask(store.db, campaign, "7", record("0/native", 0));
    await saveTask(store.db, campaign, "7", record("1/native", 1));
    const totals = await campaignTotals(store.db, campaign);
    expect(totals).toMatchObject({
      programs: 20,
      configurations: 1,
      runs: 20,
      skipped: { "llvm-14: no i128": 4 },
      stages: { compile: 1 },
    });
    expect(totals.verdicts).toMatchObject({ agree: 18, miscompile: 2 });
    expect(await doneTasks(store.db, campaign)).toEqual(new Set(["0/native", "1/native"]));
  });

  test("a task is saved once: saving it again fails whole and changes nothing", async () => {
    const campaign = await beginCampaign(store.db, "7", "{}");
    await saveTask(store.db, campaign, "7", record("0/native", 0));
    await expect(saveTask(store.db, campaign, "7", record("0/native", 0, [FINDING]))).rejects.toThrow();
    expect((await campaignTotals(store.db, campaign)).runs).toBe(10);
    expect(await listFindings(store.db)).toEqual([]);
  });

  test("findings with one signature are one, with all occurrences", async () => {
    const campaign = await beginCampaign(store.db, "7", "{}");
    expect(await saveTask(store.db, campaign, "7", record("0/native", 0, [FINDING]))).toEqual([FINDING.id]);
    const again = {
      ...record("1/native", 1, [FINDING]),
      occurrences: [{ finding: FINDING.id, program: 12, configuration: FINDING.configuration }],
    };
    expect(await saveTask(store.db, campaign, "7", again)).toEqual([]);
    expect((await listFindings(store.db)).map((row) => [row.id, row.occurrences])).toEqual([[FINDING.id, 2]]);
  });

  test("a finding's status changes; what does not exist is a diagnostic", async () => {
    const campaign = await beginCampaign(store.db, "7", "{}");
    await saveTask(store.db, campaign, "7", record("0/native", 0, [FINDING]));
    await setStatus(store.db, "0123", "confirmed");
    expect((await findingById(store.db, "0123456789ab")).status).toBe("confirmed");
    await expect(setStatus(store.db, "0123", "nonsense")).rejects.toThrow("there is no status");
    await expect(findingById(store.db, "ffff")).rejects.toThrow("there is no finding");
    await expect(findingById(store.db, "x' or 1=1 --")).rejects.toThrow("there is no finding");
  });

  test("the unfinished campaign is the one to resume", async () => {
    const first = await beginCampaign(store.db, "1", "{}");
    const second = await beginCampaign(store.db, "2", "{}");
    await finishCampaign(store.db, second);
    expect((await unfinishedCampaign(store.db))?.id).toBe(first);
  });

  test("a file that is no database, and one of a newer version, are diagnostics", () => {
    const garbage = join(directory, "garbage.sqlite");
    writeFileSync(garbage, "this is no database, just text that is long enough to be read as a header");
    expect(() => openStore(garbage)).toThrow("cannot open the result store");
    const newer = join(directory, "newer.sqlite");
    const database = new DatabaseSync(newer);
    database.exec("PRAGMA user_version = 999");
    database.close();
    expect(() => openStore(newer)).toThrow("schema 999");
  });
});
