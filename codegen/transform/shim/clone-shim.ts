/**
 * `<T as Clone>::clone` of types for which no impl is written down.
 *
 * As `build_clone_shim` of rustc_mir_transform/src/shim.rs: what is `Copy` is copied; tuples, closures and arrays are cloned part by part,
 * and when cloning one part panics, the parts made so far are dropped.
 */

import { bug } from "../../entity/entity.ts";
import * as mir from "../../mir/builder.ts";
import type { BasicBlock, FnItem, Operand, Place } from "../../mir/syntax.ts";
import { TY_BOOL, TY_USIZE, type Ty, type TyOf } from "../../mir/ty.ts";
import { isCopy, needsDrop } from "../../traits/predicates.ts";
import { upvarTys } from "../../traits/struct-tail.ts";
import type { TraitCx } from "../../traits/trait-cx.ts";
import type { Shim } from "./call-shims.ts";
import { CONTINUE, callTerminator, dropTerminator, ShimBody, TERMINATE, unwindTo } from "./shim-body.ts";

const SELF: Place = mir.place(1, mir.deref());
const RESULT: Place = mir.place(0);

/** The clone shim of `ty`; `clone` is the trait's method. */
export function cloneShim(cx: TraitCx, ty: Ty, clone: FnItem): Shim {
  const params = [cx.tcx.ref("not", ty)];
  const shim = new ShimBody(params, ty);
  if (isCopy(cx, ty)) {
    const done = shim.addReturn();
    return { params, ret: ty, body: shim.finish([mir.assign(0, mir.use(mir.copy(SELF)))], mir.goto(done)) };
  }
  let start: BasicBlock;
  if (ty.kind === "array") start = cloneElements(cx, shim, ty, clone);
  else if (ty.kind === "tuple") start = cloneFields(cx, shim, ty.fields, clone);
  else if (ty.kind === "closure") start = cloneFields(cx, shim, upvarTys(cx, ty), clone);
  else throw bug(`a clone shim of ${ty.text}`);
  return { params, ret: ty, body: shim.finish([], mir.goto(start)) };
}

/** One part: borrows `from`, clones it into `to`. */
function cloneInto(
  cx: TraitCx,
  shim: ShimBody,
  part: { readonly from: Place; readonly to: Place; readonly ty: Ty; readonly clone: FnItem },
  next: BasicBlock,
  cleanup: BasicBlock | undefined,
): BasicBlock {
  const { from, to, ty, clone } = part;
  if (isCopy(cx, ty)) return shim.add(false, [mir.assign(to, mir.use(mir.copy(from)))], mir.goto(next));
  const reference = shim.newLocal(cx.tcx.ref("not", ty));
  const unwind = cleanup === undefined ? CONTINUE : unwindTo(cleanup);
  const call = callTerminator(to, mir.fnRef(clone, [ty]), [mir.move(reference)], next, unwind);
  return shim.add(false, [mir.assign(reference, mir.refTo("not", from))], call);
}

function cloneFields(cx: TraitCx, shim: ShimBody, tys: readonly Ty[], clone: FnItem): BasicBlock {
  // `cleanups[i]` drops the first `i` parts of the result, the last first.
  const resume = shim.addResume();
  const cleanups: BasicBlock[] = [resume];
  tys.forEach((ty, i) => {
    const before = cleanups[i]!;
    const part = mir.project(RESULT, mir.field(i, ty));
    cleanups.push(needsDrop(cx, ty) ? shim.add(true, [], dropTerminator(part, before, TERMINATE)) : before);
  });
  let next = shim.addReturn();
  for (let i = tys.length - 1; i >= 0; i--) {
    const elem = mir.field(i, tys[i]!);
    const part = { from: mir.project(SELF, elem), to: mir.project(RESULT, elem), ty: tys[i]!, clone };
    const cleanup = cleanups[i]!;
    next = cloneInto(cx, shim, part, next, cleanup === resume ? undefined : cleanup);
  }
  return next;
}

function cloneElements(cx: TraitCx, shim: ShimBody, ty: TyOf<"array">, clone: FnItem): BasicBlock {
  const { element } = ty;
  const index = shim.newLocal(TY_USIZE);
  const cleanup = needsDrop(cx, element) ? dropFirst(shim, mir.copy(index)) : undefined;
  const head = shim.reserve();
  const increment = mir.assign(index, mir.binary("Add", mir.copy(index), mir.constInt(TY_USIZE, 1)));
  const step = shim.add(false, [increment], mir.goto(head));
  const elem = mir.indexBy(index);
  const part = { from: mir.project(SELF, elem), to: mir.project(RESULT, elem), ty: element, clone };
  const body = cloneInto(cx, shim, part, step, cleanup);
  const done = shim.newLocal(TY_BOOL);
  const compare = mir.assign(done, mir.binary("Eq", mir.copy(index), mir.constInt(TY_USIZE, ty.length)));
  shim.set(head, false, [compare], mir.branch(mir.move(done), shim.addReturn(), body));
  return shim.add(false, [mir.assign(index, mir.use(mir.constInt(TY_USIZE, 0)))], mir.goto(head));
}

/** The cleanup blocks that drop the first `count` elements of the result. */
function dropFirst(shim: ShimBody, count: Operand): BasicBlock {
  const resume = shim.addResume();
  const at = shim.newLocal(TY_USIZE);
  const head = shim.reserve();
  const increment = mir.assign(at, mir.binary("Add", mir.copy(at), mir.constInt(TY_USIZE, 1)));
  const step = shim.add(true, [increment], mir.goto(head));
  const drop = shim.add(true, [], dropTerminator(mir.project(RESULT, mir.indexBy(at)), step, TERMINATE));
  const done = shim.newLocal(TY_BOOL);
  const compare = mir.assign(done, mir.binary("Eq", mir.copy(at), count));
  shim.set(head, true, [compare], mir.branch(mir.move(done), resume, drop));
  return shim.add(true, [mir.assign(at, mir.use(mir.constInt(TY_USIZE, 0)))], mir.goto(head));
}
