/**
 * Batches: generating the programs of a task, joining programs into one, and taking a program out again.
 */

import {
  build,
  type FnItem,
  mergePrograms,
  newTyCtxt,
  type Program,
  TY_UNIT,
  type TyCtxt,
} from "../../codegen/index.ts";
import type { FeatureChoice } from "../generate/features.ts";
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
  features: FeatureChoice = "core",
): { checked: CheckedProgram; discarded: number } {
  const generated = generateChecked(programSeed(seed, index), { tcx, features });
  return {
    checked: {
      program: generated.program,
      index,
      runs: generated.runs.map((run) => ({ entry: run.entry, expected: run.result })),
    },
    discarded: generated.discarded,
  };
}

/**
 * Joins programs that share one `TyCtxt` into a batch. Those at the positions in `left` are left out of the joint program; their cases are
 * there, and do nothing, so that the others keep their numbers.
 */
export function makeBatch(programs: readonly CheckedProgram[], left: ReadonlySet<number> = new Set()): Batch {
  if (programs.length === 0) throw new Error("internal error: an empty batch");
  return new JoinedBatch(programs, left);
}

/** A batch whose programs are joined when that is asked for: not every subject wants it. */
class JoinedBatch implements Batch {
  readonly programs: readonly CheckedProgram[];
  private readonly left: ReadonlySet<number>;
  private joined: Pick<Batch, "merged" | "entries"> | undefined;

  constructor(programs: readonly CheckedProgram[], left: ReadonlySet<number>) {
    this.programs = programs;
    this.left = left;
  }

  get merged(): Program {
    this.joined ??= join(this.programs, this.left);
    return this.joined.merged;
  }

  get entries(): readonly FnItem[] {
    this.joined ??= join(this.programs, this.left);
    return this.joined.entries;
  }
}

/** The name of the case that stands for those of programs that are left out. */
const NOTHING = "nothing";

function join(programs: readonly CheckedProgram[], left: ReadonlySet<number>): Pick<Batch, "merged" | "entries"> {
  const parts = programs.flatMap(({ program }, i) => (left.has(i) ? [] : [{ program, prefix: `p${i}` }]));
  const { tcx } = programs[0]!.program;
  const joined = mergePrograms(parts, tcx);
  const nothing = left.size === 0 ? undefined : emptyFn(tcx);
  const merged: Program = nothing === undefined ? joined : { ...joined, functions: [...joined.functions, nothing] };
  const byName = new Map(merged.functions.map((item) => [item.name, item]));
  const entries = programs.flatMap(({ runs }, i) =>
    runs.map(({ entry }) => {
      const item = byName.get(left.has(i) ? NOTHING : `p${i}::${entry.name}`);
      if (item === undefined) throw new Error(`internal error: ${entry.name} of program ${i} is lost in the batch`);
      return item;
    }),
  );
  return { merged, entries };
}

function emptyFn(tcx: TyCtxt): FnItem {
  const item = build.newFn(NOTHING, [], TY_UNIT);
  const b = new build.BodyBuilder(tcx, item.params, item.ret);
  b.terminate(build.ret());
  item.body = b.finish();
  return item;
}

/** How many cases `batch` has. */
export function caseCount(batch: Batch): number {
  return batch.programs.reduce((sum, { runs }) => sum + runs.length, 0);
}
