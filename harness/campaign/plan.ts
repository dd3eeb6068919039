/**
 * The plan of a campaign: what is covered, cut into tasks that can be done in any order, on any worker, and again after a crash.
 *
 * A *task* is one batch of programs through some configurations of one subject. Its key is stable, so a resumed campaign knows which tasks are
 * done. Batches are ranges of program numbers; a program's seed is a function of the campaign's seed and its number alone.
 *
 * Unless `full` is set, a batch meets a share of a subject's configurations. The own backend takes every batch through all its configurations at one level of
 * MIR optimisation, the next batch at the next level. Real compilers are slower by orders of magnitude: their pairwise sample is dealt out over
 * `ROTATION` batches.
 */

import type { Configuration, Matrix, Subject } from "../subjects/subject.ts";
import { MIR_OPT_LEVELS, pairwiseSample } from "./matrix.ts";

export interface Plan {
  readonly seed: string;
  /** Programs to run in all; `undefined` hunts on until the time is up. */
  readonly programs: number | undefined;
  readonly batchSize: number;
  readonly matrix: Matrix;
  readonly subjects: readonly { readonly name: string; readonly version: string }[];
  readonly full: boolean;
  /** What programs may use of the language, as `--features` has it. */
  readonly features: string;
}

export interface Task {
  readonly key: string;
  readonly batch: number;
  /** Numbers of the programs: `first ..< first + count`. */
  readonly first: number;
  readonly count: number;
  readonly subject: string;
  readonly configurations: readonly Configuration[];
}

/** Batches that together meet the whole sample of a real compiler. */
export const ROTATION = 4;
/** Configurations of a real compiler in one task when a hunt is bounded by time: small steps keep the end sharp. */
const TIMED_STEP = 2;

/** The tasks of `plan` in the order in which they are best done; without end when the plan has no number of programs. */
export function* tasksOf(plan: Plan, subjects: readonly Subject[]): Generator<Task> {
  const samples = subjects.map((subject) => ({ subject, configurations: sampleOf(plan, subject) }));
  const batches = plan.programs === undefined ? Number.POSITIVE_INFINITY : Math.ceil(plan.programs / plan.batchSize);
  for (let batch = 0; batch < batches; batch++) {
    const first = batch * plan.batchSize;
    const count = Math.min(plan.batchSize, (plan.programs ?? Number.POSITIVE_INFINITY) - first);
    for (const { subject, configurations } of samples) {
      const share = shareOf(plan, subject, configurations, batch);
      if (share.length > 0)
        yield {
          key: `${batch}/${subject.info.name}`,
          batch,
          first,
          count,
          subject: subject.info.name,
          configurations: share,
        };
    }
  }
}

/** All configurations that the campaign covers of one subject. */
export function sampleOf(plan: Plan, subject: Subject): Configuration[] {
  const all = subject.configurations(plan.matrix);
  return plan.full || subject.info.kind === "native" ? all : pairwiseSample(all);
}

function shareOf(
  plan: Plan,
  subject: Subject,
  configurations: readonly Configuration[],
  batch: number,
): readonly Configuration[] {
  if (plan.full) return configurations;
  if (subject.info.kind === "native") return mirLevelShare(configurations, batch);
  const shares = plan.programs === undefined ? Math.ceil(configurations.length / TIMED_STEP) : ROTATION;
  return configurations.filter((_, i) => i % shares === batch % shares);
}

/** The configurations at the level of MIR optimisation whose turn it is; the first batch has rustc's default. */
export function mirLevelShare(configurations: readonly Configuration[], batch: number): readonly Configuration[] {
  const level = MIR_OPT_LEVELS[(batch + 1) % MIR_OPT_LEVELS.length];
  return configurations.filter(({ options }) => options["mir-opt-level"] === level);
}
