/**
 * How fast programs are written as custom MIR, by the CPU's time: `node harness/subjects/rustc/custom-mir.bench.ts [PROGRAMS] [ROUNDS]`.
 *
 * Measured in pairs with the printer of MIR text over the same programs, one after the other in each round: how busy or fast the machine is shows in
 * both, so their ratio compares from day to day. The programs are generated ones, of the core and of the whole language, and those of `corpora/rust`, which are
 * made monomorphic once.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "simple-statistics";
import {
  type CustomMirPart,
  entryPoints,
  HOST_TARGET,
  monomorphicProgram,
  newTyCtxt,
  type Program,
  parseProgram,
  printCustomMirBatch,
  printProgram,
} from "../../../codegen/index.ts";
import { generateBatch } from "../../campaign/task.ts";

const CORPUS = join(import.meta.dirname, "../../../corpora/rust");
const programs = Number(process.argv[2] ?? 60);
const rounds = Number(process.argv[3] ?? 9);

function generated(features: "core" | "full"): CustomMirPart[] {
  const { batch } = generateBatch("7", 0, programs, features);
  let firstCase = 0;
  return batch.programs.map(({ program, runs }) => {
    const part = { program, entries: runs.map((run) => run.entry), firstCase };
    firstCase += runs.length;
    return part;
  });
}

function corpus(): CustomMirPart[] {
  return readdirSync(CORPUS)
    .filter((name) => name.endsWith(".mir"))
    .map((file, firstCase) => {
      const program = parseProgram(readFileSync(join(CORPUS, file), "utf8"), { tcx: newTyCtxt(), file });
      return { ...monomorphicProgram(program, entryPoints(program), HOST_TARGET.dataLayout), firstCase };
    });
}

function statementsOf({ functions }: Program): number {
  let count = 0;
  for (const { body } of functions) for (const block of body?.blocks ?? []) count += block.statements.length + 1;
  return count;
}

function cpuSeconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function measure(name: string, parts: readonly CustomMirPart[]): void {
  const statements = parts.reduce((sum, { program }) => sum + statementsOf(program), 0);
  const seconds: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const written = cpuSeconds(() => printCustomMirBatch(parts, { unwinding: true }));
    const printed = cpuSeconds(() => parts.forEach(({ program }) => void printProgram(program)));
    if (round === 0) continue;
    seconds.push(written);
    ratios.push(written / printed);
  }
  const rate = statements / median(seconds);
  console.log(
    `${name}: ${statements} statements, ${(rate / 1e3).toFixed(0)} thousand per second; ${median(ratios).toFixed(2)} times what printing MIR takes`,
  );
}

measure("core", generated("core"));
measure("full", generated("full"));
measure("corpora/rust", corpus());
