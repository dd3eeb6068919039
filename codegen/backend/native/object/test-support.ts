/**
 * What the tests of this folder share: tools, temporary files, small objects made by hand.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  EM_X86_64,
  type ObjectFile,
  type ObjectSection,
  type ObjectSymbol,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHT_PROGBITS,
} from "./object-file.ts";

export function hasTool(name: string): boolean {
  return spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0;
}

/** Runs `body` with a fresh directory. */
export function withDirectory<T>(body: (path: (file: string) => string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "mirwatch-object-"));
  try {
    return body((file) => join(directory, file));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The object that `llvm-mc` makes of Intel syntax. */
export function assemble(text: string): Uint8Array {
  return withDirectory((path) => {
    writeFileSync(path("a.s"), `.intel_syntax noprefix\n${text}\n`);
    execFileSync("llvm-mc-22", ["-filetype=obj", "-triple=x86_64", path("a.s"), "-o", path("a.o")]);
    return readFileSync(path("a.o"));
  });
}

export interface Run {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
}

export function runExecutable(bytes: Uint8Array): Run {
  return withDirectory((path) => {
    writeFileSync(path("a.out"), bytes);
    chmodSync(path("a.out"), 0o755);
    const { status, signal, stdout } = spawnSync(path("a.out"), { timeout: 10_000, encoding: "utf8" });
    return { status, signal, stdout };
  });
}

/** What `ld.lld` links of the objects' files. */
export function linkByLld(files: readonly Uint8Array[]): Uint8Array {
  return withDirectory((path) => {
    const names = files.map((bytes, i) => {
      writeFileSync(path(`${i}.o`), bytes);
      return path(`${i}.o`);
    });
    execFileSync("ld.lld-22", [
      "-static",
      "--gc-sections",
      "-z",
      "nostart-stop-gc",
      "--fatal-warnings",
      ...names,
      "-o",
      path("a.out"),
    ]);
    return readFileSync(path("a.out"));
  });
}

/** The standard output of a tool on a file, and what it complains of. */
export function inspect(
  tool: string,
  args: readonly string[],
  bytes: Uint8Array,
): { stdout: string; stderr: string; status: number | null } {
  return withDirectory((path) => {
    writeFileSync(path("file"), bytes);
    const { stdout, stderr, status } = spawnSync(tool, [...args, path("file")], {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    return { stdout, stderr, status };
  });
}

export function codeSection(
  name: string,
  data: Uint8Array,
  relocations: ObjectSection["relocations"] = [],
): ObjectSection {
  return {
    name,
    type: SHT_PROGBITS,
    flags: SHF_ALLOC | SHF_EXECINSTR,
    align: 16,
    data,
    size: data.length,
    relocations,
  };
}

export function globalFunction(name: string, section: number, size = 0): ObjectSymbol {
  return { name, binding: "global", type: "func", section, value: 0, size };
}

export function objectFile(
  name: string,
  sections: readonly ObjectSection[],
  symbols: readonly ObjectSymbol[],
): ObjectFile {
  return { name, machine: EM_X86_64, machineFlags: 0, sections, symbols };
}
