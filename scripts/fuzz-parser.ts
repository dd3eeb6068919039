/**
 * Feeds broken texts to all that reads programs: `node scripts/fuzz-parser.ts [--stage text|program|run|all] [--inputs N] [--seed S] [--from FILE.mir]…`.
 *
 * `text`: MIR text to the reader of text. The texts are items of FILE (else of the samples beside the reader's tests), changed at random.
 * `program`: whole programs to names, types, verifier, printer and layouts. The programs are FILE (else those of the file tests, of the prelude and of `corpora/rust`, and
 * generated ones), their items changed at random so that most can be read.
 * `run`: as `program`; what verifies is also collected, interpreted for a little while and changed by the MIR passes.
 *
 * Says how far the texts came. Whatever else than a diagnostic is thrown, what does not print back, and a text that takes more than the limit a byte make the exit code
 * 1, each with the text that shows it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { printProgram } from "../codegen/mir/printer.ts";
import { newCounts, runProgram } from "../codegen/mir/testing/fuzz-program.ts";
import { PIECES } from "../codegen/mir/testing/item-texts.ts";
import { corpusOf, mutateProgram, type ProgramCorpus } from "../codegen/mir/testing/mutate-program.ts";
import { type RunCounts, takeFurther } from "../codegen/mir/testing/run-program.ts";
import { checkShapes } from "../codegen/mir/testing/shapes.ts";
import { parseItems } from "../codegen/mir/text/parse.ts";
import { diagnosticFault, FuzzTables, type Outcome, runOne } from "../codegen/mir/text/testing/fuzz.ts";
import { mutate, nestingTokens, Rng } from "../codegen/mir/text/testing/mutate.ts";
import { newLayoutCx } from "../codegen/monomorphize/layouts.ts";
import { HOST_TARGET } from "../codegen/target/spec.ts";
import { generateProgram } from "../harness/generate/program.ts";

const ROOT = join(import.meta.dirname, "..");
const SAMPLES = join(ROOT, "codegen/mir/text/testing/samples.mir");
/** Longer items are left out: small texts find the same faults sooner. */
const MAX_ITEM = 3000;
const MAX_PROGRAM = 2500;
const GENERATED = 200;
/** A text that takes longer than this for each of its bytes is not read in linear time. */
const MAX_NS_PER_BYTE = { text: 5000, program: 20_000 };
/** Shorter texts are not timed, nor is what a pause of the collector may have slowed but once. */
const MIN_TIMED = 500;
/** What a program may take whatever its length: the prelude's definitions are declared when they are mentioned. */
const BASE_NS = 30e6;
const MAX_SHOWN = 5;

interface Report {
  faults: number;
  slowest: number;
}

function show(report: Report, text: Uint8Array | string, what: string): void {
  report.faults++;
  if (report.faults > MAX_SHOWN) return;
  console.log(`${what}\nthe text, in base64: ${Buffer.from(text).toString("base64").slice(0, 12_000)}\n`);
}

/** The least of a few runs, in nanoseconds: what the text itself costs. */
function leastTime(run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const start = process.hrtime.bigint();
    run();
    least = Math.min(least, Number(process.hrtime.bigint() - start));
  }
  return least;
}

/** Runs once, and again when that was slow. */
function timed(report: Report, text: Uint8Array | string, limit: number, base: number, run: () => void): void {
  const start = process.hrtime.bigint();
  run();
  if (text.length < MIN_TIMED) return;
  const cost = (time: number): number => Math.max(0, time - base) / text.length;
  if (cost(Number(process.hrtime.bigint() - start)) <= report.slowest) return;
  const confirmed = cost(leastTime(run));
  report.slowest = Math.max(report.slowest, confirmed);
  if (confirmed > limit) show(report, text, `${Math.round(confirmed)} ns a byte`);
}

// ---- text

function items(files: readonly string[]): Uint8Array[] {
  const texts: Uint8Array[] = [];
  for (const file of files) {
    for (const item of parseItems<never>(readFileSync(file), { file })) {
      if (item.end - item.at <= MAX_ITEM) texts.push(item.source.bytes.slice(item.at, item.end));
    }
  }
  return texts;
}

function describe(outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case "parsed":
      return undefined;
    case "diagnostic": {
      const fault = diagnosticFault(outcome.diagnostic);
      return fault === undefined ? undefined : `bad diagnostic (${outcome.diagnostic.message}): ${fault}`;
    }
    case "exception":
      return `exception: ${outcome.error instanceof Error ? outcome.error.stack : String(outcome.error)}`;
    case "unstable":
      return `does not print back:\n${outcome.printed}\n---\n${outcome.again}`;
  }
}

interface TextReport extends Report {
  parsed: number;
  diagnostics: number;
}

function checkText(text: Uint8Array, tables: FuzzTables, report: TextReport): void {
  let outcome: Outcome | undefined;
  timed(report, text, MAX_NS_PER_BYTE.text, 0, () => {
    outcome = runOne(text, tables);
  });
  if (outcome === undefined) return;
  if (outcome.kind === "parsed") report.parsed++;
  if (outcome.kind === "diagnostic") report.diagnostics++;
  const what = describe(outcome);
  if (what !== undefined) show(report, text, what);
}

/** Text that does nothing but nest, alone and in a body, ever deeper. */
function checkNesting(tables: FuzzTables, report: TextReport): void {
  for (const token of nestingTokens()) {
    for (const count of [1e3, 1e4, 1e5]) {
      const nest = token.toString().repeat(count);
      for (const text of [
        nest,
        `fn f() -> () {\n    let _1: ${nest}`,
        `fn f() -> () {\n    bb0: {\n        _1 = ${nest}`,
      ]) {
        checkText(Buffer.from(text), tables, report);
      }
    }
  }
}

function fuzzText(inputs: number, seed: number, files: readonly string[]): Report {
  const texts = items(files.length === 0 ? [SAMPLES] : files);
  const tables = new FuzzTables();
  const rng = new Rng(seed);
  const report: TextReport = { parsed: 0, diagnostics: 0, faults: 0, slowest: 0 };
  checkNesting(tables, report);
  let bytes = 0;
  for (let i = 0; i < inputs; i++) {
    const text = mutate(texts, rng);
    bytes += text.length;
    checkText(text, tables, report);
  }
  console.log(`text, seed ${seed}: ${inputs} inputs, ${(bytes / 1e6).toFixed(1)} MB, from ${texts.length} items`);
  console.log(`${report.parsed} read, ${report.diagnostics} diagnostics, ${report.faults} faults`);
  return report;
}

// ---- programs

function filesUnder(folder: string, suffix: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(suffix))
    .sort()
    .map((file) => join(ROOT, folder, file));
}

function programCorpus(files: readonly string[]): ProgramCorpus {
  const read = (file: string): string => readFileSync(file, "utf8");
  if (files.length > 0) return corpusOf(files.map(read), MAX_PROGRAM);
  const texts = [...filesUnder("codegen/filetests/mir", ".mir"), ...filesUnder("corpora/rust", ".mir")].map(read);
  for (let seed = 0; seed < GENERATED; seed++) {
    texts.push(printProgram(generateProgram(seed, { size: 4 + (seed % 20), features: "full" })));
  }
  // Under names of their own: what the standard library declares no program may.
  const prelude = filesUnder("codegen/mir/prelude", ".rs.txt").flatMap((file) =>
    read(file)
      .replace(/^((?:unsafe |auto )*(?:struct|enum|union|trait|type|fn) )std::/gm, "$1own::")
      .split(/\n\n+/),
  );
  return corpusOf(texts, MAX_PROGRAM, [...PIECES, ...prelude]);
}

function fuzzPrograms(inputs: number, seed: number, files: readonly string[], further: boolean): Report {
  const corpus = programCorpus(files);
  const rng = new Rng(seed);
  const report: Report = { faults: 0, slowest: 0 };
  const counts = newCounts();
  const runs: RunCounts = { collected: 0, runs: 0, transformed: 0 };
  const layouts: Parameters<typeof runProgram>[2] = (program) => {
    const cx = newLayoutCx(program, HOST_TARGET.dataLayout);
    return (ty) => void cx.layoutOf(ty);
  };
  if (!further) for (const { what, text } of checkShapes(layouts)) show(report, text, what);
  let bytes = 0;
  for (let i = 0; i < inputs; i++) {
    const text = mutateProgram(corpus, rng);
    bytes += text.length;
    let fault: string | undefined;
    if (further) fault = runProgram(text, counts, layouts, (program) => takeFurther(program, runs));
    else
      timed(report, text, MAX_NS_PER_BYTE.program, BASE_NS, () => {
        fault = runProgram(text, counts, layouts);
      });
    if (fault !== undefined) show(report, text, fault);
  }
  const from = `${corpus.programs.length} programs, ${corpus.items.length} items`;
  console.log(
    `${further ? "run" : "program"}, seed ${seed}: ${inputs} inputs, ${(bytes / 1e6).toFixed(1)} MB, from ${from}`,
  );
  console.log(`${counts.parsed} read, ${counts.refused} refused, ${counts.partly} of them read in part`);
  console.log(
    `${counts.verified} verified, ${counts.printedBack} printed back, ${counts.withFunctions} with functions; ${counts.layouts} layouts`,
  );
  if (further)
    console.log(`${runs.collected} collected, ${runs.runs} entry points run, ${runs.transformed} transformed`);
  console.log(`${report.faults} faults`);
  return report;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      stage: { type: "string", default: "all" },
      inputs: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      from: { type: "string", multiple: true, default: [] },
    },
  });
  const inputs = Number(values.inputs);
  const seed = Number(values.seed);
  const stages: Readonly<Record<string, () => Report>> = {
    text: () => fuzzText(inputs, seed, values.from),
    program: () => fuzzPrograms(inputs, seed, values.from, false),
    run: () => fuzzPrograms(inputs, seed, values.from, true),
  };
  const chosen = values.stage === "all" ? Object.values(stages) : [stages[values.stage]];
  for (const stage of chosen) {
    if (stage === undefined) throw new Error(`no stage '${values.stage}': text, program, run or all`);
    const start = process.cpuUsage();
    const report = stage();
    const { user, system } = process.cpuUsage(start);
    console.log(`slowest: ${Math.round(report.slowest)} ns a byte; ${((user + system) / 1e6).toFixed(0)} s of CPU`);
    if (report.faults > 0) process.exitCode = 1;
  }
}

main();
