/**
 * The instruction table, compiled once into numeric columns: how to encode each form, and what to tell the register allocator about it.
 *
 * A *template* lists the operands of a form as packed allocator operands without their vreg: a read-write operand is a use and then a def that
 * reuses its register, the others one each, in the table's order. When the reg/mem operand is memory, the template leaves it out and
 * the address's registers follow at the end. A read-only reg/mem operand may stay in its spill slot: its constraint is `any`.
 */

import { bug } from "../../../../entity/entity.ts";
import {
  CLASS_FLOAT,
  CLASS_INT,
  CONSTRAINT_ANY,
  CONSTRAINT_REG,
  constraintFixed,
  constraintReuse,
  OPERAND_DEF,
  OPERAND_USE,
  POS_EARLY,
  POS_LATE,
  packOperand,
  preg,
  type RegClass,
} from "../../regalloc/function.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { gprByName } from "./registers.ts";

export type Access = "r" | "w" | "rw";
/** What part of the encoding holds an operand. `fixed` is written in assembly, `implicit` is not. */
export type Role = "reg" | "rm" | "imm" | "rel" | "fixed" | "implicit";

export interface FormOperand {
  readonly access: Access;
  readonly role: Role;
  readonly regClass: RegClass;
  /** Width of the register or immediate in bits; of fixed registers too. */
  readonly bits: number;
  /** Width of the memory in bits, 0 for an address only. Of `rm` alone. */
  readonly memBits: number;
  /** May be a register, may be memory: of `rm` alone. */
  readonly allowReg: boolean;
  readonly allowMem: boolean;
  /** An immediate that is encoded narrower than the operation. */
  readonly signExtended: boolean;
  /** An 8-bit immediate that is a count: written without sign. */
  readonly unsigned: boolean;
  /** Hardware number of a `fixed` or `implicit` register. */
  readonly register: number;
}

export interface FormInfo {
  readonly name: string;
  readonly mnemonic: string;
  readonly operands: readonly FormOperand[];
}

const NUM_FORMS = INSTRUCTIONS.length;

/** How ModRM is used. */
export const ModRm: { readonly NONE: 0; readonly REG: 1; readonly DIGIT: 2; readonly PLUS_R: 3 } = {
  NONE: 0,
  REG: 1,
  DIGIT: 2,
  PLUS_R: 3,
};

/** The columns, by form. */
export const FORM_PREFIX: Uint8Array = new Uint8Array(NUM_FORMS);
/** A second prefix, before `FORM_PREFIX`: 0x66 with F3. */
export const FORM_PREFIX2: Uint8Array = new Uint8Array(NUM_FORMS);
export const FORM_REX_W: Uint8Array = new Uint8Array(NUM_FORMS);
/** Number of opcode bytes: the last is `FORM_OPCODE`, those before are 0F. */
export const FORM_OPCODE_BYTES: Uint8Array = new Uint8Array(NUM_FORMS);
export const FORM_OPCODE: Uint8Array = new Uint8Array(NUM_FORMS);
export const FORM_HAS_CC: Uint8Array = new Uint8Array(NUM_FORMS);
export const FORM_MODRM: Uint8Array = new Uint8Array(NUM_FORMS);
export const FORM_DIGIT: Uint8Array = new Uint8Array(NUM_FORMS);
/** Encoded bytes of the immediate or displacement. */
export const FORM_IMM_BYTES: Uint8Array = new Uint8Array(NUM_FORMS);
/** Whether the register in ModRM.reg or ModRM.rm is an 8-bit one, so that numbers 4 to 7 need a REX prefix. */
export const FORM_REG_IS_8: Uint8Array = new Uint8Array(NUM_FORMS);
export const FORM_RM_IS_8: Uint8Array = new Uint8Array(NUM_FORMS);
/** Whether there is a register operand in ModRM.reg, and any in ModRM.rm or the opcode. */
export const FORM_HAS_REG: Uint8Array = new Uint8Array(NUM_FORMS);
export const FORM_HAS_RM: Uint8Array = new Uint8Array(NUM_FORMS);
export const FORM_RM_CLASS: Uint8Array = new Uint8Array(NUM_FORMS);

/** The shorter form when the reg/mem operand is the accumulator, when the immediate is 1; -1: none. */
export const FORM_ACCUMULATOR: Int16Array = new Int16Array(NUM_FORMS).fill(-1);
export const FORM_BY_ONE: Int16Array = new Int16Array(NUM_FORMS).fill(-1);

/** Templates: `FORM_TEMPLATE` in runs of 8, the counts; first with a register in ModRM.rm, then with memory there. */
export const TEMPLATE_STRIDE = 8;
export const REG_TEMPLATE: Int32Array = new Int32Array(NUM_FORMS * TEMPLATE_STRIDE);
export const REG_TEMPLATE_COUNT: Uint8Array = new Uint8Array(NUM_FORMS);
export const MEM_TEMPLATE: Int32Array = new Int32Array(NUM_FORMS * TEMPLATE_STRIDE);
export const MEM_TEMPLATE_COUNT: Uint8Array = new Uint8Array(NUM_FORMS);
/** Which template entry names the register in ModRM.reg, and in ModRM.rm; -1: none. */
export const REG_FORM_REG_SLOT: Int8Array = new Int8Array(NUM_FORMS).fill(-1);
export const REG_FORM_RM_SLOT: Int8Array = new Int8Array(NUM_FORMS).fill(-1);
export const MEM_FORM_REG_SLOT: Int8Array = new Int8Array(NUM_FORMS).fill(-1);

function parseOperand(text: string): FormOperand {
  const [access, kind] = text.split(":") as [Access, string];
  const common = {
    access,
    regClass: CLASS_INT as RegClass,
    bits: 0,
    memBits: 0,
    allowReg: true,
    allowMem: false,
    signExtended: false,
    unsigned: false,
    register: -1,
  };
  const width = Number(/\d+/.exec(kind)?.[0] ?? 0);
  if (/^r\d+$/.test(kind) && width >= 8 && gprByName(kind) < 0) return { ...common, role: "reg", bits: width };
  if (/^r(8|16|32|64)$/.test(kind)) return { ...common, role: "reg", bits: width };
  if (kind === "xmm") return { ...common, role: "reg", regClass: CLASS_FLOAT, bits: 128 };
  if (kind === "rr64") return { ...common, role: "rm", bits: 64 };
  if (/^rm\d+$/.test(kind)) return { ...common, role: "rm", bits: width, memBits: width, allowMem: true };
  if (/^xm\d+u?$/.test(kind))
    return { ...common, role: "rm", regClass: CLASS_FLOAT, bits: 128, memBits: width, allowMem: true };
  if (/^m\d*$/.test(kind)) return { ...common, role: "rm", memBits: width, allowReg: false, allowMem: true };
  if (/^u?imm/.test(kind))
    return { ...common, role: "imm", bits: width, signExtended: kind.endsWith("sx"), unsigned: kind.startsWith("u") };
  if (kind.startsWith("rel")) return { ...common, role: "rel", bits: width };
  const implicit = kind.startsWith("<");
  const name = implicit ? kind.slice(1, -1) : kind;
  const register = gprByName(name);
  if (register < 0) throw bug(`operand kind \`${kind}\` in the x64 instruction table`);
  const bits = [8, 16, 32, 64].find((b) => name === registerNameAt(register, b)) ?? 64;
  return { ...common, role: implicit ? "implicit" : "fixed", bits, register };
}

function registerNameAt(register: number, bits: number): string {
  const base = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"][register] ?? "";
  return bits === 8 ? `${base[0]}l` : bits === 16 ? base : bits === 32 ? `e${base}` : `r${base}`;
}

function parseEncoding(form: number, encoding: string): void {
  for (const token of encoding.split(" ")) {
    if (token === "REX.W") FORM_REX_W[form] = 1;
    else if (token === "/r") FORM_MODRM[form] = ModRm.REG;
    else if (/^\/\d$/.test(token)) {
      FORM_MODRM[form] = ModRm.DIGIT;
      FORM_DIGIT[form] = Number(token[1]);
    } else if (/^(ib|cb)$/.test(token)) FORM_IMM_BYTES[form] = 1;
    else if (token === "iw") FORM_IMM_BYTES[form] = 2;
    else if (/^(id|cd)$/.test(token)) FORM_IMM_BYTES[form] = 4;
    else if (token === "io") FORM_IMM_BYTES[form] = 8;
    else parseOpcodeByte(form, token);
  }
}

function parseOpcodeByte(form: number, token: string): void {
  const byte = Number.parseInt(token, 16);
  if (FORM_OPCODE_BYTES[form] === 0 && token.length === 2 && (byte === 0x66 || byte === 0xf2 || byte === 0xf3)) {
    if (FORM_PREFIX[form] !== 0) FORM_PREFIX2[form] = FORM_PREFIX[form]!;
    FORM_PREFIX[form] = byte;
    return;
  }
  if (FORM_OPCODE_BYTES[form] !== 0 && FORM_OPCODE[form] !== 0x0f)
    throw bug(`opcode map of ${INSTRUCTIONS[form]?.[0]}`);
  FORM_OPCODE_BYTES[form]!++;
  FORM_OPCODE[form] = byte;
  if (token.endsWith("+r")) FORM_MODRM[form] = ModRm.PLUS_R;
  if (token.endsWith("+cc")) FORM_HAS_CC[form] = 1;
}

/** Packed template entries of one operand; `first` is the index of the next entry. */
function operandWords(operand: FormOperand, first: number, plusR: boolean): number[] {
  const { access, role, regClass } = operand;
  const isFixed = role === "fixed" || role === "implicit";
  const unalignedMem = role === "rm" && operand.memBits <= 64 && operand.allowMem && access === "r" && !plusR;
  const constraint = isFixed
    ? constraintFixed(preg(regClass, operand.register))
    : unalignedMem
      ? CONSTRAINT_ANY
      : CONSTRAINT_REG;
  const words: number[] = [];
  if (access !== "w") words.push(packOperand(0, regClass, OPERAND_USE, POS_EARLY, constraint));
  if (access === "w") words.push(packOperand(0, regClass, OPERAND_DEF, POS_LATE, constraint));
  if (access === "rw")
    words.push(packOperand(0, regClass, OPERAND_DEF, POS_LATE, isFixed ? constraint : constraintReuse(first)));
  return words;
}

function buildTemplates(form: number, operands: readonly FormOperand[]): void {
  const plusR = FORM_MODRM[form] === ModRm.PLUS_R;
  const regWords: number[] = [];
  const memWords: number[] = [];
  for (const operand of operands) {
    if (operand.role === "imm" || operand.role === "rel") continue;
    const isRm = operand.role === "rm" || (operand.role === "reg" && plusR);
    const isReg = operand.role === "reg" && !plusR;
    regWords.push(...operandWords(operand, regWords.length, plusR));
    if (isReg) REG_FORM_REG_SLOT[form] = regWords.length - 1;
    if (isRm) {
      REG_FORM_RM_SLOT[form] = regWords.length - 1;
      FORM_HAS_RM[form] = 1;
      FORM_RM_CLASS[form] = operand.regClass;
      FORM_RM_IS_8[form] = operand.bits === 8 ? 1 : 0;
      continue;
    }
    memWords.push(...operandWords(operand, memWords.length, plusR));
    if (isReg) {
      MEM_FORM_REG_SLOT[form] = memWords.length - 1;
      FORM_HAS_REG[form] = 1;
      FORM_REG_IS_8[form] = operand.bits === 8 ? 1 : 0;
    }
  }
  REG_TEMPLATE.set(regWords, form * TEMPLATE_STRIDE);
  REG_TEMPLATE_COUNT[form] = regWords.length;
  MEM_TEMPLATE.set(memWords, form * TEMPLATE_STRIDE);
  MEM_TEMPLATE_COUNT[form] = memWords.length;
}

function compile(): FormInfo[] {
  const byName = new Map<string, number>(INSTRUCTIONS.map((row, i) => [row[0], i]));
  return INSTRUCTIONS.map((row, form) => {
    const [name, mnemonic, operandText, encoding] = row;
    const operands = operandText === "" ? [] : operandText.split(", ").map(parseOperand);
    parseEncoding(form, encoding);
    buildTemplates(form, operands);
    FORM_ACCUMULATOR[form] = byName.get(name.replace("_mi", "_i")) ?? -1;
    if (!name.includes("_mi") || name.endsWith("_sxb")) FORM_ACCUMULATOR[form] = -1;
    FORM_BY_ONE[form] = name.endsWith("_mi") ? (byName.get(`${name}`.replace("_mi", "_m1")) ?? -1) : -1;
    return { name, mnemonic, operands };
  });
}

export const FORMS: readonly FormInfo[] = compile();
