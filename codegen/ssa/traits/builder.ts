/**
 * `BuilderMethods`: what a backend must be able to emit. `ssa/` walks MIR once and calls these; each backend has one implementation.
 *
 * As rustc_codegen_ssa/src/traits/builder.rs. The builder stands at the end of one block; values are immediates (see `BackendType`).
 * Integer operations wrap unless their name says otherwise; `nsw`/`nuw` forms and `exact` forms are undefined on overflow. Shift amounts
 * have the type of the shifted value and are below its width: the caller masks them. Floats are IEEE 754, rounding to nearest.
 */

import type { FnAbi } from "../../abi/fn-abi.ts";
import type {
  BackendSignature,
  BackendType,
  Block,
  FunctionDecl,
  IntPredicate,
  OverflowOp,
  RealPredicate,
  Value,
} from "./types.ts";

export interface BuilderMethods {
  // Blocks. Block 0 of a function exists from the start and is current.
  appendBlock(name: string): Block;
  switchToBlock(block: Block): void;
  /** The `index`-th parameter of the function, in `BackendSignature` order (the `sret` pointer first). */
  param(index: number): Value;

  // Terminators.
  ret(values: readonly Value[]): void;
  br(target: Block): void;
  /** `cond` is an `I1`. */
  condBr(cond: Value, then: Block, otherwise: Block): void;
  /** `cases` are bits of `value`'s type, each at most once; integers of any width up to 128 and `I1`. */
  switch(value: Value, otherwise: Block, cases: readonly (readonly [bigint, Block])[]): void;
  unreachable(): void;

  // Constants.
  constInt(ty: BackendType, bits: bigint): Value;
  /** IEEE bits. */
  constFloat(ty: BackendType, bits: bigint): Value;
  constNull(): Value;
  /** A value of which nothing is known or needed. */
  undef(ty: BackendType): Value;

  // Integers.
  add(a: Value, b: Value): Value;
  sub(a: Value, b: Value): Value;
  mul(a: Value, b: Value): Value;
  /** `add`, `sub`, `mul` that are undefined on overflow: of the signed or the unsigned reading. */
  uncheckedBinop(op: OverflowOp, a: Value, b: Value): Value;
  /** The wrapped result and an `I1`: whether it overflowed. */
  checkedBinop(op: OverflowOp, a: Value, b: Value): readonly [Value, Value];
  udiv(a: Value, b: Value): Value;
  sdiv(a: Value, b: Value): Value;
  urem(a: Value, b: Value): Value;
  srem(a: Value, b: Value): Value;
  and(a: Value, b: Value): Value;
  or(a: Value, b: Value): Value;
  xor(a: Value, b: Value): Value;
  /** Of integers; the inverse of an `I1` is `xor` with 1. */
  not(a: Value): Value;
  neg(a: Value): Value;
  shl(a: Value, amount: Value): Value;
  lshr(a: Value, amount: Value): Value;
  ashr(a: Value, amount: Value): Value;
  icmp(predicate: IntPredicate, a: Value, b: Value): Value;
  select(cond: Value, then: Value, otherwise: Value): Value;

  // Floats. `frem` is C's fmod.
  fadd(a: Value, b: Value): Value;
  fsub(a: Value, b: Value): Value;
  fmul(a: Value, b: Value): Value;
  fdiv(a: Value, b: Value): Value;
  frem(a: Value, b: Value): Value;
  fneg(a: Value): Value;
  fcmp(predicate: RealPredicate, a: Value, b: Value): Value;

  // Conversions.
  trunc(value: Value, to: BackendType): Value;
  zext(value: Value, to: BackendType): Value;
  sext(value: Value, to: BackendType): Value;
  /** Saturating, NaN to 0, as Rust's `as`. */
  fptouiSat(value: Value, to: BackendType): Value;
  fptosiSat(value: Value, to: BackendType): Value;
  uitofp(value: Value, to: BackendType): Value;
  sitofp(value: Value, to: BackendType): Value;
  fptrunc(value: Value, to: BackendType): Value;
  fpext(value: Value, to: BackendType): Value;
  /** Between an integer and a float of one size. */
  bitcast(value: Value, to: BackendType): Value;
  ptrtoint(value: Value, to: BackendType): Value;
  inttoptr(value: Value): Value;
  /** `I1` to the memory form of `bool`, an `I8`. Other values pass unchanged. */
  fromImmediate(value: Value): Value;
  /** The memory form of `bool` to an `I1`. */
  toImmediateBool(value: Value): Value;

  // Memory. Alignments and sizes are in bytes. A load or store of `I1` is not allowed.
  /** A stack slot of the whole function, whichever block is current: the same memory each time the code is reached. */
  alloca(size: number, align: number): Value;
  load(ty: BackendType, ptr: Value, align: number): Value;
  /** As `load`, of a value known to lie in `start ..= end` (wrapping; unsigned bits), so that the backend may use it. */
  loadRange(ty: BackendType, ptr: Value, align: number, start: bigint, end: bigint): Value;
  store(value: Value, ptr: Value, align: number): void;
  /** `ptr` plus constant bytes, in bounds of one allocation. */
  ptrOffset(ptr: Value, bytes: number): Value;
  /** `ptr + index * stride`, in bounds; `index` is pointer-sized. */
  ptrIndex(ptr: Value, index: Value, stride: number): Value;
  /** The two do not overlap, or are the same. */
  memcpy(dst: Value, dstAlign: number, src: Value, srcAlign: number, size: number): void;
  memset(dst: Value, align: number, byte: number, size: number): void;
  lifetimeStart(ptr: Value, size: number): void;
  lifetimeEnd(ptr: Value, size: number): void;
  assume(cond: Value): void;
  /** Returns `value`, of which the optimiser may know nothing. A pointer that is given to it escapes: what it points to may have been written. */
  blackBox(value: Value): Value;

  // Functions.
  /** The address of a function, declared in the module on first use. */
  fnAddr(decl: FunctionDecl): Value;
  call(decl: FunctionDecl, args: readonly Value[]): readonly Value[];
  /** `abi` is that of the function pointer's type, where it is known. */
  callIndirect(signature: BackendSignature, callee: Value, args: readonly Value[], abi?: FnAbi): readonly Value[];
  /**
   * A raw Linux system call: number and up to six pointer-sized arguments; the result as the kernel returns it. It reads and writes any memory,
   * mapped addresses that no allocation of the program has included.
   */
  syscall(args: readonly Value[]): Value;
}
