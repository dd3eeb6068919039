/**
 * Items: functions, constants, statics, promoteds, allocations.
 *
 * What is not MIR's (`struct`, `impl`, an attribute, `fn f<T>` …) goes to the caller's parser.
 */

import type { AllocItem, ConstItem, FnItem, Item, Param, RustItem } from "./ast.ts";
import { B, CLASS, DIGIT } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { atAlloc, parseAlloc } from "./parse-alloc.ts";
import { parseBody } from "./parse-body.ts";
import { parseConst } from "./parse-const.ts";
import { parseItemName } from "./parse-path.ts";
import { parseType } from "./parse-type.ts";

/** Reads an item in Rust's syntax at the cursor, all of it. */
export type RustItemParser<R> = (c: Cursor) => R;

/** Words that start items of Rust when a blank follows. */
const RUST_WORDS: readonly string[] = [
  ...[
    "struct",
    "enum",
    "union",
    "trait",
    "impl",
    "extern",
    "unsafe",
    "use",
    "mod",
    "type",
    "pub",
    "async",
    "auto",
    "safe",
    "macro_rules",
  ],
];

/** The text before an item that is not part of any. */
interface Lead {
  readonly ctfe: boolean;
  readonly coroutineLayout: string | undefined;
  readonly annotations: readonly string[];
}

const NO_LEAD: Lead = { ctfe: false, coroutineLayout: undefined, annotations: [] };

/** The item at the cursor. */
export function parseItem<R>(c: Cursor, rust: RustItemParser<R> | undefined): Item | RustItem<R> {
  const lead = parseLead(c);
  const at = c.at;
  if (atAlloc(c)) {
    const { alloc, detail } = parseAlloc(c);
    const item: AllocItem = {
      kind: "alloc",
      source: c.source,
      at,
      end: c.prevEnd,
      annotations: lead.annotations,
      alloc,
      detail,
    };
    return item;
  }
  const item = parseMirItem(c, lead);
  if (item !== undefined) return item;
  c.rewind(at);
  if (rust === undefined)
    throw c.expected(
      "an item",
      "the items of MIR text are `fn`, `const`, `static`, constants without a keyword, and `allocN`",
    );
  const node = rust(c);
  if (c.at === at) throw c.expected("an item");
  return { kind: "rust", source: c.source, at, end: c.prevEnd, node };
}

/** Reads what stands between the last item and the next: comments that say something, and lines that start with `|`. */
function parseLead(c: Cursor): Lead {
  const { bytes } = c;
  let lead = NO_LEAD;
  let from = c.prevEnd;
  const annotations: string[] = [];
  while (true) {
    if (c.at - from > 8) lead = withComments(c, lead, from, c.at);
    if (c.peek() !== B.BAR) break;
    const start = c.at;
    let end = bytes.indexOf(B.NEWLINE, start);
    if (end < 0 || end > c.end) end = c.end;
    annotations.push(c.slice(start, end).trimEnd());
    from = end;
    c.moveTo(end);
  }
  return annotations.length === 0 ? lead : { ...lead, annotations };
}

/** What the comments in `from..to` say. */
function withComments(c: Cursor, lead: Lead, from: number, to: number): Lead {
  const text = c.slice(from, to);
  if (!text.includes("MIR FOR CTFE") && !text.includes("coroutine_layout")) return lead;
  const ctfe = lead.ctfe || /^\/\/ MIR FOR CTFE[ \t\r]*$/m.test(text);
  const start = text.indexOf("/* coroutine_layout = ");
  const end = start < 0 ? -1 : text.indexOf("*/", start);
  const coroutineLayout =
    end < 0 ? lead.coroutineLayout : text.slice(start + "/* coroutine_layout = ".length, end).trimEnd();
  return { ...lead, ctfe, coroutineLayout };
}

/** A function or constant of MIR; undefined when something stands here that MIR does not have. The cursor may have moved then. */
function parseMirItem(c: Cursor, lead: Lead): Item | undefined {
  if (!c.atIdent() && c.peek() !== B.LESS && c.peek() !== B.LBRACE) return undefined;
  if (c.isWord("fn")) return parseFn(c, lead);
  if (c.isWord("const") || c.isWord("static")) return parseConstItem(c, lead);
  for (const word of RUST_WORDS) if (c.isWord(word) && c.peekAt(word.length) !== B.COLON) return undefined;
  return parseAnonConst(c, lead);
}

/** `fn name(_1: T) -> R { … }`. */
function parseFn(c: Cursor, lead: Lead): FnItem | undefined {
  const at = c.at;
  c.expectWord("fn");
  const name = parseItemName(c);
  if (c.peek() !== B.LPAREN) return undefined;
  const params = parseParams(c);
  if (params === undefined || !c.eat2(B.MINUS, B.GREATER)) return undefined;
  const ret = parseType(c);
  const yields = c.eatWord("yields") ? parseType(c) : undefined;
  if (c.peek() !== B.LBRACE) return undefined;
  const body = parseBody(c);
  const { annotations, ctfe, coroutineLayout } = lead;
  return {
    kind: "fn",
    source: c.source,
    at,
    end: c.prevEnd,
    annotations,
    name,
    params,
    ret,
    yields,
    body,
    ctfe,
    coroutineLayout,
  };
}

/** `(_1: T, _2: U)`; undefined for other parameters. */
function parseParams(c: Cursor): Param[] | undefined {
  const params: Param[] = [];
  c.expect(B.LPAREN);
  while (!c.eat(B.RPAREN)) {
    if (c.peek() !== B.UNDERSCORE || (CLASS[c.peekAt(1)]! & DIGIT) === 0) return undefined;
    const local = c.local();
    c.expect(B.COLON);
    params.push({ local, ty: parseType(c) });
    if (c.peek() !== B.RPAREN && !c.eat(B.COMMA)) throw c.expected("`,` or `)`");
  }
  return params;
}

/** `const N: T = …`, `static mut S: T = { … }`. */
function parseConstItem(c: Cursor, lead: Lead): ConstItem | undefined {
  const at = c.at;
  const isStatic = c.eatWord("static");
  const mutable = isStatic && c.eatWord("mut");
  if (!isStatic) c.expectWord("const");
  if (c.isWord("fn") || c.isWord("unsafe") || c.isWord("extern") || c.isWord("async")) return undefined;
  const name = parseItemName(c);
  const kind = isStatic ? "static" : name.promoted >= 0 ? "promoted" : "const";
  return parseInitializer(c, lead, at, kind, name, mutable);
}

/** `f::{constant#0}: T = { … }`. */
function parseAnonConst(c: Cursor, lead: Lead): ConstItem | undefined {
  const at = c.at;
  return parseInitializer(c, lead, at, "anonConst", parseItemName(c), false);
}

/** `: T = { … }`, `: T = const 1_u8;`. */
function parseInitializer(
  c: Cursor,
  lead: Lead,
  at: number,
  kind: ConstItem["kind"],
  name: ConstItem["name"],
  mutable: boolean,
): ConstItem | undefined {
  if (!c.eat(B.COLON)) return undefined;
  const ty = parseType(c);
  if (!c.eat(B.EQUALS)) return undefined;
  const { annotations } = lead;
  if (c.eatWord("const")) {
    const value = parseConst(c);
    c.expect(B.SEMICOLON);
    return {
      kind,
      source: c.source,
      at,
      end: c.prevEnd,
      annotations,
      name,
      mutable,
      ty,
      yields: undefined,
      body: undefined,
      value,
    };
  }
  const yields = c.eatWord("yields") ? parseType(c) : undefined;
  if (c.peek() !== B.LBRACE) return undefined;
  const body = parseBody(c);
  return { kind, source: c.source, at, end: c.prevEnd, annotations, name, mutable, ty, yields, body, value: undefined };
}
