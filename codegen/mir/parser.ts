/**
 * The parser of programs: MIR text, from rustc's own dumps or written in the same syntax, and Rust items around it, to a `Program`.
 *
 * `text/` reads MIR, `rust/` reads items, `resolve/` finds out what names mean. What is not understood is a `Diagnostic`. With `onUnsupported: "skip"` an
 * item that is not understood is left out and listed, and so is every function that needs it.
 */

import { corePrelude } from "./prelude/load.ts";
import type { Program } from "./program.ts";
import { type ResolveResult, resolveProgram, type SkippedItem, type TextInput } from "./resolve/program.ts";
import type { TyCtxt } from "./ty.ts";

export interface ParseOptions {
  /** The file's name, for diagnostics. */
  readonly file?: string;
  /** Where types are interned; a new one when absent. */
  readonly tcx?: TyCtxt;
  /** What to do about an item that is not understood: fail, or leave it out. `"error"` when absent. */
  readonly onUnsupported?: "error" | "skip";
}

export type ParseResult = ResolveResult;
export type { SkippedItem, TextInput };

/** Reads a program. Throws a `Diagnostic` for what it does not understand, unless `options` say to skip it. */
export function parseProgram(text: string, options: ParseOptions = {}): Program {
  return parseProgramWithSkips(text, options).program;
}

/** As `parseProgram`; also says what was skipped. */
export function parseProgramWithSkips(text: string, options: ParseOptions = {}): ParseResult {
  return linkTexts([{ text, file: options.file ?? "", syntax: "mir" }], options);
}

/**
 * Reads a program that is given as several texts, such as the dump of a crate and its Rust source: names are looked up in all of them. Functions of
 * a source take their bodies from the dump.
 */
export function linkTexts(inputs: readonly TextInput[], options: Omit<ParseOptions, "file"> = {}): ParseResult {
  const { tcx, onUnsupported = "error" } = options;
  return resolveProgram(inputs, { onUnsupported, prelude: corePrelude, ...(tcx === undefined ? {} : { tcx }) });
}
