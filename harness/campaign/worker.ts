/**
 * A hunting worker: one thread that does one task at a time, from seeds to findings, and answers with plain records.
 *
 * Of all the suspects of a task, one per program is investigated in full. When a subject shows many faulty programs, the later ones are
 * only attributed: if bisection names a culprit that a finding of this worker already has, they are occurrences of that finding.
 */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { bisectPasses } from "../bisect/pass.ts";
import { parseFeatures } from "../generate/features.ts";
import { findSubjects } from "../subjects/find.ts";
import type { Subject } from "../subjects/subject.ts";
import { writeFinding } from "./finding-files.ts";
import { type Investigation, investigate, Prober } from "./investigate.ts";
import type { FindingRecord, FromWorker, OccurrenceRecord, TaskRecord, ToWorker, WorkerData } from "./messages.ts";
import { sampleOf, type Task } from "./plan.ts";
import { Stopwatch } from "./stopwatch.ts";
import { type GeneratedBatch, generateBatch, runTask, type Suspect, type TaskOutcome } from "./task.ts";

/** Full investigations of one task; a subject that fails everywhere is reported, not reduced a hundred times. */
const INVESTIGATIONS_PER_TASK = 4;

export class TaskRunner {
  private readonly data: WorkerData;
  private readonly subjects: ReadonlyMap<string, Subject>;
  private readonly batches = new Map<number, GeneratedBatch>();
  /** Findings of this worker, by what attribution can tell without reducing. */
  private readonly known = new Map<string, string>();
  private serial = 0;

  constructor(data: WorkerData, subjects: readonly Subject[]) {
    this.data = data;
    this.subjects = new Map(subjects.map((subject) => [subject.info.name, subject]));
  }

  async run(task: Task): Promise<TaskRecord> {
    const subject = this.subjects.get(task.subject);
    if (subject === undefined) throw new Error(`the subject ${task.subject} is gone from this machine`);
    const directory = join(this.data.scratch, `task${this.serial++}`);
    mkdirSync(directory, { recursive: true });
    try {
      const clock = new Stopwatch();
      const generated = await clock.stage("generate", () => this.generate(task));
      const outcome = await runTask(task, generated, subject, directory, this.data.limits, clock);
      const { findings, occurrences, uninvestigated } = await this.explain(outcome, subject, directory);
      const record = toRecord(outcome, findings, occurrences);
      if (uninvestigated === 0) return record;
      const reason = `${task.subject}: the investigation of more faulty programs than a task investigates`;
      return { ...record, skips: [...record.skips, [reason, uninvestigated]] };
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** The tasks of one batch follow each other, so the last batches are kept. */
  private generate(task: Task): GeneratedBatch {
    let generated = this.batches.get(task.batch);
    if (generated === undefined) {
      generated = generateBatch(this.data.plan.seed, task.first, task.count, parseFeatures(this.data.plan.features));
      if (this.batches.size >= 2) this.batches.delete(this.batches.keys().next().value as number);
      this.batches.set(task.batch, generated);
    }
    return generated;
  }

  private async explain(
    outcome: TaskOutcome,
    subject: Subject,
    directory: string,
  ): Promise<{ findings: FindingRecord[]; occurrences: OccurrenceRecord[]; uninvestigated: number }> {
    const byProgram = Map.groupBy(outcome.suspects, (suspect) => suspect.program.index);
    const findings: FindingRecord[] = [];
    const occurrences: OccurrenceRecord[] = [];
    let investigations = 0;
    let uninvestigated = 0;
    for (const [program, suspects] of byProgram) {
      const suspect = suspects[0]!;
      let id = await this.attribute(suspect, subject, directory);
      if (id === undefined) {
        if (investigations++ >= INVESTIGATIONS_PER_TASK) {
          uninvestigated++;
          continue;
        }
        const record = await this.investigate(suspect, subject, directory);
        findings.push(record);
        id = record.id;
      }
      for (const other of suspects) occurrences.push({ finding: id, program, configuration: other.configuration.id });
    }
    return { findings, occurrences, uninvestigated };
  }

  private async attribute(suspect: Suspect, subject: Subject, directory: string): Promise<string | undefined> {
    if (this.known.size === 0 || !suspect.alone) return undefined;
    const prober = new Prober(subject, suspect.configuration, join(directory, "attribute"), this.data.limits);
    const executions = await subject.passExecutions?.(prober.request(suspect.program)).catch(() => undefined);
    if (executions === undefined) return this.known.get(attributionKey(suspect, undefined));
    const culprit = await bisectPasses(executions, async (limit) => {
      const seen = await prober.observe(suspect.program, limit);
      return seen?.verdict === suspect.verdict;
    });
    return this.known.get(attributionKey(suspect, culprit?.pass));
  }

  private async investigate(suspect: Suspect, subject: Subject, directory: string): Promise<FindingRecord> {
    const references = [...this.subjects.values()].flatMap((other) =>
      sampleOf(this.data.plan, other)
        .filter(
          (configuration) =>
            configuration.target === suspect.configuration.target && configuration.id !== suspect.configuration.id,
        )
        .slice(0, 2)
        .map((configuration) => ({ subject: other, configuration })),
    );
    references.sort((a, b) => Number(b.subject === subject) - Number(a.subject === subject));
    const investigation = suspect.alone
      ? await investigate(suspect, subject, {
          limits: this.data.limits,
          directory: join(directory, "investigate"),
          reduceMilliseconds: this.data.reduceMilliseconds,
          references,
        })
      : undefined;
    const record = await writeFinding(
      {
        suspect,
        investigation,
        subject,
        seed: this.data.plan.seed,
        features: this.data.plan.features,
        scratch: join(directory, "write"),
      },
      this.data.out,
    );
    this.remember(suspect, investigation, record.id);
    return record;
  }

  private remember(suspect: Suspect, investigation: Investigation | undefined, id: string): void {
    if (investigation !== undefined) this.known.set(attributionKey(suspect, investigation.culprit?.pass), id);
  }
}

function attributionKey(suspect: Suspect, culprit: string | undefined): string {
  return [suspect.configuration.kind, suspect.verdict, culprit ?? suspect.message.split("\n")[0]].join("|");
}

function toRecord(
  outcome: TaskOutcome,
  findings: readonly FindingRecord[],
  occurrences: readonly OccurrenceRecord[],
): TaskRecord {
  return {
    task: outcome.key,
    batch: outcome.batch,
    programs: outcome.programs,
    discarded: outcome.discarded,
    results: outcome.results.map(({ configuration, ...rest }) => ({
      configuration: configuration.id,
      subject: configuration.subject,
      target: configuration.target,
      options: configuration.options,
      ...rest,
    })),
    skips: [...outcome.skips],
    findings,
    occurrences,
    seconds: outcome.seconds,
    cpuSeconds: outcome.cpuSeconds,
    stages: outcome.stages,
  };
}

async function serve(port: NonNullable<typeof parentPort>): Promise<void> {
  const data = workerData as WorkerData;
  const post = (message: FromWorker): void => port.postMessage(message);
  const subjects = await findSubjects({
    names: data.plan.subjects.map((subject) => subject.name),
    faults: data.faults,
    out: data.out,
  });
  const runner = new TaskRunner(data, subjects);
  port.on("message", (message: ToWorker) => {
    if (message.kind === "stop") {
      port.close();
      return;
    }
    runner.run(message.task).then(
      (record) => post({ kind: "done", record }),
      (error: unknown) => post({ kind: "failed", task: message.task.key, message: describeFailure(error) }),
    );
  });
  post({ kind: "ready" });
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const system = error as NodeJS.ErrnoException;
  if (system.code === "ENOSPC") return `no space left on the device of ${system.path ?? "the scratch directory"}`;
  return system.code === undefined ? (error.stack ?? error.message) : error.message;
}

if (parentPort !== null) await serve(parentPort);
