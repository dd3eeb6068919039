/**
 * Types.
 *
 * They are looked up by their text first (`scan.ts` finds its end), so that most are never parsed; what is parsed is entered under its exact text.
 */

import type { FnSig, Path, Type } from "./ast.ts";
import { B } from "./bytes.ts";
import { type Cursor, MAX_LOOKUP_DEPTH } from "./cursor.ts";
import { internType } from "./intern.ts";
import { braceTypeWord, hasPathSeparator } from "./lookahead.ts";
import { parseAbi, parseBinder, parseLifetime, parseLifetimes, parseRegion } from "./parse-lifetime.ts";
import {
  parseArrayLength,
  parseBounds,
  parseFnInputs,
  parseFnOutput,
  parseInnerType,
  parsePath,
  setTypeParser,
} from "./parse-path.ts";
import { parsePattern } from "./parse-pattern.ts";
import { scanBalanced, scanBraces, scanType } from "./scan.ts";

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

/** `&T`, `&'a mut T`, `&ReLateParam(…) T`; `&&T` is one in another. */
function parseRefType(c: Cursor): Type {
  c.eat(B.AMPERSAND);
  const lifetime = c.peek() === B.QUOTE ? parseLifetime(c) : c.startsWith("ReLateParam(") ? parseRegion(c) : "";
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

/** `{closure@…}`, `{async fn body of f()}`, `{f::{closure#0} upvar_tys=()}`, `{type error}`. */
function parseBraceType(c: Cursor): Type {
  const start = c.at;
  const end = scanBraces(c, start);
  if (end < 0) throw c.error("this `{` has no `}` on its line");
  const what = braceTypeWord(c, start + 1, end - 1);
  if (what === undefined) {
    c.moveTo(end);
    const spelling = c.name(start, end);
    if (spelling === "{type error}") return { kind: "error", spelling, text: "" };
    c.rewind(start);
    return parseClosureParts(c);
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

/** `{static f::{closure#0} upvar_tys=(u8,) resume_ty=()}`. */
function parseClosureParts(c: Cursor): Type {
  c.expect(B.LBRACE);
  const isStatic = c.startsWith("static ") && c.eatWord("static");
  if (!c.atIdent() && c.peek() !== B.LESS) throw c.expected("a type");
  const path = parsePath(c);
  const parts: { name: string; ty: Type }[] = [];
  while (!c.eat(B.RBRACE)) {
    const name = c.ident("`}`");
    c.expect(B.EQUALS);
    parts.push({ name, ty: parseInnerType(c) });
  }
  return { kind: "closureParts", isStatic, path, parts, text: "" };
}

/** The path in `{closure@path::{closure#0}}`; a place in a file has `:1:2: 3:4` instead of `::`. */
function closurePath(c: Cursor, from: number, to: number): Path | undefined {
  if (!hasPathSeparator(c.bytes, from, to)) return undefined;
  c.moveTo(from);
  const path = parsePath(c);
  const last = path.segments.at(-1);
  const isClosure = last?.kind === "name" && last.name.startsWith("{closure#");
  return c.prevEnd === to && isClosure ? path : undefined;
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
    case 79: // O
      if (c.startsWith("Opaque(DefId(")) return parseOpaque(c);
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

/** `Opaque(DefId(0:5 ~ a[1f]::f::{opaque#0}), [T/#0])`. */
function parseOpaque(c: Cursor): Type {
  const start = c.at;
  const end = scanBalanced(c, start + "Opaque(".length, "");
  if (end < 0 || c.bytes[end] !== B.RPAREN) throw c.error("this `(` has no `)`");
  c.moveTo(end + 1);
  return { kind: "error", spelling: c.name(start, end + 1), text: "" };
}

function parseDynType(c: Cursor): Type {
  c.eatWord("dyn");
  return { kind: "dyn", bounds: parseBounds(c), text: "" };
}

/** What a function type starts with behind its lifetimes. */
const FN_WORDS: readonly string[] = ["fn", "unsafe", "safe", "extern"];

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
  return { kind: "unsafeBinder", word: "unsafe", binder, ty: parseType(c), text: "" };
}

/** `for<'a> unsafe extern "C" fn(A, ...) -> R`, and `{path}` behind it for the type of one function. */
function parseFnType(c: Cursor): Type {
  const binder = parseBinder(c);
  if (binder.length > 0 && !FN_WORDS.some((word) => c.isWord(word)))
    return { kind: "unsafeBinder", word: "for", binder, ty: parseType(c), text: "" };
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

setTypeParser(parseType);
