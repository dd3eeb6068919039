/**
 * The backends by the name that `-Z codegen-backend` takes.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { llvmBackend } from "../backend/llvm/index.ts";
import type { LlvmModule } from "../backend/llvm/module.ts";
import { discoverLlvm, type LlvmToolchain, missingFor } from "../backend/llvm/tools.ts";
import { DEFAULT_TOOL_LIMITS, machineFlags, OPT_LEVEL_TABLE, ToolRunner } from "../backend/llvm/write.ts";
import { FAULTS } from "../backend/native/faults/catalogue.ts";
import { nativeBackend, nativeObjectBytes } from "../backend/native/index.ts";
import { bug } from "../entity/entity.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import type { Session } from "../session/session.ts";
import type { CodegenBackend, CompiledModule, ModuleCodegen } from "../ssa/traits/backend.ts";
import type { Target } from "../target/spec.ts";
import type { MircOptions } from "./options.ts";

/** A backend whose modules the driver never looks into. */
export type AnyBackend = CodegenBackend<unknown>;

export const BACKEND_NAMES: readonly string[] = ["native", "llvm"];

/** A backend, its objects as files' contents, and what to do when it is no longer needed. */
export interface OpenBackend {
  readonly backend: AnyBackend;
  readonly objectBytes: (module: CompiledModule) => Uint8Array;
  readonly close: () => void;
}

/**
 * The backend that the options ask for.
 *
 * @throws Diagnostic when there is none of that name, or when it cannot compile for the target.
 */
export async function openBackend(options: MircOptions): Promise<OpenBackend> {
  const name = options.backend === "" ? (hasNative(options.target) ? "native" : "llvm") : options.backend;
  switch (name) {
    case "native":
      return openNative(options);
    case "llvm":
      return openLlvm(options);
    default:
      throw new Diagnostic(`unknown codegen backend \`${name}\``, { help: `one of ${BACKEND_NAMES.join(", ")}` });
  }
}

/** The architectures that the native backend has an ISA for. */
function hasNative(target: Target): boolean {
  return target.arch === "x86_64";
}

function openNative({ target, faults }: MircOptions): OpenBackend {
  if (!hasNative(target)) {
    throw new Diagnostic(`the native backend cannot compile for ${target.triple} yet`, {
      help: "use `-Z codegen-backend=llvm`",
    });
  }
  const unknown = faults.find((fault) => !FAULTS.some(({ name }) => name === fault));
  if (unknown !== undefined) {
    throw new Diagnostic(`no fault \`${unknown}\` to plant`, {
      help: `one of ${FAULTS.map(({ name }) => name).join(", ")}`,
    });
  }
  return { backend: nativeBackend(faults) as AnyBackend, objectBytes: nativeObjectBytes, close: () => {} };
}

async function openLlvm({ target, llvmVersion, faults }: MircOptions): Promise<OpenBackend> {
  if (faults.length > 0) throw new Diagnostic("the llvm backend has no faults to plant");
  const found = await discoverLlvm();
  const toolchain = found.filter((t) => llvmVersion === undefined || t.major === llvmVersion).at(-1);
  if (toolchain === undefined) {
    const versions = found.map((t) => t.major).join(", ");
    throw new Diagnostic(`no LLVM${llvmVersion === undefined ? "" : ` ${llvmVersion}`} was found`, {
      help: versions === "" ? "install llvm and lld" : `found: ${versions}`,
    });
  }
  const missing = missingFor(toolchain, target);
  if (missing !== undefined)
    throw new Diagnostic(missing, { help: `install the packages llvm-${toolchain.major} and lld-${toolchain.major}` });
  const directory = mkdtempSync(join(tmpdir(), "mirc-"));
  const backend: CodegenBackend<LlvmModule> = {
    ...llvmBackend(toolchain, { directory }),
    irKind: "llvm-ir",
    printModule: (session, module) => printLlvm(toolchain, session, module),
    printAssembly: (session, module) => printAssembly(toolchain, session, module),
  };
  return {
    backend: backend as AnyBackend,
    objectBytes: fileBytes,
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function fileBytes({ name, object }: CompiledModule): Uint8Array {
  if (object.kind !== "file") throw bug(`${name} is not an object file`);
  return readFileSync(object.path);
}

async function printLlvm(
  toolchain: LlvmToolchain,
  session: Session,
  { module }: ModuleCodegen<LlvmModule>,
): Promise<string> {
  if (module.kind === "text") return module.text;
  if (module.kind === "object")
    throw new Diagnostic("LTO with the llvm backend leaves no IR to emit", { help: "emit it with `-C lto=no`" });
  if (module.path.endsWith(".ll")) return readFileSync(module.path, "utf8");
  const output = `${module.path}.ll`;
  await new ToolRunner(toolchain, session, DEFAULT_TOOL_LIMITS).run("llvm-dis", [module.path, "-o", output]);
  return readFileSync(output, "utf8");
}

async function printAssembly(
  toolchain: LlvmToolchain,
  session: Session,
  { module }: ModuleCodegen<LlvmModule>,
): Promise<string> {
  if (module.kind !== "file")
    throw new Diagnostic("LTO with the llvm backend leaves no assembly to emit", { help: "emit it with `-C lto=no`" });
  const runner = new ToolRunner(toolchain, session, DEFAULT_TOOL_LIMITS);
  const output = `${module.path}.s`;
  const { codegen } = OPT_LEVEL_TABLE[session.options.optLevel];
  await runner.run("llc", [
    ...machineFlags(runner),
    `-O${codegen}`,
    "-relocation-model=static",
    "-filetype=asm",
    module.path,
    "-o",
    output,
  ]);
  return readFileSync(output, "utf8");
}
