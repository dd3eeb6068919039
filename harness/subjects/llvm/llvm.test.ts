import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  entryPoints,
  HOST_TARGET,
  MAX_EVENTS_PER_CASE,
  newTyCtxt,
  parseProgram,
  RECORD_SIZE,
  runCommand,
} from "../../../codegen/index.ts";
import { makeBatch } from "../../campaign/batch.ts";
import { runBatch } from "../../execute/batch.ts";
import { expectedStream } from "../../execute/expected.ts";
import { generateChecked } from "../../generate/generate.ts";
import { judgeCase } from "../../oracle/compare.ts";
import type { Batch, CheckedProgram, CompileRequest, Configuration, Subject } from "../subject.ts";
import { findLlvmSubjects } from "./find.ts";

/** Runs that no program of a hunt may have: a wild write, a loop without end, events without end, recursion without end. */
const UNRULY = `
fn input_0() -> () {
    let mut _0: ();

    bb0: {
        return;
    }
}

fn input_1() -> () {
    let mut _0: ();
    let mut _1: usize;
    let mut _2: *mut u8;
    let mut _3: ();

    bb0: {
        _3 = observe::<u8>(const 1_u32, const 7_u8) -> [return: bb1, unwind continue];
    }

    bb1: {
        _1 = black_box::<usize>(const 8_usize) -> [return: bb2, unwind continue];
    }

    bb2: {
        _2 = copy _1 as *mut u8 (Transmute);
        (*_2) = const 1_u8;
        return;
    }
}

fn input_2() -> () {
    let mut _0: ();

    bb0: {
        goto -> bb0;
    }
}

fn input_3() -> () {
    let mut _0: ();
    let mut _1: ();

    bb0: {
        _1 = observe::<u8>(const 1_u32, const 7_u8) -> [return: bb0, unwind continue];
    }
}

fn deep(_1: u64) -> u64 {
    let mut _0: u64;
    let mut _2: u64;

    bb0: {
        _2 = Add(copy _1, const 1_u64);
        _0 = deep(copy _2) -> [return: bb1, unwind continue];
    }

    bb1: {
        _0 = BitXor(copy _0, copy _2);
        return;
    }
}

fn input_4() -> () {
    let mut _0: ();
    let mut _1: u64;

    bb0: {
        _1 = deep(const 1_u64) -> [return: bb1, unwind continue];
    }

    bb1: {
        return;
    }
}

fn input_5() -> () {
    let mut _0: ();

    bb0: {
        return;
    }
}
`;

let directory = "";
let subjects: Subject[] = [];
let batch: Batch;
let serial = 0;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "mirwatch-subject-"));
  subjects = await findLlvmSubjects(directory);
  batch = randomBatch(1, 4);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function randomBatch(seed: number, count: number): Batch {
  const tcx = newTyCtxt();
  const programs: CheckedProgram[] = Array.from({ length: count }, (_, index) => {
    const { program, runs } = generateChecked(seed + index, { tcx });
    return { program, index, runs: runs.map((run) => ({ entry: run.entry, expected: run.result })) };
  });
  return makeBatch(programs);
}

function request(configuration: Configuration, extra: Partial<CompileRequest> = {}): CompileRequest {
  return { batch, configuration, directory: join(directory, `request-${serial++}`), timeLimit: 120, ...extra };
}

function configurationsOf(subject: Subject, optLevel: string, units: number, lto: string): Configuration[] {
  return subject.configurations({
    targets: subject.info.targets,
    optLevels: [optLevel],
    codegenUnits: [units],
    lto: [lto],
  });
}

describe("the LLVM subjects", () => {
  test("are there, with names of their own and the host among their targets", () => {
    expect(subjects.length).toBeGreaterThan(0);
    expect(new Set(subjects.map((s) => s.info.name)).size).toBe(subjects.length);
    for (const { info } of subjects) {
      expect(info.kind).toBe("llvm");
      expect(info.targets).toContain(HOST_TARGET.triple);
    }
  });

  test("run random programs as the interpreter does, on every target", async () => {
    for (const [i, subject] of subjects.entries()) {
      for (const configuration of configurationsOf(
        subject,
        ["0", "2", "3", "z"][i % 4]!,
        1 + (i % 2) * 3,
        ["no", "thin", "fat"][i % 3]!,
      )) {
        if (configuration.target !== HOST_TARGET.triple && subject !== subjects[0] && subject !== subjects.at(-1))
          continue;
        const outcome = await subject.compile(request(configuration));
        if (outcome.kind !== "ok") throw new Error(`${configuration.id}: ${JSON.stringify(outcome)}`);
        expect(outcome.textSize).toBeGreaterThan(0);
        const run = await runBatch({
          executable: outcome.executable,
          target: configuration.target,
          caseCount: batch.entries.length,
          caseMilliseconds: 2000,
        });
        expect(run.reruns).toBe(0);
        let number = 0;
        for (const program of batch.programs) {
          for (const { expected } of program.runs)
            expect(
              judgeCase(expected.events, run.cases[number++]!),
              `${configuration.id} case ${number}`,
            ).toMatchObject({ verdict: "agree" });
        }
      }
    }
  });

  test("a repro makes the same executable from its files alone", async () => {
    for (const lto of ["no", "thin"]) {
      const [configuration] = configurationsOf(subjects.at(-1)!, "2", 2, lto);
      const { files, commands } = await subjects.at(-1)!.repro(request(configuration!), "repro");
      const place = mkdtempSync(join(directory, "repro-"));
      for (const [name, text] of files) writeFileSync(join(place, name), text);
      const script = commands.map((command) => `${command} || exit 2`).join("\n");
      const built = await runCommand({
        program: "/bin/sh",
        args: ["-c", script],
        cwd: place,
        timeLimit: 60_000,
        outputLimit: 1 << 16,
        errorLimit: 1 << 16,
      });
      expect(built.stderr.toString()).toBe("");
      expect(built.status).toBe(0);
      expect(commands.join("\n")).not.toContain(directory);
      const run = await runCommand({
        program: join(place, "repro"),
        args: [],
        timeLimit: 10_000,
        outputLimit: 1 << 24,
        errorLimit: 1 << 12,
      });
      const expected = expectedStream(batch.programs.flatMap((p) => p.runs.map((r) => r.expected)));
      expect(run.stdout.equals(expected)).toBe(true);
    }
  });

  test.each(["no", "thin", "fat"])("lists the pass executions of every LLVM, with lto=%s", async (lto) => {
    const small = randomBatch(3, 1);
    for (const subject of subjects) {
      const [configuration] = configurationsOf(subject, "1", 1, lto);
      const executions = await subject.passExecutions!(request(configuration!, { batch: small }));
      expect(executions!.length, subject.info.name).toBeGreaterThan(50);
    }
  });

  test("tell their pass executions, and stop where they are told", async () => {
    const subject = subjects.at(-1)!;
    const small = randomBatch(3, 1);
    const [configuration] = configurationsOf(subject, "2", 1, "no");
    const executions = await subject.passExecutions!(request(configuration!, { batch: small }));
    expect(executions!.length).toBeGreaterThan(50);
    expect(executions!.map((e) => e.index)).toEqual(executions!.map((_, i) => i + 1));
    for (const limit of [0, Math.floor(executions!.length / 2)]) {
      const outcome = await subject.compile(request(configuration!, { batch: small, optBisectLimit: limit }));
      if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
      const run = await runBatch({
        executable: outcome.executable,
        target: HOST_TARGET.triple,
        caseCount: small.entries.length,
        caseMilliseconds: 2000,
      });
      for (const [i, { expected }] of small.programs[0]!.runs.entries())
        expect(judgeCase(expected.events, run.cases[i]!).verdict).toBe("agree");
    }
  });

  test("a case that crashes, spins or floods ends alone, on every target", async () => {
    const program = parseProgram(UNRULY, { file: "unruly.mir" });
    const entries = entryPoints(program);
    const unruly: Batch = { programs: [], merged: program, entries };
    for (const configuration of configurationsOf(subjects.at(-1)!, "0", 1, "no")) {
      const outcome = await subjects.at(-1)!.compile(request(configuration, { batch: unruly }));
      if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
      const run = await runBatch({
        executable: outcome.executable,
        target: configuration.target,
        caseCount: entries.length,
        caseMilliseconds: 2000,
      });
      expect(run.cases.map((c) => c.end)).toEqual(["returned", "died", "died", "flood", "died", "returned"]);
      const signals = run.cases.map((c) => c.signal);
      expect(signals).toEqual([undefined, 11, 14, undefined, 11, undefined]);
      expect(run.cases[3]!.events.length).toBe(MAX_EVENTS_PER_CASE * RECORD_SIZE);
      expect(run.reruns).toBe(0);
      // What was observed before the death is not lost.
      expect(run.cases[1]!.events.length).toBe(RECORD_SIZE);
      const alone = await runBatch({
        executable: outcome.executable,
        target: configuration.target,
        caseCount: entries.length,
        caseMilliseconds: 100,
        only: 2,
      });
      expect(alone.cases[2]).toMatchObject({ end: "died", signal: 14 });
    }
  });

  test("a compiler that takes too long is a hang, not an exception", async () => {
    const [configuration] = configurationsOf(subjects.at(-1)!, "3", 1, "no");
    expect(await subjects.at(-1)!.compile(request(configuration!, { timeLimit: 0.001 }))).toMatchObject({
      kind: "failed",
      verdict: "hang",
    });
  });
});
