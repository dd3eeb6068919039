/**
 * Actions on closures: captures by reference, by mutable reference and by value; called directly, through generics, as `&dyn Fn`, as
 * function pointers.
 */

import type { ClosureDef, FnItem, Local, Operand, Place, Ty, TyOf } from "../../codegen/index.ts";
import { select } from "./control.ts";
import {
  accumulator,
  affordable,
  at,
  callValue,
  DEREF,
  deliver,
  fieldElem,
  fillBody,
  forRange,
  mixScalar,
  refTo,
  returnMixed,
  someCode,
  spend,
  usize,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { newClosure, newFn } from "./items.ts";
import { langTrait } from "./lang.ts";
import { cast, copyOf, fnConst, moveOf, operand, reusable, temp } from "./operands.ts";
import { changePlace, localValue, mixPlace } from "./values.ts";

const CALL_COST = 30;

type Capture = "value" | "ref" | "mut";

/** A closure `|x: param| -> ret`. */
interface Made {
  readonly ty: Ty;
  readonly def: ClosureDef;
  readonly param: Ty;
  readonly ret: Ty;
  readonly tuple: Ty;
  /** What it captures by reference lives here, and is read again when the closure is gone. */
  readonly captured: readonly { readonly local: Local; readonly ty: Ty }[];
  readonly value: Local;
}

/** Builds a closure's type, its body, and one value of it. */
function makeClosure(cx: FnCx, kind: ClosureDef["closureKind"], captures: readonly Capture[]): Made {
  const { tcx } = cx.types;
  const captured: { local: Local; ty: Ty }[] = [];
  const upvars: Ty[] = [];
  const operands: Operand[] = [];
  for (const capture of captures) {
    const ty = cx.types.any(35);
    const local = localValue(cx, ty);
    if (capture === "value") {
      upvars.push(ty);
      operands.push(copyOf(local));
    } else {
      const mutability = capture === "mut" ? "mut" : "not";
      upvars.push(tcx.ref(mutability, ty));
      operands.push(moveOf(refTo(cx, at(local), ty, mutability)));
      captured.push({ local, ty });
    }
  }
  const [param, ret] = [cx.types.int(), cx.types.int()];
  const def = newClosure(cx.program.items, upvars, kind);
  const ty = tcx.closure(def, []);
  def.body = closureBody(cx, def, ty, param, ret);
  const value = temp(cx, ty, { kind: "aggregate", aggregate: { kind: "closure", ty, def }, operands });
  return { ty, def, param, ret, tuple: tcx.tuple([param]), captured, value };
}

function closureBody(cx: FnCx, def: ClosureDef, ty: Ty, param: Ty, ret: Ty): FnItem {
  const { tcx } = cx.types;
  const kind = def.closureKind;
  const self = kind === "fnOnce" ? ty : tcx.ref(kind === "fn" ? "not" : "mut", ty);
  const { items } = cx.program;
  const item = newFn(items, `f0::{closure#${items.closures.length - 1}}`, [self, param], ret, { closure: def });
  fillBody(cx, item, (inner, [env, x]) => {
    inner.define(x!, param, { mutable: false });
    someCode(inner, 0, 2);
    const acc = accumulator(inner, ret);
    mixScalar(inner, acc, ret, copyOf(x!), param);
    def.upvars.forEach((upvar, i) => {
      const base: Place = kind === "fnOnce" ? at(env!, fieldElem(i, upvar)) : at(env!, DEREF, fieldElem(i, upvar));
      const target = upvar.kind === "ref" ? upvar.pointee : upvar;
      const place: Place = upvar.kind === "ref" ? { local: base.local, projection: [...base.projection, DEREF] } : base;
      mixPlace(inner, acc, ret, place, target);
      const writable = kind !== "fn" && (upvar.kind !== "ref" || upvar.mutability === "mut");
      if (writable) changePlace(inner, place, target, copyOf(acc), ret);
    });
    returnMixed(inner, acc);
  });
  return item;
}

/** `self` and the tuple of arguments to `Fn::call` and its like. */
function callClosure(cx: FnCx, lang: "fn" | "fn_mut" | "fn_once", self: Ty, receiver: Operand, made: Made): Local {
  const { method } = langTrait(cx, lang);
  const args = temp(cx, made.tuple, {
    kind: "aggregate",
    aggregate: { kind: "tuple" },
    operands: [operand(cx, made.param)],
  });
  return callValue(cx, fnConst(method, [self, made.tuple]), [receiver, moveOf(args)], made.ret);
}

/** What the closure wrote through its captures becomes visible again. */
function finish(cx: FnCx, made: Made, acc: Local, ty: Ty): void {
  deliver(cx, acc, ty);
  for (const { local, ty: captured } of made.captured) cx.define(local, captured);
}

function tooCostly(cx: FnCx, calls: number): boolean {
  if (!affordable(cx, calls * CALL_COST * 2)) {
    select(cx);
    return true;
  }
  spend(cx, calls * CALL_COST);
  return false;
}

/** `Fn`: called by name or through a generic function. */
export function closureFn(cx: FnCx): void {
  if (tooCostly(cx, 2)) return;
  const made = makeClosure(
    cx,
    "fn",
    cx.rng.pick([["ref"], ["ref", "value"], ["value"], ["value", "ref", "value"]] as const),
  );
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  for (let n = cx.rng.between(1, 2); n > 0; n--) {
    const self = refTo(cx, at(made.value), made.ty);
    mixScalar(cx, acc, ty, moveOf(callClosure(cx, "fn", made.ty, copyOf(self), made)), made.ret);
  }
  if (cx.rng.chance(60)) {
    const apply = applier(cx, made);
    const result = callValue(cx, fnConst(apply, [made.ty]), [moveOf(made.value), operand(cx, made.param)], made.ret);
    mixScalar(cx, acc, ty, moveOf(result), made.ret);
  }
  finish(cx, made, acc, ty);
}

/** `fn apply<F: Fn(P) -> R>(f: F, x: P) -> R`, one for each signature. */
export function applier(cx: FnCx, { param, ret, tuple }: Pick<Made, "param" | "ret" | "tuple">): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>(`apply ${param.text} ${ret.text}`);
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const f = tcx.param(0, "F");
  const { trait: fn, method } = langTrait(cx, "fn");
  const { trait: once } = langTrait(cx, "fn_once");
  const item = newFn(items, items.name("apply"), [f, param], ret, {
    generics: ["F"],
    predicates: [
      { kind: "trait", ref: { trait: fn, args: [f, tuple] } },
      { kind: "projection", ref: { trait: once, args: [f, tuple] }, name: "Output", ty: ret },
    ],
  });
  known.push(item);
  fillBody(cx, item, (inner, [callee, x]) => {
    inner.define(x!, param, { mutable: false });
    const acc = accumulator(inner, ret);
    for (let n = inner.rng.between(1, 2); n > 0; n--) {
      const args = temp(inner, tuple, {
        kind: "aggregate",
        aggregate: { kind: "tuple" },
        operands: [reusable(inner, param)],
      });
      const self = refTo(inner, at(callee!), f);
      mixScalar(
        inner,
        acc,
        ret,
        moveOf(callValue(inner, fnConst(method, [f, tuple]), [copyOf(self), moveOf(args)], ret)),
        ret,
      );
    }
    returnMixed(inner, acc);
  });
  return item;
}

/** `FnMut`: called in a loop, its state changing. */
export function closureMut(cx: FnCx): void {
  const rounds = cx.rng.between(1, 4);
  if (tooCostly(cx, rounds + 1)) return;
  const made = makeClosure(cx, "fnMut", cx.rng.pick([["mut"], ["mut", "ref"], ["value"], ["value", "mut"]] as const));
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  forRange(cx, usize(rounds), rounds, () => {
    const self = refTo(cx, at(made.value), made.ty, "mut");
    mixScalar(cx, acc, ty, moveOf(callClosure(cx, "fn_mut", made.ty, moveOf(self), made)), made.ret);
  });
  finish(cx, made, acc, ty);
}

/** `FnOnce`: consumed by its one call; a closure that could be called more often may be consumed too. */
export function closureOnce(cx: FnCx): void {
  if (tooCostly(cx, 1)) return;
  const kind = cx.rng.pick(["fnOnce", "fnOnce", "fn", "fnMut"] as const);
  const made = makeClosure(cx, kind, cx.rng.pick([["value"], ["value", "value"], ["ref", "value"]] as const));
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  mixScalar(cx, acc, ty, moveOf(callClosure(cx, "fn_once", made.ty, moveOf(made.value), made)), made.ret);
  finish(cx, made, acc, ty);
}

/** `&dyn Fn(P) -> R` and `&mut dyn FnMut(P) -> R`. */
export function closureDyn(cx: FnCx): void {
  if (tooCostly(cx, 3)) return;
  const { tcx } = cx.types;
  const mutable = cx.rng.chance(40);
  const made = makeClosure(cx, mutable ? "fnMut" : "fn", mutable ? ["mut", "value"] : ["ref", "value"]);
  const lang = mutable ? "fn_mut" : "fn";
  const mutability = mutable ? "mut" : "not";
  const { trait } = langTrait(cx, lang);
  const { trait: once } = langTrait(cx, "fn_once");
  const dyn = tcx.dynamic({
    principal: { trait, args: [made.tuple] },
    projections: [{ trait: once, args: [made.tuple], name: "Output", ty: made.ret }],
    autos: [],
  });
  const wide = tcx.ref(mutability, dyn);
  const object = temp(cx, wide, cast("Unsize", moveOf(refTo(cx, at(made.value), made.ty, mutability)), wide));
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  for (let n = cx.rng.between(1, 2); n > 0; n--) {
    const self = refTo(cx, at(object, DEREF), dyn, mutability);
    mixScalar(cx, acc, ty, moveOf(callClosure(cx, lang, dyn, moveOf(self), made)), made.ret);
  }
  finish(cx, made, acc, ty);
}

/** A closure without captures as a function pointer, called through it. */
export function closurePointer(cx: FnCx): void {
  if (tooCostly(cx, 2)) return;
  const { tcx } = cx.types;
  const made = makeClosure(cx, "fn", []);
  const pointerTy = tcx.fnPtr([made.param], made.ret) as TyOf<"fnptr">;
  const pointer = temp(cx, pointerTy, cast("ClosureFnPointer", copyOf(made.value), pointerTy));
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  const result = callValue(cx, copyOf(pointer), [operand(cx, made.param)], made.ret);
  mixScalar(cx, acc, ty, moveOf(result), made.ret);
  // The pointer itself is an `Fn`.
  if (cx.rng.chance(40)) {
    const through = callValue(
      cx,
      fnConst(applier(cx, made), [pointerTy]),
      [copyOf(pointer), operand(cx, made.param)],
      made.ret,
    );
    mixScalar(cx, acc, ty, moveOf(through), made.ret);
  }
  finish(cx, made, acc, ty);
}
