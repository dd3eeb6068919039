/** `mirwatch selftest`: hunts every planted bug of the own backend and prints the honest score. */

import { Command } from "commander";
import { Diagnostic, FAULTS, type Fault } from "../../codegen/index.ts";
import { type FaultScore, huntFault } from "../campaign/selftest.ts";
import { duration, list, positiveInt, seedText } from "./matrix-options.ts";

interface SelftestOptions {
  readonly seed: string;
  readonly faults?: string;
  readonly time: number;
  readonly batch: number;
  readonly reduceTime: number;
  readonly json?: boolean;
}

export function selftestCommand(done: (status: number) => void): Command {
  return new Command("selftest")
    .description(
      "Hunt each planted bug of the own backend: which are found, in how many programs and seconds, and how small.",
    )
    .option("--seed <n>", "the campaign's seed", seedText, "1")
    .option("--faults <list>", "only these planted bugs")
    .option("--time <seconds>", "time for each, on one core", duration, 60)
    .option("--batch <n>", "programs that are compiled together", positiveInt, 20)
    .option("--reduce-time <seconds>", "time for reducing each", duration, 30)
    .option("--json", "one JSON document")
    .action(async (options: SelftestOptions) => done(await selftest(options)));
}

async function selftest(options: SelftestOptions): Promise<number> {
  const scores: FaultScore[] = [];
  for (const fault of chosen(options.faults)) {
    const score = await huntFault(fault, {
      seed: options.seed,
      seconds: options.time,
      batchSize: options.batch,
      reduceMilliseconds: options.reduceTime * 1000,
    });
    scores.push(score);
    if (options.json !== true) process.stdout.write(row(fault, score));
  }
  const found = scores.filter((score) => score.found);
  const document = { planted: scores.length, found: found.length, bugs: scores };
  if (options.json === true) process.stdout.write(`${JSON.stringify(document)}\n`);
  else process.stdout.write(summary(scores));
  return found.length === scores.length ? 0 : 1;
}

function chosen(names: string | undefined): readonly Fault[] {
  if (names === undefined) return FAULTS;
  return list(names).map((name) => {
    const fault = FAULTS.find((candidate) => candidate.name === name);
    if (fault === undefined)
      throw new Diagnostic(`there is no planted bug '${name}'`, {
        help: `one or more of ${FAULTS.map((f) => f.name).join(", ")}`,
      });
    return fault;
  });
}

function row(fault: Fault, score: FaultScore): string {
  const result = score.found
    ? `found in ${score.programs} programs, ${score.seconds.toFixed(1)} s; ${score.reducedStatements} statements; ${score.culprit ?? "no culprit"}`
    : `not found in ${score.programs} programs, ${score.seconds.toFixed(1)} s`;
  return `${fault.name.padEnd(30)} ${result}\n`;
}

function summary(scores: readonly FaultScore[]): string {
  const sizes = scores
    .flatMap((score) => (score.reducedStatements === null ? [] : [score.reducedStatements]))
    .sort((a, b) => a - b);
  const median = sizes.length === 0 ? "none" : String(sizes[sizes.length >> 1]);
  const found = scores.filter((score) => score.found).length;
  return `${found} of ${scores.length} planted bugs found (${((100 * found) / scores.length).toFixed(0)} %), median reduced program ${median} statements\n`;
}
