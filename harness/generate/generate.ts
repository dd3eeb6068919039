/**
 * Programs that are proved free of undefined behaviour: each entry point is run by the interpreter before anyone sees the program.
 *
 * What the interpreter rejects is thrown away: single entry points while two or more remain, else the program, whose next candidate has a
 * sub-seed of its own. So a seed always gives the same program.
 */

import {
  coverageOf,
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
import type { Ran } from "./count.ts";
import { DEFAULT_POLICY, type Policy } from "./policies.ts";
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
  /** By function: 1 for each block that ran, when that was asked for. */
  readonly ran: Ran;
}

export interface CheckedOptions extends GenerateOptions {
  /** Note which blocks run. */
  readonly coverage?: boolean;
}

const MAX_CANDIDATES = 64;

/** The program of `seed`, with the expected events of each of its entry points. */
export function generateChecked(seed: bigint | number, options: CheckedOptions = {}): GeneratedProgram {
  const tcx = options.tcx ?? newTyCtxt();
  const rejections: string[] = [];
  const { aliasing } = options.policy ?? DEFAULT_POLICY;
  const wide = BigInt.asUintN(64, BigInt(seed));
  for (let candidate = 0; candidate < MAX_CANDIDATES; candidate++) {
    const subSeed = candidate === 0 ? wide : mixSeed(wide, BigInt(candidate));
    const program = generateProgram(subSeed, { ...options, tcx });
    const checked = checkProgram(program, rejections, { coverage: options.coverage ?? false, aliasing });
    if (checked !== undefined) return { ...checked, discarded: candidate, rejections };
  }
  throw new Error(`internal error: ${MAX_CANDIDATES} candidates of seed ${seed} were rejected: ${rejections.at(-1)}`);
}

/** Runs every entry point; gives the program without those that are no evidence, or nothing when none is left. */
function checkProgram(
  program: Program,
  rejections: string[],
  options: { readonly coverage: boolean; readonly aliasing: Policy["aliasing"] },
): { program: Program; runs: CheckedRun[]; ran: Ran } | undefined {
  const prepared = prepareProgram(program, new LayoutCx(program.tcx, HOST_TARGET.dataLayout), options);
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
  const ran = options.coverage ? ranOf(prepared) : NOTHING_RAN;
  if (lost.size === 0) return { program, runs, ran };
  return { program: { ...program, functions: program.functions.filter((f) => !lost.has(f)) }, runs, ran };
}

const NOTHING_RAN: Ran = new Map();

/** The blocks of each function that ran, over all of its instances. */
function ranOf(prepared: ReturnType<typeof prepareProgram>): Ran {
  const ran = new Map<FnItem, Uint8Array>();
  for (const { item, blocks } of coverageOf(prepared)) {
    const known = ran.get(item);
    if (known === undefined) ran.set(item, blocks.slice());
    else for (let i = 0; i < blocks.length; i++) known[i]! |= blocks[i]!;
  }
  return ran;
}
