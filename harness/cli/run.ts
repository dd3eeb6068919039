/** `mirwatch run`: interprets a program and prints its events. */

import { Command } from "commander";
import {
  Diagnostic,
  entryPoints,
  type FnItem,
  HOST_TARGET,
  interpretEntry,
  LayoutCx,
  prepareProgram,
  type RunResult,
} from "../../codegen/index.ts";
import { describeEvents } from "../oracle/describe.ts";
import { FUEL, rejection } from "../oracle/prove.ts";
import { positiveInt } from "./matrix-options.ts";
import { readProgram } from "./program-file.ts";

interface RunOptions {
  readonly fuel: number;
  readonly json?: boolean;
}

export function runCommand(): Command {
  return new Command("run")
    .description("Interpret a program: its events on stdout, undefined behaviour as an error.")
    .argument("<file>", "MIR text; - for standard input")
    .option("--fuel <n>", "MIR steps that a run may take", positiveInt, FUEL)
    .option("--json", "one JSON document")
    .action((file: string, options: RunOptions) => {
      const program = readProgram(file);
      const entries = entryPoints(program);
      if (entries.length === 0) {
        throw new Diagnostic("the program has no entry point", {
          file,
          help: "add a function without parameters named `main` or `input_0`",
        });
      }
      const layout = new LayoutCx(program.tcx, HOST_TARGET.dataLayout);
      const prepared = prepareProgram(program, layout);
      const runs = entries.map((entry) => ({ entry, result: interpretEntry(prepared, entry, { fuel: options.fuel }) }));
      if (options.json === true) process.stdout.write(`${JSON.stringify({ runs: runs.map(jsonRun) })}\n`);
      else for (const { entry, result } of runs) printRun(entry, result);
      for (const { entry, result } of runs) failOnUb(file, entry, result);
    });
}

function jsonRun({ entry, result }: { entry: FnItem; result: RunResult }): object {
  return {
    entry: entry.name,
    outcome: result.outcome.kind,
    steps: result.steps,
    events: describeEvents(result.events),
  };
}

function printRun(entry: FnItem, result: RunResult): void {
  process.stdout.write(`${entry.name}: ${result.outcome.kind} after ${result.steps} steps\n`);
  for (const line of describeEvents(result.events)) process.stdout.write(`  ${line}\n`);
}

function failOnUb(file: string, entry: FnItem, { outcome, ...rest }: RunResult): void {
  if (outcome.kind === "return" || outcome.kind === "panic") return;
  if (outcome.kind !== "ub") throw new Diagnostic(`${entry.name}: ${rejection({ outcome, ...rest })}`, { file });
  const { error } = outcome;
  throw new Diagnostic(`undefined behaviour: ${error.message}`, {
    file,
    span: error.span,
    help: `in ${error.function}, bb${error.block}, statement ${error.statement}`,
  });
}
