/** Positions in a body as text and spans, for messages. */

import { printStatement, printTerminator } from "../mir/printer.ts";
import type { Body } from "../mir/syntax.ts";
import { DUMMY_SP, type Span } from "../session/diagnostic.ts";

/** The statement or terminator at a position as MIR text, for messages. */
export function positionText(body: Body, block: number, statement: number): string {
  const data = body.blocks[block];
  if (data === undefined) return "";
  const s = data.statements[statement];
  return s === undefined ? printTerminator(data.terminator) : printStatement(s);
}

/** The span of a position. */
export function positionSpan(body: Body, block: number, statement: number): Span {
  const data = body.blocks[block];
  return (data?.statements[statement] ?? data?.terminator)?.span ?? DUMMY_SP;
}
