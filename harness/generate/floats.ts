/**
 * Actions on floats: intrinsics whose result IEEE 754 determines, and the formats of 16 and 128 bits.
 */

import {
  type BinOp,
  type Operand,
  TY_BOOL,
  TY_F16,
  TY_F32,
  TY_F64,
  TY_F128,
  TY_I16,
  TY_I32,
  TY_U8,
  TY_U16,
  TY_U64,
  type Ty,
} from "../../codegen/index.ts";
import { constInt } from "./constants.ts";
import { accumulator, callIntrinsic, deliver, mixScalar } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { FLOAT_OPERATIONS } from "./intrinsics.ts";
import { binary, cast, copyOf, moveOf, reusable, store, temp, unary, variable } from "./operands.ts";

const FORMATS: readonly Ty[] = [TY_F32, TY_F64, TY_F16, TY_F128];
/** `fabs` twice: it has two spellings. */
const OPERATIONS: readonly string[] = [...Object.keys(FLOAT_OPERATIONS), "fabs"];
/**
 * Which of two zeros comes out is open: one operand never is one. What a signalling NaN does is open too: only comparisons of the result are looked
 * at.
 */
const OPEN_ZERO: ReadonlySet<string> = new Set(["minnum", "maxnum", "minimum_number_nsz_", "maximum_number_nsz_"]);

/** A value of a float type, of any width, from live data. */
export function floatValue(cx: FnCx, ty: Ty): Operand {
  if (ty === TY_F32 || ty === TY_F64) return reusable(cx, ty);
  const from = cx.rng.pick([TY_F32, TY_F64, TY_I16, TY_I32, TY_U64]);
  const kind = from.kind === "float" ? "FloatToFloat" : "IntToFloat";
  return copyOf(temp(cx, ty, cast(kind, reusable(cx, from), ty)));
}

/** `±(|x| + 1)` of live data `x`. */
function notZero(cx: FnCx, ty: Ty): Operand {
  const one = temp(cx, ty, cast("IntToFloat", constInt(TY_U8, 1), ty));
  const size = callIntrinsic(cx, "fabs", [ty], [floatValue(cx, ty)]);
  const positive = temp(cx, ty, binary("Add", moveOf(size), moveOf(one)));
  return copyOf(cx.rng.chance(50) ? positive : temp(cx, ty, unary("Neg", moveOf(positive))));
}

/** Brings a float of any width where later code finds it: converted where the width is not one of the program's. */
function deliverFloat(cx: FnCx, value: Operand, ty: Ty): void {
  if (ty === TY_F32 || ty === TY_F64) {
    store(cx, ty, { kind: "use", operand: value });
    return;
  }
  if (cx.rng.chance(50)) {
    const to = cx.rng.pick([TY_F32, TY_F64]);
    store(cx, to, cast("FloatToFloat", value, to));
  } else {
    const to = cx.types.int();
    store(cx, to, cast("FloatToInt", value, to));
  }
}

/** A few operations of one format, each on what the one before gave and on other data. */
export function floatIntrinsic(cx: FnCx): void {
  if (cx.rng.chance(12)) {
    // In range by construction: a byte is a number of each type.
    const [float, int] = [cx.rng.pick([TY_F32, TY_F64, TY_F128, TY_F16]), cx.rng.pick([TY_I16, TY_I32, TY_U8, TY_U64])];
    const small = temp(cx, float, cast("IntToFloat", reusable(cx, TY_U8), float));
    deliver(cx, callIntrinsic(cx, "float_to_int_unchecked", [float, int], [copyOf(small)]), int);
    return;
  }
  const ty = cx.rng.pick(FORMATS);
  let value = floatValue(cx, ty);
  for (let n = cx.rng.between(3, 6); n > 0; n--) {
    const operation = cx.rng.pick(OPERATIONS);
    const args = [value];
    while (args.length < FLOAT_OPERATIONS[operation]!)
      args.push(OPEN_ZERO.has(operation) ? notZero(cx, ty) : floatValue(cx, ty));
    const result =
      operation === "fabs" && cx.rng.chance(50)
        ? callIntrinsic(cx, "fabs", [ty], args)
        : callIntrinsic(cx, `${operation}${ty.text}`, [], args);
    if (OPEN_ZERO.has(operation))
      store(cx, TY_BOOL, binary(cx.rng.pick(COMPARISONS), copyOf(result), floatValue(cx, ty)));
    else value = copyOf(result);
  }
  deliverFloat(cx, value, ty);
}

const COMPARISONS: readonly BinOp[] = ["Eq", "Ne", "Lt", "Le", "Gt", "Ge"];
const OPS: readonly BinOp[] = ["Add", "Sub", "Mul", "Div", "Add", "Sub", "Mul", "Rem"];

/** `f16` and `f128`: arithmetic, comparisons, negation, conversions from and to everything. */
export function oddFloat(cx: FnCx): void {
  const ty = cx.rng.chance(50) ? TY_F16 : TY_F128;
  let value = floatValue(cx, ty);
  for (let n = cx.rng.between(1, 3); n > 0; n--) {
    if (cx.rng.chance(20)) value = copyOf(temp(cx, ty, unary("Neg", value)));
    else value = copyOf(temp(cx, ty, binary(cx.rng.pick(OPS), value, floatValue(cx, ty))));
  }
  const pick = cx.rng.below(4);
  if (pick === 0) {
    store(cx, TY_BOOL, binary(cx.rng.pick(COMPARISONS), value, floatValue(cx, ty)));
    return;
  }
  if (pick === 1) {
    const word = cx.types.int();
    const acc = accumulator(cx, word);
    const other = ty === TY_F16 ? TY_F128 : TY_F16;
    const converted = temp(cx, other, cast("FloatToFloat", value, other));
    const to = cx.types.int();
    mixScalar(cx, acc, word, moveOf(temp(cx, to, cast("FloatToInt", moveOf(converted), to))), to);
    deliver(cx, acc, word);
    return;
  }
  if (pick === 2) {
    // Bits in, as a number: no NaN comes of ten bits of fraction and an exponent in the middle.
    const bits = temp(cx, TY_U16, binary("BitAnd", variable(cx, TY_U16), operandBits(cx)));
    const made = temp(cx, TY_F16, cast("Transmute", moveOf(bits), TY_F16));
    deliverFloat(cx, moveOf(made), TY_F16);
    return;
  }
  deliverFloat(cx, value, ty);
}

/** A mask that leaves out the highest bit of the exponent of an `f16`. */
function operandBits(cx: FnCx): Operand {
  return { kind: "const", value: { kind: "scalar", ty: TY_U16, bits: cx.rng.chance(50) ? 0xbfffn : 0x3fffn } };
}
