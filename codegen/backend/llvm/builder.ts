/**
 * `Builder`: implements `BuilderMethods` by writing LLVM IR text. As rustc_codegen_llvm/src/builder.rs.
 *
 * A value is an index into the tables of its operand text and its type. Text goes to one string per block, so that blocks may be filled in any order;
 * values are named (`%v7`), because LLVM wants numbers in textual order. Allocas go to the head of block 0, where LLVM's
 * passes look for them.
 */

import type { FnAbi } from "../../abi/fn-abi.ts";
import { bug } from "../../entity/entity.ts";
import type { BuilderMethods } from "../../ssa/traits/builder.ts";
import {
  type BackendSignature,
  BackendType,
  type Block,
  type FunctionDecl,
  type IntPredicate,
  type OverflowOp,
  type RealPredicate,
  type Value,
} from "../../ssa/traits/types.ts";
import type { SignatureText } from "./abi.ts";
import { SYSCALL_ASM } from "./asm.ts";
import { floatText, integerText } from "./consts.ts";
import type { CodegenCx } from "./context.ts";
import { returnType, TYPE_BITS, type TypeTexts, validRange } from "./type-of.ts";

/** The instruction of each unchecked operation. */
const UNCHECKED: Readonly<Record<OverflowOp, string>> = {
  sadd: "add nsw",
  uadd: "add nuw",
  ssub: "sub nsw",
  usub: "sub nuw",
  smul: "mul nsw",
  umul: "mul nuw",
};

/** Labels of the blocks; block 0 is rustc's `start`. */
function label(block: number): string {
  return block === 0 ? "start" : `bb${block}`;
}

export class Builder implements BuilderMethods {
  private readonly cx: CodegenCx;
  private readonly types: TypeTexts;
  /** Whether a pointer needs no cast to the type of what it points to. */
  private readonly opaque: boolean;
  // By value.
  private readonly text: string[] = [];
  private readonly tys: BackendType[] = [];
  private readonly allocas = new Set<number>();
  // By block.
  private blocks: string[] = [];
  private current = 0;
  /** Text of the current block; the others' are in `blocks`. */
  private out = "";
  private head = "";
  private opening = "";
  private returns: readonly BackendType[] = [];
  private params = 0;

  constructor(cx: CodegenCx) {
    this.cx = cx;
    this.types = cx.types;
    this.opaque = cx.dialect.opaquePointers;
  }

  /** Starts the body of `decl`; parameters are the first values. */
  start(decl: FunctionDecl): void {
    this.opening = this.cx.beginDefinition(decl);
    const { params } = decl.signature;
    this.text.length = 0;
    this.tys.length = 0;
    for (let i = 0; i < params.length; i++) {
      this.text.push(`%p${i}`);
      this.tys.push(params[i]!);
    }
    this.params = params.length;
    this.allocas.clear();
    this.blocks = [""];
    this.current = 0;
    this.out = "";
    this.head = "";
    this.returns = decl.signature.returns;
    const { sretType } = this.cx.getFn(decl).text;
    if (sretType !== undefined && !this.opaque) {
      this.head = `  %sret = bitcast ${sretType}* %p0 to i8*\n`;
      this.text[0] = "%sret";
    }
  }

  /** Ends the body and hands its text to the module. */
  finish(): void {
    this.blocks[this.current] = this.out;
    const { chunks } = this.cx;
    chunks.push(this.opening, "start:\n", this.head, this.blocks[0]!);
    for (let i = 1; i < this.blocks.length; i++) chunks.push(label(i), ":\n", this.blocks[i]!);
    chunks.push("}\n\n");
  }

  // Blocks.

  appendBlock(_name: string): Block {
    return (this.blocks.push("") - 1) as Block;
  }

  switchToBlock(block: Block): void {
    if (block >= this.blocks.length) throw bug(`no block ${block}`);
    this.blocks[this.current] = this.out;
    this.current = block;
    this.out = this.blocks[block]!;
  }

  param(index: number): Value {
    if (index >= this.params) throw bug(`parameter ${index} of ${this.params}`);
    return index as Value;
  }

  // Terminators.

  ret(values: readonly Value[]): void {
    if (values.length !== this.returns.length)
      throw bug(`${values.length} values returned where ${this.returns.length} are declared`);
    if (values.length === 0) this.out += "  ret void\n";
    else if (values.length === 1) this.out += `  ret ${this.typed(values[0]!)}\n`;
    else {
      const type = returnType(this.types, this.returns);
      const first = this.fresh();
      this.out += `  ${first} = insertvalue ${type} poison, ${this.typed(values[0]!)}, 0\n`;
      const both = this.fresh();
      this.out += `  ${both} = insertvalue ${type} ${first}, ${this.typed(values[1]!)}, 1\n`;
      this.out += `  ret ${type} ${both}\n`;
    }
  }

  br(target: Block): void {
    this.out += `  br label %${label(target)}\n`;
  }

  condBr(cond: Value, then: Block, otherwise: Block): void {
    this.out += `  br i1 ${this.text[cond]!}, label %${label(then)}, label %${label(otherwise)}\n`;
  }

  switch(value: Value, otherwise: Block, cases: readonly (readonly [bigint, Block])[]): void {
    const ty = this.tys[value]!;
    this.out += `  switch ${this.typed(value)}, label %${label(otherwise)} [\n`;
    for (const [bits, target] of cases) {
      this.out += `    ${this.types[ty]!} ${integerText(ty, bits)}, label %${label(target)}\n`;
    }
    this.out += "  ]\n";
  }

  unreachable(): void {
    this.out += "  unreachable\n";
  }

  // Constants.

  constInt(ty: BackendType, bits: bigint): Value {
    return this.operand(ty, integerText(ty, bits));
  }

  constFloat(ty: BackendType, bits: bigint): Value {
    return this.operand(ty, floatText(ty, bits));
  }

  constNull(): Value {
    return this.operand(BackendType.Ptr, "null");
  }

  undef(ty: BackendType): Value {
    return this.operand(ty, "undef");
  }

  // Integers.

  add(a: Value, b: Value): Value {
    return this.binary("add", a, b);
  }

  sub(a: Value, b: Value): Value {
    return this.binary("sub", a, b);
  }

  mul(a: Value, b: Value): Value {
    return this.binary("mul", a, b);
  }

  uncheckedBinop(op: OverflowOp, a: Value, b: Value): Value {
    return this.binary(UNCHECKED[op], a, b);
  }

  checkedBinop(op: OverflowOp, a: Value, b: Value): readonly [Value, Value] {
    const ty = this.tys[a]!;
    const name = this.cx.useIntrinsic(this.cx.intrinsics.withOverflow(op, ty));
    const type = `{ ${this.types[ty]!}, i1 }`;
    const pair = this.fresh();
    this.out += `  ${pair} = call ${type} ${name}(${this.typed(a)}, ${this.typed(b)})\n`;
    return [
      this.define(ty, `extractvalue ${type} ${pair}, 0`),
      this.define(BackendType.I1, `extractvalue ${type} ${pair}, 1`),
    ];
  }

  udiv(a: Value, b: Value): Value {
    return this.binary("udiv", a, b);
  }

  sdiv(a: Value, b: Value): Value {
    return this.binary("sdiv", a, b);
  }

  urem(a: Value, b: Value): Value {
    return this.binary("urem", a, b);
  }

  srem(a: Value, b: Value): Value {
    return this.binary("srem", a, b);
  }

  and(a: Value, b: Value): Value {
    return this.binary("and", a, b);
  }

  or(a: Value, b: Value): Value {
    return this.binary("or", a, b);
  }

  xor(a: Value, b: Value): Value {
    return this.binary("xor", a, b);
  }

  not(a: Value): Value {
    const ty = this.tys[a]!;
    return this.define(ty, `xor ${this.typed(a)}${ty === BackendType.I1 ? ", true" : ", -1"}`);
  }

  neg(a: Value): Value {
    const ty = this.tys[a]!;
    return this.define(ty, `sub ${this.types[ty]!} 0, ${this.text[a]!}`);
  }

  shl(a: Value, amount: Value): Value {
    return this.binary("shl", a, amount);
  }

  lshr(a: Value, amount: Value): Value {
    return this.binary("lshr", a, amount);
  }

  ashr(a: Value, amount: Value): Value {
    return this.binary("ashr", a, amount);
  }

  icmp(predicate: IntPredicate, a: Value, b: Value): Value {
    return this.define(BackendType.I1, `icmp ${predicate} ${this.typed(a)}, ${this.text[b]!}`);
  }

  select(cond: Value, then: Value, otherwise: Value): Value {
    return this.define(this.tys[then]!, `select i1 ${this.text[cond]!}, ${this.typed(then)}, ${this.typed(otherwise)}`);
  }

  // Floats.

  fadd(a: Value, b: Value): Value {
    return this.binary("fadd", a, b);
  }

  fsub(a: Value, b: Value): Value {
    return this.binary("fsub", a, b);
  }

  fmul(a: Value, b: Value): Value {
    return this.binary("fmul", a, b);
  }

  fdiv(a: Value, b: Value): Value {
    return this.binary("fdiv", a, b);
  }

  frem(a: Value, b: Value): Value {
    return this.binary("frem", a, b);
  }

  fneg(a: Value): Value {
    return this.define(this.tys[a]!, `fneg ${this.typed(a)}`);
  }

  fcmp(predicate: RealPredicate, a: Value, b: Value): Value {
    return this.define(BackendType.I1, `fcmp ${predicate} ${this.typed(a)}, ${this.text[b]!}`);
  }

  // Conversions.

  trunc(value: Value, to: BackendType): Value {
    return this.cast("trunc", value, to);
  }

  zext(value: Value, to: BackendType): Value {
    return this.cast("zext", value, to);
  }

  sext(value: Value, to: BackendType): Value {
    return this.cast("sext", value, to);
  }

  fptouiSat(value: Value, to: BackendType): Value {
    return this.fptoiSat(false, value, to);
  }

  fptosiSat(value: Value, to: BackendType): Value {
    return this.fptoiSat(true, value, to);
  }

  uitofp(value: Value, to: BackendType): Value {
    return this.cast("uitofp", value, to);
  }

  sitofp(value: Value, to: BackendType): Value {
    return this.cast("sitofp", value, to);
  }

  fptrunc(value: Value, to: BackendType): Value {
    return this.cast("fptrunc", value, to);
  }

  fpext(value: Value, to: BackendType): Value {
    return this.cast("fpext", value, to);
  }

  bitcast(value: Value, to: BackendType): Value {
    return this.cast("bitcast", value, to);
  }

  ptrtoint(value: Value, to: BackendType): Value {
    return this.cast("ptrtoint", value, to);
  }

  inttoptr(value: Value): Value {
    return this.cast("inttoptr", value, BackendType.Ptr);
  }

  fromImmediate(value: Value): Value {
    return this.tys[value] === BackendType.I1 ? this.cast("zext", value, BackendType.I8) : value;
  }

  toImmediateBool(value: Value): Value {
    return this.cast(this.cx.dialect.nuwEverywhere ? "trunc nuw" : "trunc", value, BackendType.I1);
  }

  // Memory.

  alloca(size: number, align: number): Value {
    const name = this.fresh();
    const type = `[${size} x i8]`;
    this.head += `  ${name} = alloca ${type}, align ${align}\n`;
    const slot = this.operand(BackendType.Ptr, this.opaque ? name : this.fresh());
    if (!this.opaque) this.head += `  ${this.text[slot]!} = bitcast ${type}* ${name} to i8*\n`;
    this.allocas.add(slot);
    return slot;
  }

  load(ty: BackendType, ptr: Value, align: number): Value {
    this.checkMemoryType(ty);
    return this.define(ty, `load ${this.types[ty]!}, ${this.pointerTo(this.types[ty]!, ptr)}, align ${align}`);
  }

  loadRange(ty: BackendType, ptr: Value, align: number, start: bigint, end: bigint): Value {
    this.checkMemoryType(ty);
    const pointer = this.pointerTo(this.types[ty]!, ptr);
    return this.define(ty, `load ${this.types[ty]!}, ${pointer}, align ${align}${this.rangeMetadata(ty, start, end)}`);
  }

  store(value: Value, ptr: Value, align: number): void {
    const ty = this.tys[value]!;
    this.checkMemoryType(ty);
    const pointer = this.pointerTo(this.types[ty]!, ptr);
    this.out += `  store ${this.typed(value)}, ${pointer}, align ${align}\n`;
  }

  ptrOffset(ptr: Value, bytes: number): Value {
    if (bytes === 0) return ptr;
    const flags = this.cx.dialect.nuwEverywhere && bytes > 0 ? "inbounds nuw" : "inbounds";
    return this.define(BackendType.Ptr, `getelementptr ${flags} i8, ${this.typed(ptr)}, i64 ${bytes}`);
  }

  ptrIndex(ptr: Value, index: Value, stride: number): Value {
    const element = `[${stride} x i8]`;
    const instruction = `getelementptr inbounds ${element}, ${this.pointerTo(element, ptr)}, ${this.typed(index)}`;
    if (this.opaque) return this.define(BackendType.Ptr, instruction);
    const place = this.fresh();
    this.out += `  ${place} = ${instruction}\n`;
    return this.define(BackendType.Ptr, `bitcast ${element}* ${place} to i8*`);
  }

  memcpy(dst: Value, dstAlign: number, src: Value, srcAlign: number, size: number): void {
    if (size === 0) return;
    const name = this.cx.useIntrinsic(this.cx.intrinsics.memcpy);
    const type = this.types[BackendType.Ptr]!;
    const to = `${type} align ${dstAlign} ${this.text[dst]!}`;
    const from = `${type} align ${srcAlign} ${this.text[src]!}`;
    this.out += `  call void ${name}(${to}, ${from}, i64 ${size}, i1 false)\n`;
  }

  memset(dst: Value, align: number, byte: number, size: number): void {
    if (size === 0) return;
    const name = this.cx.useIntrinsic(this.cx.intrinsics.memset);
    const to = `${this.types[BackendType.Ptr]!} align ${align} ${this.text[dst]!}`;
    this.out += `  call void ${name}(${to}, i8 ${byte}, i64 ${size}, i1 false)\n`;
  }

  lifetimeStart(ptr: Value, size: number): void {
    this.lifetime(this.cx.useIntrinsic(this.cx.intrinsics.lifetimeStart), ptr, size);
  }

  lifetimeEnd(ptr: Value, size: number): void {
    this.lifetime(this.cx.useIntrinsic(this.cx.intrinsics.lifetimeEnd), ptr, size);
  }

  assume(cond: Value): void {
    this.out += `  call void ${this.cx.useIntrinsic(this.cx.intrinsics.assume)}(i1 ${this.text[cond]!})\n`;
  }

  /** As rustc: the value goes through memory whose address an empty assembly statement takes, so that any type will do. */
  blackBox(value: Value): Value {
    const stored = this.fromImmediate(value);
    const ty = this.tys[stored]!;
    const bytes = TYPE_BITS[ty]! >> 3;
    const slot = this.alloca(bytes, bytes);
    this.store(stored, slot, bytes);
    this.out += `  call void asm sideeffect "", "r,~{memory}"(${this.typed(slot)})\n`;
    const loaded = this.load(ty, slot, bytes);
    return this.tys[value] === BackendType.I1 ? this.cast("trunc", loaded, BackendType.I1) : loaded;
  }

  // Functions.

  fnAddr(decl: FunctionDecl): Value {
    const fn = this.cx.getFn(decl);
    return this.operand(BackendType.Ptr, this.opaque ? fn.name : `bitcast (${fn.text.fnType}* ${fn.name} to i8*)`);
  }

  call(decl: FunctionDecl, args: readonly Value[]): readonly Value[] {
    const fn = this.cx.getFn(decl);
    return this.emitCall(decl.signature, fn.text, fn.name, args);
  }

  callIndirect(signature: BackendSignature, callee: Value, args: readonly Value[], abi?: FnAbi): readonly Value[] {
    const text = this.cx.signature(signature, { abi });
    return this.emitCall(signature, text, this.castPointer(text.fnType, callee), args);
  }

  syscall(args: readonly Value[]): Value {
    const asm = SYSCALL_ASM[this.cx.options.target.arch];
    const inputs = asm.inputs.slice(0, args.length).map((register) => `,{${register}}`);
    if (args.length === 0 || args.length > asm.inputs.length) throw bug(`a system call of ${args.length} words`);
    const constraints = `={${asm.output}}${inputs.join("")}${asm.clobbers}`;
    const operands = args.map((arg) => this.typed(arg)).join(", ");
    return this.define(BackendType.I64, `call i64 asm sideeffect "${asm.instruction}", "${constraints}"(${operands})`);
  }

  // Helpers.

  private operand(ty: BackendType, text: string): Value {
    this.tys.push(ty);
    return (this.text.push(text) - 1) as Value;
  }

  /** A name that no value has yet. */
  private fresh(): string {
    const name = `%v${this.text.length}`;
    this.text.push(name);
    this.tys.push(BackendType.I1);
    return name;
  }

  private define(ty: BackendType, instruction: string): Value {
    const value = this.text.length;
    const name = `%v${value}`;
    this.text.push(name);
    this.tys.push(ty);
    this.out += `  ${name} = ${instruction}\n`;
    return value as Value;
  }

  private typed(value: Value): string {
    return `${this.types[this.tys[value]!]!} ${this.text[value]!}`;
  }

  /** `ptr` as an operand that points to `pointee`, with its type. */
  private pointerTo(pointee: string, ptr: Value): string {
    return (this.opaque ? "ptr " : `${pointee}* `) + this.castPointer(pointee, ptr);
  }

  /** `ptr` as an operand that points to `pointee`: cast, where pointers have types. */
  private castPointer(pointee: string, ptr: Value): string {
    if (this.opaque || pointee === "i8") return this.text[ptr]!;
    const name = this.fresh();
    this.out += `  ${name} = bitcast i8* ${this.text[ptr]!} to ${pointee}*\n`;
    return name;
  }

  private binary(op: string, a: Value, b: Value): Value {
    const ty = this.tys[a]!;
    return this.define(ty, `${op} ${this.types[ty]!} ${this.text[a]!}, ${this.text[b]!}`);
  }

  private cast(op: string, value: Value, to: BackendType): Value {
    return this.define(to, `${op} ${this.typed(value)} to ${this.types[to]!}`);
  }

  private fptoiSat(signed: boolean, value: Value, to: BackendType): Value {
    const name = this.cx.useIntrinsic(this.cx.intrinsics.fptoiSat(signed, this.tys[value]!, to));
    return this.define(to, `call ${this.types[to]!} ${name}(${this.typed(value)})`);
  }

  private lifetime(name: string, ptr: Value, size: number): void {
    if (!this.allocas.has(ptr)) throw bug("a lifetime marker on what is not a stack slot");
    this.out += `  call void ${name}${this.cx.dialect.lifetimeSize ? `(i64 ${size}, ` : "("}${this.typed(ptr)})\n`;
  }

  /** `!range` or `!nonnull` for a value of which not every pattern is valid; it is then also defined. */
  private rangeMetadata(ty: BackendType, start: bigint, end: bigint): string {
    const range = validRange(TYPE_BITS[ty]!, start, end);
    const empty = this.cx.metadataNode("");
    if (ty === BackendType.Ptr) return start === 1n && end !== 0n ? `, !nonnull !${empty}, !noundef !${empty}` : "";
    if (range === undefined) return "";
    if (ty > BackendType.I128) throw bug(`a range of backend type ${ty}`);
    const type = this.types[ty]!;
    return `, !range !${this.cx.metadataNode(`${type} ${range[0]}, ${type} ${range[1]}`)}, !noundef !${empty}`;
  }

  private checkMemoryType(ty: BackendType): void {
    if (ty === BackendType.I1) throw bug("an i1 in memory");
  }

  private emitCall(
    signature: BackendSignature,
    text: SignatureText,
    callee: string,
    args: readonly Value[],
  ): readonly Value[] {
    if (args.length !== signature.params.length)
      throw bug(`${args.length} arguments for ${signature.params.length} parameters of ${callee}`);
    const first = text.sretType === undefined ? undefined : this.castPointer(text.sretType, args[0]!);
    let call = `call ${text.ret} ${callee}(`;
    for (let i = 0; i < args.length; i++)
      call += (i === 0 ? "" : ", ") + text.params[i]! + (i === 0 && first !== undefined ? first : this.text[args[i]!]!);
    call += signature.noReturn ? `) #${this.cx.noReturnGroup()}` : ")";
    const { returns } = signature;
    if (returns.length === 0) {
      this.out += `  ${call}\n`;
      return [];
    }
    if (returns.length === 1) return [this.define(returns[0]!, call)];
    const pair = this.fresh();
    this.out += `  ${pair} = ${call}\n`;
    return returns.map((ty, i) => this.define(ty, `extractvalue ${text.retType} ${pair}, ${i}`));
  }
}
