/**
 * Building blocks of the actions of features: calls with results, loops, phis, and functions made on demand.
 */

import {
  type BasicBlock,
  type BinOp,
  type Body,
  type Const,
  DUMMY_SP,
  type FnItem,
  type Local,
  type Operand,
  type Place,
  type PlaceElem,
  type Rvalue,
  TY_BOOL,
  TY_USIZE,
  type Ty,
  type UnwindAction,
} from "../../codegen/index.ts";
import { constInt } from "./constants.ts";
import { branch } from "./control.ts";
import { FnCx } from "./fn-cx.ts";
import { intrinsic } from "./intrinsics.ts";
import {
  binary,
  callTo,
  convert,
  copyOf,
  fnConst,
  moveOf,
  placeOf,
  reusable,
  store,
  temp,
  use,
  variable,
} from "./operands.ts";

export const DEREF: PlaceElem = { kind: "deref" };

export function fieldElem(index: number, ty: Ty): PlaceElem {
  return { kind: "field", index, ty };
}

export function at(local: Local, ...projection: readonly PlaceElem[]): Place {
  return { local, projection };
}

export function copyAt(local: Local, ...projection: readonly PlaceElem[]): Operand {
  return { kind: "copy", place: { local, projection } };
}

export function constOf(value: Const): Operand {
  return { kind: "const", value };
}

export function usize(value: number): Operand {
  return constInt(TY_USIZE, value);
}

/** Calls `func`; its result is in a new local. */
export function callValue(cx: FnCx, func: Operand, args: readonly Operand[], ret: Ty): Local {
  const result = cx.newLocal(ret);
  callTo(cx, func, args, placeOf(result));
  return result;
}

/** Calls `item::<tyArgs>`; its result is in a new local. */
export function callItem(cx: FnCx, item: FnItem, tyArgs: readonly Ty[], args: readonly Operand[]): Local {
  return callValue(cx, fnConst(item, tyArgs), args, cx.types.tcx.substitute(item.ret, tyArgs));
}

/** Calls an intrinsic; its result is in a new local. */
export function callIntrinsic(cx: FnCx, name: string, tyArgs: readonly Ty[], args: readonly Operand[]): Local {
  const item = intrinsic(cx.types.tcx, name);
  const { functions } = cx.program.items;
  if (item.kind === "extern" && !functions.includes(item)) functions.push(item);
  return callItem(cx, item, tyArgs, args);
}

/** A call that does not return. */
export function callNever(cx: FnCx, func: Operand, args: readonly Operand[], destination: Place): void {
  cx.terminate({ kind: "call", func, args, destination, target: undefined, unwind: cx.unwind, span: DUMMY_SP });
}

/** `&place` or `&mut place` in a new local. */
export function refTo(cx: FnCx, place: Place, pointee: Ty, mutability: "not" | "mut" = "not"): Local {
  return temp(cx, cx.types.tcx.ref(mutability, pointee), { kind: "ref", mutability, place });
}

/** `&raw const place` or `&raw mut place` in a new local. */
export function rawTo(cx: FnCx, place: Place, pointee: Ty, mutability: "not" | "mut" = "mut"): Local {
  return temp(cx, cx.types.tcx.ptr(mutability, pointee), { kind: "rawPtr", mutability, place });
}

/** `for i in 0..count { body(i) }`; `trips` is what `count` is at most, for the estimate of costs. */
export function forRange(cx: FnCx, count: Operand, trips: number, body: (i: Local) => void): void {
  const i = temp(cx, TY_USIZE, use(usize(0)));
  whileLoop(
    cx,
    trips,
    () => moveOf(temp(cx, TY_BOOL, binary("Lt", copyOf(i), count))),
    () => {
      body(i);
      cx.assign(placeOf(i), binary("Add", copyOf(i), usize(1)));
    },
  );
}

/** Code that may run again, or not at all: what it defines is gone behind it, and it moves nothing from outside. */
function scoped(cx: FnCx, code: () => void): void {
  cx.openScope();
  code();
  cx.closeScope();
}

/** `while test() { body() }` */
export function whileLoop(cx: FnCx, trips: number, test: () => Operand, body: () => void): void {
  const [head, inside, exit] = [cx.newBlock(), cx.newBlock(), cx.newBlock()];
  const around = cx.multiplicity;
  cx.multiplicity = around * Math.max(1, trips);
  cx.fallInto(head);
  branch(cx, test(), inside, exit);
  cx.enter(inside);
  scoped(cx, body);
  cx.goto(head);
  cx.multiplicity = around;
  cx.enter(exit);
}

/** `if cond { yes() } else { no() }` */
export function ifThenElse(cx: FnCx, cond: Operand, yes: () => void, no: () => void): void {
  const [then, otherwise, join] = [cx.newBlock(), cx.newBlock(), cx.newBlock()];
  branch(cx, cond, then, otherwise);
  cx.enter(then);
  scoped(cx, yes);
  cx.goto(join);
  cx.enter(otherwise);
  scoped(cx, no);
  cx.fallInto(join);
}

/** A switch on `discr` with an arm for each of `values`; anything else is unreachable. */
export function switchAll(cx: FnCx, discr: Operand, values: readonly bigint[], arm: (i: number) => void): void {
  const join = cx.newBlock();
  const never = cx.newBlock();
  const targets = values.map((): BasicBlock => cx.newBlock());
  cx.terminate({ kind: "switchInt", discr, values, targets, otherwise: never, span: DUMMY_SP });
  cx.enter(never);
  cx.terminate({ kind: "unreachable", span: DUMMY_SP });
  targets.forEach((target, i) => {
    cx.enter(target);
    scoped(cx, () => arm(i));
    cx.goto(join);
  });
  cx.enter(join);
}

const MIXES: readonly BinOp[] = ["Add", "Sub", "BitXor", "Add", "BitXor"];

/** `acc = acc op value`, both of integer type `ty`. */
export function mix(cx: FnCx, acc: Local, value: Operand): void {
  cx.assign(placeOf(acc), binary(cx.rng.pick(MIXES), copyOf(acc), value));
}

/** A local, in no pool, that starts as some value of the integer type `ty`. */
export function accumulator(cx: FnCx, ty: Ty): Local {
  return temp(cx, ty, use(reusable(cx, ty)));
}

/** A scalar of any type as one of type `to`, mixed into `acc`, which has it. */
export function mixScalar(cx: FnCx, acc: Local, to: Ty, value: Operand, from: Ty): void {
  mix(cx, acc, convert(cx, value, from, to));
}

/** What was computed in `local`, where later code finds it. */
export function deliver(cx: FnCx, local: Local, ty: Ty): void {
  store(cx, ty, use(moveOf(local)));
}

/** A local with some live value of scalar type `ty`, never a constant's when it can be helped. */
export function liveLocal(cx: FnCx, ty: Ty): Local {
  return temp(cx, ty, use(variable(cx, ty)));
}

/** Adds what running `cost` statements here costs; false when it would be too much. */
export function affordable(cx: FnCx, cost: number): boolean {
  return cx.cost + cx.multiplicity * cost <= cx.maxCost;
}

export function spend(cx: FnCx, cost: number): void {
  cx.cost += cx.multiplicity * cost;
}

/** Statements of random code in a function that is made on demand, and what one call of it may cost. */
const ON_DEMAND_ROOM = 5;
const ON_DEMAND_COST = 160;

/**
 * Gives `item` its body: `fill` makes all of it but the return, and must set `_0`. The result is what one call costs.
 *
 * Nothing of the function around is visible in it, and it calls none of the program's functions.
 */
export function fillBody(cx: FnCx, item: FnItem, fill: (inner: FnCx, params: readonly Local[]) => void): number {
  const { items } = cx.program;
  items.depth++;
  const inner = new FnCx(cx.program, [], item.ret, ON_DEMAND_COST);
  const params = item.params.map((ty) => inner.newLocal(ty));
  inner.room = items.depth > 2 ? 0 : ON_DEMAND_ROOM;
  fill(inner, params);
  inner.closeScope();
  inner.terminate({ kind: "return", span: DUMMY_SP });
  item.body = inner.finish(params.length);
  items.depth--;
  return inner.cost;
}

/** The body of a static or constant: `fill` sets `_0`. */
export function initialiser(cx: FnCx, ty: Ty, fill: (inner: FnCx) => void): Body {
  const inner = new FnCx(cx.program, [], ty, Number.POSITIVE_INFINITY);
  fill(inner);
  inner.closeScope();
  inner.terminate({ kind: "return", span: DUMMY_SP });
  return inner.finish(0);
}

/** Some random code, then `_0 = value()`; for integer results. */
export function returnMixed(inner: FnCx, acc: Local): void {
  inner.assign(placeOf(0 as Local), use(copyOf(acc)));
}

/** Runs random code between here and there, as much as is left. */
export function someCode(cx: FnCx, low: number, high: number): void {
  cx.act(cx.rng.between(low, high));
}

export const RETURN: Place = placeOf(0 as Local);

export function setReturn(cx: FnCx, rvalue: Rvalue): void {
  cx.assign(RETURN, rvalue);
}

/** A block that unwinding enters: `fill` makes it, and where it goes on is the cleanup around, or the caller's. */
export function cleanupBlock(cx: FnCx, outer: UnwindAction, fill: () => void): BasicBlock {
  const block = cx.newBlock(true);
  const around = { unwind: cx.unwind, inCleanup: cx.inCleanup };
  cx.enter(block);
  cx.unwind = IN_CLEANUP;
  cx.inCleanup = true;
  scoped(cx, fill);
  if (outer.kind === "cleanup") cx.goto(outer.block);
  else cx.terminate({ kind: "unwindResume", span: DUMMY_SP });
  cx.unwind = around.unwind;
  cx.inCleanup = around.inCleanup;
  return block;
}

const IN_CLEANUP: UnwindAction = { kind: "terminate", reason: "cleanup" };
