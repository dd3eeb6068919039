/**
 * Atomic operations, in both spellings: `atomic_load_acquire::<T>` of older cores, `atomic_load::<T, { Acquire }>` of newer ones.
 *
 * With one thread they are plain accesses. With several the race detector keeps the order of things, and a load may see an older store.
 * A compare-exchange that may fail spuriously does so as often as the run's options say, by its seed.
 */

import type { Ordering } from "../concurrency/data-race.ts";
import { READ_ONLY } from "../memory.ts";
import { isPointerCls } from "../type-info.ts";
import type { PointerWords } from "../typed-copy.ts";
import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";

/** `core::intrinsics::AtomicOrdering`, by discriminant. */
const BY_DISCRIMINANT: readonly Ordering[] = ["relaxed", "release", "acquire", "acqrel", "seqcst"];

const BY_SUFFIX: ReadonlyMap<string, Ordering> = new Map([
  ["relaxed", "relaxed"],
  ["unordered", "relaxed"],
  ["release", "release"],
  ["acquire", "acquire"],
  ["acqrel", "acqrel"],
  ["seqcst", "seqcst"],
]);

/** The orderings that a call names: of its name's end, or its const arguments. */
function orderings(call: IntrinsicCall): Ordering[] {
  const named = call.site.name.split("_").flatMap((word) => BY_SUFFIX.get(word) ?? []);
  if (named.length > 0) return named;
  return call.site.args.flatMap((arg) =>
    arg.kind === "constArg" ? [BY_DISCRIMINANT[Number(arg.bits)] ?? "seqcst"] : [],
  );
}

function ordering(call: IntrinsicCall): Ordering {
  return orderings(call)[0] ?? "seqcst";
}

/** A scalar in memory that is accessed atomically. */
interface Cell {
  readonly at: number;
  readonly id: number;
  readonly offset: number;
  readonly size: number;
  readonly isPointer: boolean;
}

function cellOf(call: IntrinsicCall, write: boolean): Cell {
  const { memory: m } = call;
  const info = call.info(0);
  const { size } = info;
  const { lo, hi, tag }: PointerWords = call.pointer(0);
  m.checkAlign(lo, hi, tag, size);
  const id = m.accessAtomically(lo, hi, tag, size, write);
  if (!write && m.state[id] === READ_ONLY) checkReadOnlyLoad(call, size);
  return { at: lo, id, offset: lo - m.base[id]!, size, isPointer: isPointerCls(info.leaves[0]?.cls ?? 0) };
}

/** Some targets load by read-modify-write: only relaxed loads of up to a pointer's size never do (core's documentation of atomics). */
function checkReadOnlyLoad(call: IntrinsicCall, size: number): void {
  const what = size > 8 ? "large" : ordering(call) === "relaxed" ? undefined : "non-relaxed";
  if (what !== undefined)
    throw call.ub("writeToReadOnly", `a ${what} atomic load from memory that is read-only`, call.pointer(0));
}

/** A value with its tag, as one number: the detector only keeps it. */
function packed(bits: bigint, tag: number): bigint {
  return bits | (BigInt.asUintN(32, BigInt(tag)) << 128n);
}

function bitsOf(value: bigint): bigint {
  return BigInt.asUintN(128, value);
}

function tagOf(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 128n));
}

function load(call: IntrinsicCall, cell: Cell): bigint {
  const { memory: m } = call;
  const tag = cell.isPointer ? m.loadProvenance(cell.at) : 0;
  if (!cell.isPointer) m.checkInit(cell.at, cell.size);
  return packed(m.loadBits(cell.at, cell.size), tag);
}

function store(call: IntrinsicCall, cell: Cell, value: bigint): void {
  const { memory: m } = call;
  const bits = bitsOf(value);
  if (!cell.isPointer) m.storeBits(cell.at, bits, cell.size);
  else m.storePointer(cell.at, Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n)), tagOf(value));
}

/** Argument `i`, a value of the cell's type. */
function argument(call: IntrinsicCall, i: number): bigint {
  const isPointer = isPointerCls(call.param(i).leaves[0]?.cls ?? 0);
  return packed(call.bits(i), isPointer ? call.pointer(i).tag : 0);
}

function setResult(call: IntrinsicCall, cell: Cell, value: bigint): void {
  const bits = bitsOf(value);
  if (!cell.isPointer) call.setLeaf(0, bits);
  else call.setPointer(Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n)), tagOf(value));
}

/** The detector, where there is something to detect. */
function detector(call: IntrinsicCall): IntrinsicCall["memory"]["races"] {
  const { races } = call.memory;
  if (races?.active !== true) return undefined;
  races.position = call.memory.position;
  return races;
}

function atomicLoad(call: IntrinsicCall): void {
  const cell = cellOf(call, false);
  const seen = detector(call)?.atomicLoad(call.vm.thread.id, cell.id, cell.offset, cell.size, ordering(call));
  if (seen === undefined) {
    setResult(call, cell, load(call, cell));
    return;
  }
  if (seen.value === undefined) throw call.ub("uninit", "an atomic load of uninitialised memory", call.pointer(0));
  setResult(call, cell, seen.value);
}

function atomicStore(call: IntrinsicCall): void {
  const cell = cellOf(call, true);
  const value = argument(call, 1);
  const races = detector(call);
  if (races !== undefined) {
    const { memory: m } = call;
    const known = !m.marks.subarray(cell.at, cell.at + cell.size).includes(0);
    const previous = known ? load(call, cell) : undefined;
    races.atomicStore(call.vm.thread.id, cell.id, cell.offset, cell.size, ordering(call), value, previous);
  }
  store(call, cell, value);
}

const modify =
  (next: (old: bigint, operand: bigint, call: IntrinsicCall) => bigint): Intrinsic["run"] =>
  (call) => {
    const cell = cellOf(call, true);
    const old = load(call, cell);
    const operand = argument(call, 1);
    const computed = next(old, operand, call);
    const bits = BigInt.asUintN(cell.size * 8, bitsOf(computed));
    const value = packed(bits, tagOf(computed));
    detector(call)?.atomicRmw(call.vm.thread.id, cell.id, cell.offset, cell.size, ordering(call), value, old);
    store(call, cell, value);
    setResult(call, cell, old);
  };

/** An operation on the bits alone: of a pointer, the tag stays. */
const onBits = (compute: (old: bigint, operand: bigint, width: number) => bigint): Intrinsic["run"] =>
  modify((old, operand, call) => {
    const width = call.info(0).size * 8;
    return packed(BigInt.asUintN(width, compute(bitsOf(old), bitsOf(operand), width)), tagOf(old));
  });

function compareExchange(call: IntrinsicCall, mayFail: boolean): void {
  const cell = cellOf(call, true);
  const [success = "seqcst", failure] = orderings(call);
  const old = load(call, cell);
  const races = detector(call);
  const { id } = call.vm.thread;
  const value = argument(call, 2);
  const isSpurious = (): boolean => mayFail && call.vm.random.happens(call.vm.weakFailureRate);
  const equal = bitsOf(old) === bitsOf(argument(call, 1)) && !isSpurious();
  if (equal) {
    races?.atomicRmw(id, cell.id, cell.offset, cell.size, success, value, old);
    store(call, cell, value);
  } else races?.atomicFailedExchange(id, cell.id, cell.offset, cell.size, failure ?? weakest(success));
  setResult(call, cell, old);
  call.setLeaf(1, equal ? 1n : 0n);
}

/** The ordering of a failure that is not said: a load's part of the success. */
function weakest(success: Ordering): Ordering {
  return success === "release" ? "relaxed" : success === "acqrel" ? "acquire" : success;
}

const signed = (bits: bigint, width: number): bigint => BigInt.asIntN(width, bits);

const rmw = (name: string, run: Intrinsic["run"]): Intrinsic => ({
  name,
  signature: `unsafe fn ${name}<T: Copy, const ORD: AtomicOrdering>(dst: *mut T, src: T) -> T`,
  byPrefix: true,
  run,
});

export const ATOMICS: readonly Intrinsic[] = [
  {
    name: "atomic_load",
    signature: "unsafe fn atomic_load<T: Copy, const ORD: AtomicOrdering>(src: *const T) -> T",
    byPrefix: true,
    run: atomicLoad,
  },
  {
    name: "atomic_store",
    signature: "unsafe fn atomic_store<T: Copy, const ORD: AtomicOrdering>(dst: *mut T, val: T)",
    byPrefix: true,
    run: atomicStore,
  },
  rmw(
    "atomic_xchg",
    modify((_, operand) => operand),
  ),
  rmw(
    "atomic_xadd",
    onBits((a, b) => a + b),
  ),
  rmw(
    "atomic_xsub",
    onBits((a, b) => a - b),
  ),
  rmw(
    "atomic_and",
    onBits((a, b) => a & b),
  ),
  rmw(
    "atomic_nand",
    onBits((a, b) => ~(a & b)),
  ),
  rmw(
    "atomic_or",
    onBits((a, b) => a | b),
  ),
  rmw(
    "atomic_xor",
    onBits((a, b) => a ^ b),
  ),
  rmw(
    "atomic_max",
    onBits((a, b, w) => (signed(a, w) > signed(b, w) ? a : b)),
  ),
  rmw(
    "atomic_min",
    onBits((a, b, w) => (signed(a, w) < signed(b, w) ? a : b)),
  ),
  rmw(
    "atomic_umax",
    onBits((a, b) => (a > b ? a : b)),
  ),
  rmw(
    "atomic_umin",
    onBits((a, b) => (a < b ? a : b)),
  ),
  {
    name: "atomic_cxchg",
    signature:
      "unsafe fn atomic_cxchg<T: Copy, const SUCC: AtomicOrdering, const FAIL: AtomicOrdering>(dst: *mut T, old: T, src: T) -> (T, bool)",
    byPrefix: true,
    run: (call) => compareExchange(call, false),
  },
  {
    name: "atomic_cxchgweak",
    signature:
      "unsafe fn atomic_cxchgweak<T: Copy, const SUCC: AtomicOrdering, const FAIL: AtomicOrdering>(dst: *mut T, old: T, src: T) -> (T, bool)",
    byPrefix: true,
    run: (call) => compareExchange(call, true),
  },
  {
    name: "atomic_fence",
    signature: "unsafe fn atomic_fence<const ORD: AtomicOrdering>()",
    byPrefix: true,
    run: (call) => detector(call)?.fence(call.vm.thread.id, ordering(call)),
  },
  {
    name: "atomic_singlethreadfence",
    signature: "unsafe fn atomic_singlethreadfence<const ORD: AtomicOrdering>()",
    byPrefix: true,
    run: () => undefined,
  },
];
