/**
 * Reading the texts of a program, item by item: Rust items, and what dumps have.
 */

import type { Attribute, RustItem } from "../rust/ast.ts";
import { deriveImpls } from "../rust/derive.ts";
import { RustReader } from "../rust/parse-items.ts";
import type * as text from "../text/ast.ts";
import { B, CLASS, IDENT_START } from "../text/bytes.ts";
import { Cursor, Tables } from "../text/cursor.ts";
import { parseBody } from "../text/parse-body.ts";
import { parseItem } from "../text/parse-item.ts";
import { SourceText } from "../text/source.ts";
import { closureText } from "./closure-items.ts";
import type { AllocTable, World } from "./world.ts";

/** One text of a program. */
export interface TextInput {
  readonly text: string;
  /** For diagnostics, and for `<impl at FILE:…>`. */
  readonly file: string;
  /** `mir`: functions have MIR bodies. `rust`: real Rust; bodies are skipped. */
  readonly syntax: "mir" | "rust";
}

/** A function of a dump, or a constant. */
export interface Dumped<T> {
  readonly item: T;
  /** Of a closure's body that programs print with some. */
  readonly attributes?: readonly Attribute[];
}

/** Runs a step of the item that `name` names, or tells its name; `made` is what it becomes. False when the item is left out. */
export type Attempt = (name: string | (() => string), step: () => void, made?: object) => boolean;

/** What the texts of a program have, in source order. */
export class ItemReader {
  readonly sources: SourceText[] = [];
  readonly rust: RustItem[] = [];
  readonly fns: Dumped<text.FnItem>[] = [];
  readonly consts: Dumped<text.ConstItem>[] = [];
  private readonly world: World;
  private readonly attempt: Attempt;

  constructor(world: World, attempt: Attempt) {
    this.world = world;
    this.attempt = attempt;
  }

  read({ text: content, file, syntax }: TextInput): void {
    const source = SourceText.fromString(file, content);
    this.sources.push(source);
    TABLES.limit();
    const allocs: AllocTable & { items: Map<number, text.AllocItem> } = { items: new Map(), made: new Map() };
    this.world.allocTables.set(source, allocs);
    let c = new Cursor(source, TABLES);
    while (!c.atEnd) {
      const start = c.at;
      const name = (): string => nameAt(source, start);
      const good = this.attempt(name, () => {
        if (syntax === "rust") this.rust.push(...new RustReader(c, { kind: "rust" }).item().flatMap(withDerives));
        else this.mirItem(c, allocs);
      });
      if (good) continue;
      // What was open in the reader stays open: a fresh one goes on.
      c = new Cursor(source, TABLES);
      recover(c, start);
    }
  }

  private mirItem(c: Cursor, allocs: AllocTable & { readonly items: Map<number, text.AllocItem> }): void {
    const item = parseItem(c, (cursor) => new RustReader(cursor, { kind: "mir", parse: parseBody }).item());
    switch (item.kind) {
      case "alloc":
        // rustc repeats an allocation behind each body that mentions it.
        if (!allocs.items.has(item.alloc)) allocs.items.set(item.alloc, item);
        break;
      case "fn":
        this.fns.push({ item });
        break;
      case "rust":
        for (const node of item.node) {
          const closure = node.kind === "fn" ? closureText(node) : undefined;
          if (closure === undefined) this.rust.push(node);
          else this.fns.push({ item: closure, attributes: node.attributes });
        }
        break;
      default:
        this.consts.push({ item });
    }
  }
}

/** What programs mention again and again is read once: small programs are read by the thousand. */
const TABLES = new Tables();

/** In sources `derive` stands for impls; programs write those they have. */
function withDerives(item: RustItem): RustItem[] {
  if (item.kind !== "struct" && item.kind !== "enum" && item.kind !== "union") return [item];
  return [item, ...deriveImpls(item)];
}

/** The name of the item at `at`, as far as it can be told without reading it. */
function nameAt(source: SourceText, at: number): string {
  const head = source.slice(at, Math.min(at + 200, source.length));
  const match =
    /^(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?(?:(?:const|static|unsafe|extern\s+"[^"]*"|async|mut)\s+)*(?:fn|struct|enum|union|trait|type|const|static|mut)?\s*([\w:]+)/.exec(
      head,
    );
  return match?.[1] ?? "";
}

/** Behind an item that was not understood, to where the next one can start: a line that begins with a word, an attribute or an impl's path. */
function recover(c: Cursor, start: number): void {
  const { bytes, end } = c;
  for (let at = bytes.indexOf(B.NEWLINE, start); at >= 0 && at + 1 < end; at = bytes.indexOf(B.NEWLINE, at + 1)) {
    const first = bytes[at + 1]!;
    if ((CLASS[first]! & IDENT_START) === 0 && first !== B.HASH && first !== B.LESS) continue;
    c.moveTo(at + 1);
    return;
  }
  c.moveTo(end);
}
