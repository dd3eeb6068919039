/**
 * Making machine instructions: forms with their operands, address modes, and the pseudo-instructions.
 *
 * `aux` of an instruction holds its condition and address mode:
 * bits 0–4 condition (`CC`, or `COND_…` below), bits 8–11 address-mode kind, bits 12–13 index shift. `disp` is the mode's displacement.
 */

import { bug, NONE } from "../../../../entity/entity.ts";
import { Op } from "../../ir/opcodes.ts";
import type { LowerContext } from "../../machinst/lower.ts";
import {
  CLASS_FLOAT,
  CLASS_INT,
  CONSTRAINT_ANY,
  CONSTRAINT_REG,
  constraintFixed,
  constraintReuse,
  INST_MOVE,
  OPERAND_DEF,
  OPERAND_USE,
  POS_EARLY,
  POS_LATE,
  packOperand,
  preg,
  type RegClass,
} from "../../regalloc/function.ts";
import { FORMS, MEM_TEMPLATE, MEM_TEMPLATE_COUNT, REG_TEMPLATE, REG_TEMPLATE_COUNT, TEMPLATE_STRIDE } from "./forms.ts";

// --- Conditions ------------------------------------------------------------------------------------------------------

/** Ordered and equal after `ucomis`: E and NP. */
export const COND_E_AND_NP = 16;
/** Its inverse: NE or P. `cond ^ 1` inverts every condition. */
export const COND_NE_OR_P = 17;
export const COND_MASK = 31;

// --- Address modes ---------------------------------------------------------------------------------------------------

export const AMODE_SHIFT = 8;
export const AMODE_MASK = 15;
export const AMODE_INDEX_SHIFT = 12;

/** No memory: the operand is a register. */
export const AMODE_NONE = 0;
/** `[base + disp]`: one register. */
export const AMODE_BASE = 1;
/** `[base + (index << shift) + disp]`: two registers. */
export const AMODE_BASE_INDEX = 2;
/** `disp` bytes above the first stack slot. */
export const AMODE_SLOT = 3;
/** The same plus an index register, shifted. */
export const AMODE_SLOT_INDEX = 4;
/** `disp` bytes into the outgoing, the incoming stack arguments. */
export const AMODE_OUTGOING = 5;
export const AMODE_INCOMING = 6;
/** `disp` bytes into the function's read-only data. */
export const AMODE_RODATA = 7;
/** Address of symbol number `disp`. */
export const AMODE_SYMBOL = 8;

/** An address while an instruction is being made: vregs, or `NONE`. Offsets beyond what was matched are added to `disp`. */
export interface AMode {
  kind: number;
  base: number;
  index: number;
  shift: number;
  disp: number;
}

export function newAMode(): AMode {
  return { kind: AMODE_NONE, base: NONE, index: NONE, shift: 0, disp: 0 };
}

// --- Pseudo-instructions ---------------------------------------------------------------------------------------------

const FIRST_PSEUDO = FORMS.length;

/** Numbered after the instruction forms. Operands in brackets: `>` use, `<` def. */
export const Pseudo: {
  /** [< any number, fixed]: the function's register arguments. */
  readonly ARGS: number;
  /** [> any number, fixed]: epilogue and return. */
  readonly RET: number;
  /** [>, <]: copies. */
  readonly MOV: number;
  readonly MOV_FLOAT: number;
  /** [> arguments, < results]: call of symbol `disp`. */
  readonly CALL: number;
  /** [> callee, > arguments, < results]. */
  readonly CALL_INDIRECT: number;
  /** Jump to the block's only successor. */
  readonly JMP: number;
  /** On `cond` to the first successor, else to the second. */
  readonly BRANCH: number;
  /** [> index]: through jump table number `disp`; beyond it, to the first successor. The index has 64 meaningful bits. */
  readonly SWITCH_TABLE: number;
  /** [> value]: comparisons with the values of switch `disp`; `immLo` is the type. */
  readonly SWITCH_TREE: number;
  /** [> low, > high]. */
  readonly SWITCH_WIDE: number;
  /** [<]: zero, by `xor`; destroys the flags. */
  readonly ZERO: number;
  readonly ZERO_FLOAT: number;
  /** [> otherwise, < = otherwise, > then]: a float move when `cond`. */
  readonly CMOV_FLOAT: number;
  /** [> late, < early, < early tmp, < early tmp]: u64 to f32, to f64. */
  readonly CVT_U64_F32: number;
  readonly CVT_U64_F64: number;
} = {
  ARGS: FIRST_PSEUDO,
  RET: FIRST_PSEUDO + 1,
  MOV: FIRST_PSEUDO + 2,
  MOV_FLOAT: FIRST_PSEUDO + 3,
  CALL: FIRST_PSEUDO + 4,
  CALL_INDIRECT: FIRST_PSEUDO + 5,
  JMP: FIRST_PSEUDO + 6,
  BRANCH: FIRST_PSEUDO + 7,
  SWITCH_TABLE: FIRST_PSEUDO + 8,
  SWITCH_TREE: FIRST_PSEUDO + 9,
  SWITCH_WIDE: FIRST_PSEUDO + 10,
  ZERO: FIRST_PSEUDO + 11,
  ZERO_FLOAT: FIRST_PSEUDO + 12,
  CMOV_FLOAT: FIRST_PSEUDO + 13,
  CVT_U64_F32: FIRST_PSEUDO + 14,
  CVT_U64_F64: FIRST_PSEUDO + 15,
};

// --- Operand words ---------------------------------------------------------------------------------------------------

const USE_REG = [
  packOperand(0, CLASS_INT, OPERAND_USE, POS_EARLY, CONSTRAINT_REG),
  packOperand(0, CLASS_FLOAT, OPERAND_USE, POS_EARLY, CONSTRAINT_REG),
] as const;
const DEF_REG = [
  packOperand(0, CLASS_INT, OPERAND_DEF, POS_LATE, CONSTRAINT_REG),
  packOperand(0, CLASS_FLOAT, OPERAND_DEF, POS_LATE, CONSTRAINT_REG),
] as const;
const USE_ANY = [
  packOperand(0, CLASS_INT, OPERAND_USE, POS_EARLY, CONSTRAINT_ANY),
  packOperand(0, CLASS_FLOAT, OPERAND_USE, POS_EARLY, CONSTRAINT_ANY),
] as const;
const USE_INT = USE_REG[CLASS_INT];

export function useReg(cx: LowerContext, regClass: RegClass, vreg: number): void {
  cx.builder.operand(USE_REG[regClass] | vreg);
}

export function useAny(cx: LowerContext, regClass: RegClass, vreg: number): void {
  cx.builder.operand(USE_ANY[regClass] | vreg);
}

export function useLate(cx: LowerContext, regClass: RegClass, vreg: number): void {
  cx.builder.operand(packOperand(vreg, regClass, OPERAND_USE, POS_LATE, CONSTRAINT_REG));
}

export function defReg(cx: LowerContext, regClass: RegClass, vreg: number): void {
  cx.builder.operand(DEF_REG[regClass] | vreg);
}

export function defEarly(cx: LowerContext, regClass: RegClass, vreg: number): void {
  cx.builder.operand(packOperand(vreg, regClass, OPERAND_DEF, POS_EARLY, CONSTRAINT_REG));
}

export function defReuse(cx: LowerContext, regClass: RegClass, vreg: number, operand: number): void {
  cx.builder.operand(packOperand(vreg, regClass, OPERAND_DEF, POS_LATE, constraintReuse(operand)));
}

export function useFixed(cx: LowerContext, regClass: RegClass, vreg: number, hardware: number): void {
  cx.builder.operand(packOperand(vreg, regClass, OPERAND_USE, POS_EARLY, constraintFixed(preg(regClass, hardware))));
}

export function defFixed(cx: LowerContext, regClass: RegClass, vreg: number, hardware: number): void {
  cx.builder.operand(packOperand(vreg, regClass, OPERAND_DEF, POS_LATE, constraintFixed(preg(regClass, hardware))));
}

// --- Forms with a register in ModRM.rm -------------------------------------------------------------------------------
// Vregs in the order of the form's template: the table's operands, a read-write one as use and then def.

export function reg1(cx: LowerContext, form: number, a: number, lo = 0, hi = 0, cond = 0): void {
  cx.builder.inst(form, cond, 0, lo, hi);
  expectCount(form, REG_TEMPLATE_COUNT, 1);
  cx.builder.operand(REG_TEMPLATE[form * TEMPLATE_STRIDE]! | a);
}

export function reg2(cx: LowerContext, form: number, a: number, b: number, lo = 0, hi = 0, cond = 0): void {
  const at = form * TEMPLATE_STRIDE;
  cx.builder.inst(form, cond, 0, lo, hi);
  expectCount(form, REG_TEMPLATE_COUNT, 2);
  cx.builder.operand(REG_TEMPLATE[at]! | a);
  cx.builder.operand(REG_TEMPLATE[at + 1]! | b);
}

export function reg3(cx: LowerContext, form: number, a: number, b: number, c: number, lo = 0, cond = 0): void {
  const at = form * TEMPLATE_STRIDE;
  cx.builder.inst(form, cond, 0, lo, 0);
  expectCount(form, REG_TEMPLATE_COUNT, 3);
  cx.builder.operand(REG_TEMPLATE[at]! | a);
  cx.builder.operand(REG_TEMPLATE[at + 1]! | b);
  cx.builder.operand(REG_TEMPLATE[at + 2]! | c);
}

export function reg4(cx: LowerContext, form: number, a: number, b: number, c: number, d: number): void {
  const at = form * TEMPLATE_STRIDE;
  cx.builder.inst(form);
  expectCount(form, REG_TEMPLATE_COUNT, 4);
  cx.builder.operand(REG_TEMPLATE[at]! | a);
  cx.builder.operand(REG_TEMPLATE[at + 1]! | b);
  cx.builder.operand(REG_TEMPLATE[at + 2]! | c);
  cx.builder.operand(REG_TEMPLATE[at + 3]! | d);
}

export function reg5(cx: LowerContext, form: number, a: number, b: number, c: number, d: number, e: number): void {
  const at = form * TEMPLATE_STRIDE;
  cx.builder.inst(form);
  expectCount(form, REG_TEMPLATE_COUNT, 5);
  cx.builder.operand(REG_TEMPLATE[at]! | a);
  cx.builder.operand(REG_TEMPLATE[at + 1]! | b);
  cx.builder.operand(REG_TEMPLATE[at + 2]! | c);
  cx.builder.operand(REG_TEMPLATE[at + 3]! | d);
  cx.builder.operand(REG_TEMPLATE[at + 4]! | e);
}

export function reg6(cx: LowerContext, form: number, regs: readonly number[]): void {
  cx.builder.inst(form);
  expectCount(form, REG_TEMPLATE_COUNT, regs.length);
  for (let k = 0; k < regs.length; k++) cx.builder.operand(REG_TEMPLATE[form * TEMPLATE_STRIDE + k]! | regs[k]!);
}

function expectCount(form: number, counts: Uint8Array, count: number): void {
  if (counts[form] !== count) throw bug(`${FORMS[form]?.name} takes ${counts[form]} registers, not ${count}`);
}

// --- Forms with memory in ModRM.rm -----------------------------------------------------------------------------------

function startMem(cx: LowerContext, form: number, am: AMode, lo: number, hi: number): void {
  cx.builder.inst(form, (am.kind << AMODE_SHIFT) | (am.shift << AMODE_INDEX_SHIFT), am.disp, lo, hi);
}

function endMem(cx: LowerContext, am: AMode): void {
  if (am.base !== NONE) cx.builder.operand(USE_INT | am.base);
  if (am.index !== NONE) cx.builder.operand(USE_INT | am.index);
}

export function mem0(cx: LowerContext, form: number, am: AMode, lo = 0, hi = 0): void {
  startMem(cx, form, am, lo, hi);
  expectCount(form, MEM_TEMPLATE_COUNT, 0);
  endMem(cx, am);
}

export function mem1(cx: LowerContext, form: number, am: AMode, a: number, lo = 0): void {
  startMem(cx, form, am, lo, 0);
  expectCount(form, MEM_TEMPLATE_COUNT, 1);
  cx.builder.operand(MEM_TEMPLATE[form * TEMPLATE_STRIDE]! | a);
  endMem(cx, am);
}

export function mem2(cx: LowerContext, form: number, am: AMode, a: number, b: number): void {
  startMem(cx, form, am, 0, 0);
  expectCount(form, MEM_TEMPLATE_COUNT, 2);
  cx.builder.operand(MEM_TEMPLATE[form * TEMPLATE_STRIDE]! | a);
  cx.builder.operand(MEM_TEMPLATE[form * TEMPLATE_STRIDE + 1]! | b);
  endMem(cx, am);
}

// --- Copies ----------------------------------------------------------------------------------------------------------

/** `to = from`, a copy that the allocator may remove. */
export function move(cx: LowerContext, regClass: RegClass, from: number, to: number): void {
  cx.builder.inst(regClass === CLASS_INT ? Pseudo.MOV : Pseudo.MOV_FLOAT, 0, 0, 0, 0, INST_MOVE);
  useAny(cx, regClass, from);
  defReg(cx, regClass, to);
}

/** A register that is zero, made ahead of the chunk. */
export function zero(cx: LowerContext): number {
  const vreg = cx.tmp();
  cx.builder.startAhead();
  cx.builder.inst(Pseudo.ZERO);
  defReg(cx, CLASS_INT, vreg);
  cx.builder.endAhead();
  return vreg;
}

// --- Addresses -------------------------------------------------------------------------------------------------------

const MIN_DISP = -(2 ** 31);
const MAX_DISP = 2 ** 31 - 1;

function addDisp(am: AMode, disp: number): boolean {
  const sum = am.disp + disp;
  if (sum < MIN_DISP || sum > MAX_DISP) return false;
  am.disp = sum;
  return true;
}

/** The 64-bit constant that `value` is, when it fits in a displacement; else `NaN`. */
function dispOf(cx: LowerContext, value: number): number {
  const def = cx.defBy(value, Op.iconst);
  if (def === NONE) return Number.NaN;
  const lo = cx.fn.immLo[def]!;
  return cx.fn.immHi[def] === lo >> 31 ? lo : Number.NaN;
}

/** Takes `iadd x, constant` apart: the constants go to `am.disp`, what is left is returned. */
function stripOffsets(cx: LowerContext, am: AMode, start: number): number {
  let value = start;
  for (;;) {
    const add = cx.defBy(value, Op.iadd);
    if (add === NONE) return value;
    const [a, b] = [cx.arg(add, 0), cx.arg(add, 1)];
    const right = dispOf(cx, b);
    if (!Number.isNaN(right) && addDisp(am, right)) {
      value = a;
      continue;
    }
    const left = dispOf(cx, a);
    if (Number.isNaN(left) || !addDisp(am, left)) return value;
    value = b;
  }
}

/** Sets the index to `value`, or to what it is shifted by 1 to 3. */
function setIndex(cx: LowerContext, am: AMode, value: number): void {
  const shl = cx.defBy(value, Op.ishl);
  const amount = shl === NONE ? Number.NaN : dispOf(cx, cx.arg(shl, 1));
  am.shift = amount >= 1 && amount <= 3 ? amount : 0;
  am.index = cx.use(am.shift === 0 ? value : cx.arg(shl, 0));
}

function isSmallShift(cx: LowerContext, value: number): boolean {
  const shl = cx.defBy(value, Op.ishl);
  if (shl === NONE) return false;
  const amount = dispOf(cx, cx.arg(shl, 1));
  return amount >= 1 && amount <= 3;
}

/** The stack slot whose address `value` is and that an address mode can name; else `NONE`. */
function slotOf(cx: LowerContext, value: number): number {
  const def = cx.defBy(value, Op.stackAddr);
  return def === NONE || cx.slotNeedsAligning(cx.fn.immLo[def]!) ? NONE : def;
}

function setSlot(cx: LowerContext, am: AMode, def: number): void {
  am.kind = AMODE_SLOT;
  am.disp += cx.slotOffset[cx.fn.immLo[def]!]! + cx.fn.immHi[def]!;
}

/**
 * Fills `am` with the address `value + offset`, taking into it additions of constants, one addition of registers, a shift of the index, and the
 * stack slot.
 */
export function addressMode(cx: LowerContext, value: number, offset: number, am: AMode): void {
  am.kind = AMODE_BASE;
  am.base = NONE;
  am.index = NONE;
  am.shift = 0;
  am.disp = offset;
  const base = stripOffsets(cx, am, value);
  const slot = slotOf(cx, base);
  if (slot !== NONE) {
    setSlot(cx, am, slot);
    return;
  }
  const add = cx.defBy(base, Op.iadd);
  if (add === NONE) {
    am.base = cx.use(base);
    return;
  }
  setBaseAndIndex(cx, am, cx.arg(add, 0), cx.arg(add, 1));
}

function setBaseAndIndex(cx: LowerContext, am: AMode, left: number, right: number): void {
  let a = stripOffsets(cx, am, left);
  let b = stripOffsets(cx, am, right);
  // A stack slot is the base; else what is shifted is the index.
  if (slotOf(cx, b) !== NONE || (slotOf(cx, a) === NONE && isSmallShift(cx, a) && !isSmallShift(cx, b)))
    [a, b] = [b, a];
  setIndex(cx, am, b);
  const slot = slotOf(cx, a);
  if (slot !== NONE) {
    setSlot(cx, am, slot);
    am.kind = AMODE_SLOT_INDEX;
    return;
  }
  am.kind = AMODE_BASE_INDEX;
  am.base = cx.use(a);
}

/** An address mode of read-only data. */
export function rodataMode(am: AMode, offset: number): AMode {
  am.kind = AMODE_RODATA;
  am.base = NONE;
  am.index = NONE;
  am.shift = 0;
  am.disp = offset;
  return am;
}

/** `am` as `[base + disp]`. */
export function baseMode(am: AMode, base: number, disp: number): AMode {
  am.kind = AMODE_BASE;
  am.base = base;
  am.index = NONE;
  am.shift = 0;
  am.disp = disp;
  return am;
}

/** An address mode without registers. */
export function fixedMode(am: AMode, kind: number, disp: number): AMode {
  am.kind = kind;
  am.base = NONE;
  am.index = NONE;
  am.shift = 0;
  am.disp = disp;
  return am;
}
