/**
 * Places that nobody but the callee's own return or argument may touch while it runs: where its result goes, and what its arguments were
 * moved from (Miri's `protect_in_place_function_argument`).
 */

import type { Tag } from "./borrow-tracker/violation.ts";
import { LIVE } from "./memory.ts";
import { collectTags } from "./tag-gc.ts";
import type { Vm } from "./vm.ts";

/** Protects `size` bytes at the address that register `a` (from the start of the file) holds, for the call that is about to begin. */
export function protectPlace(vm: Vm, a: number, size: number): void {
  const { memory: m, depth } = vm;
  const { R } = vm.regs;
  const tag = R[a + 2]!;
  const { borrow } = m;
  const id = borrow === undefined ? 0 : m.resolve(R[a]!, R[a + 1]!, tag, size);
  // That a result goes where nothing may be written is said when it is written.
  if (borrow === undefined || id <= 0 || m.state[id] !== LIVE) return;
  if (borrow.collectionDue) collectTags(vm);
  borrow.position = m.position;
  borrow.protectPlace(id, tag as Tag, R[a]! - m.base[id]!, size, depth + 1);
  m.syncTracker();
}

/** Ends the protections of the call that has returned. */
export function endPlaceProtection(vm: Vm): void {
  const { memory: m, depth } = vm;
  if (m.borrow?.hasProtectors(depth + 1) !== true) return;
  m.borrow.position = m.position;
  m.borrow.protectorEnd(depth + 1);
}
