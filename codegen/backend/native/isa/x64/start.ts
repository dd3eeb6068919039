/**
 * `_start` of an x86-64 Linux executable: calls `mirwatch_start` with the initial stack pointer.
 *
 * The kernel enters with the argument count at the stack pointer, and the pointer a multiple of 16 (System V AMD64 ABI 3.4.1).
 */

import { MachBuffer } from "../../machinst/buffer.ts";
import type { CompiledFunction } from "../../machinst/compile.ts";
import { BRANCH_SHAPE } from "./branch.ts";
import { encodeReg } from "./encode.ts";
import { Form } from "./instructions.ts";
import { Gpr } from "./registers.ts";

/** The function that `_start` calls: `fn(stack: *const usize) -> !`. */
export const START_CALLEE = "mirwatch_start";

export function startStub(): CompiledFunction {
  const buffer = new MachBuffer(BRANCH_SHAPE);
  encodeReg(buffer, Form.movq_rm, Gpr.RDI, Gpr.RSP, 0, 0, 0);
  encodeReg(buffer, Form.andq_mi_sxb, 0, Gpr.RSP, -16, 0, 0);
  buffer.put1(0xe8);
  buffer.putSymbol4(START_CALLEE, -4, true);
  encodeReg(buffer, Form.ud2, 0, 0, 0, 0, 0);
  const code = buffer.finish();
  return {
    symbol: "_start",
    isLocal: false,
    code,
    relocs: buffer.relocs,
    rodata: new Uint8Array(0),
    rodataAlign: 1,
    frameBytes: 8,
  };
}
