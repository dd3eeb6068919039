/**
 * The prelude: core's types, traits and intrinsics, as programs name them, declared when they are first mentioned.
 *
 * It is Rust text (`*.rs.txt` beside this file), an item per paragraph. An index by path is made once from the first lines of the items; an item is read when a
 * program looks its path up, with the items that it mentions, and its types are made anew in each type context. An impl is read when its trait and its
 * type are there.
 */

import { readFileSync } from "node:fs";
import { preludeKey } from "../rename.ts";
import { argTys, resolveBody } from "../resolve/body.ts";
import { Declarer } from "../resolve/declare.ts";
import type { Declared, FnSource, GlobalSource } from "../resolve/declare-cx.ts";
import { canonicalPath, lastSegment, NameIndex, PRELUDE_MODULE } from "../resolve/name-index.ts";
import type { PreludeSource, World } from "../resolve/world.ts";
import type { RustItem } from "../rust/ast.ts";
import { RustReader } from "../rust/parse-items.ts";
import { Cursor, Tables } from "../text/cursor.ts";
import { parseBody } from "../text/parse-body.ts";
import { SourceText } from "../text/source.ts";
import type { AdtDef, TyCtxt } from "../ty.ts";

const FILES: readonly string[] = [
  "types.rs.txt",
  "iterators.rs.txt",
  "traits.rs.txt",
  "functions.rs.txt",
  "intrinsics.rs.txt",
];

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

const HEAD = /^(?:(?:unsafe|auto)\s+)*(?:struct|enum|union|trait|type|fn)\s+((?:\w+::)*\w+)/m;

function loadIndex(): Index {
  if (index !== undefined) return index;
  const items = new NameIndex<Entry>();
  const impls: ImplEntry[] = [];
  for (const name of FILES) {
    const file = `prelude/${name}`;
    const content = readFileSync(new URL(name, import.meta.url), "utf8");
    for (const paragraph of content.split(/\n\n+/)) {
      const text = paragraph.replace(/^\/\/.*\n/gm, "");
      const isImpl = /^(?:unsafe )?impl\b/m.test(text);
      const path = isImpl ? primitiveImpl(text) : HEAD.exec(text)?.[1];
      if (path !== undefined) items.add(path, { path, text, file, items: undefined });
      else if (isImpl) impls.push({ path: "", text, file, items: undefined, needs: neededBy(text) });
    }
  }
  index = { items, impls };
  return index;
}

/** Where core has the inherent impls of its primitive types. */
const PRIMITIVE_MODULES: readonly (readonly [RegExp, string])[] = [
  [/^impl<T> \[T\] \{/m, "std::slice"],
  [/^impl str \{/m, "std::str"],
];

/** The path by which an inherent impl of a primitive type is looked up: `std::slice::<impl>`. */
function primitiveImpl(text: string): string | undefined {
  const module = PRIMITIVE_MODULES.find(([head]) => head.test(text))?.[1];
  return module === undefined ? undefined : `${module}::<impl>`;
}

/** Whether the prelude declares `path`. */
export function preludeDeclares(path: string): boolean {
  const found = loadIndex().items.find(canonicalPath(path));
  return found !== undefined && found !== "several";
}

/** Whether the prelude declares exactly `path`. */
export function preludeHas(path: string): boolean {
  return loadIndex().items.get(canonicalPath(path)) !== undefined;
}

/** Whether a program finds the prelude's `path` by its last segment. */
export function preludeTrims(path: string): boolean {
  const found = loadIndex().items.find(lastSegment(path));
  return found !== undefined && found !== "several" && found.path === path;
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
  })
    .items()
    .map((item) => ({ ...item, module: PRELUDE_MODULE }));
  return entry.items;
}

/** What a world has declared of the prelude, and what is left to do. */
interface Progress {
  readonly done: Set<Entry>;
  /** Functions and constants whose bodies wait until all that was begun is declared. */
  readonly bodies: (FnSource | GlobalSource)[];
  depth: number;
}

const progress = new WeakMap<World, Progress>();

function progressOf(world: World): Progress {
  let found = progress.get(world);
  if (found === undefined) {
    found = { done: new Set(), bodies: [], depth: 0 };
    progress.set(world, found);
  }
  return found;
}

export const corePrelude: PreludeSource = {
  has: preludeHas,

  declare(world: World, path: string): boolean {
    const entry = loadIndex().items.find(canonicalPath(path));
    if (entry === undefined || entry === "several") return false;
    const state = progressOf(world);
    if (state.done.has(entry)) return false;
    state.done.add(entry);
    state.depth++;
    const known = world.tcx.adts.get(entry.path);
    try {
      if (known === undefined) declare(world, entry, state);
      else addAgain(world, known);
    } finally {
      state.depth--;
    }
    if (state.depth === 0) finish(world, state);
    return true;
  },
};

/** Declares the impls whose traits and types are there, then resolves bodies; both may mention more. */
function finish(world: World, state: Progress): void {
  state.depth++;
  for (let before = -1; before !== state.done.size; ) {
    before = state.done.size;
    for (const impl of loadIndex().impls) {
      if (state.done.has(impl) || !impl.needs.every((need) => isKnown(world, need))) continue;
      state.done.add(impl);
      declare(world, impl, state);
    }
    for (const { item, scope, body } of state.bodies.splice(0)) {
      if (body === undefined) continue;
      item.body =
        "params" in item
          ? resolveBody(scope, body, argTys(scope, item), item.ret)
          : resolveBody(scope, body, [], item.ty);
    }
  }
  state.depth--;
}

function isKnown(world: World, path: string): boolean {
  return world.adts.get(path) !== undefined || world.traits.get(path) !== undefined;
}

/** What programs of a type context have declared: the next ones share it. */
const shared = new WeakMap<TyCtxt, Map<Entry, Declared>>();

function declare(world: World, entry: Entry, state: Progress): void {
  let known = shared.get(world.tcx);
  if (known === undefined) {
    known = new Map();
    shared.set(world.tcx, known);
  }
  const before = known.get(entry);
  if (before === undefined) known.set(entry, declareNew(world, entry, state));
  else declareAgain(world, before);
}

/** Makes known in `world` what an earlier program of its type context has declared. */
function declareAgain(world: World, { adts, traits, impls, fns, globals, aliases }: Declared): void {
  for (const { def } of adts) addAgain(world, def);
  for (const trait of traits) {
    world.traits.add(trait.name, trait);
    for (const parent of trait.supertraits) corePrelude.declare(world, parent.trait.name);
  }
  for (const { item } of fns) if (world.fns.add(item.name, item)) world.preludeFns.add(item);
  for (const alias of aliases) world.aliases.add(alias.name, alias);
  for (const { item } of globals) if (item.kind === "const") world.consts.add(item.name, item);
  for (const impl of impls) {
    world.addImpl(impl);
    world.addInherent(impl);
  }
}

/** Makes known `def` and the traits that its bounds mention. */
function addAgain(world: World, def: AdtDef): void {
  world.adts.add(def.name, def);
  for (const { ref } of def.predicates ?? []) corePrelude.declare(world, ref.trait.name);
}

function declareNew(world: World, entry: Entry, state: Progress): Declared {
  const attempt = (_name: string, step: () => void): boolean => {
    step();
    return true;
  };
  const declarer = new Declarer(world, attempt, true);
  declarer.run(parsed(entry));
  declarer.finish();
  const { declared } = declarer;
  state.bodies.push(...declared.fns, ...declared.globals);
  const fns = declared.fns.map(({ item }) => item).filter((item) => item.parent === undefined);
  for (const item of [...declared.traits, ...declared.impls, ...fns])
    world.tcx.preludeItems.set(preludeKey(item), item);
  return declared;
}
