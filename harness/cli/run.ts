/** `mirwatch run`: interprets a program and prints its events. */

import { Command, InvalidArgumentError, Option } from "commander";
import {
  type Aliasing,
  Diagnostic,
  entryPoints,
  type FnItem,
  HOST_TARGET,
  interpretEntry,
  LayoutCx,
  type Moves,
  prepareProgram,
  type RunResult,
  renderUb,
} from "../../codegen/index.ts";
import { describeEvents } from "../oracle/describe.ts";
import { FUEL, rejection } from "../oracle/prove.ts";
import { positiveInt } from "./matrix-options.ts";
import { readProgram } from "./program-file.ts";

interface RunOptions {
  readonly fuel: number;
  readonly aliasing: Aliasing;
  readonly retagTypedCopies: boolean;
  readonly moves: Moves;
  readonly schedulerSeed: number;
  readonly weakFailureRate?: number;
  readonly ubChecks?: boolean;
  readonly json?: boolean;
}

export function runCommand(): Command {
  return new Command("run")
    .description("Interpret a program: its events on stdout, undefined behaviour as an error.")
    .argument("<file>", "MIR text; - for standard input")
    .option("--fuel <n>", "MIR steps that a run may take", positiveInt, FUEL)
    .addOption(
      new Option("--aliasing <model>", "rules of aliasing").choices(["tree", "stacked", "none"]).default("tree"),
    )
    .option("--no-retag-typed-copies", "copying a reference makes no new one (rustc before 1.97)")
    .addOption(
      new Option("--moves <meaning>", "whether a move in an assignment leaves nothing behind, or the value as in Miri")
        .choices(["strict", "copy"])
        .default("copy"),
    )
    .option("--scheduler-seed <n>", "the order in which threads run", (text) => Number.parseInt(text, 10), 0)
    .option("--weak-failure-rate <rate>", "how often a weak compare-exchange fails for no reason (default: 0.8)", rate)
    .option("--ub-checks", "library checks of preconditions are on, as in a debug build")
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
      const { fuel, aliasing, retagTypedCopies, moves, schedulerSeed: seed, weakFailureRate } = options;
      const runtimeChecks = { ub: options.ubChecks === true };
      const prepared = prepareProgram(program, layout, {
        aliasing,
        retagTypedCopies,
        moves,
        alignment: "address",
        runtimeChecks,
      });
      const weak = weakFailureRate === undefined ? {} : { weakFailureRate };
      const runs = entries.map((entry) => ({
        entry,
        result: interpretEntry(prepared, entry, { fuel, seed, ...weak }),
      }));
      if (options.json === true) process.stdout.write(`${JSON.stringify({ runs: runs.map(jsonRun) })}\n`);
      else for (const { entry, result } of runs) printRun(entry, result);
      for (const { entry, result } of runs) failOnUb(file, entry, result);
    });
}

function rate(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError("a number from 0 to 1");
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
  const [what, ...history] = renderUb(error);
  throw new Diagnostic(`undefined behaviour: ${what}\n${history.map((line) => `  ${line}`).join("\n")}`, {
    file,
    span: error.span,
    help: `run of ${entry.name}; \`--aliasing none\` leaves out the rules of aliasing`,
  });
}
