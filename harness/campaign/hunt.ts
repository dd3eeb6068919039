/**
 * The hunt: tasks to workers, records to the store, until the programs, the time or the user's patience run out.
 *
 * One process writes the store, a task at a time, each in one transaction. A killed hunt has lost at most the tasks that were
 * under way, and `--resume` does exactly those and the rest.
 */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { Diagnostic } from "../../codegen/index.ts";
import {
  beginCampaign,
  campaignTotals,
  doneTasks,
  finishCampaign,
  saveTask,
  type Totals,
  unfinishedCampaign,
} from "../store/campaigns.ts";
import { openStore, type Store } from "../store/database.ts";
import type { Subject } from "../subjects/subject.ts";
import type { FromWorker, TaskRecord, ToWorker, WorkerData } from "./messages.ts";
import { type Plan, type Task, tasksOf } from "./plan.ts";
import type { Limits } from "./task.ts";

export interface HuntOptions {
  readonly plan: Plan;
  /** Seconds after which no new task starts; `undefined` for no limit. */
  readonly seconds: number | undefined;
  readonly jobs: number;
  readonly out: string;
  readonly resume: boolean;
  readonly limits: Limits;
  readonly reduceMilliseconds: number;
  readonly faults: readonly string[];
  readonly observer: HuntObserver;
  /** Aborted by the user's Ctrl-C. */
  readonly signal: AbortSignal;
  /** Ends the hunt early when it has seen enough. */
  readonly until?: (record: TaskRecord) => boolean;
}

/** Who shows the hunt's progress. */
export interface HuntObserver {
  begin(plan: Plan, resumed: number): void;
  task(record: TaskRecord, freshFindings: readonly string[]): void;
  warn(message: string): void;
  end(): void;
}

export interface HuntResult extends Totals {
  readonly seed: string;
  readonly campaign: number;
  readonly seconds: number;
  readonly interrupted: boolean;
  /** Tasks were lost to the machine (a full disk, a dead worker): what they would have shown is not known. */
  readonly incomplete: boolean;
}

export const STORE_FILE = "mirwatch.sqlite";

/**
 * Hunts.
 *
 * @throws Diagnostic when the store cannot be used, or when there is nothing to resume or the subjects have changed since.
 */
export async function hunt(options: HuntOptions, subjects: readonly Subject[]): Promise<HuntResult> {
  mkdirSync(options.out, { recursive: true });
  const store = openStore(join(options.out, STORE_FILE));
  const started = performance.now();
  try {
    const { campaign, plan, done } = await open(store, options);
    options.observer.begin(plan, done.size);
    const run = new HuntRun({ ...options, plan }, subjects, store, campaign, done);
    const complete = await run.run();
    if (complete) await finishCampaign(store.db, campaign);
    const totals = await campaignTotals(store.db, campaign);
    const skipped = { ...totals.skipped };
    for (const [reason, count] of run.lostTasks) skipped[reason] = (skipped[reason] ?? 0) + count;
    return {
      ...totals,
      skipped,
      seed: plan.seed,
      campaign,
      seconds: (performance.now() - started) / 1000,
      interrupted: options.signal.aborted,
      incomplete: run.lostTasks.size > 0,
    };
  } finally {
    options.observer.end();
    await store.close();
  }
}

async function open(store: Store, options: HuntOptions): Promise<{ campaign: number; plan: Plan; done: Set<string> }> {
  if (!options.resume) {
    const campaign = await beginCampaign(store.db, options.plan.seed, JSON.stringify(options.plan));
    return { campaign, plan: options.plan, done: new Set() };
  }
  const row = await unfinishedCampaign(store.db);
  if (row === undefined) {
    throw new Diagnostic("there is no unfinished hunt to resume", {
      file: store.path,
      help: "start one without --resume",
    });
  }
  // Campaigns of before there was a choice were of core programs.
  const plan: Plan = { features: "core", ...(JSON.parse(row.plan) as Omit<Plan, "features">) };
  const current = new Map(options.plan.subjects.map((subject) => [subject.name, subject.version]));
  for (const { name, version } of plan.subjects) {
    if (current.get(name) !== version) {
      throw new Diagnostic(
        `the hunt to resume used ${name} ${version}, this machine has ${current.get(name) ?? "none"}`,
        {
          file: store.path,
          help: "install that version again, or start a new hunt without --resume",
        },
      );
    }
  }
  return { campaign: row.id, plan, done: await doneTasks(store.db, row.id) };
}

class HuntRun {
  /** Tasks that the machine, not a compiler, made fail: reason and number of program × configuration runs lost. */
  readonly lostTasks = new Map<string, number>();
  private readonly options: HuntOptions;
  private readonly store: Store;
  private readonly campaign: number;
  private readonly tasks: Iterator<Task>;
  private readonly deadline: number;
  private readonly underWay = new Map<Worker, Task>();
  /** Writes to the store, one after the other. */
  private saving: Promise<void> = Promise.resolve();
  private enough = false;
  private exhausted = false;

  constructor(
    options: HuntOptions,
    subjects: readonly Subject[],
    store: Store,
    campaign: number,
    done: ReadonlySet<string>,
  ) {
    this.options = options;
    this.store = store;
    this.campaign = campaign;
    this.tasks = tasksOf(options.plan, subjects).filter((task) => !done.has(task.key));
    this.deadline =
      options.seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + options.seconds * 1000;
  }

  /** True when every task of the plan is done. */
  async run(): Promise<boolean> {
    const scratch = mkdtempSync(join(tmpdir(), "mirwatch-"));
    try {
      await Promise.all(
        Array.from({ length: this.options.jobs }, (_, i) => this.runWorker(join(scratch, `worker${i}`))),
      );
      await this.saving;
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
    return this.exhausted && !this.options.signal.aborted && this.lostTasks.size === 0;
  }

  private nextTask(): Task | undefined {
    if (this.enough || this.options.signal.aborted || performance.now() >= this.deadline) return undefined;
    const next = this.tasks.next();
    if (next.done === true) {
      this.exhausted = true;
      return undefined;
    }
    return next.value;
  }

  /** Keeps one worker busy; a worker that dies is replaced, and its task counts as lost. */
  private async runWorker(scratch: string): Promise<void> {
    while (await this.workerLife(scratch)) this.options.observer.warn("a worker died and was replaced");
  }

  private workerLife(scratch: string): Promise<boolean> {
    const { plan, out, limits, reduceMilliseconds, faults } = this.options;
    const data: WorkerData = { plan, out, scratch, limits, reduceMilliseconds, faults };
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: data });
    return new Promise((resolve) => {
      const stop = (): void => void worker.terminate();
      this.options.signal.addEventListener("abort", stop, { once: true });
      worker.on("message", (message: FromWorker) => this.onMessage(worker, message));
      worker.on("error", (error: unknown) =>
        this.lose(worker, `worker error: ${error instanceof Error ? error.message : String(error)}`),
      );
      worker.on("exit", () => {
        this.options.signal.removeEventListener("abort", stop);
        const died = this.underWay.has(worker);
        if (died && !this.options.signal.aborted) this.lose(worker, "the worker died");
        resolve(died && !this.options.signal.aborted);
      });
    });
  }

  private onMessage(worker: Worker, message: FromWorker): void {
    if (message.kind === "done") {
      this.underWay.delete(worker);
      this.save(message.record);
    } else if (message.kind === "failed") {
      this.lose(worker, message.message);
      this.underWay.delete(worker);
    }
    const task = this.nextTask();
    if (task === undefined) {
      worker.postMessage({ kind: "stop" } satisfies ToWorker);
      return;
    }
    this.underWay.set(worker, task);
    worker.postMessage({ kind: "task", task } satisfies ToWorker);
  }

  private save(record: TaskRecord): void {
    if (this.options.until?.(record) === true) this.enough = true;
    this.saving = this.saving.then(async () => {
      try {
        const fresh = await saveTask(this.store.db, this.campaign, this.options.plan.seed, record);
        this.options.observer.task(record, fresh);
      } catch (error) {
        const runs = record.results.reduce((sum, result) => sum + result.runs, 0);
        this.count(`not saved: ${(error as Error).message}`, runs);
        this.options.observer.warn(
          `the results of task ${record.task} could not be saved: ${(error as Error).message}; free some disk space and use --resume`,
        );
      }
    });
  }

  private lose(worker: Worker, reason: string): void {
    const task = this.underWay.get(worker);
    if (task === undefined) {
      this.options.observer.warn(reason);
      return;
    }
    this.count(`${task.subject}: ${reason.split("\n")[0]}`, task.count * task.configurations.length);
    this.options.observer.warn(`task ${task.key} is not done: ${reason}`);
  }

  private count(reason: string, runs: number): void {
    this.lostTasks.set(reason, (this.lostTasks.get(reason) ?? 0) + runs);
  }
}
