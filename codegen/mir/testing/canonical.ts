/**
 * A program as plain data, to compare two that were made in different type contexts: types and functions by their text, no spans.
 */

import type { Program } from "../program.ts";

/** Equal texts mean equal programs. */
export function canonical(program: Program): string {
  return JSON.stringify({ functions: program.functions, adts: program.adts }, (key, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    if (key === "span") return undefined;
    if (isObject(value)) {
      if (typeof value.text === "string") return value.text;
      if (key === "def") return value.name;
      if (key === "item") return value.name;
      if (!Array.isArray(value)) return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return value;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
