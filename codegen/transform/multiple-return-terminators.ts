/**
 * MultipleReturnTerminators: a jump to a block that only returns is a return (rustc_mir_transform/src/multiple_return_terminators.rs).
 */

import type { MirPass } from "./pass.ts";

export const multipleReturnTerminators: MirPass = (body) => {
  const returns = body.blocks.map(
    ({ statements, terminator }) => terminator.kind === "return" && statements.every(({ kind }) => kind === "nop"),
  );
  let changed = false;
  for (const block of body.blocks) {
    const { terminator } = block;
    if (terminator.kind !== "goto" || !returns[terminator.target]) continue;
    block.terminator = { kind: "return", span: terminator.span };
    changed = true;
  }
  return changed;
};
