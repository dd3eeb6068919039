/**
 * Diagnostics: what is wrong with the user's input, where, and what to do about it.
 *
 * A `Diagnostic` is thrown for a user's mistake and caught once, by the command line, which prints it and exits with status 2.
 * `bug()` of `codegen/entity` is for mistakes of ours.
 */

/** A place in a source file: lines and columns count from 1. */
export interface Span {
  readonly line: number;
  readonly column: number;
}

/** The span of what no source file holds (generated programs, shims). */
export const DUMMY_SP: Span = { line: 0, column: 0 };

export class Diagnostic extends Error {
  readonly file: string;
  readonly span: Span;
  /** The source line that `span` points into, without its newline. */
  readonly sourceLine: string | undefined;
  /** What the user can do about it. */
  readonly help: string | undefined;

  constructor(message: string, at: { file?: string; span?: Span; sourceLine?: string; help?: string } = {}) {
    super(message);
    this.name = "Diagnostic";
    this.file = at.file ?? "";
    this.span = at.span ?? DUMMY_SP;
    this.sourceLine = at.sourceLine;
    this.help = at.help;
  }
}

/** The text of a diagnostic as rustc lays it out: message, place, the line with a caret, help. */
export function renderDiagnostic(d: Diagnostic): string {
  const lines = [`error: ${d.message}`];
  if (d.span.line > 0) {
    const number = String(d.span.line);
    const pad = " ".repeat(number.length);
    lines.push(`${pad}--> ${d.file}:${d.span.line}:${d.span.column}`);
    if (d.sourceLine !== undefined) {
      lines.push(`${pad} |`, `${number} | ${d.sourceLine}`, `${pad} | ${" ".repeat(Math.max(0, d.span.column - 1))}^`);
    }
  } else if (d.file !== "") {
    lines.push(` --> ${d.file}`);
  }
  if (d.help !== undefined) lines.push(` = help: ${d.help}`);
  return lines.join("\n");
}
