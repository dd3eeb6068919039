/**
 * Runs fewer entry points: first one alone, else as few as will do.
 */

import { entryPoints, type FnItem, type Program } from "../../../codegen/index.ts";
import { type ReduceCx, type Reducer, tryEdits } from "../reducer.ts";
import { prune } from "./drop-functions.ts";

export const dropEntries: Reducer = {
  name: "drop-entries",
  async run(cx: ReduceCx): Promise<boolean> {
    const entries = entryPoints(cx.program);
    if (entries.length < 2) return false;
    for (const keep of entries) {
      const others = new Set(entries.filter((entry) => entry !== keep));
      if (await cx.try(without(cx.program, others))) return true;
    }
    return tryEdits(cx, entries, (base, chosen) =>
      chosen.size === entries.length ? undefined : without(base, chosen),
    );
  },
};

/** `program` without some entry points and what only they reach. */
function without(program: Program, dropped: ReadonlySet<FnItem>): Program {
  return prune({ ...program, functions: program.functions.filter((item) => !dropped.has(item)) });
}
