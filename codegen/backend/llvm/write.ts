/**
 * Running LLVM's tools: from a module's text to an object. As rustc_codegen_llvm/src/back/write.rs.
 *
 * Every run is recorded with its exact command line. A tool that fails is a `ToolError` that says how: it refused its input, crashed, hung, or wrote
 * an object that is not whole.
 */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Diagnostic } from "../../session/diagnostic.ts";
import type { OptLevel, Session } from "../../session/session.ts";
import { type CommandResult, runCommand, shellQuote } from "../../ssa/back/command.ts";
import { targetFeatures } from "./context.ts";
import { readElf } from "./elf.ts";
import type { LlvmTool, LlvmToolchain } from "./tools.ts";

/** What an opt-level means to the tools, as rustc maps it. */
export interface OptLevelRow {
  /** The name in `default<O2>` and its kin. */
  readonly pipeline: "O0" | "O1" | "O2" | "O3" | "Os" | "Oz";
  /** `llc -O`. */
  readonly codegen: "0" | "1" | "2" | "3";
  /** `ld.lld --lto-O`. It knows no `s`; the functions' attributes do. */
  readonly lto: "0" | "1" | "2" | "3";
  readonly mergeFunctions: boolean;
}

export const OPT_LEVEL_TABLE: Readonly<Record<OptLevel, OptLevelRow>> = {
  "0": { pipeline: "O0", codegen: "0", lto: "0", mergeFunctions: false },
  "1": { pipeline: "O1", codegen: "1", lto: "1", mergeFunctions: false },
  "2": { pipeline: "O2", codegen: "2", lto: "2", mergeFunctions: true },
  "3": { pipeline: "O3", codegen: "3", lto: "3", mergeFunctions: true },
  s: { pipeline: "Os", codegen: "2", lto: "2", mergeFunctions: false },
  z: { pipeline: "Oz", codegen: "2", lto: "2", mergeFunctions: false },
};

/** One run of a tool, as it can be repeated. */
export interface ToolRun {
  readonly tool: LlvmTool;
  readonly argv: readonly string[];
  readonly seconds: number;
}

/** How a tool failed. */
export type ToolVerdict = "compile-error" | "crash" | "hang";

export class ToolError extends Error {
  readonly verdict: ToolVerdict;
  readonly tool: LlvmTool;
  readonly argv: readonly string[];
  readonly status: number | undefined;
  readonly signal: string | undefined;
  /** The end of what the tool printed on standard error. */
  readonly stderrTail: string;

  constructor(verdict: ToolVerdict, how: string, tool: LlvmTool, result: CommandResult) {
    const said = firstLines(result.stderr.toString());
    super(`${tool} ${how}${said === "" ? "" : `: ${said}`}`);
    this.name = "ToolError";
    this.verdict = verdict;
    this.tool = tool;
    this.argv = result.argv;
    this.status = result.status;
    this.signal = result.signal;
    this.stderrTail = result.stderr.subarray(-STDERR_TAIL).toString();
  }

  get commandLine(): string {
    return shellQuote(this.argv);
  }
}

const STDERR_TAIL = 16 << 10;
const MESSAGE_LINES = 3;

/** Limits of one compilation. */
export interface ToolLimits {
  /** Milliseconds of wall time for all runs of the compilation together. */
  readonly timeLimit: number;
  /** Bytes that a tool may write on standard output. */
  readonly outputLimit: number;
  /** Bytes of data that a tool may allocate; none when absent. */
  readonly memoryLimit?: number;
}

export const DEFAULT_TOOL_LIMITS: ToolLimits = { timeLimit: 120_000, outputLimit: 16 << 20, memoryLimit: 4 * 2 ** 30 };

/** Standard error that is kept: of a bisection all of it counts. */
const ERROR_LIMIT = 256 << 10;
const BISECT_ERROR_LIMIT = 512 << 20;

const TOOL_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? "/usr/bin:/bin",
  LC_ALL: "C",
};

/** The tools of one toolchain, at work for one session. */
export class ToolRunner {
  readonly toolchain: LlvmToolchain;
  readonly session: Session;
  readonly runs: ToolRun[] = [];
  private readonly limits: ToolLimits;
  private timeLeft: number;
  /** Bisectable executions that earlier runs of this session counted. */
  private bisected = 0;

  constructor(toolchain: LlvmToolchain, session: Session, limits: ToolLimits) {
    this.toolchain = toolchain;
    this.session = session;
    this.limits = limits;
    this.timeLeft = limits.timeLimit;
  }

  /** Whether passes are counted and bounded: tools must then run one after another. */
  get bisecting(): boolean {
    return this.session.options.optBisectLimit >= 0;
  }

  /**
   * Runs a tool to its end.
   *
   * @param bisect the flags that bound passes, made from the count that is left to this run; absent for a tool that has none.
   * @throws ToolError when the tool fails; Diagnostic when it is missing or the disk is full.
   */
  async run(tool: LlvmTool, args: readonly string[], bisect?: (limit: number) => readonly string[]): Promise<void> {
    const bounded = bisect !== undefined && this.bisecting;
    const limit = Math.max(0, this.session.options.optBisectLimit - this.bisected);
    const result = await runCommand({
      program: this.pathOf(tool),
      args: bounded ? [...args, ...bisect(limit)] : args,
      env: TOOL_ENVIRONMENT,
      timeLimit: Math.max(1, this.timeLeft),
      outputLimit: this.limits.outputLimit,
      errorLimit: bounded ? BISECT_ERROR_LIMIT : ERROR_LIMIT,
      ...(this.limits.memoryLimit !== undefined ? { memoryLimit: this.limits.memoryLimit } : {}),
    });
    this.timeLeft -= result.seconds * 1000;
    this.runs.push({ tool, argv: result.argv, seconds: result.seconds });
    if (this.session.options.timePasses) this.session.addTime(tool, result.seconds * 1000);
    if (bounded) this.recordBisection(result.stderr.toString());
    checkResult(tool, result);
  }

  /** The bytes of machine code in the object at `path`, which `tool` wrote in the last run. */
  textSizeOf(tool: LlvmTool, path: string): number {
    const last = this.runs.at(-1);
    const failure = (reason: string): ToolError =>
      new ToolError(
        "compile-error",
        `wrote a damaged object, ${basename(path)} (${reason})`,
        tool,
        emptyResult(last?.argv ?? [tool]),
      );
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw failure("no such file");
      throw error;
    }
    const elf = readElf(bytes);
    if (elf.kind === "damaged") throw failure(elf.reason);
    return elf.textSize;
  }

  private pathOf(tool: LlvmTool): string {
    const path = this.toolchain.tools[tool];
    if (path !== undefined) return path;
    throw new Diagnostic(`LLVM ${this.toolchain.version} has no ${tool}`, {
      help: `install the package of ${tool} for LLVM ${this.toolchain.major}`,
    });
  }

  /** Notes each `BISECT:` line, numbered through over all runs of the session. */
  private recordBisection(stderr: string): void {
    const before = this.bisected;
    for (const [, ran, index, pass, unit] of stderr.matchAll(
      /^BISECT: (NOT running|running) pass \((\d+)\) (.*?) on (.*)$/gm,
    )) {
      const number = before + Number(index);
      this.bisected = Math.max(this.bisected, number);
      this.session.bisectLog.push({ index: number, pass: pass!, unit: unit!, ran: ran === "running" });
    }
  }
}

/** `-opt-bisect-limit` for opt and llc. */
export function bisectFlags(limit: number): readonly string[] {
  return [`-opt-bisect-limit=${limit}`];
}

/** Flags that every tool needs for `session`'s target. */
export function machineFlags(runner: ToolRunner): readonly string[] {
  const { session, toolchain } = runner;
  const features = targetFeatures(session.target, toolchain.major);
  const abi = session.target.llvmAbi;
  return [...(features === "" ? [] : [`-mattr=${features}`]), ...(abi === undefined ? [] : [`-target-abi=${abi}`])];
}

/** `opt` from `input` (text or bitcode) to bitcode at `output`. `pipeline` is `default`, `thinlto-pre-link` or `lto-pre-link`. */
export async function optimizeModule(
  runner: ToolRunner,
  pipeline: string,
  input: string,
  output: string,
): Promise<void> {
  const row = OPT_LEVEL_TABLE[runner.session.options.optLevel];
  const args = [
    `-passes=${pipeline}<${row.pipeline}>`,
    ...(row.mergeFunctions ? ["-enable-merge-functions"] : []),
    ...(pipeline === "thinlto-pre-link" ? ["-module-summary"] : []),
    ...(runner.session.options.verify ? ["-verify-each"] : []),
    input,
    "-o",
    output,
  ];
  await runner.run("opt", args, bisectFlags);
}

/** `llc` from `input` (text or bitcode) to an object at `output`; gives its code size. */
export async function emitObject(runner: ToolRunner, input: string, output: string): Promise<number> {
  const row = OPT_LEVEL_TABLE[runner.session.options.optLevel];
  const args = [
    ...machineFlags(runner),
    `-O${row.codegen}`,
    "-relocation-model=static",
    "-function-sections",
    "-filetype=obj",
    ...(runner.session.options.verify ? ["-verify-machineinstrs"] : []),
    input,
    "-o",
    output,
  ];
  await runner.run("llc", args, bisectFlags);
  return runner.textSizeOf("llc", output);
}

function checkResult(tool: LlvmTool, result: CommandResult): void {
  const stderr = result.stderr.toString();
  if (result.startError !== undefined)
    throw new Diagnostic(`cannot start ${result.argv[0]}: ${result.startError}`, { help: "run `mirwatch doctor`" });
  if (result.timedOut) throw new ToolError("hang", `did not end within ${result.seconds.toFixed(0)} s`, tool, result);
  if (result.outputExceeded) throw new ToolError("compile-error", "wrote without end on standard output", tool, result);
  if (result.signal !== undefined) throw new ToolError("crash", `was killed by ${result.signal}`, tool, result);
  if (result.status === 0) return;
  if (/No space left on device/.test(stderr))
    throw new Diagnostic(`${tool}: no space left on device`, { help: "free some room, or choose another --out" });
  const crashed = /^LLVM ERROR:|PLEASE submit a bug report|Stack dump:|Assertion `/m.test(stderr);
  throw new ToolError(crashed ? "crash" : "compile-error", `ended with status ${result.status}`, tool, result);
}

function emptyResult(argv: readonly string[]): CommandResult {
  return {
    argv,
    status: 0,
    signal: undefined,
    stdout: Buffer.alloc(0),
    stderr: Buffer.alloc(0),
    timedOut: false,
    outputExceeded: false,
    startError: undefined,
    seconds: 0,
  };
}

function firstLines(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("BISECT:"));
  return lines.slice(0, MESSAGE_LINES).join("\n");
}
