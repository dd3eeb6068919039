/**
 * Planted faults of the x86-64 lowering: plausible mistakes in single rows of its rule tables. Off unless a self-test asks for one by name.
 */

import { Op } from "../../ir/opcodes.ts";
import type { LowerContext } from "../../machinst/lower.ts";
import type { Rule } from "../../machinst/rules.ts";
import { CC } from "./instructions.ts";
import { allRules, type LoweringOverrides } from "./lower.ts";

export interface LoweringFault {
  readonly name: string;
  /** The mistake, in a sentence. */
  readonly description: string;
  readonly overrides: LoweringOverrides;
}

const ROWS: ReadonlyMap<string, Rule> = new Map(allRules().map((rule) => [rule.name, rule]));

/** What the row `name` puts out when it is right. */
function emitOf(name: string): Rule["emit"] {
  const rule = ROWS.get(name);
  if (rule === undefined) throw new Error(`internal error: no lowering rule is named ${name}`);
  return rule.emit;
}

/** Overrides that give each row the output of another. */
function confused(pairs: Readonly<Record<string, string>>): LoweringOverrides {
  return { rules: Object.fromEntries(Object.entries(pairs).map(([row, other]) => [row, { emit: emitOf(other) }])) };
}

/** Conditions after a comparison, unsigned to signed. */
const SIGNED_OF: ReadonlyMap<number, number> = new Map([
  [CC.B, CC.L],
  [CC.AE, CC.GE],
  [CC.A, CC.G],
  [CC.BE, CC.LE],
]);

function comparesSigned(name: string): Rule["emit"] {
  const right = emitOf(name);
  return (cx, inst) => {
    const cc = right(cx, inst);
    return typeof cc === "number" ? (SIGNED_OF.get(cc) ?? cc) : cc;
  };
}

/** Runs `emit` while the instruction's column `immLo` reads as `value`. */
function withImm(cx: LowerContext, inst: number, value: number, emit: Rule["emit"]): unknown {
  const { immLo } = cx.fn;
  const saved = immLo[inst]!;
  immLo[inst] = value;
  try {
    return emit(cx, inst);
  } finally {
    immLo[inst] = saved;
  }
}

function shortCopy(cx: LowerContext, inst: number): unknown {
  const size = cx.fn.immLo[inst]!;
  return withImm(cx, inst, size > 8 ? size - (size % 8 === 0 ? 8 : size % 8) : size, emitOf("memcpy"));
}

/** A dense switch whose cases are all one too high. */
function shiftedSwitch(cx: LowerContext, inst: number): unknown {
  const cases = cx.fn.switchCases;
  const index = cx.fn.immLo[inst]!;
  const saved = cases[index]!;
  if (saved.length >= 4) cases[index] = saved.map((bits) => bits + 1n);
  try {
    return emitOf("switch")(cx, inst);
  } finally {
    cases[index] = saved;
  }
}

export const LOWERING_FAULTS: readonly LoweringFault[] = [
  {
    name: "sign-extension-missing",
    description: "a sign extension to 64 bits or less is lowered as a zero extension",
    overrides: confused({ sextend: "uextend", "sextend.load": "uextend.load" }),
  },
  {
    name: "sign-extension-i128",
    description: "the high half of a value sign-extended to 128 bits is 0",
    overrides: confused({ "sextend.i128": "uextend.i128" }),
  },
  {
    name: "division-signedness",
    description: "unsigned division uses the signed instruction",
    overrides: confused({ udiv: "sdiv" }),
  },
  {
    name: "remainder-signedness",
    description: "signed remainder uses the unsigned instruction",
    overrides: confused({ srem: "urem" }),
  },
  {
    name: "shift-right-signedness",
    description: "an arithmetic shift right by a variable amount is lowered as a logical one",
    overrides: confused({ "sshr.reg": "ushr.reg", "sshr.masked": "ushr.masked" }),
  },
  {
    name: "compare-signedness",
    description: "a comparison of two registers reads unsigned conditions as signed",
    overrides: { flagRules: { "icmp.reg": { emit: comparesSigned("icmp.reg") } } },
  },
  {
    name: "wide-compare-signedness",
    description: "a 128-bit comparison reads unsigned conditions as signed",
    overrides: { flagRules: { "icmp.i128": { emit: comparesSigned("icmp.i128") } } },
  },
  {
    name: "wide-subtraction-as-addition",
    description: "128-bit subtraction is lowered as addition: the rows of the table are confused",
    overrides: confused({ "isub.i128": "iadd.i128" }),
  },
  {
    name: "wide-shift-direction",
    description: "a 128-bit arithmetic shift right is lowered as a logical one",
    overrides: confused({ "sshr.i128": "ushr.i128" }),
  },
  {
    name: "int-to-float-signedness",
    description: "an unsigned integer is converted to a float as if it were signed",
    overrides: confused({ fcvt_from_uint: "fcvt_from_sint" }),
  },
  {
    name: "float-to-int-signedness",
    description: "the saturating conversion of a float to an unsigned integer is that to a signed one",
    overrides: confused({ fcvt_to_uint_sat: "fcvt_to_sint_sat" }),
  },
  {
    name: "jump-table-off-by-one",
    description: "the cases of a dense switch are one too high",
    overrides: { rules: { switch: { emit: shiftedSwitch } } },
  },
  {
    name: "memcpy-tail",
    description: "copying a block leaves out its last bytes",
    overrides: { rules: { memcpy: { emit: shortCopy } } },
  },
  {
    name: "ireduce-counts-as-zero-extended",
    description: "a narrowed value is taken to be zero-extended already, so that extending it is left out",
    overrides: { extraZeroExtends: [Op.select, Op.ireduce, Op.isplit, Op.bitcast, Op.sextend] },
  },
];
