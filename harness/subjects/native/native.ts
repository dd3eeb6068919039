/**
 * The own backend as a subject: compiled in this process, so a batch costs no process but the executable's.
 *
 * `faults` plants bugs of the catalogue, for self-tests. Every compilation runs under `-Z verify`.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  addBatchEntry,
  type CodegenBackend,
  compilePrepared,
  DEFAULT_OPTIONS,
  HOST_TARGET,
  type Lto,
  nativeBackend,
  type OptLevel,
  PreparedProgram,
  printProgram,
  Session,
  targetByTriple,
  VERSION,
} from "../../../codegen/index.ts";
import { crossConfigurations } from "../../campaign/matrix.ts";
import { supportedPart } from "../../campaign/supported.ts";
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

/** Executes in this process: a limit that no compilation reaches still makes the session log its pass executions. */
const ALL_PASSES = 2 ** 31 - 1;

type Prepared = PreparedProgram<ReturnType<typeof nativeBackend> extends CodegenBackend<infer M> ? M : never>;

export class NativeSubject implements Subject {
  readonly info: SubjectInfo;
  private readonly faults: readonly string[];
  private readonly backend: ReturnType<typeof nativeBackend>;
  private prepared: { readonly batch: Batch; readonly program: Prepared } | undefined;

  constructor(faults: readonly string[] = []) {
    this.faults = faults;
    this.backend = nativeBackend(faults);
    this.info = { name: "native", kind: "native", version: VERSION, path: "", targets: [HOST_TARGET.triple] };
  }

  configurations(matrix: Matrix): Configuration[] {
    return crossConfigurations(this.info, matrix);
  }

  async compile(request: CompileRequest): Promise<CompileOutcome> {
    const { batch, skipped } = supportedPart(request.batch);
    const [only] = skipped.values();
    if (only !== undefined && request.batch.programs.length === 1) return { kind: "unsupported", reason: only };
    const session = this.session(request.configuration, request.optBisectLimit ?? -1);
    const executable = join(request.directory, "batch");
    try {
      mkdirSync(request.directory, { recursive: true });
      const result = await compilePrepared(this.prepare(batch), session, executable);
      return {
        kind: "ok",
        executable,
        commands: [{ argv: commandLine(request.configuration) }],
        seconds: result.seconds,
        textSize: result.textSize,
        skipped,
      };
    } catch (error) {
      if (isSystemError(error)) throw error;
      const { message, stack } = error as Error;
      return {
        kind: "failed",
        verdict: "crash",
        message: `${message}\n${stack ?? ""}`,
        commands: [{ argv: commandLine(request.configuration) }],
      };
    }
  }

  async passExecutions(request: CompileRequest): Promise<readonly PassExecution[]> {
    const session = this.session(request.configuration, ALL_PASSES);
    mkdirSync(request.directory, { recursive: true });
    try {
      await compilePrepared(
        this.prepare(supportedPart(request.batch).batch),
        session,
        join(request.directory, "batch"),
      );
    } catch (error) {
      // A compilation that fails has run the passes up to its failure, and those are what bisection is about.
      if (isSystemError(error)) throw error;
    }
    return session.bisectLog.map(({ index, pass, unit }) => ({ index, pass, unit }));
  }

  async repro(request: CompileRequest, name: string): Promise<{ files: Map<string, string>; commands: string[] }> {
    const { batch } = supportedPart(request.batch);
    const program = addBatchEntry(batch.merged, batch.entries);
    const file = `${name}.batch.mir`;
    const options = [
      ...commandLine(request.configuration).slice(1),
      ...this.faults.map((fault) => `-Zplant-fault=${fault}`),
    ];
    return {
      files: new Map([[file, printProgram(program)]]),
      commands: [`"$MIRC" ${options.join(" ")} -o ${name} ${file}`],
    };
  }

  /** `batch`, ready to be compiled. One batch is kept: a task takes it through many configurations, one after the other. */
  private prepare(batch: Batch): Prepared {
    if (this.prepared?.batch !== batch) {
      const program = addBatchEntry(batch.merged, batch.entries);
      this.prepared = { batch, program: new PreparedProgram(program, this.backend) };
    }
    return this.prepared.program;
  }

  private session(configuration: Configuration, optBisectLimit: number): Session {
    const { options } = configuration;
    return new Session(
      {
        ...DEFAULT_OPTIONS,
        optLevel: options["opt-level"] as OptLevel,
        codegenUnits: Number(options["codegen-units"]),
        lto: options.lto as Lto,
        verify: true,
        optBisectLimit,
      },
      targetByTriple(configuration.target),
      { faults: this.faults },
    );
  }
}

function commandLine({ target, options }: Configuration): string[] {
  return [
    "mirc",
    `--target=${target}`,
    ...Object.entries(options).map(([name, value]) => `-C${name}=${value}`),
    "-Zverify",
  ];
}

/** An error of the machine (full disk, no such directory), as opposed to one of the compiler. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
