/** Layouts of a program's types, whose fields may have associated types. */

import { LayoutCx } from "../layout/layout.ts";
import type { LayoutPolicy } from "../layout/policy.ts";
import type { TargetDataLayout } from "../layout/types.ts";
import type { Program } from "../mir/program.ts";
import { traitCxOf } from "../traits/context.ts";

/** Whether what a field's type means may depend on `program`'s impls. */
export function hasTraits({ traits, impls }: Program): boolean {
  return (traits?.length ?? 0) > 0 || (impls?.length ?? 0) > 0;
}

/** A `LayoutCx` for the types of `program`, which normalises by its impls; without `policy`, that of the release whose layouts they have. */
export function newLayoutCx(program: Program, dataLayout: TargetDataLayout, policy?: LayoutPolicy): LayoutCx {
  if (!hasTraits(program)) return new LayoutCx(program.tcx, dataLayout, policy);
  const traits = traitCxOf(program);
  return new LayoutCx(program.tcx, dataLayout, policy, (ty) => traits.normalize(ty));
}
