/**
 * Programs made ready to run: bodies compiled to bytecode, each when it is first called.
 *
 * A *frame* has registers (32-bit words) and memory. Registers, in this order: incoming arguments and outgoing results (one slot of four
 * words per leaf), locals, scratch, constants; the callee's frame follows directly, so that its arguments are written in place. Memory:
 * incoming result and arguments of types that live in memory, then locals; the callee's follows too.
 */

import { bug } from "../entity/entity.ts";
import type { LayoutCx } from "../layout/layout.ts";
import { type FnSig, fnSig } from "../mir/place-ty.ts";
import type { Program } from "../mir/program.ts";
import type { FnItem } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import type { Span } from "../session/diagnostic.ts";
import { compileBody } from "./compile-body.ts";
import { TypeTable } from "./type-info.ts";
import { Unsupported } from "./ub.ts";

/** A function's body as bytecode. */
export interface CompiledFn {
  readonly index: number;
  readonly item: FnItem;
  readonly args: readonly Ty[];
  readonly sig: FnSig;
  readonly code: Int32Array;
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
  /** Such locals that live from the start: slot, offset, size, alignment. */
  readonly entryAllocations: Int32Array;
  /** By block: whether it ran, when the program was prepared with `coverage`. */
  readonly covered: Uint8Array;
  readonly positionOf: (pc: number) => { readonly block: number; readonly statement: number; readonly span: Span };
  readonly placeText: (block: number, statement: number) => string;
}

export interface PrepareOptions {
  /** Note which blocks run. */
  readonly coverage?: boolean;
}

/** A program with what the interpreter has computed for it; it may be run many times. */
export class PreparedProgram {
  readonly program: Program;
  readonly tcx: TyCtxt;
  readonly layout: LayoutCx;
  readonly table: TypeTable;
  readonly coverage: boolean;
  private readonly instances: {
    readonly item: FnItem;
    readonly args: readonly Ty[];
    compiled: CompiledFn | undefined;
  }[] = [];
  private readonly byItem = new Map<FnItem, number[]>();

  constructor(program: Program, layout: LayoutCx, options: PrepareOptions) {
    this.program = program;
    this.tcx = program.tcx;
    this.layout = layout;
    this.table = new TypeTable(layout);
    this.coverage = options.coverage ?? false;
  }

  /** The number of `item::<args>`. */
  instance(item: FnItem, args: readonly Ty[]): number {
    let numbers = this.byItem.get(item);
    if (numbers === undefined) {
      numbers = [];
      this.byItem.set(item, numbers);
    }
    for (const n of numbers) if (this.instances[n]!.args.every((a, i) => a === args[i])) return n;
    const index = this.instances.push({ item, args, compiled: undefined }) - 1;
    numbers.push(index);
    return index;
  }

  /** The compiled function of an instance's number. */
  function(index: number): CompiledFn {
    const instance = this.instances[index];
    if (instance === undefined) throw bug(`no instance ${index}`);
    instance.compiled ??= this.compile(index, instance.item, instance.args);
    return instance.compiled;
  }

  /** The functions that were compiled so far. */
  compiled(): CompiledFn[] {
    return this.instances.flatMap((i) => (i.compiled === undefined ? [] : [i.compiled]));
  }

  private compile(index: number, item: FnItem, args: readonly Ty[]): CompiledFn {
    if (item.body === undefined) throw new Unsupported(`a call of \`${item.name}\`, which has no body`);
    return compileBody(this, index, item, args, fnSig(item, args, this.tcx), item.body);
  }
}
