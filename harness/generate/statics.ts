/**
 * Actions on statics: read-only ones, `static mut` as state between functions, statics that point into each other, thread-locals.
 */

import type { Local, Operand, Place, PlaceElem, StaticItem, Ty, TyCtxt } from "../../codegen/index.ts";
import { constantValue } from "./const-items.ts";
import { accumulator, at, constOf, DEREF, deliver, initialiser, setReturn } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { newStatic } from "./items.ts";
import { copyOf, operand, temp, use } from "./operands.ts";
import { changePlace, mixPlace } from "./values.ts";

const MOST = 3;

/** A pointer or reference to a static, as an operand. */
function staticAddress(tcx: TyCtxt, item: StaticItem): { operand: Operand; ty: Ty } {
  const ty = item.mutability === "mut" ? tcx.ptr("mut", item.ty) : tcx.ref("not", item.ty);
  return { operand: constOf({ kind: "static", item, offset: 0, ty }), ty };
}

function someStatic(cx: FnCx, kind: "read" | "mut" | "thread"): StaticItem {
  const { items } = cx.program;
  const known = items.known<StaticItem>(`statics ${kind}`);
  if (known.length >= MOST || (known.length > 0 && cx.rng.chance(50))) return cx.rng.pick(known);
  const ty = cx.types.any(45);
  const body = initialiser(cx, ty, (inner) => setReturn(inner, constantValue(inner, ty)));
  const item = newStatic(items, items.name(kind === "thread" ? "TLS" : kind === "mut" ? "STATE" : "TABLE"), ty, body, {
    mutability: kind === "read" ? "not" : "mut",
    threadLocal: kind === "thread",
  });
  known.push(item);
  return item;
}

/** A part of a static, into an integer. */
export function staticRead(cx: FnCx): void {
  const item = someStatic(cx, "read");
  const { operand: address, ty } = staticAddress(cx.types.tcx, item);
  const pointer = temp(cx, ty, use(address));
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  mixPlace(cx, acc, word, at(pointer, DEREF), item.ty);
  deliver(cx, acc, word);
}

/** Reads, changes and reads again what `pointer` points to. */
function update(cx: FnCx, pointer: Local, ty: Ty): void {
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  const place: Place = at(pointer, DEREF);
  mixPlace(cx, acc, word, place, ty);
  if (cx.rng.chance(75)) changePlace(cx, place, ty, copyOf(acc), word);
  if (cx.rng.chance(40)) mixPlace(cx, acc, word, place, ty);
  deliver(cx, acc, word);
}

/** State that outlives the call: what one function leaves another one finds. */
export function staticMut(cx: FnCx): void {
  const item = someStatic(cx, "mut");
  const { operand: address, ty } = staticAddress(cx.types.tcx, item);
  update(cx, temp(cx, ty, use(address)), item.ty);
}

/** `static P: &T = &S.field;`, and what it points to. */
export function staticPointer(cx: FnCx): void {
  const { tcx } = cx.types;
  const { items } = cx.program;
  const known = items.known<StaticItem>("static pointers");
  if (known.length === 0 || (known.length < MOST && cx.rng.chance(40)))
    known.push(makePointer(cx, someStatic(cx, "read")));
  const item = cx.rng.pick(known);
  const { operand: address, ty } = staticAddress(tcx, item);
  const pointer = temp(cx, ty, use(address));
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  mixPlace(cx, acc, word, at(pointer, DEREF, DEREF), (item.ty as Extract<Ty, { kind: "ref" }>).pointee);
  deliver(cx, acc, word);
}

function makePointer(cx: FnCx, target: StaticItem): StaticItem {
  const { tcx } = cx.types;
  const info = cx.types.info(target.ty);
  const leaves = info.leaves.filter((leaf) => !leaf.packed);
  const leaf = leaves.length > 0 && cx.rng.chance(70) ? cx.rng.pick(leaves) : undefined;
  const pointee = leaf?.info.ty ?? target.ty;
  const projection: readonly PlaceElem[] = leaf?.projection ?? [];
  const ty = tcx.ref("not", pointee);
  const body = initialiser(cx, ty, (inner) => {
    const { operand: address, ty: addressTy } = staticAddress(tcx, target);
    const whole = temp(inner, addressTy, use(address));
    setReturn(inner, { kind: "ref", mutability: "not", place: at(whole, DEREF, ...projection) });
  });
  return newStatic(cx.program.items, cx.program.items.name("POINTER"), ty, body);
}

/** This thread's own copy of a static. */
export function threadLocal(cx: FnCx): void {
  const item = someStatic(cx, "thread");
  const ty = cx.types.tcx.ptr("mut", item.ty);
  const pointer = temp(cx, ty, { kind: "threadLocalRef", item, ty });
  update(cx, pointer, item.ty);
  if (cx.rng.chance(30)) {
    const word = cx.types.int();
    const acc = temp(cx, word, use(operand(cx, word)));
    const again = temp(cx, ty, { kind: "threadLocalRef", item, ty });
    mixPlace(cx, acc, word, at(again, DEREF), item.ty);
    deliver(cx, acc, word);
  }
}
