/** Reading a program that the user names. */

import { readFileSync } from "node:fs";
import {
  Diagnostic,
  type Program,
  parseProgram,
  type Span,
  type VerifyError,
  verifyProgram,
} from "../../codegen/index.ts";

/**
 * The program in `file`, parsed and verified; `-` is standard input.
 *
 * @throws Diagnostic when it cannot be read, is not understood, or is not valid MIR.
 */
export function readProgram(file: string): Program {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new Diagnostic(`cannot read the program: ${(error as Error).message}`, { file });
  }
  const program = parseProgram(text, { file });
  const [first] = verifyProgram(program);
  if (first !== undefined) {
    const span = spanOf(program, first);
    throw new Diagnostic(`not valid MIR: ${first.message}`, {
      file,
      ...(span === undefined ? {} : { span, sourceLine: text.split("\n")[span.line - 1] }),
      help: first.statement < 0 ? `in ${first.fn}` : `in ${first.fn}, bb${first.block}`,
    });
  }
  return program;
}

/** Where the statement or terminator of a verifier's error stands in the source. */
function spanOf(program: Program, error: VerifyError): Span | undefined {
  const item = program.functions.find((candidate) => candidate.name === error.fn);
  const block = error.statement < 0 ? undefined : item?.body?.blocks[error.block];
  return block === undefined ? item?.span : (block.statements[error.statement] ?? block.terminator).span;
}
