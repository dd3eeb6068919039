/**
 * Patterns of types and constants: `u32 is 1..=9`.
 */

import { B } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { atValTree } from "./lookahead.ts";
import { parseChar } from "./parse-literal.ts";
import { parsePath } from "./parse-path.ts";
import { scanBalanced } from "./scan.ts";

/** `is 1..=9 | 12..`: the text behind `is`. */
export function parsePattern(c: Cursor): string {
  c.expectWord("is");
  const start = c.at;
  skipPattern(c);
  if (c.prevEnd <= start) throw c.expected("a pattern");
  return c.slice(start, c.prevEnd);
}

/** `1..=9 | 12..`, `(i8::MIN..=-1 | 1..)`, `!null`. */
function skipPattern(c: Cursor): void {
  do {
    if (c.eat(B.LPAREN)) {
      c.enter();
      skipPattern(c);
      c.leave();
      c.expect(B.RPAREN);
    } else if (c.eat(B.BANG)) {
      c.expectWord("null");
    } else {
      skipPatternBound(c);
      if (c.eat2(B.DOT, B.DOT)) {
        c.eat(B.EQUALS);
        skipPatternBound(c);
      }
    }
  } while (c.eat(B.BAR));
}

/** A number, a character, a constant's path, `ValTree(…)`, or nothing. */
function skipPatternBound(c: Cursor): void {
  const b = c.peek();
  if (b === B.QUOTE) {
    parseChar(c);
  } else if (atValTree(c)) {
    const end = scanBalanced(c, c.at + "ValTree(".length, "");
    if (end < 0 || c.bytes[end] !== B.RPAREN) throw c.error("this `(` has no `)`");
    c.moveTo(end + 1);
  } else if (b === B.MINUS || c.atDigit()) {
    c.eat(B.MINUS);
    c.moveTo(c.wordEnd(c.at));
  } else if (c.atIdent() || b === B.LESS) {
    parsePath(c);
  }
}
