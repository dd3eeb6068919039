/**
 * Full names instead of written ones: syntax trees of sources and dumps with every path as definitions are kept, `std::option::Option`.
 *
 * In sources a name means what its module and the parameters around it say. In dumps, which are printed with full paths, it is looked up from the root of the
 * crate; what a dump calls by its public path (`core::slice::Iter`) becomes the path of the definition (`std::slice::iter::Iter`).
 */

import type { text } from "../../codegen/index.ts";
import { type Crate, findPath, fullName } from "./find-path.ts";
import { headOf, isUnnamed, opaqueKey, outsideOfConstants, plainPath, withoutBindings } from "./text-paths.ts";

const PRIMITIVES: ReadonlySet<string> = new Set([
  ..."bool char str i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f16 f32 f64 f128 Self".split(" "),
]);

/** Where a tree stands. */
export interface Place {
  readonly crate: Crate;
  /** `a::b::`; empty for dumps. */
  readonly module: string;
  /** Names that are parameters here. */
  readonly generics: ReadonlySet<string>;
  /** What stands for an `impl Trait` of a parameter, by its text. */
  readonly opaque: ReadonlyMap<string, string>;
  /** What parameters are bound to, to tell whose the type `Item` of `I::Item` is. */
  readonly bounds?: ReadonlyMap<string, readonly text.Bound[]>;
  /** The name of the type that `Self` is, where that is known. */
  readonly self?: string;
  /** `?Sized` is kept, as the bound that it stands for: layouts depend on it. */
  readonly relaxed?: boolean;
}

/** What is noticed on the way. */
export interface Mentions {
  /** `name` of an inherent impl of `head` (`headOf`). */
  inherent?: (head: string, name: string) => void;
  /** Closure types, inner ones first. */
  closure?: (ty: Extract<text.Type, { kind: "closure" }>) => void;
  /** The constant that points to a static, by the name of the static's crate and the path in it. */
  staticRef?: (crate: string, path: string) => text.Const | undefined;
  /** The value of an expression in a type. */
  value?: (expr: string) => bigint | undefined;
  /** Whether `generics` has all parameters, so that `N` can only be a constant: true in sources, not in dumps. */
  readonly knowsParams?: boolean;
  /** Constants that are promoteds, by their rewritten path. */
  promoted?: (node: { path: text.Path }) => void;
  /** The item `names` (a member of an impl of `trait` for `self`, or of an inherent one, and what is inside of it): its full name. */
  nested?: (self: text.Type, trait: text.Path | undefined, names: readonly string[]) => string | undefined;
  /** A type or trait by its full name. */
  type?: (path: string) => void;
}

/** How constants are written, and no types of any length. */
const CONSTANT = /^[A-Z][A-Z0-9_]+$/;
const SOURCE_CONSTANT = /^[A-Z][A-Z0-9_]*$/;

/** What `?Sized` means. */
const RELAXED: readonly string[] = ["rustlib", "marker", "MetaSized"];

type Node = { readonly [key: string]: unknown };

export class Renamer {
  private readonly place: Place;
  private readonly mentions: Mentions;
  private readonly done = new Map<object, object>();

  constructor(place: Place, mentions: Mentions = {}) {
    this.place = place;
    this.mentions = mentions;
  }

  /** The tree `node` with its paths renamed. Equal nodes stay equal. */
  tree<T>(node: T): T {
    return this.node(node) as T;
  }

  private node(node: unknown): unknown {
    if (typeof node !== "object" || node === null || node instanceof Uint8Array) return node;
    if (Array.isArray(node)) return node.map((child) => this.node(child));
    const known = this.done.get(node);
    if (known !== undefined) return known;
    const made = this.object(node as Node);
    this.done.set(node, made);
    return made;
  }

  private object(node: Node): object {
    if ("bytes" in node && "file" in node) return node;
    if ("segments" in node && "promoted" in node) return this.path(node as unknown as text.Path);
    if (node.kind === "marker" || node.kind === "expr") {
      const made = this.constant(node as unknown as text.Const & { readonly text: string });
      if (made !== undefined) return made;
    }
    if (this.place.relaxed === true && node.modifier === "?") {
      return { ...node, modifier: "", path: plainPath(RELAXED) };
    }
    if (node.kind === "impl" && "bounds" in node)
      return this.opaqueTy(node as unknown as Extract<text.Type, { kind: "impl" }>);
    if (node.kind === "array" && "length" in node) {
      const length = this.length(node.length as text.Const);
      if (length !== undefined) return { ...node, element: this.node(node.element), length, text: "" };
    }
    if (node.kind === "type" && "ty" in node && !("name" in node) && (node.ty as text.Type).kind === "path") {
      const value = this.length({ kind: "path", path: (node.ty as Extract<text.Type, { kind: "path" }>).path });
      if (value !== undefined) return { kind: "const", value };
    }
    const made: { [key: string]: unknown } = {};
    for (const [key, value] of Object.entries(node)) {
      if (key === "attributes") made[key] = value;
      else made[key] = key === "text" && isTree(node) ? "" : this.node(value);
    }
    if (node.kind === "closure" && "what" in node) this.mentions.closure?.(made as never);
    if (node.kind === "path" && "path" in node && isUnnamed(made.path as text.Path))
      this.mentions.promoted?.(made as never);
    return made;
  }

  /** `<static(DefId(0:7 ~ crate[1f]::a::S))>`, and expressions. */
  private constant(node: text.Const & { readonly text: string }): text.Const | undefined {
    if (node.kind === "marker") {
      const [, crate, path] = /^<static\(DefId\(\d+:\d+ ~ (\w+)\[\w+\]::(.*)\)\)>$/.exec(node.text) ?? [];
      return crate === undefined || path === undefined ? undefined : this.mentions.staticRef?.(crate, path);
    }
    const value = this.mentions.value?.(node.text.replace(/^\{([\s\S]*)\}$/, "$1").trim());
    return value === undefined ? undefined : { kind: "literal", literal: "int", text: `${value}_usize` };
  }

  /** The value of a constant that is named in a type: types are resolved before constants are. */
  private length(length: text.Const): text.Const | undefined {
    if (length.kind !== "path" || length.path.promoted >= 0) return undefined;
    const names = length.path.segments.map((segment) =>
      segment.kind === "name" && segment.args === undefined ? segment.name : "",
    );
    if (
      names.includes("") ||
      !(this.mentions.knowsParams === true ? SOURCE_CONSTANT : CONSTANT).test(names.at(-1)!) ||
      this.place.generics.has(names[0]!)
    )
      return undefined;
    if (names[0] === "Self") {
      if (this.place.self === undefined) return undefined;
      names[0] = this.place.self;
    }
    // Of a type, or of a module, which is not told apart by more than the name.
    const ofType = names.length > 1 && /^[A-Z]/.test(names.at(-2)!);
    const value = this.mentions.value?.(ofType ? names.join("::") : names.at(-1)!);
    return value === undefined ? undefined : { kind: "literal", literal: "int", text: `${value}_usize` };
  }

  /** `impl Trait` of a parameter is a parameter. */
  private opaqueTy(ty: Extract<text.Type, { kind: "impl" }>): text.Type {
    const name =
      this.place.opaque.get(opaqueKey(ty)) ??
      (this.place.opaque.size === 1 ? [...this.place.opaque.values()][0] : undefined);
    if (name === undefined) return { ...ty, bounds: this.node(ty.bounds) as readonly text.Bound[], text: "" };
    return { kind: "path", path: plainPath([name]), text: "" };
  }

  // ---- paths

  private path(written: text.Path): text.Path {
    const path = outsideOfConstants(written);
    const [first] = path.segments;
    if (first?.kind === "qself") return this.qualified(path);
    const names: string[] = [];
    for (const segment of path.segments) {
      if (segment.kind !== "name" || segment.name.startsWith("{")) break;
      names.push(segment.name);
    }
    if (names.length === 2 && path.segments.length === 2 && this.place.generics.has(names[0]!)) {
      return this.projection(path, names[0]!, names[1]!) ?? this.plain(path);
    }
    if (names.length === 0 || this.isLocal(names, path)) return this.plain(path);
    const { crate, module } = this.place;
    const last = path.segments.length === names.length ? "values" : "types";
    const found =
      findPath(crate, module, names, "types") ??
      (last === "values" ? findPath(crate, module, names, "values") : undefined);
    const best = found?.found.kind === "item" ? found : (findPath(crate, module, names, "values") ?? found);
    if (best === undefined || best.found.kind !== "item") return this.throughImpl(path, names.length);
    return this.named(path, best.found.crate, best.found.path, best.used);
  }

  /** `I::Item` as `<I as Iterator>::Item`, so that bounds need not be known in order. */
  private projection(path: text.Path, param: string, name: string): text.Path | undefined {
    for (const bound of this.place.bounds?.get(param) ?? []) {
      if (bound.kind !== "trait" || bound.modifier === "?") continue;
      const { crate, module } = this.place;
      const names = bound.path.segments.map((segment) => (segment.kind === "name" ? segment.name : "?"));
      const found = findPath(crate, module, names, "types");
      if (found === undefined || found.used < names.length) continue;
      const owner = traitWith(found.found.crate, found.found.path, name, 0);
      if (owner === undefined) continue;
      const own = owner.path === found.found.path;
      const args = bound.path.segments.at(-1)!.args;
      if (!own && owner.generic) continue;
      const trait = plainPath(
        fullName(owner.crate, owner.path).split("::"),
        own ? (this.node(withoutBindings(args)) as text.GenericArgs | undefined) : undefined,
      );
      const ty: text.Type = { kind: "path", path: plainPath([param]), text: "" };
      const last = this.node(path.segments[1]) as text.PathSegment;
      return { segments: [{ kind: "qself", ty, trait, args: undefined }, last], promoted: -1, text: "" };
    }
    return undefined;
  }

  private isLocal(names: readonly string[], path: text.Path): boolean {
    return (
      this.place.generics.has(names[0]!) ||
      (path.segments.length === 1 && PRIMITIVES.has(names[0]!)) ||
      names[0] === "Self"
    );
  }

  /** The item `found` of `crate`, by the first `used` segments; what follows may be inside of it. */
  private named(path: text.Path, crate: Crate, found: string, used: number): text.Path {
    let name = found;
    let count = used;
    for (let end = path.segments.length; end > used; end--) {
      const inner = [found, ...path.segments.slice(used, end).map((s) => (s.kind === "name" ? s.name : "?"))].join(
        "::",
      );
      if (!crate.tree.values.has(inner) && !crate.tree.types.has(inner)) continue;
      name = inner;
      count = end;
      break;
    }
    const rest = path.segments.slice(count).map((segment) => this.node(segment) as text.PathSegment);
    const args = this.node(path.segments[count - 1]!.args) as text.GenericArgs | undefined;
    const segments: text.PathSegment[] = fullName(crate, name)
      .split("::")
      .map((part) => ({ kind: "name", name: part, args: undefined }));
    segments[segments.length - 1] = { ...segments.at(-1)!, args } as text.PathSegment;
    if (crate.tree.types.has(name)) this.mentions.type?.(fullName(crate, name));
    const [member] = rest;
    if (member?.kind === "name") this.mentions.inherent?.(fullName(crate, name), member.name);
    const self: text.Type = { kind: "path", path: { segments, promoted: -1, text: "" }, text: "" };
    const inside = this.inside(self, undefined, rest, path.promoted);
    return inside ?? { segments: [...segments, ...rest], promoted: path.promoted, text: "" };
  }

  /** `core::num::<impl u32>::f`, `u32::f`, and names that mean nothing here. */
  private throughImpl(path: text.Path, names: number): text.Path {
    const made = this.plain(path);
    const head = made.segments[names];
    const member = made.segments[names + 1];
    if (head?.kind === "impl" && head.trait === undefined && member?.kind === "name") {
      this.mentions.inherent?.(headOf(head.ty), member.name);
      const inside = this.inside(head.ty, undefined, made.segments.slice(names + 1), path.promoted);
      return (
        inside ?? {
          ...made,
          segments: [
            { kind: "qself", ty: head.ty, trait: undefined, args: undefined },
            ...made.segments.slice(names + 1),
          ],
        }
      );
    }
    if (head?.kind === "impl" && member?.kind === "name") {
      const inside = this.inside(head.ty, head.trait, made.segments.slice(names + 1), path.promoted);
      if (inside !== undefined) return inside;
      return {
        ...made,
        segments: [
          { kind: "qself", ty: head.ty, trait: head.trait, args: undefined },
          ...made.segments.slice(names + 1),
        ],
      };
    }
    const [first, second] = made.segments;
    if (first?.kind === "name" && second?.kind === "name") this.mentions.inherent?.(first.name, second.name);
    return made;
  }

  /** `<T as Trait>::f`, `<T>::f`. */
  private qualified(path: text.Path): text.Path {
    const made = this.plain(path);
    const [head, member] = made.segments;
    if (head?.kind !== "qself" || member?.kind !== "name") return made;
    if (head.trait === undefined) this.mentions.inherent?.(headOf(head.ty), member.name);
    return this.inside(head.ty, head.trait, made.segments.slice(1), path.promoted) ?? made;
  }

  /** The path of an item inside of a member of an impl. */
  private inside(
    self: text.Type,
    trait: text.Path | undefined,
    rest: readonly text.PathSegment[],
    promoted: number,
  ): text.Path | undefined {
    for (let end = rest.length; end >= 2; end--) {
      const names = rest.slice(0, end).map((segment) => (segment.kind === "name" ? segment.name : "?"));
      if (names.some((name) => name.startsWith("{") || name === "?")) continue;
      const found = this.mentions.nested?.(self, trait, names);
      if (found === undefined) continue;
      const last = rest[end - 1]!;
      return {
        segments: [...plainPath(found.split("::"), last.args).segments, ...rest.slice(end)],
        promoted,
        text: "",
      };
    }
    return undefined;
  }

  private plain(path: text.Path): text.Path {
    return { segments: this.node(path.segments) as readonly text.PathSegment[], promoted: path.promoted, text: "" };
  }
}

/** The trait, `path` or one above it, that declares the type `name`. */
function traitWith(
  crate: Crate,
  path: string,
  name: string,
  depth: number,
): { crate: Crate; path: string; generic: boolean } | undefined {
  const trait = crate.tree.types.get(path);
  if (trait?.kind !== "trait" || depth > 8) return undefined;
  if (trait.items.some((item) => item.kind === "type" && item.name === name)) {
    return { crate, path, generic: trait.generics.params.some((param) => param.kind !== "lifetime") };
  }
  for (const bound of trait.supertraits) {
    if (bound.kind !== "trait" || bound.modifier === "?") continue;
    const names = bound.path.segments.map((segment) => (segment.kind === "name" ? segment.name : "?"));
    const found = findPath(crate, trait.module, names, "types");
    const owner = found === undefined ? undefined : traitWith(found.found.crate, found.found.path, name, depth + 1);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

/** Types keep their text, which names change. */
function isTree(node: Node): boolean {
  return (
    node.kind !== "literal" &&
    node.kind !== "expr" &&
    node.kind !== "transmute" &&
    node.kind !== "scalar" &&
    node.kind !== "address" &&
    node.kind !== "marker" &&
    node.kind !== "debug"
  );
}
