/**
 * Merging many programs into one, to be compiled together.
 *
 * Each program's functions are renamed with a path prefix, `p17::start`. A function is an object that calls refer to, so it is not
 * renamed in place (the program it came from must stay as it is): it is copied, and so are the blocks that mention a function. All other
 * blocks, locals and types are shared with the original, when the program already lives in the batch's type context; else it is rebuilt
 * there.
 *
 * Type definitions keep their names in the shared case: within one context they are told apart by identity, and renaming them would
 * rebuild every type. So a merged program with several types of one name is for compiling, not for printing; `renameProgram` makes
 * one for printing. `extern` functions keep their symbols; declarations of one symbol become one.
 */

import { collectAdts } from "./collect-adts.ts";
import type { Program } from "./program.ts";
import { copyFns, renameProgram } from "./rename.ts";
import type { FnItem } from "./syntax.ts";
import type { AdtDef, TyCtxt } from "./ty.ts";

export interface MergePart {
  readonly program: Program;
  /** What stands before `::` in the names of its functions. */
  readonly prefix: string;
}

/** One program with the functions of all `parts`, in order. */
export function mergePrograms(parts: readonly MergePart[], tcx: TyCtxt): Program {
  const functions: FnItem[] = [];
  const adts: AdtDef[] = [];
  const externs = new Map<string, FnItem>();
  for (const { program, prefix } of parts) {
    const rename = (name: string): string => `${prefix}::${name}`;
    const local = program.tcx === tcx ? program : renameProgram(program, collectAdts(program), tcx, rename);
    if (local.adts !== undefined) adts.push(...local.adts);
    const copies = copyFns(local, (item) => {
      if (item.kind === "extern") return sharedExtern(item, externs);
      return { ...item, name: local === program ? rename(item.name) : item.name, body: undefined };
    });
    for (const item of copies) {
      if (item.kind === "extern" && functions.includes(item)) continue;
      functions.push(item);
    }
  }
  return { tcx, functions, ...(adts.length === 0 ? {} : { adts }), file: "" };
}

/** The first declaration of a symbol; a later one with another signature stays its own. */
function sharedExtern(item: FnItem, externs: Map<string, FnItem>): FnItem {
  const first = externs.get(item.name);
  if (first === undefined) {
    externs.set(item.name, item);
    return item;
  }
  const same =
    first.ret === item.ret &&
    first.params.length === item.params.length &&
    first.params.every((ty, i) => ty === item.params[i]);
  return same ? first : item;
}
