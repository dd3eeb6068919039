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
import type { Body, FnItem, Place } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import { DUMMY_SP, type Span } from "../session/diagnostic.ts";
import { compileBody } from "./compile-body.ts";
import { type TypeInfo, TypeTable } from "./type-info.ts";
import { Unsupported } from "./ub.ts";

/** Words of one register. */
export const SLOT = 4;

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

/** Where a value of a type goes in a call: how many slots, and at which offset of the callee's memory. */
export interface CallLayout {
  readonly params: readonly { readonly info: TypeInfo; readonly slot: number; readonly offset: number }[];
  readonly ret: TypeInfo;
  /** Words of the slots that arguments or results take. */
  readonly words: number;
  /** Bytes of memory that the result and the arguments take. */
  readonly memory: number;
}

/** The calling convention. It depends on the signature alone, for calls through pointers do not know the callee. */
export function callLayout(table: TypeTable, sig: FnSig): CallLayout {
  const ret = table.of(sig.ret);
  let memory = ret.repr === "mem" ? ret.size : 0;
  let words = 0;
  const params = sig.params.map((ty) => {
    const info = table.of(ty);
    const param = { info, slot: words, offset: 0 };
    words += info.leaves.length * SLOT;
    if (info.repr !== "mem") return param;
    const offset = align16(memory);
    memory = offset + info.size;
    return { ...param, offset };
  });
  return { params, ret, words: Math.max(words, ret.leaves.length * SLOT), memory: align16(memory) };
}

export function align16(n: number): number {
  return (n + 15) & ~15;
}

/** `place` as MIR text, for messages. */
export function placeText(place: Place): string {
  let text = `_${place.local}`;
  for (const elem of place.projection) {
    switch (elem.kind) {
      case "deref":
        text = `(*${text})`;
        break;
      case "field":
        text = `(${text}.${elem.index}: ${elem.ty.text})`;
        break;
      case "index":
        text = `${text}[_${elem.local}]`;
        break;
      case "constantIndex":
        text = `${text}[${elem.fromEnd ? "-" : ""}${elem.offset} of ${elem.minLength}]`;
        break;
      case "downcast":
        text = `(${text} as ${elem.name})`;
    }
  }
  return text;
}

/** What the statement or terminator at a position writes or names. */
export function positionText(body: Body, block: number, statement: number): string {
  const data = body.blocks[block];
  const s = data?.statements[statement];
  if (s === undefined) return data?.terminator.kind === "call" ? `${placeText(data.terminator.destination)} = …` : "";
  if (s.kind === "assign") return `${placeText(s.place)} = …`;
  return s.kind === "setDiscriminant"
    ? placeText(s.place)
    : s.kind === "storageLive" || s.kind === "storageDead"
      ? `_${s.local}`
      : "";
}

/** The span of a position. */
export function positionSpan(body: Body, block: number, statement: number): Span {
  const data = body.blocks[block];
  return (data?.statements[statement] ?? data?.terminator)?.span ?? DUMMY_SP;
}
