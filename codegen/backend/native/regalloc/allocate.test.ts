import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allocate } from "./allocate.ts";
import { checkAllocation } from "./checker.ts";
import { executeAllocation, executeVRegs } from "./execute.ts";
import { allocIsReg, allocIsStack, EDIT_STRIDE, type RegallocFunction, SOUND_POLICY } from "./function.ts";
import { type FunctionShape, randomEnv, randomFunction } from "./random-function.ts";
import { validateFunction } from "./validate.ts";

const ALGORITHMS = ["linear-scan", "fast"] as const;

const shapes: fc.Arbitrary<FunctionShape> = fc.record({
  seed: fc.nat(),
  blocks: fc.integer({ min: 1, max: 14 }),
  instsPerBlock: fc.integer({ min: 0, max: 14 }),
  registers: fc.integer({ min: 6, max: 15 }),
  window: fc.integer({ min: 2, max: 24 }),
  params: fc.integer({ min: 0, max: 8 }),
  calls: fc.integer({ min: 0, max: 30 }),
  remat: fc.boolean(),
});

/** Long straight code, many registers wanted at once. */
const largeShapes: fc.Arbitrary<FunctionShape> = fc.record({
  seed: fc.nat(),
  blocks: fc.integer({ min: 1, max: 60 }),
  instsPerBlock: fc.integer({ min: 20, max: 120 }),
  registers: fc.integer({ min: 6, max: 15 }),
  window: fc.integer({ min: 2, max: 100 }),
  params: fc.integer({ min: 0, max: 24 }),
  calls: fc.integer({ min: 0, max: 10 }),
  remat: fc.boolean(),
});

function expectSound(shape: FunctionShape, runs: number): void {
  const env = randomEnv(shape.registers);
  const fn = randomFunction(shape);
  expect(validateFunction(fn, env)).toEqual([]);
  for (const algorithm of ALGORITHMS) {
    const out = allocate(fn, env, { algorithm });
    expect(checkAllocation(fn, env, out)).toEqual([]);
    for (let run = 0; run < runs; run++) {
      const expected = executeVRegs(fn, run, 40);
      const actual = executeAllocation(fn, env, out, run, 40);
      // Comparing strings first: the matcher is slow on long arrays.
      if (actual.join() !== expected.join()) expect(actual).toEqual(expected);
    }
  }
}

describe("every allocation is accepted by the checker and computes what the function does", () => {
  test("small functions", () => {
    fc.assert(
      fc.property(shapes, (shape) => expectSound(shape, 2)),
      { numRuns: 3000, seed: 1 },
    );
  });

  test("large functions", () => {
    fc.assert(
      fc.property(largeShapes, (shape) => expectSound(shape, 1)),
      { numRuns: 40, seed: 2 },
    );
  });
});

test("one input gives one output, whatever was allocated before", () => {
  fc.assert(
    fc.property(shapes, shapes, (shape, other) => {
      const env = randomEnv(shape.registers);
      const fn = randomFunction(shape);
      for (const algorithm of ALGORITHMS) {
        const first = allocate(fn, env, { algorithm });
        allocate(randomFunction(other), randomEnv(other.registers), { algorithm });
        expect(allocate(fn, env, { algorithm })).toEqual(first);
      }
    }),
    { numRuns: 200, seed: 3 },
  );
});

test("written registers are those of defs and edits", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const fn = randomFunction(shape);
      const out = allocate(fn, randomEnv(shape.registers), { algorithm: "linear-scan" });
      const written = new Set<number>();
      fn.operands.forEach((op, o) => {
        if ((op & 0x800000) !== 0 && allocIsReg(out.allocs[o]!)) written.add(out.allocs[o]! & 63);
      });
      for (let e = 0; e < out.numEdits; e++) {
        const to = out.edits[e * EDIT_STRIDE + 2]!;
        if (allocIsReg(to)) written.add(to & 63);
      }
      const bits = [0, 1].flatMap((cls) =>
        Array.from({ length: 32 }, (_, r) => r)
          .filter((r) => (out.writtenRegs[cls]! >>> r) & 1)
          .map((r) => cls * 32 + r),
      );
      expect(bits).toEqual([...written].sort((a, b) => a - b));
    }),
    { numRuns: 100, seed: 4 },
  );
});

/** The number of edits that touch memory or registers, weighed alike. */
function editCount(fn: RegallocFunction, shape: FunctionShape, algorithm: "linear-scan" | "fast"): number {
  return allocate(fn, randomEnv(shape.registers), { algorithm }).numEdits;
}

test("linear scan needs far fewer edits than the fast allocator", () => {
  let slow = 0;
  let fast = 0;
  for (let seed = 0; seed < 50; seed++) {
    const shape = { seed, blocks: 12, instsPerBlock: 10, registers: 12, window: 8, params: 3, calls: 3, remat: false };
    const fn = randomFunction(shape);
    slow += editCount(fn, shape, "linear-scan");
    fast += editCount(fn, shape, "fast");
  }
  expect(slow).toBeLessThan(fast * 0.7);
});

describe("a planted fault of the policy is found by the checker", () => {
  const faults = {
    "lost store to a spill slot": { ...SOUND_POLICY, storesSpill: () => false },
    "clobbers of the int class not heeded": { ...SOUND_POLICY, clobberFilter: [0, -1] as const },
    "cycle of moves not saved": { ...SOUND_POLICY, savesCycle: () => false },
  };
  for (const [name, policy] of Object.entries(faults)) {
    test(name, () => {
      let found = 0;
      for (let seed = 0; seed < 300; seed++) {
        const shape = {
          seed,
          blocks: 9,
          instsPerBlock: 10,
          registers: 6,
          window: 8,
          params: 8,
          calls: 12,
          remat: false,
        };
        const env = randomEnv(shape.registers);
        const fn = randomFunction(shape);
        if (checkAllocation(fn, env, allocate(fn, env, { algorithm: "linear-scan", policy })).length > 0) found++;
      }
      expect(found).toBeGreaterThan(0);
    });
  }
});

test("the stack is used when the registers do not do", () => {
  const shape = { seed: 5, blocks: 1, instsPerBlock: 60, registers: 6, window: 40, params: 0, calls: 0, remat: false };
  const fn = randomFunction(shape);
  const out = allocate(fn, randomEnv(6), { algorithm: "linear-scan" });
  expect(out.numSpillSlots).toBeGreaterThan(0);
  expect(Array.from({ length: out.numEdits }, (_, e) => out.edits[e * EDIT_STRIDE + 2]!).some(allocIsStack)).toBe(true);
});
