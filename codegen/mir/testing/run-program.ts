/**
 * A program that verifies, taken further: it is collected, its entry points are interpreted for a little while, and the MIR passes change it. Whatever it does, nothing
 * of that is a mistake of ours.
 */

import { interpretEntry, prepareProgram } from "../../interpret/interpret.ts";
import { collectCrate, rootsFor } from "../../monomorphize/collector.ts";
import { newLayoutCx } from "../../monomorphize/layouts.ts";
import { Diagnostic } from "../../session/diagnostic.ts";
import { HOST_TARGET } from "../../target/spec.ts";
import { runMirPasses } from "../../transform/run-passes.ts";
import { entryPoints, type Program } from "../program.ts";

/** Statements that one entry point may run: faults of the interpreter show early. */
const FUEL = 2000;

export interface RunCounts {
  collected: number;
  runs: number;
  transformed: number;
}

type Stage = (program: Program, counts: RunCounts) => void;

const STAGES: Readonly<Record<string, Stage>> = {
  collect: (program, counts) => {
    collectCrate(program, rootsFor(program, "eager"), program.statics ?? []);
    counts.collected++;
  },
  interpret: (program, counts) => {
    const prepared = prepareProgram(program, newLayoutCx(program, HOST_TARGET.dataLayout));
    for (const entry of entryPoints(program)) {
      if (entry.generics.length > 0) continue;
      interpretEntry(prepared, entry, { fuel: FUEL });
      counts.runs++;
    }
  },
  passes: (program, counts) => {
    runMirPasses(program, newLayoutCx(program, HOST_TARGET.dataLayout), { mirOptLevel: 4, verify: true });
    counts.transformed++;
  },
};

/** What else than a diagnostic was thrown, and by which of the stages; nothing when all is well. */
export function takeFurther(program: Program, counts: RunCounts): string | undefined {
  for (const [name, stage] of Object.entries(STAGES)) {
    try {
      stage(program, counts);
    } catch (error) {
      if (error instanceof Diagnostic) continue;
      return `${name}: ${error instanceof Error ? error.stack : String(error)}`;
    }
  }
  return undefined;
}
