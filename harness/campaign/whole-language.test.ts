import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { HOST_TARGET, newTyCtxt, parseProgram, printProgram, type TyCtxt } from "../../codegen/index.ts";
import { runBatch } from "../execute/batch.ts";
import { proveProgram } from "../oracle/prove.ts";
import { openStore } from "../store/database.ts";
import { findSubjects } from "../subjects/find.ts";
import { NativeSubject } from "../subjects/native/native.ts";
import type { CheckedProgram } from "../subjects/subject.ts";
import { caseCount, makeBatch } from "./batch.ts";
import { type HuntObserver, type HuntOptions, hunt, STORE_FILE } from "./hunt.ts";
import type { Plan } from "./plan.ts";
import { Stopwatch } from "./stopwatch.ts";
import { supportedPart } from "./supported.ts";
import { DEFAULT_LIMITS, runTask } from "./task.ts";
import { isJudged, judgedPart } from "./unwinding.ts";

const out = mkdtempSync(join(tmpdir(), "mirwatch-whole-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

function prove(text: string, tcx: TyCtxt, index = 0): CheckedProgram {
  const proof = proveProgram(parseProgram(text, { tcx }), index);
  if (proof.kind === "rejected") throw new Error(proof.reason);
  return proof.checked;
}

const observing = (value: number): string => `fn main() -> () {
    let mut _0: ();
    bb0: { _0 = observe::<i32>(const 1_u32, const ${value}_i32) -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
`;

const SLICE = `fn main() -> () {
    let mut _0: ();
    let mut _1: [u8; 2];
    let mut _2: &[u8; 2];
    let mut _3: &[u8];
    bb0: {
        _1 = [const 1_u8, const 2_u8];
        _2 = &_1;
        _3 = copy _2 as &[u8] (PointerCoercion(Unsize, Implicit));
        _0 = observe::<u8>(const 1_u32, copy (*_3)[1 of 2]) -> [return: bb1, unwind continue];
    }
    bb1: { return; }
}
`;

/** \`input_0\` unwinds through a cleanup block, \`input_1\` does not. */
const UNWINDS = `fn f(_1: u32) -> () {
    let mut _0: ();
    let mut _2: (u32, bool);
    bb0: { _2 = AddWithOverflow(copy _1, const 1_u32); goto -> bb1; }
    bb1: {
        assert(!move (_2.1: bool), "attempt to compute \`{} + {}\`, which would overflow", copy _1, const 1_u32) -> [success: bb2, unwind: bb3];
    }
    bb2: { return; }
    bb3 (cleanup): { _0 = observe::<u32>(const 9_u32, copy _1) -> [return: bb4, unwind terminate(cleanup)]; }
    bb4 (cleanup): { resume; }
}
fn input_0() -> () {
    let mut _0: ();
    bb0: { _0 = f(const 4294967295_u32) -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
fn input_1() -> () {
    let mut _0: ();
    bb0: { _0 = f(const 1_u32) -> [return: bb1, unwind continue]; }
    bb1: { _0 = observe::<u32>(const 3_u32, const 7_u32) -> [return: bb2, unwind continue]; }
    bb2: { return; }
}
`;

const MATRIX = { targets: [HOST_TARGET.triple], optLevels: ["2"], codegenUnits: [1], lto: ["no"] };

describe("a batch with a program that code generation lacks something for", () => {
  const tcx = newTyCtxt();
  const batch = makeBatch([prove(observing(1), tcx), prove(SLICE, tcx, 1), prove(observing(3), tcx, 2)]);

  test("leaves that program out, and keeps the numbers of the others", async () => {
    const { batch: part, skipped } = supportedPart(batch);
    expect([...skipped]).toEqual([[1, "no code generation for slices"]]);
    expect(part.entries.length).toBe(3);
    expect(part.merged.functions.map((item) => item.name)).not.toContain("p1::main");
    const subject = new NativeSubject();
    const [configuration] = subject.configurations(MATRIX);
    const directory = join(out, "part");
    const outcome = await subject.compile({ batch, configuration: configuration!, directory, timeLimit: 60 });
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    const run = await runBatch({
      executable: outcome.executable,
      target: HOST_TARGET.triple,
      caseCount: caseCount(batch),
      caseMilliseconds: 2000,
    });
    for (const i of [0, 2]) {
      const { events } = batch.programs[i]!.runs[0]!.expected;
      expect(Buffer.from(run.cases[i]!.events).equals(Buffer.from(events))).toBe(true);
    }
  });

  test("counts it as skipped, and judges the others", async () => {
    const subject = new NativeSubject();
    const configurations = subject.configurations(MATRIX).slice(0, 1);
    const task = { key: "0/native", batch: 0, first: 0, count: 3, subject: "native", configurations };
    const lost = new Map([["program not made: why", 2]]);
    const outcome = await runTask(task, { batch, discarded: 0, lost }, subject, out, DEFAULT_LIMITS, new Stopwatch());
    expect(Object.fromEntries(outcome.skips)).toEqual({
      "program not made: why": 2,
      "native: no code generation for slices": 1,
    });
    expect(outcome.results[0]).toMatchObject({ runs: 2, verdicts: { agree: 2 } });
    expect(outcome.suspects).toEqual([]);
  });

  test("alone is not supported", async () => {
    const subject = new NativeSubject();
    const [configuration] = subject.configurations(MATRIX);
    const alone = makeBatch([prove(SLICE, newTyCtxt())]);
    const outcome = await subject.compile({
      batch: alone,
      configuration: configuration!,
      directory: out,
      timeLimit: 60,
    });
    expect(outcome).toEqual({ kind: "unsupported", reason: "no code generation for slices" });
  });
});

describe("runs that unwind", () => {
  test("are told by the interpreter, and are no expectation of compilers that abort on panic", () => {
    const program = prove(UNWINDS, newTyCtxt());
    expect(program.runs.map((run) => isJudged(run, "native"))).toEqual([false, true]);
    expect(program.runs.map((run) => isJudged(run, "rustc"))).toEqual([true, true]);
    const rest = judgedPart(program, "native");
    expect(rest.runs.map((run) => run.entry.name)).toEqual(["input_1"]);
    expect(printProgram(rest.program)).not.toContain("input_0");
    expect(judgedPart(rest, "native")).toBe(rest);
  });
});

const SILENT: HuntObserver = { begin: () => {}, task: () => {}, warn: () => {}, end: () => {} };

describe("a hunt with programs of the whole language", () => {
  test("skips what the own backend lacks, by reason, and stores what programs use for a resume", async () => {
    const subjects = await findSubjects({ names: ["native"], faults: [], out });
    const plan: Plan = {
      seed: "5",
      programs: 24,
      batchSize: 12,
      matrix: MATRIX,
      subjects: subjects.map(({ info }) => ({ name: info.name, version: info.version })),
      full: false,
      features: "full",
    };
    const options: HuntOptions = {
      plan,
      seconds: undefined,
      jobs: 1,
      out,
      resume: false,
      limits: DEFAULT_LIMITS,
      reduceMilliseconds: 10_000,
      faults: [],
      observer: SILENT,
      signal: new AbortController().signal,
    };
    const first = await hunt({ ...options, until: () => true }, subjects);
    const reasons = Object.keys(first.skipped);
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).toMatch(/^native: no code generation for |^program not made: /);
    const whole = await hunt({ ...options, plan: { ...plan, features: "core" }, resume: true }, subjects);
    expect(whole.programs).toBe(24);
    const skips = Object.values(whole.skipped).reduce((a, b) => a + b, 0);
    expect(whole.runs + skips).toBe(24);
    // The stored plan counts, not the one of the command that resumes.
    expect(skips).toBeGreaterThan(Object.values(first.skipped).reduce((a, b) => a + b, 0));
    const store = openStore(join(out, STORE_FILE));
    const row = await store.db.selectFrom("campaign").select("plan").executeTakeFirstOrThrow();
    await store.close();
    expect((JSON.parse(row.plan) as Plan).features).toBe("full");
  });
});
