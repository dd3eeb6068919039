/**
 * The native backend: `CodegenBackend` from SSA IR to a static executable, all in this process.
 *
 * Objects stay in memory between the steps. The runtime is compiled once per target, at opt-level 2, and without planted faults.
 */

import { writeFileSync } from "node:fs";
import { CASE_COUNT, RUN_CASE } from "../../runtime/batch.ts";
import { codegenRuntime } from "../../runtime/runtime.ts";
import { DEFAULT_OPTIONS, Session } from "../../session/session.ts";
import type { CodegenBackend, CompiledModule, ModuleBuilder, ModuleCodegen } from "../../ssa/traits/backend.ts";
import type { BuilderMethods } from "../../ssa/traits/builder.ts";
import type { FunctionDecl } from "../../ssa/traits/types.ts";
import type { Target } from "../../target/spec.ts";
import { NativeBuilder } from "./builder.ts";
import { policyWith } from "./faults/catalogue.ts";
import { cloneModule, releaseModule } from "./ir/clone.ts";
import { IrFunction, type IrModule } from "./ir/function.ts";
import { printModule } from "./ir/text.ts";
import { lookupIsa, startStub } from "./isa/lookup.ts";
import { type CompileFlags, compileModule, ObjectBuilder } from "./machinst/compile.ts";
import type { Listing, TargetIsa } from "./machinst/target-isa.ts";
import { writeElfObject } from "./object/elf.ts";
import { readElfObject } from "./object/elf-reader.ts";
import { link } from "./object/linker.ts";
import type { ObjectFile } from "./object/object-file.ts";
import { importFunctions, mergeModules, summarize } from "./opts/lto.ts";
import { optimizeModule } from "./opts/optimize.ts";
import { type NativePolicy, SOUND_NATIVE_POLICY } from "./policy.ts";
import { irSignature } from "./type-of.ts";

/** What the batch's own code must keep: the runtime calls them. */
const LTO_ROOTS: ReadonlySet<string> = new Set([RUN_CASE, CASE_COUNT]);

class NativeModuleBuilder implements ModuleBuilder<IrModule> {
  private readonly module: IrModule;

  constructor(name: string) {
    this.module = { name, functions: [] };
  }

  startFunction(decl: FunctionDecl): BuilderMethods {
    const fn = new IrFunction(decl.symbol, irSignature(decl.signature));
    fn.linkage = decl.linkage;
    fn.inline = decl.inline;
    this.module.functions.push(fn);
    return new NativeBuilder(fn);
  }

  finishFunction(): void {}

  finish(): IrModule {
    return this.module;
  }
}

/** The backend, with the planted `faults` of the catalogue switched on; none outside of self-tests. */
export function nativeBackend(faults: readonly string[] = []): CodegenBackend<IrModule> {
  const policy = policyWith(faults);
  const isas = new Map<string, TargetIsa>();
  const isaOf = (target: Target): TargetIsa => {
    let isa = isas.get(target.arch);
    if (isa === undefined) {
      isa = lookupIsa(target.arch, policy.lowering);
      isas.set(target.arch, isa);
    }
    return isa;
  };
  return {
    name: "native",
    ...(policy.layout === undefined ? {} : { layoutPolicy: policy.layout }),
    ...(policy.ssa === undefined ? {} : { ssaPolicy: policy.ssa }),
    cloneModule,
    releaseModule,
    newModule: (_session, unit) => new NativeModuleBuilder(unit.name),
    optimize: (session, modules) => optimize(session, modules, policy),
    codegen: (session, module) => codegen(module, isaOf(session.target), flagsOf(session, policy)),
    link: (session, modules, output) => linkProgram(session.target, modules, output),
    workerModule: new URL("./worker-module.ts", import.meta.url).href,
    irKind: "ir",
    printModule: (_session, { module }) => printModule(module),
    printAssembly: (session, { module }) => {
      const listing: Listing = [];
      compileModule(module, isaOf(session.target), { ...flagsOf(session, policy), listing });
      return `${listing.join("\n")}\n`;
    },
  };
}

/** LTO across the modules, then each module through the passes of the opt-level. */
function optimize(
  session: Session,
  modules: readonly ModuleCodegen<IrModule>[],
  policy: NativePolicy,
): ModuleCodegen<IrModule>[] {
  const linked = ltoModules(
    session,
    modules.map(({ module }) => module),
    policy,
  );
  for (const module of linked) {
    const before = [...module.functions];
    optimizeModule(module, session, policy.opts, policy.passes);
    const kept = new Set(module.functions);
    for (const fn of before) if (!kept.has(fn)) fn.release();
  }
  return linked.map((module) => ({ name: module.name, module }));
}

function ltoModules({ options }: Session, modules: readonly IrModule[], policy: NativePolicy): readonly IrModule[] {
  switch (options.lto) {
    case "no":
      return modules;
    case "fat":
      return [mergeModules(modules, LTO_ROOTS).module];
    case "thin":
      importFunctions(modules, modules.map(summarize), { optLevel: options.optLevel, costs: policy.opts.inlineCosts });
      return modules;
  }
}

function flagsOf({ options, emitDump }: Session, policy: NativePolicy): CompileFlags {
  const dumpVCode = options.dump.includes("vcode") || options.dump.includes("all");
  return {
    algorithm: options.optLevel === "0" ? "fast" : "linear-scan",
    verify: options.verify,
    optForSize: options.optLevel === "s" || options.optLevel === "z",
    ...(policy.regalloc === undefined ? {} : { regallocPolicy: policy.regalloc }),
    ...(dumpVCode ? { dumpVCode: (symbol, text) => emitDump(`${symbol}: vcode`, text) } : {}),
  };
}

function codegen({ name, module }: ModuleCodegen<IrModule>, isa: TargetIsa, flags: CompileFlags): CompiledModule {
  const object = compileModule(module, isa, flags);
  const textSize = object.sections.reduce(
    (sum, section) => sum + (section.name.startsWith(".text") ? section.size : 0),
    0,
  );
  return { name, object: { kind: "memory", data: object }, textSize };
}

function objectOf({ name, object }: CompiledModule): ObjectFile {
  // Only this backend makes these modules, so the data is its own.
  return object.kind === "memory"
    ? (object.data as ObjectFile)
    : readElfObject(object.kind === "bytes" ? object.bytes : new Uint8Array(0), name);
}

/** The ELF file of a compiled module, for `--emit=obj`. */
export function nativeObjectBytes(module: CompiledModule): Uint8Array {
  return writeElfObject(objectOf(module));
}

function linkProgram(target: Target, modules: readonly CompiledModule[], output: string): void {
  const { bytes } = link([...modules.map(objectOf), ...runtimeObjects(target)]);
  writeFileSync(output, bytes, { mode: 0o755 });
}

const runtimes = new Map<string, readonly ObjectFile[]>();

/** The runtime and `_start`, compiled once. */
function runtimeObjects(target: Target): readonly ObjectFile[] {
  let objects = runtimes.get(target.triple);
  if (objects === undefined) {
    const session = new Session({ ...DEFAULT_OPTIONS, optLevel: "2", verify: true }, target);
    const isa = lookupIsa(target.arch);
    const module = codegenRuntime(target, (unit) => new NativeModuleBuilder(unit.name));
    const [optimized] = optimize(session, [{ name: module.name, module }], SOUND_NATIVE_POLICY);
    const start = new ObjectBuilder("start", isa);
    start.add(startStub(target.arch));
    objects = [compileModule(optimized!.module, isa, flagsOf(session, SOUND_NATIVE_POLICY)), start.finish()];
    runtimes.set(target.triple, objects);
  }
  return objects;
}
