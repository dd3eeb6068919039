import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  entryPoints,
  type FnItem,
  type Program,
  parseProgram,
  printProgram,
  verifyProgram,
} from "../../codegen/index.ts";
import { arbCheckedProgram, arbProgram } from "./arbitraries.ts";
import { type GeneratedProgram, generateChecked } from "./generate.ts";
import { generateProgram } from "./program.ts";
import { mixSeed, Rng } from "./rng.ts";
import { coverageOf, missingRows, printCoverage } from "./stats.ts";

const CAMPAIGN = 1500;
const campaign: GeneratedProgram[] = Array.from({ length: CAMPAIGN }, (_, seed) => generateChecked(seed));
const programs: Program[] = campaign.map(({ program }) => program);

/** Statements and terminators outside entry points. */
function codeSize(program: Program): number {
  const entries = new Set(entryPoints(program));
  return program.functions
    .filter((item) => !entries.has(item))
    .flatMap((item) => item.body?.blocks ?? [])
    .reduce((sum, block) => sum + block.statements.length + 1, 0);
}

/** Whether some function has a jump to a block that stands before it: loops are built that way, diamonds are not. */
function hasLoop(program: Program): boolean {
  return program.functions.some((item) =>
    item.body?.blocks.some(
      ({ terminator }, i) =>
        terminator.kind === "goto" && terminator.target <= i && reaches(item, terminator.target, i),
    ),
  );
}

function reaches(item: FnItem, from: number, to: number): boolean {
  const seen = new Set<number>([from]);
  for (const at of seen) {
    if (at === to) return true;
    const { terminator } = item.body!.blocks[at]!;
    if (terminator.kind === "goto" || terminator.kind === "assert") seen.add(terminator.target);
    if (terminator.kind === "call" && terminator.target !== undefined) seen.add(terminator.target);
    if (terminator.kind === "switchInt")
      for (const target of [...terminator.targets, terminator.otherwise ?? at]) seen.add(target);
  }
  return false;
}

describe("a campaign", () => {
  it("is well-formed MIR", () => {
    const errors = programs.flatMap((program, seed) =>
      verifyProgram(program).map((error) => `seed ${seed}: ${error.message}: ${error.text}`),
    );
    expect(errors).toEqual([]);
  });

  it("parses back to what was printed", () => {
    for (const program of programs.slice(0, 400)) {
      const text = printProgram(program);
      expect(printProgram(parseProgram(text))).toBe(text);
    }
  });

  it("discards less than one candidate in twenty", () => {
    const discarded = campaign.reduce((sum, made) => sum + made.discarded, 0);
    expect(discarded / (discarded + CAMPAIGN)).toBeLessThan(0.05);
  });

  it("observes something in every program, and panics rarely", () => {
    const runs = campaign.flatMap((made) => made.runs);
    expect(campaign.filter((made) => made.runs.every((run) => run.result.events.length === 0)).length).toBe(0);
    const panics = runs.filter((run) => run.result.outcome.kind === "panic").length;
    expect(panics).toBeGreaterThan(0);
    expect(panics / runs.length).toBeLessThan(0.1);
  });

  it("has the promised size", () => {
    const { statements } = coverageOf(programs);
    expect(statements / CAMPAIGN).toBeGreaterThan(80);
    expect(statements / CAMPAIGN).toBeLessThan(200);
  });

  it("covers every construct with every type", () => {
    const coverage = coverageOf(programs);
    expect(missingRows(coverage), printCoverage(coverage)).toEqual([]);
  });

  it("has loops in most programs, and takes them round", () => {
    expect(programs.filter(hasLoop).length / CAMPAIGN).toBeGreaterThan(0.6);
    // More steps than there is code to run once.
    const repeating = campaign.filter(({ program, runs }) =>
      runs.some(({ result }) => result.steps > codeSize(program)),
    );
    expect(repeating.length / CAMPAIGN).toBeGreaterThan(0.25);
  });
});

describe("generateProgram", () => {
  it("gives the same program for the same seed", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (seed) => {
        expect(printProgram(generateProgram(seed))).toBe(printProgram(generateProgram(seed)));
      }),
      { numRuns: 50 },
    );
  });

  it("gives other programs for other seeds", () => {
    expect(new Set(programs.map(printProgram)).size).toBe(CAMPAIGN);
  });

  it("gives the same program within a type context that others use", () => {
    const { tcx } = generateProgram(1);
    expect(printProgram(generateProgram(2, { tcx }))).toBe(printProgram(generateProgram(2)));
  });

  it("has two to four inputs", () => {
    for (const program of programs.slice(0, 200)) {
      const count = entryPoints(program).length;
      expect(count).toBeGreaterThanOrEqual(2);
      expect(count).toBeLessThanOrEqual(4);
    }
  });
});

describe("the arbitraries", () => {
  it("give programs that verify, at every size", () => {
    fc.assert(
      fc.property(arbProgram(), (program) => verifyProgram(program).length === 0),
      { numRuns: 60 },
    );
  });

  it("give programs that end by returning or panicking", () => {
    fc.assert(
      fc.property(arbCheckedProgram({ size: 40 }), ({ runs }) =>
        runs.every(({ result }) => /return|panic/.test(result.outcome.kind)),
      ),
      { numRuns: 60 },
    );
  });

  it("shrink to a small program", () => {
    const failure = fc.check(
      fc.property(arbProgram(), () => false),
      { seed: 7 },
    );
    expect(failure.counterexample).not.toBeNull();
    const [smallest] = failure.counterexample as [Program];
    expect(coverageOf([smallest]).statements).toBeLessThan(60);
  });
});

describe("Rng", () => {
  it("draws every value of a small range about equally often", () => {
    const rng = new Rng(5n);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[rng.below(7)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(600);
  });

  it("is a fixed sequence: a change of it changes every program that a report names by its seed", () => {
    const rng = new Rng(42n);
    expect([rng.next(), rng.next(), rng.next()]).toEqual([3308293827, 1579791675, 2929259487]);
  });

  it("mixes seeds as splitmix64 does", () => {
    // The first output of the reference implementation for the state 1.
    expect(mixSeed(1n, 0n)).toBe(0x910a2dec89025cc1n);
  });
});
