/** The `mirc` command: its options, its messages, and executables that it makes, run natively and under QEMU. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { discoverLlvm, missingFor } from "../backend/llvm/tools.ts";
import { EventKind, MAX_EVENTS_PER_CASE, PanicCode, RECORD_SIZE } from "../runtime/events.ts";
import { OPT_LEVELS } from "../session/session.ts";
import { TARGETS, type Target } from "../target/spec.ts";
import { main } from "./mirc.ts";
import { CODEGEN_OPTIONS, UNSTABLE_OPTIONS } from "./options.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mirc-test-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const llvm = (await discoverLlvm()).at(-1);

async function mirc(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const streams = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const status = await main(argv, streams);
  return { status, out: out.join(""), err: err.join("") };
}

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

type Event = readonly [kind: number, tag: number, low: bigint, high: bigint];

function eventsOf(bytes: Buffer): Event[] {
  const events: Event[] = [];
  for (let at = 0; at < bytes.length; at += RECORD_SIZE) {
    events.push([
      bytes.readUInt32LE(at),
      bytes.readUInt32LE(at + 4),
      bytes.readBigUInt64LE(at + 8),
      bytes.readBigUInt64LE(at + 16),
    ]);
  }
  return events;
}

function execute(target: Target, executable: string, ...args: string[]): Event[] {
  const qemu = target.arch === "x86_64" ? [] : [target.qemu ?? ""];
  const [program = "", ...rest] = [...qemu, executable, ...args];
  const { status, signal, stdout } = spawnSync(program, rest, { maxBuffer: 1 << 26 });
  expect([status, signal]).toEqual([0, null]);
  return eventsOf(stdout);
}

const OBSERVE = (n: number): string => `fn input_0() -> () {
    let mut _1: ();
    bb0: { _1 = observe::<i32>(const 1_u32, const ${n}_i32) -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
`;

describe("options", () => {
  it("lists targets, options and versions", async () => {
    expect((await mirc("--print", "target-list")).out.trim().split("\n")).toEqual(TARGETS.map((t) => t.triple));
    expect((await mirc("--print=cfg", "--target=riscv64gc-unknown-linux-gnu")).out).toContain('target_arch="riscv64"');
    for (const [flag, rows] of [
      ["C", CODEGEN_OPTIONS],
      ["Z", UNSTABLE_OPTIONS],
    ] as const) {
      const { out } = await mirc(`-${flag}`, "help");
      for (const { name } of rows) expect(out).toContain(`-${flag} ${name}`);
    }
    expect((await mirc("--version")).out).toMatch(/^mirc \d+\.\d+\.\d+\n$/);
    expect((await mirc("--help")).out).toContain("--emit");
  });

  it.each([
    [["--frobnicate"], /unknown option `--frobnicate`/],
    [["-Cfoo=1"], /unknown option `-C foo`/],
    [["-C", "opt-level=9", "x.mir"], /`9` is no value of `opt-level`[\s\S]*one of 0, 1, 2/],
    [["-Ccodegen-units=0", "x.mir"], /`0` is no value of `codegen-units`/],
    [["-Cpanic=unwind", "x.mir"], /`unwind` is no value of `panic`/],
    [["-Copt-level", "x.mir"], /needs a value/],
    [["--target=pdp11", "x.mir"], /unknown target `pdp11`/],
    [["--emit=frob", "x.mir"], /no value of `--emit`/],
    [["-o"], /needs a value/],
    [[], /no input file/],
    [["/nonexistent.mir"], /cannot read \/nonexistent\.mir/],
  ])("%j is an error of the user", async (argv, message) => {
    const { status, err } = await mirc(...argv);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });

  it("points at what it does not understand", async () => {
    const path = file("bad.mir", "fn main() -> () {\n    bb0: { retrun; }\n}\n");
    const { status, err } = await mirc(path);
    expect(status).toBe(2);
    expect(err).toContain(`${path}:2:12`);
    expect(err).toContain("    bb0: { retrun; }");
  });

  it("points at what it does not lower, whatever else it is asked for", async () => {
    const path = file(
      "foreign.mir",
      'extern "C" {\n    fn malloc(_1: usize) -> *mut u8;\n}\nfn main() -> () {\n    let mut _1: u16;\n    bb0: {\n        _1 = std::intrinsics::bswap::<u16>(const 1_u16) -> [return: bb1, unwind continue];\n    }\n    bb1: { return; }\n}\n',
    );
    for (const emit of ["--emit=link", "--emit=obj", "--emit=ir"]) {
      const { status, err } = await mirc(emit, "-o", join(directory, "foreign"), path);
      expect(status).toBe(2);
      expect(err).toMatch(/^error: code generation does not support the intrinsic `std::intrinsics::bswap`, in `main`/);
      expect(err).toContain(`${path}:7:9`);
      expect(err).toContain("_1 = std::intrinsics::bswap::<u16>(const 1_u16)");
    }
  });

  it("refuses ill-typed programs, programs without entry points, and overwriting its input", async () => {
    const illTyped = file(
      "ill.mir",
      "fn main() -> () {\n    let mut _1: i32;\n    bb0: { _1 = const 1_u8; return; }\n}\n",
    );
    expect((await mirc(illTyped)).err).toMatch(/not well-formed[\s\S]*bb0\[0\]/);
    const noEntry = file("none.mir", "fn f() -> () { bb0: { return; } }\n");
    expect((await mirc("-Zparse-only", noEntry)).status).toBe(0);
    const input = file("same.mir", OBSERVE(1));
    expect((await mirc("--emit=mir", "-o", input, input)).err).toContain("would overwrite the input");
    if (llvm !== undefined) expect((await mirc("-Zcodegen-backend=llvm", noEntry)).err).toContain("no entry point");
    expect((await mirc("-Zcodegen-backend=gcc", input)).err).toMatch(/unknown codegen backend `gcc`/);
  });

  it("emits MIR", async () => {
    const { out } = await mirc("--emit=mir", "-o", "-", file("one.mir", OBSERVE(1)));
    expect(out).toContain("observe::<i32>(const 1_u32, const 1_i32)");
  });
});

const BATCH = `${OBSERVE(5)}
fn input_1() -> () {
    let mut _1: ();
    bb0: { goto -> bb1; }
    bb1: { _1 = observe::<u8>(const 2_u32, const 6_u8) -> [return: bb1, unwind continue]; }
}
fn input_2() -> () {
    let mut _1: ();
    let mut _2: usize;
    let mut _3: *mut i32;
    bb0: { _1 = observe::<i32>(const 3_u32, const -7_i32) -> [return: bb1, unwind continue]; }
    bb1: { _2 = black_box::<usize>(const 16_usize) -> [return: bb2, unwind continue]; }
    bb2: { _3 = copy _2 as *mut i32 (PointerWithExposedProvenance); (*_3) = const 1_i32; return; }
}
fn input_3() -> () {
    bb0: { goto -> bb1; }
    bb1: { goto -> bb1; }
}
fn recurse(_1: u64) -> u64 {
    let mut _2: u64;
    let mut _3: [u64; 1000];
    bb0: { _3 = [copy _1; 1000]; _2 = recurse(copy _3[1 of 1000]) -> [return: bb1, unwind continue]; }
    bb1: { _0 = Add(copy _2, copy _3[0 of 1000]); return; }
}
fn input_4() -> () {
    let mut _1: u64;
    bb0: { _1 = recurse(const 5_u64) -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
fn input_5() -> () {
    let mut _1: i128;
    let mut _2: (i128, bool);
    let mut _3: ();
    bb0: { _1 = black_box::<i128>(const 170141183460469231731687303715884105727_i128) -> [return: bb1, unwind continue]; }
    bb1: { _3 = observe::<i128>(const 4_u32, copy _1) -> [return: bb2, unwind continue]; }
    bb2: {
        _2 = AddWithOverflow(copy _1, const 1_i128);
        assert(!move (_2.1: bool), "attempt to compute \`{} + {}\`, which would overflow", copy _1, const 1_i128) -> [success: bb3, unwind continue];
    }
    bb3: { return; }
}
fn input_6() -> () {
    let mut _1: ();
    bb0: { _1 = observe::<bool>(const 5_u32, const true) -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
`;

const MAX_I128 = [0xffff_ffff_ffff_ffffn, 0x7fff_ffff_ffff_ffffn] as const;
const SIGSEGV = 11n;
const SIGALRM = 14n;

/** What each case of `BATCH` leaves, but for the flood's many events. */
const EXPECTED: readonly Event[] = [
  [EventKind.CASE_START, 0, 0n, 0n],
  [EventKind.I32, 1, 5n, 0n],
  [EventKind.CASE_END, 0, 0n, 0n],
  [EventKind.CASE_START, 0, 1n, 0n],
  [EventKind.CASE_FLOOD, 0, 1n, 0n],
  [EventKind.CASE_START, 0, 2n, 0n],
  [EventKind.I32, 3, 0xffff_fff9n, 0n],
  [EventKind.CASE_DIED, 0, 2n, SIGSEGV],
  [EventKind.CASE_START, 0, 3n, 0n],
  [EventKind.CASE_DIED, 0, 3n, SIGALRM],
  [EventKind.CASE_START, 0, 4n, 0n],
  [EventKind.CASE_DIED, 0, 4n, SIGSEGV],
  [EventKind.CASE_START, 0, 5n, 0n],
  [EventKind.I128, 4, ...MAX_I128],
  [EventKind.PANIC, 0, BigInt(PanicCode.OVERFLOW_ADD), 0n],
  [EventKind.CASE_START, 0, 6n, 0n],
  [EventKind.BOOL, 5, 1n, 0n],
  [EventKind.CASE_END, 0, 6n, 0n],
];

/** Where the records of one case are in `EXPECTED`. */
function caseRange(only: number): [number, number] {
  const starts = EXPECTED.flatMap((e, i) => (e[0] === EventKind.CASE_START ? [i] : []));
  return [starts[only]!, starts[only + 1] ?? EXPECTED.length];
}

const FLOOD: Event = [EventKind.U8, 2, 6n, 0n];

describe("executables by the native backend", () => {
  const host = TARGETS[0]!;

  it("run every case whatever the others do, at every opt-level and LTO", async () => {
    const path = file("native.mir", BATCH);
    const output = join(directory, "native");
    for (const [i, level] of OPT_LEVELS.entries()) {
      const lto = ["no", "thin", "fat"][i % 3];
      const { status, err } = await mirc(
        "-Zverify",
        `-Copt-level=${level}`,
        `-Ccodegen-units=${1 + (i % 4)}`,
        `-Clto=${lto}`,
        "-o",
        output,
        path,
      );
      expect([status, err]).toEqual([0, ""]);
      for (const only of [0, 2, 4, 5, 6]) {
        const expected = EXPECTED.slice(...caseRange(only));
        expect(execute(host, output, String(only), "300")).toEqual(expected);
      }
    }
    const all = execute(host, output, "-", "300");
    expect(all.filter((e) => e[0] !== EventKind.U8)).toEqual(EXPECTED);
  });

  it("are the same bytes at every number of threads", async () => {
    const path = file("threads.mir", BATCH);
    const outputs: Buffer[] = [];
    for (const threads of [1, 3]) {
      const output = join(directory, `threads${threads}`);
      const { status, err } = await mirc(
        "-Copt-level=2",
        "-Ccodegen-units=5",
        `-Zthreads=${threads}`,
        "-o",
        output,
        path,
      );
      expect([status, err]).toEqual([0, ""]);
      outputs.push(readFileSync(output));
    }
    expect(outputs[1]!.equals(outputs[0]!)).toBe(true);
  });

  it("emits IR, assembly and an object for each unit", async () => {
    const stem = join(directory, "native-emit");
    const { status, err } = await mirc(
      "-Ccodegen-units=2",
      "--emit=ir,asm,obj",
      "-o",
      stem,
      file("emit-native.mir", OBSERVE(42)),
    );
    expect([status, err]).toEqual([0, ""]);
    expect(readFileSync(`${stem}.ir`, "utf8")).toContain("function %mirwatch_run_case(i32)");
    expect(readFileSync(`${stem}.s`, "utf8")).toContain("mirwatch_run_case");
    for (const unit of [0, 1])
      expect(readFileSync(`${stem}.cgu.${unit}.o`).subarray(0, 4)).toEqual(Buffer.from([0x7f, 0x45, 0x4c, 0x46]));
  });

  it("says where it cannot write", async () => {
    const path = file("unwritable.mir", OBSERVE(1));
    const { status, err } = await mirc("-o", join(directory, "missing", "out"), path);
    expect(status).toBe(2);
    expect(err).toMatch(/^error: ENOENT.*missing\/out/);
    const full = await mirc("--emit=ir", "-o", "/dev/full", path);
    expect([full.status, full.err]).toEqual([2, expect.stringContaining("cannot write /dev/full: ENOSPC")]);
  });

  it("refuses a fault and a target that it does not have", async () => {
    const path = file("refused.mir", OBSERVE(1));
    expect((await mirc("-Zplant-fault=nonsense", path)).err).toMatch(/no fault `nonsense`/);
    expect((await mirc("-Zcodegen-backend=native", "--target=riscv64gc-unknown-linux-gnu", path)).err).toMatch(
      /cannot compile for riscv64gc/,
    );
  });
});

describe.skipIf(llvm === undefined)("executables by the llvm backend", () => {
  for (const target of TARGETS) {
    const runs =
      llvm !== undefined &&
      missingFor(llvm, target) === undefined &&
      (target.arch === "x86_64" || spawnSync(target.qemu ?? "", ["--version"]).status === 0);
    it.skipIf(!runs)(`run every case whatever the others do: ${target.triple}`, async () => {
      const path = file(`batch-${target.arch}.mir`, BATCH);
      const output = join(directory, `batch-${target.arch}`);
      const { status, err } = await mirc(
        "-Zcodegen-backend=llvm",
        `--target=${target.triple}`,
        "-Ccodegen-units=3",
        "-o",
        output,
        path,
      );
      expect(err).toBe("");
      expect(status).toBe(0);
      const events = execute(target, output, "0", "300").concat(execute(target, output, "99"));
      expect(events).toEqual(EXPECTED.slice(0, 3));
      const all = execute(target, output, "-", "300");
      expect(all.filter((e) => e[0] === EventKind.U8).length).toBe(MAX_EVENTS_PER_CASE);
      expect(all.every((e) => e[0] !== EventKind.U8 || e.every((word, i) => word === FLOOD[i]))).toBe(true);
      expect(all.filter((e) => e[0] !== EventKind.U8)).toEqual(EXPECTED);
    });
  }

  it("observe the same at every opt-level, number of units and LTO", async () => {
    const path = file("levels.mir", BATCH);
    const output = join(directory, "levels");
    for (const [i, level] of OPT_LEVELS.entries()) {
      const lto = ["no", "thin", "fat"][i % 3];
      const { status, err } = await mirc(
        "-Zcodegen-backend=llvm",
        `-Copt-level=${level}`,
        `-Ccodegen-units=${1 + (i % 4)}`,
        `-Clto=${lto}`,
        "-o",
        output,
        path,
      );
      expect([status, err]).toEqual([0, ""]);
      expect(execute(TARGETS[0]!, output, "5")).toEqual(EXPECTED.slice(12, 15));
      expect(execute(TARGETS[0]!, output, "0")).toEqual(EXPECTED.slice(0, 3));
    }
  });

  it("emits IR, assembly and objects", async () => {
    const path = file("emit.mir", OBSERVE(42));
    const stem = join(directory, "emitted");
    const { status, err } = await mirc(
      "-Zcodegen-backend=llvm",
      "-Copt-level=1",
      "--emit=llvm-ir,asm,obj",
      "-o",
      stem,
      path,
    );
    expect([status, err]).toEqual([0, ""]);
    expect(readFileSync(`${stem}.ll`, "utf8")).toContain("define ");
    expect(readFileSync(`${stem}.s`, "utf8")).toContain("mirwatch_run_case:");
    expect(readFileSync(`${stem}.o`).subarray(0, 4)).toEqual(Buffer.from([0x7f, 0x45, 0x4c, 0x46]));
    expect(existsSync(stem)).toBe(false);
  });

  it("merges several files", async () => {
    const output = join(directory, "merged");
    expect(
      await mirc("-Zcodegen-backend=llvm", "-o", output, file("a.mir", OBSERVE(1)), file("b.mir", OBSERVE(2))),
    ).toEqual({ status: 0, out: "", err: "" });
    expect(execute(TARGETS[0]!, output).filter((e) => e[0] === EventKind.I32)).toEqual([
      [EventKind.I32, 1, 1n, 0n],
      [EventKind.I32, 1, 2n, 0n],
    ]);
  });
});
