/**
 * Actions that call: functions of the program directly, through pointers, themselves with less fuel; and `observe`.
 */

import {
  type FnItem,
  INTRINSICS,
  type Local,
  type Operand,
  TY_U32,
  TY_USIZE,
  type Ty,
  type TyOf,
} from "../../codegen/index.ts";
import { constInt } from "./constants.ts";
import { select } from "./control.ts";
import { canRead, canWrite, type Entry, type FnCx, type GeneratedFn, roots, type Var } from "./fn-cx.ts";
import {
  anyScalar,
  binary,
  bounded,
  callTo,
  cast,
  copyOf,
  defineAs,
  fnConst,
  fnPtrTy,
  localOf,
  makeValue,
  moveOf,
  operand,
  placeOf,
  read,
  reusable,
  temp,
  unitPlace,
  use,
} from "./operands.ts";
import { addressable, borrow, exposeRaw, rawTarget } from "./pointers.ts";

/** Arguments for `params`, with the borrows that they need, in a scope of the call. */
function makeArgs(
  cx: FnCx,
  params: readonly Ty[],
  firstIsFuel: number | undefined,
): { args: Operand[]; targets: Var[] } {
  const args: Operand[] = new Array<Operand>(params.length);
  const targets: Var[] = [];
  const pointers = params.map((ty, i) => ({ ty, i })).filter(({ ty }) => ty.kind === "ref" || ty.kind === "ptr");
  // References first, as they exclude each other; then raw pointers, which may alias; then values, which nothing may have locked.
  const order = [...pointers.filter(({ ty }) => ty.kind === "ref"), ...pointers.filter(({ ty }) => ty.kind === "ptr")];
  for (const { ty, i } of order) {
    const made = pointerArg(cx, ty as TyOf<"ref"> | TyOf<"ptr">);
    const unique = ty.kind === "ref" && ty.mutability === "mut";
    made.dead = unique;
    args[i] = unique ? moveOf(made.local) : copyOf(made.local);
    targets.push(...made.targets);
  }
  params.forEach((ty, i) => {
    if (args[i] !== undefined) return;
    args[i] =
      i === 0 && firstIsFuel !== undefined
        ? bounded(cx, ty, firstIsFuel)
        : cx.types.info(ty).isScalar
          ? operand(cx, ty)
          : reusable(cx, ty);
  });
  return { args, targets };
}

function pointerArg(cx: FnCx, ty: TyOf<"ref"> | TyOf<"ptr">): Var {
  const fits: (entry: Entry) => boolean = ty.mutability === "mut" ? canWrite : canRead;
  let entry = addressable(cx, ty.pointee, ty.kind === "ptr" ? rawTarget(cx, fits) : fits);
  if (entry === undefined) {
    defineAs(
      cx,
      ty.pointee,
      use(cx.types.info(ty.pointee).isScalar ? reusable(cx, ty.pointee) : makeValue(cx, ty.pointee)),
    );
    entry = cx.pool(cx.types.info(ty.pointee)).at(-1)!;
  }
  if (ty.kind === "ref") return borrow(cx, entry, ty.mutability);
  exposeRaw(cx, entry);
  entry.v.uses = 0;
  return defineAs(cx, ty, { kind: "rawPtr", mutability: ty.mutability, place: entry.place }, roots(entry));
}

/** Calls with arguments made here; the result is a variable afterwards. */
function call(
  cx: FnCx,
  callee: Operand,
  signature: { readonly params: readonly Ty[]; readonly ret: Ty },
  fuelLimit: number | undefined,
): void {
  const { ret } = signature;
  const info = cx.types.info(ret);
  const unit = ret.kind === "tuple" && ret.fields.length === 0;
  const result: Local | undefined = unit ? undefined : cx.newScopedLocal(ret);
  cx.calls = true;
  cx.openScope();
  const { args, targets } = makeArgs(cx, signature.params, fuelLimit);
  callTo(cx, callee, args, result === undefined ? unitPlace(cx) : placeOf(result));
  if (result !== undefined && info.hasPointer) {
    // The result points to what was lent: use it while the loan lasts.
    cx.define(result, ret, { mutable: false, targets });
    cx.act(cx.rng.between(1, 3));
  }
  cx.closeScope();
  if (result !== undefined && !info.hasPointer) cx.define(result, ret);
}

function affordable(cx: FnCx, f: GeneratedFn): boolean {
  return cx.cost + cx.multiplicity * f.cost <= cx.maxCost;
}

export function callDirect(cx: FnCx): void {
  const { recursion, rng } = cx;
  if (recursion !== undefined && recursion.left > 0 && cx.multiplicity === 1 && rng.chance(50)) {
    recursion.left--;
    callSelf(cx, recursion.item, recursion.fuel);
    return;
  }
  const fitting = cx.callees.filter((f) => affordable(cx, f));
  if (fitting.length === 0) {
    select(cx);
    return;
  }
  const f = rng.pick(fitting);
  cx.cost += cx.multiplicity * f.cost;
  call(cx, fnConst(f.item), f.item, f.fuelLimit);
}

/** Calls the function under generation with one less fuel than it has. */
export function callSelf(cx: FnCx, item: FnItem, fuel: Local): void {
  const result = cx.newScopedLocal(item.ret);
  const less = temp(cx, TY_U32, binary("Sub", copyOf(fuel), constInt(TY_U32, 1)));
  cx.openScope();
  const { args } = makeArgs(cx, item.params.slice(1), undefined);
  callTo(cx, fnConst(item), [moveOf(less), ...args], placeOf(result));
  cx.closeScope();
  cx.define(result, item.ret);
}

/** A call through a function pointer that comes from a choice, a table or a black box. */
export function callIndirect(cx: FnCx): void {
  const leaves = cx.callees.filter((f) => f.isLeaf && affordable(cx, f));
  if (leaves.length === 0) {
    select(cx);
    return;
  }
  const f = cx.rng.pick(leaves);
  const ty = fnPtrTy(cx, f.item);
  const alike = leaves.filter((g) => fnPtrTy(cx, g.item) === ty);
  cx.cost += cx.multiplicity * Math.max(...alike.map((g) => g.cost));
  const pointer = (g: GeneratedFn): Local => temp(cx, ty, cast("ReifyFnPointer", fnConst(g.item), ty));
  let callee: Local;
  if (alike.length > 1 || cx.rng.chance(30)) {
    const length = Math.max(2, alike.length);
    const slots: Operand[] = [];
    for (let i = 0; i < length; i++) slots.push(moveOf(pointer(alike[i % alike.length]!)));
    const table = temp(cx, cx.types.tcx.array(ty, length), {
      kind: "aggregate",
      aggregate: { kind: "array", element: ty },
      operands: slots,
    });
    const index = localOf(cx, TY_USIZE, bounded(cx, TY_USIZE, length));
    callee = temp(
      cx,
      ty,
      use({ kind: "copy", place: { local: table, projection: [{ kind: "index", local: index }] } }),
    );
  } else {
    callee = pointer(f);
    if (cx.rng.chance(50)) callee = blackBox(cx, ty, moveOf(callee));
  }
  call(cx, cx.rng.chance(50) ? moveOf(callee) : copyOf(callee), f.item, undefined);
}

/** `black_box::<ty>(value)` */
export function blackBox(cx: FnCx, ty: Ty, value: Operand): Local {
  const local = cx.newLocal(ty);
  callTo(cx, fnConst(INTRINSICS.blackBox, [ty]), [value], placeOf(local));
  return local;
}

/** `observe::<ty>(tag, value)` with a tag of its own. */
export function observe(cx: FnCx, ty: Ty, value: Operand): void {
  const tag = constInt(TY_U32, cx.program.nextTag++);
  callTo(cx, fnConst(INTRINSICS.observe, [ty]), [tag, value], unitPlace(cx));
}

export function observeNow(cx: FnCx): void {
  // Inside deep loops an observation costs more than it tells.
  if (cx.multiplicity > 32) {
    select(cx);
    return;
  }
  const { rng } = cx;
  if (rng.chance(35) && cx.types.aggregates.length > 0) {
    const { ty } = rng.pick(cx.types.aggregates);
    observe(cx, ty, reusable(cx, ty));
    return;
  }
  const entry = anyScalar(cx);
  if (entry !== undefined) observe(cx, entry.info.ty, read(cx, entry, false));
}
