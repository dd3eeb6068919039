/**
 * Real Miri: where it is, and what it says of the cases of a crate.
 *
 * A crate has many programs. Modules that rustc rejects are taken out, and the rest is tried again. When the process dies or hangs, the case under way gets
 * that as its answer, and another process goes on with the next.
 */

import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandResult, type CustomMirPart, printCustomMirBatch, runCommand } from "../../codegen/index.ts";
import { environment } from "../subjects/rustc/cross.ts";
import { CASE_MARK, END_MARK, withMiriRuntime } from "./runtime.ts";
import { SPELLING_PROBE, withYoungerNames } from "./spelling.ts";

/** A Miri with a sysroot, as `cargo miri setup` makes it. */
export interface Miri {
  /** The driver itself, `…/bin/miri`. */
  readonly path: string;
  /** `1.97.0-nightly`: its layouts are that release's. */
  readonly release: string;
  readonly sysroot: string;
}

export type MiriModel = "tree" | "stacked";

/** What Miri says of one case. */
export type MiriAnswer =
  /** It ran to its end, or to a panic; `hash` is of its events. */
  | { readonly kind: "done"; readonly hash: bigint }
  | { readonly kind: "ub"; readonly message: string; readonly at: string }
  /** The process of the program would end: `abort`, a panic where none may be. */
  | { readonly kind: "abort"; readonly message: string }
  /** Miri has no answer: the operation is not supported, all threads wait, it crashed or hung. */
  | { readonly kind: "none"; readonly message: string }
  /** Never run: custom MIR cannot say it, or rustc rejects it. */
  | { readonly kind: "rejected"; readonly message: string };

export interface MiriOptions {
  readonly model: MiriModel;
  /** Of the first execution's scheduler; the others count up. */
  readonly seed: number;
  /** Chance of another thread's turn after a basic block. */
  readonly preemptionRate: number;
  /** Milliseconds of one process. */
  readonly timeLimit: number;
}

/** Where Miri leaves something to chance, or is stricter than asked, it is told not to. */
function flagsOf({ model, seed, preemptionRate }: MiriOptions, cases: number): string[] {
  return [
    ...(model === "tree" ? ["-Zmiri-tree-borrows"] : []),
    "-Zmiri-symbolic-alignment-check",
    "-Zmiri-disable-isolation",
    "-Zmiri-ignore-leaks",
    "-Zmiri-permissive-provenance",
    "-Zmiri-deterministic-floats",
    "-Zmiri-disable-weak-memory-emulation",
    "-Zmiri-compare-exchange-weak-failure-rate=0",
    "-Zmiri-address-reuse-rate=0",
    "-Zmiri-backtrace=0",
    `-Zmiri-preemption-rate=${preemptionRate}`,
    `-Zmiri-many-seeds=${seed}..${seed + cases}`,
    "-Zmiri-many-seeds-keep-going",
    "-Zthreads=1",
    "-Zdeduplicate-diagnostics=no",
    "-Zub-checks=no",
    "-Cdebug-assertions=off",
    "-Coverflow-checks=off",
    "--cap-lints=allow",
    "--edition=2021",
    "--crate-type=bin",
    "--crate-name=batch",
  ];
}

/** Positions of modules whose lines `error` lines point at, from rustc's messages in their short form or its full one. */
export function rejectedModules(stderr: string, source: string): Map<number, string> {
  const starts: number[] = [];
  source.split("\n").forEach((line, i) => {
    const found = /^pub mod p(\d+) \{/.exec(line);
    if (found !== null) starts[Number(found[1])] = i + 1;
    else if (/^pub mod glue \{/.test(line)) starts.push(i + 1);
  });
  const rejected = new Map<number, string>();
  let message = "";
  for (const line of stderr.split("\n")) {
    if (/^error/.test(line)) message = line;
    const at = /-->\s\S+?\.rs:(\d+):/.exec(line)?.[1];
    if (at === undefined || message === "") continue;
    const module = moduleAt(starts, Number(at));
    if (module !== undefined && !rejected.has(module)) rejected.set(module, message);
    message = "";
  }
  return rejected;
}

/** The last start at or before `line`; nothing behind the last module. */
function moduleAt(starts: readonly number[], line: number): number | undefined {
  let best: number | undefined;
  starts.forEach((start, i) => {
    if (start <= line && (best === undefined || start >= starts[best]!)) best = i;
  });
  return best === starts.length - 1 ? undefined : best;
}

/** The answers in what a process wrote to standard error, by case, and the case that was under way when it ended. */
export function readAnswers(stderr: string): { answers: Map<number, MiriAnswer>; open: number | undefined } {
  const answers = new Map<number, MiriAnswer>();
  let open: number | undefined;
  let lines: string[] = [];
  const close = (): void => {
    if (open === undefined) return;
    const answer = answerOf(lines);
    if (answer === undefined) return;
    answers.set(open, answer);
    open = undefined;
  };
  for (const line of stderr.split("\n")) {
    const mark = new RegExp(`^${CASE_MARK} ([0-9a-f]+)$`).exec(line);
    if (mark === null) {
      lines.push(line);
      continue;
    }
    close();
    open = Number.parseInt(mark[1]!, 16);
    lines = [];
  }
  close();
  return { answers, open };
}

/** `undefined` when Miri said nothing that ends a run. */
export function answerOf(lines: readonly string[]): MiriAnswer | undefined {
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const end = new RegExp(`^${END_MARK} ([0-9a-f]+)$`).exec(line);
    if (end !== null) return { kind: "done", hash: BigInt(`0x${end[1]}`) };
    const error = /^error: (.*)$/.exec(line)?.[1];
    if (error === undefined) continue;
    const at =
      lines
        .slice(i)
        .find((other) => other.includes("-->"))
        ?.trim() ?? "";
    if (error.startsWith("Undefined Behavior: ")) return { kind: "ub", message: error.slice(20), at };
    if (error.startsWith("abnormal termination")) return { kind: "abort", message: error };
    return { kind: "none", message: error };
  }
  return undefined;
}

const OUTPUT_LIMIT = 64 << 20;
const PROBE_MILLISECONDS = 60_000;

export class MiriRunner {
  private readonly miri: Miri;
  private readonly directory: string;
  /** The toolchain's core has the names of `spelling.ts`. */
  private readonly younger: boolean;
  private serial = 0;
  /** Seconds in Miri. */
  seconds = 0;

  private constructor(miri: Miri, directory: string, younger: boolean) {
    this.miri = miri;
    this.directory = directory;
    this.younger = younger;
  }

  /** Asks `miri` how its core spells intrinsics. Files are written below `directory`. */
  static async start(miri: Miri, directory: string): Promise<MiriRunner> {
    mkdirSync(directory, { recursive: true });
    const file = join(directory, "spelling.rs");
    writeFileSync(file, `${SPELLING_PROBE}fn main() {}\n`);
    const probed = await new MiriRunner(miri, directory, false).miriOn(["--edition=2021", file], PROBE_MILLISECONDS);
    return new MiriRunner(miri, directory, probed.status === 0);
  }

  private miriOn(args: readonly string[], timeLimit: number): Promise<CommandResult> {
    return runCommand({
      program: this.miri.path,
      args: ["--sysroot", this.miri.sysroot, ...args],
      cwd: this.directory,
      env: { ...environment(), RUSTC_BOOTSTRAP: "1" },
      timeLimit,
      outputLimit: OUTPUT_LIMIT,
      errorLimit: OUTPUT_LIMIT,
    });
  }

  /** Runs the only entry of each part; answers by position. */
  async run(parts: readonly Omit<CustomMirPart, "firstCase">[], options: MiriOptions): Promise<MiriAnswer[]> {
    const answers: (MiriAnswer | undefined)[] = parts.map(() => undefined);
    for (;;) {
      const left = parts.flatMap((part, i) => (answers[i] === undefined ? [{ ...part, firstCase: i }] : []));
      if (left.length === 0) break;
      const written = printCustomMirBatch(left, { unwinding: true });
      for (const [at, message] of written.skipped) answers[left[at]!.firstCase] = { kind: "rejected", message };
      const source = withMiriRuntime(this.younger ? withYoungerNames(written.source) : written.source, written.unwinds);
      const rejected = await this.runCrate(source, left.length - written.skipped.size, answers, options);
      if (rejected === undefined) break;
      for (const [at, message] of rejected) answers[left[at]!.firstCase] = { kind: "rejected", message };
    }
    return answers.map((answer) => answer ?? { kind: "none", message: "not run" });
  }

  /** Fills in `answers`; gives the modules that rustc rejects, when it does. */
  private async runCrate(
    source: string,
    cases: number,
    answers: (MiriAnswer | undefined)[],
    options: MiriOptions,
  ): Promise<ReadonlyMap<number, string> | undefined> {
    if (cases === 0) return undefined;
    const file = join(this.directory, `crate${this.serial}.rs`);
    const counter = join(this.directory, `crate${this.serial++}.done`);
    writeFileSync(file, source);
    writeFileSync(counter, "");
    for (;;) {
      const done = statSync(counter).size;
      if (done >= cases) return undefined;
      const args = [...flagsOf(options, cases - done), file, "--", counter];
      const result = await this.miriOn(args, options.timeLimit);
      this.seconds += result.seconds;
      const stderr = result.stderr.toString("utf8");
      const { answers: found, open } = readAnswers(stderr);
      for (const [number, answer] of found) answers[number] = answer;
      if (open !== undefined) {
        const last = /^(?:thread .*panicked|.*internal compiler error).*(?:\n.*)?/m.exec(stderr)?.[0];
        answers[open] = { kind: "none", message: result.timedOut ? "no end" : (last ?? "the process died") };
      }
      if (statSync(counter).size > done) continue;
      const rejected = rejectedModules(stderr, source);
      if (rejected.size > 0) return rejected;
      throw new Error(`Miri runs nothing of ${file}: ${result.startError ?? stderr.slice(0, 2000)}`);
    }
  }
}

/** The Miri whose driver is `path`; its sysroot is `sysroot`, or where `cargo miri setup` leaves it. */
export async function miriAt(path: string, sysroot: string | undefined): Promise<Miri> {
  const cache = process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? "/", ".cache");
  const found = sysroot ?? process.env.MIRI_SYSROOT ?? join(cache, "miri");
  if (!existsSync(join(found, "lib"))) throw new Error(`no sysroot at ${found}: run \`cargo miri setup\``);
  const limits = { timeLimit: PROBE_MILLISECONDS, outputLimit: OUTPUT_LIMIT, errorLimit: OUTPUT_LIMIT };
  const { status, stdout, startError } = await runCommand({ program: path, args: ["--version"], ...limits });
  const release = /^\w+ (\d+\.\d+\.\S+)/.exec(stdout.toString("utf8"))?.[1];
  if (status !== 0 || release === undefined) throw new Error(`${path} is no Miri: ${startError ?? `status ${status}`}`);
  return { path, sysroot: found, release };
}
