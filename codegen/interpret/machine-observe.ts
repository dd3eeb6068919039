/**
 * What a program observes.
 *
 * The numbers of the cases are those of `OPCODES`, as in `execute.ts`.
 */

import { bug } from "../entity/entity.ts";
import { observeMemory, observeWords, observeZst } from "./events.ts";
import { failRead, failReads } from "./machine-ops.ts";
import type { Vm } from "./vm.ts";

/** Executes the instruction at `at`; answers where the next one is. */
export function observeOp(vm: Vm, code: Int32Array, at: number): number {
  const { R, S } = vm.regs;
  const { memory: m, events, fp } = vm;
  const { table } = vm.prepared;
  switch (code[at]) {
    case 171: {
      // Observe
      const t = fp + code[at + 1]!;
      const a = fp + code[at + 2]!;
      if ((S[a]! & S[t]!) !== 1) failReads(S[a]!, S[t]!);
      observeWords(events, code[at + 3]!, code[at + 4]!, R[t]!, R, a);
      return at + 5;
    }
    case 172: {
      // ObserveMem
      const t = fp + code[at + 1]!;
      if (S[t] !== 1) failRead(S[t]!);
      observeMemory(events, m, table, table.infos[code[at + 2]!]!, R[t]!, vm.ea);
      return at + 3;
    }
    case 173: {
      // ObserveZst
      const t = fp + code[at + 1]!;
      if (S[t] !== 1) failRead(S[t]!);
      observeZst(events, table, table.infos[code[at + 2]!]!, R[t]!);
      return at + 3;
    }
    case 174: {
      // ObserveRecord
      const k = fp + code[at + 1]!;
      const t = fp + code[at + 2]!;
      const a = fp + code[at + 3]!;
      const b = fp + code[at + 4]!;
      if ((S[k]! & S[t]! & S[a]! & S[b]!) !== 1) failRead(0);
      events.push(R[k]!, R[t]!, R[a]!, R[a + 1]!, R[b]!, R[b + 1]!);
      return at + 5;
    }
    default:
      throw bug(`opcode ${code[at]}`);
  }
}
