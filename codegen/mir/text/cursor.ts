/**
 * A position in MIR text: looking ahead, consuming, and failing with a diagnostic that shows the line.
 *
 * There are no tokens. The cursor always stands at the first byte of what comes next: whatever consumes also skips the blanks and comments behind it
 * (`skip`), and `prevEnd` is where the last thing that was consumed ended. Lookahead reads `bytes` directly; zeros follow the text, so it never needs
 * to check for the end.
 */

import type { Diagnostic } from "../../session/diagnostic.ts";
import type { Cast, Const, Path, Type } from "./ast.ts";
import { B, CLASS, DIGIT, IDENT_PART, IDENT_START, SPACE } from "./bytes.ts";
import { HASH_PRIME, HASH_SEED, hashBytes, Interner } from "./interner.ts";
import type { SourceText } from "./source.ts";

/** Types, constants and places may nest this deeply: far more than any program, far less than the stack. */
const MAX_DEPTH = 240;
/** Types and paths nested deeper than this are not looked up before they are parsed, so that no text is scanned more often. */
export const MAX_LOOKUP_DEPTH = 8;
/** Keys of the tables, in bytes, from which on they are emptied between items: a bound on memory. */
const MAX_TABLE_BYTES = 1 << 25;
/** How much of the text a message quotes. */
const MAX_QUOTED = 40;

/** What one file's reader has read before: equal text gives the same object. */
export class Tables {
  readonly names: Interner<string> = new Interner();
  readonly paths: Interner<Path> = new Interner();
  readonly types: Interner<Type> = new Interner();
  readonly literals: Interner<Const> = new Interner();
  /** By their text; there are few. */
  readonly casts: Map<string, Cast> = new Map();

  /** Forgets everything when it has become too much; only between items. */
  limit(): void {
    const { names, paths, types, literals } = this;
    if (names.size + paths.size + types.size + literals.size < MAX_TABLE_BYTES) return;
    for (const table of [names, paths, types, literals]) table.clear();
  }
}

export class Cursor {
  readonly source: SourceText;
  readonly bytes: Uint8Array;
  readonly tables: Tables;
  /** Where the text ends. */
  readonly end: number;
  /** The current byte. */
  at = 0;
  /** Where what was consumed last ends. */
  prevEnd = 0;
  /** The end of the text was in the way of the last error: more text could mend it. */
  hitEnd = false;
  /** A `{path}` behind a function type belongs to it; not so in the return type of another. */
  fnItems = true;
  /** The hash of the range that was scanned last. */
  hash = 0;
  private level = 0;

  constructor(source: SourceText, tables: Tables = new Tables()) {
    this.source = source;
    this.bytes = source.bytes;
    this.end = source.length;
    this.tables = tables;
    this.skip();
  }

  /** The current byte; 0 at the end. */
  peek(): number {
    return this.bytes[this.at]!;
  }

  /** The byte `ahead` of the current one, at most a few. */
  peekAt(ahead: number): number {
    return this.bytes[this.at + ahead]!;
  }

  get atEnd(): boolean {
    return this.at >= this.end;
  }

  /** Skips blanks and comments. Everything that consumes calls it. */
  skip(): void {
    const { bytes } = this;
    let at = this.at;
    this.prevEnd = at;
    let c = bytes[at]!;
    // Nothing, or one blank, is what mostly stands here.
    if (c === B.SPACE) c = bytes[++at]!;
    if (c > B.SPACE && c !== B.SLASH) {
      this.at = at;
      return;
    }
    for (; ; c = bytes[at]!) {
      if (c > B.SPACE && c !== B.SLASH) break;
      if ((CLASS[c]! & SPACE) !== 0) {
        at++;
        continue;
      }
      if (c !== B.SLASH) break;
      const end = commentEnd(bytes, at, this.end);
      if (end < 0) break;
      at = end;
    }
    this.at = at;
  }

  /** Goes on at `at`, which is behind what was consumed. */
  moveTo(at: number): void {
    this.at = at;
    this.skip();
  }

  /** Goes back to `at`, where something started. */
  rewind(at: number): void {
    this.at = at;
    this.prevEnd = at;
  }

  /** Consumes the byte `c` if it is the current one. */
  eat(c: number): boolean {
    if (this.bytes[this.at] !== c) return false;
    this.at++;
    this.skip();
    return true;
  }

  /** The current bytes are `c` and `d`. */
  is2(c: number, d: number): boolean {
    return this.bytes[this.at] === c && this.bytes[this.at + 1] === d;
  }

  /** Consumes a token of two bytes: `::`, `->`, `=>`, `..`. */
  eat2(c: number, d: number): boolean {
    if (!this.is2(c, d)) return false;
    this.at += 2;
    this.skip();
    return true;
  }

  expect(c: number): void {
    if (!this.eat(c)) throw this.expected(`\`${String.fromCharCode(c)}\``);
  }

  expect2(c: number, d: number): void {
    if (!this.eat2(c, d)) throw this.expected(`\`${String.fromCharCode(c, d)}\``);
  }

  /** `text` stands `ahead` of the current byte, whatever follows. */
  startsWith(text: string, ahead = 0): boolean {
    const { bytes } = this;
    const at = this.at + ahead;
    for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** The current word is `word`. */
  isWord(word: string): boolean {
    return this.startsWith(word) && (CLASS[this.bytes[this.at + word.length]!]! & IDENT_PART) === 0;
  }

  eatWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.at += word.length;
    this.skip();
    return true;
  }

  expectWord(word: string): void {
    if (!this.eatWord(word)) throw this.expected(`\`${word}\``);
  }

  /** Consumes `text`, of which the last byte is punctuation. */
  eatText(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.at += text.length;
    this.skip();
    return true;
  }

  expectText(text: string): void {
    if (!this.eatText(text)) throw this.expected(`\`${text}\``);
  }

  /** An identifier or a keyword starts here. */
  atIdent(): boolean {
    return (CLASS[this.bytes[this.at]!]! & IDENT_START) !== 0;
  }

  atDigit(): boolean {
    return (CLASS[this.bytes[this.at]!]! & DIGIT) !== 0;
  }

  /** Where the word that starts at `at` ends. */
  wordEnd(at: number): number {
    const { bytes } = this;
    let end = at;
    while ((CLASS[bytes[end]!]! & IDENT_PART) !== 0) end++;
    return end;
  }

  /** The current word without consuming it; empty when there is none. */
  word(): string {
    return this.name(this.at, this.atIdent() ? this.wordEnd(this.at) : this.at);
  }

  /** An identifier, `r#` included. */
  ident(what: string): string {
    if (!this.atIdent()) throw this.expected(what);
    const { bytes } = this;
    const start = this.at;
    let hash = HASH_SEED;
    let end = start;
    if (bytes[start] === 114 && bytes[start + 1] === B.HASH && (CLASS[bytes[start + 2]!]! & IDENT_START) !== 0) {
      hash = hashBytes(bytes, start, start + 2);
      end += 2;
    }
    for (let c = bytes[end]!; (CLASS[c]! & IDENT_PART) !== 0; c = bytes[++end]!) hash = Math.imul(hash ^ c, HASH_PRIME);
    this.at = end;
    this.skip();
    return this.internName(start, end, hash);
  }

  /** The interned text of bytes `from..to`. */
  name(from: number, to: number): string {
    return this.internName(from, to, hashBytes(this.bytes, from, to));
  }

  private internName(from: number, to: number, hash: number): string {
    const { names } = this.tables;
    const entry = names.find(this.bytes, from, to, hash);
    if (entry >= 0) return names.value(entry);
    const name = this.source.slice(from, to);
    names.add(this.bytes, from, to, hash, name, to - from);
    return name;
  }

  /** The text of bytes `from..to`, not interned. */
  slice(from: number, to: number): string {
    return this.source.slice(from, to);
  }

  /** A number without sign or suffix. */
  integer(what: string): number {
    const { bytes } = this;
    const start = this.at;
    let value = 0;
    let end = start;
    for (let c = bytes[end]!; (CLASS[c]! & DIGIT) !== 0; c = bytes[++end]!) {
      value = value * 10 + (c - B.ZERO);
      if (value > Number.MAX_SAFE_INTEGER) throw this.error(`${what} is too large`);
    }
    if (end === start) throw this.expected(what);
    // The text is kept as a number: what would print otherwise is not read.
    if (bytes[start] === B.ZERO && end > start + 1) throw this.error(`${what} has a leading zero`, "leave it out");
    // Dashes that are not ASCII may follow in an allocation.
    if ((CLASS[bytes[end]!]! & IDENT_PART) !== 0 && bytes[end]! < 0x80) throw this.expected(what);
    this.at = end;
    this.skip();
    return value;
  }

  /** `_7`. */
  local(): number {
    if (this.bytes[this.at] !== B.UNDERSCORE || (CLASS[this.bytes[this.at + 1]!]! & DIGIT) === 0)
      throw this.expected("a local, such as `_1`");
    this.at++;
    return this.integer("a local");
  }

  /** `bb7`. */
  block(): number {
    if (!this.startsWith("bb") || (CLASS[this.bytes[this.at + 2]!]! & DIGIT) === 0)
      throw this.expected("a block, such as `bb1`");
    this.at += 2;
    return this.integer("a block");
  }

  /** A string literal, with its quotes; a word such as `b` or `c` before it has been consumed from `start` on. */
  string(start: number): string {
    const { bytes, end } = this;
    if (bytes[this.at] !== B.QUOTE2) throw this.expected("a string");
    let at = this.at + 1;
    while (at < end) {
      const c = bytes[at]!;
      if (c === B.BACKSLASH) at++;
      else if (c === B.QUOTE2) {
        this.at = at + 1;
        this.skip();
        return this.slice(start, at + 1);
      }
      at++;
    }
    this.hitEnd = true;
    throw this.error("this string has no end", 'close it with `"`', start);
  }

  /** Calls go one level deeper; with `leave`, bounds recursion. */
  enter(): void {
    if (++this.level > MAX_DEPTH) throw this.error(`nested more than ${MAX_DEPTH} levels deep`, "no rustc prints this");
  }

  leave(): void {
    this.level--;
  }

  get depth(): number {
    return this.level;
  }

  /** A diagnostic at the current byte, or at `at`. */
  error(message: string, help?: string, at: number = this.at): Diagnostic {
    if (at >= this.end) this.hitEnd = true;
    return this.source.error(message, at, help);
  }

  /** A diagnostic that says what should stand here, and what does. */
  expected(what: string, help?: string): Diagnostic {
    return this.error(`expected ${what}, found ${this.found()}`, help);
  }

  private found(): string {
    if (this.atEnd) return "the end of the text";
    const { bytes, at } = this;
    let to = (CLASS[bytes[at]!]! & IDENT_PART) !== 0 ? this.wordEnd(at) : at + 1;
    if (to > at + MAX_QUOTED) to = at + MAX_QUOTED;
    return `\`${this.slice(at, to)}\``;
  }
}

/** The end of the comment at `at`, -1 when there is none. Block comments nest; one without an end goes to the end of the text. */
export function commentEnd(bytes: Uint8Array, at: number, end: number): number {
  const next = bytes[at + 1];
  if (next === B.SLASH) {
    const newline = bytes.indexOf(B.NEWLINE, at);
    return newline < 0 ? end : newline;
  }
  if (next !== B.STAR) return -1;
  let depth = 1;
  for (let i = at + 2; i < end; i++) {
    if (bytes[i] === B.STAR && bytes[i + 1] === B.SLASH) {
      i++;
      if (--depth === 0) return i + 1;
    } else if (bytes[i] === B.SLASH && bytes[i + 1] === B.STAR) {
      i++;
      depth++;
    }
  }
  return end;
}
