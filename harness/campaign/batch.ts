/**
 * Batches: generating the programs of a task, joining programs into one, and taking a program out again.
 */

import { type FnItem, mergePrograms, newTyCtxt, type Program, type TyCtxt } from "../../codegen/index.ts";
import { generateChecked } from "../generate/generate.ts";
import { mixSeed } from "../generate/rng.ts";
import type { Batch, CheckedProgram } from "../subjects/subject.ts";

/** The seed of program `index` in the campaign of `seed`. */
export function programSeed(seed: string, index: number): bigint {
  return mixSeed(BigInt(seed), BigInt(index));
}

/** The program with this number, proved free of UB, and how many candidates were discarded on the way. */
export function generateNumbered(
  seed: string,
  index: number,
  tcx: TyCtxt = newTyCtxt(),
): { checked: CheckedProgram; discarded: number } {
  const generated = generateChecked(programSeed(seed, index), { tcx });
  return {
    checked: {
      program: generated.program,
      index,
      runs: generated.runs.map((run) => ({ entry: run.entry, expected: run.result })),
    },
    discarded: generated.discarded,
  };
}

/** Joins programs that share one `TyCtxt` into a batch. */
export function makeBatch(programs: readonly CheckedProgram[]): Batch {
  const first = programs[0];
  if (first === undefined) throw new Error("internal error: an empty batch");
  const parts = programs.map(({ program }, i) => ({ program, prefix: `p${i}` }));
  const merged: Program = mergePrograms(parts, first.program.tcx);
  const byName = new Map(merged.functions.map((item) => [item.name, item]));
  const entries: FnItem[] = [];
  programs.forEach(({ runs }, i) => {
    for (const { entry } of runs) {
      const item = byName.get(`p${i}::${entry.name}`);
      if (item === undefined) throw new Error(`internal error: ${entry.name} of program ${i} is lost in the batch`);
      entries.push(item);
    }
  });
  return { programs, merged, entries };
}
