/**
 * VCode as text, with virtual registers: `b0:`, then a line per instruction: defs, `=`, mnemonic or pseudo-instruction, uses.
 */

import type { VCode } from "../../machinst/vcode.ts";
import {
  CONSTRAINT_FIXED,
  CONSTRAINT_REUSE,
  operandClass,
  operandConstraint,
  operandIsDef,
  operandVReg,
} from "../../regalloc/function.ts";
import { FORMS } from "./forms.ts";
import { AMODE_MASK, AMODE_SHIFT, COND_MASK, Pseudo } from "./inst.ts";
import { gprName } from "./registers.ts";

const PSEUDO_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Pseudo).map(([name, op]) => [op as number, name.toLowerCase()]),
);
const AMODE_NAMES: readonly string[] = [
  "",
  "base",
  "base+index",
  "slot",
  "slot+index",
  "outgoing",
  "incoming",
  "rodata",
  "symbol",
];

function operandText(word: number): string {
  const isFloat = operandClass(word) === 1;
  const constraint = operandConstraint(word);
  let text = `${isFloat ? "f" : "v"}${operandVReg(word)}`;
  if (constraint >= CONSTRAINT_FIXED) {
    const hardware = constraint & 31;
    text += `@${isFloat ? `xmm${hardware}` : gprName(hardware, 64)}`;
  } else if (constraint >= CONSTRAINT_REUSE) text += `=${constraint & 31}`;
  return text;
}

function instText(vcode: VCode, i: number): string {
  const op = vcode.opcode[i]!;
  const defs: string[] = [];
  const uses: string[] = [];
  for (let o = vcode.operandStart[i]!; o < vcode.operandStart[i + 1]!; o++) {
    const word = vcode.operands[o]!;
    (operandIsDef(word) ? defs : uses).push(operandText(word));
  }
  const aux = vcode.aux[i]!;
  const amode = (aux >> AMODE_SHIFT) & AMODE_MASK;
  const parts = [FORMS[op]?.name ?? PSEUDO_NAMES.get(op) ?? `op${op}`, uses.join(", ")];
  if (amode !== 0) parts.push(`[${AMODE_NAMES[amode]} ${vcode.disp[i]}]`);
  if ((aux & COND_MASK) !== 0) parts.push(`cond=${aux & COND_MASK}`);
  if (vcode.immLo[i] !== 0) parts.push(`imm=${vcode.immLo[i]}`);
  return `${defs.length === 0 ? "" : `${defs.join(", ")} = `}${parts.filter((p) => p !== "").join(" ")}`;
}

export function printVCode(vcode: VCode): string {
  const lines: string[] = [];
  for (let b = 0; b < vcode.numBlocks; b++) {
    const params = Array.from(vcode.params.subarray(vcode.paramStart[b]!, vcode.paramStart[b + 1]!), (v) => `v${v}`);
    lines.push(`b${b}(${params.join(", ")}):`);
    for (let i = vcode.blockStart[b]!; i < vcode.blockStart[b + 1]!; i++) lines.push(`  ${i}: ${instText(vcode, i)}`);
    for (let e = vcode.succStart[b]!; e < vcode.succStart[b + 1]!; e++) {
      const args = Array.from(vcode.args.subarray(vcode.argStart[e]!, vcode.argStart[e + 1]!), (v) => `v${v}`);
      lines.push(`  -> b${vcode.succs[e]}(${args.join(", ")})`);
    }
  }
  return `${lines.join("\n")}\n`;
}
