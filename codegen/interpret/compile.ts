/**
 * Programs made ready to run: bodies compiled to bytecode, each when it is first called.
 *
 * A *frame* has registers (32-bit words) and memory. Registers, in this order: incoming arguments and outgoing results (one slot of four
 * words per leaf), locals, scratch, constants; the callee's frame follows directly, so that its arguments are written in place. Memory:
 * incoming result and arguments of types that live in memory, then locals; the callee's follows too.
 *
 * A *position* is a number for one instruction of one function: the function's `positionBase` plus the instruction's offset.
 */

import { bug } from "../entity/entity.ts";
import { LayoutCx } from "../layout/layout.ts";
import type { FnSig } from "../mir/place-ty.ts";
import type { Program } from "../mir/program.ts";
import type { Body, FnItem } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import type { Instance } from "../monomorphize/instance.ts";
import { instanceBody } from "../monomorphize/instantiate.ts";
import { type MonoCx, monoCxOf } from "../monomorphize/mono-cx.ts";
import { itemInstance } from "../monomorphize/resolve.ts";
import type { Span } from "../session/diagnostic.ts";
import type { TraitCx } from "../traits/trait-cx.ts";
import type { AssertSite } from "./assert-message.ts";
import { compileBody } from "./compile-body.ts";
import type { RetagSite } from "./compile-retag.ts";
import { GlobalTable } from "./global-table.ts";
import type { IntrinsicSite } from "./intrinsics/intrinsic.ts";
import type { Aliasing } from "./memory.ts";
import { RetagShapes } from "./retag-shape.ts";
import { TypeTable } from "./type-info.ts";
import { Unsupported } from "./ub.ts";
import type { FailedFrame } from "./unread-local.ts";
import type { VaSite } from "./va-list.ts";

/** A function's body as bytecode. */
export interface CompiledFn {
  readonly index: number;
  readonly item: FnItem;
  /** For reports. */
  readonly name: string;
  readonly sig: FnSig;
  readonly code: Int32Array;
  readonly positionBase: number;
  readonly frameWords: number;
  /** Words that its calls write beyond its own frame, before the callee's is checked. */
  readonly outWords: number;
  readonly frameMemory: number;
  readonly outMemory: number;
  /** End of the memory that the caller has filled. */
  readonly argumentsEnd: number;
  readonly constBase: number;
  readonly consts: Int32Array;
  /** First word of the locals' slots, and each slot's state on entry. */
  readonly stateBase: number;
  readonly states: Uint8Array;
  /** Slots that hold the allocation of a local whose address is taken. */
  readonly taken: Int32Array;
  /** The same, of the body of a constant or static, whose value may point to them: they outlive it. Pairs of slot and whether it becomes read-only. */
  readonly kept: Int32Array;
  /** Such locals that live from the start: slot, offset, size, alignment. */
  readonly entryAllocations: Int32Array;
  /** The local whose memory the instruction at an offset makes, or an entry of `entryAllocations` behind the code's end. */
  readonly localBorn: (pc: number) => number | undefined;
  /** Whether its arguments are protected while it runs. */
  readonly protects: boolean;
  /** By block: whether it ran, when the program was prepared with `coverage`. */
  readonly covered: Uint8Array;
  readonly positionOf: (pc: number) => { readonly block: number; readonly statement: number; readonly span: Span };
  readonly placeText: (block: number, statement: number) => string;
  /** The local that a statement could not read. */
  readonly unreadLocal: (frame: FailedFrame) => number | undefined;
}

export interface PrepareOptions {
  /** Note which blocks run. */
  readonly coverage?: boolean;
  /** The aliasing model; `DEFAULT_ALIASING` when absent. */
  readonly aliasing?: Aliasing;
  /** Of Tree Borrows: a protected `&mut` or `Box` argument counts as written at a function's entry. False when absent. */
  readonly implicitWrites?: boolean;
  /** Whether copying a reference retags it, as rustc's MIR says by `no_retag` where it does not. True when absent. */
  readonly retagTypedCopies?: boolean;
  /**
   * What a move in an assignment leaves behind. `strict`, the default: nothing, so that a program is free of undefined behaviour whatever
   * a compiler makes of moves. `copy`: the value, as Miri has it; rustc's own drop elaboration reads what was moved from.
   */
  readonly moves?: Moves;
  /**
   * What an aligned pointer is. `symbolic`, the default: one whose allocation and offset say so, so that no verdict hangs on where memory
   * happens to be. `address`: also one whose address is a multiple, for programs that align pointers by their addresses (`align_offset`).
   */
  readonly alignment?: Alignment;
  /** Which checks that a library makes at run time are on. */
  readonly runtimeChecks?: Partial<RuntimeChecks>;
}

/** The checks that code asks for (`UbChecks`, `ContractChecks`, `OverflowChecks`), as rustc's options decide of them. */
export interface RuntimeChecks {
  /**
   * Preconditions of unsafe functions (`-Z ub-checks`; rustc's default is that of debug assertions). Off by default: the interpreter finds
   * the undefined behaviour itself, which such a check would forestall by ending the process.
   */
  readonly ub: boolean;
  /** Contracts (`-Z contract-checks`). */
  readonly contract: boolean;
  /** Overflow in what generic code of another crate computes (`-C overflow-checks`). */
  readonly overflow: boolean;
}

export const DEFAULT_RUNTIME_CHECKS: RuntimeChecks = { ub: false, contract: false, overflow: true };

export type Alignment = "symbolic" | "address";

export type Moves = "strict" | "copy";

export const DEFAULT_ALIASING: Aliasing = "tree";

interface NumberedInstance {
  readonly instance: Instance;
  compiled: CompiledFn | undefined;
}

/** A program with what the interpreter has computed for it; it may be run many times. */
export class PreparedProgram {
  readonly program: Program;
  readonly tcx: TyCtxt;
  readonly layout: LayoutCx;
  readonly mono: MonoCx;
  readonly traits: TraitCx;
  readonly table: TypeTable;
  readonly coverage: boolean;
  readonly aliasing: Aliasing;
  readonly retagTypedCopies: boolean;
  readonly implicitWrites: boolean;
  readonly moves: Moves;
  readonly alignment: Alignment;
  readonly runtimeChecks: RuntimeChecks;
  readonly globals: GlobalTable = new GlobalTable();
  readonly retagShapes: RetagShapes;
  /** The calls of intrinsics, by the number that code has for them. */
  readonly sites: IntrinsicSite[] = [];
  /** Assertions, by the number that the code of their failing has. */
  readonly asserts: AssertSite[] = [];
  /** Calls with variable arguments, by the number that code has for them. */
  readonly vaSites: VaSite[] = [];
  readonly retagSites: RetagSite[] = [];
  private readonly retagNumbers = new Map<Ty, number[]>();
  /** Some function starts a thread: statements can be interrupted. */
  readonly threaded: boolean;
  /** Stand-ins for functions, by number: what adapters call. */
  readonly direct: Map<FnItem, number> = new Map();
  private readonly instances: NumberedInstance[] = [];
  private readonly numbers = new Map<Instance, number>();
  /** Ascending by `positionBase`. */
  private readonly byPosition: CompiledFn[] = [];
  private positions = 0;

  constructor(program: Program, layout: LayoutCx, options: PrepareOptions) {
    this.program = program;
    this.tcx = program.tcx;
    this.mono = monoCxOf(program);
    this.traits = this.mono.traits;
    // Only traits make associated types.
    const hasTraits = (program.impls?.length ?? 0) + (program.traits?.length ?? 0) > 0;
    this.layout = hasTraits
      ? new LayoutCx(layout.tcx, layout.dataLayout, layout.policy, (ty) => this.traits.normalize(ty))
      : layout;
    this.table = new TypeTable(this.layout);
    this.coverage = options.coverage ?? false;
    this.aliasing = options.aliasing ?? DEFAULT_ALIASING;
    this.retagTypedCopies = options.retagTypedCopies ?? true;
    this.implicitWrites = options.implicitWrites ?? false;
    this.moves = options.moves ?? "strict";
    this.alignment = options.alignment ?? "symbolic";
    this.runtimeChecks = { ...DEFAULT_RUNTIME_CHECKS, ...options.runtimeChecks };
    this.retagShapes = new RetagShapes(this.traits, this.table);
    this.threaded = program.functions.some((f) => f.body !== undefined && startsThreads(f.body));
  }

  /** The number of `item::<args>`, which is no trait's method. */
  instance(item: FnItem, args: readonly Ty[]): number {
    return this.numberOf(itemInstance(this.mono, item, args));
  }

  /** The number of an instance with a body. */
  numberOf(instance: Instance): number {
    let number = this.numbers.get(instance);
    if (number === undefined) {
      number = this.instances.push({ instance, compiled: undefined }) - 1;
      this.numbers.set(instance, number);
    }
    return number;
  }

  /** The compiled function of an instance's number. */
  function(index: number): CompiledFn {
    const numbered = this.instances[index];
    if (numbered === undefined) throw bug(`no instance ${index}`);
    numbered.compiled ??= this.compile(index, numbered.instance);
    return numbered.compiled;
  }

  /** The functions that were compiled so far. */
  compiled(): CompiledFn[] {
    return this.instances.flatMap((i) => (i.compiled === undefined ? [] : [i.compiled]));
  }

  /** The function that a position lies in. */
  functionAt(position: number): CompiledFn | undefined {
    let low = 0;
    let high = this.byPosition.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.byPosition[middle]!.positionBase <= position) low = middle;
      else high = middle - 1;
    }
    const found = this.byPosition[low];
    return found !== undefined && position >= found.positionBase ? found : undefined;
  }

  /** The number for the positions of a function of `length` words. */
  positionBase(length: number): number {
    const base = this.positions;
    this.positions += length;
    return base;
  }

  /** The number of a retag. */
  retagSite(site: RetagSite): number {
    let numbers = this.retagNumbers.get(site.pointee);
    if (numbers === undefined) {
      numbers = [];
      this.retagNumbers.set(site.pointee, numbers);
    }
    for (const n of numbers) {
      const known = this.retagSites[n]!;
      if (known.pointer === site.pointer && known.twoPhase === site.twoPhase) return n;
    }
    const made = this.retagSites.push(site) - 1;
    numbers.push(made);
    return made;
  }

  /** `ty` with `args` filled in, without aliases. */
  instantiate(ty: Ty, args: readonly Ty[]): Ty {
    return this.traits.instantiate(ty, args);
  }

  private compile(index: number, instance: Instance): CompiledFn {
    const { item, args } = instance;
    const body = instanceBody(this.mono, instance);
    if (body === undefined) throw new Unsupported(`a call of \`${item.name}\`, which has no body`);
    const isGlue = instance.def.kind === "dropGlue";
    const param = (ty: Ty): Ty => (isGlue && ty.kind === "ptr" ? this.tcx.ref("mut", ty.pointee) : ty);
    const sig: FnSig = {
      // What is dropped is borrowed for as long: all of it, mutably.
      params: item.params.map((p) => param(this.instantiate(p, args))),
      ret: this.instantiate(item.ret, args),
      abi: item.abi,
      ...(item.variadic === true ? { variadic: true } : {}),
    };
    const compiled = compileBody(this, index, item, sig, body);
    this.byPosition.push(compiled);
    return compiled;
  }
}

function startsThreads(body: Body): boolean {
  return body.blocks.some(({ terminator: t }) => {
    if (t.kind !== "call" || t.func.kind !== "const" || t.func.value.kind !== "fn") return false;
    return t.func.value.item.name === "thread_spawn";
  });
}
