/**
 * Lifetimes, binders and ABIs.
 */

import { B, CLASS, IDENT_PART } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { scanBalanced, scanBraces } from "./scan.ts";

const NO_BINDER: readonly string[] = [];

/** `'a`, `'_`, `'{erased}`, `'?7`, `'r#a`, `'a/#0`. */
export function parseLifetime(c: Cursor): string {
  const { bytes } = c;
  const start = c.at;
  if (bytes[start] !== B.QUOTE) throw c.expected("a lifetime");
  let end = start + 1;
  if (bytes[end] === B.LBRACE) {
    end = scanBraces(c, end);
    if (end < 0) throw c.error("this lifetime has no end");
  } else {
    if (bytes[end] === B.QUESTION || bytes[end] === B.CARET || (bytes[end] === 114 && bytes[end + 1] === B.HASH))
      end += bytes[end] === 114 ? 2 : 1;
    const wordEnd = c.wordEnd(end);
    if (wordEnd === end) throw c.expected("a lifetime");
    end = wordEnd;
    // `'^0.Named(DefId(…))`: a bound region as debug output spells it.
    while (bytes[end] === B.DOT && (CLASS[bytes[end + 1]!]! & IDENT_PART) !== 0) end = c.wordEnd(end + 1);
    // `'a/#0`: a parameter with its index, likewise.
    if (bytes[end] === B.SLASH && bytes[end + 1] === B.HASH) end = c.wordEnd(end + 2);
    if (bytes[start + 1] === B.CARET && bytes[end] === B.LPAREN) {
      const close = scanBalanced(c, end + 1, ")");
      if (close >= 0) end = close + 1;
    }
  }
  c.moveTo(end);
  return c.name(start, end);
}

/** `<'a, 'b>`. */
export function parseLifetimes(c: Cursor): readonly string[] {
  const lifetimes: string[] = [];
  c.expect(B.LESS);
  while (!c.eat(B.GREATER)) {
    lifetimes.push(c.startsWith("Region(") ? parseRegion(c) : parseLifetime(c));
    if (c.peek() !== B.GREATER) c.expect(B.COMMA);
  }
  return lifetimes;
}

/** `Region(BrAnon)`, `Region(BrNamed(DefId(…)))`, `ReLateParam(…)`: a lifetime as `-Zverbose-internals` spells it. */
export function parseRegion(c: Cursor): string {
  const start = c.at;
  const end = scanBalanced(c, c.wordEnd(start) + 1, "");
  if (end < 0 || c.bytes[end] !== B.RPAREN) throw c.error("this `(` has no `)`");
  c.moveTo(end + 1);
  return c.name(start, end + 1);
}

/** `for<'a>`, or nothing. */
export function parseBinder(c: Cursor): readonly string[] {
  return c.eatWord("for") ? parseLifetimes(c) : NO_BINDER;
}

/** `extern "C"`: the ABI with its quotes, empty when there are none; undefined without `extern`. */
export function parseAbi(c: Cursor): string | undefined {
  if (!c.eatWord("extern")) return undefined;
  return c.peek() === B.QUOTE2 ? c.string(c.at) : "";
}
