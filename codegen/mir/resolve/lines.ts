/**
 * Lines and columns of places that are asked for in ascending order: what lies between two is read once.
 */

import type { Span } from "../../session/diagnostic.ts";
import { B } from "../text/bytes.ts";
import type { SourceText } from "../text/source.ts";

export class LineReader {
  private readonly source: SourceText;
  private at = -1;
  private line = 0;
  private lineStart = 0;

  constructor(source: SourceText) {
    this.source = source;
  }

  /** The place of offset `at`; columns count bytes. */
  span(at: number): Span {
    const { bytes } = this.source;
    if (this.at < 0 || at < this.at) {
      const { line, column } = this.source.span(at);
      this.line = line;
      this.lineStart = at - column + 1;
    } else {
      for (let i = this.at; i < at; i++) {
        if (bytes[i] !== B.NEWLINE) continue;
        this.line++;
        this.lineStart = i + 1;
      }
    }
    this.at = at;
    return { line: this.line, column: at - this.lineStart + 1 };
  }
}
