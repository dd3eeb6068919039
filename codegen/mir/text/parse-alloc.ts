/**
 * Allocations: `alloc7 (size: 16, align: 8) { … }`, which stand behind the body that mentions them.
 *
 * Bytes are printed as hex editors do, sixteen a line, with a column of characters behind them that says nothing new, is not read and may be left out. Three forms stand for
 * bytes: two digits, `__` for one that is not initialised, and `╾──alloc3<imm>──╼` for a pointer, which takes as much width as its bytes would and may go
 * on in the next line; `a3` is short for `alloc3` where the width is too small for the pointer's name. See `write_allocation_bytes` in rustc_middle/src/mir/pretty.rs.
 */

import type { AllocDetail, AllocPointer, Memory, Relocation } from "./ast.ts";
import { B, CLASS, DIGIT, IDENT_PART } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { parseInstance } from "./parse-body.ts";
import { atAllocPointer, parseAllocPointer } from "./parse-literal.ts";
import { parseBounds, parsePath } from "./parse-path.ts";
import { parseType } from "./parse-type.ts";

export const BYTES_PER_LINE = 16;
/** Greater allocations are not written out. */
const MAX_SIZE = 1 << 30;

/** An allocation starts here. */
export function atAlloc(c: Cursor): boolean {
  if (!atAllocPointer(c)) return false;
  const end = c.wordEnd(c.at);
  return c.bytes[end] === B.SPACE && c.bytes[end + 1] === B.LPAREN;
}

/** `alloc7 (…)`. */
export function parseAlloc(c: Cursor): { alloc: number; detail: AllocDetail } {
  const { alloc } = parseAllocPointer(c);
  c.expect(B.LPAREN);
  return { alloc, detail: parseDetail(c) };
}

function parseDetail(c: Cursor): AllocDetail {
  const at = c.at;
  if (c.startsWith("size:")) return { kind: "memory", memory: parseMemory(c) };
  if (c.eatText("static:")) return parseStatic(c);
  if (c.eatText("extern static:")) return closed(c, { kind: "externStatic", path: parsePath(c) });
  if (c.eatText("fn:")) return closed(c, { kind: "fn", instance: parseInstance(c, at) });
  if (c.eatText("vtable:")) return parseVtable(c);
  if (c.eatText("typeid for ")) return closed(c, { kind: "typeId", ty: parseType(c) });
  if (c.eatWord("deallocated")) return closed(c, { kind: "deallocated" });
  throw c.expected("`size:`, `static:`, `extern static:`, `fn:`, `vtable:` or `typeid for`");
}

function closed(c: Cursor, detail: AllocDetail): AllocDetail {
  c.expect(B.RPAREN);
  return detail;
}

function parseStatic(c: Cursor): AllocDetail {
  const path = parsePath(c);
  if (c.eat(B.RPAREN)) return { kind: "static", path, memory: undefined, error: false };
  c.expect(B.COMMA);
  if (c.eatText("error during initializer evaluation)"))
    return { kind: "static", path, memory: undefined, error: true };
  return { kind: "static", path, memory: parseMemory(c), error: false };
}

/** `impl Trait for T`, `impl <trivial> for T`. */
function parseVtable(c: Cursor): AllocDetail {
  c.expectWord("impl");
  const trivial = c.eatText("<trivial>");
  const bounds = trivial ? [] : parseBounds(c);
  c.expectWord("for");
  return closed(c, { kind: "vtable", bounds, trivial, ty: parseType(c) });
}

/** `size: 4, align: 4) { … }`. */
function parseMemory(c: Cursor): Memory {
  const at = c.at;
  c.expectText("size:");
  const size = c.integer("a size");
  c.expect(B.COMMA);
  c.expectText("align:");
  const align = c.integer("an alignment");
  c.expect(B.RPAREN);
  if (size > MAX_SIZE) throw c.error("this allocation is too large", undefined, at);
  if (c.peek() !== B.LBRACE) throw c.expected("`{`");
  // Every byte is written with two digits at least.
  const omitted = omittedBytes(c);
  if (omitted) return { size, align, bytes: undefined, initialised: undefined, relocations: [] };
  if (size > c.end - c.at) throw c.error("this allocation has fewer bytes than its size says", undefined, at);
  const reader = new MemoryReader(c, size);
  reader.read();
  const { bytes, initialised, relocations } = reader;
  return { size, align, bytes, initialised, relocations };
}

/** `{ .. }` instead of bytes. */
function omittedBytes(c: Cursor): boolean {
  if (!c.startsWith("{ .. }")) return false;
  c.expectText("{ .. }");
  return true;
}

/** Reads the lines of one allocation. */
class MemoryReader {
  readonly bytes: Uint8Array;
  initialised: Uint8Array | undefined;
  readonly relocations: Relocation[] = [];
  private readonly c: Cursor;
  private readonly text: Uint8Array;
  private readonly size: number;
  /** The next byte of the allocation, and the first of the current line. */
  private offset = 0;
  private lineStart = 0;
  /** In the text. */
  private at: number;
  /** A pointer that the last line began: where it starts, and its name if that was there. */
  private open: { readonly offset: number; readonly pointer: AllocPointer | undefined } | undefined;

  constructor(c: Cursor, size: number) {
    this.c = c;
    this.text = c.bytes;
    this.size = size;
    this.bytes = new Uint8Array(size);
    this.at = c.at + 1;
  }

  read(): void {
    while (this.offset < this.size) {
      this.skipBlanks();
      this.lineStart = this.offset;
      this.readLine();
    }
    this.c.moveTo(this.at);
    this.c.expect(B.RBRACE);
  }

  /** Blanks and the end of the line. */
  private skipBlanks(): void {
    while (this.text[this.at] === B.SPACE || this.text[this.at] === B.NEWLINE || this.text[this.at] === 13) this.at++;
  }

  private readLine(): void {
    this.skipAddress();
    while (true) {
      while (this.text[this.at] === B.SPACE) this.at++;
      const first = this.text[this.at]!;
      if (first === B.NEWLINE || first === 13 || first === B.RBRACE) break;
      // `│` and characters.
      if (first === 0xe2 && this.box(this.at) === 0x82) {
        const newline = this.text.indexOf(B.NEWLINE, this.at);
        this.at = newline < 0 ? this.c.end : newline;
        break;
      }
      if (this.offset >= this.size) throw this.error("more bytes than the size says");
      if (first === 0xe2) this.readPointer();
      else this.readByte(first);
    }
    if (this.offset === this.lineStart && this.open === undefined) throw this.error("expected a byte");
  }

  /** `0x10 │ `. */
  private skipAddress(): void {
    if (this.text[this.at] !== B.ZERO || this.text[this.at + 1] !== 120) return;
    let end = this.c.wordEnd(this.at);
    while (this.text[end] === B.SPACE) end++;
    if (this.text[end] !== 0xe2 || this.box(end) !== 0x82) throw this.error("expected `│` behind the address");
    this.at = end + 3;
  }

  /** The last byte of a box drawing character at `at`; 0 for others. `╾` and `╼` have 0xbe and 0xbc, `─` 0x80, `│` 0x82. */
  private box(at: number): number {
    const second = this.text[at + 1]!;
    return second === 0x94 || second === 0x95 ? this.text[at + 2]! : 0;
  }

  private readByte(first: number): void {
    const second = this.text[this.at + 1]!;
    if (first === B.UNDERSCORE && second === B.UNDERSCORE) {
      this.initialised ??= new Uint8Array(this.size).fill(1);
      this.initialised[this.offset] = 0;
    } else {
      this.bytes[this.offset] = this.hex(this.at);
    }
    if ((CLASS[this.text[this.at + 2]!]! & IDENT_PART) !== 0 && this.text[this.at + 2] !== 0xe2)
      throw this.error("expected a byte");
    this.offset++;
    this.at += 2;
  }

  private hex(at: number): number {
    const high = hexDigit(this.text[at]!);
    const low = hexDigit(this.text[at + 1]!);
    if (high < 0 || low < 0) throw this.error("expected a byte");
    return high * 16 + low;
  }

  /** `╾──alloc3──╼`, or the part of one that this line has. */
  private readPointer(): void {
    const start = this.at;
    const opens = this.box(start) === 0xbe;
    if (opens) this.at += 3;
    if (!opens && this.open === undefined) throw this.error("a pointer goes on that has not begun");
    if (opens && this.open !== undefined) throw this.error("a pointer begins in another");
    if (opens && this.atFragment()) {
      this.readFragment();
      return;
    }
    let width = opens ? 1 : 0;
    width += this.skipDashes();
    const nameAt = this.at;
    const name = this.readName();
    width += this.at - nameAt + this.skipDashes();
    const closes = this.text[this.at] === 0xe2 && this.box(this.at) === 0xbc;
    if (closes) {
      this.at += 3;
      width++;
    }
    this.finishPart(start, opens, closes, name, width);
  }

  private skipDashes(): number {
    let dashes = 0;
    while (this.text[this.at] === 0xe2 && this.box(this.at) === 0x80) {
      this.at += 3;
      dashes++;
    }
    return dashes;
  }

  /** `alloc3+0x8<imm>`, or `a3+0x8<imm>` where that is too long. */
  private readPointerName(): AllocPointer | undefined {
    const { c } = this;
    if (atAllocPointer(c)) return parseAllocPointer(c);
    return c.peek() === 97 && (CLASS[c.peekAt(1)]! & DIGIT) !== 0 ? parseAllocPointer(c, "a") : undefined;
  }

  /** `alloc3+0x8<imm> (8 ptr bytes)`, or nothing. */
  private readName(): { readonly pointer: AllocPointer; readonly size: number } | undefined {
    const { c } = this;
    c.rewind(this.at);
    const pointer = this.readPointerName();
    if (pointer === undefined) return undefined;
    this.at = c.prevEnd;
    if (!c.startsWith(" (", c.prevEnd - c.at)) return { pointer, size: 0 };
    c.moveTo(this.at);
    c.expect(B.LPAREN);
    const size = c.integer("a pointer's size");
    c.expectWord("ptr");
    c.expectWord("bytes");
    c.expect(B.RPAREN);
    this.at = c.prevEnd;
    return { pointer, size };
  }

  private finishPart(
    start: number,
    opens: boolean,
    closes: boolean,
    name: { readonly pointer: AllocPointer; readonly size: number } | undefined,
    width: number,
  ): void {
    const offset = this.open?.offset ?? this.offset;
    const pointer = this.open?.pointer ?? name?.pointer;
    if (!closes) {
      // The rest of the line is the pointer's.
      this.open = { offset, pointer };
      this.offset = this.lineStart + BYTES_PER_LINE;
      if (this.offset > this.size) throw this.error("a pointer has no end", start);
      return;
    }
    if (pointer === undefined) throw this.error("a pointer has no name", start);
    // A byte has a width of three, the last one of two; a first part in the line before has the line's rest.
    const bytes =
      opens && name !== undefined && name.size > 0 ? name.size : opens ? (width + 1) / 3 : (width - 2) / 3 + 1;
    const end = this.offset + bytes;
    if (!Number.isInteger(bytes) || end > this.size) throw this.error("a pointer's width is no number of bytes", start);
    this.relocations.push({ offset, size: end - offset, pointer, fragment: undefined });
    this.offset = end;
    this.open = undefined;
  }

  /** A byte's two digits and a pointer's name, which may have digits of its own: `a1`. */
  private atFragment(): boolean {
    const { text, at } = this;
    return hexDigit(text[at]!) >= 0 && hexDigit(text[at + 1]!) >= 0 && text[at + 2] === 97;
  }

  /** `╾42a3<imm> (ptr fragment 0)╼`, behind its first character. */
  private readFragment(): void {
    const { c } = this;
    const value = this.hex(this.at);
    c.rewind(this.at + 2);
    const pointer = this.readPointerName();
    if (pointer === undefined) throw this.error("expected an allocation");
    c.expect(B.LPAREN);
    c.expectWord("ptr");
    c.expectWord("fragment");
    const index = c.integer("a fragment's number");
    c.expect(B.RPAREN);
    this.at = c.prevEnd;
    if (this.text[this.at] !== 0xe2 || this.box(this.at) !== 0xbc) throw this.error("expected `╼`");
    this.at += 3;
    this.relocations.push({ offset: this.offset, size: 1, pointer, fragment: { value, index } });
    this.offset++;
  }

  private error(message: string, at: number = this.at): Error {
    return this.c.error(message, undefined, at);
  }
}

function hexDigit(b: number): number {
  if ((CLASS[b]! & DIGIT) !== 0) return b - B.ZERO;
  return b >= 97 && b <= 102 ? b - 87 : -1;
}
