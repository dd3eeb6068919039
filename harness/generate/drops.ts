/**
 * Actions on drops: scopes, drop flags, moves out of fields, replacement, containers whose glue drops their parts.
 *
 * A drop terminator always runs: where ownership depends on data, a flag decides, as drop elaboration has it.
 */

import { type Local, type Operand, type Rvalue, TY_BOOL, type Ty, type TyOf } from "../../codegen/index.ts";
import { constBits } from "./constants.ts";
import { branch, select } from "./control.ts";
import {
  consume,
  type Droppable,
  droppable,
  dropScope,
  newDroppable,
  ownedLocal,
  tagOf,
  touch,
  withCleanup,
} from "./droppable.ts";
import {
  accumulator,
  affordable,
  at,
  DEREF,
  deliver,
  fieldElem,
  ifThenElse,
  mix,
  mixScalar,
  rawTo,
  someCode,
  spend,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { intrinsic } from "./intrinsics.ts";
import {
  callTo,
  cast,
  condition,
  copyOf,
  fnConst,
  moveOf,
  operand,
  placeOf,
  reusable,
  temp,
  unitPlace,
  use,
} from "./operands.ts";
import { implement, objectTrait } from "./traits.ts";

const COST = 30;

/** Drops write events: not in hot loops. */
function tooCostly(cx: FnCx): boolean {
  if (cx.multiplicity > 16 || cx.nesting > 4 || !affordable(cx, COST * 2)) {
    select(cx);
    return true;
  }
  spend(cx, COST);
  return false;
}

/** An owned value in a scope with random code, which may leave it early. */
export function ownedScope(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const d = droppable(cx);
  const owned = ownedLocal(cx, d);
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  cx.nesting++;
  dropScope(cx, at(owned), () => {
    someCode(cx, 1, 3);
    touch(cx, at(owned), d);
    mixScalar(cx, acc, ty, { kind: "copy", place: tagOf(at(owned), d) }, d.tag);
  });
  cx.nesting--;
  deliver(cx, acc, ty);
}

/** `let x; if c { x = D }  …  if d { consume(x) }`: whether it is dropped at the end, a flag knows. */
export function dropFlag(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const d = droppable(cx);
  const x = cx.newLocal(d.ty);
  const flag = temp(cx, TY_BOOL, use(constBits(TY_BOOL, 0n)));
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  const [first, second] = [temp(cx, TY_BOOL, use(condition(cx))), temp(cx, TY_BOOL, use(condition(cx)))];
  const setFlag = (bit: bigint): void => cx.assign(placeOf(flag), use(constBits(TY_BOOL, bit)));
  ifThenElse(
    cx,
    moveOf(first),
    () => {
      cx.assign(placeOf(x), newDroppable(cx, d));
      setFlag(1n);
    },
    () => {},
  );
  const dropIfFlagged = (): void => {
    const [owned, done] = [cx.newBlock(), cx.newBlock()];
    branch(cx, copyOf(flag), owned, done);
    cx.enter(owned);
    cx.drop(placeOf(x));
    cx.fallInto(done);
  };
  withCleanup(
    cx,
    () => {
      const both = temp(cx, TY_BOOL, { kind: "binary", op: "BitAnd", left: copyOf(flag), right: moveOf(second) });
      ifThenElse(
        cx,
        moveOf(both),
        () => {
          setFlag(0n);
          consume(cx, d, at(x), acc, ty);
        },
        () => {},
      );
    },
    dropIfFlagged,
  );
  dropIfFlagged();
  deliver(cx, acc, ty);
}

/** One field of a struct or tuple moved out, the others dropped where they are. */
export function dropMoveField(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const [a, b] = [droppable(cx), droppable(cx)];
  const plain = cx.types.scalar();
  const tuple = cx.types.tcx.tuple([a.ty, plain, b.ty]);
  const operands: Operand[] = [moveOf(ownedLocal(cx, a)), reusable(cx, plain), moveOf(ownedLocal(cx, b))];
  const whole = temp(cx, tuple, { kind: "aggregate", aggregate: { kind: "tuple" }, operands });
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  const [first, last] = [at(whole, fieldElem(0, a.ty)), at(whole, fieldElem(2, b.ty))];
  const [moved, movedTy, left] = cx.rng.chance(50) ? [first, a, last] : [last, b, first];
  withCleanup(
    cx,
    () => consume(cx, movedTy, moved, acc, ty),
    () => cx.drop(left),
  );
  mixScalar(cx, acc, ty, { kind: "copy", place: at(whole, fieldElem(1, plain)) }, plain);
  // What was moved out may be put back: then all of it is dropped.
  if (cx.rng.chance(40)) {
    cx.assign(moved, newDroppable(cx, movedTy));
    cx.drop(placeOf(whole));
  } else cx.drop(left);
  deliver(cx, acc, ty);
}

/** `x = D { … }` over an old value: that one is dropped first, in a loop now and then. */
export function dropReplace(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const d = droppable(cx);
  const owned = ownedLocal(cx, d);
  for (let n = cx.rng.between(1, 2); n > 0; n--) {
    const fresh = temp(cx, d.ty, newDroppable(cx, d));
    cx.drop(placeOf(owned));
    cx.assign(placeOf(owned), use(moveOf(fresh)));
    someCode(cx, 0, 1);
    touch(cx, at(owned), d);
  }
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  consume(cx, d, at(owned), acc, ty);
  deliver(cx, acc, ty);
}

/** An array, a tuple, an `Option`, a struct of droppables: their glue drops what there is. */
export function dropContainer(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const d = droppable(cx);
  const { tcx, option } = cx.types;
  if (cx.rng.chance(40)) {
    const ty = tcx.adt(option, [d.ty]) as TyOf<"adt">;
    const held = cx.newLocal(ty);
    const variant = (v: number, operands: readonly Operand[]): Rvalue => ({
      kind: "aggregate",
      aggregate: { kind: "adt", ty, def: option, variant: v },
      operands,
    });
    const cond = condition(cx);
    ifThenElse(
      cx,
      cond,
      () => cx.assign(placeOf(held), variant(1, [moveOf(ownedLocal(cx, d))])),
      () => cx.assign(placeOf(held), variant(0, [])),
    );
    dropScope(cx, at(held), () => someCode(cx, 0, 2));
    return;
  }
  const [ty, rvalue] = containerOf(cx, d);
  const held = temp(cx, ty, rvalue);
  dropScope(cx, at(held), () => {
    someCode(cx, 0, 2);
    const first =
      ty.kind === "array"
        ? ({ kind: "constantIndex", offset: 0, minLength: ty.length, fromEnd: false } as const)
        : fieldElem(0, d.ty);
    touch(cx, at(held, first), d);
  });
}

function containerOf(cx: FnCx, d: Droppable): [Ty, Rvalue] {
  const { tcx } = cx.types;
  const other = droppable(cx);
  if (cx.rng.chance(50)) {
    const length = cx.rng.between(1, 3);
    const operands: Operand[] = [];
    for (let i = 0; i < length; i++) operands.push(moveOf(ownedLocal(cx, d)));
    return [tcx.array(d.ty, length), { kind: "aggregate", aggregate: { kind: "array", element: d.ty }, operands }];
  }
  const inner = tcx.tuple([other.ty, cx.types.int()]);
  const nested = temp(cx, inner, {
    kind: "aggregate",
    aggregate: { kind: "tuple" },
    operands: [moveOf(ownedLocal(cx, other)), reusable(cx, (inner as TyOf<"tuple">).fields[1]!)],
  });
  const operands = [moveOf(ownedLocal(cx, d)), moveOf(nested)];
  return [tcx.tuple([d.ty, inner]), { kind: "aggregate", aggregate: { kind: "tuple" }, operands }];
}

/** A droppable dropped through its vtable: by a drop terminator behind a `*mut dyn`, or by `drop_in_place`. */
export function dynDrop(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const { tcx } = cx.types;
  const d = droppable(cx);
  const t = objectTrait(cx);
  implement(cx, t, d.ty);
  const owned: Local = ownedLocal(cx, d);
  const wide = tcx.ptr("mut", t.dyn);
  const object = temp(cx, wide, cast("Unsize", moveOf(rawTo(cx, at(owned), d.ty)), wide));
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  const method = t.methods[0]!;
  const self = tcx.ref(method.mutability, t.dyn);
  const receiver = temp(cx, self, { kind: "ref", mutability: method.mutability, place: at(object, DEREF) });
  const result = cx.newLocal(method.ret);
  callTo(cx, fnConst(method.item, [t.dyn]), [moveOf(receiver), operand(cx, method.param)], placeOf(result));
  mixScalar(cx, acc, ty, moveOf(result), method.ret);
  if (cx.rng.chance(50)) cx.drop(at(object, DEREF));
  else callTo(cx, fnConst(intrinsic(tcx, "drop_in_place"), [t.dyn]), [copyOf(object)], unitPlace(cx));
  mix(cx, acc, operand(cx, ty));
  deliver(cx, acc, ty);
}
