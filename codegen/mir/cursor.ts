/**
 * A position in the tokens of a MIR text: looking ahead, expecting, and failing with a diagnostic that shows the line.
 */

import { Diagnostic, type Span } from "../session/diagnostic.ts";
import { sourceLine, spanOf, Tok, type Tokens } from "./lexer.ts";

/** Types, places and scopes may nest this deeply: far more than any program, far less than the stack. */
const MAX_DEPTH = 200;

/** Marks a diagnostic about what the language has and this reader does not know yet. */
const UNSUPPORTED = "not supported yet: ";

export class Cursor {
  readonly tokens: Tokens;
  readonly file: string;
  private readonly text: string;
  private readonly kinds: Uint8Array;
  /** The current token. */
  at = 0;
  private depth = 0;

  constructor(tokens: Tokens, file: string) {
    this.tokens = tokens;
    this.file = file;
    this.text = tokens.text;
    this.kinds = tokens.kinds;
  }

  /** The kind of the current token, or of one further on. */
  kind(ahead = 0): number {
    const i = this.at + ahead;
    return i < this.tokens.count ? this.kinds[i]! : Tok.EOF;
  }

  /** The text of the current token, or of one further on. */
  word(ahead = 0): string {
    const i = Math.min(this.at + ahead, this.tokens.count - 1);
    return this.text.slice(this.tokens.starts[i], this.tokens.ends[i]);
  }

  /** The number of the current local or block label. */
  value(): number {
    return this.tokens.values[this.at]!;
  }

  advance(): void {
    if (this.at < this.tokens.count - 1) this.at++;
  }

  /** The current token is this punctuation (or kind): consumes it. */
  eat(kind: number): boolean {
    if (this.kinds[this.at] !== kind) return false;
    this.advance();
    return true;
  }

  /** The current token is this word. */
  isWord(word: string, ahead = 0): boolean {
    const i = this.at + ahead;
    return (
      i < this.tokens.count &&
      this.kinds[i] === Tok.IDENT &&
      this.tokens.ends[i]! - this.tokens.starts[i]! === word.length &&
      this.text.startsWith(word, this.tokens.starts[i])
    );
  }

  eatWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.advance();
    return true;
  }

  expect(kind: number, what: string): void {
    if (!this.eat(kind)) throw this.unexpected(what);
  }

  expectWord(word: string): void {
    if (!this.eatWord(word)) throw this.unexpected(`\`${word}\``);
  }

  /** An identifier; `_1` and `bb1` are identifiers too where only a name can stand. */
  ident(what: string): string {
    const kind = this.kind();
    if (kind !== Tok.IDENT && kind !== Tok.BLOCK && kind !== Tok.LOCAL) throw this.unexpected(what);
    const word = this.word();
    this.advance();
    return word;
  }

  /** A number without sign or suffix, up to `max`. */
  integer(what: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const word = this.kind() === Tok.NUMBER ? this.word() : "";
    const value = /^\d{1,16}$/.test(word) ? Number(word) : -1;
    if (value < 0) throw this.unexpected(what);
    if (value > max) throw this.error(`${what} is at most ${max}`);
    this.advance();
    return value;
  }

  /** The source text from the start of token `from` to the end of token `to`. */
  slice(from: number, to: number): string {
    return this.text.slice(this.tokens.starts[from], this.tokens.ends[to]);
  }

  /** True when token `index` starts its line: where an item can start. */
  startsLine(index: number): boolean {
    return this.tokens.starts[index] === this.tokens.lineStarts[this.tokens.lines[index]! - 1];
  }

  /** Runs `parse` one level deeper, so that no input can exhaust the stack. */
  nested<T>(parse: () => T): T {
    if (this.depth >= MAX_DEPTH) throw this.error("this is nested too deeply", `at most ${MAX_DEPTH} levels are read`);
    this.depth++;
    try {
      return parse();
    } finally {
      this.depth--;
    }
  }

  span(): Span {
    return spanOf(this.tokens, this.at);
  }

  error(message: string, help?: string, at: number = this.at): Diagnostic {
    const span = spanOf(this.tokens, at);
    const line = sourceLine(this.tokens, span.line);
    return new Diagnostic(message, {
      file: this.file,
      span,
      sourceLine: line,
      ...(help === undefined ? {} : { help }),
    });
  }

  unexpected(what: string): Diagnostic {
    const kind = this.kind();
    if (kind === Tok.EOF) return this.error(`expected ${what}, found the end of the file`);
    if (kind === Tok.UNKNOWN) return this.error(`expected ${what}, found ${describeUnknown(this.word())}`);
    const word = this.word();
    return this.error(`expected ${what}, found \`${word.length > 40 ? `${word.slice(0, 40)}…` : word}\``);
  }

  /** A diagnostic about a construct that MIR has and that is not read yet. */
  unsupported(what: string, at: number = this.at): Diagnostic {
    return this.error(UNSUPPORTED + what, undefined, at);
  }
}

function describeUnknown(word: string): string {
  if (word.startsWith('"')) return "a string that its line does not end";
  if (word.startsWith("/*")) return "a comment without end";
  return `\`${word}\``;
}
