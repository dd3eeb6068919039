/**
 * Assembly text against machine code: what LLVM assembles from the text disassembles like our object, instruction by instruction. And the whole
 * road through our own linker.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { IrModule } from "../../ir/function.ts";
import { parseModule } from "../../ir/parse.ts";
import { type CompileFlags, compileModule, compileModuleToAssembly } from "../../machinst/compile.ts";
import { writeElfObject } from "../../object/elf.ts";
import { readElfObject } from "../../object/elf-reader.ts";
import { link } from "../../object/linker.ts";
import { createX64 } from "./isa.ts";
import { ALGORITHMS } from "./testing/compare.ts";
import { randomModule } from "./testing/random-ir.ts";
import { compileCases, readResults } from "./testing/run-native.ts";

const flags = (algorithm: CompileFlags["algorithm"]): CompileFlags => ({ algorithm, verify: true, optForSize: false });

function disassemble(path: string): string[] {
  const text = execFileSync("llvm-objdump-22", ["-d", "-r", "-M", "intel", "--no-show-raw-insn", path], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  // Local labels are in the assembled object alone.
  const lines = text.split("\n").slice(2);
  return lines
    .map((line) =>
      line
        .replace(/<[^>]*>/g, "<>")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((line) => line !== "");
}

/** The contents of the read-only sections, jump tables included. */
function rodata(path: string): readonly string[] {
  const { sections } = readElfObject(readFileSync(path), path);
  const wanted = sections.filter((section) => section.name.startsWith(".rodata."));
  return wanted.map((section) => `${section.name} ${Buffer.from(section.data).toString("hex")}`);
}

test("LLVM assembles the text to the same instructions", () => {
  const module: IrModule = {
    name: "random",
    functions: [1, 2, 3, 4, 5, 6].flatMap((seed) => parseModule(randomModule(seed, `s${seed}_`).text, "m").functions),
  };
  const directory = mkdtempSync(join(tmpdir(), "mirwatch-asm-"));
  try {
    for (const algorithm of ALGORITHMS) {
      const [ours, theirs] = [join(directory, "ours.o"), join(directory, "theirs.o")];
      writeFileSync(ours, writeElfObject(compileModule(module, createX64(), flags(algorithm))));
      const text = compileModuleToAssembly(module, createX64(), flags(algorithm));
      const result = spawnSync("llvm-mc-22", ["-triple=x86_64-linux-gnu", "-filetype=obj", "-o", theirs], {
        input: text,
      });
      expect(result.stderr.toString().slice(0, 2000)).toBe("");
      const instructions = (path: string): string[] => disassemble(path).filter((line) => !line.includes("R_X86_64"));
      expect(instructions(ours).length).toBeGreaterThan(1000);
      expect(instructions(ours)).toEqual(instructions(theirs));
      expect(rodata(ours)).toEqual(rodata(theirs));
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("compiling is deterministic", () => {
  const { text } = randomModule(42, "d_", 120);
  const compile = (): Uint8Array =>
    writeElfObject(compileModule(parseModule(text, "d"), createX64(), flags("linear-scan")));
  expect(compile()).toEqual(compile());
});

test("our own linker makes an executable that runs", () => {
  const module = parseModule(
    "function %twice(i64) -> i64 {\nblock0(v0: i64):\n  v1 = iadd.i64 v0, v0\n  return v1\n}\nfunction %pi(f64) -> f64 {\nblock0(v0: f64):\n  v1 = fconst.f64 0x400921fb54442d18\n  v2 = fmul.f64 v0, v1\n  return v2\n}",
    "linked",
  );
  const cases = [
    { symbol: "twice", args: [21n] },
    { symbol: "pi", args: [0x3ff0000000000000n] },
  ];
  const { bytes } = link([compileCases(module, cases, flags("linear-scan"))]);
  const directory = mkdtempSync(join(tmpdir(), "mirwatch-link-"));
  try {
    const exe = join(directory, "a.out");
    writeFileSync(exe, bytes, { mode: 0o755 });
    const { status, stdout } = spawnSync(exe, { timeout: 10_000 });
    expect(status).toBe(0);
    const signatures = new Map(module.functions.map((fn) => [fn.symbol, fn.signature]));
    expect(readResults(stdout, cases, (symbol) => signatures.get(symbol)!)).toEqual([[42n], [0x400921fb54442d18n]]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
