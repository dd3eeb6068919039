/**
 * What custom MIR can express, by version of rustc.
 *
 * Custom MIR is the `core::intrinsics::mir` module: Rust source whose function bodies are MIR. Each row names a construct and the first
 * release that it is written for (as a minor version of 1.x). The rows were probed with rustc 1.95, 1.96 and nightly 1.97; that 1.85 to
 * 1.94 take the same is the design's claim and untested here. Where a construct is not there, the program is skipped with the row's reason.
 */

/** A release of rustc; only 1.x exist. */
export interface RustcVersion {
  readonly major: number;
  readonly minor: number;
}

/** What is assumed when no version is given: everything in the table. */
export const NEWEST_RUSTC: RustcVersion = { major: 1, minor: 97 };

export type Construct =
  | "customMir"
  | "threeWayCompare"
  | "uncheckedShift"
  | "uncheckedArithmetic"
  | "rawBorrow"
  | "unwindCleanup"
  | "unwindTerminate";

interface SupportRow {
  /** The first minor version; `undefined` when none does. */
  readonly since: number | undefined;
  readonly reason: string;
}

export const CUSTOM_MIR_SUPPORT: Readonly<Record<Construct, SupportRow>> = {
  customMir: { since: 85, reason: "custom MIR of this form needs rustc 1.85" },
  threeWayCompare: { since: 85, reason: "`Cmp` needs the intrinsic three_way_compare" },
  uncheckedShift: { since: 85, reason: "unchecked shifts need an intrinsic with two types" },
  uncheckedArithmetic: { since: 85, reason: "unchecked arithmetic needs its intrinsics" },
  rawBorrow: { since: 85, reason: "`&raw` needs stable syntax" },
  unwindCleanup: { since: undefined, reason: "cleanup blocks are not written: programs abort on panic" },
  unwindTerminate: { since: undefined, reason: "unwind terminate is not written: programs abort on panic" },
};

/** Why `version` does not take `construct`; `undefined` when it does. */
export function lacks(version: RustcVersion, construct: Construct): string | undefined {
  const { since, reason } = CUSTOM_MIR_SUPPORT[construct];
  return since !== undefined && (version.major > 1 || version.minor >= since) ? undefined : reason;
}

/** A program that custom MIR cannot express. Thrown inside the writer, caught at its door. */
export class UnsupportedError extends Error {}

/** @throws UnsupportedError unless `version` takes `construct`. */
export function need(version: RustcVersion, construct: Construct): void {
  const reason = lacks(version, construct);
  if (reason !== undefined) throw new UnsupportedError(reason);
}
