/**
 * What names mean in the sources of a crate: modules, `use` with its globs and renames, `self`, `super`, `crate`, the library by `core` or `std`, and its prelude.
 */

import type { Module, Namespace, SourceTree } from "./source-tree.ts";

/** An item of a crate. */
export interface Found {
  readonly crate: Crate;
  readonly kind: "item" | "module";
  /** In its crate. */
  readonly path: string;
}

/** A crate that names are resolved in. `prefix` stands before the paths of its items: `rustlib::` for the library, whose items are not those of the prelude. */
export interface Crate {
  readonly tree: SourceTree;
  readonly prefix: string;
  /** The crate that `core` and `std` name; undefined for the library. */
  readonly library: Crate | undefined;
  /** The crate that `alloc` names, where that is another one. */
  readonly alloc: Crate | undefined;
}

const MAX_STEPS = 40;

/** Types that every program knows, whatever it declares. */
const KNOWN_TYPES: ReadonlySet<string> = new Set(["option::Option", "result::Result", "cmp::Ordering"]);

/** How the item `path` of `crate` is called in the linked program. */
export function fullName(crate: Crate, path: string): string {
  return (crate.library === undefined && KNOWN_TYPES.has(path) ? "std::" : crate.prefix) + path;
}

interface FoundPath {
  readonly found: Found;
  readonly used: number;
}

const known = new WeakMap<Crate, Map<string, FoundPath | undefined>>();

/** What `segments` mean in module `from` of `crate`: the item that the longest prefix names, and how many segments that took. */
export function findPath(
  crate: Crate,
  from: string,
  segments: readonly string[],
  last: Namespace,
): FoundPath | undefined {
  let table = known.get(crate);
  if (table === undefined) {
    table = new Map();
    known.set(crate, table);
  }
  const key = `${from} ${segments.join("::")} ${last}`;
  if (!table.has(key)) {
    query = new Map();
    table.set(key, search(crate, from, segments, last, 0));
  }
  return table.get(key);
}

function search(
  crate: Crate,
  from: string,
  segments: readonly string[],
  last: Namespace,
  steps: number,
): FoundPath | undefined {
  if (steps > MAX_STEPS) return undefined;
  let here = start(crate, from, segments, last, steps);
  if (here === undefined) return undefined;
  let { found, used } = here;
  while (used < segments.length && found.kind === "module") {
    const module = found.crate.tree.modules.get(found.path);
    const namespace = used === segments.length - 1 ? last : "types";
    let next: Found | undefined =
      module === undefined ? undefined : inModule(found.crate, module, segments[used]!, namespace, steps + 1);
    // Of what is inside of a function.
    if (next === undefined && module !== undefined && namespace === "types")
      next = inModule(found.crate, module, segments[used]!, "values", steps + 1);
    if (next === undefined) return undefined;
    found = next;
    used++;
  }
  here = { found, used };
  return here;
}

function start(
  crate: Crate,
  from: string,
  segments: readonly string[],
  last: Namespace,
  steps: number,
): { found: Found; used: number } | undefined {
  const [first] = segments;
  const root = (owner: Crate): Found => ({ crate: owner, kind: "module", path: "" });
  if (first === "crate" || first === "$crate") return { found: root(crate), used: 1 };
  let used = 0;
  let module = from;
  if (first === "self") return { found: { crate, kind: "module", path: plainModule(crate, from) }, used: 1 };
  while (segments[used] === "super") {
    module = outerModule(plainModule(crate, module));
    used++;
  }
  if (used > 0) return { found: { crate, kind: "module", path: module }, used };
  const namespace = segments.length === 1 ? last : "types";
  const here = crate.tree.modules.get(from) ?? crate.tree.modules.get("")!;
  for (let scope: Module | undefined = here; scope !== undefined; scope = scope.around) {
    const found =
      inModule(crate, scope, first!, namespace, steps + 1) ??
      (segments.length > 1 ? inModule(crate, scope, first!, "values", steps + 1) : undefined);
    if (found !== undefined) return { found, used: 1 };
  }
  const library = crate.library ?? crate;
  if (first === "core" || first === "std") return { found: root(library), used: 1 };
  if (first === "alloc" && crate.alloc !== undefined) return { found: root(crate.alloc), used: 1 };
  const prelude = library.tree.modules.get("prelude::rust_2021::");
  const found = prelude === undefined ? undefined : inModule(library, prelude, first!, namespace, steps + 1);
  return found === undefined ? undefined : { found, used: 1 };
}

/** What is known of the query under way: globs lead in circles, and nothing is looked for twice. `null`: it is not there, or is being looked for. */
let query = new Map<Module, Map<string, Found | null>>();

function inModule(crate: Crate, module: Module, name: string, namespace: Namespace, steps: number): Found | undefined {
  let table = query.get(module);
  if (table === undefined) {
    table = new Map();
    query.set(module, table);
  }
  const key = `${namespace} ${name}`;
  const before = table.get(key);
  if (before !== undefined) return before ?? undefined;
  table.set(key, null);
  const found = lookUp(crate, module, name, namespace, steps);
  if (found !== undefined) table.set(key, found);
  return found;
}

function lookUp(crate: Crate, module: Module, name: string, namespace: Namespace, steps: number): Found | undefined {
  if (steps > MAX_STEPS) return undefined;
  const entry = module[namespace].get(name);
  if (entry !== undefined) {
    if (entry.kind !== "use") return { crate, kind: entry.kind, path: entry.path };
    // `use a::a;` must not find itself.
    for (const segments of entry.paths) {
      const found = follow(crate, module, segments, namespace, steps);
      if (found !== undefined) return found;
    }
  }
  for (const glob of module.globs) {
    const target = search(crate, module.path, glob, "types", steps + 1);
    if (target === undefined || target.used < glob.length || target.found.kind !== "module") continue;
    if (target.found.crate === crate && target.found.path === module.path) continue;
    const inner = target.found.crate.tree.modules.get(target.found.path);
    const found = inner === undefined ? undefined : inModule(target.found.crate, inner, name, namespace, steps + 4);
    if (found !== undefined) return found;
  }
  return undefined;
}

function follow(
  crate: Crate,
  module: Module,
  segments: readonly string[],
  namespace: Namespace,
  steps: number,
): Found | undefined {
  const target = search(crate, module.path, segments, namespace, steps + 1);
  return target === undefined || target.used < segments.length ? undefined : target.found;
}

/** The module around a function that is one. */
function plainModule(crate: Crate, path: string): string {
  let module = crate.tree.modules.get(path);
  while (module?.around !== undefined) module = module.around;
  return module?.path ?? path;
}

function outerModule(path: string): string {
  const at = path.lastIndexOf("::", path.length - 3);
  return at < 0 ? "" : path.slice(0, at + 2);
}
