/**
 * The text that a syntax tree was read from, and places in it.
 *
 * Nodes keep offsets in bytes. Lines are counted when a place is first asked for, as most never are.
 */

import { Diagnostic, type Span } from "../../session/diagnostic.ts";
import { B } from "./bytes.ts";

const CARRIAGE_RETURN = 13;
/** Zero bytes behind the text, so that looking ahead needs no check. */
const PADDING = 16;

/** A text or a part of one: `line` is the line of its first byte in the file. */
export class SourceText {
  readonly file: string;
  readonly line: number;
  /** UTF-8, with zeros behind its `length` bytes. */
  readonly bytes: Uint8Array;
  readonly length: number;
  private readonly buffer: Buffer;
  private lineStarts: readonly number[] | undefined;

  /** `bytes` are copied. */
  constructor(file: string, bytes: Uint8Array, line = 1) {
    this.file = file;
    this.line = line;
    this.length = bytes.length;
    this.bytes = new Uint8Array(bytes.length + PADDING);
    this.bytes.set(bytes);
    this.buffer = Buffer.from(this.bytes.buffer);
  }

  static fromString(file: string, text: string): SourceText {
    return new SourceText(file, Buffer.from(text, "utf8"));
  }

  /** The text of bytes `from..to`. */
  slice(from: number, to: number): string {
    return this.buffer.toString("utf8", from, to);
  }

  /** Line and column of offset `at`, from 1. */
  span(at: number): Span {
    const index = this.lineIndex(at);
    return { line: this.line + index, column: this.slice(this.starts()[index]!, at).length + 1 };
  }

  /** The line around offset `at`, without its end. */
  lineText(at: number): string {
    const start = this.starts()[this.lineIndex(at)]!;
    let end = this.bytes.indexOf(B.NEWLINE, start);
    if (end < 0 || end > this.length) end = this.length;
    if (end > start && this.bytes[end - 1] === CARRIAGE_RETURN) end--;
    return this.slice(start, end);
  }

  /** A diagnostic that points to offset `at`. */
  error(message: string, at: number, help?: string): Diagnostic {
    const where = Math.min(Math.max(at, 0), this.length);
    return new Diagnostic(message, {
      file: this.file,
      span: this.span(where),
      sourceLine: this.lineText(where),
      ...(help === undefined ? {} : { help }),
    });
  }

  private starts(): readonly number[] {
    if (this.lineStarts === undefined) this.lineStarts = lineStarts(this.bytes, this.length);
    return this.lineStarts;
  }

  /** The last line that starts at or before `at`. */
  private lineIndex(at: number): number {
    const starts = this.starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lineStarts(bytes: Uint8Array, length: number): number[] {
  const starts = [0];
  for (let i = bytes.indexOf(B.NEWLINE); i >= 0 && i < length; i = bytes.indexOf(B.NEWLINE, i + 1)) starts.push(i + 1);
  return starts;
}

const NEWLINES = 0x0a0a0a0a;
const LOW_BITS = 0x7f7f7f7f;
const HIGH_BITS = 0x80808080 | 0;

/** How many lines end before offset `to`: four bytes at a time, a byte that becomes zero being a newline. */
export function countLines(source: SourceText, to: number): number {
  const { bytes } = source;
  const words = new Int32Array(bytes.buffer, 0, to >> 2);
  let lines = 0;
  for (let i = 0; i < words.length; i++) {
    const v = words[i]! ^ NEWLINES;
    let zeros = ~(((v & LOW_BITS) + LOW_BITS) | v) & HIGH_BITS;
    for (; zeros !== 0; zeros &= zeros - 1) lines++;
  }
  for (let i = to & ~3; i < to; i++) if (bytes[i] === B.NEWLINE) lines++;
  return lines;
}
