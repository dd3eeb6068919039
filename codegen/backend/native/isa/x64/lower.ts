/**
 * The lowering rules of x86-64, put together, and what the walk over the IR asks of the ISA.
 */

import { Op } from "../../ir/opcodes.ts";
import type { LowerBackend, LowerContext } from "../../machinst/lower.ts";
import { overrideRules, type Rule, type RuleOverride, RuleSet } from "../../machinst/rules.ts";
import { INST_BRANCH, INST_RET } from "../../regalloc/function.ts";
import { Pseudo } from "./inst.ts";
import { Form } from "./instructions.ts";
import { ALU_RULES } from "./lower-alu.ts";
import { CALL_RULES, lowerParams } from "./lower-call.ts";
import { conditionRules, FLAG_RULES } from "./lower-compare.ts";
import { CONVERT_RULES } from "./lower-convert.ts";
import { FLOAT_RULES } from "./lower-float.ts";
import { MEMORY_RULES, materialize } from "./lower-memory.ts";
import { SWITCH_POLICY, type SwitchPolicy, switchRules } from "./lower-switch.ts";
import { WIDE_RULES } from "./lower-wide.ts";

/** What a fault may replace. Absent fields are as they should be. */
export interface LoweringOverrides {
  /** Rows of the value rules, by name. */
  readonly rules?: Readonly<Record<string, RuleOverride>>;
  /** Rows of the flag rules, by name. */
  readonly flagRules?: Readonly<Record<string, RuleOverride>>;
  readonly switchPolicy?: SwitchPolicy;
  /** Names of opcodes added to those whose results count as zero-extended. */
  readonly extraZeroExtends?: readonly number[];
}

const CONTROL_RULES: readonly Rule[] = [
  { name: "jump", op: Op.jump, emit: lowerJump },
  {
    name: "unreachable",
    op: Op.unreachable,
    emit: (cx) => cx.builder.inst(Form.ud2, 0, 0, 0, 0, INST_RET),
  },
];

function lowerJump(cx: LowerContext): void {
  cx.builder.inst(Pseudo.JMP, 0, 0, 0, 0, INST_BRANCH);
}

/** 32-bit instructions clear the upper half of the register that they write; narrow loads are zero-extending. */
const ZERO_EXTENDING: readonly number[] = [
  Op.iadd,
  Op.isub,
  Op.imul,
  Op.band,
  Op.bor,
  Op.bxor,
  Op.bnot,
  Op.ineg,
  Op.ishl,
  Op.ushr,
  Op.sshr,
  Op.rotl,
  Op.rotr,
  Op.clz,
  Op.popcnt,
  Op.bswap,
  Op.udiv,
  Op.sdiv,
  Op.urem,
  Op.srem,
  Op.saddOverflow,
  Op.uaddOverflow,
  Op.ssubOverflow,
  Op.usubOverflow,
  Op.smulOverflow,
  Op.umulOverflow,
  Op.load,
];

/** All rules as they should be, for the catalogue of faults. */
export function allRules(): readonly Rule[] {
  return [...valueRules(new RuleSet("flag", FLAG_RULES), SWITCH_POLICY), ...FLAG_RULES];
}

function valueRules(flags: RuleSet, policy: SwitchPolicy): readonly Rule[] {
  return [
    ...ALU_RULES,
    ...WIDE_RULES,
    ...FLOAT_RULES,
    ...CONVERT_RULES,
    ...MEMORY_RULES,
    ...CALL_RULES,
    ...conditionRules(flags),
    ...switchRules(policy),
    ...CONTROL_RULES,
  ];
}

/** The lowering of x86-64, with faults planted where `overrides` says. */
export function createLowering(overrides: LoweringOverrides = {}): LowerBackend {
  const flags = new RuleSet("flag", overrideRules(FLAG_RULES, overrides.flagRules ?? {}));
  const rows = valueRules(flags, overrides.switchPolicy ?? SWITCH_POLICY);
  const rules = new RuleSet("lowering", overrideRules(rows, overrides.rules ?? {}));
  const zeroExtends = new Uint8Array(256);
  for (const op of [...ZERO_EXTENDING, ...(overrides.extraZeroExtends ?? [])]) zeroExtends[op] = 1;
  return {
    lowerInst: (cx, inst) => {
      rules.apply(cx, inst, true);
    },
    lowerParams,
    lowerJump,
    materialize,
    zeroExtends,
  };
}
