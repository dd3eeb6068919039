/**
 * `BuilderMethods` over the native IR: what the backend-agnostic layer asks for becomes IR instructions, one for one where the IR has the
 * operation. Backend values and blocks are IR values and blocks.
 *
 * Allocas become stack slots, whose addresses are taken where they are used: the address of a slot is cheap, and an instruction at each use
 * keeps slots visible to SROA without a walk over the whole function.
 */

import { NONE } from "../../entity/entity.ts";
import type { BuilderMethods } from "../../ssa/traits/builder.ts";
import type {
  BackendSignature,
  BackendType,
  FunctionDecl,
  IntPredicate,
  OverflowOp,
  RealPredicate,
  Block as SsaBlock,
  Value as SsaValue,
} from "../../ssa/traits/types.ts";
import type { Block, Inst, IrFunction, Value } from "./ir/function.ts";
import { ArithFlags, FloatCC, IntCC, MemFlags, Op, Type } from "./ir/opcodes.ts";
import { irSignature, irType } from "./type-of.ts";

const ir = (value: SsaValue): Value => value as number as Value;
const ssa = (value: Value): SsaValue => value as number as SsaValue;

const OVERFLOW_OPS: Readonly<Record<OverflowOp, number>> = {
  sadd: Op.saddOverflow,
  uadd: Op.uaddOverflow,
  ssub: Op.ssubOverflow,
  usub: Op.usubOverflow,
  smul: Op.smulOverflow,
  umul: Op.umulOverflow,
};

const UNCHECKED_OPS: Readonly<Record<OverflowOp, readonly [number, number]>> = {
  sadd: [Op.iadd, ArithFlags.NSW],
  uadd: [Op.iadd, ArithFlags.NUW],
  ssub: [Op.isub, ArithFlags.NSW],
  usub: [Op.isub, ArithFlags.NUW],
  smul: [Op.imul, ArithFlags.NSW],
  umul: [Op.imul, ArithFlags.NUW],
};

const FLOAT_PREDICATES: Readonly<Record<RealPredicate, number>> = {
  oeq: FloatCC.eq,
  une: FloatCC.ne,
  ogt: FloatCC.gt,
  oge: FloatCC.ge,
  olt: FloatCC.lt,
  ole: FloatCC.le,
  uno: FloatCC.uno,
  ord: FloatCC.ord,
};

/** C's remainder functions, part of the runtime. */
const FMOD = {
  [Type.F32]: { symbol: "fmodf", signature: { params: [Type.F32, Type.F32], returns: [Type.F32], noReturn: false } },
  [Type.F64]: { symbol: "fmod", signature: { params: [Type.F64, Type.F64], returns: [Type.F64], noReturn: false } },
} as const;

function memFlags(align: number): number {
  // Every access that MIR makes is inside a live allocation, or the program has undefined behaviour.
  return MemFlags.NOTRAP | ((31 - Math.clz32(align)) << MemFlags.ALIGN_SHIFT);
}

export class NativeBuilder implements BuilderMethods {
  private readonly fn: IrFunction;
  private block: Block;

  /** `fn` is empty; its entry block is made here. */
  constructor(fn: IrFunction) {
    this.fn = fn;
    this.block = this.newBlock();
    for (const type of fn.signature.params) fn.appendBlockParam(this.block, type);
  }

  private newBlock(): Block {
    const block = this.fn.newBlock();
    this.fn.layout.push(block);
    return block;
  }

  private place(inst: Inst): Inst {
    this.fn.appendInst(inst, this.block);
    return inst;
  }

  private typeOf(value: SsaValue): Type {
    return this.fn.valueType[value]! as Type;
  }

  private simple(
    op: number,
    type: Type,
    result: Type,
    a: SsaValue | -1,
    b: SsaValue | -1 = NONE,
    c: SsaValue | -1 = NONE,
    lo = 0,
    hi = 0,
    aux = 0,
  ): SsaValue {
    const inst = this.fn.newSimple(
      op,
      type,
      result,
      ir(a as SsaValue),
      ir(b as SsaValue),
      ir(c as SsaValue),
      lo,
      hi,
      aux,
    );
    return ssa(this.fn.result(this.place(inst)));
  }

  private binary(op: number, a: SsaValue, b: SsaValue, aux = 0): SsaValue {
    const type = this.typeOf(a);
    return this.simple(op, type, type, a, b, NONE, 0, 0, aux);
  }

  private unary(op: number, a: SsaValue): SsaValue {
    const type = this.typeOf(a);
    return this.simple(op, type, type, a);
  }

  private convert(op: number, value: SsaValue, to: BackendType): SsaValue {
    const type = irType(to);
    return this.simple(op, type, type, value);
  }

  private effect(op: number, type: number, args: readonly SsaValue[], lo = 0, hi = 0, aux = 0): Inst {
    return this.place(this.fn.newInst(op, type, args as readonly number[] as readonly Value[], [], lo, hi, aux));
  }

  appendBlock(_name: string): SsaBlock {
    return this.newBlock() as number as SsaBlock;
  }

  switchToBlock(block: SsaBlock): void {
    this.block = block as number as Block;
  }

  param(index: number): SsaValue {
    return ssa(this.fn.blockParams[this.fn.entry]![index]!);
  }

  ret(values: readonly SsaValue[]): void {
    this.effect(Op.ret, 0, values);
  }

  br(target: SsaBlock): void {
    this.fn.addSucc(this.effect(Op.jump, 0, []), target as number as Block, []);
  }

  condBr(cond: SsaValue, then: SsaBlock, otherwise: SsaBlock): void {
    const inst = this.effect(Op.brif, Type.I8, [cond]);
    this.fn.addSucc(inst, then as number as Block, []);
    this.fn.addSucc(inst, otherwise as number as Block, []);
  }

  switch(value: SsaValue, otherwise: SsaBlock, cases: readonly (readonly [bigint, SsaBlock])[]): void {
    const index = this.fn.switchCases.push(cases.map(([bits]) => bits)) - 1;
    const inst = this.effect(Op.switch, this.typeOf(value), [value], index);
    this.fn.addSucc(inst, otherwise as number as Block, []);
    for (const [, block] of cases) this.fn.addSucc(inst, block as number as Block, []);
  }

  unreachable(): void {
    this.effect(Op.unreachable, 0, []);
  }

  constInt(ty: BackendType, bits: bigint): SsaValue {
    return ssa(this.fn.result(this.place(this.fn.newConst(irType(ty), bits))));
  }

  constFloat(ty: BackendType, bits: bigint): SsaValue {
    return ssa(this.fn.result(this.place(this.fn.newConst(irType(ty), bits))));
  }

  constNull(): SsaValue {
    return ssa(this.fn.result(this.place(this.fn.newConst(Type.I64, 0n))));
  }

  undef(ty: BackendType): SsaValue {
    return ssa(this.fn.result(this.place(this.fn.newConst(irType(ty), 0n))));
  }

  add(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.iadd, a, b);
  }

  sub(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.isub, a, b);
  }

  mul(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.imul, a, b);
  }

  uncheckedBinop(op: OverflowOp, a: SsaValue, b: SsaValue): SsaValue {
    const [opcode, flags] = UNCHECKED_OPS[op];
    return this.binary(opcode, a, b, flags);
  }

  checkedBinop(op: OverflowOp, a: SsaValue, b: SsaValue): readonly [SsaValue, SsaValue] {
    const type = this.typeOf(a);
    const inst = this.place(this.fn.newInst(OVERFLOW_OPS[op], type, [ir(a), ir(b)], [type, Type.I8]));
    return [ssa(this.fn.result(inst, 0)), ssa(this.fn.result(inst, 1))];
  }

  udiv(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.udiv, a, b);
  }

  sdiv(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.sdiv, a, b);
  }

  urem(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.urem, a, b);
  }

  srem(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.srem, a, b);
  }

  and(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.band, a, b);
  }

  or(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.bor, a, b);
  }

  xor(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.bxor, a, b);
  }

  not(a: SsaValue): SsaValue {
    return this.unary(Op.bnot, a);
  }

  neg(a: SsaValue): SsaValue {
    return this.unary(Op.ineg, a);
  }

  shl(a: SsaValue, amount: SsaValue): SsaValue {
    return this.binary(Op.ishl, a, amount);
  }

  lshr(a: SsaValue, amount: SsaValue): SsaValue {
    return this.binary(Op.ushr, a, amount);
  }

  ashr(a: SsaValue, amount: SsaValue): SsaValue {
    return this.binary(Op.sshr, a, amount);
  }

  icmp(predicate: IntPredicate, a: SsaValue, b: SsaValue): SsaValue {
    return this.simple(Op.icmp, this.typeOf(a), Type.I8, a, b, NONE, 0, 0, IntCC[predicate]);
  }

  select(cond: SsaValue, then: SsaValue, otherwise: SsaValue): SsaValue {
    const type = this.typeOf(then);
    return this.simple(Op.select, type, type, cond, then, otherwise);
  }

  fadd(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.fadd, a, b);
  }

  fsub(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.fsub, a, b);
  }

  fmul(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.fmul, a, b);
  }

  fdiv(a: SsaValue, b: SsaValue): SsaValue {
    return this.binary(Op.fdiv, a, b);
  }

  frem(a: SsaValue, b: SsaValue): SsaValue {
    const type = this.typeOf(a);
    const { symbol, signature } = FMOD[type as typeof Type.F32 | typeof Type.F64];
    const callee = this.fn.importFunction(symbol, signature);
    return ssa(this.fn.result(this.place(this.fn.newInst(Op.call, 0, [ir(a), ir(b)], [type], callee))));
  }

  fneg(a: SsaValue): SsaValue {
    return this.unary(Op.fneg, a);
  }

  fcmp(predicate: RealPredicate, a: SsaValue, b: SsaValue): SsaValue {
    return this.simple(Op.fcmp, this.typeOf(a), Type.I8, a, b, NONE, 0, 0, FLOAT_PREDICATES[predicate]);
  }

  trunc(value: SsaValue, to: BackendType): SsaValue {
    // An `I1` is the value's low bit alone; other truncations to the type it already has are no-ops.
    if (to === 0) {
      const narrow = this.typeOf(value) === Type.I8 ? value : this.convert(Op.ireduce, value, 1);
      return this.and(narrow, this.constInt(1, 1n));
    }
    return this.typeOf(value) === irType(to) ? value : this.convert(Op.ireduce, value, to);
  }

  zext(value: SsaValue, to: BackendType): SsaValue {
    return this.typeOf(value) === irType(to) ? value : this.convert(Op.uextend, value, to);
  }

  sext(value: SsaValue, to: BackendType): SsaValue {
    return this.typeOf(value) === irType(to) ? value : this.convert(Op.sextend, value, to);
  }

  fptouiSat(value: SsaValue, to: BackendType): SsaValue {
    return this.convert(Op.fcvtToUint, value, to);
  }

  fptosiSat(value: SsaValue, to: BackendType): SsaValue {
    return this.convert(Op.fcvtToSint, value, to);
  }

  uitofp(value: SsaValue, to: BackendType): SsaValue {
    return this.convert(Op.fcvtFromUint, value, to);
  }

  sitofp(value: SsaValue, to: BackendType): SsaValue {
    return this.convert(Op.fcvtFromSint, value, to);
  }

  fptrunc(value: SsaValue, to: BackendType): SsaValue {
    return this.convert(Op.fdemote, value, to);
  }

  fpext(value: SsaValue, to: BackendType): SsaValue {
    return this.convert(Op.fpromote, value, to);
  }

  bitcast(value: SsaValue, to: BackendType): SsaValue {
    return this.typeOf(value) === irType(to) ? value : this.convert(Op.bitcast, value, to);
  }

  ptrtoint(value: SsaValue, to: BackendType): SsaValue {
    return this.trunc(value, to);
  }

  inttoptr(value: SsaValue): SsaValue {
    return this.zext(value, 8);
  }

  fromImmediate(value: SsaValue): SsaValue {
    return value;
  }

  toImmediateBool(value: SsaValue): SsaValue {
    return value;
  }

  alloca(size: number, align: number): SsaValue {
    const slot = this.fn.newStackSlot(size, align);
    return this.simple(Op.stackAddr, Type.I64, Type.I64, NONE, NONE, NONE, slot, 0);
  }

  load(ty: BackendType, ptr: SsaValue, align: number): SsaValue {
    const type = irType(ty);
    return this.simple(Op.load, type, type, ptr, NONE, NONE, 0, 0, memFlags(align));
  }

  loadRange(ty: BackendType, ptr: SsaValue, align: number, _start: bigint, _end: bigint): SsaValue {
    return this.load(ty, ptr, align);
  }

  store(value: SsaValue, ptr: SsaValue, align: number): void {
    this.effect(Op.store, this.typeOf(value), [ptr, value], 0, 0, memFlags(align));
  }

  ptrOffset(ptr: SsaValue, bytes: number): SsaValue {
    return bytes === 0 ? ptr : this.add(ptr, this.constInt(4, BigInt.asUintN(64, BigInt(bytes))));
  }

  ptrIndex(ptr: SsaValue, index: SsaValue, stride: number): SsaValue {
    const offset = stride === 1 ? index : this.mul(index, this.constInt(4, BigInt(stride)));
    return this.add(ptr, offset);
  }

  memcpy(dst: SsaValue, dstAlign: number, src: SsaValue, srcAlign: number, size: number): void {
    if (size > 0) this.effect(Op.memcpy, 0, [dst, src], size, 0, 31 - Math.clz32(Math.min(dstAlign, srcAlign)));
  }

  memset(dst: SsaValue, align: number, byte: number, size: number): void {
    if (size > 0) this.effect(Op.memset, 0, [dst], size, byte, 31 - Math.clz32(align));
  }

  // The IR has no lifetimes: a slot lives as long as its function, which is always allowed.
  lifetimeStart(_ptr: SsaValue, _size: number): void {}
  lifetimeEnd(_ptr: SsaValue, _size: number): void {}
  // Nor assumptions: they only ever permit.
  assume(_cond: SsaValue): void {}

  blackBox(value: SsaValue): SsaValue {
    return this.unary(Op.blackBox, value);
  }

  fnAddr(decl: FunctionDecl): SsaValue {
    const callee = this.fn.importFunction(decl.symbol, irSignature(decl.signature));
    return this.simple(Op.funcAddr, Type.I64, Type.I64, NONE, NONE, NONE, callee);
  }

  call(decl: FunctionDecl, args: readonly SsaValue[]): readonly SsaValue[] {
    const signature = irSignature(decl.signature);
    return this.results(Op.call, args, signature.returns, this.fn.importFunction(decl.symbol, signature));
  }

  callIndirect(signature: BackendSignature, callee: SsaValue, args: readonly SsaValue[]): readonly SsaValue[] {
    const imported = this.fn.importSignature(irSignature(signature));
    return this.results(Op.callIndirect, [callee, ...args], signature.returns.map(irType), imported);
  }

  private results(
    op: number,
    args: readonly SsaValue[],
    returns: readonly Type[],
    reference: number,
  ): readonly SsaValue[] {
    const inst = this.place(this.fn.newInst(op, 0, args as readonly number[] as readonly Value[], returns, reference));
    return returns.map((_, i) => ssa(this.fn.result(inst, i)));
  }

  syscall(args: readonly SsaValue[]): SsaValue {
    const inst = this.fn.newInst(Op.syscall, Type.I64, args as readonly number[] as readonly Value[], [Type.I64]);
    return ssa(this.fn.result(this.place(inst)));
  }
}
