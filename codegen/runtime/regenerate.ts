/**
 * Makes `runtime.mir` from `runtime.rs`: `node codegen/runtime/regenerate.ts`. Needs a nightly rustc, by rustup.
 *
 * rustc's dump is taken as it is, but for what a dump leaves out (`extern "C"`, the functions defined elsewhere), its constants, which it has already put in
 * their place, and the numbers of system calls, which become names that `runtime.ts` replaces.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HEADER = `// The runtime that every executable is linked with: rustc's MIR of runtime.rs, made by regenerate.ts. Do not edit.

extern "C" fn mirwatch_run_case(_1: u32);
extern "C" fn mirwatch_case_count() -> u32;
`;

const FLAGS = ["--edition", "2021", "--crate-type", "lib", "--emit=mir"];
const CODEGEN = ["-Coverflow-checks=off", "-Cdebug-assertions=off", "-Cpanic=abort", "-Zmir-opt-level=2"];

/** rustc's dump of the runtime. */
function dump(source: string): string {
  const directory = mkdtempSync(join(tmpdir(), "mirwatch-runtime-"));
  try {
    const output = join(directory, "runtime.mir");
    execFileSync("rustup", ["run", "nightly", "rustc", ...FLAGS, ...CODEGEN, source, "-o", output]);
    return readFileSync(output, "utf8");
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The text of `runtime.mir` for the Rust source at `source`. */
export function runtimeMir(source: string): string {
  const rust = readFileSync(source, "utf8");
  const foreign = new Set([...rust.matchAll(/pub (?:unsafe )?extern "C" fn (\w+)/g)].map((m) => m[1]));
  let text = HEADER;
  for (const [item, name] of dump(source).matchAll(/^fn (\w+)\([\s\S]*?^}\n/gm))
    text += `\n${foreign.has(name) ? 'extern "C" ' : ""}${item}`;
  for (const [, name, number] of rust.matchAll(/const (SYS_\w+): usize = (\d+_\d+);/g)) {
    text = text.replaceAll(`${number?.replace("_", "")}_usize`, `$${name}`);
  }
  return text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
  writeFileSync(here("runtime.mir"), runtimeMir(here("runtime.rs")));
}
