/** Findings in the store. */

import { Diagnostic } from "../../codegen/index.ts";
import type { Database } from "./database.ts";
import type { FindingTable } from "./schema.ts";

export const FINDING_STATUSES: readonly string[] = ["new", "confirmed", "reported", "fixed", "duplicate", "invalid"];

export interface ListedFinding extends FindingTable {
  /** Programs and configurations that showed it. */
  readonly occurrences: number;
}

export async function listFindings(db: Database): Promise<ListedFinding[]> {
  const rows = await db
    .selectFrom("finding")
    .leftJoin("occurrence", "occurrence.finding", "finding.id")
    .selectAll("finding")
    .select((eb) => eb.fn.count<number>("occurrence.program").as("occurrences"))
    .groupBy("finding.id")
    .orderBy("finding.found", "desc")
    .orderBy("finding.id")
    .execute();
  return rows.map((row) => ({ ...row, occurrences: Number(row.occurrences) }));
}

/**
 * The finding whose id is, or begins with, `id`.
 *
 * @throws Diagnostic when there is none, or more than one.
 */
export async function findingById(db: Database, id: string): Promise<FindingTable> {
  const rows = /^[0-9a-f]+$/.test(id)
    ? await db.selectFrom("finding").selectAll().where("id", "like", `${id}%`).execute()
    : [];
  const [row] = rows;
  if (row === undefined) throw new Diagnostic(`there is no finding ${id}`, { help: "see `mirwatch findings list`" });
  if (rows.length > 1)
    throw new Diagnostic(`several findings begin with ${id}`, { help: rows.map((r) => r.id).join(", ") });
  return row;
}

/** @throws Diagnostic when the finding or the status does not exist. */
export async function setStatus(db: Database, id: string, status: string): Promise<void> {
  if (!FINDING_STATUSES.includes(status))
    throw new Diagnostic(`there is no status '${status}'`, { help: `one of ${FINDING_STATUSES.join(", ")}` });
  const row = await findingById(db, id);
  await db.updateTable("finding").set({ status }).where("id", "=", row.id).execute();
}
