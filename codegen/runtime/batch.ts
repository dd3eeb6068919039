/**
 * Batches: many entry points behind two functions that the runtime calls.
 *
 * `mirwatch_case_count() -> u32` says how many there are and `mirwatch_run_case(case: u32)` runs one. Both have C names.
 */

import * as mir from "../mir/builder.ts";
import type { Program } from "../mir/program.ts";
import type { FnItem } from "../mir/syntax.ts";
import { TY_U32, TY_UNIT, type TyCtxt } from "../mir/ty.ts";

export const RUN_CASE = "mirwatch_run_case";
export const CASE_COUNT = "mirwatch_case_count";

/** The two functions of a batch, if `program` is one. */
export function batchRoots(program: Program): readonly [FnItem, FnItem] | undefined {
  const run = program.functions.find((f) => f.name === RUN_CASE);
  const count = program.functions.find((f) => f.name === CASE_COUNT);
  return run?.body !== undefined && count?.body !== undefined ? [run, count] : undefined;
}

/** `program` with the functions of a batch whose case N is `entries[N]`: functions of `program` without parameters. */
export function addBatchEntry(program: Program, entries: readonly FnItem[]): Program {
  const { tcx, functions } = program;
  return { ...program, functions: [...functions, runCase(tcx, entries), caseCount(tcx, entries.length)] };
}

function runCase(tcx: TyCtxt, entries: readonly FnItem[]): FnItem {
  const item = mir.newFn(RUN_CASE, [TY_U32], TY_UNIT, { abi: "C" });
  const b = new mir.BodyBuilder(tcx, item.params, item.ret);
  const cases = entries.map((_, i): [bigint, number] => [BigInt(i), b.newBlock()]);
  const none = b.newBlock();
  b.terminate(mir.switchInt(mir.copy(1), cases, none));
  entries.forEach((entry, i) => {
    b.switchTo(cases[i]![1] as typeof none);
    // What an entry returns nobody reads.
    b.call(b.newLocal(entry.ret), mir.fnRef(entry), []);
    b.terminate(mir.ret());
  });
  b.switchTo(none);
  b.terminate(mir.ret());
  item.body = b.finish();
  return item;
}

function caseCount(tcx: TyCtxt, count: number): FnItem {
  const item = mir.newFn(CASE_COUNT, [], TY_U32, { abi: "C" });
  const b = new mir.BodyBuilder(tcx, item.params, item.ret);
  b.assign(0, mir.use(mir.constInt(TY_U32, count)));
  b.terminate(mir.ret());
  item.body = b.finish();
  return item;
}
