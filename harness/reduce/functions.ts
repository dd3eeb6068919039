/**
 * Which functions a body mentions, and how.
 */

import { type Body, type FnItem, visitBody } from "../../codegen/index.ts";

/** The functions that `body` calls or takes pointers to, in order. */
export function mentionedFns(body: Body): ReadonlySet<FnItem> {
  const found = new Set<FnItem>();
  visitBody(body, {
    operand: (operand) => {
      if (operand.kind === "const" && operand.value.kind === "fn") found.add(operand.value.item);
    },
  });
  return found;
}

/** The functions that `bodies` take pointers to: their signatures are fixed. */
export function reifiedFns(functions: readonly FnItem[]): ReadonlySet<FnItem> {
  const found = new Set<FnItem>();
  for (const item of functions) {
    for (const block of item.body?.blocks ?? []) {
      for (const statement of block.statements) {
        if (statement.kind !== "assign" || statement.rvalue.kind !== "cast") continue;
        const { operand } = statement.rvalue;
        if (operand.kind === "const" && operand.value.kind === "fn") found.add(operand.value.item);
      }
    }
  }
  return found;
}
