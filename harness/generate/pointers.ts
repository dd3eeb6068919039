/**
 * Actions on references and raw pointers: borrows, aliasing stores, pointer arithmetic, punned reads, walks over arrays.
 *
 * References live in *sections*: a scope of straight-line actions, at whose end the borrow is over. See `fn-cx.ts` for what a borrow forbids.
 */

import {
  type BinOp,
  DUMMY_SP,
  type Local,
  type Mutability,
  type Operand,
  type Place,
  TY_BOOL,
  TY_ISIZE,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  TY_USIZE,
  type Ty,
  type TyOf,
} from "../../codegen/index.ts";
import { makeAggregate } from "./aggregates.ts";
import { constInt, scalarBits } from "./constants.ts";
import { branch, select } from "./control.ts";
import { canRead, canWrite, type Entry, type FnCx, roots, type Var } from "./fn-cx.ts";
import {
  binary,
  bounded,
  cast,
  condition,
  copyOf,
  defineAs,
  localOf,
  moveOf,
  placeOf,
  reusable,
  store,
  temp,
  use,
  variable,
} from "./operands.ts";
import { intBinary } from "./scalars.ts";

const DEREF = { kind: "deref" } as const;

/** `*_N` */
export function derefOf(local: Local): Place {
  return { local, projection: [DEREF] };
}

/** A place that a reference or raw pointer may be made to. */
export function addressable(cx: FnCx, ty: Ty, fits: (entry: Entry) => boolean): Entry | undefined {
  return cx.choose(cx.types.info(ty), (entry) => !entry.packed && !entry.info.hasPointer && fits(entry));
}

/**
 * What a raw pointer may be made to. Under Stacked Borrows one that comes from a reference ends when the reference is used again; it is not
 * made then, as random code uses both.
 */
export function rawTarget(cx: FnCx, fits: (entry: Entry) => boolean): (entry: Entry) => boolean {
  if (cx.drawn.policy.aliasing === "tree") return fits;
  return (entry) => entry.access !== "mutRef" && entry.access !== "sharedRef" && fits(entry);
}

function target(cx: FnCx, fits: (entry: Entry) => boolean): Entry | undefined {
  for (let tries = 0; tries < 3; tries++) {
    const found = addressable(cx, cx.types.any(35), fits);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** From here on the address of what `entry` lies in is known to someone. */
function expose(entry: Entry): void {
  entry.v.uses++;
  for (const root of roots(entry)) root.addressed = true;
}

/** The same for a raw pointer. */
export function exposeRaw(cx: FnCx, entry: Entry): void {
  expose(entry);
  for (const root of roots(entry)) cx.pointAt(root);
}

function pointerTo(cx: FnCx, entry: Entry, mutability: Mutability): Local {
  exposeRaw(cx, entry);
  return temp(cx, cx.types.tcx.ptr(mutability, entry.info.ty), { kind: "rawPtr", mutability, place: entry.place });
}

export function borrowShared(cx: FnCx): void {
  const entry = target(cx, canRead);
  if (entry === undefined) {
    makeAggregate(cx);
    return;
  }
  cx.openScope();
  borrow(cx, entry, "not");
  cx.act(cx.rng.between(2, 4));
  cx.closeScope();
}

export function borrowMut(cx: FnCx): void {
  const entry = target(cx, canWrite);
  if (entry === undefined) {
    makeAggregate(cx);
    return;
  }
  cx.openScope();
  borrow(cx, entry, "mut");
  cx.act(cx.rng.between(2, 5));
  cx.closeScope();
}

/** A reference to `entry`'s place, which holds to the end of the scope. */
export function borrow(cx: FnCx, entry: Entry, mutability: Mutability): Var {
  const guarded = roots(entry);
  expose(entry);
  const made = defineAs(
    cx,
    cx.types.tcx.ref(mutability, entry.info.ty),
    { kind: "ref", mutability, place: entry.place },
    guarded,
  );
  for (const root of guarded) {
    if (mutability === "mut") cx.lock(root);
    else cx.freeze(root);
  }
  return made;
}

export function rawPointer(cx: FnCx): void {
  const mutability: Mutability = cx.rng.chance(70) ? "mut" : "not";
  const entry = target(cx, rawTarget(cx, mutability === "mut" ? canWrite : canRead));
  if (entry === undefined) {
    makeAggregate(cx);
    return;
  }
  exposeRaw(cx, entry);
  defineAs(
    cx,
    cx.types.tcx.ptr(mutability, entry.info.ty),
    { kind: "rawPtr", mutability, place: entry.place },
    roots(entry),
  );
}

function arrayEntry(cx: FnCx, fits: (entry: Entry) => boolean): Entry | undefined {
  if (cx.types.arrays.length === 0) return undefined;
  return addressable(cx, cx.rng.pick(cx.types.arrays).ty, rawTarget(cx, fits));
}

/** A pointer to the first element of an array. */
function elementPointer(cx: FnCx, entry: Entry): Local {
  const { element } = entry.info.ty as TyOf<"array">;
  return temp(
    cx,
    cx.types.tcx.ptr("mut", element),
    cast("PtrToPtr", moveOf(pointerTo(cx, entry, "mut")), cx.types.tcx.ptr("mut", element)),
  );
}

/** A pointer into the middle of an array, there by arithmetic. */
export function pointerOffset(cx: FnCx): void {
  const entry = arrayEntry(cx, canWrite);
  if (entry === undefined) {
    rawPointer(cx);
    return;
  }
  const { element, length } = entry.info.ty as TyOf<"array">;
  const indexTy = cx.rng.chance(50) ? TY_USIZE : TY_ISIZE;
  const at = localOf(cx, indexTy, bounded(cx, indexTy, length));
  const first = elementPointer(cx, entry);
  const ty = cx.types.tcx.ptr("mut", element);
  const there = defineAs(cx, ty, binary("Offset", copyOf(first), copyOf(at)), roots(entry));
  if (cx.rng.chance(25)) {
    const op = cx.rng.pick<BinOp>(["Lt", "Le", "Eq", "Ge", "Gt", "Ne"]);
    store(cx, TY_BOOL, binary(op, copyOf(there.local), copyOf(first)));
  }
  if (indexTy === TY_ISIZE && cx.rng.chance(40)) {
    const back = temp(cx, TY_ISIZE, { kind: "unary", op: "Neg", operand: copyOf(at) });
    defineAs(cx, ty, binary("Offset", copyOf(there.local), moveOf(back)), roots(entry));
  }
}

/** Part of an integer read, or written, through a pointer to a smaller one. */
export function punnedRead(cx: FnCx): void {
  const [whole, part] = cx.rng.pick([
    [TY_U32, TY_U8],
    [TY_U64, TY_U32],
    [TY_U64, TY_U8],
    [TY_U16, TY_U8],
    [TY_U64, TY_U16],
    [TY_U32, TY_U16],
  ] as const);
  let entry = addressable(cx, whole, rawTarget(cx, canWrite));
  if (entry === undefined) {
    defineAs(cx, whole, use(variable(cx, whole)));
    entry = addressable(cx, whole, rawTarget(cx, canWrite));
    if (entry === undefined) return;
  }
  const ty = cx.types.tcx.ptr("mut", part);
  const parts = scalarBits(whole) / scalarBits(part);
  const at = cx.rng.chance(50) ? constInt(TY_USIZE, cx.rng.below(parts)) : bounded(cx, TY_USIZE, parts);
  const value = reusable(cx, part);
  const base = temp(cx, ty, cast("PtrToPtr", moveOf(pointerTo(cx, entry, "mut")), ty));
  const there = temp(cx, ty, binary("Offset", moveOf(base), at));
  if (cx.rng.chance(40)) cx.assign(derefOf(there), use(value));
  store(cx, part, use({ kind: "copy", place: derefOf(there) }));
}

/** A loop that reads, and now and then writes, each element of an array through a moving pointer. */
export function pointerWalk(cx: FnCx): void {
  const entry = arrayEntry(cx, canWrite);
  if (entry === undefined) {
    rawPointer(cx);
    return;
  }
  const { element, length } = entry.info.ty as TyOf<"array">;
  if (element.kind !== "int" && element.kind !== "uint") {
    pointerOffset(cx);
    return;
  }
  const { tcx } = cx.types;
  const ty = tcx.ptr("mut", element);
  const p = elementPointer(cx, entry);
  const end = temp(cx, ty, binary("Offset", copyOf(p), constInt(TY_USIZE, length)));
  const sum = cx.newScopedLocal(element);
  cx.assign(placeOf(sum), use(reusable(cx, element)));
  const factor = temp(cx, element, use(reusable(cx, element)));
  const [head, body, exit] = [cx.newBlock(), cx.newBlock(), cx.newBlock()];
  const around = cx.multiplicity;
  cx.multiplicity = around * length;
  cx.fallInto(head);
  branch(cx, moveOf(temp(cx, TY_BOOL, binary(cx.rng.chance(50) ? "Eq" : "Ge", copyOf(p), copyOf(end)))), exit, body);
  cx.enter(body);
  const value = temp(cx, element, use({ kind: "copy", place: derefOf(p) }));
  cx.assign(placeOf(sum), binary(cx.rng.pick<BinOp>(["Add", "BitXor", "Mul", "Sub"]), copyOf(sum), moveOf(value)));
  if (cx.rng.chance(40))
    cx.assign(derefOf(p), binary(cx.rng.pick<BinOp>(["Add", "BitXor"]), copyOf(sum), copyOf(factor)));
  cx.assign(placeOf(p), binary("Offset", copyOf(p), constInt(TY_USIZE, 1)));
  cx.goto(head);
  cx.multiplicity = around;
  cx.enter(exit);
  cx.define(sum, element);
}

/** Stores through two pointers that may or may not be the same, with loads around them. */
export function aliasedStores(cx: FnCx): void {
  const ty = cx.types.int();
  const a = addressable(cx, ty, rawTarget(cx, canWrite));
  const b = addressable(cx, ty, rawTarget(cx, canWrite));
  if (a === undefined || b === undefined) {
    defineAs(cx, ty, use(variable(cx, ty)));
    return;
  }
  const cond = condition(cx);
  const [x, y] = [reusable(cx, ty), reusable(cx, ty)];
  cx.pinned++;
  const p = pointerTo(cx, a, "mut");
  const q = pointerTo(cx, b, "mut");
  const either = cx.rng.chance(50) ? eitherPointer(cx, cond, p, q) : q;
  const before = temp(cx, ty, use({ kind: "copy", place: derefOf(p) }));
  cx.assign(derefOf(either), binary("Add", x, copyOf(before)));
  const between = temp(cx, ty, use({ kind: "copy", place: derefOf(p) }));
  if (cx.rng.chance(60) && a.v.rawed === 0) cx.assign(a.place, binary("BitXor", y, copyOf(before)));
  const after = temp(cx, ty, use({ kind: "copy", place: derefOf(either) }));
  cx.pinned--;
  const sum = temp(cx, ty, binary("Sub", moveOf(between), moveOf(after)));
  store(cx, ty, use(moveOf(sum)));
}

function eitherPointer(cx: FnCx, cond: Operand, p: Local, q: Local): Local {
  const chosen = cx.newLocal(cx.locals[p]!.ty);
  const [yes, no, join] = [cx.newBlock(), cx.newBlock(), cx.newBlock()];
  branch(cx, cond, yes, no);
  cx.enter(yes);
  cx.assign(placeOf(chosen), use(copyOf(p)));
  cx.goto(join);
  cx.enter(no);
  cx.assign(placeOf(chosen), use(copyOf(q)));
  cx.fallInto(join);
  return chosen;
}

/** The same place loaded twice, with a write that may or may not hit it between. */
export function redundantLoads(cx: FnCx): void {
  const ty = cx.types.int();
  const entry = cx.choose(cx.types.info(ty));
  if (entry === undefined) {
    intBinary(cx);
    return;
  }
  cx.pinned++;
  const first = temp(cx, ty, use(entry.copy));
  if (cx.rng.chance(70)) cx.act(1);
  // The action between may have locked it for good only inside a scope that is over.
  const second = temp(cx, ty, use(entry.copy));
  cx.pinned--;
  store(cx, ty, binary(cx.rng.pick<BinOp>(["Sub", "BitXor", "Add"]), moveOf(first), moveOf(second)));
}

/** An `Option<&T>`, by condition `Some` or `None`, and a match on it. */
export function optionRef(cx: FnCx): void {
  const ty = cx.types.int();
  const entry = addressable(cx, ty, canRead);
  if (entry === undefined) {
    intBinary(cx);
    return;
  }
  const cond = condition(cx);
  const { tcx, option } = cx.types;
  const refTy = tcx.ref("not", ty);
  const optionTy = tcx.adt(option, [refTy]) as TyOf<"adt">;
  cx.openScope();
  const r = borrow(cx, entry, "not");
  const wrapped = cx.newScopedLocal(optionTy);
  const [some, none, join] = [cx.newBlock(), cx.newBlock(), cx.newBlock()];
  branch(cx, cond, some, none);
  cx.enter(some);
  cx.assign(placeOf(wrapped), {
    kind: "aggregate",
    aggregate: { kind: "adt", ty: optionTy, def: option, variant: 1 },
    operands: [copyOf(r.local)],
  });
  cx.goto(join);
  cx.enter(none);
  cx.assign(placeOf(wrapped), {
    kind: "aggregate",
    aggregate: { kind: "adt", ty: optionTy, def: option, variant: 0 },
    operands: [],
  });
  cx.fallInto(join);
  matchOptionRef(cx, wrapped, refTy, ty);
  cx.closeScope();
}

function matchOptionRef(cx: FnCx, wrapped: Local, refTy: Ty, ty: Ty): void {
  const result = cx.newLocal(ty);
  const fallback = reusable(cx, ty);
  const discr = temp(cx, TY_ISIZE, { kind: "discriminant", place: placeOf(wrapped) });
  const [some, none, never, join] = [cx.newBlock(), cx.newBlock(), cx.newBlock(), cx.newBlock()];
  cx.terminate({
    kind: "switchInt",
    discr: moveOf(discr),
    values: [0n, 1n],
    targets: [none, some],
    otherwise: never,
    span: DUMMY_SP,
  });
  cx.enter(never);
  cx.terminate({ kind: "unreachable", span: DUMMY_SP });
  cx.enter(some);
  const payload = temp(
    cx,
    refTy,
    use({
      kind: "copy",
      place: {
        local: wrapped,
        projection: [
          { kind: "downcast", variant: 1, name: "Some" },
          { kind: "field", index: 0, ty: refTy },
        ],
      },
    }),
  );
  cx.assign(placeOf(result), binary("Add", { kind: "copy", place: derefOf(payload) }, fallback));
  cx.goto(join);
  cx.enter(none);
  cx.assign(placeOf(result), use(fallback));
  cx.fallInto(join);
  store(cx, ty, use(moveOf(result)));
}

/** Whether two pointers are equal, which no address decides: their targets are there for the whole comparison. */
export function pointerCompare(cx: FnCx): void {
  const ty = cx.types.scalar();
  const a = addressable(cx, ty, rawTarget(cx, canRead));
  const b = addressable(cx, ty, rawTarget(cx, canRead));
  if (a === undefined || b === undefined) {
    select(cx);
    return;
  }
  const p = pointerTo(cx, a, "not");
  const q = pointerTo(cx, b, "not");
  store(cx, TY_BOOL, binary(cx.rng.chance(50) ? "Eq" : "Ne", moveOf(p), moveOf(q)));
}
