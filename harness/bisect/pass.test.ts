import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bisectPasses, NO_PASS } from "./pass.ts";

const executions = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ index: i + 1, pass: `pass${i + 1}`, unit: "f" }));

describe("bisection to a pass", () => {
  test("finds the execution that brings the fault in", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 500 }), fc.nat(), async (count, pick) => {
        const guilty = 1 + (pick % count);
        const culprit = await bisectPasses(executions(count), async (limit) => limit >= guilty);
        expect(culprit).toEqual({ pass: `pass${guilty}`, unit: "f", index: guilty });
      }),
    );
  });

  test("with a fault that comes and goes, the answer is still a place where it comes in", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 2, maxLength: 100 }), async (pattern) => {
        const shows = (limit: number): boolean =>
          limit > 0 && (limit === pattern.length || pattern[limit - 1] === true);
        const culprit = await bisectPasses(executions(pattern.length), async (limit) => shows(limit));
        expect(culprit).toBeDefined();
        expect(shows(culprit!.index)).toBe(true);
        expect(shows(culprit!.index - 1)).toBe(false);
      }),
    );
  });

  test("a fault that needs no pass is code generation's", async () => {
    expect((await bisectPasses(executions(5), async () => true))?.pass).toBe(NO_PASS);
  });

  test("without executions there is no culprit", async () => {
    expect(await bisectPasses([], async (limit) => limit > 0)).toBeUndefined();
  });
});
