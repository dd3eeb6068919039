/**
 * Which functions bodies mention, replaced: copies of programs of functions and type definitions alone, without rebuilding what does not change.
 */

import { partsOf } from "./fold.ts";
import type { Program } from "./program.ts";
import type { Body, FnItem, Operand, Rvalue } from "./syntax.ts";
import type { Ty } from "./ty.ts";
import { type Mapper, mapList, mapStatement, mapTerminator } from "./visit.ts";

/** `body` with its mentions of functions replaced; shares every block that mentions none of them. */
export function replaceFns(body: Body, replacements: ReadonlyMap<FnItem, FnItem>): Body {
  const mapper: Mapper = {
    operand: (operand) => {
      if (operand.kind !== "const" || operand.value.kind !== "fn") return operand;
      const item = replacements.get(operand.value.item);
      return item === undefined ? operand : { kind: "const", value: { ...operand.value, item } };
    },
  };
  const blocks = mapList(body.blocks, (block) => {
    const { kind } = block.terminator;
    const terminator =
      kind === "call" || kind === "tailCall" ? mapTerminator(block.terminator, mapper) : block.terminator;
    const statements = mapList(block.statements, (statement) =>
      statement.kind === "assign" && mentionsFn(statement.rvalue) ? mapStatement(statement, mapper) : statement,
    );
    const same = terminator === block.terminator && statements === block.statements;
    return same ? block : { ...block, statements, terminator };
  });
  return blocks === body.blocks ? body : { ...body, blocks };
}

/** Function items are values only in casts, and in plain uses and aggregates of pointers. */
function mentionsFn(rvalue: Rvalue): boolean {
  const isFn = (operand: Operand): boolean => operand.kind === "const" && operand.value.kind === "fn";
  switch (rvalue.kind) {
    case "cast":
    case "use":
    case "repeat":
      return isFn(rvalue.operand);
    case "aggregate":
      return rvalue.operands.some(isFn);
    default:
      return false;
  }
}

/**
 * Copies of the functions of `program` whose mentions of each other go to the copies. `copy` makes a function's copy, without a body.
 * It may answer a declaration itself, or another one that stands for it. For programs of functions and type definitions alone
 * (`hasOnlyFns`).
 */
export function copyFns(program: Program, copy: (item: FnItem) => FnItem): FnItem[] {
  const copies = new Map<FnItem, FnItem>();
  for (const item of program.functions) {
    const made = copy(item);
    if (made !== item) copies.set(item, made);
  }
  return program.functions.map((item) => {
    const made = copies.get(item);
    if (made === undefined) return item;
    if (item.body !== undefined) made.body = replaceFns(item.body, copies);
    return made;
  });
}

/** No type of `program` mentions a function, and it has no items but functions and type definitions: only calls name functions. */
export function hasOnlyFns(program: Program): boolean {
  const lists = [program.statics, program.consts, program.traits, program.impls, program.closures, program.allocs];
  if (lists.some((list) => list !== undefined && list.length > 0)) return false;
  const known = new Map<Ty, boolean>();
  return program.functions.every((item) => item.body?.locals.every((decl) => !mentionsItem(decl.ty, known)) ?? true);
}

/** `ty` mentions what is renamed with functions. */
function mentionsItem(ty: Ty, known: Map<Ty, boolean>): boolean {
  let found = known.get(ty);
  if (found === undefined) {
    const { kind } = ty;
    const isItem = kind === "fndef" || kind === "closure" || kind === "anonConst";
    found = isItem || partsOf(ty).some((part) => mentionsItem(part, known));
    known.set(ty, found);
  }
  return found;
}
