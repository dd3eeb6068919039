/**
 * A *subject* is one compiler under test: mirwatch's own backend, one installed LLVM, one installed rustc. A *configuration* is a subject
 * with a target and options. An adapter per kind of subject turns a batch of programs into an executable for a configuration.
 *
 * An adapter says what it cannot compile (`unsupported`, a counted skip) and never throws for what a compiler does: a compiler that
 * crashes, hangs or prints garbage is a result.
 */

import type { FnItem, Program, RunResult } from "../../codegen/index.ts";

export type SubjectKind = "native" | "llvm" | "rustc";

export interface SubjectInfo {
  /** Unique and stable: `native`, `llvm-19`, `rustc-1.95.0` … */
  readonly name: string;
  readonly kind: SubjectKind;
  readonly version: string;
  /** The main executable; empty for the own backend. */
  readonly path: string;
  /** Triples that this machine can both compile for and run. */
  readonly targets: readonly string[];
}

/** Option values by the names of the matrix: `opt-level`, `codegen-units`, `lto`, and per kind others (`mir-opt-level`). */
export type ConfigOptions = Readonly<Record<string, string>>;

export interface Configuration {
  readonly subject: string;
  readonly kind: SubjectKind;
  readonly target: string;
  readonly options: ConfigOptions;
  /** `subject/target/opt-level=2,codegen-units=4,lto=thin`: unique and stable. */
  readonly id: string;
}

/** What the user asked to cover. Each axis lists the values to combine. */
export interface Matrix {
  readonly targets: readonly string[];
  readonly optLevels: readonly string[];
  readonly codegenUnits: readonly number[];
  readonly lto: readonly string[];
}

/** A run of a program: one of its entry points, and what the interpreter says it does. */
export interface ExpectedRun {
  readonly entry: FnItem;
  readonly expected: RunResult;
}

/** A program that is proved free of UB on all its entry points. */
export interface CheckedProgram {
  readonly program: Program;
  /** Its number in the campaign; replays with the campaign's seed. */
  readonly index: number;
  readonly runs: readonly ExpectedRun[];
}

/**
 * Programs that are compiled together. Cases (runs) are numbered through: program by program, entry by entry. The programs share one `TyCtxt`;
 * `merged` has every function under its program's prefix (`p0::`, `p1::` …).
 */
export interface Batch {
  readonly programs: readonly CheckedProgram[];
  readonly merged: Program;
  /** Entry points in `merged`, by case number. */
  readonly entries: readonly FnItem[];
}

export interface CommandLine {
  readonly argv: readonly string[];
}

export type CompileOutcome =
  | {
      readonly kind: "ok";
      readonly executable: string;
      readonly commands: readonly CommandLine[];
      /** Wall seconds spent in the compiler. */
      readonly seconds: number;
      /** Bytes of machine code, where the subject tells. */
      readonly textSize: number;
      /** Programs of the batch (by position) that this subject cannot compile, each with the reason; their cases are absent. */
      readonly skipped: ReadonlyMap<number, string>;
    }
  | { readonly kind: "unsupported"; readonly reason: string }
  | {
      readonly kind: "failed";
      readonly verdict: "compile-error" | "crash" | "hang";
      /** The first lines of what the compiler said, or how it died. */
      readonly message: string;
      readonly commands: readonly CommandLine[];
    };

export interface CompileRequest {
  readonly batch: Batch;
  readonly configuration: Configuration;
  /** A directory of this request's own; the adapter may leave files in it. */
  readonly directory: string;
  /** Wall seconds after which the compiler counts as hung. */
  readonly timeLimit: number;
  /** Passes to run at most, for bisection; -1 for all. */
  readonly optBisectLimit?: number;
}

/** One bisectable pass execution, as the subject names it. */
export interface PassExecution {
  readonly index: number;
  readonly pass: string;
  readonly unit: string;
}

export interface Subject {
  readonly info: SubjectInfo;
  /** The configurations of this subject that `matrix` asks for, in a fixed order. */
  configurations(matrix: Matrix): Configuration[];
  compile(request: CompileRequest): Promise<CompileOutcome>;
  /** The bisectable pass executions of a compilation in order, or `undefined` where the subject has no such switch. */
  passExecutions?(request: CompileRequest): Promise<readonly PassExecution[] | undefined>;
  /** The commands of `repro.sh` that make `./NAME` from the files that `reproFiles` lists. */
  repro(
    request: CompileRequest,
    name: string,
  ): Promise<{ readonly files: ReadonlyMap<string, string>; readonly commands: readonly string[] }>;
}

/** `id` of a configuration. */
export function configurationId(subject: string, target: string, options: ConfigOptions): string {
  const text = Object.entries(options)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
  return `${subject}/${target}/${text}`;
}
