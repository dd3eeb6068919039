/**
 * DeadStoreElimination: assignments to locals that nobody reads any more go (rustc_mir_transform/src/dead_store_elimination.rs).
 */

import type { Rvalue, Statement } from "../mir/syntax.ts";
import { LocalSet, livenessOf, stepStatement, stepTerminator } from "./liveness.ts";
import { borrowedLocals, isIndirect } from "./locals.ts";
import type { MirPass } from "./pass.ts";

export const deadStoreElimination: MirPass = (body) => {
  const borrowed = borrowedLocals(body);
  const { cfg, loadOut } = livenessOf(body);
  const live = new LocalSet(body.locals.length);
  let changed = false;
  for (const at of cfg.order) {
    const block = body.blocks[at]!;
    loadOut(at, live);
    stepTerminator(block.terminator, live);
    const kept: Statement[] = [];
    for (let i = block.statements.length - 1; i >= 0; i--) {
      const statement = block.statements[i]!;
      if (isDead(statement, live, borrowed)) {
        changed = true;
        continue;
      }
      kept.push(statement);
      stepStatement(statement, live);
    }
    if (kept.length !== block.statements.length) block.statements = kept.reverse();
  }
  return changed;
};

function isDead(statement: Statement, live: LocalSet, borrowed: Uint8Array): boolean {
  switch (statement.kind) {
    case "nop":
      return true;
    case "assign":
      if (hasEffect(statement.rvalue)) return false;
      break;
    case "setDiscriminant":
    case "deinit":
      break;
    default:
      return false;
  }
  const { place } = statement;
  return !isIndirect(place) && borrowed[place.local] === 0 && !live.has(place.local);
}

/** Exposing a pointer's provenance is felt by later casts back. */
function hasEffect(rvalue: Rvalue): boolean {
  return rvalue.kind === "cast" && rvalue.castKind === "PointerExposeProvenance";
}
