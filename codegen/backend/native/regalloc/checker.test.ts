import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allocate } from "./allocate.ts";
import { checkAllocation } from "./checker.ts";
import { executeAllocation, executeVRegs } from "./execute.ts";
import {
  allocIsReg,
  allocIsStack,
  allocReg,
  allocStack,
  CONSTRAINT_REG,
  EDIT_STRIDE,
  INST_BRANCH,
  INST_RET,
  OPERAND_DEF,
  OPERAND_USE,
  POS_EARLY,
  POS_LATE,
  packOperand,
  type RegallocFunction,
  type RegallocOutput,
} from "./function.ts";
import { type FunctionShape, randomEnv, randomFunction } from "./random-function.ts";

const shapes: fc.Arbitrary<FunctionShape> = fc.record({
  seed: fc.nat(),
  blocks: fc.integer({ min: 1, max: 8 }),
  instsPerBlock: fc.integer({ min: 2, max: 8 }),
  registers: fc.constant(6),
  window: fc.integer({ min: 2, max: 12 }),
  params: fc.integer({ min: 0, max: 5 }),
  calls: fc.integer({ min: 0, max: 20 }),
  remat: fc.boolean(),
});

type Mutation = (out: RegallocOutput, fn: RegallocFunction, choice: number) => RegallocOutput | undefined;

function copy(out: RegallocOutput): { allocs: Int32Array; edits: Int32Array; numEdits: number } & RegallocOutput {
  return { ...out, allocs: out.allocs.slice(), edits: out.edits.slice(0, out.numEdits * EDIT_STRIDE) };
}

function editsWhere(out: RegallocOutput, holds: (from: number, to: number) => boolean): number[] {
  const found: number[] = [];
  for (let e = 0; e < out.numEdits; e++) {
    if (holds(out.edits[e * EDIT_STRIDE + 1]!, out.edits[e * EDIT_STRIDE + 2]!)) found.push(e);
  }
  return found;
}

function withoutEdit(out: RegallocOutput, e: number): RegallocOutput {
  const edits = [...out.edits];
  edits.splice(e * EDIT_STRIDE, EDIT_STRIDE);
  return { ...out, edits: Int32Array.from(edits), numEdits: out.numEdits - 1 };
}

/** An allocation like `alloc`, one further. */
function neighbour(alloc: number, out: RegallocOutput): number {
  if (allocIsReg(alloc)) return (alloc & 31) < 5 ? alloc + 1 : alloc - 1;
  return (alloc & 0xfffff) + 1 < out.numSpillSlots ? alloc + 1 : alloc - 1;
}

function changeEdit(
  out: RegallocOutput,
  candidates: readonly number[],
  choice: number,
  field: 1 | 2,
): RegallocOutput | undefined {
  if (candidates.length === 0) return undefined;
  const result = copy(out);
  const at = candidates[choice % candidates.length]! * EDIT_STRIDE + field;
  result.edits[at] = neighbour(result.edits[at]!, out);
  return result;
}

function dropEdit(out: RegallocOutput, candidates: readonly number[], choice: number): RegallocOutput | undefined {
  return candidates.length === 0 ? undefined : withoutEdit(out, candidates[choice % candidates.length]!);
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "a store dropped": (out, _, choice) =>
    dropEdit(
      out,
      editsWhere(out, (_from, to) => allocIsStack(to)),
      choice,
    ),
  "a reload dropped": (out, _, choice) =>
    dropEdit(
      out,
      editsWhere(out, (from) => allocIsStack(from)),
      choice,
    ),
  "a register move dropped": (out, _, choice) =>
    dropEdit(
      out,
      editsWhere(out, (from, to) => allocIsReg(from) && allocIsReg(to)),
      choice,
    ),
  "a store to another slot": (out, _, choice) =>
    changeEdit(
      out,
      editsWhere(out, (_from, to) => allocIsStack(to)),
      choice,
      2,
    ),
  "a reload from another slot": (out, _, choice) =>
    changeEdit(
      out,
      editsWhere(out, (from) => allocIsStack(from)),
      choice,
      1,
    ),
  "a move to another register": (out, _, choice) =>
    changeEdit(
      out,
      editsWhere(out, (_from, to) => allocIsReg(to)),
      choice,
      2,
    ),
  "an operand in another register": (out, _fn, choice) => {
    const result = copy(out);
    const o = choice % result.allocs.length;
    if (!allocIsReg(result.allocs[o]!)) return undefined;
    result.allocs[o] = neighbour(result.allocs[o]!, out);
    return result;
  },
  "two edits swapped": (out, _, choice) => {
    if (out.numEdits < 2) return undefined;
    const e = choice % (out.numEdits - 1);
    if (out.edits[e * EDIT_STRIDE] !== out.edits[(e + 1) * EDIT_STRIDE]) return undefined;
    const result = copy(out);
    result.edits.copyWithin(e * EDIT_STRIDE, (e + 1) * EDIT_STRIDE, (e + 2) * EDIT_STRIDE);
    result.edits.set(out.edits.subarray(e * EDIT_STRIDE, (e + 1) * EDIT_STRIDE), (e + 1) * EDIT_STRIDE);
    return result;
  },
};

describe("what the checker accepts computes what the function does, also after", () => {
  for (const [name, mutate] of Object.entries(MUTATIONS)) {
    test(name, () => {
      let caught = 0;
      let wrong = 0;
      fc.assert(
        fc.property(
          shapes,
          fc.nat(),
          fc.constantFrom("linear-scan" as const, "fast" as const),
          (shape, choice, algorithm) => {
            const env = randomEnv(shape.registers);
            const fn = randomFunction(shape);
            const out = mutate(allocate(fn, env, { algorithm }), fn, choice);
            if (out === undefined) return;
            const errors = checkAllocation(fn, env, out);
            if (errors.length > 0) caught++;
            for (let run = 0; run < 4; run++) {
              const isSame = executeAllocation(fn, env, out, run, 30).join() === executeVRegs(fn, run, 30).join();
              if (!isSame) wrong++;
              if (errors.length === 0) expect(isSame).toBe(true);
            }
          },
        ),
        { numRuns: 500, seed: 7 },
      );
      expect(caught).toBeGreaterThan(20);
      expect(wrong).toBeGreaterThan(20);
    });
  }
});

/** `v0 = …; v1 = …; v2 = v0 op v1; return v2`, in two blocks, all in registers of one's choice. */
function twoBlocks(): RegallocFunction {
  const def = (v: number) => packOperand(v, 0, OPERAND_DEF, POS_LATE, CONSTRAINT_REG);
  const use = (v: number) => packOperand(v, 0, OPERAND_USE, POS_EARLY, CONSTRAINT_REG);
  return {
    numVRegs: 3,
    vregClass: Uint8Array.of(0, 0, 0),
    vregSlotSize: Uint8Array.of(8, 8, 8),
    numInsts: 5,
    operands: Int32Array.of(def(0), def(1), use(0), use(1), def(2), use(2)),
    operandStart: Int32Array.of(0, 1, 2, 2, 5, 6),
    clobbers: new Int32Array(10),
    instFlags: Uint8Array.of(0, 0, INST_BRANCH, 0, INST_RET),
    numBlocks: 2,
    blockStart: Int32Array.of(0, 3, 5),
    succStart: Int32Array.of(0, 1, 1),
    succs: Int32Array.of(1),
    predStart: Int32Array.of(0, 0, 1),
    preds: Int32Array.of(0),
    paramStart: Int32Array.of(0, 0, 0),
    params: new Int32Array(0),
    argStart: Int32Array.of(0, 0),
    args: new Int32Array(0),
  };
}

function output(regs: readonly number[], edits: readonly number[] = [], slots = 0): RegallocOutput {
  return {
    allocs: Int32Array.from(regs, (r) => allocReg(r)),
    edits: Int32Array.from(edits),
    numEdits: edits.length / EDIT_STRIDE,
    numSpillSlots: slots,
    writtenRegs: [0, 0],
  };
}

describe("messages name the use and the culprit", () => {
  const env = randomEnv(6);
  const check = (out: RegallocOutput, fn = twoBlocks()) => checkAllocation(fn, env, out);

  test("a right allocation has none", () => {
    expect(check(output([0, 1, 0, 1, 2, 2]))).toEqual([]);
  });

  test("a value overwritten by another def", () => {
    expect(check(output([0, 0, 0, 1, 2, 2]))).toContain(
      "operand 0 of instruction 3 needs v0 in int register 0: instruction 1 defines v1 there",
    );
  });

  test("a value defined elsewhere", () => {
    expect(check(output([0, 1, 0, 1, 2, 3]))).toEqual([
      "operand 0 of instruction 4 needs v2 in int register 3: instruction 3 defines it in int register 2",
    ]);
  });

  test("a clobber", () => {
    const fn = twoBlocks();
    fn.clobbers[2 * 1] = 1 << 0;
    expect(check(output([0, 1, 0, 1, 2, 2]), fn)).toEqual([
      "operand 0 of instruction 3 needs v0 in int register 0: instruction 1 clobbers it",
    ]);
    fn.clobbers[2 * 1] = 1 << 1;
    expect(check(output([0, 1, 0, 1, 2, 2]), fn)).toEqual([
      "operand 0 of instruction 1 is in int register 1, which the instruction clobbers",
    ]);
  });

  test("a value in the scratch register across an instruction", () => {
    const edits = [3, allocReg(0), allocReg(6), 8 << 8, 6, allocReg(6), allocReg(0), 8 << 8];
    expect(check(output([0, 1, 0, 1, 2, 2], edits))).toEqual([
      "operand 0 of instruction 3 needs v0 in int register 6: that is a scratch register, at instruction 2",
    ]);
  });

  test("a slot that does not exist, a move from stack to stack, edits out of order", () => {
    expect(check(output([0, 1, 0, 1, 2, 2], [3, allocReg(0), allocStack(0), 8 << 8]))).toEqual(["edit 0: no slot 0"]);
    const both = [3, allocStack(1), allocStack(0), 8 << 8];
    expect(check(output([0, 1, 0, 1, 2, 2], both, 2))).toEqual(["edit 0: moves from stack to stack"]);
    const swapped = [6, allocReg(0), allocStack(0), 8 << 8, 2, allocReg(0), allocStack(0), 8 << 8];
    expect(check(output([0, 1, 0, 1, 2, 2], swapped, 1))).toEqual(["edit 1: point 2 is out of order"]);
  });

  test("registers that are not to be used, and of the wrong class", () => {
    expect(check(output([9, 1, 9, 1, 2, 2]))).toContain("operand 0 of instruction 0: register 9 is not to be used");
    expect(check(output([33, 1, 33, 1, 2, 2]))).toContain(
      "operand 0 of instruction 0: float register 1 is of the wrong class",
    );
  });

  test("a register never written on the way", () => {
    const fn = twoBlocks();
    // The first instruction defines v1 twice over, in effect: v0 has no definition.
    fn.operands[0] = fn.operands[1]!;
    expect(check(output([1, 1, 0, 1, 2, 2]), fn)).toContain(
      "operand 0 of instruction 3 needs v0 in int register 0: nothing on some path from the entry puts it there",
    );
  });
});
