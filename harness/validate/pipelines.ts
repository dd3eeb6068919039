/**
 * Which passes run in a validation: one alone, all of a level, or a random pipeline.
 *
 * A random pipeline is a sequence of passes in any order, repetitions included. The constraints of the pass table say what order is worth
 * most; none of them is needed for a pass to be right, so pipelines do not keep to them.
 */

import { MIR_PASSES, type MirOptLevel, type MirPassOptions } from "../../codegen/index.ts";
import { Rng } from "../generate/rng.ts";

/** Passes of a random pipeline, at most. */
const LONGEST = 14;

/** The table has a row per run of a pass; alone, the first row stands for all. */
export const PASS_NAMES: readonly string[] = MIR_PASSES.filter(
  ({ run }, i) => MIR_PASSES.findIndex((other) => other.run === run) === i,
).map(({ name }) => name);

/** The pass's name without the suffix that tells several runs apart. */
export function basePassName(row: string): string {
  const dash = row.indexOf("-");
  return dash < 0 ? row : row.slice(0, dash);
}

/** Options under which only `pass`, a name of the table, runs. */
export function onlyPass(pass: string): MirPassOptions {
  return { mirOptLevel: 4, pipeline: [pass] };
}

export function atLevel(mirOptLevel: MirOptLevel): MirPassOptions {
  return { mirOptLevel };
}

/** The pipeline number `index` of the program of `seed`. */
export function randomPipeline(seed: number, index: number): MirPassOptions & { readonly pipeline: readonly string[] } {
  const rng = new Rng(seed, PIPELINE_STREAM + index);
  const length = rng.between(2, LONGEST);
  return { mirOptLevel: 4, pipeline: Array.from({ length }, () => rng.pick(PASS_NAMES)) };
}

/** Apart from the streams of the generator. */
const PIPELINE_STREAM = 1_000;
