/**
 * The rarer instructions on memory: 128-bit values, repeats, what a callee may not have written.
 *
 * The numbers of the cases are those of `OPCODES`, as in `execute.ts`.
 */

import { bug } from "../entity/entity.ts";
import { failRead } from "./machine-ops.ts";
import { UbTrap } from "./ub.ts";
import type { Vm } from "./vm.ts";

/** Executes the instruction at `at`; answers where the next one is. */
export function memoryOp(vm: Vm, code: Int32Array, at: number): number {
  const { R, S } = vm.regs;
  const { memory: m, fp } = vm;
  switch (code[at]) {
    case 25: {
      // Ld128
      const from = vm.ea + code[at + 2]!;
      m.checkInit(from, 16);
      const d = fp + code[at + 1]!;
      R[d] = m.view.getInt32(from, true);
      R[d + 1] = m.view.getInt32(from + 4, true);
      R[d + 2] = m.view.getInt32(from + 8, true);
      R[d + 3] = m.view.getInt32(from + 12, true);
      S[d] = 1;
      return at + 3;
    }
    case 37: {
      // St128
      const a = fp + code[at + 1]!;
      if (S[a] !== 1) failRead(S[a]!);
      const to = vm.ea + code[at + 2]!;
      for (let k = 0; k < 4; k++) {
        m.view.setInt32(to + 4 * k, R[a + k]!, true);
        m.markView.setInt32(to + 4 * k, 0x01010101, true);
      }
      return at + 3;
    }
    case 43: {
      // Repeat
      const size = code[at + 1]!;
      const total = size * code[at + 2]!;
      for (let done = size; done < total; ) {
        const chunk = Math.min(done, total - done);
        m.bytes.copyWithin(vm.ea + done, vm.ea, vm.ea + chunk);
        m.marks.copyWithin(vm.ea + done, vm.ea, vm.ea + chunk);
        m.prov.copyWithin(vm.ea + done, vm.ea, vm.ea + chunk);
        done += chunk;
      }
      return at + 3;
    }
    case 46: {
      // CheckUninit
      if (!m.isUninit(R[fp + code[at + 1]!]!, code[at + 2]!)) {
        throw new UbTrap("protectedPlace", "the callee wrote to the return place or to a moved argument");
      }
      return at + 3;
    }
    default:
      throw bug(`opcode ${code[at]}`);
  }
}
