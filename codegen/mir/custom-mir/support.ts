/**
 * What custom MIR can express with one rustc, and why a program is not written.
 *
 * Custom MIR is the `core::intrinsics::mir` module: Rust source whose function bodies are MIR. It changes from release to release, so what a rustc
 * takes is asked (`probes.ts`), never derived from its version. A program that needs more is skipped with the reason.
 */

import type { Construct } from "./probes.ts";

/** What one rustc takes. */
export type RustcSupport = ReadonlySet<Construct>;

/** A program that custom MIR cannot express. Thrown inside the writer, caught at its door. */
export class UnsupportedError extends Error {}

/** @throws UnsupportedError unless `support` has `construct`. Without a `support` everything is there. */
export function need(support: RustcSupport | undefined, construct: Construct): void {
  if (support !== undefined && !support.has(construct))
    throw new UnsupportedError(`this rustc does not take: ${construct}`);
}
