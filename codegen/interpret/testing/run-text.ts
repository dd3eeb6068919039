/**
 * Runs MIR text in tests, and reads events back.
 */

import { LayoutCx } from "../../layout/layout.ts";
import { parseProgram } from "../../mir/parser.ts";
import { entryPoints } from "../../mir/program.ts";
import { HOST_TARGET } from "../../target/spec.ts";
import type { PrepareOptions } from "../compile.ts";
import { type InterpretOptions, interpretEntry, prepareProgram, type RunResult } from "../interpret.ts";

/** The result of the first entry point of the program `text`. */
export function runText(text: string, fuel = 1_000_000, maxEvents?: number): RunResult {
  return runWith(text, {}, maxEvents === undefined ? { fuel } : { fuel, maxEvents });
}

/** The same with options. */
export function runWith(
  text: string,
  prepare: PrepareOptions,
  options: InterpretOptions = { fuel: 1_000_000 },
): RunResult {
  const program = parseProgram(text);
  const prepared = prepareProgram(program, new LayoutCx(program.tcx, HOST_TARGET.dataLayout), prepare);
  const entry = entryPoints(program)[0];
  if (entry === undefined) throw new Error("no entry point");
  return interpretEntry(prepared, entry, options);
}

export interface Event {
  readonly kind: number;
  readonly tag: number;
  readonly value: bigint;
}

/** The records of a run; a value is its 128 bits. */
export function eventsOf(result: RunResult): Event[] {
  const view = new DataView(result.events.buffer);
  return Array.from({ length: result.events.length / 24 }, (_, i) => ({
    kind: view.getUint32(24 * i, true),
    tag: view.getUint32(24 * i + 4, true),
    value: view.getBigUint64(24 * i + 8, true) | (view.getBigUint64(24 * i + 16, true) << 64n),
  }));
}

/** The values of the events, after a run that returned. */
export function valuesOf(result: RunResult): bigint[] {
  if (result.outcome.kind !== "return") throw new Error(`the run ended in ${JSON.stringify(result.outcome)}`);
  return eventsOf(result).map((e) => e.value);
}

/** What a run came to: `return`, `panic 3`, or the kind of its undefined behaviour. */
export function verdictOf(result: RunResult): string {
  const { outcome } = result;
  if (outcome.kind === "ub") return outcome.error.kind;
  return outcome.kind === "panic" ? `panic ${outcome.code}` : outcome.kind;
}

/** `main` with these locals and blocks; the last block returns by itself when it ends in no terminator. */
export function mainOf(locals: string, ...blocks: string[]): string {
  const last = blocks.length - 1;
  const text = blocks.map((b, i) => `bb${i}: { ${b}${i === last ? " return;" : ""} }`);
  return `fn main() -> () { ${locals} ${text.join("\n")} }`;
}
