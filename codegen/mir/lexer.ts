/**
 * The lexer of MIR text.
 *
 * One pass over the text fills flat arrays: a token is an index into them. A token's *kind* is the character code of a one-character
 * punctuation, or one of `Tok`. Locals (`_7`) and block labels (`bb7`) are tokens of their own and carry their number. Nothing here
 * fails: what is no token becomes `Tok.UNKNOWN`, and the parser says so if it ever gets there.
 *
 * Comments are dropped. So are the memory dumps that rustc prints after a body (`alloc7 (size: 4, …) { … }`): each is one token.
 */

import type { Span } from "../session/diagnostic.ts";

/** Kinds of tokens that are not one punctuation character. */
export const Tok: {
  readonly EOF: 128;
  readonly IDENT: 129;
  readonly LOCAL: 130;
  readonly BLOCK: 131;
  readonly NUMBER: 132;
  readonly STRING: 133;
  readonly CHAR: 134;
  readonly LIFETIME: 135;
  /** `::` */
  readonly PATH_SEP: 136;
  /** `->` */
  readonly ARROW: 137;
  /** `=>` */
  readonly FAT_ARROW: 138;
  readonly ALLOC: 139;
  readonly UNKNOWN: 140;
} = {
  EOF: 128,
  IDENT: 129,
  LOCAL: 130,
  BLOCK: 131,
  NUMBER: 132,
  STRING: 133,
  CHAR: 134,
  LIFETIME: 135,
  PATH_SEP: 136,
  ARROW: 137,
  FAT_ARROW: 138,
  ALLOC: 139,
  UNKNOWN: 140,
};

/** The tokens of a text, the last of which is `Tok.EOF`. */
export interface Tokens {
  readonly text: string;
  readonly count: number;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** The number of a local or a block; 0 for others. */
  readonly values: Int32Array;
  /** The line of each token, from 1. */
  readonly lines: Int32Array;
  /** The offset at which each line starts, by line - 1. */
  readonly lineStarts: readonly number[];
}

const IDENT_START = 1;
const IDENT_PART = 2;
const DIGIT = 4;
const PUNCTUATION = 8;

/** Character classes of ASCII. */
const CLASSES: Uint8Array = classTable();

function classTable(): Uint8Array {
  const table = new Uint8Array(128);
  for (let c = 48; c <= 57; c++) table[c] = IDENT_PART | DIGIT;
  for (let c = 65; c <= 90; c++) table[c] = IDENT_START | IDENT_PART;
  for (let c = 97; c <= 122; c++) table[c] = IDENT_START | IDENT_PART;
  table[95] = IDENT_START | IDENT_PART;
  for (const c of "(){}[]<>,;:.=&*!+-#|/@?%^$~") table[c.charCodeAt(0)] = PUNCTUATION;
  return table;
}

function classAt(text: string, at: number): number {
  const c = text.charCodeAt(at);
  return c < 128 ? CLASSES[c]! : 0;
}

const NEWLINE = 10;
const BYTE_ORDER_MARK = 0xfeff;
/** The characters of the longest character literal. */
const LONGEST_CHAR = 12;
const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const BACKSLASH = 92;
/** Locals and blocks with more digits than this are no tokens: no body is that large. */
const MAX_INDEX_DIGITS = 8;

/** Splits `text` into tokens. */
export function tokenize(text: string): Tokens {
  const lexer = new Lexer(text);
  lexer.run();
  return lexer.finish();
}

class Lexer {
  private readonly text: string;
  private readonly lineStarts: number[] = [0];
  private at = 0;
  private count = 0;
  private kinds: Uint8Array;
  private starts: Int32Array;
  private ends: Int32Array;
  private values: Int32Array;
  private lines: Int32Array;

  constructor(text: string) {
    this.text = text;
    const guess = (text.length >> 2) + 16;
    this.kinds = new Uint8Array(guess);
    this.starts = new Int32Array(guess);
    this.ends = new Int32Array(guess);
    this.values = new Int32Array(guess);
    this.lines = new Int32Array(guess);
  }

  finish(): Tokens {
    const { text, count, kinds, starts, ends, values, lines, lineStarts } = this;
    return { text, count, kinds, starts, ends, values, lines, lineStarts };
  }

  run(): void {
    const { text } = this;
    const { length } = text;
    while (this.at < length) {
      const c = text.charCodeAt(this.at);
      if (c === NEWLINE) {
        this.at++;
        this.lineStarts.push(this.at);
      } else if (c === 32 || c === 9 || c === 13 || (c === BYTE_ORDER_MARK && this.at === 0)) {
        this.at++;
      } else {
        this.token(c);
      }
    }
    this.push(Tok.EOF, length, 0);
  }

  private push(kind: number, end: number, value: number): void {
    if (this.count === this.kinds.length) this.grow();
    const i = this.count++;
    this.kinds[i] = kind;
    this.starts[i] = this.at;
    this.ends[i] = end;
    this.values[i] = value;
    this.lines[i] = this.lineStarts.length;
    this.at = end;
  }

  private grow(): void {
    const size = this.kinds.length * 2;
    const kinds = new Uint8Array(size);
    kinds.set(this.kinds);
    this.kinds = kinds;
    this.starts = grown(this.starts, size);
    this.ends = grown(this.ends, size);
    this.values = grown(this.values, size);
    this.lines = grown(this.lines, size);
  }

  private token(c: number): void {
    const cls = c < 128 ? CLASSES[c]! : 0;
    if ((cls & IDENT_START) !== 0) this.word(c);
    else if ((cls & DIGIT) !== 0) this.number();
    else if (c === QUOTE) this.quote();
    else if (c === DOUBLE_QUOTE) this.string();
    else if (c === 47 && this.comment()) return;
    else if (cls === PUNCTUATION) this.punctuation(c);
    else this.push(Tok.UNKNOWN, this.at + (isHighSurrogate(c) ? 2 : 1), 0);
  }

  private punctuation(c: number): void {
    const next = this.text.charCodeAt(this.at + 1);
    if (c === 58 && next === 58) this.push(Tok.PATH_SEP, this.at + 2, 0);
    else if (c === 45 && next === 62) this.push(Tok.ARROW, this.at + 2, 0);
    else if (c === 61 && next === 62) this.push(Tok.FAT_ARROW, this.at + 2, 0);
    else this.push(c, this.at + 1, 0);
  }

  /** An identifier, a local or a block label. */
  private word(first: number): void {
    const { text } = this;
    let end = this.at + 1;
    while ((classAt(text, end) & IDENT_PART) !== 0) end++;
    if (first === 95 && end > this.at + 1) {
      const value = decimal(text, this.at + 1, end);
      if (value >= 0) {
        this.push(Tok.LOCAL, end, value);
        return;
      }
    } else if (first === 98 && text.charCodeAt(this.at + 1) === 98 && end > this.at + 2) {
      const value = decimal(text, this.at + 2, end);
      if (value >= 0) {
        this.push(Tok.BLOCK, end, value);
        return;
      }
    } else if (first === 97 && this.atLineStart() && isAllocName(text, this.at, end)) {
      this.alloc(end);
      return;
    }
    this.push(Tok.IDENT, end, 0);
  }

  private atLineStart(): boolean {
    return this.at === this.lineStarts[this.lineStarts.length - 1];
  }

  /** `alloc7 (…) { … }`: to the line that holds the closing brace alone. */
  private alloc(nameEnd: number): void {
    const { text } = this;
    let lineEnd = text.indexOf("\n", nameEnd);
    if (lineEnd < 0) lineEnd = text.length;
    const header = text.slice(nameEnd, lineEnd);
    if (!header.startsWith(" (")) {
      this.push(Tok.IDENT, nameEnd, 0);
      return;
    }
    let end = lineEnd;
    if (header.endsWith("{")) {
      const close = text.indexOf("\n}", lineEnd);
      end = close < 0 ? text.length : close + 2;
    }
    const start = this.at;
    this.push(Tok.ALLOC, end, 0);
    this.countLines(start, end);
  }

  private countLines(from: number, to: number): void {
    for (let i = this.text.indexOf("\n", from); i >= 0 && i < to; i = this.text.indexOf("\n", i + 1)) {
      this.lineStarts.push(i + 1);
    }
  }

  /** Digits, a fraction, an exponent, a suffix: `5_i32`, `1.5f32`, `1.0E+15f64`, `0x7f`. */
  private number(): void {
    const { text } = this;
    const hex = text.charCodeAt(this.at) === 48 && text.charCodeAt(this.at + 1) === 120;
    let end = this.at + 1;
    while ((classAt(text, end) & DIGIT) !== 0) end++;
    if (!hex && text.charCodeAt(end) === 46 && (classAt(text, end + 1) & DIGIT) !== 0) {
      end += 2;
      while ((classAt(text, end) & DIGIT) !== 0) end++;
    }
    if (!hex && (text.charCodeAt(end) | 32) === 101) {
      const sign = text.charCodeAt(end + 1);
      const digits = sign === 43 || sign === 45 ? end + 2 : end + 1;
      if ((classAt(text, digits) & DIGIT) !== 0) end = digits;
    }
    while ((classAt(text, end) & IDENT_PART) !== 0) end++;
    this.push(Tok.NUMBER, end, 0);
  }

  /** A character literal or a lifetime. */
  private quote(): void {
    const { text } = this;
    const first = text.charCodeAt(this.at + 1);
    if (first === BACKSLASH) {
      const end = this.escapedCharEnd();
      this.push(end < 0 ? Tok.UNKNOWN : Tok.CHAR, end < 0 ? this.at + 1 : end, 0);
      return;
    }
    const width = isHighSurrogate(first) ? 2 : 1;
    if (first !== NEWLINE && text.charCodeAt(this.at + 1 + width) === QUOTE) {
      this.push(Tok.CHAR, this.at + 2 + width, 0);
      return;
    }
    let end = this.at + 1;
    while ((classAt(text, end) & IDENT_PART) !== 0) end++;
    this.push(end > this.at + 1 ? Tok.LIFETIME : Tok.UNKNOWN, end, 0);
  }

  /** Behind the closing quote of `'\\u{10ffff}'` and shorter ones; -1 when there is none. */
  private escapedCharEnd(): number {
    // The escaped character itself may be a quote.
    for (let end = this.at + 3; end < this.at + LONGEST_CHAR; end++) {
      const c = this.text.charCodeAt(end);
      if (c === NEWLINE) return -1;
      if (c === QUOTE) return end + 1;
    }
    return -1;
  }

  /** A string literal; one that its line does not end is unknown. */
  private string(): void {
    const { text } = this;
    for (let end = this.at + 1; end < text.length; end++) {
      const c = text.charCodeAt(end);
      if (c === NEWLINE) {
        this.push(Tok.UNKNOWN, end, 0);
        return;
      }
      if (c === BACKSLASH) end++;
      else if (c === DOUBLE_QUOTE) {
        this.push(Tok.STRING, end + 1, 0);
        return;
      }
    }
    this.push(Tok.UNKNOWN, text.length, 0);
  }

  /** Skips a comment; false when there is none. */
  private comment(): boolean {
    const { text } = this;
    const next = text.charCodeAt(this.at + 1);
    if (next === 47) {
      const end = text.indexOf("\n", this.at);
      this.at = end < 0 ? text.length : end;
      return true;
    }
    if (next !== 42) return false;
    const start = this.at;
    const end = blockCommentEnd(text, start + 2);
    if (end < 0) this.push(Tok.UNKNOWN, text.length, 0);
    else this.at = end;
    this.countLines(start, this.at);
    return true;
  }
}

/** The end of a block comment whose inside starts at `from`; comments nest. -1 when it has none. */
function blockCommentEnd(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 42 && text.charCodeAt(i + 1) === 47) {
      depth--;
      i++;
      if (depth === 0) return i + 1;
    } else if (c === 47 && text.charCodeAt(i + 1) === 42) {
      depth++;
      i++;
    }
  }
  return -1;
}

function grown(old: Int32Array, size: number): Int32Array {
  const array = new Int32Array(size);
  array.set(old);
  return array;
}

function isHighSurrogate(c: number): boolean {
  return c >= 0xd800 && c < 0xdc00;
}

/** The number written in `text[from..to]`, -1 when it holds anything but a few digits, or has a leading zero. */
function decimal(text: string, from: number, to: number): number {
  if (to - from > MAX_INDEX_DIGITS || (to - from > 1 && text.charCodeAt(from) === 48)) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function isAllocName(text: string, from: number, to: number): boolean {
  return to > from + 5 && text.startsWith("alloc", from) && decimal(text, from + 5, to) >= 0;
}

/** Where token `index` starts. */
export function spanOf(tokens: Tokens, index: number): Span {
  const line = tokens.lines[index]!;
  return { line, column: tokens.starts[index]! - tokens.lineStarts[line - 1]! + 1 };
}

/** The text of line `line`, without its newline. */
export function sourceLine(tokens: Tokens, line: number): string {
  const start = tokens.lineStarts[line - 1] ?? 0;
  const end = tokens.text.indexOf("\n", start);
  return tokens.text.slice(start, end < 0 ? undefined : end).replace(/\r$/, "");
}
