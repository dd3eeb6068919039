/**
 * Items in MIR text: attributes, `struct`, `enum`, `fn`, `extern` declarations.
 *
 * Items may mention each other in any order. So they are read in steps: each item's extent and name; the fields of types; the
 * signatures of functions; at last the bodies. An `ItemSource` says where an item stands, and each step goes back there.
 */

import type { Span } from "../session/diagnostic.ts";
import type { Cursor } from "./cursor.ts";
import { Tok } from "./lexer.ts";
import { intFromValue } from "./literal.ts";
import { parseAbi, parseType, type TypeScope } from "./parse-type.ts";
import type { FnItem, InlineAttr } from "./syntax.ts";
import {
  type AdtDef,
  DEFAULT_REPR,
  type FieldDef,
  isIntegral,
  PRIMITIVE_TYPES,
  type ReprOptions,
  TY_UNIT,
  type Ty,
  type VariantDef,
} from "./ty.ts";

const HASH = 35;
const LPAREN = 40;
const RPAREN = 41;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const COLON = 58;
const SEMICOLON = 59;
const LESS = 60;
const EQUALS = 61;
const GREATER = 62;
const LBRACKET = 91;
const RBRACKET = 93;
const LBRACE = 123;
const RBRACE = 125;

/** Where an item stands and what it is called. */
export interface ItemSource {
  readonly kind: "struct" | "enum" | "fn" | "extern";
  readonly name: string;
  readonly generics: readonly string[];
  readonly span: Span;
  readonly repr: ReprOptions;
  readonly inline: InlineAttr;
  /** The token of the name, and the one behind the name and its type parameters. */
  readonly nameAt: number;
  readonly restAt: number;
  readonly abi: string;
}

interface Attributes {
  repr: ReprOptions;
  inline: InlineAttr;
}

/** Reads an item's attributes, keyword, name and type parameters; does not move past the rest. */
export function parseItemHead(c: Cursor): ItemSource {
  const attributes: Attributes = { repr: DEFAULT_REPR, inline: "none" };
  while (c.kind() === HASH) parseAttribute(c, attributes);
  skipVisibility(c);
  const span = c.span();
  const word = c.kind() === Tok.IDENT ? c.word() : "";
  if (word === "struct" || word === "enum") {
    c.advance();
    const nameAt = c.at;
    const { name, generics } = parseNameAndGenerics(c);
    return { kind: word, name, generics, span, ...attributes, nameAt, restAt: c.at, abi: "Rust" };
  }
  c.eatWord("unsafe");
  if (c.isWord("extern") && c.isWord("crate", 1)) throw c.unsupported("`extern crate`");
  const abi = parseAbi(c);
  if (!c.isWord("fn")) throw otherItem(c);
  c.advance();
  const nameAt = c.at;
  const { name, generics } = parseNameAndGenerics(c);
  return { kind: "fn", name, generics, span, ...attributes, nameAt, restAt: c.at, abi };
}

function otherItem(c: Cursor): Error {
  const word = c.kind() === Tok.IDENT ? c.word() : "";
  if (word === "const" && c.isWord("fn", 1)) return c.unsupported("`const fn`");
  switch (word) {
    case "const":
    case "static":
      return c.unsupported(c.isWord("mut", 1) ? "a `static mut` item" : `a \`${word}\` item`);
    case "union":
    case "trait":
    case "impl":
    case "mod":
    case "use":
    case "type":
    case "async":
      return c.unsupported(`a \`${word}\` item`);
    default:
      if (c.kind() === LBRACE && c.isWord("extern", -1)) return c.unsupported("an `extern` block");
      return c.unexpected("an item: `fn`, `struct`, `enum` or `extern`");
  }
}

function skipVisibility(c: Cursor): void {
  if (!c.eatWord("pub") || !c.eat(LPAREN)) return;
  c.ident("`crate`, `self` or `super`");
  c.expect(RPAREN, "`)`");
}

/** `name`, `path::name` or rustc's `<impl at file.rs:1:1: 1:9>::name`, and `<T, U>`. */
function parseNameAndGenerics(c: Cursor): { name: string; generics: string[] } {
  const from = c.at;
  if (c.kind() === LESS) skipImplPath(c);
  while (true) {
    if (c.kind() === LBRACE) throw c.unsupported("a closure or a constant inside a function");
    if (c.kind() === LESS) throw c.unsupported("a path through an `impl`");
    c.ident("a name");
    if (!c.eat(Tok.PATH_SEP)) break;
  }
  const name = c.slice(from, c.at - 1);
  const generics: string[] = [];
  if (c.eat(LESS)) {
    while (!c.eat(GREATER)) {
      if (c.kind() === Tok.LIFETIME) throw c.unsupported("a lifetime parameter");
      const at = c.at;
      const generic = c.ident("a type parameter");
      if (generic === "const") throw c.unsupported("a constant parameter", at);
      if (PRIMITIVE_TYPES.has(generic) || generics.includes(generic)) {
        throw c.error(`\`${generic}\` cannot name a type parameter here`, undefined, at);
      }
      generics.push(generic);
      if (c.kind() === COLON) throw c.unsupported("a bound on a type parameter");
      if (c.kind() !== GREATER) c.expect(COMMA, "`,` or `>`");
    }
  }
  return { name, generics };
}

/** `<impl at file.rs:1:1: 1:9>::`. */
function skipImplPath(c: Cursor): void {
  if (!c.isWord("impl", 1) || !c.isWord("at", 2)) throw c.unsupported("a qualified path");
  while (c.kind() !== GREATER) {
    if (c.kind() === Tok.EOF || c.startsLine(c.at + 1)) throw c.unexpected("`>`");
    c.advance();
  }
  c.advance();
  c.expect(Tok.PATH_SEP, "`::`");
}

/** `#[repr(…)]`, `#[inline(…)]`; other attributes are unknown. */
function parseAttribute(c: Cursor, attributes: Attributes): void {
  c.expect(HASH, "`#`");
  c.expect(LBRACKET, "`[`");
  const at = c.at;
  const name = c.ident("an attribute");
  if (name === "inline") attributes.inline = parseInline(c);
  else if (name === "repr") attributes.repr = parseRepr(c, attributes.repr);
  else throw c.unsupported(`the attribute \`${name}\``, at);
  c.expect(RBRACKET, "`]`");
}

function parseInline(c: Cursor): InlineAttr {
  if (!c.eat(LPAREN)) return "hint";
  const at = c.at;
  const how = c.ident("`never` or `always`");
  if (how !== "never" && how !== "always") throw c.error("expected `never` or `always`", undefined, at);
  c.expect(RPAREN, "`)`");
  return how;
}

function parseRepr(c: Cursor, before: ReprOptions): ReprOptions {
  let repr = before;
  c.expect(LPAREN, "`(`");
  while (!c.eat(RPAREN)) {
    const at = c.at;
    const hint = c.ident("`C`, `transparent`, `packed`, `align` or an integer type");
    const int = PRIMITIVE_TYPES.get(hint);
    if (hint === "C") repr = { ...repr, c: true };
    else if (hint === "Rust") repr = { ...repr };
    else if (hint === "transparent") repr = { ...repr, transparent: true };
    else if (hint === "packed") repr = { ...repr, packed: c.kind() === LPAREN ? parsePowerOfTwo(c) : 1 };
    else if (hint === "align") repr = { ...repr, align: parsePowerOfTwo(c) };
    else if (int !== undefined && isIntegral(int)) repr = { ...repr, int };
    else throw c.error(`unknown representation \`${hint}\``, undefined, at);
    if (c.kind() !== RPAREN) c.expect(COMMA, "`,` or `)`");
  }
  return repr;
}

function parsePowerOfTwo(c: Cursor): number {
  c.expect(LPAREN, "`(`");
  const at = c.at;
  const value = c.integer("an alignment", 2 ** 29);
  if (value === 0 || (value & (value - 1)) !== 0) throw c.error("an alignment is a power of two", undefined, at);
  c.expect(RPAREN, "`)`");
  return value;
}

/** An item without its fields, for other items to mention. */
export function declareAdt(source: ItemSource): AdtDef {
  return {
    name: source.name,
    adtKind: source.kind === "enum" ? "enum" : "struct",
    generics: source.generics,
    variants: [],
    repr: source.repr,
    explicitDiscriminants: false,
    prelude: false,
  };
}

/** Reads the fields of a declared type. */
export function parseAdt(c: Cursor, source: ItemSource, def: AdtDef, scope: TypeScope): void {
  c.at = source.restAt;
  checkRepr(c, source);
  if (source.kind === "struct") {
    const variant = parseFields(c, scope, lastName(source.name));
    if (variant.ctor !== "named") c.expect(SEMICOLON, "`;`");
    def.variants = [{ ...variant, discriminant: 0n }];
    return;
  }
  parseVariants(c, source, def, scope);
}

function checkRepr(c: Cursor, source: ItemSource): void {
  const { repr, kind } = source;
  const error = (message: string): Error => c.error(message, undefined, source.nameAt);
  if (kind === "struct" && repr.int !== undefined)
    throw error("a struct has no discriminant to represent as an integer");
  if (kind === "enum" && repr.packed !== undefined) throw error("an enum cannot be packed");
  if (repr.packed !== undefined && repr.align !== undefined) throw error("`packed` and `align` exclude each other");
  if (repr.transparent && (repr.c || repr.packed !== undefined || repr.align !== undefined || repr.int !== undefined)) {
    throw error("`transparent` excludes other representations");
  }
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf(":") + 1);
}

/** `{ a: T }`, `(T)` or nothing. */
function parseFields(c: Cursor, scope: TypeScope, name: string): Omit<VariantDef, "discriminant"> {
  const fields: FieldDef[] = [];
  if (c.eat(LPAREN)) {
    while (!c.eat(RPAREN)) {
      skipVisibility(c);
      fields.push({ name: String(fields.length), ty: parseType(c, scope) });
      if (c.kind() !== RPAREN) c.expect(COMMA, "`,` or `)`");
    }
    return { name, ctor: "tuple", fields };
  }
  if (!c.eat(LBRACE)) return { name, ctor: "unit", fields };
  const seen = new Set<string>();
  while (!c.eat(RBRACE)) {
    skipVisibility(c);
    const at = c.at;
    const field = c.ident("a field's name");
    if (seen.has(field)) throw c.error(`the field \`${field}\` is declared twice`, undefined, at);
    seen.add(field);
    c.expect(COLON, "`:`");
    fields.push({ name: field, ty: parseType(c, scope) });
    if (c.kind() !== RBRACE) c.expect(COMMA, "`,` or `}`");
  }
  return { name, ctor: "named", fields };
}

function parseVariants(c: Cursor, source: ItemSource, def: AdtDef, scope: TypeScope): void {
  const variants: VariantDef[] = [];
  const seen = new Set<string>();
  const discriminants = new Set<bigint>();
  let next = 0n;
  c.expect(LBRACE, "`{`");
  while (!c.eat(RBRACE)) {
    const at = c.at;
    const name = c.ident("a variant's name");
    if (seen.has(name)) throw c.error(`the variant \`${name}\` is declared twice`, undefined, at);
    seen.add(name);
    const variant = parseFields(c, scope, name);
    let discriminant = next;
    if (c.eat(EQUALS)) {
      discriminant = parseDiscriminant(c);
      def.explicitDiscriminants = true;
    }
    checkDiscriminant(c, source, discriminant, at);
    if (discriminants.has(discriminant))
      throw c.error(`the discriminant ${discriminant} is there twice`, undefined, at);
    discriminants.add(discriminant);
    variants.push({ ...variant, discriminant });
    next = discriminant + 1n;
    if (c.kind() !== RBRACE) c.expect(COMMA, "`,` or `}`");
  }
  if (def.explicitDiscriminants && source.repr.int === undefined && variants.some((v) => v.ctor !== "unit")) {
    throw c.error("explicit discriminants beside fields need an integer `repr`", "write `#[repr(u8)]`", source.nameAt);
  }
  if (variants.length === 0 && source.repr.int !== undefined) {
    throw c.error("an enum without variants has no discriminant to represent", undefined, source.nameAt);
  }
  def.variants = variants;
}

function parseDiscriminant(c: Cursor): bigint {
  const negative = c.eat(MINUS);
  const word = c.kind() === Tok.NUMBER ? c.word() : "";
  const match = /^(\d{1,39}|0x[\da-fA-F]{1,32})(?:_?[iu](?:8|16|32|64|128|size))?$/.exec(word);
  if (match === null) throw c.unexpected("a number");
  c.advance();
  const value = BigInt(match[1]!);
  return negative ? -value : value;
}

function checkDiscriminant(c: Cursor, source: ItemSource, value: bigint, at: number): void {
  const ty = source.repr.int ?? PRIMITIVE_TYPES.get("isize")!;
  if (isIntegral(ty) && intFromValue(ty, value) === undefined) {
    throw c.error(`the discriminant ${value} does not fit in \`${ty.text}\``, undefined, at);
  }
}

/** A signature, and where the body starts; an `extern` declaration has none. */
export interface ParsedSignature {
  readonly item: FnItem;
  /** The token at the body's `{`; `undefined` for a declaration. */
  readonly bodyAt: number | undefined;
}

/** Reads a function's parameters and return type. */
export function parseSignature(c: Cursor, source: ItemSource, scope: TypeScope): ParsedSignature {
  c.at = source.restAt;
  const params: Ty[] = [];
  c.expect(LPAREN, "`(`");
  while (!c.eat(RPAREN)) {
    if (c.kind() === DOT) throw c.unsupported("a function with variable arguments");
    parseParamName(c, params.length + 1);
    params.push(parseType(c, scope));
    if (c.kind() !== RPAREN) c.expect(COMMA, "`,` or `)`");
  }
  const ret = c.eat(Tok.ARROW) ? parseType(c, scope) : TY_UNIT;
  const declared = c.kind() === SEMICOLON;
  if (!declared && c.kind() !== LBRACE) throw c.unexpected("`{` and the body");
  const item: FnItem = {
    name: source.name,
    kind: declared ? "extern" : "fn",
    generics: source.generics,
    params,
    ret,
    inline: source.inline,
    abi: source.abi,
    body: undefined,
    span: source.span,
  };
  const bodyAt = c.at;
  if (declared) c.advance();
  return { item, bodyAt: declared ? undefined : bodyAt };
}

/** `_1: `; a declaration may have other names, or none. */
function parseParamName(c: Cursor, number: number): void {
  if (c.kind() === Tok.LOCAL && c.kind(1) === COLON) {
    if (c.value() !== number) throw c.error(`the parameter \`_${c.value()}\` should be \`_${number}\``);
    c.advance();
    c.advance();
  } else if (c.kind() === Tok.IDENT && c.kind(1) === COLON) {
    c.advance();
    c.advance();
  }
}
