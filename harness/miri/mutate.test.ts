import { describe, expect, it } from "vitest";
import { printCustomMir, printProgram, verifyProgram } from "../../codegen/index.ts";
import { compareAnswers, ourAnswer } from "./judge.ts";
import { MUTATIONS, makeMutant } from "./mutate.ts";

const OPTIONS = { features: "full", size: 40 } as const;
const mutants = Array.from({ length: 120 }, (_, seed) => makeMutant(seed, OPTIONS));

describe("makeMutant", () => {
  it("makes programs that verify and keep one entry point", () => {
    for (const { program, entry } of mutants) {
      expect(verifyProgram(program)).toEqual([]);
      expect(program.functions.filter(({ name }) => /^input_/.test(name))).toEqual([entry]);
    }
  });

  it("makes the same of a seed twice", () => {
    const [first, second] = [makeMutant(7, OPTIONS), makeMutant(7, OPTIONS)];
    expect(printProgram(first.program)).toBe(printProgram(second.program));
  });

  it("uses most of the mutations in a hundred programs", () => {
    const used = new Set(mutants.flatMap(({ mutations }) => mutations));
    expect(used.size).toBeGreaterThan(MUTATIONS.length * 0.7);
    for (const name of used) expect(MUTATIONS.map((each) => each.name)).toContain(name);
  });

  it("makes programs of which about half have undefined behaviour, of many kinds", () => {
    const answers = mutants.map(({ program, entry }) => ourAnswer(program, entry, "tree"));
    const kinds = new Set(answers.flatMap((answer) => (answer.kind === "ub" ? [answer.ub] : [])));
    const undefinedOnes = answers.filter(({ kind }) => kind === "ub").length;
    expect(undefinedOnes).toBeGreaterThan(mutants.length * 0.25);
    expect(undefinedOnes).toBeLessThan(mutants.length * 0.75);
    expect(kinds.size).toBeGreaterThan(6);
  });

  it("makes programs that are written as custom MIR", () => {
    const written = mutants.slice(0, 40).map(({ program }) => printCustomMir(program, { unwinding: true }).kind);
    expect(written.filter((kind) => kind === "ok").length).toBeGreaterThan(30);
  });
});

describe("compareAnswers", () => {
  const done = { kind: "done", hash: 1n, open: false } as const;
  const uninit = { kind: "ub", ub: "uninit", message: "", place: "" } as const;
  const miriUninit = { kind: "ub", message: "using uninitialized data", at: "" } as const;
  const miriDone = { kind: "done", hash: 1n } as const;

  it.each([
    [done, miriDone, "agree"],
    [done, { kind: "done", hash: 2n } as const, "events"],
    [{ ...done, open: true } as const, { kind: "done", hash: 2n } as const, "agree"],
    [uninit, miriUninit, "agree"],
    [done, miriUninit, "missed"],
    [uninit, miriDone, "invented"],
    [{ ...uninit, ub: "aliasing" } as const, miriUninit, "kind"],
    [done, { kind: "abort", message: "" } as const, "end"],
    [done, { kind: "rejected", message: "" } as const, "skipped"],
  ] as const)("judges %o against %o: %s", (ours, miri, verdict) => {
    expect(compareAnswers(ours, miri)).toBe(verdict);
  });
});
