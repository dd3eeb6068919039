/** Progress of a hunt: one live line on a terminal, a plain line now and then elsewhere. All of it on stderr. */

import { performance } from "node:perf_hooks";
import { Listr } from "listr2";
import type { HuntObserver } from "../campaign/hunt.ts";
import type { TaskRecord } from "../campaign/messages.ts";
import type { Plan } from "../campaign/plan.ts";

/** Seconds between plain lines. */
const PLAIN_INTERVAL = 5;

export interface ProgressOptions {
  /** Findings go to stdout as NDJSON. */
  readonly json: boolean;
  /** The hunt's time limit. */
  readonly seconds: number | undefined;
}

export function newObserver(options: ProgressOptions): HuntObserver {
  return new Progress(options, process.stderr.isTTY === true && !options.json);
}

class Progress implements HuntObserver {
  private readonly options: ProgressOptions;
  private readonly live: boolean;
  private started = performance.now();
  private lastLine = performance.now();
  private plan: Plan | undefined;
  private readonly batches = new Map<number, number>();
  private runs = 0;
  private bad = 0;
  private skipped = 0;
  private findings = 0;
  private title: ((text: string) => void) | undefined;
  private finish: (() => void) | undefined;
  private rendering: Promise<unknown> = Promise.resolve();

  constructor(options: ProgressOptions, live: boolean) {
    this.options = options;
    this.live = live;
  }

  begin(plan: Plan, resumed: number): void {
    this.plan = plan;
    this.started = performance.now();
    const again = resumed === 0 ? "" : `, resuming after ${resumed} tasks`;
    process.stderr.write(
      `seed ${plan.seed}: ${plan.subjects.map((subject) => subject.name).join(", ")} on ${plan.matrix.targets.join(", ")}${again}\n`,
    );
    if (this.live) this.startLive();
  }

  private startLive(): void {
    const ended = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    const list = new Listr([
      {
        title: "hunting",
        task: (_context, task): Promise<void> => {
          this.title = (text): void => {
            task.title = text;
          };
          return ended;
        },
      },
    ]);
    this.rendering = list.run();
  }

  private line(): string {
    const seconds = (performance.now() - this.started) / 1000;
    const programs = [...this.batches.values()].reduce((a, b) => a + b, 0);
    const left = this.secondsLeft(seconds, programs);
    return [
      `${programs} programs (${(programs / seconds).toFixed(1)}/s)`,
      `${this.runs} runs (${(this.runs / seconds).toFixed(0)}/s)`,
      `${this.bad} bad`,
      `${this.findings} findings`,
      `${this.skipped} skipped`,
      ...(left === undefined ? [] : [`${left.toFixed(0)} s left`]),
    ].join(", ");
  }

  private secondsLeft(seconds: number, programs: number): number | undefined {
    if (this.options.seconds !== undefined) return Math.max(0, this.options.seconds - seconds);
    const total = this.plan?.programs;
    return total === undefined || programs === 0 ? undefined : (seconds * (total - programs)) / programs;
  }

  /** Counts a task and shows where the hunt stands. */
  task(record: TaskRecord, fresh: readonly string[]): void {
    this.batches.set(record.batch, record.programs);
    for (const result of record.results) {
      this.runs += result.runs;
      this.bad += result.runs - result.verdicts.agree;
    }
    for (const [, count] of record.skips) this.skipped += count;
    this.findings += fresh.length;
    for (const finding of record.findings) if (fresh.includes(finding.id)) this.announce(finding);
    this.show();
  }

  private announce(finding: TaskRecord["findings"][number]): void {
    if (this.options.json) {
      process.stdout.write(`${JSON.stringify({ finding })}\n`);
      return;
    }
    process.stderr.write(
      `finding ${finding.id}: ${finding.verdict} of ${finding.configuration}, ${finding.culprit ?? "culprit unknown"}, ${finding.statements} statements\n`,
    );
  }

  private show(): void {
    if (this.title !== undefined) {
      this.title(`hunting: ${this.line()}`);
      return;
    }
    const now = performance.now();
    if (now - this.lastLine < PLAIN_INTERVAL * 1000) return;
    this.lastLine = now;
    process.stderr.write(`${this.line()}\n`);
  }

  warn(message: string): void {
    process.stderr.write(`warning: ${message}\n`);
  }

  end(): void {
    this.finish?.();
    void this.rendering;
  }
}
