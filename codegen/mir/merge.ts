/**
 * Merging many programs into one, to be compiled together.
 *
 * Each program's functions are renamed with a path prefix, `p17::start`. A function is an object that calls refer to, so it is not
 * renamed in place (the program it came from must stay as it is): it is copied, and so are the blocks that mention a function. All other
 * blocks, locals and types are shared with the original, when the program already lives in the batch's type context and has only
 * functions and types; else it is rebuilt there.
 *
 * Type definitions keep their names in the shared case: within one context they are told apart by identity, and renaming them would
 * rebuild every type. So a merged program with several types of one name is for compiling, not for printing; `renameProgram` makes
 * one for printing. `extern` functions and statics keep their symbols; declarations of one function become one.
 */

import { collectAdts } from "./collect-adts.ts";
import type { Program } from "./program.ts";
import { renameProgram } from "./rename.ts";
import { copyFns, hasOnlyFns, replaceFns } from "./replace-fns.ts";
import type { FnItem } from "./syntax.ts";
import type { TyCtxt } from "./ty.ts";

export interface MergePart {
  readonly program: Program;
  /** What stands before `::` in the names of its functions. */
  readonly prefix: string;
}

const LISTS = ["adts", "statics", "consts", "traits", "impls", "closures", "allocs"] as const;

/** One program with the items of all `parts`, in order. */
export function mergePrograms(parts: readonly MergePart[], tcx: TyCtxt): Program {
  const functions: FnItem[] = [];
  const lists: Partial<Record<(typeof LISTS)[number], Set<object>>> = {};
  const externs = new Map<string, FnItem>();
  let allocs = 0;
  for (const { program, prefix } of parts) {
    const path = (name: string): string => `${prefix}::${name}`;
    const shared = program.tcx === tcx && hasOnlyFns(program);
    const renaming = { path, alloc: (): string => `alloc${++allocs}` };
    const local = shared ? program : renameProgram(program, collectAdts(program), tcx, renaming);
    for (const key of LISTS) {
      const items = local[key];
      if (items === undefined) continue;
      // Traits and impls of the prelude are shared.
      const list = lists[key] ?? new Set();
      lists[key] = list;
      for (const item of items) list.add(item);
    }
    // What was rebuilt is ours: only its declarations are replaced.
    const copies = shared
      ? copyFns(local, (item) =>
          item.kind === "extern" ? sharedExtern(item, externs) : { ...item, name: path(item.name), body: undefined },
        )
      : shareExterns(local, externs);
    for (const item of copies) {
      if (item.kind === "extern" && functions.includes(item)) continue;
      functions.push(item);
    }
  }
  const listed = Object.fromEntries(Object.entries(lists).map(([key, items]) => [key, [...items]]));
  return { tcx, functions, ...(listed as Partial<Program>), file: "" };
}

/** The functions of a program that nothing else uses, with declarations that `externs` has replaced in their bodies. */
function shareExterns(program: Program, externs: Map<string, FnItem>): FnItem[] {
  const replaced = new Map<FnItem, FnItem>();
  for (const item of program.functions) {
    if (item.kind !== "extern") continue;
    const first = sharedExtern(item, externs);
    if (first !== item) replaced.set(item, first);
  }
  if (replaced.size === 0) return program.functions;
  for (const item of program.functions) if (item.body !== undefined) item.body = replaceFns(item.body, replaced);
  return program.functions.map((item) => replaced.get(item) ?? item);
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
