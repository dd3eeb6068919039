/**
 * Finding where a piece of text ends without understanding it: for looking types and paths up by their text before parsing them, and for what is kept
 * as text.
 */

import { B, CLASS, IDENT_PART } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { HASH_PRIME, HASH_SEED } from "./interner.ts";

/** Longer keys are not worth looking up; and no text is scanned further than this without being parsed. */
const MAX_KEY = 4096;

/** What ends a type at the outermost level, closing brackets apart. */
const ENDS_TYPE: Uint8Array = flags(",;=");
/** What ends a path. */
const ENDS_PATH: Uint8Array = flags(",;=( .:");
const OPENS: Uint8Array = flags("([{<");
const CLOSES: Uint8Array = flags(")]}>");
/** What a key must not hold: the scan would have to know more, or stops being about one line. */
const GIVES_UP: Uint8Array = flags("\0\n\"'/");

function flags(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const c of characters) table[c.charCodeAt(0)] = 1;
  return table;
}

/**
 * Where the type at the cursor ends, at the latest: it may take in a word that follows, never a bracket or comma. -1 when that cannot be told from the brackets.
 * `hash` of the cursor becomes the hash of the range.
 */
export function scanType(c: Cursor): number {
  const { bytes, at } = c;
  const limit = at + MAX_KEY;
  let hash = HASH_SEED;
  let depth = 0;
  for (let i = at; i < limit; i++) {
    const b = bytes[i]!;
    if (OPENS[b] === 1) {
      if (depth === 0 && b === B.LPAREN && bytes[i - 1] === B.SPACE && !continuesBefore(bytes, i))
        return finish(c, i, hash);
      depth++;
    } else if (CLOSES[b] === 1) {
      if (b !== B.GREATER || bytes[i - 1] !== B.MINUS) {
        if (depth === 0) return finish(c, i, hash);
        depth--;
      }
    } else if (depth === 0 && ENDS_TYPE[b] === 1) {
      // `1..=9` of a pattern.
      if (b !== B.EQUALS || bytes[i - 1] !== B.DOT) return finish(c, i, hash);
    } else if (GIVES_UP[b] === 1 && !allowed(bytes, i, b, depth)) {
      return -1;
    }
    hash = Math.imul(hash ^ b, HASH_PRIME);
  }
  return -1;
}

/** Lifetimes are harmless; so are the slashes of file names in braces. */
function allowed(bytes: Uint8Array, i: number, b: number, depth: number): boolean {
  if (b === B.QUOTE)
    return bytes[i + 1] !== B.BACKSLASH && bytes[i + 2] !== B.QUOTE && (CLASS[bytes[i + 1]!]! & IDENT_PART) !== 0;
  return b === B.SLASH && depth > 0 && bytes[i + 1] !== B.STAR && bytes[i + 1] !== B.SLASH;
}

/** The parenthesis at `i`, behind a space, is part of the type: `-> (`, `mut (`, `const (`, `dyn (`, `+ (`, `'a (`. */
function continuesBefore(bytes: Uint8Array, i: number): boolean {
  const before = bytes[i - 2]!;
  return (
    before === B.GREATER || before === B.PLUS || before === 116 || before === 110 || before === 97 || before === 95
  );
}

/** Where the path at the cursor ends; -1 as above. */
export function scanPath(c: Cursor): number {
  const { bytes, at } = c;
  const limit = at + MAX_KEY;
  let hash = HASH_SEED;
  let depth = 0;
  for (let i = at; i < limit; i++) {
    const b = bytes[i]!;
    if (depth === 0 && ENDS_PATH[b] === 1) {
      if (b !== B.COLON) return finish(c, i, hash);
      if (bytes[i + 1] !== B.COLON) return finish(c, i, hash);
      hash = Math.imul(hash ^ b, HASH_PRIME);
      i++;
    } else if (OPENS[b] === 1) {
      depth++;
    } else if (CLOSES[b] === 1) {
      if (b !== B.GREATER || bytes[i - 1] !== B.MINUS) {
        if (depth === 0) return finish(c, i, hash);
        depth--;
      }
    } else if (GIVES_UP[b] === 1 && !allowed(bytes, i, b, depth)) {
      return -1;
    }
    hash = Math.imul(hash ^ b, HASH_PRIME);
  }
  return -1;
}

function finish(c: Cursor, end: number, hash: number): number {
  c.hash = hash;
  return end;
}

/** Which brackets, beside those that nest, end a text: `<` and `>` are brackets only where they cannot compare. */
export type Brackets = "angle" | "plain";

/**
 * Where the text at `from` ends: at the first of the bytes `stops` outside of brackets, or at a closing bracket without its opening one. Strings and characters are
 * skipped. -1 when the text's end comes first.
 */
export function scanBalanced(c: Cursor, from: number, stops: string, brackets: Brackets = "plain"): number {
  const { bytes, end } = c;
  let depth = 0;
  for (let i = from; i < end; i++) {
    const b = bytes[i]!;
    if (depth === 0 && stops.includes(String.fromCharCode(b))) return i;
    const angle = b === B.LESS || b === B.GREATER;
    if (angle && (brackets === "plain" || (b === B.GREATER && bytes[i - 1] === B.MINUS))) continue;
    if (OPENS[b] === 1) depth++;
    else if (CLOSES[b] === 1) {
      if (depth === 0) return i;
      depth--;
    } else if (b === B.QUOTE2) i = stringEnd(bytes, i, end);
    else if (b === B.QUOTE) i = charEnd(bytes, i);
  }
  c.hitEnd = true;
  return -1;
}

/** The closing quote of the string that opens at `i`. */
function stringEnd(bytes: Uint8Array, i: number, end: number): number {
  let at = i + 1;
  while (at < end && bytes[at] !== B.QUOTE2) at += bytes[at] === B.BACKSLASH ? 2 : 1;
  return at;
}

/** The closing quote of the character that opens at `i`; `i` when it is a lifetime. */
export function charEnd(bytes: Uint8Array, i: number): number {
  if (bytes[i + 1] === B.BACKSLASH) {
    // `'\u{10ffff}'` is the longest; what is escaped may be a quote.
    for (let at = i + 3; at < i + 12; at++) if (bytes[at] === B.QUOTE) return at;
    return i;
  }
  for (let at = i + 2; at <= i + 5; at++) {
    if (bytes[at] === B.QUOTE) return bytes[i + 1]! >= 0x80 || at === i + 2 ? at : i;
  }
  return i;
}

/** Where the brace that opens at `from` is closed, behind it; within one line. -1 when it is not. */
export function scanBraces(c: Cursor, from: number): number {
  const { bytes } = c;
  let depth = 0;
  for (let i = from; ; i++) {
    const b = bytes[i]!;
    if (b === B.LBRACE) depth++;
    else if (b === B.RBRACE && --depth === 0) return i + 1;
    else if (b === B.NEWLINE || b === 0) return -1;
  }
}
