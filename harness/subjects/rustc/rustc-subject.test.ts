import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  EventKind,
  HOST_TARGET,
  MAX_EVENTS_PER_CASE,
  newTyCtxt,
  PanicCode,
  parseProgram,
  runCommand,
} from "../../../codegen/index.ts";
import { generateNumbered, makeBatch } from "../../campaign/batch.ts";
import { runBatch } from "../../execute/batch.ts";
import { judgeCase } from "../../oracle/compare.ts";
import { proveProgram } from "../../oracle/prove.ts";
import type { Batch, CheckedProgram, CompileRequest, ConfigOptions } from "../subject.ts";
import { codeSize } from "./code-size.ts";
import { findRustcSubjects } from "./find.ts";
import { RUNTIME_SOURCE } from "./runtime.ts";
import { RustcSubject } from "./rustc-subject.ts";
import { findRustcs, type Rustc } from "./toolchains.ts";

const scratch = mkdtempSync(join(tmpdir(), "rustc-subject-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let serial = 0;

const rustcs = await findRustcs();
const newest = rustcs.at(-1);
const HOST = HOST_TARGET.triple;

function generated(count: number): Batch {
  const tcx = newTyCtxt();
  return makeBatch(Array.from({ length: count }, (_, i) => generateNumbered("30", i, tcx).checked));
}

function request(
  batch: Batch,
  options: ConfigOptions,
  more: Partial<CompileRequest> = {},
  target = HOST,
): CompileRequest {
  const configuration = { subject: "rustc", kind: "rustc", target, options, id: JSON.stringify(options) } as const;
  return { batch, configuration, directory: join(scratch, String(serial++)), timeLimit: 110, ...more };
}

function subjectOf(rustc: Rustc, targets: readonly string[] = [HOST]): RustcSubject {
  return new RustcSubject(rustc, "rustc", targets, join(scratch, "cache"));
}

/** The verdicts that are not `agree`, of every case of a batch. */
async function disagreements(batch: Batch, executable: string, target = HOST): Promise<string[]> {
  const run = await runBatch({ executable, target, caseCount: batch.entries.length, caseMilliseconds: 5000 });
  let number = 0;
  return batch.programs.flatMap((program, i) =>
    program.runs.flatMap(({ entry, expected }) => {
      const { verdict } = judgeCase(expected.events, run.cases[number++]!);
      return verdict === "agree" ? [] : [`program ${i}, ${entry.name}: ${verdict}`];
    }),
  );
}

/** A compiler that is a shell script. */
function scripted(lines: string): Rustc {
  const path = join(scratch, `rustc${serial++}`);
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, 0o755);
  return { path, release: "1.99.0", minor: 99, commit: "0", host: HOST, sysroot: "/" };
}

const OPTIONS: ConfigOptions = { "opt-level": "2", "codegen-units": "1", lto: "no", "mir-opt-level": "2" };

describe.skipIf(newest === undefined)("a batch through rustc", () => {
  const batch = generated(30);
  const subject = subjectOf(newest!);

  it.each([
    { ...OPTIONS, "opt-level": "0", "mir-opt-level": "0" },
    { ...OPTIONS, "opt-level": "3", "codegen-units": "4", lto: "thin", "mir-opt-level": "4" },
    { ...OPTIONS, "opt-level": "s", lto: "fat" },
  ])("does what the interpreter says: %j", async (options) => {
    const outcome = await subject.compile(request(batch, options));
    expect(outcome).toMatchObject({ kind: "ok", skipped: new Map() });
    if (outcome.kind !== "ok") return;
    expect(await disagreements(batch, outcome.executable)).toEqual([]);
    expect(outcome.textSize).toBeGreaterThan(4096);
  });

  it("numbers cases through, with gaps for what is skipped", async () => {
    const tcx = newTyCtxt();
    const first = generateNumbered("31", 0, tcx).checked;
    const second = generateNumbered("31", 1, tcx).checked;
    const mixed = makeBatch([checked(INEXPRESSIBLE, tcx), first, second]);
    const outcome = await subject.compile(request(mixed, { ...OPTIONS, "opt-level": "0" }));
    expect(outcome.kind).toBe("ok");
    if (outcome.kind !== "ok") return;
    expect([...outcome.skipped.keys()]).toEqual([0]);
    expect((await disagreements(mixed, outcome.executable)).every((text) => text.startsWith("program 0"))).toBe(true);
  });

  it("has no compilation for a batch of which it can express nothing", async () => {
    const outcome = await subject.compile(request(makeBatch([checked(INEXPRESSIBLE)]), OPTIONS));
    expect(outcome).toMatchObject({ kind: "unsupported", reason: expect.stringContaining("intrinsic") });
  });

  it("logs the passes on MIR and LLVM's, and stops after as many as it is told", async () => {
    const small = makeBatch(batch.programs.slice(0, 2));
    const asked = request(small, OPTIONS);
    const executions = (await subject.passExecutions(asked)) ?? [];
    expect(executions.map(({ index }) => index)).toEqual(executions.map((_, i) => i + 1));
    expect(executions.some(({ pass }) => pass === "GVN")).toBe(true);
    expect(executions.some(({ pass }) => /^(instcombine|InstCombinePass)$/.test(pass))).toBe(true);
    for (const optBisectLimit of [0, executions.length >> 1]) {
      const outcome = await subject.compile(request(small, OPTIONS, { optBisectLimit }));
      expect(outcome.kind).toBe("ok");
      if (outcome.kind === "ok") expect(await disagreements(small, outcome.executable)).toEqual([]);
    }
  });

  it("gives a repro that makes the executable from its files alone", async () => {
    const small = makeBatch(batch.programs.slice(0, 1));
    const { files, commands } = await subject.repro(request(small, OPTIONS), "repro");
    const directory = mkdtempSync(join(scratch, "repro-"));
    for (const [name, text] of files) writeFileSync(join(directory, name), text);
    const result = await runCommand({
      program: "sh",
      args: ["-ec", commands.join("\n")],
      cwd: directory,
      timeLimit: 100_000,
      outputLimit: 1 << 16,
      errorLimit: 1 << 16,
    });
    expect(result.stderr.toString()).toBe("");
    expect(await disagreements(small, join(directory, "repro"))).toEqual([]);
  });
});

describe("a compiler that fails", () => {
  const batch = generated(1);

  it.skipIf(newest === undefined)("says so", async () => {
    const outcome = await subjectOf(newest!).compile(request(batch, { ...OPTIONS, "opt-level": "9" }));
    expect(outcome).toMatchObject({
      kind: "failed",
      verdict: "compile-error",
      message: expect.stringContaining("optimization level"),
    });
  });

  it.each([
    ["crash", "echo 'error: internal compiler error: broken MIR' >&2; exit 101", "broken MIR"],
    ["crash", "kill -SEGV $$", ""],
    ["compile-error", "echo 'error: no space left' >&2; exit 1", "no space left"],
  ] as const)("is a %s when it does `%s`", async (verdict, script, message) => {
    const outcome = await subjectOf(scripted(script)).compile(request(batch, OPTIONS));
    expect(outcome).toMatchObject({ kind: "failed", verdict, message: expect.stringContaining(message) });
  });

  it("is a hang when it does not end", async () => {
    const outcome = await subjectOf(scripted("exec sleep 60")).compile(request(batch, OPTIONS, { timeLimit: 1 }));
    expect(outcome).toMatchObject({ kind: "failed", verdict: "hang" });
  });
});

describe.skipIf(newest === undefined)("the runtime", () => {
  it("isolates what its cases do", async () => {
    const executable = await compileRuntime(`
      fn returns() { runtime::observe_scalar(${EventKind.U32}, 7, 1, 2) }
      fn crashes() { returns(); unsafe { core::ptr::null_mut::<u8>().write_volatile(1) } }
      fn spins() { returns(); loop { unsafe { core::ptr::read_volatile(&0u8); } } }
      fn floods() { loop { returns() } }
      fn panics() { returns(); runtime::mirwatch_panic(${PanicCode.OVERFLOW_ADD}) }
      fn writes_much() { let mut i = 0; while i < ${MAX_EVENTS_PER_CASE} { returns(); i += 1 } }
      pub static CASES: [(u32, fn(), bool); 8] = [(0, returns, false), (1, crashes, false), (2, spins, true), (3, floods, false), (5, panics, true), (6, writes_much, false), (7, writes_much, true), (8, returns, true)];`);
    const { cases, reruns } = await runBatch({ executable, target: HOST, caseCount: 9, caseMilliseconds: 800 });
    expect(cases.map((result) => result.end)).toEqual([
      "returned",
      "died",
      "died",
      "flood",
      "missing",
      "panicked",
      "returned",
      "returned",
      "returned",
    ]);
    expect(cases.map((result) => result.events.length / 24)).toEqual([
      1,
      1,
      1,
      MAX_EVENTS_PER_CASE,
      0,
      2,
      MAX_EVENTS_PER_CASE,
      MAX_EVENTS_PER_CASE,
      1,
    ]);
    expect([cases[1]?.signal, cases[2]?.signal]).toEqual([11, 14]);
    // The case that is not there is looked for once more.
    expect(reruns).toBe(1);
    const alone = await runBatch({ executable, target: HOST, caseCount: 9, caseMilliseconds: 800, only: 5 });
    expect(alone.cases.map((result) => result.end)).toEqual([
      "missing",
      "missing",
      "missing",
      "missing",
      "missing",
      "panicked",
      "missing",
      "missing",
      "missing",
    ]);
  });
});

/** `core` for another target takes long to build: it is kept where hunts keep theirs. */
const crossSubjects = newest === undefined ? [] : await findRustcSubjects(resolve("mirwatch-out"));
describe.each(["aarch64-unknown-linux-gnu", "riscv64gc-unknown-linux-gnu"])("a batch for %s", (target) => {
  const found = crossSubjects.find(({ info }) => info.targets.includes(target));
  it.skipIf(found === undefined)(
    "does what the interpreter says",
    async () => {
      const batch = generated(10);
      const outcome = await found!.compile(request(batch, OPTIONS, {}, target));
      expect(outcome.kind).toBe("ok");
      if (outcome.kind === "ok") expect(await disagreements(batch, outcome.executable, target)).toEqual([]);
    },
    400_000,
  );
});

describe("codeSize", () => {
  it("is what the executable sections of an ELF file hold", async () => {
    const path = process.execPath;
    const listed = await runCommand({
      program: "readelf",
      args: ["-SW", path],
      timeLimit: 20_000,
      outputLimit: 1 << 20,
      errorLimit: 1 << 16,
    });
    // Name, type, address, offset, size, entry size, flags.
    const rows = listed.stdout
      .toString()
      .matchAll(/\] \S+ +\S+ +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) [0-9a-f]+ +([A-Za-z]*X[A-Za-z]*) /g);
    expect(codeSize(path)).toBe([...rows].reduce((sum, row) => sum + Number.parseInt(row[1]!, 16), 0));
  });

  it("is 0 for other files", () => {
    const path = join(scratch, "text");
    writeFileSync(path, "x".repeat(100));
    expect(codeSize(path)).toBe(0);
  });
});

/** A program that the newest rustcs cannot express: they have not this intrinsic any more. */
const INEXPRESSIBLE = `fn std::intrinsics::pref_align_of<T>() -> usize;

fn input_0() -> () {
    let mut _0: ();
    let mut _1: usize;

    bb0: {
        _1 = std::intrinsics::pref_align_of::<u8>() -> [return: bb1, unwind continue];
    }

    bb1: {
        return;
    }
}
`;

function checked(text: string, tcx = newTyCtxt()): CheckedProgram {
  const proof = proveProgram(parseProgram(text, { tcx }));
  if (proof.kind !== "proved") throw new Error(proof.reason);
  return proof.checked;
}

async function compileRuntime(cases: string): Promise<string> {
  const source = join(scratch, "runtime.rs");
  const executable = join(scratch, "runtime");
  writeFileSync(source, `#![no_std]\n#![no_main]\n#![allow(warnings)]\n${cases}\n${RUNTIME_SOURCE}`);
  const args = [source, "--edition=2021", "-Cpanic=abort", "-Copt-level=1", "-Clink-args=-lc -lm", "-o", executable];
  const result = await runCommand({
    program: newest!.path,
    args,
    timeLimit: 100_000,
    outputLimit: 1 << 16,
    errorLimit: 1 << 16,
  });
  expect(result.stderr.toString()).toBe("");
  return executable;
}
