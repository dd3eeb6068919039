/** Tools that this machine lacks, with what each would unlock and the line that installs it on Debian. */

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { SubjectInfo } from "./subject.ts";

export interface MissingTool {
  readonly name: string;
  readonly unlocks: string;
  readonly install: string;
}

interface Tool {
  readonly name: string;
  readonly unlocks: string;
  readonly install: string;
  /** Executables of which all must be there; found by name in PATH. */
  readonly executables: readonly string[];
}

const LLVM_VERSIONS: readonly number[] = [14, 16, 19, 22];

const TOOLS: readonly Tool[] = [
  ...LLVM_VERSIONS.map((version) => ({
    name: `LLVM ${version}`,
    unlocks: `the subject llvm-${version}`,
    install: `apt-get install -y llvm-${version} lld-${version}`,
    executables: [`llc-${version}`, `opt-${version}`, `llvm-link-${version}`, `ld.lld-${version}`],
  })),
  {
    name: "qemu-user",
    unlocks: "running aarch64 and riscv64 executables",
    install: "apt-get install -y qemu-user",
    executables: ["qemu-aarch64", "qemu-riscv64"],
  },
  {
    name: "cross GCC for aarch64",
    unlocks: "rustc as a subject on aarch64 (its linker and libc)",
    install: "apt-get install -y gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
    executables: ["aarch64-linux-gnu-gcc"],
  },
  {
    name: "cross GCC for riscv64",
    unlocks: "rustc as a subject on riscv64 (its linker and libc)",
    install: "apt-get install -y gcc-riscv64-linux-gnu libc6-dev-riscv64-cross",
    executables: ["riscv64-linux-gnu-gcc"],
  },
];

/** What is missing, given the `subjects` that were found. */
export async function missingTools(subjects: readonly SubjectInfo[]): Promise<MissingTool[]> {
  const missing = TOOLS.filter((tool) => !tool.executables.every(inPath)).map(({ name, unlocks, install }) => ({
    name,
    unlocks,
    install,
  }));
  if (!subjects.some((subject) => subject.kind === "rustc")) {
    missing.push({
      name: "rustc",
      unlocks: "rustc as a subject",
      install: "apt-get install -y rustc-web rust-web-src gcc libc6-dev",
    });
  }
  return missing;
}

function inPath(executable: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, executable), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
