/**
 * What a body does with its locals: which are borrowed, assigned once, live.
 *
 * A local is *borrowed* when its address may be known: behind it nothing is known of its value. It is in *SSA form* when it is not
 * borrowed, is assigned as a whole in one place only (arguments: nowhere), and that place dominates every use (rustc_mir_transform/src/ssa.rs).
 */

import type { Operand, Place, Statement, Terminator } from "../mir/syntax.ts";
import { mapStatement, mapTerminator, type PlaceContext, visitStatement, visitTerminator } from "../mir/visit.ts";
import { type Cfg, cfgOf } from "./cfg.ts";
import type { MutBody } from "./pass.ts";

/** Whether `place` goes through a pointer: its local is only read. */
export function isIndirect(place: Place): boolean {
  return place.projection.some((elem) => elem.kind === "deref");
}

/** How a place uses its local. */
export type LocalUse = "write" | "partialWrite" | "read" | "move" | "borrow" | "drop" | "storage";

export function localUse(place: Place, context: PlaceContext): LocalUse {
  if (isIndirect(place)) return "read";
  switch (context) {
    case "store":
    case "call":
      return place.projection.length === 0 ? "write" : "partialWrite";
    case "borrow":
      return "borrow";
    case "move":
      return "move";
    case "storage":
      return "storage";
    case "drop":
    case "retag":
      return "drop";
    default:
      return "read";
  }
}

/** Calls `use` for each mention of a local in a statement or terminator, storage statements included. */
export function forEachUse(
  node: { readonly statement: Statement } | { readonly terminator: Terminator },
  use: (local: number, how: LocalUse) => void,
): void {
  const visitor = {
    place: (place: Place, context: PlaceContext): void => {
      use(place.local, localUse(place, context));
      for (const elem of place.projection) if (elem.kind === "index") use(elem.local, "read");
    },
  };
  if ("terminator" in node) {
    visitTerminator(node.terminator, visitor);
    return;
  }
  const { statement } = node;
  if (statement.kind === "storageLive" || statement.kind === "storageDead") use(statement.local, "storage");
  else if (statement.kind === "setDiscriminant" || statement.kind === "deinit") {
    use(statement.place.local, isIndirect(statement.place) ? "read" : "partialWrite");
    for (const elem of statement.place.projection) if (elem.kind === "index") use(elem.local, "read");
  } else visitStatement(statement, visitor);
}

/** By local: 1 when its address may be known. A drop and a retag count: they hand out a reference. */
export function borrowedLocals(body: MutBody): Uint8Array {
  const borrowed = new Uint8Array(body.locals.length);
  const use = (local: number, how: LocalUse): void => {
    if (how === "borrow" || how === "drop") borrowed[local] = 1;
  };
  for (const block of body.blocks) {
    for (const statement of block.statements) forEachUse({ statement }, use);
    forEachUse({ terminator: block.terminator }, use);
  }
  return borrowed;
}

export interface SsaLocals {
  /** By local: 1 when it is in SSA form. */
  readonly isSsa: Uint8Array;
  readonly cfg: Cfg;
}

/** Which locals are in SSA form. The return place never is: the caller reads it. */
export function ssaLocals(body: MutBody): SsaLocals {
  const cfg = cfgOf(body);
  const count = body.locals.length;
  const isSsa = new Uint8Array(count).fill(1);
  isSsa[0] = 0;
  const defBlock = new Int32Array(count).fill(-1);
  const defIndex = new Int32Array(count);
  for (let local = 1; local <= body.argCount; local++) defBlock[local] = -2;
  for (const b of cfg.order) {
    const block = body.blocks[b]!;
    const define = (index: number) => (local: number, how: LocalUse) => {
      if (how === "write") {
        if (defBlock[local] !== -1) isSsa[local] = 0;
        defBlock[local] = b;
        defIndex[local] = index;
      } else if (how === "partialWrite" || how === "borrow" || how === "drop") {
        isSsa[local] = 0;
      }
    };
    block.statements.forEach((statement, i) => {
      forEachUse({ statement }, define(i));
    });
    forEachUse({ terminator: block.terminator }, define(block.statements.length));
  }
  for (const b of cfg.order) {
    const block = body.blocks[b]!;
    const check = (index: number) => (local: number, how: LocalUse) => {
      if (how === "storage" || how === "write" || isSsa[local] === 0) return;
      const at = defBlock[local]!;
      if (at === -2) return;
      const ok = at === b ? defIndex[local]! < index : at >= 0 && cfg.dominates(at, b);
      if (!ok) isSsa[local] = 0;
    };
    block.statements.forEach((statement, i) => {
      forEachUse({ statement }, check(i));
    });
    forEachUse({ terminator: block.terminator }, check(block.statements.length));
  }
  for (let local = body.argCount + 1; local < count; local++) if (defBlock[local] === -1) isSsa[local] = 0;
  return { isSsa, cfg };
}

/** The local that `operand` is as a whole. */
export function wholeLocal(operand: Operand): number | undefined {
  return operand.kind !== "const" && operand.place.projection.length === 0 ? operand.place.local : undefined;
}

/** Removes the storage statements of locals that `gone` marks; their storage then lasts as long as the function. */
export function removeStorage(body: MutBody, gone: (local: number) => boolean): void {
  for (const block of body.blocks) {
    block.statements = block.statements.filter(
      (s) => (s.kind !== "storageLive" && s.kind !== "storageDead") || !gone(s.local),
    );
  }
}

/** Makes copies of all moves of locals that `kept` marks, as wholes or in part: their values are wanted again. */
export function copyInsteadOfMove(body: MutBody, kept: (local: number) => boolean): void {
  const mapper = {
    operand: (operand: Operand): Operand =>
      operand.kind === "move" && kept(operand.place.local) ? { kind: "copy", place: operand.place } : operand,
  };
  for (const block of body.blocks) {
    block.statements = block.statements.map((statement) => mapStatement(statement, mapper));
    block.terminator = mapTerminator(block.terminator, mapper);
  }
}
