/**
 * Programs as custom MIR Rust source: a crate of one module per program, for a rustc under `RUSTC_BOOTSTRAP=1`.
 *
 * The crate needs a runtime: a module `runtime` with `observe_scalar` and `mirwatch_panic` (see `GLUE_HEAD`), a `main`, and a panic handler; one whose
 * programs unwind needs `mirwatch_unwind` and std, too. It finds the runs in `CASES`: their numbers, their functions, and
 * whether they leave anything behind, so that the next run needs a process of its own.
 */

import { entryPoints, type Program } from "../program.ts";
import type { FnItem } from "../syntax.ts";
import { Glue } from "./glue.ts";
import { constFnsOf } from "./initialiser.ts";
import { writeAdts, writeExterns, writeFunctions, writeItems } from "./items.ts";
import type { BodyForm, ModuleCx } from "./module-cx.ts";
import { FEATURES } from "./probes.ts";
import { Names } from "./rust-names.ts";
import { need, type RustcSupport, UnsupportedError } from "./support.ts";
import { unsizedParams } from "./unsized.ts";
import { unwindingOf } from "./unwinding.ts";

export interface CustomMirOptions {
  /** What the rustc takes that the source is for; everything, in the newest known spelling, when absent. */
  readonly support?: RustcSupport;
  /** How bodies are written: to be read (the default of a single program), or to be compiled fast (that of a batch). */
  readonly form?: BodyForm;
  /** Panics can unwind: the runtime has std. */
  readonly unwinding?: boolean;
}

export type CustomMirResult =
  | { readonly kind: "ok"; readonly source: string }
  | { readonly kind: "unsupported"; readonly reason: string };

/** One program of a batch: the runs in it have the numbers from `firstCase` on. */
export interface CustomMirPart {
  readonly program: Program;
  readonly entries: readonly FnItem[];
  readonly firstCase: number;
  /** Why it cannot be written, when that is known before. */
  readonly unsupported?: string;
  /** The same program in another form, which is written when it cannot be as it is; `undefined` when there is none. */
  readonly otherForm?: () => Pick<CustomMirPart, "program" | "entries"> | undefined;
}

export interface CustomMirBatch {
  readonly source: string;
  /** Parts (by position) that custom MIR cannot express, with the reason. */
  readonly skipped: ReadonlyMap<number, string>;
  /** Some program unwinds: the crate must be compiled with `-Cpanic=unwind` and a runtime with std. */
  readonly unwinds: boolean;
}

/** `panic` and its neighbours for functions that are evaluated at compile time, too. */
function constForm(name: string, param: string): string {
  const [args, call, tuple] = param === "" ? ["", "()", "()"] : [`${param}: u32`, `(${param})`, `(${param},)`];
  const target = name === "abort" ? "core::intrinsics::abort" : name;
  return `#[inline(always)]
pub const fn const_${name}(${args}) -> ! {
    const fn at_compile_time(${args}) -> ! { panic!() }
    fn at_run_time(${args}) -> ! { ${target}${call} }
    core::intrinsics::const_eval_select(${tuple}, at_compile_time, at_run_time)
}
`;
}

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
/// A static of a type that threads may not share.
#[repr(transparent)]
pub struct Shared<T>(pub T);
unsafe impl<T> Sync for Shared<T> {}
`;

const UNWINDING_GLUE = `extern "C-unwind" { fn mirwatch_unwind(code: u32) -> !; }
#[cold]
#[inline(never)]
pub fn unwind(code: u32) -> ! { unsafe { mirwatch_unwind(code) } }
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
  const { support, form = "expanded", unwinding = false } = options;
  const shared = new Glue("crate::glue::");
  const skipped = new Map<number, string>();
  const modules: string[] = [];
  const cases: string[] = [];
  let unwinds = false;
  let panicsInConst = false;
  parts.forEach((part, i) => {
    const written = writePart(part, `p${i}`, shared, { support, form, unwinding });
    if (written.kind === "unsupported") {
      skipped.set(i, written.reason);
      return;
    }
    modules.push(written.source);
    cases.push(written.cases);
    unwinds ||= written.unwinds;
    panicsInConst ||= written.panicsInConst;
  });
  const count = parts.reduce((sum, part, i) => sum + (skipped.has(i) ? 0 : part.entries.length), 0);
  const table = `pub static CASES: [(u32, fn(), bool); ${count}] = [\n${cases.join("")}];\n`;
  const panics = [["panic", "code"], ["abort", ""], ...(unwinds ? [["unwind", "code"]] : [])] as const;
  const constPanics = panicsInConst ? panics.map(([name, param]) => constForm(name, param)).join("") : "";
  const glue = `pub mod glue {\n${GLUE_HEAD}${unwinds ? UNWINDING_GLUE : ""}${constPanics}${shared.functions.join("")}}\n`;
  return { source: `${crateHead(support)}${modules.join("")}${glue}${table}`, skipped, unwinds };
}

function crateHead(support: RustcSupport | undefined): string {
  const features = FEATURES.filter((name) => support?.has(`feature ${name}`) ?? true);
  return `#![no_std]
#![no_main]
#![allow(warnings, arithmetic_overflow, unconditional_panic, overflowing_literals, internal_features)]
#![feature(${features.join(", ")})]
`;
}

type ModuleResult =
  | {
      readonly kind: "ok";
      readonly source: string;
      readonly cases: string;
      readonly unwinds: boolean;
      /** A function that is evaluated at compile time may panic. */
      readonly panicsInConst: boolean;
    }
  | { readonly kind: "unsupported"; readonly reason: string };

interface ModuleOptions {
  readonly support: RustcSupport | undefined;
  readonly form: BodyForm;
  readonly unwinding: boolean;
}

/** `part` as it is, or else in its other form. The reason is that of the first. */
function writePart(part: CustomMirPart, name: string, shared: Glue, how: ModuleOptions): ModuleResult {
  const written = writeModule(part, name, shared, how);
  const other = written.kind === "unsupported" ? part.otherForm?.() : undefined;
  if (other === undefined) return written;
  const again = writeModule({ ...other, firstCase: part.firstCase }, name, shared, how);
  return again.kind === "ok" ? again : written;
}

function writeModule(part: CustomMirPart, name: string, shared: Glue, how: ModuleOptions): ModuleResult {
  const { program, entries, firstCase, unsupported } = part;
  if (unsupported !== undefined) return { kind: "unsupported", reason: unsupported };
  const glue = new Glue("", shared);
  try {
    requireCore(program);
    const unwinds = unwindingOf(program, how.support, how.unwinding);
    const names = new Names();
    const cx: ModuleCx = {
      program,
      tcx: program.tcx,
      names,
      glue,
      form: how.form,
      support: how.support,
      unwinds,
      unsized: unsizedParams(program),
      constFns: constFnsOf(program),
      externs: new Set(),
      helpers: new Map(),
    };
    // Types come last, when it is known which are mentioned.
    const text = writeItems(cx) + writeFunctions(cx);
    const types = writeAdts(cx);
    for (const construct of names.needs) need(how.support, construct);
    const helpers = [...cx.helpers.values()].map((helper) => helper.text).join("");
    const source = `pub mod ${name} {\nuse core::intrinsics::mir::*;\n${writeExterns(cx)}${types}${text}${helpers}${glue.functions.join("")}}\n`;
    const state = hasState(program);
    const cases = entries
      .map((entry, k) => `    (${firstCase + k}, ${name}::${names.of(entry, entry.name)}, ${state}),\n`)
      .join("");
    return { kind: "ok", source, cases, unwinds, panicsInConst: names.needs.has("constPanic") };
  } catch (error) {
    if (error instanceof UnsupportedError) return { kind: "unsupported", reason: error.message };
    throw error;
  }
}

/**
 * What the compiler knows about (`Sized`, `Drop`, the `Fn` family) is core's in a written crate. A program that was imported with its own definitions of these would have
 * both, and types of its own that core's rules do not hold for.
 */
function requireCore({ traits = [] }: Program): void {
  const own = traits.find(({ lang, prelude }) => lang !== undefined && !prelude);
  if (own !== undefined) throw new UnsupportedError("it brings a core library of its own");
}

/** Whether a run may change what the next one finds. */
function hasState({ statics = [], allocs = [] }: Program): boolean {
  return statics.length > 0 || allocs.some((alloc) => alloc.mutability === "mut");
}
