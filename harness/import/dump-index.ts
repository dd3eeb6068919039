/**
 * Where each item of a MIR dump stands, under a name that does not depend on places: `option::{impl#5}::map`, `{impl#5}` being the impl's number in its
 * module.
 *
 * rustc names the items of an impl by where it stands (`<impl at src/a.rs:1:1: 2:2>::f`), which is no name for what macros and derives make: all
 * expansions stand at one place. But dumps list items in source order, so the members of a module's impls follow each other in both texts.
 */

import { type AllocTable, Cursor, Diagnostic, parseItem, SourceText, Tables, type text } from "../../codegen/index.ts";
import type { SourceTree } from "./source-tree.ts";

interface Entry {
  readonly from: number;
  item: text.FnItem | text.ConstItem | undefined;
}

const NEWLINE = 10;
const SPACE = 32;
const RBRACE = 125;
const SLASH = 47;

export class DumpIndex {
  readonly source: SourceText;
  readonly allocs: AllocTable;
  /** Members of impls that stand in one of the texts only, if any: `module: member`. */
  readonly unmatched: string[] = [];
  private readonly cursor: Cursor;
  private readonly entries = new Map<string, Entry>();
  private readonly allocAt = new Map<number, number>();
  /** The impl that members of `<impl at …>` belong to, by module and place; the last one read. */
  private readonly current = new Map<string, string>();
  private readonly tree: SourceTree;
  private readonly members = new Map<string, { readonly list: readonly string[]; at: number }>();

  constructor(file: string, bytes: Uint8Array, tree: SourceTree) {
    this.source = new SourceText(file, bytes);
    this.cursor = new Cursor(this.source, new Tables());
    this.tree = tree;
    this.scan(bytes);
    this.allocs = { items: new LazyAllocs((number) => this.alloc(number)), made: new Map() };
  }

  /** The names of all items. */
  names(): Iterable<string> {
    return this.entries.keys();
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** The item known under `name`, read when it is first asked for. */
  get(name: string): text.FnItem | text.ConstItem | undefined {
    const entry = this.entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.item === undefined) {
      this.cursor.moveTo(entry.from);
      const item = parseItem(this.cursor, undefined);
      if (item.kind === "rust" || item.kind === "alloc")
        throw new Diagnostic(`not an item of MIR: ${name}`, { file: this.source.file });
      entry.item = item;
    }
    return entry.item;
  }

  private alloc(number: number): text.AllocItem | undefined {
    const from = this.allocAt.get(number);
    if (from === undefined) return undefined;
    this.cursor.moveTo(from);
    const item = parseItem(this.cursor, undefined);
    return item.kind === "alloc" ? item : undefined;
  }

  // ---- reading

  private scan(bytes: Uint8Array): void {
    let ctfe = false;
    for (let at = 0; at < bytes.length; ) {
      let end = bytes.indexOf(NEWLINE, at);
      if (end < 0) end = bytes.length;
      const first = bytes[at]!;
      if (first === SLASH) {
        if (end - at === 15 && this.source.slice(at, end) === "// MIR FOR CTFE") ctfe = true;
      } else if (first !== SPACE && first !== RBRACE && first !== NEWLINE) {
        this.line(at, this.source.slice(at, end), ctfe);
        ctfe = false;
      }
      at = end + 1;
    }
  }

  private line(at: number, line: string, ctfe: boolean): void {
    const alloc = /^alloc(\d+) \(/.exec(line);
    if (alloc !== null) {
      if (!this.allocAt.has(Number(alloc[1]))) this.allocAt.set(Number(alloc[1]), at);
      return;
    }
    const name = itemName(line);
    if (name === undefined || ctfe) return;
    const key = this.key(name);
    if (key !== undefined && !this.entries.has(key)) this.entries.set(key, { from: at, item: undefined });
  }

  /** `name` with its impls numbered. */
  private key(name: string): string | undefined {
    const at = name.lastIndexOf("<impl at ");
    if (at < 0) return name;
    const close = name.indexOf(">", at);
    const module = this.prefix(name.slice(0, at));
    const rest = name.slice(close + 3);
    const place = `${module}${name.slice(at, close + 1)}`;
    if (rest.includes("::")) {
      const [member] = rest.split("::", 1);
      const owner = this.current.get(`${place}::${member}`);
      return owner === undefined ? undefined : `${owner}::${rest}`;
    }
    const impl = this.nextImpl(module, rest);
    if (impl === undefined) {
      this.unmatched.push(`${module}: ${rest}`);
      return undefined;
    }
    this.current.set(`${place}::${rest}`, impl);
    return `${impl}::${rest}`;
  }

  /** The same for what stands before an impl: a module, or a function, which may be in another impl. */
  private prefix(module: string): string {
    const at = module.lastIndexOf("<impl at ");
    if (at < 0) return module;
    const close = module.indexOf(">", at);
    const outer = this.prefix(module.slice(0, at));
    const rest = module.slice(close + 3);
    const [member] = rest.split("::", 1);
    const owner = this.current.get(`${outer}${module.slice(at, close + 1)}::${member}`);
    return owner === undefined ? module : `${owner}::${rest}`;
  }

  /** The impl of the module's next member, which should be called `name`. */
  private nextImpl(module: string, name: string): string | undefined {
    let members = this.members.get(module);
    if (members === undefined) {
      members = { list: membersOf(this.tree, module), at: 0 };
      this.members.set(module, members);
    }
    const found = members.list.findIndex((member, i) => i >= members.at && member.endsWith(`::${name}`));
    if (found < 0) return undefined;
    for (let i = members.at; i < found; i++) this.unmatched.push(`${module}: ${members.list[i]!} has no MIR`);
    members.at = found + 1;
    return members.list[found]!.slice(0, -name.length - 2);
  }
}

/** What has a body in the impls of `module`, as `{impl#N}::name`. */
function membersOf(tree: SourceTree, module: string): string[] {
  return (tree.impls.get(module) ?? []).flatMap(({ item, key }) =>
    item.items.flatMap((assoc) => {
      const hasBody = assoc.kind === "fn" ? assoc.body === "rust" : assoc.kind !== "type" && assoc.init.kind === "rust";
      return hasBody ? [`${key}::${assoc.name}`] : [];
    }),
  );
}

/** The name of the item that starts with `line`. */
function itemName(line: string): string | undefined {
  if (line.startsWith("fn ")) return line.slice(3, line.indexOf("("));
  const found = /^(?:const |static mut |static )?((?:<impl at [^>]*>|::|[^:<])+): /.exec(line);
  return found?.[1];
}

/** Allocations by number, read when they are asked for. */
class LazyAllocs extends Map<number, text.AllocItem> {
  private readonly read: (number: number) => text.AllocItem | undefined;

  constructor(read: (number: number) => text.AllocItem | undefined) {
    super();
    this.read = read;
  }

  override get(number: number): text.AllocItem | undefined {
    const known = super.get(number);
    if (known !== undefined) return known;
    const item = this.read(number);
    if (item !== undefined) this.set(number, item);
    return item;
  }

  override has(number: number): boolean {
    return this.get(number) !== undefined;
  }
}
