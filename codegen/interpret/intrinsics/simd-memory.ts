/**
 * Vectors whose lanes go elsewhere as they are: selections, shuffles, lanes in and out, masked accesses to memory, vectors of pointers.
 *
 * Lanes are copied with all that is known of their bytes: a pointer remains one.
 */

import { WILDCARD } from "../memory.ts";
import { isPointerCls } from "../type-info.ts";
import type { PointerWords } from "../typed-copy.ts";
import { Unsupported } from "../ub.ts";
import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";
import { argument, laneAddresses, lanesOf, mask, sameLength, setFromLanes } from "./lanes.ts";

// ---- Selections

/** A mask of bits: an integer, or an array of bytes. */
function bitmaskArgument(call: IntrinsicCall, i: number): bigint {
  const info = call.param(i);
  const at = call.address(i);
  call.memory.checkInit(at, info.size);
  return call.memory.loadBits(at, info.size);
}

const MASKS: readonly Intrinsic[] = [
  {
    name: "simd_select",
    signature: "const unsafe fn simd_select<M, T>(mask: M, if_true: T, if_false: T) -> T",
    run: (call) => {
      const chosen = mask(call, 0);
      const [yes, no] = [laneAddresses(call, 1), laneAddresses(call, 2)];
      sameLength(call, chosen.length, yes.length);
      setFromLanes(
        call,
        chosen.map((bit, i) => (bit ? yes[i]! : no[i]!)),
      );
    },
  },
  {
    name: "simd_select_bitmask",
    signature: "const unsafe fn simd_select_bitmask<M, T>(m: M, yes: T, no: T) -> T",
    run: (call) => {
      const bits = bitmaskArgument(call, 0);
      const no = laneAddresses(call, 2);
      setFromLanes(
        call,
        laneAddresses(call, 1).map((yes, i) => (((bits >> BigInt(i)) & 1n) === 1n ? yes : no[i]!)),
      );
    },
  },
  {
    name: "simd_bitmask",
    signature: "const unsafe fn simd_bitmask<T, U>(x: T) -> U",
    run: (call) => {
      const bits = mask(call, 0).reduce((sum, bit, i) => (bit ? sum | (1n << BigInt(i)) : sum), 0n);
      if (call.site.ret.repr === "mem") call.memory.storeBits(call.resultAddress(), bits, call.site.ret.size);
      else call.setBits(bits);
    },
  },
];

// ---- Lanes in other places

function checkIndex(call: IntrinsicCall, index: bigint, count: number): number {
  if (index >= BigInt(count))
    throw call.ub("intrinsicPrecondition", `\`${call.site.name}\` of lane ${index} of ${count}`);
  return Number(index);
}

const insert: Intrinsic["run"] = (call) => {
  const lanes = laneAddresses(call, 0);
  lanes[checkIndex(call, call.bits(1), lanes.length)] = call.address(2);
  setFromLanes(call, lanes);
};

const extract: Intrinsic["run"] = (call) => {
  const { size, count } = lanesOf(call, call.param(0));
  call.setFromMemory(call.address(0) + size * checkIndex(call, call.bits(1), count));
};

const PLACES: readonly Intrinsic[] = [
  { name: "simd_insert", signature: "const unsafe fn simd_insert<T, U>(x: T, idx: u32, val: U) -> T", run: insert },
  {
    name: "simd_insert_dyn",
    signature: "const unsafe fn simd_insert_dyn<T, U>(x: T, idx: u32, val: U) -> T",
    run: insert,
  },
  { name: "simd_extract", signature: "const unsafe fn simd_extract<T, U>(x: T, idx: u32) -> U", run: extract },
  { name: "simd_extract_dyn", signature: "const unsafe fn simd_extract_dyn<T, U>(x: T, idx: u32) -> U", run: extract },
  {
    name: "simd_splat",
    signature: "const unsafe fn simd_splat<T, U>(value: U) -> T",
    run: (call) => {
      const { count } = lanesOf(call, call.site.ret);
      setFromLanes(call, new Array<number>(count).fill(call.address(0)));
    },
  },
  {
    name: "simd_shuffle",
    signature: "const unsafe fn simd_shuffle<T, U, V>(x: T, y: T, idx: U) -> V",
    run: (call) => {
      const both = [...laneAddresses(call, 0), ...laneAddresses(call, 1)];
      const info = call.param(2);
      const at = call.address(2);
      const { count } = lanesOf(call, call.site.ret);
      const width = info.size / count;
      call.memory.checkInit(at, info.size);
      const index = (i: number): number => checkIndex(call, call.memory.loadBits(at + i * width, width), both.length);
      setFromLanes(
        call,
        Array.from({ length: count }, (_, i) => both[index(i)]!),
      );
    },
  },
];

// ---- Memory

/** The lanes of a vector of pointers, with their provenance. */
function pointers(call: IntrinsicCall, i: number): PointerWords[] {
  const { element } = lanesOf(call, call.param(i));
  const { memory: m } = call;
  if (element.leaves.length !== 1 || !isPointerCls(element.leaves[0]!.cls))
    throw new Unsupported(`${call.site.name} without a vector of pointers`);
  return laneAddresses(call, i).map((at) => {
    const tag = m.loadProvenance(at);
    return { lo: m.view.getInt32(at, true), hi: m.view.getInt32(at + 4, true), tag };
  });
}

/** The pointer `bytes` further, which may be anywhere. */
function shifted({ lo, hi, tag }: PointerWords, bytes: bigint): PointerWords {
  const address = BigInt.asUintN(64, (BigInt(hi >>> 0) << 32n) + BigInt(lo >>> 0) + bytes);
  return { lo: Number(BigInt.asIntN(32, address)), hi: Number(BigInt.asIntN(32, address >> 32n)), tag };
}

/** Traps unless the pointer of a masked access is aligned as its const argument `SimdAlign` says. */
function checkMaskedAlign(call: IntrinsicCall, { lo, hi, tag }: PointerWords): void {
  const vector = call.param(2);
  const choice = call.site.args[3]?.kind === "constArg" ? Number(call.constArgument(3)) : 1;
  const { element } = lanesOf(call, vector);
  call.memory.checkAlign(lo, hi, tag, choice === 0 ? 1 : choice === 1 ? element.align : vector.align);
}

const MEMORY_LANES: readonly Intrinsic[] = [
  {
    name: "simd_gather",
    signature: "const unsafe fn simd_gather<T, U, V>(val: T, ptr: U, mask: V) -> T",
    run: (call) => {
      const { element, size } = lanesOf(call, call.param(0));
      const chosen = mask(call, 2);
      const from = pointers(call, 1);
      setFromLanes(
        call,
        laneAddresses(call, 0).map((lane, i) =>
          chosen[i] === true ? call.readAt(from[i]!, size, element.align) : lane,
        ),
      );
    },
  },
  {
    name: "simd_scatter",
    signature: "const unsafe fn simd_scatter<T, U, V>(val: T, ptr: U, mask: V)",
    run: (call) => {
      const { element, size } = lanesOf(call, call.param(0));
      const chosen = mask(call, 2);
      const to = pointers(call, 1);
      laneAddresses(call, 0).forEach((lane, i) => {
        if (chosen[i] === true) call.memory.copyRaw(lane, call.writeAt(to[i]!, size, element.align), size);
      });
    },
  },
  {
    name: "simd_masked_load",
    signature: "const unsafe fn simd_masked_load<V, U, T, const ALIGN: SimdAlign>(mask: V, ptr: U, val: T) -> T",
    run: (call) => {
      const { size } = lanesOf(call, call.param(2));
      const chosen = mask(call, 0);
      const base = call.pointer(1);
      checkMaskedAlign(call, base);
      setFromLanes(
        call,
        laneAddresses(call, 2).map((lane, i) =>
          chosen[i] === true ? call.readAt(shifted(base, BigInt(i * size)), size) : lane,
        ),
      );
    },
  },
  {
    name: "simd_masked_store",
    signature: "const unsafe fn simd_masked_store<V, U, T, const ALIGN: SimdAlign>(mask: V, ptr: U, val: T)",
    run: (call) => {
      const { size } = lanesOf(call, call.param(2));
      const chosen = mask(call, 0);
      const base = call.pointer(1);
      checkMaskedAlign(call, base);
      laneAddresses(call, 2).forEach((lane, i) => {
        if (chosen[i] === true) call.memory.copyRaw(lane, call.writeAt(shifted(base, BigInt(i * size)), size), size);
      });
    },
  },
];

// ---- Vectors of pointers

function setPointers(call: IntrinsicCall, lanes: readonly PointerWords[]): void {
  const at = call.resultAddress();
  lanes.forEach(({ lo, hi, tag }, i) => {
    call.memory.storePointer(at + 8 * i, lo, hi, tag);
  });
}

const POINTER_LANES: readonly Intrinsic[] = [
  {
    name: "simd_arith_offset",
    signature: "const unsafe fn simd_arith_offset<T, U>(ptr: T, offset: U) -> T",
    run: (call) => {
      const { element } = lanesOf(call, call.param(0));
      if (element.ty.kind !== "ptr") throw new Unsupported(`simd_arith_offset of ${element.ty.text}`);
      const size = BigInt(call.vm.prepared.table.of(element.ty.pointee).size);
      const counts = argument(call, 1);
      setPointers(
        call,
        pointers(call, 0).map((pointer, i) => shifted(pointer, BigInt.asIntN(64, counts[i]!) * size)),
      );
    },
  },
  {
    name: "simd_cast_ptr",
    signature: "const unsafe fn simd_cast_ptr<T, U>(ptr: T) -> U",
    run: (call) => setPointers(call, pointers(call, 0)),
  },
  {
    name: "simd_expose_provenance",
    signature: "const unsafe fn simd_expose_provenance<T, U>(ptr: T) -> U",
    run: (call) => {
      const lanes = pointers(call, 0);
      for (const { tag } of lanes) if (tag !== 0) call.memory.expose(tag);
      call.memory.addressObserved ||= lanes.some(({ tag }) => tag !== 0);
      setPointers(
        call,
        lanes.map((pointer) => ({ ...pointer, tag: 0 })),
      );
    },
  },
  {
    name: "simd_with_exposed_provenance",
    signature: "const unsafe fn simd_with_exposed_provenance<T, U>(addr: T) -> U",
    run: (call) =>
      setPointers(
        call,
        argument(call, 0).map((bits) => ({
          lo: Number(BigInt.asIntN(32, bits)),
          hi: Number(BigInt.asIntN(32, bits >> 32n)),
          tag: WILDCARD,
        })),
      ),
  },
];

export const SIMD_MEMORY: readonly Intrinsic[] = [...MASKS, ...PLACES, ...MEMORY_LANES, ...POINTER_LANES];
