/**
 * RemoveUnneededDrops: a drop of what needs none is a jump (rustc_mir_transform/src/remove_unneeded_drops.rs).
 */

import { placeTy } from "../mir/place-ty.ts";
import type { MirPass } from "./pass.ts";
import { simplifyCfg } from "./simplify-cfg.ts";

export const removeUnneededDrops: MirPass = (body, cx) => {
  let changed = false;
  for (const block of body.blocks) {
    const { terminator } = block;
    if (terminator.kind !== "drop" || cx.needsDrop(placeTy(body, terminator.place, cx.tcx).ty)) continue;
    block.terminator = { kind: "goto", target: terminator.target, span: terminator.span };
    changed = true;
  }
  if (changed) simplifyCfg(body, cx);
  return changed;
};
