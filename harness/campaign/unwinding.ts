/**
 * Runs that unwind. Every subject compiles with `panic=abort`, so a panic ends the process where it happens; the interpreter runs cleanup
 * blocks and catches. What such a run does is no expectation of a subject: it is skipped, and counted.
 */

import type { CheckedProgram, ExpectedRun } from "../subjects/subject.ts";

/** Whether compiled code must do what the interpreter did in `run`. */
export function isJudged({ expected }: ExpectedRun): boolean {
  return !expected.unwound;
}

/** `program` without the entry points whose runs are not judged. */
export function withoutUnwinding(program: CheckedProgram): CheckedProgram {
  const runs = program.runs.filter(isJudged);
  if (runs.length === program.runs.length) return program;
  const left = new Set(program.runs.filter((run) => !isJudged(run)).map((run) => run.entry));
  const functions = program.program.functions.filter((item) => !left.has(item));
  return { ...program, program: { ...program.program, functions }, runs };
}
