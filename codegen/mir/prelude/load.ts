/**
 * The prelude: core's types, traits and intrinsics, as programs name them, declared when they are first mentioned.
 *
 * It is Rust text (`*.rs.txt` beside this file), an item per paragraph. An index by path is made once from the first lines of the items; an item is read when a
 * program looks its path up, with the items that it mentions, and its types are made anew in each type context. An impl is read when its trait and its
 * type are there.
 */

import { readFileSync } from "node:fs";
import { RustReader } from "../rust/parse-items.ts";
import type { RustItem } from "../rust/ast.ts";
import { Declarer } from "../resolve/declare.ts";
import { canonicalPath, NameIndex } from "../resolve/name-index.ts";
import type { PreludeSource, World } from "../resolve/world.ts";
import { Cursor, Tables } from "../text/cursor.ts";
import { parseBody } from "../text/parse-body.ts";
import { SourceText } from "../text/source.ts";

const FILES: readonly string[] = ["types.rs.txt", "iterators.rs.txt", "traits.rs.txt", "intrinsics.rs.txt"];

/** An item of the prelude's text. */
interface Entry {
  readonly path: string;
  readonly text: string;
  readonly file: string;
  items: readonly RustItem[] | undefined;
}

/** An impl, with the paths of the definitions that its head mentions: it is declared when all are. */
interface ImplEntry extends Entry {
  readonly needs: readonly string[];
}

interface Index {
  readonly items: NameIndex<Entry>;
  readonly impls: readonly ImplEntry[];
}

let index: Index | undefined;

const HEAD = /^(?:(?:pub|unsafe|auto|const)\s+)*(?:struct|enum|union|trait|type|fn)\s+([\w:]+)/m;

function loadIndex(): Index {
  if (index !== undefined) return index;
  const items = new NameIndex<Entry>();
  const impls: ImplEntry[] = [];
  for (const name of FILES) {
    const file = `prelude/${name}`;
    const content = readFileSync(new URL(name, import.meta.url), "utf8");
    for (const paragraph of content.split(/\n\n+/)) {
      const text = paragraph.replace(/^\/\/.*\n/gm, "");
      if (/^(?:unsafe )?impl\b/m.test(text)) impls.push({ path: "", text, file, items: undefined, needs: neededBy(text) });
      const path = HEAD.exec(text)?.[1];
      if (path !== undefined && !/^(?:unsafe )?impl\b/m.test(text)) items.add(path, { path, text, file, items: undefined });
    }
  }
  index = { items, impls };
  return index;
}

/** The paths in an impl's head that are no parameters: `std::…`. */
function neededBy(text: string): readonly string[] {
  const head = text.slice(0, text.indexOf("{"));
  return [...new Set(head.match(/std::[\w:]+/g) ?? [])];
}

const tables = new Tables();

function parsed(entry: Entry): readonly RustItem[] {
  entry.items ??= new RustReader(new Cursor(SourceText.fromString(entry.file, entry.text), tables), {
    kind: "mir",
    parse: parseBody,
  }).items();
  return entry.items;
}

/** What a world has declared of the prelude. */
const declaredIn = new WeakMap<World, Set<Entry>>();

export const corePrelude: PreludeSource = {
  declare(world: World, path: string): boolean {
    const { items, impls } = loadIndex();
    const entry = items.find(canonicalPath(path));
    if (entry === undefined || entry === "several") return false;
    let done = declaredIn.get(world);
    if (done === undefined) {
      done = new Set();
      declaredIn.set(world, done);
    }
    if (done.has(entry)) return false;
    done.add(entry);
    const known = world.tcx.adts.get(entry.path);
    if (known !== undefined) {
      world.adts.add(entry.path, known);
    } else {
      declare(world, parsed(entry));
    }
    for (const impl of impls) {
      if (done.has(impl) || !impl.needs.every((need) => isKnown(world, need))) continue;
      done.add(impl);
      declare(world, parsed(impl));
    }
    return true;
  },
};

function isKnown(world: World, path: string): boolean {
  return world.adts.get(path) !== undefined || world.traits.get(path) !== undefined;
}

function declare(world: World, items: readonly RustItem[]): void {
  const attempt = (_name: string, step: () => void): boolean => {
    step();
    return true;
  };
  new Declarer(world, attempt, true).run(items);
}
