/**
 * The right-hand sides of assignments.
 *
 * A call is an assignment up to its `->`: `parseRight` gives back either.
 */

import type { Cast, FieldInit, Operand, Path, Rvalue } from "./ast.ts";
import { B, CLASS, IDENT_START, SPACE } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { parseLifetime } from "./parse-lifetime.ts";
import { parseFieldName } from "./parse-literal.ts";
import { parseOperand, parsePlace } from "./parse-operand.ts";
import { parseArrayLength, parseValuePath } from "./parse-path.ts";
import { parseType } from "./parse-type.ts";

/** What is assigned by a terminator: its arrow has not been read. */
export type RightHead =
  | { readonly kind: "callHead"; readonly func: Operand; readonly args: readonly Operand[] }
  | { readonly kind: "yieldHead"; readonly value: Operand };

type OpForm = "binary" | "unary" | "nullary" | "discriminant" | "len" | "offsetOf" | "shallowInitBox" | "yield";

/** Operators by the name that stands before their parentheses. Functions and tuple structs may have the same names: `->` behind them, or their operands tell. */
const OPS: ReadonlyMap<string, OpForm> = new Map<string, OpForm>([
  ...[
    ...[
      "Add",
      "AddUnchecked",
      "AddWithOverflow",
      "Sub",
      "SubUnchecked",
      "SubWithOverflow",
      "Mul",
      "MulUnchecked",
      "MulWithOverflow",
    ],
    ...[
      "CheckedAdd",
      "CheckedSub",
      "CheckedMul",
      "Div",
      "Rem",
      "BitXor",
      "BitAnd",
      "BitOr",
      "Shl",
      "ShlUnchecked",
      "Shr",
      "ShrUnchecked",
    ],
    ...["Eq", "Lt", "Le", "Ne", "Ge", "Gt", "Cmp", "Offset"],
  ].map((name): [string, OpForm] => [name, "binary"]),
  ...["Not", "Neg", "PtrMetadata"].map((name): [string, OpForm] => [name, "unary"]),
  ...["SizeOf", "AlignOf", "UbChecks", "ContractChecks"].map((name): [string, OpForm] => [name, "nullary"]),
  ["discriminant", "discriminant"],
  ["Len", "len"],
  ["OffsetOf", "offsetOf"],
  ["ShallowInitBox", "shallowInitBox"],
  ["yield", "yield"],
]);

/** What stands behind `PLACE =`, up to `;` or, for terminators, `->`. */
export function parseRight(c: Cursor): Rvalue | RightHead {
  switch (c.peek()) {
    case B.AMPERSAND:
      return parseRef(c);
    case B.LBRACKET:
      return parseArray(c);
    case B.LPAREN:
      return { kind: "tuple", elements: parseOperands(c) };
    case B.LBRACE:
      return { kind: "closure", ty: parseType(c), fields: c.peek() === B.LBRACE ? parseFields(c) : [] };
    case B.STAR:
      return parseRawPtrAggregate(c);
    default:
      return parseWordRvalue(c);
  }
}

/** `(a, b)`. */
export function parseOperands(c: Cursor): readonly Operand[] {
  const operands: Operand[] = [];
  c.expect(B.LPAREN);
  while (!c.eat(B.RPAREN)) {
    operands.push(parseOperand(c));
    if (c.peek() !== B.RPAREN && !c.eat(B.COMMA)) throw c.expected("`,` or `)`");
  }
  return operands;
}

/** `{ f: a, g: b }`. */
function parseFields(c: Cursor): readonly FieldInit[] {
  const fields: FieldInit[] = [];
  c.expect(B.LBRACE);
  while (!c.eat(B.RBRACE)) {
    const name = parseFieldName(c);
    c.expect(B.COLON);
    fields.push({ name, value: parseOperand(c) });
    if (c.peek() !== B.RBRACE && !c.eat(B.COMMA)) throw c.expected("`,` or `}`");
  }
  return fields;
}

/** `[a, b]`, `[a; 4]`. */
function parseArray(c: Cursor): Rvalue {
  const elements: Operand[] = [];
  c.expect(B.LBRACKET);
  while (!c.eat(B.RBRACKET)) {
    elements.push(parseOperand(c));
    if (elements.length === 1 && c.eat(B.SEMICOLON)) {
      const count = parseArrayLength(c);
      c.expect(B.RBRACKET);
      return { kind: "repeat", operand: elements[0]!, count };
    }
    if (c.peek() !== B.RBRACKET && !c.eat(B.COMMA)) throw c.expected("`,` or `]`");
  }
  return { kind: "array", elements };
}

/** `&_1`, `&mut _1`, `&fake shallow _1`, `&raw const _1`, `&'a _1`, and the reference to a thread-local. */
function parseRef(c: Cursor): Rvalue {
  if (c.startsWith("&/*tls*/")) {
    c.expectText("&/*tls*/");
    const mutable = c.eatWord("mut");
    return { kind: "threadLocalRef", mutable, path: parseValuePath(c) };
  }
  c.eat(B.AMPERSAND);
  const region = c.peek() === B.QUOTE ? parseLifetime(c) : "";
  switch (c.peek()) {
    case 109: // m
      c.expectWord("mut");
      return { kind: "ref", region, borrow: "mut", place: parsePlace(c) };
    case 114: // r
      if (region !== "") break;
      c.expectWord("raw");
      return parseRawPtr(c);
    case 102: // f
      c.expectWord("fake");
      return { kind: "ref", region, borrow: c.eatWord("shallow") ? "fake shallow" : "fake", place: parsePlace(c) };
    case 116: // t
      c.expectWord("two_phase");
      c.expectWord("mut");
      return { kind: "ref", region, borrow: "two_phase mut", place: parsePlace(c) };
    default:
  }
  return { kind: "ref", region, borrow: "", place: parsePlace(c) };
}

function parseRawPtr(c: Cursor): Rvalue {
  if (c.eatWord("mut")) return { kind: "rawPtr", word: "mut", place: parsePlace(c) };
  c.expectWord("const");
  return { kind: "rawPtr", word: c.eatText("(fake)") ? "const (fake)" : "const", place: parsePlace(c) };
}

/** `*const T from (a, b)`. */
function parseRawPtrAggregate(c: Cursor): Rvalue {
  c.eat(B.STAR);
  const mutable = c.eatWord("mut");
  if (!mutable) c.expectWord("const");
  const pointee = parseType(c);
  c.expectWord("from");
  return { kind: "aggregateRawPtr", mutable, pointee, elements: parseOperands(c) };
}

function parseWordRvalue(c: Cursor): Rvalue | RightHead {
  const { bytes } = c;
  const b = c.peek();
  // Nearly all start with `copy`, `move` or `const`.
  if ((b === 99 || b === 109) && bytes[c.wordEnd(c.at)]! <= B.SPACE) return parseOperandRvalue(c);
  if (b === 110 && c.eatWord("no_retag")) return { kind: "use", operand: parseOperand(c), prefix: "no_retag " };
  if (b === 100 && c.eatWord("deref_copy")) return { kind: "copyForDeref", place: parsePlace(c) };
  if (b === 119 && c.startsWith("wrap_binder!(")) return parseWrapBinder(c);
  if ((CLASS[b]! & IDENT_START) !== 0) {
    let end = c.wordEnd(c.at);
    while ((CLASS[bytes[end]!]! & SPACE) !== 0) end++;
    if (bytes[end] === B.LPAREN) {
      const form = OPS.get(c.word());
      if (form !== undefined) return parseOp(c, form);
    }
  }
  return parseOperandRvalue(c);
}

function parseWrapBinder(c: Cursor): Rvalue {
  c.expectText("wrap_binder!(");
  const operand = parseOperand(c);
  c.expect(B.SEMICOLON);
  const ty = parseType(c);
  c.expect(B.RPAREN);
  return { kind: "wrapBinder", operand, ty };
}

/** `Add(a, b)` …; a function or tuple struct of the same name when it has other operands. */
function parseOp(c: Cursor, form: OpForm): Rvalue | RightHead {
  const start = c.at;
  const op = c.ident("an operator");
  switch (form) {
    case "binary":
    case "unary":
      return parseOperator(c, op, form, start);
    case "nullary":
      return parseNullary(c, op, start);
    case "discriminant":
    case "len":
      return parsePlaceOp(c, form, start);
    case "offsetOf":
      return parseOffsetOf(c, start);
    case "shallowInitBox":
      return parseShallowInitBox(c);
    case "yield": {
      c.expect(B.LPAREN);
      const value = parseOperand(c);
      c.expect(B.RPAREN);
      return { kind: "yieldHead", value };
    }
  }
}

function parseOperator(c: Cursor, op: string, form: "binary" | "unary", start: number): Rvalue | RightHead {
  const operands = parseOperands(c);
  if (!c.is2(B.MINUS, B.GREATER)) {
    if (form === "binary" && operands.length === 2)
      return { kind: "binary", op, left: operands[0]!, right: operands[1]! };
    if (form === "unary" && operands.length === 1) return { kind: "unary", op, operand: operands[0]! };
  }
  c.rewind(start);
  return parseOperandRvalue(c);
}

function parseNullary(c: Cursor, op: string, start: number): Rvalue | RightHead {
  c.expect(B.LPAREN);
  const checks = op === "UbChecks" || op === "ContractChecks";
  if (startsOperand(c) || (!checks && c.peek() === B.RPAREN)) {
    c.rewind(start);
    return parseOperandRvalue(c);
  }
  const ty = checks ? undefined : parseType(c);
  c.expect(B.RPAREN);
  return { kind: "nullary", op, ty };
}

/** `discriminant(_1)`, `Len(_1)`: functions of these names have operands, which start with a word. */
function parsePlaceOp(c: Cursor, form: "discriminant" | "len", start: number): Rvalue | RightHead {
  c.expect(B.LPAREN);
  if (c.peek() === B.RPAREN || startsOperand(c)) {
    c.rewind(start);
    return parseOperandRvalue(c);
  }
  const place = parsePlace(c);
  c.expect(B.RPAREN);
  return form === "len" ? { kind: "len", place } : { kind: "discriminant", place };
}

function startsOperand(c: Cursor): boolean {
  return c.isWord("copy") || c.isWord("move") || c.isWord("const");
}

/** `OffsetOf(T, [(0, 1), (0, 2)])`. */
function parseOffsetOf(c: Cursor, start: number): Rvalue | RightHead {
  const path: [number, number][] = [];
  c.expect(B.LPAREN);
  if (c.peek() === B.RPAREN || startsOperand(c)) {
    c.rewind(start);
    return parseOperandRvalue(c);
  }
  const ty = parseType(c);
  c.expect(B.COMMA);
  c.expect(B.LBRACKET);
  while (!c.eat(B.RBRACKET)) {
    c.expect(B.LPAREN);
    const variant = c.integer("a variant's number");
    c.expect(B.COMMA);
    path.push([variant, c.integer("a field's number")]);
    c.expect(B.RPAREN);
    if (c.peek() !== B.RBRACKET) c.expect(B.COMMA);
  }
  c.expect(B.RPAREN);
  return { kind: "offsetOf", ty, path };
}

function parseShallowInitBox(c: Cursor): Rvalue {
  c.expect(B.LPAREN);
  const operand = parseOperand(c);
  c.expect(B.COMMA);
  const ty = parseType(c);
  c.expect(B.RPAREN);
  return { kind: "shallowInitBox", operand, ty };
}

/** An operand, and what may follow it: a cast, the arguments of a call, the fields of an aggregate. */
function parseOperandRvalue(c: Cursor): Rvalue | RightHead {
  const operand = parseOperand(c);
  const b = c.peek();
  if (b === B.SEMICOLON) return { kind: "use", operand, prefix: "" };
  if (b === B.LPAREN) return parseApplied(c, operand);
  const path = barePath(operand);
  if (b === B.LBRACE && path !== undefined) return { kind: "struct", path, fields: parseFields(c) };
  if (b === 97 && c.eatWord("as")) {
    const ty = parseType(c);
    return { kind: "cast", operand, ty, cast: parseCast(c) };
  }
  return { kind: "use", operand, prefix: "" };
}

/** The path of an operand without `const`. */
function barePath(operand: Operand): Path | undefined {
  return operand.kind === "const" && !operand.keyword && operand.value.kind === "path" ? operand.value.path : undefined;
}

/** With the blank that no function of these names has behind it. */
const REBORROWS: readonly string[] = ["reborrow ", "coerce shared "];

/** `(reborrow _1)`. */
function parseReborrow(c: Cursor, path: Path, word: string): Rvalue {
  c.expect(B.LPAREN);
  c.expectText(word);
  const place = parsePlace(c);
  c.expect(B.RPAREN);
  return { kind: "reborrow", word: word.trimEnd(), path, place };
}

function parseApplied(c: Cursor, func: Operand): Rvalue | RightHead {
  const path = barePath(func);
  if (path !== undefined) {
    for (const word of REBORROWS) if (c.startsWith(word, 1)) return parseReborrow(c, path, word);
  }
  const args = parseOperands(c);
  if (path === undefined || c.is2(B.MINUS, B.GREATER)) return { kind: "callHead", func, args };
  return { kind: "tupleStruct", path, elements: args };
}

/** `(IntToInt)`, `(PointerCoercion(ReifyFnPointer(Safe), Implicit))`. */
function parseCast(c: Cursor): Cast {
  const start = c.at;
  c.expect(B.LPAREN);
  const kind = c.ident("the kind of the cast");
  let coercion = "";
  let safety = "";
  let source = "";
  if (c.eat(B.LPAREN)) {
    coercion = c.ident("a coercion");
    if (c.eat(B.LPAREN)) {
      safety = c.ident("`Safe` or `Unsafe`");
      c.expect(B.RPAREN);
    }
    if (c.eat(B.COMMA)) source = c.ident("`Implicit` or `AsCast`");
    c.expect(B.RPAREN);
  }
  c.expect(B.RPAREN);
  const key = c.name(start, c.prevEnd);
  const known = c.tables.casts.get(key);
  if (known !== undefined) return known;
  const cast: Cast = { kind, coercion, safety, source };
  c.tables.casts.set(key, cast);
  return cast;
}
