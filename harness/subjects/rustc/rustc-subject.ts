/**
 * One installed rustc as a subject: a batch becomes one crate of custom MIR with a runtime, compiled by one process.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type CommandResult,
  type CustomMirBatch,
  type CustomMirPart,
  printCustomMirBatch,
  type RustcSupport,
  runCommand,
} from "../../../codegen/index.ts";
import { crossConfigurations, MIR_OPT_LEVELS } from "../../campaign/matrix.ts";
import type {
  Batch,
  CompileOutcome,
  CompileRequest,
  Configuration,
  Matrix,
  PassExecution,
  Subject,
  SubjectInfo,
} from "../subject.ts";
import { codeSize } from "./code-size.ts";
import { type RustcCommand, rustcCommand, shellLine } from "./command-line.ts";
import { type CoreLibrary, canUnwind, coreCommands, coreFor, environment, linkerFor } from "./cross.ts";
import { customMirPart } from "./custom-mir-part.ts";
import { probeRustc } from "./probe.ts";
import { RUNTIME_SOURCE, UNWINDING_RUNTIME_SOURCE } from "./runtime.ts";
import type { Rustc } from "./toolchains.ts";

/** More passes than any compilation has: the limit only makes rustc log them. */
const ALL_PASSES = 2 ** 31;

const OUTPUT_LIMIT = 8 << 20;
const ERROR_LIMIT = 8 << 20;
const MEMORY_LIMIT = 8 * 2 ** 30;

export class RustcSubject implements Subject {
  readonly info: SubjectInfo;
  readonly rustc: Rustc;
  private readonly cache: string;
  /** The source of the last batch: its configurations share it. */
  private last: { readonly batch: Batch; readonly unwinding: boolean; readonly written: CustomMirBatch } | undefined;
  /** What the compiler takes, once it was asked. */
  private support: Promise<RustcSupport | undefined> | undefined;

  /** How many passes on MIR the compilation that was logged last has. */
  private mirPasses: { readonly batch: Batch; readonly configuration: string; readonly count: number } | undefined;

  /** `cache` is a directory that outlives the campaign. */
  constructor(rustc: Rustc, name: string, targets: readonly string[], cache: string) {
    this.rustc = rustc;
    this.cache = cache;
    this.info = { name, kind: "rustc", version: rustc.release, path: rustc.path, targets };
  }

  configurations(matrix: Matrix): Configuration[] {
    return crossConfigurations(this.info, matrix, { "mir-opt-level": MIR_OPT_LEVELS });
  }

  async compile(request: CompileRequest): Promise<CompileOutcome> {
    const written = await this.write(request);
    const { skipped } = written;
    if (skipped.size === request.batch.programs.length)
      return { kind: "unsupported", reason: skipped.values().next().value ?? "an empty batch" };
    const prepared = await this.prepare(request);
    if (prepared.kind === "unsupported") return prepared;
    const command = await this.limited(request, { ...prepared.command, unwinds: written.unwinds });
    writeSource(command, written);
    const argv = rustcCommand(command);
    const result = await this.run(argv, request);
    const commands = [{ argv: ["env", "RUSTC_BOOTSTRAP=1", ...argv] }];
    const verdict = failureOf(result);
    const routine = missingRoutine(result);
    // A cross target's compiler-rt is the cross compiler's libgcc, which may be older than the routine. A larger batch is halved down to here.
    if (
      verdict !== undefined &&
      routine !== undefined &&
      command.core.kind === "built" &&
      request.batch.programs.length === 1
    )
      return { kind: "unsupported", reason: `the libgcc of this target has no ${routine}` };
    if (verdict !== undefined) return { kind: "failed", verdict, message: firstErrors(result), commands };
    const { executable } = command;
    return { kind: "ok", executable, commands, seconds: result.seconds, textSize: codeSize(executable), skipped };
  }

  /** The passes on MIR, then LLVM's: numbered through, as if one compiler counted them. */
  async passExecutions(request: CompileRequest): Promise<readonly PassExecution[] | undefined> {
    const prepared = await this.prepare(request);
    if (prepared.kind === "unsupported") return undefined;
    const written = await this.write(request);
    const command = { ...prepared.command, unwinds: written.unwinds };
    writeSource(command, written);
    const mir = await this.log(request, { ...command, bisect: { mir: ALL_PASSES } });
    const llvm = await this.log(request, { ...command, bisect: { llvm: -1 } });
    this.mirPasses = { batch: request.batch, configuration: request.configuration.id, count: mir.length };
    return [...mir, ...llvm.map((execution) => ({ ...execution, index: execution.index + mir.length }))];
  }

  private async log(request: CompileRequest, command: RustcCommand): Promise<PassExecution[]> {
    return readBisectLog((await this.run(rustcCommand(command), request)).stderr.toString("utf8"));
  }

  /** `command` with the limits on passes that `request` asks for. */
  private async limited(request: CompileRequest, command: RustcCommand): Promise<RustcCommand> {
    const limit = request.optBisectLimit ?? -1;
    if (limit < 0) return command;
    const known = this.mirPasses;
    if (known?.batch !== request.batch || known.configuration !== request.configuration.id)
      await this.passExecutions(request);
    const mir = this.mirPasses?.count ?? 0;
    return { ...command, bisect: limit <= mir ? { mir: limit, llvm: 0 } : { mir: ALL_PASSES, llvm: limit - mir } };
  }

  async repro(request: CompileRequest, name: string): Promise<{ files: Map<string, string>; commands: string[] }> {
    const source = `${name}.rs`;
    const written = await this.write(request);
    const files = new Map([[source, withRuntime(written)]]);
    const prepared = await this.prepare(request);
    if (prepared.kind === "unsupported")
      return { files, commands: [`echo ${shellLine([prepared.reason])} >&2; exit 2`] };
    const command = await this.limited(request, { ...prepared.command, unwinds: written.unwinds });
    const { core, setUp } = reproCore(this.rustc, command);
    return {
      files,
      commands: [
        ...setUp,
        `RUSTC_BOOTSTRAP=1 ${shellLine(rustcCommand({ ...command, core, source, executable: name }))}`,
      ],
    };
  }

  /** What the compiler takes of custom MIR; `undefined` when it cannot be asked. The first time takes as long as a few compilations. */
  customMir(): Promise<RustcSupport | undefined> {
    this.support ??= probeRustc(this.rustc, this.cache);
    return this.support;
  }

  /** The crate of a batch. Case numbers are the batch's, with gaps where programs are skipped. */
  private async write({ batch, configuration }: CompileRequest): Promise<CustomMirBatch> {
    const support = await this.customMir();
    const unwinding = canUnwind(this.rustc, configuration.target);
    if (this.last?.batch !== batch || this.last.unwinding !== unwinding) {
      let firstCase = 0;
      const parts = batch.programs.map((checked): CustomMirPart => {
        const part = customMirPart(checked, firstCase);
        firstCase += checked.runs.length;
        return part;
      });
      const options = { unwinding, ...(support === undefined ? {} : { support }) };
      this.last = { batch, unwinding, written: printCustomMirBatch(parts, options) };
    }
    return this.last.written;
  }

  private async prepare({
    configuration,
    directory,
  }: CompileRequest): Promise<{ kind: "ok"; command: RustcCommand } | { kind: "unsupported"; reason: string }> {
    const { target, options } = configuration;
    const linker = linkerFor(this.rustc, target);
    if (linker === undefined) return { kind: "unsupported", reason: `no linker for ${target}` };
    const core = await coreFor(this.rustc, target, this.cache);
    if (core.kind === "failed") return { kind: "unsupported", reason: core.message };
    const { path: rustc, host } = this.rustc;
    return {
      kind: "ok",
      command: {
        rustc,
        source: join(directory, "batch.rs"),
        executable: join(directory, "batch"),
        target,
        host,
        linker,
        core,
        options,
        unwinds: false,
      },
    };
  }

  private run([program, ...args]: readonly string[], { timeLimit, directory }: CompileRequest): Promise<CommandResult> {
    return runCommand({
      program: program!,
      args,
      cwd: directory,
      env: { ...environment(), RUSTC_BOOTSTRAP: "1" },
      timeLimit: timeLimit * 1000,
      outputLimit: OUTPUT_LIMIT,
      errorLimit: ERROR_LIMIT,
      memoryLimit: MEMORY_LIMIT,
    });
  }
}

/** In a repro, `core` of another target is built beside it, unless the compiler ships it. */
function reproCore(rustc: Rustc, command: RustcCommand): { core: CoreLibrary; setUp: string[] } {
  if (command.core.kind !== "built") return { core: command.core, setUp: [] };
  const directory = `core-${command.target}`;
  const builtins = `printf '#![feature(compiler_builtins)]\\n#![compiler_builtins]\\n#![no_std]\\n' > ${directory}/compiler_builtins.rs`;
  const commands = coreCommands(rustc, command.target, directory);
  const lines = commands.map((argv) => `  RUSTC_BOOTSTRAP=1 ${shellLine(argv)}`);
  const setUp = [
    `if [ ! -e ${directory}/libcompiler_builtins.rlib ]; then`,
    `  mkdir -p ${directory}`,
    `  ${builtins}`,
    ...lines,
    "fi",
  ];
  return { core: { kind: "built", directory, commands }, setUp };
}

function writeSource({ source }: RustcCommand, written: CustomMirBatch): void {
  mkdirSync(dirname(source), { recursive: true });
  writeFileSync(source, withRuntime(written));
}

function withRuntime({ source, unwinds }: CustomMirBatch): string {
  return source + (unwinds ? UNWINDING_RUNTIME_SOURCE : RUNTIME_SOURCE);
}

/** The routine of compiler-rt that the linker did not find. */
function missingRoutine({ stderr }: CommandResult): string | undefined {
  return /undefined reference to `(__\w+)'/.exec(stderr.toString("utf8"))?.[1];
}

/** How a compilation failed; undefined when it did not. */
function failureOf(result: CommandResult): "compile-error" | "crash" | "hang" | undefined {
  if (result.status === 0 && !result.timedOut) return undefined;
  if (result.timedOut) return "hang";
  const said = result.stderr.toString("utf8");
  // 101 is how a Rust program ends that panicked.
  if (result.signal !== undefined || result.status === 101 || /internal compiler error|LLVM ERROR/.test(said))
    return "crash";
  return "compile-error";
}

const MESSAGE_LINES = 40;

function firstErrors(result: CommandResult): string {
  if (result.startError !== undefined) return `rustc could not be started: ${result.startError}`;
  const lines = result.stderr.toString("utf8").split("\n");
  const first = lines.findIndex((line) => /^(error|thread '.*' panicked|LLVM ERROR)/.test(line));
  const shown = lines.slice(Math.max(0, first), Math.max(0, first) + MESSAGE_LINES).join("\n");
  return result.timedOut ? `no end after ${result.seconds.toFixed(0)} s\n${shown}` : shown;
}

/** `BISECT: running pass (12) InstCombinePass on f` */
function readBisectLog(text: string): PassExecution[] {
  const found: PassExecution[] = [];
  for (const match of text.matchAll(/^BISECT: (?:NOT )?running pass \((\d+)\) (.+?) on (.*)$/gm)) {
    found.push({ index: Number(match[1]), pass: match[2]!, unit: match[3]! });
  }
  return found;
}
