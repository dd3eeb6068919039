/**
 * The driver: a program through collection, partitioning, a backend's steps, to an executable. As rustc_codegen_ssa/src/base.rs
 * (`codegen_crate`) and rustc_interface's passes.
 *
 * A program to be linked is a batch: `mirwatch_run_case` and `mirwatch_case_count` are its roots. One that has none of them gets them here,
 * with its entry points as cases.
 */

import { statSync } from "node:fs";
import { bug } from "../entity/entity.ts";
import type { LayoutCx } from "../layout/layout.ts";
import { type LayoutPolicy, layoutPolicyOf } from "../layout/policy.ts";
import type { TargetDataLayout } from "../layout/types.ts";
import { entryPoints, type Program } from "../mir/program.ts";
import type { Body, FnItem } from "../mir/syntax.ts";
import type { TyCtxt } from "../mir/ty.ts";
import { collectCrate } from "../monomorphize/collector.ts";
import { instanceBody } from "../monomorphize/instantiate.ts";
import { hasTraits, newLayoutCx } from "../monomorphize/layouts.ts";
import { keepBodies } from "../monomorphize/mentioned-items.ts";
import type { Instance } from "../monomorphize/mono-item.ts";
import { type CodegenUnit, partition } from "../monomorphize/partitioning.ts";
import { instanceOf } from "../monomorphize/symbol-names.ts";
import { addBatchEntry, batchRoots } from "../runtime/batch.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import type { Session } from "../session/session.ts";
import { replaceBodies } from "../transform/run-passes.ts";
import { evaluateConstants } from "./constants.ts";
import { CodegenCx, DEFAULT_SSA_POLICY, type SsaPolicy } from "./context.ts";
import { codegenFunction } from "./mir/codegen-mir.ts";
import type { CodegenBackend, CompiledModule, ModuleBuilder, ModuleCodegen } from "./traits/backend.ts";

/** The stages of a compilation, in order. */
export const STAGES: readonly Stage[] = ["collect", "partition", "codegenUnits", "optimize", "codegen", "link"];
export type Stage = "collect" | "partition" | "codegenUnits" | "optimize" | "codegen" | "link";

export interface CompileResult {
  /** The executable; undefined when `emit` stopped before the link. */
  readonly output: string | undefined;
  readonly monoItems: number;
  readonly codegenUnits: number;
  /** Bytes of machine code of the program, the runtime's not counted. */
  readonly textSize: number;
  /** Bytes of object files that were made, where they are files or bytes. */
  readonly objectSize: number;
  /** Bytes of the executable. */
  readonly executableSize: number;
  /** Wall-clock seconds of the whole. */
  readonly seconds: number;
  /** Wall-clock milliseconds. */
  readonly stages: Readonly<Record<Stage, number>>;
}

/** Generates the backend IR of all functions of `unit` into `module`. */
export function codegenUnit<M>(
  layouts: LayoutCx,
  unit: CodegenUnit,
  module: ModuleBuilder<M>,
  policy: SsaPolicy = DEFAULT_SSA_POLICY,
): void {
  const { mono } = unit;
  const cx = new CodegenCx(layouts, unit.linkages, policy, mono);
  for (const { instance } of unit.items) {
    const body = mono === undefined ? instance.item.body : instanceBody(mono, instance);
    if (body === undefined) throw bug(`${instance.symbol} has no body`);
    const builder = module.startFunction(cx.declOf(instance));
    codegenFunction(cx, instance, body, builder);
    module.finishFunction();
  }
}

interface LayoutsOf {
  readonly dataLayout: TargetDataLayout;
  readonly policy: LayoutPolicy;
  readonly layouts: LayoutCx;
}

/** By program where impls say what types are, else by its types. */
const layoutsBy = new WeakMap<Program | TyCtxt, LayoutsOf[]>();

/** The layouts of `program`'s types for the session's target, shared by all compilations that lay out alike. */
export function layoutsFor<M>(program: Program, { target }: Session, backend: CodegenBackend<M>): LayoutCx {
  const policy = backend.layoutPolicy ?? layoutPolicyOf(program.tcx.rustcRelease);
  const { dataLayout } = target;
  const key = hasTraits(program) ? program : program.tcx;
  let known = layoutsBy.get(key);
  if (known === undefined) {
    known = [];
    layoutsBy.set(key, known);
  }
  let found = known.find((l) => l.dataLayout === dataLayout && l.policy === policy);
  if (found === undefined) {
    found = { dataLayout, policy, layouts: newLayoutCx(program, dataLayout, policy) };
    known.push(found);
  }
  return found.layouts;
}

/** Compiles one unit to a module of the backend's IR. */
export function compileCodegenUnit<M>(
  session: Session,
  backend: CodegenBackend<M>,
  layouts: LayoutCx,
  unit: CodegenUnit,
): ModuleCodegen<M> {
  const module = backend.newModule(session, unit);
  codegenUnit(layouts, unit, module, backend.ssaPolicy);
  return { name: unit.name, module: module.finish() };
}

/**
 * `program` with a batch entry; as it is, when it has one.
 *
 * @throws Diagnostic when it has no entry points.
 */
export function withBatchEntry(program: Program): Program {
  if (batchRoots(program) !== undefined) return program;
  const entries = entryPoints(program);
  if (entries.length === 0) {
    throw new Diagnostic("the program has no entry point", {
      file: program.file,
      help: "define `fn main()`, or `fn input_0()` and so on, without parameters",
    });
  }
  return addBatchEntry(program, entries);
}

/** The roots of the collection: what the runtime calls. */
export function rootsOf(program: Program): readonly Instance[] {
  const roots = batchRoots(program);
  if (roots === undefined) throw bug("a program without a batch entry");
  return roots.map((item) => instanceOf(item));
}

/** The codegen units of `batch`, a program with a batch entry. */
export function prepareUnits(
  batch: Program,
  session: Session,
  clock: StageClock = new StageClock(session),
): readonly CodegenUnit[] {
  const roots = rootsOf(batch);
  evaluateConstants(batch, session.target.dataLayout);
  const { items, statics, mono } = clock.time("collect", () => collectCrate(batch, roots, batch.statics));
  const symbols = new Set(roots.map((root) => root.symbol));
  const inlineInAllCgus = inlinesInAllCgus(session);
  return clock.time("partition", () =>
    partition(items, session.options.codegenUnits, symbols, { statics, mono, inlineInAllCgus }),
  );
}

/** Whether each unit gets its own copy of what is to be inlined. */
export function inlinesInAllCgus({ options }: Session): boolean {
  return options.inlineInAllCgus ?? options.optLevel !== "0";
}

/** A program's units, and the backend's IR of each before any pass. */
interface UnitModules<M> {
  readonly units: readonly CodegenUnit[];
  readonly modules: readonly ModuleCodegen<M>[];
}

/** Makes the units of `batch`, a program with a batch entry, and their IR. */
function buildModules<M>(
  batch: Program,
  session: Session,
  backend: CodegenBackend<M>,
  clock: StageClock,
): UnitModules<M> {
  const units = prepareUnits(batch, session, clock);
  const layouts = layoutsFor(batch, session, backend);
  const modules = clock.time("codegenUnits", () =>
    units.map((unit) => compileCodegenUnit(session, backend, layouts, unit)),
  );
  return { units, modules };
}

/**
 * A program that one backend compiles many times, in many ways. What depends on no options but the number of units and
 * what is copied into each is made once and copied for each compilation: the units and their IR before any pass.
 */
export class PreparedProgram<M> {
  readonly backend: CodegenBackend<M>;
  private readonly batch: Program;
  private readonly bodies: ReadonlyMap<FnItem, Body>;
  private readonly built = new Map<string, UnitModules<M>>();

  /** `bodies` stand in for those of `program` while it is compiled: what MIR passes made of them. */
  constructor(program: Program, backend: CodegenBackend<M>, bodies: ReadonlyMap<FnItem, Body> = new Map()) {
    this.batch = withBatchEntry(program);
    this.backend = backend;
    this.bodies = bodies;
  }

  /** The units and their IR, the caller's own to change. */
  modules(session: Session, clock: StageClock): UnitModules<M> {
    const { backend, built } = this;
    if (backend.cloneModule === undefined) return this.build(session, clock);
    const { codegenUnits } = session.options;
    const key = `${session.target.triple} ${codegenUnits} ${codegenUnits > 1 && inlinesInAllCgus(session)}`;
    let found = built.get(key);
    if (found === undefined) {
      found = this.build(session, clock);
      built.set(key, found);
    }
    const { units, modules } = found;
    return clock.time("codegenUnits", () => ({
      units,
      modules: modules.map(({ name, module }) => ({ name, module: backend.cloneModule!(module) })),
    }));
  }

  private build(session: Session, clock: StageClock): UnitModules<M> {
    keepBodies(this.bodies.keys());
    const restore = replaceBodies(this.bodies);
    try {
      return buildModules(this.batch, session, this.backend, clock);
    } finally {
      restore();
    }
  }
}

/** Compiles `program` to an executable at `output`. */
export async function compileProgram<M>(
  program: Program,
  session: Session,
  backend: CodegenBackend<M>,
  output: string,
): Promise<CompileResult> {
  const clock = new StageClock(session);
  return finishProgram(buildModules(withBatchEntry(program), session, backend, clock), session, backend, output, clock);
}

/** Compiles a program to an executable at `output`, from what is prepared of it. */
export async function compilePrepared<M>(
  program: PreparedProgram<M>,
  session: Session,
  output: string,
): Promise<CompileResult> {
  const clock = new StageClock(session);
  return finishProgram(program.modules(session, clock), session, program.backend, output, clock);
}

/** From IR to the executable. */
async function finishProgram<M>(
  { units, modules }: UnitModules<M>,
  session: Session,
  backend: CodegenBackend<M>,
  output: string,
  clock: StageClock,
): Promise<CompileResult> {
  const compiled = await compileModules(session, backend, modules, clock);
  // Before the link: a backend may remove its intermediate files in it.
  const objectBytes = compiled.reduce((sum, module) => sum + objectSize(module), 0);
  await clock.timeAsync("link", () => backend.link(session, compiled, output));
  return {
    output,
    monoItems: units.reduce((sum, unit) => sum + unit.items.length, 0),
    codegenUnits: units.length,
    textSize: compiled.reduce((sum, module) => sum + module.textSize, 0),
    objectSize: objectBytes,
    executableSize: statSync(output).size,
    seconds: clock.seconds(),
    stages: clock.stages,
  };
}

/** Optimises the modules (with LTO) and makes machine code of what comes out. The modules are used up. */
export async function compileModules<M>(
  session: Session,
  backend: CodegenBackend<M>,
  modules: readonly ModuleCodegen<M>[],
  clock: StageClock,
): Promise<CompiledModule[]> {
  const optimized = await clock.timeAsync("optimize", () => backend.optimize(session, modules));
  return clock.timeAsync("codegen", async () => {
    const compiled: CompiledModule[] = [];
    for (const module of optimized) {
      const step = backend.codegen(session, module);
      compiled.push(step instanceof Promise ? await step : step);
      backend.releaseModule?.(module.module);
    }
    return compiled;
  });
}

function objectSize({ object }: CompiledModule): number {
  if (object.kind === "file") return statSync(object.path).size;
  return object.kind === "bytes" ? object.bytes.length : 0;
}

/** Milliseconds per stage; also the session's timings under `-Z time-passes`. */
export class StageClock {
  readonly stages: Record<Stage, number> = {
    collect: 0,
    partition: 0,
    codegenUnits: 0,
    optimize: 0,
    codegen: 0,
    link: 0,
  };
  private readonly session: Session;
  private readonly start = performance.now();

  constructor(session: Session) {
    this.session = session;
  }

  /** Seconds since the clock was made. */
  seconds(): number {
    return (performance.now() - this.start) / 1000;
  }

  time<T>(stage: Stage, work: () => T): T {
    const start = performance.now();
    const result = work();
    this.add(stage, performance.now() - start);
    return result;
  }

  async timeAsync<T>(stage: Stage, work: () => T | Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.add(stage, performance.now() - start);
    return result;
  }

  private add(stage: Stage, milliseconds: number): void {
    this.stages[stage] += milliseconds;
    if (this.session.options.timePasses) this.session.addTime(stage, milliseconds);
  }
}
