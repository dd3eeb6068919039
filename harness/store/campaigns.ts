/** Campaigns in the store: beginning and resuming one, saving a task, and the totals that every report shows. */

import type { TaskRecord } from "../campaign/messages.ts";
import { newVerdictCounts, VERDICTS, type Verdict } from "../oracle/compare.ts";
import type { Database } from "./database.ts";

export interface CampaignRow {
  readonly id: number;
  readonly seed: string;
  readonly plan: string;
  readonly finished: string | null;
}

export async function beginCampaign(db: Database, seed: string, plan: string): Promise<number> {
  const row = await db
    .insertInto("campaign")
    .values({ seed, plan, started: new Date().toISOString(), finished: null })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** The campaign that was begun last and not finished. */
export async function unfinishedCampaign(db: Database): Promise<CampaignRow | undefined> {
  return db
    .selectFrom("campaign")
    .select(["id", "seed", "plan", "finished"])
    .where("finished", "is", null)
    .orderBy("id", "desc")
    .executeTakeFirst();
}

export async function latestCampaign(db: Database): Promise<CampaignRow | undefined> {
  return db.selectFrom("campaign").select(["id", "seed", "plan", "finished"]).orderBy("id", "desc").executeTakeFirst();
}

export async function finishCampaign(db: Database, id: number): Promise<void> {
  await db.updateTable("campaign").set({ finished: new Date().toISOString() }).where("id", "=", id).execute();
}

export async function doneTasks(db: Database, campaign: number): Promise<Set<string>> {
  const rows = await db.selectFrom("task").select("task").where("campaign", "=", campaign).execute();
  return new Set(rows.map((row) => row.task));
}

/** Saves a finished task whole, in one transaction; returns the ids of findings that are new to the store. */
export async function saveTask(db: Database, campaign: number, seed: string, record: TaskRecord): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    const { task } = record;
    await tx
      .insertInto("task")
      .values({
        campaign,
        task,
        batch: record.batch,
        programs: record.programs,
        discarded: record.discarded,
        seconds: record.seconds,
        cpuSeconds: record.cpuSeconds,
        stages: JSON.stringify(record.stages),
      })
      .execute();
    for (const result of record.results) {
      const { options, verdicts, ...columns } = result;
      await tx
        .insertInto("result")
        .values({ campaign, task, ...columns, options: JSON.stringify(options), verdicts: JSON.stringify(verdicts) })
        .execute();
    }
    for (const [reason, count] of record.skips)
      await tx.insertInto("skip").values({ campaign, task, reason, count }).execute();
    const fresh: string[] = [];
    for (const finding of record.findings) {
      const inserted = await tx
        .insertInto("finding")
        .values({
          ...finding,
          campaign,
          seed,
          options: JSON.stringify(finding.options),
          culprit: finding.culprit ?? null,
          event: finding.event ?? null,
          expected: finding.expected ?? null,
          actual: finding.actual ?? null,
          status: "new",
          found: new Date().toISOString(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning("id")
        .execute();
      fresh.push(...inserted.map((row) => row.id));
    }
    for (const occurrence of record.occurrences) {
      await tx
        .insertInto("occurrence")
        .values({ ...occurrence, campaign, task })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    return fresh;
  });
}

/** The totals of a campaign, in the shape of the command line's contract. */
export interface Totals {
  readonly programs: number;
  readonly configurations: number;
  readonly runs: number;
  readonly verdicts: Record<Verdict, number>;
  readonly skipped: Record<string, number>;
  readonly findings: string[];
  readonly cpuSeconds: number;
  readonly stages: Record<string, number>;
}

export async function campaignTotals(db: Database, campaign: number): Promise<Totals> {
  const tasks = await db.selectFrom("task").selectAll().where("campaign", "=", campaign).orderBy("task").execute();
  const results = await db
    .selectFrom("result")
    .select(["configuration", "runs", "verdicts"])
    .where("campaign", "=", campaign)
    .execute();
  const skips = await db
    .selectFrom("skip")
    .select(["reason", (eb) => eb.fn.sum<number>("count").as("count")])
    .where("campaign", "=", campaign)
    .groupBy("reason")
    .orderBy("reason")
    .execute();
  const findings = await db
    .selectFrom("occurrence")
    .select("finding")
    .distinct()
    .where("campaign", "=", campaign)
    .orderBy("finding")
    .execute();

  const programsByBatch = new Map(tasks.map((task) => [task.batch, task.programs]));
  const verdicts = newVerdictCounts();
  let runs = 0;
  for (const result of results) {
    runs += result.runs;
    const counts = JSON.parse(result.verdicts) as Record<Verdict, number>;
    for (const verdict of VERDICTS) verdicts[verdict] += counts[verdict];
  }
  const stages: Record<string, number> = {};
  for (const task of tasks) {
    for (const [stage, seconds] of Object.entries(JSON.parse(task.stages) as Record<string, number>)) {
      stages[stage] = (stages[stage] ?? 0) + seconds;
    }
  }
  return {
    programs: [...programsByBatch.values()].reduce((a, b) => a + b, 0),
    configurations: new Set(results.map((result) => result.configuration)).size,
    runs,
    verdicts,
    skipped: Object.fromEntries(skips.map(({ reason, count }) => [reason, Number(count)])),
    findings: findings.map((row) => row.finding),
    cpuSeconds: tasks.reduce((sum, task) => sum + task.cpuSeconds, 0),
    stages,
  };
}
