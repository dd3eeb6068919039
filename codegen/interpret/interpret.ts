/**
 * The reference interpreter: what a program means.
 *
 * It runs MIR as rustc and Miri define it and says of every run what it observed, how it ended, and, when it had undefined behaviour,
 * which and where. `UbKind` lists what is detected. Where MIR's meaning is open the interpreter takes the strict side, so that a program
 * without a report here has none under any reading:
 *
 * - a move leaves its place uninitialised, everywhere, not only in calls (unless `moves: "copy"` asks for Miri's meaning);
 * - alignment is judged by allocation and offset, never by the luck of an address;
 * - padding does not survive a copy;
 * - the destination of an aggregate or a repeat, and of a copy of what lives in memory, may not overlap an operand;
 * - during a call the return place and moved arguments may be neither read nor written by the callee, nor be the same place;
 * - a function pointer is called at a type that core promises to be compatible with the function's.
 *
 * What Rust leaves to the implementation is not undefined, but a program that shows it is no evidence either: `nanBitsObserved` says that
 * the bits of a NaN reached an integer, `addressObserved` that an address or an order of unrelated addresses did, `openFloatObserved` that a
 * float was computed whose value an implementation may choose.
 *
 * Aliasing is by Tree Borrows, or Stacked Borrows, or not checked, as the options say. Threads (`thread_spawn` and its like) are interleaved by a seed, their
 * races detected; weak memory is modelled for relaxed loads. Memory that is never freed is no undefined behaviour.
 *
 * Integers of up to 64 bits never use BigInt on the usual paths; see `execute.ts` for the bytecode.
 */

import { bug } from "../entity/entity.ts";
import type { LayoutCx } from "../layout/layout.ts";
import type { Program } from "../mir/program.ts";
import type { FnItem } from "../mir/syntax.ts";
import { MAX_EVENTS_PER_CASE } from "../runtime/events.ts";
import { PreparedProgram, type PrepareOptions } from "./compile.ts";
import { constEvaluator } from "./const-eval.ts";
import { Machine, type Outcome, WEAK_FAILURE_RATE } from "./machine.ts";

export type { Outcome } from "./machine.ts";
export type { UbError, UbFrame, UbKind } from "./ub.ts";

export interface InterpretOptions {
  /** Statements and terminators that a run may take. */
  readonly fuel: number;
  /** Records that a run may write; `MAX_EVENTS_PER_CASE` by default. */
  readonly maxEvents?: number;
  /** Of the scheduler of threads, and of whatever else Rust leaves to chance; 0 by default. */
  readonly seed?: number;
  /** The probability that a compare-exchange that may fail spuriously does; Miri's 0.8 by default. */
  readonly weakFailureRate?: number;
}

export interface RunResult {
  readonly outcome: Outcome;
  /** The records that the run wrote, as in `runtime/events.ts`, a panic's included. */
  readonly events: Uint8Array;
  /** Statements and terminators that ran. After undefined behaviour, those of the blocks before it. */
  readonly steps: number;
  readonly nanBitsObserved: boolean;
  readonly addressObserved: boolean;
  /** A float was computed that Rust leaves open: which zero `min` of two zeros is, the last bits of a sine. */
  readonly openFloatObserved: boolean;
  /** A panic unwound into a cleanup block, or was caught: where panics abort, the run may end otherwise. */
  readonly unwound: boolean;
}

/** Makes `program` ready to run. Bodies are compiled when they are first called. */
export function prepareProgram(program: Program, layout: LayoutCx, options: PrepareOptions = {}): PreparedProgram {
  const prepared = new PreparedProgram(program, layout, options);
  prepared.traits.constEvaluator ??= constEvaluator(program, layout.dataLayout);
  return prepared;
}

/** One machine serves all runs: its memory is cleared, not made anew. */
let machine: Machine | undefined;

/**
 * Runs `entry`, a function without parameters and without generics. Runs share nothing.
 *
 * @throws nothing for what a program does: that is the `outcome`.
 */
export function interpretEntry(prepared: PreparedProgram, entry: FnItem, options: InterpretOptions): RunResult {
  if (entry.params.length > 0 || entry.generics.length > 0) throw bug(`the entry ${entry.name} has parameters`);
  machine ??= new Machine();
  const index = prepared.instance(entry, []);
  const { fuel, maxEvents = MAX_EVENTS_PER_CASE, seed = 0, weakFailureRate = WEAK_FAILURE_RATE } = options;
  const outcome = machine.run(prepared, index, { fuel, maxEvents, seed, weakFailureRate });
  return {
    outcome,
    events: machine.events.take(),
    steps: machine.steps,
    nanBitsObserved: machine.memory.nanBitsObserved,
    addressObserved: machine.memory.addressObserved,
    openFloatObserved: machine.memory.openFloatObserved,
    unwound: machine.unwound,
  };
}

/** Which blocks ran, over all runs so far of a program prepared with `coverage`. */
export interface FunctionCoverage {
  readonly item: FnItem;
  /** By block: 1 when it ran. */
  readonly blocks: Uint8Array;
}

/** The coverage of every function that was called. */
export function coverageOf(prepared: PreparedProgram): FunctionCoverage[] {
  return prepared.compiled().map(({ item, covered }) => ({ item, blocks: covered }));
}
