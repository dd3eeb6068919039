/**
 * Definitions by path.
 *
 * rustc prints a path in full or trimmed to its last segment, and `std`, `core` and `alloc` name one library: definitions of the standard library are kept
 * under `std::`. A path that is not found in full is looked for by its end, nearest module first.
 *
 * The module that a path stands in is `a::b::`, or empty. What sources write means what is nearest to their module; what dumps print is a path from the crate's
 * root, so that a dump's module, `::a::b::`, only chooses among several with the same end.
 */

/** A path as definitions are kept: `crate::` left out, the standard library under `std::`. */
export function canonicalPath(path: string): string {
  // rustc prints it by where it is exported again.
  if (path === "std::collections::Bound") return "std::ops::Bound";
  if (path.startsWith("core::")) return `std${path.slice(4)}`;
  if (path.startsWith("alloc::")) return `std${path.slice(5)}`;
  if (path.startsWith("crate::")) return path.slice(7);
  return path.startsWith("::") ? canonicalPath(path.slice(2)) : path;
}

/** The module of the prelude's items, whose names never mean what a program declares. */
export const PRELUDE_MODULE = "std::";

export function lastSegment(path: string): string {
  const at = path.lastIndexOf("::");
  return at < 0 ? path : path.slice(at + 2);
}

export class NameIndex<T> {
  private readonly byPath = new Map<string, T>();
  private readonly byLast = new Map<string, { readonly path: string; readonly item: T }[]>();

  /** Adds `item`; false when its path is taken. */
  add(path: string, item: T): boolean {
    if (this.byPath.has(path)) return false;
    this.byPath.set(path, item);
    const last = lastSegment(path);
    const others = this.byLast.get(last);
    if (others === undefined) this.byLast.set(last, [{ path, item }]);
    else others.push({ path, item });
    return true;
  }

  remove(path: string): void {
    if (!this.byPath.delete(path)) return;
    const last = lastSegment(path);
    this.byLast.set(
      last,
      (this.byLast.get(last) ?? []).filter((entry) => entry.path !== path),
    );
  }

  /** Exactly `path`. */
  get(path: string): T | undefined {
    return this.byPath.get(path);
  }

  /** What `path` means in `module`; `several` when that cannot be told. */
  find(path: string, module = ""): T | "several" | undefined {
    const near = module === "" || module.startsWith("::") ? undefined : this.nearest(path, module);
    if (near !== undefined) return near;
    const exact = this.byPath.get(path);
    if (exact !== undefined) return exact;
    const canonical = canonicalPath(path);
    if (canonical !== path) {
      const found = this.byPath.get(canonical);
      if (found !== undefined) return found;
    }
    const candidates = this.byLast.get(lastSegment(canonical));
    if (candidates === undefined || candidates.length === 0) return undefined;
    const suffix = `::${canonical}`;
    let fitting = canonical.includes("::") ? candidates.filter((entry) => entry.path.endsWith(suffix)) : candidates;
    if (module === PRELUDE_MODULE) fitting = fitting.filter((entry) => entry.path.startsWith(PRELUDE_MODULE));
    if (fitting.length <= 1) return fitting[0]?.item;
    return this.nearest(canonical, module.startsWith("::") ? module.slice(2) : module) ?? "several";
  }

  /** What `path` means in the innermost of the modules around it that has it. */
  private nearest(path: string, module: string): T | undefined {
    const up = /^(?:self::)?super::/.exec(path);
    if (up !== null) return this.nearest(`self::${path.slice(up[0].length)}`, outer(module));
    if (path.startsWith("self::")) return this.byPath.get(module + path.slice("self::".length));
    if (path.startsWith("crate::") || path.startsWith("::")) return undefined;
    for (let around = module; around !== ""; around = outer(around)) {
      const near = this.byPath.get(around + path);
      if (near !== undefined) return near;
    }
    return undefined;
  }

  values(): Iterable<T> {
    return this.byPath.values();
  }
}

/** `a::b::` is in `a::`. */
function outer(module: string): string {
  const at = module.lastIndexOf("::", module.length - 3);
  return at < 0 ? "" : module.slice(0, at + 2);
}
