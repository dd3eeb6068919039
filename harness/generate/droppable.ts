/**
 * Types with `Drop` impls that observe: the order of drops is part of what a program shows.
 *
 * No variable that random code chooses from ever has such a type, so nothing copies one: the actions on drops and on unwinding keep count of who
 * owns what.
 */

import {
  type BasicBlock,
  DEFAULT_REPR,
  type FieldDef,
  type FnItem,
  type Local,
  type Operand,
  type Place,
  type Rvalue,
  TY_UNIT,
  type Ty,
  type UnwindAction,
} from "../../codegen/index.ts";
import { observe } from "./calls.ts";
import {
  accumulator,
  at,
  callItem,
  cleanupBlock,
  copyAt,
  DEREF,
  fieldElem,
  fillBody,
  mix,
  mixScalar,
  returnMixed,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { implPath, newFn, newImpl } from "./items.ts";
import { langTrait } from "./lang.ts";
import { binary, moveOf, operand, reusable, temp } from "./operands.ts";
import { mixPlace } from "./values.ts";

/** A struct whose first field is observed when it is dropped. */
export interface Droppable {
  readonly ty: Ty;
  readonly tag: Ty;
  readonly fields: readonly Ty[];
}

const MOST_DROPPABLES = 3;

/** One of the program's droppable types, or a new one. */
export function droppable(cx: FnCx): Droppable {
  const known = cx.program.items.known<Droppable>("droppables");
  if (known.length >= MOST_DROPPABLES || (known.length > 0 && cx.rng.chance(60))) return cx.rng.pick(known);
  const made = makeDroppable(cx);
  known.push(made);
  return made;
}

function makeDroppable(cx: FnCx): Droppable {
  const { items } = cx.program;
  const { tcx } = cx.types;
  const name = items.name("D");
  const tag = cx.types.int();
  const fields = cx.rng.chance(50) ? [tag, cx.types.any(30)] : [tag];
  const defs = fields.map((ty, i): FieldDef => ({ name: `f${i}`, ty }));
  const ty = tcx.adt({
    name,
    adtKind: "struct",
    generics: [],
    variants: [{ name, ctor: "named", fields: defs, discriminant: 0n }],
    repr: cx.rng.chance(20) ? { ...DEFAULT_REPR, c: true } : DEFAULT_REPR,
    explicitDiscriminants: false,
    prelude: false,
  });
  const { trait } = langTrait(cx, "drop");
  const impl = newImpl(items, trait, [ty]);
  const self = tcx.ref("mut", ty);
  const item = newFn(items, `${implPath(items)}::drop`, [self], TY_UNIT, { parent: impl, assocName: "drop" });
  fillBody(cx, item, (inner, [me]) => {
    const place = at(me!, DEREF, fieldElem(0, tag));
    observe(inner, tag, { kind: "copy", place });
    if (inner.rng.chance(50)) inner.assign(place, binary("Add", { kind: "copy", place }, operand(inner, tag)));
    if (inner.rng.chance(30)) observe(inner, tag, { kind: "copy", place });
  });
  impl.fns = [item];
  return { ty, tag, fields };
}

/** A new value of a droppable type. */
export function newDroppable(cx: FnCx, d: Droppable): Rvalue {
  const operands = d.fields.map((ty): Operand => reusable(cx, ty));
  return {
    kind: "aggregate",
    aggregate: { kind: "adt", ty: d.ty, def: (d.ty as Extract<Ty, { kind: "adt" }>).def, variant: 0 },
    operands,
  };
}

/** `place.tag` */
export function tagOf(place: Place, d: Droppable): Place {
  return { local: place.local, projection: [...place.projection, fieldElem(0, d.tag)] };
}

/** Changes the tag of what is at `place`, so that what is dropped is data. */
export function touch(cx: FnCx, place: Place, d: Droppable): void {
  const tag = tagOf(place, d);
  cx.assign(
    tag,
    binary(cx.rng.pick(["Add", "BitXor", "Sub"] as const), { kind: "copy", place: tag }, operand(cx, d.tag)),
  );
}

/** `fn consume(d: D, w: T) -> T`: reads it, and drops it at its end, which is not the end of its caller's scope. */
function consumer(cx: FnCx, d: Droppable): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>(`consume ${d.ty.text}`);
  if (known.length > 0) return known[0]!;
  const item = newFn(items, items.name("consume"), [d.ty, d.tag], d.tag, {
    inline: cx.rng.pick(["none", "hint", "never"]),
  });
  known.push(item);
  fillBody(cx, item, (inner, [owned, w]) => {
    inner.define(w!, d.tag, { mutable: false });
    dropScope(inner, at(owned!), () => {
      inner.act(2);
      const acc = accumulator(inner, d.tag);
      mix(inner, acc, copyAt(owned!, fieldElem(0, d.tag)));
      if (d.fields.length > 1) mixPlace(inner, acc, d.tag, at(owned!, fieldElem(1, d.fields[1]!)), d.fields[1]!);
      returnMixed(inner, acc);
    });
  });
  return item;
}

/** Moves the droppable at `place` into its consumer; the result is mixed into `acc`. */
export function consume(cx: FnCx, d: Droppable, place: Place, acc: Local, ty: Ty): void {
  const result = callItem(cx, consumer(cx, d), [], [{ kind: "move", place }, operand(cx, d.tag)]);
  mixScalar(cx, acc, ty, moveOf(result), d.tag);
}

/**
 * A scope that owns what is at `place`: it is dropped at the end, on jumps out of the scope, and when something in it unwinds.
 */
export function dropScope(cx: FnCx, place: Place, body: () => void): void {
  const outer = cx.unwind;
  withCleanup(
    cx,
    () => {
      cx.openScope();
      cx.dropAtEnd(place, outer);
      body();
      cx.closeScope();
    },
    () => cx.drop(place),
  );
}

/** Runs `body` with calls that unwind into a block that `clean` makes. */
export function withCleanup(cx: FnCx, body: () => void, clean: () => void): void {
  const outer: UnwindAction = cx.unwind;
  // A block of its own enters the cleanup, so that it can be named before it is made.
  const entry: BasicBlock = cx.newBlock(true);
  cx.unwind = { kind: "cleanup", block: entry };
  body();
  cx.unwind = outer;
  const next = cx.newBlock();
  cx.goto(next);
  const block = cleanupBlock(cx, outer, clean);
  cx.enter(entry);
  cx.goto(block);
  cx.enter(next);
}

/** A local, in no pool, that holds a new droppable. */
export function ownedLocal(cx: FnCx, d: Droppable): Local {
  return temp(cx, d.ty, newDroppable(cx, d));
}
