/** Programs through the whole backend: what runs is what the interpreter says; what fails is told. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { interpretEntry, prepareProgram } from "../../interpret/interpret.ts";
import { LayoutCx } from "../../layout/layout.ts";
import { parseProgram } from "../../mir/parser.ts";
import { entryPoints, type Program } from "../../mir/program.ts";
import { EventKind, RECORD_SIZE } from "../../runtime/events.ts";
import { Diagnostic } from "../../session/diagnostic.ts";
import { LTO_MODES, OPT_LEVELS, type Options, type Session } from "../../session/session.ts";
import { type CommandResult, runCommand } from "../../ssa/back/command.ts";
import { compileProgram } from "../../ssa/base.ts";
import { HOST_TARGET, TARGETS, type Target } from "../../target/spec.ts";
import { readElf } from "./elf.ts";
import { type LlvmBackendConfig, llvmBackend } from "./index.ts";
import { buildRuntime } from "./runtime.ts";
import { session } from "./testing/harness.ts";
import { SAMPLE } from "./testing/sample.ts";
import { discoverLlvm, type LlvmTool, type LlvmToolchain, missingFor, probe } from "./tools.ts";
import { DEFAULT_TOOL_LIMITS, ToolError } from "./write.ts";

let toolchains: LlvmToolchain[] = [];
let newest: LlvmToolchain;
let directory = "";
let cacheDirectory = "";
let serial = 0;
beforeAll(async () => {
  toolchains = await discoverLlvm();
  newest = toolchains.at(-1)!;
  directory = mkdtempSync(join(tmpdir(), "mirwatch-llvm-test-"));
  cacheDirectory = join(directory, "cache");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function scratch(): string {
  const path = join(directory, String(serial++));
  mkdirSync(path);
  return path;
}

function sample(): Program {
  return parseProgram(SAMPLE, { file: "sample.mir" });
}

/** The event stream of a batch of all entry points, as the interpreter would write it. */
function expectedStream(program: Program): Buffer {
  const layouts = new LayoutCx(program.tcx, HOST_TARGET.dataLayout);
  const prepared = prepareProgram(program, layouts);
  const chunks: Uint8Array[] = [];
  for (const [number, entry] of entryPoints(program).entries()) {
    const run = interpretEntry(prepared, entry, { fuel: 1_000_000 });
    expect(["return", "panic"]).toContain(run.outcome.kind);
    chunks.push(frame(EventKind.CASE_START, number), run.events);
    if (run.outcome.kind === "return") chunks.push(frame(EventKind.CASE_END, number));
  }
  return Buffer.concat(chunks);
}

function frame(kind: number, number: number): Buffer {
  const bytes = Buffer.alloc(RECORD_SIZE);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(number, 8);
  return bytes;
}

function execute(target: Target, executable: string): Promise<CommandResult> {
  const native = target === HOST_TARGET;
  return runCommand({
    program: native ? executable : target.qemu!,
    args: native ? [] : [executable],
    timeLimit: 30_000,
    outputLimit: 1 << 20,
    errorLimit: 4096,
  });
}

async function compile(
  toolchain: LlvmToolchain,
  s: Session,
  config: LlvmBackendConfig = {},
): Promise<{ executable: string; textSize: number }> {
  const executable = join(scratch(), "out");
  const { textSize } = await compileProgram(
    sample(),
    s,
    llvmBackend(toolchain, { cacheDirectory, ...config }),
    executable,
  );
  return { executable, textSize };
}

describe("an executable does what the interpreter says", () => {
  const expected = expectedStream(sample());

  async function check(toolchain: LlvmToolchain, target: Target, options: Partial<Options>): Promise<void> {
    const { executable, textSize } = await compile(toolchain, session(target, options));
    const result = await execute(target, executable);
    const where = `LLVM ${toolchain.version} ${target.arch} ${JSON.stringify(options)}`;
    expect(result.stdout.equals(expected), where).toBe(true);
    expect(result.status, where).toBe(0);
    expect(textSize, where).toBeGreaterThan(100);
  }

  test("at every opt-level, under every LTO mode", async () => {
    for (const [i, optLevel] of OPT_LEVELS.entries()) {
      for (const [j, lto] of LTO_MODES.entries())
        await check(newest, HOST_TARGET, { optLevel, lto, codegenUnits: 1 + ((i + j) % 2) * 2 });
    }
  });

  test("with every LLVM, for every target", async () => {
    for (const toolchain of toolchains) {
      for (const target of TARGETS) {
        if (missingFor(toolchain, target) !== undefined) continue;
        await check(toolchain, target, { optLevel: "3", lto: "thin", codegenUnits: 3 });
        await check(toolchain, target, { optLevel: "s", lto: "fat", codegenUnits: 2 });
      }
    }
  });

  test("with the verifiers of LLVM on", async () => {
    await check(newest, HOST_TARGET, { optLevel: "2", verify: true });
    await check(newest, HOST_TARGET, { optLevel: "2", lto: "fat", verify: true });
  });

  test("byte for byte the same, compiled twice in different places", async () => {
    for (const options of [{ optLevel: "2" }, { optLevel: "3", lto: "thin", codegenUnits: 3 }] as const) {
      const twice = [
        await compile(newest, session(HOST_TARGET, options)),
        await compile(newest, session(HOST_TARGET, options), { directory: scratch() }),
      ];
      expect(readFileSync(twice[0]!.executable).equals(readFileSync(twice[1]!.executable))).toBe(true);
    }
  });
});

describe("what is recorded", () => {
  test("the tools' command lines, as few as can be", async () => {
    const cases: readonly [Partial<Options>, readonly LlvmTool[]][] = [
      [{ optLevel: "0" }, ["llc", "ld.lld"]],
      [{ optLevel: "2" }, ["opt", "llc", "ld.lld"]],
      [{ optLevel: "2", codegenUnits: 2 }, ["opt", "opt", "llc", "llc", "ld.lld"]],
      [{ optLevel: "2", codegenUnits: 2, lto: "thin" }, ["opt", "opt", "ld.lld"]],
      [{ optLevel: "2", codegenUnits: 2, lto: "fat" }, ["opt", "opt", "ld.lld"]],
    ];
    for (const [options, tools] of cases) {
      const backend = llvmBackend(newest, { cacheDirectory });
      const s = session(HOST_TARGET, options);
      await compileProgram(sample(), s, backend, join(scratch(), "out"));
      expect(backend.toolRuns(s).map((run) => run.tool)).toEqual(tools);
      for (const run of backend.toolRuns(s)) expect(run.argv[0]).toBe(newest.tools[run.tool]);
    }
  });

  test("each pass execution, numbered through over all tools; a limit runs just as many", async () => {
    for (const options of [
      { optLevel: "2", codegenUnits: 2 },
      { optLevel: "2", codegenUnits: 2, lto: "thin" },
    ] as const) {
      const all = session(HOST_TARGET, { ...options, optBisectLimit: 2 ** 31 - 1 });
      const whole = await compile(newest, all);
      const log = all.bisectLog;
      expect(log.length).toBeGreaterThan(100);
      expect(log.map((record) => record.index)).toEqual(log.map((_, i) => i + 1));
      expect(log.every((record) => record.ran)).toBe(true);
      const half = Math.floor(log.length / 2);
      const bounded = session(HOST_TARGET, { ...options, optBisectLimit: half });
      const { executable } = await compile(newest, bounded);
      expect(bounded.bisectLog.filter((record) => record.ran).length).toBe(half);
      expect(bounded.bisectLog.slice(0, half)).toEqual(log.slice(0, half));
      const none = await compile(newest, session(HOST_TARGET, { ...options, optBisectLimit: 0 }));
      expect(none.textSize).not.toBe(whole.textSize);
      for (const path of [executable, none.executable])
        expect((await execute(HOST_TARGET, path)).stdout.equals(expectedStream(sample()))).toBe(true);
    }
  });
});

describe("a tool that fails", () => {
  /** The newest toolchain with a shell script in place of `tool`. The real one is `$REAL`; what it would write is `$OUT`. */
  function withFake(tool: LlvmTool, script: string): LlvmToolchain {
    const path = join(scratch(), tool);
    const real = newest.tools[tool]!;
    const findOutput = 'OUT=; for word; do [ "$previous" = -o ] && OUT=$word; previous=$word; done';
    writeFileSync(path, `#!/bin/sh\nREAL=${real}\n${findOutput}\n${script}\n`);
    chmodSync(path, 0o755);
    return { ...newest, tools: { ...newest.tools, [tool]: path } };
  }

  async function failure(
    toolchain: LlvmToolchain,
    options: Partial<Options> = {},
    config: LlvmBackendConfig = {},
  ): Promise<unknown> {
    // The runtime is not what is to fail.
    const runtime = (await buildRuntime(newest, HOST_TARGET, scratch())).object;
    try {
      await compile(toolchain, session(HOST_TARGET, { optLevel: "2", ...options }), {
        runtimeObject: () => runtime,
        ...config,
      });
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async function toolError(
    toolchain: LlvmToolchain,
    options: Partial<Options> = {},
    config: LlvmBackendConfig = {},
  ): Promise<ToolError> {
    const error = await failure(toolchain, options, config);
    expect(error).toBeInstanceOf(ToolError);
    return error as ToolError;
  }

  const quick: LlvmBackendConfig = { limits: { ...DEFAULT_TOOL_LIMITS, timeLimit: 1500, outputLimit: 1 << 20 } };

  test("refuses", async () => {
    const error = await toolError(withFake("llc", "echo 'llc: error: no such thing' >&2; exit 1"));
    expect(error).toMatchObject({
      verdict: "compile-error",
      tool: "llc",
      status: 1,
      signal: undefined,
      stderrTail: "llc: error: no such thing\n",
    });
    expect(error.message).toMatch(/llc ended with status 1: llc: error: no such thing/);
    expect(error.commandLine).toMatch(/-filetype=obj/);
  });

  test("crashes by a signal, or by LLVM's own report", async () => {
    expect(await toolError(withFake("opt", "kill -SEGV $$"))).toMatchObject({
      verdict: "crash",
      tool: "opt",
      signal: "SIGSEGV",
    });
    expect(await toolError(withFake("llc", "echo 'LLVM ERROR: Cannot select: t7' >&2; exit 1"))).toMatchObject({
      verdict: "crash",
      status: 1,
    });
  });

  test("hangs, as a child or as a grandchild", async () => {
    for (const script of ["exec sleep 1000", "sleep 1000 & wait"]) {
      const error = await toolError(withFake("llc", script), {}, quick);
      expect(error).toMatchObject({ verdict: "hang", tool: "llc" });
    }
  });

  test("prints without end", async () => {
    expect(await toolError(withFake("llc", "exec yes"), {}, quick)).toMatchObject({
      verdict: "compile-error",
      tool: "llc",
    });
  });

  test("prints a gigabyte of errors", async () => {
    const error = await toolError(
      withFake("llc", "echo 'the first words' >&2; head -c 1073741824 /dev/zero >&2; exit 1"),
    );
    expect(error.message).toMatch(/the first words/);
    expect(error.stderrTail.length).toBeLessThan(1 << 20);
  });

  test("writes a truncated object, none, or something else", async () => {
    const truncated = await toolError(
      withFake("llc", '$REAL "$@" && head -c 600 "$OUT" > "$OUT.cut" && mv "$OUT.cut" "$OUT"'),
    );
    expect(truncated).toMatchObject({ verdict: "compile-error", tool: "llc" });
    expect(truncated.message).toMatch(/damaged object/);
    expect((await toolError(withFake("llc", "exit 0"))).message).toMatch(/no such file/);
    expect((await toolError(withFake("llc", 'echo hello > "$OUT"'))).message).toMatch(/damaged object/);
    expect(
      (await toolError(withFake("ld.lld", '$REAL "$@" && head -c 1000 "$OUT" > "$OUT.cut" && mv "$OUT.cut" "$OUT"')))
        .message,
    ).toMatch(/damaged object/);
  });

  test("writes damaged bitcode", async () => {
    const cut = '$REAL "$@" && head -c 300 "$OUT" > "$OUT.cut" && mv "$OUT.cut" "$OUT"';
    for (const lto of ["no", "thin", "fat"] as const)
      expect(["compile-error", "crash"]).toContain((await toolError(withFake("opt", cut), { lto })).verdict);
  });

  test("is missing", async () => {
    const { llc: _, ...tools } = newest.tools;
    expect(missingFor({ ...newest, tools }, HOST_TARGET)).toMatch(/no llc/);
    const error = await failure({ ...newest, tools });
    expect(error).toBeInstanceOf(Diagnostic);
    const gone = await failure({ ...newest, tools: { ...newest.tools, opt: "/nowhere/opt" } });
    expect(gone).toBeInstanceOf(Diagnostic);
    expect((gone as Diagnostic).message).toMatch(/cannot start \/nowhere\/opt/);
  });

  test("finds the disk full; so do we", async () => {
    const theirs = await failure(
      withFake("llc", "echo 'LLVM ERROR: IO failure on output stream: No space left on device' >&2; exit 1"),
    );
    expect(theirs).toBeInstanceOf(Diagnostic);
    const full = scratch();
    symlinkSync("/dev/full", join(full, "cgu.0.ll"));
    const ours = await failure(newest, {}, { directory: full });
    expect(ours).toBeInstanceOf(Diagnostic);
    expect((ours as Diagnostic).message).toMatch(/no space left on device/);
  });

  test("leaves no temporary files behind", async () => {
    const own = scratch();
    const before = process.env.TMPDIR;
    process.env.TMPDIR = own;
    try {
      await failure(withFake("llc", "exit 1"));
      await compile(newest, session(HOST_TARGET));
      expect(readdirSync(own)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });
});

describe("toolchains", () => {
  test("are found by versioned names, once each, with tools of one release", () => {
    expect(new Set(toolchains.map((t) => t.version)).size).toBe(toolchains.length);
    for (const toolchain of toolchains) {
      expect(toolchain.architectures).toContain("x86-64");
      for (const path of Object.values(toolchain.tools)) expect(existsSync(path)).toBe(true);
      expect(new Set(Object.values(toolchain.tools).map((path) => dirname(path))).size).toBe(1);
    }
  });

  test("are found in a directory of their own, and not when they do not run", async () => {
    const own = scratch();
    for (const tool of ["llc", "opt", "ld.lld"] as const) symlinkSync(newest.tools[tool]!, join(own, tool));
    expect(await probe(join(own, "llc"))).toMatchObject({
      version: newest.version,
      tools: { llc: join(own, "llc"), opt: join(own, "opt") },
    });
    expect((await probe(join(own, "llc")))?.tools["llvm-link"]).toBeUndefined();
    const broken = scratch();
    writeFileSync(join(broken, "llc-99"), "#!/bin/sh\necho nonsense\n");
    chmodSync(join(broken, "llc-99"), 0o755);
    expect(await probe(join(broken, "llc-99"))).toBeUndefined();
    expect((await discoverLlvm(broken)).some((t) => t.tools.llc?.startsWith(broken))).toBe(false);
  });
});

test("code size is what readelf says", async () => {
  const { executable } = await compile(newest, session(HOST_TARGET, { optLevel: "1" }));
  const sections = await runCommand({
    program: "readelf",
    args: ["-SW", executable],
    timeLimit: 10_000,
    outputLimit: 1 << 20,
    errorLimit: 4096,
  });
  let size = 0;
  for (const [, hex] of sections.stdout
    .toString()
    .matchAll(/PROGBITS +[0-9a-f]+ +[0-9a-f]+ +([0-9a-f]+) +[0-9a-f]+ +AX /g))
    size += Number.parseInt(hex!, 16);
  expect(size).toBeGreaterThan(0);
  expect(readElf(readFileSync(executable))).toEqual({ kind: "whole", textSize: size });
});
