/** Reading a program that the user names. */

import { readFileSync } from "node:fs";
import { Diagnostic, newTyCtxt, parseProgram, type Program, verifyProgram } from "../../codegen/index.ts";

/**
 * The program in `file`, parsed and verified; `-` is standard input.
 *
 * @throws Diagnostic when it cannot be read, is not understood, or is not valid MIR.
 */
export function readProgram(file: string, tcx = newTyCtxt()): Program {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new Diagnostic(`cannot read the program: ${(error as Error).message}`, { file });
  }
  const program = parseProgram(text, { file, tcx });
  const [first] = verifyProgram(program);
  if (first !== undefined) {
    throw new Diagnostic(first.message, {
      file,
      span: first.span,
      sourceLine: text.split("\n")[first.span.line - 1],
      help: "this is not valid MIR: see the types and the control flow around it",
    });
  }
  return program;
}
