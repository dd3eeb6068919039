/**
 * Constants.
 */

import type { Const, Path } from "./ast.ts";
import { B, CLASS, DIGIT } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { atValTree, isMarker, startsArguments } from "./lookahead.ts";
import {
  atAllocPointer,
  isNonFinite,
  literal,
  parseAllocPointer,
  parseByte,
  parseChar,
  parseFieldName,
  parseNumber,
  parsePrefixedString,
} from "./parse-literal.ts";
import { parseInnerType, parseValuePath, setConstParser } from "./parse-path.ts";
import { parsePattern } from "./parse-pattern.ts";
import { parseType } from "./parse-type.ts";
import { scanBalanced } from "./scan.ts";

/** A constant as it stands behind `const` in a body. */
export function parseConst(c: Cursor): Const {
  c.enter();
  const value = parseConstValue(c);
  c.leave();
  if (!c.isWord("is")) return value;
  return { kind: "pattern", value, pattern: parsePattern(c) };
}

function parseConstValue(c: Cursor): Const {
  const b = c.peek();
  if ((CLASS[b]! & DIGIT) !== 0 || b === B.MINUS || b === B.PLUS) return parseNumber(c);
  switch (b) {
    case B.QUOTE2:
      return { kind: "literal", literal: "str", text: c.string(c.at) };
    case B.QUOTE:
      return { kind: "literal", literal: "char", text: parseChar(c) };
    case B.LPAREN:
      return { kind: "tuple", elements: parseConstList(c, B.LPAREN, B.RPAREN) };
    case B.LBRACKET:
      return { kind: "array", elements: parseConstList(c, B.LBRACKET, B.RBRACKET) };
    case B.LBRACE:
      return parseBraceConst(c);
    case B.AMPERSAND:
      c.eat(B.AMPERSAND);
      return { kind: "ref", value: parseConst(c) };
    case B.STAR:
      c.eat(B.STAR);
      return { kind: "deref", value: parseConst(c) };
    case B.LESS:
      return isMarker(c) ? parseMarker(c) : parsePathConst(c);
    default:
      return parseWordConst(c);
  }
}

function parseConstList(c: Cursor, open: number, close: number): readonly Const[] {
  const elements: Const[] = [];
  c.expect(open);
  while (!c.eat(close)) {
    elements.push(parseConst(c));
    if (c.peek() !== close && !c.eat(B.COMMA)) throw c.expected(`\`,\` or \`${String.fromCharCode(close)}\``);
  }
  return elements;
}

function parseWordConst(c: Cursor): Const {
  if (!c.atIdent()) throw c.expected("a constant");
  switch (c.peek()) {
    case 116: // t
      if (c.isWord("true")) return literal(c, c.at, c.at + 4, "bool");
      break;
    case 102: // f
      if (c.isWord("false")) return literal(c, c.at, c.at + 5, "bool");
      break;
    case 98: // b
    case 99: // c
      if (c.peekAt(1) === B.QUOTE2) return parsePrefixedString(c);
      if (c.peek() === 98 && c.peekAt(1) === B.QUOTE) return parseByte(c);
      break;
    case 73: // I
    case 105: // i
    case 78: // N
      if (isNonFinite(c, c.at)) return parseNumber(c);
      if (c.startsWith("Indirect { alloc_id: ")) return parseIndirect(c);
      break;
    case 90: // Z
      if (c.eatText("ZeroSized: ")) return { kind: "zeroSized", ty: parseType(c) };
      break;
    case 83: // S
      if (c.startsWith("Scalar(0x") || c.startsWith("Scalar(alloc") || c.startsWith("Scalar(<")) return parseScalar(c);
      if (c.startsWith("Slice { alloc_id: ") || c.startsWith("Slice { data: ")) return parseDebug(c);
      break;
    case 67: // C
      if (atConstValue(c)) return parseConstValueForm(c);
      break;
    case 86: // V
      if (atValTree(c)) return parseValTree(c);
      break;
    case B.UNDERSCORE:
      if (c.eatWord("_")) return { kind: "infer" };
      break;
    default:
  }
  return parsePathConst(c);
}

/** A path, and behind it `(…)` or `{{ … }}`. */
function parsePathConst(c: Cursor): Const {
  const path = parseValuePath(c);
  const b = c.peek();
  if (b === B.LPAREN && !startsArguments(c))
    return { kind: "tupleStruct", path, elements: parseConstList(c, B.LPAREN, B.RPAREN) };
  if (b === B.LBRACE) return parseStructConst(c, path);
  return b === B.SLASH && c.peekAt(1) === B.HASH ? parseParam(c, path) : { kind: "path", path };
}

/** `/#0` behind the name of a parameter. */
function parseParam(c: Cursor, path: Path): Const {
  const name = path.segments.length === 1 ? path.segments[0] : undefined;
  if (name?.kind !== "name" || name.args !== undefined) throw c.error("only a parameter has an index");
  c.expectText("/#");
  return { kind: "param", name: name.name, index: c.integer("a parameter's index") };
}

function parseStructConst(c: Cursor, path: Path): Const {
  const fields: { name: string; value: Const }[] = [];
  c.eat(B.LBRACE);
  const double = c.eat(B.LBRACE);
  while (c.peek() !== B.RBRACE) {
    const name = parseFieldName(c);
    c.expect(B.COLON);
    fields.push({ name, value: parseConst(c) });
    if (c.peek() !== B.RBRACE) c.expect(B.COMMA);
  }
  c.expect(B.RBRACE);
  if (double) c.expect(B.RBRACE);
  return { kind: "struct", path, fields, double };
}

/** `{alloc1: &T}`, `{0x1 as *const T}`, `{transmute(0x01): T}`, `{f as fn()}`, `{&_: T}`, `{unreachable(): T}`, `{const error}`. */
function parseBraceConst(c: Cursor): Const {
  const start = c.at;
  c.eat(B.LBRACE);
  if (atAllocPointer(c)) {
    const pointer = parseAllocPointer(c);
    c.expect(B.COLON);
    return closeBrace(c, { kind: "alloc", pointer, ty: parseInnerType(c) });
  }
  if (c.atDigit()) {
    const end = c.wordEnd(c.at);
    const text = c.slice(c.at, end);
    c.moveTo(end);
    c.expectWord("as");
    return closeBrace(c, { kind: "address", text, ty: parseInnerType(c) });
  }
  if (c.startsWith("transmute(")) {
    const text = parseTransmuted(c);
    c.expect(B.COLON);
    return closeBrace(c, { kind: "transmute", text, ty: parseInnerType(c) });
  }
  for (const marker of ["&_", "unreachable()"]) {
    if (!c.startsWith(`${marker}:`)) continue;
    c.expectText(`${marker}:`);
    return closeBrace(c, { kind: "marker", text: marker, ty: parseInnerType(c) });
  }
  if (c.startsWith("const error}")) {
    c.expectText("const error}");
    return { kind: "marker", text: "{const error}", ty: undefined };
  }
  if (!c.atIdent() && c.peek() !== B.LESS) throw c.error("expected a constant", undefined, start);
  // `{global_asm#0}::{constant#0}`.
  if (c.bytes[c.wordEnd(c.at)] === B.HASH && !c.startsWith("r#")) {
    c.rewind(start);
    return parsePathConst(c);
  }
  const path = parseValuePath(c);
  c.expectWord("as");
  return closeBrace(c, { kind: "fnPtr", path, ty: parseInnerType(c) });
}

function closeBrace(c: Cursor, value: Const): Const {
  c.expect(B.RBRACE);
  return value;
}

/** `transmute(0x01)`: what its parentheses hold. */
function parseTransmuted(c: Cursor): string {
  c.expectText("transmute(");
  const start = c.at;
  const end = scanBalanced(c, start, ")");
  if (end < 0) throw c.error("this `(` has no `)`");
  c.moveTo(end);
  const text = c.slice(start, end);
  c.expect(B.RPAREN);
  return text;
}

/** `Indirect { alloc_id: alloc5, offset: Size(8 bytes) }: T`. */
function parseIndirect(c: Cursor): Const {
  c.expectText("Indirect {");
  c.expectText("alloc_id:");
  if (!atAllocPointer(c)) throw c.expected("an allocation");
  c.rewind(c.at + 5);
  const alloc = c.integer("an allocation's number");
  c.expect(B.COMMA);
  c.expectText("offset:");
  const start = c.at;
  const end = scanBalanced(c, start, "}");
  if (end < 0) throw c.error("this `{` has no `}`");
  c.moveTo(end);
  let last = end;
  while (last > start && c.bytes[last - 1] === B.SPACE) last--;
  const offset = c.name(start, last);
  c.expect(B.RBRACE);
  c.expect(B.COLON);
  return { kind: "indirect", alloc, offset, ty: parseType(c) };
}

/** `Scalar(0x01): T`. */
function parseScalar(c: Cursor): Const {
  c.expectText("Scalar(");
  const start = c.at;
  const end = scanBalanced(c, start, ")");
  if (end < 0) throw c.error("this `(` has no `)`");
  c.moveTo(end);
  const text = c.slice(start, end);
  c.expect(B.RPAREN);
  c.expect(B.COLON);
  return { kind: "scalar", text, ty: parseType(c) };
}

/** `Slice { … }: T` and the like. */
function parseDebug(c: Cursor): Const {
  const start = c.at;
  const open = c.wordEnd(start) + (c.bytes[c.wordEnd(start)] === B.SPACE ? 1 : 0);
  const end = scanBalanced(c, open + 1, "");
  if (end < 0) throw c.error("this bracket is not closed");
  c.moveTo(end + 1);
  const text = c.slice(start, end + 1);
  c.expect(B.COLON);
  return { kind: "debug", text, ty: parseType(c) };
}

const CONST_VALUES: readonly string[] = ["ZeroSized: ", "Scalar(", "Slice { ", "Indirect { "];

/** `ConstValue(…)` stands here, and no tuple struct of this name. */
export function atConstValue(c: Cursor): boolean {
  return c.startsWith("ConstValue(") && CONST_VALUES.some((form) => c.startsWith(form, "ConstValue(".length));
}

/** `ConstValue(Scalar(0x01): T)`. */
export function parseConstValueForm(c: Cursor): Const {
  c.expectText("ConstValue(");
  const value = parseConst(c);
  c.expect(B.RPAREN);
  return { kind: "constValue", value };
}

/** `ValTree(Branch([Leaf(0x01): u8]): T)`. */
function parseValTree(c: Cursor): Const {
  c.expectText("ValTree(");
  const start = c.at;
  const end = scanBalanced(c, start, ":)");
  if (end < 0) throw c.error("this `(` has no `)`");
  c.moveTo(end);
  const tree = c.slice(start, end);
  c.expect(B.COLON);
  const ty = parseInnerType(c);
  c.expect(B.RPAREN);
  return { kind: "valTree", tree, ty };
}

function parseMarker(c: Cursor): Const {
  const start = c.at;
  let end = c.bytes.indexOf(B.GREATER, start) + 1;
  if (c.startsWith("<static(")) {
    const close = scanBalanced(c, start + 8, ")");
    if (close < 0 || c.bytes[close + 1] !== B.GREATER) throw c.error("this marker has no end");
    end = close + 2;
  }
  c.moveTo(end);
  const text = c.name(start, end);
  const ty = text === "<ZST>" && c.eat(B.COLON) ? parseType(c) : undefined;
  return { kind: "marker", text, ty };
}

setConstParser(parseConst);
