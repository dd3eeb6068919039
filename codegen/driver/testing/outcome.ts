/**
 * What `mirc` makes of a program whose events are known: an executable that writes them, or a diagnostic that says what is not lowered. All else
 * is a fault of ours.
 */

import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../mirc.ts";

export type Outcome =
  | { readonly kind: "agrees" }
  /** mirc refuses the program; `reason` is its message's first line. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "fault"; readonly what: string };

/** Milliseconds for all cases of one program. */
const TIME_LIMIT = 20_000;

/** What is no fault: the message names a construct. */
const REFUSAL = /^error: (?:code generation does not support .*|the constant .* cannot be evaluated here)/;

/** Compiles `text` in `directory` with `options` of mirc, runs all its cases, and compares with `expected`, the whole stream of events. */
export async function outcomeOf(
  text: string,
  expected: Uint8Array,
  directory: string,
  options: readonly string[],
): Promise<Outcome> {
  const source = join(directory, "program.mir");
  const executable = join(directory, "program");
  writeFileSync(source, text);
  rmSync(executable, { force: true });
  const lines: string[] = [];
  const streams = { out: () => {}, err: (line: string) => void lines.push(line) };
  const status = await main(["-Zverify", ...options, "-o", executable, source], streams);
  if (status !== 0) {
    const err = lines.join("");
    const reason = REFUSAL.exec(err)?.[0];
    return status === 2 && reason !== undefined ? { kind: "refused", reason } : { kind: "fault", what: err };
  }
  const run = spawnSync(executable, ["-"], { maxBuffer: 1 << 28, timeout: TIME_LIMIT });
  if (run.error !== undefined) return { kind: "fault", what: `the executable: ${run.error.message}` };
  if (run.status !== 0) return { kind: "fault", what: `the executable ends with ${run.status ?? run.signal}` };
  if (!run.stdout.equals(expected))
    return { kind: "fault", what: "the executable's events are others than the interpreter's" };
  return { kind: "agrees" };
}
