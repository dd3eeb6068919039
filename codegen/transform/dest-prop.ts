/**
 * DestinationPropagation: `_d = move _s` goes when `_s` can live in `_d` all along (rustc_mir_transform/src/dest_prop.rs).
 *
 * Two locals can be one when neither is borrowed and neither is written, or moved from, while the other may still be read. A statement that reads one and writes the
 * other conflicts too, unless it is the copy itself: MIR forbids an aggregate or a call's result to overlap its operands.
 */

import type { Local, Statement } from "../mir/syntax.ts";
import { mapStatement, mapTerminator } from "../mir/visit.ts";
import { LocalSet, livenessOf, stepStatement, stepTerminator } from "./liveness.ts";
import { borrowedLocals, forEachUse, type LocalUse, removeStorage, wholeLocal } from "./locals.ts";
import type { MirPass, MutBody } from "./pass.ts";

interface Candidate {
  readonly dest: number;
  readonly source: number;
}

export const destProp: MirPass = (body) => {
  let changed = false;
  // Each merge changes what is live: conflicts are found anew, and each round merges pairs that share no local.
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const candidates = candidatesOf(body);
    if (candidates.length === 0) break;
    const conflicts = conflictsOf(body, candidates);
    const touched = new Set<number>();
    const merged: Candidate[] = [];
    candidates.forEach((candidate, i) => {
      if (conflicts[i] === 1 || touched.has(candidate.dest) || touched.has(candidate.source)) return;
      touched.add(candidate.dest).add(candidate.source);
      merged.push(candidate);
    });
    if (merged.length === 0) break;
    apply(body, merged);
    changed = true;
  }
  return changed;
};

const MOST_ROUNDS = 6;
/** Of candidates with one local: a round merges one of them, and each mention of the local is held against all. */
const MOST_PER_LOCAL = 16;

/** The local that `statement` copies to another, both as wholes. */
function copiedLocal(statement: Statement): number | undefined {
  if (statement.kind !== "assign" || statement.rvalue.kind !== "use" || statement.place.projection.length > 0)
    return undefined;
  return wholeLocal(statement.rvalue.operand);
}

function isCopy(statement: Statement, { dest, source }: Candidate): boolean {
  return copiedLocal(statement) === source && statement.kind === "assign" && statement.place.local === dest;
}

function candidatesOf(body: MutBody): Candidate[] {
  const borrowed = borrowedLocals(body);
  const counts = new Uint8Array(body.locals.length);
  const found = new Map<string, Candidate>();
  for (const block of body.blocks) {
    for (const statement of block.statements) {
      const source = copiedLocal(statement);
      if (source === undefined || statement.kind !== "assign") continue;
      const dest = statement.place.local;
      if (source === dest || borrowed[dest] === 1 || borrowed[source] === 1) continue;
      // An argument belongs to the caller's idea of the frame: it is never renamed, only renamed into.
      if (source <= body.argCount || body.locals[dest]!.ty !== body.locals[source]!.ty) continue;
      if (dest > 0 && dest <= body.argCount) continue;
      if (counts[dest]! >= MOST_PER_LOCAL || counts[source]! >= MOST_PER_LOCAL) continue;
      const key = `${dest},${source}`;
      if (found.has(key)) continue;
      counts[dest]!++;
      counts[source]!++;
      found.set(key, { dest, source });
    }
  }
  return [...found.values()];
}

function conflictsOf(body: MutBody, candidates: readonly Candidate[]): Uint8Array {
  const conflicts = new Uint8Array(candidates.length);
  const byLocal = new Map<number, number[]>();
  candidates.forEach(({ dest, source }, i) => {
    for (const local of [dest, source]) {
      const list = byLocal.get(local);
      if (list === undefined) byLocal.set(local, [i]);
      else list.push(i);
    }
  });
  const { cfg, loadOut } = livenessOf(body);
  const live = new LocalSet(body.locals.length);
  const uses = new Map<number, LocalUse[]>();
  const note = (local: number, how: LocalUse): void => {
    if (!byLocal.has(local)) return;
    const list = uses.get(local);
    if (list === undefined) uses.set(local, [how]);
    else list.push(how);
  };
  /** With `uses` of one node and what is live behind it. */
  const judge = (isTheCopy: (candidate: Candidate) => boolean): void => {
    for (const [local, hows] of uses) {
      // A move leaves nothing behind, so it counts as a write.
      const writes = hows.some((how) => how === "write" || how === "partialWrite" || how === "move");
      for (const i of byLocal.get(local)!) {
        const candidate = candidates[i]!;
        if (conflicts[i] === 1 || isTheCopy(candidate)) continue;
        const other = candidate.dest === local ? candidate.source : candidate.dest;
        const both = uses.get(other)?.some((how) => how !== "storage") ?? false;
        if ((writes && live.has(other)) || (both && hows.some((how) => how !== "storage"))) conflicts[i] = 1;
      }
    }
  };
  for (const at of cfg.order) {
    const { statements, terminator } = body.blocks[at]!;
    loadOut(at, live);
    if (terminator.kind === "return") live.add(0);
    uses.clear();
    forEachUse({ terminator }, note);
    judge(() => false);
    stepTerminator(terminator, live);
    for (let i = statements.length - 1; i >= 0; i--) {
      const statement = statements[i]!;
      uses.clear();
      forEachUse({ statement }, note);
      if (uses.size > 0) judge((candidate) => isCopy(statement, candidate));
      stepStatement(statement, live);
    }
  }
  return conflicts;
}

function apply(body: MutBody, merged: readonly Candidate[]): void {
  const to = new Map(merged.map(({ dest, source }) => [source, dest]));
  const touched = new Set(merged.flatMap(({ dest, source }) => [dest, source]));
  removeStorage(body, (local) => touched.has(local));
  const mapper = { local: (local: Local): Local => (to.get(local) ?? local) as Local };
  const isGone = (statement: Statement): boolean => {
    const source = copiedLocal(statement);
    return source !== undefined && statement.kind === "assign" && to.get(source) === statement.place.local;
  };
  for (const block of body.blocks) {
    block.statements = block.statements
      .filter((statement) => !isGone(statement))
      .map((statement) => mapStatement(statement, mapper));
    block.terminator = mapTerminator(block.terminator, mapper);
  }
}
