/**
 * What the hunting process and its workers say to each other: plain data that survives a structured clone.
 */

import type { Verdict } from "../oracle/compare.ts";
import type { ConfigOptions } from "../subjects/subject.ts";
import type { Plan, Task } from "./plan.ts";
import type { Limits } from "./task.ts";

export interface WorkerData {
  readonly plan: Plan;
  /** The campaign's output directory, absolute. */
  readonly out: string;
  /** Where this worker keeps its temporary files, absolute. */
  readonly scratch: string;
  readonly limits: Limits;
  readonly reduceMilliseconds: number;
  /** Planted faults of the own backend. */
  readonly faults: readonly string[];
}

export type ToWorker = { readonly kind: "task"; readonly task: Task } | { readonly kind: "stop" };

/** A finding as the store keeps it. */
export interface FindingRecord {
  readonly id: string;
  readonly signature: string;
  readonly verdict: Verdict;
  readonly subject: string;
  readonly target: string;
  readonly options: ConfigOptions;
  readonly configuration: string;
  readonly reference: string;
  readonly version: string;
  readonly seed: string;
  readonly program: number;
  /** What the campaign's programs may use, which the program's number depends on. */
  readonly features: string;
  readonly culprit: string | undefined;
  readonly event: number | undefined;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
  readonly statements: number;
  /** Relative to the output directory. */
  readonly directory: string;
}

export interface OccurrenceRecord {
  readonly finding: string;
  readonly program: number;
  readonly configuration: string;
}

export interface ResultRecord {
  readonly configuration: string;
  readonly subject: string;
  readonly target: string;
  readonly options: ConfigOptions;
  readonly runs: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly compileSeconds: number;
  readonly runSeconds: number;
  readonly textSize: number;
}

/** A finished task with everything that goes into the store, in one transaction. */
export interface TaskRecord {
  readonly task: string;
  readonly batch: number;
  readonly programs: number;
  readonly discarded: number;
  readonly results: readonly ResultRecord[];
  readonly skips: readonly (readonly [string, number])[];
  readonly findings: readonly FindingRecord[];
  readonly occurrences: readonly OccurrenceRecord[];
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly stages: Readonly<Record<string, number>>;
}

export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly record: TaskRecord }
  /** The machine, not a compiler, failed: the task is not done and counts as skipped. */
  | { readonly kind: "failed"; readonly task: string; readonly message: string };
