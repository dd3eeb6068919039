import { expect, test } from "vitest";
import { buildFunction, type TestBlock, type TestInst } from "./build-function.ts";
import {
  CONSTRAINT_REG,
  constraintFixed,
  constraintReuse,
  INST_BRANCH,
  INST_RET,
  packOperand,
  preg,
  type RegallocFunction,
} from "./function.ts";
import { randomEnv } from "./random-function.ts";
import { validateFunction } from "./validate.ts";

interface Case {
  readonly insts: readonly TestInst[];
  /** `insts` counts the instructions of the block. */
  readonly blocks: readonly (Omit<TestBlock, "insts"> & { readonly insts: number })[];
}

function build(c: Case): RegallocFunction {
  let at = 0;
  const blocks = c.blocks.map((b) => {
    at += b.insts;
    return { ...b, insts: c.insts.slice(at - b.insts, at) };
  });
  return buildFunction(blocks, 4);
}

const def = (v: number, constraint = CONSTRAINT_REG) => packOperand(v, 0, 1, 1, constraint);
const use = (v: number, constraint = CONSTRAINT_REG, pos: 0 | 1 = 0) => packOperand(v, 0, 0, pos, constraint);
const branch = { ops: [], flags: INST_BRANCH };
const ret = { ops: [], flags: INST_RET };
const errorsOf = (c: Case) => validateFunction(build(c), randomEnv(6));

test.each<[string, Case, string]>([
  [
    "a critical edge",
    {
      insts: [branch, branch, ret],
      blocks: [
        { insts: 1, succs: [1, 2] },
        { insts: 1, succs: [2] },
        { insts: 1, succs: [] },
      ],
    },
    "critical edge from block 0 to 2",
  ],
  [
    "a use that its definition does not dominate",
    {
      insts: [branch, { ops: [def(0)] }, branch, branch, { ops: [use(0)] }, ret],
      blocks: [
        { insts: 1, succs: [1, 2] },
        { insts: 2, succs: [3] },
        { insts: 1, succs: [3] },
        { insts: 2, succs: [] },
      ],
    },
    "instruction 4: v0 is not defined on every path",
  ],
  [
    "a second definition",
    { insts: [{ ops: [def(0)] }, { ops: [def(0)] }, ret], blocks: [{ insts: 3, succs: [] }] },
    "v0 is defined twice",
  ],
  [
    "a use before its definition",
    { insts: [{ ops: [use(0)] }, { ops: [def(0)] }, ret], blocks: [{ insts: 3, succs: [] }] },
    "instruction 0: v0",
  ],
  ["no terminator", { insts: [{ ops: [def(0)] }], blocks: [{ insts: 1, succs: [] }] }, "block 0 has no terminator"],
  [
    "a missing argument",
    {
      insts: [branch, ret],
      blocks: [
        { insts: 1, succs: [1] },
        { insts: 1, succs: [], params: [0] },
      ],
    },
    "block 0 passes 0 arguments to block 1",
  ],
  [
    "operands of a branch before which moves go",
    {
      insts: [{ ops: [def(0)] }, branch, { ops: [use(0)], flags: INST_BRANCH }, branch, ret],
      blocks: [
        { insts: 2, succs: [1, 2] },
        { insts: 1, succs: [3] },
        { insts: 1, succs: [3] },
        { insts: 1, succs: [] },
      ],
    },
    "the branch of block 1, before which moves go, has operands",
  ],
  [
    "a fixed def that is clobbered",
    { insts: [{ ops: [def(0, constraintFixed(preg(0, 1)))], clobber: 2 }, ret], blocks: [{ insts: 2, succs: [] }] },
    "register 1 is clobbered too",
  ],
  [
    "two vregs fixed to one register",
    {
      insts: [
        { ops: [def(0), def(1)] },
        { ops: [use(0, constraintFixed(preg(0, 1))), use(1, constraintFixed(preg(0, 1)))] },
        ret,
      ],
      blocks: [{ insts: 3, succs: [] }],
    },
    "register 1 is taken early",
  ],
  [
    "a register that is not allocatable",
    { insts: [{ ops: [def(0, constraintFixed(preg(0, 6)))] }, ret], blocks: [{ insts: 2, succs: [] }] },
    "register 6 is not allocatable",
  ],
  [
    "reuse of a late use",
    {
      insts: [{ ops: [def(0)] }, { ops: [use(0, CONSTRAINT_REG, 1), def(1, constraintReuse(0))] }, ret],
      blocks: [{ insts: 3, succs: [] }],
    },
    "reuses operand 0, which is no early use",
  ],
])("%s is found", (_, c, message) => {
  expect(errorsOf(c).join("\n")).toContain(message);
});

test("a sound function has no errors", () => {
  const c: Case = {
    insts: [
      { ops: [def(0)] },
      branch,
      { ops: [use(1), def(2, constraintReuse(0))] },
      branch,
      { ops: [use(1)], flags: INST_RET },
    ],
    blocks: [
      { insts: 2, succs: [1], args: [[0]] },
      { insts: 2, succs: [2], params: [1] },
      { insts: 1, succs: [] },
    ],
  };
  expect(errorsOf(c)).toEqual([]);
});
