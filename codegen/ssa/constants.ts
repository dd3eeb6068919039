/** Constants that types, and which blocks are reached, depend on: the reference interpreter evaluates them, as rustc's does. */

import { constEvaluator } from "../interpret/const-eval.ts";
import type { TargetDataLayout } from "../layout/types.ts";
import type { Program } from "../mir/program.ts";
import { traitCxOf } from "../traits/context.ts";

/** Lets what is asked of the types of `program` evaluate its constants, for a target of `dataLayout`. */
export function evaluateConstants(program: Program, dataLayout: TargetDataLayout): void {
  if ((program.consts?.length ?? 0) + (program.traits?.length ?? 0) === 0) return;
  traitCxOf(program).constEvaluator ??= constEvaluator(program, dataLayout);
}
