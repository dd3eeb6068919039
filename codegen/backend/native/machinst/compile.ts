/**
 * From IR to machine code: lower, allocate registers, emit; then functions to an object file.
 *
 * Each function has its sections, `.text.SYMBOL` and when needed `.rodata.SYMBOL`, so that the linker can leave out what nobody refers to.
 */

import { bug } from "../../../entity/entity.ts";
import type { IrFunction, IrModule } from "../ir/function.ts";
import {
  type ObjectFile,
  type ObjectSection,
  type ObjectSymbol,
  type Relocation,
  SECTION_UNDEFINED,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHT_PROGBITS,
} from "../object/object-file.ts";
import { allocate } from "../regalloc/allocate.ts";
import { checkAllocation } from "../regalloc/checker.ts";
import type { RegallocOptions, RegallocPolicy } from "../regalloc/function.ts";
import { validateFunction } from "../regalloc/validate.ts";
import { RODATA_SYMBOL } from "./buffer.ts";
import { LowerContext } from "./lower.ts";
import type { EmittedCode, Listing, TargetIsa } from "./target-isa.ts";
import type { VCode } from "./vcode.ts";

export interface CompileFlags {
  /** `fast` at opt-level 0, else `linear-scan`. */
  readonly algorithm: RegallocOptions["algorithm"];
  /** Check what lowering gives to the allocator, and the allocation. */
  readonly verify: boolean;
  readonly optForSize: boolean;
  /** The allocator's policy; sound when absent. */
  readonly regallocPolicy?: RegallocPolicy;
  /** Collects the assembly text of what is compiled. */
  readonly listing?: Listing;
  /** Is given the VCode of each function, as text. */
  readonly dumpVCode?: (symbol: string, text: string) => void;
}

export interface CompiledFunction extends EmittedCode {
  readonly symbol: string;
  readonly isLocal: boolean;
}

/** Working memory, kept from one function to the next. Compiling is synchronous, so that one is enough for a thread. */
const lowerContext: LowerContext = new LowerContext();

/**
 * Compiles one function.
 *
 * @throws bug when `flags.verify` is set and a check fails; the message names the function and the faults.
 */
export function compileFunction(fn: IrFunction, isa: TargetIsa, flags: CompileFlags): CompiledFunction {
  const cx = lowerContext;
  const vcode = cx.lower(fn, isa.lowering, flags.optForSize);
  flags.dumpVCode?.(fn.symbol, isa.printVCode(vcode));
  if (flags.verify) expectNone(validateFunction(vcode, isa.machineEnv), "lowering", fn, vcode, isa);
  const options: RegallocOptions =
    flags.regallocPolicy === undefined
      ? { algorithm: flags.algorithm }
      : { algorithm: flags.algorithm, policy: flags.regallocPolicy };
  const alloc = allocate(vcode, isa.machineEnv, options);
  if (flags.verify) expectNone(checkAllocation(vcode, isa.machineEnv, alloc), "register allocation", fn, vcode, isa);
  if (flags.listing !== undefined) startListing(flags.listing, fn, isa);
  const emitted = isa.emit({
    vcode,
    alloc,
    symbol: fn.symbol,
    slotSize: cx.slotSize,
    maxSlotAlign: cx.maxSlotAlign,
    listing: flags.listing,
  });
  return { ...emitted, symbol: fn.symbol, isLocal: fn.linkage === "internal" };
}

/** The directives before a function's instructions. */
function startListing(listing: Listing, fn: IrFunction, isa: TargetIsa): void {
  const { symbol } = fn;
  listing.push(`\t.section\t".text.${symbol}","ax",@progbits`, `\t.balign\t${isa.functionAlign}`);
  if (fn.linkage !== "internal") listing.push(`\t.globl\t${symbol}`);
  listing.push(`\t.type\t${symbol},@function`, `${symbol}:`);
}

function expectNone(errors: readonly string[], stage: string, fn: IrFunction, vcode: VCode, isa: TargetIsa): void {
  if (errors.length === 0) return;
  throw bug(`${stage} of ${fn.symbol} is wrong:\n  ${errors.join("\n  ")}\n${isa.printVCode(vcode)}`);
}

/** Builds an object file function by function. */
export class ObjectBuilder {
  private readonly name: string;
  private readonly isa: TargetIsa;
  private readonly sections: ObjectSection[] = [];
  private readonly symbols: { -readonly [K in keyof ObjectSymbol]: ObjectSymbol[K] }[] = [];
  private readonly symbolIndex = new Map<string, number>();

  constructor(name: string, isa: TargetIsa) {
    this.name = name;
    this.isa = isa;
  }

  /** The index of the symbol named `name`, undefined until something defines it. */
  private symbol(name: string): number {
    let index = this.symbolIndex.get(name);
    if (index === undefined) {
      const symbol = {
        name,
        binding: "global",
        type: "notype",
        section: SECTION_UNDEFINED,
        value: 0,
        size: 0,
      } as const;
      index = this.symbols.push({ ...symbol }) - 1;
      this.symbolIndex.set(name, index);
    }
    return index;
  }

  add(fn: CompiledFunction): void {
    const section = this.sections.length;
    const rodataSection = fn.rodata.length === 0 ? -1 : section + 1;
    let rodataSymbol = -1;
    if (rodataSection >= 0) {
      const name = `${RODATA_SYMBOL}.${fn.symbol}`;
      const symbol = { name, binding: "local", type: "object", section: rodataSection, value: 0 } as const;
      rodataSymbol = this.symbols.push({ ...symbol, size: fn.rodata.length }) - 1;
    }
    const { pcRelative, call } = this.isa.relocTypes;
    const relocations: Relocation[] = fn.relocs.map((r) => ({
      offset: r.offset,
      type: r.isCall ? call : pcRelative,
      symbol: r.symbol === RODATA_SYMBOL ? rodataSymbol : this.symbol(r.symbol),
      addend: r.addend,
    }));
    this.addSection(`.text.${fn.symbol}`, SHF_ALLOC | SHF_EXECINSTR, this.isa.functionAlign, fn.code, relocations);
    if (rodataSection >= 0) this.addSection(`.rodata.${fn.symbol}`, SHF_ALLOC, fn.rodataAlign, fn.rodata, []);
    const symbol = this.symbols[this.symbol(fn.symbol)]!;
    if (symbol.section !== SECTION_UNDEFINED) throw bug(`${fn.symbol} is defined twice in ${this.name}`);
    symbol.binding = fn.isLocal ? "local" : "global";
    symbol.type = "func";
    symbol.section = section;
    symbol.size = fn.code.length;
  }

  private addSection(
    name: string,
    flags: number,
    align: number,
    data: Uint8Array,
    relocations: readonly Relocation[],
  ): void {
    this.sections.push({ name, type: SHT_PROGBITS, flags, align, data, size: data.length, relocations });
  }

  finish(): ObjectFile {
    return {
      name: this.name,
      machine: this.isa.elfMachine,
      machineFlags: 0,
      sections: this.sections,
      symbols: this.symbols,
    };
  }
}

/**
 * Compiles the functions of a module to an object file. Bodies that are there only to be inlined (`availableExternally`) are left out.
 *
 * @throws bug as `compileFunction` does.
 */
export function compileModule(module: IrModule, isa: TargetIsa, flags: CompileFlags): ObjectFile {
  const builder = new ObjectBuilder(module.name, isa);
  for (const fn of module.functions)
    if (fn.linkage !== "availableExternally") builder.add(compileFunction(fn, isa, flags));
  return builder.finish();
}

/**
 * The assembly text of a module (`--emit=asm`), which an assembler turns into what `compileModule` makes.
 *
 * @throws bug as `compileFunction` does.
 */
export function compileModuleToAssembly(module: IrModule, isa: TargetIsa, flags: CompileFlags): string {
  const listing: string[] = [isa.assemblyHeader];
  for (const fn of module.functions)
    if (fn.linkage !== "availableExternally") compileFunction(fn, isa, { ...flags, listing });
  return `${listing.join("\n")}\n`;
}
