/**
 * Other targets for a rustc: `core` comes from its sysroot, or is built from its own sources, once, into a cache.
 *
 * Distributions ship `core` compiled for the host alone, but its sources too. `compiler_builtins`, which every crate links against, is built
 * as an empty crate: its routines come from the C compiler's library.
 */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "../../../codegen/index.ts";
import { type Rustc, which } from "./toolchains.ts";

/** The C compiler that links for a target, by architecture as triples begin. */
const LINKERS: Readonly<Record<string, string>> = {
  "aarch64-unknown-linux-gnu": "aarch64-linux-gnu-gcc",
  "riscv64gc-unknown-linux-gnu": "riscv64-linux-gnu-gcc",
  "x86_64-unknown-linux-gnu": "x86_64-linux-gnu-gcc",
};

/** The linker for `target`; undefined when this machine has none. */
export function linkerFor(rustc: Rustc, target: string): string | undefined {
  if (target === rustc.host) return which("cc");
  const name = LINKERS[target];
  return name === undefined ? undefined : which(name);
}

function shipsCore(rustc: Rustc, target: string): boolean {
  const directory = join(rustc.sysroot, "lib", "rustlib", target, "lib");
  return existsSync(directory) && readdirSync(directory).some((name) => /^libcore-.*\.rlib$/.test(name));
}

/** Whether panics can unwind in executables for `target`: std is there, whose panics they are. */
export function canUnwind(rustc: Rustc, target: string): boolean {
  const directory = join(rustc.sysroot, "lib", "rustlib", target, "lib");
  return (
    target === rustc.host &&
    existsSync(directory) &&
    readdirSync(directory).some((name) => /^libstd-.*\.rlib$/.test(name))
  );
}

/** The sources of this very compiler's `core`; those of another release do not compile. */
function coreSources(rustc: Rustc): string | undefined {
  const candidates = [
    join(rustc.sysroot, "lib", "rustlib", "src", "rust", "library"),
    `/usr/src/rustc-${rustc.release}/library`,
  ];
  // What stands in the sysroot of a distribution's compiler may belong to another release.
  const usable = candidates.filter((path) => existsSync(join(path, "core", "src", "lib.rs")));
  return rustc.sysroot === "/usr" ? usable.find((path) => path.includes(rustc.release)) : usable[0];
}

/** Whether `rustc` can make executables for `target` here. */
export function canCompileFor(rustc: Rustc, target: string): boolean {
  if (linkerFor(rustc, target) === undefined) return false;
  return shipsCore(rustc, target) || coreSources(rustc) !== undefined;
}

/** Building `core` takes some 20 seconds of an idle machine. */
const BUILD_MILLISECONDS = 600_000;
const POLL_MILLISECONDS = 250;

export type CoreLibrary =
  /** Nothing needs to be said to the compiler. */
  | { readonly kind: "shipped" }
  | { readonly kind: "built"; readonly directory: string; readonly commands: readonly (readonly string[])[] }
  | { readonly kind: "failed"; readonly message: string };

/** The commands that build `core` for `target` into `directory`. */
export function coreCommands(rustc: Rustc, target: string, directory: string): readonly (readonly string[])[] {
  const sources = coreSources(rustc) ?? "";
  const common = [
    "--crate-type",
    "rlib",
    "--target",
    target,
    "--cap-lints",
    "allow",
    "-C",
    "panic=abort",
    "--out-dir",
    directory,
  ];
  return [
    [
      rustc.path,
      "--crate-name",
      "core",
      "--edition",
      "2024",
      join(sources, "core", "src", "lib.rs"),
      "-C",
      "opt-level=1",
      "-C",
      "codegen-units=16",
      ...common,
    ],
    [
      rustc.path,
      "--crate-name",
      "compiler_builtins",
      "--edition",
      "2021",
      join(directory, "compiler_builtins.rs"),
      "-L",
      directory,
      ...common,
    ],
  ];
}

const EMPTY_BUILTINS = `#![feature(compiler_builtins)]
#![compiler_builtins]
#![no_std]
#![allow(internal_features)]
`;

/**
 * `core` for `target`, built below `cache` if it is not there yet. Several processes may ask at once: one builds, the others wait.
 */
export async function coreFor(rustc: Rustc, target: string, cache: string): Promise<CoreLibrary> {
  if (shipsCore(rustc, target)) return { kind: "shipped" };
  if (coreSources(rustc) === undefined)
    return { kind: "failed", message: `no sources of core ${rustc.release} are here` };
  const directory = join(cache, `rustc-${rustc.release}-${rustc.commit.slice(0, 9)}`, target);
  const lock = `${directory}.lock`;
  for (;;) {
    if (existsSync(directory)) return { kind: "built", directory, commands: coreCommands(rustc, target, directory) };
    mkdirSync(join(directory, ".."), { recursive: true });
    if (takeLock(lock)) break;
    await sleep(POLL_MILLISECONDS);
  }
  try {
    return await build(rustc, target, directory);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** A lock is a directory. One that is older than any build belongs to a process that was killed. */
function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > BUILD_MILLISECONDS) rmSync(lock, { recursive: true, force: true });
  return false;
}

async function build(rustc: Rustc, target: string, directory: string): Promise<CoreLibrary> {
  const partial = `${directory}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "compiler_builtins.rs"), EMPTY_BUILTINS);
  for (const [program, ...args] of coreCommands(rustc, target, partial)) {
    const env = { ...environment(), RUSTC_BOOTSTRAP: "1" };
    const result = await runCommand({
      program: program!,
      args,
      env,
      timeLimit: BUILD_MILLISECONDS,
      outputLimit: 1 << 20,
      errorLimit: 1 << 16,
    });
    if (result.status !== 0) {
      rmSync(partial, { recursive: true, force: true });
      return {
        kind: "failed",
        message: `core for ${target} cannot be built: ${result.stderr.toString("utf8").slice(0, 2000)}`,
      };
    }
  }
  renameSync(partial, directory);
  return { kind: "built", directory, commands: coreCommands(rustc, target, directory) };
}

/** The variables of this process, for a compiler that must find its linker. */
export function environment(): Record<string, string> {
  const copied: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) copied[name] = value;
  return copied;
}
