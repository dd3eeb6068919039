/**
 * Compares the interpreter with a real Miri on generated programs that are mutated towards undefined behaviour.
 *
 *   node scripts/compare-miri.ts --miri PATH [--sysroot DIR] [--programs N] [--seed S] [--model tree|stacked] [--features full|pointers|NAME,…]
 *                                [--size N] [--batch N] [--no-reduce] [--out DIR] [FILE.mir…]
 *
 * With files, their entry points are compared instead of mutants.
 *
 * PATH is the driver of a toolchain (`rustup component add miri rust-src`, then `cargo miri setup`): `…/toolchains/nightly-…/bin/miri`.
 *
 * With files, calls that a program declares as foreign and the writer has glue for (`__rust_alloc`, `thread_spawn` …) go to the glue.
 *
 * Differences that are no fault of the interpreter:
 *  - Where a run has undefined behaviour of two kinds at once, each names the first that it looks at: Miri takes a call's arguments one by one (retags
 *    the first before it reads the second, counts them last), and asks for bounds before alignment.
 *  - A scalar that a call's argument is moved from stays readable here when nobody took its address; Miri does the same, unless the local was put
 *    together field by field, which gives it memory.
 *  - `catch_unwind` hands its handler a null payload here, and std's box there.
 *  - The destination of an aggregate may not overlap its operands here, and padding does not outlive a copy into a union: the strict readings.
 *  - What the writer cannot say: `deinit`, fake borrows, parts of slices, private fields of core's cells, which it reaches by a pointer of its own; calls
 *    that may not unwind end the program there when they panic.
 *
 * Both run with the same meaning: alignment judged symbolically, moves that leave what they moved, no spurious failures of weak compare-exchanges, no
 * reuse of addresses, no weak memory. Whatever they disagree about is written to DIR, reduced, with both answers; the table counts what each of them says.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Diagnostic, entryPoints, newTyCtxt, parseProgram, printProgram, renderDiagnostic } from "../codegen/index.ts";
import { type FeatureChoice, parseFeatures } from "../harness/generate/features.ts";
import { makeComparable } from "../harness/miri/comparable.ts";
import { type Candidate, Comparison, describe } from "../harness/miri/comparison.ts";
import { classOf } from "../harness/miri/judge.ts";
import { MiriRunner, miriAt } from "../harness/miri/miri.ts";
import { type MutantOptions, makeMutant } from "../harness/miri/mutate.ts";

/** Features whose programs have the most pointers in them. */
const POINTERS = "slices,drops,statics,memory,heap,unions,atomics,threads,recursive,borrows,fnValues,layouts";
const PROCESS_MILLISECONDS = 120_000;

async function save(out: string, comparison: Comparison, reduce: boolean): Promise<void> {
  const seen = new Map<string, number>();
  for (const difference of comparison.differences) {
    const { name, mutant, ours, miri, verdict } = difference;
    const group = `${verdict}-${classOf(ours)}-${classOf(miri)}`;
    const count = seen.get(group) ?? 0;
    seen.set(group, count + 1);
    // One of a group is reduced: the others are often the same.
    const program = reduce && count === 0 ? await comparison.reduced(difference) : mutant.program;
    const head = [
      `${name}, ${mutant.mutations.join(" and ")}${program === mutant.program ? "" : ", reduced"}`,
      `interpreter: ${describe(ours)}`,
      `Miri: ${describe(miri)}`,
    ];
    const file = `${group}-${name.replace(/.*\//, "")}.mir`.replaceAll(/[^\w.-]+/g, "_");
    writeFileSync(join(out, file), `${head.map((line) => `// ${line}\n`).join("")}${printProgram(program)}`);
    console.log(`${file}\n  ${head.join("\n  ")}`);
  }
}

function featuresOf(text: string): FeatureChoice {
  return parseFeatures(text === "pointers" ? POINTERS : text);
}

/** A program to compare, made when its turn comes. */
type Maker = () => Candidate;

function generated(first: number, programs: number, options: MutantOptions): Maker[] {
  return Array.from({ length: programs }, (_, i) => () => ({
    name: `seed ${first + i}`,
    mutant: makeMutant(first + i, options),
  }));
}

/** The entry points of MIR files. */
function fromFiles(files: readonly string[], release: string): Maker[] {
  return files.flatMap((file) => {
    const program = parseProgram(readFileSync(file, "utf8"), { file, tcx: newTyCtxt(release) });
    makeComparable(program);
    return entryPoints(program).map((entry) => () => ({
      name: `${file} ${entry.name}`,
      mutant: { program, entry, mutations: [] },
    }));
  });
}

/** The whole number that an option gives. */
function count(option: string, text: string, least = 1): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Diagnostic(`--${option} is a whole number from ${least} on, not \`${text}\``, { file: "compare-miri" });
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      miri: { type: "string" },
      sysroot: { type: "string" },
      programs: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      model: { type: "string", default: "tree" },
      features: { type: "string", default: "full" },
      size: { type: "string", default: "40" },
      batch: { type: "string", default: "100" },
      "no-reduce": { type: "boolean", default: false },
      out: { type: "string", default: "mirwatch-out/miri" },
    },
  });
  if (values.miri === undefined)
    throw new Diagnostic("--miri PATH is needed", { file: "compare-miri", help: "name a toolchain's `bin/miri`" });
  const { out, model } = values;
  if (model !== "tree" && model !== "stacked")
    throw new Diagnostic(`--model is tree or stacked, not \`${model}\``, { file: "compare-miri" });
  const [programs, size, batch] = [
    count("programs", values.programs),
    count("size", values.size),
    count("batch", values.batch),
  ];
  const first = count("seed", values.seed, 0);
  mkdirSync(out, { recursive: true });
  const miri = await miriAt(values.miri, values.sysroot);
  const runner = await MiriRunner.start(miri, join(out, "crates"));
  const comparison = new Comparison(runner, { model, seed: 1, preemptionRate: 0, timeLimit: PROCESS_MILLISECONDS });
  const features = featuresOf(values.features);
  const mutants =
    positionals.length > 0
      ? fromFiles(positionals, miri.release)
      : generated(first, programs, { features, size, release: miri.release });
  for (let start = 0; start < mutants.length; start += batch) {
    const made = mutants.slice(start, start + batch).map((make) => make());
    await comparison.batch(made);
    console.error(`${start + made.length} of ${mutants.length} programs, ${comparison.differences.length} differences`);
  }
  await save(out, comparison, !values["no-reduce"]);
  for (const line of comparison.table.lines()) console.log(line);
  const verdicts = [...comparison.table.verdicts].map(([verdict, count]) => `${count} ${verdict}`).join(", ");
  const what =
    positionals.length > 0 ? "files" : `seeds ${first} to ${first + programs - 1}, features ${values.features}`;
  console.log(`${what}, ${model} borrows: ${verdicts}`);
  return comparison.differences.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Diagnostic ? renderDiagnostic(error) : `error: ${(error as Error).message}`);
  process.exitCode = 2;
}
