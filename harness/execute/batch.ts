/**
 * Running a batch executable: many cases in one process, each isolated by the runtime in a child of its own.
 *
 * `argv[1]` of the executable names the only case to run, or is `-` for all of them; `argv[2]` is each case's limit in milliseconds.
 * Cases of which the stream tells no end are run again, each alone, as long as time is left; what is unreadable even then is `garbage` or `missing`.
 */

import { constants } from "node:os";
import { type CommandResult, EventKind, MAX_EVENTS_PER_CASE, RECORD_SIZE } from "../../codegen/index.ts";
import { type CaseResult, MISSING_CASE, readEventStream } from "./event-stream.ts";
import { DEFAULT_EXECUTION_LIMITS, type ExecutionLimits, runExecutable } from "./process.ts";

export type { CaseEnd, CaseResult } from "./event-stream.ts";

export interface BatchRequest {
  readonly executable: string;
  /** The triple that it was compiled for. */
  readonly target: string;
  readonly caseCount: number;
  /** Wall milliseconds that a case may take; the runtime enforces it. */
  readonly caseMilliseconds: number;
  /** Runs just this case. */
  readonly only?: number;
  readonly limits?: Partial<ExecutionLimits>;
}

export interface BatchRun {
  /** By case number. With `only`, the others are `missing`. */
  readonly cases: readonly CaseResult[];
  /** Wall seconds, re-runs included. */
  readonly seconds: number;
  /** Cases that were run again, alone. */
  readonly reruns: number;
}

/** `argv[1]` of a run of all cases. */
const ALL_CASES = "-";

/** Beyond the case's own limit, which the runtime enforces: for starting, and for a runtime that does not. */
const GRACE_MILLISECONDS = 2_000;

/** Bytes that one case may write, with its frame. */
const CASE_OUTPUT = (MAX_EVENTS_PER_CASE + 4) * RECORD_SIZE;

/** Runs the cases of an executable. Never throws for what the executable does. */
export async function runBatch(request: BatchRequest): Promise<BatchRun> {
  return new BatchRunner(request).run();
}

class BatchRunner {
  private readonly request: BatchRequest;
  private readonly limits: ExecutionLimits;
  private readonly cases: CaseResult[];
  private seconds = 0;
  private reruns = 0;

  constructor(request: BatchRequest) {
    this.request = request;
    this.limits = { ...DEFAULT_EXECUTION_LIMITS, ...request.limits };
    this.cases = Array.from({ length: request.caseCount }, () => MISSING_CASE);
  }

  async run(): Promise<BatchRun> {
    const { only, caseCount } = this.request;
    if (only !== undefined) await this.alone(only);
    else {
      const result = await this.execute(
        [ALL_CASES, String(this.request.caseMilliseconds)],
        this.limits.timeLimit,
        this.limits.outputLimit,
      );
      for (const [number, outcome] of readEventStream(result.stdout, caseCount)) this.cases[number] = outcome;
      for (let number = 0; number < caseCount; number++) {
        if (this.cases[number] !== MISSING_CASE || this.timeLeft() <= 0) continue;
        this.reruns++;
        await this.alone(number);
      }
    }
    return { cases: this.cases, seconds: this.seconds, reruns: this.reruns };
  }

  private timeLeft(): number {
    return this.limits.timeLimit - this.seconds * 1000;
  }

  private async alone(number: number): Promise<void> {
    const result = await this.execute(
      [String(number), String(this.request.caseMilliseconds)],
      this.request.caseMilliseconds + GRACE_MILLISECONDS,
      CASE_OUTPUT,
    );
    this.cases[number] =
      readEventStream(result.stdout, this.request.caseCount).get(number) ?? unreadable(result, number);
  }

  private async execute(args: readonly string[], timeLimit: number, outputLimit: number): Promise<CommandResult> {
    const { target, executable } = this.request;
    const limits = { ...this.limits, timeLimit, outputLimit: Math.min(outputLimit, this.limits.outputLimit) };
    const result = await runExecutable(target, executable, args, limits);
    this.seconds += result.seconds;
    return result;
  }
}

/** What is to be said of a case whose own process tells nothing of its end. */
function unreadable(result: CommandResult, number: number): CaseResult {
  const events = soundPrefix(result.stdout, number);
  if (result.timedOut) return { end: "missing", events };
  if (result.outputExceeded) return { end: "flood", events };
  if (result.signal !== undefined) return { end: "died", events, signal: constants.signals[result.signal] };
  if (result.startError !== undefined) return { end: "died", events };
  if (result.status !== 0) return { end: "died", events, exitStatus: result.status ?? 0 };
  return { end: result.stdout.length === 0 ? "missing" : "garbage", events };
}

/** The records of case `number` that `stream` holds before it ends or turns into something else. */
function soundPrefix(stream: Buffer, number: number): Uint8Array {
  const started =
    stream.length >= RECORD_SIZE &&
    stream.readUInt32LE(0) === EventKind.CASE_START &&
    stream.readBigUInt64LE(8) === BigInt(number);
  if (!started) return new Uint8Array(0);
  let end = RECORD_SIZE;
  while (end + RECORD_SIZE <= stream.length) {
    const kind = stream.readUInt32LE(end);
    if (kind < EventKind.BOOL || kind > EventKind.PANIC) break;
    end += RECORD_SIZE;
  }
  return stream.subarray(RECORD_SIZE, end);
}
