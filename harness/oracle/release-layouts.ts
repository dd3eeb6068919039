/**
 * What a program observes under the layouts of the compiler that it is given to.
 *
 * Rust promises little about layouts: which bit patterns stand for the variants of an `Option<char>` changed with 1.97. A program that looks at such bytes
 * observes something else there, which is no miscompilation. So for a compiler whose layouts are others than those of the proof, the interpreter runs the
 * program once more, with that compiler's; when it has no meaning there, it is not given to it.
 */

import {
  HOST_TARGET,
  interpretEntry,
  type LayoutPolicy,
  layoutPolicyOf,
  newLayoutCx,
  prepareProgram,
} from "../../codegen/index.ts";
import type { CheckedProgram, ExpectedRun, SubjectInfo } from "../subjects/subject.ts";

/** Why a program is not given to a compiler. */
export const LAYOUT_DEPENDENT = "it has no meaning under this compiler's layouts";

const known = new WeakMap<CheckedProgram, Map<LayoutPolicy, CheckedProgram | undefined>>();

/** `program` with what it observes under the layouts of `subject`: the same object when nothing differs, `undefined` when it is no evidence there. */
export function underLayoutsOf(program: CheckedProgram, { kind, version }: SubjectInfo): CheckedProgram | undefined {
  const own = layoutPolicyOf(program.program.tcx.rustcRelease);
  const policy = kind === "rustc" ? layoutPolicyOf(version) : own;
  // The other choices that differ change no byte of a value.
  if (policy.reserveNiche === own.reserveNiche) return program;
  const byPolicy = known.get(program) ?? new Map<LayoutPolicy, CheckedProgram | undefined>();
  known.set(program, byPolicy);
  if (!byPolicy.has(policy)) byPolicy.set(policy, interpretUnder(program, policy));
  return byPolicy.get(policy);
}

function interpretUnder(checked: CheckedProgram, policy: LayoutPolicy): CheckedProgram | undefined {
  const { program } = checked;
  const prepared = prepareProgram(program, newLayoutCx(program, HOST_TARGET.dataLayout, policy), {
    alignment: "address",
  });
  const runs: ExpectedRun[] = [];
  let same = true;
  for (const run of checked.runs) {
    const expected = interpretEntry(prepared, run.entry, { fuel: 2 * run.expected.steps + 1000 });
    if (!isEvidence(run, expected)) return undefined;
    const equal = Buffer.compare(expected.events, run.expected.events) === 0;
    runs.push(equal ? run : { entry: run.entry, expected });
    same &&= equal;
  }
  return same ? checked : { ...checked, runs };
}

/** Whether a run that was evidence is still. */
function isEvidence({ expected }: ExpectedRun, now: ExpectedRun["expected"]): boolean {
  if (now.outcome.kind !== expected.outcome.kind) return false;
  const opened = (flag: "nanBitsObserved" | "openFloatObserved" | "addressObserved"): boolean =>
    now[flag] && !expected[flag];
  return !opened("nanBitsObserved") && !opened("openFloatObserved") && !opened("addressObserved");
}
