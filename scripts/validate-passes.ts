/**
 * Validates the MIR passes: random programs (`harness/generate`) and those of `corpora/rust` run in the interpreter before and after each pass
 * alone, each `-Z mir-opt-level`, and random pipelines. Prints a row per pass: what it changed, and how often the interpreter disagreed.
 *
 *   node scripts/validate-passes.ts [--programs N] [--seed S] [--features full|core|NAME,…] [--pipelines K] [--passes NAME,…] [--corpus] [--cases] [--save DIR]
 *
 * Programs of odd seeds are seasoned first: given detours that change nothing, but that passes can find (`harness/validate/season.ts`).
 * A disagreement is printed with what shows it again: the program's seed and the passes; `--save` writes the program to DIR as `.mir`. With `--corpus`,
 * the programs of `corpora/rust` come first, with `--cases` the legal ones of `codegen/filetests/mir/ub`. Ends with status 1 when there is any disagreement.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type MirPassOptions, newTyCtxt, type Program, parseProgram, printProgram } from "../codegen/index.ts";
import { parseFeatures } from "../harness/generate/features.ts";
import { generateChecked } from "../harness/generate/generate.ts";
import { runsOf, seasoned, type ValidatedProgram, validateMirPasses } from "../harness/validate/mir-passes.ts";
import { PassTally } from "../harness/validate/pass-tally.ts";
import { atLevel, basePassName, onlyPass, PASS_NAMES, randomPipeline } from "../harness/validate/pipelines.ts";

const CORPUS = join(import.meta.dirname, "../corpora/rust");
const UB_CASES = join(import.meta.dirname, "../codegen/filetests/mir/ub");
const CASE_FUEL = 200_000;
/** Programs from one line on stderr to the next. */
const PROGRESS_EVERY = 100;
/** These programs take up to a few million steps. */
const CORPUS_FUEL = 100_000_000;

interface Setting {
  /** The pass, `mir-opt-level N` or `pipeline`: what the disagreement counts against. */
  readonly row: string;
  readonly options: MirPassOptions;
}

function settingsOf(seed: number, passes: readonly string[], pipelines: number): Setting[] {
  return [
    ...passes.map((name) => ({ row: basePassName(name), options: onlyPass(name) })),
    ...([1, 2, 3, 4] as const).map((level) => ({ row: `mir-opt-level ${level}`, options: atLevel(level) })),
    ...Array.from({ length: pipelines }, (_, i) => ({ row: "pipeline", options: randomPipeline(seed, i) })),
  ];
}

class Campaign {
  readonly alone: PassTally = new PassTally();
  readonly together: PassTally = new PassTally();
  readonly disagreements: Map<string, number> = new Map();
  private readonly save: string | undefined;

  constructor(save: string | undefined) {
    this.save = save;
    if (save !== undefined) mkdirSync(save, { recursive: true });
  }

  /** Puts detours into `validated`; what comes back takes them out. */
  season(name: string, validated: ValidatedProgram, seed: number): (() => void) | undefined {
    try {
      return seasoned(validated, seed);
    } catch (error) {
      this.report(name, "seasoning", {}, (error as Error).message, validated.program);
      return undefined;
    }
  }

  /** Runs `validated`, called `name`, under each setting. */
  check(name: string, validated: ValidatedProgram, settings: readonly Setting[]): void {
    for (const { row, options } of settings) {
      const tally = options.pipeline?.length === 1 ? this.alone : this.together;
      const problem = problemOf(validated, tally.counting(options));
      if (problem !== undefined) this.report(name, row, options, problem, validated.program);
    }
    this.alone.programDone();
    this.together.programDone();
  }

  private report(name: string, row: string, options: Partial<MirPassOptions>, problem: string, program: Program): void {
    this.disagreements.set(row, (this.disagreements.get(row) ?? 0) + 1);
    console.log(`${name}, ${row}: ${problem}`);
    if (row === "pipeline") console.log(`  ${options.pipeline?.join(" ")}`);
    if (this.save === undefined) return;
    const file = join(this.save, `${name}-${row}.mir`.replaceAll(/[^\w.-]/g, "_"));
    writeFileSync(
      file,
      `// ${options.pipeline?.join(" ") ?? row}\n// ${problem.split("\n")[0]}\n${printProgram(program)}`,
    );
  }
}

/** How the program differs after the passes; `undefined` when it does not. */
function problemOf(validated: ValidatedProgram, options: MirPassOptions): string | undefined {
  try {
    const [divergence] = validateMirPasses(validated, options);
    if (divergence === undefined) return undefined;
    const { entry, before, after } = divergence;
    const { outcome } = after;
    const end =
      outcome.kind === "ub" ? `undefined behaviour, ${outcome.error.kind}: ${outcome.error.message}` : outcome.kind;
    return `${entry.name}: ${before.outcome.kind} and ${before.events.length} bytes of events, then ${end} and ${after.events.length} bytes`;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}

/** The cases of undefined behaviour: what stands beside each that is none. */
function checkLegalCases(campaign: Campaign, passes: readonly string[], pipelines: number): void {
  readdirSync(UB_CASES, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".mir"))
    .sort()
    .forEach((file, seed) => {
      const text = readFileSync(join(UB_CASES, file), "utf8");
      if (!text.startsWith("// test run\n")) return;
      const program = parseProgram(text, { file, tcx: newTyCtxt() });
      campaign.check(file, runsOf(program, { fuel: CASE_FUEL }), settingsOf(seed, passes, pipelines));
    });
}

function checkCorpus(campaign: Campaign, passes: readonly string[], pipelines: number): void {
  readdirSync(CORPUS)
    .filter((file) => file.endsWith(".mir"))
    .forEach((file, seed) => {
      const program = parseProgram(readFileSync(join(CORPUS, file), "utf8"), { file, tcx: newTyCtxt() });
      const validated = runsOf(program, { fuel: CORPUS_FUEL, alignment: "address" });
      campaign.check(file, validated, settingsOf(seed, passes, pipelines));
    });
}

function printTable({ alone, together, disagreements }: Campaign, passes: readonly string[]): void {
  const cells = (row: readonly (string | number)[]): string =>
    row.map((cell, i) => (i === 0 ? String(cell).padEnd(32) : String(cell).padStart(12))).join("");
  console.log(cells(["pass", "programs", "functions", "edits", "in pipelines", "ms", "disagree"]));
  for (const name of passes.map(basePassName)) {
    const { programs, functions, edits } = alone.of(name);
    const ms = alone.of(name).milliseconds + together.of(name).milliseconds;
    const piped = together.of(name).programs;
    console.log(cells([name, programs, functions, edits, piped, Math.round(ms), disagreements.get(name) ?? 0]));
  }
  for (const [row, count] of disagreements) if (!alone.counts.has(row)) console.log(`${row}: ${count} disagreements`);
}

function main(): number {
  const { values } = parseArgs({
    options: {
      programs: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      features: { type: "string", default: "full" },
      pipelines: { type: "string", default: "4" },
      passes: { type: "string" },
      corpus: { type: "boolean", default: false },
      cases: { type: "boolean", default: false },
      save: { type: "string" },
    },
  });
  const chosen = values.passes?.split(",");
  const passes = PASS_NAMES.filter((name) => chosen?.includes(basePassName(name)) ?? true);
  const features = parseFeatures(values.features);
  const [programs, first, pipelines] = [Number(values.programs), Number(values.seed), Number(values.pipelines)];
  const campaign = new Campaign(values.save);
  if (values.corpus) checkCorpus(campaign, passes, pipelines);
  if (values.cases) checkLegalCases(campaign, passes, pipelines);
  for (let seed = first; seed < first + programs; seed++) {
    const generated = generateChecked(seed, { features });
    // Every other program has detours in it.
    const restore = seed % 2 === 1 ? campaign.season(`seed ${seed}`, generated, seed) : undefined;
    campaign.check(`seed ${seed}`, generated, settingsOf(seed, passes, pipelines));
    restore?.();
    const done = seed - first + 1;
    if (done % PROGRESS_EVERY === 0) console.error(`${done} of ${programs} programs`);
  }
  printTable(campaign, passes);
  const total = [...campaign.disagreements.values()].reduce((sum, count) => sum + count, 0);
  console.log(`seeds ${first} to ${first + programs - 1}, features ${values.features}: ${total} disagreements`);
  return total > 0 ? 1 : 0;
}

process.exitCode = main();
