/**
 * Runs that unwind. Our own code generation compiles as with `panic=abort`: a panic ends the process where it happens, while the interpreter
 * runs cleanup blocks and catches. What such a run does is no expectation of these subjects: it is skipped, and counted. The rustc
 * subjects compile programs with cleanup to unwind, or skip them whole.
 */

import type { CheckedProgram, ExpectedRun, SubjectKind } from "../subjects/subject.ts";

/** Whether panics unwind in what subjects of a kind make of a program with cleanup blocks or catches. */
const UNWINDS: Readonly<Record<SubjectKind, boolean>> = { native: false, llvm: false, rustc: true };

/** Whether code compiled by a subject of `kind` must do what the interpreter did in `run`. */
export function isJudged({ expected }: ExpectedRun, kind: SubjectKind): boolean {
  return UNWINDS[kind] || !expected.unwound;
}

/** `program` without the entry points whose runs are not judged. */
export function judgedPart(program: CheckedProgram, kind: SubjectKind): CheckedProgram {
  const runs = program.runs.filter((run) => isJudged(run, kind));
  if (runs.length === program.runs.length) return program;
  const left = new Set(program.runs.filter((run) => !isJudged(run, kind)).map((run) => run.entry));
  const functions = program.program.functions.filter((item) => !left.has(item));
  return { ...program, program: { ...program.program, functions }, runs };
}
