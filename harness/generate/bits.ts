/**
 * Actions on integers through intrinsics: bit counts and permutations, rotations, saturation, wide and unchecked arithmetic.
 */

import {
  type Local,
  type Operand,
  TY_BOOL,
  TY_I8,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  TY_U128,
  TY_USIZE,
  type Ty,
} from "../../codegen/index.ts";
import { constInt, randomDivisor, scalarBits } from "./constants.ts";
import { callIntrinsic, copyAt, deliver, fieldElem } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import {
  binary,
  bounded,
  cast,
  condition,
  copyOf,
  masked,
  moveOf,
  operand,
  reusable,
  store,
  temp,
  unary,
  use,
  variable,
} from "./operands.ts";
import { nonZero, safeOperands } from "./scalars.ts";

/** `fn(T) -> u32` */
const COUNTS: readonly string[] = ["ctpop", "ctlz", "cttz"];
/** `fn(T) -> T` */
const PERMUTATIONS: readonly string[] = ["bswap", "bitreverse"];
/** `fn(T, u32) -> T` */
const ROTATIONS: readonly string[] = ["rotate_left", "rotate_right"];
/** `fn(T, T) -> T` */
const BINARY: readonly string[] = ["saturating_add", "saturating_sub", "wrapping_add", "wrapping_sub", "wrapping_mul"];

/** An intrinsic that is defined for all arguments. */
export function bitIntrinsic(cx: FnCx): void {
  const ty = cx.types.int();
  switch (cx.rng.below(5)) {
    case 0:
      deliver(cx, callIntrinsic(cx, cx.rng.pick(COUNTS), [ty], [variable(cx, ty)]), TY_U32);
      return;
    case 1:
      deliver(cx, callIntrinsic(cx, cx.rng.pick(PERMUTATIONS), [ty], [variable(cx, ty)]), ty);
      return;
    case 2:
      deliver(cx, callIntrinsic(cx, cx.rng.pick(ROTATIONS), [ty], [variable(cx, ty), operand(cx, TY_U32)]), ty);
      return;
    case 3: {
      const any = cx.types.any(30);
      const args = [condition(cx), reusable(cx, any), reusable(cx, any)];
      deliver(cx, callIntrinsic(cx, "select_unpredictable", [any], args), any);
      return;
    }
    default:
      deliver(cx, callIntrinsic(cx, cx.rng.pick(BINARY), [ty], [variable(cx, ty), reusable(cx, ty)]), ty);
  }
}

/** An intrinsic with a precondition, on arguments made to meet it. */
export function guardedIntrinsic(cx: FnCx): void {
  const ty = cx.types.int();
  const call = (name: string, args: readonly Operand[], ret: Ty = ty, tyArgs: readonly Ty[] = [ty]): void =>
    deliver(cx, callIntrinsic(cx, name, tyArgs, args), ret);
  switch (cx.rng.below(7)) {
    case 0: {
      const some = temp(cx, ty, binary("BitOr", reusable(cx, ty), constInt(ty, cx.rng.pick([1, 2, 64]))));
      call(cx.rng.pick(["ctlz_nonzero", "cttz_nonzero"]), [copyOf(some)], TY_U32);
      return;
    }
    case 1: {
      const small = masked(cx, reusable(cx, ty), ty, Math.max(1, (scalarBits(ty) >> 1) - 1));
      const by = constInt(ty, cx.rng.pick([1, 2, 3, 5, 7]));
      call("exact_div", [
        copyOf(
          temp(cx, ty, binary("Mul", copyOf(temp(cx, ty, binary("Shr", copyOf(small), constInt(TY_U32, 1)))), by)),
        ),
        by,
      ]);
      return;
    }
    case 2:
      call(cx.rng.pick(["unchecked_div", "unchecked_rem"]), [
        variable(cx, ty),
        cx.rng.chance(50) ? nonZero(cx, ty) : randomDivisor(cx.rng, ty),
      ]);
      return;
    case 3: {
      const [name, op] = cx.rng.pick([
        ["unchecked_add", "Add"],
        ["unchecked_sub", "Sub"],
        ["unchecked_mul", "Mul"],
      ] as const);
      call(name, safeOperands(cx, op, ty));
      return;
    }
    case 4: {
      const amountTy = cx.types.int();
      const limit = Math.min(scalarBits(ty), 64, 2 ** (scalarBits(amountTy) - 1));
      call(cx.rng.pick(["unchecked_shl", "unchecked_shr"]), [reusable(cx, ty), bounded(cx, amountTy, limit)], ty, [
        ty,
        amountTy,
      ]);
      return;
    }
    case 5: {
      const mask = temp(cx, ty, use(operand(cx, ty)));
      const rest = temp(cx, ty, unary("Not", copyOf(mask)));
      const parts = [mask, rest].map((m) => moveOf(temp(cx, ty, binary("BitAnd", reusable(cx, ty), copyOf(m)))));
      call("disjoint_bitor", parts);
      return;
    }
    default: {
      const wide = cx.rng.pick([TY_U8, TY_U16, TY_U32, TY_U64, TY_U128, TY_USIZE]);
      const name = cx.rng.pick(["unchecked_funnel_shl", "unchecked_funnel_shr"]);
      const by = bounded(cx, TY_U32, scalarBits(wide));
      call(name, [reusable(cx, wide), reusable(cx, wide), by], wide, [wide]);
    }
  }
}

/** Intrinsics with a pair as their result, and those that compare. */
export function wideningIntrinsic(cx: FnCx): void {
  const ty = cx.types.int();
  const { tcx } = cx.types;
  switch (cx.rng.below(4)) {
    case 0: {
      const unsigned = unsignedOf(ty);
      const args = [variable(cx, ty), reusable(cx, ty), reusable(cx, ty), reusable(cx, ty)];
      const pair: Local = callIntrinsic(cx, "carrying_mul_add", [ty, unsigned], args);
      store(cx, unsigned, use(copyAt(pair, fieldElem(0, unsigned))));
      store(cx, ty, use(copyAt(pair, fieldElem(1, ty))));
      return;
    }
    case 1: {
      const ordering = tcx.adt(cx.types.ordering);
      const made = callIntrinsic(cx, "three_way_compare", [ty], [variable(cx, ty), reusable(cx, ty)]);
      store(cx, TY_I8, cast("Transmute", copyOf(made), TY_I8));
      cx.define(made, ordering);
      return;
    }
    case 2: {
      const unsigned = unsignedOf(ty);
      deliver(
        cx,
        callIntrinsic(cx, "carryless_mul", [unsigned], [variable(cx, unsigned), reusable(cx, unsigned)]),
        unsigned,
      );
      return;
    }
    default: {
      const name = cx.rng.pick(["add_with_overflow", "sub_with_overflow", "mul_with_overflow"]);
      const pair = callIntrinsic(cx, name, [ty], [variable(cx, ty), reusable(cx, ty)]);
      store(cx, TY_BOOL, use(copyAt(pair, fieldElem(1, TY_BOOL))));
      cx.define(pair, tcx.tuple([ty, TY_BOOL]));
    }
  }
}

/** The unsigned integer type of the same width. */
function unsignedOf(ty: Ty): Ty {
  if (ty.kind !== "int") return ty;
  const byWidth: Readonly<Record<string, Ty>> = {
    8: TY_U8,
    16: TY_U16,
    32: TY_U32,
    64: TY_U64,
    128: TY_U128,
    size: TY_USIZE,
  };
  return byWidth[String(ty.width)]!;
}
