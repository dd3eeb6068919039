/**
 * How large a program is, as findings report it.
 */

import { type BasicBlockData, entryPoints, type FnItem, INTRINSICS, type Program } from "../../codegen/index.ts";
import { reachableBlocks } from "./cfg.ts";
import { mentionedFns } from "./functions.ts";

/**
 * The statements of `program`: every statement, storage markers and `nop` too, and every call, assertion and switch, in the blocks that
 * can be reached in the functions that can be reached from the entry points. Not counted: `goto`, `return`, `unreachable`; and, in entry
 * points alone, `black_box` of a constant, which is how an input comes in.
 */
export function countStatements(program: Program): number {
  let count = 0;
  const entries = new Set(entryPoints(program));
  for (const item of reachableFns(program)) {
    if (item.body === undefined) continue;
    for (const index of reachableBlocks(item.body)) {
      count += blockStatements(item.body.blocks[index]!, entries.has(item));
    }
  }
  return count;
}

function blockStatements(block: BasicBlockData, inEntry: boolean): number {
  const { terminator, statements } = block;
  if (terminator.kind === "assert" || terminator.kind === "switchInt") return statements.length + 1;
  if (terminator.kind !== "call") return statements.length;
  const { func, args } = terminator;
  const isBlackBox = func.kind === "const" && func.value.kind === "fn" && func.value.item === INTRINSICS.blackBox;
  const isInput = inEntry && isBlackBox && args.every((arg) => arg.kind === "const");
  return statements.length + (isInput ? 0 : 1);
}

/** The functions that can be reached from the entry points, by calls or by pointers. */
export function reachableFns(program: Program): ReadonlySet<FnItem> {
  const reached = new Set<FnItem>(entryPoints(program));
  for (const item of reached) {
    if (item.body === undefined) continue;
    for (const used of mentionedFns(item.body)) reached.add(used);
  }
  return reached;
}
