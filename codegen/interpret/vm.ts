/**
 * The machine as its parts in other files see it: the state of what runs, written back before any of them is called.
 */

import type { Ty } from "../mir/ty.ts";
import type { CompiledFn, PreparedProgram } from "./compile.ts";
import type { Random } from "./concurrency/random.ts";
import type { EventLog } from "./events.ts";
import type { Globals } from "./globals.ts";
import type { Memory } from "./memory.ts";
import type { Registers } from "./registers.ts";
import type { Thread, Threads } from "./threads.ts";
import type { PointerWords } from "./typed-copy.ts";
import { ResourceExhaustion } from "./ub.ts";
import type { VaArgument } from "./va-list.ts";

/** A panic under way. */
export interface Panic {
  /** A `PanicCode`, or `EXPLICIT_PANIC`. */
  readonly code: number;
  readonly message: string | undefined;
}

/** The code of a panic with a message of the program's own. */
export const EXPLICIT_PANIC = 0;

export interface Vm {
  readonly regs: Registers;
  readonly memory: Memory;
  readonly events: EventLog;
  readonly globals: Globals;
  readonly threads: Threads;
  prepared: PreparedProgram;
  thread: Thread;
  fn: CompiledFn;
  pc: number;
  fp: number;
  mp: number;
  depth: number;
  /** Steps left. */
  left: number;
  ea: number;
  eaTag: number;
  panic: Panic | undefined;
  /** What `UNWINDING` does in the frame where it is thrown. */
  unwindAction: number;
  /** What Rust leaves to chance, by the run's seed; threads have their own. */
  readonly random: Random;
  /** How likely a compare-exchange that may fail spuriously does. */
  weakFailureRate: number;
  /** The arguments of C-variadic calls, by the number in their `VaList`. */
  readonly vaLists: (readonly VaArgument[])[];
  /** How many evaluations of constants are under way. */
  readonly nesting: number;
  /** The frames of the running thread, innermost first. */
  frames(): { readonly fn: CompiledFn; readonly pc: number }[];
  /** The allocation that a function's pointers point to. */
  fnAllocation(index: number): number;
  /** What calls the function that the pointer in register `a` (from the start of the file), of type number `ty`, points to. @throws UbTrap */
  calleeAt(a: number, ty: number): CompiledFn;
  /** Starts a thread that calls a function pointer of type `ty` with a pointer; its number. @throws UbTrap */
  spawn(fn: PointerWords, ty: Ty, argument: PointerWords): number;
  /** Runs the instance `index` on top of the running frame, and copies its result to `at`. @throws NestedOutcome */
  evaluate(index: number, at: number, mutable: boolean): void;
}

/** Thrown to leave the loop: fuel or a thread's slice is used up. */
export const EXPIRED: object = { name: "EXPIRED" };
/** … a panic unwinds, beginning with `unwindAction` in the running frame. */
export const UNWINDING: object = { name: "UNWINDING" };
/** … the running thread's function, or the function of a nested run, has returned. */
export const FINISHED: object = { name: "FINISHED" };
/** … another thread is to run, this one going on after the instruction. */
export const YIELDED: object = { name: "YIELDED" };

/** Thrown to end the run. */
export class Abort extends Error {}

/** To be thrown when a frame has no room. */
export function stackOverflow(): ResourceExhaustion {
  return new ResourceExhaustion("a call stack that deep");
}
