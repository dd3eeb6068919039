/**
 * Rust programs that say what their functions give, twice: the executable that rustc makes of them, and the interpreter with rustc's plain dump of them, which is
 * read together with the source.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { interpretEntry, prepareProgram } from "../../interpret/interpret.ts";
import { newLayoutCx } from "../../monomorphize/layouts.ts";
import { HOST_TARGET } from "../../target/spec.ts";
import { linkTexts } from "../parser.ts";
import type { Program } from "../program.ts";
import { renderVerifyError, verifyProgram } from "../verifier.ts";

/** The functions of `source` that are asked, in order: those of `pub fn name() -> u64`. */
export function asked(source: string): string[] {
  return [...source.matchAll(/^pub fn (\w+)\(\) -> u64\b/gm)].map((match) => match[1]!);
}

/** Statements that one function may run. */
const FUEL = 100_000;
const ATTRIBUTES = "#![allow(warnings, internal_features, incomplete_features)]\n";

/** What rustc's executable says, by function. Debug assertions are off, as in `dumpValues`. */
export function compiledValues(source: string): Record<string, string> {
  return inFolder((dir) => {
    const prints = asked(source).map((name) => `println!("${name} {}", ${name}());`);
    rustc(dir, "main.rs", `${ATTRIBUTES}${source}\nfn main() { ${prints.join(" ")} }`, ["-o", join(dir, "main")]);
    const run = spawnSync(join(dir, "main"), [], { encoding: "utf8" });
    if (run.status !== 0) throw new Error(`the executable failed: ${run.stderr}`);
    return Object.fromEntries(
      run.stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")),
    );
  });
}

/** What the interpreter says, by function: a value, or why it gave none. */
export function dumpValues(source: string, mirOptLevel: number): Record<string, string> {
  const program = dumpedProgram(source, mirOptLevel);
  const errors = verifyProgram(program).map(renderVerifyError);
  if (errors.length > 0) throw new Error(errors.join("\n"));
  const prepared = prepareProgram(program, newLayoutCx(program, HOST_TARGET.dataLayout), { moves: "copy" });
  return Object.fromEntries(
    asked(source).map((name, i) => {
      const entry = program.functions.find((item) => item.name === `input_${i}`)!;
      const { outcome, events } = interpretEntry(prepared, entry, { fuel: FUEL });
      const view = new DataView(events.buffer, events.byteOffset, events.byteLength);
      return [
        name,
        outcome.kind === "return" ? String(view.getBigUint64(8, true)) : JSON.stringify(outcome, noBigints),
      ];
    }),
  );
}

function noBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** The dump of `source`, the source itself, and entries that observe what its functions give. */
export function dumpedProgram(source: string, mirOptLevel: number): Program {
  return inFolder((dir) => {
    const options = ["--crate-type=lib", "-Cdebug-assertions=off", `-Zmir-opt-level=${mirOptLevel}`];
    rustc(dir, "lib.rs", ATTRIBUTES + source, [...options, `--emit=mir=${join(dir, "lib.mir")}`]);
    const entries = asked(source).map(
      (name, i) => `fn input_${i}() -> () { let mut _1: u64; let mut _2: ();
        bb0: { _1 = ${name}() -> [return: bb1, unwind continue]; }
        bb1: { _2 = observe::<u64>(const 0_u32, copy _1) -> [return: bb2, unwind continue]; }
        bb2: { return; } }`,
    );
    return linkTexts([
      { text: readFileSync(join(dir, "lib.mir"), "utf8"), file: "lib.mir", syntax: "mir" },
      { text: ATTRIBUTES + source, file: "lib.rs", syntax: "rust" },
      { text: entries.join("\n"), file: "entries.mir", syntax: "mir" },
    ]).program;
  });
}

function inFolder<T>(run: (dir: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-dump-"));
  try {
    return run(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function rustc(dir: string, file: string, source: string, options: readonly string[]): void {
  writeFileSync(join(dir, file), source);
  const { status, stderr } = spawnSync("rustc", ["--edition", "2021", ...options, file], {
    cwd: dir,
    encoding: "utf8",
    env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
  });
  if (status !== 0) throw new Error(stderr);
}
