/**
 * Closures that capture several places of one variable, as `|n| n * self.scale + self.offset` does.
 *
 * rustc prints as many operands of the expression that makes a closure as the closure mentions variables, one too few here
 * (`AggregateKind::Closure` in rustc_middle/src/mir/pretty.rs pairs them with the names of variables). A variable that a closure mentions without
 * looking at it, by `let _ = variable;`, is a name more to print and no capture (RFC 2229). So the source of such a closure is given some of these:
 * `{ let __c0 = (); |n| { let _ = __c0; … } }`. Nothing else of what it means changes.
 *
 * Which closures these are, their own bodies tell: their fields are more than those that are printed.
 */

import { B, Cursor, Diagnostic, parseItem, SourceText, skipUntil, Tables, type text } from "../../codegen/index.ts";
import { eachNode } from "./each-node.ts";

/** A closure with how many places it captures at least. */
export interface ShortClosure {
  /** The name of its body in the dump. */
  readonly name: string;
  readonly captures: number;
}

/** The closures of the dump in `bytes`, by path or by place, of which some expression is printed with too few operands. */
export function shortClosures(file: string, bytes: Uint8Array): ShortClosure[] {
  const dump = new SourceText(file, bytes);
  const printed = new Map<string, number>();
  const captures = new Map<string, ShortClosure>();
  for (const item of itemsWithClosures(dump)) {
    eachNode(item, (node) => {
      if (!isClosure(node)) return;
      const key = closureKey(node.ty);
      printed.set(key, Math.min(printed.get(key) ?? node.fields.length, node.fields.length));
    });
    if (item.kind !== "fn" || !isClosureBody(item.name)) continue;
    const name = dump.slice(item.at, item.end).slice("fn ".length).split("(", 1)[0]!;
    const [self] = item.params;
    const ty = self?.ty.kind === "ref" ? self.ty.pointee : self?.ty;
    captures.set(ty?.kind === "closure" ? closureKey(ty) : keyOf(name), { name, captures: fieldCount(item) });
  }
  const short: ShortClosure[] = [];
  for (const [key, closure] of captures) {
    const shown = printed.get(key);
    if (shown !== undefined && shown < closure.captures) short.push(closure);
  }
  return short;
}

/** The items of `dump` in which a closure is made, or that are the bodies of some. */
function* itemsWithClosures(dump: SourceText): Iterable<text.FnItem | text.ConstItem> {
  const c = new Cursor(dump, new Tables());
  while (!c.atEnd) {
    const item = parseItem(c, undefined);
    if (item.kind === "fn" || item.kind === "const" || item.kind === "static") {
      if (dump.slice(item.at, item.end).includes("{closure@")) yield item as text.FnItem | text.ConstItem;
    }
  }
}

type ClosureExpr = Extract<text.Rvalue, { kind: "closure" }> & { readonly ty: Extract<text.Type, { kind: "closure" }> };

function isClosure(node: object): node is ClosureExpr {
  return "kind" in node && node.kind === "closure" && "fields" in node && "ty" in node;
}

function isClosureBody({ segments }: text.Path): boolean {
  const last = segments.at(-1);
  return last?.kind === "name" && last.name.startsWith("{closure#");
}

/** What a closure is told by, whatever the arguments of its function: the last names, from those of the functions around it on. */
function closureName(path: text.Path | undefined): string {
  return lastNames(path?.segments.map((segment) => (segment.kind === "name" ? segment.name : "")) ?? []);
}

/** A place is a name of its own. */
function closureKey(ty: Extract<text.Type, { kind: "closure" }>): string {
  return ty.path === undefined ? ty.location : closureName(ty.path);
}

function keyOf(name: string): string {
  return lastNames(name.split("::"));
}

/** A type or impl is written in many ways: only functions and modules count. */
function lastNames(names: readonly string[]): string {
  const from = names.findIndex((name) => name.startsWith("{closure#"));
  const outer = names[from - 2] ?? "";
  return [/^[a-z]/.test(outer) ? outer : "", ...names.slice(Math.max(0, from - 1))].join("::");
}

/** The number of fields that the body of a closure, with its `debug` lines, looks at. */
function fieldCount(body: text.FnItem): number {
  let count = 0;
  eachNode(body.body, (node) => {
    if (!("local" in node && "projection" in node) || node.local !== 1) return;
    const [first, second] = node.projection as readonly text.PlaceElem[];
    const field = first?.kind === "deref" ? second : first;
    if (field?.kind === "field") count = Math.max(count, field.index + 1);
  });
  return count;
}

// ---- the source

/** The places of closures by the names of their bodies, in a dump that has places for types: `fn f::{closure#0}(_1: &{closure@a.rs:4:13: 4:20}`. */
function closurePlaces(
  dump: string,
): Map<string, { readonly file: string; readonly from: string; readonly to: string }> {
  const places = new Map<string, { file: string; from: string; to: string }>();
  for (const match of dump.matchAll(
    /^fn (.*\{closure#\d+\})\(_1: (?:&mut |&)?\{closure@(.*?):(\d+:\d+): (\d+:\d+)\}/gm,
  ))
    places.set(match[1]!, { file: match[2]!, from: match[3]!, to: match[4]! });
  return places;
}

/** The closures `short` by the files that they stand in; those of macros are left out, as one text stands for several of them. */
export function closuresByFile(short: readonly ShortClosure[], located: string): ReadonlyMap<string, ShortClosure[]> {
  const places = closurePlaces(located);
  const found = new Map<string, ShortClosure[]>();
  const seen = new Set<string>();
  for (const closure of short) {
    const place = places.get(closure.name);
    if (place === undefined || seen.has(`${place.file}:${place.from}`)) continue;
    seen.add(`${place.file}:${place.from}`);
    const list = found.get(place.file);
    if (list === undefined) found.set(place.file, [closure]);
    else list.push(closure);
  }
  return found;
}

/**
 * `source`, the text of `file`, with names to print for the closures `short`; `located` is a dump of it with the places of closures.
 *
 * @throws Diagnostic when one stands elsewhere.
 */
export function withNames(file: string, source: string, short: readonly ShortClosure[], located: string): string {
  const places = closurePlaces(located);
  const bytes = SourceText.fromString(file, source);
  const inserts: { readonly at: number; readonly text: string }[] = [];
  for (const { name, captures } of short) {
    const place = places.get(name);
    if (place === undefined || place.file !== file)
      throw new Diagnostic(`the closure \`${name}\` is not in this file, and rustc does not say all that it captures`, {
        file,
      });
    const names = Array.from({ length: captures }, (_, i) => `__c${i}`);
    const behind = offsetOf(bytes, place.to);
    inserts.push({ at: offsetOf(bytes, place.from), text: `{ ${names.map((n) => `let ${n} = ();`).join(" ")} ` });
    inserts.push({ at: behind, text: ` { ${names.map((n) => `let _ = ${n};`).join(" ")}` });
    inserts.push({ at: expressionEnd(new Cursor(bytes), behind), text: " } }" });
  }
  inserts.sort((a, b) => a.at - b.at);
  let made = "";
  let at = 0;
  for (const insert of inserts) {
    made += bytes.slice(at, insert.at) + insert.text;
    at = insert.at;
  }
  return made + bytes.slice(at, bytes.length);
}

/** The byte at `line:column`; columns count characters. */
function offsetOf({ bytes }: SourceText, place: string): number {
  const [line, column] = place.split(":").map(Number) as [number, number];
  let at = 0;
  for (let left = line - 1; left > 0; left--) at = bytes.indexOf(B.NEWLINE, at) + 1;
  for (let left = column - 1; left > 0; left--) {
    at++;
    while ((bytes[at]! & 0xc0) === 0x80) at++;
  }
  return at;
}

/** The end of the expression at `from`: the comma, semicolon or closing bracket behind it. */
function expressionEnd(c: Cursor, from: number): number {
  c.moveTo(from);
  for (;;) {
    skipUntil(c, [B.COMMA, B.SEMICOLON, B.LESS]);
    if (c.peek() !== B.LESS) return c.prevEnd;
    if (c.bytes[c.at - 1] === B.COLON) skipArguments(c);
    else c.moveTo(c.at + 1);
  }
}

/** Steps over `<A, B<C>>`. */
function skipArguments(c: Cursor): void {
  let depth = 0;
  do {
    skipUntil(c, [B.LESS, B.GREATER]);
    if (c.peek() === B.LESS) depth++;
    else if (c.bytes[c.at - 1] !== B.MINUS) depth--;
    c.moveTo(c.at + 1);
  } while (depth > 0);
}
