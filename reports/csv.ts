/** CSV reports: one row a configuration, and one row a finding. */

import { stringify } from "csv-stringify/sync";
import { VERDICTS } from "../harness/oracle/compare.ts";
import type { ListedFinding } from "../harness/store/findings.ts";
import type { ConfigurationTotals } from "../harness/store/measurements.ts";

/** Columns: the configuration and its parts, counts by verdict, compile time in ms and machine code in bytes, both per program. */
export function configurationsCsv(configurations: readonly ConfigurationTotals[]): string {
  const optionNames = [...new Set(configurations.flatMap((row) => Object.keys(row.options)))];
  return stringify(
    configurations.map((row) => [
      row.configuration,
      row.subject,
      row.target,
      ...optionNames.map((name) => row.options[name] ?? ""),
      row.runs,
      ...VERDICTS.map((verdict) => row.verdicts[verdict]),
      row.compileMilliseconds.toFixed(4),
      row.textBytes.toFixed(1),
    ]),
    {
      header: true,
      columns: [
        "configuration",
        "subject",
        "target",
        ...optionNames,
        "runs",
        ...VERDICTS,
        "compile_ms_per_program",
        "text_bytes_per_program",
      ],
    },
  );
}

export function findingsCsv(findings: readonly ListedFinding[]): string {
  const columns = [
    "id",
    "status",
    "verdict",
    "configuration",
    "reference",
    "version",
    "culprit",
    "event",
    "expected",
    "actual",
    "statements",
    "occurrences",
    "seed",
    "program",
  ] as const;
  return stringify(
    findings.map((finding) => columns.map((column) => finding[column] ?? "")),
    { header: true, columns: [...columns] },
  );
}
