/**
 * Batches: many entry points behind two functions that the runtime calls.
 *
 * `mirwatch_case_count() -> u32` says how many there are and `mirwatch_run_case(case: u32)` runs one. Both have C names.
 */

import type { Program } from "../mir/program.ts";
import type { BasicBlock, FnItem, Operand } from "../mir/syntax.ts";
import { TY_U32, TY_UNIT, type Ty } from "../mir/ty.ts";
import { DUMMY_SP } from "../session/diagnostic.ts";
import { constInt, copyOf, local, ShimBuilder } from "../transform/shim-builder.ts";

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
  return { ...program, functions: [...program.functions, runCase(entries), caseCount(entries.length)] };
}

function foreignFn(name: string, params: readonly Ty[], ret: Ty): FnItem {
  return { name, kind: "fn", generics: [], params, ret, inline: "none", abi: "C", body: undefined, span: DUMMY_SP };
}

function runCase(entries: readonly FnItem[]): FnItem {
  const item = foreignFn(RUN_CASE, [TY_U32], TY_UNIT);
  const b = new ShimBuilder(item.params);
  const cases: BasicBlock[] = entries.map(() => b.newBlock());
  const none = b.newBlock();
  b.switchInt(
    copyOf(local(1)),
    entries.map((_, i) => BigInt(i)),
    cases,
    none,
  );
  entries.forEach((entry, i) => {
    b.startBlock(cases[i]!);
    // What an entry returns nobody reads.
    b.callInto(b.newLocal(entry.ret), entry, [], []);
    b.return();
  });
  b.startBlock(none);
  b.return();
  item.body = b.finish();
  return item;
}

function caseCount(count: number): FnItem {
  const item = foreignFn(CASE_COUNT, [], TY_U32);
  const b = new ShimBuilder(item.params, item.ret);
  const value: Operand = constInt(TY_U32, BigInt(count));
  b.assign(local(0), { kind: "use", operand: value });
  b.return();
  item.body = b.finish();
  return item;
}
