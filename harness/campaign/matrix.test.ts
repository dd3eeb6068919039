import { describe, expect, test } from "vitest";
import type { SubjectInfo } from "../subjects/subject.ts";
import { crossConfigurations, pairwiseSample, product } from "./matrix.ts";

const SUBJECT: SubjectInfo = { name: "native", kind: "native", version: "1", path: "", targets: ["a", "b"] };
const MATRIX = {
  targets: ["a", "b", "c"],
  optLevels: ["0", "1", "2", "3", "s", "z"],
  codegenUnits: [1, 4],
  lto: ["no", "thin", "fat"],
};

describe("the matrix", () => {
  test("a product has every combination once, the last axis fastest", () => {
    expect(product({ x: ["1", "2"], y: ["a", "b"] })).toEqual([
      { x: "1", y: "a" },
      { x: "1", y: "b" },
      { x: "2", y: "a" },
      { x: "2", y: "b" },
    ]);
  });

  test("only targets that the subject supports are crossed, and ids are unique", () => {
    const all = crossConfigurations(SUBJECT, MATRIX);
    expect(all.length).toBe(2 * 6 * 2 * 3);
    expect(new Set(all.map((c) => c.id)).size).toBe(all.length);
    expect(all[0]!.id).toBe("native/a/opt-level=0,codegen-units=1,lto=no");
  });

  test("the pairwise sample covers every pair of values with far fewer configurations", () => {
    const all = crossConfigurations(SUBJECT, MATRIX, { "mir-opt-level": ["0", "2", "4"] });
    const sample = pairwiseSample(all);
    const pairsOf = (configurations: typeof all): Set<string> =>
      new Set(
        configurations.flatMap((c) => {
          const values = [c.target, ...Object.entries(c.options).map(([k, v]) => `${k}=${v}`)];
          return values.flatMap((a, i) => values.slice(i + 1).map((b) => `${a}|${b}`));
        }),
      );
    expect(pairsOf(sample)).toEqual(pairsOf(all));
    expect(sample.length).toBeLessThan(all.length / 5);
    expect(pairwiseSample(all)).toEqual(sample);
  });
});
