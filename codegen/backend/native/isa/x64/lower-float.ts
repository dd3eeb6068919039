/**
 * Lowering of floating-point arithmetic: SSE2 scalars.
 */

import { Op, Type } from "../../ir/opcodes.ts";
import type { LowerContext } from "../../machinst/lower.ts";
import { any, load, type Rule } from "../../machinst/rules.ts";
import { FLOATS, form } from "./families.ts";
import { type AMode, mem1, mem2, newAMode, reg2, reg3, rodataMode } from "./inst.ts";
import type { FormName } from "./instructions.ts";
import { sinkLoad } from "./lower-alu.ts";

const AM: AMode = newAMode();
const MADE: AMode = newAMode();

/** The two forms of an operation, for `f32` and `f64`. */
function pick(type: number, single: FormName, double: FormName): number {
  return form(type === Type.F32 ? single : double);
}

function binaryRules(name: string, op: number, single: FormName, double: FormName, commute: boolean): readonly Rule[] {
  return [
    {
      name: `${name}.load`,
      op,
      types: FLOATS,
      match: [any, load],
      commute,
      priority: 20,
      emit: (cx, i) => {
        sinkLoad(cx, cx.bind[1]!, AM);
        mem2(cx, pick(cx.fn.type[i]!, single, double), AM, cx.use(cx.bind[0]!), cx.result(i));
      },
    },
    {
      name: `${name}.reg`,
      op,
      types: FLOATS,
      emit: (cx, i) =>
        reg3(cx, pick(cx.fn.type[i]!, single, double), cx.use(cx.arg(i, 0)), cx.result(i), cx.use(cx.arg(i, 1))),
    },
  ];
}

/** Offset of a constant of 16 bytes: `low` and `high` words of each 8, or `low` in each 4. */
export function mask128(cx: LowerContext, type: number, word: number, doubleLow: number, doubleHigh: number): number {
  return cx.builder.constant(
    type === Type.F32 ? [word, word, word, word] : [doubleLow, doubleHigh, doubleLow, doubleHigh],
  );
}

const SIGN = -(2 ** 31);
const ALL_BUT_SIGN = 2 ** 31 - 1;

/** With a mask in memory: flips, or clears, the sign. */
function maskRule(name: string, op: number, formIndex: number, mask: (cx: LowerContext, type: number) => number): Rule {
  return {
    name,
    op,
    types: FLOATS,
    emit: (cx, i) => {
      rodataMode(AM, mask(cx, cx.fn.type[i]!));
      mem2(cx, formIndex, AM, cx.use(cx.arg(i, 0)), cx.result(i));
    },
  };
}

export const FLOAT_RULES: readonly Rule[] = [
  // Not commuted: of two NaNs, the first operand's is the result.
  ...binaryRules("fadd", Op.fadd, "addss_rm", "addsd_rm", false),
  ...binaryRules("fsub", Op.fsub, "subss_rm", "subsd_rm", false),
  ...binaryRules("fmul", Op.fmul, "mulss_rm", "mulsd_rm", false),
  ...binaryRules("fdiv", Op.fdiv, "divss_rm", "divsd_rm", false),
  maskRule("fneg", Op.fneg, form("xorps_rm"), (cx, type) => mask128(cx, type, SIGN, 0, SIGN)),
  maskRule("fabs", Op.fabs, form("andps_rm"), (cx, type) => mask128(cx, type, ALL_BUT_SIGN, -1, ALL_BUT_SIGN)),
  {
    name: "sqrt",
    op: Op.sqrt,
    types: FLOATS,
    emit: (cx, i) => reg2(cx, pick(cx.fn.type[i]!, "sqrtss_rm", "sqrtsd_rm"), cx.result(i), cx.use(cx.arg(i, 0))),
  },
  {
    name: "fpromote",
    op: Op.fpromote,
    emit: (cx, i) => reg2(cx, form("cvtss2sd_rm"), cx.result(i), cx.use(cx.arg(i, 0))),
  },
  {
    name: "fdemote",
    op: Op.fdemote,
    emit: (cx, i) => reg2(cx, form("cvtsd2ss_rm"), cx.result(i), cx.use(cx.arg(i, 0))),
  },
];

/** A register with a float constant from memory, or zero; inside of an ahead section or not. */
export function loadConstant(cx: LowerContext, type: number, lo: number, hi: number, dst: number): void {
  const offset = cx.builder.constant(type === Type.F32 ? [lo] : [lo, hi]);
  mem1(cx, pick(type, "movss_rm", "movsd_rm"), rodataMode(MADE, offset), dst);
}
