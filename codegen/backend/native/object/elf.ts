/**
 * Writes a relocatable object (`ET_REL`) as an ELF64 file.
 *
 * File order: header, section contents, `.rela` sections, `.note.GNU-stack` (empty: the stack is not executable), symbol table, string tables,
 * section headers. The same object gives the same bytes. Objects of 65280 sections and more use the extended numbering of the gABI.
 */

import { Diagnostic } from "../../../session/diagnostic.ts";
import {
  alignUp,
  EHDR_SIZE,
  ET_REL,
  RELA_SIZE,
  type SectionHeader,
  SHDR_SIZE,
  SHF_INFO_LINK,
  SHN_ABS,
  SHN_COMMON,
  SHN_LORESERVE,
  SHN_UNDEF,
  SHN_XINDEX,
  SHT_RELA,
  SHT_STRTAB,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
  StringTable,
  SYM_SIZE,
  setU64,
  writeElfHeader,
  writeNullSectionHeader,
  writeSectionHeader,
  writeSymbol,
} from "./elf-format.ts";
import {
  type ObjectFile,
  type ObjectSection,
  type ObjectSymbol,
  SECTION_ABSOLUTE,
  SECTION_COMMON,
  SECTION_UNDEFINED,
  SHT_NOBITS,
  SHT_PROGBITS,
} from "./object-file.ts";

interface OutputSection extends SectionHeader {
  readonly contents: Uint8Array;
}

/** The bytes of the ELF file of `object`. A symbol or section that is not there is a `Diagnostic`. */
export function writeElfObject(object: ObjectFile): Uint8Array {
  checkObject(object);
  const names = new StringTable();
  const { order, index, numLocals } = symbolOrder(object.symbols);
  const sections: OutputSection[] = [];
  let offset = EHDR_SIZE;
  const add = (contents: Uint8Array, header: Omit<SectionHeader, "offset" | "size">, size = contents.length): void => {
    offset = alignUp(offset, header.align);
    sections.push({ ...header, offset, size, contents });
    offset += contents.length;
  };
  const plain = { address: 0, link: 0, info: 0, entrySize: 0 };
  for (const s of object.sections) {
    const contents = s.type === SHT_NOBITS ? new Uint8Array(0) : s.data;
    const { type, flags } = s;
    add(
      contents,
      { ...plain, name: names.add(s.name), type, flags, align: s.align, entrySize: s.entrySize ?? 0 },
      s.size,
    );
  }
  const withRelocations = object.sections.filter((s) => s.relocations.length > 0).length;
  // Section header 0 is null; then the object's, `.rela`s, the stack note, and the symbol table.
  const symtab = 1 + object.sections.length + withRelocations + 1;
  object.sections.forEach((s, i) => {
    if (s.relocations.length === 0) return;
    const header = {
      ...plain,
      name: names.add(`.rela${s.name}`),
      type: SHT_RELA,
      flags: SHF_INFO_LINK,
      link: symtab,
      info: i + 1,
    };
    add(relocationContents(s, index), { ...header, align: 8, entrySize: RELA_SIZE });
  });
  add(new Uint8Array(0), { ...plain, name: names.add(".note.GNU-stack"), type: SHT_PROGBITS, flags: 0, align: 1 });
  const strings = new StringTable();
  const { table, extended } = symbolContents(object, order, strings);
  const strtab = symtab + (extended === undefined ? 1 : 2);
  add(table, {
    ...plain,
    name: names.add(".symtab"),
    type: SHT_SYMTAB,
    flags: 0,
    align: 8,
    link: strtab,
    info: numLocals + 1,
    entrySize: SYM_SIZE,
  });
  if (extended !== undefined) {
    add(extended, {
      ...plain,
      name: names.add(".symtab_shndx"),
      type: SHT_SYMTAB_SHNDX,
      flags: 0,
      align: 4,
      link: symtab,
      entrySize: 4,
    });
  }
  add(strings.contents(), { ...plain, name: names.add(".strtab"), type: SHT_STRTAB, flags: 0, align: 1 });
  const shstrtab = names.add(".shstrtab");
  add(names.contents(), { ...plain, name: shstrtab, type: SHT_STRTAB, flags: 0, align: 1 });
  return assemble(object, sections, alignUp(offset, 8));
}

function checkObject(object: ObjectFile): void {
  for (const symbol of object.symbols) {
    if (symbol.section >= object.sections.length || symbol.section < SECTION_COMMON) {
      throw new Diagnostic(`symbol ${symbol.name} is in section ${symbol.section}, which is not there`, {
        file: object.name,
      });
    }
  }
  for (const section of object.sections) {
    for (const r of section.relocations) {
      if (r.symbol < 0 || r.symbol >= object.symbols.length) {
        throw new Diagnostic(`a relocation of section ${section.name} names symbol ${r.symbol}, which is not there`, {
          file: object.name,
        });
      }
    }
  }
}

/** Locals come first. `index` maps the object's symbols to the table's; a null symbol, as read from a file, is the table's own. */
function symbolOrder(symbols: readonly ObjectSymbol[]): { order: number[]; index: Int32Array; numLocals: number } {
  const order: number[] = [];
  for (let i = 0; i < symbols.length; i++) if (symbols[i]!.binding === "local" && !isNull(symbols[i]!)) order.push(i);
  const numLocals = order.length;
  for (let i = 0; i < symbols.length; i++) if (symbols[i]!.binding !== "local") order.push(i);
  const index = new Int32Array(symbols.length);
  for (let i = 0; i < order.length; i++) index[order[i]!] = i + 1;
  return { order, index, numLocals };
}

function isNull(s: ObjectSymbol): boolean {
  return s.name === "" && s.section === SECTION_UNDEFINED && s.binding === "local";
}

function relocationContents(section: ObjectSection, index: Int32Array): Uint8Array {
  const bytes = new Uint8Array(section.relocations.length * RELA_SIZE);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const r of section.relocations) {
    setU64(view, at, r.offset);
    view.setUint32(at + 8, r.type, true);
    view.setUint32(at + 12, index[r.symbol]!, true);
    setU64(view, at + 16, r.addend);
    at += RELA_SIZE;
  }
  return bytes;
}

function symbolContents(
  object: ObjectFile,
  order: readonly number[],
  strings: StringTable,
): { table: Uint8Array; extended: Uint8Array | undefined } {
  const table = new Uint8Array((order.length + 1) * SYM_SIZE);
  const view = new DataView(table.buffer);
  const extended = object.sections.length + 1 >= SHN_LORESERVE ? new Uint8Array((order.length + 1) * 4) : undefined;
  order.forEach((original, i) => {
    const s = object.symbols[original]!;
    let section = s.section + 1;
    if (s.section === SECTION_UNDEFINED) section = SHN_UNDEF;
    else if (s.section === SECTION_ABSOLUTE) section = SHN_ABS;
    else if (s.section === SECTION_COMMON) section = SHN_COMMON;
    else if (section >= SHN_LORESERVE && extended !== undefined) {
      new DataView(extended.buffer).setUint32((i + 1) * 4, section, true);
      section = SHN_XINDEX;
    }
    const name = s.type === "section" ? 0 : strings.add(s.name);
    writeSymbol(view, (i + 1) * SYM_SIZE, name, s.binding, s.type, section, s.value, s.size);
  });
  return { table, extended };
}

function assemble(object: ObjectFile, sections: readonly OutputSection[], headersAt: number): Uint8Array {
  const numSections = sections.length + 1;
  const bytes = new Uint8Array(headersAt + numSections * SHDR_SIZE);
  const view = new DataView(bytes.buffer);
  writeElfHeader(bytes, view, {
    type: ET_REL,
    machine: object.machine,
    machineFlags: object.machineFlags,
    entry: 0,
    numProgramHeaders: 0,
    sectionHeadersAt: headersAt,
    numSections,
    nameSection: numSections - 1,
  });
  writeNullSectionHeader(view, headersAt, numSections, numSections - 1);
  sections.forEach((s, i) => {
    bytes.set(s.contents, s.offset);
    writeSectionHeader(view, headersAt + (i + 1) * SHDR_SIZE, s);
  });
  return bytes;
}
