/**
 * One broken program through all that reads programs: names and types, verifier, printer, layouts.
 *
 * It is refused with a diagnostic; or it is a program, which prints, and, when it verifies, prints to a text that is the same program. Of what is
 * refused, half is read again with the items that are not understood left out, and then is a program too.
 */

import { Diagnostic } from "../../session/diagnostic.ts";
import { typeFlags } from "../fold.ts";
import { parseProgramWithSkips } from "../parser.ts";
import { printProgram } from "../printer.ts";
import type { Program } from "../program.ts";
import { diagnosticFault } from "../text/testing/fuzz.ts";
import type { Ty } from "../ty.ts";
import { renderVerifyError, verifyProgram } from "../verifier.ts";

/** How far programs came. */
export interface ProgramCounts {
  /** Refused as a whole. */
  refused: number;
  /** Of the half of those that are read again, the ones of which a part could be read. */
  partly: number;
  parsed: number;
  verified: number;
  /** Verified programs, parts included, whose text is read back. */
  printedBack: number;
  /** Of those, the ones that have functions. */
  withFunctions: number;
  layouts: number;
}

export function newCounts(): ProgramCounts {
  return { refused: 0, partly: 0, parsed: 0, verified: 0, printedBack: 0, withFunctions: 0, layouts: 0 };
}

/** What asks for the layout of a type of a program; throws a `Diagnostic` for what has none. */
export type LayoutsOf = (program: Program) => (ty: Ty) => void;

/** What is wrong with how `text` was taken; nothing when all is well. `accepted` says the same of each program that verifies. */
export function runProgram(
  text: string,
  counts: ProgramCounts,
  layouts: LayoutsOf,
  accepted?: (program: Program) => string | undefined,
): string | undefined {
  try {
    const whole = read(text, "error");
    if (whole instanceof Diagnostic) {
      counts.refused++;
      const fault = diagnosticFault(whole);
      if (fault !== undefined) return `bad diagnostic (${whole.message}): ${fault}`;
      if (counts.refused % 2 === 0) return undefined;
      const part = read(text, "skip");
      if (part instanceof Diagnostic) return `a diagnostic although items are skipped: ${part.message}`;
      if (part.functions.length > 0) counts.partly++;
      return checkProgram(part, counts, layouts, accepted);
    }
    counts.parsed++;
    return checkProgram(whole, counts, layouts, accepted);
  } catch (error) {
    return `exception: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

function read(text: string, onUnsupported: "error" | "skip"): Program | Diagnostic {
  try {
    return parseProgramWithSkips(text, { file: "fuzz.mir", onUnsupported }).program;
  } catch (error) {
    if (error instanceof Diagnostic) return error;
    throw error;
  }
}

function checkProgram(
  program: Program,
  counts: ProgramCounts,
  layouts: LayoutsOf,
  accepted: ((program: Program) => string | undefined) | undefined,
): string | undefined {
  const errors = verifyProgram(program);
  const printed = printProgram(program);
  if (errors.length > 0) return undefined;
  counts.verified++;
  const again = read(printed, "error");
  if (again instanceof Diagnostic) return `its text is not read back: ${again.message}\n${printed}`;
  const [error] = verifyProgram(again);
  if (error !== undefined) return `its text does not verify: ${renderVerifyError(error)}\n${printed}`;
  const twice = printProgram(again);
  if (twice !== printed) return `it prints as something else:\n${firstDifference(printed, twice)}\n${printed}`;
  counts.printedBack++;
  if (program.functions.length > 0) counts.withFunctions++;
  counts.layouts += layOut(program, layouts(program));
  return accepted?.(program);
}

function firstDifference(a: string, b: string): string {
  const [left, right] = [a.split("\n"), b.split("\n")];
  const at = left.findIndex((line, i) => line !== right[i]);
  return `- ${left[at] ?? ""}\n+ ${right[at] ?? ""}`;
}

/** How many types of locals have a layout. */
function layOut(program: Program, layoutOf: (ty: Ty) => void): number {
  let count = 0;
  const seen = new Set<Ty>();
  for (const { body } of program.functions) {
    for (const { ty } of body?.locals ?? []) {
      if (seen.has(ty) || typeFlags(ty) !== 0) continue;
      seen.add(ty);
      try {
        layoutOf(ty);
        count++;
      } catch (error) {
        if (!(error instanceof Diagnostic)) throw error;
      }
    }
  }
  return count;
}
