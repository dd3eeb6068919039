/**
 * What stands at the cursor, where a few bytes do not tell: types or constants, implementations or arguments, values or expressions.
 *
 * Nothing here consumes. What looks far ahead stays in its line and within `MAX_IMPL` bytes.
 */

import { B, CLASS, DIGIT, IDENT_PART, IDENT_START } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { charEnd } from "./scan.ts";

/** The words behind `{` that make it a type. */
const BRACE_TYPES: readonly string[] = ["closure", "coroutine", "async", "static", "gen", "type"];

/** How far the end of an `<impl …>` is looked for. */
const MAX_IMPL = 4096;

const MARKERS: readonly string[] = [
  "<uninit>",
  "<too short allocation>",
  "<function>",
  "<vtable>",
  "<typeid>",
  "<dangling pointer>",
  "<ZST>",
  "<static(",
];

/** What stands here as a generic argument is a constant, by its first bytes. */
export function startsConst(c: Cursor): boolean {
  const b = c.peek();
  const next = c.peekAt(1);
  if ((CLASS[b]! & DIGIT) !== 0 || b === B.MINUS || b === B.QUOTE2 || b === B.QUOTE) return true;
  switch (b) {
    case B.LBRACE:
      return !BRACE_TYPES.some((word) => c.startsWith(word, 1)) && !isClosureParts(c);
    case 98: // b
      return next === B.QUOTE2;
    case B.STAR:
      return next === 98 && c.peekAt(2) === B.QUOTE2;
    case 86: // V
      return atValTree(c);
    case 116: // t
      return c.isWord("true");
    case 102: // f
      return c.isWord("false");
    case B.AMPERSAND:
    case B.LPAREN:
    case B.LBRACKET:
      return (
        (CLASS[next]! & DIGIT) !== 0 ||
        next === B.MINUS ||
        next === B.QUOTE2 ||
        (b === B.LBRACKET && next === B.RBRACKET)
      );
    default:
      return false;
  }
}

/** The text starts like a literal, or is a path: what `parseConst` does not fail on. */
export function isValue(c: Cursor, from: number, to: number): boolean {
  const b = c.peek();
  const next = c.peekAt(1);
  if (b === B.MINUS) return (CLASS[next]! & DIGIT) !== 0;
  if (b === B.QUOTE) return charEnd(c.bytes, from) > from;
  if (b === 86 && atValTree(c)) return true;
  if ((CLASS[b]! & DIGIT) !== 0 || b === B.QUOTE2) return true;
  if (next === B.QUOTE2 && (b === 98 || b === 99)) return true;
  return (b === B.STAR && next === 98 && c.peekAt(2) === B.QUOTE2) || isPathText(c.bytes, from, to);
}

/** Words and `::`, and whatever in angle brackets that do not compare or shift. */
function isPathText(bytes: Uint8Array, from: number, to: number): boolean {
  let depth = 0;
  for (let i = from; i < to; i++) {
    const b = bytes[i]!;
    if (b === B.LESS) {
      const next = bytes[i + 1]!;
      if (depth === 0 && i > from && (next === B.EQUALS || next === B.SPACE || bytes[i - 1] === B.SPACE)) return false;
      depth++;
    } else if (b === B.GREATER && bytes[i - 1] !== B.MINUS) {
      if (--depth < 0) return false;
    } else if (depth === 0 && b !== B.COLON && (CLASS[b]! & IDENT_PART) === 0) {
      return false;
    }
  }
  return depth === 0;
}

/** The parentheses hold the operands of a call: the constant before them is a function. */
export function startsArguments(c: Cursor): boolean {
  return c.startsWith("copy ", 1) || c.startsWith("move ", 1) || c.startsWith("const ", 1) || c.startsWith("() -> ");
}

/** `ValTree(Leaf(0x01): T)`, `ValTree(Branch([…]): T)`, and no tuple struct of this name. */
export function atValTree(c: Cursor): boolean {
  return c.startsWith("ValTree(") && (c.startsWith("Leaf(0x", 8) || c.startsWith("Branch([", 8));
}

export function isMarker(c: Cursor): boolean {
  return MARKERS.some((marker) => c.startsWith(marker));
}

/** `<impl Trait as Trait>`: the type that an `impl` stands for, not an implementation. */
export function isCastImpl(c: Cursor): boolean {
  const { bytes, at } = c;
  let depth = 0;
  for (let i = at; i < at + MAX_IMPL; i++) {
    const b = bytes[i]!;
    if (b === B.LESS || b === B.LPAREN || b === B.LBRACKET || b === B.LBRACE) depth++;
    else if (b === B.GREATER && bytes[i - 1] === B.MINUS) continue;
    else if (b === B.GREATER || b === B.RPAREN || b === B.RBRACKET || b === B.RBRACE) {
      if (--depth < 0) return false;
    } else if (b === B.NEWLINE || b === 0) return false;
    else if (depth === 0 && b === 97 && bytes[i + 1] === 115 && bytes[i - 1] === B.SPACE && bytes[i + 2] === B.SPACE)
      return true;
  }
  return false;
}

/** The `>` behind `src/a.rs:1:2: 3:4`. */
export function implLocationEnd(c: Cursor, from: number): number {
  const { bytes } = c;
  for (let i = from; ; i++) {
    const b = bytes[i]!;
    if (b === B.GREATER && (CLASS[bytes[i - 1]!]! & DIGIT) !== 0) return i;
    if (b === B.GREATER && bytes[i - 1] === B.RPAREN) return i;
    if (b === B.NEWLINE || b === 0) throw c.error("this `<impl at` has no `>` on its line");
  }
}

/**
 * `num::<impl u8>::f` is a segment; `f::<impl Trait>` and `Vec::<impl Trait>::f` have an argument. Where both can be read, an implementation stands behind a module, whose
 * name is not capitalised, and what follows it is the name of its item.
 */
export function startsImpl(c: Cursor, name: string): boolean {
  const { bytes } = c;
  if (!c.startsWith("impl", 3) || (CLASS[c.peekAt(7)]! & IDENT_PART) !== 0) return false;
  if (c.startsWith(" at ", 7)) return true;
  // A relaxed bound: `<impl ?Sized>`.
  if (c.peekAt(7) === B.QUESTION || (c.peekAt(7) <= B.SPACE && c.peekAt(8) === B.QUESTION)) return false;
  // `impl A + B`, but not `impl *mut dyn A + B`.
  const bounds = (CLASS[c.peekAt(8)]! & IDENT_START) !== 0 && !c.startsWith("dyn ", 8);
  let depth = 0;
  for (let i = c.at + 2; i < c.at + MAX_IMPL; i++) {
    const b = bytes[i]!;
    if (b === B.LESS || b === B.LPAREN || b === B.LBRACKET) depth++;
    else if (b === B.RPAREN || b === B.RBRACKET) depth--;
    else if (b === B.GREATER && bytes[i - 1] !== B.MINUS && --depth === 0)
      return endsImpl(bytes, i + 1) && !isCapitalised(name);
    else if (depth === 1 && (b === B.COMMA || (b === B.PLUS && bounds))) return false;
    else if (depth === 1 && b === 102 && isFor(bytes, i)) return true;
    else if (b === B.NEWLINE || b === 0) return false;
  }
  return false;
}

/** A `::` and a name follow, no closure or promoted. */
function endsImpl(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== B.COLON || bytes[at + 1] !== B.COLON || bytes[at + 2] === B.LBRACE) return false;
  // `promoted[`
  return !(bytes[at + 2] === 112 && bytes[at + 9] === 100 && bytes[at + 10] === B.LBRACKET);
}

/** ` for ` at `i`, of the `f`. */
function isFor(bytes: Uint8Array, i: number): boolean {
  return bytes[i - 1] === B.SPACE && bytes[i + 1] === 111 && bytes[i + 2] === 114 && bytes[i + 3] === B.SPACE;
}

function isCapitalised(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 65 && first <= 90;
}

/** `{f::{closure#0} upvar_tys=()}`, `{f::{closure#0}}`: a closure's path stands behind the brace, and behind that nothing or a name and `=`. */
function isClosureParts(c: Cursor): boolean {
  const { bytes } = c;
  let depth = 0;
  for (let i = c.at; i < c.at + MAX_IMPL; i++) {
    const b = bytes[i]!;
    if (b === B.LBRACE || b === B.LPAREN || b === B.LBRACKET || b === B.LESS) depth++;
    else if (b === B.RBRACE || b === B.RPAREN || b === B.RBRACKET || (b === B.GREATER && bytes[i - 1] !== B.MINUS)) {
      if (--depth === 0) return bytes[i - 1] === B.RBRACE;
    } else if (b === B.SPACE && depth === 1) {
      const end = c.wordEnd(i + 1);
      return end > i + 1 && bytes[end] === B.EQUALS && bytes[end + 1] !== B.EQUALS;
    } else if (b === B.NEWLINE || b === 0) return false;
  }
  return false;
}

/** The words of a brace type up to `@` or ` of `; undefined when there is neither. */
export function braceTypeWord(
  c: Cursor,
  from: number,
  to: number,
): { text: string; after: number; path: boolean } | undefined {
  const { bytes } = c;
  for (let i = from; i < to; i++) {
    const b = bytes[i]!;
    if (b === B.AT) return { text: c.name(from, i), after: i + 1, path: false };
    if (b === B.SPACE && bytes[i + 1] === 111 && bytes[i + 2] === 102 && bytes[i + 3] === B.SPACE) {
      return { text: c.name(from, i), after: i + 4, path: true };
    }
    if (b !== B.SPACE && (CLASS[b]! & IDENT_PART) === 0) return undefined;
  }
  return undefined;
}

/** Whether a path stands there rather than a place in a file, whose columns a `: ` sets apart. */
export function hasPathSeparator(bytes: Uint8Array, from: number, to: number): boolean {
  if ((CLASS[bytes[from]!]! & IDENT_START) === 0 && bytes[from] !== B.LESS) return false;
  let at = from;
  while (at < to && (CLASS[bytes[at]!]! & IDENT_PART) !== 0) at++;
  return (
    bytes[from] === B.LESS || (bytes[at] === B.COLON && bytes[at + 1] === B.COLON) || (bytes[at] === B.LESS && at < to)
  );
}
