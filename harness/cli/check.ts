/** `mirwatch check`: the matrix over programs that the user has. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Command } from "commander";
import { Diagnostic } from "../../codegen/index.ts";
import { makeBatch } from "../campaign/batch.ts";
import { pairwiseSample } from "../campaign/matrix.ts";
import { Stopwatch } from "../campaign/stopwatch.ts";
import { type ConfigurationResult, DEFAULT_LIMITS, runTask, type Suspect } from "../campaign/task.ts";
import { newVerdictCounts, VERDICTS } from "../oracle/compare.ts";
import { GIVEN, proveProgram } from "../oracle/prove.ts";
import { findSubjects } from "../subjects/find.ts";
import type { CheckedProgram } from "../subjects/subject.ts";
import { addMatrixOptions, list, type MatrixOptions, parseMatrix } from "./matrix-options.ts";
import { addOutOption, outOf } from "./out-option.ts";
import { readProgram } from "./program-file.ts";

interface CheckOptions extends MatrixOptions {
  readonly json?: boolean;
  readonly trustAddresses?: boolean;
  readonly out: string;
}

export function checkCommand(done: (status: number) => void): Command {
  return addOutOption(addMatrixOptions(new Command("check")))
    .description("Compile given programs over the matrix and compare what they observe with the interpreter.")
    .argument("<file...>", "MIR text")
    .option("--trust-addresses", "programs may look at addresses: what they observe depends on none")
    .option("--json", "the summary as one JSON document")
    .action(async (files: string[], options: CheckOptions) => done(await check(files, options)));
}

async function check(files: readonly string[], options: CheckOptions): Promise<number> {
  const started = performance.now();
  const matrix = parseMatrix(options);
  const tcxPrograms = files.map((file, index) => prove(file, index, options.trustAddresses === true));
  const subjects = await findSubjects({ names: list(options.subjects ?? ""), faults: [], out: outOf(options) });
  const scratch = mkdtempSync(join(tmpdir(), "mirwatch-check-"));
  const clock = new Stopwatch();
  const results: ConfigurationResult[] = [];
  const suspects: Suspect[] = [];
  const skipped: Record<string, number> = {};
  try {
    for (const subject of subjects) {
      const all = subject.configurations(matrix);
      const configurations = options.full === true || subject.info.kind === "native" ? all : pairwiseSample(all);
      for (const [i, program] of tcxPrograms.entries()) {
        const task = {
          key: `${i}/${subject.info.name}`,
          batch: i,
          first: i,
          count: 1,
          subject: subject.info.name,
          configurations,
        };
        const generated = { batch: makeBatch([program]), discarded: 0 };
        const outcome = await runTask(task, generated, subject, join(scratch, task.key), DEFAULT_LIMITS, clock);
        results.push(...outcome.results);
        suspects.push(...outcome.suspects);
        for (const [reason, count] of outcome.skips) skipped[reason] = (skipped[reason] ?? 0) + count;
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const verdicts = newVerdictCounts();
  for (const result of results) for (const verdict of VERDICTS) verdicts[verdict] += result.verdicts[verdict];
  const { cpuSeconds, stages } = clock.read();
  const document = {
    seed: null,
    programs: files.length,
    configurations: new Set(results.map((result) => result.configuration.id)).size,
    runs: results.reduce((sum, result) => sum + result.runs, 0),
    verdicts,
    skipped,
    findings: suspects.map((suspect) => describe(files, suspect)),
    seconds: (performance.now() - started) / 1000,
    cpuSeconds,
    stages,
  };
  if (options.json === true) process.stdout.write(`${JSON.stringify(document)}\n`);
  else process.stdout.write(render(document));
  return suspects.length > 0 ? 1 : 0;
}

function prove(file: string, index: number, trustAddresses: boolean): CheckedProgram {
  const proof = proveProgram(readProgram(file), index, { ...GIVEN, trustAddresses });
  if (proof.kind === "rejected") {
    throw new Diagnostic(proof.reason, {
      file,
      help: "only a program with one meaning can be checked; `mirwatch run` shows where it goes wrong",
    });
  }
  return proof.checked;
}

function describe(files: readonly string[], { program, configuration, verdict, divergence, message }: Suspect): string {
  const what =
    divergence === undefined
      ? message.split("\n")[0]
      : `event ${divergence.event}: expected ${divergence.expected}, actual ${divergence.actual}`;
  return `${files[program.index]}: ${verdict} of ${configuration.id}: ${what}`;
}

function render(document: {
  programs: number;
  configurations: number;
  runs: number;
  verdicts: Record<string, number>;
  skipped: Record<string, number>;
  findings: readonly string[];
}): string {
  return [
    ...document.findings,
    `${document.programs} programs, ${document.configurations} configurations, ${document.runs} runs`,
    `verdicts: ${VERDICTS.map((verdict) => `${verdict} ${document.verdicts[verdict]}`).join(", ")}`,
    ...Object.entries(document.skipped).map(([reason, count]) => `skipped ${count}: ${reason}`),
    "",
  ].join("\n");
}
