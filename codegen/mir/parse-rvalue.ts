/**
 * Rvalues in MIR text, and calls, which start alike: `_1 = f(copy _2) -> …` and `_1 = S(copy _2);`.
 */

import type { Cursor } from "./cursor.ts";
import { Tok } from "./lexer.ts";
import { fieldlessTagBits } from "./literal.ts";
import {
  type BodyScope,
  fnConst,
  parseConst,
  parseOperand,
  parsePlace,
  parseTypedPlace,
  resolveVariant,
  startsOperand,
} from "./parse-operand.ts";
import { type Path, parseLength, parsePath, parseType, pathText } from "./parse-type.ts";
import { calleeSig, fieldTysOf } from "./place-ty.ts";
import type { BinOp, CastKind, Operand, Rvalue, UnOp } from "./syntax.ts";
import { type FieldDef, TY_USIZE, type Ty } from "./ty.ts";

const AMPERSAND = 38;
const LPAREN = 40;
const RPAREN = 41;
const STAR = 42;
const COMMA = 44;
const DOT = 46;
const COLON = 58;
const SEMICOLON = 59;
const LESS = 60;
const LBRACKET = 91;
const RBRACKET = 93;
const LBRACE = 123;
const RBRACE = 125;

/** The right side of `place = …`: a value, or a call whose successors follow. */
export type Right =
  | { readonly kind: "rvalue"; readonly rvalue: Rvalue }
  | { readonly kind: "call"; readonly func: Operand; readonly args: readonly Operand[] };

/** Binary operations by their name in MIR text; the last three names are those of older dumps. */
const BINARY: ReadonlyMap<string, BinOp> = new Map([
  ...(
    [
      "Add",
      "AddUnchecked",
      "AddWithOverflow",
      "Sub",
      "SubUnchecked",
      "SubWithOverflow",
      "Mul",
      "MulUnchecked",
      "MulWithOverflow",
      "Div",
      "Rem",
      "BitXor",
      "BitAnd",
      "BitOr",
      "Shl",
      "ShlUnchecked",
      "Shr",
      "ShrUnchecked",
      "Eq",
      "Lt",
      "Le",
      "Ne",
      "Ge",
      "Gt",
      "Cmp",
      "Offset",
    ] as const
  ).map((op): [string, BinOp] => [op, op]),
  ["CheckedAdd", "AddWithOverflow"],
  ["CheckedSub", "SubWithOverflow"],
  ["CheckedMul", "MulWithOverflow"],
]);

const UNARY: ReadonlyMap<string, UnOp> = new Map([
  ["Not", "Not"],
  ["Neg", "Neg"],
  ["PtrMetadata", "PtrMetadata"],
]);

const CASTS: ReadonlyMap<string, CastKind> = new Map<string, CastKind>([
  ...(
    [
      "IntToInt",
      "IntToFloat",
      "FloatToInt",
      "FloatToFloat",
      "PtrToPtr",
      "FnPtrToPtr",
      "Transmute",
      "PointerExposeProvenance",
      "PointerWithExposedProvenance",
    ] as const
  ).map((kind): [string, CastKind] => [kind, kind]),
  ["PointerExposeAddress", "PointerExposeProvenance"],
  ["PointerFromExposedAddress", "PointerWithExposedProvenance"],
]);

const COERCIONS: ReadonlyMap<string, CastKind> = new Map<string, CastKind>([
  ["ReifyFnPointer", "ReifyFnPointer"],
  ["UnsafeFnPointer", "UnsafeFnPointer"],
  ["MutToConstPointer", "MutToConstPointer"],
  ["ArrayToPointer", "ArrayToPointer"],
]);

const value = (rvalue: Rvalue): Right => ({ kind: "rvalue", rvalue });

/** Reads what stands right of `=`; `expected` is the type of the place on the left. */
export function parseRight(c: Cursor, scope: BodyScope, expected: Ty): Right {
  switch (c.kind()) {
    case AMPERSAND:
      return value(parseRef(c, scope));
    case LBRACKET:
      return value(parseArray(c, scope, expected));
    case LPAREN:
      if (!startsPlace(c)) return value(parseTuple(c, scope, expected));
      return parseOperandRight(c, scope, expected);
    case STAR:
      throw c.unsupported("an aggregate of a pointer and its metadata");
    case Tok.LOCAL:
      return parseOperandRight(c, scope, expected);
    case Tok.IDENT:
      if (c.isWord("const") && c.kind(1) !== Tok.NUMBER) {
        const composite = parseConstAggregate(c, scope, expected);
        if (composite !== undefined) return value(composite);
      }
      if (startsOperand(c)) return parseOperandRight(c, scope, expected);
      return parseNamedRight(c, scope);
    default:
      if (c.kind() === LESS) throw c.unsupported("a qualified path");
      if (c.kind() === LBRACE) throw c.unsupported("a closure or a coroutine");
      throw c.unexpected("a value");
  }
}

/** At `(`: a place such as `(*_1)` or `(_1.0: T)`, rather than a tuple. */
function startsPlace(c: Cursor): boolean {
  const next = c.kind(1);
  if (next === STAR || next === LPAREN) return true;
  return next === Tok.LOCAL && (c.kind(2) === DOT || c.isWord("as", 2) || c.kind(2) === LBRACKET);
}

/** `copy _1`, with a cast behind it, or as the callee of a call. */
function parseOperandRight(c: Cursor, scope: BodyScope, expected: Ty): Right {
  const operand = parseOperand(c, scope, expected);
  if (c.kind() === LPAREN) {
    const params = calleeSig(scope, operand, scope.names.tcx)?.params;
    return { kind: "call", func: operand, args: parseArgs(c, scope, params) };
  }
  if (c.isWord("as")) return value(parseCast(c, scope, operand));
  return value({ kind: "use", operand });
}

/**
 * A constant with parts: a tuple, an array, a struct, a variant of an enum with fields. Its parts are scalars; it is read as the aggregate
 * that makes it. `undefined`, and nothing read, when it is another constant.
 */
function parseConstAggregate(c: Cursor, scope: BodyScope, expected: Ty): Rvalue | undefined {
  const next = c.kind(1);
  if (next === LPAREN && c.kind(2) !== RPAREN) {
    c.advance();
    const fields = expected.kind === "tuple" ? expected.fields : undefined;
    const operands = parseConstList(c, scope, RPAREN, (i) => fields?.[i]);
    return { kind: "aggregate", aggregate: { kind: "tuple" }, operands, asConst: true };
  }
  if (next === LBRACKET && c.kind(2) !== RBRACKET && expected.kind === "array") {
    const { element } = expected;
    c.advance();
    const operands = parseConstList(c, scope, RBRACKET, () => element);
    return { kind: "aggregate", aggregate: { kind: "array", element }, operands, asConst: true };
  }
  return next === Tok.IDENT ? parseConstAdt(c, scope) : undefined;
}

function parseConstAdt(c: Cursor, scope: BodyScope): Rvalue | undefined {
  if (c.kind(2) !== Tok.PATH_SEP && c.kind(2) !== LPAREN && c.kind(2) !== LBRACE) return undefined;
  const start = c.at;
  c.advance();
  const at = c.at;
  const path = parsePath(c, scope, "a constant");
  const found = resolveVariant(scope, path);
  const def = found?.ty.def.variants[found.variant];
  // Constants without parts are operands.
  if (
    found === undefined ||
    def === undefined ||
    (def.fields.length === 0 && fieldlessTagBits(found.ty) !== undefined)
  ) {
    c.at = start;
    return undefined;
  }
  const fields = aggregateFields(scope, path, found);
  let operands: readonly Operand[] = [];
  if (c.kind() === LPAREN) operands = parseConstList(c, scope, RPAREN, (i) => fields?.[i]);
  else if (c.kind() === LBRACE) operands = parseConstFields(c, scope, def.fields, fields);
  const made = aggregate(c, scope, path, at, operands, def.ctor);
  return { ...made, asConst: true } as Rvalue;
}

/** `(1_u8, true)` or `[1_u8, 2_u8]`, up to `close`. */
function parseConstList(
  c: Cursor,
  scope: BodyScope,
  close: number,
  expected: (index: number) => Ty | undefined,
): Operand[] {
  c.advance();
  const operands: Operand[] = [];
  while (!c.eat(close)) {
    operands.push({ kind: "const", value: parseConst(c, scope, expected(operands.length)) });
    if (c.kind() !== close) c.expect(COMMA, "`,`");
  }
  return operands;
}

/** `{{ a: 1_u8 }}`, as rustc writes it. */
function parseConstFields(
  c: Cursor,
  scope: BodyScope,
  defs: readonly FieldDef[],
  expected: readonly Ty[] | undefined,
): Operand[] {
  c.expect(LBRACE, "`{`");
  c.expect(LBRACE, "`{`");
  const operands: Operand[] = [];
  for (const def of defs) {
    if (operands.length > 0) c.expect(COMMA, "`,`");
    c.expectWord(def.name);
    c.expect(COLON, "`:`");
    operands.push({ kind: "const", value: parseConst(c, scope, expected?.[operands.length]) });
  }
  c.expect(RBRACE, "`}`");
  c.expect(RBRACE, "`}`");
  return operands;
}

/** `op(…)`, `discriminant(…)`, a struct, a variant, a call, an item as a pointer. */
function parseNamedRight(c: Cursor, scope: BodyScope): Right {
  if (c.kind(1) === LPAREN) {
    const known = parseOperation(c, scope);
    if (known !== undefined) return value(known);
  }
  if (c.eatWord("deref_copy")) {
    const operand: Operand = { kind: "copy", place: parsePlace(c, scope) };
    return value({ kind: "use", operand, spelling: "deref_copy" });
  }
  if (c.eatWord("no_retag")) {
    return value({ kind: "use", operand: parseOperand(c, scope, undefined), spelling: "no_retag" });
  }
  const at = c.at;
  const path = parsePath(c, scope, "a value");
  if (c.isWord("as")) {
    return value(parseCast(c, scope, { kind: "const", value: fnConst(c, scope, path, at) }));
  }
  if (c.kind() === LPAREN) return parseApplied(c, scope, path, at);
  if (c.kind() === LBRACE) return value(parseNamedFields(c, scope, path, at));
  if (resolveVariant(scope, path) === undefined && scope.names.fns.find(pathText(path)) !== undefined) {
    return value({ kind: "use", operand: { kind: "const", value: fnConst(c, scope, path, at) } });
  }
  return value(aggregate(c, scope, path, at, [], "unit"));
}

/** An operation whose name is the language's; `undefined` when the word is none. */
function parseOperation(c: Cursor, scope: BodyScope): Rvalue | undefined {
  const word = c.word();
  const binary = BINARY.get(word);
  if (binary !== undefined) {
    openOperation(c);
    const left = parseOperand(c, scope, undefined);
    c.expect(COMMA, "`,`");
    const right = parseOperand(c, scope, undefined);
    c.expect(RPAREN, "`)`");
    return { kind: "binary", op: binary, left, right };
  }
  const unary = UNARY.get(word);
  if (unary !== undefined) {
    openOperation(c);
    const operand = parseOperand(c, scope, undefined);
    c.expect(RPAREN, "`)`");
    return { kind: "unary", op: unary, operand };
  }
  if (word === "discriminant") {
    openOperation(c);
    const place = parsePlace(c, scope);
    c.expect(RPAREN, "`)`");
    return { kind: "discriminant", place };
  }
  if (word === "Len" && (c.kind(2) === LPAREN || c.kind(2) === Tok.LOCAL)) return parseLen(c, scope);
  if (
    word === "SizeOf" ||
    word === "AlignOf" ||
    word === "UbChecks" ||
    word === "ShallowInitBox" ||
    word === "CopyForDeref"
  ) {
    throw c.unsupported(`\`${word}\``);
  }
  return undefined;
}

function openOperation(c: Cursor): void {
  c.advance();
  c.advance();
}

/** `Len(array)` of older dumps: a constant. */
function parseLen(c: Cursor, scope: BodyScope): Rvalue {
  openOperation(c);
  const { ty } = parseTypedPlace(c, scope);
  if (ty.kind !== "array") throw c.unsupported(`the length of a \`${ty.text}\``);
  c.expect(RPAREN, "`)`");
  return { kind: "use", operand: { kind: "const", value: { kind: "scalar", ty: TY_USIZE, bits: BigInt(ty.length) } } };
}

/** `path(…)`: a call when `->` follows, else a tuple struct or variant. */
function parseApplied(c: Cursor, scope: BodyScope, path: Path, at: number): Right {
  const found = resolveVariant(scope, path);
  const item = scope.names.fns.find(pathText(path));
  const fields = found === undefined ? undefined : aggregateFields(scope, path, found);
  const generic = item !== undefined && item.generics.length > 0 && item.generics.length === path.args.length;
  const params = generic ? item.params.map((ty) => scope.names.tcx.substitute(ty, path.args)) : item?.params;
  const args = parseArgs(c, scope, fields ?? params);
  if (c.kind() === Tok.ARROW || found === undefined) {
    return { kind: "call", func: { kind: "const", value: fnConst(c, scope, path, at) }, args };
  }
  return value(aggregate(c, scope, path, at, args, "tuple"));
}

function aggregateFields(
  scope: BodyScope,
  path: Path,
  found: NonNullable<ReturnType<typeof resolveVariant>>,
): readonly Ty[] | undefined {
  if (path.args.length !== found.ty.def.generics.length) return undefined;
  return fieldTysOf(found.ty, found.variant, scope.names.tcx);
}

function parseArgs(c: Cursor, scope: BodyScope, expected: readonly Ty[] | undefined): readonly Operand[] {
  c.expect(LPAREN, "`(`");
  const args: Operand[] = [];
  while (!c.eat(RPAREN)) {
    args.push(parseOperand(c, scope, expected?.[args.length]));
    if (c.kind() !== RPAREN) c.expect(COMMA, "`,` or `)`");
  }
  return args;
}

/** `S { a: copy _1 }`. */
function parseNamedFields(c: Cursor, scope: BodyScope, path: Path, at: number): Rvalue {
  const found = resolveVariant(scope, path);
  if (found === undefined) throw unknownAggregate(c, path, at);
  const fields = aggregateFields(scope, path, found);
  const defs = found.ty.def.variants[found.variant]!.fields;
  c.expect(LBRACE, "`{`");
  const operands: (Operand | undefined)[] = new Array(defs.length).fill(undefined);
  while (!c.eat(RBRACE)) {
    const nameAt = c.at;
    const name = c.kind() === Tok.NUMBER ? String(c.integer("a field")) : c.ident("a field");
    const index = defs.findIndex((f) => f.name === name);
    if (index < 0) throw c.error(`\`${pathText(path)}\` has no field \`${name}\``, undefined, nameAt);
    if (operands[index] !== undefined) throw c.error(`the field \`${name}\` is given twice`, undefined, nameAt);
    c.expect(COLON, "`:`");
    operands[index] = parseOperand(c, scope, fields?.[index]);
    if (c.kind() !== RBRACE) c.expect(COMMA, "`,` or `}`");
  }
  const missing = operands.indexOf(undefined);
  if (missing >= 0) throw c.error(`the field \`${defs[missing]!.name}\` is not given`, undefined, at);
  return aggregate(c, scope, path, at, operands as Operand[], "named");
}

function unknownAggregate(c: Cursor, path: Path, at: number): Error {
  const text = pathText(path);
  return c.error(`\`${text}\` is no known function, struct or variant`, "declare it", at);
}

function aggregate(
  c: Cursor,
  scope: BodyScope,
  path: Path,
  at: number,
  operands: readonly Operand[],
  ctor: "unit" | "tuple" | "named",
): Rvalue {
  const found = resolveVariant(scope, path);
  if (found === undefined) throw unknownAggregate(c, path, at);
  const { ty, variant } = found;
  if (path.args.length !== ty.def.generics.length) {
    throw c.error(
      `\`${ty.def.name}\` has ${ty.def.generics.length} type parameters, not ${path.args.length}`,
      undefined,
      at,
    );
  }
  const def = ty.def.variants[variant]!;
  // What has no fields is printed like a unit; what has, can always be written with their names.
  const empty = ctor === "unit" && def.fields.length === 0;
  if (def.ctor !== ctor && !empty && ctor !== "named") {
    throw c.error(`\`${pathText(path)}\` is not written like this`, `it is declared as a ${def.ctor} constructor`, at);
  }
  if (operands.length !== def.fields.length) {
    throw c.error(`\`${pathText(path)}\` has ${def.fields.length} fields, not ${operands.length}`, undefined, at);
  }
  return { kind: "aggregate", aggregate: { kind: "adt", ty, def: ty.def, variant }, operands };
}

/** `&place`, `&mut place`, `&raw const place`, `&raw mut place`. */
function parseRef(c: Cursor, scope: BodyScope): Rvalue {
  c.expect(AMPERSAND, "`&`");
  if (c.eatWord("raw")) {
    const mutability = c.eatWord("mut") ? "mut" : "not";
    if (mutability === "not") c.expectWord("const");
    return { kind: "rawPtr", mutability, place: parsePlace(c, scope) };
  }
  if (c.isWord("fake") || c.kind() === Tok.LIFETIME) throw c.unsupported("this kind of borrow");
  const mutability = c.eatWord("mut") ? "mut" : "not";
  return { kind: "ref", mutability, place: parsePlace(c, scope) };
}

/** `[a, b]` and `[a; 4]`. */
function parseArray(c: Cursor, scope: BodyScope, expected: Ty): Rvalue {
  const at = c.at;
  c.expect(LBRACKET, "`[`");
  const element = expected.kind === "array" ? expected.element : undefined;
  const operands: Operand[] = [];
  while (!c.eat(RBRACKET)) {
    operands.push(parseOperand(c, scope, element));
    if (operands.length === 1 && c.eat(SEMICOLON)) {
      const count = parseLength(c);
      c.expect(RBRACKET, "`]`");
      return { kind: "repeat", operand: operands[0]!, count };
    }
    if (c.kind() !== RBRACKET) c.expect(COMMA, "`,` or `]`");
  }
  if (element === undefined)
    throw c.error(`an array is assigned to a place of type \`${expected.text}\``, undefined, at);
  return { kind: "aggregate", aggregate: { kind: "array", element }, operands };
}

/** `(a, b)`, `(a,)`, `()`. */
function parseTuple(c: Cursor, scope: BodyScope, expected: Ty): Rvalue {
  c.expect(LPAREN, "`(`");
  const fields = expected.kind === "tuple" ? expected.fields : undefined;
  const operands: Operand[] = [];
  while (!c.eat(RPAREN)) {
    operands.push(parseOperand(c, scope, fields?.[operands.length]));
    if (operands.length === 1 || c.kind() !== RPAREN) c.expect(COMMA, "`,`");
  }
  return { kind: "aggregate", aggregate: { kind: "tuple" }, operands };
}

/** ` as T (Kind)`. */
function parseCast(c: Cursor, scope: BodyScope, operand: Operand): Rvalue {
  c.expectWord("as");
  const ty = parseType(c, scope);
  c.expect(LPAREN, "`(` and the kind of the cast");
  const word = c.word();
  const kind = CASTS.get(word);
  if (kind !== undefined) {
    c.advance();
    c.expect(RPAREN, "`)`");
    return { kind: "cast", castKind: kind, operand, ty };
  }
  if (word !== "PointerCoercion" && word !== "Pointer") throw c.unsupported(`the cast \`${word}\``);
  return parseCoercion(c, operand, ty);
}

/** `PointerCoercion(ReifyFnPointer(Safe), Implicit)`; older dumps lack `(Safe)`, still older ones the origin. */
function parseCoercion(c: Cursor, operand: Operand, ty: Ty): Rvalue {
  c.advance();
  c.expect(LPAREN, "`(`");
  const at = c.at;
  const castKind = COERCIONS.get(c.word());
  if (castKind === undefined) throw c.unsupported(`the coercion \`${c.word()}\``, at);
  c.advance();
  if (c.eat(LPAREN)) {
    const safety = c.ident("`Safe` or `Unsafe`");
    if (safety !== "Safe" && safety !== "Unsafe") throw c.error("expected `Safe` or `Unsafe`", undefined, at);
    if (ty.kind === "fnptr" && ty.unsafe !== (safety === "Unsafe")) {
      throw c.error(`\`${safety}\` does not fit the type \`${ty.text}\``, undefined, at);
    }
    c.expect(RPAREN, "`)`");
  }
  let asCast = false;
  if (c.eat(COMMA)) {
    asCast = c.eatWord("AsCast");
    if (!asCast) c.expectWord("Implicit");
  }
  c.expect(RPAREN, "`)`");
  c.expect(RPAREN, "`)`");
  return { kind: "cast", castKind, operand, ty, ...(asCast ? { asCast } : {}) };
}
