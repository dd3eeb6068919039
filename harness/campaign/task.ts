/**
 * One task: a batch of programs through some configurations of a subject. Everything that differs from the interpreter comes back as a
 * *suspect*, confirmed by a run of its own; turning suspects into findings is `investigate.ts`.
 */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { newTyCtxt } from "../../codegen/index.ts";
import { type BatchRun, type CaseResult, runBatch } from "../execute/batch.ts";
import { MISSING_CASE } from "../execute/event-stream.ts";
import type { FeatureChoice } from "../generate/features.ts";
import { type Divergence, judgeCase, newVerdictCounts, type Verdict } from "../oracle/compare.ts";
import { LAYOUT_DEPENDENT, underLayoutsOf } from "../oracle/release-layouts.ts";
import type {
  Batch,
  CheckedProgram,
  CompileOutcome,
  Configuration,
  Subject,
  SubjectInfo,
  SubjectKind,
} from "../subjects/subject.ts";
import { caseCount, generateNumbered, makeBatch } from "./batch.ts";
import type { Task } from "./plan.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { isJudged } from "./unwinding.ts";

export interface Limits {
  /** Wall seconds for one compiler run over a batch. */
  readonly compileSeconds: number;
  /** Wall milliseconds for one run of one program. */
  readonly caseMilliseconds: number;
}

export const DEFAULT_LIMITS: Limits = { compileSeconds: 120, caseMilliseconds: 2000 };

/** A program that a configuration does not run as the interpreter says. */
export interface Suspect {
  readonly program: CheckedProgram;
  readonly configuration: Configuration;
  readonly verdict: Exclude<Verdict, "agree">;
  /** For compile verdicts: what the compiler said. */
  readonly message: string;
  readonly divergence: Divergence | undefined;
  /** The case shows alone; otherwise only in the company of `batch`. */
  readonly alone: boolean;
  readonly batch: Batch | undefined;
}

export interface ConfigurationResult {
  readonly configuration: Configuration;
  /** Programs that were compared. */
  runs: number;
  readonly verdicts: Record<Verdict, number>;
  compileSeconds: number;
  runSeconds: number;
  textSize: number;
}

export interface TaskOutcome {
  readonly key: string;
  readonly batch: number;
  readonly programs: number;
  readonly discarded: number;
  readonly results: readonly ConfigurationResult[];
  readonly skips: ReadonlyMap<string, number>;
  readonly suspects: readonly Suspect[];
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly stages: Readonly<Record<string, number>>;
}

export interface GeneratedBatch {
  readonly batch: Batch;
  readonly discarded: number;
  /** Why programs of these numbers could not be made, with how many. */
  readonly lost?: ReadonlyMap<string, number>;
}

/**
 * Generates and proves the programs `first ..< first + count`. A number whose program cannot be made is left out, and counted.
 *
 * @throws Error when none can be made.
 */
export function generateBatch(
  seed: string,
  first: number,
  count: number,
  features: FeatureChoice = "core",
): GeneratedBatch {
  const tcx = newTyCtxt();
  const programs: CheckedProgram[] = [];
  const lost = new Map<string, number>();
  let discarded = 0;
  for (let i = 0; i < count; i++) {
    try {
      const made = generateNumbered(seed, first + i, tcx, features);
      programs.push(made.checked);
      discarded += made.discarded;
    } catch (error) {
      if (programs.length === 0 && i === count - 1) throw error;
      const reason = `program not made: ${(error as Error).message.split("\n")[0]}`;
      lost.set(reason, (lost.get(reason) ?? 0) + 1);
    }
  }
  return { batch: makeBatch(programs), discarded, lost };
}

/** Runs `task` over `generated` programs; `directory` is the task's own and is removed afterwards. */
export async function runTask(
  task: Task,
  generated: GeneratedBatch,
  subject: Subject,
  directory: string,
  limits: Limits,
  clock: Stopwatch,
): Promise<TaskOutcome> {
  const skips = new Map<string, number>();
  const suspects: Suspect[] = [];
  const results: ConfigurationResult[] = [];
  for (const [reason, count] of generated.lost ?? []) skips.set(reason, count * task.configurations.length);
  for (const [i, configuration] of task.configurations.entries()) {
    const result: ConfigurationResult = {
      configuration,
      runs: 0,
      verdicts: newVerdictCounts(),
      compileSeconds: 0,
      runSeconds: 0,
      textSize: 0,
    };
    results.push(result);
    const run = new ConfigurationRun(
      subject,
      configuration,
      join(directory, String(i)),
      limits,
      clock,
      result,
      skips,
      suspects,
    );
    await run.start(generated.batch);
    await rm(join(directory, String(i)), { recursive: true, force: true });
  }
  const { seconds, cpuSeconds, stages } = clock.read();
  return {
    key: task.key,
    batch: task.batch,
    programs: task.count,
    discarded: generated.discarded,
    results,
    skips,
    suspects,
    seconds,
    cpuSeconds,
    stages,
  };
}

/** A batch in one configuration: compile, run, judge; split the batch when it cannot be compiled as a whole. */
class ConfigurationRun {
  private readonly subject: Subject;
  private readonly configuration: Configuration;
  private readonly directory: string;
  private readonly limits: Limits;
  private readonly clock: Stopwatch;
  private readonly result: ConfigurationResult;
  private readonly skips: Map<string, number>;
  private readonly suspects: Suspect[];
  private serial = 0;

  constructor(
    subject: Subject,
    configuration: Configuration,
    directory: string,
    limits: Limits,
    clock: Stopwatch,
    result: ConfigurationResult,
    skips: Map<string, number>,
    suspects: Suspect[],
  ) {
    this.subject = subject;
    this.configuration = configuration;
    this.directory = directory;
    this.limits = limits;
    this.clock = clock;
    this.result = result;
    this.skips = skips;
    this.suspects = suspects;
  }

  /** All of `batch` that has a meaning under the subject's layouts. */
  async start(batch: Batch): Promise<void> {
    const own = partUnderLayoutsOf(batch, this.subject.info);
    const missing = batch.programs.length - (own?.programs.length ?? 0);
    if (missing > 0) this.skip(LAYOUT_DEPENDENT, missing);
    if (own !== undefined) await this.batch(own);
  }

  private async batch(batch: Batch): Promise<void> {
    const outcome = await this.compile(batch);
    switch (outcome.kind) {
      case "unsupported":
        return this.skip(outcome.reason, batch.programs.length);
      case "failed":
        return this.failed(batch, outcome);
      case "ok":
        this.result.compileSeconds += outcome.seconds;
        this.result.textSize += outcome.textSize;
        for (const reason of outcome.skipped.values()) this.skip(reason, 1);
        return this.judge(batch, outcome.executable, outcome.skipped);
    }
  }

  private compile(batch: Batch): Promise<CompileOutcome> {
    return this.clock.stage("compile", () =>
      this.subject.compile({
        batch,
        configuration: this.configuration,
        directory: join(this.directory, String(this.serial++)),
        timeLimit: this.limits.compileSeconds,
      }),
    );
  }

  private skip(reason: string, count: number): void {
    const text = `${this.configuration.subject}: ${reason}`;
    this.skips.set(text, (this.skips.get(text) ?? 0) + count);
  }

  /** Halves a batch that does not compile until the programs at fault stand alone; the others are still compared. */
  private async failed(batch: Batch, outcome: Extract<CompileOutcome, { kind: "failed" }>): Promise<void> {
    if (batch.programs.length > 1) {
      const middle = batch.programs.length >> 1;
      await this.batch(makeBatch(batch.programs.slice(0, middle)));
      await this.batch(makeBatch(batch.programs.slice(middle)));
      return;
    }
    this.count(batch.programs[0]!, outcome.verdict, undefined, true, outcome.message, undefined);
  }

  private async judge(batch: Batch, executable: string, skipped: ReadonlyMap<number, string>): Promise<void> {
    if (skipped.size === batch.programs.length) return;
    const run = await this.execute(executable, caseCount(batch));
    let first = 0;
    for (const [position, program] of batch.programs.entries()) {
      const cases = run.cases.slice(first, first + program.runs.length);
      if (!skipped.has(position)) await this.judgeRuns(batch, program, cases, executable, first);
      first += program.runs.length;
    }
  }

  private async judgeRuns(
    batch: Batch,
    program: CheckedProgram,
    cases: readonly CaseResult[],
    executable: string,
    firstCase: number,
  ): Promise<void> {
    const judged = program.runs.filter((run) => isJudged(run, this.configuration.kind)).length;
    if (judged < program.runs.length) this.skip("runs that unwind, where panics abort", program.runs.length - judged);
    if (judged > 0) await this.judgeProgram(batch, program, cases, executable, firstCase);
  }

  private async execute(executable: string, cases: number, only?: number): Promise<BatchRun> {
    const run = await this.clock.stage("run", () =>
      runBatch({
        executable,
        target: this.configuration.target,
        caseCount: cases,
        caseMilliseconds: this.limits.caseMilliseconds,
        ...(only === undefined ? {} : { only }),
      }),
    );
    this.result.runSeconds += run.seconds;
    return run;
  }

  private async judgeProgram(
    batch: Batch,
    program: CheckedProgram,
    cases: readonly CaseResult[],
    executable: string,
    firstCase: number,
  ): Promise<void> {
    const worst = worstCase(program, cases, this.configuration.kind);
    if (worst === undefined) {
      this.result.runs++;
      this.result.verdicts.agree++;
      return;
    }
    // One more run of just that case: what does not show again is no evidence against a deterministic compiler.
    const number = firstCase + worst.index;
    const again = (await this.execute(executable, caseCount(batch), number)).cases[number];
    const repeated = again === undefined ? undefined : judgeCase(program.runs[worst.index]!.expected.events, again);
    if (repeated?.verdict === "agree") {
      const whole = (await this.execute(executable, caseCount(batch))).cases[number];
      const stable =
        whole !== undefined && judgeCase(program.runs[worst.index]!.expected.events, whole).verdict === worst.verdict;
      // A hang that does not repeat is a busy machine.
      if (!stable && worst.verdict === "hang") {
        this.result.runs++;
        this.result.verdicts.agree++;
        return;
      }
      this.count(program, stable ? worst.verdict : "nondeterminism", worst.divergence, false, "", batch);
      return;
    }
    this.count(program, repeated?.verdict ?? worst.verdict, repeated?.divergence ?? worst.divergence, true, "", batch);
  }

  private count(
    program: CheckedProgram,
    verdict: Exclude<Verdict, "agree">,
    divergence: Divergence | undefined,
    alone: boolean,
    message: string,
    batch: Batch | undefined,
  ): void {
    this.result.runs++;
    this.result.verdicts[verdict]++;
    this.suspects.push({ program, configuration: this.configuration, verdict, divergence, alone, message, batch });
  }
}

const parts = new WeakMap<Batch, Map<string, Batch | undefined>>();

/** `batch` with what its programs observe under the layouts of `info`, the same each time; `undefined` when nothing is left of it. */
function partUnderLayoutsOf(batch: Batch, info: SubjectInfo): Batch | undefined {
  const bySubject = parts.get(batch) ?? new Map<string, Batch | undefined>();
  parts.set(batch, bySubject);
  if (!bySubject.has(info.name)) {
    const programs = batch.programs.flatMap((program) => underLayoutsOf(program, info) ?? []);
    const isSame = programs.length === batch.programs.length && programs.every((each, i) => each === batch.programs[i]);
    bySubject.set(info.name, isSame ? batch : programs.length === 0 ? undefined : makeBatch(programs));
  }
  return bySubject.get(info.name);
}

/** The first run of `program` that differs; `undefined` when all that are judged agree. */
export function worstCase(
  program: CheckedProgram,
  cases: readonly (CaseResult | undefined)[],
  kind: SubjectKind,
): { index: number; verdict: Exclude<Verdict, "agree">; divergence: Divergence | undefined } | undefined {
  for (const [index, run] of program.runs.entries()) {
    if (!isJudged(run, kind)) continue;
    const { expected } = run;
    const actual = cases[index] ?? MISSING_CASE;
    const { verdict, divergence } = judgeCase(expected.events, actual);
    if (verdict !== "agree") return { index, verdict, divergence };
  }
  return undefined;
}
