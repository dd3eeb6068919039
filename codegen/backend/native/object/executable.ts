/**
 * Writes a static ELF64 executable (`ET_EXEC`) from laid out sections.
 *
 * Segments: headers and read-only data (R), code (RX), data and bss (RW), each on its own pages; `PT_GNU_STACK` without execution. The file's
 * offsets are congruent to the addresses modulo the page size, as `mmap` needs. Debug sections, the symbol table and the section headers
 * follow, outside the segments.
 */

import {
  alignUp,
  EHDR_SIZE,
  ET_EXEC,
  PF_R,
  PF_W,
  PF_X,
  PHDR_SIZE,
  PT_GNU_STACK,
  PT_LOAD,
  type SectionHeader,
  SHDR_SIZE,
  SHN_ABS,
  SHT_STRTAB,
  SHT_SYMTAB,
  StringTable,
  SYM_SIZE,
  setU64,
  writeElfHeader,
  writeNullSectionHeader,
  writeSectionHeader,
  writeSymbol,
} from "./elf-format.ts";
import { SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS, type SymbolBinding, type SymbolType } from "./object-file.ts";

export const PAGE_SIZE = 4096;

/** A section of the executable. */
export interface OutputSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  align: number;
  /** Bytes in memory. */
  size: number;
  address: number;
  offset: number;
}

export interface OutputSymbol {
  readonly name: string;
  readonly binding: SymbolBinding;
  readonly type: SymbolType;
  /** The output section, or undefined for an absolute symbol. */
  readonly section: OutputSection | undefined;
  readonly address: number;
  readonly size: number;
}

interface Segment {
  readonly flags: number;
  readonly sections: readonly OutputSection[];
}

/** Sections by segment, in the order of their addresses. */
function segmentsOf(sections: readonly OutputSection[]): Segment[] {
  const inMemory = sections.filter((s) => (s.flags & SHF_ALLOC) !== 0);
  const isWritable = (s: OutputSection): boolean => (s.flags & SHF_WRITE) !== 0;
  const isCode = (s: OutputSection): boolean => (s.flags & SHF_EXECINSTR) !== 0;
  return [
    { flags: PF_R, sections: inMemory.filter((s) => !isWritable(s) && !isCode(s)) },
    { flags: PF_R | PF_X, sections: inMemory.filter((s) => !isWritable(s) && isCode(s)) },
    // What has file contents comes first: zeroes need no room in the file.
    {
      flags: PF_R | PF_W | (inMemory.some((s) => isWritable(s) && isCode(s)) ? PF_X : 0),
      sections: [
        ...inMemory.filter((s) => isWritable(s) && s.type !== SHT_NOBITS),
        ...inMemory.filter((s) => isWritable(s) && s.type === SHT_NOBITS),
      ],
    },
  ];
}

export interface ExecutableLayout {
  readonly segments: readonly {
    readonly flags: number;
    address: number;
    offset: number;
    fileSize: number;
    size: number;
  }[];
  /** All sections in file order. */
  readonly sections: readonly OutputSection[];
  /** Where the contents of the sections end. */
  readonly contentsEnd: number;
}

/** Gives every section its address and file offset, from `base` on. */
export function layOut(sections: readonly OutputSection[], base: number): ExecutableLayout {
  const kinds = segmentsOf(sections);
  const used = kinds.filter((s, i) => i === 0 || s.sections.length > 0);
  const headers = EHDR_SIZE + (used.length + 1) * PHDR_SIZE;
  const segments: { flags: number; address: number; offset: number; fileSize: number; size: number }[] = [];
  const order: OutputSection[] = [];
  let offset = 0;
  let address = base;
  used.forEach((segment, i) => {
    if (i > 0) {
      // The next page in memory, the same place within the page in the file.
      offset = alignUp(offset, 16);
      address = alignUp(address, PAGE_SIZE) + (offset % PAGE_SIZE);
    }
    const start = { flags: segment.flags, address, offset, fileSize: 0, size: 0 };
    if (i === 0) {
      address += headers;
      offset += headers;
    }
    for (const s of segment.sections) {
      const aligned = alignUp(address, s.align);
      if (s.type !== SHT_NOBITS || (s.flags & SHF_WRITE) === 0) offset += aligned - address;
      address = aligned;
      s.address = address;
      s.offset = offset;
      address += s.size;
      if (s.type !== SHT_NOBITS || (s.flags & SHF_WRITE) === 0) offset += s.size;
      order.push(s);
    }
    start.fileSize = offset - start.offset;
    start.size = address - start.address;
    segments.push(start);
  });
  for (const s of sections) {
    if ((s.flags & SHF_ALLOC) !== 0) continue;
    offset = alignUp(offset, s.align);
    s.offset = offset;
    offset += s.size;
    order.push(s);
  }
  return { segments, sections: order, contentsEnd: offset };
}

/** The tables that follow the sections' contents. */
export interface ExecutableTables {
  readonly symbols: Uint8Array;
  readonly numLocals: number;
  readonly strings: Uint8Array;
}

/** The symbol table: locals first. */
export function symbolTable(layout: ExecutableLayout, symbols: readonly OutputSymbol[]): ExecutableTables {
  const strings = new StringTable();
  const table = new Uint8Array((symbols.length + 1) * SYM_SIZE);
  const view = new DataView(table.buffer);
  const index = new Map(layout.sections.map((s, i) => [s, i + 1]));
  let at = SYM_SIZE;
  let numLocals = 0;
  for (const locals of [true, false]) {
    for (const s of symbols) {
      if ((s.binding === "local") !== locals) continue;
      if (locals) numLocals++;
      const section = s.section === undefined ? SHN_ABS : index.get(s.section)!;
      writeSymbol(view, at, strings.add(s.name), s.binding, s.type, section, s.address, s.size);
      at += SYM_SIZE;
    }
  }
  return { symbols: table, numLocals, strings: strings.contents() };
}

/** The bytes of the executable with empty section contents, which the caller fills in. */
export function writeExecutable(
  layout: ExecutableLayout,
  tables: ExecutableTables,
  machine: number,
  machineFlags: number,
  entry: number,
): Uint8Array {
  const names = new StringTable();
  const headers: SectionHeader[] = layout.sections.map((s) => ({
    ...s,
    name: names.add(s.name),
    link: 0,
    info: 0,
    entrySize: 0,
  }));
  const plain = { flags: 0, address: 0 };
  const symbolsAt = alignUp(layout.contentsEnd, 8);
  const stringsAt = symbolsAt + tables.symbols.length;
  const namesAt = stringsAt + tables.strings.length;
  const link = headers.length + 2;
  const symbols = {
    name: names.add(".symtab"),
    type: SHT_SYMTAB,
    offset: symbolsAt,
    size: tables.symbols.length,
    link,
  };
  headers.push({ ...plain, ...symbols, info: tables.numLocals + 1, align: 8, entrySize: SYM_SIZE });
  const strtab = { ...plain, type: SHT_STRTAB, link: 0, info: 0, align: 1, entrySize: 0 };
  headers.push({ ...strtab, name: names.add(".strtab"), offset: stringsAt, size: tables.strings.length });
  const shstrtab = names.add(".shstrtab");
  headers.push({ ...strtab, name: shstrtab, offset: namesAt, size: names.length });
  const numSections = headers.length + 1;
  const headersAt = alignUp(namesAt + names.length, 8);
  const bytes = new Uint8Array(headersAt + numSections * SHDR_SIZE);
  const view = new DataView(bytes.buffer);
  const numProgramHeaders = layout.segments.length + 1;
  const nameSection = numSections - 1;
  const header = {
    machine,
    machineFlags,
    entry,
    numProgramHeaders,
    sectionHeadersAt: headersAt,
    numSections,
    nameSection,
  };
  writeElfHeader(bytes, view, { ...header, type: ET_EXEC });
  layout.segments.forEach((s, i) => {
    writeProgramHeader(view, EHDR_SIZE + i * PHDR_SIZE, PT_LOAD, s, PAGE_SIZE);
  });
  const stack = { flags: PF_R | PF_W, address: 0, offset: 0, fileSize: 0, size: 0 };
  writeProgramHeader(view, EHDR_SIZE + layout.segments.length * PHDR_SIZE, PT_GNU_STACK, stack, 16);
  bytes.set(tables.symbols, symbolsAt);
  bytes.set(tables.strings, stringsAt);
  bytes.set(names.contents(), namesAt);
  writeNullSectionHeader(view, headersAt, numSections, nameSection);
  headers.forEach((h, i) => {
    writeSectionHeader(view, headersAt + (i + 1) * SHDR_SIZE, h);
  });
  return bytes;
}

function writeProgramHeader(
  view: DataView,
  at: number,
  type: number,
  s: { flags: number; address: number; offset: number; fileSize: number; size: number },
  align: number,
): void {
  view.setUint32(at, type, true);
  view.setUint32(at + 4, s.flags, true);
  setU64(view, at + 8, s.offset);
  setU64(view, at + 16, s.address);
  setU64(view, at + 24, s.address);
  setU64(view, at + 32, s.fileSize);
  setU64(view, at + 40, s.size);
  setU64(view, at + 48, align);
}
