/**
 * SimplifyLocals: locals that nobody reads go, with what is assigned to them, and the others are numbered anew
 * (rustc_mir_transform/src/simplify.rs).
 *
 * An assignment to a local that is not read elsewhere is no use of what it reads, so that going it may take others with it.
 */

import type { Local, Statement } from "../mir/syntax.ts";
import { mapStatement, mapTerminator } from "../mir/visit.ts";
import { forEachUse, isIndirect, type LocalUse, removeStorage } from "./locals.ts";
import type { MirPass, MutBody } from "./pass.ts";
import { isRemovable } from "./removable.ts";

export const simplifyLocals: MirPass = (body) => {
  const uses = useCounts(body);
  const removed = removeDefinitions(body, uses);
  if (uses.every((count) => count > 0)) return removed;
  removeStorage(body, (local) => uses[local] === 0);
  const renumbered = new Int32Array(body.locals.length);
  let next = 0;
  uses.forEach((count, local) => {
    if (count === 0) return;
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

/** Removes what is assigned to locals that nobody reads, and their storage; true when that changed anything. */
export function removeUnusedDefinitions(body: MutBody): boolean {
  const uses = useCounts(body);
  if (!removeDefinitions(body, uses)) return false;
  removeStorage(body, (local) => uses[local] === 0);
  return true;
}

/** The local that `statement` gives a value, wholly or in part, and does nothing else. */
function definedBy(statement: Statement): Local | undefined {
  switch (statement.kind) {
    case "assign":
      if (!isRemovable(statement.rvalue)) return undefined;
      break;
    case "setDiscriminant":
    case "deinit":
      break;
    default:
      return undefined;
  }
  return isIndirect(statement.place) ? undefined : statement.place.local;
}

/** Calls `use` for each use of a local in `statement`, without the one that it defines. */
function forEachRead(statement: Statement, use: (local: number) => void): void {
  let defined = definedBy(statement);
  forEachUse({ statement }, (local: number, how: LocalUse) => {
    if (how === "storage") return;
    if (local === defined && (how === "write" || how === "partialWrite")) defined = undefined;
    else use(local);
  });
}

/** By local: how often it is used other than to be defined. The return place and arguments always are. */
function useCounts(body: MutBody): Uint32Array {
  const uses = new Uint32Array(body.locals.length);
  uses.fill(1, 0, body.argCount + 1);
  const use = (local: number): void => {
    uses[local]!++;
  };
  for (const block of body.blocks) {
    for (const statement of block.statements) forEachRead(statement, use);
    forEachUse({ terminator: block.terminator }, use);
  }
  return uses;
}

/** Removes definitions of locals without uses, and takes what they read from the counts. */
function removeDefinitions(body: MutBody, uses: Uint32Array): boolean {
  let changed = false;
  const release = (local: number): void => {
    uses[local]!--;
  };
  for (let again = true; again; ) {
    again = false;
    for (const block of body.blocks) {
      const kept = block.statements.filter((statement) => {
        const defined = definedBy(statement);
        if (defined === undefined || uses[defined]! > 0) return true;
        forEachRead(statement, release);
        return false;
      });
      if (kept.length === block.statements.length) continue;
      block.statements = kept;
      again = true;
      changed = true;
    }
  }
  return changed;
}
