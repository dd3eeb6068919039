/**
 * The rules of `StorageLive` and `StorageDead`: a local that has such statements is used only where it may have storage.
 *
 * A forward dataflow over bit sets of locals, *maybe live*, joined by union (after rustc_mir_dataflow's `MaybeStorageLive`). Locals
 * without storage statements always have storage.
 */

import { EntitySet } from "../entity/entity.ts";
import type { Body, Local, Statement } from "./syntax.ts";
import { successors, type Visitor, visitStatement, visitTerminator } from "./visit.ts";

/** Reports at block `block`, statement `index` (the terminator's index is the number of statements). */
export type Report = (block: number, index: number, message: string) => void;

export function verifyStorage(body: Body, report: Report): void {
  const managed = managedLocals(body, report);
  if (managed === undefined) return;
  const entry = maybeLiveAtEntry(body);
  for (let b = 0; b < body.blocks.length; b++) {
    const state = entry[b];
    if (state !== undefined) checkBlock(body, b, state, managed, report);
  }
}

/** The locals that have storage statements; `undefined` when none has. */
function managedLocals(body: Body, report: Report): EntitySet<Local> | undefined {
  let managed: EntitySet<Local> | undefined;
  for (let b = 0; b < body.blocks.length; b++) {
    const { statements } = body.blocks[b]!;
    for (let i = 0; i < statements.length; i++) {
      const statement = statements[i]!;
      if (statement.kind !== "storageLive" && statement.kind !== "storageDead") continue;
      if (statement.local <= body.argCount) report(b, i, `the return place and arguments always have storage`);
      managed ??= new EntitySet(body.locals.length);
      managed.add(statement.local);
    }
  }
  return managed;
}

function transfer(statement: Statement, state: EntitySet<Local>): void {
  if (statement.kind === "storageLive") state.add(statement.local);
  else if (statement.kind === "storageDead") state.delete(statement.local);
}

/** For each reachable block, the locals that may have storage where it starts. */
function maybeLiveAtEntry(body: Body): (EntitySet<Local> | undefined)[] {
  const size = body.locals.length;
  const entry: (EntitySet<Local> | undefined)[] = new Array(body.blocks.length).fill(undefined);
  entry[0] = new EntitySet(size);
  const work: number[] = [0];
  for (let b = work.pop(); b !== undefined; b = work.pop()) {
    const block = body.blocks[b]!;
    const state = new EntitySet<Local>(size);
    state.union(entry[b]!);
    for (const statement of block.statements) transfer(statement, state);
    for (const next of successors(block.terminator)) {
      let known = entry[next];
      const isNew = known === undefined;
      if (known === undefined) {
        known = new EntitySet(size);
        entry[next] = known;
      }
      if (known.union(state) || isNew) work.push(next);
    }
  }
  return entry;
}

function checkBlock(body: Body, b: number, entry: EntitySet<Local>, managed: EntitySet<Local>, report: Report): void {
  const state = new EntitySet<Local>(body.locals.length);
  state.union(entry);
  let index = 0;
  const visitor: Visitor = {
    local: (local, context) => {
      if (context === "storage" || !managed.has(local) || state.has(local)) return;
      report(b, index, `_${local} is used where it has no storage`);
    },
  };
  const { statements, terminator } = body.blocks[b]!;
  for (; index < statements.length; index++) {
    const statement = statements[index]!;
    if (statement.kind === "storageLive" && state.has(statement.local)) {
      report(b, index, `_${statement.local} already has storage`);
    }
    visitStatement(statement, visitor);
    transfer(statement, state);
  }
  visitTerminator(terminator, visitor);
}
