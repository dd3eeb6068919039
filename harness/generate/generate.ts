/**
 * Programs that are proved free of undefined behaviour: each entry point is run by the interpreter before anyone sees the program.
 *
 * What the interpreter rejects is thrown away: single entry points while two or more remain, else the program, whose next candidate has a
 * sub-seed of its own. So a seed always gives the same program.
 */

import {
  entryPoints,
  type FnItem,
  HOST_TARGET,
  interpretEntry,
  LayoutCx,
  newTyCtxt,
  type Program,
  prepareProgram,
  type RunResult,
} from "../../codegen/index.ts";
import { rejection } from "../oracle/prove.ts";
import { type GenerateOptions, generateProgram } from "./program.ts";
import { mixSeed } from "./rng.ts";

/** Statements that one entry point may execute. */
export const GENERATED_FUEL = 60_000;

export interface CheckedRun {
  readonly entry: FnItem;
  readonly result: RunResult;
}

export interface GeneratedProgram {
  readonly program: Program;
  /** The entry points in order, with what they do. */
  readonly runs: readonly CheckedRun[];
  /** Candidates that were thrown away before this one. */
  readonly discarded: number;
  /** Why each of them was, and each entry point that was left out. */
  readonly rejections: readonly string[];
}

const MAX_CANDIDATES = 64;

/** The program of `seed`, with the expected events of each of its entry points. */
export function generateChecked(seed: bigint | number, options: GenerateOptions = {}): GeneratedProgram {
  const tcx = options.tcx ?? newTyCtxt();
  const rejections: string[] = [];
  const wide = BigInt.asUintN(64, BigInt(seed));
  for (let candidate = 0; candidate < MAX_CANDIDATES; candidate++) {
    const subSeed = candidate === 0 ? wide : mixSeed(wide, BigInt(candidate));
    const program = generateProgram(subSeed, { ...options, tcx });
    const checked = checkProgram(program, rejections);
    if (checked !== undefined) return { ...checked, discarded: candidate, rejections };
  }
  throw new Error(`internal error: ${MAX_CANDIDATES} candidates of seed ${seed} were rejected: ${rejections.at(-1)}`);
}

/** Runs every entry point; gives the program without those that are no evidence, or nothing when none is left. */
function checkProgram(program: Program, rejections: string[]): { program: Program; runs: CheckedRun[] } | undefined {
  const prepared = prepareProgram(program, new LayoutCx(program.tcx, HOST_TARGET.dataLayout));
  const runs: CheckedRun[] = [];
  const lost = new Set<FnItem>();
  for (const entry of entryPoints(program)) {
    const result = interpretEntry(prepared, entry, { fuel: GENERATED_FUEL });
    const reason = rejection(result);
    if (reason === undefined) {
      runs.push({ entry, result });
      continue;
    }
    rejections.push(reason);
    lost.add(entry);
  }
  if (runs.length === 0 || (lost.size > 0 && runs.length < 2)) return undefined;
  if (lost.size === 0) return { program, runs };
  return { program: { ...program, functions: program.functions.filter((f) => !lost.has(f)) }, runs };
}
