/**
 * The test backend's `BuilderMethods`: records each operation as a closure, checking the types of its operands.
 *
 * It stands in for a real backend where what matters is whether `ssa/` emits the right operations; it is simple, not fast.
 */

import { bug } from "../../entity/entity.ts";
import type { BuilderMethods } from "../traits/builder.ts";
import {
  type BackendSignature,
  BackendType,
  type Block,
  type FunctionDecl,
  type IntPredicate,
  type OverflowOp,
  type RealPredicate,
  type Value,
} from "../traits/types.ts";
import { floatFromBits, floatToBits, floatToIntBits, intToFloatBits } from "./float.ts";
import type { CompiledBlock, CompiledFunction, Frame, Jump } from "./machine.ts";
import { checkAligned, JUNK } from "./memory.ts";

const BITS: readonly number[] = [1, 8, 16, 32, 64, 128, 32, 64, 64];
const isInt = (ty: BackendType): boolean => ty <= BackendType.I128;
const isFloat = (ty: BackendType): boolean => ty === BackendType.F32 || ty === BackendType.F64;
const signedValue = (bits: bigint, width: number): bigint => BigInt.asIntN(width, bits);

type Wide = (a: bigint, b: bigint) => bigint;
const OVERFLOW: Readonly<Record<OverflowOp, { readonly signed: boolean; readonly compute: Wide }>> = {
  sadd: { signed: true, compute: (a, b) => a + b },
  uadd: { signed: false, compute: (a, b) => a + b },
  ssub: { signed: true, compute: (a, b) => a - b },
  usub: { signed: false, compute: (a, b) => a - b },
  smul: { signed: true, compute: (a, b) => a * b },
  umul: { signed: false, compute: (a, b) => a * b },
};

const INT_PREDICATES: Readonly<
  Record<IntPredicate, { readonly signed: boolean; readonly holds: (a: bigint, b: bigint) => boolean }>
> = {
  eq: { signed: false, holds: (a, b) => a === b },
  ne: { signed: false, holds: (a, b) => a !== b },
  ugt: { signed: false, holds: (a, b) => a > b },
  uge: { signed: false, holds: (a, b) => a >= b },
  ult: { signed: false, holds: (a, b) => a < b },
  ule: { signed: false, holds: (a, b) => a <= b },
  sgt: { signed: true, holds: (a, b) => a > b },
  sge: { signed: true, holds: (a, b) => a >= b },
  slt: { signed: true, holds: (a, b) => a < b },
  sle: { signed: true, holds: (a, b) => a <= b },
};

const REAL_PREDICATES: Readonly<Record<RealPredicate, (a: number, b: number) => boolean>> = {
  oeq: (a, b) => a === b,
  une: (a, b) => a !== b,
  ogt: (a, b) => a > b,
  oge: (a, b) => a >= b,
  olt: (a, b) => a < b,
  ole: (a, b) => a <= b,
  uno: (a, b) => Number.isNaN(a) || Number.isNaN(b),
  ord: (a, b) => !Number.isNaN(a) && !Number.isNaN(b),
};

export class TestBuilder implements BuilderMethods {
  readonly fn: CompiledFunction;
  private readonly types: BackendType[] = [];
  private current: CompiledBlock;

  constructor(decl: FunctionDecl) {
    this.current = { name: "start", steps: [], jump: undefined };
    this.fn = {
      symbol: decl.symbol,
      signature: decl.signature,
      blocks: [this.current],
      constants: [],
      frameSize: 0,
      frameAlign: 16,
    };
  }

  appendBlock(name: string): Block {
    return (this.fn.blocks.push({ name, steps: [], jump: undefined }) - 1) as Block;
  }

  switchToBlock(block: Block): void {
    const found = this.fn.blocks[block];
    if (found === undefined) throw bug(`no block ${block}`);
    if (found.steps.length > 0 || found.jump !== undefined) throw bug(`block ${found.name} is filled already`);
    this.current = found;
  }

  param(index: number): Value {
    const ty = this.fn.signature.params[index];
    if (ty === undefined) throw bug(`no parameter ${index}`);
    return this.define(ty, (f) => f.args[index]!);
  }

  ret(values: readonly Value[]): void {
    this.checkTypes(values, this.fn.signature.returns);
    this.jump((f) => {
      f.result = values.map((v) => this.read(f, v));
      return -1;
    });
  }

  br(target: Block): void {
    this.jump(() => target);
  }

  condBr(cond: Value, then: Block, otherwise: Block): void {
    this.expect(cond, BackendType.I1);
    this.jump((f) => (this.read(f, cond) === 1n ? then : otherwise));
  }

  switch(value: Value, otherwise: Block, cases: readonly (readonly [bigint, Block])[]): void {
    const ty = this.expectInt(value);
    const table = new Map(cases);
    if (table.size !== cases.length) throw bug("a switch with a case twice");
    for (const [bits] of cases)
      if (bits < 0n || bits >> BigInt(BITS[ty]!) !== 0n) throw bug(`case ${bits} is too wide`);
    this.jump((f) => table.get(this.read(f, value)) ?? otherwise);
  }

  unreachable(): void {
    this.jump(() => {
      throw bug(`unreachable code of ${this.fn.symbol} was reached`);
    });
  }

  constInt(ty: BackendType, bits: bigint): Value {
    if (!isInt(ty) || bits < 0n || bits >> BigInt(BITS[ty]!) !== 0n)
      throw bug(`the integer constant ${bits} of type ${ty}`);
    return this.constant(ty, bits);
  }

  constFloat(ty: BackendType, bits: bigint): Value {
    if (!isFloat(ty)) throw bug(`a float constant of type ${ty}`);
    return this.constant(ty, bits);
  }

  constNull(): Value {
    return this.constant(BackendType.Ptr, 0n);
  }

  undef(ty: BackendType): Value {
    return this.constant(
      ty,
      ty === BackendType.I1 ? 1n : BigInt.asUintN(BITS[ty]!, 0xa5a5_a5a5_a5a5_a5a5_a5a5_a5a5_a5a5_a5a5n),
    );
  }

  add(a: Value, b: Value): Value {
    return this.wrapping(a, b, (x, y) => x + y);
  }

  sub(a: Value, b: Value): Value {
    return this.wrapping(a, b, (x, y) => x - y);
  }

  mul(a: Value, b: Value): Value {
    return this.wrapping(a, b, (x, y) => x * y);
  }

  uncheckedBinop(op: OverflowOp, a: Value, b: Value): Value {
    const [value, overflow] = this.checkedBinop(op, a, b);
    this.current.steps.push((f) => {
      if (this.read(f, overflow) === 1n) throw bug(`${op} overflows`);
    });
    return value;
  }

  checkedBinop(op: OverflowOp, a: Value, b: Value): readonly [Value, Value] {
    const width = BITS[this.same(a, b)]!;
    const { signed, compute } = OVERFLOW[op];
    const exact = (f: Frame): bigint =>
      signed
        ? compute(signedValue(this.read(f, a), width), signedValue(this.read(f, b), width))
        : compute(this.read(f, a), this.read(f, b));
    const value = this.define(this.types[a]!, (f) => BigInt.asUintN(width, exact(f)));
    const overflow = this.define(BackendType.I1, (f) => {
      const wide = exact(f);
      return (signed ? BigInt.asIntN(width, wide) : BigInt.asUintN(width, wide)) === wide ? 0n : 1n;
    });
    return [value, overflow];
  }

  udiv(a: Value, b: Value): Value {
    return this.wrapping(a, b, (x, y) => x / nonZero(y));
  }

  sdiv(a: Value, b: Value): Value {
    return this.signedDivision(a, b, (x, y) => x / y);
  }

  urem(a: Value, b: Value): Value {
    return this.wrapping(a, b, (x, y) => x % nonZero(y));
  }

  srem(a: Value, b: Value): Value {
    return this.signedDivision(a, b, (x, y) => x % y);
  }

  and(a: Value, b: Value): Value {
    return this.wrapping(a, b, (x, y) => x & y);
  }

  or(a: Value, b: Value): Value {
    return this.wrapping(a, b, (x, y) => x | y);
  }

  xor(a: Value, b: Value): Value {
    return this.wrapping(a, b, (x, y) => x ^ y);
  }

  not(a: Value): Value {
    const ty = this.expectInt(a);
    return this.define(ty, (f) => BigInt.asUintN(BITS[ty]!, ~this.read(f, a)));
  }

  neg(a: Value): Value {
    const ty = this.expectInt(a);
    return this.define(ty, (f) => BigInt.asUintN(BITS[ty]!, -this.read(f, a)));
  }

  shl(a: Value, amount: Value): Value {
    const width = this.shiftWidth(a, amount);
    return this.wrapping(a, amount, (x, n) => x << inWidth(n, width));
  }

  lshr(a: Value, amount: Value): Value {
    const width = this.shiftWidth(a, amount);
    return this.wrapping(a, amount, (x, n) => x >> inWidth(n, width));
  }

  ashr(a: Value, amount: Value): Value {
    const width = this.shiftWidth(a, amount);
    return this.wrapping(a, amount, (x, n) => signedValue(x, width) >> inWidth(n, width));
  }

  icmp(predicate: IntPredicate, a: Value, b: Value): Value {
    const ty = this.types[a]!;
    if (ty !== this.types[b] || isFloat(ty)) throw bug(`icmp of types ${ty} and ${this.types[b]}`);
    const { signed, holds } = INT_PREDICATES[predicate];
    const width = BITS[ty]!;
    const operand = (f: Frame, v: Value): bigint => (signed ? signedValue(this.read(f, v), width) : this.read(f, v));
    return this.define(BackendType.I1, (f) => (holds(operand(f, a), operand(f, b)) ? 1n : 0n));
  }

  select(cond: Value, then: Value, otherwise: Value): Value {
    this.expect(cond, BackendType.I1);
    if (this.types[then] !== this.types[otherwise]) throw bug("a select of two types");
    return this.define(this.types[then]!, (f) =>
      this.read(f, cond) === 1n ? this.read(f, then) : this.read(f, otherwise),
    );
  }

  fadd(a: Value, b: Value): Value {
    return this.floatOp(a, b, (x, y) => x + y);
  }

  fsub(a: Value, b: Value): Value {
    return this.floatOp(a, b, (x, y) => x - y);
  }

  fmul(a: Value, b: Value): Value {
    return this.floatOp(a, b, (x, y) => x * y);
  }

  fdiv(a: Value, b: Value): Value {
    return this.floatOp(a, b, (x, y) => x / y);
  }

  frem(a: Value, b: Value): Value {
    return this.floatOp(a, b, (x, y) => x % y);
  }

  fneg(a: Value): Value {
    const width = this.floatWidth(a);
    return this.define(this.types[a]!, (f) => this.read(f, a) ^ (1n << BigInt(width - 1)));
  }

  fcmp(predicate: RealPredicate, a: Value, b: Value): Value {
    const width = this.floatWidth(a);
    if (this.types[a] !== this.types[b]) throw bug("fcmp of two types");
    const holds = REAL_PREDICATES[predicate];
    return this.define(BackendType.I1, (f) =>
      holds(floatFromBits(this.read(f, a), width), floatFromBits(this.read(f, b), width)) ? 1n : 0n,
    );
  }

  trunc(value: Value, to: BackendType): Value {
    if (!(BITS[this.expectInt(value)]! > BITS[to]! && isInt(to))) throw bug("a trunc that does not narrow");
    return this.define(to, (f) => BigInt.asUintN(BITS[to]!, this.read(f, value)));
  }

  zext(value: Value, to: BackendType): Value {
    if (!(BITS[this.expectInt(value)]! < BITS[to]! && isInt(to))) throw bug("a zext that does not widen");
    return this.define(to, (f) => this.read(f, value));
  }

  sext(value: Value, to: BackendType): Value {
    const from = BITS[this.expectInt(value)]!;
    if (!(from < BITS[to]! && isInt(to))) throw bug("a sext that does not widen");
    return this.define(to, (f) => BigInt.asUintN(BITS[to]!, signedValue(this.read(f, value), from)));
  }

  fptouiSat(value: Value, to: BackendType): Value {
    const width = this.floatWidth(value);
    return this.define(to, (f) => floatToIntBits(floatFromBits(this.read(f, value), width), BITS[to]!, false));
  }

  fptosiSat(value: Value, to: BackendType): Value {
    const width = this.floatWidth(value);
    return this.define(to, (f) => floatToIntBits(floatFromBits(this.read(f, value), width), BITS[to]!, true));
  }

  uitofp(value: Value, to: BackendType): Value {
    this.expectInt(value);
    return this.define(to, (f) => intToFloatBits(this.read(f, value), widthOfFloat(to)));
  }

  sitofp(value: Value, to: BackendType): Value {
    const from = BITS[this.expectInt(value)]!;
    return this.define(to, (f) => intToFloatBits(signedValue(this.read(f, value), from), widthOfFloat(to)));
  }

  fptrunc(value: Value, to: BackendType): Value {
    this.expect(value, BackendType.F64);
    return this.define(to, (f) => floatToBits(floatFromBits(this.read(f, value), 64), widthOfFloat(to)));
  }

  fpext(value: Value, to: BackendType): Value {
    this.expect(value, BackendType.F32);
    return this.define(to, (f) => floatToBits(floatFromBits(this.read(f, value), 32), widthOfFloat(to)));
  }

  bitcast(value: Value, to: BackendType): Value {
    const from = this.types[value]!;
    if (BITS[from] !== BITS[to] || isFloat(from) === isFloat(to)) throw bug(`bitcast of ${from} to ${to}`);
    return this.define(to, (f) => this.read(f, value));
  }

  ptrtoint(value: Value, to: BackendType): Value {
    this.expect(value, BackendType.Ptr);
    if (to !== BackendType.I64) throw bug("a pointer to an integer of another size");
    return this.define(to, (f) => this.read(f, value));
  }

  inttoptr(value: Value): Value {
    this.expect(value, BackendType.I64);
    return this.define(BackendType.Ptr, (f) => this.read(f, value));
  }

  fromImmediate(value: Value): Value {
    return this.types[value] === BackendType.I1 ? this.define(BackendType.I8, (f) => this.read(f, value)) : value;
  }

  toImmediateBool(value: Value): Value {
    this.expect(value, BackendType.I8);
    return this.define(BackendType.I1, (f) => {
      const byte = this.read(f, value);
      if (byte > 1n) throw bug(`the byte ${byte} as a bool in ${this.fn.symbol}`);
      return byte;
    });
  }

  alloca(size: number, align: number): Value {
    const offset = Math.ceil(this.fn.frameSize / align) * align;
    this.fn.frameSize = offset + size;
    this.fn.frameAlign = Math.max(this.fn.frameAlign, align);
    // A value of block 0, whatever block is current.
    const id = this.newValue(BackendType.Ptr);
    this.fn.blocks[0]!.steps.unshift((f) => {
      f.values[id] = BigInt(f.base + offset);
    });
    return id;
  }

  load(ty: BackendType, ptr: Value, align: number): Value {
    this.checkMemory(ty, ptr);
    return this.define(ty, (f) => f.machine.memory.read(this.address(f, ptr, align), BITS[ty]! / 8));
  }

  loadRange(ty: BackendType, ptr: Value, align: number, start: bigint, end: bigint): Value {
    this.checkMemory(ty, ptr);
    return this.define(ty, (f) => {
      const bits = f.machine.memory.read(this.address(f, ptr, align), BITS[ty]! / 8);
      const valid = start <= end ? bits >= start && bits <= end : bits >= start || bits <= end;
      if (!valid) throw bug(`a load of ${bits}, which is not in ${start}..=${end}`);
      return bits;
    });
  }

  store(value: Value, ptr: Value, align: number): void {
    const ty = this.types[value]!;
    this.checkMemory(ty, ptr);
    this.current.steps.push((f) => {
      f.machine.memory.write(this.address(f, ptr, align), BITS[ty]! / 8, this.read(f, value));
    });
  }

  ptrOffset(ptr: Value, bytes: number): Value {
    this.expect(ptr, BackendType.Ptr);
    return this.define(BackendType.Ptr, (f) => this.read(f, ptr) + BigInt(bytes));
  }

  ptrIndex(ptr: Value, index: Value, stride: number): Value {
    this.expect(ptr, BackendType.Ptr);
    this.expect(index, BackendType.I64);
    return this.define(BackendType.Ptr, (f) =>
      BigInt.asUintN(64, this.read(f, ptr) + this.read(f, index) * BigInt(stride)),
    );
  }

  memcpy(dst: Value, dstAlign: number, src: Value, srcAlign: number, size: number): void {
    this.checkMemory(BackendType.I8, dst);
    this.checkMemory(BackendType.I8, src);
    this.current.steps.push((f) => {
      const to = this.address(f, dst, dstAlign);
      const from = this.address(f, src, srcAlign);
      if (to !== from && Math.abs(to - from) < size) throw bug("a memcpy whose sides overlap");
      f.machine.memory.copy(to, from, size);
    });
  }

  memset(dst: Value, align: number, byte: number, size: number): void {
    this.checkMemory(BackendType.I8, dst);
    this.current.steps.push((f) => {
      f.machine.memory.fill(this.address(f, dst, align), size, byte);
    });
  }

  lifetimeStart(ptr: Value, size: number): void {
    this.memset(ptr, 1, JUNK, size);
  }

  lifetimeEnd(ptr: Value, size: number): void {
    this.memset(ptr, 1, JUNK, size);
  }

  assume(cond: Value): void {
    this.expect(cond, BackendType.I1);
    this.current.steps.push((f) => {
      if (this.read(f, cond) !== 1n) throw bug(`an assumption of ${this.fn.symbol} does not hold`);
    });
  }

  blackBox(value: Value): Value {
    return this.define(this.types[value]!, (f) => this.read(f, value));
  }

  fnAddr(decl: FunctionDecl): Value {
    return this.define(BackendType.Ptr, (f) => f.machine.addressOf(decl.symbol));
  }

  call(decl: FunctionDecl, args: readonly Value[]): readonly Value[] {
    return this.emitCall(decl.signature, args, (f, values) => f.machine.call(decl.symbol, values));
  }

  callIndirect(signature: BackendSignature, callee: Value, args: readonly Value[]): readonly Value[] {
    this.expect(callee, BackendType.Ptr);
    return this.emitCall(signature, args, (f, values) => f.machine.callAddress(this.read(f, callee), values));
  }

  syscall(args: readonly Value[]): Value {
    if (args.length === 0 || args.length > 7) throw bug(`a system call of ${args.length} words`);
    return this.define(
      BackendType.I64,
      (f) =>
        f.machine.call(
          "syscall",
          args.map((v) => this.read(f, v)),
        )[0]!,
    );
  }

  private emitCall(
    signature: BackendSignature,
    args: readonly Value[],
    call: (f: Frame, values: readonly bigint[]) => readonly bigint[],
  ): readonly Value[] {
    this.checkTypes(args, signature.params);
    const results = signature.returns.map((ty) => this.newValue(ty));
    this.current.steps.push((f) => {
      const values = call(
        f,
        args.map((v) => this.read(f, v)),
      );
      if (signature.noReturn) throw bug("a function that does not return did");
      if (values.length !== results.length) throw bug("a call gave another number of results");
      results.forEach((id, i) => {
        f.values[id] = values[i];
      });
    });
    return results;
  }

  private newValue(ty: BackendType): Value {
    return (this.types.push(ty) - 1) as Value;
  }

  private constant(ty: BackendType, bits: bigint): Value {
    const id = this.newValue(ty);
    this.fn.constants[id] = bits;
    return id;
  }

  private define(ty: BackendType, compute: (f: Frame) => bigint): Value {
    const id = this.newValue(ty);
    if (this.current.jump !== undefined) throw bug(`an operation after the end of ${this.current.name}`);
    this.current.steps.push((f) => {
      f.values[id] = compute(f);
    });
    return id;
  }

  private jump(jump: Jump): void {
    if (this.current.jump !== undefined) throw bug(`a second terminator in ${this.current.name}`);
    this.current.jump = jump;
  }

  private read(f: Frame, value: Value): bigint {
    const bits = f.values[value];
    if (bits === undefined) throw bug(`value ${value} of ${this.fn.symbol} is read before it is computed`);
    return bits;
  }

  private address(f: Frame, ptr: Value, align: number): number {
    const address = Number(this.read(f, ptr));
    checkAligned(address, align);
    return address;
  }

  private checkMemory(ty: BackendType, ptr: Value): void {
    this.expect(ptr, BackendType.Ptr);
    if (ty === BackendType.I1) throw bug("an I1 in memory");
  }

  private expect(value: Value, ty: BackendType): void {
    if (this.types[value] !== ty) throw bug(`type ${ty} was expected, not ${this.types[value]}, in ${this.fn.symbol}`);
  }

  private expectInt(value: Value): BackendType {
    const ty = this.types[value];
    if (ty === undefined || !isInt(ty)) throw bug(`an integer was expected, not ${ty}, in ${this.fn.symbol}`);
    return ty;
  }

  private floatWidth(value: Value): 32 | 64 {
    return widthOfFloat(this.types[value]!);
  }

  private same(a: Value, b: Value): BackendType {
    const ty = this.expectInt(a);
    this.expect(b, ty);
    return ty;
  }

  private shiftWidth(a: Value, amount: Value): number {
    return BITS[this.same(a, amount)]!;
  }

  private wrapping(a: Value, b: Value, compute: Wide): Value {
    const ty = this.same(a, b);
    return this.define(ty, (f) => BigInt.asUintN(BITS[ty]!, compute(this.read(f, a), this.read(f, b))));
  }

  private signedDivision(a: Value, b: Value, compute: Wide): Value {
    const ty = this.same(a, b);
    const width = BITS[ty]!;
    return this.define(ty, (f) => {
      const x = signedValue(this.read(f, a), width);
      const y = nonZero(signedValue(this.read(f, b), width));
      if (y === -1n && x === -(1n << BigInt(width - 1))) throw bug("a signed division overflows");
      return BigInt.asUintN(width, compute(x, y));
    });
  }

  private floatOp(a: Value, b: Value, compute: (x: number, y: number) => number): Value {
    const width = this.floatWidth(a);
    if (this.types[a] !== this.types[b]) throw bug("an operation on two float types");
    return this.define(this.types[a]!, (f) =>
      floatToBits(compute(floatFromBits(this.read(f, a), width), floatFromBits(this.read(f, b), width)), width),
    );
  }

  private checkTypes(values: readonly Value[], types: readonly BackendType[]): void {
    if (values.length !== types.length)
      throw bug(`${values.length} values for ${types.length} types in ${this.fn.symbol}`);
    values.forEach((v, i) => {
      this.expect(v, types[i]!);
    });
  }
}

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw bug("a division by zero");
  return divisor;
}

function inWidth(amount: bigint, width: number): bigint {
  if (amount >= BigInt(width)) throw bug(`a shift by ${amount} of ${width} bits`);
  return amount;
}

function widthOfFloat(ty: BackendType): 32 | 64 {
  if (ty === BackendType.F32) return 32;
  if (ty === BackendType.F64) return 64;
  throw bug(`a float was expected, not ${ty}`);
}
