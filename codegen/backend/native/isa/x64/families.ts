/**
 * Families of instruction forms by operand width: what lowering rules index by the type of an IR instruction.
 *
 * Arrays are indexed by IR type (`I8` 1 to `I64` 4). `narrow` families have a form for each width; in the others, 8- and 16-bit arithmetic is done
 * in 32-bit registers, whose high bits mean nothing.
 */

import { bug } from "../../../../entity/entity.ts";
import { Type } from "../../ir/opcodes.ts";
import { Form, type FormName } from "./instructions.ts";

/** Forms by type; entry 0 is unused. */
export type ByType = readonly number[];

/** Integer types that fit in a register; the wide one; the floats. */
export const INTS: readonly number[] = [Type.I8, Type.I16, Type.I32, Type.I64];
export const I8_I16: readonly number[] = [Type.I8, Type.I16];
export const I32_I64: readonly number[] = [Type.I32, Type.I64];
export const WIDE: readonly number[] = [Type.I128];
export const FLOATS: readonly number[] = [Type.F32, Type.F64];

const forms: Readonly<Record<string, number>> = Form;

function formNamed(name: string): number {
  const form = forms[name];
  if (form === undefined) throw bug(`no x64 instruction form ${name}`);
  return form;
}

/** `pattern` with `?` for the size letter and, for 64 bits, `_sxl` at the end where that is the form's name. */
function sized(pattern: string, letter: string): number {
  const name = pattern.replace("?", letter);
  return letter === "q" && forms[`${name}_sxl`] !== undefined ? formNamed(`${name}_sxl`) : formNamed(name);
}

/** Forms of every width. */
export function narrow(pattern: string): ByType {
  return [-1, sized(pattern, "b"), sized(pattern, "w"), sized(pattern, "l"), sized(pattern, "q")];
}

/** Forms of 32 bits for the narrow types. */
export function widened(pattern: string): ByType {
  const l = sized(pattern, "l");
  return [-1, l, l, l, sized(pattern, "q")];
}

/** Forms of 16 bits and more, of 32 bits for 8. */
export function narrow16(pattern: string): ByType {
  return [-1, sized(pattern, "l"), sized(pattern, "w"), sized(pattern, "l"), sized(pattern, "q")];
}

/** The forms of an operation on two operands. */
export interface AluForms {
  /** Register and reg/mem. */
  readonly rm: ByType;
  /** Memory and register. */
  readonly mr: ByType;
  /** Reg/mem and immediate. */
  readonly mi: ByType;
  /** Reg/mem and sign-extended 8-bit immediate. */
  readonly mi8: ByType;
}

export type AluName = "add" | "or" | "adc" | "sbb" | "and" | "sub" | "xor" | "cmp";

/** The families of an operation whose low bits do not depend on the high ones. */
export function alu(name: AluName): AluForms {
  return {
    rm: widened(`${name}?_rm`),
    mr: widened(`${name}?_mr`),
    mi: widened(`${name}?_mi`),
    mi8: widened(`${name}?_mi_sxb`),
  };
}

/** The families at their own widths: for flags and for memory. */
export function aluNarrow(name: AluName): AluForms {
  const mi = narrow(`${name}?_mi`);
  return {
    rm: narrow(`${name}?_rm`),
    mr: narrow(`${name}?_mr`),
    mi,
    mi8: [-1, mi[Type.I8]!, formNamed(`${name}w_mi_sxb`), formNamed(`${name}l_mi_sxb`), formNamed(`${name}q_mi_sxb`)],
  };
}

export function form(name: FormName): number {
  return Form[name];
}

/** Whether an immediate fits in eight bits, sign-extended. */
export function fitsInt8(value: number): boolean {
  return value >= -128 && value <= 127;
}

/** A constant of `type` as a signed number, when it is one that an immediate of at most 32 bits can hold; else `NaN`. */
export function signedImm(lo: number, hi: number, type: number): number {
  switch (type) {
    case Type.I8:
      return (lo << 24) >> 24;
    case Type.I16:
      return (lo << 16) >> 16;
    case Type.I32:
      return lo;
    default:
      return hi === lo >> 31 ? lo : Number.NaN;
  }
}

export function isImm32(lo: number, hi: number, type: number): boolean {
  return type !== Type.I64 || hi === lo >> 31;
}

export const TYPE_BITS: readonly number[] = [0, 8, 16, 32, 64, 128, 32, 64];
