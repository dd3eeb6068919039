/**
 * Intrinsics: functions whose meaning is the compiler's. This file says what one is and what it may use; `table.ts` lists them all.
 *
 * To add one, write it in the file of its subject (or a new file, whose list `table.ts` then includes):
 *
 *     {
 *       name: "ctpop",
 *       signature: "fn ctpop<T: Copy>(x: T) -> u32",
 *       run: (call) => call.setNumber(popCount(call.bits(0))),
 *     }
 *
 * - `name` is what stands behind the last `::` of its path. Paths of any crate lead here when the item has no body: intrinsics proper,
 *   `extern` functions (`malloc`, `__rust_alloc`), and lang items of core (`core::panicking::panic`).
 * - `run` is called with all arguments evaluated, and sets the result once, at its end: the result takes the place of the arguments.
 *   A result of `()` needs no setting; a function that returns `!` throws.
 * - Scalars: `number` (up to 53 bits), `bits` (unsigned bigint of any width), `int` (signed if the type is), `bool`; the same with `set`.
 *   No bigint where speed matters. Floats are their bits; a NaN result should be the canonical one of `apfloat/format.ts`.
 * - Pointers: `pointer(i)` are the words; `meta(i)` those of a wide pointer's metadata. `readAt` and `writeAt` make all checks of an
 *   access (bounds, aliasing, races) and alignment, and answer the address in the arena, which `call.memory` has methods for.
 * - Values of other types: `address(i)` is where the argument's bytes are, whatever its type; `setFromMemory` takes the result's bytes
 *   from an address and checks them as a typed copy does.
 * - Undefined behaviour is `throw call.ub(kind, message)`; a panic `throw call.panic(message)`.
 * - A name that may end in a suffix, such as older `atomic_load_acquire`, is looked up without it: see `byPrefix`.
 */

import { bug } from "../../entity/entity.ts";
import type { Ty } from "../../mir/ty.ts";
import type { CallLayout } from "../frame.ts";
import { loadLeaf, storeValue } from "../leaf-memory.ts";
import { pointersEqual } from "../machine-ops.ts";
import type { Memory } from "../memory.ts";
import { CLS_SIZE, CLS_WORDS, Cls, isSignedCls, type TypeInfo, type TypeTable } from "../type-info.ts";
import { checkBool, checkChar, checkPointer, checkRange, copyTyped, type PointerWords } from "../typed-copy.ts";
import { type UbKind, UbTrap } from "../ub.ts";
import { Abort, EXPLICIT_PANIC, UNWINDING, type Vm } from "../vm.ts";

export interface Intrinsic {
  readonly name: string;
  /** As core declares it. */
  readonly signature: string;
  /** Also the meaning of every name that begins with `name` and `_`. */
  readonly byPrefix?: boolean;
  /** Bytes of memory of its own that a call with these type arguments needs: see `IntrinsicCall.scratch`. */
  readonly room?: (table: TypeTable, args: readonly Ty[]) => number;
  readonly run: (call: IntrinsicCall) => void;
}

/** A call of an intrinsic in some function. */
export interface IntrinsicSite {
  readonly intrinsic: Intrinsic;
  /** Its whole name, for those found `byPrefix`. */
  readonly name: string;
  /** Type and const arguments. */
  readonly args: readonly Ty[];
  readonly params: readonly Ty[];
  readonly ret: TypeInfo;
  readonly call: CallLayout;
  /** Behind the arguments' memory, room for each of them to be spilled to; behind that, the intrinsic's own. */
  readonly stride: number;
}

const SLOT = 4;

export class IntrinsicCall {
  readonly vm: Vm;
  readonly memory: Memory;
  site!: IntrinsicSite;
  /** The first register of the arguments, and their memory. */
  private base = 0;
  private memoryBase = 0;

  constructor(vm: Vm) {
    this.vm = vm;
    this.memory = vm.memory;
  }

  /** Begins the call of `site` in the running frame. */
  begin(site: IntrinsicSite): void {
    const { vm } = this;
    this.site = site;
    this.base = vm.fp + vm.fn.frameWords;
    this.memoryBase = vm.mp + vm.fn.frameMemory;
  }

  /** Type argument `i`. */
  ty(i: number): Ty {
    const ty = this.site.args[i];
    if (ty === undefined) throw bug(`${this.site.name} has no type argument ${i}`);
    return ty;
  }

  info(i: number): TypeInfo {
    return this.vm.prepared.table.of(this.ty(i));
  }

  /** The type of argument `i`. */
  param(i: number): TypeInfo {
    const param = this.site.call.params[i];
    if (param === undefined) throw bug(`${this.site.name} has no argument ${i}`);
    return param.info;
  }

  /** The value of const argument `i`. */
  constArgument(i: number): bigint {
    const arg = this.ty(i);
    if (arg.kind !== "constArg") throw bug(`argument ${i} of ${this.site.name} is no value`);
    return arg.bits;
  }

  private register(i: number): number {
    const a = this.base + this.site.call.params[i]!.slot;
    if (this.vm.regs.S[a] !== 1) throw this.ub("uninit", "an uninitialised argument");
    return a;
  }

  bool(i: number): boolean {
    return this.vm.regs.R[this.register(i)] !== 0;
  }

  /** An integer, `char` or `bool` of up to 64 bits, exact below 2^53 in magnitude. */
  number(i: number): number {
    const { R } = this.vm.regs;
    const a = this.register(i);
    const cls = this.param(i).leaves[0]!.cls;
    if (CLS_WORDS[cls] === 1) return isSignedCls(cls) ? R[a]! : R[a]! >>> 0;
    return (isSignedCls(cls) ? R[a + 1]! : R[a + 1]! >>> 0) * 2 ** 32 + (R[a]! >>> 0);
  }

  /** The bits of a scalar, unsigned, of its type's width. Of a pointer, the address. */
  bits(i: number): bigint {
    const { R, Q } = this.vm.regs;
    const a = this.register(i);
    const { cls } = this.param(i).leaves[0]!;
    const words = CLS_WORDS[cls]!;
    if (words === 1) return BigInt(R[a]! >>> 0) & ((1n << BigInt(CLS_SIZE[cls]! * 8)) - 1n);
    return words === 2 ? Q[a >> 1]! : (Q[(a >> 1) + 1]! << 64n) | Q[a >> 1]!;
  }

  /** An integer, signed if its type is. */
  int(i: number): bigint {
    const { cls } = this.param(i).leaves[0]!;
    return isSignedCls(cls) ? BigInt.asIntN(CLS_SIZE[cls]! * 8, this.bits(i)) : this.bits(i);
  }

  /** The address and tag of a pointer, or of a function pointer. */
  pointer(i: number): PointerWords {
    return this.words(this.register(i));
  }

  /** Whether two pointers are equal; notes when that depends on where memory is. */
  samePointers(i: number, j: number): boolean {
    return pointersEqual(this.memory, this.vm.regs.R, this.register(i), this.register(j));
  }

  /** The metadata of a wide pointer. */
  meta(i: number): PointerWords {
    const info = this.param(i);
    if (info.leaves.length < 2) return { lo: 0, hi: 0, tag: 0 };
    const words = this.words(this.register(i) + SLOT);
    return CLS_WORDS[info.leaves[1]!.cls] === 2 && info.leaves[1]!.cls < Cls.PTR ? { ...words, tag: 0 } : words;
  }

  private words(a: number): PointerWords {
    const { R } = this.vm.regs;
    return { lo: R[a]!, hi: R[a + 1]!, tag: R[a + 2]! };
  }

  /** Where the bytes of argument `i` are. */
  address(i: number): number {
    const { info, slot, offset } = this.site.call.params[i]!;
    if (info.repr === "mem") return this.memoryBase + offset;
    const at = this.spill(i);
    if (info.repr === "flat") storeValue(this.memory, this.vm.regs, info, this.base + slot, at);
    return at;
  }

  private spill(i: number): number {
    return this.memoryBase + this.site.call.memory + this.site.stride * i;
  }

  /** Where the memory is that `room` asked for. */
  scratch(): number {
    return this.spill(this.site.params.length);
  }

  /** Where a result that lives in memory is to be written. Its bytes may be those of arguments. */
  resultAddress(): number {
    return this.memoryBase;
  }

  private result(): number {
    this.vm.regs.S[this.base] = 1;
    return this.base;
  }

  setBool(value: boolean): void {
    this.vm.regs.R[this.result()] = value ? 1 : 0;
  }

  /** An integer that is in range and exact. */
  setNumber(value: number): void {
    const { R } = this.vm.regs;
    const d = this.result();
    const cls = this.site.ret.leaves[0]!.cls;
    if (CLS_WORDS[cls] === 1) R[d] = value;
    else {
      const high = Math.floor(value / 2 ** 32);
      R[d] = value - high * 2 ** 32;
      R[d + 1] = high;
      R[d + 2] = R[d + 3] = high < 0 ? -1 : 0;
    }
  }

  /** The low bits of `value`, as the result's type holds them. */
  setBits(value: bigint): void {
    this.setLeaf(0, value);
  }

  /** The same for leaf `leaf` of a result that has several, such as `(T, bool)`. */
  setLeaf(leaf: number, value: bigint): void {
    const { R, Q, S } = this.vm.regs;
    const found = this.site.ret.leaves[leaf];
    if (found === undefined) throw bug(`the result of ${this.site.name} has no leaf ${leaf}`);
    const { cls } = found;
    const d = this.base + leaf * SLOT;
    S[d] = 1;
    const words = CLS_WORDS[cls]!;
    if (words === 1) {
      const bits = CLS_SIZE[cls]! * 8;
      R[d] = Number(isSignedCls(cls) ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
    } else {
      Q[d >> 1] = BigInt.asUintN(64, value);
      Q[(d >> 1) + 1] = words === 4 ? BigInt.asUintN(64, value >> 64n) : 0n;
    }
  }

  /** The result, a fieldless enum with an integer `repr`, by its tag; it may be held in memory. */
  setEnumTag(value: bigint): void {
    const { ret } = this.site;
    if (ret.repr !== "mem") this.setBits(value);
    else this.memory.storeBits(this.resultAddress(), BigInt.asUintN(ret.size * 8, value), ret.size);
  }

  setPointer(lo: number, hi: number, tag: number): void {
    const { R } = this.vm.regs;
    const d = this.result();
    R[d] = lo;
    R[d + 1] = hi;
    R[d + 2] = tag;
  }

  /** The second leaf of a wide pointer that is the result. */
  setMeta(lo: number, hi: number, tag: number): void {
    const { R, S } = this.vm.regs;
    const d = this.base + SLOT;
    S[d] = 1;
    R[d] = lo;
    R[d + 1] = hi;
    R[d + 2] = tag;
  }

  /** Takes the result's value from memory, as a typed copy: it must be valid. */
  setFromMemory(at: number): void {
    const { ret } = this.site;
    const { table } = this.vm.prepared;
    if (ret.repr === "zst") {
      if (ret.uninhabited) throw this.ub("uninhabited", `a value of the uninhabited type ${ret.ty.text}`);
      return;
    }
    const { memory: m } = this;
    if (ret.repr === "mem") {
      if (at === this.memoryBase) {
        // The copy checks the value, and clears its padding.
        const aside = this.memoryBase + Math.max(this.site.call.memory, ret.size);
        m.copyRaw(at, aside, ret.size);
        copyTyped(m, table, ret, aside, at);
      } else copyTyped(m, table, ret, at, this.memoryBase);
      return;
    }
    ret.leaves.forEach((leaf, k) => {
      loadLeaf(m, this.vm.regs, leaf.cls, this.base + k * SLOT, at + leaf.offset);
    });
    checkRegisters(this.vm, ret, this.base);
  }

  /** Checks a read of `size` bytes through a pointer and answers their address. */
  readAt(pointer: PointerWords, size: number, align = 1): number {
    this.memory.checkAlign(pointer.lo, pointer.hi, pointer.tag, align);
    this.memory.access(pointer.lo, pointer.hi, pointer.tag, size, false);
    return pointer.lo;
  }

  /** Checks a write of `size` bytes through a pointer and answers their address. */
  writeAt(pointer: PointerWords, size: number, align = 1): number {
    this.memory.checkAlign(pointer.lo, pointer.hi, pointer.tag, align);
    this.memory.access(pointer.lo, pointer.hi, pointer.tag, size, true);
    return pointer.lo;
  }

  /** Undefined behaviour: to be thrown. `pointer` is the one that it is about, whose allocation is reported. */
  ub(kind: UbKind, message: string, pointer?: PointerWords): UbTrap {
    return new UbTrap(kind, message, pointer && this.memory.describe(pointer.lo, pointer.tag));
  }

  /** Notes that Rust leaves open which float the result is. */
  leaveOpen(): void {
    this.memory.openFloatObserved = true;
  }

  /** Starts a panic: to be thrown. */
  panic(message: string, code: number = EXPLICIT_PANIC): object {
    this.vm.panic = { code, message };
    return UNWINDING;
  }

  /** Ends the run: to be thrown. */
  abort(message: string): Abort {
    return new Abort(message);
  }
}

/** Traps unless the flat value of type `info` in the registers from `a` (from the start of the file) is valid. */
export function checkRegisters(vm: Vm, info: TypeInfo, a: number): void {
  const { R } = vm.regs;
  const { table } = vm.prepared;
  const words = (at: number): PointerWords => ({ lo: R[at]!, hi: R[at + 1]!, tag: R[at + 2]! });
  info.leaves.forEach((leaf, k) => {
    const at = a + k * SLOT;
    if (leaf.cls === Cls.BOOL) checkBool(R[at]!);
    else if (leaf.cls === Cls.CHAR) checkChar(R[at]!);
    else if (leaf.cls === Cls.REF && leaf.ty.kind === "ref")
      checkPointer(vm.memory, table, table.of(leaf.ty.pointee), "reference", words(at), { lo: 0, hi: 0, tag: 0 });
    else if (leaf.cls === Cls.FN && R[at] === 0 && R[at + 1] === 0) vm.memory.failNullFn();
  });
  for (const check of table.checksOf(info)) {
    const at = a + check.leaf * SLOT;
    if (check.kind === "range") {
      const { cls } = info.leaves[check.leaf]!;
      checkRange(check, registerBits(vm, cls, at));
    } else {
      const noun = check.kind === "reference" ? check.noun : undefined;
      const loose = check.kind === "reference" && check.loose;
      checkPointer(vm.memory, table, check.pointee, noun, words(at), words(at + SLOT), loose);
    }
  }
}

export function registerBits(vm: Vm, cls: number, a: number): bigint {
  const { R, Q } = vm.regs;
  const words = CLS_WORDS[cls]!;
  if (words === 1) return BigInt(R[a]! >>> 0) & ((1n << BigInt(CLS_SIZE[cls]! * 8)) - 1n);
  return words === 2 ? Q[a >> 1]! : (Q[(a >> 1) + 1]! << 64n) | Q[a >> 1]!;
}
