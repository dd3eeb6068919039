/** `mirwatch hunt`: generate, compile, run, compare until the programs or the time run out, or Ctrl-C. */

import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { Diagnostic } from "../../codegen/index.ts";
import { type HuntResult, hunt } from "../campaign/hunt.ts";
import type { Plan } from "../campaign/plan.ts";
import { DEFAULT_LIMITS } from "../campaign/task.ts";
import { VERDICTS } from "../oracle/compare.ts";
import { findSubjects } from "../subjects/find.ts";
import type { Subject } from "../subjects/subject.ts";
import {
  addMatrixOptions,
  duration,
  featuresText,
  list,
  type MatrixOptions,
  parseMatrix,
  positiveInt,
  seedText,
} from "./matrix-options.ts";
import { addOutOption, outOf } from "./out-option.ts";
import { newObserver } from "./progress.ts";

interface HuntCliOptions extends MatrixOptions {
  readonly seed?: string;
  readonly programs?: number;
  readonly time?: number;
  readonly jobs: number;
  readonly batch: number;
  readonly reduceTime: number;
  readonly features: string;
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly out: string;
}

export function huntCommand(done: (status: number) => void): Command {
  return addOutOption(addMatrixOptions(new Command("hunt")))
    .description("Hunt for miscompilations with random programs.")
    .option("--seed <n>", "the campaign's seed (default: a random one, which is printed)", seedText)
    .option("--programs <n>", "stop after this many programs", positiveInt)
    .option("--time <seconds>", "stop after this time (also 5m, 2h)", duration)
    .option("--jobs <n>", "worker threads", positiveInt, availableParallelism())
    .option("--batch <n>", "programs that are compiled together", positiveInt, 100)
    .option("--features <list>", "what programs use: core, full, or features separated by commas", featuresText, "core")
    .option("--reduce-time <seconds>", "time for reducing one finding", duration, 60)
    .option("--resume", "go on with the hunt that was begun last and not finished")
    .option("--json", "findings as NDJSON, then the summary as one JSON line")
    .action(async (options: HuntCliOptions) => done(await runHunt(options)));
}

async function runHunt(options: HuntCliOptions): Promise<number> {
  const out = outOf(options);
  const subjects = await findSubjects({ names: list(options.subjects ?? ""), faults: [], out });
  const plan = planOf(options, subjects);
  const json = options.json === true;
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const result = await hunt(
    {
      plan,
      seconds: options.time,
      jobs: options.jobs,
      out,
      resume: options.resume === true,
      limits: DEFAULT_LIMITS,
      reduceMilliseconds: options.reduceTime * 1000,
      faults: [],
      observer: newObserver({ json, seconds: options.time }),
      signal: abort.signal,
    },
    subjects,
  );
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  process.stdout.write(json ? `${JSON.stringify(summary(result))}\n` : renderSummary(result));
  if (result.interrupted) return 130;
  if (result.incomplete) {
    process.stderr.write(
      "error: some tasks were lost to the machine, see the skips\n = help: mend that, then go on with --resume\n",
    );
    if (result.findings.length === 0) return 2;
  }
  return result.findings.length > 0 ? 1 : 0;
}

function planOf(options: HuntCliOptions, subjects: readonly Subject[]): Plan {
  const matrix = parseMatrix(options);
  for (const name of list(options.subjects ?? "")) {
    if (!subjects.some((subject) => subject.info.name === name || subject.info.kind === name)) {
      throw new Diagnostic(`--subjects: '${name}' was not found on this machine`, {
        help: "see `mirwatch doctor` for what is here and how to install the rest",
      });
    }
  }
  const usable = subjects.filter((subject) => subject.configurations(matrix).length > 0);
  if (usable.length === 0) {
    throw new Diagnostic("no subject can compile for these targets and run the result", {
      help: "see `mirwatch doctor`",
    });
  }
  return {
    seed: options.seed ?? BigInt(`0x${randomBytes(6).toString("hex")}`).toString(),
    // Without any bound a hunt goes on until Ctrl-C.
    programs: options.programs,
    batchSize: options.batch,
    matrix,
    subjects: usable.map(({ info }) => ({ name: info.name, version: info.version })),
    full: options.full === true,
    features: options.features,
  };
}

/** The summary of the command line's contract. */
export function summary(result: HuntResult): object {
  const { seed, programs, configurations, runs, verdicts, skipped, findings, seconds, cpuSeconds, stages } = result;
  return { seed, programs, configurations, runs, verdicts, skipped, findings, seconds, cpuSeconds, stages };
}

export function renderSummary(result: HuntResult): string {
  const rate = result.seconds > 0 ? (result.runs / result.seconds).toFixed(0) : "0";
  const lines = [
    `seed ${result.seed}: ${result.programs} programs, ${result.configurations} configurations, ${result.runs} runs in ${result.seconds.toFixed(1)} s (${rate} runs/s)`,
    `verdicts: ${VERDICTS.map((verdict) => `${verdict} ${result.verdicts[verdict]}`).join(", ")}`,
    ...Object.entries(result.skipped).map(([reason, count]) => `skipped ${count}: ${reason}`),
    result.findings.length === 0
      ? "no findings"
      : `${result.findings.length} findings: ${result.findings.join(", ")} (see \`mirwatch findings show ID\`)`,
  ];
  return `${lines.join("\n")}\n`;
}
