/**
 * A function of the native backend's IR, in dense typed arrays: the data-flow graph and the layout.
 *
 * - An *instruction* is a row of columns: opcode, type, `aux`, two 32-bit immediates, a run of arguments in a pool, a run of successors in
 *   another. Which columns mean what is the opcode's `Format` (see `opcodes.ts`).
 * - A *value* is a result of an instruction or a parameter of a block. Results of one instruction are consecutive values.
 * - A *block* has parameters and a doubly linked list of instructions, the last of them a terminator. `layout` orders the blocks; the first is
 *   the entry, whose parameters are the function's.
 * - A *block call* is a successor with arguments for the block's parameters. One terminator may name one block twice.
 *
 * Replacing a value leaves an alias: `resolve` follows it, and `resolveAliases` rewrites all uses and forgets the aliases.
 * The design follows Cranelift's `DataFlowGraph` and `Layout` (cranelift/codegen/src/ir/{dfg,layout}.rs).
 */

import { bug, type Entity, NONE } from "../../../entity/entity.ts";
import { BYTE_ARRAYS, INT_ARRAYS } from "./array-pool.ts";
import { EFFECTS, Effect, OPS, Op, Type } from "./opcodes.ts";

export type Value = Entity<"ir.Value">;
export type Inst = Entity<"ir.Inst">;
export type Block = Entity<"ir.Block">;
export type FuncRef = Entity<"ir.FuncRef">;
export type SigRef = Entity<"ir.SigRef">;
export type StackSlot = Entity<"ir.StackSlot">;

export interface Signature {
  readonly params: readonly Type[];
  readonly returns: readonly Type[];
  readonly noReturn: boolean;
}

/** A callee or an address taken, by symbol. */
export interface ExternalFunction {
  readonly symbol: string;
  readonly signature: Signature;
}

/** Sizes in bytes. */
export interface StackSlotData {
  readonly size: number;
  readonly align: number;
}

export type Linkage = "external" | "internal" | "availableExternally";
export type InlineAttr = "none" | "hint" | "always" | "never";

/** The arrays of a function, from the pools. */
type Ints = Int32Array<ArrayBuffer>;
type Bytes = Uint8Array<ArrayBuffer>;

/** What a new function has room for. */
const INSTS = 64;
const ARGS = 128;
const SUCCS = 64;
const VALUES = 64;
const BLOCKS = 16;

/** In place of the arrays of a function that was released. */
const NO_INTS: Ints = new Int32Array(0);
const NO_BYTES: Bytes = new Uint8Array(0);

function releasedInts(array: Ints): Ints {
  if (array !== NO_INTS) INT_ARRAYS.give(array);
  return NO_INTS;
}

function releasedBytes(array: Bytes): Bytes {
  if (array !== NO_BYTES) BYTE_ARRAYS.give(array);
  return NO_BYTES;
}

export class IrFunction {
  symbol: string;
  signature: Signature;
  linkage: Linkage = "external";
  inline: InlineAttr = "none";

  // Instructions.
  instCount = 0;
  opcode: Bytes;
  /** The instruction's type (see each opcode); 0 when it has none. */
  type: Bytes;
  aux: Bytes;
  immLo: Ints;
  immHi: Ints;
  argStart: Ints;
  argCount: Ints;
  succStart: Ints;
  succCount: Ints;
  resultStart: Ints;
  resultCount: Bytes;
  next: Ints;
  prev: Ints;
  /** The block that an instruction stands in; `NONE` when it is not in the layout. */
  instBlock: Ints;

  /** Argument values, in runs. */
  argPool: Ints;
  private argPoolLength = 0;
  /** Successors, in runs of triples: block, start and count of its arguments in `argPool`. */
  succPool: Ints;
  private succPoolLength = 0;

  // Values.
  valueCount = 0;
  valueType: Bytes;
  /** The defining instruction, or `~block` for a block parameter. */
  valueDef: Ints;
  /** Which result or parameter it is. */
  valueIndex: Ints;
  /** What a replaced value became; itself otherwise. */
  private alias: Ints;
  private hasAliases = false;

  // Blocks.
  blockCount = 0;
  blockParams: Value[][] = [];
  firstInst: Ints;
  lastInst: Ints;
  /** Blocks in order, the entry first. */
  layout: Block[] = [];

  readonly stackSlots: StackSlotData[] = [];
  readonly functions: ExternalFunction[] = [];
  readonly signatures: Signature[] = [];
  /** Values of `iconst.i128`, as unsigned numbers. */
  readonly wideConstants: bigint[] = [];
  /** Case values of switches, as unsigned bits of the argument's type. */
  readonly switchCases: (readonly bigint[])[] = [];
  /** By symbol; made when first asked for. */
  private functionRefs: Map<string, FuncRef> | undefined;
  /** Arrays that were outgrown. Someone may still read them, so they go back to the pools with the others. */
  private readonly outgrownInts: Ints[] = [];
  private readonly outgrownBytes: Bytes[] = [];

  /** Empty, or a deep copy of `original` under the same name. */
  constructor(symbol: string, signature: Signature, original?: IrFunction) {
    this.symbol = symbol;
    this.signature = signature;
    const ints = (from: Ints | undefined, length: number): Ints =>
      from === undefined ? INT_ARRAYS.take(length) : INT_ARRAYS.copy(from);
    const bytes = (from: Bytes | undefined, length: number): Bytes =>
      from === undefined ? BYTE_ARRAYS.take(length) : BYTE_ARRAYS.copy(from);
    this.opcode = bytes(original?.opcode, INSTS);
    this.type = bytes(original?.type, INSTS);
    this.aux = bytes(original?.aux, INSTS);
    this.immLo = ints(original?.immLo, INSTS);
    this.immHi = ints(original?.immHi, INSTS);
    this.argStart = ints(original?.argStart, INSTS);
    this.argCount = ints(original?.argCount, INSTS);
    this.succStart = ints(original?.succStart, INSTS);
    this.succCount = ints(original?.succCount, INSTS);
    this.resultStart = ints(original?.resultStart, INSTS);
    this.resultCount = bytes(original?.resultCount, INSTS);
    this.next = ints(original?.next, INSTS);
    this.prev = ints(original?.prev, INSTS);
    this.instBlock = ints(original?.instBlock, INSTS);
    this.argPool = ints(original?.argPool, ARGS);
    this.succPool = ints(original?.succPool, SUCCS);
    this.valueType = bytes(original?.valueType, VALUES);
    this.valueDef = ints(original?.valueDef, VALUES);
    this.valueIndex = ints(original?.valueIndex, VALUES);
    this.alias = ints(original?.alias, VALUES);
    this.firstInst = ints(original?.firstInst, BLOCKS);
    this.lastInst = ints(original?.lastInst, BLOCKS);
    if (original !== undefined) this.copyTables(original);
  }

  /** A deep copy. */
  clone(): IrFunction {
    return new IrFunction(this.symbol, this.signature, this);
  }

  /** Everything of a copy but the arrays. */
  private copyTables(original: IrFunction): void {
    this.linkage = original.linkage;
    this.inline = original.inline;
    this.instCount = original.instCount;
    this.argPoolLength = original.argPoolLength;
    this.succPoolLength = original.succPoolLength;
    this.valueCount = original.valueCount;
    this.hasAliases = original.hasAliases;
    this.blockCount = original.blockCount;
    for (const params of original.blockParams) this.blockParams.push(params.slice());
    this.layout = original.layout.slice();
    this.stackSlots.push(...original.stackSlots);
    this.functions.push(...original.functions);
    this.signatures.push(...original.signatures);
    this.wideConstants.push(...original.wideConstants);
    this.switchCases.push(...original.switchCases);
  }

  /** Gives the arrays back for other functions to use. This one must not be used any more. */
  release(): void {
    for (const array of this.outgrownInts) INT_ARRAYS.give(array);
    for (const array of this.outgrownBytes) BYTE_ARRAYS.give(array);
    this.outgrownInts.length = 0;
    this.outgrownBytes.length = 0;
    this.opcode = releasedBytes(this.opcode);
    this.type = releasedBytes(this.type);
    this.aux = releasedBytes(this.aux);
    this.immLo = releasedInts(this.immLo);
    this.immHi = releasedInts(this.immHi);
    this.argStart = releasedInts(this.argStart);
    this.argCount = releasedInts(this.argCount);
    this.succStart = releasedInts(this.succStart);
    this.succCount = releasedInts(this.succCount);
    this.resultStart = releasedInts(this.resultStart);
    this.resultCount = releasedBytes(this.resultCount);
    this.next = releasedInts(this.next);
    this.prev = releasedInts(this.prev);
    this.instBlock = releasedInts(this.instBlock);
    this.argPool = releasedInts(this.argPool);
    this.succPool = releasedInts(this.succPool);
    this.valueType = releasedBytes(this.valueType);
    this.valueDef = releasedInts(this.valueDef);
    this.valueIndex = releasedInts(this.valueIndex);
    this.alias = releasedInts(this.alias);
    this.firstInst = releasedInts(this.firstInst);
    this.lastInst = releasedInts(this.lastInst);
  }

  private grown(array: Ints, length: number): Ints {
    this.outgrownInts.push(array);
    return INT_ARRAYS.grow(array, length);
  }

  private grownBytes(array: Bytes, length: number): Bytes {
    this.outgrownBytes.push(array);
    return BYTE_ARRAYS.grow(array, length);
  }

  // --- Making things -------------------------------------------------------------------------------------------------

  /** A new block, not yet in the layout. */
  newBlock(): Block {
    const block = this.blockCount++ as Block;
    if (block >= this.firstInst.length) {
      this.firstInst = this.grown(this.firstInst, block + 1);
      this.lastInst = this.grown(this.lastInst, block + 1);
    }
    this.firstInst[block] = NONE;
    this.lastInst[block] = NONE;
    this.blockParams[block] = [];
    return block;
  }

  appendBlockParam(block: Block, type: Type): Value {
    const params = this.blockParams[block]!;
    const value = this.newValue(type, ~block, params.length);
    params.push(value);
    return value;
  }

  /** Removes parameter `index` of `block`; the caller removes the arguments with `removeSuccArg`. */
  removeBlockParam(block: Block, index: number): void {
    const params = this.blockParams[block]!;
    params.splice(index, 1);
    for (let i = index; i < params.length; i++) this.valueIndex[params[i]!] = i;
  }

  newStackSlot(size: number, align: number): StackSlot {
    return (this.stackSlots.push({ size, align }) - 1) as StackSlot;
  }

  importFunction(symbol: string, signature: Signature): FuncRef {
    this.functionRefs ??= new Map(this.functions.map((fn, ref) => [fn.symbol, ref as FuncRef]));
    let ref = this.functionRefs.get(symbol);
    if (ref === undefined) {
      ref = (this.functions.push({ symbol, signature }) - 1) as FuncRef;
      this.functionRefs.set(symbol, ref);
    }
    return ref;
  }

  importSignature(signature: Signature): SigRef {
    return (this.signatures.push(signature) - 1) as SigRef;
  }

  /**
   * A new instruction, not yet in the layout. `resultTypes` makes its results. Arguments are copied.
   */
  newInst(
    opcode: number,
    type: number,
    args: readonly Value[],
    resultTypes: readonly Type[],
    immLo = 0,
    immHi = 0,
    aux = 0,
  ): Inst {
    const inst = this.rawInst(opcode, type, immLo, immHi, aux);
    this.argStart[inst] = this.argPoolLength;
    this.argCount[inst] = args.length;
    this.reserveArgs(args.length);
    for (let i = 0; i < args.length; i++) this.argPool[this.argPoolLength++] = args[i]!;
    this.resultStart[inst] = this.valueCount;
    this.resultCount[inst] = resultTypes.length;
    for (let i = 0; i < resultTypes.length; i++) this.newValue(resultTypes[i]!, inst, i);
    return inst;
  }

  /** `newInst` for the frequent shape of at most three arguments and one result; `NONE` stands for an absent argument. */
  newSimple(
    opcode: number,
    type: Type,
    resultType: Type,
    a: Value | -1,
    b: Value | -1,
    c: Value | -1,
    immLo = 0,
    immHi = 0,
    aux = 0,
  ): Inst {
    const inst = this.rawInst(opcode, type, immLo, immHi, aux);
    this.argStart[inst] = this.argPoolLength;
    this.reserveArgs(3);
    if (a !== NONE) this.argPool[this.argPoolLength++] = a;
    if (b !== NONE) this.argPool[this.argPoolLength++] = b;
    if (c !== NONE) this.argPool[this.argPoolLength++] = c;
    this.argCount[inst] = this.argPoolLength - this.argStart[inst]!;
    this.resultStart[inst] = this.valueCount;
    this.resultCount[inst] = 1;
    this.newValue(resultType, inst, 0);
    return inst;
  }

  private rawInst(opcode: number, type: number, immLo: number, immHi: number, aux: number): Inst {
    const inst = this.instCount++ as Inst;
    if (inst >= this.opcode.length) this.growInsts();
    this.opcode[inst] = opcode;
    this.type[inst] = type;
    this.aux[inst] = aux;
    this.immLo[inst] = immLo;
    this.immHi[inst] = immHi;
    this.succStart[inst] = 0;
    this.succCount[inst] = 0;
    this.next[inst] = NONE;
    this.prev[inst] = NONE;
    this.instBlock[inst] = NONE;
    return inst;
  }

  /** Adds a successor to a terminator that is still the newest to have successors added. */
  addSucc(inst: Inst, block: Block, args: readonly Value[]): void {
    if (this.succCount[inst] === 0) this.succStart[inst] = this.succPoolLength;
    else if (this.succStart[inst]! + this.succCount[inst]! * 3 !== this.succPoolLength)
      throw bug("successors of two terminators interleave");
    if (this.succPoolLength + 3 > this.succPool.length)
      this.succPool = this.grown(this.succPool, this.succPoolLength + 3);
    this.succPool[this.succPoolLength++] = block;
    this.succPool[this.succPoolLength++] = this.argPoolLength;
    this.succPool[this.succPoolLength++] = args.length;
    this.succCount[inst]!++;
    this.reserveArgs(args.length);
    for (let i = 0; i < args.length; i++) this.argPool[this.argPoolLength++] = args[i]!;
  }

  private newValue(type: Type, def: number, index: number): Value {
    const value = this.valueCount++ as Value;
    if (value >= this.valueType.length) {
      this.valueType = this.grownBytes(this.valueType, value + 1);
      this.valueDef = this.grown(this.valueDef, value + 1);
      this.valueIndex = this.grown(this.valueIndex, value + 1);
      this.alias = this.grown(this.alias, value + 1);
    }
    this.valueType[value] = type;
    this.valueDef[value] = def;
    this.valueIndex[value] = index;
    this.alias[value] = value;
    return value;
  }

  private reserveArgs(count: number): void {
    if (this.argPoolLength + count > this.argPool.length)
      this.argPool = this.grown(this.argPool, this.argPoolLength + count);
  }

  private growInsts(): void {
    const length = this.opcode.length * 2;
    this.opcode = this.grownBytes(this.opcode, length);
    this.type = this.grownBytes(this.type, length);
    this.aux = this.grownBytes(this.aux, length);
    this.immLo = this.grown(this.immLo, length);
    this.immHi = this.grown(this.immHi, length);
    this.argStart = this.grown(this.argStart, length);
    this.argCount = this.grown(this.argCount, length);
    this.succStart = this.grown(this.succStart, length);
    this.succCount = this.grown(this.succCount, length);
    this.resultStart = this.grown(this.resultStart, length);
    this.resultCount = this.grownBytes(this.resultCount, length);
    this.next = this.grown(this.next, length);
    this.prev = this.grown(this.prev, length);
    this.instBlock = this.grown(this.instBlock, length);
  }

  // --- Layout --------------------------------------------------------------------------------------------------------

  appendInst(inst: Inst, block: Block): void {
    const last = this.lastInst[block]!;
    this.prev[inst] = last;
    this.next[inst] = NONE;
    if (last === NONE) this.firstInst[block] = inst;
    else this.next[last] = inst;
    this.lastInst[block] = inst;
    this.instBlock[inst] = block;
  }

  insertBefore(inst: Inst, before: Inst): void {
    const block = this.instBlock[before]! as Block;
    const previous = this.prev[before]!;
    this.prev[inst] = previous;
    this.next[inst] = before;
    this.prev[before] = inst;
    if (previous === NONE) this.firstInst[block] = inst;
    else this.next[previous] = inst;
    this.instBlock[inst] = block;
  }

  /** Takes `inst` out of its block; its row stays and can be placed again. */
  removeInst(inst: Inst): void {
    const block = this.instBlock[inst]! as Block;
    if (block === NONE) return;
    const previous = this.prev[inst]!;
    const following = this.next[inst]!;
    if (previous === NONE) this.firstInst[block] = following;
    else this.next[previous] = following;
    if (following === NONE) this.lastInst[block] = previous;
    else this.prev[following] = previous;
    this.instBlock[inst] = NONE;
    this.prev[inst] = NONE;
    this.next[inst] = NONE;
  }

  /** The last instruction of `block`. */
  terminator(block: Block): Inst {
    const last = this.lastInst[block]!;
    if (last === NONE || (EFFECTS[this.opcode[last]!]! & Effect.TERMINATOR) === 0)
      throw bug(`block${block} of ${this.symbol} has no terminator`);
    return last as Inst;
  }

  get entry(): Block {
    return this.layout[0]!;
  }

  // --- Reading and changing instructions -----------------------------------------------------------------------------

  arg(inst: Inst, index: number): Value {
    return this.argPool[this.argStart[inst]! + index]! as Value;
  }

  setArg(inst: Inst, index: number, value: Value): void {
    this.argPool[this.argStart[inst]! + index] = value;
  }

  result(inst: Inst, index = 0): Value {
    return (this.resultStart[inst]! + index) as Value;
  }

  succBlock(inst: Inst, index: number): Block {
    return this.succPool[this.succStart[inst]! + index * 3]! as Block;
  }

  setSuccBlock(inst: Inst, index: number, block: Block): void {
    this.succPool[this.succStart[inst]! + index * 3] = block;
  }

  succArgCount(inst: Inst, index: number): number {
    return this.succPool[this.succStart[inst]! + index * 3 + 2]!;
  }

  succArg(inst: Inst, index: number, arg: number): Value {
    return this.argPool[this.succPool[this.succStart[inst]! + index * 3 + 1]! + arg]! as Value;
  }

  setSuccArg(inst: Inst, index: number, arg: number, value: Value): void {
    this.argPool[this.succPool[this.succStart[inst]! + index * 3 + 1]! + arg] = value;
  }

  removeSuccArg(inst: Inst, index: number, arg: number): void {
    const at = this.succStart[inst]! + index * 3;
    const start = this.succPool[at + 1]!;
    const count = this.succPool[at + 2]!;
    this.argPool.copyWithin(start + arg, start + arg + 1, start + count);
    this.succPool[at + 2] = count - 1;
  }

  /** Gives successor `index` new arguments. */
  replaceSuccArgs(inst: Inst, index: number, args: readonly Value[]): void {
    const at = this.succStart[inst]! + index * 3;
    this.succPool[at + 1] = this.argPoolLength;
    this.succPool[at + 2] = args.length;
    this.reserveArgs(args.length);
    for (let i = 0; i < args.length; i++) this.argPool[this.argPoolLength++] = args[i]!;
  }

  /** All argument values of a successor, as a new array. */
  succArgs(inst: Inst, index: number): Value[] {
    const at = this.succStart[inst]! + index * 3;
    return this.copyArgs(this.succPool[at + 1]!, this.succPool[at + 2]!);
  }

  args(inst: Inst): Value[] {
    return this.copyArgs(this.argStart[inst]!, this.argCount[inst]!);
  }

  private copyArgs(start: number, count: number): Value[] {
    const values: Value[] = [];
    for (let i = start; i < start + count; i++) values.push(this.argPool[i]! as Value);
    return values;
  }

  // --- Aliases -------------------------------------------------------------------------------------------------------

  /** From now on `from` means `to`. The definition of `from` stays where it is. */
  replaceValue(from: Value, to: Value): void {
    const target = this.resolve(to);
    if (target === from) throw bug(`v${from} of ${this.symbol} would stand for itself`);
    this.alias[from] = target;
    this.hasAliases = true;
  }

  resolve(value: Value): Value {
    let v: number = value;
    while (this.alias[v] !== v) v = this.alias[v]!;
    return v as Value;
  }

  /** Rewrites every use in the layout to what its value stands for. */
  resolveAliases(): void {
    if (!this.hasAliases) return;
    for (const block of this.layout) {
      for (let inst = this.firstInst[block]!; inst !== NONE; inst = this.next[inst]!) {
        const start = this.argStart[inst]!;
        const end = start + this.argCount[inst]!;
        for (let i = start; i < end; i++) this.argPool[i] = this.resolve(this.argPool[i]! as Value);
        for (let s = 0; s < this.succCount[inst]!; s++) {
          const at = this.succStart[inst]! + s * 3;
          const from = this.succPool[at + 1]!;
          const to = from + this.succPool[at + 2]!;
          for (let i = from; i < to; i++) this.argPool[i] = this.resolve(this.argPool[i]! as Value);
        }
      }
    }
    for (let v = 0; v < this.valueCount; v++) this.alias[v] = v;
    this.hasAliases = false;
  }

  // --- Constants -----------------------------------------------------------------------------------------------------

  /** A constant instruction, not yet placed: `bits` unsigned, within the width of `type`. */
  newConst(type: Type, bits: bigint): Inst {
    if (type === Type.I128) {
      const index = this.wideConstants.push(bits) - 1;
      return this.newSimple(Op.iconst, type, type, NONE, NONE, NONE, index, 0);
    }
    const opcode = type >= Type.F32 ? Op.fconst : Op.iconst;
    return this.newSimple(
      opcode,
      type,
      type,
      NONE,
      NONE,
      NONE,
      Number(BigInt.asIntN(32, bits)),
      Number(BigInt.asIntN(32, bits >> 32n)),
    );
  }

  /** The unsigned bits of a constant instruction. */
  constBits(inst: Inst): bigint {
    if (this.type[inst] === Type.I128) return this.wideConstants[this.immLo[inst]!]!;
    return (BigInt(this.immHi[inst]! >>> 0) << 32n) | BigInt(this.immLo[inst]! >>> 0);
  }

  /** For messages: the opcode's name of `inst`. */
  opName(inst: Inst): string {
    return OPS[this.opcode[inst]!]?.name ?? `op${this.opcode[inst]}`;
  }
}

/** A module: what one codegen unit, or a whole program under fat LTO, is compiled from. */
export interface IrModule {
  readonly name: string;
  readonly functions: IrFunction[];
  /** Symbols of functions that must stay defined because something other than `functions` names them, such as static data. */
  readonly roots?: ReadonlySet<string>;
}
