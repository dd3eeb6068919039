/**
 * Actions on panics: assertions of every kind that fail or hold by data, cleanup blocks that drop and observe, `catch_unwind`, calls whose
 * unwinding is declared impossible.
 *
 * What may panic is always inside of a `catch_unwind`: `try` gets inputs and leaves its result in a tuple on the stack, `catch` changes it.
 */

import {
  type AssertKind,
  type BinOp,
  DUMMY_SP,
  type FnItem,
  INTRINSICS,
  type Local,
  type Operand,
  TY_BOOL,
  TY_I32,
  TY_STR,
  TY_U8,
  TY_U32,
  TY_UNIT,
  TY_USIZE,
  type Ty,
} from "../../codegen/index.ts";
import { observe } from "./calls.ts";
import { constBits, constInt, randomConst } from "./constants.ts";
import { branch, select } from "./control.ts";
import { consume, type Droppable, droppable, dropScope, ownedLocal, tagOf, touch, withCleanup } from "./droppable.ts";
import {
  affordable,
  at,
  callIntrinsic,
  callItem,
  callNever,
  constOf,
  copyAt,
  DEREF,
  deliver,
  fieldElem,
  fillBody,
  ifThenElse,
  mix,
  mixScalar,
  rawTo,
  returnMixed,
  spend,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { intrinsic } from "./intrinsics.ts";
import { newFn } from "./items.ts";
import {
  binary,
  callTo,
  cast,
  convert,
  copyOf,
  fnConst,
  moveOf,
  operand,
  placeOf,
  reusable,
  temp,
  use,
  variable,
} from "./operands.ts";
import { assertThat } from "./scalars.ts";

const COST = 60;

function tooCostly(cx: FnCx): boolean {
  if (cx.multiplicity > 8 || cx.nesting > 4 || cx.program.items.depth > 2 || !affordable(cx, COST * 2)) {
    select(cx);
    return true;
  }
  spend(cx, COST);
  return false;
}

/** What the functions around a `catch_unwind` share: `(input, input, result)`. */
interface Frame {
  readonly a: Ty;
  readonly b: Ty;
  readonly out: Ty;
  readonly ty: Ty;
}

function newFrame(cx: FnCx): Frame {
  const [a, b, out] = [cx.types.int(), cx.types.int(), cx.types.int()];
  return { a, b, out, ty: cx.types.tcx.tuple([a, b, out]) };
}

/** Runs `body`, a function's, under `catch_unwind`; whether it panicked and what it left are delivered. */
function catching(cx: FnCx, body: (inner: FnCx, x: Local, y: Local, acc: Local, f: Frame) => void): void {
  if (tooCostly(cx)) return;
  const f = newFrame(cx);
  const { tcx } = cx.types;
  const { items } = cx.program;
  const data = tcx.ptr("mut", TY_U8);
  const frame = tcx.ptr("mut", f.ty);
  const tried = newFn(items, items.name("try"), [data], TY_UNIT);
  fillBody(cx, tried, (inner, [raw]) => {
    const p = temp(inner, frame, cast("PtrToPtr", copyOf(raw!), frame));
    const x = temp(inner, f.a, use(copyAt(p, DEREF, fieldElem(0, f.a))));
    const y = temp(inner, f.b, use(copyAt(p, DEREF, fieldElem(1, f.b))));
    const acc = temp(inner, f.out, use(copyAt(p, DEREF, fieldElem(2, f.out))));
    inner.define(x, f.a, { mutable: false });
    inner.define(y, f.b, { mutable: false });
    body(inner, x, y, acc, f);
    inner.assign(at(p, DEREF, fieldElem(2, f.out)), use(copyOf(acc)));
  });
  const caught = newFn(items, items.name("catch"), [data, data], TY_UNIT);
  fillBody(cx, caught, (inner, [raw]) => {
    const p = temp(inner, frame, cast("PtrToPtr", copyOf(raw!), frame));
    const out = at(p, DEREF, fieldElem(2, f.out));
    inner.assign(out, binary("BitXor", { kind: "copy", place: out }, randomConst(inner.rng, f.out)));
  });
  runCaught(cx, f, tried, caught);
}

function runCaught(cx: FnCx, f: Frame, tried: FnItem, caught: FnItem): void {
  const { tcx } = cx.types;
  const data = tcx.ptr("mut", TY_U8);
  const held = temp(cx, f.ty, {
    kind: "aggregate",
    aggregate: { kind: "tuple" },
    operands: [reusable(cx, f.a), reusable(cx, f.b), reusable(cx, f.out)],
  });
  const raw = temp(cx, data, cast("PtrToPtr", moveOf(rawTo(cx, at(held), f.ty)), data));
  const tryTy = tcx.fnPtr([data], TY_UNIT);
  const catchTy = tcx.fnPtr([data, data], TY_UNIT);
  const tryFn = temp(cx, tryTy, cast("ReifyFnPointer", fnConst(tried), tryTy));
  const catchFn = temp(cx, catchTy, cast("ReifyFnPointer", fnConst(caught), catchTy));
  const panicked = callIntrinsic(cx, "catch_unwind", [], [moveOf(tryFn), copyOf(raw), moveOf(catchFn)]);
  const result = temp(cx, f.out, use(copyAt(held, fieldElem(2, f.out))));
  deliver(cx, panicked, TY_I32);
  deliver(cx, result, f.out);
}

/** A condition that holds on about half of the inputs. */
function evenly(cx: FnCx, x: Local, ty: Ty): Local {
  const bit = temp(cx, ty, binary("BitAnd", copyOf(x), constInt(ty, cx.rng.pick([1, 2, 4, 1]))));
  return temp(cx, TY_BOOL, binary("Eq", moveOf(bit), constInt(ty, 0)));
}

/** `panic` by data, behind an owned value or two. */
export function catchPanic(cx: FnCx): void {
  catching(cx, (inner, x, y, acc, f) => {
    const d = droppable(inner);
    const owned = ownedLocal(inner, d);
    dropScope(inner, at(owned), () => {
      inner.act(2);
      panicIf(inner, evenly(inner, x, f.a));
      touch(inner, at(owned), d);
      if (inner.rng.chance(50)) panicIf(inner, evenly(inner, y, f.b));
      mixScalar(inner, acc, f.out, copyOf(y), f.b);
    });
  });
}

/** The functions of core that panic, with what they are told. */
const PANICS: readonly (readonly [name: string, args: readonly ("text" | "size")[]])[] = [
  ["panic_explicit", []],
  ["panic_str_literal", ["text"]],
  ["panic_str_2015", ["text"]],
  ["expect_failed", ["text"]],
  ["unwrap_failed", []],
  ["panic_bounds_check", ["size", "size"]],
  ["slice_index_fail", ["size", "size", "size"]],
  ["slice_start_index_len_fail", ["size", "size"]],
  ["slice_end_index_len_fail", ["size", "size"]],
  ["slice_index_order_fail", ["size", "size"]],
  ["copy_from_slice_len_mismatch_fail", ["size", "size"]],
  ["len_mismatch_fail", ["size", "size"]],
  ["panic_const_add_overflow", []],
  ["panic_const_div_by_zero", []],
];

/** `if cond { panic }` */
function panicIf(cx: FnCx, cond: Local): void {
  const [panics, goes] = [cx.newBlock(), cx.newBlock()];
  branch(cx, moveOf(cond), panics, goes);
  cx.enter(panics);
  cx.openScope();
  const never = placeOf(cx.newLocal(INTRINSICS.panic.ret));
  if (cx.rng.chance(15)) callNever(cx, fnConst(INTRINSICS.panic), [constInt(TY_U32, cx.rng.between(1, 11))], never);
  else {
    const [name, kinds] = cx.rng.pick(PANICS);
    const args = kinds.map((kind) => (kind === "text" ? message(cx) : operand(cx, TY_USIZE)));
    callNever(cx, fnConst(intrinsic(cx.types.tcx, name)), args, never);
  }
  cx.closeScope();
  cx.enter(goes);
}

function message(cx: FnCx): Operand {
  const ty = cx.types.tcx.ref("not", TY_STR);
  return constOf({ kind: "bytes", ty, bytes: new TextEncoder().encode("a message") });
}

/** Assertions of a kind or two, which hold or fail by data. */
export function catchAssertion(cx: FnCx): void {
  catching(cx, (inner, x, y, acc, f) => {
    for (let n = inner.rng.between(1, 2); n > 0; n--) {
      const message = assertionOf(inner, x, y, f);
      const expected = inner.rng.chance(60);
      const cond = ABORTING.has(message.kind) ? always(inner, x, f.a, expected) : evenly(inner, x, f.a);
      assertThat(inner, moveOf(cond), expected, message);
      mixScalar(inner, acc, f.out, copyOf(y), f.b);
    }
    inner.act(1);
  });
}

/** Assertions whose failure ends the process: rustc's panics for them do not unwind. */
const ABORTING: ReadonlySet<AssertKind["kind"]> = new Set([
  "misalignedPointerDereference",
  "nullPointerDereference",
  "invalidEnumConstruction",
] as const);

/** A condition on `x` that is always `value`. */
function always(cx: FnCx, x: Local, ty: Ty, value: boolean): Local {
  const mask = constInt(ty, 7);
  const low = temp(cx, ty, binary("BitAnd", copyOf(x), mask));
  return temp(cx, TY_BOOL, binary(value ? "Le" : "Gt", moveOf(low), mask));
}

const OVERFLOWS: readonly BinOp[] = ["Add", "Sub", "Mul", "Div", "Rem", "Shl", "Shr"];

function assertionOf(cx: FnCx, x: Local, y: Local, f: Frame): AssertKind {
  const size = (value: Local, ty: Ty): Operand =>
    copyOf(temp(cx, TY_USIZE, use(convert(cx, copyOf(value), ty, TY_USIZE))));
  switch (cx.rng.below(11)) {
    case 0:
      return { kind: "boundsCheck", length: size(x, f.a), index: size(y, f.b) };
    case 1:
    case 2:
      return { kind: "overflow", op: cx.rng.pick(OVERFLOWS), left: copyOf(x), right: copyOf(x) };
    case 3:
      return { kind: "overflowNeg", operand: copyOf(y) };
    case 4:
      return { kind: "divisionByZero", operand: copyOf(x) };
    case 5:
      return { kind: "remainderByZero", operand: copyOf(y) };
    case 6:
      return { kind: "misalignedPointerDereference", required: constInt(TY_USIZE, 8), found: size(x, f.a) };
    case 7:
      return { kind: "nullPointerDereference" };
    case 8:
      return { kind: "invalidEnumConstruction", operand: copyOf(x) };
    case 9:
      return { kind: "resumedAfterReturn", what: "coroutine resumed after completion" };
    default:
      return { kind: "resumedAfterPanic", what: "coroutine resumed after panicking" };
  }
}

/** `fn thrower(x: T) -> T`: panics on about half of the arguments, through a frame that owns something. */
function thrower(cx: FnCx, ty: Ty): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>(`thrower ${ty.text}`);
  if (known.length > 0) return known[0]!;
  const item = newFn(items, items.name("thrower"), [ty], ty, { inline: cx.rng.pick(["none", "never", "always"]) });
  known.push(item);
  fillBody(cx, item, (inner, [x]) => {
    inner.define(x!, ty, { mutable: false });
    const acc = temp(inner, ty, use(copyOf(x!)));
    const d = droppable(inner);
    const owned = ownedLocal(inner, d);
    dropScope(inner, at(owned), () => {
      assertThat(inner, moveOf(evenly(inner, x!, ty)), inner.rng.chance(50), {
        kind: "divisionByZero",
        operand: copyOf(x!),
      });
      touch(inner, at(owned), d);
      mix(inner, acc, operand(inner, ty));
    });
    returnMixed(inner, acc);
  });
  return item;
}

/** Cleanup over several frames: inner and outer scopes that drop, a callee that panics in the middle, a value that is already gone. */
export function unwindingScope(cx: FnCx): void {
  catching(cx, (inner, x, y, acc, f) => {
    const [d, e] = [droppable(inner), droppable(inner)];
    const callee = thrower(inner, f.a);
    const outer = ownedLocal(inner, d);
    dropScope(inner, at(outer), () => {
      const nested = ownedLocal(inner, e);
      withCleanup(
        inner,
        () => {
          mixScalar(inner, acc, f.out, moveOf(callItem(inner, callee, [], [copyOf(x)])), f.a);
          touch(inner, at(nested), e);
        },
        () => {
          // Cleanup sees what the body has computed so far.
          observe(inner, f.out, copyOf(acc));
          inner.drop(placeOf(nested));
        },
      );
      consume(inner, e, at(nested), acc, f.out);
      if (inner.rng.chance(50)) flaggedCleanup(inner, e, callee, y, acc, f);
      mixScalar(inner, acc, f.out, moveOf(callItem(inner, callee, [], [convert(inner, copyOf(y), f.b, f.a)])), f.a);
      touch(inner, at(outer), d);
    });
  });
}

/** A callee that panics while a value is maybe moved out of: in the cleanup a flag says whether it is dropped. */
function flaggedCleanup(inner: FnCx, d: Droppable, callee: FnItem, y: Local, acc: Local, f: Frame): void {
  const owned = ownedLocal(inner, d);
  const flag = temp(inner, TY_BOOL, use(constBits(TY_BOOL, 1n)));
  const moves = evenly(inner, y, f.b);
  const dropIfFlagged = (): void => {
    const [there, done] = [inner.newBlock(), inner.newBlock()];
    branch(inner, copyOf(flag), there, done);
    inner.enter(there);
    inner.drop(placeOf(owned));
    inner.fallInto(done);
  };
  withCleanup(
    inner,
    () => {
      ifThenElse(
        inner,
        moveOf(moves),
        () => {
          inner.assign(placeOf(flag), use(constBits(TY_BOOL, 0n)));
          consume(inner, d, at(owned), acc, f.out);
        },
        () => touch(inner, at(owned), d),
      );
      mixScalar(inner, acc, f.out, moveOf(callItem(inner, callee, [], [convert(inner, copyOf(y), f.b, f.a)])), f.a);
    },
    dropIfFlagged,
  );
  dropIfFlagged();
}

/** `extern "C" fn`, whose callees may not unwind: they are called with `unwind terminate(abi)`, or it is unreachable. */
export function guardedUnwind(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const { items } = cx.program;
  const ty = cx.types.int();
  const item = newFn(items, items.name("c_fn"), [ty], ty, { abi: "C" });
  fillBody(cx, item, (inner, [x]) => {
    inner.define(x!, ty, { mutable: false });
    const d = droppable(inner);
    const owned = ownedLocal(inner, d);
    const acc = temp(inner, ty, use(copyOf(x!)));
    const around = inner.unwind;
    const stop = inner.newBlock(true);
    inner.unwind = inner.rng.pick([
      { kind: "terminate", reason: "abi" },
      { kind: "unreachable" },
      { kind: "cleanup", block: stop },
    ] as const);
    // Neither a drop nor the intrinsic panics, which only the compiler does not know.
    touch(inner, at(owned), d);
    mixScalar(inner, acc, ty, { kind: "copy", place: tagOf(at(owned), d) }, d.tag);
    inner.drop(at(owned));
    mix(inner, acc, moveOf(callIntrinsic(inner, "wrapping_add", [ty], [copyOf(x!), reusable(inner, ty)])));
    inner.unwind = around;
    const next = inner.newBlock();
    inner.goto(next);
    inner.enter(stop);
    inner.terminate({ kind: "unwindTerminate", reason: "abi", span: DUMMY_SP });
    inner.enter(next);
    returnMixed(inner, acc);
  });
  const pointerTy = cx.types.tcx.fnPtr([ty], ty, { abi: "C" });
  const result = cx.newLocal(ty);
  const callee = cx.rng.chance(50)
    ? fnConst(item)
    : copyOf(temp(cx, pointerTy, cast("ReifyFnPointer", fnConst(item), pointerTy)));
  callTo(cx, callee, [variable(cx, ty)], placeOf(result));
  deliver(cx, result, ty);
}
