/**
 * Reading MIR text: the entry points, and what a parser of Rust items needs of this one.
 *
 * - `parseItems(text, { file })` reads a whole text; `readItems(input, { file }, onItem)` reads a file piece by piece and holds one piece at a time.
 * - Both take `rust`, which reads what is not MIR's at the outermost level: it is called with the cursor at an item's first word (or `#` of an attribute), and
 *   consumes the item. Without it, such items are errors. `fn` with generic parameters, other parameters than `_1: T`, without `->` or with a `where` clause
 *   is not MIR's either.
 * - For such a parser: `Cursor` (`peek`, `eat`, `expect`, `isWord`, `eatWord`, `expectWord`, `ident`, `integer`, `string`, `error`, `expected`, `at`, `rewind`),
 *   whose punctuation is by character code (`B` in `bytes.ts`); `parseType`, `parsePath`, `parseGenericArgs`, `parseBounds`, `parseBinder`, `parseLifetime`,
 *   `parseAbi`, `parseConst`, `parseArrayLength`; `parseBody` for a MIR body at its `{`.
 *
 * Whatever is wrong with the text is a `Diagnostic`; nothing else is thrown, but what `onItem` and `rust` throw.
 */

import { isUtf8 } from "node:buffer";
import { readSync } from "node:fs";
import { Diagnostic } from "../../session/diagnostic.ts";
import type { Item, RustItem } from "./ast.ts";
import { B } from "./bytes.ts";
import { Cursor, Tables } from "./cursor.ts";
import { parseItem, type RustItemParser } from "./parse-item.ts";
import { countLines, SourceText } from "./source.ts";

export { Cursor, Tables } from "./cursor.ts";
export { parseBody } from "./parse-body.ts";
export { parseConst } from "./parse-const.ts";
export type { RustItemParser } from "./parse-item.ts";
export { parseAbi, parseBinder, parseLifetime } from "./parse-lifetime.ts";
export { parseArrayLength, parseBounds, parseGenericArgs, parseItemName, parsePath } from "./parse-path.ts";
export { parseType } from "./parse-type.ts";

export interface ParseOptions<R> {
  /** For diagnostics. */
  readonly file: string;
  readonly rust?: RustItemParser<R>;
  /** What was read before; a table of its own otherwise. */
  readonly tables?: Tables;
}

/** All items of a text. */
export function parseItems<R = never>(text: string | Uint8Array, options: ParseOptions<R>): (Item | RustItem<R>)[] {
  const { file, rust, tables = new Tables() } = options;
  const source = typeof text === "string" ? SourceText.fromString(file, text) : new SourceText(file, text);
  checkEncoding(source);
  const c = new Cursor(source, tables);
  const items: (Item | RustItem<R>)[] = [];
  skipByteOrderMark(c);
  while (!c.atEnd) items.push(parseItem(c, rust));
  return items;
}

/** Bytes that are read at once, and the least that are parsed at once. */
const CHUNK = 1 << 18;

/**
 * Calls `onItem` with each item of a file (an open descriptor) or of chunks of bytes. The text is cut behind lines that hold nothing but a closing brace; when
 * an item turns out to go on behind the cut, it is read again with more text.
 */
export function readItems<R = never>(
  input: number | Iterable<Uint8Array>,
  options: ParseOptions<R>,
  onItem: (item: Item | RustItem<R>) => void,
): void {
  const { file, rust, tables = new Tables() } = options;
  const reader = new ChunkReader(input);
  let line = 1;
  let least = CHUNK;
  while (true) {
    reader.fill(least);
    const cut = reader.ended ? reader.length : reader.lastCut();
    if (cut === 0) {
      if (reader.ended) return;
      least = reader.length * 2;
      continue;
    }
    const source = new SourceText(file, reader.view(cut), line);
    const used = parsePiece(new Cursor(source, tables), rust, reader.ended, onItem);
    line += countLines(source, used);
    reader.drop(used);
    // Twice the text when an item did not end: each byte is read a bounded number of times.
    least = source.bytes.subarray(used, cut).some((b) => b > B.SPACE) ? Math.max(CHUNK, reader.length * 2) : CHUNK;
    if (reader.ended && reader.length === 0) return;
  }
}

/** Parses the items of a piece of text; how much of it was read. The last item may need more than the piece has. */
function parsePiece<R>(
  c: Cursor,
  rust: RustItemParser<R> | undefined,
  isLast: boolean,
  onItem: (item: Item | RustItem<R>) => void,
): number {
  checkEncoding(c.source);
  skipByteOrderMark(c);
  while (!c.atEnd) {
    const start = c.prevEnd;
    const item = itemOrMore(c, rust, isLast);
    if (item === undefined) return start;
    onItem(item);
    c.tables.limit();
  }
  // Comments at its end may belong to the next item.
  return isLast ? c.end : c.prevEnd;
}

/** The next item; undefined when the text ends in it and more may come. */
function itemOrMore<R>(
  c: Cursor,
  rust: RustItemParser<R> | undefined,
  isLast: boolean,
): Item | RustItem<R> | undefined {
  c.hitEnd = false;
  try {
    return parseItem(c, rust);
  } catch (error) {
    if (isLast || !(error instanceof Diagnostic) || !c.hitEnd) throw error;
    return undefined;
  }
}

/** Text is UTF-8: bytes that are not would be read as something else. */
function checkEncoding(source: SourceText): void {
  if (isUtf8(source.bytes.subarray(0, source.length))) return;
  // The first line that is not.
  let start = 0;
  while (true) {
    const newline = source.bytes.indexOf(B.NEWLINE, start);
    const end = newline < 0 || newline > source.length ? source.length : newline + 1;
    if (!isUtf8(source.bytes.subarray(start, end)))
      throw source.error("this line is not UTF-8", start, "MIR text is UTF-8");
    start = end;
  }
}

function skipByteOrderMark(c: Cursor): void {
  if (c.at === 0 && c.bytes[0] === 0xef && c.bytes[1] === 0xbb && c.bytes[2] === 0xbf) c.moveTo(3);
}

/** Bytes that were read and not yet used. */
class ChunkReader {
  ended = false;
  private readonly input: number | Iterator<Uint8Array>;
  private buffer: Uint8Array = new Uint8Array(CHUNK * 2);
  private start = 0;
  private stop = 0;

  constructor(input: number | Iterable<Uint8Array>) {
    this.input = typeof input === "number" ? input : input[Symbol.iterator]();
  }

  get length(): number {
    return this.stop - this.start;
  }

  view(length: number): Uint8Array {
    return this.buffer.subarray(this.start, this.start + length);
  }

  drop(length: number): void {
    this.start += length;
  }

  /** Reads until there are `least` bytes or no more come. */
  fill(least: number): void {
    while (!this.ended && this.length < least) {
      if (typeof this.input === "number") {
        this.reserve(CHUNK);
        const count = readSync(this.input, this.buffer, this.stop, CHUNK, null);
        this.stop += count;
        if (count === 0) this.ended = true;
      } else {
        const next = this.input.next();
        if (next.done === true) this.ended = true;
        else this.append(next.value);
      }
    }
  }

  private append(chunk: Uint8Array): void {
    this.reserve(chunk.length);
    this.buffer.set(chunk, this.stop);
    this.stop += chunk.length;
  }

  private reserve(more: number): void {
    if (this.stop + more <= this.buffer.length) return;
    const size = this.length;
    const target = size + more <= this.buffer.length / 2 ? this.buffer : new Uint8Array((size + more) * 2);
    target.set(this.buffer.subarray(this.start, this.stop));
    this.buffer = target;
    this.start = 0;
    this.stop = size;
  }

  /** Behind the last line that is `}` alone; 0 when there is none. */
  lastCut(): number {
    const { buffer, start } = this;
    for (let i = buffer.lastIndexOf(B.RBRACE, this.stop - 2); i > start; i = buffer.lastIndexOf(B.RBRACE, i - 1)) {
      if (buffer[i - 1] === B.NEWLINE && buffer[i + 1] === B.NEWLINE) return i + 2 - start;
    }
    return 0;
  }
}
