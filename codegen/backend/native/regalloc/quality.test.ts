/**
 * What good allocations of small functions look like: the point of hints, of lifetime holes and of spilling outside loops.
 */

import { describe, expect, test } from "vitest";
import { allocate } from "./allocate.ts";
import { buildFunction } from "./build-function.ts";
import { checkAllocation } from "./checker.ts";
import {
  allocIsReg,
  allocPReg,
  CONSTRAINT_ANY,
  CONSTRAINT_REG,
  constraintFixed,
  constraintReuse,
  EDIT_STRIDE,
  INST_BRANCH,
  INST_RET,
  packOperand,
  preg,
  type RegallocFunction,
  type RegallocOutput,
} from "./function.ts";
import { randomEnv } from "./random-function.ts";
import { validateFunction } from "./validate.ts";

const def = (v: number, constraint: number = CONSTRAINT_REG) => packOperand(v, 0, 1, 1, constraint);
const use = (v: number, constraint: number = CONSTRAINT_REG) => packOperand(v, 0, 0, 0, constraint);
const jump = { ops: [], flags: INST_BRANCH };
const env = randomEnv(6);

function run(fn: RegallocFunction): RegallocOutput {
  expect(validateFunction(fn, env)).toEqual([]);
  const out = allocate(fn, env, { algorithm: "linear-scan" });
  expect(checkAllocation(fn, env, out)).toEqual([]);
  return out;
}

function editsIn(fn: RegallocFunction, out: RegallocOutput, block: number): number {
  let n = 0;
  for (let e = 0; e < out.numEdits; e++) {
    const inst = out.edits[e * EDIT_STRIDE]! >> 1;
    if (inst >= fn.blockStart[block]! && inst < fn.blockStart[block + 1]!) n++;
  }
  return n;
}

/** `i = 0; n = arg; while (i + 1 < n) i++; return i`, with `extra` vregs live across the loop. */
function countingLoop(extra: number): RegallocFunction {
  const [start, n, i, next, result] = [0, 1, 2, 3, 4];
  const across = Array.from({ length: extra }, (_, k) => 5 + k);
  return buildFunction(
    [
      {
        insts: [
          { ops: [def(n, constraintFixed(preg(0, 0)))] },
          { ops: [def(start)] },
          ...across.map((v) => ({ ops: [def(v)] })),
          jump,
        ],
        succs: [1],
        args: [[start]],
      },
      {
        insts: [
          { ops: [use(i), def(next, constraintReuse(0))] },
          { ops: [use(next), use(n)] },
          { ops: [], flags: INST_BRANCH },
        ],
        succs: [2, 3],
        params: [i],
      },
      { insts: [jump], succs: [1], args: [[next]] },
      {
        insts: [
          ...across.map((v) => ({ ops: [use(v)] })),
          { ops: [use(next), def(result, constraintReuse(0))] },
          { ops: [use(result, constraintFixed(preg(0, 0)))], flags: INST_RET },
        ],
        succs: [],
      },
    ],
    5 + extra,
  );
}

describe("loops", () => {
  test("a counting loop has no moves in it", () => {
    const fn = countingLoop(0);
    const out = run(fn);
    expect(editsIn(fn, out, 1) + editsIn(fn, out, 2)).toBe(0);
  });

  test("values that only live across a loop are spilled outside it", () => {
    const fn = countingLoop(8);
    const out = run(fn);
    expect(out.numSpillSlots).toBeGreaterThan(0);
    expect(editsIn(fn, out, 1) + editsIn(fn, out, 2)).toBe(0);
  });
});

describe("calls", () => {
  const callerSaved = 0b111;

  test("a value that lives across a call is in a callee-saved register", () => {
    const fn = buildFunction(
      [
        {
          insts: [
            { ops: [def(0)] },
            { ops: [], clobber: callerSaved },
            { ops: [use(0)] },
            { ops: [], flags: INST_RET },
          ],
          succs: [],
        },
      ],
      1,
    );
    const out = run(fn);
    expect(out.numEdits).toBe(0);
    expect(allocPReg(out.allocs[0]!)).toBeGreaterThanOrEqual(3);
  });

  test("arguments are computed where the call wants them, and results stay where it leaves them", () => {
    const r0 = constraintFixed(preg(0, 0));
    const r1 = constraintFixed(preg(0, 1));
    const fn = buildFunction(
      [
        {
          insts: [
            { ops: [def(0)] },
            { ops: [def(1)] },
            { ops: [use(0, r0), use(1, r1), def(2, r0)], clobber: callerSaved & ~1 },
            { ops: [use(2, CONSTRAINT_ANY)] },
            { ops: [use(2, r0)], flags: INST_RET },
          ],
          succs: [],
        },
      ],
      3,
    );
    expect(run(fn).numEdits).toBe(0);
  });

  test("a constant that would be spilled is made anew instead", () => {
    const all = 0b111111;
    const fn = buildFunction(
      [
        {
          insts: [{ ops: [def(0)] }, { ops: [], clobber: all }, { ops: [use(0)] }, { ops: [], flags: INST_RET }],
          succs: [],
        },
      ],
      1,
      [0],
    );
    const out = run(fn);
    expect(out.numSpillSlots).toBe(0);
    expect(out.numEdits).toBe(1);
  });

  test("a spilled value is stored once however often it is reloaded", () => {
    const call = { ops: [], clobber: 0b111111 };
    const fn = buildFunction(
      [
        {
          insts: [{ ops: [def(0)] }, call, { ops: [use(0)] }, call, { ops: [use(0)] }, { ops: [], flags: INST_RET }],
          succs: [],
        },
      ],
      1,
    );
    const out = run(fn);
    const toRegister = Array.from({ length: out.numEdits }, (_, e) => allocIsReg(out.edits[e * EDIT_STRIDE + 2]!));
    expect(toRegister).toEqual([false, true, true]);
  });
});
