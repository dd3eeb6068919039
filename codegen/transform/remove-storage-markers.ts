/**
 * RemoveStorageMarkers: locals live as long as their function (rustc_mir_transform/src/remove_storage_markers.rs).
 *
 * For code generation that makes no use of lifetimes: rustc runs it only where it emits none to LLVM. No program can tell, as it may not
 * depend on addresses.
 */

import type { MirPass } from "./pass.ts";

export const removeStorageMarkers: MirPass = (body) => {
  let changed = false;
  for (const block of body.blocks) {
    const kept = block.statements.filter(
      ({ kind }) => kind !== "storageLive" && kind !== "storageDead" && kind !== "nop",
    );
    if (kept.length === block.statements.length) continue;
    block.statements = kept;
    changed = true;
  }
  return changed;
};
