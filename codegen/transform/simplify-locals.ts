/**
 * SimplifyLocals: locals that are mentioned by nothing but storage statements go, and the others are numbered anew
 * (rustc_mir_transform/src/simplify.rs).
 */

import type { Local } from "../mir/syntax.ts";
import { mapStatement, mapTerminator } from "../mir/visit.ts";
import { forEachUse, removeStorage } from "./locals.ts";
import type { MirPass, MutBody } from "./pass.ts";

export const simplifyLocals: MirPass = (body) => {
  const used = usedLocals(body);
  if (used.every((mark) => mark === 1)) return false;
  removeStorage(body, (local) => used[local] === 0);
  const renumbered = new Int32Array(body.locals.length);
  let next = 0;
  used.forEach((mark, local) => {
    if (mark === 0) return;
    renumbered[local] = next;
    body.locals[next++] = body.locals[local]!;
  });
  body.locals.length = next;
  const mapper = { local: (local: Local): Local => renumbered[local]! as Local };
  for (const block of body.blocks) {
    block.statements = block.statements.map((statement) => mapStatement(statement, mapper));
    block.terminator = mapTerminator(block.terminator, mapper);
  }
  return true;
};

function usedLocals(body: MutBody): Uint8Array {
  const used = new Uint8Array(body.locals.length);
  used.fill(1, 0, body.argCount + 1);
  const use = (local: number, how: string): void => {
    if (how !== "storage") used[local] = 1;
  };
  for (const block of body.blocks) {
    for (const statement of block.statements) forEachUse({ statement }, use);
    forEachUse({ terminator: block.terminator }, use);
  }
  return used;
}
