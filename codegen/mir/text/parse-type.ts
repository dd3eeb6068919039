/**
 * Types, paths, generic arguments and constants: the part of the grammar whose rules need each other.
 *
 * Types and paths are looked up by their text first (`scan.ts` finds its end), so that most are never parsed; what is parsed is entered under its exact
 * text. Constants as generic arguments and as array lengths may be any expression.
 */

import type { Bound, Const, FnSig, GenericArg, GenericArgs, Path, PathSegment, Type } from "./ast.ts";
import { B, CLASS, DIGIT } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { hashBytes } from "./interner.ts";
import {
  braceTypeWord,
  hasPathSeparator,
  implLocationEnd,
  isCastImpl,
  isMarker,
  isValue,
  startsArguments,
  startsConst,
  startsImpl,
} from "./lookahead.ts";
import { parseAbi, parseBinder, parseLifetime, parseLifetimes } from "./parse-lifetime.ts";
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
import { charEnd, scanBalanced, scanBraces, scanPath, scanType } from "./scan.ts";

export { parseAbi, parseBinder, parseLifetime } from "./parse-lifetime.ts";

/** Types nested deeper than this are not looked up before they are parsed, so that no text is scanned more often. */
const MAX_LOOKUP_DEPTH = 8;

// ---------------------------------------------------------------------------------------------------------------------------------
// Types

/** A type. Equal text gives the same object. */
export function parseType(c: Cursor): Type {
  const { types } = c.tables;
  const start = c.at;
  const end = c.fnItems && c.depth < MAX_LOOKUP_DEPTH ? scanType(c) : -1;
  if (end <= start) return internType(c, start, parseTypeHere(c));
  const hash = c.hash;
  const entry = types.find(c.bytes, start, end, hash);
  if (entry >= 0) {
    c.moveTo(start + types.usedBytes(entry));
    return types.value(entry);
  }
  const ty = internType(c, start, parseTypeHere(c));
  if (c.prevEnd < end) types.add(c.bytes, start, end, hash, ty, c.prevEnd - start);
  return ty;
}

function internType(c: Cursor, start: number, ty: Type): Type {
  const { types } = c.tables;
  const end = c.prevEnd;
  const hash = hashBytes(c.bytes, start, end);
  const entry = types.find(c.bytes, start, end, hash);
  if (entry >= 0) return types.value(entry);
  types.add(c.bytes, start, end, hash, ty, end - start);
  return ty;
}

function parseTypeHere(c: Cursor): Type {
  c.enter();
  const ty = parseTypeKind(c);
  c.leave();
  return ty;
}

function parseTypeKind(c: Cursor): Type {
  switch (c.peek()) {
    case B.AMPERSAND:
      return parseRefType(c);
    case B.STAR: {
      c.eat(B.STAR);
      const mutable = c.eatWord("mut");
      if (!mutable) c.expectWord("const");
      return { kind: "ptr", mutable, pointee: parseType(c), text: "" };
    }
    case B.LPAREN:
      return parseTupleType(c);
    case B.LBRACKET:
      return parseArrayType(c);
    case B.BANG:
      c.eat(B.BANG);
      return { kind: "never", text: "" };
    case B.LBRACE:
      return parseBraceType(c);
    case B.CARET:
      return parseBoundVariable(c);
    case B.HASH:
      return parseTargetFeatures(c);
    default:
      return parseWordType(c);
  }
}

/** A type in brackets, where a `{path}` belongs to the innermost function type again. */
function parseInnerType(c: Cursor): Type {
  if (c.fnItems) return parseType(c);
  c.fnItems = true;
  const ty = parseType(c);
  c.fnItems = false;
  return ty;
}

/** `&T`, `&'a mut T`; `&&T` is one in another. */
function parseRefType(c: Cursor): Type {
  c.eat(B.AMPERSAND);
  const lifetime = c.peek() === B.QUOTE ? parseLifetime(c) : "";
  const mutable = c.eatWord("mut");
  return { kind: "ref", lifetime, mutable, pointee: parseType(c), text: "" };
}

/** `()`, `(A,)`, `(A, B)`, `(A)`, `(A) is PATTERN`. */
function parseTupleType(c: Cursor): Type {
  c.eat(B.LPAREN);
  const fields: Type[] = [];
  let comma = false;
  while (!c.eat(B.RPAREN)) {
    fields.push(parseInnerType(c));
    comma = c.eat(B.COMMA);
    if (!comma && c.peek() !== B.RPAREN) throw c.expected("`,` or `)`");
  }
  if (fields.length === 1 && !comma) {
    if (c.isWord("is")) return { kind: "pattern", base: fields[0]!, pattern: parsePattern(c), text: "" };
    return { kind: "paren", ty: fields[0]!, text: "" };
  }
  return { kind: "tuple", fields, text: "" };
}

/** `is 1..=9 | 12..`: the text behind `is`. */
function parsePattern(c: Cursor): string {
  c.expectWord("is");
  const start = c.at;
  skipPattern(c);
  if (c.prevEnd <= start) throw c.expected("a pattern");
  return c.slice(start, c.prevEnd);
}

/** `1..=9 | 12..`, `(i8::MIN..=-1 | 1..)`, `!null`. */
function skipPattern(c: Cursor): void {
  do {
    if (c.eat(B.LPAREN)) {
      c.enter();
      skipPattern(c);
      c.leave();
      c.expect(B.RPAREN);
    } else if (c.eat(B.BANG)) {
      c.expectWord("null");
    } else {
      skipPatternBound(c);
      if (c.eat2(B.DOT, B.DOT)) {
        c.eat(B.EQUALS);
        skipPatternBound(c);
      }
    }
  } while (c.eat(B.BAR));
}

/** A number, a character, a constant's path, or nothing. */
function skipPatternBound(c: Cursor): void {
  const b = c.peek();
  if (b === B.QUOTE) {
    parseChar(c);
  } else if (b === B.MINUS || c.atDigit()) {
    c.eat(B.MINUS);
    c.moveTo(c.wordEnd(c.at));
  } else if (c.atIdent() || b === B.LESS) {
    parsePath(c);
  }
}

/** `[T]`, `[T; N]`. */
function parseArrayType(c: Cursor): Type {
  c.eat(B.LBRACKET);
  const element = parseInnerType(c);
  if (c.eat(B.RBRACKET)) return { kind: "slice", element, text: "" };
  if (!c.eat(B.SEMICOLON)) throw c.expected("`;` and a length, or `]`");
  const length = parseArrayLength(c);
  c.expect(B.RBRACKET);
  return { kind: "array", element, length, text: "" };
}

/** `{closure@…}`, `{async fn body of f()}`, `{type error}`. */
function parseBraceType(c: Cursor): Type {
  const start = c.at;
  const end = scanBraces(c, start);
  if (end < 0) throw c.error("this `{` has no `}` on its line");
  const what = braceTypeWord(c, start + 1, end - 1);
  if (what === undefined) {
    c.moveTo(end);
    const spelling = c.name(start, end);
    if (spelling !== "{type error}") throw c.error("expected a type", undefined, start);
    return { kind: "error", spelling, text: "" };
  }
  const { text, after, path } = what;
  if (!path) {
    const location = c.slice(after, end - 1);
    const inner = closurePath(c, after, end - 1);
    c.moveTo(end);
    return { kind: "closure", what: text, location, path: inner, text: "" };
  }
  c.moveTo(after);
  const fn = parsePath(c);
  c.expect(B.LPAREN);
  c.expect(B.RPAREN);
  c.expect(B.RBRACE);
  return { kind: "fnBody", what: text, fn, text: "" };
}

/** The path in `{closure@path::{closure#0}}`; a place in a file has `:1:2: 3:4` instead of `::`. */
function closurePath(c: Cursor, from: number, to: number): Path | undefined {
  if (!hasPathSeparator(c.bytes, from, to)) return undefined;
  c.moveTo(from);
  const path = parsePath(c);
  return c.prevEnd === to ? path : undefined;
}

/** `^0`, `^1_2`: bound variables as debug output spells them. */
function parseBoundVariable(c: Cursor): Type {
  const start = c.at;
  const end = c.wordEnd(start + 1);
  if (end === start + 1) throw c.expected("a type");
  c.moveTo(end);
  return { kind: "error", spelling: c.name(start, end), text: "" };
}

/** `#[target_features] fn() {f}`. */
function parseTargetFeatures(c: Cursor): Type {
  c.expectText("#[target_features]");
  const ty = parseFnType(c);
  if (ty.kind !== "fnDef") throw c.expected("the item of a function type, such as `{f}`");
  return { ...ty, targetFeatures: true };
}

function parseWordType(c: Cursor): Type {
  switch (c.peek()) {
    case 100: // d
      if (c.isWord("dyn")) return parseDynType(c);
      break;
    case 105: // i
      if (c.isWord("impl")) {
        c.eatWord("impl");
        return { kind: "impl", bounds: parseBounds(c), text: "" };
      }
      break;
    case 102: // f
      if (c.isWord("fn") || c.isWord("for")) return parseFnType(c);
      if (c.startsWith("field_of!(")) return parseFieldOf(c);
      break;
    case 117: // u
      if (c.startsWith("unsafe<")) return parseUnsafeBinder(c);
      if (c.isWord("unsafe")) return parseFnType(c);
      break;
    case 115: // s
      if (c.startsWith("safe ")) return parseFnType(c);
      break;
    case 101: // e
      if (c.isWord("extern")) return parseFnType(c);
      break;
    case B.UNDERSCORE:
      if (c.isWord("_")) {
        c.eatWord("_");
        return { kind: "infer", text: "" };
      }
      break;
    default:
  }
  if (!c.atIdent() && c.peek() !== B.LESS) throw c.expected("a type");
  return { kind: "path", path: parsePath(c), text: "" };
}

function parseDynType(c: Cursor): Type {
  c.eatWord("dyn");
  return { kind: "dyn", bounds: parseBounds(c), text: "" };
}

function parseFieldOf(c: Cursor): Type {
  c.expectText("field_of!(");
  const base = parseInnerType(c);
  c.expect(B.COMMA);
  const start = c.at;
  const end = scanBalanced(c, start, ")");
  if (end < 0) throw c.error("this `(` has no `)`");
  c.moveTo(end);
  const field = c.slice(start, c.prevEnd);
  c.expect(B.RPAREN);
  return { kind: "fieldOf", base, field, text: "" };
}

function parseUnsafeBinder(c: Cursor): Type {
  c.eatWord("unsafe");
  const binder = parseLifetimes(c);
  return { kind: "unsafeBinder", binder, ty: parseType(c), text: "" };
}

/** `for<'a> unsafe extern "C" fn(A, ...) -> R`, and `{path}` behind it for the type of one function. */
function parseFnType(c: Cursor): Type {
  const binder = parseBinder(c);
  const safety = c.eatWord("unsafe") ? "unsafe" : c.eatWord("safe") ? "safe" : "";
  const abi = parseAbi(c);
  c.expectWord("fn");
  const { inputs, variadic } = parseFnInputs(c);
  const ret = parseFnOutput(c);
  const sig: FnSig = { binder, safety, abi, params: inputs, variadic, ret };
  // The body of a function starts with a blank.
  if (c.fnItems && c.peek() === B.LBRACE && c.bytes[c.at + 1]! > B.SPACE) {
    c.eat(B.LBRACE);
    const path = parsePath(c);
    c.expect(B.RBRACE);
    return { kind: "fnDef", sig, path, targetFeatures: false, text: "" };
  }
  return { kind: "fnPtr", sig, text: "" };
}

function parseFnInputs(c: Cursor): { inputs: readonly Type[]; variadic: boolean } {
  const inputs: Type[] = [];
  let variadic = false;
  c.expect(B.LPAREN);
  while (!c.eat(B.RPAREN)) {
    if (c.eatText("...")) {
      variadic = true;
      c.expect(B.RPAREN);
      break;
    }
    inputs.push(parseInnerType(c));
    if (c.peek() !== B.RPAREN && !c.eat(B.COMMA)) throw c.expected("`,` or `)`");
  }
  return { inputs, variadic };
}

/** `-> R`, whose `{path}` would be that of the function type it stands in. */
function parseFnOutput(c: Cursor): Type | undefined {
  if (!c.eat2(B.MINUS, B.GREATER)) return undefined;
  const before = c.fnItems;
  c.fnItems = false;
  const ret = parseType(c);
  c.fnItems = before;
  return ret;
}

/** `A + ?B + 'a`. */
export function parseBounds(c: Cursor): readonly Bound[] {
  const bounds = [parseBound(c)];
  while (c.eat(B.PLUS)) bounds.push(parseBound(c));
  return bounds;
}

function parseBound(c: Cursor): Bound {
  if (c.peek() === B.QUOTE) return { kind: "lifetime", name: parseLifetime(c) };
  const paren = c.eat(B.LPAREN);
  const binder = parseBinder(c);
  const modifier = parseModifier(c);
  const path = parsePathWith(c, true);
  if (paren) c.expect(B.RPAREN);
  return { kind: "trait", binder, modifier, path, paren };
}

function parseModifier(c: Cursor): string {
  if (c.eat(B.QUESTION)) return "?";
  if (c.eat(B.BANG)) return "!";
  if (c.eatText("[const]")) return "[const] ";
  return c.eatWord("const") ? "const " : "";
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Paths

/** A path. Equal text gives the same object. */
export function parsePath(c: Cursor): Path {
  return parsePathWith(c, false);
}

/** A path where a value stands, of which most were read before. */
export function parseValuePath(c: Cursor): Path {
  const { paths } = c.tables;
  const start = c.at;
  const end = c.depth < MAX_LOOKUP_DEPTH ? scanPath(c) : -1;
  if (end <= start) return parsePathWith(c, false);
  const entry = paths.find(c.bytes, start, end, c.hash);
  if (entry < 0) return parsePathWith(c, false);
  c.moveTo(start + paths.usedBytes(entry));
  if (!c.is2(B.COLON, B.COLON) && c.peek() !== B.LESS) return paths.value(entry);
  // Written with blanks in it.
  c.rewind(start);
  return parsePathWith(c, false);
}

/** The name of an item: a `<` behind a segment starts its parameters, which are not part of it, but for an `<impl …>`. */
export function parseItemName(c: Cursor): Path {
  return parseSegments(c, "item");
}

function parsePathWith(c: Cursor, fnSugar: boolean): Path {
  return parseSegments(c, fnSugar ? "bound" : "path");
}

function parseSegments(c: Cursor, mode: "path" | "bound" | "item"): Path {
  const start = c.at;
  c.enter();
  const segments: PathSegment[] = [];
  let promoted = -1;
  if (c.peek() === B.LESS) segments.push(parseQualified(c, mode));
  else segments.push(parseNameSegment(c, mode, true));
  while (c.is2(B.COLON, B.COLON)) {
    c.eat2(B.COLON, B.COLON);
    if (c.peek() === B.LESS) segments.push(parseQualified(c, mode));
    else if (c.startsWith("promoted[")) {
      c.expectText("promoted[");
      promoted = c.integer("the number of a promoted");
      c.expect(B.RBRACKET);
      break;
    } else segments.push(parseNameSegment(c, mode, false));
  }
  c.leave();
  return internPath(c, start, segments, promoted);
}

function internPath(c: Cursor, start: number, segments: readonly PathSegment[], promoted: number): Path {
  const { paths } = c.tables;
  const end = c.prevEnd;
  const hash = hashBytes(c.bytes, start, end);
  const entry = paths.find(c.bytes, start, end, hash);
  if (entry >= 0) return paths.value(entry);
  const path: Path = { segments, promoted, text: "" };
  paths.add(c.bytes, start, end, hash, path, end - start);
  return path;
}

/** `name`, `name<A>`, `name::<A>`, `{closure#0}`; behind another segment also `0`, a field whose type has a constant. */
function parseNameSegment(c: Cursor, mode: "path" | "bound" | "item", first: boolean): PathSegment {
  let name: string;
  if (c.peek() === B.LBRACE) {
    const start = c.at;
    const end = scanBraces(c, start);
    if (end < 0) throw c.error("this `{` has no `}` on its line");
    c.moveTo(end);
    name = c.name(start, end);
  } else {
    name = c.atDigit() && !first ? String(c.integer("a field's number")) : c.ident("a path");
  }
  return { kind: "name", name, args: parseSegmentArgs(c, mode, name) };
}

/** `<T as Trait>`, `<T>`, `<impl Trait for T>`, `<impl at …>`. */
function parseQualified(c: Cursor, mode: "path" | "bound" | "item"): PathSegment {
  c.eat(B.LESS);
  if (c.isWord("impl") && !isCastImpl(c)) return parseImplSegment(c, mode);
  const ty = parseInnerType(c);
  const trait = c.eatWord("as") ? parsePathWith(c, true) : undefined;
  c.expect(B.GREATER);
  return { kind: "qself", ty, trait, args: parseSegmentArgs(c, mode, "") };
}

function parseImplSegment(c: Cursor, mode: "path" | "bound" | "item"): PathSegment {
  const start = c.at;
  c.eatWord("impl");
  if (c.startsWith("at ")) {
    const from = c.at + 3;
    const to = implLocationEnd(c, from);
    c.moveTo(to);
    const location = c.name(from, to);
    c.expect(B.GREATER);
    return { kind: "implAt", location, args: parseSegmentArgs(c, mode, "") };
  }
  // What follows is a trait and `for`, or a type; only what follows it tells which.
  let ty = parseImplHead(c);
  let trait: Path | undefined;
  if (c.eatWord("for")) {
    if (ty.kind !== "path") throw c.error("expected a trait", undefined, start);
    trait = ty.path;
    ty = parseInnerType(c);
  }
  c.expect(B.GREATER);
  return { kind: "impl", trait, ty, args: parseSegmentArgs(c, mode, "") };
}

/** A type, or a trait's path, which may have the arguments of a function: `Fn(A) -> B`. Read once, whichever it is. */
function parseImplHead(c: Cursor): Type {
  if ((!c.atIdent() && c.peek() !== B.LESS) || TYPE_WORDS.some((word) => c.isWord(word))) return parseInnerType(c);
  const start = c.at;
  return internType(c, start, { kind: "path", path: parsePathWith(c, true), text: "" });
}

/** The words that start types which are no paths. */
const TYPE_WORDS: readonly string[] = ["dyn", "impl", "fn", "for", "unsafe", "safe", "extern", "field_of", "_"];

function parseSegmentArgs(c: Cursor, mode: "path" | "bound" | "item", name: string): GenericArgs | undefined {
  const b = c.peek();
  if (b === B.LESS) return mode === "item" ? undefined : { kind: "angle", turbofish: false, args: parseGenericArgs(c) };
  if (b === B.COLON && c.peekAt(1) === B.COLON && c.peekAt(2) === B.LESS && !startsImpl(c, name)) {
    c.eat2(B.COLON, B.COLON);
    return { kind: "angle", turbofish: true, args: parseGenericArgs(c) };
  }
  // A blank sets apart what is not of the path: the kind of a cast.
  if (b !== B.LPAREN || mode !== "bound" || c.at !== c.prevEnd) return undefined;
  const { inputs, variadic } = parseFnInputs(c);
  return { kind: "paren", inputs, variadic, output: parseFnOutput(c) };
}

/** `<A, 'a, 3, Item = B>`, with its brackets. */
export function parseGenericArgs(c: Cursor): readonly GenericArg[] {
  const args: GenericArg[] = [];
  c.expect(B.LESS);
  while (!c.eat(B.GREATER)) {
    args.push(parseGenericArg(c));
    if (c.peek() !== B.GREATER && !c.eat(B.COMMA)) throw c.expected("`,` or `>`");
  }
  return args;
}

function parseGenericArg(c: Cursor): GenericArg {
  if (c.peek() === B.QUOTE && charEnd(c.bytes, c.at) === c.at) return { kind: "lifetime", name: parseLifetime(c) };
  if (startsConst(c)) return { kind: "const", value: parseConstArg(c, ",>") };
  const start = c.at;
  const ty = parseInnerType(c);
  const next = c.peek();
  if (next === B.COMMA || next === B.GREATER) return { kind: "type", ty };
  if (next === B.EQUALS || (next === B.COLON && c.peekAt(1) !== B.COLON)) return parseBinding(c, ty, start);
  // `V { f: 1 }`, `V(1)`: a value after all. What was read is not read again, or nesting would double the work at each level.
  c.rewind(start);
  return { kind: "const", value: { kind: "expr", text: c.slice(start, constArgEnd(c, ",>")) } };
}

/** `Item = T`, `Item: Trait`, of which `name` has been read. */
function parseBinding(c: Cursor, name: Type, start: number): GenericArg {
  const segment = name.kind === "path" ? name.path.segments[0] : undefined;
  if (name.kind !== "path" || segment?.kind !== "name" || name.path.segments.length !== 1) {
    throw c.error("expected the name of an associated item", undefined, start);
  }
  if (c.eat(B.COLON)) return { kind: "bound", name: segment.name, args: segment.args, bounds: parseBounds(c) };
  c.expect(B.EQUALS);
  c.enter();
  const value = parseGenericArg(c);
  c.leave();
  return { kind: "binding", name: segment.name, args: segment.args, value };
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Constants

/** An array's length, or how often an operand is repeated; the `]` behind it is not consumed. */
export function parseArrayLength(c: Cursor): Const {
  return parseConstArg(c, "]");
}

/**
 * A constant as a generic argument or an array's length: up to one of `stops`. rustc prints values without type, and what is no value yet as it stands in the source: an
 * expression, kept as text.
 */
function parseConstArg(c: Cursor, stops: string): Const {
  const start = c.at;
  const end = constArgEnd(c, stops);
  c.rewind(start);
  if (isValue(c, start, end)) {
    const value = parseConst(c);
    if (c.prevEnd === end) return value;
  }
  c.moveTo(end);
  return { kind: "expr", text: c.slice(start, end) };
}

/** Moves behind the text of a constant, which one of `stops` follows; where it ends. */
function constArgEnd(c: Cursor, stops: string): number {
  const start = c.at;
  let end = scanBalanced(c, start, stops, stops === "]" ? "plain" : "angle");
  if (end < 0) throw c.error("this constant has no end", undefined, start);
  while (end > start && c.bytes[end - 1]! <= B.SPACE) end--;
  if (end === start) throw c.expected("a constant");
  c.moveTo(end);
  return end;
}

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
      if (c.startsWith("Indirect { ")) return parseIndirect(c);
      break;
    case 90: // Z
      if (c.eatText("ZeroSized:")) return { kind: "zeroSized", ty: parseType(c) };
      break;
    case 83: // S
      if (c.startsWith("Scalar(")) return parseScalar(c);
      if (c.startsWith("Slice {")) return parseDebug(c);
      break;
    case 86: // V
      if (c.startsWith("ValTree(") || c.startsWith("Value(")) return parseDebug(c);
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
  return { kind: "path", path };
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
