/**
 * Lowering of `i128`: two registers, low and high.
 *
 * Carries go from one instruction to the next through the flags; the allocator's moves in between keep them. Division and
 * float conversion are calls of the runtime (see `lower-convert.ts` and `lower-call.ts`).
 */

import type { Inst } from "../../ir/function.ts";
import { Op, Type } from "../../ir/opcodes.ts";
import type { LowerContext } from "../../machinst/lower.ts";
import type { Rule } from "../../machinst/rules.ts";
import { CLASS_INT } from "../../regalloc/function.ts";
import { form, WIDE } from "./families.ts";
import { move, reg1, reg2, reg3, reg4, zero } from "./inst.ts";
import { CC } from "./instructions.ts";
import { emitClz, emitCtz, emitPopcnt } from "./lower-alu.ts";

/** Both halves of a value. */
export interface Pair {
  readonly lo: number;
  readonly hi: number;
}

export function usePair(cx: LowerContext, value: number): Pair {
  return { lo: cx.use(value), hi: cx.useHigh(value) };
}

export function resultPair(cx: LowerContext, i: number): Pair {
  return { lo: cx.result(i), hi: cx.resultHigh(i) };
}

export function tmpPair(cx: LowerContext): Pair {
  return { lo: cx.tmp(), hi: cx.tmp() };
}

const ADD = form("addq_rm");
const ADC = form("adcq_rm");
const SUB = form("subq_rm");
const SBB = form("sbbq_rm");
const XOR = form("xorq_rm");
const OR = form("orq_rm");
const AND = form("andq_rm");
const CMOV = form("cmovq_rm");
const IMUL = form("imulq_rm");
const MUL = form("mulq_m");
const SAR_IMM = form("sarq_mi");

/** `to = a op b`, `high` taking the carry of `low`. */
function carryOp(cx: LowerContext, low: number, high: number, a: Pair, b: Pair, to: Pair): void {
  reg3(cx, low, a.lo, to.lo, b.lo);
  reg3(cx, high, a.hi, to.hi, b.hi);
}

export function addPair(cx: LowerContext, a: Pair, b: Pair, to: Pair): void {
  carryOp(cx, ADD, ADC, a, b, to);
}

export function subPair(cx: LowerContext, a: Pair, b: Pair, to: Pair): void {
  carryOp(cx, SUB, SBB, a, b, to);
}

function emitPair(low: number, high: number): Rule["emit"] {
  return (cx, i) => carryOp(cx, low, high, usePair(cx, cx.arg(i, 0)), usePair(cx, cx.arg(i, 1)), resultPair(cx, i));
}

/** The 64-bit register `to` is all copies of the sign of `from`. */
function signOf(cx: LowerContext, from: number): number {
  const to = cx.tmp();
  reg2(cx, SAR_IMM, from, to, 63);
  return to;
}

/** The low 128 bits of the product. */
function multiply(cx: LowerContext, a: Pair, b: Pair, to: Pair): void {
  const top = cx.tmp();
  const [cross1, cross2, sum] = [cx.tmp(), cx.tmp(), cx.tmp()];
  reg4(cx, MUL, a.lo, to.lo, top, b.lo);
  reg3(cx, IMUL, a.hi, cross1, b.lo);
  reg3(cx, IMUL, b.hi, cross2, a.lo);
  reg3(cx, ADD, top, sum, cross1);
  reg3(cx, ADD, sum, to.hi, cross2);
}

/** `to = (a ^ sign) - sign`: `a`, or `-a` when `sign` is all ones. */
function negateIf(cx: LowerContext, a: Pair, sign: number, to: Pair): void {
  const flipped = tmpPair(cx);
  reg3(cx, XOR, a.lo, flipped.lo, sign);
  reg3(cx, XOR, a.hi, flipped.hi, sign);
  reg3(cx, SUB, flipped.lo, to.lo, sign);
  reg3(cx, SBB, flipped.hi, to.hi, sign);
}

function setcc(cx: LowerContext, cc: number): number {
  const to = cx.tmp();
  reg1(cx, form("setcc_m"), to, 0, 0, cc);
  return to;
}

function bin(cx: LowerContext, formIndex: number, a: number, b: number): number {
  const to = cx.tmp();
  reg3(cx, formIndex, a, to, b);
  return to;
}

/**
 * The product of unsigned `a` and `b` and, as an 8-bit register, whether it does not fit. It does not when both high halves are not zero, when a cross
 * product has a high half, or when adding the cross products to the top carries; of the cross products one is zero when the first is not so.
 */
function multiplyUnsigned(cx: LowerContext, a: Pair, b: Pair, to: Pair): number {
  const top = cx.tmp();
  const [cross1, over1, cross2, over2] = [cx.tmp(), cx.tmp(), cx.tmp(), cx.tmp()];
  reg2(cx, form("testq_mr"), a.hi, a.hi);
  const bothA = setcc(cx, CC.NE);
  reg2(cx, form("testq_mr"), b.hi, b.hi);
  const both = bin(cx, form("andl_rm"), bothA, setcc(cx, CC.NE));
  reg4(cx, MUL, a.hi, cross1, over1, b.lo);
  const high1 = setcc(cx, CC.O);
  reg4(cx, MUL, b.hi, cross2, over2, a.lo);
  const high2 = setcc(cx, CC.O);
  reg4(cx, MUL, a.lo, to.lo, top, b.lo);
  const sum = bin(cx, ADD, cross1, cross2);
  reg3(cx, ADD, top, to.hi, sum);
  const carry = setcc(cx, CC.B);
  const or = form("orl_rm");
  return bin(cx, or, bin(cx, or, both, high1), bin(cx, or, high2, carry));
}

/** Signed: the product of the magnitudes, negated when the signs differ; it fits when its sign is right or it is zero. */
function multiplySigned(cx: LowerContext, a: Pair, b: Pair, to: Pair): number {
  const signA = signOf(cx, a.hi);
  const signB = signOf(cx, b.hi);
  const [absA, absB, product] = [tmpPair(cx), tmpPair(cx), tmpPair(cx)];
  negateIf(cx, a, signA, absA);
  negateIf(cx, b, signB, absB);
  const over = multiplyUnsigned(cx, absA, absB, product);
  const sign = bin(cx, XOR, signA, signB);
  negateIf(cx, product, sign, to);
  // The sign bit of `to.hi ^ sign` is set when the sign is wrong.
  const wrong = bin(cx, XOR, to.hi, sign);
  reg2(cx, form("testq_mr"), wrong, wrong);
  const isWrong = setcc(cx, CC.S);
  reg3(cx, OR, product.lo, cx.tmp(), product.hi);
  const isNonZero = setcc(cx, CC.NE);
  return bin(cx, form("orl_rm"), over, bin(cx, form("andl_rm"), isWrong, isNonZero));
}

/** The high 128 bits of the unsigned 256-bit product, by schoolbook multiplication of 64-bit digits. */
function multiplyHigh(cx: LowerContext, a: Pair, b: Pair, to: Pair): void {
  const none = zero(cx);
  const [low, p00, p01, p01h, p10, p10h, p11, p11h] = Array.from({ length: 8 }, () => cx.tmp()) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  reg4(cx, MUL, a.lo, low, p00, b.lo);
  reg4(cx, MUL, a.lo, p01, p01h, b.hi);
  reg4(cx, MUL, a.hi, p10, p10h, b.lo);
  reg4(cx, MUL, a.hi, p11, p11h, b.hi);
  // Digit 1: p00 + p01 + p10; its carries go into digit 2.
  const first = cx.tmp();
  const [high1, high2, top1, top2] = [cx.tmp(), cx.tmp(), cx.tmp(), cx.tmp()];
  reg3(cx, ADD, p00, first, p01);
  reg3(cx, ADC, p11, high1, p01h);
  reg3(cx, ADC, p11h, top1, none);
  reg3(cx, ADD, first, cx.tmp(), p10);
  reg3(cx, ADC, high1, high2, p10h);
  reg3(cx, ADC, top1, top2, none);
  move(cx, CLASS_INT, high2, to.lo);
  move(cx, CLASS_INT, top2, to.hi);
}

function emitMulHigh(signed: boolean): Rule["emit"] {
  return (cx, i) => {
    const a = usePair(cx, cx.arg(i, 0));
    const b = usePair(cx, cx.arg(i, 1));
    if (!signed) {
      multiplyHigh(cx, a, b, resultPair(cx, i));
      return;
    }
    // signed high = unsigned high - (a < 0 ? b : 0) - (b < 0 ? a : 0)
    const [unsignedHigh, less1] = [tmpPair(cx), tmpPair(cx)];
    multiplyHigh(cx, a, b, unsignedHigh);
    const masked = (value: Pair, sign: number): Pair => ({
      lo: bin(cx, AND, value.lo, sign),
      hi: bin(cx, AND, value.hi, sign),
    });
    subPair(cx, unsignedHigh, masked(b, signOf(cx, a.hi)), less1);
    subPair(cx, less1, masked(a, signOf(cx, b.hi)), resultPair(cx, i));
  };
}

// --- Shifts ----------------------------------------------------------------------------------------------------------

const SHL = { mi: form("shlq_mi"), mc: form("shlq_mc"), double: form("shldq_mrc"), doubleImm: form("shldq_mri") };
const SHR = { mi: form("shrq_mi"), mc: form("shrq_mc"), double: form("shrdq_mrc"), doubleImm: form("shrdq_mri") };
const SAR = { ...SHR, mi: SAR_IMM, mc: form("sarq_mc") };
type WideShift = typeof SHL;

/** `to = flags of bit 6 of the amount ? then : otherwise`. */
function chooseByBit6(cx: LowerContext, otherwise: number, then: number, to: number): void {
  reg3(cx, CMOV, otherwise, to, then, 0, CC.NE);
}

/**
 * A shift by a variable amount: as by its low six bits, then by 64 more when bit 6 is set. `first` is the half that takes bits from the other
 * one, `second` the half that is filled, with zeros or the sign.
 */
function shiftVariable(
  cx: LowerContext,
  shift: WideShift,
  first: number,
  second: number,
  amount: number,
  toFirst: number,
  toSecond: number,
): void {
  const [moved, shifted] = [cx.tmp(), cx.tmp()];
  const fill = shift === SAR ? signOf(cx, second) : zero(cx);
  reg4(cx, shift.double, first, moved, second, amount);
  reg3(cx, shift.mc, second, shifted, amount);
  reg1(cx, form("testb_mi"), amount, 64);
  chooseByBit6(cx, moved, shifted, toFirst);
  chooseByBit6(cx, shifted, fill, toSecond);
}

/** A shift by a constant amount below 128. */
function shiftConstant(
  cx: LowerContext,
  shift: WideShift,
  first: number,
  second: number,
  amount: number,
  toFirst: number,
  toSecond: number,
): void {
  if (amount >= 64) {
    if (amount === 64) move(cx, CLASS_INT, second, toFirst);
    else reg2(cx, shift.mi, second, toFirst, amount - 64);
    if (shift === SAR) reg2(cx, SAR_IMM, second, toSecond, 63);
    else move(cx, CLASS_INT, zero(cx), toSecond);
    return;
  }
  if (amount === 0) {
    move(cx, CLASS_INT, first, toFirst);
    move(cx, CLASS_INT, second, toSecond);
    return;
  }
  reg3(cx, shift.doubleImm, first, toFirst, second, amount);
  reg2(cx, shift.mi, second, toSecond, amount);
}

/** The low 64 bits of a constant `i128`, when it is a possible amount; else -1. */
function constantAmount(cx: LowerContext, value: number): number {
  const def = cx.defBy(value, Op.iconst);
  if (def < 0) return -1;
  const bits = cx.fn.constBits(def as Inst);
  return bits < 128n ? Number(bits) : -1;
}

function emitShift(shift: WideShift, leftwards: boolean): Rule["emit"] {
  return (cx, i) => {
    const a = usePair(cx, cx.arg(i, 0));
    const to = resultPair(cx, i);
    const [first, second, toFirst, toSecond] = leftwards ? [a.hi, a.lo, to.hi, to.lo] : [a.lo, a.hi, to.lo, to.hi];
    const amount = constantAmount(cx, cx.arg(i, 1));
    if (amount >= 0) shiftConstant(cx, shift, first, second, amount, toFirst, toSecond);
    else shiftVariable(cx, shift, first, second, cx.use(cx.arg(i, 1)), toFirst, toSecond);
  };
}

/** Rotation: swap the halves when bit 6 is set, then each takes bits from the other. */
function emitRotate(double: number): Rule["emit"] {
  return (cx, i) => {
    const a = usePair(cx, cx.arg(i, 0));
    const amount = cx.use(cx.arg(i, 1));
    const to = resultPair(cx, i);
    const swapped = tmpPair(cx);
    reg1(cx, form("testb_mi"), amount, 64);
    chooseByBit6(cx, a.lo, a.hi, swapped.lo);
    chooseByBit6(cx, a.hi, a.lo, swapped.hi);
    reg4(cx, double, swapped.lo, to.lo, swapped.hi, amount);
    reg4(cx, double, swapped.hi, to.hi, swapped.lo, amount);
  };
}

// --- Bits ------------------------------------------------------------------------------------------------------------

/** Leading or trailing zeros: those of `near`, or when it is zero 64 and those of `far`. The high half is zero. */
function countZeros(cx: LowerContext, count: typeof emitClz, near: number, far: number, i: number): void {
  const [inNear, inFar, both] = [cx.tmp(), cx.tmp(), cx.tmp()];
  count(cx, Type.I64, near, inNear);
  count(cx, Type.I64, far, inFar);
  reg2(cx, form("addq_mi_sxb"), inFar, both, 64);
  reg2(cx, form("testq_mr"), near, near);
  reg3(cx, CMOV, inNear, cx.result(i), both, 0, CC.E);
  move(cx, CLASS_INT, zero(cx), cx.resultHigh(i));
}

const WIDE_BITS: readonly Rule[] = [
  {
    name: "clz.i128",
    op: Op.clz,
    types: WIDE,
    emit: (cx, i) => {
      const a = usePair(cx, cx.arg(i, 0));
      countZeros(cx, emitClz, a.hi, a.lo, i);
    },
  },
  {
    name: "ctz.i128",
    op: Op.ctz,
    types: WIDE,
    emit: (cx, i) => {
      const a = usePair(cx, cx.arg(i, 0));
      countZeros(cx, emitCtz, a.lo, a.hi, i);
    },
  },
  {
    name: "popcnt.i128",
    op: Op.popcnt,
    types: WIDE,
    emit: (cx, i) => {
      const a = usePair(cx, cx.arg(i, 0));
      const [low, high] = [cx.tmp(), cx.tmp()];
      emitPopcnt(cx, Type.I64, a.lo, low);
      emitPopcnt(cx, Type.I64, a.hi, high);
      reg3(cx, ADD, low, cx.result(i), high);
      move(cx, CLASS_INT, zero(cx), cx.resultHigh(i));
    },
  },
  {
    name: "bswap.i128",
    op: Op.bswap,
    types: WIDE,
    emit: (cx, i) => {
      const a = usePair(cx, cx.arg(i, 0));
      reg2(cx, form("bswapq_o"), a.hi, cx.result(i));
      reg2(cx, form("bswapq_o"), a.lo, cx.resultHigh(i));
    },
  },
];

// --- The table -------------------------------------------------------------------------------------------------------

export const WIDE_RULES: readonly Rule[] = [
  { name: "iadd.i128", op: Op.iadd, types: WIDE, emit: emitPair(ADD, ADC) },
  { name: "isub.i128", op: Op.isub, types: WIDE, emit: emitPair(SUB, SBB) },
  { name: "band.i128", op: Op.band, types: WIDE, emit: emitPair(AND, AND) },
  { name: "bor.i128", op: Op.bor, types: WIDE, emit: emitPair(OR, OR) },
  { name: "bxor.i128", op: Op.bxor, types: WIDE, emit: emitPair(XOR, XOR) },
  {
    name: "bnot.i128",
    op: Op.bnot,
    types: WIDE,
    emit: (cx, i) => {
      const a = usePair(cx, cx.arg(i, 0));
      reg2(cx, form("notq_m"), a.lo, cx.result(i));
      reg2(cx, form("notq_m"), a.hi, cx.resultHigh(i));
    },
  },
  {
    name: "ineg.i128",
    op: Op.ineg,
    types: WIDE,
    emit: (cx, i) => {
      // The carry of `neg` says that the low half is not zero, and is borrowed from the high one.
      const a = usePair(cx, cx.arg(i, 0));
      const carried = cx.tmp();
      reg2(cx, form("negq_m"), a.lo, cx.result(i));
      reg2(cx, form("adcq_mi_sxb"), a.hi, carried, 0);
      reg2(cx, form("negq_m"), carried, cx.resultHigh(i));
    },
  },
  {
    name: "imul.i128",
    op: Op.imul,
    types: WIDE,
    emit: (cx, i) => multiply(cx, usePair(cx, cx.arg(i, 0)), usePair(cx, cx.arg(i, 1)), resultPair(cx, i)),
  },
  { name: "umulhi.i128", op: Op.umulhi, types: WIDE, emit: emitMulHigh(false) },
  { name: "smulhi.i128", op: Op.smulhi, types: WIDE, emit: emitMulHigh(true) },
  { name: "ishl.i128", op: Op.ishl, types: WIDE, emit: emitShift(SHL, true) },
  { name: "ushr.i128", op: Op.ushr, types: WIDE, emit: emitShift(SHR, false) },
  { name: "sshr.i128", op: Op.sshr, types: WIDE, emit: emitShift(SAR, false) },
  { name: "rotl.i128", op: Op.rotl, types: WIDE, emit: emitRotate(SHL.double) },
  { name: "rotr.i128", op: Op.rotr, types: WIDE, emit: emitRotate(SHR.double) },
  ...WIDE_BITS,
];

function wideOverflow(low: number, high: number, cc: number): Rule["emit"] {
  return (cx, i) => {
    carryOp(cx, low, high, usePair(cx, cx.arg(i, 0)), usePair(cx, cx.arg(i, 1)), resultPair(cx, i));
    return cc;
  };
}

function mulOverflow(product: typeof multiplyUnsigned): Rule["emit"] {
  return (cx, i) => {
    const over = product(cx, usePair(cx, cx.arg(i, 0)), usePair(cx, cx.arg(i, 1)), resultPair(cx, i));
    reg2(cx, form("testb_mr"), over, over);
    return CC.NE;
  };
}

/** As `OVERFLOW_FLAG_RULES`. */
export const WIDE_OVERFLOW_FLAG_RULES: readonly Rule[] = [
  { name: "sadd_overflow.i128", op: Op.saddOverflow, types: WIDE, emit: wideOverflow(ADD, ADC, CC.O) },
  { name: "uadd_overflow.i128", op: Op.uaddOverflow, types: WIDE, emit: wideOverflow(ADD, ADC, CC.B) },
  { name: "ssub_overflow.i128", op: Op.ssubOverflow, types: WIDE, emit: wideOverflow(SUB, SBB, CC.O) },
  { name: "usub_overflow.i128", op: Op.usubOverflow, types: WIDE, emit: wideOverflow(SUB, SBB, CC.B) },
  { name: "smul_overflow.i128", op: Op.smulOverflow, types: WIDE, emit: mulOverflow(multiplySigned) },
  { name: "umul_overflow.i128", op: Op.umulOverflow, types: WIDE, emit: mulOverflow(multiplyUnsigned) },
];
