/**
 * Finding LLVM installations: which releases are on this machine, and which tools and targets each has.
 *
 * A release is found by its `llc`, as `llc-N` or as `llc` on `PATH`. Its other tools must lie beside it and bear the same suffix, because bitcode is
 * only good within one release.
 */

import { accessSync, constants, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runCommand } from "../../ssa/back/command.ts";
import type { Target } from "../../target/spec.ts";
import { OLDEST_LLVM } from "./versions.ts";

export type LlvmTool =
  | "llc"
  | "opt"
  | "ld.lld"
  | "llvm-link"
  | "llvm-lto2"
  | "llvm-as"
  | "llvm-dis"
  | "llvm-mc"
  | "llvm-objdump";

const TOOLS: readonly LlvmTool[] = [
  "llc",
  "opt",
  "ld.lld",
  "llvm-link",
  "llvm-lto2",
  "llvm-as",
  "llvm-dis",
  "llvm-mc",
  "llvm-objdump",
];

/** One installed LLVM. */
export interface LlvmToolchain {
  /** `19.1.7`. */
  readonly version: string;
  readonly major: number;
  /** Absolute paths of the tools that are there. */
  readonly tools: Readonly<Partial<Record<LlvmTool, string>>>;
  /** The architectures that `llc` was built for, by LLVM's names (`x86-64`, `aarch64`, `riscv64`). */
  readonly architectures: readonly string[];
}

/** The name that `llc --version` prints for an architecture. */
const LLC_ARCHITECTURE: Readonly<Record<Target["arch"], string>> = {
  x86_64: "x86-64",
  aarch64: "aarch64",
  riscv64: "riscv64",
};

/**
 * Every usable LLVM on this machine, one per version, oldest first.
 *
 * @param searchPath directories in the form of `PATH`.
 */
export async function discoverLlvm(searchPath: string = process.env.PATH ?? ""): Promise<LlvmToolchain[]> {
  const found = new Map<string, LlvmToolchain>();
  for (const toolchain of await Promise.all(candidates(searchPath).map(probe))) {
    if (toolchain !== undefined && !found.has(toolchain.version)) found.set(toolchain.version, toolchain);
  }
  return [...found.values()].sort((a, b) => a.major - b.major || (a.version < b.version ? -1 : 1));
}

/** The LLVM whose `llc` is at `llc`; undefined when it does not run or is too old. */
export async function probe(llc: string): Promise<LlvmToolchain | undefined> {
  const result = await runCommand({
    program: llc,
    args: ["--version"],
    timeLimit: 10_000,
    outputLimit: 1 << 16,
    errorLimit: 1 << 12,
  });
  const text = result.stdout.toString();
  const version = /LLVM version (\d+\.\d+\.\d+)/.exec(text)?.[1];
  if (result.status !== 0 || version === undefined) return undefined;
  const major = Number.parseInt(version, 10);
  if (major < OLDEST_LLVM) return undefined;
  const registered = text.slice(text.indexOf("Registered Targets:"));
  const architectures = [...registered.matchAll(/^ {2,}(\S+) +- /gm)].map((match) => match[1]!);
  return { version, major, tools: toolsBeside(llc), architectures };
}

/** Why `toolchain` cannot compile for `target`, or undefined when it can. */
export function missingFor(toolchain: LlvmToolchain, target: Target): string | undefined {
  for (const tool of ["llc", "opt", "ld.lld"] as const) {
    if (toolchain.tools[tool] === undefined) return `LLVM ${toolchain.version} has no ${tool}`;
  }
  if (!toolchain.architectures.includes(LLC_ARCHITECTURE[target.arch]))
    return `LLVM ${toolchain.version} was built without ${target.arch}`;
  return undefined;
}

function candidates(searchPath: string): string[] {
  const paths = new Set<string>();
  for (const directory of searchPath.split(":")) {
    if (directory === "") continue;
    for (const name of list(directory).sort()) if (/^llc(-\d+)?$/.test(name)) paths.add(join(directory, name));
  }
  // The unversioned name comes last: a versioned one says more in a command line.
  return [...paths].filter(isExecutable).sort((a, b) => Number(basename(a) === "llc") - Number(basename(b) === "llc"));
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // A directory on PATH need not exist.
    return [];
  }
}

function toolsBeside(llc: string): Partial<Record<LlvmTool, string>> {
  const suffix = basename(llc).slice("llc".length);
  const tools: Partial<Record<LlvmTool, string>> = {};
  for (const tool of TOOLS) {
    const path = join(dirname(llc), tool + suffix);
    if (isExecutable(path)) tools[tool] = path;
  }
  return tools;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
