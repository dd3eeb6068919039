/**
 * Relocations as a table: field size, what is computed, what range the field holds. S is the symbol's address, A the addend, P the place.
 *
 * Source: System V ABI, AMD64 Architecture Processor Supplement, section 4.4.1.
 */

import { EM_X86_64 } from "./object-file.ts";

export const R_X86_64_NONE = 0;
export const R_X86_64_64 = 1;
export const R_X86_64_PC32 = 2;
export const R_X86_64_PLT32 = 4;
export const R_X86_64_32 = 10;
export const R_X86_64_32S = 11;
export const R_X86_64_16 = 12;
export const R_X86_64_PC16 = 13;
export const R_X86_64_8 = 14;
export const R_X86_64_PC8 = 15;
export const R_X86_64_PC64 = 24;

export interface RelocationKind {
  readonly name: string;
  /** Of the field, in bytes: 0, 1, 2, 4 or 8. */
  readonly size: number;
  /** S + A - P instead of S + A. */
  readonly pcRelative: boolean;
  /** How the field is extended, which decides what overflows; fields of 8 bytes hold everything. */
  readonly extends: "sign" | "zero" | "either";
}

/** Relocation kinds of a machine, by number. */
export type RelocationTable = ReadonlyMap<number, RelocationKind>;

export const X86_64_RELOCATIONS: RelocationTable = new Map<number, RelocationKind>([
  [R_X86_64_NONE, { name: "R_X86_64_NONE", size: 0, pcRelative: false, extends: "either" }],
  [R_X86_64_64, { name: "R_X86_64_64", size: 8, pcRelative: false, extends: "either" }],
  [R_X86_64_PC32, { name: "R_X86_64_PC32", size: 4, pcRelative: true, extends: "sign" }],
  // Without shared objects, the function itself is called.
  [R_X86_64_PLT32, { name: "R_X86_64_PLT32", size: 4, pcRelative: true, extends: "sign" }],
  [R_X86_64_32, { name: "R_X86_64_32", size: 4, pcRelative: false, extends: "zero" }],
  [R_X86_64_32S, { name: "R_X86_64_32S", size: 4, pcRelative: false, extends: "sign" }],
  [R_X86_64_16, { name: "R_X86_64_16", size: 2, pcRelative: false, extends: "either" }],
  [R_X86_64_PC16, { name: "R_X86_64_PC16", size: 2, pcRelative: true, extends: "sign" }],
  [R_X86_64_8, { name: "R_X86_64_8", size: 1, pcRelative: false, extends: "either" }],
  [R_X86_64_PC8, { name: "R_X86_64_PC8", size: 1, pcRelative: true, extends: "sign" }],
  [R_X86_64_PC64, { name: "R_X86_64_PC64", size: 8, pcRelative: true, extends: "either" }],
]);

/** The tables of the machines that the linker knows. */
export const RELOCATION_TABLES: ReadonlyMap<number, RelocationTable> = new Map([[EM_X86_64, X86_64_RELOCATIONS]]);

/** Whether `value` does not fit the field of `kind`. */
export function overflows(kind: RelocationKind, value: number): boolean {
  if (kind.size === 0 || kind.size === 8) return false;
  const span = 2 ** (kind.size * 8);
  const low = kind.extends === "zero" ? 0 : -span / 2;
  const high = kind.extends === "sign" ? span / 2 : span;
  return value < low || value >= high;
}

/** Writes `value` into the field of `kind` at `at`; 8-byte fields take any safe integer. */
export function writeField(view: DataView, at: number, kind: RelocationKind, value: number): void {
  switch (kind.size) {
    case 8:
      view.setUint32(at, value >>> 0, true);
      view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
      break;
    case 4:
      view.setInt32(at, value | 0, true);
      break;
    case 2:
      view.setInt16(at, value, true);
      break;
    case 1:
      view.setInt8(at, value);
      break;
  }
}
