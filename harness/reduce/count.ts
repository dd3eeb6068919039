/**
 * How large a program is, as findings report it.
 */

import { type BasicBlockData, entryPoints, type FnItem, INTRINSICS, type Program } from "../../codegen/index.ts";
import { reachableBlocks } from "./cfg.ts";
import { mentionedFns } from "./functions.ts";
import { isSimple, usedItems } from "./used-items.ts";

/**
 * The statements of `program`: every statement, storage markers and `nop` too, and every call, drop, assertion and switch, in the blocks that
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

const COUNTED: ReadonlySet<string> = new Set(["assert", "switchInt", "drop", "tailCall"]);

function blockStatements(block: BasicBlockData, inEntry: boolean): number {
  const { terminator, statements } = block;
  if (COUNTED.has(terminator.kind)) return statements.length + 1;
  if (terminator.kind !== "call") return statements.length;
  const { func, args } = terminator;
  const isBlackBox = func.kind === "const" && func.value.kind === "fn" && func.value.item === INTRINSICS.blackBox;
  const isInput = inEntry && isBlackBox && args.every((arg) => arg.kind === "const");
  return statements.length + (isInput ? 0 : 1);
}

/** The program's own functions that its entry points need. */
export function reachableFns(program: Program): ReadonlySet<FnItem> {
  if (!isSimple(program)) {
    const used = usedItems(program);
    return new Set(program.functions.filter((item) => used.has(item) && item.parent?.prelude !== true));
  }
  const reached = new Set<FnItem>(entryPoints(program));
  for (const item of reached) {
    if (item.body === undefined) continue;
    for (const used of mentionedFns(item.body)) reached.add(used);
  }
  return reached;
}
