/**
 * RemoveNoopLandingPads: unwinding into blocks that only resume is unwinding on (rustc_mir_transform/src/remove_noop_landing_pads.rs).
 */

import type { BasicBlock, Terminator } from "../mir/syntax.ts";
import type { MirPass, MutBody } from "./pass.ts";

export const removeNoopLandingPads: MirPass = (body) => {
  let changed = false;
  for (const block of body.blocks) {
    const { terminator } = block;
    if (!("unwind" in terminator) || terminator.unwind.kind !== "cleanup") continue;
    if (!isNoop(body, terminator.unwind.block)) continue;
    block.terminator = { ...terminator, unwind: { kind: "continue" } } as Terminator;
    changed = true;
  }
  return changed;
};

/** Whether `from` only jumps on to a resume. */
function isNoop(body: MutBody, from: BasicBlock): boolean {
  let at = from;
  for (let steps = 0; steps < body.blocks.length; steps++) {
    const { statements, terminator } = body.blocks[at]!;
    if (!statements.every(({ kind }) => kind === "nop" || kind === "storageLive" || kind === "storageDead"))
      return false;
    if (terminator.kind === "unwindResume") return true;
    if (terminator.kind !== "goto") return false;
    at = terminator.target;
  }
  return false;
}
