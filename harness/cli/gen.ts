/** `mirwatch gen`: one random program on stdout, or the coverage table of many. */

import { Command, Option } from "commander";
import { printCustomMir, printProgram } from "../../codegen/index.ts";
import { generateNumbered } from "../campaign/batch.ts";
import { coverageOf, printCoverage } from "../generate/stats.ts";
import { positiveInt, seedText } from "./matrix-options.ts";

interface GenOptions {
  readonly seed: string;
  readonly program: number;
  readonly emit: "mir" | "rust";
  readonly stats?: boolean;
  readonly programs: number;
  readonly json?: boolean;
}

export function genCommand(): Command {
  return new Command("gen")
    .description("Print one random program, free of undefined behaviour on its inputs.")
    .requiredOption("--seed <n>", "the campaign's seed", seedText)
    .option("--program <i>", "the program's number in the campaign", (text) => Number(seedText(text)), 0)
    .addOption(
      new Option("--emit <form>", "MIR text, or custom MIR Rust source").choices(["mir", "rust"]).default("mir"),
    )
    .option("--stats", "print what a campaign covers (construct × type) instead of a program")
    .option("--programs <n>", "with --stats: the size of the campaign", positiveInt, 1000)
    .option("--json", "one JSON document")
    .action((options: GenOptions) => {
      if (options.stats === true) printStats(options);
      else printOne(options);
    });
}

function printOne(options: GenOptions): void {
  const { checked } = generateNumbered(options.seed, options.program);
  const text = options.emit === "mir" ? printProgram(checked.program) : rustText(checked.program);
  const document = { seed: options.seed, program: options.program, text };
  process.stdout.write(options.json === true ? `${JSON.stringify(document)}\n` : text);
  process.stderr.write(`seed ${options.seed}, program ${options.program}\n`);
}

function rustText(program: Parameters<typeof printCustomMir>[0]): string {
  const twin = printCustomMir(program);
  return twin.kind === "ok" ? twin.source : `// Custom MIR cannot express this program: ${twin.reason}\n`;
}

function printStats(options: GenOptions): void {
  const programs = Array.from({ length: options.programs }, (_, i) => generateNumbered(options.seed, i));
  const coverage = coverageOf(programs.map(({ checked }) => checked.program));
  const discarded = programs.reduce((sum, made) => sum + made.discarded, 0);
  process.stdout.write(options.json === true ? `${JSON.stringify(coverage)}\n` : printCoverage(coverage));
  process.stderr.write(`seed ${options.seed}: ${options.programs} programs, ${discarded} candidates discarded\n`);
}
