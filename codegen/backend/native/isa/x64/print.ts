/**
 * Assembly text of one instruction, in Intel syntax as LLVM prints it (`llvm-objdump -M intel`), from the same table as its bytes.
 */

import { NONE } from "../../../../entity/entity.ts";
import { CLASS_FLOAT } from "../../regalloc/function.ts";
import { FORM_BY_ONE, FORMS, type FormOperand } from "./forms.ts";
import { CC_NAMES } from "./instructions.ts";
import { gprName } from "./registers.ts";
import { BASE_RIP, type Mem } from "./rex.ts";

const MEM_SIZE_NAMES: Readonly<Record<number, string>> = {
  0: "",
  8: "byte ptr ",
  16: "word ptr ",
  32: "dword ptr ",
  64: "qword ptr ",
  128: "xmmword ptr ",
};

function registerText(hardware: number, operand: FormOperand): string {
  return operand.regClass === CLASS_FLOAT ? `xmm${hardware}` : gprName(hardware, operand.bits);
}

/** `labelName` names labels; a target that is a symbol is written by name. */
export function memText(mem: Mem, memBits: number, labelName: (label: number) => string): string {
  const parts: string[] = [];
  if (mem.base === BASE_RIP) parts.push("rip");
  else if (mem.base !== NONE) parts.push(gprName(mem.base, 64));
  if (mem.index !== NONE) parts.push(`${mem.shift === 0 ? "" : `${1 << mem.shift}*`}${gprName(mem.index, 64)}`);
  if (mem.label !== NONE) parts.push(labelName(mem.label));
  else if (mem.symbol !== "") parts.push(mem.symbol);
  let text = parts.join(" + ");
  if (text === "") text = String(mem.disp);
  else if (mem.disp !== 0) text += mem.disp < 0 ? ` - ${-mem.disp}` : ` + ${mem.disp}`;
  return `${MEM_SIZE_NAMES[memBits] ?? ""}[${text}]`;
}

function immText(operand: FormOperand, lo: number, hi: number): string {
  if (operand.bits === 64) return String((BigInt(hi) << 32n) | BigInt(lo >>> 0));
  if (operand.unsigned) return String(lo & 0xff);
  if (operand.bits === 8) return String((lo << 24) >> 24);
  if (operand.signExtended) return String(lo | 0);
  return String(operand.bits === 16 ? lo & 0xffff : lo >>> 0);
}

/** LLVM's spelling of the string instructions, whose operands are all implied. */
const STRING_TEXT: Readonly<Record<string, string>> = {
  "rep movsb": "rep movsb\tbyte ptr es:[rdi], byte ptr [rsi]",
  "rep movsq": "rep movsq\tqword ptr es:[rdi], qword ptr [rsi]",
  "rep stosb": "rep stosb\tbyte ptr es:[rdi], al",
  "rep stosq": "rep stosq\tqword ptr es:[rdi], rax",
};

/**
 * The text of a form with its operands: as `encodeReg` and `encodeMem` take them; `mem` is null when ModRM.rm is a register.
 * `target` is the text of a branch's destination.
 */
export function printInst(
  form: number,
  reg: number,
  rm: number,
  mem: Mem | null,
  lo: number,
  hi: number,
  cc: number,
  target: string,
  labelName: (label: number) => string = (label) => `.L${label}`,
): string {
  const info = FORMS[form]!;
  const string = STRING_TEXT[info.mnemonic];
  if (string !== undefined) return string;
  const mnemonic = info.mnemonic.replace("{cc}", CC_NAMES[cc] ?? "");
  const texts: string[] = [];
  const plusR = info.operands.every((o) => o.role !== "rm");
  for (const operand of info.operands) {
    switch (operand.role) {
      case "reg":
        texts.push(registerText(plusR ? rm : reg, operand));
        break;
      case "rm":
        texts.push(mem !== null ? memText(mem, operand.memBits, labelName) : registerText(rm, operand));
        break;
      case "imm":
        if (!(FORM_BY_ONE[form]! >= 0 && lo === 1)) texts.push(immText(operand, lo, hi));
        break;
      case "fixed":
        texts.push(gprName(operand.register, operand.bits));
        break;
      case "rel":
        texts.push(target);
        break;
      case "implicit":
    }
  }
  // The one-operand shifts are written with their count by LLVM 22: `shl eax`.
  return texts.length === 0 ? mnemonic : `${mnemonic}\t${texts.join(", ")}`;
}
