/**
 * Actions on trait objects: calls through vtables, upcasts, tables of objects, what vtables say of size and alignment.
 */

import { type Local, type Mutability, type Operand, TY_UNIT, TY_USIZE, type Ty } from "../../codegen/index.ts";
import { select } from "./control.ts";
import {
  accumulator,
  affordable,
  at,
  callIntrinsic,
  callValue,
  copyAt,
  DEREF,
  deliver,
  forRange,
  ifThenElse,
  mixScalar,
  rawTo,
  refTo,
  spend,
  usize,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { cast, condition, copyOf, fnConst, moveOf, operand, placeOf, reusable, temp, use } from "./operands.ts";
import { implementor, type ObjectTrait, objectTrait } from "./traits.ts";
import { localValue } from "./values.ts";

const CALL_COST = 40;

/** A `&dyn T` or `&mut dyn T` to a value of some implementor, and the place that holds the value. */
export function makeObject(cx: FnCx, t: ObjectTrait, mutability: Mutability): { object: Local; value: Local; ty: Ty } {
  const ty = implementor(cx, t);
  const value = localValue(cx, ty);
  const thin = refTo(cx, at(value), ty, mutability);
  const wide = cx.types.tcx.ref(mutability, t.dyn);
  return { object: temp(cx, wide, cast("Unsize", moveOf(thin), wide)), value, ty };
}

/** Calls each method that `mutability` allows, of `t` and maybe its supertrait, and mixes the results. */
export function callMethods(
  cx: FnCx,
  t: ObjectTrait,
  object: Local,
  self: Ty,
  mutability: Mutability,
  acc: Local,
  ty: Ty,
): void {
  const { tcx } = cx.types;
  for (const method of t.methods) {
    if (method.mutability === "mut" && mutability === "not") continue;
    const receiver: Operand =
      method.mutability === mutability && mutability === "not"
        ? copyOf(object)
        : moveOf(
            temp(cx, tcx.ref(method.mutability, self), {
              kind: "ref",
              mutability: method.mutability,
              place: at(object, DEREF),
            }),
          );
    const result = callValue(cx, fnConst(method.item, [self]), [receiver, reusable(cx, method.param)], method.ret);
    mixScalar(cx, acc, ty, moveOf(result), method.ret);
  }
  if (t.parent !== undefined && cx.rng.chance(50)) callMethods(cx, t.parent, object, self, mutability, acc, ty);
}

/** Methods of one of two objects of different types, chosen by data. */
export function dynCall(cx: FnCx): void {
  if (!affordable(cx, 4 * CALL_COST)) {
    select(cx);
    return;
  }
  spend(cx, 3 * CALL_COST);
  const t = objectTrait(cx);
  const mutability: Mutability = cx.rng.chance(50) ? "mut" : "not";
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  const one = makeObject(cx, t, mutability);
  const other = makeObject(cx, t, mutability);
  const chosen = cx.newLocal(cx.types.tcx.ref(mutability, t.dyn));
  const cond = condition(cx);
  ifThenElse(
    cx,
    cond,
    () => cx.assign(placeOf(chosen), use(moveOf(one.object))),
    () => cx.assign(placeOf(chosen), use(moveOf(other.object))),
  );
  callMethods(cx, t, chosen, t.dyn, mutability, acc, ty);
  deliver(cx, acc, ty);
  // What `&mut self` wrote is read where it was written.
  for (const { value, ty: valueTy } of [one, other]) cx.define(value, valueTy);
}

/** `&dyn Sub` to `&dyn Super`, and the methods of both. */
export function dynUpcast(cx: FnCx): void {
  if (!affordable(cx, 4 * CALL_COST)) {
    select(cx);
    return;
  }
  spend(cx, 3 * CALL_COST);
  const t = objectTrait(cx, true);
  const { parent } = t;
  if (parent === undefined) return;
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  const mutability: Mutability = cx.rng.chance(30) ? "mut" : "not";
  const { object, value, ty: valueTy } = makeObject(cx, t, mutability);
  if (mutability === "not") callMethods(cx, t, object, t.dyn, mutability, acc, ty);
  const upTy = cx.types.tcx.ref(mutability, parent.dyn);
  const up = temp(cx, upTy, cast("Unsize", moveOf(object), upTy));
  callMethods(cx, parent, up, parent.dyn, mutability, acc, ty);
  deliver(cx, acc, ty);
  cx.define(value, valueTy);
}

/** A table of objects, gone through in a loop: the call's target changes from round to round. */
export function dynTable(cx: FnCx): void {
  const length = cx.rng.between(2, 4);
  if (!affordable(cx, length * CALL_COST * 2)) {
    select(cx);
    return;
  }
  const t = objectTrait(cx);
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  const refTy = cx.types.tcx.ref("not", t.dyn);
  const operands: Operand[] = [];
  for (let i = 0; i < length; i++) operands.push(moveOf(makeObject(cx, t, "not").object));
  const table = temp(cx, cx.types.tcx.array(refTy, length), {
    kind: "aggregate",
    aggregate: { kind: "array", element: refTy },
    operands,
  });
  spend(cx, length * CALL_COST);
  forRange(cx, usize(length), length, (i) => {
    const object = temp(cx, refTy, use(copyAt(table, { kind: "index", local: i })));
    callMethods(cx, t, object, t.dyn, "not", acc, ty);
  });
  deliver(cx, acc, ty);
}

/** Size and alignment out of the vtable, by `*const dyn T`; the method through that pointer. */
export function dynLayout(cx: FnCx): void {
  if (!affordable(cx, 2 * CALL_COST)) {
    select(cx);
    return;
  }
  spend(cx, CALL_COST);
  const { tcx } = cx.types;
  const t = objectTrait(cx);
  const valueTy = implementor(cx, t);
  const value = localValue(cx, valueTy);
  const pointer = tcx.ptr("not", t.dyn);
  const thin = rawTo(cx, at(value), valueTy, "not");
  const wide = temp(cx, pointer, cast("Unsize", moveOf(thin), pointer));
  const what = cx.rng.chance(50) ? "size_of_val" : "align_of_val";
  const size = callIntrinsic(cx, what, [t.dyn], [copyOf(wide)]);
  const acc = temp(cx, TY_USIZE, use(operand(cx, TY_USIZE)));
  mixScalar(cx, acc, TY_USIZE, moveOf(size), TY_USIZE);
  if (cx.rng.chance(40)) {
    // A wide pointer is its data and its vtable.
    const unit = tcx.ptr("not", TY_UNIT);
    const halves = tcx.array(unit, 2);
    const parts = temp(cx, halves, cast("Transmute", copyOf(wide), halves));
    const vtable = copyAt(parts, { kind: "constantIndex", offset: 1, minLength: 2, fromEnd: false });
    mixScalar(
      cx,
      acc,
      TY_USIZE,
      moveOf(callIntrinsic(cx, cx.rng.pick(["vtable_size", "vtable_align"]), [], [vtable])),
      TY_USIZE,
    );
  }
  const object = refTo(cx, at(wide, DEREF), t.dyn);
  callMethods(cx, t, object, t.dyn, "not", acc, TY_USIZE);
  deliver(cx, acc, TY_USIZE);
}
