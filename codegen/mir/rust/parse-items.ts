/**
 * The parser of Rust items.
 *
 * `RustReader.item` reads one item and hands back what it declares: a `mod` or an `extern` block declares several things, a `use` none. Bodies are MIR in
 * programs, and Rust in sources, where they are skipped (`BodySyntax`).
 */

import type { Body, Type } from "../text/ast.ts";
import { B } from "../text/bytes.ts";
import type { Cursor } from "../text/cursor.ts";
import { parseAbi, parseConst, parseItemName, parseType } from "../text/parse.ts";
import { pathText } from "../text/print-type.ts";
import type {
  AdtItem,
  AssocItem,
  Attribute,
  FieldDecl,
  GenericParam,
  Generics,
  GlobalItem,
  ImplItem,
  RustFn,
  RustItem,
  RustItemBase,
  TraitItem,
  TypeItem,
  VariantDecl,
} from "./ast.ts";
import {
  parseAttributes,
  parseGenericParams,
  parseGenerics,
  parseOptionalBounds,
  parseWhere,
  skipVisibility,
} from "./parse-generics.ts";
import { skipBalanced, skipUntil } from "./skip.ts";

/** What stands between the braces of a function. */
export type BodySyntax = { readonly kind: "mir"; readonly parse: (c: Cursor) => Body } | { readonly kind: "rust" };

/** Where an item stands: its modules, an `extern` block. */
interface Around {
  readonly module: string;
  /** The ABI of the `extern` block around it. */
  readonly foreign: string | undefined;
  /** In an `impl` or a `trait`. */
  readonly assoc: boolean;
}

const TOP: Around = { module: "", foreign: undefined, assoc: false };

/** Words that may stand before `fn`, `trait` and `impl`. */
const QUALIFIERS: readonly string[] = ["default", "const", "async", "safe", "gen", "final"];

interface Head {
  readonly at: number;
  readonly attributes: readonly Attribute[];
  readonly around: Around;
}

export class RustReader {
  private readonly c: Cursor;
  private readonly bodies: BodySyntax;

  constructor(c: Cursor, bodies: BodySyntax) {
    this.c = c;
    this.bodies = bodies;
  }

  /** All items up to the end of the text. */
  items(): RustItem[] {
    const items: RustItem[] = [];
    while (!this.c.atEnd) items.push(...this.item());
    return items;
  }

  /** What the item at the cursor declares. */
  item(): RustItem[] {
    return this.itemIn(TOP);
  }

  private itemIn(around: Around): RustItem[] {
    const { c } = this;
    const attributes = parseAttributes(c);
    if (c.atEnd || c.peek() === B.RBRACE) return [];
    skipVisibility(c);
    const head: Head = { at: c.at, attributes, around };
    const several = this.moduleOrBlock(head);
    if (several !== undefined) return attributes.some(isDisabled) ? [] : several;
    const item = this.single(head);
    return item === undefined || attributes.some(isDisabled) ? [] : [item];
  }

  private moduleOrBlock({ around }: Head): RustItem[] | undefined {
    const { c } = this;
    if (c.isWord("mod")) {
      c.eatWord("mod");
      const name = c.ident("a module");
      if (c.eat(B.SEMICOLON)) return [];
      return this.block({ ...around, module: `${around.module}${name}::` });
    }
    if (!/^(?:unsafe\s+)?extern\s*(?:"[^"]*"\s*)?\{/.test(c.slice(c.at, c.at + 60))) return undefined;
    c.eatWord("unsafe");
    return this.block({ ...around, foreign: unquote(parseAbi(c)) });
  }

  private block(around: Around): RustItem[] {
    const { c } = this;
    const items: RustItem[] = [];
    c.expect(B.LBRACE);
    c.enter();
    while (!c.eat(B.RBRACE)) {
      if (c.atEnd) throw c.expected("an item or `}`");
      items.push(...this.itemIn(around));
    }
    c.leave();
    return items;
  }

  private single(head: Head): RustItem | undefined {
    const { c } = this;
    if (this.skipsItem()) return undefined;
    this.skipDefault();
    if (c.isWord("type")) return this.typeItem(head);
    if (c.isWord("static")) return this.global(head, "static");
    if (c.isWord("struct") || c.isWord("enum")) return this.adt(head, c.word() as "struct" | "enum");
    if (c.isWord("union")) return this.adt(head, "union");
    if (c.isWord("const") && !this.isQualifiedFn()) return this.global(head, "const");
    const words = this.qualifiers();
    if (c.isWord("static")) return this.global(head, "static");
    if (c.isWord("trait")) return this.trait(head, words);
    if (c.isWord("impl")) return this.impl(head);
    if (c.isWord("fn") || c.isWord("extern")) return this.fn(head, words);
    throw c.expected("an item");
  }

  /** `default type`, `default const`: items of impls that others specialise. */
  private skipDefault(): void {
    const { c } = this;
    const text = c.slice(c.at, c.at + 40);
    if (/^default\s+(?:type|const)\b/.test(text) && !/^default\s+const\s+(?:fn|unsafe|async|extern)\b/.test(text))
      c.eatWord("default");
  }

  /** `const fn`, `const unsafe extern "C" fn`, `const trait`, `const impl`. */
  private isQualifiedFn(): boolean {
    const { c } = this;
    return /^const\s+(?:(?:async|unsafe|safe|gen|extern)\b|fn\b|trait\b|impl\b|auto\b)/.test(c.slice(c.at, c.at + 60));
  }

  private qualifiers(): Set<string> {
    const { c } = this;
    const words = new Set<string>();
    for (let word = c.word(); QUALIFIERS.includes(word) || word === "unsafe" || word === "auto"; word = c.word()) {
      words.add(word);
      c.expectWord(word);
    }
    return words;
  }

  /** `use`, `extern crate`, macros: nothing is declared. */
  private skipsItem(): boolean {
    const { c } = this;
    if (c.isWord("use") || /^extern\s+crate\b/.test(c.slice(c.at, c.at + 40))) {
      skipUntil(c, [B.SEMICOLON]);
      c.expect(B.SEMICOLON);
      return true;
    }
    const macro = /^(?:macro\s+\w+|macro_rules!\s*\w+\s*|[\w:]+!\s*)/.exec(c.slice(c.at, c.at + 80));
    if (macro === null) return false;
    c.moveTo(c.at + macro[0].length);
    while (c.peek() === B.LPAREN || c.peek() === B.LBRACE || c.peek() === B.LBRACKET) skipBalanced(c);
    c.eat(B.SEMICOLON);
    return true;
  }

  private base({ at, attributes, around }: Head, end = this.c.prevEnd): RustItemBase {
    return { source: this.c.source, at, end, attributes, module: around.module };
  }

  /** A name, or a path in programs without modules. */
  private name(around: Around): string {
    const { c } = this;
    if (around.assoc || this.bodies.kind === "rust") return around.module + c.ident("a name");
    return around.module + pathText(parseItemName(c));
  }

  /** The name of a type or trait: a path without arguments, which may lead through items without names (`{impl#0}`). */
  private typeName(around: Around): string {
    const { c } = this;
    const at = c.at;
    const name = this.name(around);
    if (/[<[]|\}$/.test(name)) throw c.error("expected a name", undefined, at);
    return name;
  }

  // ---- types

  private adt(head: Head, kind: "struct" | "enum" | "union"): AdtItem {
    const { c } = this;
    c.expectWord(kind);
    const nameAt = c.at;
    const name = this.typeName(head.around);
    const params = parseGenericParams(c);
    let where = parseWhere(c);
    const variants: VariantDecl[] = [];
    if (kind === "enum") {
      this.variants(variants);
    } else {
      const fields = this.fields();
      if (fields.ctor !== "named") {
        where = [...where, ...parseWhere(c)];
        c.expect(B.SEMICOLON);
      }
      variants.push({ at: nameAt, name: name.slice(name.lastIndexOf(":") + 1), ...fields, discriminant: undefined });
    }
    return { ...this.base(head), kind, name, nameAt, generics: { params, where }, variants };
  }

  private fields(): Pick<VariantDecl, "ctor" | "fields"> {
    const { c } = this;
    const fields: FieldDecl[] = [];
    if (c.eat(B.LPAREN)) {
      while (!c.eat(B.RPAREN)) {
        const disabled = parseAttributes(c).some(isDisabled);
        skipVisibility(c);
        const ty = parseType(c);
        if (!disabled) fields.push({ name: String(fields.length), ty });
        if (c.peek() !== B.RPAREN) c.expect(B.COMMA);
      }
      return { ctor: "tuple", fields };
    }
    if (!c.eat(B.LBRACE)) return { ctor: "unit", fields };
    const names = new Set<string>();
    while (!c.eat(B.RBRACE)) {
      const disabled = parseAttributes(c).some(isDisabled);
      skipVisibility(c);
      const at = c.at;
      const name = c.ident("a field");
      if (names.has(name)) throw c.error(`the field \`${name}\` is declared twice`, undefined, at);
      c.expect(B.COLON);
      const ty = parseType(c);
      names.add(name);
      if (!disabled) fields.push({ name, ty });
      if (c.peek() !== B.RBRACE) c.expect(B.COMMA);
    }
    return { ctor: "named", fields };
  }

  private variants(variants: VariantDecl[]): void {
    const { c } = this;
    c.expect(B.LBRACE);
    while (!c.eat(B.RBRACE)) {
      parseAttributes(c);
      skipVisibility(c);
      const at = c.at;
      const name = c.ident("a variant");
      const fields = this.fields();
      let discriminant: string | undefined;
      if (c.eat(B.EQUALS)) {
        const from = c.at;
        skipUntil(c, [B.COMMA]);
        discriminant = c.slice(from, c.prevEnd);
        if (c.at === from) throw c.expected("a discriminant");
      }
      variants.push({ at, name, ...fields, discriminant });
      if (c.peek() !== B.RBRACE) c.expect(B.COMMA);
    }
  }

  private typeItem(head: Head): TypeItem {
    const { c } = this;
    const { around } = head;
    c.expectWord("type");
    const nameAt = c.at;
    const name = this.typeName(around);
    const params = parseGenericParams(c);
    const bounds = c.eat(B.COLON) ? parseOptionalBounds(c) : [];
    let where = parseWhere(c);
    const ty = c.eat(B.EQUALS) ? parseType(c) : undefined;
    where = [...where, ...parseWhere(c)];
    c.expect(B.SEMICOLON);
    const foreign = around.foreign !== undefined;
    if (ty === undefined && !foreign && !around.assoc) throw c.error("an alias needs a type", undefined, nameAt);
    return { ...this.base(head), kind: "type", name, nameAt, generics: { params, where }, bounds, ty, foreign };
  }

  // ---- statics and constants

  private global(head: Head, kind: "const" | "static"): GlobalItem {
    const { c } = this;
    c.expectWord(kind);
    const mutable = c.eatWord("mut");
    const nameAt = c.at;
    const name = this.name(head.around);
    const generics = parseGenerics(c);
    c.expect(B.COLON);
    const ty = parseType(c);
    const init = this.initialiser();
    const foreign = head.around.foreign !== undefined;
    return { ...this.base(head), kind, name, nameAt, generics, mutable, ty, init, foreign };
  }

  private initialiser(): GlobalItem["init"] {
    const { c, bodies } = this;
    if (!c.eat(B.EQUALS)) {
      c.expect(B.SEMICOLON);
      return { kind: "none" };
    }
    if (bodies.kind === "rust") {
      const from = c.at;
      skipUntil(c, [B.SEMICOLON]);
      const text = c.slice(from, c.prevEnd);
      c.expect(B.SEMICOLON);
      return { kind: "rust", text };
    }
    if (c.peek() === B.LBRACE && /^\{\s*(?:let|bb\d|scope|debug)\b/.test(c.slice(c.at, c.at + 200))) {
      const body = bodies.parse(c);
      c.eat(B.SEMICOLON);
      return { kind: "body", body };
    }
    c.eatWord("const");
    const value = parseConst(c);
    c.expect(B.SEMICOLON);
    return { kind: "value", value };
  }

  // ---- functions

  private fn(head: Head, words: ReadonlySet<string>): RustFn {
    const { c } = this;
    const { around } = head;
    const abi = c.isWord("extern") ? unquote(parseAbi(c)) : (around.foreign ?? "Rust");
    c.expectWord("fn");
    const nameAt = c.at;
    const path = around.assoc || this.bodies.kind === "rust" ? undefined : parseItemName(c);
    const name = path === undefined ? this.name(around) : around.module + pathText(path);
    const params = parseGenericParams(c);
    const { tys, variadic } = this.params();
    const ret = c.eat2(B.MINUS, B.GREATER) ? parseType(c) : undefined;
    const generics: Generics = { params, where: parseWhere(c) };
    const end = c.prevEnd;
    const body = this.body();
    const foreign = around.foreign !== undefined || (body === "none" && !around.assoc);
    const unsafe = words.has("unsafe") || (around.foreign !== undefined && !words.has("safe"));
    const base = this.base(head, end);
    return {
      ...base,
      kind: "fn",
      path,
      name,
      nameAt,
      generics,
      params: tys,
      variadic,
      ret,
      unsafe,
      abi,
      body,
      foreign,
    };
  }

  private body(): RustFn["body"] {
    const { c, bodies } = this;
    if (c.eat(B.SEMICOLON)) return "none";
    if (c.peek() !== B.LBRACE) throw c.expected("`{` and the body");
    if (bodies.kind === "mir") return bodies.parse(c);
    skipBalanced(c);
    return "rust";
  }

  private params(): { tys: Type[]; variadic: boolean } {
    const { c } = this;
    const tys: Type[] = [];
    let variadic = false;
    c.expect(B.LPAREN);
    while (!c.eat(B.RPAREN)) {
      parseAttributes(c);
      const ty = c.eatText("...") ? undefined : this.param(tys.length + 1);
      if (ty === undefined) variadic = true;
      else tys.push(ty);
      if (c.peek() !== B.RPAREN) c.expect(B.COMMA);
    }
    return { tys, variadic };
  }

  /** `_1: T`, `pattern: T`, `self`, `&'a mut self`, or a type alone; undefined for `pattern: ...`. */
  private param(number: number): Type | undefined {
    const { c } = this;
    const text = c.slice(c.at, c.at + 40);
    const receiver = /^(&\s*(?:'\w+\s+)?(mut\s+)?)?(?:mut\s+)?self\b\s*(?!\s*:)/.exec(text);
    if (receiver !== null && !/^:/.test(text.slice(receiver[0].length))) {
      c.moveTo(c.at + receiver[0].length);
      const self: Type = SELF;
      if (receiver[1] === undefined) return self;
      return { kind: "ref", lifetime: "", mutable: receiver[2] !== undefined, pointee: self, text: "" };
    }
    const local = /^_(\d+)\s*:(?!:)/.exec(text);
    if (local !== null && this.bodies.kind === "mir" && Number(local[1]) !== number) {
      throw c.error(`the parameter \`_${local[1]}\` should be \`_${number}\``);
    }
    const at = c.at;
    // In sources a parameter always has a pattern; in declarations of programs it may be a type alone.
    if (/^[\w\s]*:(?!:)/.test(text) || this.bodies.kind === "rust") {
      skipUntil(c, [B.COLON, B.COMMA]);
      while (c.eat2(B.COLON, B.COLON)) skipUntil(c, [B.COLON, B.COMMA]);
      if (c.eat(B.COLON)) return c.eatText("...") ? undefined : parseType(c);
      c.rewind(at);
    }
    return parseType(c);
  }

  // ---- traits and impls

  private trait(head: Head, words: ReadonlySet<string>): TraitItem {
    const { c } = this;
    c.expectWord("trait");
    const nameAt = c.at;
    const name = this.typeName(head.around);
    const params = parseGenericParams(c);
    const supertraits = c.eat(B.COLON) ? parseOptionalBounds(c) : [];
    const generics: Generics = { params, where: parseWhere(c) };
    const end = c.prevEnd;
    if (c.eat(B.EQUALS)) throw c.error("trait aliases are not read", undefined, nameAt);
    const items = this.assocItems(head.around);
    const auto = words.has("auto");
    return { ...this.base(head, end), kind: "trait", name, nameAt, auto, generics, supertraits, items };
  }

  private impl(head: Head): ImplItem {
    const { c } = this;
    c.expectWord("impl");
    const params: GenericParam[] = c.peek() === B.LESS ? parseGenericParams(c) : [];
    c.eatWord("const");
    const negative = c.eat(B.BANG);
    const at = c.at;
    const first = parseType(c);
    const isTrait = c.eatWord("for");
    if (isTrait && first.kind !== "path") throw c.error("expected a trait", undefined, at);
    const self = isTrait ? parseType(c) : first;
    const generics: Generics = { params, where: parseWhere(c) };
    // The span of an impl ends with its `where` clause.
    const end = c.prevEnd;
    const items = this.assocItems(head.around);
    const trait = isTrait && first.kind === "path" ? first.path : undefined;
    return { ...this.base(head, end), kind: "impl", generics, negative, trait, self, items };
  }

  private assocItems(around: Around): AssocItem[] {
    const inside: Around = { ...around, module: "", assoc: true };
    return this.block(inside).filter((item): item is AssocItem => {
      if (item.kind === "fn" || item.kind === "const" || item.kind === "type") return true;
      throw item.source.error(`a \`${item.kind}\` cannot stand here`, item.at);
    });
  }
}

/** Shared, so that it is the same key for all: types are told apart by identity. */
const SELF: Type = {
  kind: "path",
  path: { segments: [{ kind: "name", name: "Self", args: undefined }], promoted: -1, text: "Self" },
  text: "Self",
};

/** What a plain build leaves out: tests, documentation, features that must be asked for. */
function isDisabled(attribute: Attribute): boolean {
  return attribute.name === "cfg" && /^(?:test|doc|miri|bootstrap|feature\s*=\s*"[^"]*")$/.test(attribute.value);
}

function unquote(abi: string | undefined): string {
  if (abi === undefined) return "Rust";
  return abi === "" ? "C" : abi.replaceAll('"', "");
}
