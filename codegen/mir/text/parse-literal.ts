/**
 * Literals, and names that are numbers: what constants are made of that holds no type.
 */

import type { AllocPointer, Const, LiteralKind } from "./ast.ts";
import { B, CLASS, DIGIT, IDENT_PART } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { hashBytes } from "./interner.ts";
import { charEnd } from "./scan.ts";

/** A number with its sign and suffix: `-1_i32`, `1.5E-3f64`, `-inf_f32`. */
export function parseNumber(c: Cursor): Const {
  const { bytes } = c;
  const start = c.at;
  let end = start;
  if (bytes[end] === B.MINUS || bytes[end] === B.PLUS) end++;
  const word = end;
  if ((CLASS[bytes[word]!]! & IDENT_PART) === 0) throw c.expected("a number");
  end = c.wordEnd(end);
  // `0x` has no exponent, and `1..2` no fraction.
  let float = (CLASS[bytes[word]!]! & DIGIT) === 0;
  if (float && !isNonFinite(c, word)) throw c.expected("a number");
  if (bytes[end] === B.DOT && (CLASS[bytes[end + 1]!]! & DIGIT) !== 0) {
    float = true;
    end = c.wordEnd(end + 1);
  }
  if (!float && bytes[word + 1] !== 120) float = hasFloatSuffix(bytes, word, end);
  if ((bytes[end - 1]! | 32) === 101 && bytes[word + 1] !== 120 && (bytes[end] === B.MINUS || bytes[end] === B.PLUS)) {
    float = true;
    end = c.wordEnd(end + 1);
  }
  return literal(c, start, end, float ? "float" : "int");
}

/** `NaN_f32`, `inf_f64`, `Inf_f64`. */
export function isNonFinite(c: Cursor, at: number): boolean {
  const ahead = at - c.at;
  return c.startsWith("inf_f", ahead) || c.startsWith("Inf_f", ahead) || c.startsWith("NaN_f", ahead);
}

/** `f32`, `E`: a float without a point. */
function hasFloatSuffix(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] === 102 || bytes[i] === 69) return true;
  return false;
}

/** The literal of bytes `start..end`, interned. */
export function literal(c: Cursor, start: number, end: number, kind: LiteralKind): Const {
  const { literals } = c.tables;
  c.moveTo(end);
  const hash = hashBytes(c.bytes, start, end);
  const entry = literals.find(c.bytes, start, end, hash);
  if (entry >= 0) return literals.value(entry);
  const value: Const = { kind: "literal", literal: kind, text: c.slice(start, end) };
  literals.add(c.bytes, start, end, hash, value, end - start);
  return value;
}

/** `'a'`, `'\u{10ffff}'`, with its quotes. */
export function parseChar(c: Cursor): string {
  const start = c.at;
  const end = charEnd(c.bytes, start);
  if (end === start) throw c.expected("a character");
  c.moveTo(end + 1);
  return c.slice(start, end + 1);
}

/** `b"…"`, `c"…"`. */
export function parsePrefixedString(c: Cursor): Const {
  const start = c.at;
  const kind = c.peek() === 98 ? "byteStr" : "cStr";
  c.rewind(start + 1);
  return { kind: "literal", literal: kind, text: c.string(start) };
}

/** `b'a'`. */
export function parseByte(c: Cursor): Const {
  const start = c.at;
  c.rewind(start + 1);
  parseChar(c);
  return { kind: "literal", literal: "byte", text: c.slice(start, c.prevEnd) };
}

/** A field's name, or its number. */
export function parseFieldName(c: Cursor): string {
  return c.atDigit() ? String(c.integer("a field's number")) : c.ident("a field's name");
}

/** `alloc7` stands here. */
export function atAllocPointer(c: Cursor): boolean {
  return c.startsWith("alloc") && (CLASS[c.peekAt(5)]! & DIGIT) !== 0;
}

/** `alloc7+0x8<imm>`; `word` stands before the number. */
export function parseAllocPointer(c: Cursor, word: "alloc" | "a" = "alloc"): AllocPointer {
  c.rewind(c.at + word.length);
  const alloc = c.integer("an allocation's number");
  let offset = "";
  if (c.eat(B.PLUS)) {
    const end = asciiWordEnd(c);
    if (end === c.at) throw c.expected("an offset");
    offset = c.name(c.at, end);
    c.moveTo(end);
  }
  if (c.peek() !== B.LESS) return { alloc, offset, flags: "" };
  const start = c.at;
  const end = c.bytes.indexOf(B.GREATER, start);
  if (end < 0 || end > start + MAX_FLAGS) throw c.expected("`<imm>`");
  c.moveTo(end + 1);
  return { alloc, offset, flags: c.name(start, end + 1) };
}

/** The longest flags of a pointer. */
const MAX_FLAGS = 32;

/** The end of the current word; what is not ASCII is not part of it. */
function asciiWordEnd(c: Cursor): number {
  const { bytes } = c;
  let end = c.at;
  while (bytes[end]! < 0x80 && (CLASS[bytes[end]!]! & IDENT_PART) !== 0) end++;
  return end;
}
