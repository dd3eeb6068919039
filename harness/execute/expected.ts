/** The whole event stream that a batch executable writes when every run does as the interpreter says. */

import { EventKind, RECORD_SIZE, type RunResult } from "../../codegen/index.ts";

/** `runs` in case order. A run that panics has no `CASE_END`: the panic is its end. */
export function expectedStream(runs: readonly RunResult[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (const [i, run] of runs.entries()) {
    chunks.push(frame(EventKind.CASE_START, i), run.events);
    if (run.outcome.kind === "return") chunks.push(frame(EventKind.CASE_END, i));
  }
  return Buffer.concat(chunks);
}

function frame(kind: number, number: number): Uint8Array {
  const record = Buffer.alloc(RECORD_SIZE);
  record.writeUInt32LE(kind, 0);
  record.writeUInt32LE(number, 8);
  return record;
}
