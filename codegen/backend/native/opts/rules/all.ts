/**
 * All peephole rules, in the order in which they are tried.
 */

import { ARITH_RULES } from "./arith.ts";
import { BIT_RULES } from "./bits.ts";
import { COMPARE_RULES } from "./compare.ts";
import { CONVERT_RULES } from "./convert.ts";
import { DIVISION_RULES } from "./division.ts";
import { FLOAT_RULES } from "./float.ts";
import { MEMORY_RULES } from "./memory.ts";
import { OVERFLOW_RULES } from "./overflow.ts";
import type { Rule } from "./rule.ts";

export const ALL_RULES: readonly Rule[] = [
  ...ARITH_RULES,
  ...BIT_RULES,
  ...DIVISION_RULES,
  ...COMPARE_RULES,
  ...CONVERT_RULES,
  ...OVERFLOW_RULES,
  ...FLOAT_RULES,
  ...MEMORY_RULES,
];
