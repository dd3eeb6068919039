/**
 * Reads a relocatable ELF64 object (`ET_REL`, little endian, RELA) back into an `ObjectFile`.
 *
 * The file may be truncated or garbage: every offset, size, count and index is checked before it is followed, and what is wrong is a
 * `Diagnostic` with the file's name. Section groups, `.note.GNU-stack`, the address-significance table and the like, which mean nothing to
 * a static link, are left out.
 */

import { Diagnostic } from "../../../session/diagnostic.ts";
import {
  BINDINGS,
  EHDR_SIZE,
  ET_REL,
  RELA_SIZE,
  SHDR_SIZE,
  SHN_ABS,
  SHN_COMMON,
  SHN_LORESERVE,
  SHN_UNDEF,
  SHN_XINDEX,
  SHT_REL,
  SHT_RELA,
  SHT_STRTAB,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
  SYM_SIZE,
  SYMBOL_TYPES,
} from "./elf-format.ts";
import {
  type ObjectFile,
  type ObjectSection,
  type ObjectSymbol,
  type Relocation,
  SECTION_ABSOLUTE,
  SECTION_COMMON,
  SECTION_UNDEFINED,
  SHF_ALLOC,
  SHF_TLS,
  SHT_FINI_ARRAY,
  SHT_INIT_ARRAY,
  SHT_NOBITS,
  SHT_NOTE,
  SHT_PROGBITS,
} from "./object-file.ts";

/** `SHT_X86_64_UNWIND`: what LLVM calls `.eh_frame`. */
const SHT_X86_64_UNWIND = 0x70000001;
const PREINIT_ARRAY = 16;
/** More memory than that cannot be linked below 2 GiB. */
const MAX_SECTION_SIZE = 2 ** 31;

interface RawSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly align: number;
  readonly entrySize: number;
}

class Reader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly file: string;
  private readonly decoder: TextDecoder = new TextDecoder();

  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
  }

  error(message: string): Diagnostic {
    return new Diagnostic(message, { file: this.file, help: "is the object truncated, or of another kind?" });
  }

  private check(at: number, size: number, what: string): void {
    if (at < 0 || size < 0 || at + size > this.bytes.length)
      throw this.error(`${what} is outside the file of ${this.bytes.length} bytes`);
  }

  private u16(at: number): number {
    return this.view.getUint16(at, true);
  }

  private u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  /** An unsigned 64-bit number, which no sound file has above 2^53. */
  private u64(at: number, what: string): number {
    const value = this.u32(at) + this.u32(at + 4) * 2 ** 32;
    if (!Number.isSafeInteger(value)) throw this.error(`${what} is too large`);
    return value;
  }

  private i64(at: number, what: string): number {
    const value = this.u32(at) + this.view.getInt32(at + 4, true) * 2 ** 32;
    if (!Number.isSafeInteger(value)) throw this.error(`${what} is too large`);
    return value;
  }

  read(): ObjectFile {
    this.check(0, EHDR_SIZE, "the ELF header");
    if (this.u32(0) !== 0x464c457f) throw this.error("not an ELF file");
    if (this.bytes[4] !== 2 || this.bytes[5] !== 1) throw this.error("not a 64-bit little-endian ELF file");
    if (this.u16(16) !== ET_REL) throw this.error("not a relocatable object");
    const raw = this.readSectionHeaders();
    const { sections, indices } = this.readSections(raw);
    const symbols = this.readSymbols(raw, indices);
    this.readRelocations(raw, indices, sections, symbols.length);
    return { name: this.file, machine: this.u16(18), machineFlags: this.u32(48), sections, symbols };
  }

  private readSectionHeaders(): RawSection[] {
    const at = this.u64(40, "the offset of the section headers");
    if (at === 0) return [];
    if (this.u16(58) !== SHDR_SIZE) throw this.error(`section headers of ${this.u16(58)} bytes`);
    let count = this.u16(60);
    let names = this.u16(62);
    this.check(at, SHDR_SIZE, "the first section header");
    if (count === 0) count = this.u64(at + 32, "the number of sections");
    if (names === SHN_XINDEX) names = this.u32(at + 40);
    this.check(at, count * SHDR_SIZE, "the section header table");
    if (names >= count) throw this.error(`no section ${names} for the section names`);
    const namesAt = at + names * SHDR_SIZE;
    const strings = this.stringTable(this.u64(namesAt + 24, "an offset"), this.u64(namesAt + 32, "a size"));
    const raw: RawSection[] = [];
    for (let i = 0; i < count; i++) raw.push(this.readSectionHeader(at + i * SHDR_SIZE, strings));
    return raw;
  }

  private readSectionHeader(at: number, strings: Uint8Array): RawSection {
    return {
      name: this.string(strings, this.u32(at), "a section name"),
      type: this.u32(at + 4),
      flags: this.u64(at + 8, "section flags"),
      offset: this.u64(at + 24, "a section offset"),
      size: this.u64(at + 32, "a section size"),
      link: this.u32(at + 40),
      info: this.u32(at + 44),
      align: this.u64(at + 48, "a section alignment"),
      entrySize: this.u64(at + 56, "an entry size"),
    };
  }

  private stringTable(at: number, size: number): Uint8Array {
    this.check(at, size, "a string table");
    return this.bytes.subarray(at, at + size);
  }

  private string(table: Uint8Array, at: number, what: string): string {
    const end = at < table.length ? table.indexOf(0, at) : -1;
    if (end < 0) throw this.error(`${what} is outside its string table`);
    return this.decoder.decode(table.subarray(at, end));
  }

  /** The sections that the model keeps; `indices` maps file sections to them, or to -1. */
  private readSections(raw: readonly RawSection[]): { sections: ObjectSection[]; indices: Int32Array } {
    const sections: ObjectSection[] = [];
    const indices = new Int32Array(raw.length).fill(-1);
    raw.forEach((s, i) => {
      if (!isKept(s)) return;
      if ((s.flags & SHF_TLS) !== 0) throw this.error(`section ${s.name} is thread-local, which is not supported`);
      const align = Math.max(s.align, 1);
      if (2 ** Math.round(Math.log2(align)) !== align || align > 2 ** 20)
        throw this.error(`section ${s.name} has alignment ${s.align}`);
      if (s.size > MAX_SECTION_SIZE) throw this.error(`section ${s.name} has ${s.size} bytes`);
      if (s.type !== SHT_NOBITS) this.check(s.offset, s.size, `section ${s.name}`);
      const data = s.type === SHT_NOBITS ? new Uint8Array(0) : this.bytes.subarray(s.offset, s.offset + s.size);
      indices[i] = sections.length;
      const { name, type, flags, size, entrySize } = s;
      sections.push({ name, type, flags, align, data, size, entrySize, relocations: [] });
    });
    return { sections, indices };
  }

  private readSymbols(raw: readonly RawSection[], indices: Int32Array): ObjectSymbol[] {
    const tables = raw.flatMap((s, i) => (s.type === SHT_SYMTAB ? [{ s, i }] : []));
    if (tables.length > 1) throw this.error("more than one symbol table");
    const table = tables[0];
    if (table === undefined) return [];
    const { s } = table;
    const count = this.countEntries(s, SYM_SIZE, "the symbol table");
    const linked = raw[s.link];
    if (linked === undefined || linked.type !== SHT_STRTAB) throw this.error("the symbol table has no string table");
    const strings = this.stringTable(linked.offset, linked.size);
    const extended = raw.find((x) => x.type === SHT_SYMTAB_SHNDX && x.link === table.i);
    if (extended !== undefined && this.countEntries(extended, 4, "the extended section indices") < count) {
      throw this.error("too few extended section indices");
    }
    const symbols: ObjectSymbol[] = [];
    for (let i = 0; i < count; i++) {
      const at = s.offset + i * SYM_SIZE;
      let section = this.u16(at + 6);
      const isExtended = section === SHN_XINDEX;
      if (isExtended) {
        if (extended === undefined) throw this.error("extended section indices are missing");
        section = this.u32(extended.offset + i * 4);
      }
      symbols.push(this.readSymbol(at, i, strings, raw, this.symbolSection(section, isExtended, raw, indices)));
    }
    return symbols;
  }

  private symbolSection(section: number, isExtended: boolean, raw: readonly RawSection[], indices: Int32Array): number {
    if (section === SHN_UNDEF) return SECTION_UNDEFINED;
    if (!isExtended && section >= SHN_LORESERVE) {
      if (section === SHN_ABS) return SECTION_ABSOLUTE;
      if (section === SHN_COMMON) return SECTION_COMMON;
      throw this.error(`a symbol is in the unknown special section ${section}`);
    }
    if (section >= raw.length) throw this.error(`a symbol is in section ${section} of ${raw.length}`);
    return indices[section]!;
  }

  private readSymbol(
    at: number,
    index: number,
    strings: Uint8Array,
    raw: readonly RawSection[],
    section: number,
  ): ObjectSymbol {
    const info = this.bytes[at + 4]!;
    const binding = BINDINGS[info >> 4];
    const type = SYMBOL_TYPES[info & 15];
    if (binding === undefined) throw this.error(`symbol ${index} has the unknown binding ${info >> 4}`);
    if (type === undefined) throw this.error(`symbol ${index} has the unknown or unsupported type ${info & 15}`);
    const value = this.u64(at + 8, "a symbol value");
    const size = this.u64(at + 16, "a symbol size");
    let name = this.string(strings, this.u32(at), `the name of symbol ${index}`);
    if (type === "section" && name === "") name = raw[this.u16(at + 6)]?.name ?? "";
    return { name, binding, type, section, value, size };
  }

  private countEntries(s: RawSection, size: number, what: string): number {
    if (s.entrySize !== size || s.size % size !== 0)
      throw this.error(`${what} does not consist of entries of ${size} bytes`);
    this.check(s.offset, s.size, what);
    return s.size / size;
  }

  private readRelocations(
    raw: readonly RawSection[],
    indices: Int32Array,
    sections: ObjectSection[],
    numSymbols: number,
  ): void {
    for (const s of raw) {
      if (s.type === SHT_REL)
        throw this.error(`section ${s.name} has relocations without addends, which are not supported`);
      if (s.type !== SHT_RELA) continue;
      if (s.info >= raw.length) throw this.error(`section ${s.name} relocates section ${s.info} of ${raw.length}`);
      const target = indices[s.info]!;
      const count = this.countEntries(s, RELA_SIZE, `section ${s.name}`);
      if (target < 0) continue;
      const relocations: Relocation[] = [];
      for (let i = 0; i < count; i++) {
        const at = s.offset + i * RELA_SIZE;
        const offset = this.u64(at, "a relocation offset");
        const symbol = this.u32(at + 12);
        if (offset >= sections[target]!.size) throw this.error(`relocation ${i} of ${s.name} is outside its section`);
        if (symbol >= numSymbols)
          throw this.error(`relocation ${i} of ${s.name} names symbol ${symbol} of ${numSymbols}`);
        relocations.push({ offset, type: this.u32(at + 8), symbol, addend: this.i64(at + 16, "an addend") });
      }
      sections[target] = { ...sections[target]!, relocations: [...sections[target]!.relocations, ...relocations] };
    }
  }
}

function isKept(s: RawSection): boolean {
  switch (s.type) {
    case SHT_PROGBITS:
      return s.name !== ".note.GNU-stack";
    case SHT_NOBITS:
    case SHT_NOTE:
    case SHT_INIT_ARRAY:
    case SHT_FINI_ARRAY:
    case PREINIT_ARRAY:
      return true;
    case SHT_X86_64_UNWIND:
      return (s.flags & SHF_ALLOC) !== 0;
    default:
      return false;
  }
}

/**
 * The object in `bytes`; `file` is for messages. Symbol 0 is ELF's null symbol. Section contents are views of `bytes`.
 */
export function readElfObject(bytes: Uint8Array, file: string): ObjectFile {
  return new Reader(bytes, file).read();
}
