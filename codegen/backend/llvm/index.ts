/**
 * The LLVM backend: `CodegenBackend` over the tools of one installed LLVM. As rustc_codegen_llvm/src/lib.rs.
 *
 * Processes per compilation of N codegen units: without LTO `opt` and `llc` for each (`llc` alone at opt-level 0, where `opt` would only
 * inline what must be inlined) and one `ld.lld`; with LTO `opt` for each and one `ld.lld`.
 */

import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bug } from "../../entity/entity.ts";
import { Diagnostic } from "../../session/diagnostic.ts";
import type { Session } from "../../session/session.ts";
import type { CodegenBackend, CompiledModule, ModuleCodegen } from "../../ssa/traits/backend.ts";
import { type AttributePolicy, RUSTC_ATTRIBUTES } from "./abi.ts";
import { moduleOptions } from "./context.ts";
import { type LtoResult, linkObjects, prepareForLto, runLto } from "./lto.ts";
import { type LlvmModule, newLlvmModule } from "./module.ts";
import { processCacheDirectory, runtimeObject } from "./runtime.ts";
import type { LlvmToolchain } from "./tools.ts";
import { DEFAULT_TOOL_LIMITS, emitObject, optimizeModule, type ToolLimits, type ToolRun, ToolRunner } from "./write.ts";

export interface LlvmBackendConfig {
  /** An existing directory for the files between the tools, which stay there. A temporary one, removed after the link, when absent. */
  readonly directory?: string;
  readonly limits?: ToolLimits;
  readonly attributes?: AttributePolicy;
  /** Where runtime objects are kept from one process to the next; a directory of this process when absent. */
  readonly cacheDirectory?: string;
  /** The object to link instead of the runtime, which must have `_start`. */
  readonly runtimeObject?: (session: Session) => Promise<string> | string;
}

export interface LlvmBackend extends CodegenBackend<LlvmModule> {
  readonly toolchain: LlvmToolchain;
  /** The runs of the tools for `session` so far, in order. */
  toolRuns(session: Session): readonly ToolRun[];
}

/** What the backend keeps per session. */
interface SessionState {
  readonly runner: ToolRunner;
  readonly directory: string;
  readonly temporary: boolean;
  readonly prefix: string;
  readonly used: Set<string>;
  lto: LtoResult | undefined;
}

/** The backend that drives `toolchain`. */
export function llvmBackend(toolchain: LlvmToolchain, config: LlvmBackendConfig = {}): LlvmBackend {
  const states = new WeakMap<Session, SessionState>();
  let sessions = 0;
  const stateOf = (session: Session): SessionState => {
    let state = states.get(session);
    if (state === undefined) {
      state = newState(toolchain, session, config, sessions++);
      states.set(session, state);
    }
    return state;
  };
  const guarded = async <T>(state: SessionState, step: () => Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (error) {
      removeTemporary(state);
      throw explainDiskError(error);
    }
  };
  const attributes = config.attributes ?? RUSTC_ATTRIBUTES;
  return {
    name: "llvm",
    toolchain,
    toolRuns: (session) => states.get(session)?.runner.runs ?? [],
    newModule: (session, unit) => newLlvmModule(unit.name, moduleOptions(session, toolchain.major, attributes)),
    optimize: (session, modules) => {
      const state = stateOf(session);
      return guarded(state, () => optimize(state, modules, config));
    },
    codegen: (session, module) => {
      const state = stateOf(session);
      return guarded(state, () => codegen(state, module));
    },
    link: (session, modules, output) => {
      const state = stateOf(session);
      return guarded(state, () => link(state, modules, output, config));
    },
  };
}

function newState(toolchain: LlvmToolchain, session: Session, config: LlvmBackendConfig, index: number): SessionState {
  const temporary = config.directory === undefined;
  return {
    runner: new ToolRunner(toolchain, session, config.limits ?? DEFAULT_TOOL_LIMITS),
    directory: config.directory ?? mkdtempSync(join(tmpdir(), "mirwatch-llvm-")),
    temporary,
    prefix: temporary || index === 0 ? "" : `${index}-`,
    used: new Set(),
    lto: undefined,
  };
}

async function optimize(
  state: SessionState,
  modules: readonly ModuleCodegen<LlvmModule>[],
  config: LlvmBackendConfig,
): Promise<ModuleCodegen<LlvmModule>[]> {
  const { runner } = state;
  const { lto, optLevel } = runner.session.options;
  const optimized: ModuleCodegen<LlvmModule>[] = [];
  for (const { name, module } of modules) {
    if (module.kind !== "text") throw bug(`module ${name} is optimised twice`);
    const base = fileBase(state, name);
    writeFileSync(`${base}.ll`, module.text);
    if (lto !== "no") await prepareForLto(runner, `${base}.ll`, `${base}.bc`);
    else if (optLevel !== "0" || module.hasAlwaysInline || runner.bisecting)
      await optimizeModule(runner, "default", `${base}.ll`, `${base}.bc`);
    else {
      optimized.push({ name, module: { kind: "file", path: `${base}.ll` } });
      continue;
    }
    optimized.push({ name, module: { kind: "file", path: `${base}.bc` } });
  }
  if (lto === "no") return optimized;
  const runtime = await runtimeFor(runner, config);
  const bitcode = optimized.map(({ module }) => (module.kind === "file" ? module.path : ""));
  state.lto = await runLto(runner, bitcode, runtime, `${fileBase(state, "lto")}.o`, fileBase(state, "lto.exe"));
  return state.lto.objects.map((object, i) => ({ name: `lto.${i}`, module: { kind: "object", ...object } }));
}

async function codegen(state: SessionState, { name, module }: ModuleCodegen<LlvmModule>): Promise<CompiledModule> {
  if (module.kind === "text") throw bug(`module ${name} is not optimised yet`);
  if (module.kind === "object") return { name, object: { kind: "file", path: module.path }, textSize: module.textSize };
  const output = module.path.replace(/\.[^.]*$/, ".o");
  const textSize = await emitObject(state.runner, module.path, output);
  return { name, object: { kind: "file", path: output }, textSize };
}

async function link(
  state: SessionState,
  modules: readonly CompiledModule[],
  output: string,
  config: LlvmBackendConfig,
): Promise<void> {
  const objects = modules.map(objectPath);
  if (state.lto !== undefined && sameFiles(objects, state.lto)) moveFile(state.lto.executable, output);
  else await linkObjects(state.runner, objects, await runtimeFor(state.runner, config), output);
  removeTemporary(state);
}

function runtimeFor({ toolchain, session }: ToolRunner, config: LlvmBackendConfig): Promise<string> | string {
  if (config.runtimeObject !== undefined) return config.runtimeObject(session);
  return runtimeObject(toolchain, session.target, config.cacheDirectory ?? processCacheDirectory());
}

function objectPath(module: CompiledModule): string {
  if (module.object.kind !== "file") throw bug(`${module.name} is not an object file`);
  return module.object.path;
}

/** Whether LTO has linked exactly these objects already. */
function sameFiles(objects: readonly string[], lto: LtoResult): boolean {
  return objects.length === lto.objects.length && objects.every((path, i) => path === lto.objects[i]?.path);
}

/** A path without ending for the files of the unit `name`, which no other unit of the session has. */
function fileBase(state: SessionState, name: string): string {
  const clean = state.prefix + name.replace(/[^\w.-]/g, "_");
  let unique = clean;
  for (let i = 1; state.used.has(unique); i++) unique = `${clean}-${i}`;
  state.used.add(unique);
  return join(state.directory, unique);
}

function moveFile(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another file system.
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    copyFileSync(from, to);
    rmSync(from);
  }
}

function removeTemporary(state: SessionState): void {
  if (state.temporary) rmSync(state.directory, { recursive: true, force: true });
}

/** A full disk is the user's to mend; any other error is passed on as it is. */
function explainDiskError(error: unknown): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new Diagnostic(`no space left on device${path === undefined ? "" : `, writing ${path}`}`, {
    help: "free some room, or choose another --out",
  });
}
