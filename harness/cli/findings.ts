/** `mirwatch findings`: the life of a bug. */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { Diagnostic } from "../../codegen/index.ts";
import { STORE_FILE } from "../campaign/hunt.ts";
import { openStore, type Store } from "../store/database.ts";
import { FINDING_STATUSES, findingById, listFindings, setStatus } from "../store/findings.ts";
import type { FindingTable } from "../store/schema.ts";
import { addOutOption, outOf } from "./out-option.ts";

interface FindingsOptions {
  readonly out: string;
  readonly json?: boolean;
}

export function findingsCommand(): Command {
  const command = new Command("findings").description("List, show and update findings.");
  command.addCommand(
    addOutOption(new Command("list"))
      .description("all findings, newest first")
      .option("--json", "one JSON document")
      .action((options: FindingsOptions) =>
        withStore(options, async (store) => {
          const rows = await listFindings(store.db);
          if (options.json === true) process.stdout.write(`${JSON.stringify(rows)}\n`);
          else
            for (const row of rows)
              process.stdout.write(
                `${row.id}  ${row.status.padEnd(10)} ${row.verdict.padEnd(14)} ${row.configuration}  ${row.culprit ?? "culprit unknown"}  ×${row.occurrences}\n`,
              );
        }),
      ),
  );
  command.addCommand(
    addOutOption(new Command("show"))
      .description("one finding")
      .argument("<id>")
      .option("--json", "one JSON document")
      .action((id: string, options: FindingsOptions) =>
        withStore(options, async (store) => {
          const row = await findingById(store.db, id);
          const document = shown(row, outOf(options));
          if (options.json === true) process.stdout.write(`${JSON.stringify(document)}\n`);
          else print(row, document.files);
        }),
      ),
  );
  command.addCommand(
    addOutOption(new Command("set"))
      .description(`set a finding's status: ${FINDING_STATUSES.join(", ")}`)
      .argument("<id>")
      .argument("<status>")
      .action((id: string, status: string, options: FindingsOptions) =>
        withStore(options, (store) => setStatus(store.db, id, status)),
      ),
  );
  return command;
}

async function withStore(options: FindingsOptions, work: (store: Store) => Promise<void>): Promise<void> {
  const path = join(outOf(options), STORE_FILE);
  if (!existsSync(path))
    throw new Diagnostic("there are no results yet", {
      file: path,
      help: "run `mirwatch hunt` first, or name another directory with --out",
    });
  const store = openStore(path);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

interface ShownFinding {
  readonly id: string;
  readonly verdict: string;
  readonly subject: string;
  readonly target: string;
  readonly options: Record<string, string>;
  readonly firstDivergence: {
    readonly event: number | null;
    readonly expected: string | null;
    readonly actual: string | null;
  };
  readonly culprit: string | null;
  readonly statements: number;
  readonly files: readonly string[];
}

function shown(row: FindingTable, out: string): ShownFinding {
  const directory = join(out, row.directory);
  return {
    id: row.id,
    verdict: row.verdict,
    subject: row.subject,
    target: row.target,
    options: JSON.parse(row.options) as Record<string, string>,
    firstDivergence: { event: row.event, expected: row.expected, actual: row.actual },
    culprit: row.culprit,
    statements: row.statements,
    files: existsSync(directory)
      ? readdirSync(directory)
          .sort()
          .map((name) => join(directory, name))
      : [],
  };
}

function print(row: FindingTable, files: readonly string[]): void {
  const lines = [
    `${row.id}: ${row.verdict}, ${row.status}`,
    `  configuration  ${row.configuration}`,
    `  reference      ${row.reference}`,
    `  version        ${row.version}`,
    `  replay         mirwatch gen --seed ${row.seed} --program ${row.program} --features ${row.features}`,
    `  culprit        ${row.culprit ?? "unknown"}`,
    `  event          ${row.event ?? "none"}`,
    `  expected       ${row.expected ?? "a successful compilation"}`,
    `  actual         ${row.actual ?? "unknown"}`,
    `  reduced to     ${row.statements} MIR statements`,
    ...files.map((file) => `  ${file}`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
