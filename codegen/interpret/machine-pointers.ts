/**
 * Instructions on pointers as values: comparisons, addresses, functions.
 *
 * The numbers of the cases are those of `OPCODES`, as in `execute.ts`.
 */

import { bug } from "../entity/entity.ts";
import { less64 } from "./int64.ts";
import { failRead, failReads, pointersEqual } from "./machine-ops.ts";
import { NO_PROVENANCE, WILDCARD } from "./memory.ts";
import type { Vm } from "./vm.ts";

/** Executes the instruction at `at`; answers where the next one is. */
export function pointerOp(vm: Vm, code: Int32Array, at: number): number {
  const { R, S } = vm.regs;
  const { memory: m, fn, fp } = vm;
  switch (code[at]) {
    case 152: {
      // PtrEq
      const a = fp + code[at + 2]!;
      const b = fp + code[at + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[at + 1]!;
      R[d] = pointersEqual(m, R, a, b) ? code[at + 4]! : code[at + 4]! ^ 1;
      S[d] = 1;
      return at + 5;
    }
    case 153: {
      // PtrLess
      const a = fp + code[at + 2]!;
      const b = fp + code[at + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[at + 1]!;
      if (m.allocationOf(R[a + 2]!) !== m.allocationOf(R[b + 2]!)) m.addressObserved = true;
      const result = code[at + 4] === 1 ? !less64(R, b, a, false) : less64(R, a, b, false);
      R[d] = result ? 1 : 0;
      S[d] = 1;
      return at + 5;
    }
    case 155: {
      // Expose
      const a = fp + code[at + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[at + 1]!;
      if (R[a + 2] !== NO_PROVENANCE) {
        m.addressObserved = true;
        m.position = fn.positionBase + at;
        m.expose(R[a + 2]!);
      }
      R[d] = R[a]!;
      R[d + 1] = R[a + 1]!;
      S[d] = 1;
      return at + 3;
    }
    case 156: {
      // FromExposed
      const a = fp + code[at + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[at + 1]!;
      R[d] = R[a]!;
      R[d + 1] = R[a + 1]!;
      R[d + 2] = WILDCARD;
      S[d] = 1;
      return at + 3;
    }
    case 157: {
      // FnPtr
      const d = fp + code[at + 1]!;
      const id = vm.fnAllocation(code[at + 2]!);
      R[d] = m.base[id]!;
      R[d + 1] = 0;
      R[d + 2] = id;
      S[d] = 1;
      return at + 3;
    }
    default:
      throw bug(`opcode ${code[at]}`);
  }
}
