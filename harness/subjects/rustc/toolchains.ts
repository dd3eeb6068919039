/**
 * Finds the rustc compilers of this machine: in `PATH` and among rustup's toolchains. One compiler found twice counts once.
 */

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { runCommand } from "../../../codegen/index.ts";

export interface Rustc {
  /** The compiler itself, not rustup's proxy for it. */
  readonly path: string;
  /** `1.96.0`, `1.97.0-nightly`. */
  readonly release: string;
  readonly minor: number;
  /** Distinguishes builds of one release. */
  readonly commit: string;
  readonly host: string;
  readonly sysroot: string;
}

const PROBE_MILLISECONDS = 20_000;

/** What `program` prints; undefined when it fails or is not there. */
async function output(program: string, args: readonly string[]): Promise<string | undefined> {
  const result = await runCommand({
    program,
    args,
    timeLimit: PROBE_MILLISECONDS,
    outputLimit: 1 << 20,
    errorLimit: 1 << 16,
  });
  return result.status === 0 && !result.timedOut ? result.stdout.toString("utf8") : undefined;
}

/** All compilers, by version and then in the order in which they are found. */
export async function findRustcs(): Promise<Rustc[]> {
  const found = new Map<string, Rustc>();
  for (const candidate of [...(await rustupToolchains()), ...inPath("rustc")]) {
    const rustc = await probe(candidate);
    if (rustc === undefined) continue;
    const key = `${rustc.release} ${rustc.commit}`;
    if (!found.has(key)) found.set(key, rustc);
  }
  return [...found.values()].sort(
    (a, b) => a.minor - b.minor || (a.release < b.release ? -1 : Number(a.release > b.release)),
  );
}

/** The compilers of rustup's toolchains, whose own binaries are called: the proxy in `PATH` costs as much as a small compilation. */
async function rustupToolchains(): Promise<string[]> {
  const list = await output("rustup", ["toolchain", "list"]);
  if (list === undefined) return [];
  const home = process.env.RUSTUP_HOME ?? join(homedir(), ".rustup");
  return list
    .split("\n")
    .map((line) => line.split(" ")[0]!)
    .filter((name) => name !== "")
    .map((name) => join(home, "toolchains", name, "bin", "rustc"))
    .filter((path) => existsSync(path));
}

function inPath(program: string): string[] {
  const directories = (process.env.PATH ?? "").split(delimiter);
  return [...new Set(directories)].map((directory) => join(directory, program)).filter((path) => existsSync(path));
}

async function probe(path: string): Promise<Rustc | undefined> {
  const version = await output(path, ["-vV"]);
  const sysroot = (await output(path, ["--print", "sysroot"]))?.trim();
  if (version === undefined || sysroot === undefined) return undefined;
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, "m").exec(version)?.[1] ?? "";
  const release = field("release");
  const minor = /^1\.(\d+)/.exec(release)?.[1];
  if (minor === undefined) return undefined;
  const own = join(sysroot, "bin", "rustc");
  return {
    path: existsSync(own) ? own : path,
    release,
    minor: Number(minor),
    commit: field("commit-hash"),
    host: field("host"),
    sysroot,
  };
}

/** The path of `program` in `PATH`, if it is there. */
export function which(program: string): string | undefined {
  return inPath(program)[0];
}
