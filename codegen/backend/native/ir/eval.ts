/**
 * An evaluator of IR functions over a byte memory: the oracle of the optimiser's tests.
 *
 * It is written apart from the optimiser's constant folding on purpose, so that each checks the other: all values here are unsigned
 * bits in a `bigint`, floats included. Speed is no concern.
 *
 * - *Memory* is one array of bytes. Only bytes inside of allocations (stack slots of active calls, and what the host allocated) may be
 *   touched; anything else traps. Fresh stack slots hold a pattern that is not zero.
 * - A *trap* is everything that a program must not do: a bad access, division by zero or with overflow, `unreachable`, signed or unsigned
 *   overflow of flagged arithmetic, a shift by the width or more. What comes after a trap is not defined, so a pass may change it.
 * - *Events* are calls of functions that the module does not define; the host answers them.
 * - NaN results of arithmetic have the canonical bits.
 */

import { bug, NONE } from "../../../entity/entity.ts";
import type { Block, Inst, IrFunction, IrModule } from "./function.ts";
import { ArithFlags, MemFlags, OPS, Op, TYPE_BYTES, Type } from "./opcodes.ts";

export interface EvalEvent {
  readonly symbol: string;
  readonly args: readonly bigint[];
}

export type EvalOutcome =
  | { readonly kind: "return"; readonly values: readonly bigint[] }
  | { readonly kind: "trap"; readonly reason: string }
  | { readonly kind: "out-of-fuel" };

/** Answers a call of an external function: its results, or `undefined` to end the program there (as `exit` does). */
export type EvalHost = (symbol: string, args: readonly bigint[], memory: EvalMemory) => readonly bigint[] | undefined;

class Trap extends Error {}
class OutOfFuel extends Error {}
class Exit extends Error {}

/** Where function addresses begin; not inside of memory. */
const CODE_BASE = 0x4000_0000;

/** Bytes, and which of them may be touched. */
export class EvalMemory {
  readonly bytes: Uint8Array;
  private readonly valid: Uint8Array;
  private readonly view: DataView;
  private top = 64;

  constructor(size: number = 1 << 16) {
    this.bytes = new Uint8Array(size);
    this.valid = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Address of `size` fresh bytes; a gap that may not be touched follows. */
  allocate(size: number, align: number): number {
    const at = Math.ceil(this.top / align) * align;
    if (at + size + 16 > this.bytes.length) throw new OutOfFuel();
    this.bytes.fill(0xa5, at, at + size);
    this.valid.fill(1, at, at + size);
    this.top = at + size + 16;
    return at;
  }

  mark(): number {
    return this.top;
  }

  /** Frees everything allocated since `mark` returned `mark`. */
  release(mark: number): void {
    this.valid.fill(0, mark, this.top);
    this.top = mark;
  }

  check(address: bigint, size: number): number {
    if (address < 0n || address + BigInt(size) > BigInt(this.bytes.length)) throw new Trap(`access at ${address}`);
    const at = Number(address);
    for (let i = 0; i < size; i++) if (this.valid[at + i] === 0) throw new Trap(`access at ${address}`);
    return at;
  }

  load(address: bigint, size: number): bigint {
    const at = this.check(address, size);
    let bits = 0n;
    for (let i = size - 1; i >= 0; i--) bits = (bits << 8n) | BigInt(this.bytes[at + i]!);
    return bits;
  }

  store(address: bigint, size: number, bits: bigint): void {
    const at = this.check(address, size);
    if (size === 16) {
      this.view.setBigUint64(at, BigInt.asUintN(64, bits), true);
      this.view.setBigUint64(at + 8, bits >> 64n, true);
      return;
    }
    for (let i = 0; i < size; i++) this.bytes[at + i] = Number((bits >> BigInt(8 * i)) & 0xffn);
  }
}

export interface EvalOptions {
  readonly host?: EvalHost;
  readonly memory?: EvalMemory;
  /** Instructions until `out-of-fuel`. */
  readonly fuel?: number;
}

export interface EvalResult {
  readonly outcome: EvalOutcome;
  readonly events: readonly EvalEvent[];
}

/** Runs `symbol` of `module` on `args` (unsigned bits). */
export function evaluate(
  module: IrModule,
  symbol: string,
  args: readonly bigint[],
  options: EvalOptions = {},
): EvalResult {
  const machine = new Machine(module, options);
  return { outcome: machine.start(symbol, args), events: machine.events };
}

class Machine {
  readonly events: EvalEvent[] = [];
  private readonly functions = new Map<string, IrFunction>();
  private readonly addresses = new Map<string, bigint>();
  private readonly symbolAt = new Map<bigint, string>();
  private readonly memory: EvalMemory;
  private readonly host: EvalHost;
  private fuel: number;
  private depth = 0;

  constructor(module: IrModule, options: EvalOptions) {
    for (const fn of module.functions) this.functions.set(fn.symbol, fn);
    this.memory = options.memory ?? new EvalMemory();
    this.host = options.host ?? ((): undefined => undefined);
    this.fuel = options.fuel ?? 100_000;
  }

  start(symbol: string, args: readonly bigint[]): EvalOutcome {
    try {
      return { kind: "return", values: this.call(symbol, args) };
    } catch (error) {
      if (error instanceof Trap) return { kind: "trap", reason: error.message };
      if (error instanceof OutOfFuel) return { kind: "out-of-fuel" };
      if (error instanceof Exit) return { kind: "return", values: [] };
      throw error;
    }
  }

  private call(symbol: string, args: readonly bigint[]): readonly bigint[] {
    const fn = this.functions.get(symbol);
    if (fn === undefined) {
      this.events.push({ symbol, args });
      const results = this.host(symbol, args, this.memory);
      if (results === undefined) throw new Exit();
      return results;
    }
    if (++this.depth > 200) throw new OutOfFuel();
    const mark = this.memory.mark();
    const results = this.run(fn, args);
    this.memory.release(mark);
    this.depth--;
    return results;
  }

  private addressOf(symbol: string): bigint {
    let address = this.addresses.get(symbol);
    if (address === undefined) {
      address = BigInt(CODE_BASE + this.addresses.size * 16);
      this.addresses.set(symbol, address);
      this.symbolAt.set(address, symbol);
    }
    return address;
  }

  private run(fn: IrFunction, args: readonly bigint[]): readonly bigint[] {
    const slots = fn.stackSlots.map((slot) => BigInt(this.memory.allocate(slot.size, slot.align)));
    const values: bigint[] = new Array<bigint>(fn.valueCount);
    const value = (v: number): bigint => {
      const bits = values[fn.resolve(v as never)];
      if (bits === undefined) throw bug(`v${v} of ${fn.symbol} has no value`);
      return bits;
    };
    let block: Block = fn.entry;
    let passed: readonly bigint[] = args;
    for (;;) {
      fn.blockParams[block]!.forEach((param, i) => {
        values[param] = passed[i]!;
      });
      let following: { block: Block; args: readonly bigint[] } | undefined;
      for (let at = fn.firstInst[block]!; at !== NONE; at = fn.next[at]!) {
        const inst = at as Inst;
        if (--this.fuel < 0) throw new OutOfFuel();
        const operands = fn.args(inst).map(value);
        if (OPS[fn.opcode[inst]!]!.format === "branch") {
          const index = successorIndex(fn, inst, operands);
          following = { block: fn.succBlock(inst, index), args: fn.succArgs(inst, index).map(value) };
        } else if (fn.opcode[inst] === Op.ret) {
          return operands;
        } else {
          const results = this.step(fn, inst, operands, slots);
          for (let i = 0; i < results.length; i++) values[fn.result(inst, i)] = results[i]!;
        }
      }
      if (following === undefined) throw bug(`block${block} of ${fn.symbol} fell through`);
      block = following.block;
      passed = following.args;
    }
  }

  private step(fn: IrFunction, inst: Inst, a: readonly bigint[], slots: readonly bigint[]): readonly bigint[] {
    const opcode = fn.opcode[inst]!;
    const type = fn.type[inst]! as Type;
    const lo = fn.immLo[inst]!;
    switch (opcode) {
      case Op.iconst:
      case Op.fconst:
        return [fn.constBits(inst)];
      case Op.load:
        this.checkAlign(fn, inst, a[0]!);
        return [this.memory.load(BigInt.asUintN(64, a[0]! + BigInt(lo)), TYPE_BYTES[type]!)];
      case Op.store:
        this.checkAlign(fn, inst, a[0]!);
        this.memory.store(BigInt.asUintN(64, a[0]! + BigInt(lo)), TYPE_BYTES[type]!, a[1]!);
        return [];
      case Op.stackAddr:
        return [BigInt.asUintN(64, slots[lo]! + BigInt(fn.immHi[inst]!))];
      case Op.funcAddr:
        return [this.addressOf(fn.functions[lo]!.symbol)];
      case Op.memcpy: {
        const to = this.memory.check(a[0]!, lo);
        const from = this.memory.check(a[1]!, lo);
        if (to !== from && Math.abs(to - from) < lo) throw new Trap("memcpy of overlapping blocks");
        this.memory.bytes.copyWithin(to, from, from + lo);
        return [];
      }
      case Op.memset: {
        const to = this.memory.check(a[0]!, lo);
        this.memory.bytes.fill(fn.immHi[inst]! & 0xff, to, to + lo);
        return [];
      }
      case Op.call:
        return this.call(fn.functions[lo]!.symbol, a);
      case Op.callIndirect: {
        const symbol = this.symbolAt.get(a[0]!);
        if (symbol === undefined) throw new Trap(`call of ${a[0]}`);
        return this.call(symbol, a.slice(1));
      }
      case Op.syscall:
        this.events.push({ symbol: "syscall", args: a });
        return [0n];
      case Op.unreachable:
        throw new Trap("unreachable");
      default:
        return evalPure(fn, inst, opcode, type, a);
    }
  }

  private checkAlign(fn: IrFunction, inst: Inst, address: bigint): void {
    const log2 = fn.aux[inst]! >> MemFlags.ALIGN_SHIFT;
    const at = address + BigInt(fn.immLo[inst]!);
    if ((at & ((1n << BigInt(log2)) - 1n)) !== 0n) throw new Trap(`misaligned access at ${at}`);
  }
}

function successorIndex(fn: IrFunction, inst: Inst, operands: readonly bigint[]): number {
  const opcode = fn.opcode[inst]!;
  if (opcode === Op.jump) return 0;
  if (opcode === Op.brif) return operands[0] !== 0n ? 0 : 1;
  return fn.switchCases[fn.immLo[inst]!]!.indexOf(operands[0]!) + 1;
}

const widthOf = (type: Type): number => TYPE_BYTES[type]! * 8;

function evalPure(fn: IrFunction, inst: Inst, opcode: number, type: Type, a: readonly bigint[]): readonly bigint[] {
  if (opcode === Op.select) return [a[0] !== 0n ? a[1]! : a[2]!];
  if (opcode === Op.blackBox || opcode === Op.bitcast) return [a[0]!];
  if (opcode === Op.icmp) return [evalIcmp(fn.aux[inst]!, widthOf(type), a[0]!, a[1]!) ? 1n : 0n];
  if (opcode === Op.fcmp) return [evalFcmp(fn.aux[inst]!, toFloat(type, a[0]!), toFloat(type, a[1]!)) ? 1n : 0n];
  const from = a.length > 0 ? (fn.valueType[fn.arg(inst, 0)]! as Type) : type;
  const converted = evalConversion(opcode, type, from, a);
  if (converted !== undefined) return converted;
  if (type >= Type.F32) return [evalFloat(opcode, type, a)];
  return evalInt(opcode, widthOf(type), a, fn.aux[inst]!);
}

function evalIcmp(cc: number, width: number, a: bigint, b: bigint): boolean {
  const sa = BigInt.asIntN(width, a);
  const sb = BigInt.asIntN(width, b);
  return [a === b, a !== b, sa < sb, sa >= sb, sa > sb, sa <= sb, a < b, a >= b, a > b, a <= b][cc]!;
}

function evalFcmp(cc: number, a: number, b: number): boolean {
  const unordered = Number.isNaN(a) || Number.isNaN(b);
  return [
    a === b,
    a !== b,
    a < b,
    unordered || a >= b,
    a <= b,
    unordered || a > b,
    a > b,
    unordered || a <= b,
    a >= b,
    unordered || a < b,
    unordered,
    !unordered,
  ][cc]!;
}

function evalInt(opcode: number, width: number, a: readonly bigint[], aux: number): readonly bigint[] {
  const bits = BigInt(width);
  const wrap = (x: bigint): bigint => BigInt.asUintN(width, x);
  const [x = 0n, y = 0n] = a;
  const sx = BigInt.asIntN(width, x);
  const sy = BigInt.asIntN(width, y);
  const exact = (unsigned: bigint, signed: bigint): readonly bigint[] => {
    if ((aux & ArithFlags.NUW) !== 0 && wrap(unsigned) !== unsigned) throw new Trap("unsigned overflow");
    if ((aux & ArithFlags.NSW) !== 0 && BigInt.asIntN(width, signed) !== signed) throw new Trap("signed overflow");
    return [wrap(unsigned)];
  };
  const flagged = (result: bigint, signed: boolean): readonly bigint[] => [
    wrap(result),
    (signed ? BigInt.asIntN(width, result) : wrap(result)) === result ? 0n : 1n,
  ];
  const amount = (): bigint => {
    if (y >= bits) throw new Trap("shift by the width or more");
    return y;
  };
  const divisor = (): void => {
    if (y === 0n) throw new Trap("division by zero");
    if ((opcode === Op.sdiv || opcode === Op.srem) && sy === -1n && sx === -(1n << (bits - 1n)))
      throw new Trap("division overflow");
  };
  switch (opcode) {
    case Op.iadd:
      return exact(x + y, sx + sy);
    case Op.isub:
      return exact(x - y, sx - sy);
    case Op.imul:
      return exact(x * y, sx * sy);
    case Op.udiv:
      divisor();
      return [x / y];
    case Op.sdiv:
      divisor();
      return [wrap(sx / sy)];
    case Op.urem:
      divisor();
      return [x % y];
    case Op.srem:
      divisor();
      return [wrap(sx % sy)];
    case Op.umulhi:
      return [(x * y) >> bits];
    case Op.smulhi:
      return [wrap((sx * sy) >> bits)];
    case Op.band:
      return [x & y];
    case Op.bor:
      return [x | y];
    case Op.bxor:
      return [x ^ y];
    case Op.bnot:
      return [wrap(~x)];
    case Op.ineg:
      return [wrap(-x)];
    case Op.ishl:
      return [wrap(x << amount())];
    case Op.ushr:
      return [x >> amount()];
    case Op.sshr:
      return [wrap(sx >> amount())];
    case Op.rotl:
      return [wrap((x << (y % bits)) | (x >> ((bits - (y % bits)) % bits)))];
    case Op.rotr:
      return [wrap((x >> (y % bits)) | (x << ((bits - (y % bits)) % bits)))];
    case Op.clz:
      return [BigInt(width - (x === 0n ? 0 : x.toString(2).length))];
    case Op.ctz:
      return [x === 0n ? bits : BigInt((x & -x).toString(2).length - 1)];
    case Op.popcnt:
      return [BigInt(x.toString(2).replaceAll("0", "").length)];
    case Op.bswap: {
      let swapped = 0n;
      for (let i = 0; i < width; i += 8) swapped = (swapped << 8n) | ((x >> BigInt(i)) & 0xffn);
      return [swapped];
    }
    case Op.saddOverflow:
      return flagged(sx + sy, true);
    case Op.uaddOverflow:
      return flagged(x + y, false);
    case Op.ssubOverflow:
      return flagged(sx - sy, true);
    case Op.usubOverflow:
      return flagged(x - y, false);
    case Op.smulOverflow:
      return flagged(sx * sy, true);
    case Op.umulOverflow:
      return flagged(x * y, false);
    default:
      throw bug(`no evaluation of ${OPS[opcode]?.name}`);
  }
}

const scratch = new DataView(new ArrayBuffer(8));

function toFloat(type: Type, bits: bigint): number {
  if (type === Type.F32) {
    scratch.setUint32(0, Number(bits));
    return scratch.getFloat32(0);
  }
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
}

function fromFloat(type: Type, value: number): bigint {
  if (type === Type.F32) {
    if (Number.isNaN(value)) return 0x7fc0_0000n;
    scratch.setFloat32(0, value);
    return BigInt(scratch.getUint32(0));
  }
  if (Number.isNaN(value)) return 0x7ff8_0000_0000_0000n;
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

function evalFloat(opcode: number, type: Type, a: readonly bigint[]): bigint {
  const sign = 1n << BigInt(widthOf(type) - 1);
  if (opcode === Op.fneg) return a[0]! ^ sign;
  if (opcode === Op.fabs) return a[0]! & ~sign;
  const x = toFloat(type, a[0]!);
  const y = a.length > 1 ? toFloat(type, a[1]!) : 0;
  switch (opcode) {
    // Rounding the f64 result of these to f32 gives the f32 result: f64 has more than twice the digits (Figueroa, 1995).
    case Op.fadd:
      return fromFloat(type, x + y);
    case Op.fsub:
      return fromFloat(type, x - y);
    case Op.fmul:
      return fromFloat(type, x * y);
    case Op.fdiv:
      return fromFloat(type, x / y);
    case Op.sqrt:
      return fromFloat(type, Math.sqrt(x));
    default:
      throw bug(`no evaluation of ${OPS[opcode]?.name}`);
  }
}

function evalConversion(opcode: number, type: Type, from: Type, a: readonly bigint[]): readonly bigint[] | undefined {
  const x = a[0]!;
  switch (opcode) {
    case Op.ireduce:
      return [BigInt.asUintN(widthOf(type), x)];
    case Op.uextend:
      return [x];
    case Op.sextend:
      return [BigInt.asUintN(widthOf(type), BigInt.asIntN(widthOf(from), x))];
    case Op.fcvtToUint:
      return [saturate(toFloat(from, x), 0n, (1n << BigInt(widthOf(type))) - 1n, widthOf(type))];
    case Op.fcvtToSint: {
      const limit = 1n << BigInt(widthOf(type) - 1);
      return [saturate(toFloat(from, x), -limit, limit - 1n, widthOf(type))];
    }
    case Op.fcvtFromUint:
      return [intToFloat(type, x)];
    case Op.fcvtFromSint:
      return [intToFloat(type, BigInt.asIntN(widthOf(from), x))];
    case Op.fpromote:
    case Op.fdemote:
      return [fromFloat(type, toFloat(from, x))];
    case Op.iconcat:
      return [x | (a[1]! << 64n)];
    case Op.isplit:
      return [BigInt.asUintN(64, x), x >> 64n];
    default:
      return undefined;
  }
}

function saturate(x: number, min: bigint, max: bigint, width: number): bigint {
  if (Number.isNaN(x)) return 0n;
  const clamped = x === Number.POSITIVE_INFINITY ? max : x === Number.NEGATIVE_INFINITY ? min : BigInt(Math.trunc(x));
  return BigInt.asUintN(width, clamped < min ? min : clamped > max ? max : clamped);
}

/** Rounds once, to nearest even: going through f64 first would round an f32 twice. */
function intToFloat(type: Type, value: bigint): bigint {
  const digits = type === Type.F32 ? 24 : 53;
  const magnitude = value < 0n ? -value : value;
  const excess = magnitude.toString(2).length - digits;
  let rounded = magnitude;
  if (excess > 0) {
    const unit = 1n << BigInt(excess);
    const rest = magnitude % unit;
    rounded = magnitude - rest;
    if (rest * 2n > unit || (rest * 2n === unit && (rounded / unit) % 2n === 1n)) rounded += unit;
  }
  // `rounded` has at most `digits` significant bits, so the conversion is exact or overflows to infinity.
  return fromFloat(type, Number(value < 0n ? -rounded : rounded));
}
