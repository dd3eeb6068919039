/**
 * Places, constants and operands in MIR text.
 *
 * A place is read together with its type, as `(place as Variant)` names a variant of that type. Constants whose text does not tell
 * their type (`const []`) take it from where they stand: the *expected* type.
 */

import type { Cursor } from "./cursor.ts";
import { Tok } from "./lexer.ts";
import {
  canonicalNan,
  fieldlessTagBits,
  intBits,
  intFromValue,
  parseChar,
  parseFloatText,
  scalarBits,
} from "./literal.ts";
import { type Path, parsePath, parseType, pathText, type TypeScope } from "./parse-type.ts";
import { projectTy } from "./place-ty.ts";
import type { Const, Local, LocalDecl, Operand, Place, PlaceElem } from "./syntax.ts";
import { isIntegral, PRIMITIVE_TYPES, TY_BOOL, TY_CHAR, TY_F32, TY_F64, TY_UNIT, type Ty, type TyCtxt } from "./ty.ts";

const LPAREN = 40;
const RPAREN = 41;
const STAR = 42;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const COLON = 58;
const LESS = 60;
const LBRACKET = 91;
const RBRACKET = 93;
const HASH = 35;
const LBRACE = 123;
const RBRACE = 125;

/** What the statements of a body can mention. */
export interface BodyScope extends TypeScope {
  readonly locals: readonly LocalDecl[];
}

interface TypedPlace {
  readonly place: Place;
  readonly ty: Ty;
}

const NO_PROJECTION: readonly PlaceElem[] = [];

export function parseLocal(c: Cursor, scope: BodyScope): Local {
  if (c.kind() !== Tok.LOCAL) throw c.unexpected("a local such as `_1`");
  const local = c.value();
  if (local >= scope.locals.length) throw c.error(`the local \`_${local}\` is not declared`);
  c.advance();
  return local as Local;
}

export function parsePlace(c: Cursor, scope: BodyScope): Place {
  return parseTypedPlace(c, scope).place;
}

export function parseTypedPlace(c: Cursor, scope: BodyScope): TypedPlace {
  const projection: PlaceElem[] = [];
  const start = c.at;
  const base = parsePlaceInto(c, scope, projection, start);
  const place = { local: base.local, projection: projection.length === 0 ? NO_PROJECTION : projection };
  return { place, ty: base.ty };
}

/** Reads a place, appends its projections, and answers its local and its type. */
function parsePlaceInto(c: Cursor, scope: BodyScope, projection: PlaceElem[], start: number): { local: Local; ty: Ty } {
  let base: { local: Local; ty: Ty };
  if (c.eat(LPAREN)) {
    base = c.nested(() => parseParenthesised(c, scope, projection, start));
  } else {
    const local = parseLocal(c, scope);
    base = { local, ty: scope.locals[local]!.ty };
  }
  while (c.kind() === LBRACKET) {
    const elem = parseIndex(c, scope);
    projection.push(elem);
    base = { local: base.local, ty: project(c, scope.names.tcx, base.ty, elem, start) };
  }
  return base;
}

function project(c: Cursor, tcx: TyCtxt, ty: Ty, elem: PlaceElem, start: number): Ty {
  const projected = projectTy({ ty }, elem, tcx);
  if (projected !== undefined) return projected.ty;
  const what = elem.kind === "deref" ? "dereferenced" : "indexed";
  throw c.error(`a place of type \`${ty.text}\` cannot be ${what}`, undefined, start);
}

/** Behind `(`: `*place)`, `place.N: T)` or `place as Variant)`. */
function parseParenthesised(
  c: Cursor,
  scope: BodyScope,
  projection: PlaceElem[],
  start: number,
): { local: Local; ty: Ty } {
  if (c.eat(STAR)) {
    const { local, ty } = parsePlaceInto(c, scope, projection, start);
    const elem: PlaceElem = { kind: "deref" };
    projection.push(elem);
    c.expect(RPAREN, "`)`");
    return { local, ty: project(c, scope.names.tcx, ty, elem, start) };
  }
  const base = parsePlaceInto(c, scope, projection, start);
  if (c.eat(DOT)) {
    const index = c.integer("a field's number", 0xffff);
    c.expect(COLON, "`:` and the field's type");
    const ty = parseType(c, scope);
    projection.push({ kind: "field", index, ty });
    c.expect(RPAREN, "`)`");
    return { local: base.local, ty };
  }
  if (!c.eatWord("as")) throw c.unexpected("`.`, `as` or `)` in a place");
  projection.push(parseDowncast(c, base.ty));
  c.expect(RPAREN, "`)`");
  return base;
}

function parseDowncast(c: Cursor, ty: Ty): PlaceElem {
  if (ty.kind !== "adt" || ty.def.adtKind !== "enum") throw c.error(`\`${ty.text}\` is no enum`);
  const at = c.at;
  if (c.isWord("variant") && c.kind(1) === HASH) {
    c.advance();
    c.advance();
    const variant = c.integer("a variant's number");
    const def = ty.def.variants[variant];
    if (def === undefined) throw c.error(`\`${ty.text}\` has no variant ${variant}`, undefined, at);
    return { kind: "downcast", variant, name: def.name };
  }
  const name = c.ident("a variant");
  const variant = ty.def.variants.findIndex((v) => v.name === name);
  if (variant < 0) throw c.error(`\`${ty.text}\` has no variant \`${name}\``, undefined, at);
  return { kind: "downcast", variant, name };
}

/** `[_1]`, `[0 of 3]` or `[-1 of 3]`. */
function parseIndex(c: Cursor, scope: BodyScope): PlaceElem {
  c.expect(LBRACKET, "`[`");
  if (c.kind() === Tok.LOCAL) {
    const local = parseLocal(c, scope);
    c.expect(RBRACKET, "`]`");
    return { kind: "index", local };
  }
  if (c.kind() === COLON) throw c.unsupported("a subslice");
  const fromEnd = c.eat(MINUS);
  const offset = c.integer("an index");
  if (c.kind() === COLON || c.kind() === DOT) throw c.unsupported("a subslice");
  c.expectWord("of");
  const minLength = c.integer("a length");
  c.expect(RBRACKET, "`]`");
  return { kind: "constantIndex", offset, minLength, fromEnd };
}

/** The current token starts an operand that is no path. */
export function startsOperand(c: Cursor): boolean {
  return c.kind() === Tok.LOCAL || c.isWord("copy") || c.isWord("move") || c.isWord("const");
}

/** `copy place`, `move place`, `const …`, an item's path; a place alone, as older dumps have it, is copied. */
export function parseOperand(c: Cursor, scope: BodyScope, expected: Ty | undefined): Operand {
  switch (c.kind()) {
    case Tok.LOCAL:
    case LPAREN:
      return { kind: "copy", place: parsePlace(c, scope) };
    case Tok.IDENT:
      if (c.eatWord("copy")) return { kind: "copy", place: parsePlace(c, scope) };
      if (c.eatWord("move")) return { kind: "move", place: parsePlace(c, scope) };
      if (c.eatWord("const")) return { kind: "const", value: parseConst(c, scope, expected) };
      return { kind: "const", value: parseFnConst(c, scope) };
    default:
      if (c.kind() === LESS) throw c.unsupported("a qualified path");
      throw c.unexpected("an operand");
  }
}

/** A function item as a value. */
function parseFnConst(c: Cursor, scope: BodyScope): Const {
  const at = c.at;
  const path = parsePath(c, scope, "an operand");
  return fnConst(c, scope, path, at);
}

/** What `path` names among the functions. */
export function fnConst(c: Cursor, scope: TypeScope, path: Path, at: number): Const {
  const text = pathText(path);
  const item = scope.names.fns.find(text);
  if (item === undefined) {
    if (scope.names.fns.isAmbiguous(text))
      throw c.error(`several functions are named \`${text}\``, "write its full path", at);
    throw c.error(`unknown function \`${text}\``, "declare it with `fn` or `extern`", at);
  }
  if (path.args.length !== item.generics.length) {
    throw c.error(`\`${text}\` has ${item.generics.length} type parameters, not ${path.args.length}`, undefined, at);
  }
  return { kind: "fn", item, args: path.args };
}

/** What follows `const` in an operand. */
export function parseConst(c: Cursor, scope: BodyScope, expected: Ty | undefined): Const {
  switch (c.kind()) {
    case Tok.NUMBER:
      return parseNumber(c, false);
    case MINUS:
    case PLUS: {
      const negative = c.kind() === MINUS;
      c.advance();
      if (c.kind() === Tok.IDENT) return parseNamedFloat(c, negative ? "-" : "+");
      return parseNumber(c, negative);
    }
    case Tok.CHAR: {
      const code = parseChar(c.word());
      if (code === undefined) throw c.error(`\`${c.word()}\` is no character`);
      c.advance();
      return { kind: "scalar", ty: TY_CHAR, bits: BigInt(code) };
    }
    case LPAREN:
      if (c.kind(1) !== RPAREN) throw c.unsupported("a constant tuple");
      c.advance();
      c.advance();
      return { kind: "zst", ty: TY_UNIT };
    case LBRACKET:
      return parseEmptyArray(c, expected);
    case LBRACE:
      return parseBraced(c, scope);
    case Tok.STRING:
      throw c.unsupported("a string constant");
    case LESS:
      throw c.unsupported("an associated constant");
    default:
      return parseNamedConst(c, scope);
  }
}

function parseEmptyArray(c: Cursor, expected: Ty | undefined): Const {
  if (c.kind(1) !== RBRACKET) throw c.unsupported("a constant array");
  if (expected?.kind !== "array" || expected.length !== 0) {
    throw c.error("the type of `const []` is not known here", "write `const {transmute(()): [T; 0]}`");
  }
  c.advance();
  c.advance();
  return { kind: "zst", ty: expected };
}

/** `5_i32`, `1.5f32`. */
function parseNumber(c: Cursor, negative: boolean): Const {
  const word = c.kind() === Tok.NUMBER ? c.word() : "";
  const float = /^([\d.]+(?:E[+-]?\d+)?)_?f(32|64)$/i.exec(word);
  if (float !== null) {
    const width = float[2] === "32" ? 32 : 64;
    const bits = parseFloatText(width, `${negative ? "-" : ""}${float[1]}`);
    const infinite = width === 32 ? 0x7f800000n : 0x7ff0000000000000n;
    if ((bits & infinite) === infinite) throw c.error(`\`${word}\` is too large for \`f${width}\``);
    c.advance();
    return { kind: "scalar", ty: width === 32 ? TY_F32 : TY_F64, bits };
  }
  const int = /^(0x[\da-fA-F]+|\d[\d_]*?)_?([iu](?:8|16|32|64|128|size))$/.exec(word);
  const ty = int === null ? undefined : PRIMITIVE_TYPES.get(int[2]!);
  if (int === null || ty === undefined || !isIntegral(ty) || int[1]!.length > 60) {
    if (/^\d+$/.test(word))
      throw c.error(`the number \`${word}\` has no type`, `write its type behind it: \`${word}_i32\``);
    throw c.unexpected("a number with its type, such as `5_i32`");
  }
  const value = BigInt(int[1]!.replaceAll("_", ""));
  const bits = intFromValue(ty, negative ? -value : value);
  if (bits === undefined) throw c.error(`\`${negative ? "-" : ""}${word}\` does not fit in \`${ty.text}\``);
  c.advance();
  return { kind: "scalar", ty, bits };
}

/** `+Inf_f32`, `-Inf_f64`; `NaN_f32` comes here without a sign. */
function parseNamedFloat(c: Cursor, sign: string): Const {
  const match = /^(Inf|NaN)_f(32|64)$/.exec(c.word());
  if (match === null || (match[1] === "NaN") !== (sign === "")) throw c.unexpected("a number");
  const width = match[2] === "32" ? 32 : 64;
  c.advance();
  const ty = width === 32 ? TY_F32 : TY_F64;
  if (match[1] === "NaN") return { kind: "scalar", ty, bits: canonicalNan(width) };
  const positive = width === 32 ? 0x7f800000n : 0x7ff0000000000000n;
  return { kind: "scalar", ty, bits: sign === "-" ? positive | (1n << BigInt(width - 1)) : positive };
}

/** `true`, `i32::MIN`, `NaN_f32`, a unit struct or variant. */
function parseNamedConst(c: Cursor, scope: BodyScope): Const {
  const word = c.word();
  if (word === "true" || word === "false") {
    c.advance();
    return { kind: "scalar", ty: TY_BOOL, bits: word === "true" ? 1n : 0n };
  }
  if (word === "NaN_f32" || word === "NaN_f64") return parseNamedFloat(c, "");
  const int = PRIMITIVE_TYPES.get(word);
  if (
    int !== undefined &&
    isIntegral(int) &&
    c.kind(1) === Tok.PATH_SEP &&
    (c.isWord("MIN", 2) || c.isWord("MAX", 2))
  ) {
    const max = c.isWord("MAX", 2);
    for (let i = 0; i < 3; i++) c.advance();
    const width = BigInt(intBits(int));
    if (int.kind === "uint") return { kind: "scalar", ty: int, bits: max ? (1n << width) - 1n : 0n };
    const min = 1n << (width - 1n);
    return { kind: "scalar", ty: int, bits: max ? min - 1n : min };
  }
  const at = c.at;
  const path = parsePath(c, scope, "a constant");
  if (scope.names.fns.find(pathText(path)) !== undefined) return fnConst(c, scope, path, at);
  return unitConst(c, scope, path, at);
}

/** A unit struct, or a variant of an enum whose variants have no fields. */
function unitConst(c: Cursor, scope: BodyScope, path: Path, at: number): Const {
  const found = resolveVariant(scope, path);
  if (found === undefined) throw c.unsupported(`the constant \`${pathText(path)}\``, at);
  const { ty, variant } = found;
  const def = ty.def.variants[variant]!;
  if (def.ctor !== "unit" || c.kind() === LPAREN || c.kind() === LBRACE) {
    throw c.unsupported(`a constant of type \`${ty.text}\``, at);
  }
  if (path.args.length !== ty.def.generics.length) {
    throw c.error(
      `\`${ty.def.name}\` has ${ty.def.generics.length} type parameters, not ${path.args.length}`,
      undefined,
      at,
    );
  }
  if (ty.def.adtKind === "struct") return { kind: "zst", ty };
  const bits = fieldlessBits(ty, variant);
  if (bits === undefined) throw c.unsupported(`a constant of type \`${ty.text}\``, at);
  return bits === "zst" ? { kind: "zst", ty } : { kind: "scalar", ty, bits };
}

/** The bits of a variant of an enum without fields: its discriminant in the tag. */
function fieldlessBits(ty: Ty, variant: number): bigint | "zst" | undefined {
  const bits = fieldlessTagBits(ty);
  if (bits === undefined || ty.kind !== "adt") return undefined;
  return bits === 0 ? "zst" : BigInt.asUintN(bits, ty.def.variants[variant]!.discriminant);
}

/** `{0x8 as *const u8}` and `{transmute(0x1): T}`. */
function parseBraced(c: Cursor, scope: BodyScope): Const {
  c.expect(LBRACE, "`{`");
  const at = c.at;
  if (c.kind() === Tok.NUMBER) {
    const bits = parseHex(c);
    c.expectWord("as");
    const ty = parseType(c, scope);
    c.expect(RBRACE, "`}`");
    if (ty.kind !== "ptr") throw c.unsupported(`a constant of type \`${ty.text}\``, at);
    return { kind: "scalar", ty, bits: fitting(c, bits, 64, at) };
  }
  if (!c.isWord("transmute")) throw c.unsupported("a constant that points to memory");
  c.advance();
  c.expect(LPAREN, "`(`");
  const bits = c.kind() === LPAREN ? undefined : parseHex(c);
  if (bits === undefined) {
    c.advance();
    c.expect(RPAREN, "`)`");
  }
  c.expect(RPAREN, "`)`");
  c.expect(COLON, "`:` and a type");
  const ty = parseType(c, scope);
  c.expect(RBRACE, "`}`");
  if (bits === undefined) return { kind: "zst", ty };
  const width = scalarBits(ty) ?? fieldlessTagBits(ty);
  if (width === undefined || width === 0) throw c.unsupported(`a constant of type \`${ty.text}\``, at);
  return { kind: "scalar", ty, bits: fitting(c, bits, width, at) };
}

function parseHex(c: Cursor): bigint {
  const word = c.word();
  if (c.kind() !== Tok.NUMBER || !/^0x[\da-fA-F]{1,32}$/.test(word)) throw c.unexpected("a hexadecimal number");
  c.advance();
  return BigInt(word);
}

function fitting(c: Cursor, bits: bigint, width: number, at: number): bigint {
  if (BigInt.asUintN(width, bits) !== bits) throw c.error(`this number has more than ${width} bits`, undefined, at);
  return bits;
}

/** The struct or the enum's variant that `path` means, with the type. */
export function resolveVariant(
  scope: TypeScope,
  path: Path,
): { readonly ty: Extract<Ty, { kind: "adt" }>; readonly variant: number } | undefined {
  const { names } = scope;
  const whole = names.adt(pathText(path));
  if (whole !== undefined && whole.adtKind === "struct" && path.argsAfter === path.segments.length) {
    return { ty: adtTy(scope, whole, path.args), variant: 0 };
  }
  if (path.segments.length < 2) return undefined;
  const def = names.adt(path.segments.slice(0, -1).join("::"));
  const last = path.segments[path.segments.length - 1]!;
  const variant = def?.adtKind === "enum" ? def.variants.findIndex((v) => v.name === last) : -1;
  return def === undefined || variant < 0 ? undefined : { ty: adtTy(scope, def, path.args), variant };
}

function adtTy(
  scope: TypeScope,
  def: Parameters<TypeScope["names"]["addAdt"]>[0],
  args: readonly Ty[],
): Extract<Ty, { kind: "adt" }> {
  return scope.names.tcx.adt(def, args) as Extract<Ty, { kind: "adt" }>;
}
