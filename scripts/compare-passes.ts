/**
 * Our MIR passes beside rustc's: real Rust sources, of which rustc prints each function before and after each of its passes (`-Zdump-mir`); what was before is read,
 * our pass of the same name applied, and the result compared with rustc's.
 *
 *   node scripts/compare-passes.ts [--rustc PATH] [--level N] [--passes NAME,…] [--show CLASS] [--examples N] [FILE.rs…]
 *
 * Without files, those of `corpora/rust`; each has to be one crate that needs no other but core and alloc. The pass table is that of rustc 1.95, so name that one:
 * `--rustc "$(rustup which --toolchain 1.95.0 rustc)"`. Per pass: functions left alone by both, changed alike, changed by ours only, by rustc's only, and by both but
 * differently. `--show` prints examples of one class (`ours-only`, `rustc-only`, `different`): the lines that the two results have not in common, without
 * numbers. What counts as alike is said in `harness/validate/same-body.ts`.
 *
 * Inline is compared with callees as they are before it, whereas rustc inlines optimised ones: there the classes say little.
 */

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import {
  type Body,
  type FnItem,
  HOST_TARGET,
  MIR_PASSES,
  type MirOptLevel,
  newLayoutCx,
  type Program,
  runMirPasses,
} from "../codegen/index.ts";
import type { LinkedCrate } from "../harness/import/crates.ts";
import { DumpIndex } from "../harness/import/dump-index.ts";
import { Importer } from "../harness/import/import.ts";
import { findToolchain } from "../harness/import/toolchain.ts";
import { dumpPasses, type PassDumps, type Side } from "../harness/validate/pass-dumps.ts";
import { canonicalText } from "../harness/validate/same-body.ts";

const CORPUS = join(import.meta.dirname, "../corpora/rust");
const CLASSES = ["untouched", "alike", "ours-only", "rustc-only", "different"] as const;
type Class = (typeof CLASSES)[number];

interface Settings {
  readonly rustc: string;
  readonly level: MirOptLevel;
  readonly passes: readonly string[];
  readonly show: string | undefined;
  readonly examples: number;
}

class Comparison {
  private readonly settings: Settings;
  private readonly importer: Importer;
  private readonly counts = new Map<string, Record<Class, number>>();
  private readonly shown = new Map<string, number>();
  /** Functions that could not be read. */
  unread = 0;

  constructor(settings: Settings) {
    this.settings = settings;
    this.importer = new Importer(findToolchain(settings.rustc));
  }

  file(path: string): void {
    const crate = this.importer.crate(path, { inline: false });
    const dumps = dumpPasses(this.settings.rustc, path, this.settings.level);
    for (const pass of dumps.passes) if (this.settings.passes.includes(pass)) this.pass(path, crate, dumps, pass);
  }

  private pass(path: string, crate: LinkedCrate, dumps: PassDumps, pass: string): void {
    const read = (side: Side): Program => {
      const bytes = Buffer.from(dumps.text(pass, side));
      const { program, failed } = this.importer.whole({ ...crate, dump: new DumpIndex(path, bytes, crate.tree) });
      this.unread += failed.size;
      return program;
    };
    const [before, after] = [read("before"), read("after")];
    const theirs = new Map(functionsOf(after).map((item) => [item.name, item]));
    const functions = functionsOf(before).filter((item) => theirs.has(item.name));
    const program = { ...before, functions };
    const ours = runMirPasses(program, newLayoutCx(program, HOST_TARGET.dataLayout), {
      mirOptLevel: this.settings.level,
      pipeline: [pass],
    });
    for (const item of functions) {
      const was = canonicalText(item.body!);
      const here = canonicalText(ours.get(item) ?? item.body!);
      const there = canonicalText(theirs.get(item.name)!.body!);
      this.count(pass, classOf(was, here, there), `${basename(path)}, ${item.name}`, here, there);
    }
  }

  private count(pass: string, kind: Class, where: string, ours: string, theirs: string): void {
    let counts = this.counts.get(pass);
    if (counts === undefined) {
      counts = { untouched: 0, alike: 0, "ours-only": 0, "rustc-only": 0, different: 0 };
      this.counts.set(pass, counts);
    }
    counts[kind]++;
    const shown = this.shown.get(pass) ?? 0;
    if (kind !== this.settings.show || shown >= this.settings.examples) return;
    this.shown.set(pass, shown + 1);
    console.log(`${pass}, ${kind}: ${where}`);
    for (const line of linesWithout(ours, theirs)) console.log(`  ours   ${line}`);
    for (const line of linesWithout(theirs, ours)) console.log(`  rustc  ${line}`);
  }

  print(): void {
    const row = (name: string, cells: readonly (string | number)[]): string =>
      name.padEnd(46) + cells.map((cell) => String(cell).padStart(11)).join("");
    console.log(row("pass", CLASSES));
    for (const { name } of MIR_PASSES) {
      const counts = this.counts.get(name);
      if (counts !== undefined)
        console.log(
          row(
            name,
            CLASSES.map((kind) => counts[kind]),
          ),
        );
    }
    console.log(`${this.unread} functions were not read`);
  }
}

/** The functions of the crate itself that have bodies of their own. */
function functionsOf({ functions, impls = [], traits = [] }: Program): FnItem[] {
  const all = [...functions, ...[...impls, ...traits].flatMap((owner) => owner.fns)];
  return [...new Set(all)].filter(({ name, body }) => body !== undefined && isOwn(name) && !isStub(body));
}

function isOwn(name: string): boolean {
  return !name.startsWith("rustlib::");
}

/** What stands for a body that was not read. */
function isStub({ blocks: [first, ...more] }: Body): boolean {
  return more.length === 0 && first?.terminator.kind === "unreachable" && first.statements.length === 0;
}

function classOf(before: string, ours: string, theirs: string): Class {
  if (ours === theirs) return before === ours ? "untouched" : "alike";
  if (before === theirs) return "ours-only";
  return before === ours ? "rustc-only" : "different";
}

/** The lines of `text` that `other` has not, with the numbers of locals and blocks left out. */
function linesWithout(text: string, other: string): string[] {
  const there = new Map<string, number>();
  for (const line of plainLines(other)) there.set(line, (there.get(line) ?? 0) + 1);
  return plainLines(text).filter((line) => {
    const left = there.get(line) ?? 0;
    there.set(line, left - 1);
    return left <= 0;
  });
}

function plainLines(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => !line.startsWith("let ") && !line.startsWith("bb"))
    .map((line) => line.replaceAll(/\b(_|bb)\d+\b/g, "$1"));
}

function isLevel(level: number): level is MirOptLevel {
  return Number.isInteger(level) && level >= 0 && level <= 4;
}

/** A usage error: the exit status for it. */
function wrong(message: string): number {
  console.error(`error: ${message}`);
  return 2;
}

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rustc: { type: "string", default: "rustc" },
      level: { type: "string", default: "4" },
      passes: { type: "string" },
      show: { type: "string" },
      examples: { type: "string", default: "1" },
    },
  });
  const known = MIR_PASSES.map(({ name }) => name);
  const passes = values.passes?.split(",") ?? known;
  const { rustc, show } = values;
  const [level, examples] = [Number(values.level), Number(values.examples)];
  for (const pass of passes) if (!known.includes(pass)) return wrong(`no pass \`${pass}\`: ${known.join(", ")}`);
  if (!isLevel(level)) return wrong(`--level is 0 to 4, not \`${values.level}\``);
  if (show !== undefined && !CLASSES.includes(show as Class)) return wrong(`--show is one of ${CLASSES.join(", ")}`);
  if (!Number.isInteger(examples)) return wrong(`--examples is a whole number, not \`${values.examples}\``);
  const comparison = new Comparison({ rustc, level, passes, show, examples });
  const all = readdirSync(CORPUS).filter((file) => file.endsWith(".rs"));
  const files = positionals.length > 0 ? positionals : all.sort().map((file) => join(CORPUS, file));
  let failed = false;
  for (const file of files) {
    try {
      comparison.file(file);
    } catch (error) {
      console.error(`${file}: ${(error as Error).message.split("\n").slice(0, 3).join("\n")}`);
      failed = true;
    }
  }
  comparison.print();
  return failed ? 1 : 0;
}

process.exitCode = main();
