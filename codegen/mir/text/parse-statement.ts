/**
 * Statements.
 */

import type { Statement } from "./ast.ts";
import { B } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { parseOperand, parsePlace } from "./parse-operand.ts";
import { scanBalanced } from "./scan.ts";

type StatementParser = (c: Cursor, at: number) => Statement;

/** Statements that start with a word, by that word; `(` or a blank follows where the text has one. */
const STATEMENTS: ReadonlyMap<string, StatementParser> = new Map<string, StatementParser>([
  ["StorageLive", (c, at): Statement => ({ kind: "storageLive", at, local: inParens(c, localOf) })],
  ["StorageDead", (c, at): Statement => ({ kind: "storageDead", at, local: inParens(c, localOf) })],
  ["discriminant", parseSetDiscriminant],
  ["Deinit", (c, at): Statement => ({ kind: "deinit", at, place: inParens(c, parsePlace) })],
  ["PlaceMention", (c, at): Statement => ({ kind: "placeMention", at, place: inParens(c, parsePlace) })],
  [
    "BackwardIncompatibleDropHint",
    (c, at): Statement => ({ kind: "backwardIncompatibleDropHint", at, place: inParens(c, parsePlace) }),
  ],
  ["assume", (c, at): Statement => ({ kind: "assume", at, operand: inParens(c, parseOperand) })],
  ["FakeRead", parseFakeRead],
  ["AscribeUserType", parseAscribeUserType],
  ["Retag", parseRetag],
  ["Coverage", parseCoverage],
  ["copy_nonoverlapping", parseCopyNonOverlapping],
  ["ConstEvalCounter", (_, at): Statement => ({ kind: "constEvalCounter", at })],
  ["nop", (_, at): Statement => ({ kind: "nop", at })],
]);

/** The statement that starts with the current word, without its `;`; undefined when no statement does. */
export function parseWordStatement(c: Cursor): Statement | undefined {
  const at = c.at;
  // The two most frequent ones, by what tells them from each other.
  if (c.startsWith("StorageLive(")) {
    c.moveTo(at + 12);
    const local = c.local();
    c.expect(B.RPAREN);
    return { kind: "storageLive", at, local };
  }
  if (c.startsWith("StorageDead(")) {
    c.moveTo(at + 12);
    const local = c.local();
    c.expect(B.RPAREN);
    return { kind: "storageDead", at, local };
  }
  const word = c.word();
  const parse = STATEMENTS.get(word);
  if (parse === undefined) return undefined;
  c.eatWord(word);
  return parse(c, at);
}

function localOf(c: Cursor): number {
  return c.local();
}

function inParens<T>(c: Cursor, parse: (c: Cursor) => T): T {
  c.expect(B.LPAREN);
  const value = parse(c);
  c.expect(B.RPAREN);
  return value;
}

/** `discriminant(_1) = 3`. */
function parseSetDiscriminant(c: Cursor, at: number): Statement {
  const place = inParens(c, parsePlace);
  c.expect(B.EQUALS);
  return { kind: "setDiscriminant", at, place, variant: c.integer("a variant's number") };
}

/** The text up to a comma outside of brackets. */
function textBeforeComma(c: Cursor): string {
  const start = c.at;
  const end = scanBalanced(c, start, ",;");
  if (end < 0 || c.bytes[end] !== B.COMMA) throw c.error("expected a `,` behind this", undefined, start);
  const text = c.slice(start, end);
  c.moveTo(end);
  c.expect(B.COMMA);
  return text;
}

/** `FakeRead(ForLet(None), _1)`. */
function parseFakeRead(c: Cursor, at: number): Statement {
  c.expect(B.LPAREN);
  const cause = textBeforeComma(c);
  const place = parsePlace(c);
  c.expect(B.RPAREN);
  return { kind: "fakeRead", at, cause, place };
}

/** `AscribeUserType(_1, o, UserTypeProjection { base: UserType(0), projs: [] })`. */
function parseAscribeUserType(c: Cursor, at: number): Statement {
  c.expect(B.LPAREN);
  const place = parsePlace(c);
  c.expect(B.COMMA);
  const variance = textBeforeComma(c);
  const start = c.at;
  const end = scanBalanced(c, start, ")");
  if (end < 0) throw c.error("this type has no end", undefined, start);
  c.moveTo(end);
  const projection = c.slice(start, end);
  c.expect(B.RPAREN);
  return { kind: "ascribeUserType", at, place, variance, projection };
}

/** `Retag([fn entry] _1)`, `Retag(_1)`. */
function parseRetag(c: Cursor, at: number): Statement {
  c.expect(B.LPAREN);
  let retag = "";
  for (const kind of ["fn entry", "2phase", "raw"]) if (c.eatText(`[${kind}]`)) retag = kind;
  const place = parsePlace(c);
  c.expect(B.RPAREN);
  return { kind: "retag", at, retag, place };
}

/** `Coverage::VirtualCounter(bcb0)`. */
function parseCoverage(c: Cursor, at: number): Statement {
  c.expect2(B.COLON, B.COLON);
  const start = c.at;
  const end = scanBalanced(c, start, ";");
  if (end < 0 || c.bytes[end] !== B.SEMICOLON || end === start) throw c.expected("the kind of coverage and `;`");
  c.moveTo(end);
  return { kind: "coverage", at, text: c.slice(start, end) };
}

/** `copy_nonoverlapping(dst = copy _1, src = copy _2, count = copy _3)`. */
function parseCopyNonOverlapping(c: Cursor, at: number): Statement {
  c.expect(B.LPAREN);
  const dst = parseNamedOperand(c, "dst");
  c.expect(B.COMMA);
  const src = parseNamedOperand(c, "src");
  c.expect(B.COMMA);
  const count = parseNamedOperand(c, "count");
  c.expect(B.RPAREN);
  return { kind: "copyNonOverlapping", at, dst, src, count };
}

function parseNamedOperand(c: Cursor, name: string): ReturnType<typeof parseOperand> {
  c.expectWord(name);
  c.expect(B.EQUALS);
  return parseOperand(c);
}
