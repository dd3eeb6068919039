/** What an rvalue does beside having a value. */

import type { Rvalue } from "../mir/syntax.ts";

/** Whether nobody would miss an assignment of `rvalue` whose value is never read. Exposing a pointer's provenance is felt by later casts back. */
export function isRemovable(rvalue: Rvalue): boolean {
  return rvalue.kind !== "cast" || rvalue.castKind !== "PointerExposeProvenance";
}
