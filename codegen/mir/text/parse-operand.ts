/**
 * Places and operands.
 *
 * Bare locals are most of both, so each is one object for good.
 */

import type { Const, Operand, Place, PlaceElem } from "./ast.ts";
import { B, CLASS, DIGIT, IDENT_PART } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { atConstValue, parseConst, parseConstValueForm } from "./parse-const.ts";
import { parseValuePath } from "./parse-path.ts";
import { parseType } from "./parse-type.ts";

const NO_PROJECTION: readonly PlaceElem[] = [];
const DEREF: PlaceElem = { kind: "deref" };
/** Locals with greater numbers are made anew each time. */
const MAX_SHARED = 1 << 14;

const sharedPlaces: Place[] = [];
const sharedCopies: Operand[] = [];
const sharedMoves: Operand[] = [];

/** The place that is one local. */
export function localPlace(local: number): Place {
  if (local >= MAX_SHARED) return { local, projection: NO_PROJECTION };
  while (sharedPlaces.length <= local) sharedPlaces.push({ local: sharedPlaces.length, projection: NO_PROJECTION });
  return sharedPlaces[local]!;
}

function copyLocal(local: number): Operand {
  if (local >= MAX_SHARED) return { kind: "copy", place: localPlace(local) };
  while (sharedCopies.length <= local) sharedCopies.push({ kind: "copy", place: localPlace(sharedCopies.length) });
  return sharedCopies[local]!;
}

function moveLocal(local: number): Operand {
  if (local >= MAX_SHARED) return { kind: "move", place: localPlace(local) };
  while (sharedMoves.length <= local) sharedMoves.push({ kind: "move", place: localPlace(sharedMoves.length) });
  return sharedMoves[local]!;
}

/** `_1`, `(*_1)`, `((*_1).0: T)`, `(_1 as Some)`, `_1[_2]`, `_1[0 of 3]`, `unwrap_binder!(_1; T)`. */
export function parsePlace(c: Cursor): Place {
  const b = c.peek();
  if (b === B.UNDERSCORE) {
    const local = c.local();
    if (c.peek() !== B.LBRACKET) return localPlace(local);
    return { local, projection: parseIndices(c, []) };
  }
  const projection: PlaceElem[] = [];
  const local = parseProjected(c, projection);
  return { local, projection };
}

/** A place whose elements go to the end of `projection`; its local. */
function parseProjected(c: Cursor, projection: PlaceElem[]): number {
  let local: number;
  if (c.peek() === B.LPAREN) local = parseParenthesized(c, projection);
  else if (c.startsWith("unwrap_binder!(")) local = parseUnwrapBinder(c, projection);
  else local = c.local();
  if (c.peek() === B.LBRACKET) parseIndices(c, projection);
  return local;
}

function parseParenthesized(c: Cursor, projection: PlaceElem[]): number {
  c.enter();
  c.eat(B.LPAREN);
  let local: number;
  if (c.eat(B.STAR)) {
    local = parseProjected(c, projection);
    projection.push(DEREF);
  } else {
    local = parseProjected(c, projection);
    projection.push(parseFieldOrCast(c));
  }
  c.expect(B.RPAREN);
  c.leave();
  return local;
}

function parseUnwrapBinder(c: Cursor, projection: PlaceElem[]): number {
  c.enter();
  c.expectText("unwrap_binder!(");
  const local = parseProjected(c, projection);
  c.expect(B.SEMICOLON);
  projection.push({ kind: "unwrapBinder", ty: parseType(c) });
  c.expect(B.RPAREN);
  c.leave();
  return local;
}

/** `.0: T`, ` as Some`, ` as variant#3`, ` as subtype T`, ` as T`: what stands before the closing parenthesis. */
export function parseFieldOrCast(c: Cursor): PlaceElem {
  if (c.eat(B.DOT)) {
    const index = c.integer("a field's number");
    c.expect(B.COLON);
    return { kind: "field", index, ty: parseType(c) };
  }
  if (!c.eatWord("as")) throw c.expected("`.` and a field, or `as`");
  return parseCastElem(c);
}

function parseCastElem(c: Cursor): PlaceElem {
  if (c.startsWith("variant#")) {
    c.expectText("variant#");
    return { kind: "downcast", name: "", index: c.integer("a variant's number") };
  }
  const start = c.at;
  if (c.atIdent()) {
    const name = c.ident("a variant");
    if (c.peek() === B.RPAREN) return { kind: "downcast", name, index: -1 };
    if (name === "subtype" && c.peek() !== B.LESS && !c.is2(B.COLON, B.COLON))
      return { kind: "subtype", ty: parseType(c) };
    c.rewind(start);
  }
  return { kind: "opaqueCast", ty: parseType(c) };
}

/** `[_1]`, `[0 of 3]`, `[-1 of 3]`, `[1..2]`, `[1:-2]`, one after another. */
function parseIndices(c: Cursor, projection: PlaceElem[]): PlaceElem[] {
  while (c.eat(B.LBRACKET)) {
    projection.push(parseIndex(c));
    c.expect(B.RBRACKET);
  }
  return projection;
}

function parseIndex(c: Cursor): PlaceElem {
  if (c.peek() === B.UNDERSCORE) return { kind: "index", local: c.local() };
  if (c.eat(B.MINUS)) {
    const offset = c.integer("an index");
    c.expectWord("of");
    return { kind: "constantIndex", offset, minLength: c.integer("a length"), fromEnd: true };
  }
  if (c.eat(B.COLON)) return { kind: "subslice", from: 0, to: parseFromEnd(c), fromEnd: true };
  const from = c.integer("an index");
  if (c.eatWord("of")) return { kind: "constantIndex", offset: from, minLength: c.integer("a length"), fromEnd: false };
  if (c.eat2(B.DOT, B.DOT)) return { kind: "subslice", from, to: c.integer("an index"), fromEnd: false };
  if (!c.eat(B.COLON)) throw c.expected("`of`, `..` or `:`");
  return { kind: "subslice", from, to: c.peek() === B.RBRACKET ? 0 : parseFromEnd(c), fromEnd: true };
}

/** `-2`; a zero is not written, so it is not read. */
function parseFromEnd(c: Cursor): number {
  c.expect(B.MINUS);
  const at = c.at;
  const to = c.integer("an index");
  if (to === 0) throw c.error("`-0` is not written", "leave it out", at);
  return to;
}

const RUNTIME_CHECKS: readonly string[] = ["UbChecks", "ContractChecks", "OverflowChecks"];

/** `copy _1`, `move _1`, `const 1_i32`, `f::<T>`, `UbChecks`. */
export function parseOperand(c: Cursor): Operand {
  const { bytes } = c;
  const at = c.at;
  const b = bytes[at]!;
  // `copy ` and `move ` by their first letters and the blank behind.
  if (bytes[at + 4] === B.SPACE) {
    if (b === 99 && bytes[at + 1] === 111 && bytes[at + 2] === 112 && bytes[at + 3] === 121) return parseCopy(c, at);
    if (b === 109 && bytes[at + 1] === 111 && bytes[at + 2] === 118 && bytes[at + 3] === 101) return parseMove(c, at);
  }
  if (b === 99 && c.eatWord("const")) return { kind: "const", value: parseConst(c), keyword: true };
  // Written by hand, blanks may be other ones.
  if (c.eatWord("copy")) return { kind: "copy", place: parsePlace(c) };
  if (c.eatWord("move")) return { kind: "move", place: parsePlace(c) };
  return parseBareConst(c);
}

function parseCopy(c: Cursor, at: number): Operand {
  c.moveTo(at + 4);
  if (c.peek() !== B.UNDERSCORE) return { kind: "copy", place: parsePlace(c) };
  const local = c.local();
  if (c.peek() !== B.LBRACKET) return copyLocal(local);
  return { kind: "copy", place: { local, projection: parseIndices(c, []) } };
}

function parseMove(c: Cursor, at: number): Operand {
  c.moveTo(at + 4);
  if (c.peek() !== B.UNDERSCORE) return { kind: "move", place: parsePlace(c) };
  const local = c.local();
  if (c.peek() !== B.LBRACKET) return moveLocal(local);
  return { kind: "move", place: { local, projection: parseIndices(c, []) } };
}

/** What needs no `const`: the path of a function, or a check that is decided at run time. */
function parseBareConst(c: Cursor): Operand {
  if (!c.atIdent() && c.peek() !== B.LESS && c.peek() !== B.LBRACE)
    throw c.expected("an operand", "operands are `copy PLACE`, `move PLACE` or `const VALUE`");
  if (c.peek() === B.UNDERSCORE && (CLASS[c.peekAt(1)]! & DIGIT) !== 0)
    throw c.expected("an operand", "write `copy` or `move` before the place");
  for (const name of RUNTIME_CHECKS) {
    if (
      c.startsWith(name) &&
      (CLASS[c.peekAt(name.length)]! & IDENT_PART) === 0 &&
      c.peekAt(name.length) !== B.COLON &&
      c.peekAt(name.length) !== B.LPAREN
    ) {
      c.eatWord(name);
      return { kind: "runtimeChecks", name };
    }
  }
  const value: Const = atConstValue(c) ? parseConstValueForm(c) : { kind: "path", path: parseValuePath(c) };
  return { kind: "const", value, keyword: false };
}
