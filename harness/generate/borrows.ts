/**
 * Actions at the edge of what the aliasing models allow: two-phase borrows, reborrows through calls, raw pointers and references in turn,
 * interior mutability.
 *
 * All of it is right under Tree Borrows and under Stacked Borrows: a pointer is used only until something older than it is used to
 * write.
 */

import {
  type AdtDef,
  DEFAULT_REPR,
  DUMMY_SP,
  type FnItem,
  type Local,
  type Operand,
  type Place,
  type Ty,
} from "../../codegen/index.ts";
import { select } from "./control.ts";
import {
  accumulator,
  affordable,
  at,
  callItem,
  copyAt,
  DEREF,
  deliver,
  fieldElem,
  fillBody,
  ifThenElse,
  mix,
  rawTo,
  refTo,
  returnMixed,
  spend,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { newFn } from "./items.ts";
import { binary, cast, condition, copyOf, moveOf, operand, reusable, temp, use, variable } from "./operands.ts";

const CALL_COST = 20;

function tooCostly(cx: FnCx, calls: number): boolean {
  if (!affordable(cx, calls * CALL_COST * 2)) {
    select(cx);
    return true;
  }
  spend(cx, calls * CALL_COST);
  return false;
}

/** `fn bump(x: &mut T, by: T) -> T` */
function bump(cx: FnCx, ty: Ty): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>(`bump ${ty.text}`);
  if (known.length > 0) return known[0]!;
  const item = newFn(items, items.name("bump"), [cx.types.tcx.ref("mut", ty), ty], ty, {
    inline: cx.rng.pick(["none", "hint", "never"]),
  });
  known.push(item);
  fillBody(cx, item, (inner, [x, by]) => {
    inner.define(by!, ty, { mutable: false });
    inner.act(1);
    const acc = temp(inner, ty, use(copyAt(x!, DEREF)));
    inner.assign(at(x!, DEREF), binary("Add", copyAt(x!, DEREF), copyOf(by!)));
    mix(inner, acc, copyAt(x!, DEREF));
    returnMixed(inner, acc);
  });
  return item;
}

/** `x.bump(x.read())`: the mutable borrow is made before `x` is read, and used after. */
export function twoPhaseBorrow(cx: FnCx): void {
  if (tooCostly(cx, 2)) return;
  const ty = cx.types.int();
  const pair = cx.types.tcx.tuple([ty, ty]);
  const whole = temp(cx, pair, {
    kind: "aggregate",
    aggregate: { kind: "tuple" },
    operands: [reusable(cx, ty), reusable(cx, ty)],
  });
  const place = at(whole, fieldElem(0, ty));
  const refTy = cx.types.tcx.ref("mut", ty);
  const twoPhase = temp(cx, refTy, { kind: "ref", mutability: "mut", place, twoPhase: true });
  const read = temp(cx, ty, binary("BitXor", { kind: "copy", place }, operand(cx, ty)));
  const shared = refTo(cx, place, ty);
  const again = temp(cx, ty, binary("Sub", copyAt(shared, DEREF), moveOf(read)));
  const result = callItem(cx, bump(cx, ty), [], [moveOf(twoPhase), moveOf(again)]);
  deliver(cx, result, ty);
  cx.define(whole, pair);
}

/** `fn both(a: &mut T, b: &T) -> T` of two fields of one value, by reborrows of one `&mut` that is used again afterwards. */
export function reborrowCall(cx: FnCx): void {
  if (tooCostly(cx, 3)) return;
  const { tcx } = cx.types;
  const ty = cx.types.int();
  const pair = tcx.tuple([ty, ty]);
  const whole = temp(cx, pair, {
    kind: "aggregate",
    aggregate: { kind: "tuple" },
    operands: [reusable(cx, ty), variable(cx, ty)],
  });
  const outer = refTo(cx, at(whole), pair, "mut");
  const field = (i: number): Place => at(outer, DEREF, fieldElem(i, ty));
  const acc = accumulator(cx, ty);
  for (let n = cx.rng.between(1, 2); n > 0; n--) {
    const [i, k] = cx.rng.chance(50) ? [0, 1] : [1, 0];
    const a = refTo(cx, field(i), ty, "mut");
    const b = refTo(cx, field(k), ty);
    mix(cx, acc, moveOf(callItem(cx, both(cx, ty), [], [moveOf(a), copyOf(b)])));
    if (cx.rng.chance(50)) cx.assign(field(i), binary("Add", { kind: "copy", place: field(k) }, copyOf(acc)));
  }
  mix(cx, acc, { kind: "copy", place: field(0) });
  deliver(cx, acc, ty);
  cx.define(whole, pair);
}

function both(cx: FnCx, ty: Ty): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>(`both ${ty.text}`);
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const item = newFn(items, items.name("both"), [tcx.ref("mut", ty), tcx.ref("not", ty)], ty);
  known.push(item);
  const callee = bump(cx, ty);
  fillBody(cx, item, (inner, [a, b]) => {
    const acc = temp(inner, ty, use(copyAt(b!, DEREF)));
    // A reborrow of a reborrow, dead when the older one is used again.
    const through = refTo(inner, at(a!, DEREF), ty, "mut");
    mix(inner, acc, moveOf(callItem(inner, callee, [], [moveOf(through), copyOf(acc)])));
    inner.assign(at(a!, DEREF), binary("BitXor", copyAt(a!, DEREF), copyAt(b!, DEREF)));
    mix(inner, acc, copyAt(a!, DEREF));
    returnMixed(inner, acc);
  });
  return item;
}

/** A raw pointer, references made from it, and the pointer again, in turns. */
export function rawAlternation(cx: FnCx): void {
  if (tooCostly(cx, 2)) return;
  const ty = cx.types.int();
  const value = temp(cx, ty, use(variable(cx, ty)));
  const outer = cx.rng.chance(50) ? refTo(cx, at(value), ty, "mut") : undefined;
  const pointer = rawTo(cx, outer === undefined ? at(value) : at(outer, DEREF), ty);
  const acc = accumulator(cx, ty);
  const raw = at(pointer, DEREF);
  for (let n = cx.rng.between(2, 4); n > 0; n--) {
    switch (cx.rng.below(5)) {
      case 0:
        cx.assign(raw, binary("Add", { kind: "copy", place: raw }, copyOf(acc)));
        break;
      case 1: {
        const unique = refTo(cx, raw, ty, "mut");
        cx.assign(at(unique, DEREF), binary("BitXor", copyAt(unique, DEREF), operand(cx, ty)));
        mix(cx, acc, copyAt(unique, DEREF));
        break;
      }
      case 2: {
        const [one, other] = [refTo(cx, raw, ty), refTo(cx, raw, ty)];
        mix(cx, acc, copyAt(one, DEREF));
        mix(cx, acc, { kind: "copy", place: raw });
        mix(cx, acc, copyAt(other, DEREF));
        break;
      }
      case 3: {
        const lent = refTo(cx, raw, ty, "mut");
        mix(cx, acc, moveOf(callItem(cx, bump(cx, ty), [], [moveOf(lent), copyOf(acc)])));
        break;
      }
      default: {
        const unique = refTo(cx, raw, ty, "mut");
        if (cx.rng.chance(50)) cx.statement({ kind: "retag", retagKind: "default", place: at(unique), span: DUMMY_SP });
        const inner = rawTo(cx, at(unique, DEREF), ty);
        cx.assign(at(inner, DEREF), binary("Sub", copyAt(inner, DEREF), copyOf(acc)));
        mix(cx, acc, copyAt(unique, DEREF));
      }
    }
  }
  if (outer !== undefined) mix(cx, acc, copyAt(outer, DEREF));
  mix(cx, acc, copyOf(value));
  deliver(cx, acc, ty);
  cx.define(value, ty);
}

/** `std::cell::UnsafeCell<T>` as the prelude has it, or as it would have it. */
function unsafeCell(cx: FnCx): AdtDef {
  const { tcx } = cx.types;
  const known = tcx.adts.get("std::cell::UnsafeCell");
  if (known !== undefined) return known;
  const name = "std::cell::UnsafeCell";
  const def: AdtDef = {
    name,
    adtKind: "struct",
    generics: ["T"],
    lang: "unsafe_cell",
    variants: [
      { name: "UnsafeCell", ctor: "named", fields: [{ name: "value", ty: tcx.param(0, "T") }], discriminant: 0n },
    ],
    repr: { ...DEFAULT_REPR, transparent: true },
    explicitDiscriminants: false,
    prelude: true,
  };
  tcx.adts.set(name, def);
  return def;
}

/** Two shared references to one cell, through both of which it is read and written; sometimes beside a field that is frozen. */
export function cellUpdate(cx: FnCx): void {
  if (tooCostly(cx, 2)) return;
  const { tcx } = cx.types;
  const ty = cx.types.int();
  const cellTy = tcx.adt(unsafeCell(cx), [ty]);
  const beside = cx.types.int();
  const tuple = tcx.tuple([cellTy, beside]);
  const cell = temp(cx, cellTy, {
    kind: "aggregate",
    aggregate: { kind: "adt", ty: cellTy, def: unsafeCell(cx), variant: 0 },
    operands: [operand(cx, ty)],
  });
  const whole = temp(cx, tuple, {
    kind: "aggregate",
    aggregate: { kind: "tuple" },
    operands: [moveOf(cell), reusable(cx, beside)],
  });
  const [a, b] = [refTo(cx, at(whole), tuple), refTo(cx, at(whole), tuple)];
  const acc = accumulator(cx, ty);
  const contents = (shared: Local): Local => {
    const inner = refTo(cx, at(shared, DEREF, fieldElem(0, cellTy)), cellTy);
    const pointer: Operand = copyOf(rawTo(cx, at(inner, DEREF), cellTy, "not"));
    const target = tcx.ptr("mut", ty);
    return temp(cx, target, cast("PtrToPtr", pointer, target));
  };
  const chosen = cx.newLocal(tcx.ref("not", tuple));
  const pick = condition(cx);
  ifThenElse(
    cx,
    pick,
    () => cx.assign(at(chosen), use(copyOf(a))),
    () => cx.assign(at(chosen), use(copyOf(b))),
  );
  for (const shared of [a, chosen, b]) {
    const p = contents(shared);
    cx.assign(at(p, DEREF), binary("Add", copyAt(p, DEREF), copyOf(acc)));
    mix(cx, acc, copyAt(contents(cx.rng.pick([a, b])), DEREF));
  }
  const frozen = temp(cx, beside, use(copyAt(b, DEREF, fieldElem(1, beside))));
  deliver(cx, frozen, beside);
  deliver(cx, acc, ty);
}
