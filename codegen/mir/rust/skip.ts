/**
 * Stepping over Rust text without understanding it: function bodies, initialisers, macros.
 *
 * What matters is not to take brackets for such that stand in strings, characters, comments and raw strings, and a lifetime's quote for a character's.
 */

import { B, CLASS, IDENT_PART, IDENT_START } from "../text/bytes.ts";
import { type Cursor, commentEnd } from "../text/cursor.ts";
import { charEnd } from "../text/scan.ts";

const LOWER_R = 114;
const LOWER_B = 98;
const LOWER_C = 99;

/** Moves behind the bracket that closes the one at the cursor. */
export function skipBalanced(c: Cursor): void {
  const start = c.at;
  let depth = 0;
  let at = start;
  while (at < c.end) {
    const byte = c.bytes[at]!;
    if (byte === B.LPAREN || byte === B.LBRACKET || byte === B.LBRACE) depth++;
    else if (byte === B.RPAREN || byte === B.RBRACKET || byte === B.RBRACE) {
      depth--;
      if (depth === 0) {
        c.moveTo(at + 1);
        return;
      }
    }
    at = behind(c, at);
  }
  throw c.error("this bracket is never closed", undefined, start);
}

/** Moves to the first of the bytes `stops` outside of brackets; to a closing bracket when that comes first. */
export function skipUntil(c: Cursor, stops: readonly number[]): void {
  const start = c.at;
  while (!c.atEnd) {
    const byte = c.peek();
    if (stops.includes(byte) || byte === B.RPAREN || byte === B.RBRACKET || byte === B.RBRACE) return;
    if (byte === B.LPAREN || byte === B.LBRACKET || byte === B.LBRACE) skipBalanced(c);
    else c.moveTo(behind(c, c.at));
  }
  throw c.error("this has no end", undefined, start);
}

/** The byte behind the token at `at`, as far as strings, characters, comments and words are tokens. */
function behind(c: Cursor, at: number): number {
  const { bytes, end } = c;
  const byte = bytes[at]!;
  if (byte === B.QUOTE2) return stringEnd(c, at);
  if (byte === B.QUOTE) return charEnd(bytes, at) + 1;
  if (byte === B.SLASH) {
    const comment = commentEnd(bytes, at, end);
    return comment < 0 ? at + 1 : comment;
  }
  if ((CLASS[byte]! & IDENT_START) === 0) return at + 1;
  const raw = rawStringEnd(c, at);
  if (raw >= 0) return raw;
  let word = at + 1;
  while ((CLASS[bytes[word]!]! & IDENT_PART) !== 0) word++;
  return word;
}

function stringEnd(c: Cursor, at: number): number {
  const { bytes, end } = c;
  for (let i = at + 1; i < end; i++) {
    if (bytes[i] === B.BACKSLASH) i++;
    else if (bytes[i] === B.QUOTE2) return i + 1;
  }
  throw c.error("this string has no end", undefined, at);
}

/** The end of `r"…"`, `r#"…"#`, `br"…"`, `cr"…"` at `at`; -1 when there is none. */
function rawStringEnd(c: Cursor, at: number): number {
  const { bytes, end } = c;
  let i = at;
  if (bytes[i] === LOWER_B || bytes[i] === LOWER_C) i++;
  if (bytes[i] !== LOWER_R) return -1;
  i++;
  let hashes = 0;
  while (bytes[i] === B.HASH) {
    hashes++;
    i++;
  }
  if (bytes[i] !== B.QUOTE2) return -1;
  for (let close = i + 1; close < end; close++) {
    if (bytes[close] !== B.QUOTE2) continue;
    let count = 0;
    while (count < hashes && bytes[close + 1 + count] === B.HASH) count++;
    if (count === hashes) return close + 1 + hashes;
  }
  throw c.error("this string has no end", undefined, at);
}
