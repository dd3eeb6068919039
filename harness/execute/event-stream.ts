/**
 * Reading the event stream of a batch executable, whatever is in it.
 *
 * A well-formed stream is, for each case in ascending order, `CASE_START`, its records, and its end: `CASE_END`, `CASE_DIED`, `CASE_FLOOD`, or a `PANIC`
 * record, which is itself the end. The runs share the stream with code that may have been miscompiled, so nothing is taken for granted: a record that
 * cannot stand where it stands spoils its case only, and reading goes on at the next `CASE_START` of a later case, at any offset.
 */

import { EventKind, MAX_EVENTS_PER_CASE, RECORD_SIZE } from "../../codegen/index.ts";

export type CaseEnd =
  | "returned"
  | "panicked"
  /** Its process ended by a signal or a status of its own; or it ran out of time. */
  | "died"
  /** More events than any run may have. */
  | "flood"
  /** What it wrote is not a sequence of records. */
  | "garbage"
  /** Nothing shows how it ended. */
  | "missing";

/** What one case did. */
export interface CaseResult {
  readonly end: CaseEnd;
  /** Its records, a panic's included; those of process control are not. */
  readonly events: Uint8Array;
  /** For `died`: the signal's number … */
  readonly signal?: number;
  /** … or the exit status. */
  readonly exitStatus?: number;
}

const NO_EVENTS = new Uint8Array(0);

export const MISSING_CASE: CaseResult = { end: "missing", events: NO_EVENTS };

/** `CASE_START` up to its number. */
const START_PATTERN = Buffer.from([EventKind.CASE_START, 0, 0, 0, 0, 0, 0, 0]);

/**
 * The results of the cases that `stream` tells of; the others are absent.
 *
 * @param caseCount cases are numbered from 0 up to this.
 */
export function readEventStream(stream: Buffer, caseCount: number): Map<number, CaseResult> {
  return new StreamReader(stream, caseCount).read();
}

class StreamReader {
  private readonly stream: Buffer;
  private readonly caseCount: number;
  private readonly results = new Map<number, CaseResult>();
  private at = 0;
  /** The open case; -1 between cases. */
  private current = -1;
  /** The last case that was opened. */
  private last = -1;
  /** Where the open case's records start. */
  private from = 0;

  constructor(stream: Buffer, caseCount: number) {
    this.stream = stream;
    this.caseCount = caseCount;
  }

  read(): Map<number, CaseResult> {
    while (this.at + RECORD_SIZE <= this.stream.length) {
      if (!this.record()) this.resynchronize();
    }
    return this.results;
  }

  /** Takes in the record at `at`; false when it cannot stand there. */
  private record(): boolean {
    const { stream, at } = this;
    const kind = stream.readUInt32LE(at);
    if (kind >= EventKind.BOOL && kind < EventKind.PANIC) return this.event();
    switch (kind) {
      case EventKind.PANIC:
        if (!this.event()) return false;
        this.close("panicked", this.at);
        return true;
      case EventKind.CASE_START:
        return this.open(at);
      case EventKind.CASE_END:
      case EventKind.CASE_FLOOD:
        if (this.current < 0 || this.frameNumber(at) !== this.current) return false;
        this.close(kind === EventKind.CASE_END ? "returned" : "flood", at);
        this.at = at + RECORD_SIZE;
        return true;
      case EventKind.CASE_DIED:
        return this.died(at);
      default:
        return false;
    }
  }

  private event(): boolean {
    if (this.current < 0) return false;
    this.at += RECORD_SIZE;
    return this.at - this.from <= MAX_EVENTS_PER_CASE * RECORD_SIZE;
  }

  /** Opens the case whose start is at `at`; one that is still open has no end and stays unknown. */
  private open(at: number): boolean {
    const number = this.frameNumber(at);
    if (number <= this.last || this.high(at) !== 0n) return false;
    this.current = number;
    this.last = number;
    this.at = at + RECORD_SIZE;
    this.from = this.at;
    return true;
  }

  /** The parent tells of a death. What the case had not yet written is lost, its start perhaps included. */
  private died(at: number): boolean {
    const number = this.frameNumber(at);
    const unopened = this.current < 0 && number > this.last;
    if (number < 0 || (number !== this.current && !unopened)) return false;
    if (unopened) {
      this.current = number;
      this.last = number;
      this.from = at;
    }
    this.close("died", at, Number(this.high(at) & 0xffffn));
    this.at = at + RECORD_SIZE;
    return true;
  }

  private close(end: CaseEnd, to: number, waitStatus = 0): void {
    const events = this.stream.subarray(this.from, to);
    const how = end === "died" ? decodeWaitStatus(waitStatus) : {};
    this.results.set(this.current, { end, events, ...how });
    this.current = -1;
  }

  /** The case number of the process-control record at `at`; -1 when it is not one that can be. */
  private frameNumber(at: number): number {
    const { stream } = this;
    if (stream.readUInt32LE(at + 4) !== 0 || stream.readUInt32LE(at + 12) !== 0) return -1;
    const number = stream.readUInt32LE(at + 8);
    return number < this.caseCount ? number : -1;
  }

  private high(at: number): bigint {
    return this.stream.readBigUInt64LE(at + 16);
  }

  /** Gives up the open case, and goes on at the next start of a later one. */
  private resynchronize(): void {
    this.current = -1;
    const { stream } = this;
    for (
      let next = stream.indexOf(START_PATTERN, this.at + 1);
      next >= 0;
      next = stream.indexOf(START_PATTERN, next + 1)
    ) {
      if (next + RECORD_SIZE > stream.length) break;
      if (this.frameNumber(next) > this.last && this.high(next) === 0n) {
        this.at = next;
        return;
      }
    }
    this.at = stream.length;
  }
}

/** The signal or exit status in a status of wait(2). */
export function decodeWaitStatus(status: number): { signal: number } | { exitStatus: number } {
  const signal = status & 0x7f;
  return signal !== 0 ? { signal } : { exitStatus: (status >> 8) & 0xff };
}
