/** `mirwatch gen`: one random program on stdout, or the coverage table of many. */

import { Command, InvalidArgumentError, Option } from "commander";
import { printCustomMir, printProgram } from "../../codegen/index.ts";
import { programSeed } from "../campaign/batch.ts";
import { type FeatureChoice, parseFeatures } from "../generate/features.ts";
import { generateChecked } from "../generate/generate.ts";
import { Campaign, printCoverage, zeroRows } from "../generate/stats.ts";
import { positiveInt, seedText } from "./matrix-options.ts";

interface GenOptions {
  readonly seed: string;
  readonly program: number;
  readonly emit: "mir" | "rust";
  readonly stats?: boolean;
  readonly programs: number;
  readonly features: FeatureChoice;
  readonly json?: boolean;
}

export function genCommand(): Command {
  return new Command("gen")
    .description("Print one random program, free of undefined behaviour on its inputs.")
    .option("--seed <n>", "the campaign's seed", seedText, "0")
    .option("--program <i>", "the program's number in the campaign", (text) => Number(seedText(text)), 0)
    .addOption(
      new Option("--emit <form>", "MIR text, or custom MIR Rust source").choices(["mir", "rust"]).default("mir"),
    )
    .option("--stats", "print what a campaign covers (construct × type) instead of a program")
    .option("--programs <n>", "with --stats: the size of the campaign", positiveInt, 1000)
    .option("--features <list>", "core, full, or features separated by commas", featuresOption, "core")
    .option("--json", "one JSON document")
    .action((options: GenOptions) => {
      if (options.stats === true) printStats(options);
      else printOne(options);
    });
}

/** `--features`, with an error as commander reports them. */
function featuresOption(text: string): FeatureChoice {
  try {
    return parseFeatures(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function printOne(options: GenOptions): void {
  const { seed, program: number, features } = options;
  const { program } = generateChecked(programSeed(seed, number), { features });
  const text = options.emit === "mir" ? printProgram(program) : rustText(program);
  const document = { seed, program: number, text };
  process.stdout.write(options.json === true ? `${JSON.stringify(document)}\n` : text);
  process.stderr.write(`seed ${seed}, program ${number}\n`);
}

function rustText(program: Parameters<typeof printCustomMir>[0]): string {
  const twin = printCustomMir(program, { unwinding: true });
  return twin.kind === "ok" ? twin.source : `// Custom MIR cannot express this program: ${twin.reason}\n`;
}

/** The table of a campaign; the exit status is 1 when full programs leave a row at zero. */
function printStats(options: GenOptions): void {
  const { seed, features } = options;
  const campaign = new Campaign();
  for (let i = 0; i < options.programs; i++) {
    const made = generateChecked(programSeed(seed, i), { features, coverage: true });
    campaign.add(made.program, made.ran);
    campaign.discard(made.discarded, made.rejections);
  }
  const [coverage, discards] = [campaign.coverage(), campaign.discards()];
  const zeros = zeroRows(coverage);
  const document = { seed, ...coverage, ...discards, zeros };
  process.stdout.write(options.json === true ? `${JSON.stringify(document)}\n` : printCoverage(coverage, discards));
  process.stderr.write(`seed ${seed}: ${options.programs} programs, ${discards.discarded} candidates discarded\n`);
  if (features === "full" && zeros.length > 0) process.exitCode = 1;
}
