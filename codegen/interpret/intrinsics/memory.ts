/** Memory as a whole: copies, fills, transmutes, volatile and unaligned accesses. */

import { INIT } from "../memory.ts";
import type { PointerWords } from "../typed-copy.ts";
import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";

/** Bytes of `count` elements of type argument 0. @throws UbTrap when they are more than memory can hold */
function bytesOf(call: IntrinsicCall, count: number): number {
  const total = call.number(count) * call.info(0).size;
  if (total >= 2 ** 47) throw call.ub("intrinsicPrecondition", `${call.site.name}: the size overflows`);
  return total;
}

function copy(call: IntrinsicCall, from: PointerWords, to: PointerWords, mayOverlap: boolean): void {
  const { align } = call.info(0);
  const size = bytesOf(call, 2);
  const src = call.readAt(from, size, align);
  const dst = call.writeAt(to, size, align);
  if (size === 0) return;
  if (!mayOverlap && src < dst + size && dst < src + size)
    throw call.ub("overlap", "`copy_nonoverlapping` of ranges that overlap", to);
  call.memory.copyRaw(src, dst, size);
}

function fill(call: IntrinsicCall): void {
  const size = bytesOf(call, 2);
  const at = call.writeAt(call.pointer(0), size, call.info(0).align);
  call.memory.bytes.fill(call.number(1), at, at + size);
  call.memory.marks.fill(INIT, at, at + size);
}

const read =
  (aligned: boolean): Intrinsic["run"] =>
  (call) => {
    const info = call.info(0);
    call.setFromMemory(call.readAt(call.pointer(0), info.size, aligned ? info.align : 1));
  };

const write =
  (aligned: boolean): Intrinsic["run"] =>
  (call) => {
    const info = call.info(0);
    const from = call.address(1);
    const to = call.writeAt(call.pointer(0), info.size, aligned ? info.align : 1);
    call.memory.copyRaw(from, to, info.size);
  };

export const MEMORY: readonly Intrinsic[] = [
  {
    name: "copy",
    signature: "const unsafe fn copy<T>(src: *const T, dst: *mut T, count: usize)",
    run: (call) => copy(call, call.pointer(0), call.pointer(1), true),
  },
  {
    name: "copy_nonoverlapping",
    signature: "const unsafe fn copy_nonoverlapping<T>(src: *const T, dst: *mut T, count: usize)",
    run: (call) => copy(call, call.pointer(0), call.pointer(1), false),
  },
  {
    name: "volatile_copy_memory",
    signature: "unsafe fn volatile_copy_memory<T>(dst: *mut T, src: *const T, count: usize)",
    run: (call) => copy(call, call.pointer(1), call.pointer(0), true),
  },
  {
    name: "volatile_copy_nonoverlapping_memory",
    signature: "unsafe fn volatile_copy_nonoverlapping_memory<T>(dst: *mut T, src: *const T, count: usize)",
    run: (call) => copy(call, call.pointer(1), call.pointer(0), false),
  },
  { name: "write_bytes", signature: "const unsafe fn write_bytes<T>(dst: *mut T, val: u8, count: usize)", run: fill },
  {
    name: "volatile_set_memory",
    signature: "unsafe fn volatile_set_memory<T>(dst: *mut T, val: u8, count: usize)",
    run: fill,
  },
  {
    name: "transmute",
    signature: "const unsafe fn transmute<Src, Dst>(src: Src) -> Dst",
    run: (call) => {
      const [from, to] = [call.info(0), call.info(1)];
      if (from.size !== to.size)
        throw call.ub("intrinsicPrecondition", `transmute of ${from.ty.text} to ${to.ty.text}, which differ in size`);
      call.setFromMemory(call.address(0));
    },
  },
  {
    name: "transmute_unchecked",
    signature: "const unsafe fn transmute_unchecked<Src, Dst>(src: Src) -> Dst",
    run: (call) => {
      if (call.info(0).size !== call.info(1).size)
        throw call.ub("intrinsicPrecondition", "transmute between types that differ in size");
      call.setFromMemory(call.address(0));
    },
  },
  { name: "volatile_load", signature: "unsafe fn volatile_load<T>(src: *const T) -> T", run: read(true) },
  {
    name: "unaligned_volatile_load",
    signature: "unsafe fn unaligned_volatile_load<T>(src: *const T) -> T",
    run: read(false),
  },
  { name: "read_via_copy", signature: "const unsafe fn read_via_copy<T>(ptr: *const T) -> T", run: read(true) },
  { name: "volatile_store", signature: "unsafe fn volatile_store<T>(dst: *mut T, val: T)", run: write(true) },
  {
    name: "unaligned_volatile_store",
    signature: "unsafe fn unaligned_volatile_store<T>(dst: *mut T, val: T)",
    run: write(false),
  },
  { name: "nontemporal_store", signature: "unsafe fn nontemporal_store<T>(ptr: *mut T, val: T)", run: write(true) },
  { name: "write_via_move", signature: "const unsafe fn write_via_move<T>(ptr: *mut T, value: T)", run: write(true) },
];
