/**
 * Gives what is left plain names and numbers: functions `f0`, `f1` …, types `S0`, `E0` …, entry points `main`. Done once, at the end.
 */

import {
  type AdtDef,
  collectAdts,
  entryPoints,
  newTyCtxt,
  type Program,
  renameProgram,
} from "../../../codegen/index.ts";
import type { ReduceCx, Reducer } from "../reducer.ts";
import { isSimple } from "../used-items.ts";

export const canonicalNames: Reducer = {
  name: "canonical-names",
  async run(cx: ReduceCx): Promise<boolean> {
    // Closures, promoteds and impls have names that say where they are.
    if (!isSimple(cx.program)) return false;
    return cx.try(renamed(cx.program));
  },
};

function renamed(program: Program): Program {
  const names = new Map<string, string>();
  const entries = new Set(entryPoints(program));
  let input = 0;
  let next = 0;
  for (const item of program.functions) {
    if (entries.has(item)) names.set(item.name, `input_${input++}`);
    else if (item.kind === "fn") names.set(item.name, `f${next++}`);
  }
  const adts: AdtDef[] = collectAdts(program);
  const types = new Map<string, string>();
  let struct = 0;
  let variant = 0;
  for (const def of adts) {
    if (!def.prelude) types.set(def.name, def.adtKind === "struct" ? `S${struct++}` : `E${variant++}`);
  }
  const made = renameProgram(
    program,
    adts,
    newTyCtxt(program.tcx.rustcRelease),
    (name) => names.get(name) ?? types.get(name) ?? name,
  );
  return { ...made, file: program.file };
}
