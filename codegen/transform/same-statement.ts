/** Whether statements do the same, and places and operands are the same: equal in all but where they come from. */

import type { Operand, Place, Statement } from "../mir/syntax.ts";

/** Types and items are compared by identity, everything else part by part; spans are not looked at. */
export function sameStatement(a: Statement, b: Statement): boolean {
  return a === b || sameParts(a, b);
}

export function samePlace(a: Place, b: Place): boolean {
  return a.local === b.local && a.projection.length === b.projection.length && sameParts(a.projection, b.projection);
}

export function sameOperand(a: Operand, b: Operand): boolean {
  return a === b || sameParts(a, b);
}

/** Members that lead out of the statement, to what is the same only when it is the same object. */
const ITEMS: ReadonlySet<string> = new Set(["item", "def", "alloc"]);

function sameParts(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  // Types are interned, and they alone carry their text; of bytes, nothing is gained by looking.
  if ("text" in a || ArrayBuffer.isView(a)) return false;
  const keys = Object.keys(a).filter((key) => key !== "span");
  if (Object.keys(b).filter((key) => key !== "span").length !== keys.length) return false;
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  return keys.every((key) => (ITEMS.has(key) ? left[key] === right[key] : sameParts(left[key], right[key])));
}
