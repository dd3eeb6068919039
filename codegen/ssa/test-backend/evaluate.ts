/**
 * Running a program on the test backend: what the driver does, in memory and without an executable.
 */

import { LayoutCx } from "../../layout/layout.ts";
import type { Program } from "../../mir/program.ts";
import type { FnItem } from "../../mir/syntax.ts";
import { collect } from "../../monomorphize/collector.ts";
import type { CodegenUnit } from "../../monomorphize/partitioning.ts";
import { partition } from "../../monomorphize/partitioning.ts";
import { instanceOf, runtimeSymbol } from "../../monomorphize/symbol-names.ts";
import type { Target } from "../../target/spec.ts";
import { codegenUnit } from "../base.ts";
import type { ModuleBuilder } from "../traits/backend.ts";
import type { BuilderMethods } from "../traits/builder.ts";
import type { FunctionDecl } from "../traits/types.ts";
import { TestBuilder } from "./builder.ts";
import { type CompiledFunction, Machine, type Native } from "./machine.ts";

/** One record: kind, tag, low, high. */
export type EventRecord = readonly [kind: number, tag: number, low: bigint, high: bigint];

/** Thrown through the machine by `panic`. */
export class Panicked extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`panic ${code}`);
    this.code = code;
  }
}

/** A module of recorded functions. */
export function newTestModule(functions: Map<string, CompiledFunction>): ModuleBuilder<Map<string, CompiledFunction>> {
  return {
    startFunction: (decl: FunctionDecl): BuilderMethods => {
      const builder = new TestBuilder(decl);
      functions.set(decl.symbol, builder.fn);
      return builder;
    },
    finishFunction: () => {},
    finish: () => functions,
  };
}

/** Compiles everything that `roots` need, in `units` codegen units. */
export function compileForTest(
  program: Program,
  target: Target,
  roots: readonly FnItem[],
  units = 1,
): Map<string, CompiledFunction> {
  const instances = roots.map((item) => instanceOf(item));
  const items = collect(program.tcx, instances);
  const layouts = new LayoutCx(program.tcx, target.dataLayout);
  const functions = new Map<string, CompiledFunction>();
  const cgus: CodegenUnit[] = partition(items, units, new Set(instances.map((i) => i.symbol)));
  for (const unit of cgus) codegenUnit(layouts, unit, newTestModule(functions));
  return functions;
}

/** What a run of one entry point observed; `panic` is the code of the panic that ended it. */
export interface TestRun {
  readonly events: readonly EventRecord[];
  readonly panic: number | undefined;
}

/** Runs `entry` and returns what it observed. */
export function runForTest(functions: ReadonlyMap<string, CompiledFunction>, entry: string): TestRun {
  const events: EventRecord[] = [];
  const natives = new Map<string, Native>([
    [
      runtimeSymbol("observe_scalar"),
      (args) => {
        events.push([Number(args[0]), Number(args[1]), args[2]!, args[3]!]);
        return [];
      },
    ],
    [
      runtimeSymbol("panic"),
      (args) => {
        throw new Panicked(Number(args[0]));
      },
    ],
  ]);
  const machine = new Machine(functions, natives);
  try {
    machine.call(entry, []);
    return { events, panic: undefined };
  } catch (error) {
    if (error instanceof Panicked) return { events, panic: error.code };
    throw error;
  }
}
