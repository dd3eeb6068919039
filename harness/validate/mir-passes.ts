/**
 * Before against after: a program runs in the interpreter as it is and with MIR passes applied, and must observe the same.
 *
 * Both runs are under the same aliasing model, so a pass that adds undefined behaviour is found too. Each body is verified after each pass that
 * changed it, the whole program after the last.
 */

import {
  entryPoints,
  type FnItem,
  HOST_TARGET,
  interpretEntry,
  type MirPassOptions,
  newLayoutCx,
  type Program,
  prepareProgram,
  type RunResult,
  renderVerifyError,
  replaceBodies,
  runMirPasses,
  verifyProgram,
} from "../../codegen/index.ts";
import { GENERATED_FUEL } from "../generate/generate.ts";
import { seasonProgram } from "./season.ts";

/** An entry point that does something else after the passes. */
export interface PassDivergence {
  readonly entry: FnItem;
  readonly before: RunResult;
  readonly after: RunResult;
}

/** A program and what its entry points do before any pass. */
export interface ValidatedProgram {
  readonly program: Program;
  readonly runs: readonly { readonly entry: FnItem; readonly result: RunResult }[];
  /** That of generated programs when absent. */
  readonly how?: RunSettings;
  /** The verifier had errors before any pass: it is not asked again. */
  readonly illFormed?: boolean;
}

type PrepareOptions = NonNullable<Parameters<typeof prepareProgram>[2]>;

/** How the entry points run, before and after. */
export interface RunSettings extends PrepareOptions {
  /** Statements that one may execute before the passes. */
  readonly fuel: number;
}

const GENERATED: RunSettings = { fuel: GENERATED_FUEL };

/** `program` with what its entry points do as it is, without those that are no evidence. */
export function runsOf(program: Program, how: RunSettings): ValidatedProgram {
  const prepared = prepareProgram(program, newLayoutCx(program, HOST_TARGET.dataLayout), how);
  const runs = entryPoints(program)
    .map((entry) => ({ entry, result: interpretEntry(prepared, entry, how) }))
    .filter(({ result }) => result.outcome.kind === "return" || result.outcome.kind === "panic");
  return { program, runs, how, illFormed: verifyProgram(program).length > 0 };
}

/** Inlining and its like may run statements that were not there: copies of arguments, storage. */
const FUEL_FACTOR = 4;

/**
 * Runs `program` with `options`' passes applied; the program is as it was afterwards. Runs nothing where no pass changed anything, unless `always`.
 *
 * @throws an internal error when a pass leaves a program that is not well-formed.
 */
export function validateMirPasses(
  validated: ValidatedProgram,
  options: MirPassOptions,
  always = false,
): PassDivergence[] {
  const { program, runs, how = GENERATED, illFormed = false } = validated;
  const layouts = newLayoutCx(program, HOST_TARGET.dataLayout);
  const bodies = runMirPasses(program, layouts, { ...options, verify: !illFormed });
  if (bodies.size === 0 && !always) return [];
  const restore = replaceBodies(bodies);
  try {
    const [error] = illFormed ? [] : verifyProgram(program);
    if (error !== undefined)
      throw new Error(`internal error: not well-formed after the passes: ${renderVerifyError(error)}`);
    const prepared = prepareProgram(program, layouts, how);
    return runs.flatMap(({ entry, result: before }) => {
      const after = interpretEntry(prepared, entry, { fuel: how.fuel * FUEL_FACTOR });
      return observesSame(before, after) ? [] : [{ entry, before, after }];
    });
  } finally {
    restore();
  }
}

/**
 * `program` with detours in its bodies (`season.ts`), which must not change what it observes: the runs are those from before. What
 * comes with it puts the bodies back.
 *
 * @throws an internal error when the seasoned program does something else.
 */
export function seasoned(validated: ValidatedProgram, seed: number): () => void {
  const restore = replaceBodies(seasonProgram(validated.program, seed));
  const [first] = validateMirPasses(validated, { mirOptLevel: 0, pipeline: [] }, true);
  if (first !== undefined) restore();
  if (first !== undefined)
    throw new Error(
      `internal error: seasoning changes what ${first.entry.name} does: ${JSON.stringify(first.after.outcome, (_, v: unknown) => (typeof v === "bigint" ? String(v) : v))}`,
    );
  return restore;
}

function observesSame(before: RunResult, after: RunResult): boolean {
  // Inlining makes frames larger: what does not fit the interpreter says nothing about the pass.
  if (after.outcome.kind === "resourceExhaustion") return true;
  if (Buffer.compare(after.events, before.events) !== 0) return false;
  const [a, b] = [before.outcome, after.outcome];
  if (a.kind === "panic" && b.kind === "panic") return a.code === b.code && a.message === b.message;
  return a.kind === b.kind;
}
