/**
 * The own backend as a subject: compiled in this process, so a batch costs no process but the executable's.
 *
 * `faults` plants bugs of the catalogue, for self-tests. Every compilation runs under `-Z verify`. Bisection numbers the passes on MIR first, then the
 * backend's, as if one compiler counted them.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  addBatchEntry,
  type CodegenBackend,
  compilePrepared,
  DEFAULT_OPTIONS,
  emitsLifetimes,
  HOST_TARGET,
  type Lto,
  type MirOptLevel,
  nativeBackend,
  newLayoutCx,
  type OptLevel,
  PreparedProgram,
  printProgram,
  runMirPasses,
  Session,
  targetByTriple,
  VERSION,
} from "../../../codegen/index.ts";
import { crossConfigurations, MIR_OPT_LEVELS } from "../../campaign/matrix.ts";
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

interface Prepared {
  readonly program: PreparedProgram<ReturnType<typeof nativeBackend> extends CodegenBackend<infer M> ? M : never>;
  readonly mirExecutions: readonly PassExecution[];
}

export class NativeSubject implements Subject {
  readonly info: SubjectInfo;
  private readonly faults: readonly string[];
  private readonly backend: ReturnType<typeof nativeBackend>;
  private prepared: { readonly batch: Batch; readonly byMir: Map<string, Prepared> } | undefined;

  constructor(faults: readonly string[] = []) {
    this.faults = faults;
    this.backend = nativeBackend(faults);
    this.info = { name: "native", kind: "native", version: VERSION, path: "", targets: [HOST_TARGET.triple] };
  }

  configurations(matrix: Matrix): Configuration[] {
    return crossConfigurations(this.info, matrix, { "mir-opt-level": MIR_OPT_LEVELS });
  }

  async compile(request: CompileRequest): Promise<CompileOutcome> {
    const { batch, skipped } = supportedPart(request.batch);
    const [only] = skipped.values();
    if (only !== undefined && request.batch.programs.length === 1) return { kind: "unsupported", reason: only };
    const limit = request.optBisectLimit ?? -1;
    const executable = join(request.directory, "batch");
    try {
      mkdirSync(request.directory, { recursive: true });
      const { program, mirExecutions } = this.prepare(batch, request.configuration, limit);
      const session = this.session(request.configuration, limit < 0 ? -1 : Math.max(0, limit - mirExecutions.length));
      const result = await compilePrepared(program, session, executable);
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
    const { batch } = supportedPart(request.batch);
    const mir: PassExecution[] = [];
    mkdirSync(request.directory, { recursive: true });
    try {
      const { program } = this.newPrepared(batch, request.configuration, -1, mir);
      await compilePrepared(program, session, join(request.directory, "batch"));
    } catch (error) {
      // A compilation that fails has run the passes up to its failure, and those are what bisection is about.
      if (isSystemError(error)) throw error;
    }
    return [...mir, ...session.bisectLog.map(({ index, pass, unit }) => ({ index: mir.length + index, pass, unit }))];
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

  /**
   * `batch`, ready to be compiled, with the first `limit` executions of MIR passes. One batch is kept: a task takes it through many configurations, one after
   * the other. With a limit it is made for one compilation.
   */
  private prepare(batch: Batch, configuration: Configuration, limit: number): Prepared {
    if (limit >= 0) return this.newPrepared(batch, configuration, limit);
    if (this.prepared?.batch !== batch) this.prepared = { batch, byMir: new Map() };
    const { byMir } = this.prepared;
    const key = `${mirLevelOf(configuration)} ${emitsLifetimes(optLevelOf(configuration))}`;
    let prepared = byMir.get(key);
    if (prepared === undefined) {
      prepared = this.newPrepared(batch, configuration, limit);
      byMir.set(key, prepared);
    }
    return prepared;
  }

  /** `executions` gets what passes ran, also when one of them fails. */
  private newPrepared(
    batch: Batch,
    configuration: Configuration,
    limit: number,
    executions: PassExecution[] = [],
  ): Prepared {
    const program = addBatchEntry(batch.merged, batch.entries);
    const { dataLayout } = targetByTriple(configuration.target);
    const bodies = runMirPasses(program, newLayoutCx(program, dataLayout), {
      mirOptLevel: Number(mirLevelOf(configuration)) as MirOptLevel,
      emitLifetimes: emitsLifetimes(optLevelOf(configuration)),
      verify: true,
      ...(limit < 0 ? {} : { bisectLimit: limit }),
      onPass: ({ index, pass, fn }) => executions.push({ index, pass, unit: fn }),
    });
    return { program: new PreparedProgram(program, this.backend, bodies), mirExecutions: executions };
  }

  private session(configuration: Configuration, optBisectLimit: number): Session {
    const { options } = configuration;
    return new Session(
      {
        ...DEFAULT_OPTIONS,
        optLevel: optLevelOf(configuration),
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

function optLevelOf({ options }: Configuration): OptLevel {
  return options["opt-level"] as OptLevel;
}

function mirLevelOf({ options }: Configuration): string {
  return options["mir-opt-level"] ?? "0";
}

function commandLine({ target, options }: Configuration): string[] {
  return [
    "mirc",
    `--target=${target}`,
    ...Object.entries(options).map(([name, value]) => `-${name === "mir-opt-level" ? "Z" : "C"}${name}=${value}`),
    "-Zverify",
  ];
}

/** An error of the machine (full disk, no such directory), as opposed to one of the compiler. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
