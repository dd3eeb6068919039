/**
 * Types, paths, generic arguments and constants: the part of the grammar whose rules need each other.
 *
 * Types and paths are looked up by their text first (`scan.ts` finds its end), so that most are never parsed; what is parsed is entered under its exact
 * text. Constants as generic arguments and as array lengths may be any expression.
 */

import type { AllocPointer, Bound, Const, FnSig, GenericArg, GenericArgs, LiteralKind, Path, PathSegment, Type } from "./ast.ts";
import { B, CLASS, DIGIT, IDENT_PART, IDENT_START } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { hashBytes } from "./interner.ts";
import { charEnd, scanBalanced, scanBraces, scanPath, scanType } from "./scan.ts";

/** Types nested deeper than this are not looked up before they are parsed, so that no text is scanned more often. */
const MAX_LOOKUP_DEPTH = 8;
/** The words behind `{` that make it a type. */
const BRACE_TYPES: readonly string[] = ["closure", "coroutine", "async", "static", "gen", "type"];

const NO_BINDER: readonly string[] = [];

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

/** `'a`, `'_`, `'{erased}`, `'?7`, `'r#a`. */
export function parseLifetime(c: Cursor): string {
  const { bytes } = c;
  const start = c.at;
  if (bytes[start] !== B.QUOTE) throw c.expected("a lifetime");
  let end = start + 1;
  if (bytes[end] === B.LBRACE) {
    end = scanBraces(c, end);
    if (end < 0) throw c.error("this lifetime has no end");
  } else {
    if (bytes[end] === B.QUESTION || bytes[end] === B.CARET || (bytes[end] === 114 && bytes[end + 1] === B.HASH)) end += bytes[end] === 114 ? 2 : 1;
    const wordEnd = c.wordEnd(end);
    if (wordEnd === end) throw c.expected("a lifetime");
    end = wordEnd;
    // `'^0.Named(DefId(…))`: a bound region as debug output spells it.
    while (bytes[end] === B.DOT && (CLASS[bytes[end + 1]!]! & IDENT_PART) !== 0) end = c.wordEnd(end + 1);
    if (bytes[start + 1] === B.CARET && bytes[end] === B.LPAREN) {
      const close = scanBalanced(c, end + 1, ")");
      if (close >= 0) end = close + 1;
    }
  }
  c.moveTo(end);
  return c.name(start, end);
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

/** The words of a brace type up to `@` or ` of `; undefined when there is neither. */
function braceTypeWord(c: Cursor, from: number, to: number): { text: string; after: number; path: boolean } | undefined {
  const { bytes } = c;
  for (let i = from; i < to; i++) {
    const b = bytes[i]!;
    if (b === B.AT) return { text: c.name(from, i), after: i + 1, path: false };
    if (b === B.SPACE && bytes[i + 1] === 111 && bytes[i + 2] === 102 && bytes[i + 3] === B.SPACE) {
      return { text: c.name(from, i), after: i + 4, path: true };
    }
    if (b !== B.SPACE && (CLASS[b]! & IDENT_PART) === 0) return undefined;
  }
  return undefined;
}

/** The path in `{closure@path::{closure#0}}`; a place in a file has `:1:2: 3:4` instead of `::`. */
function closurePath(c: Cursor, from: number, to: number): Path | undefined {
  if (!hasPathSeparator(c.bytes, from, to)) return undefined;
  c.moveTo(from);
  const path = parsePath(c);
  return c.prevEnd === to ? path : undefined;
}

/** Whether a path stands there rather than a place in a file, whose columns a `: ` sets apart. */
function hasPathSeparator(bytes: Uint8Array, from: number, to: number): boolean {
  if ((CLASS[bytes[from]!]! & IDENT_START) === 0 && bytes[from] !== B.LESS) return false;
  let at = from;
  while (at < to && (CLASS[bytes[at]!]! & IDENT_PART) !== 0) at++;
  return bytes[from] === B.LESS || (bytes[at] === B.COLON && bytes[at + 1] === B.COLON) || (bytes[at] === B.LESS && at < to);
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

/** `<'a, 'b>`. */
function parseLifetimes(c: Cursor): readonly string[] {
  const lifetimes: string[] = [];
  c.expect(B.LESS);
  while (!c.eat(B.GREATER)) {
    lifetimes.push(parseLifetime(c));
    if (c.peek() !== B.GREATER) c.expect(B.COMMA);
  }
  return lifetimes;
}

/** `for<'a>`, or nothing. */
export function parseBinder(c: Cursor): readonly string[] {
  return c.eatWord("for") ? parseLifetimes(c) : NO_BINDER;
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

/** `extern "C"`: the ABI with its quotes, empty when there are none; undefined without `extern`. */
export function parseAbi(c: Cursor): string | undefined {
  if (!c.eatWord("extern")) return undefined;
  return c.peek() === B.QUOTE2 ? c.string(c.at) : "";
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
  return paths.value(entry);
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
  else segments.push(parseNameSegment(c, mode));
  while (c.is2(B.COLON, B.COLON)) {
    c.eat2(B.COLON, B.COLON);
    if (c.peek() === B.LESS) segments.push(parseQualified(c, mode));
    else if (c.startsWith("promoted[")) {
      c.expectText("promoted[");
      promoted = c.integer("the number of a promoted");
      c.expect(B.RBRACKET);
      break;
    } else segments.push(parseNameSegment(c, mode));
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

/** `name`, `name<A>`, `name::<A>`, `{closure#0}`. */
function parseNameSegment(c: Cursor, mode: "path" | "bound" | "item"): PathSegment {
  let name: string;
  if (c.peek() === B.LBRACE) {
    const start = c.at;
    const end = scanBraces(c, start);
    if (end < 0) throw c.error("this `{` has no `}` on its line");
    c.moveTo(end);
    name = c.name(start, end);
  } else {
    name = c.atDigit() && mode === "item" ? String(c.integer("a field's number")) : c.ident("a path");
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

/** `<impl Trait as Trait>`: the type that an `impl` stands for, not an implementation. */
function isCastImpl(c: Cursor): boolean {
  const { bytes, at } = c;
  let depth = 0;
  for (let i = at; i < at + MAX_IMPL; i++) {
    const b = bytes[i]!;
    if (b === B.LESS || b === B.LPAREN || b === B.LBRACKET || b === B.LBRACE) depth++;
    else if (b === B.GREATER && bytes[i - 1] === B.MINUS) continue;
    else if (b === B.GREATER || b === B.RPAREN || b === B.RBRACKET || b === B.RBRACE) {
      if (--depth < 0) return false;
    } else if (b === B.NEWLINE || b === 0) return false;
    else if (depth === 0 && b === 97 && bytes[i + 1] === 115 && bytes[i - 1] === B.SPACE && bytes[i + 2] === B.SPACE) return true;
  }
  return false;
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

/** A type, or a trait's path, which may have the arguments of a function: `Fn(A) -> B`. */
function parseImplHead(c: Cursor): Type {
  const start = c.at;
  const ty = parseInnerType(c);
  if (ty.kind !== "path" || c.peek() !== B.LPAREN) return ty;
  c.rewind(start);
  return { kind: "path", path: parsePathWith(c, true), text: "" };
}

/** The `>` behind `src/a.rs:1:2: 3:4`. */
function implLocationEnd(c: Cursor, from: number): number {
  const { bytes } = c;
  for (let i = from; ; i++) {
    const b = bytes[i]!;
    if (b === B.GREATER && (CLASS[bytes[i - 1]!]! & DIGIT) !== 0) return i;
    if (b === B.GREATER && bytes[i - 1] === B.RPAREN) return i;
    if (b === B.NEWLINE || b === 0) throw c.error("this `<impl at` has no `>` on its line");
  }
}

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

/**
 * `num::<impl u8>::f` is a segment; `f::<impl Trait>` and `Vec::<impl Trait>::f` have an argument. Where both can be read, an implementation stands behind a module, whose
 * name is not capitalised, and what follows it is the name of its item.
 */
function startsImpl(c: Cursor, name: string): boolean {
  if (!c.startsWith("impl ", 3)) return false;
  if (c.startsWith("at ", 8)) return true;
  const { bytes } = c;
  let depth = 0;
  for (let i = c.at + 2; i < c.at + MAX_IMPL; i++) {
    const b = bytes[i]!;
    if (b === B.LESS || b === B.LPAREN || b === B.LBRACKET) depth++;
    else if (b === B.RPAREN || b === B.RBRACKET) depth--;
    else if (b === B.GREATER && bytes[i - 1] !== B.MINUS && --depth === 0) return endsImpl(bytes, i + 1) && !isCapitalised(name);
    else if (depth === 1 && (b === B.COMMA || b === B.PLUS)) return false;
    else if (depth === 1 && b === 102 && isFor(bytes, i)) return true;
    else if (b === B.NEWLINE || b === 0) return false;
  }
  return false;
}

/** A `::` and a name follow, no closure or promoted. */
function endsImpl(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== B.COLON || bytes[at + 1] !== B.COLON || bytes[at + 2] === B.LBRACE) return false;
  return !(bytes[at + 2] === 112 && bytes[at + 7] === 101 && bytes[at + 10] === B.LBRACKET);
}

/** ` for ` at `i`, of the `f`. */
function isFor(bytes: Uint8Array, i: number): boolean {
  return bytes[i - 1] === B.SPACE && bytes[i + 1] === 111 && bytes[i + 2] === 114 && bytes[i + 3] === B.SPACE;
}

function isCapitalised(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 65 && first <= 90;
}

/** How far the end of an `<impl …>` is looked for. */
const MAX_IMPL = 4096;

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
  // `V { f: 1 }`, `V(1)`: a value after all.
  c.rewind(start);
  return { kind: "const", value: parseConstArg(c, ",>") };
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

/** What stands here as a generic argument is a constant, by its first bytes. */
function startsConst(c: Cursor): boolean {
  const b = c.peek();
  const next = c.peekAt(1);
  if ((CLASS[b]! & DIGIT) !== 0 || b === B.MINUS || b === B.QUOTE2 || b === B.QUOTE) return true;
  switch (b) {
    case B.LBRACE:
      return !BRACE_TYPES.some((word) => c.startsWith(word, 1));
    case 98: // b
      return next === B.QUOTE2;
    case B.STAR:
      return next === 98 && c.peekAt(2) === B.QUOTE2;
    case 116: // t
      return c.isWord("true");
    case 102: // f
      return c.isWord("false");
    case B.AMPERSAND:
    case B.LPAREN:
    case B.LBRACKET:
      return (CLASS[next]! & DIGIT) !== 0 || next === B.MINUS || next === B.QUOTE2 || (b === B.LBRACKET && next === B.RBRACKET);
    default:
      return false;
  }
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
  const end = scanBalanced(c, start, stops, stops === "]" ? "plain" : "angle");
  if (end < 0) throw c.error("this constant has no end", undefined, start);
  let last = end;
  while (last > start && c.bytes[last - 1]! <= B.SPACE) last--;
  if (last === start) throw c.expected("a constant");
  if (isValue(c, start, last)) {
    const value = parseConst(c);
    if (c.prevEnd === last) return value;
  }
  c.moveTo(last);
  return { kind: "expr", text: c.slice(start, last) };
}

/** The text starts like a literal, or is a path: what `parseConst` does not fail on. */
function isValue(c: Cursor, from: number, to: number): boolean {
  const b = c.peek();
  const next = c.peekAt(1);
  if (b === B.MINUS) return (CLASS[next]! & DIGIT) !== 0;
  if (b === B.QUOTE) return charEnd(c.bytes, from) > from;
  if ((CLASS[b]! & DIGIT) !== 0 || b === B.QUOTE2) return true;
  if (next === B.QUOTE2 && (b === 98 || b === 99)) return true;
  return (b === B.STAR && next === 98 && c.peekAt(2) === B.QUOTE2) || isPathText(c.bytes, from, to);
}

/** Words and `::`, and whatever in angle brackets that do not compare or shift. */
function isPathText(bytes: Uint8Array, from: number, to: number): boolean {
  let depth = 0;
  for (let i = from; i < to; i++) {
    const b = bytes[i]!;
    if (b === B.LESS) {
      const next = bytes[i + 1]!;
      if (next === B.LESS || next === B.EQUALS || next === B.SPACE || bytes[i - 1] === B.SPACE) return depth > 0;
      depth++;
    } else if (b === B.GREATER && bytes[i - 1] !== B.MINUS) {
      if (--depth < 0) return false;
    } else if (depth === 0 && b !== B.COLON && (CLASS[b]! & IDENT_PART) === 0) {
      return false;
    }
  }
  return depth === 0;
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

/** A number with its sign and suffix: `-1_i32`, `1.5E-3f64`, `-inf_f32`. */
function parseNumber(c: Cursor): Const {
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
function isNonFinite(c: Cursor, at: number): boolean {
  const ahead = at - c.at;
  return c.startsWith("inf_f", ahead) || c.startsWith("Inf_f", ahead) || c.startsWith("NaN_f", ahead);
}

/** `f32`, `E`: a float without a point. */
function hasFloatSuffix(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] === 102 || bytes[i] === 69) return true;
  return false;
}

/** The literal of bytes `start..end`, interned. */
function literal(c: Cursor, start: number, end: number, kind: LiteralKind): Const {
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
function parseChar(c: Cursor): string {
  const start = c.at;
  const end = charEnd(c.bytes, start);
  if (end === start) throw c.expected("a character");
  c.moveTo(end + 1);
  return c.slice(start, end + 1);
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

/** `b"…"`, `c"…"`. */
function parsePrefixedString(c: Cursor): Const {
  const start = c.at;
  const kind = c.peek() === 98 ? "byteStr" : "cStr";
  c.rewind(start + 1);
  return { kind: "literal", literal: kind, text: c.string(start) };
}

/** `b'a'`. */
function parseByte(c: Cursor): Const {
  const start = c.at;
  c.rewind(start + 1);
  parseChar(c);
  return { kind: "literal", literal: "byte", text: c.slice(start, c.prevEnd) };
}

/** A path, and behind it `(…)` or `{{ … }}`. */
function parsePathConst(c: Cursor): Const {
  const path = parseValuePath(c);
  const b = c.peek();
  if (b === B.LPAREN && !startsArguments(c)) return { kind: "tupleStruct", path, elements: parseConstList(c, B.LPAREN, B.RPAREN) };
  if (b === B.LBRACE && c.peekAt(1) === B.LBRACE) return parseStructConst(c, path);
  return { kind: "path", path };
}

/** The parentheses hold the operands of a call: the constant before them is a function. */
function startsArguments(c: Cursor): boolean {
  return c.startsWith("copy ", 1) || c.startsWith("move ", 1) || c.startsWith("const ", 1) || c.startsWith("() -> ");
}

function parseStructConst(c: Cursor, path: Path): Const {
  const fields: { name: string; value: Const }[] = [];
  c.eat(B.LBRACE);
  c.expect(B.LBRACE);
  while (c.peek() !== B.RBRACE) {
    const name = parseFieldName(c);
    c.expect(B.COLON);
    fields.push({ name, value: parseConst(c) });
    if (c.peek() !== B.RBRACE) c.expect(B.COMMA);
  }
  c.expect(B.RBRACE);
  c.expect(B.RBRACE);
  return { kind: "struct", path, fields };
}

/** A field's name, or its number. */
export function parseFieldName(c: Cursor): string {
  return c.atDigit() ? String(c.integer("a field's number")) : c.ident("a field's name");
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

/** `alloc7` stands here. */
export function atAllocPointer(c: Cursor): boolean {
  return c.startsWith("alloc") && (CLASS[c.peekAt(5)]! & DIGIT) !== 0;
}

/** `alloc7+0x8<imm>`. */
export function parseAllocPointer(c: Cursor): AllocPointer {
  c.rewind(c.at + 5);
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

const MARKERS: readonly string[] = [
  "<uninit>",
  "<too short allocation>",
  "<function>",
  "<vtable>",
  "<typeid>",
  "<dangling pointer>",
  "<ZST>",
  "<static(",
];

function isMarker(c: Cursor): boolean {
  return MARKERS.some((marker) => c.startsWith(marker));
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
