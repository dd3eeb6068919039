/**
 * DeadStoreElimination: assignments to locals that nobody reads any more go, and a call's argument that is the last read of a local is moved
 * (rustc_mir_transform/src/dead_store_elimination.rs).
 *
 * What a dead assignment reads is not read by it, so a chain of them goes at once, also round a loop.
 */

import { placeTy } from "../mir/place-ty.ts";
import type { Operand, Place, Statement, Terminator } from "../mir/syntax.ts";
import { cfgOf } from "./cfg.ts";
import { LocalSet, stepStatement, stepTerminator } from "./liveness.ts";
import { borrowedLocals, isIndirect } from "./locals.ts";
import type { MirPass, MutBody, TransformCx } from "./pass.ts";
import { isRemovable } from "./removable.ts";

export const deadStoreElimination: MirPass = (body, cx) => {
  const borrowed = borrowedLocals(body);
  const liveOut = transitiveLiveness(body, borrowed);
  const live = new LocalSet(body.locals.length);
  let changed = false;
  body.blocks.forEach((block, at) => {
    const out = liveOut[at];
    if (out === undefined) return;
    live.assign(out);
    const moving = movedArguments(body, block.terminator, live, borrowed, cx);
    stepTerminator(block.terminator, live);
    if (moving !== undefined) {
      block.terminator = moving;
      changed = true;
    }
    const kept: Statement[] = [];
    for (let i = block.statements.length - 1; i >= 0; i--) {
      const statement = block.statements[i]!;
      if (statement.kind === "nop" || isDead(statement, live, borrowed)) continue;
      kept.push(statement);
      stepStatement(statement, live);
    }
    if (kept.length === block.statements.length) return;
    block.statements = kept.reverse();
    changed = true;
  });
  return changed;
};

/** By reachable block: the locals that may be read behind it, by other than dead assignments. */
function transitiveLiveness(body: MutBody, borrowed: Uint8Array): (LocalSet | undefined)[] {
  const { order, predecessors } = cfgOf(body);
  const liveOut: (LocalSet | undefined)[] = new Array(body.blocks.length);
  for (const at of order) liveOut[at] = new LocalSet(body.locals.length);
  const live = new LocalSet(body.locals.length);
  const queued = new Uint8Array(body.blocks.length).fill(1);
  const work = [...order];
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    queued[at] = 0;
    const { statements, terminator } = body.blocks[at]!;
    live.assign(liveOut[at]!);
    stepTerminator(terminator, live);
    for (let i = statements.length - 1; i >= 0; i--)
      if (!isDead(statements[i]!, live, borrowed)) stepStatement(statements[i]!, live);
    for (const predecessor of predecessors[at]!) {
      if (!liveOut[predecessor]!.addAll(live) || queued[predecessor] === 1) continue;
      queued[predecessor] = 1;
      work.push(predecessor);
    }
  }
  return liveOut;
}

function isDead(statement: Statement, live: LocalSet, borrowed: Uint8Array): boolean {
  switch (statement.kind) {
    case "assign":
      if (!isRemovable(statement.rvalue)) return false;
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

/** A call whose arguments that are read for the last time are moves; `undefined` when it is so already. `live`: behind the call. */
function movedArguments(
  body: MutBody,
  terminator: Terminator,
  live: LocalSet,
  borrowed: Uint8Array,
  cx: TransformCx,
): Terminator | undefined {
  if (terminator.kind !== "call") return undefined;
  // What is moved may overlap nothing else that the call looks at: the destination, the callee, what is moved already.
  const read = new Set<number>();
  const note = (place: Place): void => {
    read.add(place.local);
    for (const elem of place.projection) if (elem.kind === "index") read.add(elem.local);
  };
  note(terminator.destination);
  for (const other of [terminator.func, ...terminator.args]) if (other.kind === "move") note(other.place);
  if (terminator.func.kind === "copy") note(terminator.func.place);
  const args: Operand[] = [];
  let changed = false;
  // From the last: of two reads of one local only the later may be a move.
  for (let i = terminator.args.length - 1; i >= 0; i--) {
    const arg = terminator.args[i]!;
    const moves = arg.kind === "copy" && !read.has(arg.place.local) && isLastRead(body, arg.place, live, borrowed, cx);
    if (arg.kind !== "const") note(arg.place);
    args.push(moves ? { kind: "move", place: arg.place } : arg);
    changed ||= moves;
  }
  return changed ? { ...terminator, args: args.reverse() } : undefined;
}

function isLastRead(body: MutBody, place: Place, live: LocalSet, borrowed: Uint8Array, cx: TransformCx): boolean {
  if (isIndirect(place) || borrowed[place.local] === 1 || live.has(place.local)) return false;
  // What is moved may be passed as where it is, which in a packed type is not aligned.
  return !place.projection.some((_, i) => {
    const { ty } = placeTy(body, { local: place.local, projection: place.projection.slice(0, i) }, cx.tcx);
    return ty.kind === "adt" && ty.def.repr.packed !== undefined;
  });
}
