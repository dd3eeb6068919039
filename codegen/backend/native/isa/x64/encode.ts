/**
 * The encoder: bytes of one instruction from its form's columns (`forms.ts`), registers, memory operand and immediate.
 *
 * The canonical encoding is the shortest: forms for the accumulator and for shifts by one are chosen here, so that nobody else need know them.
 * Sign-extended 8-bit immediates are forms of their own, chosen by who makes the instruction.
 */

import type { MachBuffer } from "../../machinst/buffer.ts";
import {
  FORM_ACCUMULATOR,
  FORM_BY_ONE,
  FORM_DIGIT,
  FORM_HAS_CC,
  FORM_IMM_BYTES,
  FORM_MODRM,
  FORM_OPCODE,
  FORM_OPCODE_BYTES,
  FORM_PREFIX,
  FORM_PREFIX2,
  FORM_REG_IS_8,
  FORM_REX_W,
  FORM_RM_IS_8,
  ModRm,
} from "./forms.ts";
import { type Mem, putModRmMem, putModRmReg, putRex } from "./rex.ts";

function putPrefixes(b: MachBuffer, form: number): void {
  if (FORM_PREFIX2[form] !== 0) b.put1(FORM_PREFIX2[form]!);
  if (FORM_PREFIX[form] !== 0) b.put1(FORM_PREFIX[form]!);
}

function putOpcode(b: MachBuffer, form: number, cc: number): void {
  for (let n = FORM_OPCODE_BYTES[form]!; n > 1; n--) b.put1(0x0f);
  b.put1(FORM_HAS_CC[form] !== 0 ? FORM_OPCODE[form]! | cc : FORM_OPCODE[form]!);
}

function putImm(b: MachBuffer, form: number, lo: number, hi: number): void {
  switch (FORM_IMM_BYTES[form]) {
    case 1:
      b.put1(lo);
      return;
    case 2:
      b.put2(lo);
      return;
    case 4:
      b.put4(lo);
      return;
    case 8:
      b.put4(lo);
      b.put4(hi);
      return;
    default:
  }
}

/**
 * Encodes a form whose operands are all registers, or that has none. `reg` is ModRM.reg, `rm` ModRM.rm or the register in the opcode, as hardware
 * numbers (0 when the form has none); the immediate is `lo` and, of `imm64`, `hi`; `cc` the condition of forms that have one.
 */
export function encodeReg(
  b: MachBuffer,
  form: number,
  reg: number,
  rm: number,
  lo: number,
  hi: number,
  cc: number,
): void {
  let f = form;
  if (rm === 0 && FORM_ACCUMULATOR[f]! >= 0) f = FORM_ACCUMULATOR[f]!;
  else if (lo === 1 && FORM_BY_ONE[f]! >= 0) f = FORM_BY_ONE[f]!;
  putPrefixes(b, f);
  const byteReg = (FORM_REG_IS_8[f] !== 0 && reg >= 4 && reg < 8) || (FORM_RM_IS_8[f] !== 0 && rm >= 4 && rm < 8);
  const kind = FORM_MODRM[f];
  putRex(b, FORM_REX_W[f]!, kind === ModRm.REG ? reg : 0, 0, rm, byteReg);
  if (kind === ModRm.PLUS_R) {
    for (let n = FORM_OPCODE_BYTES[f]!; n > 1; n--) b.put1(0x0f);
    b.put1(FORM_OPCODE[f]! | (rm & 7));
  } else {
    putOpcode(b, f, cc);
    if (kind === ModRm.REG) putModRmReg(b, reg, rm);
    else if (kind === ModRm.DIGIT) putModRmReg(b, FORM_DIGIT[f]!, rm);
  }
  putImm(b, f, lo, hi);
}

/** As `encodeReg`, with memory in ModRM.rm. */
export function encodeMem(
  b: MachBuffer,
  form: number,
  reg: number,
  mem: Mem,
  lo: number,
  hi: number,
  cc: number,
): void {
  const f = lo === 1 && FORM_BY_ONE[form]! >= 0 ? FORM_BY_ONE[form]! : form;
  putPrefixes(b, f);
  const isReg = FORM_MODRM[f] === ModRm.REG;
  const byteReg = isReg && FORM_REG_IS_8[f] !== 0 && reg >= 4 && reg < 8;
  putRex(b, FORM_REX_W[f]!, isReg ? reg : 0, Math.max(mem.index, 0), Math.max(mem.base, 0), byteReg);
  putOpcode(b, f, cc);
  putModRmMem(b, isReg ? reg : FORM_DIGIT[f]!, mem, FORM_IMM_BYTES[f]!);
  putImm(b, f, lo, hi);
}
