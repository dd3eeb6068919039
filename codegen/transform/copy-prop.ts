/**
 * CopyProp: locals that are copies of one another become one (rustc_mir_transform/src/copy_prop.rs).
 *
 * `_2 = copy _1`, both in SSA form: every use of `_2` becomes one of `_1`. A value that was moved once may now be wanted again, so all
 * moves of `_1` become copies, and its storage lasts as long as the function.
 */

import type { Operand } from "../mir/syntax.ts";
import { type Mapper, mapStatement, mapTerminator } from "../mir/visit.ts";
import { removeStorage, ssaLocals, wholeLocal } from "./locals.ts";
import type { MirPass, MutBody } from "./pass.ts";
import { removeUnusedDefinitions } from "./simplify-locals.ts";

export const copyProp: MirPass = (body) => {
  const head = copyClasses(body);
  if (head === undefined) return false;
  const shared = new Uint8Array(body.locals.length);
  head.forEach((to, from) => {
    if (to !== from) {
      shared[to] = 1;
      shared[from] = 1;
    }
  });
  removeStorage(body, (local) => shared[local] === 1);
  const mapper: Mapper = {
    local: (local) => head[local]! as typeof local,
    operand: (operand) => (isMoveOf(operand, shared) ? { kind: "copy", place: operand.place } : operand),
  };
  for (const block of body.blocks) {
    block.statements = block.statements
      .filter((s) => s.kind !== "assign" || s.place.projection.length > 0 || head[s.place.local] === s.place.local)
      .map((statement) => mapStatement(statement, mapper));
    block.terminator = mapTerminator(block.terminator, mapper);
  }
  removeUnusedDefinitions(body);
  return true;
};

function isMoveOf(operand: Operand, shared: Uint8Array): operand is Extract<Operand, { kind: "move" }> {
  return operand.kind === "move" && shared[operand.place.local] === 1;
}

/** By local: the first of its class; `undefined` when each stands alone. */
function copyClasses(body: MutBody): number[] | undefined {
  const { isSsa, cfg } = ssaLocals(body);
  const head = body.locals.map((_, i) => i);
  let found = false;
  // In reverse postorder a copy comes behind what it copies.
  for (const at of cfg.order) {
    for (const statement of body.blocks[at]!.statements) {
      if (statement.kind !== "assign" || statement.rvalue.kind !== "use" || statement.place.projection.length > 0)
        continue;
      const to = statement.place.local;
      const from = wholeLocal(statement.rvalue.operand);
      if (from === undefined || isSsa[to] === 0 || isSsa[from] === 0) continue;
      if (to <= body.argCount || body.locals[to]!.ty !== body.locals[from]!.ty) continue;
      head[to] = head[from]!;
      found = true;
    }
  }
  return found ? head : undefined;
}
