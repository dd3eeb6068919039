/** The machine as the loop over the bytecode uses it. */

import type { CompiledFn } from "./compile.ts";
import type { Vm } from "./vm.ts";

/** The call stack is by depth: who called, and where it goes on. */
export interface LoopState extends Vm {
  readonly callers: CompiledFn[];
  readonly returnPc: Int32Array;
  readonly callerFp: Int32Array;
  readonly callerMp: Int32Array;
  /** Writes the state back. */
  save(fn: CompiledFn, pc: number, fp: number, mp: number, depth: number, left: number): void;
  /** Sets up the frame of `fn`; its arguments are there already. */
  enter(fn: CompiledFn, fp: number, mp: number): void;
  /** Makes room for the running thread's stack up to `end`; false when it may not have that much. */
  reserveStack(end: number): boolean;
}
