/**
 * Lowering of conversions: integer widths, integers and floats, bit casts.
 *
 * `ireduce` and integer bit casts are no instructions (see the look-through of `machinst/lower.ts`).
 *
 * Float to integer saturates, and NaN gives 0. `cvttss2si`/`cvttsd2si` give the least integer for everything that does not fit; narrow and
 * unsigned 32-bit targets are clamped as `f64`, which holds their limits exactly; wider ones are corrected afterwards by comparisons with the limits.
 */

import { NONE } from "../../../../entity/entity.ts";
import { Op, Type } from "../../ir/opcodes.ts";
import type { LowerContext } from "../../machinst/lower.ts";
import { load, type Rule } from "../../machinst/rules.ts";
import { CLASS_FLOAT, CLASS_INT } from "../../regalloc/function.ts";
import { type ByType, form, I8_I16, I32_I64, TYPE_BITS, WIDE } from "./families.ts";
import { type AMode, defEarly, mem1, move, newAMode, Pseudo, reg2, reg3, useLate, zero } from "./inst.ts";
import { CC } from "./instructions.ts";
import { extended32, imm64Reg, sinkLoad } from "./lower-alu.ts";
import { callRuntime } from "./lower-call.ts";
import { ucomis } from "./lower-compare.ts";
import { loadConstant } from "./lower-float.ts";

const AM: AMode = newAMode();
const SINGLE = Type.F32;
const DOUBLE = Type.F64;

// --- Between integer widths ------------------------------------------------------------------------------------------

/** To 64 bits, by type of the source: zero extension needs only the 32-bit forms. */
const ZERO_EXTEND: ByType = [-1, form("movzbl_rm"), form("movzwl_rm"), form("movl_rm"), form("movq_rm")];
const SIGN_EXTEND: ByType = [-1, form("movsbq_rm"), form("movswq_rm"), form("movslq_rm"), form("movq_rm")];
/** To 32 bits: shorter, where the result is not wider. */
const SIGN_EXTEND_32: ByType = [-1, form("movsbl_rm"), form("movswl_rm"), form("movl_rm"), -1];

function extendForm(signed: boolean, from: number, to: number): number {
  if (!signed) return ZERO_EXTEND[from]!;
  return (to <= Type.I32 ? SIGN_EXTEND_32 : SIGN_EXTEND)[from]!;
}

/** `value` extended into the 64-bit register `to`. */
function extendTo(cx: LowerContext, value: number, signed: boolean, type: number, to: number): void {
  const from = cx.fn.valueType[value]!;
  if (from === Type.I64) move(cx, CLASS_INT, cx.use(value), to);
  else reg2(cx, extendForm(signed, from, type), to, cx.use(value));
}

function emitExtend(signed: boolean): Rule["emit"] {
  return (cx, i) => extendTo(cx, cx.arg(i, 0), signed, cx.fn.type[i]!, cx.result(i));
}

/** The extension of a load that nobody else uses: of memory. */
function extendLoadRule(name: string, op: number, signed: boolean): Rule {
  return {
    name,
    op,
    types: [Type.I16, Type.I32, Type.I64],
    match: [load],
    priority: 20,
    emit: (cx, i) => {
      const loadInst = cx.bind[0]!;
      const from = cx.fn.type[loadInst]!;
      sinkLoad(cx, loadInst, AM);
      mem1(cx, extendForm(signed, from, cx.fn.type[i]!), AM, cx.result(i));
    },
  };
}

function emitWideExtend(signed: boolean): Rule["emit"] {
  return (cx, i) => {
    const value = cx.arg(i, 0);
    if (!signed) {
      if (cx.isLowUsed(i)) extendTo(cx, value, false, Type.I64, cx.result(i));
      if (cx.isHighUsed(i)) move(cx, CLASS_INT, zero(cx), cx.resultHigh(i));
      return;
    }
    extendTo(cx, value, true, Type.I64, cx.result(i));
    if (cx.isHighUsed(i)) reg2(cx, form("sarq_mi"), cx.result(i), cx.resultHigh(i), 63);
  };
}

/** A register with an integer of up to 64 bits extended to 64. */
function extended64(cx: LowerContext, value: number, signed: boolean): number {
  const from = cx.fn.valueType[value]!;
  if (from === Type.I64) return cx.use(value);
  const to = cx.tmp();
  reg2(cx, extendForm(signed, from, Type.I64), to, cx.use(value));
  return to;
}

// --- Integer to float ------------------------------------------------------------------------------------------------

/** `cvtsi2ss`/`cvtsi2sd` from 64 or 32 bits. */
function fromInt(type: number, isQuad: boolean): number {
  if (type === SINGLE) return isQuad ? form("cvtsi2ssq_rm") : form("cvtsi2ssl_rm");
  return isQuad ? form("cvtsi2sdq_rm") : form("cvtsi2sdl_rm");
}

function emitFromSint(cx: LowerContext, i: number): void {
  const value = cx.arg(i, 0);
  const from = cx.fn.valueType[value]!;
  const to = cx.fn.type[i]!;
  if (from === Type.I128) {
    const symbol = to === SINGLE ? "__floattisf" : "__floattidf";
    callRuntime(cx, symbol, [cx.use(value), cx.useHigh(value)], [cx.result(i), NONE]);
    return;
  }
  reg2(cx, fromInt(to, from === Type.I64), cx.result(i), extended32(cx, value, true));
}

function emitFromUint(cx: LowerContext, i: number): void {
  const value = cx.arg(i, 0);
  const from = cx.fn.valueType[value]!;
  const to = cx.fn.type[i]!;
  if (from === Type.I128) {
    const symbol = to === SINGLE ? "__floatuntisf" : "__floatuntidf";
    callRuntime(cx, symbol, [cx.use(value), cx.useHigh(value)], [cx.result(i), NONE]);
    return;
  }
  if (from <= Type.I16) {
    reg2(cx, fromInt(to, false), cx.result(i), extended32(cx, value, false));
    return;
  }
  if (from === Type.I32) {
    reg2(cx, fromInt(to, true), cx.result(i), extended64(cx, value, false));
    return;
  }
  // Read after the first write, hence late; the results are early for the same reason.
  const src = cx.use(value);
  const [tmp1, tmp2] = [cx.tmp(), cx.tmp()];
  cx.builder.inst(to === SINGLE ? Pseudo.CVT_U64_F32 : Pseudo.CVT_U64_F64);
  useLate(cx, CLASS_INT, src);
  defEarly(cx, CLASS_FLOAT, cx.result(i));
  defEarly(cx, CLASS_INT, tmp1);
  defEarly(cx, CLASS_INT, tmp2);
}

// --- Float to integer ------------------------------------------------------------------------------------------------

const FLOAT_WORDS = new DataView(new ArrayBuffer(8));

/** A register with a float constant of `type`. */
function floatReg(cx: LowerContext, type: number, value: number): number {
  const dst = cx.tmpFloat();
  cx.builder.startAhead();
  if (type === SINGLE) {
    FLOAT_WORDS.setFloat32(0, value, true);
    loadConstant(cx, type, FLOAT_WORDS.getInt32(0, true), 0, dst);
  } else {
    FLOAT_WORDS.setFloat64(0, value, true);
    loadConstant(cx, type, FLOAT_WORDS.getInt32(0, true), FLOAT_WORDS.getInt32(4, true), dst);
  }
  cx.builder.endAhead();
  return dst;
}

/** `cvttss2si`/`cvttsd2si` to 64 or 32 bits. */
function toInt(type: number, isQuad: boolean): number {
  if (type === SINGLE) return isQuad ? form("cvttss2siq_rm") : form("cvttss2sil_rm");
  return isQuad ? form("cvttsd2siq_rm") : form("cvttsd2sil_rm");
}

/** The value as an `f64`, exactly. */
function asDouble(cx: LowerContext, value: number): number {
  const src = cx.use(value);
  if (cx.fn.valueType[value] === DOUBLE) return src;
  const dst = cx.tmpFloat();
  reg2(cx, form("cvtss2sd_rm"), dst, src);
  return dst;
}

/** Clamps to the limits of a target of up to 32 bits. `max(x, least)` is `least` for NaN. */
function clamped(cx: LowerContext, value: number, least: number, greatest: number): number {
  const [atLeast, both] = [cx.tmpFloat(), cx.tmpFloat()];
  reg3(cx, form("maxsd_rm"), asDouble(cx, value), atLeast, floatReg(cx, DOUBLE, least));
  reg3(cx, form("minsd_rm"), atLeast, both, floatReg(cx, DOUBLE, greatest));
  return both;
}

/** `dst = NaN ? 0 : from`. */
function zeroIfNan(cx: LowerContext, type: number, src: number, from: number, dst: number): void {
  const none = zero(cx);
  reg2(cx, ucomis(type), src, src);
  reg3(cx, form("cmovq_rm"), from, dst, none, 0, CC.P);
}

function emitToSint(cx: LowerContext, i: number): void {
  const value = cx.arg(i, 0);
  const from = cx.fn.valueType[value]!;
  const to = cx.fn.type[i]!;
  const raw = cx.tmp();
  if (to <= Type.I32) {
    const bits = TYPE_BITS[to]!;
    reg2(cx, toInt(DOUBLE, false), raw, clamped(cx, value, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1));
    zeroIfNan(cx, from, cx.use(value), raw, cx.result(i));
    return;
  }
  // Too small already gives the least value; too great must give the greatest.
  const src = cx.use(value);
  const upper = cx.tmp();
  const greatest = imm64Reg(cx, -1, 2 ** 31 - 1);
  reg2(cx, toInt(from, true), raw, src);
  reg2(cx, ucomis(from), src, floatReg(cx, from, 2 ** 63));
  reg3(cx, form("cmovq_rm"), raw, upper, greatest, 0, CC.AE);
  zeroIfNan(cx, from, src, upper, cx.result(i));
}

function emitToUint(cx: LowerContext, i: number): void {
  const value = cx.arg(i, 0);
  const to = cx.fn.type[i]!;
  if (to <= Type.I32) {
    reg2(cx, toInt(DOUBLE, true), cx.result(i), clamped(cx, value, 0, 2 ** TYPE_BITS[to]! - 1));
    return;
  }
  // Of x and x - 2^63 the conversion that fits: where the first does not, it has the sign bit alone, which is the one to add.
  const from = cx.fn.valueType[value]!;
  const src = cx.use(value);
  const [low, high, less, signs, upper, either] = [cx.tmp(), cx.tmp(), cx.tmpFloat(), cx.tmp(), cx.tmp(), cx.tmp()];
  const isSingle = from === SINGLE;
  reg2(cx, toInt(from, true), low, src);
  reg3(cx, isSingle ? form("subss_rm") : form("subsd_rm"), src, less, floatReg(cx, from, 2 ** 63));
  reg2(cx, toInt(from, true), high, less);
  reg2(cx, form("sarq_mi"), low, signs, 63);
  reg3(cx, form("andq_rm"), high, upper, signs);
  reg3(cx, form("orq_rm"), upper, either, low);
  // Below 0 and NaN: 0. At 2^64 and above: all ones; NaN, which sets CF, is not above.
  const [notNegative, ones, none] = [cx.tmp(), imm64Reg(cx, -1, -1), zero(cx)];
  reg2(cx, ucomis(from), src, floatReg(cx, from, 0));
  reg3(cx, form("cmovq_rm"), either, notNegative, none, 0, CC.B);
  reg2(cx, ucomis(from), src, floatReg(cx, from, 2 ** 64));
  reg3(cx, form("cmovq_rm"), notNegative, cx.result(i), ones, 0, CC.AE);
}

/** To 128 bits: the runtime's conversion, which is right for what fits, then corrections. */
function emitToWide(cx: LowerContext, i: number, signed: boolean): void {
  const value = cx.arg(i, 0);
  const from = cx.fn.valueType[value]!;
  const src = cx.use(value);
  const symbol = `__fix${signed ? "" : "uns"}${from === SINGLE ? "sf" : "df"}ti`;
  const [rawLow, rawHigh] = [cx.tmp(), cx.tmp()];
  callRuntime(cx, symbol, [src, NONE], [rawLow, rawHigh]);
  const [low, high] = [cx.result(i), cx.resultHigh(i)];
  const cmov = form("cmovq_rm");
  const choose = (
    cc: number,
    a: readonly [number, number],
    b: readonly [number, number],
    to: readonly [number, number],
  ): void => {
    reg3(cx, cmov, a[0], to[0], b[0], 0, cc);
    reg3(cx, cmov, a[1], to[1], b[1], 0, cc);
  };
  const ones = imm64Reg(cx, -1, -1);
  const none = zero(cx);
  const pair = (): readonly [number, number] => [cx.tmp(), cx.tmp()];
  const [atMost, atLeast] = [pair(), pair()];
  // 2^128 is no finite f32: only infinity is not below it.
  const limit = floatReg(cx, from, signed ? 2 ** 127 : from === SINGLE ? Number.POSITIVE_INFINITY : 2 ** 128);
  const greatest = [ones, signed ? imm64Reg(cx, -1, 2 ** 31 - 1) : ones] as const;
  const least = [none, signed ? imm64Reg(cx, 0, -(2 ** 31)) : none] as const;
  reg2(cx, ucomis(from), src, limit);
  choose(CC.AE, [rawLow, rawHigh], greatest, atMost);
  reg2(cx, ucomis(from), src, floatReg(cx, from, signed ? -(2 ** 127) : 0));
  choose(CC.B, atMost, least, atLeast);
  reg2(cx, ucomis(from), src, src);
  choose(CC.P, atLeast, [none, none], [low, high]);
}

// --- Bit casts -------------------------------------------------------------------------------------------------------

function emitBitcast(cx: LowerContext, i: number): void {
  const value = cx.arg(i, 0);
  const from = cx.fn.valueType[value]!;
  const to = cx.fn.type[i]!;
  const [src, dst] = [cx.use(value), cx.result(i)];
  if (to === SINGLE) reg2(cx, form("movd_rm"), dst, src);
  else if (to === DOUBLE) reg2(cx, form("movq_xr"), dst, src);
  else if (from === SINGLE) reg2(cx, form("movd_mr"), dst, src);
  else reg2(cx, form("movq_rx"), dst, src);
}

export const CONVERT_RULES: readonly Rule[] = [
  extendLoadRule("uextend.load", Op.uextend, false),
  extendLoadRule("sextend.load", Op.sextend, true),
  { name: "uextend", op: Op.uextend, types: [...I8_I16, ...I32_I64], emit: emitExtend(false) },
  { name: "sextend", op: Op.sextend, types: [...I8_I16, ...I32_I64], emit: emitExtend(true) },
  { name: "uextend.i128", op: Op.uextend, types: WIDE, emit: emitWideExtend(false) },
  { name: "sextend.i128", op: Op.sextend, types: WIDE, emit: emitWideExtend(true) },
  { name: "fcvt_from_sint", op: Op.fcvtFromSint, emit: emitFromSint },
  { name: "fcvt_from_uint", op: Op.fcvtFromUint, emit: emitFromUint },
  { name: "fcvt_to_sint_sat.i128", op: Op.fcvtToSint, types: WIDE, emit: (cx, i) => emitToWide(cx, i, true) },
  { name: "fcvt_to_uint_sat.i128", op: Op.fcvtToUint, types: WIDE, emit: (cx, i) => emitToWide(cx, i, false) },
  { name: "fcvt_to_sint_sat", op: Op.fcvtToSint, types: [...I8_I16, ...I32_I64], emit: emitToSint },
  { name: "fcvt_to_uint_sat", op: Op.fcvtToUint, types: [...I8_I16, ...I32_I64], emit: emitToUint },
  { name: "bitcast", op: Op.bitcast, emit: emitBitcast },
];
