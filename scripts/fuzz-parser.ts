/**
 * Feeds broken MIR text to the reader: `node scripts/fuzz-parser.ts [--inputs N] [--seed S] [--from FILE.mir]…`.
 *
 * The texts are items of FILE (else of the samples beside the reader's tests), changed at random. Says how many were read and how many gave a diagnostic; what else
 * is thrown, what does not print back, and a text that takes more than the limit a byte make the exit code 1, each with the text that shows it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseItems } from "../codegen/mir/text/parse.ts";
import { diagnosticFault, FuzzTables, type Outcome, runOne } from "../codegen/mir/text/testing/fuzz.ts";
import { mutate, nestingTokens, Rng } from "../codegen/mir/text/testing/mutate.ts";

const SAMPLES = join(import.meta.dirname, "..", "codegen/mir/text/testing/samples.mir");
/** Longer items are left out: small texts find the same faults sooner. */
const MAX_ITEM = 3000;
/** A text that takes longer than this for each of its bytes is not read in linear time. */
const MAX_NS_PER_BYTE = 5000;
/** Shorter texts are not timed, nor is what a pause of the collector may have slowed but once. */
const MIN_TIMED = 500;
const MAX_SHOWN = 5;

function corpus(files: readonly string[]): Uint8Array[] {
  const texts: Uint8Array[] = [];
  for (const file of files) {
    for (const item of parseItems<never>(readFileSync(file), { file })) {
      if (item.end - item.at <= MAX_ITEM) texts.push(item.source.bytes.slice(item.at, item.end));
    }
  }
  return texts;
}

/** One run, and how many nanoseconds each byte took. */
function timed(text: Uint8Array, tables: FuzzTables): { outcome: Outcome; cost: number } {
  const start = process.hrtime.bigint();
  const outcome = runOne(text, tables);
  return { outcome, cost: Number(process.hrtime.bigint() - start) / text.length };
}

/** The least of a few runs: what the text itself costs. */
function confirmedCost(text: Uint8Array, tables: FuzzTables): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) least = Math.min(least, timed(text, tables).cost);
  return least;
}

interface Report {
  parsed: number;
  diagnostics: number;
  faults: number;
  slowest: number;
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

function show(report: Report, text: Uint8Array, what: string): void {
  report.faults++;
  if (report.faults > MAX_SHOWN) return;
  console.log(`${what}\nthe text, in base64: ${Buffer.from(text).toString("base64").slice(0, 6000)}\n`);
}

function checkText(text: Uint8Array, tables: FuzzTables, report: Report): void {
  const { outcome, cost } = timed(text, tables);
  if (outcome.kind === "parsed") report.parsed++;
  if (outcome.kind === "diagnostic") report.diagnostics++;
  const what = describe(outcome);
  if (what !== undefined) show(report, text, what);
  if (text.length < MIN_TIMED || cost <= report.slowest) return;
  const confirmed = confirmedCost(text, tables);
  report.slowest = Math.max(report.slowest, confirmed);
  if (confirmed > MAX_NS_PER_BYTE) show(report, text, `${Math.round(confirmed)} ns a byte`);
}

/** Text that does nothing but nest, alone and in a body, ever deeper. */
function checkNesting(tables: FuzzTables, report: Report): void {
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

function main(): void {
  const { values } = parseArgs({
    options: {
      inputs: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      from: { type: "string", multiple: true },
    },
  });
  const inputs = Number(values.inputs);
  const texts = corpus(values.from ?? [SAMPLES]);
  const tables = new FuzzTables();
  const rng = new Rng(Number(values.seed));
  const report: Report = { parsed: 0, diagnostics: 0, faults: 0, slowest: 0 };
  const start = process.cpuUsage();
  checkNesting(tables, report);
  let bytes = 0;
  for (let i = 0; i < inputs; i++) {
    const text = mutate(texts, rng);
    bytes += text.length;
    checkText(text, tables, report);
  }
  const { user, system } = process.cpuUsage(start);
  console.log(`${inputs} inputs, ${(bytes / 1e6).toFixed(1)} MB, from ${texts.length} items`);
  console.log(`${report.parsed} read, ${report.diagnostics} diagnostics, ${report.faults} faults`);
  console.log(`slowest: ${Math.round(report.slowest)} ns a byte; ${((user + system) / 1e6).toFixed(0)} s of CPU`);
  if (report.faults > 0) process.exitCode = 1;
}

main();
