/**
 * Comparing what a configuration did with what the interpreter says a program does: verdicts, and the first divergent event.
 *
 * Events are the fixed records of `codegen/runtime/events.ts`, so equality is equality of bytes.
 */

import { RECORD_SIZE } from "../../codegen/index.ts";
import type { CaseResult } from "../execute/batch.ts";
import { describeRecord } from "./describe.ts";

export type Verdict = "agree" | "miscompile" | "crash" | "compile-error" | "hang" | "nondeterminism";

export const VERDICTS: readonly Verdict[] = ["agree", "miscompile", "crash", "compile-error", "hang", "nondeterminism"];

/** A count of 0 for every verdict. */
export function newVerdictCounts(): Record<Verdict, number> {
  return { agree: 0, miscompile: 0, crash: 0, "compile-error": 0, hang: 0, nondeterminism: 0 };
}

/** The first event in which two runs differ; `end of run` where one has no more. */
export interface Divergence {
  /** Number of the event in its run, from 0. */
  readonly event: number;
  readonly expected: string;
  readonly actual: string;
}

const SIGALRM = 14;
const SIGXCPU = 24;

/** The verdict over one run, with the divergence unless it agrees. */
export function judgeCase(
  expected: Uint8Array,
  actual: CaseResult,
): { verdict: Verdict; divergence: Divergence | undefined } {
  if (actual.end === "returned" || actual.end === "panicked") {
    const at = firstDifference(expected, actual.events);
    if (at < 0) return { verdict: "agree", divergence: undefined };
    return { verdict: "miscompile", divergence: divergenceAt(expected, actual.events, at, "end of run") };
  }
  const how = describeEnd(actual);
  const at = firstDifference(expected, actual.events);
  const event = at < 0 ? expected.length / RECORD_SIZE : at;
  const divergence = divergenceAt(expected, actual.events, event, how);
  if (actual.end === "flood" || actual.end === "garbage") return { verdict: "miscompile", divergence };
  const signal = actual.signal ?? 0;
  return {
    verdict: signal === SIGALRM || signal === SIGXCPU || actual.end === "missing" ? "hang" : "crash",
    divergence,
  };
}

function describeEnd(actual: CaseResult): string {
  switch (actual.end) {
    case "died":
      return actual.signal === undefined
        ? `exit status ${actual.exitStatus ?? "unknown"}`
        : `killed by ${signalName(actual.signal)}`;
    case "flood":
      return "more events than any run may have";
    case "garbage":
      return "output that is no event record";
    default:
      return "no end of run before the time limit";
  }
}

const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map([
  [4, "SIGILL"],
  [5, "SIGTRAP"],
  [6, "SIGABRT"],
  [7, "SIGBUS"],
  [8, "SIGFPE"],
  [9, "SIGKILL"],
  [11, "SIGSEGV"],
  [SIGALRM, "SIGALRM (time limit)"],
  [SIGXCPU, "SIGXCPU (time limit)"],
]);

export function signalName(signal: number): string {
  return SIGNAL_NAMES.get(signal) ?? `signal ${signal}`;
}

/** The number of the first event that differs; -1 when both are the same. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length === b.length && Buffer.compare(a, b) === 0) return -1;
  const shared = Math.min(a.length, b.length);
  let i = 0;
  while (i < shared && a[i] === b[i]) i++;
  return Math.floor(i / RECORD_SIZE);
}

function divergenceAt(expected: Uint8Array, actual: Uint8Array, event: number, missing: string): Divergence {
  return {
    event,
    expected: describeRecord(expected, event) ?? "end of run",
    actual: describeRecord(actual, event) ?? missing,
  };
}
