/**
 * One broken text through the reader: it is a diagnostic, or items that print back to a text with the same items.
 */

import { Diagnostic } from "../../../session/diagnostic.ts";
import { parseItems, Tables } from "../parse.ts";
import { printItem } from "../print.ts";

export type Outcome =
  | { readonly kind: "parsed" }
  | { readonly kind: "diagnostic"; readonly diagnostic: Diagnostic }
  /** Something else was thrown. */
  | { readonly kind: "exception"; readonly error: unknown }
  /** What was printed is not read, or prints as something else. */
  | { readonly kind: "unstable"; readonly printed: string; readonly again: string };

/** The tables of many runs, so that what one text leaves in them is there for the next. */
export class FuzzTables {
  readonly first: Tables = new Tables();
  readonly second: Tables = new Tables();
}

function printAll(text: Uint8Array | string, tables: Tables): string {
  tables.limit();
  return parseItems<never>(text, { file: "fuzz.mir", tables })
    .map((item) => (item.kind === "rust" ? "" : printItem(item)))
    .join("\n");
}

/** Reads `text`; what is read is printed and read once more. */
export function runOne(text: Uint8Array, tables: FuzzTables): Outcome {
  let printed: string;
  try {
    printed = printAll(text, tables.first);
  } catch (error) {
    return error instanceof Diagnostic ? { kind: "diagnostic", diagnostic: error } : { kind: "exception", error };
  }
  try {
    const again = printAll(printed, tables.second);
    return again === printed ? { kind: "parsed" } : { kind: "unstable", printed, again };
  } catch (error) {
    return error instanceof Diagnostic
      ? { kind: "unstable", printed, again: error.message }
      : { kind: "exception", error };
  }
}

/** What is wrong with a diagnostic: it must say something, and point into the text. */
export function diagnosticFault(d: Diagnostic): string | undefined {
  if (d.message === "") return "no message";
  if (d.file === "" || d.sourceLine === undefined) return "no place";
  return d.span.line < 1 || d.span.column < 1 || d.span.column > d.sourceLine.length + 2
    ? `the place ${d.span.line}:${d.span.column} is not in the text`
    : undefined;
}
