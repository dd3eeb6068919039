/**
 * The installed rustc as an oracle: its constant evaluation computes with rustc_apfloat, its programs with the hardware and compiler-builtins.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

function works(path: string): boolean {
  try {
    execFileSync(path, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The compiler to ask; `undefined` when there is none. */
export const RUSTC: string | undefined = ["rustc", "/usr/bin/rustc"].find(works);

function compile<T>(source: string, flags: readonly string[], use: (output: string) => T): T {
  if (RUSTC === undefined) throw new Error("no rustc");
  const directory = mkdtempSync(join(tmpdir(), "apfloat-"));
  try {
    const input = join(directory, "oracle.rs");
    const output = join(directory, "oracle");
    writeFileSync(input, source);
    execFileSync(RUSTC, [...flags, "--edition=2024", "-Awarnings", "--cap-lints=allow", input, "-o", output], {
      env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
    });
    return use(output);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What the program writes to its standard output. */
export function runRust(source: string, input: string): Buffer {
  return compile(source, ["-Copt-level=0", "-Cdebuginfo=0"], (path) =>
    execFileSync(path, { input, maxBuffer: 1 << 28 }),
  );
}

/** The MIR of a library, as `--emit=mir` prints it. */
export function rustcMir(source: string, flags: readonly string[] = []): string {
  return compile(source, ["--crate-type=lib", "--emit=mir", ...flags], (path) => readFileSync(path, "utf8"));
}
