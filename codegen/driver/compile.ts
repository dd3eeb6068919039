/**
 * mirc's work: reads programs, verifies them, compiles as far as `--emit` asks, and writes what was asked for.
 */

import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { bug } from "../entity/entity.ts";
import { printTypeSizes } from "../layout/type-sizes.ts";
import { mergePrograms } from "../mir/merge.ts";
import { parseProgram } from "../mir/parser.ts";
import { newTyCtxt } from "../mir/prelude.ts";
import { printBody, printProgram } from "../mir/printer.ts";
import type { Program } from "../mir/program.ts";
import { renderVerifyError, verifyProgram } from "../mir/verifier.ts";
import { type CollectionMode, collectCrate, rootsFor } from "../monomorphize/collector.ts";
import { newLayoutCx } from "../monomorphize/layouts.ts";
import { keepMentionedItems } from "../monomorphize/mentioned-items.ts";
import { type CodegenUnit, partition } from "../monomorphize/partitioning.ts";
import { printMonoItems } from "../monomorphize/print-mono-items.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { emitsLifetimes, Session } from "../session/session.ts";
import {
  compileCodegenUnit,
  inlinesInAllCgus,
  layoutsFor,
  prepareUnits,
  StageClock,
  withBatchEntry,
} from "../ssa/base.ts";
import { evaluateConstants } from "../ssa/constants.ts";
import { checkProgramSupported } from "../ssa/mir/supported.ts";
import { compileInWorkers } from "../ssa/parallel.ts";
import type { CompiledModule, ModuleCodegen } from "../ssa/traits/backend.ts";
import { replaceBodies, runMirPasses } from "../transform/run-passes.ts";
import { type AnyBackend, type OpenBackend, openBackend } from "./backends.ts";
import type { EmitKind, MircOptions } from "./options.ts";

const ENDINGS: Readonly<Record<EmitKind, string>> = {
  mir: ".out.mir",
  ir: ".ir",
  "llvm-ir": ".ll",
  asm: ".s",
  obj: ".o",
  link: "",
};

/** Where things are written: standard output and error, for tests to replace. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Compiles what `options` name.
 *
 * @throws Diagnostic for a mistake in the input or on the command line.
 */
export async function compile(options: MircOptions, streams: Streams): Promise<void> {
  const { program, text } = readPrograms(options.files, options.rustcRelease);
  if (options.parseOnly) return;
  try {
    await compileProgram(program, options, streams);
  } catch (error) {
    throw error instanceof Diagnostic && text !== undefined ? placed(error, program.file, text) : error;
  }
}

/** `diagnostic` with the file and the line that its place is in: after reading, only places are known. */
function placed({ message, file, span, sourceLine, help }: Diagnostic, own: string, text: string): Diagnostic {
  const line = sourceLine ?? (span.line > 0 ? text.split("\n")[span.line - 1] : undefined);
  return new Diagnostic(message, {
    file: file === "" ? own : file,
    span,
    ...(line === undefined ? {} : { sourceLine: line }),
    ...(help === undefined ? {} : { help }),
  });
}

async function compileProgram(program: Program, options: MircOptions, streams: Streams): Promise<void> {
  const session = new Session(options.session, options.target, {
    emitDump: (title, text) => streams.err(`${title}\n${text}\n`),
    faults: options.faults,
  });
  const emits = options.emit.length > 0 ? options.emit : [{ kind: "link" as const, path: undefined }];
  const writer = new EmitWriter(options, streams, emits.length);
  evaluateConstants(program, session.target.dataLayout);
  keepMentionedItems(program);
  optimizeMir(program, session, options, streams);
  if (emits.some(({ kind }) => kind === "mir")) writer.text("mir", emits, printProgram(program));
  if (emits.every(({ kind }) => kind === "mir")) return;
  if (options.printMonoItems !== undefined) {
    const units = unitsToPrint(program, session, options.printMonoItems);
    for (const line of printMonoItems(units, program.tcx)) streams.out(`${line}\n`);
  }
  checkProgramSupported(program);
  const opened = await openBackend(options);
  try {
    await emitCompiled(program, session, opened, options, emits, writer);
    if (options.printTypeSizes) {
      const layouts = layoutsFor(program, session, opened.backend);
      streams.out(printTypeSizes(layouts.knownTypes(), layouts));
    }
  } finally {
    opened.close();
  }
  report(session, options, streams);
}

/** A program, and the text that its places refer to; several files have none. */
interface Input {
  readonly program: Program;
  readonly text?: string;
}

/** Reads all files; several become one program, with each file's functions under its name. */
function readPrograms(files: readonly string[], release: string | undefined): Input {
  const [first, ...rest] = files;
  if (first === undefined) throw new Diagnostic("no input file", { help: "see `mirc --help`" });
  if (rest.length === 0) return readProgram(first, release);
  const parts = files.map((file, i) => ({ program: readProgram(file, release).program, prefix: `f${i}` }));
  return { program: mergePrograms(parts, newTyCtxt(parts[0]?.program.tcx.rustcRelease)) };
}

function readProgram(file: string, release: string | undefined): Input {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new Diagnostic(`cannot read ${file}: ${(error as Error).message}`);
  }
  const program = parseProgram(text, release === undefined ? { file } : { file, tcx: newTyCtxt(release) });
  const errors = verifyProgram(program);
  if (errors.length > 0) {
    throw new Diagnostic(
      `the program is not well-formed\n${errors.map((e) => `  ${renderVerifyError(e)}`).join("\n")}`,
      { file },
    );
  }
  return { program, text };
}

/** Runs the MIR passes on `program`. */
function optimizeMir(program: Program, session: Session, { mir }: MircOptions, streams: Streams): void {
  const { optLevel, verify, dump, timePasses } = session.options;
  const layouts = newLayoutCx(program, session.target.dataLayout);
  const bodies = runMirPasses(program, layouts, {
    mirOptLevel: mir.level ?? (optLevel === "0" ? 1 : 2),
    override: mir.override,
    bisectLimit: mir.bisectLimit,
    emitLifetimes: emitsLifetimes(optLevel),
    verify,
    onPass: ({ index, pass, fn, ran, changed, milliseconds }, body) => {
      if (timePasses) session.addTime(`mir ${pass}`, milliseconds);
      if (changed && (dump.includes(pass) || dump.includes("all")))
        session.emitDump(`// MIR of \`${fn}\` after ${pass}`, printBody(body));
      if (mir.bisectLimit !== undefined)
        streams.err(`BISECT: ${ran ? "running" : "NOT running"} pass (${index}) ${pass} on ${fn}\n`);
    },
  });
  replaceBodies(bodies);
}

type Emits = MircOptions["emit"];

async function emitCompiled(
  program: Program,
  session: Session,
  { backend, objectBytes }: OpenBackend,
  options: MircOptions,
  emits: Emits,
  writer: EmitWriter,
): Promise<void> {
  const wants = (kind: EmitKind): boolean => emits.some((emit) => emit.kind === kind);
  for (const kind of ["ir", "llvm-ir"] as const) {
    if (wants(kind) && backend.irKind !== kind)
      throw new Diagnostic(`the ${backend.name} backend cannot emit \`${kind}\``);
  }
  if (wants("asm") && backend.printAssembly === undefined)
    throw new Diagnostic(`the ${backend.name} backend cannot emit \`asm\``);
  const clock = new StageClock(session);
  const onlyObjects = emits.every(({ kind }) => kind === "obj" || kind === "link" || kind === "mir");
  let compiled: readonly CompiledModule[] | undefined;
  // Types are counted where they are laid out, which workers do for themselves.
  const threads = options.printTypeSizes ? 1 : options.threads;
  if (onlyObjects) compiled = await compileInWorkers(program, session, backend, threads, clock);
  if (compiled === undefined) {
    const modules = await clock.timeAsync("optimize", () =>
      backend.optimize(session, generate(program, session, backend, clock)),
    );
    await emitTexts(session, backend, modules, emits, writer);
    if (!wants("obj") && !wants("link")) return;
    const objects: CompiledModule[] = [];
    for (const module of modules)
      objects.push(await clock.timeAsync("codegen", () => backend.codegen(session, module)));
    compiled = objects;
  }
  if (wants("obj")) writer.objects(emits, compiled, objectBytes);
  if (wants("link")) {
    const output = writer.pathFor("link", emits);
    const objects = compiled;
    await clock.timeAsync("link", () => backend.link(session, objects, output));
  }
}

/** The units of the compilation; under `eager`, those that there would be if every function were a root. */
function unitsToPrint(program: Program, session: Session, mode: CollectionMode): readonly CodegenUnit[] {
  if (mode === "lazy") return prepareUnits(withBatchEntry(program), session);
  const roots = rootsFor(program, "eager");
  const { items, statics } = collectCrate(program, roots, program.statics);
  const symbols = new Set(roots.map((root) => root.symbol));
  return partition(items, session.options.codegenUnits, symbols, {
    statics,
    inlineInAllCgus: inlinesInAllCgus(session),
  });
}

function generate(
  program: Program,
  session: Session,
  backend: AnyBackend,
  clock: StageClock,
): ModuleCodegen<unknown>[] {
  const batch = withBatchEntry(program);
  const units = prepareUnits(batch, session, clock);
  const layouts = layoutsFor(batch, session, backend);
  return clock.time("codegenUnits", () => units.map((unit) => compileCodegenUnit(session, backend, layouts, unit)));
}

async function emitTexts(
  session: Session,
  backend: AnyBackend,
  modules: readonly ModuleCodegen<unknown>[],
  emits: Emits,
  writer: EmitWriter,
): Promise<void> {
  for (const kind of ["ir", "llvm-ir", "asm"] as const) {
    if (!emits.some((emit) => emit.kind === kind)) continue;
    const print = kind === "asm" ? backend.printAssembly : backend.printModule;
    if (print === undefined) throw bug(`${backend.name} cannot print ${kind}`);
    const texts: string[] = [];
    for (const module of modules) texts.push(await print.call(backend, session, module));
    writer.text(kind, emits, texts.join("\n"));
  }
}

/** Names and writes output files. */
class EmitWriter {
  private readonly options: MircOptions;
  private readonly streams: Streams;
  private readonly single: boolean;

  constructor(options: MircOptions, streams: Streams, count: number) {
    this.options = options;
    this.streams = streams;
    this.single = count === 1;
  }

  /** The file for `kind`: the one named in `--emit`, else `-o` (with the kind's ending, when there are several), else after the input. */
  pathFor(kind: EmitKind, emits: Emits): string {
    const named = emits.find((emit) => emit.kind === kind)?.path;
    const path = named ?? this.defaultPath(kind);
    for (const file of this.options.files) {
      if (file !== "-" && path !== "-" && sameFile(file, path))
        throw new Diagnostic(`the output would overwrite the input ${file}`, { help: "name another with `-o`" });
    }
    return path;
  }

  text(kind: EmitKind, emits: Emits, text: string): void {
    const path = this.pathFor(kind, emits);
    if (path === "-") this.streams.out(text);
    else writeOutput(path, text);
  }

  /** One object goes to the path for it; several get their unit's name before the ending. */
  objects(emits: Emits, modules: readonly CompiledModule[], objectBytes: OpenBackend["objectBytes"]): void {
    const path = this.pathFor("obj", emits);
    for (const module of modules) {
      const own = modules.length === 1 ? path : join(dirname(path), `${basename(path, ".o")}.${module.name}.o`);
      writeOutput(own, objectBytes(module));
    }
  }

  private defaultPath(kind: EmitKind): string {
    const { output, files } = this.options;
    if (output !== undefined) return this.single || output === "-" ? output : `${output}${ENDINGS[kind]}`;
    const first = files[0] ?? "";
    return `${first === "-" ? "mirc-out" : basename(first).replace(/\.mir$/, "")}${ENDINGS[kind]}`;
  }
}

function sameFile(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    // One of them does not exist, so they are not the same.
    return false;
  }
}

function writeOutput(path: string, data: string | Uint8Array): void {
  try {
    writeFileSync(path, data);
  } catch (error) {
    throw new Diagnostic(`cannot write ${path}: ${(error as Error).message}`);
  }
}

function report(session: Session, options: MircOptions, streams: Streams): void {
  if (session.options.timePasses) {
    for (const [name, milliseconds] of session.timings)
      streams.err(`${milliseconds.toFixed(3).padStart(12)} ms  ${name}\n`);
  }
  if (session.options.optBisectLimit >= 0) {
    for (const { index, pass, unit, ran } of session.bisectLog) {
      streams.err(`BISECT: ${ran ? "running" : "NOT running"} pass (${index}) ${pass} on ${unit}\n`);
    }
  }
  if (options.verbose) streams.err(`target ${options.target.triple}, opt-level ${session.options.optLevel}\n`);
}
