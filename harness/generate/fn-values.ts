/**
 * Actions on functions as values: items passed as values of their own types, tables of pointers of several kinds, functions that do not
 * return; tail calls and mutual recursion.
 */

import {
  DUMMY_SP,
  type FnItem,
  type Local,
  type Operand,
  TY_BOOL,
  TY_NEVER,
  TY_U32,
  TY_USIZE,
  type Ty,
} from "../../codegen/index.ts";
import { applier } from "./closures.ts";
import { constInt } from "./constants.ts";
import { branch, select } from "./control.ts";
import {
  accumulator,
  affordable,
  at,
  callItem,
  callNever,
  callValue,
  copyAt,
  deliver,
  fillBody,
  mix,
  RETURN,
  returnMixed,
  someCode,
  spend,
} from "./emit.ts";
import { FnCx } from "./fn-cx.ts";
import { newFn } from "./items.ts";
import { langTrait } from "./lang.ts";
import {
  binary,
  bounded,
  cast,
  copyOf,
  fnConst,
  localOf,
  moveOf,
  operand,
  reusable,
  temp,
  use,
  variable,
} from "./operands.ts";

const CALL_COST = 25;

function tooCostly(cx: FnCx, calls: number): boolean {
  if (!affordable(cx, calls * CALL_COST * 2)) {
    select(cx);
    return true;
  }
  spend(cx, calls * CALL_COST);
  return false;
}

/** A small function `fn(T) -> T` of the program, one of at most three for each type. */
export function smallFn(cx: FnCx, ty: Ty, unsafe = false): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>(`small ${ty.text} ${unsafe}`);
  if (known.length >= 3 || (known.length > 1 && cx.rng.chance(50))) return cx.rng.pick(known);
  const item = newFn(items, items.name("small"), [ty], ty, unsafe ? { unsafe } : {});
  known.push(item);
  fillBody(cx, item, (inner, [x]) => {
    inner.define(x!, ty, { mutable: false });
    someCode(inner, 1, 3);
    const acc = temp(inner, ty, use(copyOf(x!)));
    mix(inner, acc, operand(inner, ty));
    returnMixed(inner, acc);
  });
  return item;
}

/** A function item as a value: in a local of its own zero-sized type, called by it, passed to a generic function, coerced to a pointer. */
export function fnItemValue(cx: FnCx): void {
  if (tooCostly(cx, 4)) return;
  const { tcx } = cx.types;
  const ty = cx.types.int();
  const f = smallFn(cx, ty);
  const itemTy = tcx.fnDef(f, []);
  const held = temp(cx, itemTy, use(fnConst(f)));
  const acc = accumulator(cx, ty);
  mix(cx, acc, moveOf(callValue(cx, copyOf(held), [operand(cx, ty)], ty)));
  const tuple = tcx.tuple([ty]);
  const apply = applier(cx, { param: ty, ret: ty, tuple });
  mix(cx, acc, moveOf(callValue(cx, fnConst(apply, [itemTy]), [copyOf(held), operand(cx, ty)], ty)));
  if (cx.rng.chance(50)) {
    const pointerTy = tcx.fnPtr([ty], ty);
    const pointer = temp(cx, pointerTy, cast("ReifyFnPointer", copyOf(held), pointerTy));
    const { method } = langTrait(cx, "fn_once");
    const args = temp(cx, tuple, { kind: "aggregate", aggregate: { kind: "tuple" }, operands: [reusable(cx, ty)] });
    mix(cx, acc, moveOf(callValue(cx, fnConst(method, [pointerTy, tuple]), [moveOf(pointer), moveOf(args)], ty)));
  }
  deliver(cx, acc, ty);
}

/** A table of pointers, to safe functions as `unsafe fn` too; sometimes seen as data pointers and back. */
export function fnPointerTable(cx: FnCx): void {
  if (tooCostly(cx, 3)) return;
  const { tcx } = cx.types;
  const ty = cx.types.int();
  const unsafe = cx.rng.chance(50);
  const safeTy = tcx.fnPtr([ty], ty);
  const slotTy = unsafe ? tcx.fnPtr([ty], ty, { unsafe: true }) : safeTy;
  const length = cx.rng.between(2, 4);
  const operands: Operand[] = [];
  for (let i = 0; i < length; i++) {
    if (unsafe && i === 0) {
      operands.push(moveOf(temp(cx, slotTy, cast("ReifyFnPointer", fnConst(smallFn(cx, ty, true)), slotTy))));
      continue;
    }
    const safe = temp(cx, safeTy, cast("ReifyFnPointer", fnConst(smallFn(cx, ty)), safeTy));
    operands.push(moveOf(unsafe ? temp(cx, slotTy, cast("UnsafeFnPointer", moveOf(safe), slotTy)) : safe));
  }
  const table = temp(cx, tcx.array(slotTy, length), {
    kind: "aggregate",
    aggregate: { kind: "array", element: slotTy },
    operands,
  });
  const index = localOf(cx, TY_USIZE, bounded(cx, TY_USIZE, length));
  let callee: Local = temp(cx, slotTy, use(copyAt(table, { kind: "index", local: index })));
  if (cx.rng.chance(40)) {
    const data = tcx.ptr("not", tcx.tuple([]));
    const raw = temp(cx, data, cast("FnPtrToPtr", moveOf(callee), data));
    callee = temp(cx, slotTy, cast("Transmute", moveOf(raw), slotTy));
  }
  deliver(cx, callValue(cx, moveOf(callee), [variable(cx, ty)], ty), ty);
}

/** `fn diverge(x: u32) -> !`: calls itself for ever, or loops. */
function diverging(cx: FnCx): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>("never");
  if (known.length > 0) return known[0]!;
  const item = newFn(items, "diverge", [TY_U32], TY_NEVER, { inline: "never" });
  known.push(item);
  const inner = new FnCx(cx.program, [], TY_NEVER, Number.POSITIVE_INFINITY);
  const x = inner.newLocal(TY_U32);
  if (cx.rng.chance(50)) {
    const loop = inner.newBlock();
    inner.fallInto(loop);
    inner.goto(loop);
  } else callNever(inner, fnConst(item), [copyOf(x)], RETURN);
  item.body = inner.finish(1);
  return item;
}

/** `match x { …, _ => diverge() }`: a call that does not return, on a way that data never takes. */
export function neverCall(cx: FnCx): void {
  const ty = cx.types.int();
  const low = bounded(cx, ty, 8);
  const value = localOf(cx, ty, low);
  const impossible = temp(cx, TY_BOOL, binary("Eq", copyOf(value), constInt(ty, 100)));
  const [never, goes] = [cx.newBlock(), cx.newBlock()];
  branch(cx, moveOf(impossible), never, goes);
  cx.enter(never);
  callNever(cx, fnConst(diverging(cx)), [constInt(TY_U32, 1)], at(cx.newLocal(TY_NEVER)));
  cx.enter(goes);
  deliver(cx, temp(cx, ty, binary("Add", copyOf(value), operand(cx, ty))), ty);
}

/** `fn walk(n: u32, acc: T) -> T { if n == 0 { acc } else { become walk(n - 1, …) } }` */
export function tailCallLoop(cx: FnCx): void {
  const rounds = cx.rng.between(2, 12);
  if (tooCostly(cx, rounds)) return;
  const { items } = cx.program;
  const ty = cx.types.int();
  const known = items.known<FnItem>(`walk ${ty.text}`);
  if (known.length === 0) {
    const item = newFn(items, items.name("walk"), [TY_U32, ty], ty);
    known.push(item);
    const pointerTy = cx.types.tcx.fnPtr(item.params, ty);
    fillBody(cx, item, (inner, [n, acc]) => {
      countDown(inner, n!, acc!, (less) => {
        inner.define(acc!, ty, { mutable: false });
        inner.act(2);
        const next = temp(
          inner,
          ty,
          binary(inner.rng.pick(["Add", "BitXor", "Mul"] as const), copyOf(acc!), operand(inner, ty)),
        );
        const func = inner.rng.chance(40)
          ? copyOf(temp(inner, pointerTy, cast("ReifyFnPointer", fnConst(item), pointerTy)))
          : fnConst(item);
        inner.terminate({ kind: "tailCall", func, args: [moveOf(less), moveOf(next)], span: DUMMY_SP });
      });
    });
  }
  deliver(cx, callItem(cx, known[0]!, [], [constInt(TY_U32, rounds), operand(cx, ty)]), ty);
}

/** `if n == 0 { acc } else { recur(n - 1) }`; goes on where `acc` is returned. */
function countDown(cx: FnCx, n: Local, acc: Local, recur: (less: Local) => void): void {
  const done = temp(cx, TY_BOOL, binary("Eq", copyOf(n), constInt(TY_U32, 0)));
  const [ends, goes] = [cx.newBlock(), cx.newBlock()];
  branch(cx, moveOf(done), ends, goes);
  cx.enter(goes);
  cx.openScope();
  recur(temp(cx, TY_U32, binary("Sub", copyOf(n), constInt(TY_U32, 1))));
  cx.closeScope();
  cx.enter(ends);
  returnMixed(cx, acc);
}

/** Two functions that call each other in turn, by tail calls or by plain ones. */
export function mutualRecursion(cx: FnCx): void {
  const rounds = cx.rng.between(1, 6);
  if (tooCostly(cx, rounds * 2)) return;
  const { items } = cx.program;
  const ty = cx.types.int();
  const known = items.known<FnItem>(`even ${ty.text}`);
  if (known.length === 0) {
    const names = [items.name("even"), items.name("odd")];
    const pair = names.map((name) => newFn(items, name, [TY_U32, ty], ty));
    known.push(...pair);
    pair.forEach((item, i) => {
      const other = pair[1 - i]!;
      const tail = cx.rng.chance(50);
      fillBody(cx, item, (inner, [n, acc]) =>
        countDown(inner, n!, acc!, (less) => recurInto(inner, other, less, acc!, ty, tail)),
      );
    });
  }
  deliver(cx, callItem(cx, cx.rng.pick(known), [], [constInt(TY_U32, rounds), operand(cx, ty)]), ty);
}

function recurInto(cx: FnCx, callee: FnItem, less: Local, acc: Local, ty: Ty, tail: boolean): void {
  cx.define(acc, ty, { mutable: false });
  cx.act(1);
  const next = temp(cx, ty, binary("Sub", copyOf(acc), operand(cx, ty)));
  if (tail) {
    cx.terminate({ kind: "tailCall", func: fnConst(callee), args: [moveOf(less), moveOf(next)], span: DUMMY_SP });
    return;
  }
  const result = callItem(cx, callee, [], [moveOf(less), copyOf(next)]);
  mix(cx, result, copyOf(next));
  returnMixed(cx, result);
  cx.terminate({ kind: "return", span: DUMMY_SP });
}
