/**
 * Interning: what a constant's value points to outlives the evaluation of the constant.
 *
 * A constant's body may borrow its own locals, as promoteds do (`_1 = [1, 2]; _0 = &_1`). Once it has returned, each such local that the
 * value leads to becomes a global of its own, and the pointers to it are changed to point there.
 *
 * Source: rustc_const_eval/src/interpret/intern.rs.
 */

import { GLOBAL, LIVE, type Memory, POINTER_BYTE, READ_ONLY, STACK } from "./memory.ts";

/** The frame that a constant was evaluated in: its memory, and the first allocation that was made there. */
export interface EvaluatedFrame {
  readonly start: number;
  readonly end: number;
  readonly firstAllocation: number;
}

/** Interns what the `size` bytes at `at` lead to. `isMutable`: a static may write to it later. */
export function intern(m: Memory, frame: EvaluatedFrame, at: number, size: number, isMutable: boolean): void {
  const interned = new Map<number, number>();
  const ranges: { at: number; size: number }[] = [{ at, size }];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    for (let p = range.at; p + 8 <= range.at + range.size; p++) {
      if (m.marks[p] !== POINTER_BYTE) continue;
      const old = m.allocationOf(m.prov[p]!);
      if (!isLocalOf(m, frame, old)) continue;
      let made = interned.get(old);
      if (made === undefined) {
        made = m.allocateHeap(m.size[old]!, m.align[old]!, GLOBAL);
        m.copyRaw(m.base[old]!, m.base[made]!, m.size[old]!);
        m.state[made] = isMutable ? LIVE : READ_ONLY;
        interned.set(old, made);
        ranges.push({ at: m.base[made]!, size: m.size[made]! });
      }
      const offset = m.view.getInt32(p, true) - m.base[old]!;
      m.storePointer(p, m.base[made]! + offset, 0, made);
    }
  }
}

function isLocalOf(m: Memory, frame: EvaluatedFrame, id: number): boolean {
  const base = m.base[id]!;
  return id >= frame.firstAllocation && m.kind[id] === STACK && base >= frame.start && base <= frame.end;
}
