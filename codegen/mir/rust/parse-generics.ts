/**
 * Attributes, visibility, generic parameters and `where` clauses of Rust items.
 */

import type { Bound } from "../text/ast.ts";
import { B } from "../text/bytes.ts";
import type { Cursor } from "../text/cursor.ts";
import { parseBinder, parseBounds, parseConst, parseLifetime, parseType } from "../text/parse.ts";
import type { Attribute, GenericParam, Generics, WherePredicate } from "./ast.ts";
import { skipBalanced } from "./skip.ts";

/** `#[…]` and `#![…]` before an item; those of the whole file are dropped. */
export function parseAttributes(c: Cursor): Attribute[] {
  const attributes: Attribute[] = [];
  while (c.peek() === B.HASH) {
    const at = c.at;
    c.eat(B.HASH);
    const inner = c.eat(B.BANG);
    if (c.peek() !== B.LBRACKET) throw c.expected("`[`");
    const from = c.at + 1;
    skipBalanced(c);
    const text = c.slice(from, c.prevEnd - 1).trim();
    if (!inner) attributes.push(attribute(c, at, text));
  }
  return attributes;
}

/** One string literal, and nothing else. */
const STRING_LITERAL = /^"(?:[^"\\]|\\[\s\S])*"$/;
/** Raw strings, and `include_str!("…")` and its like. */
const RAW_OR_MACRO = /^(?:[bc]?r#*"|[\w:]+!\s*[([{])/;

function attribute(c: Cursor, at: number, text: string): Attribute {
  const whole = /^unsafe\s*\(([\s\S]*)\)$/.exec(text)?.[1]?.trim() ?? text;
  const name = /^[\w:]*/.exec(whole)![0];
  const rest = whole.slice(name.length).trim();
  const value = rest.startsWith("=") ? rest.slice(1).trim() : rest.startsWith("(") ? rest.slice(1, -1).trim() : rest;
  if (rest.startsWith("=") && value.includes('"') && !STRING_LITERAL.test(value) && !RAW_OR_MACRO.test(value))
    throw c.error("expected one string as the value of the attribute", undefined, at);
  return { at, name, value: value.replace(/^"([\s\S]*)"$/, "$1"), text: whole };
}

/** `pub`, `pub(in path)`, `crate`. */
export function skipVisibility(c: Cursor): void {
  if (!c.eatWord("pub")) return;
  if (c.peek() !== B.LPAREN) return;
  // `pub (A, B)` of a tuple struct's field is a type.
  if (/^\(\s*(?:crate|self|super|in)\b/.test(c.slice(c.at, c.at + 16))) skipBalanced(c);
}

/** `<'a, T: A = B, const N: usize = 3>`, or nothing. */
export function parseGenericParams(c: Cursor): GenericParam[] {
  const params: GenericParam[] = [];
  if (!c.eat(B.LESS)) return params;
  while (!c.eat(B.GREATER)) {
    parseAttributes(c);
    params.push(parseGenericParam(c));
    if (c.peek() !== B.GREATER) c.expect(B.COMMA);
  }
  return params;
}

function parseGenericParam(c: Cursor): GenericParam {
  if (c.peek() === B.QUOTE) {
    const name = parseLifetime(c);
    if (c.eat(B.COLON)) parseOptionalBounds(c);
    return { kind: "lifetime", name };
  }
  if (c.eatWord("const")) {
    const name = paramName(c, "a const parameter");
    c.expect(B.COLON);
    const ty = parseType(c);
    return { kind: "const", name, ty, default: c.eat(B.EQUALS) ? parseConst(c) : undefined };
  }
  const name = paramName(c, "a type parameter");
  const bounds = c.eat(B.COLON) ? parseOptionalBounds(c) : [];
  return { kind: "type", name, bounds, default: c.eat(B.EQUALS) ? parseType(c) : undefined };
}

/** `_` is no name: where a type stands, it means one that is not said. */
function paramName(c: Cursor, what: string): string {
  if (c.slice(c.at, c.at + 2).match(/^_(?!\w)/) !== null) throw c.expected(what);
  return c.ident(what);
}

/** Bounds behind a `:`, of which there may be none. */
export function parseOptionalBounds(c: Cursor): readonly Bound[] {
  const next = c.peek();
  if (next === B.COMMA || next === B.GREATER || next === B.EQUALS || next === B.LBRACE || next === B.SEMICOLON)
    return [];
  c.eatText("[const]");
  c.eatText("~const");
  return parseBounds(c);
}

/** `where T: A, 'a: 'b`, or nothing. */
export function parseWhere(c: Cursor): WherePredicate[] {
  const predicates: WherePredicate[] = [];
  if (!c.eatWord("where")) return predicates;
  while (c.peek() !== B.LBRACE && c.peek() !== B.SEMICOLON && c.peek() !== B.EQUALS) {
    if (c.peek() === B.QUOTE) {
      parseLifetime(c);
      c.expect(B.COLON);
      parseOptionalBounds(c);
    } else {
      parseBinder(c);
      const ty = parseType(c);
      c.expect(B.COLON);
      predicates.push({ ty, bounds: parseOptionalBounds(c) });
    }
    if (!c.eat(B.COMMA)) break;
  }
  return predicates;
}

/** The parameters and the `where` clause of an item that has nothing between them. */
export function parseGenerics(c: Cursor): Generics {
  const params = parseGenericParams(c);
  return { params, where: parseWhere(c) };
}
