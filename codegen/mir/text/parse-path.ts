/**
 * Paths, with their generic arguments and bounds.
 *
 * Paths that were read before are looked up by their text first (`scan.ts` finds its end). Constants as generic arguments and as array lengths may be any
 * expression.
 */

import type { Bound, Const, GenericArg, GenericArgs, Path, PathSegment, Type } from "./ast.ts";
import { B } from "./bytes.ts";
import { type Cursor, MAX_LOOKUP_DEPTH } from "./cursor.ts";
import { internPath, internType } from "./intern.ts";
import { implLocationEnd, isCastImpl, isValue, startsConst, startsImpl } from "./lookahead.ts";
import { parseBinder, parseLifetime } from "./parse-lifetime.ts";
import { charEnd, scanBalanced, scanBraces, scanPath } from "./scan.ts";

/** Types and constants stand in paths, and paths in them: their files, which import this one, hand their rules in. */
let parseType: (c: Cursor) => Type;
let parseConst: (c: Cursor) => Const;

export function setTypeParser(parser: typeof parseType): void {
  parseType = parser;
}

export function setConstParser(parser: typeof parseConst): void {
  parseConst = parser;
}

// ---- paths

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

export function parsePathWith(c: Cursor, fnSugar: boolean): Path {
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

/** `name`, `name<A>`, `name::<A>`, `{closure#0}`, `name#1`; behind another segment also `0`, a field whose type has a constant. */
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
    if (c.peek() === B.HASH && c.at === c.prevEnd) name = parseDisambiguated(c, name);
  }
  return { kind: "name", name, args: parseSegmentArgs(c, mode, name) };
}

/** `_#1`: the second item of this name in its parent, as `-Zverbose-internals` spells it. */
function parseDisambiguated(c: Cursor, name: string): string {
  c.expect(B.HASH);
  return `${name}#${c.integer("the number of an item")}`;
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

// ---- generic arguments

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

// ---- bounds, and the types of a function

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

/** A type in brackets, where a `{path}` belongs to the innermost function type again. */
export function parseInnerType(c: Cursor): Type {
  if (c.fnItems) return parseType(c);
  c.fnItems = true;
  const ty = parseType(c);
  c.fnItems = false;
  return ty;
}

export function parseFnInputs(c: Cursor): { inputs: readonly Type[]; variadic: boolean } {
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
export function parseFnOutput(c: Cursor): Type | undefined {
  if (!c.eat2(B.MINUS, B.GREATER)) return undefined;
  const before = c.fnItems;
  c.fnItems = false;
  const ret = parseType(c);
  c.fnItems = before;
  return ret;
}
