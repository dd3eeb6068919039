/**
 * Constants that types depend on (array lengths, const arguments), evaluated on a machine of their own.
 */

import { LayoutCx } from "../layout/layout.ts";
import type { TargetDataLayout } from "../layout/types.ts";
import type { ConstItem } from "../mir/items.ts";
import type { Program } from "../mir/program.ts";
import type { Ty } from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import type { ConstEvaluator } from "../traits/trait-cx.ts";
import { PreparedProgram } from "./compile.ts";
import { constFn } from "./global-table.ts";
import { Machine } from "./machine.ts";

/** Steps that one such constant may take. */
const FUEL = 10_000_000;

/** Machines are large, and used again. */
const IDLE: Machine[] = [];

/** Evaluates the scalar constants of `program`. */
export function constEvaluator(program: Program, dataLayout: TargetDataLayout): ConstEvaluator {
  let prepared: PreparedProgram | undefined;
  return {
    evalBits(item: ConstItem, args: readonly Ty[]): bigint {
      prepared ??= new PreparedProgram(program, new LayoutCx(program.tcx, dataLayout), { aliasing: "none" });
      // One constant's evaluation may ask for another's.
      const machine = IDLE.pop() ?? new Machine();
      try {
        const entry = prepared.instance(constFn(item), args);
        const outcome = machine.run(prepared, entry, { fuel: FUEL, maxEvents: 0, seed: 0 });
        if (outcome.kind === "return") return machine.resultBits(entry);
        const { kind } = outcome;
        const why = kind === "ub" ? outcome.error.message : "what" in outcome ? `${kind}: ${outcome.what}` : kind;
        throw new Diagnostic(`evaluation of the constant \`${item.name}\` failed: ${why}`, { span: item.span });
      } finally {
        IDLE.push(machine);
      }
    },
  };
}
