/**
 * Programs as custom MIR Rust source: a crate of one module per program, for rustc from 1.85 on (see `support.ts` for what was probed) under `RUSTC_BOOTSTRAP=1`.
 *
 * The crate needs a runtime: a module `runtime` with `observe_scalar` and `mirwatch_panic` (see `glue`), a `main`, and a panic handler. It finds
 * the runs in `CASES`: their numbers and functions.
 */

import { entryPoints, type Program } from "../program.ts";
import type { FnItem } from "../syntax.ts";
import { type BodyForm, writeFn } from "./body.ts";
import { Glue } from "./glue.ts";
import { writeAdts } from "./items.ts";
import { rustIdent } from "./rust-names.ts";
import { NEWEST_RUSTC, type RustcVersion, UnsupportedError } from "./support.ts";

export interface CustomMirOptions {
  /** What the source is for; the newest known release when absent. */
  readonly version?: RustcVersion;
  /** How bodies are written: to be read (the default of a single program), or to be compiled fast (that of a batch). */
  readonly form?: BodyForm;
}

export type CustomMirResult =
  | { readonly kind: "ok"; readonly source: string }
  | { readonly kind: "unsupported"; readonly reason: string };

/** One program of a batch: the runs in it have the numbers from `firstCase` on. */
export interface CustomMirPart {
  readonly program: Program;
  readonly entries: readonly FnItem[];
  readonly firstCase: number;
}

export interface CustomMirBatch {
  readonly source: string;
  /** Parts (by position) that custom MIR cannot express, with the reason. */
  readonly skipped: ReadonlyMap<number, string>;
}

const HEAD = `#![no_std]
#![no_main]
#![allow(warnings, arithmetic_overflow, unconditional_panic, overflowing_literals, internal_features)]
#![feature(custom_mir, core_intrinsics, never_type)]
`;

/** What stands between the programs and the runtime. */
const GLUE_HEAD = `extern "C" {
    fn observe_scalar(kind: u32, tag: u32, low: u64, high: u64);
    fn mirwatch_panic(code: u32) -> !;
}
#[inline(always)]
pub fn scalar(kind: u32, tag: u32, low: u64, high: u64) { unsafe { observe_scalar(kind, tag, low, high) } }
#[cold]
#[inline(never)]
pub fn panic(code: u32) -> ! { unsafe { mirwatch_panic(code) } }
`;

/** `program` as a crate of its own, its entry points the cases from 0 on. */
export function printCustomMir(program: Program, options: CustomMirOptions = {}): CustomMirResult {
  const batch = printCustomMirBatch([{ program, entries: entryPoints(program), firstCase: 0 }], {
    form: "macro",
    ...options,
  });
  const reason = batch.skipped.get(0);
  return reason === undefined ? { kind: "ok", source: batch.source } : { kind: "unsupported", reason };
}

/** All of `parts` as one crate. */
export function printCustomMirBatch(parts: readonly CustomMirPart[], options: CustomMirOptions = {}): CustomMirBatch {
  const version = options.version ?? NEWEST_RUSTC;
  const form = options.form ?? "expanded";
  const shared = new Glue("crate::glue::");
  const skipped = new Map<number, string>();
  const modules: string[] = [];
  const cases: string[] = [];
  parts.forEach((part, i) => {
    const written = writeModule(part.program, `p${i}`, shared, { version, form });
    if (written.kind === "unsupported") {
      skipped.set(i, written.reason);
      return;
    }
    modules.push(written.source);
    part.entries.forEach((entry, k) => {
      cases.push(`    (${part.firstCase + k}, p${i}::${rustIdent(entry.name)}),\n`);
    });
  });
  const table = `pub static CASES: [(u32, fn()); ${cases.length}] = [\n${cases.join("")}];\n`;
  const glue = `pub mod glue {\n${GLUE_HEAD}${shared.functions.join("")}}\n`;
  return { source: `${HEAD}${modules.join("")}${glue}${table}`, skipped };
}

function writeModule(
  program: Program,
  name: string,
  shared: Glue,
  how: { readonly version: RustcVersion; readonly form: BodyForm },
): CustomMirResult {
  const glue = new Glue("", shared);
  try {
    const adts = writeAdts(program);
    const functions: string[] = [];
    for (const item of program.functions) {
      if (item.kind === "fn" && item.body !== undefined)
        functions.push(writeFn(item, { tcx: program.tcx, glue, ...how }));
      else if (item.kind === "fn") throw new UnsupportedError(`the function ${item.name} has no body`);
    }
    const source = `pub mod ${name} {\nuse core::intrinsics::mir::*;\n${adts}${functions.join("")}${glue.functions.join("")}}\n`;
    return { kind: "ok", source };
  } catch (error) {
    if (error instanceof UnsupportedError) return { kind: "unsupported", reason: error.message };
    throw error;
  }
}
