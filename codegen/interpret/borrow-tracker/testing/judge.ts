/**
 * Small programs and the verdict of both models on each; the ideas are those of Miri's tests of Tree Borrows, Stacked Borrows and both. A
 * program that is allowed stands beside one that differs in little and is not.
 */

import { expect, it } from "vitest";
import type { RetagShape } from "../retag.ts";
import type { ViolationKind } from "../violation.ts";
import { Program, violationOf } from "./program.ts";

type Verdict = "ok" | ViolationKind;

/** `&(i32, Cell<i32>)` */
export const PAIR: RetagShape = {
  pointer: "shared",
  twoPhase: false,
  freeze: false,
  unpin: true,
  cells: [{ start: 4, end: 8 }],
};

/** A test: what each model says of a program. The allocation is a local of 8 bytes; accesses are of the first 4. */
export function judge(name: string, tree: Verdict, stacked: Verdict, run: (p: Program) => void): void {
  it(`${name}: ${tree} for Tree Borrows, ${stacked} for Stacked Borrows`, () => {
    const verdict = (model: "tree" | "stacked"): Verdict => violationOf(() => run(new Program(model)))?.kind ?? "ok";
    expect([verdict("tree"), verdict("stacked")]).toEqual([tree, stacked]);
  });
}
