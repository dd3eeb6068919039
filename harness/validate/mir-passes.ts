/**
 * Before against after: a program runs in the interpreter as it is and with MIR passes applied, and must observe the same.
 */

import {
  type FnItem,
  HOST_TARGET,
  interpretEntry,
  MIR_PASSES,
  type MirPassOptions,
  newLayoutCx,
  prepareProgram,
  type RunResult,
  replaceBodies,
  runMirPasses,
} from "../../codegen/index.ts";
import { GENERATED_FUEL, type GeneratedProgram } from "../generate/generate.ts";

/** An entry point that does something else after the passes. */
export interface PassDivergence {
  readonly entry: FnItem;
  readonly before: RunResult;
  readonly after: RunResult;
}

/** Inlining and its like may run statements that were not there: copies of arguments, storage. */
const FUEL_FACTOR = 4;

/** Runs `generated` with `options`' passes applied; the program is as it was afterwards. */
export function validateMirPasses({ program, runs }: GeneratedProgram, options: MirPassOptions): PassDivergence[] {
  const layouts = newLayoutCx(program, HOST_TARGET.dataLayout);
  const bodies = runMirPasses(program, layouts, options);
  const restore = replaceBodies(bodies);
  try {
    const prepared = prepareProgram(program, layouts);
    const divergences: PassDivergence[] = [];
    for (const { entry, result: before } of runs) {
      const after = interpretEntry(prepared, entry, { fuel: GENERATED_FUEL * FUEL_FACTOR });
      const same = after.outcome.kind === before.outcome.kind && Buffer.compare(after.events, before.events) === 0;
      if (!same) divergences.push({ entry, before, after });
    }
    return divergences;
  } finally {
    restore();
  }
}

/** Options under which only `pass` runs. */
export function onlyPass(pass: string): MirPassOptions {
  return {
    mirOptLevel: 4,
    override: new Map(MIR_PASSES.map(({ name }) => [name, name === pass])),
    verify: true,
  };
}
