/**
 * What custom MIR can express with one rustc, and why a program is not written.
 *
 * Custom MIR is the `core::intrinsics::mir` module: Rust source whose function bodies are MIR. It changes from release to release, so what a rustc
 * takes is asked (`probes.ts`), never derived from its version. A program that needs more is skipped with the reason.
 */

import { formConstruct, INTRINSIC_FORMS } from "./intrinsics.ts";
import { type Construct, LANGUAGE_PROBES } from "./probes.ts";

/** What one rustc takes. */
export type RustcSupport = ReadonlySet<Construct>;

/** A program that custom MIR cannot express. Thrown inside the writer, caught at its door. */
export class UnsupportedError extends Error {}

/** @throws UnsupportedError unless `support` has `construct`. Without a `support` everything is there. */
export function need(support: RustcSupport | undefined, construct: Construct): void {
  if (support !== undefined && !support.has(construct))
    throw new UnsupportedError(`this rustc does not take: ${construct}`);
}

/** How much of custom MIR a rustc takes: constructs of the language, and intrinsics under whichever of their names. */
export interface CustomMirTaken {
  readonly taken: number;
  readonly of: number;
  /** What it does not take. */
  readonly rejected: readonly string[];
}

/** The two ways to write a scalar that has some values only. */
const RANGES: ReadonlySet<Construct> = new Set(["validRange", "patternType"]);

/** Counts what `support` has of everything that is written. */
export function countTaken(support: RustcSupport): CustomMirTaken {
  const language = LANGUAGE_PROBES.map(({ construct }) => construct);
  // Either serves where the other is gone.
  const range = support.has("validRange") || support.has("patternType");
  const isTaken = (construct: Construct): boolean => support.has(construct) || (range && RANGES.has(construct));
  const intrinsics = [...INTRINSIC_FORMS].filter(
    ([, forms]) => !forms.some((form) => support.has(formConstruct(form))),
  );
  const rejected = [
    ...language.filter((construct) => !isTaken(construct)),
    ...intrinsics.map(([name]) => `intrinsic ${name}`),
  ];
  const of = language.length + INTRINSIC_FORMS.size;
  return { taken: of - rejected.length, of, rejected: rejected.sort() };
}
