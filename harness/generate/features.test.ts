import { describe, expect, it } from "vitest";
import {
  HOST_TARGET,
  interpretEntry,
  LayoutCx,
  prepareProgram,
  printProgram,
  verifyProgram,
} from "../../codegen/index.ts";
import type { Group } from "./constructs.ts";
import { FEATURES, type Feature, parseFeatures } from "./features.ts";
import { GENERATED_FUEL, type GeneratedProgram, generateChecked } from "./generate.ts";
import { STACKED_POLICY } from "./policies.ts";
import { generateProgram } from "./program.ts";
import { Campaign, type Coverage, coverageOf, zeroRows } from "./stats.ts";

const ALL: ReadonlySet<Feature> = new Set(FEATURES);

const PROGRAMS = 250;
const campaign: GeneratedProgram[] = Array.from({ length: PROGRAMS }, (_, seed) =>
  generateChecked(seed, { features: ALL, coverage: true }),
);

function constructs(coverage: Coverage, group: Group): string[] {
  return coverage.rows.filter((row) => row.group === group && row.count > 0).map((row) => row.construct);
}

describe("core", () => {
  const coverage = coverageOf(Array.from({ length: 300 }, (_, seed) => generateProgram(seed)));

  it("has only what every code generator of ours lowers", () => {
    const allowed: Partial<Record<Group, readonly string[]>> = {
      statement: ["assign", "setDiscriminant", "storageLive", "storageDead", "assume"],
      terminator: ["goto", "switchInt", "return", "unreachable", "call", "assert"],
      unwind: ["continue"],
      constant: ["scalar", "zst", "fn"],
      type: ["bool", "char", "int", "uint", "float", "tuple", "array", "ref", "ptr", "struct", "enum", "fnptr"],
      intrinsic: ["observe", "black_box"],
      nullary: [],
    };
    for (const [group, names] of Object.entries(allowed))
      expect(constructs(coverage, group as Group).filter((name) => !names.includes(name))).toEqual([]);
    expect(constructs(coverage, "aggregate").sort()).toEqual(["array", "enum", "struct", "tuple"]);
    expect(constructs(coverage, "place").filter((name) => name.startsWith("subslice"))).toEqual([]);
  });

  it("leaves rows at zero that only features fill, and types in rows", () => {
    const zeros = zeroRows(coverage);
    for (const row of [
      "flow.loop with several entries",
      "layout.slice tail",
      "signature.param of simd",
      "item.closure",
    ])
      expect(zeros).toContain(row);
    expect(zeros).not.toContain("flow.loop");
    expect(zeros).not.toContain("signature.param of struct");
  });

  it("is what is generated when nothing is said", () => {
    for (let seed = 0; seed < 20; seed++) {
      const plain = printProgram(generateProgram(seed));
      expect(printProgram(generateProgram(seed, { features: "core" }))).toBe(plain);
      expect(printProgram(generateProgram(seed, { features: new Set() }))).toBe(plain);
    }
  });
});

describe("each feature", () => {
  it.each(FEATURES)("%s: gives programs that verify", (feature) => {
    for (let seed = 0; seed < 12; seed++) {
      const program = generateProgram(seed, { features: new Set([feature]) });
      expect(verifyProgram(program).map((error) => `seed ${seed}: ${error.message}: ${error.text}`)).toEqual([]);
    }
  });

  it.each(FEATURES)("%s: gives the same program for the same seed", (feature) => {
    const features = new Set([feature]);
    for (let seed = 100; seed < 104; seed++)
      expect(printProgram(generateProgram(seed, { features }))).toBe(printProgram(generateProgram(seed, { features })));
  });

  it.each(FEATURES)("%s: adds constructs that core lacks", (feature) => {
    const names = (features: "core" | ReadonlySet<typeof feature>): Set<string> => {
      const programs = Array.from({ length: 20 }, (_, seed) => generateProgram(seed, { features }));
      return new Set(
        coverageOf(programs).rows.flatMap((row) => (row.count > 0 ? [`${row.group}.${row.construct}`] : [])),
      );
    };
    const core = names("core");
    expect([...names(new Set([feature]))].some((row) => !core.has(row))).toBe(true);
  });
});

describe("a campaign of all features", () => {
  it("has no undefined behaviour in any candidate, and discards few", () => {
    const rejections = campaign.flatMap((made) => made.rejections);
    expect(rejections.filter((reason) => /undefined behaviour|not supported|too deep|no end/.test(reason))).toEqual([]);
    const discarded = campaign.reduce((sum, made) => sum + made.discarded, 0);
    expect(discarded / (discarded + PROGRAMS)).toBeLessThan(0.03);
  });

  it("has every construct but rare intrinsics, and runs nearly all", () => {
    const counted = new Campaign();
    for (const { program, ran } of campaign) counted.add(program, ran);
    const coverage = counted.coverage();
    const zeros = zeroRows(coverage).filter((row) => !/^(intrinsic|assert|nullary)\.| of /.test(row));
    expect(zeros.filter((row) => !row.endsWith("(never run)"))).toEqual([]);
    expect(zeros.length / coverage.rows.length).toBeLessThan(0.02);
  });

  it("gives the same program within a type context that others use", () => {
    const { tcx } = generateProgram(1, { features: "full" });
    const again = generateProgram(2, { features: "full", tcx });
    expect(printProgram(again)).toBe(printProgram(generateProgram(2, { features: "full" })));
  });
});

describe("a campaign under the policy of Stacked Borrows", () => {
  it("has no undefined behaviour in any candidate", () => {
    const rejections = Array.from({ length: 80 }, (_, seed) =>
      generateChecked(seed, { features: ALL, policy: STACKED_POLICY }),
    ).flatMap((made) => made.rejections);
    expect(rejections.filter((reason) => reason.includes("undefined behaviour"))).toEqual([]);
  });
});

describe("programs with threads", () => {
  it("show the same whatever the schedule", () => {
    let spawned = 0;
    for (let seed = 0; seed < 30; seed++) {
      const { program, runs } = generateChecked(seed, { features: new Set(["threads"]) });
      if (!printProgram(program).includes("thread_spawn")) continue;
      spawned++;
      const prepared = prepareProgram(program, new LayoutCx(program.tcx, HOST_TARGET.dataLayout));
      for (const { entry, result } of runs) {
        for (let schedule = 1; schedule <= 4; schedule++) {
          const again = interpretEntry(prepared, entry, { fuel: GENERATED_FUEL, seed: schedule });
          expect(again.outcome.kind).toBe(result.outcome.kind);
          expect(again.events).toEqual(result.events);
        }
      }
    }
    expect(spawned).toBeGreaterThan(5);
  });
});

describe("parseFeatures", () => {
  it("reads names, and says which is none", () => {
    expect(parseFeatures("full")).toBe("full");
    expect(parseFeatures("drops, simd")).toEqual(new Set(["drops", "simd"]));
    expect(() => parseFeatures("drops,dragons")).toThrow(/`dragons` is no feature/);
  });
});
