/**
 * ReferencePropagation: what is read or written through a pointer to a known place is read or written there (rustc_mir_transform/src/ref_prop.rs).
 *
 * `_r = &_x.f` in SSA form: `(*_r).g` becomes `_x.f.g`. The place must mean the same wherever `_r` is used: a local, or what an SSA pointer points
 * to, and fields of it; never an index. What goes through `_r` then goes past it, which is the same to all other pointers as long as `_r` itself
 * need not stay the only way there: of mutable pointers, all uses must be replaced (under Tree Borrows a read of `_x` takes the right to write
 * from `_r` and its children). A program without undefined behaviour uses `*_r` only while `_x` lives, so its storage may last as long as the
 * function.
 */

import { placeTy } from "../mir/place-ty.ts";
import type { Local, Place, Statement, Terminator } from "../mir/syntax.ts";
import { isPointer } from "../mir/ty.ts";
import { mapStatement, mapTerminator, type PlaceContext, visitStatement, visitTerminator } from "../mir/visit.ts";
import { copyInsteadOfMove, removeStorage, ssaLocals } from "./locals.ts";
import type { MirPass, MutBody, TransformCx } from "./pass.ts";

export const referencePropagation: MirPass = (body, cx) => {
  const targets = targetsOf(body, cx);
  if (targets.size === 0) return false;
  let changed = false;
  const used = new Set<number>();
  /** Pointers that are used again: moves of them become copies. */
  const reused = new Set<number>();
  const place = (p: Place): Place => {
    const next = replaced(p, targets);
    if (next !== p) {
      changed = true;
      used.add(next.local);
      if (next.projection[0]?.kind === "deref") reused.add(next.local);
    }
    return next;
  };
  for (const block of body.blocks) {
    block.statements = block.statements.map((statement) => {
      const next = mapStatement(statement, { place });
      return storesItself(next) ? statement : next;
    });
    const next = mapTerminator(block.terminator, { place });
    if (!overlapsArgument(next)) block.terminator = next;
  }
  if (!changed) return false;
  removeStorage(body, (local) => used.has(local));
  copyInsteadOfMove(body, (local) => reused.has(local));
  return true;
};

/** Undefined when it runs, but ill-formed only once it can be seen: such a statement stays as it was. */
function storesItself(statement: Statement): boolean {
  if (statement.kind !== "assign" || statement.rvalue.kind !== "use") return false;
  const { operand } = statement.rvalue;
  return operand.kind !== "const" && operand.place.local === statement.place.local;
}

/** The same of a call whose destination is part of what it moves. */
function overlapsArgument(terminator: Terminator): boolean {
  if (terminator.kind !== "call") return false;
  const { args, destination } = terminator;
  return args.some((arg) => arg.kind === "move" && arg.place.local === destination.local);
}

/** `place`, without the pointers whose targets are known. */
function replaced(place: Place, targets: ReadonlyMap<number, Place>): Place {
  let at = place;
  while (at.projection[0]?.kind === "deref") {
    const target = targets.get(at.local);
    if (target === undefined) break;
    at = { local: target.local, projection: [...target.projection, ...at.projection.slice(1)] };
  }
  return at;
}

/** By SSA pointer: the place that it points to, when every use may go there. */
function targetsOf(body: MutBody, cx: TransformCx): ReadonlyMap<number, Place> {
  const { isSsa, cfg } = ssaLocals(body);
  const targets = new Map<number, Place>();
  const isFree = onlyDereferenced(body);
  for (const at of cfg.order) {
    for (const statement of body.blocks[at]!.statements) {
      const made = pointerMade(statement);
      if (made === undefined || isSsa[made.local] === 0 || !isConstantPlace(made.place, body, isSsa)) continue;
      const pointer = body.locals[made.local]!.ty;
      if (!isPointer(pointer) || (pointer.mutability === "mut" && isFree[made.local] === 0)) continue;
      if (placeTy(body, made.place, cx.tcx).ty === pointer.pointee) targets.set(made.local, made.place);
    }
  }
  return targets;
}

/** The local that a statement makes a pointer to a place. */
function pointerMade(statement: Statement): { readonly local: Local; readonly place: Place } | undefined {
  if (statement.kind !== "assign" || statement.place.projection.length > 0) return undefined;
  const { rvalue } = statement;
  if (rvalue.kind !== "ref" && rvalue.kind !== "rawPtr") return undefined;
  return { local: statement.place.local, place: rvalue.place };
}

/** Whether `place` is the same memory whenever it is looked at. */
function isConstantPlace({ local, projection }: Place, body: MutBody, isSsa: Uint8Array): boolean {
  return projection.every((elem, i) => {
    // What a box points to is dropped with it.
    if (elem.kind === "deref") return i === 0 && isSsa[local] === 1 && isPointer(body.locals[local]!.ty);
    return elem.kind === "field" || elem.kind === "downcast" || (elem.kind === "constantIndex" && !elem.fromEnd);
  });
}

/** By local: 1 when every use of it is to be dereferenced. */
function onlyDereferenced(body: MutBody): Uint8Array {
  const free = new Uint8Array(body.locals.length).fill(1);
  const visitor = {
    place: ({ local, projection }: Place, context: PlaceContext): void => {
      if (projection[0]?.kind === "deref") return;
      if (context === "store" && projection.length === 0) return;
      free[local] = 0;
    },
  };
  for (const block of body.blocks) {
    for (const statement of block.statements) visitStatement(statement, visitor);
    visitTerminator(block.terminator, visitor);
  }
  return free;
}
