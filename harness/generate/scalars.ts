/**
 * Actions on integers, floats, bools and chars: plain arithmetic, guarded arithmetic, and the idioms that optimisers rewrite.
 */

import {
  type AssertKind,
  type BinOp,
  DUMMY_SP,
  type Operand,
  TY_BOOL,
  TY_CHAR,
  TY_I8,
  TY_U8,
  TY_U32,
  type Ty,
} from "../../codegen/index.ts";
import { constBits, constInt, randomConst, randomDivisor, SCALAR_TYPES, scalarBits } from "./constants.ts";
import type { FnCx } from "./fn-cx.ts";
import {
  anyScalar,
  binary,
  bounded,
  cast,
  castKind,
  comparison,
  condition,
  convert,
  copyOf,
  defineAs,
  integerEntry,
  masked,
  moveOf,
  operand,
  read,
  reusable,
  store,
  temp,
  unary,
  use,
  variable,
} from "./operands.ts";

const WRAPPING: readonly BinOp[] = ["Add", "Sub", "Mul", "BitXor", "BitAnd", "BitOr", "Add", "Sub", "BitXor"];

export function intBinary(cx: FnCx): void {
  const ty = cx.types.int();
  store(cx, ty, binary(cx.rng.pick(WRAPPING), variable(cx, ty), operand(cx, ty)));
}

export function shift(cx: FnCx): void {
  const ty = cx.types.int();
  const op: BinOp = cx.rng.chance(50) ? "Shl" : "Shr";
  // The shifted value and the amount may have different types; amounts out of range wrap.
  const amountTy = cx.rng.chance(60) ? ty : cx.types.int();
  const value = variable(cx, ty);
  const amount = cx.rng.chance(45)
    ? constInt(amountTy, cx.rng.below(Math.min(scalarBits(ty), 127)))
    : operand(cx, amountTy);
  store(cx, ty, binary(op, value, amount));
}

export function divRem(cx: FnCx): void {
  const ty = cx.types.int();
  const op: BinOp = cx.rng.chance(50) ? "Div" : "Rem";
  const left = variable(cx, ty);
  if (cx.rng.chance(cx.drawn.policy.chances.assertion * 3)) {
    const right = reusable(cx, ty);
    assertDivisible(cx, op, ty, left, right);
    store(cx, ty, binary(op, left, right));
    return;
  }
  store(cx, ty, binary(op, left, nonZero(cx, ty)));
}

/** A divisor that is neither 0 nor (signed) -1. */
export function nonZero(cx: FnCx, ty: Ty): Operand {
  const bits = cx.rng.between(1, scalarBits(ty) - 1);
  const low =
    cx.rng.chance(40) && ty.kind === "uint" ? reusable(cx, ty) : copyOf(masked(cx, reusable(cx, ty), ty, bits));
  return moveOf(temp(cx, ty, binary("BitOr", low, constInt(ty, 1))));
}

/** The checks that rustc puts before a division, as assertions that may fail. */
function assertDivisible(cx: FnCx, op: BinOp, ty: Ty, left: Operand, right: Operand): void {
  const zero = temp(cx, TY_BOOL, binary("Eq", right, constInt(ty, 0)));
  assertThat(
    cx,
    moveOf(zero),
    false,
    op === "Div" ? { kind: "divisionByZero", operand: left } : { kind: "remainderByZero", operand: left },
  );
  if (ty.kind !== "int") return;
  const minusOne = temp(cx, TY_BOOL, binary("Eq", right, constInt(ty, -1)));
  const least = temp(cx, TY_BOOL, binary("Eq", left, constBits(ty, 1n << BigInt(scalarBits(ty) - 1))));
  const both = temp(cx, TY_BOOL, binary("BitAnd", moveOf(minusOne), moveOf(least)));
  assertThat(cx, moveOf(both), false, { kind: "overflow", op, left, right });
}

/** An assert terminator; goes on in its success block. */
export function assertThat(cx: FnCx, cond: Operand, expected: boolean, message: AssertKind): void {
  const target = cx.newBlock();
  cx.terminate({ kind: "assert", cond, expected, message, target, unwind: cx.unwind, span: DUMMY_SP });
  cx.enter(target);
}

const OVERFLOWING: readonly (readonly [BinOp, BinOp])[] = [
  ["AddWithOverflow", "Add"],
  ["SubWithOverflow", "Sub"],
  ["MulWithOverflow", "Mul"],
];

export function withOverflow(cx: FnCx): void {
  const ty = cx.types.int();
  const [op, plain] = cx.rng.pick(OVERFLOWING);
  const pairTy = cx.types.tcx.tuple([ty, TY_BOOL]);
  const asserted = cx.rng.chance(30);
  const risky = cx.rng.chance(cx.drawn.policy.chances.assertion * 3);
  // An asserted operation gets operands that cannot overflow, but for a few that may panic.
  const [left, right] = asserted && !risky ? safeOperands(cx, plain, ty) : [variable(cx, ty), reusable(cx, ty)];
  if (!asserted) {
    const pair = defineAs(cx, pairTy, binary(op, left, right));
    if (cx.rng.chance(50))
      store(cx, ty, use({ kind: "copy", place: { local: pair.local, projection: [{ kind: "field", index: 0, ty }] } }));
    return;
  }
  const pair = temp(cx, pairTy, binary(op, left, right));
  assertThat(
    cx,
    { kind: "move", place: { local: pair, projection: [{ kind: "field", index: 1, ty: TY_BOOL }] } },
    false,
    { kind: "overflow", op: plain, left, right },
  );
  store(cx, ty, use({ kind: "move", place: { local: pair, projection: [{ kind: "field", index: 0, ty }] } }));
}

/** Operands on which Add, Sub or Mul of this type does not overflow. */
export function safeOperands(cx: FnCx, op: BinOp, ty: Ty): [Operand, Operand] {
  const bits = scalarBits(ty);
  const left = reusable(cx, ty);
  const right = reusable(cx, ty);
  if (op === "Mul") {
    const half = bits >> 1;
    const split = cx.rng.between(1, half - 1);
    return [copyOf(masked(cx, left, ty, half + half - 1 - split)), copyOf(masked(cx, right, ty, split))];
  }
  if (op === "Sub" && ty.kind === "uint") {
    const high = temp(cx, ty, binary("BitOr", left, constBits(ty, 1n << BigInt(bits - 1))));
    return [copyOf(high), copyOf(masked(cx, right, ty, bits - 1))];
  }
  return [copyOf(masked(cx, left, ty, bits - 2)), copyOf(masked(cx, right, ty, bits - 2))];
}

const UNCHECKED: readonly (readonly [BinOp, BinOp])[] = [
  ["AddUnchecked", "Add"],
  ["SubUnchecked", "Sub"],
  ["MulUnchecked", "Mul"],
];

export function unchecked(cx: FnCx): void {
  const ty = cx.types.int();
  if (cx.rng.chance(35)) {
    const amountTy = cx.rng.chance(60) ? ty : cx.types.int();
    const value = reusable(cx, ty);
    const limit = Math.min(scalarBits(ty), 2 ** (scalarBits(amountTy) - 1));
    const amount = cx.rng.chance(25)
      ? constInt(amountTy, cx.rng.below(Math.min(limit, 127)))
      : bounded(cx, amountTy, Math.min(limit, 64));
    store(cx, ty, binary(cx.rng.chance(50) ? "ShlUnchecked" : "ShrUnchecked", value, amount));
    return;
  }
  const [op, plain] = cx.rng.pick(UNCHECKED);
  const [left, right] = safeOperands(cx, plain, ty);
  store(cx, ty, binary(op, left, right));
}

export function compare(cx: FnCx): void {
  const roll = cx.rng.below(100);
  const ty = roll < 70 ? cx.types.int() : roll < 88 ? cx.types.scalar() : cx.rng.pick(SCALAR_TYPES);
  store(cx, TY_BOOL, comparison(cx, ty));
}

export function threeWay(cx: FnCx): void {
  const ty = cx.rng.chance(12) ? TY_CHAR : cx.types.int();
  const ordering = cx.types.tcx.adt(cx.types.ordering);
  const result = defineAs(cx, ordering, binary("Cmp", variable(cx, ty), reusable(cx, ty)));
  const how = cx.rng.below(3);
  if (how === 0) store(cx, TY_I8, { kind: "discriminant", place: { local: result.local, projection: [] } });
  if (how === 1) store(cx, TY_I8, cast("Transmute", copyOf(result.local), TY_I8));
}

export function unaryOp(cx: FnCx): void {
  const ty = cx.types.scalar();
  if (ty === TY_CHAR) {
    cast_(cx);
    return;
  }
  if (ty === TY_BOOL) {
    store(cx, ty, unary("Not", operand(cx, ty)));
    return;
  }
  const negate = ty.kind === "float" || (ty.kind === "int" && cx.rng.chance(60));
  store(cx, ty, unary(negate ? "Neg" : "Not", variable(cx, ty)));
}

export function boolLogic(cx: FnCx): void {
  const op = cx.rng.pick<BinOp>(["BitAnd", "BitOr", "BitXor", "Eq", "Ne", "Lt", "Le", "Ge", "Gt"]);
  store(cx, TY_BOOL, binary(op, condition(cx), reusable(cx, TY_BOOL)));
}

const FLOAT_OPS: readonly BinOp[] = ["Add", "Sub", "Mul", "Div", "Add", "Sub", "Mul", "Rem"];

export function floatBinary(cx: FnCx): void {
  const ty = cx.rng.chance(50) ? SCALAR_TYPES[14]! : SCALAR_TYPES[15]!;
  store(cx, ty, binary(cx.rng.pick(FLOAT_OPS), variable(cx, ty), operand(cx, ty)));
}

/** A conversion of a variable of any scalar type to any other. */
export function cast_(cx: FnCx): void {
  const source = anyScalar(cx);
  if (source === undefined) {
    intBinary(cx);
    return;
  }
  const from = source.info.ty;
  const to = cx.rng.chance(75) ? cx.types.scalar() : cx.rng.pick(SCALAR_TYPES);
  const value = read(cx, source, true);
  if (to === from) {
    store(cx, to, use(value));
    return;
  }
  if (to === TY_CHAR || to === TY_BOOL) {
    store(cx, to, use(convert(cx, value, from, to)));
    return;
  }
  if ((from === TY_CHAR || from === TY_BOOL) && to.kind === "float") {
    store(cx, to, use(convert(cx, value, from, to)));
    return;
  }
  store(cx, to, cast(castKind(from, to), value, to));
}

/** Narrowing and widening again: sign and zero extensions that must not be confused. */
export function castChain(cx: FnCx): void {
  const source = integerEntry(cx);
  if (source === undefined) {
    intBinary(cx);
    return;
  }
  let from = source.info.ty;
  let value = read(cx, source, false);
  for (let n = cx.rng.between(2, 4); n > 0; n--) {
    const to = SCALAR_TYPES[cx.rng.between(2, 13)]!;
    if (to === from) continue;
    value = moveOf(temp(cx, to, cast("IntToInt", value, to)));
    from = to;
  }
  store(cx, source.info.ty, from === source.info.ty ? use(value) : cast("IntToInt", value, source.info.ty));
}

/** The classic bit manipulations, each of which some optimiser recognises. */
export function bitTrick(cx: FnCx): void {
  const ty = cx.types.int();
  const bits = scalarBits(ty);
  const x = variable(cx, ty);
  const t = (op: BinOp, left: Operand, right: Operand): Operand => copyOf(temp(cx, ty, binary(op, left, right)));
  const k = cx.rng.between(1, Math.min(bits - 1, 120));
  switch (cx.rng.below(11)) {
    case 0: // lowest bit cleared
      {
        store(cx, ty, binary("BitAnd", x, t("Sub", x, constInt(ty, 1))));
        return;
      }
    case 1: // lowest bit alone
      {
        store(cx, ty, binary("BitAnd", x, t("Sub", constInt(ty, 0), x)));
        return;
      }
    case 2: // rotate
      {
        store(cx, ty, binary("BitOr", t("Shl", x, constInt(TY_U32, k)), t("Shr", x, constInt(TY_U32, bits - k))));
        return;
      }
    case 3: {
      // absolute value by the sign mask
      const sign = t("Shr", x, constInt(ty, Math.min(bits - 1, 127)));
      store(cx, ty, binary("Sub", t("BitXor", x, sign), sign));
      return;
    }
    case 4: {
      // average without overflow
      const y = reusable(cx, ty);
      const half = t("Shr", t("BitXor", x, y), constInt(ty, 1));
      store(cx, ty, binary("Add", t("BitAnd", x, y), half));
      return;
    }
    case 5: // shift left, then right: an extension in the register
      {
        store(cx, ty, binary("Shr", t("Shl", x, constInt(ty, k)), constInt(ty, k)));
        return;
      }
    case 6: // multiply by a power of two plus or minus one
      {
        store(
          cx,
          ty,
          binary("Mul", x, constBits(ty, BigInt.asUintN(bits, (1n << BigInt(k)) + (cx.rng.chance(50) ? 1n : -1n)))),
        );
        return;
      }
    case 7: // xorshift
      {
        store(cx, ty, binary("BitXor", x, t(cx.rng.chance(50) ? "Shr" : "Shl", x, constInt(TY_U8, k))));
        return;
      }
    case 8: // is a power of two
      {
        store(cx, TY_BOOL, binary("Eq", t("BitAnd", x, t("Sub", x, constInt(ty, 1))), constInt(ty, 0)));
        return;
      }
    case 9: {
      // a bit field
      const shifted = t("Shr", x, constInt(ty, k));
      store(cx, ty, use(moveOf(masked(cx, shifted, ty, cx.rng.between(1, bits - 1)))));
      return;
    }
    default: {
      // merge by mask
      const mask = randomConst(cx.rng, ty);
      const inverse = copyOf(temp(cx, ty, unary("Not", mask)));
      store(cx, ty, binary("BitOr", t("BitAnd", x, mask), t("BitAnd", reusable(cx, ty), inverse)));
      return;
    }
  }
}

/** Division and remainder by a constant, sometimes recombined. */
export function divConst(cx: FnCx): void {
  const ty = cx.types.int();
  const x = variable(cx, ty);
  const divisor = randomDivisor(cx.rng, ty);
  if (cx.rng.chance(50)) {
    store(cx, ty, binary(cx.rng.chance(50) ? "Div" : "Rem", x, divisor));
    return;
  }
  const quotient = temp(cx, ty, binary("Div", x, divisor));
  const product = temp(cx, ty, binary("Mul", copyOf(quotient), divisor));
  store(cx, ty, binary("Sub", x, moveOf(product)));
}

/** The same expression twice, with a write to something else between: what GVN must see through, or must not. */
export function commonSubexpression(cx: FnCx): void {
  const ty = cx.types.int();
  const op = cx.rng.pick(WRAPPING);
  const left = cx.choose(cx.types.info(ty));
  const right = reusable(cx, ty);
  if (left === undefined) {
    intBinary(cx);
    return;
  }
  const first = temp(cx, ty, binary(op, left.copy, right));
  cx.pinned++;
  if (cx.rng.chance(60)) intBinary(cx);
  cx.pinned--;
  const again = temp(cx, ty, cx.rng.chance(30) ? binary(op, right, left.copy) : binary(op, left.copy, right));
  left.v.uses += 2;
  store(cx, ty, binary(cx.rng.chance(50) ? "Sub" : "Add", moveOf(first), moveOf(again)));
}

/** A few rounds of a multiplicative hash: a long dependent chain. */
export function hashMix(cx: FnCx): void {
  const ty = cx.types.int();
  let h = variable(cx, ty);
  for (let n = cx.rng.between(2, 4); n > 0; n--) {
    h = moveOf(temp(cx, ty, binary("BitXor", h, operand(cx, ty))));
    h = moveOf(temp(cx, ty, binary("Mul", h, randomDivisor(cx.rng, ty))));
  }
  store(cx, ty, use(h));
}

/** More values alive at once than a machine has registers. */
export function pressure(cx: FnCx): void {
  const { rng } = cx;
  const ty = rng.chance(70) ? cx.types.int() : SCALAR_TYPES[rng.between(14, 15)]!;
  const ops: readonly BinOp[] = ty.kind === "float" ? ["Add", "Sub", "Mul"] : WRAPPING;
  const values: Operand[] = [];
  for (let n = rng.between(14, 22); n > 0; n--)
    values.push(copyOf(temp(cx, ty, binary(rng.pick(ops), reusable(cx, ty), reusable(cx, ty)))));
  let sum = values[0]!;
  for (let i = 1; i < values.length; i++) sum = copyOf(temp(cx, ty, binary(rng.pick(ops), sum, values[i]!)));
  store(cx, ty, use(sum));
}

/** A write that the next write makes dead. */
export function deadStore(cx: FnCx): void {
  const ty = cx.types.scalar();
  const local = cx.newScopedLocal(ty);
  cx.assign({ local, projection: [] }, use(reusable(cx, ty)));
  const value = reusable(cx, ty);
  cx.assign({ local, projection: [] }, use(value));
  cx.define(local, ty);
}

/** `assume` of something that holds. */
export function assume(cx: FnCx): void {
  const ty = cx.types.int();
  const bits = cx.rng.between(1, scalarBits(ty) - 2);
  const low = masked(cx, reusable(cx, ty), ty, bits);
  const holds = temp(cx, TY_BOOL, binary("Lt", copyOf(low), constBits(ty, 1n << BigInt(bits))));
  cx.statement({ kind: "assume", operand: moveOf(holds), span: DUMMY_SP });
  store(cx, ty, use(moveOf(low)));
}
