/**
 * Bisection to the guilty pass: the smallest number of bisectable pass executions with which the fault shows.
 *
 * With `-opt-bisect-limit=N` and its like, N executions run and the rest are left out. The fault shows with all of them; if it does not
 * show with none, some execution brings it in, and a binary search finds one: with N - 1 the fault is absent, with N present. That
 * holds even when the fault comes and goes with N.
 */

import type { PassExecution } from "../subjects/subject.ts";

export interface Culprit {
  readonly pass: string;
  /** The function or module that the pass ran on. */
  readonly unit: string;
  /** The execution's number, from 1; 0 when the fault shows with no pass at all. */
  readonly index: number;
}

/** What is at fault when the fault shows with every bisectable pass off. */
export const NO_PASS = "code generation (no optimisation pass)";

/**
 * Finds the culprit among `executions`.
 *
 * @param shows - whether the fault shows when only the first `limit` executions run.
 */
export async function bisectPasses(
  executions: readonly PassExecution[],
  shows: (limit: number) => Promise<boolean>,
): Promise<Culprit | undefined> {
  if (await shows(0)) return { pass: NO_PASS, unit: "", index: 0 };
  let absent = 0;
  let present = executions.length;
  if (present === 0) return undefined;
  while (present - absent > 1) {
    const middle = (absent + present) >> 1;
    if (await shows(middle)) present = middle;
    else absent = middle;
  }
  const guilty = executions[present - 1];
  return guilty === undefined ? undefined : { pass: guilty.pass, unit: guilty.unit, index: present };
}
