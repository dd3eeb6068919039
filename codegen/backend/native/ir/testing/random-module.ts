/**
 * Random IR modules for property tests: an external function `f`, internal helpers, and calls of the outside function `observe`.
 *
 * A module is made from a list of numbers, the *choices*: each decision takes the next one, and 0 when none is left. Shorter lists
 * and smaller numbers give smaller modules, so fast-check shrinks them by itself.
 *
 * The functions keep to what has one meaning: addresses are never observed, NaNs are made canonical before their bits are, slots are
 * written before they are read, loops count down, flagged arithmetic does not overflow. Some trap, which ends the comparison.
 */

import fc from "fast-check";
import { type Block, type Inst, IrFunction, type IrModule, type Signature, type Value } from "../function.ts";
import { ArithFlags, FloatCC, IntCC, MemFlags, Op, TYPE_BYTES, Type } from "../opcodes.ts";
import { resultTypes } from "../type-rules.ts";

const INTS: readonly Type[] = [Type.I32, Type.I64, Type.I8, Type.I16, Type.I128];
const FLOATS: readonly Type[] = [Type.F64, Type.F32];
const OBSERVE: Signature = { params: [Type.I64], returns: [], noReturn: false };
const BINARY: readonly number[] = [Op.iadd, Op.isub, Op.imul, Op.band, Op.bor, Op.bxor];
const UNARY: readonly number[] = [Op.bnot, Op.ineg, Op.clz, Op.ctz, Op.popcnt, Op.bswap];
const SHIFTS: readonly number[] = [Op.ishl, Op.ushr, Op.sshr, Op.rotl, Op.rotr];
const DIVISIONS: readonly number[] = [Op.udiv, Op.sdiv, Op.urem, Op.srem];
const OVERFLOWS: readonly number[] = [
  Op.saddOverflow,
  Op.uaddOverflow,
  Op.ssubOverflow,
  Op.usubOverflow,
  Op.smulOverflow,
  Op.umulOverflow,
];
const FLOAT_BINARY: readonly number[] = [Op.fadd, Op.fsub, Op.fmul, Op.fdiv];

const MAIN: Signature = {
  params: [Type.I64, Type.I32, Type.I8, Type.F64],
  returns: [Type.I64, Type.I32, Type.F64],
  noReturn: false,
};
const HELPERS: readonly Signature[] = [
  { params: [Type.I64], returns: [Type.I64], noReturn: false },
  { params: [Type.I32, Type.I32], returns: [Type.I32], noReturn: false },
  { params: [Type.I64, Type.I64], returns: [Type.I64], noReturn: false },
];

/** The symbols of the functions that `randomModule` makes, the external one first. */
export const RANDOM_SYMBOLS: readonly string[] = ["f", "h0", "h1", "h2"];

/** Lists of choices; see `randomModule`. */
export function arbitraryChoices(maxLength: number = 400): fc.Arbitrary<number[]> {
  return fc.array(fc.nat({ max: 0x3fff_ffff }), { minLength: 30, maxLength, size: "max" });
}

/** The module that `choices` describe. */
export function randomModule(choices: readonly number[]): IrModule {
  const share = Math.ceil(choices.length / 8);
  const forMain = choices.slice(share * HELPERS.length);
  const functions = [new Generator(new Choices(forMain), "f", MAIN, 60, HELPERS.length).generate()];
  HELPERS.forEach((signature, i) => {
    const source = new Choices(choices.slice(share * i, share * (i + 1)));
    const inline = source.pick(["none", "none", "hint", "always", "never"] as const);
    const fn = new Generator(source, `h${i}`, signature, 8, i).generate();
    fn.linkage = "internal";
    fn.inline = inline;
    functions.push(fn);
  });
  return { name: "random", functions };
}

class Choices {
  private readonly list: readonly number[];
  private at = 0;

  constructor(list: readonly number[]) {
    this.list = list;
  }

  get exhausted(): boolean {
    return this.at >= this.list.length;
  }

  below(n: number): number {
    return this.exhausted ? 0 : this.list[this.at++]! % n;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

interface Aggregate {
  readonly address: Value;
  readonly size: number;
}

class Generator {
  private readonly fn: IrFunction;
  private readonly c: Choices;
  private readonly helpers: number;
  private budget: number;
  private block: Block;
  /** Values that may be used here, by type. */
  private readonly pool: Value[][] = [[], [], [], [], [], [], [], []];
  private readonly scalars: { readonly slot: number; readonly type: Type }[] = [];
  private readonly aggregates: Aggregate[] = [];
  private depth = 0;

  constructor(choices: Choices, symbol: string, signature: Signature, budget: number, helpers: number) {
    this.c = choices;
    this.fn = new IrFunction(symbol, signature);
    this.budget = budget;
    this.helpers = helpers;
    this.block = this.newBlock();
  }

  generate(): IrFunction {
    const { fn } = this;
    for (const type of fn.signature.params) this.define(fn.appendBlockParam(this.block, type));
    this.makeSlots();
    while (this.budget > 0 && !this.c.exhausted) this.statement();
    if (this.fn.symbol === "f") this.observeAll();
    this.op(
      Op.ret,
      0,
      fn.signature.returns.map((ty) => (ty >= Type.F32 ? this.canonical(this.value(ty)) : this.value(ty))),
    );
    if (this.c.below(8) === 1) this.unreachableBlock();
    return fn;
  }

  /** Observes the newest values and all memory. */
  private observeAll(): void {
    const seen: Value[] = [];
    for (const { slot, type } of this.scalars)
      seen.push(this.emit(Op.load, type, [this.emit(Op.stackAddr, Type.I64, [], slot, 0)]));
    for (const { address, size } of this.aggregates)
      for (let at = 0; at < size; at += 4) seen.push(this.emit(Op.load, Type.I32, [address], at));
    for (const list of this.pool) seen.push(...list.slice(-3));
    const ref = this.fn.importFunction("observe", OBSERVE);
    for (const value of seen) this.op(Op.call, 0, [this.asI64(value)], ref);
  }

  private asI64(value: Value): Value {
    const type = this.fn.valueType[value]! as Type;
    if (type === Type.F64) return this.emit(Op.bitcast, Type.I64, [this.canonical(value)]);
    if (type === Type.F32) return this.asI64(this.emit(Op.bitcast, Type.I32, [this.canonical(value)]));
    if (type === Type.I64) return value;
    if (type < Type.I64) return this.emit(Op.uextend, Type.I64, [value]);
    const split = this.op(Op.isplit, Type.I64, [value]);
    return this.emit(Op.bxor, Type.I64, [this.fn.result(split, 0), this.fn.result(split, 1)]);
  }

  private newBlock(): Block {
    const block = this.fn.newBlock();
    this.fn.layout.push(block);
    return block;
  }

  private define(value: Value): Value {
    this.pool[this.fn.valueType[value]!]!.push(value);
    return value;
  }

  private op(opcode: number, type: number, args: readonly Value[], lo = 0, hi = 0, aux = 0): Inst {
    const signature = opcode === Op.call ? this.fn.functions[lo]!.signature : undefined;
    const inst = this.fn.newInst(opcode, type, args, resultTypes(opcode, type, signature), lo, hi, aux);
    this.fn.appendInst(inst, this.block);
    return inst;
  }

  private emit(opcode: number, type: number, args: readonly Value[], lo = 0, hi = 0, aux = 0): Value {
    return this.fn.result(this.op(opcode, type, args, lo, hi, aux));
  }

  private constant(type: Type, bits: bigint): Value {
    const inst = this.fn.newConst(type, BigInt.asUintN(TYPE_BYTES[type]! * 8, bits));
    this.fn.appendInst(inst, this.block);
    return this.fn.result(inst);
  }

  private randomConstant(type: Type): Value {
    const interesting = [0n, 1n, 2n, 3n, -1n, 7n, 8n, 10n, 100n, 255n, -2n, 1n << 31n, 1n << 63n, 12345n];
    const bits = this.c.below(4) === 0 ? BigInt(this.c.below(1 << 30)) * 0x9e37_79b9n : this.c.pick(interesting);
    if (type < Type.F32) return this.constant(type, bits);
    const value = this.c.pick([0, -0, 1, 1.5, -2, 1e10, 0.1, Number.POSITIVE_INFINITY, Number.NaN, 3]);
    return this.floatConstant(type, value);
  }

  private floatConstant(type: Type, value: number): Value {
    const view = new DataView(new ArrayBuffer(8));
    if (type === Type.F32) {
      view.setFloat32(0, value);
      return this.constant(type, Number.isNaN(value) ? 0x7fc0_0000n : BigInt(view.getUint32(0)));
    }
    view.setFloat64(0, value);
    return this.constant(type, Number.isNaN(value) ? 0x7ff8_0000_0000_0000n : view.getBigUint64(0));
  }

  private value(type: Type): Value {
    const pool = this.pool[type]!;
    if (pool.length === 0 || (!this.c.exhausted && this.c.below(5) === 0)) return this.randomConstant(type);
    // Recent values more often.
    const back = Math.min(this.c.below(pool.length), this.c.below(pool.length));
    return pool[pool.length - 1 - back]!;
  }

  private flag(): Value {
    const type = this.c.pick(INTS);
    if (this.c.below(6) === 0) {
      const float = this.c.pick(FLOATS);
      return this.emit(Op.fcmp, float, [this.value(float), this.value(float)], 0, 0, this.c.below(12));
    }
    return this.emit(Op.icmp, type, [this.value(type), this.value(type)], 0, 0, this.c.below(10));
  }

  /** The float with a NaN replaced by the canonical one. */
  private canonical(value: Value): Value {
    const type = this.fn.valueType[value]! as Type;
    const isNan = this.emit(Op.fcmp, type, [value, value], 0, 0, FloatCC.uno);
    return this.emit(Op.select, type, [isNan, this.floatConstant(type, Number.NaN), value]);
  }

  // --- Memory ----------------------------------------------------------------------------------------------------------

  private makeSlots(): void {
    for (let i = this.c.below(4); i > 0; i--) {
      const type = this.c.pick([...INTS, ...FLOATS]);
      const slot = this.fn.newStackSlot(TYPE_BYTES[type]!, TYPE_BYTES[type]!);
      this.scalars.push({ slot, type });
      this.storeScalar(slot, type);
    }
    for (let i = this.c.below(4); i > 0; i--) {
      const size = this.c.pick([16, 8, 24, 40, 12]);
      const address = this.emit(Op.stackAddr, Type.I64, [], this.fn.newStackSlot(size, 8), 0);
      this.aggregates.push({ address, size });
      this.op(Op.memset, 0, [address], size, this.c.pick([0, 0xff, 0x5a]), 3);
    }
  }

  private storeScalar(slot: number, type: Type): void {
    const value = this.value(type);
    const address = this.emit(Op.stackAddr, Type.I64, [], slot, 0);
    this.op(
      Op.store,
      type,
      [address, type >= Type.F32 ? this.canonical(value) : value],
      0,
      0,
      this.c.pick([0, MemFlags.NOTRAP]),
    );
  }

  /** An address and offset within an aggregate, for `bytes` bytes. */
  private place(aggregate: Aggregate, bytes: number): { readonly address: Value; readonly offset: number } {
    const offset = this.c.below(Math.floor((aggregate.size - bytes) / 4) + 1) * (this.c.below(6) === 0 ? 1 : 4);
    switch (this.c.below(4)) {
      case 0: {
        const added = this.constant(Type.I64, BigInt(offset));
        return { address: this.emit(Op.iadd, Type.I64, [aggregate.address, added]), offset: 0 };
      }
      case 1: {
        // An index that is known only when the function runs.
        const index = this.value(Type.I64);
        const places = aggregate.size - bytes >= 8 ? 1n : 0n;
        const masked = this.emit(Op.band, Type.I64, [index, this.constant(Type.I64, places)]);
        const scaled = this.emit(Op.ishl, Type.I64, [masked, this.constant(Type.I64, 3n)]);
        return { address: this.emit(Op.iadd, Type.I64, [aggregate.address, scaled]), offset: 0 };
      }
      default:
        return { address: aggregate.address, offset };
    }
  }

  private memory(): void {
    if (this.aggregates.length === 0 || this.c.below(3) === 0) {
      if (this.scalars.length === 0) return;
      const { slot, type } = this.c.pick(this.scalars);
      if (this.c.below(2) === 0) {
        this.storeScalar(slot, type);
        return;
      }
      const address = this.emit(Op.stackAddr, Type.I64, [], slot, 0);
      // Sometimes the bits as another type.
      const integer = type === Type.F64 ? Type.I64 : type === Type.F32 ? Type.I32 : type;
      this.define(this.emit(Op.load, this.c.below(3) === 0 ? integer : type, [address]));
      return;
    }
    const aggregate = this.c.pick(this.aggregates);
    const type = this.c.pick([Type.I32, Type.I64, Type.I8, Type.I16, Type.F64, Type.F32]);
    const which = this.c.below(5);
    if (which === 4) {
      const other = this.c.pick(this.aggregates);
      if (other.address === aggregate.address) return;
      const size = Math.min(aggregate.size, other.size, this.c.pick([8, 16, 12, 24]));
      this.op(Op.memcpy, 0, [aggregate.address, other.address], size, 0, 2);
    } else if (which >= 2) {
      const { address, offset } = this.place(aggregate, TYPE_BYTES[type]!);
      const loaded = this.emit(Op.load, type, [address], offset);
      this.define(type >= Type.F32 ? this.canonical(loaded) : loaded);
    } else {
      const value = this.value(type);
      const stored = type >= Type.F32 ? this.canonical(value) : value;
      const { address, offset } = this.place(aggregate, TYPE_BYTES[type]!);
      this.op(Op.store, type, [address, stored], offset);
    }
  }

  // --- Arithmetic ------------------------------------------------------------------------------------------------------

  private arithmetic(): void {
    const type = this.c.pick(INTS);
    const { c } = this;
    switch (c.below(9)) {
      case 0:
      case 1: {
        const opcode = c.pick(BINARY);
        const a = this.value(type);
        const b = this.value(type);
        this.define(this.emit(opcode, type, [a, b]));
        // Sometimes again, with the arguments exchanged.
        if (c.below(4) === 1) this.define(this.emit(opcode, type, [b, a]));
        return;
      }
      case 2:
        this.define(this.emit(c.pick(UNARY), type, [this.value(type)]));
        return;
      case 3:
        this.shift(type);
        return;
      case 4:
        this.division(type);
        return;
      case 5: {
        const inst = this.op(c.pick(OVERFLOWS), type, [this.value(type), this.value(type)]);
        this.define(this.fn.result(inst, 0));
        this.define(this.fn.result(inst, 1));
        return;
      }
      case 6:
        this.define(this.emit(Op.select, type, [this.flag(), this.value(type), this.value(type)]));
        return;
      case 7:
        this.define(this.flag());
        return;
      default:
        this.flagged();
        return;
    }
  }

  private shift(type: Type): void {
    const width = TYPE_BYTES[type]! * 8;
    const amount =
      this.c.below(2) === 0
        ? this.constant(type, BigInt(this.c.below(width)))
        : this.emit(Op.band, type, [this.value(type), this.constant(type, BigInt(width - 1))]);
    this.define(this.emit(this.c.pick(SHIFTS), type, [this.value(type), amount]));
  }

  private division(type: Type): void {
    const opcode = this.c.pick(DIVISIONS);
    let divisor: Value;
    switch (this.c.below(5)) {
      case 0:
        divisor = this.value(type);
        break;
      case 1: {
        // Odd and not negative: neither 0 nor -1.
        const mask = this.constant(type, (1n << BigInt(TYPE_BYTES[type]! * 8 - 1)) - 1n);
        const positive = this.emit(Op.band, type, [this.value(type), mask]);
        divisor = this.emit(Op.bor, type, [positive, this.constant(type, 1n)]);
        break;
      }
      default:
        divisor = this.constant(type, this.c.pick([1n, 2n, 3n, 7n, 10n, 8n, -3n, 100n, -1n, 64n, -8n, 1n << 31n]));
        if (this.fn.constBits(this.fn.valueDef[divisor]! as Inst) === 0n) divisor = this.constant(type, 5n);
    }
    this.define(this.emit(opcode, type, [this.value(type), divisor]));
  }

  /** Arithmetic marked as not overflowing, on numbers too small to. */
  private flagged(): void {
    const signed = this.c.below(2) === 0;
    const extend = signed ? Op.sextend : Op.uextend;
    const a = this.emit(extend, Type.I64, [this.value(Type.I8)]);
    const b = this.emit(extend, Type.I64, [this.value(Type.I16)]);
    const opcode = signed ? this.c.pick([Op.iadd, Op.isub, Op.imul]) : this.c.pick([Op.iadd, Op.imul]);
    this.define(this.emit(opcode, Type.I64, [a, b], 0, 0, signed ? ArithFlags.NSW : ArithFlags.NUW));
  }

  private conversion(): void {
    const { c } = this;
    const a = c.pick(INTS);
    const b = c.pick(INTS);
    switch (c.below(7)) {
      case 0:
      case 1:
        if (a === b) return;
        this.define(this.emit(a < b ? Op.ireduce : c.pick([Op.uextend, Op.sextend]), a, [this.value(b)]));
        return;
      case 2:
        this.define(this.emit(c.pick([Op.fcvtFromSint, Op.fcvtFromUint]), c.pick(FLOATS), [this.value(a)]));
        return;
      case 3:
        this.define(this.emit(c.pick([Op.fcvtToSint, Op.fcvtToUint]), a, [this.value(c.pick(FLOATS))]));
        return;
      case 4:
        this.define(this.emit(Op.bitcast, Type.I64, [this.canonical(this.value(Type.F64))]));
        return;
      case 5:
        if (c.below(2) === 0) this.define(this.emit(Op.fpromote, Type.F64, [this.value(Type.F32)]));
        else this.define(this.emit(Op.fdemote, Type.F32, [this.value(Type.F64)]));
        return;
      default: {
        if (c.below(2) === 0) {
          this.define(this.emit(Op.iconcat, Type.I128, [this.value(Type.I64), this.value(Type.I64)]));
          return;
        }
        const split = this.op(Op.isplit, Type.I64, [this.value(Type.I128)]);
        this.define(this.fn.result(split, 0));
        this.define(this.fn.result(split, 1));
      }
    }
  }

  private float(): void {
    const type = this.c.pick(FLOATS);
    if (this.c.below(4) === 0) {
      this.define(this.emit(this.c.pick([Op.fneg, Op.fabs, Op.sqrt]), type, [this.value(type)]));
      return;
    }
    this.define(this.emit(this.c.pick(FLOAT_BINARY), type, [this.value(type), this.value(type)]));
  }

  // --- Control ---------------------------------------------------------------------------------------------------------

  private statement(): void {
    this.budget--;
    const kind = this.c.below(26);
    if (kind < 6) this.arithmetic();
    else if (kind < 11) this.memory();
    else if (kind < 13) this.conversion();
    else if (kind < 14) this.float();
    else if (kind < 16) this.call();
    else if (this.depth >= 3) this.arithmetic();
    else if (kind < 19) this.choose();
    else if (kind < 20) this.multiway();
    else if (kind < 23) this.loop();
    else if (kind < 24) this.guardedDivision();
    else if (kind < 25) this.irreducible();
    else if (this.c.below(3) === 0) this.guard();
    else this.negatedFlag();
  }

  /** A division that runs only when the divisor is not 0. */
  private guardedDivision(): void {
    const type = this.c.pick([Type.I32, Type.I64, Type.I8]);
    const divisor = this.value(type);
    const safe = this.emit(Op.icmp, type, [divisor, this.constant(type, 0n)], 0, 0, IntCC.ne);
    const then = this.newBlock();
    const join = this.newBlock();
    this.branchTo(Op.brif, [safe], [then, join], [[], [this.value(type)]]);
    this.block = then;
    const quotient = this.emit(this.c.pick([Op.udiv, Op.urem]), type, [this.value(type), divisor]);
    this.branchTo(Op.jump, [], [join], [[quotient]]);
    this.enterJoin(join, [type]);
  }

  /** The negation of a flag, as compilers spell it. */
  private negatedFlag(): void {
    const flag = this.flag();
    const one = this.constant(Type.I8, 1n);
    const zero = this.constant(Type.I8, 0n);
    const spelling = this.c.below(3);
    if (spelling === 0) this.define(this.emit(Op.bxor, Type.I8, [flag, one]));
    else if (spelling === 1) this.define(this.emit(Op.icmp, Type.I8, [flag, zero], 0, 0, IntCC.eq));
    else this.define(this.emit(Op.select, Type.I8, [flag, zero, one]));
  }

  private branchTo(
    opcode: number,
    args: readonly Value[],
    targets: readonly Block[],
    passed: readonly Value[][],
  ): void {
    const inst = this.op(opcode, 0, args);
    targets.forEach((target, i) => {
      this.fn.addSucc(inst, target, passed[i] ?? []);
    });
  }

  /** Runs `body` in `block`; what it defines is gone afterwards. Gives the values passed on to the join, of the given types. */
  private within(block: Block, join: Block, types: readonly Type[], body: () => void): void {
    const lengths = this.pool.map((list) => list.length);
    this.block = block;
    this.depth++;
    body();
    this.depth--;
    this.branchTo(Op.jump, [], [join], [types.map((ty) => this.value(ty))]);
    this.pool.forEach((list, i) => {
      list.length = lengths[i]!;
    });
  }

  private body(): void {
    for (let i = this.c.below(4); i > 0 && this.budget > 0; i--) this.statement();
  }

  private joinTypes(): Type[] {
    const types: Type[] = [];
    for (let i = this.c.below(3); i > 0; i--) types.push(this.c.pick([...INTS, ...FLOATS]));
    return types;
  }

  private enterJoin(join: Block, types: readonly Type[]): void {
    this.block = join;
    for (const type of types) this.define(this.fn.appendBlockParam(join, type));
  }

  private choose(): void {
    const types = this.joinTypes();
    const then = this.newBlock();
    const otherwise = this.c.below(3) === 0 ? undefined : this.newBlock();
    const join = this.newBlock();
    const condition = this.c.below(4) === 0 ? this.value(Type.I8) : this.flag();
    const direct = otherwise === undefined ? types.map((ty) => this.value(ty)) : [];
    this.branchTo(Op.brif, [condition], [then, otherwise ?? join], [[], direct]);
    this.within(then, join, types, () => this.body());
    if (otherwise !== undefined) this.within(otherwise, join, types, () => this.body());
    this.enterJoin(join, types);
  }

  private multiway(): void {
    const types = this.joinTypes();
    const type = this.c.pick([Type.I32, Type.I8, Type.I64, Type.I128]);
    const count = 1 + this.c.below(4);
    const blocks = Array.from({ length: count + 1 }, () => this.newBlock());
    const join = this.newBlock();
    const subject = this.value(type);
    const inst = this.op(Op.switch, 0, [subject], this.fn.switchCases.push(casesFor(count)) - 1);
    // Two cases may share a block.
    blocks.forEach((_, i) => {
      this.fn.addSucc(inst, i === 2 && count > 2 ? blocks[1]! : blocks[i]!, []);
    });
    blocks.forEach((block) => {
      this.within(block, join, types, () => this.body());
    });
    this.enterJoin(join, types);
  }

  private loop(): void {
    const header = this.newBlock();
    const body = this.newBlock();
    const exit = this.newBlock();
    const carried = this.c.pick(INTS);
    const count = this.constant(Type.I32, BigInt(this.c.below(5)));
    this.branchTo(Op.jump, [], [header], [[count, this.value(carried)]]);
    const counter = this.fn.appendBlockParam(header, Type.I32);
    const state = this.fn.appendBlockParam(header, carried);
    this.block = header;
    const lengths = this.pool.map((list) => list.length);
    this.define(state);
    const zero = this.constant(Type.I32, 0n);
    const more = this.emit(Op.icmp, Type.I32, [counter, zero], 0, 0, this.c.pick([IntCC.ne, IntCC.sgt, IntCC.ugt]));
    this.branchTo(Op.brif, [more], [body, exit], []);
    this.block = body;
    this.depth++;
    this.define(counter);
    for (let i = 1 + this.c.below(4); i > 0 && this.budget > 0; i--) this.statement();
    this.depth--;
    const less = this.emit(Op.isub, Type.I32, [counter, this.constant(Type.I32, 1n)]);
    this.branchTo(Op.jump, [], [header], [[less, this.value(carried)]]);
    this.pool.forEach((list, i) => {
      list.length = lengths[i]!;
    });
    this.block = exit;
    this.define(state);
  }

  /** Two blocks that lead to each other, entered at either, until a counter runs out. */
  private irreducible(): void {
    const left = this.newBlock();
    const right = this.newBlock();
    const exit = this.newBlock();
    const start = this.constant(Type.I32, BigInt(1 + this.c.below(4)));
    const initial = this.value(Type.I64);
    this.branchTo(
      Op.brif,
      [this.flag()],
      [left, right],
      [
        [start, initial],
        [start, initial],
      ],
    );
    for (const [here, there] of [
      [left, right],
      [right, left],
    ] as const) {
      const counter = this.fn.appendBlockParam(here, Type.I32);
      const state = this.fn.appendBlockParam(here, Type.I64);
      this.block = here;
      const less = this.emit(Op.isub, Type.I32, [counter, this.constant(Type.I32, 1n)]);
      const next = this.emit(here === left ? Op.iadd : Op.bxor, Type.I64, [state, this.value(Type.I64)]);
      const done = this.emit(Op.icmp, Type.I32, [less, this.constant(Type.I32, 0n)], 0, 0, IntCC.eq);
      this.branchTo(Op.brif, [done], [exit, there], [[next], [less, next]]);
    }
    this.enterJoin(exit, [Type.I64]);
  }

  /** Goes on only when a condition holds; otherwise the program is in error. */
  private guard(): void {
    const fine = this.newBlock();
    const error = this.newBlock();
    this.branchTo(Op.brif, [this.flag()], [fine, error], []);
    this.block = error;
    this.op(Op.unreachable, 0, []);
    this.block = fine;
  }

  private call(): void {
    const { fn, c } = this;
    if (c.below(2) === 0 || this.helpers === 0) {
      this.op(Op.call, 0, [this.value(Type.I64)], fn.importFunction("observe", OBSERVE));
      return;
    }
    const index = c.below(this.helpers);
    const signature = HELPERS[index]!;
    const ref = fn.importFunction(`h${index}`, signature);
    const args = signature.params.map((ty) => this.value(ty));
    const inst = this.op(Op.call, 0, args, ref);
    this.define(fn.result(inst));
  }

  /** A block that nothing leads to, and that leads into the function. */
  private unreachableBlock(): void {
    const { fn } = this;
    const target = fn.layout.find((block, i) => i > 0 && fn.blockParams[block]!.length === 0);
    this.block = this.newBlock();
    if (target === undefined) this.op(Op.unreachable, 0, []);
    else this.branchTo(Op.jump, [], [target], []);
  }
}

function casesFor(count: number): bigint[] {
  return [0n, 1n, 3n, 100n].slice(0, count);
}
