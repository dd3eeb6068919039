/**
 * Finds the tags that some pointer still has, so that the aliasing model can forget the others.
 *
 * Registers and memory are scanned whole, without asking what lives: a stale pointer keeps its tag for a while longer.
 */

import { FIRST_TAG } from "./borrow-tracker/violation.ts";
import { HEAP_BASE, POINTER_BYTE } from "./memory.ts";
import type { Vm } from "./vm.ts";

/** Of a word of marks: the bits of those bytes that are neither `UNINIT` nor `INIT`. */
const UNUSUAL = ~0x01010101;

/** Forgets the tags of this run that nothing has any more. */
export function collectTags(vm: Vm): void {
  const { memory: m, threads } = vm;
  const { borrow } = m;
  if (borrow === undefined) return;
  const isLive = new Uint8Array(borrow.tagCount());
  const mark = (tag: number): void => {
    if (tag >= FIRST_TAG && tag - FIRST_TAG < isLive.length) isLive[tag - FIRST_TAG] = 1;
  };
  mark(vm.eaTag);
  const { fn } = vm;
  let scanned = markRegisters(vm, 0, vm.fp + fn.frameWords + fn.outWords, mark);
  scanned += markMemory(vm, 0, vm.mp + fn.frameMemory + fn.outMemory, mark);
  for (const thread of threads.all()) {
    if (thread !== vm.thread && thread.fn !== undefined)
      markRegisters(vm, thread.registerBase, thread.fp + thread.fn.frameWords + thread.fn.outWords, mark);
  }
  if (threads.several) scanned += markMemory(vm, 0, HEAP_BASE, mark);
  scanned += markMemory(vm, HEAP_BASE, m.heapEnd(), mark);
  borrow.retainTags(isLive, scanned);
  m.syncTracker();
}

/** How many words it looked at. */
function markRegisters(vm: Vm, from: number, to: number, mark: (tag: number) => void): number {
  const { R } = vm.regs;
  for (let a = from; a < to; a += 4) if (R[a + 2]! >= FIRST_TAG) mark(R[a + 2]!);
  return (to - from) >> 2;
}

/** How many words it looked at. */
function markMemory(vm: Vm, from: number, to: number, mark: (tag: number) => void): number {
  const { marks, prov } = vm.memory;
  const words = new Int32Array(marks.buffer);
  const end = Math.min(to, marks.length);
  const last = (end + 3) >> 2;
  for (let word = from >> 2; word < last; word++) {
    if ((words[word]! & UNUSUAL) === 0) continue;
    for (let at = word << 2; at < (word + 1) << 2; at++) {
      // Any byte of a pointer may be what is left of it.
      if (marks[at]! >= POINTER_BYTE && marks[at]! < POINTER_BYTE + 8) mark(prov[at]!);
    }
  }
  return Math.max(0, last - (from >> 2));
}
