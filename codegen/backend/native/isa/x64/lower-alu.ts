/**
 * Lowering of integer arithmetic up to 64 bits: logic, addition, multiplication, division, shifts, bit counts, overflow.
 */

import { Op, Type } from "../../ir/opcodes.ts";
import type { LowerContext } from "../../machinst/lower.ts";
import { any, type ConstantTest, constant, inst, load, type Rule } from "../../machinst/rules.ts";
import { CLASS_INT } from "../../regalloc/function.ts";
import {
  type AluForms,
  alu,
  aluNarrow,
  type ByType,
  fitsInt8,
  form,
  I8_I16,
  I32_I64,
  INTS,
  isImm32,
  narrow,
  narrow16,
  signedImm,
  TYPE_BITS,
  widened,
} from "./families.ts";
import {
  AMODE_BASE_INDEX,
  type AMode,
  addressMode,
  baseMode,
  mem1,
  mem2,
  move,
  newAMode,
  reg1,
  reg2,
  reg3,
  reg4,
  reg5,
  zero,
} from "./inst.ts";
import { CC } from "./instructions.ts";

const AM: AMode = newAMode();

export function immOf(cx: LowerContext, value: number): number {
  const def = cx.defBy(value, Op.iconst);
  return signedImm(cx.fn.immLo[def]!, cx.fn.immHi[def]!, cx.fn.type[def]!);
}

/** Fills `AM` with the address of a load that is sunk into the instruction being put out. */
export function sinkLoad(cx: LowerContext, loadInst: number, am: AMode): AMode {
  cx.sink(loadInst);
  addressMode(cx, cx.arg(loadInst, 0), cx.fn.immLo[loadInst]!, am);
  return am;
}

const imm32 = constant(isImm32);

// --- Two operands ----------------------------------------------------------------------------------------------------

/** Puts `dst = a op imm`. */
export function aluImm(cx: LowerContext, forms: AluForms, type: number, a: number, dst: number, imm: number): void {
  reg2(cx, fitsInt8(imm) ? forms.mi8[type]! : forms.mi[type]!, a, dst, imm);
}

function emitAluReg(forms: AluForms): Rule["emit"] {
  return (cx, i) => {
    const [a, b] = [cx.arg(i, 0), cx.arg(i, 1)];
    reg3(cx, forms.rm[cx.fn.type[i]!]!, cx.use(a), cx.result(i), cx.use(b));
  };
}

/** As `emitAluReg`; the operand that is overwritten should be one that nobody else needs. */
function emitAluCommutative(forms: AluForms): Rule["emit"] {
  return (cx, i) => {
    let [a, b] = [cx.arg(i, 0), cx.arg(i, 1)];
    if (cx.useCount[a]! > 1 && cx.useCount[b] === 1) [a, b] = [b, a];
    reg3(cx, forms.rm[cx.fn.type[i]!]!, cx.use(a), cx.result(i), cx.use(b));
  };
}

function emitAluImm(forms: AluForms): Rule["emit"] {
  return (cx, i) => aluImm(cx, forms, cx.fn.type[i]!, cx.use(cx.bind[0]!), cx.result(i), immOf(cx, cx.bind[1]!));
}

function emitAluLoad(forms: AluForms): Rule["emit"] {
  return (cx, i) => {
    const form = forms.rm[cx.fn.type[i]!]!;
    const a = cx.bind[0]!;
    sinkLoad(cx, cx.bind[1]!, AM);
    mem2(cx, form, AM, cx.use(a), cx.result(i));
  };
}

const ADD = alu("add");
const SUB = alu("sub");
const AND = alu("and");
const OR = alu("or");
const XOR = alu("xor");
const LEA: ByType = widened("lea?_rm");

/** `lea` of `[a + disp]`. */
function leaDisp(cx: LowerContext, i: number, a: number, disp: number): void {
  if (cx.fn.type[i] === Type.I64) addressMode(cx, a, disp, AM);
  else baseMode(AM, cx.use(a), disp);
  mem1(cx, LEA[cx.fn.type[i]!]!, AM, cx.result(i));
}

const isSmallShift: ConstantTest = (lo) => lo >= 1 && lo <= 3;
const isNegatable: ConstantTest = (lo, hi, type) => isImm32(lo, hi, type) && signedImm(lo, hi, type) !== -(2 ** 31);

const ADD_RULES: readonly Rule[] = [
  {
    name: "iadd.imm",
    op: Op.iadd,
    types: INTS,
    match: [any, imm32],
    commute: true,
    priority: 30,
    emit: (cx, i) => leaDisp(cx, i, cx.bind[0]!, immOf(cx, cx.bind[1]!)),
  },
  {
    name: "iadd.load",
    op: Op.iadd,
    types: I32_I64,
    match: [any, load],
    commute: true,
    priority: 20,
    emit: emitAluLoad(ADD),
  },
  {
    name: "iadd.shifted",
    op: Op.iadd,
    types: I32_I64,
    match: [any, inst(Op.ishl, [any, constant(isSmallShift)])],
    commute: true,
    priority: 10,
    emit: (cx, i) => {
      const shift = immOf(cx, cx.bind[3]!);
      AM.kind = AMODE_BASE_INDEX;
      AM.base = cx.use(cx.bind[0]!);
      AM.index = cx.use(cx.bind[2]!);
      AM.shift = shift;
      AM.disp = 0;
      mem1(cx, LEA[cx.fn.type[i]!]!, AM, cx.result(i));
    },
  },
  {
    name: "iadd.slot",
    op: Op.iadd,
    types: [Type.I64],
    match: [inst(Op.stackAddr, []), any],
    commute: true,
    priority: 15,
    emit: (cx, i) => {
      addressMode(cx, cx.fn.resultStart[i]!, 0, AM);
      mem1(cx, form("leaq_rm"), AM, cx.result(i));
    },
  },
  { name: "iadd.reg", op: Op.iadd, types: INTS, emit: emitAluCommutative(ADD) },
  {
    name: "isub.imm",
    op: Op.isub,
    types: INTS,
    match: [any, constant(isNegatable)],
    priority: 30,
    emit: (cx, i) => leaDisp(cx, i, cx.bind[0]!, -immOf(cx, cx.bind[1]!)),
  },
  { name: "isub.load", op: Op.isub, types: I32_I64, match: [any, load], priority: 20, emit: emitAluLoad(SUB) },
  { name: "isub.reg", op: Op.isub, types: INTS, emit: emitAluReg(SUB) },
];

function isLowMask(bits: number): ConstantTest {
  const lo = bits === 32 ? -1 : 2 ** bits - 1;
  return (a, hi, type) => a === lo && hi === 0 && (type === Type.I64 || (type === Type.I32 && bits < 32));
}

/** `band` with a mask of the low bits: zero extension. */
function zeroExtendRule(bits: number, formIndex: number): Rule {
  return {
    name: `band.low${bits}`,
    op: Op.band,
    types: I32_I64,
    match: [any, constant(isLowMask(bits))],
    commute: true,
    priority: 40,
    emit: (cx, i) => reg2(cx, formIndex, cx.result(i), cx.use(cx.bind[0]!)),
  };
}

function logicRules(name: string, op: number, forms: AluForms): readonly Rule[] {
  return [
    { name: `${name}.imm`, op, types: INTS, match: [any, imm32], commute: true, priority: 30, emit: emitAluImm(forms) },
    {
      name: `${name}.load`,
      op,
      types: I32_I64,
      match: [any, load],
      commute: true,
      priority: 20,
      emit: emitAluLoad(forms),
    },
    { name: `${name}.reg`, op, types: INTS, emit: emitAluCommutative(forms) },
  ];
}

const NOT = widened("not?_m");
const NEG = widened("neg?_m");

const LOGIC_RULES: readonly Rule[] = [
  ...logicRules("band", Op.band, AND),
  ...logicRules("bor", Op.bor, OR),
  ...logicRules("bxor", Op.bxor, XOR),
  {
    name: "bnot.reg",
    op: Op.bnot,
    types: INTS,
    emit: (cx, i) => reg2(cx, NOT[cx.fn.type[i]!]!, cx.use(cx.arg(i, 0)), cx.result(i)),
  },
  {
    name: "ineg.reg",
    op: Op.ineg,
    types: INTS,
    emit: (cx, i) => reg2(cx, NEG[cx.fn.type[i]!]!, cx.use(cx.arg(i, 0)), cx.result(i)),
  },
];

// --- Multiplication and division -------------------------------------------------------------------------------------

const IMUL = widened("imul?_rm");
const IMUL_IMM = widened("imul?_rmi");
const IMUL_IMM8 = widened("imul?_rmi_sxb");
const MUL_WIDE = narrow("mul?_m");
const IMUL_WIDE = narrow("imul?_m");
const DIV = narrow("div?_m");
const IDIV = narrow("idiv?_m");

/** Extension to 32 bits, by type of the source. */
export const ZERO_EXTEND_32: ByType = [-1, form("movzbl_rm"), form("movzwl_rm"), form("movl_rm"), -1];
export const SIGN_EXTEND_32: ByType = [-1, form("movsbl_rm"), form("movswl_rm"), form("movl_rm"), -1];

/** A register with `value` extended to 32 bits. */
export function extended32(cx: LowerContext, value: number, signed: boolean): number {
  const type = cx.fn.valueType[value]!;
  if (type >= Type.I32) return cx.use(value);
  const dst = cx.tmp();
  reg2(cx, (signed ? SIGN_EXTEND_32 : ZERO_EXTEND_32)[type]!, dst, cx.use(value));
  return dst;
}

/** High half of the product: of the 32-bit product for narrow types, else by the widening multiplication. */
function emitMulHigh(signed: boolean): Rule["emit"] {
  return (cx, i) => {
    const type = cx.fn.type[i]!;
    const [a, b] = [cx.arg(i, 0), cx.arg(i, 1)];
    if (type >= Type.I32) {
      reg4(cx, (signed ? IMUL_WIDE : MUL_WIDE)[type]!, cx.use(a), cx.tmp(), cx.result(i), cx.use(b));
      return;
    }
    const product = cx.tmp();
    reg3(cx, form("imull_rm"), extended32(cx, a, signed), product, extended32(cx, b, signed));
    reg2(cx, form("shrl_mi"), product, cx.result(i), TYPE_BITS[type]!);
  };
}

/** The sign of the dividend, in the register of its high half. */
const SIGN_FORMS: ByType = [-1, -1, form("cwd"), form("cdq"), form("cqo")];

function emitDiv(signed: boolean, remainder: boolean): Rule["emit"] {
  const forms = signed ? IDIV : DIV;
  return (cx, i) => {
    const type = cx.fn.type[i]!;
    const [a, b] = [cx.arg(i, 0), cx.arg(i, 1)];
    const result = cx.result(i);
    if (type === Type.I8) {
      // The dividend is all of ax; the quotient comes in al, the remainder in ah.
      const ax = cx.tmp();
      reg2(cx, (signed ? SIGN_EXTEND_32 : ZERO_EXTEND_32)[type]!, ax, cx.use(a));
      if (!remainder) {
        reg3(cx, forms[type]!, ax, result, cx.use(b));
        return;
      }
      const both = cx.tmp();
      reg3(cx, forms[type]!, ax, both, cx.use(b));
      reg2(cx, form("shrl_mi"), both, result, 8);
      return;
    }
    const dividend = cx.use(a);
    let high: number;
    if (signed) {
      high = cx.tmp();
      reg2(cx, SIGN_FORMS[type]!, dividend, high);
    } else high = zero(cx);
    const other = cx.tmp();
    const [quotient, rest] = remainder ? [other, result] : [result, other];
    reg5(cx, forms[type]!, dividend, quotient, high, rest, cx.use(b));
  };
}

const MUL_DIV_RULES: readonly Rule[] = [
  {
    name: "imul.imm",
    op: Op.imul,
    types: INTS,
    match: [any, imm32],
    commute: true,
    priority: 30,
    emit: (cx, i) => {
      const type = cx.fn.type[i]!;
      const imm = immOf(cx, cx.bind[1]!);
      const forms = fitsInt8(imm) ? IMUL_IMM8 : IMUL_IMM;
      reg2(cx, forms[type]!, cx.result(i), cx.use(cx.bind[0]!), imm);
    },
  },
  {
    name: "imul.load",
    op: Op.imul,
    types: I32_I64,
    match: [any, load],
    commute: true,
    priority: 20,
    emit: (cx, i) => {
      sinkLoad(cx, cx.bind[1]!, AM);
      mem2(cx, IMUL[cx.fn.type[i]!]!, AM, cx.use(cx.bind[0]!), cx.result(i));
    },
  },
  {
    name: "imul.reg",
    op: Op.imul,
    types: INTS,
    emit: (cx, i) => reg3(cx, IMUL[cx.fn.type[i]!]!, cx.use(cx.arg(i, 0)), cx.result(i), cx.use(cx.arg(i, 1))),
  },
  { name: "umulhi", op: Op.umulhi, types: INTS, emit: emitMulHigh(false) },
  { name: "smulhi", op: Op.smulhi, types: INTS, emit: emitMulHigh(true) },
  { name: "udiv", op: Op.udiv, types: INTS, emit: emitDiv(false, false) },
  { name: "sdiv", op: Op.sdiv, types: INTS, emit: emitDiv(true, false) },
  { name: "urem", op: Op.urem, types: INTS, emit: emitDiv(false, true) },
  { name: "srem", op: Op.srem, types: INTS, emit: emitDiv(true, true) },
];

// --- Shifts ----------------------------------------------------------------------------------------------------------

interface ShiftForms {
  readonly mi: ByType;
  readonly mc: ByType;
}

const isAmount: ConstantTest = (lo, _hi, type) => lo >= 0 && lo < TYPE_BITS[type]!;
/** A mask that the processor applies to the amount anyway. */
const isShiftMask: ConstantTest = (lo, _hi, type) => (lo & (TYPE_BITS[type]! - 1)) === TYPE_BITS[type]! - 1;

function shiftRules(name: string, op: number, forms: ShiftForms): readonly Rule[] {
  return [
    {
      name: `${name}.imm`,
      op,
      types: INTS,
      match: [any, constant(isAmount)],
      priority: 30,
      emit: (cx, i) => {
        const amount = cx.fn.immLo[cx.defBy(cx.bind[1]!, Op.iconst)]!;
        reg2(cx, forms.mi[cx.fn.type[i]!]!, cx.use(cx.bind[0]!), cx.result(i), amount);
      },
    },
    {
      name: `${name}.masked`,
      op,
      types: I32_I64,
      match: [any, inst(Op.band, [any, constant(isShiftMask)])],
      priority: 20,
      emit: (cx, i) => reg3(cx, forms.mc[cx.fn.type[i]!]!, cx.use(cx.bind[0]!), cx.result(i), cx.use(cx.bind[2]!)),
    },
    {
      name: `${name}.reg`,
      op,
      types: INTS,
      emit: (cx, i) => reg3(cx, forms.mc[cx.fn.type[i]!]!, cx.use(cx.arg(i, 0)), cx.result(i), cx.use(cx.arg(i, 1))),
    },
  ];
}

const SHIFT_RULES: readonly Rule[] = [
  // Left shifts of narrow types may work on 32 bits; what is shifted in from above in the others may not.
  ...shiftRules("ishl", Op.ishl, { mi: widened("shl?_mi"), mc: widened("shl?_mc") }),
  ...shiftRules("ushr", Op.ushr, { mi: narrow("shr?_mi"), mc: narrow("shr?_mc") }),
  ...shiftRules("sshr", Op.sshr, { mi: narrow("sar?_mi"), mc: narrow("sar?_mc") }),
  ...shiftRules("rotl", Op.rotl, { mi: narrow("rol?_mi"), mc: narrow("rol?_mc") }),
  ...shiftRules("rotr", Op.rotr, { mi: narrow("ror?_mi"), mc: narrow("ror?_mc") }),
];

// --- Bits ------------------------------------------------------------------------------------------------------------

/** A register with the constant `imm`, by a move that keeps the flags. */
export function immReg(cx: LowerContext, imm: number): number {
  const dst = cx.tmp();
  cx.builder.startAhead();
  reg1(cx, form("movl_oi"), dst, imm);
  cx.builder.endAhead();
  return dst;
}

const BSR = widened("bsr?_rm");
const BSF = widened("bsf?_rm");
const CMOV = widened("cmov?_rm");

/**
 * Leading zeros of a value of `type` in `src`, zero-extended: `bsr` gives the highest set bit, and leaves ZF set for 0, where `2w - 1` takes its place.
 * `(w - 1) - x` and `x ^ (w - 1)` are one, also at `2w - 1`.
 */
export function emitClz(cx: LowerContext, type: number, src: number, dst: number): void {
  const bits = TYPE_BITS[type]!;
  const none = immReg(cx, 2 * bits - 1);
  const highest = cx.tmp();
  const chosen = cx.tmp();
  reg2(cx, BSR[type]!, highest, src);
  reg3(cx, CMOV[type]!, highest, chosen, none, 0, CC.E);
  aluImm(cx, XOR, type, chosen, dst, bits - 1);
}

/** Trailing zeros of a 32- or 64-bit value. */
export function emitCtz(cx: LowerContext, type: number, src: number, dst: number): void {
  const none = immReg(cx, TYPE_BITS[type]!);
  const lowest = cx.tmp();
  reg2(cx, BSF[type]!, lowest, src);
  reg3(cx, CMOV[type]!, lowest, dst, none, 0, CC.E);
}

/** A register with a 64-bit constant. */
export function imm64Reg(cx: LowerContext, lo: number, hi: number): number {
  const dst = cx.tmp();
  cx.builder.startAhead();
  reg1(cx, form("movq_oi"), dst, lo, hi);
  cx.builder.endAhead();
  return dst;
}

/** Masks of the parallel bit count (Warren, Hacker's Delight, 5-1): every second bit, pair, nibble; and the byte sum. */
const POPCNT_MASKS: readonly number[] = [0x55555555, 0x33333333, 0x0f0f0f0f, 0x01010101];

/** Set bits of a value of `type` (32 or 64 bits) in `src`. */
export function emitPopcnt(cx: LowerContext, type: number, src: number, dst: number): void {
  const isQuad = type === Type.I64;
  const shr = isQuad ? form("shrq_mi") : form("shrl_mi");
  const mask = (n: number): number =>
    isQuad ? imm64Reg(cx, POPCNT_MASKS[n]!, POPCNT_MASKS[n]!) : immReg(cx, POPCNT_MASKS[n]!);
  const step = (forms: AluForms, a: number, b: number): number => {
    const to = cx.tmp();
    reg3(cx, forms.rm[type]!, a, to, b);
    return to;
  };
  const shifted = (a: number, by: number): number => {
    const to = cx.tmp();
    reg2(cx, shr, a, to, by);
    return to;
  };
  const pairs = step(SUB, src, step(AND, shifted(src, 1), mask(0)));
  const pairMask = mask(1);
  const nibbles = step(ADD, step(AND, pairs, pairMask), step(AND, shifted(pairs, 2), pairMask));
  const bytes = step(AND, step(ADD, nibbles, shifted(nibbles, 4)), mask(2));
  const sum = cx.tmp();
  reg3(cx, IMUL[type]!, bytes, sum, mask(3));
  reg2(cx, shr, sum, dst, isQuad ? 56 : 24);
}

const BIT_RULES: readonly Rule[] = [
  {
    name: "clz",
    op: Op.clz,
    types: INTS,
    emit: (cx, i) => emitClz(cx, cx.fn.type[i]!, extended32(cx, cx.arg(i, 0), false), cx.result(i)),
  },
  {
    name: "ctz",
    op: Op.ctz,
    types: I32_I64,
    emit: (cx, i) => emitCtz(cx, cx.fn.type[i]!, cx.use(cx.arg(i, 0)), cx.result(i)),
  },
  {
    name: "ctz.narrow",
    op: Op.ctz,
    types: I8_I16,
    emit: (cx, i) => {
      // A bit above the value stops the search.
      const stopped = cx.tmp();
      aluImm(cx, OR, Type.I32, cx.use(cx.arg(i, 0)), stopped, 1 << TYPE_BITS[cx.fn.type[i]!]!);
      reg2(cx, form("bsfl_rm"), cx.result(i), stopped);
    },
  },
  {
    name: "popcnt",
    op: Op.popcnt,
    types: INTS,
    emit: (cx, i) =>
      emitPopcnt(cx, Math.max(cx.fn.type[i]!, Type.I32), extended32(cx, cx.arg(i, 0), false), cx.result(i)),
  },
  {
    name: "bswap",
    op: Op.bswap,
    types: I32_I64,
    emit: (cx, i) => {
      const swap = cx.fn.type[i] === Type.I64 ? form("bswapq_o") : form("bswapl_o");
      reg2(cx, swap, cx.use(cx.arg(i, 0)), cx.result(i));
    },
  },
  {
    name: "bswap.i16",
    op: Op.bswap,
    types: [Type.I16],
    emit: (cx, i) => reg2(cx, form("rolw_mi"), cx.use(cx.arg(i, 0)), cx.result(i), 8),
  },
  {
    name: "bswap.i8",
    op: Op.bswap,
    types: [Type.I8],
    emit: (cx, i) => move(cx, CLASS_INT, cx.use(cx.arg(i, 0)), cx.result(i)),
  },
];

export const ALU_RULES: readonly Rule[] = [
  ...ADD_RULES,
  zeroExtendRule(8, form("movzbl_rm")),
  zeroExtendRule(16, form("movzwl_rm")),
  zeroExtendRule(32, form("movl_rm")),
  ...LOGIC_RULES,
  ...MUL_DIV_RULES,
  ...SHIFT_RULES,
  ...BIT_RULES,
];

// --- Flags of overflow -----------------------------------------------------------------------------------------------

const ADD_FLAGS = aluNarrow("add");
const SUB_FLAGS = aluNarrow("sub");
const IMUL_FLAGS = narrow16("imul?_rm");

function overflowRules(name: string, op: number, forms: AluForms, cc: number, commute: boolean): readonly Rule[] {
  return [
    {
      name: `${name}.imm`,
      op,
      types: INTS,
      match: [any, imm32],
      commute,
      priority: 30,
      emit: (cx, i) => {
        aluImm(cx, forms, cx.fn.type[i]!, cx.use(cx.bind[0]!), cx.result(i), immOf(cx, cx.bind[1]!));
        return cc;
      },
    },
    {
      name: `${name}.load`,
      op,
      types: INTS,
      match: [any, load],
      commute,
      priority: 20,
      emit: (cx, i) => {
        sinkLoad(cx, cx.bind[1]!, AM);
        mem2(cx, forms.rm[cx.fn.type[i]!]!, AM, cx.use(cx.bind[0]!), cx.result(i));
        return cc;
      },
    },
    {
      name: `${name}.reg`,
      op,
      types: INTS,
      emit: (cx, i) => {
        reg3(cx, forms.rm[cx.fn.type[i]!]!, cx.use(cx.arg(i, 0)), cx.result(i), cx.use(cx.arg(i, 1)));
        return cc;
      },
    },
  ];
}

/** The rules of overflow operations: they put out the operation and return the condition that means overflow. */
export const OVERFLOW_FLAG_RULES: readonly Rule[] = [
  ...overflowRules("sadd_overflow", Op.saddOverflow, ADD_FLAGS, CC.O, true),
  ...overflowRules("uadd_overflow", Op.uaddOverflow, ADD_FLAGS, CC.B, true),
  ...overflowRules("ssub_overflow", Op.ssubOverflow, SUB_FLAGS, CC.O, false),
  ...overflowRules("usub_overflow", Op.usubOverflow, SUB_FLAGS, CC.B, false),
  {
    name: "smul_overflow",
    op: Op.smulOverflow,
    types: [Type.I16, Type.I32, Type.I64],
    emit: (cx, i) => {
      reg3(cx, IMUL_FLAGS[cx.fn.type[i]!]!, cx.use(cx.arg(i, 0)), cx.result(i), cx.use(cx.arg(i, 1)));
      return CC.O;
    },
  },
  {
    name: "smul_overflow.i8",
    op: Op.smulOverflow,
    types: [Type.I8],
    emit: (cx, i) => {
      reg3(cx, form("imulb_m"), cx.use(cx.arg(i, 0)), cx.result(i), cx.use(cx.arg(i, 1)));
      return CC.O;
    },
  },
  {
    name: "umul_overflow",
    op: Op.umulOverflow,
    types: [Type.I16, Type.I32, Type.I64],
    emit: (cx, i) => {
      reg4(cx, MUL_WIDE[cx.fn.type[i]!]!, cx.use(cx.arg(i, 0)), cx.result(i), cx.tmp(), cx.use(cx.arg(i, 1)));
      return CC.O;
    },
  },
  {
    name: "umul_overflow.i8",
    op: Op.umulOverflow,
    types: [Type.I8],
    emit: (cx, i) => {
      reg3(cx, form("mulb_m"), cx.use(cx.arg(i, 0)), cx.result(i), cx.use(cx.arg(i, 1)));
      return CC.O;
    },
  },
];
