/**
 * The items of a crate in Rust syntax, by module.
 *
 * The text is what `rustc -Zunpretty=expanded` prints: one file, macros expanded, derived impls written out, nothing configured away. Items inside of
 * functions are found too; the function is their module, as in rustc's paths (`a::f::Inner`).
 */

import {
  type Cursor,
  parseAttributes,
  RustReader,
  type rust,
  skipBalanced,
  skipUntil,
  skipVisibility,
} from "../../codegen/index.ts";

/** What a name stands for: an item or a module by its path in its crate, or a path that is still to be followed. */
type Entry =
  | { readonly kind: "item" | "module"; readonly path: string }
  /** Several when one name is brought in for a type and for a value. */
  | { readonly kind: "use"; readonly paths: (readonly string[])[] };

export type Namespace = "types" | "values";

export interface Module {
  /** `a::b::`, or empty. */
  readonly path: string;
  /** The module that a block's names are looked up in when it does not have them. */
  readonly around: Module | undefined;
  readonly types: Map<string, Entry>;
  readonly values: Map<string, Entry>;
  readonly globs: (readonly string[])[];
}

/** An impl block; `key` names it: `a::{impl#3}`, by its number in its module. */
export interface SourceImpl {
  readonly item: rust.ImplItem;
  readonly module: string;
  readonly key: string;
}

export type NamedItem = Exclude<rust.RustItem, rust.ImplItem>;

export interface SourceTree {
  readonly modules: ReadonlyMap<string, Module>;
  /** By path in the crate. Types and values may have the same name. */
  readonly types: ReadonlyMap<string, NamedItem>;
  readonly values: ReadonlyMap<string, NamedItem>;
  /** By module, in source order. */
  readonly impls: ReadonlyMap<string, readonly SourceImpl[]>;
  /** Pieces that were not understood, as `module: message`. */
  readonly skipped: readonly string[];
}

/** Reads a crate's expanded source. */
export function readSourceTree(c: Cursor): SourceTree {
  const reader = new TreeReader(c);
  reader.module(reader.open("", undefined));
  return reader;
}

const DECLARES_IN_BODY =
  /^(?:pub(?:\s*\([^)]*\))?\s+)?(?:(?:const|unsafe|async|default|safe|extern\s*"[^"]*")\s+)*(?:(?:fn|struct|enum|union|trait|static|type)\s+\w|const\s+\w+\s*:|impl\b|use\s+[\w{:*])/;

class TreeReader implements SourceTree {
  readonly modules = new Map<string, Module>();
  readonly types = new Map<string, NamedItem>();
  readonly values = new Map<string, NamedItem>();
  readonly impls = new Map<string, SourceImpl[]>();
  readonly skipped: string[] = [];
  private readonly c: Cursor;

  constructor(c: Cursor) {
    this.c = c;
  }

  open(path: string, around: Module | undefined): Module {
    let module = this.modules.get(path);
    if (module === undefined) {
      module = { path, around, types: new Map(), values: new Map(), globs: [] };
      this.modules.set(path, module);
    }
    return module;
  }

  /** Items up to the closing brace or the end. */
  module(module: Module): void {
    const { c } = this;
    while ((!c.atEnd && c.word() !== "") || c.startsWith("#") || c.startsWith("::")) {
      if (!this.item(module)) return;
    }
  }

  private item(module: Module): boolean {
    const { c } = this;
    const start = c.at;
    parseAttributes(c);
    skipVisibility(c);
    if (c.atEnd || c.startsWith("}")) return false;
    if (c.isWord("mod")) this.childModule(module);
    else if (c.isWord("use")) this.uses(module);
    else if (c.isWord("extern") && /^extern\s+crate\b/.test(c.slice(c.at, c.at + 40))) this.statement();
    else if (/^(?:macro_rules!|macro\s)/.test(c.slice(c.at, c.at + 14))) this.recover();
    else {
      c.rewind(start);
      this.declaration(module, start);
    }
    return true;
  }

  private childModule(module: Module): void {
    const { c } = this;
    c.expectWord("mod");
    const name = c.ident("a module");
    if (c.eatText(";")) return;
    const child = this.open(`${module.path}${name}::`, undefined);
    module.types.set(name, { kind: "module", path: child.path });
    c.expectText("{");
    this.module(child);
    c.expectText("}");
  }

  private statement(): void {
    const { c } = this;
    skipUntil(c, [SEMICOLON]);
    c.expectText(";");
  }

  // ---- use

  private uses(module: Module): void {
    const { c } = this;
    c.expectWord("use");
    const start = c.at;
    this.statement();
    const text = c.slice(start, c.prevEnd - 1).replace(/\/\/.*$/gm, "");
    readUse(text.match(/\w+|::|[{},*]/g) ?? [], module);
  }

  // ---- declarations

  private declaration(module: Module, start: number): void {
    const { c } = this;
    let items: readonly rust.RustItem[];
    try {
      items = new RustReader(c, { kind: "rust" }).item();
    } catch (error) {
      this.skipped.push(`${module.path}: ${(error as Error).message}`);
      c.rewind(start);
      this.recover();
      return;
    }
    const behind = c.at;
    for (const item of items) this.add(item, module);
    c.rewind(behind);
  }

  /** Steps over an item that was not understood. */
  private recover(): void {
    const { c } = this;
    parseAttributes(c);
    for (skipUntilBrace(c); !c.atEnd; skipUntilBrace(c)) {
      if (c.eatText(";")) return;
      if (!c.startsWith("{")) {
        c.moveTo(c.at + 1);
        continue;
      }
      skipBalanced(c);
      // A block in the head is a constant.
      if (c.startsWith(">") || c.startsWith(",") || c.startsWith("]")) {
        c.moveTo(c.at + 1);
        continue;
      }
      c.eatText(";");
      return;
    }
  }

  private add(item: rust.RustItem, module: Module): void {
    if (item.kind === "impl") {
      this.impl(item, module);
      return;
    }
    const path = module.path + item.name;
    const named = { ...item, name: path, module: module.path };
    const namespace = item.kind === "fn" || item.kind === "const" || item.kind === "static" ? "values" : "types";
    const table = this[namespace];
    if (!table.has(path)) table.set(path, named);
    module[namespace].set(item.name, { kind: "item", path });
    if (item.kind === "fn") this.body(item, path, module);
    if (item.kind === "const" && item.name === "_") this.block(item, path, module);
    if (item.kind === "trait")
      for (const assoc of item.items) if (assoc.kind === "fn") this.body(assoc, `${path}::${assoc.name}`, module);
  }

  private impl(item: rust.ImplItem, module: Module): void {
    let list = this.impls.get(module.path);
    if (list === undefined) {
      list = [];
      this.impls.set(module.path, list);
    }
    const key = `${module.path}{impl#${list.length}}`;
    list.push({ item, module: module.path, key });
    for (const assoc of item.items) if (assoc.kind === "fn") this.body(assoc, `${key}::${assoc.name}`, module);
  }

  /** What is declared inside of a function. */
  private body(item: rust.RustFn, path: string, around: Module): void {
    if (item.body === "rust") this.inside(item.end, path, around);
  }

  /** What is declared inside of the value of a constant without a name, when that is a block. */
  private block(item: rust.GlobalItem, path: string, around: Module): void {
    const { c } = this;
    c.rewind(item.nameAt);
    skipUntil(c, [LBRACE, SEMICOLON]);
    if (c.startsWith("{")) this.inside(c.at, path, around);
  }

  /** What is declared inside of the braces at `start`. */
  private inside(start: number, path: string, around: Module): void {
    const { c } = this;
    c.moveTo(start);
    const from = c.at;
    skipBalanced(c);
    const to = c.prevEnd;
    if (!/\b(?:fn|struct|enum|union|trait|impl|const|static|type|use)\b/.test(c.slice(from, to))) return;
    const module: Module = this.open(`${path}::`, around);
    c.rewind(from);
    c.moveTo(from + 1);
    let fresh = true;
    while (c.at < to) {
      if (fresh && (c.startsWith("#") || DECLARES_IN_BODY.test(c.slice(c.at, c.at + 80)))) {
        const start = c.at;
        parseAttributes(c);
        const declares = DECLARES_IN_BODY.test(c.slice(c.at, c.at + 80));
        if (declares) c.rewind(start);
        if (declares && this.item(module)) continue;
      }
      fresh = this.token();
    }
  }

  /** Steps over a token of a body; true when an item may follow. */
  private token(): boolean {
    const { c } = this;
    const byte = c.peek();
    if (byte === LBRACE || byte === RBRACE || byte === SEMICOLON) {
      c.moveTo(c.at + 1);
      return true;
    }
    // A word, string or character is one token.
    const before = c.at;
    skipToken(c);
    if (c.at === before) c.moveTo(c.at + 1);
    return false;
  }
}

const SEMICOLON = 59;
const LBRACE = 123;
const RBRACE = 125;

function skipUntilBrace(c: Cursor): void {
  skipUntil(c, [SEMICOLON, LBRACE]);
}

function skipToken(c: Cursor): void {
  const head = c.slice(c.at, c.at + 4);
  if (head.startsWith('"') || /^(?:b|c)?r?#*"/.test(head) || head.startsWith("'")) skipLiteral(c);
  else if (c.atIdent()) c.moveTo(c.wordEnd(c.at));
  else c.moveTo(c.at + 1);
}

/** A string, raw string, character or lifetime at the cursor. */
function skipLiteral(c: Cursor): void {
  const rest = c.slice(c.at, Math.min(c.end, c.at + 4000));
  const raw = /^(?:b|c)?r(#*)"/.exec(rest);
  if (raw !== null) {
    const close = `"${raw[1]}`;
    let window = 4000;
    let at = rest.indexOf(close, raw[0].length);
    while (at < 0 && c.at + window < c.end) {
      window *= 4;
      at = c.slice(c.at, Math.min(c.end, c.at + window)).indexOf(close, raw[0].length);
    }
    c.moveTo(c.at + Buffer.byteLength(c.slice(c.at, c.at + window).slice(0, at + close.length)));
    return;
  }
  const found = /^(?:b|c)?"(?:[^"\\]|\\[\s\S])*"|^'(?:[^'\\\n]|\\(?:[^u]|u\{[^}]*\}))'|^'(?:\\x\w\w)'|^'\w*/.exec(rest);
  c.moveTo(c.at + Buffer.byteLength(found === null ? rest.slice(0, 1) : found[0]));
}

/** `a::{b as c, d::*}` into the names of `module`. */
function readUse(tokens: readonly string[], module: Module): void {
  let at = 0;
  const tree = (prefix: readonly string[]): void => {
    const segments = [...prefix];
    if (tokens[at] === "::") at++;
    while (at < tokens.length) {
      const token = tokens[at++]!;
      if (token === "{") {
        while (tokens[at] !== "}" && at < tokens.length) {
          tree(segments);
          if (tokens[at] === ",") at++;
        }
        at++;
        return;
      }
      if (token === "*") {
        module.globs.push(segments);
        return;
      }
      if (token !== "self" || segments.length === 0) segments.push(token);
      if (tokens[at] === "::") {
        at++;
        continue;
      }
      let name = segments.at(-1)!;
      if (tokens[at] === "as") {
        name = tokens[at + 1]!;
        at += 2;
      }
      for (const table of [module.types, module.values]) {
        const before = table.get(name);
        if (before === undefined) table.set(name, { kind: "use", paths: [segments] });
        else if (before.kind === "use") before.paths.push(segments);
      }
      return;
    }
  };
  tree([]);
}
