/**
 * The runtime as an object: its MIR through this backend, with `_start` as module assembly, once per toolchain and target.
 *
 * Objects are kept in a cache directory under the hash of the module's text, so that several processes can share them. The runtime is compiled at a
 * fixed opt-level and without builtins: `memcpy` must not become a call of `memcpy`.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bug } from "../../entity/entity.ts";
import { codegenRuntime } from "../../runtime/runtime.ts";
import { DEFAULT_OPTIONS, type Options, Session } from "../../session/session.ts";
import type { Target } from "../../target/spec.ts";
import { NO_ATTRIBUTES } from "./abi.ts";
import { START_ASM } from "./asm.ts";
import { type ModuleOptions, moduleOptions } from "./context.ts";
import { newLlvmModule } from "./module.ts";
import type { LlvmToolchain } from "./tools.ts";
import { DEFAULT_TOOL_LIMITS, emitObject, optimizeModule, type ToolRun, ToolRunner } from "./write.ts";

const RUNTIME_OPTIONS: Options = { ...DEFAULT_OPTIONS, optLevel: "1" };

/** By cache directory, toolchain and target. */
const objects = new Map<string, Promise<string>>();

/** How the runtime's module is written for `target` by LLVM `major`. */
export function runtimeModuleOptions(target: Target, major: number): ModuleOptions {
  const options = moduleOptions(new Session(RUNTIME_OPTIONS, target), major, NO_ATTRIBUTES);
  return { ...options, noBuiltins: true, moduleAsm: START_ASM[target.arch] };
}

/** The runtime's module as LLVM IR text. */
export function runtimeText(target: Target, major: number): string {
  const options = runtimeModuleOptions(target, major);
  const module = codegenRuntime(target, (unit) => newLlvmModule(unit.name, options));
  if (module.kind !== "text") throw bug("a new module is not text");
  return module.text;
}

/** The path of the runtime's object in `cacheDirectory`, which is made when it is not there. */
export function runtimeObject(toolchain: LlvmToolchain, target: Target, cacheDirectory: string): Promise<string> {
  const key = `${cacheDirectory}\0${toolchain.tools.llc}\0${target.triple}`;
  let object = objects.get(key);
  if (object === undefined) {
    object = makeObject(toolchain, target, cacheDirectory);
    objects.set(key, object);
    // A failure (a full disk) may pass: the next one tries again.
    object.catch(() => objects.delete(key));
  }
  return object;
}

async function makeObject(toolchain: LlvmToolchain, target: Target, cacheDirectory: string): Promise<string> {
  const text = runtimeText(target, toolchain.major);
  const hash = createHash("sha256").update(toolchain.version).update(text).digest("hex").slice(0, 16);
  const path = join(cacheDirectory, `runtime-llvm-${toolchain.version}-${target.arch}-${hash}.o`);
  if (existsSync(path)) return path;
  mkdirSync(cacheDirectory, { recursive: true });
  // Made aside and moved, so that a process beside this one sees it whole or not at all.
  const directory = mkdtempSync(join(cacheDirectory, "runtime-"));
  try {
    const { object } = await buildRuntime(toolchain, target, directory, text);
    renameSync(object, path);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return path;
}

/** Compiles the runtime in `directory`, which is left with `runtime.ll` and `runtime.o`; gives the commands too. */
export async function buildRuntime(
  toolchain: LlvmToolchain,
  target: Target,
  directory: string,
  text: string = runtimeText(target, toolchain.major),
): Promise<{ readonly object: string; readonly runs: readonly ToolRun[] }> {
  const base = join(directory, "runtime");
  const runner = new ToolRunner(toolchain, new Session(RUNTIME_OPTIONS, target), DEFAULT_TOOL_LIMITS);
  writeFileSync(`${base}.ll`, text);
  await optimizeModule(runner, "default", `${base}.ll`, `${base}.bc`);
  await emitObject(runner, `${base}.bc`, `${base}.o`);
  return { object: `${base}.o`, runs: runner.runs };
}

let processCache: string | undefined;

/** A cache directory of this process, which is removed when it exits. */
export function processCacheDirectory(): string {
  if (processCache === undefined) {
    const directory = mkdtempSync(join(tmpdir(), "mirwatch-llvm-cache-"));
    process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
    processCache = directory;
  }
  return processCache;
}
