/**
 * The files of a finding: what a person needs to believe it and to report it.
 *
 * `program.mir` (reduced), `original.mir`, `program.rs` (custom-MIR twin), `repro.sh` with the sources it compiles, `expected.txt` and
 * `actual.txt` (events), `finding.json`.
 */

import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printCustomMir, printProgram } from "../../codegen/index.ts";
import { describeEvents } from "../oracle/describe.ts";
import { shapeOf, signatureOf } from "../oracle/signature.ts";
import { countStatements } from "../reduce/reduce.ts";
import type { CheckedProgram, Subject } from "../subjects/subject.ts";
import { makeBatch } from "./batch.ts";
import type { Investigation } from "./investigate.ts";
import type { FindingRecord } from "./messages.ts";
import { reproScript } from "./repro.ts";
import type { Suspect } from "./task.ts";
import { judgedPart } from "./unwinding.ts";

export interface FindingInput {
  readonly suspect: Suspect;
  /** Absent when the fault needs the company of its batch, or did not show again alone. */
  readonly investigation: Investigation | undefined;
  readonly subject: Subject;
  readonly seed: string;
  readonly features: string;
  readonly scratch: string;
}

/** Writes the finding's directory below `out`, unless an equal finding is there already, and returns its record. */
export async function writeFinding(input: FindingInput, out: string): Promise<FindingRecord> {
  const { suspect, investigation, subject, seed, features } = input;
  const program = investigation?.reduced ?? judgedPart(suspect.program, suspect.configuration.kind);
  const divergence = investigation?.divergence ?? suspect.divergence;
  const signature =
    investigation?.signature ??
    signatureOf({
      kind: suspect.configuration.kind,
      verdict: suspect.verdict,
      culprit: suspect.alone ? suspect.message : "only in a batch",
      shape: shapeOf(program.program),
    });
  const id = investigation?.id ?? createHash("sha256").update(signature).digest("hex").slice(0, 12);
  const record: FindingRecord = {
    id,
    signature,
    verdict: suspect.verdict,
    subject: subject.info.name,
    target: suspect.configuration.target,
    options: suspect.configuration.options,
    configuration: suspect.configuration.id,
    reference: investigation?.reference?.id ?? "interpreter",
    version: subject.info.version,
    seed,
    program: suspect.program.index,
    features,
    culprit: culpritText(investigation),
    event: divergence?.event,
    expected: divergence?.expected,
    actual: divergence?.actual ?? (suspect.message === "" ? undefined : suspect.message.split("\n")[0]),
    statements: countStatements(program.program),
    directory: join("findings", id),
  };
  const directory = join(out, record.directory);
  if (!existsSync(join(directory, "finding.json"))) await writeFiles(directory, record, input, program);
  return record;
}

function culpritText(investigation: Investigation | undefined): string | undefined {
  const culprit = investigation?.culprit;
  if (culprit === undefined) return undefined;
  return culprit.unit === "" ? culprit.pass : `${culprit.pass} (execution ${culprit.index}, on ${culprit.unit})`;
}

async function writeFiles(
  directory: string,
  record: FindingRecord,
  input: FindingInput,
  program: CheckedProgram,
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  write("program.mir", printProgram(program.program));
  write("original.mir", printProgram(input.suspect.program.program));
  const twin = printCustomMir(program.program, { unwinding: true });
  write("program.rs", twin.kind === "ok" ? twin.source : `// Custom MIR cannot express this program: ${twin.reason}\n`);
  write(
    "expected.txt",
    program.runs
      .map(({ entry, expected }) => [`${entry.name}:`, ...describeEvents(expected.events), ""].join("\n"))
      .join("\n"),
  );
  const request = {
    batch: makeBatch([program]),
    configuration: input.suspect.configuration,
    directory: input.scratch,
    timeLimit: 120,
  };
  const { files, script } = await reproScript(input.subject, request, record);
  for (const [name, text] of files) write(name, text);
  write("repro.sh", script);
  chmodSync(join(directory, "repro.sh"), 0o755);
  if (input.suspect.message !== "") write("message.txt", `${input.suspect.message}\n`);
  // Last: its presence says that the directory is whole.
  write("finding.json", `${JSON.stringify(record, undefined, 2)}\n`);
}
