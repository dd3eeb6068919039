/** What the store knows of each configuration of a campaign, summed over its tasks: the material of every report. */

import { newVerdictCounts, VERDICTS, type Verdict } from "../oracle/compare.ts";
import type { Database } from "./database.ts";

export interface ConfigurationTotals {
  readonly configuration: string;
  readonly subject: string;
  readonly target: string;
  readonly options: Readonly<Record<string, string>>;
  /** Programs that were compared. */
  readonly runs: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Milliseconds of compiling, per program. */
  readonly compileMilliseconds: number;
  /** Bytes of machine code, per program; 0 where the subject does not tell. */
  readonly textBytes: number;
}

/** The configurations of `campaign`, by subject, target and options. */
export async function configurationTotals(db: Database, campaign: number): Promise<ConfigurationTotals[]> {
  const rows = await db
    .selectFrom("result")
    .selectAll()
    .where("campaign", "=", campaign)
    .orderBy("configuration")
    .orderBy("task")
    .execute();
  return [...Map.groupBy(rows, (row) => row.configuration)].map(([configuration, group]) => {
    const first = group[0]!;
    const runs = group.reduce((sum, row) => sum + row.runs, 0);
    const verdicts = newVerdictCounts();
    for (const row of group) {
      const counts = JSON.parse(row.verdicts) as Record<Verdict, number>;
      for (const verdict of VERDICTS) verdicts[verdict] += counts[verdict];
    }
    const perProgram = (total: number): number => (runs === 0 ? 0 : total / runs);
    return {
      configuration,
      subject: first.subject,
      target: first.target,
      options: JSON.parse(first.options) as Record<string, string>,
      runs,
      verdicts,
      compileMilliseconds: perProgram(group.reduce((sum, row) => sum + row.compileSeconds, 0) * 1000),
      textBytes: perProgram(group.reduce((sum, row) => sum + row.textSize, 0)),
    };
  });
}
