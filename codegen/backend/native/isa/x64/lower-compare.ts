/**
 * Lowering of comparisons and of what depends on a condition: `icmp`, `fcmp`, `select`, `brif`, and the flags of overflow operations.
 *
 * A comparison is put out by a *flag rule*, which sets the flags and returns the condition that holds when the comparison does. Who consumes a
 * condition takes the comparison into itself, even when others do so too: comparing again is cheaper than keeping a boolean.
 */

import { NONE } from "../../../../entity/entity.ts";
import { FloatCC, INT_CC_SWAPPED, IntCC, Op, Type } from "../../ir/opcodes.ts";
import type { LowerContext } from "../../machinst/lower.ts";
import { any, constant, inst, load, type Rule, type RuleSet } from "../../machinst/rules.ts";
import { CLASS_FLOAT, INST_BRANCH } from "../../regalloc/function.ts";
import { aluNarrow, type ByType, FLOATS, fitsInt8, form, INTS, isImm32, narrow, WIDE, widened } from "./families.ts";
import {
  type AMode,
  COND_E_AND_NP,
  COND_NE_OR_P,
  defReuse,
  mem0,
  mem1,
  newAMode,
  Pseudo,
  reg1,
  reg2,
  reg3,
  useReg,
} from "./inst.ts";
import { CC } from "./instructions.ts";
import { immOf, OVERFLOW_FLAG_RULES, sinkLoad } from "./lower-alu.ts";
import { usePair, WIDE_OVERFLOW_FLAG_RULES } from "./lower-wide.ts";

const AM: AMode = newAMode();
const CMP = aluNarrow("cmp");
const TEST = { mr: narrow("test?_mr"), mi: narrow("test?_mi") };
const CMOV: ByType = widened("cmov?_rm");

/** x64 condition by `IntCC`, after `cmp a, b`. */
const CC_OF_INT_CC: readonly number[] = [CC.E, CC.NE, CC.L, CC.GE, CC.G, CC.LE, CC.B, CC.AE, CC.A, CC.BE];

/** The condition of comparison `i`; `swapped` when its operands were compared in the other order. */
function ccOf(cx: LowerContext, i: number, swapped = false): number {
  const cc = cx.fn.aux[i]!;
  return CC_OF_INT_CC[swapped ? INT_CC_SWAPPED[cc]! : cc]!;
}

const isZero = constant((lo, hi, type) => isImm32(lo, hi, type) && lo === 0);
const imm32 = constant(isImm32);

function cmpImm(cx: LowerContext, type: number, a: number, imm: number): void {
  reg1(cx, fitsInt8(imm) ? CMP.mi8[type]! : CMP.mi[type]!, a, imm);
}

/** `cmp r, [m]` when the load is the second operand, `cmp [m], r` when it is the first. */
function emitCompareLoad(loadFirst: boolean): Rule["emit"] {
  return (cx, i) => {
    const type = cx.fn.type[i]!;
    const [loadBinding, other] = loadFirst ? [0, 1] : [1, 0];
    const reg = cx.use(cx.bind[other]!);
    sinkLoad(cx, cx.bind[loadBinding]!, AM);
    mem1(cx, (loadFirst ? CMP.mr : CMP.rm)[type]!, AM, reg);
    return ccOf(cx, i);
  };
}

const ICMP_FLAG_RULES: readonly Rule[] = [
  {
    name: "icmp.test.and.imm",
    op: Op.icmp,
    types: INTS,
    match: [inst(Op.band, [any, imm32], { once: true }), isZero],
    priority: 50,
    emit: (cx, i) => {
      reg1(cx, TEST.mi[cx.fn.type[i]!]!, cx.use(cx.bind[1]!), immOf(cx, cx.bind[2]!));
      return ccOf(cx, i);
    },
  },
  {
    name: "icmp.test.and",
    op: Op.icmp,
    types: INTS,
    match: [inst(Op.band, [any, any], { once: true }), isZero],
    priority: 49,
    emit: (cx, i) => {
      reg2(cx, TEST.mr[cx.fn.type[i]!]!, cx.use(cx.bind[1]!), cx.use(cx.bind[2]!));
      return ccOf(cx, i);
    },
  },
  {
    name: "icmp.load.imm",
    op: Op.icmp,
    types: INTS,
    match: [load, imm32],
    priority: 45,
    emit: (cx, i) => {
      const type = cx.fn.type[i]!;
      const imm = immOf(cx, cx.bind[1]!);
      sinkLoad(cx, cx.bind[0]!, AM);
      mem0(cx, (fitsInt8(imm) ? CMP.mi8 : CMP.mi)[type]!, AM, imm);
      return ccOf(cx, i);
    },
  },
  {
    name: "icmp.test.zero",
    op: Op.icmp,
    types: INTS,
    match: [any, isZero],
    priority: 40,
    emit: (cx, i) => {
      const a = cx.use(cx.bind[0]!);
      reg2(cx, TEST.mr[cx.fn.type[i]!]!, a, a);
      return ccOf(cx, i);
    },
  },
  {
    name: "icmp.imm",
    op: Op.icmp,
    types: INTS,
    match: [any, imm32],
    priority: 30,
    emit: (cx, i) => {
      cmpImm(cx, cx.fn.type[i]!, cx.use(cx.bind[0]!), immOf(cx, cx.bind[1]!));
      return ccOf(cx, i);
    },
  },
  {
    name: "icmp.imm.left",
    op: Op.icmp,
    types: INTS,
    match: [imm32, any],
    priority: 29,
    emit: (cx, i) => {
      cmpImm(cx, cx.fn.type[i]!, cx.use(cx.bind[1]!), immOf(cx, cx.bind[0]!));
      return ccOf(cx, i, true);
    },
  },
  { name: "icmp.load", op: Op.icmp, types: INTS, match: [any, load], priority: 20, emit: emitCompareLoad(false) },
  { name: "icmp.load.left", op: Op.icmp, types: INTS, match: [load, any], priority: 19, emit: emitCompareLoad(true) },
  {
    name: "icmp.reg",
    op: Op.icmp,
    types: INTS,
    emit: (cx, i) => {
      // The first operand may stay in memory, the second may not: registers either way.
      reg2(cx, CMP.rm[cx.fn.type[i]!]!, cx.use(cx.arg(i, 0)), cx.use(cx.arg(i, 1)));
      return ccOf(cx, i);
    },
  },
  { name: "icmp.i128", op: Op.icmp, types: WIDE, emit: emitWideCompare },
];

function emitWideCompare(cx: LowerContext, i: number): number {
  const cc = cx.fn.aux[i]!;
  let [a, b] = [usePair(cx, cx.arg(i, 0)), usePair(cx, cx.arg(i, 1))];
  if (cc === IntCC.eq || cc === IntCC.ne) {
    const [low, high, both] = [cx.tmp(), cx.tmp(), cx.tmp()];
    reg3(cx, form("xorq_rm"), a.lo, low, b.lo);
    reg3(cx, form("xorq_rm"), a.hi, high, b.hi);
    reg3(cx, form("orq_rm"), low, both, high);
    return cc === IntCC.eq ? CC.E : CC.NE;
  }
  // The flags of a full subtraction say less, and not less; the others are these with operands swapped.
  const swap = cc === IntCC.sgt || cc === IntCC.sle || cc === IntCC.ugt || cc === IntCC.ule;
  if (swap) [a, b] = [b, a];
  reg2(cx, form("cmpq_rm"), a.lo, b.lo);
  reg3(cx, form("sbbq_rm"), a.hi, cx.tmp(), b.hi);
  return ccOf(cx, i, swap);
}

// --- Floats ----------------------------------------------------------------------------------------------------------

/** How a float condition is tested: operands swapped or not, and the condition after `ucomis`. Unordered sets ZF, PF and CF. */
export interface FloatCompare {
  readonly swap: boolean;
  readonly cond: number;
}

/** By `FloatCC`. */
export const FLOAT_COMPARES: readonly FloatCompare[] = (() => {
  const rows: FloatCompare[] = [];
  rows[FloatCC.eq] = { swap: false, cond: COND_E_AND_NP };
  rows[FloatCC.ne] = { swap: false, cond: COND_NE_OR_P };
  rows[FloatCC.lt] = { swap: true, cond: CC.A };
  rows[FloatCC.uge] = { swap: true, cond: CC.BE };
  rows[FloatCC.le] = { swap: true, cond: CC.AE };
  rows[FloatCC.ugt] = { swap: true, cond: CC.B };
  rows[FloatCC.gt] = { swap: false, cond: CC.A };
  rows[FloatCC.ule] = { swap: false, cond: CC.BE };
  rows[FloatCC.ge] = { swap: false, cond: CC.AE };
  rows[FloatCC.ult] = { swap: false, cond: CC.B };
  rows[FloatCC.uno] = { swap: false, cond: CC.P };
  rows[FloatCC.ord] = { swap: false, cond: CC.NP };
  return rows;
})();

export function ucomis(type: number): number {
  return type === Type.F32 ? form("ucomiss_rm") : form("ucomisd_rm");
}

const FCMP_FLAG_RULE: Rule = {
  name: "fcmp.reg",
  op: Op.fcmp,
  types: FLOATS,
  emit: (cx, i) => {
    const { swap, cond } = FLOAT_COMPARES[cx.fn.aux[i]!]!;
    const a = cx.use(cx.arg(i, swap ? 1 : 0));
    const b = cx.use(cx.arg(i, swap ? 0 : 1));
    reg2(cx, ucomis(cx.fn.type[i]!), a, b);
    return cond;
  },
};

/** All rules that set flags. */
export const FLAG_RULES: readonly Rule[] = [
  ...ICMP_FLAG_RULES,
  FCMP_FLAG_RULE,
  ...OVERFLOW_FLAG_RULES,
  ...WIDE_OVERFLOW_FLAG_RULES,
];

// --- Consumers -------------------------------------------------------------------------------------------------------

/** `dst = cond ? 1 : 0`. */
export function setcc(cx: LowerContext, cond: number, dst: number): void {
  const set = form("setcc_m");
  if (cond < COND_E_AND_NP) {
    reg1(cx, set, dst, 0, 0, cond);
    return;
  }
  const [zeroFlag, parity] = [cx.tmp(), cx.tmp()];
  const isAnd = cond === COND_E_AND_NP;
  reg1(cx, set, zeroFlag, 0, 0, isAnd ? CC.E : CC.NE);
  reg1(cx, set, parity, 0, 0, isAnd ? CC.NP : CC.P);
  reg3(cx, isAnd ? form("andl_rm") : form("orl_rm"), zeroFlag, dst, parity);
}

/** `dst = cond ? then : otherwise`, in integer registers. */
export function cmov(cx: LowerContext, type: number, cond: number, then: number, otherwise: number, dst: number): void {
  const formIndex = CMOV[type]!;
  if (cond < COND_E_AND_NP) {
    reg3(cx, formIndex, otherwise, dst, then, 0, cond);
    return;
  }
  // Not equal or unordered: take the other one.
  const [base, other] = cond === COND_E_AND_NP ? [then, otherwise] : [otherwise, then];
  const first = cx.tmp();
  reg3(cx, formIndex, base, first, other, 0, CC.NE);
  reg3(cx, formIndex, first, dst, other, 0, CC.P);
}

/** The same for floats: a jump around a move. */
export function cmovFloat(cx: LowerContext, cond: number, then: number, otherwise: number, dst: number): void {
  cx.builder.inst(Pseudo.CMOV_FLOAT, cond);
  useReg(cx, CLASS_FLOAT, otherwise);
  defReuse(cx, CLASS_FLOAT, dst, 0);
  useReg(cx, CLASS_FLOAT, then);
}

function emitSelect(cx: LowerContext, i: number, cond: number): void {
  const type = cx.fn.type[i]!;
  const [then, otherwise] = [cx.arg(i, 1), cx.arg(i, 2)];
  if (type >= Type.F32) {
    cmovFloat(cx, cond, cx.use(then), cx.use(otherwise), cx.result(i));
    return;
  }
  if (type !== Type.I128) {
    cmov(cx, type, cond, cx.use(then), cx.use(otherwise), cx.result(i));
    return;
  }
  if (cx.isLowUsed(i)) cmov(cx, Type.I64, cond, cx.use(then), cx.use(otherwise), cx.result(i));
  if (cx.isHighUsed(i)) cmov(cx, Type.I64, cond, cx.useHigh(then), cx.useHigh(otherwise), cx.resultHigh(i));
}

function emitBranch(cx: LowerContext, cond: number): void {
  cx.builder.inst(Pseudo.BRANCH, cond, 0, 0, 0, INST_BRANCH);
}

/** Tests an `i8` that is false when it is 0. */
function testBool(cx: LowerContext, value: number): number {
  const a = cx.use(value);
  reg2(cx, TEST.mr[Type.I8]!, a, a);
  return CC.NE;
}

const OVERFLOW_OPS: readonly number[] = [
  Op.saddOverflow,
  Op.uaddOverflow,
  Op.ssubOverflow,
  Op.usubOverflow,
  Op.smulOverflow,
  Op.umulOverflow,
];

/** The rules of everything that consumes a condition, and of the values of those that set flags. `flags` are the compiled flag rules. */
export function conditionRules(flags: RuleSet): readonly Rule[] {
  /** Puts out the comparison that the first argument of the instruction at hand is. */
  const compare = (cx: LowerContext, i: number): number => {
    const value = cx.arg(i, 0);
    return flags.apply(cx, cx.fn.valueDef[value]!, cx.useCount[value] === 1) as number;
  };
  const consumers = (
    name: string,
    op: number,
    consume: (cx: LowerContext, i: number, cond: number) => void,
  ): Rule[] => [
    ...[Op.icmp, Op.fcmp].map((from) => ({
      name: `${name}.${from === Op.icmp ? "icmp" : "fcmp"}`,
      op,
      match: [inst(from, [])],
      priority: 10,
      emit: (cx: LowerContext, i: number): void => consume(cx, i, compare(cx, i)),
    })),
    { name: `${name}.value`, op, emit: (cx, i) => consume(cx, i, testBool(cx, cx.arg(i, 0))) },
  ];
  const setFlag = (cx: LowerContext, i: number): void => {
    const cond = flags.apply(cx, i, true) as number;
    if (cx.isUsed(i, 1)) setcc(cx, cond, cx.result(i, 1));
  };
  return [
    ...consumers("brif", Op.brif, (cx, _i, cond) => emitBranch(cx, cond)),
    {
      name: "brif.overflow",
      op: Op.brif,
      priority: 10,
      when: isOverflowBranch,
      emit: (cx, i) => {
        const def = cx.fn.valueDef[cx.arg(i, 0)]!;
        cx.sink(def);
        emitBranch(cx, flags.apply(cx, def, true) as number);
      },
    },
    ...consumers("select", Op.select, emitSelect),
    { name: "icmp.value", op: Op.icmp, emit: (cx, i) => setcc(cx, flags.apply(cx, i, true) as number, cx.result(i)) },
    { name: "fcmp.value", op: Op.fcmp, emit: (cx, i) => setcc(cx, flags.apply(cx, i, true) as number, cx.result(i)) },
    ...OVERFLOW_OPS.map((op) => ({ name: `overflow.value.${op}`, op, emit: setFlag })),
  ];
}

/** Whether a branch is on the flag of an overflow operation that may be done at the branch. */
function isOverflowBranch(cx: LowerContext, i: number): boolean {
  const value = cx.arg(i, 0);
  const def = cx.fn.valueDef[value]!;
  return (
    def !== NONE &&
    def >= 0 &&
    OVERFLOW_OPS.includes(cx.fn.opcode[def]!) &&
    cx.fn.valueIndex[value] === 1 &&
    cx.canSinkIntoTerminator(def, i)
  );
}
