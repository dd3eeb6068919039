/**
 * Shims that call: function pointers and closures by the `Fn` traits, closures as function pointers, dynamic methods as function
 * pointers, methods that take an unsized `self` by value.
 *
 * As `build_call_shim` of rustc_mir_transform/src/shim.rs. Methods of the `Fn` traits take their arguments as one tuple.
 */

import { bug } from "../../entity/entity.ts";
import * as mir from "../../mir/builder.ts";
import type { BasicBlock, Body, FnItem, Operand, Statement, UnwindAction } from "../../mir/syntax.ts";
import type { Ty, TyOf } from "../../mir/ty.ts";
import { Diagnostic } from "../../session/diagnostic.ts";
import { callSignature } from "../../traits/builtin.ts";
import { needsDrop } from "../../traits/predicates.ts";
import type { TraitCx } from "../../traits/trait-cx.ts";
import { CONTINUE, callTerminator, dropTerminator, ShimBody, TERMINATE } from "./shim-body.ts";

/** How the callee is handed over: `Fn::call`, `FnMut::call_mut`, `FnOnce::call_once`. */
export type CallKind = "fn" | "fnMut" | "fnOnce";

/** A shim's signature and body. */
export interface Shim {
  readonly params: readonly Ty[];
  readonly ret: Ty;
  readonly body: Body;
}

/** @throws Diagnostic for a closure that the program only names. */
function signatureOf(cx: TraitCx, ty: Ty): { readonly params: readonly Ty[]; readonly ret: Ty } {
  if (ty.kind === "closure") closureBody(ty);
  const sig = callSignature(cx, ty);
  if (sig === undefined) throw bug(`${ty.text} cannot be called`);
  return sig;
}

function receiverTy(cx: TraitCx, ty: Ty, call: CallKind): Ty {
  if (call === "fnOnce") return ty;
  return cx.tcx.ref(call === "fn" ? "not" : "mut", ty);
}

/** The fields of the tuple in `local`, moved out. */
function spread(local: number, tys: readonly Ty[]): Operand[] {
  return tys.map((ty, i) => mir.move(mir.place(local, mir.field(i, ty))));
}

/** `<ty as Fn*>::call*` of a function pointer or a function item. */
export function fnPtrShim(cx: TraitCx, ty: TyOf<"fnptr"> | TyOf<"fndef">, call: CallKind): Shim {
  const { params, ret } = signatureOf(cx, ty);
  const own = [receiverTy(cx, ty, call), cx.tcx.tuple(params)];
  const shim = new ShimBody(own, ret);
  const pointer = call === "fnOnce" ? mir.place(1) : mir.place(1, mir.deref());
  const callee = ty.kind === "fndef" ? mir.fnRef(ty.item, ty.args) : mir.copy(pointer);
  const done = shim.addReturn();
  const body = shim.finish([], callTerminator(mir.place(0), callee, spread(2, params), done, CONTINUE));
  return { params: own, ret, body };
}

function closureBody(ty: TyOf<"closure">): FnItem {
  const { body } = ty.def;
  if (body === undefined) throw new Diagnostic(`the closure \`${ty.text}\` has no body in this program`);
  return body;
}

/** What a closure's body wants for its first parameter. */
function borrowOf(ty: TyOf<"closure">): "not" | "mut" | "move" {
  switch (ty.def.closureKind) {
    case "fn":
      return "not";
    case "fnMut":
      return "mut";
    case "fnOnce":
      return "move";
  }
}

/** `<closure as Fn*>::call*(self, (args,))`. Given the closure itself where its body wants a reference, drops it after the call. */
export function closureCallShim(cx: TraitCx, ty: TyOf<"closure">, call: CallKind): Shim {
  const { params, ret } = signatureOf(cx, ty);
  const own = [receiverTy(cx, ty, call), cx.tcx.tuple(params)];
  const shim = new ShimBody(own, ret);
  const wants = borrowOf(ty);
  const statements: Statement[] = [];
  let self: Operand;
  let target = shim.addReturn();
  let unwind: UnwindAction = CONTINUE;
  if (wants === "move" || (call !== "fnOnce" && wants === (call === "fn" ? "not" : "mut"))) {
    if (wants === "move" && call !== "fnOnce") throw bug(`${ty.text} can be called only once`);
    self = mir.move(1);
  } else {
    const reference = shim.newLocal(cx.tcx.ref(wants, ty));
    const origin = call === "fnOnce" ? mir.place(1) : mir.place(1, mir.deref());
    statements.push(mir.assign(reference, mir.refTo(wants, origin)));
    self = mir.move(reference);
    if (call === "fnOnce" && needsDrop(cx, ty)) {
      target = shim.add(false, [], dropTerminator(mir.place(1), target, CONTINUE));
      const block = shim.add(true, [], dropTerminator(mir.place(1), shim.addResume(), TERMINATE));
      unwind = { kind: "cleanup", block };
    }
  }
  const callee = mir.fnRef(closureBody(ty), ty.args);
  const args = [self, ...spread(2, params)];
  const body = shim.finish(statements, callTerminator(mir.place(0), callee, args, target, unwind));
  return { params: own, ret, body };
}

/** A closure without captures as a function: takes the arguments alone. */
export function closureFnPtrShim(cx: TraitCx, ty: TyOf<"closure">): Shim {
  const { params, ret } = signatureOf(cx, ty);
  const shim = new ShimBody(params, ret);
  const wants = borrowOf(ty);
  const value = shim.newLocal(ty);
  const statements = [
    mir.assign(value, { kind: "aggregate", aggregate: { kind: "closure", ty, def: ty.def }, operands: [] }),
  ];
  let self = mir.move(value);
  if (wants !== "move") {
    const reference = shim.newLocal(cx.tcx.ref(wants, ty));
    statements.push(mir.assign(reference, mir.refTo(wants, value)));
    self = mir.move(reference);
  }
  const args = [self, ...params.map((_, i) => mir.move(i + 1))];
  const done = shim.addReturn();
  const callee = mir.fnRef(closureBody(ty), ty.args);
  return { params, ret, body: shim.finish(statements, callTerminator(mir.place(0), callee, args, done, CONTINUE)) };
}

/** A function that calls `item::<args>` with what it is given: what a pointer to a dynamically dispatched method points to. */
export function reifyShim(cx: TraitCx, item: FnItem, args: readonly Ty[]): Shim {
  const params = item.params.map((ty) => cx.instantiate(ty, args));
  const operands = params.map((_, i) => mir.move(i + 1));
  return forward(cx, item, args, params, operands);
}

/** As `item::<args>`, which takes `self` by value, but by pointer to it: what a vtable holds for it. */
export function vtableShim(cx: TraitCx, item: FnItem, args: readonly Ty[]): Shim {
  const params = item.params.map((ty) => cx.instantiate(ty, args));
  const operands = params.map((_, i) => mir.move(i === 0 ? mir.place(1, mir.deref()) : i + 1));
  const own = params.map((ty, i) => (i === 0 ? cx.tcx.ptr("mut", ty) : ty));
  return forward(cx, item, args, own, operands);
}

function forward(
  cx: TraitCx,
  item: FnItem,
  args: readonly Ty[],
  params: readonly Ty[],
  operands: readonly Operand[],
): Shim {
  const ret = cx.instantiate(item.ret, args);
  const shim = new ShimBody(params, ret);
  const done: BasicBlock = shim.addReturn();
  const call = callTerminator(mir.place(0), mir.fnRef(item, args), operands, done, CONTINUE);
  return { params, ret, body: shim.finish([], call) };
}
