/**
 * A relocatable object as plain data: what the emitter makes, what the ELF writer and reader convert, and what the linker takes.
 *
 * Linking in one process passes this model directly; nothing is serialised. Sizes, offsets and alignments are in bytes. Numbers of
 * section types and flags, machines and relocations are ELF's (System V gABI, chapter 4).
 */

export const EM_X86_64 = 62;
export const EM_AARCH64 = 183;
export const EM_RISCV = 243;

export const SHT_PROGBITS = 1;
export const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
export const SHT_INIT_ARRAY = 14;
export const SHT_FINI_ARRAY = 15;

export const SHF_WRITE = 1;
export const SHF_ALLOC = 2;
export const SHF_EXECINSTR = 4;
export const SHF_MERGE = 16;
export const SHF_STRINGS = 32;
export const SHF_TLS = 0x400;
/** Kept by `--gc-sections` though nothing refers to it. */
export const SHF_GNU_RETAIN = 0x200000;

/** `ObjectSymbol.section` of symbols that are in no section of the object. */
export const SECTION_UNDEFINED = -1;
export const SECTION_ABSOLUTE = -2;
export const SECTION_COMMON = -3;

export type SymbolBinding = "local" | "global" | "weak";
export type SymbolType = "notype" | "object" | "func" | "section" | "file";

export interface Relocation {
  /** From the start of the section. */
  readonly offset: number;
  /** The machine's relocation type, such as `R_X86_64_PC32`. */
  readonly type: number;
  /** Index into the object's symbols. */
  readonly symbol: number;
  readonly addend: number;
}

export interface ObjectSection {
  readonly name: string;
  /** `SHT_…`. */
  readonly type: number;
  /** `SHF_…`. */
  readonly flags: number;
  /** A power of two. */
  readonly align: number;
  /** The contents; empty for `SHT_NOBITS`. */
  readonly data: Uint8Array;
  /** The length in memory: that of `data` but for `SHT_NOBITS`. */
  readonly size: number;
  /** The size of the entries of a table, 0 for others. */
  readonly entrySize?: number;
  readonly relocations: readonly Relocation[];
}

export interface ObjectSymbol {
  readonly name: string;
  readonly binding: SymbolBinding;
  readonly type: SymbolType;
  /** Index into the object's sections, or `SECTION_UNDEFINED`, `SECTION_ABSOLUTE`, `SECTION_COMMON`. */
  readonly section: number;
  /** The offset in its section; of an absolute symbol its value, of a common one its alignment. */
  readonly value: number;
  readonly size: number;
}

export interface ObjectFile {
  /** For messages. */
  readonly name: string;
  /** ELF's `e_machine`. */
  readonly machine: number;
  /** ELF's `e_flags`. */
  readonly machineFlags: number;
  readonly sections: readonly ObjectSection[];
  readonly symbols: readonly ObjectSymbol[];
}
