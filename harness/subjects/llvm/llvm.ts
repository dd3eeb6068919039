/**
 * An installed LLVM as a subject: our LLVM backend writes the IR, and the real tools do the rest.
 *
 * A repro is the IR of each codegen unit and of the runtime, and the tools' command lines as they were run, with paths beside the script.
 */

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  addBatchEntry,
  buildLlvmRuntime,
  compileProgram,
  DEFAULT_OPTIONS,
  DEFAULT_TOOL_LIMITS,
  type LlvmBackend,
  type LlvmToolchain,
  type Lto,
  llvmBackend,
  type OptLevel,
  Session,
  shellQuote,
  ToolError,
  type ToolRun,
  targetByTriple,
} from "../../../codegen/index.ts";
import { crossConfigurations } from "../../campaign/matrix.ts";
import { supportedPart } from "../../campaign/supported.ts";
import type {
  CommandLine,
  CompileOutcome,
  CompileRequest,
  Configuration,
  Matrix,
  PassExecution,
  Subject,
  SubjectInfo,
} from "../subject.ts";

/** A limit that no compilation reaches still makes the tools log their pass executions; LLVM takes the greatest `int` for none. */
const ALL_PASSES = 1e9;

export class LlvmSubject implements Subject {
  readonly info: SubjectInfo;
  private readonly toolchain: LlvmToolchain;
  private readonly cacheDirectory: string;

  constructor(name: string, toolchain: LlvmToolchain, targets: readonly string[], cacheDirectory: string) {
    this.toolchain = toolchain;
    this.cacheDirectory = cacheDirectory;
    this.info = { name, kind: "llvm", version: toolchain.version, path: toolchain.tools.llc ?? "", targets };
  }

  configurations(matrix: Matrix): Configuration[] {
    return crossConfigurations(this.info, matrix);
  }

  async compile(request: CompileRequest): Promise<CompileOutcome> {
    const { skipped } = supportedPart(request.batch);
    const [only] = skipped.values();
    if (only !== undefined && request.batch.programs.length === 1) return { kind: "unsupported", reason: only };
    const session = newSession(request, request.optBisectLimit ?? -1);
    const backend = this.backend(request, request.directory);
    try {
      const { executable, textSize } = await compileIn(request.directory, request, session, backend);
      const runs = backend.toolRuns(session);
      const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
      return { kind: "ok", executable, commands: commandLines(runs), seconds, textSize, skipped };
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return {
        kind: "failed",
        verdict: error.verdict,
        message: error.message,
        commands: commandLines(backend.toolRuns(session)),
      };
    }
  }

  async passExecutions(request: CompileRequest): Promise<readonly PassExecution[]> {
    const session = newSession(request, ALL_PASSES);
    try {
      await compileIn(request.directory, request, session, this.backend(request, request.directory));
    } catch (error) {
      // A compiler that crashes has logged what ran up to there.
      if (!(error instanceof ToolError)) throw error;
    }
    return session.bisectLog.map(({ index, pass, unit }) => ({ index, pass, unit }));
  }

  async repro(request: CompileRequest, name: string): Promise<{ files: Map<string, string>; commands: string[] }> {
    const directory = join(request.directory, name);
    mkdirSync(directory, { recursive: true });
    const session = newSession(request, request.optBisectLimit ?? -1);
    const runtime = await buildLlvmRuntime(this.toolchain, session.target, directory);
    const backend = this.backend(request, directory, runtime.object);
    try {
      await compileIn(directory, request, session, backend);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
    }
    const local = (word: string): string =>
      word
        .replaceAll(join(directory, EXECUTABLE), name)
        .replaceAll(join(directory, "lto.exe"), name)
        .replaceAll(`${directory}/`, `${name}.`);
    const runs = [...runtime.runs, ...backend.toolRuns(session)];
    const files = new Map<string, string>();
    for (const file of readdirSync(directory).sort()) {
      if (file.endsWith(".ll")) files.set(`${name}.${file}`, readFileSync(join(directory, file), "utf8"));
    }
    return {
      files,
      commands: runs.map(({ argv }) => shellQuote([portableName(argv[0]!), ...argv.slice(1).map(local)])),
    };
  }

  private backend(request: CompileRequest, directory: string, runtimeObject?: string): LlvmBackend {
    return llvmBackend(this.toolchain, {
      directory,
      cacheDirectory: this.cacheDirectory,
      limits: { ...DEFAULT_TOOL_LIMITS, timeLimit: request.timeLimit * 1000 },
      ...(runtimeObject !== undefined ? { runtimeObject: () => runtimeObject } : {}),
    });
  }
}

const EXECUTABLE = "batch";

async function compileIn(
  directory: string,
  request: CompileRequest,
  session: Session,
  backend: LlvmBackend,
): Promise<{ executable: string; textSize: number }> {
  mkdirSync(directory, { recursive: true });
  const { batch } = supportedPart(request.batch);
  const program = addBatchEntry(batch.merged, batch.entries);
  const executable = join(directory, EXECUTABLE);
  const { textSize } = await compileProgram(program, session, backend, executable);
  return { executable, textSize };
}

function newSession({ configuration }: CompileRequest, optBisectLimit: number): Session {
  const { options, target } = configuration;
  return new Session(
    {
      ...DEFAULT_OPTIONS,
      optLevel: options["opt-level"] as OptLevel,
      codegenUnits: Number(options["codegen-units"]),
      lto: options.lto as Lto,
      optBisectLimit,
    },
    targetByTriple(target),
  );
}

function commandLines(runs: readonly ToolRun[]): CommandLine[] {
  return runs.map(({ argv }) => ({ argv }));
}

/** A tool whose name tells its release is found on another machine's `PATH`; another one needs its path. */
function portableName(path: string): string {
  const name = basename(path);
  return /-\d+$/.test(name) ? name : path;
}
