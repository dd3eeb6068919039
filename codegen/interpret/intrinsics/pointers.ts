/** Pointers: arithmetic, distances, comparisons of memory, their two halves, discriminants. */

import { align16 } from "../frame.ts";
import { CLS_WORDS } from "../type-info.ts";
import { copyTyped, type PointerWords } from "../typed-copy.ts";
import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";

const TWO_32 = 2 ** 32;

/** An address as a number; exact, as arenas are small and other addresses are only compared. */
function addressOf({ lo, hi }: PointerWords): number {
  return (hi >>> 0) * TWO_32 + (lo >>> 0);
}

function setAddress(call: IntrinsicCall, bits: bigint, tag: number): void {
  const wrapped = BigInt.asUintN(64, bits);
  call.setPointer(Number(BigInt.asIntN(32, wrapped)), Number(BigInt.asIntN(32, wrapped >> 32n)), tag);
}

/** `ptr.offset(count)`: the way from the pointer to the result stays inside its allocation. */
function offset(call: IntrinsicCall): void {
  const { ty } = call.param(0);
  if (ty.kind !== "ptr") throw call.ub("intrinsicPrecondition", `\`offset\` of ${ty.text}`);
  const { size } = call.vm.prepared.table.of(ty.pointee);
  const pointer = call.pointer(0);
  const bytes = call.int(1) * BigInt(size);
  if (bytes !== 0n) {
    const from = call.bits(0);
    const to = from + bytes;
    const low = bytes > 0n ? from : to;
    const length = bytes > 0n ? bytes : -bytes;
    if (to < 0n || length >= 1n << 47n)
      throw call.ub("pointerArithmetic", `\`offset\` by ${bytes} bytes wraps around`, pointer);
    const lowest = BigInt.asUintN(64, low);
    const { lo, hi } = { lo: Number(BigInt.asIntN(32, lowest)), hi: Number(BigInt.asIntN(32, lowest >> 32n)) };
    call.memory.checkBounds(lo, hi, pointer.tag, Number(length));
  }
  setAddress(call, call.bits(0) + bytes, pointer.tag);
}

function distance(call: IntrinsicCall, unsigned: boolean): void {
  const { size } = call.info(0);
  const [to, from] = [call.pointer(0), call.pointer(1)];
  const name = call.site.name;
  const bytes = addressOf(to) - addressOf(from);
  if (call.bits(0) !== call.bits(1)) {
    const m = call.memory;
    const a = m.resolve(to.lo, to.hi, to.tag, 0);
    const b = m.resolve(from.lo, from.hi, from.tag, 0);
    if (a <= 0 || a !== b) throw call.ub("pointerArithmetic", `\`${name}\` of pointers into different allocations`, to);
    const low = bytes > 0 ? from : to;
    m.checkBounds(low.lo, low.hi, low.tag, Math.abs(bytes));
  }
  if (size === 0) throw call.ub("divisionByZero", `\`${name}\` of a type of size zero`);
  if (bytes % size !== 0)
    throw call.ub("pointerArithmetic", `\`${name}\`: ${bytes} bytes are no multiple of ${size}`, to);
  if (unsigned && bytes < 0) throw call.ub("pointerArithmetic", `\`${name}\` of a pointer before the other`, to);
  call.setBits(BigInt(bytes / size));
}

/** Bytes that must be initialised and no part of a pointer. */
function plainBytes(call: IntrinsicCall, pointer: PointerWords, size: number, align: number): Uint8Array {
  const at = call.readAt(pointer, size, align);
  call.memory.checkInit(at, size);
  return call.memory.bytes.subarray(at, at + size);
}

/** A swap of two values through a place of its own; both are read as values of the type. */
const typedSwap = (name: string): Intrinsic => ({
  name,
  signature: `const unsafe fn ${name}<T>(x: *mut T, y: *mut T)`,
  room: (table, args) => 2 * align16(table.of(args[0]!).size),
  run: (call) => {
    const info = call.info(0);
    const { size, align } = info;
    const m = call.memory;
    const [x, y] = [call.pointer(0), call.pointer(1)];
    const a = call.readAt(x, size, align);
    const b = call.readAt(y, size, align);
    if (a < b + size && b < a + size && size > 0) throw call.ub("overlap", `\`${name}\` of values that overlap`, y);
    const aside = call.scratch();
    const second = aside + align16(size);
    const { table } = call.vm.prepared;
    copyTyped(m, table, info, a, aside);
    copyTyped(m, table, info, b, second);
    m.copyRaw(second, call.writeAt(x, size, align), size);
    m.copyRaw(aside, call.writeAt(y, size, align), size);
  },
});

export const POINTERS: readonly Intrinsic[] = [
  {
    name: "offset",
    signature: "const unsafe fn offset<Ptr: BuiltinDeref, Delta>(dst: Ptr, offset: Delta) -> Ptr",
    run: offset,
  },
  {
    name: "arith_offset",
    signature: "const unsafe fn arith_offset<T>(dst: *const T, offset: isize) -> *const T",
    run: (call) => {
      const pointer = call.pointer(0);
      setAddress(call, call.bits(0) + call.int(1) * BigInt(call.info(0).size), pointer.tag);
    },
  },
  {
    name: "ptr_mask",
    signature: "const fn ptr_mask<T>(ptr: *const T, mask: usize) -> *const T",
    run: (call) => {
      const pointer = call.pointer(0);
      call.memory.addressObserved = true;
      setAddress(call, call.bits(0) & call.bits(1), pointer.tag);
    },
  },
  {
    name: "ptr_offset_from",
    signature: "const unsafe fn ptr_offset_from<T>(ptr: *const T, base: *const T) -> isize",
    run: (call) => distance(call, false),
  },
  {
    name: "ptr_offset_from_unsigned",
    signature: "const unsafe fn ptr_offset_from_unsigned<T>(ptr: *const T, base: *const T) -> usize",
    run: (call) => distance(call, true),
  },
  {
    name: "ptr_guaranteed_cmp",
    signature: "const fn ptr_guaranteed_cmp<T>(ptr: *const T, other: *const T) -> u8",
    run: (call) => call.setNumber(call.samePointers(0, 1) ? 1 : 0),
  },
  {
    name: "compare_bytes",
    signature: "const unsafe fn compare_bytes(left: *const u8, right: *const u8, bytes: usize) -> i32",
    run: (call) => {
      const size = call.number(2);
      const a = plainBytes(call, call.pointer(0), size, 1);
      const b = plainBytes(call, call.pointer(1), size, 1);
      const at = a.findIndex((byte, i) => byte !== b[i]);
      call.setNumber(at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1);
    },
  },
  {
    name: "raw_eq",
    signature: "const unsafe fn raw_eq<T>(a: &T, b: &T) -> bool",
    run: (call) => {
      const { size, align } = call.info(0);
      const a = plainBytes(call, call.pointer(0), size, align);
      const b = plainBytes(call, call.pointer(1), size, align);
      call.setBool(a.every((byte, i) => byte === b[i]));
    },
  },
  typedSwap("typed_swap_nonoverlapping"),
  typedSwap("typed_swap"),
  {
    name: "slice_get_unchecked",
    signature:
      "const unsafe fn slice_get_unchecked<ItemPtr, SlicePtr, T>(slice_ptr: SlicePtr, index: usize) -> ItemPtr",
    run: (call) => {
      const { size, align } = call.info(2);
      const { lo, hi, tag } = call.pointer(0);
      const length = addressOf(call.meta(0));
      const index = call.number(1);
      if (index >= length)
        throw call.ub(
          "indexOutOfBounds",
          `\`${call.site.name}\` of index ${index} of ${length} elements`,
          call.pointer(0),
        );
      const at = lo + index * size;
      call.memory.checkBounds(at, hi, tag, size);
      if (call.ty(0).kind === "ref") call.memory.checkReference(at, hi, tag, size, align);
      call.setPointer(at, hi, tag);
    },
  },
  {
    name: "ptr_metadata",
    signature: "const fn ptr_metadata<P: Pointee<Metadata = M> + PointeeSized, M>(ptr: *const P) -> M",
    run: (call) => {
      const { lo, hi, tag } = call.meta(0);
      const leaf = call.site.ret.leaves[0];
      if (leaf === undefined) return;
      if (CLS_WORDS[leaf.cls] === 2) call.setPointer(lo, hi, tag);
    },
  },
  {
    name: "aggregate_raw_ptr",
    signature: "const fn aggregate_raw_ptr<P: BuiltinDeref, D, M>(data: D, meta: M) -> P",
    run: (call) => {
      const data = call.pointer(0);
      const wide = call.site.ret.leaves.length === 2;
      const meta = wide ? metaArgument(call) : undefined;
      call.setPointer(data.lo, data.hi, data.tag);
      if (meta !== undefined) call.setMeta(meta.lo, meta.hi, meta.tag);
    },
  },
];

/** The second argument as the second half of a pointer: a length, or a pointer to a vtable. */
function metaArgument(call: IntrinsicCall): PointerWords {
  const { leaves } = call.param(1);
  const pointer = call.pointer(1);
  return leaves[0] !== undefined && leaves[0].ty.kind === "uint" ? { ...pointer, tag: 0 } : pointer;
}
