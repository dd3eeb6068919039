/**
 * The reducer: makes an interesting program as small as it can.
 *
 * Reducers run in order, the ones that remove most first, and again from the start for as long as any of them gets something done, with
 * names at the end. The result does not depend on time unless the budget ends it.
 */

import type { Program } from "../../codegen/index.ts";
import { countStatements } from "./count.ts";
import { type IsInteresting, type Progress, ReduceCx, type Reducer } from "./reducer.ts";
import { canonicalNames } from "./reducers/canonical-names.ts";
import { dropLocals, straightenBlocks } from "./reducers/cleanup.ts";
import { dropBounds } from "./reducers/drop-bounds.ts";
import { dropBranches } from "./reducers/drop-branches.ts";
import { dropCalls } from "./reducers/drop-calls.ts";
import { dropCleanup } from "./reducers/drop-cleanup.ts";
import { dropEntries } from "./reducers/drop-entries.ts";
import { dropFunctions } from "./reducers/drop-functions.ts";
import { dropGenerics } from "./reducers/drop-generics.ts";
import { dropMembers } from "./reducers/drop-members.ts";
import { dropParams } from "./reducers/drop-params.ts";
import { dropDeadStores, dropStatements, dropStorage } from "./reducers/drop-statements.ts";
import { inlineCalls } from "./reducers/inline.ts";
import { observeEarlier } from "./reducers/observe-earlier.ts";
import { propagateCopies } from "./reducers/propagate.ts";
import { dropFields, dropVariants, shrinkArrays, simplifyTypes } from "./reducers/shrink-types.ts";
import { constantOperands, simplifyConstants, simplifyPlaces, simplifyRvalues } from "./reducers/simplify-values.ts";

export { countStatements } from "./count.ts";
export type { IsInteresting, Progress, Reducer } from "./reducer.ts";

/** The reducers that make programs smaller, in the order in which they run. */
export const REDUCERS: readonly Reducer[] = [
  dropEntries,
  dropFunctions,
  dropStorage,
  dropCalls,
  dropCleanup,
  dropBranches,
  dropDeadStores,
  dropStatements,
  straightenBlocks,
  propagateCopies,
  inlineCalls,
  simplifyRvalues,
  constantOperands,
  dropParams,
  dropMembers,
  dropBounds,
  dropGenerics,
  dropLocals,
  observeEarlier,
];

/** The reducers that make what is left plainer; they run when the others have nothing to do. */
export const SIMPLIFIERS: readonly Reducer[] = [
  dropFields,
  dropVariants,
  shrinkArrays,
  simplifyPlaces,
  simplifyTypes,
  simplifyConstants,
];

export interface ReduceOptions {
  /** Milliseconds after which no more candidates are tried; unlimited when absent. */
  readonly budgetMs?: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Reduction {
  readonly program: Program;
  /** Candidates that the predicate was asked about. */
  readonly tried: number;
  /** Those that it found interesting. */
  readonly kept: number;
  /** `countStatements` of the result. */
  readonly statements: number;
}

/** Makes `program`, which is interesting, as small as it can while it stays so. Every candidate verifies; none is asked about twice. */
export async function reduceProgram(
  program: Program,
  isInteresting: IsInteresting,
  options: ReduceOptions = {},
): Promise<Reduction> {
  const deadline = options.budgetMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + options.budgetMs;
  const cx = new ReduceCx(program, isInteresting, () => performance.now() > deadline);
  const run = async (reducer: Reducer): Promise<boolean> => {
    const kept = await reducer.run(cx);
    const { tried } = cx;
    options.onProgress?.({ reducer: reducer.name, tried, kept: cx.kept, statements: countStatements(cx.program) });
    return kept;
  };
  const runAll = async (reducers: readonly Reducer[]): Promise<boolean> => {
    let kept = false;
    for (const reducer of reducers) if (!cx.stopped) kept = (await run(reducer)) || kept;
    return kept;
  };
  do {
    while (await runAll(REDUCERS));
  } while (await runAll(SIMPLIFIERS));
  await run(canonicalNames);
  return { program: cx.program, tried: cx.tried, kept: cx.kept, statements: countStatements(cx.program) };
}
