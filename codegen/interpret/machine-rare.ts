/** The instructions that are no part of the loop and need more of the machine than registers, by the file that they are in. */

import { extraOp } from "./machine-extra.ts";
import { memoryOp } from "./machine-memory.ts";
import { observeOp } from "./machine-observe.ts";
import { pointerOp } from "./machine-pointers.ts";
import type { Vm } from "./vm.ts";

/** Executes the instruction at `at`, whose state is written back; answers where the next one is. */
export function rareOp(vm: Vm, code: Int32Array, at: number): number {
  const op = code[at]!;
  if (op > 190) return extraOp(vm, code, at);
  if (op > 170) return observeOp(vm, code, at);
  return op > 151 ? pointerOp(vm, code, at) : memoryOp(vm, code, at);
}
