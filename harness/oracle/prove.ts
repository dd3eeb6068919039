/**
 * Proof by the interpreter that a program may serve as evidence: no run has undefined behaviour, runs out of fuel, or depends on what
 * Rust leaves open (the bits of a NaN, the sign of a zero that `min` chose, the address of an allocation).
 */

import {
  entryPoints,
  HOST_TARGET,
  interpretEntry,
  LayoutCx,
  type Program,
  prepareProgram,
  type RunResult,
} from "../../codegen/index.ts";
import type { CheckedProgram, ExpectedRun } from "../subjects/subject.ts";

/** MIR steps that a run of a generated program may take. */
export const FUEL = 200_000;

export interface ProofOptions {
  /** MIR steps that a run may take; `FUEL` by default. */
  readonly fuel?: number;
  /** Addresses are aligned as they happen to be, not as types promise: code that aligns pointers by their addresses needs that. */
  readonly alignment?: "symbolic" | "address";
  /** The program may look at addresses: somebody vouches that what it observes depends on none. */
  readonly trustAddresses?: boolean;
}

/** For a program that somebody gives. */
export const GIVEN: ProofOptions = { fuel: 50_000_000, alignment: "address" };

export type Proof =
  | { readonly kind: "proved"; readonly checked: CheckedProgram }
  | { readonly kind: "rejected"; readonly reason: string };

/** Interprets all entry points of `program`. */
export function proveProgram(program: Program, index = 0, options: ProofOptions = {}): Proof {
  const { fuel = FUEL, alignment = "symbolic", trustAddresses = false } = options;
  const entries = entryPoints(program);
  if (entries.length === 0) return { kind: "rejected", reason: "the program has no entry point (`main` or `input_N`)" };
  const layout = new LayoutCx(program.tcx, HOST_TARGET.dataLayout);
  const prepared = prepareProgram(program, layout, { alignment });
  const runs: ExpectedRun[] = [];
  for (const entry of entries) {
    const expected = interpretEntry(prepared, entry, { fuel });
    const reason = rejection(trustAddresses ? { ...expected, addressObserved: false } : expected);
    if (reason !== undefined) return { kind: "rejected", reason: `${entry.name}: ${reason}` };
    runs.push({ entry, expected });
  }
  return { kind: "proved", checked: { program, index, runs } };
}

/** Why a run is no evidence; `undefined` when it is. */
export function rejection(run: RunResult): string | undefined {
  switch (run.outcome.kind) {
    case "return":
    case "panic":
      if (run.nanBitsObserved) return "its result depends on the bits of a NaN";
      if (run.openFloatObserved) return "its result depends on a float that Rust leaves open";
      return run.addressObserved ? "its result depends on an address" : undefined;
    case "abort":
      return `the process aborts: ${run.outcome.message}`;
    case "ub":
      return `undefined behaviour: ${run.outcome.error.message}`;
    case "unsupported":
      return `not supported: ${run.outcome.what}`;
    case "outOfFuel":
      return `no end after ${run.steps} steps`;
    case "resourceExhaustion":
      return `more than the interpreter gives: ${run.outcome.what}`;
    case "deadlock":
      return "every thread waits for another";
    case "eventLimit":
      return "too many events";
  }
}
