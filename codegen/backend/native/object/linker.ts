/**
 * The static linker: objects in, one executable out.
 *
 * Steps: resolve global symbols by name (a strong definition beats a weak or common one, the first weak wins, an undefined weak symbol is
 * 0); mark the sections that are reached from the entry (`gcSections`); merge what is left by name (`.text.f` into `.text`); lay out;
 * copy; relocate. Everything happens in the order of the objects and their sections, so the same input gives the same bytes.
 *
 * Source of the rules: System V gABI, chapter 4 ("Symbol Table", "Relocation"); GNU ld's manual for `--gc-sections` and the symbols
 * that the linker itself defines (`_end`, `__start_SECTION` …).
 */

import { Diagnostic } from "../../../session/diagnostic.ts";
import { alignUp } from "./elf-format.ts";
import { layOut, type OutputSection, type OutputSymbol, symbolTable, writeExecutable } from "./executable.ts";
import {
  EM_X86_64,
  type ObjectFile,
  type ObjectSection,
  SECTION_ABSOLUTE,
  SECTION_COMMON,
  SECTION_UNDEFINED,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_GNU_RETAIN,
  SHF_TLS,
  SHF_WRITE,
  SHT_FINI_ARRAY,
  SHT_INIT_ARRAY,
  SHT_NOBITS,
  SHT_NOTE,
} from "./object-file.ts";
import { overflows, RELOCATION_TABLES, type RelocationTable, writeField } from "./relocations.ts";

export interface LinkOptions {
  /** The symbol that the program starts at; `_start` when absent. */
  readonly entry?: string;
  /** Leaves out sections that nothing reached from the entry refers to; true when absent. */
  readonly gcSections?: boolean;
  /** Symbols whose sections are kept. */
  readonly keep?: readonly string[];
  /** The address of the first page; 4 MiB when absent. */
  readonly base?: number;
  /** Leaves out local symbols; false when absent. */
  readonly discardLocals?: boolean;
  /** Relocation kinds in place of the machine's. */
  readonly relocations?: RelocationTable;
}

export interface LinkedExecutable {
  readonly bytes: Uint8Array;
  /** The address of the entry. */
  readonly entry: number;
  readonly sections: readonly OutputSection[];
}

/** An input section that goes into the executable. */
interface Piece {
  readonly object: number;
  readonly section: ObjectSection;
  readonly output: OutputSection;
  /** Offset in the output section. */
  offset: number;
}

/** Where a global name is defined. */
interface Definition {
  readonly object: number;
  readonly symbol: number;
}

const DEFAULT_BASE = 0x400000;
const MAX_REPORTED = 10;
/** The address in debug information of what was left out. */
const TOMBSTONE = 0;
/** `int3`: what fills the gaps between functions traps. */
const CODE_FILL: ReadonlyMap<number, number> = new Map([[EM_X86_64, 0xcc]]);
const OUTPUT_PREFIXES: readonly string[] = [
  ".text",
  ".rodata",
  ".data.rel.ro",
  ".data",
  ".bss",
  ".init_array",
  ".fini_array",
];

class Linker {
  private readonly objects: readonly ObjectFile[];
  private readonly options: LinkOptions;
  private readonly machine: number;
  private readonly table: RelocationTable;
  private readonly globals: Map<string, Definition> = new Map();
  /** Per object and symbol: its definition's address; filled after the layout. */
  private readonly addresses: Float64Array[] = [];
  /** Per object and section: whether it is in the executable. */
  private readonly live: Uint8Array[];
  private readonly pieces: (Piece | undefined)[][];
  private readonly outputs: Map<string, OutputSection> = new Map();
  private readonly inputs: Map<OutputSection, Piece[]> = new Map();
  /** Common symbols: offset in `.bss`. */
  private readonly commons: Map<string, number> = new Map();
  private commonSection: OutputSection | undefined;
  private readonly provided: Map<string, number> = new Map();
  private readonly undefinedReported: Set<string> = new Set();
  private readonly problems: { message: string; file: string }[] = [];

  constructor(objects: readonly ObjectFile[], options: LinkOptions) {
    const first = objects[0];
    if (first === undefined) throw new Diagnostic("nothing to link");
    this.objects = objects;
    this.options = options;
    this.machine = first.machine;
    for (const o of objects) {
      if (o.machine !== first.machine) {
        throw new Diagnostic(`machine ${o.machine} cannot be linked with machine ${first.machine} of ${first.name}`, {
          file: o.name,
        });
      }
    }
    const table = options.relocations ?? RELOCATION_TABLES.get(this.machine);
    if (table === undefined) throw new Diagnostic(`no linker for machine ${this.machine}`, { file: first.name });
    this.table = table;
    this.live = objects.map((o) => new Uint8Array(o.sections.length));
    this.pieces = objects.map((o) => new Array<Piece | undefined>(o.sections.length).fill(undefined));
  }

  run(): LinkedExecutable {
    this.resolveGlobals();
    this.throwProblems();
    this.markLive();
    this.throwProblems();
    this.merge();
    const layout = layOut([...this.outputs.values()], this.options.base ?? DEFAULT_BASE);
    this.provideSymbols(layout.sections);
    this.computeAddresses();
    const entryName = this.options.entry ?? "_start";
    const entry = this.globalAddress(entryName) ?? 0;
    const tables = symbolTable(layout, this.outputSymbols());
    const bytes = writeExecutable(layout, tables, this.machine, this.objects[0]!.machineFlags, entry);
    this.copyContents(bytes);
    this.relocate(bytes);
    this.throwProblems();
    return { bytes, entry, sections: layout.sections };
  }

  private problem(message: string, object: number): void {
    this.problems.push({ message, file: this.objects[object]!.name });
  }

  private throwProblems(): void {
    const first = this.problems[0];
    if (first === undefined) return;
    const shown = this.problems.slice(0, MAX_REPORTED).map((p) => `${p.file}: ${p.message}`);
    if (this.problems.length > MAX_REPORTED) shown.push(`and ${this.problems.length - MAX_REPORTED} more`);
    throw new Diagnostic(this.problems.length === 1 ? first.message : shown.join("\n"), { file: first.file });
  }

  // Symbols.

  private resolveGlobals(): void {
    for (let o = 0; o < this.objects.length; o++) {
      const { symbols, sections } = this.objects[o]!;
      for (let s = 0; s < symbols.length; s++) {
        const symbol = symbols[s]!;
        if (symbol.section >= sections.length)
          this.problem(`symbol ${symbol.name} is in section ${symbol.section}, which is not there`, o);
        if (symbol.binding === "local" || symbol.section === SECTION_UNDEFINED) continue;
        const known = this.globals.get(symbol.name);
        if (known === undefined || this.beats(o, s, known)) this.globals.set(symbol.name, { object: o, symbol: s });
      }
    }
  }

  /** Whether symbol `s` of object `o` takes the place of a known definition; two strong ones are a problem. */
  private beats(o: number, s: number, known: Definition): boolean {
    const symbol = this.objects[o]!.symbols[s]!;
    const other = this.objects[known.object]!.symbols[known.symbol]!;
    if (symbol.section === SECTION_COMMON && other.section === SECTION_COMMON) return symbol.size > other.size;
    const strength = definitionStrength(symbol.binding, symbol.section);
    const otherStrength = definitionStrength(other.binding, other.section);
    if (strength === 2 && otherStrength === 2) {
      this.problem(`duplicate symbol ${symbol.name}: defined in ${this.objects[known.object]!.name} too`, o);
    }
    return strength > otherStrength;
  }

  /** The definition that symbol `s` of object `o` means, or undefined. */
  private definition(o: number, s: number): Definition | undefined {
    const symbol = this.objects[o]!.symbols[s]!;
    if (symbol.binding !== "local") return this.globals.get(symbol.name);
    return symbol.section === SECTION_UNDEFINED ? undefined : { object: o, symbol: s };
  }

  // Garbage collection.

  private markLive(): void {
    const entry = this.options.entry ?? "_start";
    if (!this.globals.has(entry))
      throw new Diagnostic(`undefined entry symbol ${entry}`, { file: this.objects[0]!.name });
    const work: number[] = [];
    const mark = (o: number, section: number): void => {
      if (section < 0 || this.live[o]![section] !== 0) return;
      this.live[o]![section] = 1;
      work.push(o, section);
    };
    const collects = this.options.gcSections ?? true;
    for (let o = 0; o < this.objects.length; o++) {
      const { sections } = this.objects[o]!;
      for (let i = 0; i < sections.length; i++) {
        if (isDebug(sections[i]!) || isUnwind(sections[i]!)) this.live[o]![i] = 1;
        else if (!collects || isRoot(sections[i]!)) mark(o, i);
      }
    }
    for (const name of [entry, ...(this.options.keep ?? [])]) {
      const d = this.globals.get(name);
      if (d !== undefined) mark(d.object, this.objects[d.object]!.symbols[d.symbol]!.section);
    }
    while (work.length > 0) {
      const section = work.pop()!;
      const o = work.pop()!;
      this.markReferences(o, section, mark);
    }
  }

  private markReferences(o: number, section: number, mark: (o: number, section: number) => void): void {
    const object = this.objects[o]!;
    for (const r of object.sections[section]!.relocations) {
      const symbol = object.symbols[r.symbol];
      if (symbol === undefined) {
        this.problem(
          `a relocation of section ${object.sections[section]!.name} names symbol ${r.symbol}, which is not there`,
          o,
        );
      } else if (symbol.binding === "local") {
        mark(o, symbol.section);
      } else {
        const d = this.globals.get(symbol.name);
        if (d !== undefined) mark(d.object, this.objects[d.object]!.symbols[d.symbol]!.section);
        else this.markBounded(symbol.name, mark);
      }
    }
  }

  /** `__start_NAME` and `__stop_NAME` keep the sections that they bound. */
  private markBounded(name: string, mark: (o: number, section: number) => void): void {
    const bounded = /^__(?:start|stop)_(.+)$/.exec(name)?.[1];
    if (bounded === undefined) return;
    this.objects.forEach((object, o) => {
      object.sections.forEach((s, i) => {
        if (s.name === bounded) mark(o, i);
      });
    });
  }

  // Merging and layout.

  private merge(): void {
    for (let o = 0; o < this.objects.length; o++) {
      const { sections } = this.objects[o]!;
      for (let i = 0; i < sections.length; i++) if (this.live[o]![i] !== 0) this.place(o, i, sections[i]!);
    }
    for (const [name, d] of this.globals) {
      const symbol = this.objects[d.object]!.symbols[d.symbol]!;
      if (symbol.section !== SECTION_COMMON) continue;
      this.commonSection ??= this.output(".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE);
      const output = this.commonSection;
      const align = Math.max(1, symbol.value);
      const offset = alignUp(output.size, align);
      this.commons.set(name, offset);
      output.size = offset + symbol.size;
      output.align = Math.max(output.align, align);
    }
  }

  private place(o: number, index: number, section: ObjectSection): void {
    if ((section.flags & SHF_TLS) !== 0) {
      throw new Diagnostic(`section ${section.name} is thread-local, which is not supported`, {
        file: this.objects[o]!.name,
      });
    }
    const output = this.output(outputName(section), section.type, section.flags);
    const align = Math.max(1, section.align);
    const offset = alignUp(output.size, align);
    const piece: Piece = { object: o, section, output, offset };
    this.pieces[o]![index] = piece;
    this.inputs.get(output)!.push(piece);
    output.size = offset + section.size;
    output.align = Math.max(output.align, align);
  }

  /** Sections of one name but of other access or with and without contents stay apart. */
  private output(name: string, type: number, flags: number): OutputSection {
    const access = flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR);
    const key = `${name} ${access} ${type === SHT_NOBITS}`;
    let output = this.outputs.get(key);
    if (output === undefined) {
      output = { name, type, flags: access, align: 1, size: 0, address: 0, offset: 0 };
      this.outputs.set(key, output);
      this.inputs.set(output, []);
    }
    return output;
  }

  private provideSymbols(sections: readonly OutputSection[]): void {
    const inMemory = sections.filter((s) => (s.flags & SHF_ALLOC) !== 0);
    const end = (list: readonly OutputSection[]): number => Math.max(0, ...list.map((s) => s.address + s.size));
    const data = inMemory.filter((s) => s.type !== SHT_NOBITS);
    const bss = inMemory.filter((s) => s.type === SHT_NOBITS);
    this.provided.set("__executable_start", this.options.base ?? DEFAULT_BASE);
    this.provided.set("_etext", end(inMemory.filter((s) => (s.flags & SHF_EXECINSTR) !== 0)));
    this.provided.set("_edata", end(data));
    this.provided.set("__bss_start", bss.length > 0 ? Math.min(...bss.map((s) => s.address)) : end(inMemory));
    this.provided.set("_end", end(inMemory));
    for (const s of inMemory) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(s.name)) continue;
      this.provided.set(`__start_${s.name}`, s.address);
      this.provided.set(`__stop_${s.name}`, s.address + s.size);
    }
  }

  // Addresses.

  private computeAddresses(): void {
    for (let o = 0; o < this.objects.length; o++) {
      const { symbols } = this.objects[o]!;
      const addresses = new Float64Array(symbols.length);
      for (let s = 0; s < symbols.length; s++) addresses[s] = this.ownAddress(o, s);
      this.addresses.push(addresses);
    }
    for (let o = 0; o < this.objects.length; o++) {
      const { symbols } = this.objects[o]!;
      for (let s = 0; s < symbols.length; s++) {
        if (symbols[s]!.binding === "local") continue;
        this.addresses[o]![s] = this.globalAddress(symbols[s]!.name) ?? Number.NaN;
      }
    }
  }

  /** The address of a symbol by its own object; NaN when it is undefined or its section was left out. */
  private ownAddress(o: number, s: number): number {
    const symbol = this.objects[o]!.symbols[s]!;
    if (symbol.section === SECTION_ABSOLUTE) return symbol.value;
    if (symbol.section === SECTION_COMMON) {
      const offset = this.commons.get(symbol.name);
      return offset === undefined || this.commonSection === undefined
        ? Number.NaN
        : this.commonSection.address + offset;
    }
    // ELF's null symbol.
    if (symbol.section === SECTION_UNDEFINED) return symbol.binding === "local" && symbol.name === "" ? 0 : Number.NaN;
    const piece = this.pieces[o]![symbol.section];
    return piece === undefined ? Number.NaN : piece.output.address + piece.offset + symbol.value;
  }

  private globalAddress(name: string): number | undefined {
    const d = this.globals.get(name);
    return d === undefined ? this.provided.get(name) : this.addresses[d.object]![d.symbol];
  }

  private outputSymbols(): OutputSymbol[] {
    const result: OutputSymbol[] = [];
    for (let o = 0; o < this.objects.length; o++) {
      const { symbols, name } = this.objects[o]!;
      for (let s = 0; s < symbols.length; s++) {
        const symbol = symbols[s]!;
        if (symbol.type === "section" || symbol.name === "" || symbol.section === SECTION_UNDEFINED) continue;
        if (symbol.binding === "local") {
          if (this.options.discardLocals ?? false) continue;
        } else if (this.definition(o, s)?.object !== o) {
          continue;
        }
        const address = this.addresses[o]![s]!;
        if (Number.isNaN(address)) continue;
        let section: OutputSection | undefined;
        if (symbol.section === SECTION_COMMON) section = this.commonSection;
        else if (symbol.section !== SECTION_ABSOLUTE) section = this.pieces[o]![symbol.section]?.output;
        if (section !== undefined && (section.flags & SHF_ALLOC) === 0) continue;
        result.push({
          name: symbol.type === "file" ? name : symbol.name,
          binding: symbol.binding,
          type: symbol.type,
          section,
          address,
          size: symbol.size,
        });
      }
    }
    return result;
  }

  // Contents.

  private copyContents(bytes: Uint8Array): void {
    const fill = CODE_FILL.get(this.machine) ?? 0;
    for (const [output, pieces] of this.inputs) {
      if ((output.flags & SHF_EXECINSTR) !== 0 && output.type !== SHT_NOBITS && fill !== 0) {
        bytes.fill(fill, output.offset, output.offset + output.size);
      }
      for (const p of pieces) if (p.section.type !== SHT_NOBITS) bytes.set(p.section.data, output.offset + p.offset);
    }
  }

  private relocate(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const pieces of this.inputs.values())
      for (const p of pieces) if (p.section.relocations.length > 0) this.relocatePiece(view, p);
  }

  private relocatePiece(view: DataView, piece: Piece): void {
    const { section, output, object } = piece;
    const addresses = this.addresses[object]!;
    const fileAt = output.offset + piece.offset;
    const memoryAt = output.address + piece.offset;
    for (const r of section.relocations) {
      const kind = this.table.get(r.type);
      if (kind === undefined) {
        this.problem(`unknown relocation type ${r.type} in section ${section.name}`, object);
        continue;
      }
      if (r.offset < 0 || r.offset + kind.size > section.data.length) {
        this.problem(`relocation ${kind.name} at ${r.offset} is outside section ${section.name}`, object);
        continue;
      }
      let target = addresses[r.symbol] ?? Number.NaN;
      if (Number.isNaN(target)) target = this.missing(piece, r.symbol);
      const value = kind.pcRelative ? target + r.addend - (memoryAt + r.offset) : target + r.addend;
      if (overflows(kind, value)) {
        const { name } = this.objects[object]!.symbols[r.symbol]!;
        this.problem(`relocation ${kind.name} to ${name} in section ${section.name} overflows: ${value}`, object);
        continue;
      }
      writeField(view, fileAt + r.offset, kind, value);
    }
  }

  /** The address of what has none: 0 for a weak symbol and for debug information of left out sections; else a problem. */
  private missing(piece: Piece, s: number): number {
    const symbol = this.objects[piece.object]!.symbols[s];
    if (symbol === undefined) {
      this.problem(`a relocation of section ${piece.section.name} names symbol ${s}, which is not there`, piece.object);
      return TOMBSTONE;
    }
    if (isDebug(piece.section) || isUnwind(piece.section)) return TOMBSTONE;
    if (symbol.binding === "weak") return 0;
    const key = `${piece.object} ${symbol.name}`;
    if (!this.undefinedReported.has(key)) {
      this.undefinedReported.add(key);
      this.problem(`undefined symbol ${symbol.name}, referred to by section ${piece.section.name}`, piece.object);
    }
    return 0;
  }
}

/** Strong, then common, then weak. */
function definitionStrength(binding: string, section: number): number {
  if (section === SECTION_COMMON) return 1;
  return binding === "weak" ? 0 : 2;
}

function isDebug(section: ObjectSection): boolean {
  return (section.flags & SHF_ALLOC) === 0;
}

function isUnwind(section: ObjectSection): boolean {
  return section.name === ".eh_frame";
}

function isRoot(section: ObjectSection): boolean {
  const { type, flags } = section;
  return (flags & SHF_GNU_RETAIN) !== 0 || type === SHT_INIT_ARRAY || type === SHT_FINI_ARRAY || type === SHT_NOTE;
}

/** `.text.f` goes into `.text`, and so on; other names stay. */
function outputName(section: ObjectSection): string {
  const { name } = section;
  for (const prefix of OUTPUT_PREFIXES) {
    if (name.startsWith(prefix) && (name.length === prefix.length || name.charCodeAt(prefix.length) === 0x2e))
      return prefix;
  }
  return name;
}

/**
 * Links `objects` into a static executable. What is wrong with them (undefined and duplicate symbols, overflowing or unknown
 * relocations, mixed machines, no entry) is a `Diagnostic` that names the symbol and the object.
 */
export function link(objects: readonly ObjectFile[], options: LinkOptions = {}): LinkedExecutable {
  return new Linker(objects, options).run();
}
