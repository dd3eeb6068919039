/**
 * ELF64's numbers and records, shared by the writers and the reader (System V gABI, chapters 4 and 5). Little endian throughout.
 */

import type { SymbolBinding, SymbolType } from "./object-file.ts";

export const EHDR_SIZE = 64;
export const PHDR_SIZE = 56;
export const SHDR_SIZE = 64;
export const SYM_SIZE = 24;
export const RELA_SIZE = 24;

export const ET_REL = 1;
export const ET_EXEC = 2;
export const SHT_SYMTAB = 2;
export const SHT_STRTAB = 3;
export const SHT_RELA = 4;
export const SHT_REL = 9;
export const SHT_GROUP = 17;
export const SHT_SYMTAB_SHNDX = 18;
export const SHF_INFO_LINK = 0x40;
export const SHN_UNDEF = 0;
export const SHN_LORESERVE = 0xff00;
export const SHN_ABS = 0xfff1;
export const SHN_COMMON = 0xfff2;
export const SHN_XINDEX = 0xffff;
export const PT_LOAD = 1;
export const PT_GNU_STACK = 0x6474e551;
export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

export const BINDINGS: readonly SymbolBinding[] = ["local", "global", "weak"];
export const SYMBOL_TYPES: readonly SymbolType[] = ["notype", "object", "func", "section", "file"];

/** A growing string table; the empty string is at 0. */
export class StringTable {
  private bytes: Uint8Array = new Uint8Array(1024);
  private readonly known: Map<string, number> = new Map([["", 0]]);
  private readonly encoder: TextEncoder = new TextEncoder();
  length = 1;

  /** The offset of `text`. */
  add(text: string): number {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const at = this.length;
    // A UTF-16 unit is at most three bytes of UTF-8.
    const room = at + text.length * 3 + 1;
    if (room > this.bytes.length) {
      const grown = new Uint8Array(Math.max(room, this.bytes.length * 2));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.length = at + this.encoder.encodeInto(text, this.bytes.subarray(at)).written + 1;
    this.known.set(text, at);
    return at;
  }

  contents(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

export function setU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
}

export interface ElfHeader {
  readonly type: number;
  readonly machine: number;
  readonly machineFlags: number;
  readonly entry: number;
  readonly numProgramHeaders: number;
  readonly sectionHeadersAt: number;
  readonly numSections: number;
  readonly nameSection: number;
}

/** Writes the file header; program headers follow it directly. */
export function writeElfHeader(bytes: Uint8Array, view: DataView, h: ElfHeader): void {
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
  view.setUint16(16, h.type, true);
  view.setUint16(18, h.machine, true);
  view.setUint32(20, 1, true);
  setU64(view, 24, h.entry);
  setU64(view, 32, h.numProgramHeaders > 0 ? EHDR_SIZE : 0);
  setU64(view, 40, h.sectionHeadersAt);
  view.setUint32(48, h.machineFlags, true);
  view.setUint16(52, EHDR_SIZE, true);
  view.setUint16(54, h.numProgramHeaders > 0 ? PHDR_SIZE : 0, true);
  view.setUint16(56, h.numProgramHeaders, true);
  view.setUint16(58, SHDR_SIZE, true);
  // What does not fit 16 bits is in section header 0.
  view.setUint16(60, h.numSections < SHN_LORESERVE ? h.numSections : 0, true);
  view.setUint16(62, h.nameSection < SHN_LORESERVE ? h.nameSection : SHN_XINDEX, true);
}

export interface SectionHeader {
  readonly name: number;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly align: number;
  readonly entrySize: number;
}

export function writeSectionHeader(view: DataView, at: number, h: SectionHeader): void {
  view.setUint32(at, h.name, true);
  view.setUint32(at + 4, h.type, true);
  setU64(view, at + 8, h.flags);
  setU64(view, at + 16, h.address);
  setU64(view, at + 24, h.offset);
  setU64(view, at + 32, h.size);
  view.setUint32(at + 40, h.link, true);
  view.setUint32(at + 44, h.info, true);
  setU64(view, at + 48, h.align);
  setU64(view, at + 56, h.entrySize);
}

/** Section header 0, which holds the counts that do not fit the file header. */
export function writeNullSectionHeader(view: DataView, at: number, numSections: number, nameSection: number): void {
  if (numSections >= SHN_LORESERVE) setU64(view, at + 32, numSections);
  if (nameSection >= SHN_LORESERVE) view.setUint32(at + 40, nameSection, true);
}

export function writeSymbol(
  view: DataView,
  at: number,
  name: number,
  binding: SymbolBinding,
  type: SymbolType,
  section: number,
  value: number,
  size: number,
): void {
  view.setUint32(at, name, true);
  view.setUint8(at + 4, (BINDINGS.indexOf(binding) << 4) | SYMBOL_TYPES.indexOf(type));
  view.setUint16(at + 6, section, true);
  setU64(view, at + 8, value);
  setU64(view, at + 16, size);
}

export function alignUp(value: number, align: number): number {
  return align <= 1 ? value : Math.ceil(value / align) * align;
}
