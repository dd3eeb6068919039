/**
 * Types, paths and generic arguments in MIR text.
 */

import type { Cursor } from "./cursor.ts";
import { Tok } from "./lexer.ts";
import type { Names } from "./names.ts";
import { PRIMITIVE_TYPES, TY_NEVER, TY_UNIT, type Ty } from "./ty.ts";

const LPAREN = 40;
const RPAREN = 41;
const STAR = 42;
const COMMA = 44;
const SEMICOLON = 59;
const LESS = 60;
const GREATER = 62;
const LBRACKET = 91;
const RBRACKET = 93;
const AMPERSAND = 38;
const BANG = 33;

/** What a type can mention: the program's names, and the type parameters of the item it stands in. */
export interface TypeScope {
  readonly names: Names;
  readonly generics: readonly string[];
}

/** A path with its generic arguments, which stand behind one of its segments: `a::B::<T>::C`. */
export interface Path {
  readonly segments: readonly string[];
  readonly args: readonly Ty[];
  /** How many segments the arguments stand behind; all when there are none. */
  readonly argsAfter: number;
}

export function pathText(path: Path): string {
  return path.segments.join("::");
}

export function parseType(c: Cursor, scope: TypeScope): Ty {
  return c.nested(() => parseTypeHere(c, scope));
}

function parseTypeHere(c: Cursor, scope: TypeScope): Ty {
  const { tcx } = scope.names;
  switch (c.kind()) {
    case AMPERSAND: {
      c.advance();
      if (c.kind() === Tok.LIFETIME) throw c.unsupported("a lifetime in a type");
      const mutability = c.eatWord("mut") ? "mut" : "not";
      return tcx.ref(mutability, parseType(c, scope));
    }
    case STAR: {
      c.advance();
      const mutability = c.eatWord("mut") ? "mut" : "not";
      if (mutability === "not") c.expectWord("const");
      return tcx.ptr(mutability, parseType(c, scope));
    }
    case LPAREN:
      return parseTupleType(c, scope);
    case LBRACKET:
      return parseArrayType(c, scope);
    case BANG:
      c.advance();
      return TY_NEVER;
    case LESS:
      throw c.unsupported("a qualified path");
    default:
      return parseNamedType(c, scope);
  }
}

function parseTupleType(c: Cursor, scope: TypeScope): Ty {
  c.expect(LPAREN, "`(`");
  if (c.eat(RPAREN)) return TY_UNIT;
  const fields = [parseType(c, scope)];
  let comma = false;
  while (c.kind() !== RPAREN) {
    c.expect(COMMA, "`,` or `)`");
    comma = true;
    if (c.kind() !== RPAREN) fields.push(parseType(c, scope));
  }
  c.advance();
  return fields.length === 1 && !comma ? fields[0]! : scope.names.tcx.tuple(fields);
}

function parseArrayType(c: Cursor, scope: TypeScope): Ty {
  c.expect(LBRACKET, "`[`");
  const element = parseType(c, scope);
  if (c.kind() === RBRACKET) throw c.unsupported("a slice type");
  c.expect(SEMICOLON, "`;` and the array's length");
  const length = parseLength(c);
  c.expect(RBRACKET, "`]`");
  return scope.names.tcx.array(element, length);
}

/** The length of an array: a number, which may have the suffix `_usize`. */
export function parseLength(c: Cursor): number {
  if (c.kind() === Tok.IDENT) throw c.unsupported("an array length that is no number");
  const word = c.word();
  if (c.kind() === Tok.NUMBER && word.endsWith("_usize")) {
    const value = Number(word.slice(0, -6));
    if (Number.isSafeInteger(value)) {
      c.advance();
      return value;
    }
  }
  return c.integer("the array's length");
}

function parseNamedType(c: Cursor, scope: TypeScope): Ty {
  if (c.kind() === Tok.IDENT) {
    const word = c.word();
    if (c.kind(1) !== Tok.PATH_SEP && c.kind(1) !== LESS) {
      const simple = PRIMITIVE_TYPES.get(word) ?? parameter(word, scope);
      if (simple !== undefined) {
        c.advance();
        return simple;
      }
    }
    switch (word) {
      case "fn":
      case "unsafe":
      case "extern":
        return parseFnPtrType(c, scope);
      case "str":
      case "f16":
      case "f128":
        throw c.unsupported(`the type \`${word}\``);
      case "dyn":
      case "impl":
      case "for":
        throw c.unsupported(`a type with \`${word}\``);
      default:
    }
  } else if (c.kind() === 123) {
    throw c.unsupported("a closure's or a coroutine's type");
  }
  return parseAdtType(c, scope);
}

function parameter(word: string, scope: TypeScope): Ty | undefined {
  const index = scope.generics.indexOf(word);
  return index < 0 ? undefined : scope.names.tcx.param(index, word);
}

function parseAdtType(c: Cursor, scope: TypeScope): Ty {
  const at = c.at;
  const path = parsePath(c, scope, "a type");
  const text = pathText(path);
  const def = scope.names.adt(text);
  if (def === undefined) {
    if (scope.names.isAmbiguousAdt(text))
      throw c.error(`several types are named \`${text}\``, "write its full path", at);
    throw c.error(`unknown type \`${text}\``, "declare it with `struct` or `enum`", at);
  }
  if (path.args.length !== def.generics.length) {
    throw c.error(`\`${def.name}\` has ${def.generics.length} type parameters, not ${path.args.length}`, undefined, at);
  }
  return scope.names.tcx.adt(def, path.args);
}

/** `fn(A) -> B`, `unsafe fn()`, `extern "C" fn()`. */
function parseFnPtrType(c: Cursor, scope: TypeScope): Ty {
  const unsafe = c.eatWord("unsafe");
  const abi = parseAbi(c);
  c.expectWord("fn");
  c.expect(LPAREN, "`(`");
  const params: Ty[] = [];
  while (!c.eat(RPAREN)) {
    params.push(parseType(c, scope));
    if (c.kind() !== RPAREN) c.expect(COMMA, "`,` or `)`");
  }
  const ret = c.eat(Tok.ARROW) ? parseType(c, scope) : TY_UNIT;
  return scope.names.tcx.fnPtr(params, ret, { unsafe, abi });
}

/** `extern "C"` or nothing. */
export function parseAbi(c: Cursor): string {
  if (!c.eatWord("extern")) return "Rust";
  if (c.kind() !== Tok.STRING) return "C";
  const abi = c.word().slice(1, -1);
  if (abi !== "C" && abi !== "Rust") throw c.unsupported(`the ABI \`${abi}\``);
  c.advance();
  return abi;
}

/** A path; its generic arguments follow `<` or `::<`. */
export function parsePath(c: Cursor, scope: TypeScope, what: string): Path {
  const segments: string[] = [];
  let args: readonly Ty[] | undefined;
  let argsAfter = 0;
  while (true) {
    if (c.kind() === LESS || c.kind() === 123) throw c.unsupported("a path through an `impl` or a closure");
    segments.push(c.ident(segments.length === 0 ? what : "a path's next segment"));
    const turbofish = c.kind() === Tok.PATH_SEP && c.kind(1) === LESS && !c.isWord("impl", 2);
    if (turbofish) c.advance();
    if (c.kind() === LESS) {
      if (args !== undefined) throw c.unsupported("generic arguments at two places of a path");
      args = parseGenericArgs(c, scope);
      argsAfter = segments.length;
    }
    if (!c.eat(Tok.PATH_SEP)) break;
  }
  return { segments, args: args ?? [], argsAfter: args === undefined ? segments.length : argsAfter };
}

function parseGenericArgs(c: Cursor, scope: TypeScope): readonly Ty[] {
  c.expect(LESS, "`<`");
  const args: Ty[] = [];
  while (!c.eat(GREATER)) {
    if (c.kind() === Tok.LIFETIME) throw c.unsupported("a lifetime argument");
    if (c.kind() === Tok.NUMBER) throw c.unsupported("a constant as generic argument");
    args.push(parseType(c, scope));
    if (c.kind() !== GREATER) c.expect(COMMA, "`,` or `>`");
  }
  return args;
}
