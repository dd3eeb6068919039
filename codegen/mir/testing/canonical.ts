/**
 * A program as plain data, to compare two that were made in different type contexts: types and items by their text, no spans.
 */

import type { Program } from "../program.ts";

/** What one item has of others is their name: they are listed themselves. */
const BY_NAME: ReadonlySet<string> = new Set(["def", "item", "trait", "closure", "alloc"]);

/** Equal texts mean equal programs. */
export function canonical(program: Program): string {
  const { functions, adts, statics, consts, traits, impls, closures, allocs } = program;
  const lists = { functions, adts, statics, consts, traits, impls, closures, allocs };
  return JSON.stringify(lists, (key, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    if (key === "span" || key === "parent") return undefined;
    if (key === "fns" || key === "assocConsts") return (value as readonly { name: string }[]).map((item) => item.name);
    if (isObject(value)) {
      if (typeof value.text === "string") return value.text;
      if (BY_NAME.has(key)) return value.name;
      if (key === "body" && value.kind === "fn") return value.name;
      if (value instanceof Uint8Array) return [...value];
      if (!Array.isArray(value)) return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return value;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
