/**
 * What a program's names mean: tables of its definitions, and the prelude behind them.
 *
 * A `Scope` is where a name stands: the parameters of the item, its `Self`, its module, and the place that a diagnostic shows.
 */

import { Diagnostic } from "../../session/diagnostic.ts";
import type { AllocItem, ClosureDef, ConstItem, ImplDef, Predicate, StaticItem, TraitDef } from "../items.ts";
import type { FnItem } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import type { SourceText } from "../text/source.ts";
import type { AdtDef, Ty, TyCtxt } from "../ty.ts";
import { canonicalPath, NameIndex } from "./name-index.ts";
import { matchTy, matchTys } from "./unify.ts";

/** `type Name<generics> = ty;` */
export interface AliasDef {
  readonly name: string;
  readonly generics: readonly string[];
  readonly constParams: readonly (Ty | undefined)[];
  /** Filled when it is first used. */
  ty: Ty | undefined;
  readonly fill: () => Ty;
}

/** Where definitions come from that the program itself does not have. Each answers whether it made the name known. */
export interface PreludeSource {
  /** Declares the type, trait, function … with this canonical path in `world`. */
  declare(world: World, path: string): boolean;
  /** Whether it declares exactly this path; no program may. */
  has?(path: string): boolean;
}

export class World {
  readonly tcx: TyCtxt;
  readonly adts: NameIndex<AdtDef> = new NameIndex();
  readonly fns: NameIndex<FnItem> = new NameIndex();
  readonly statics: NameIndex<StaticItem> = new NameIndex();
  readonly consts: NameIndex<ConstItem> = new NameIndex();
  readonly traits: NameIndex<TraitDef> = new NameIndex();
  readonly aliases: NameIndex<AliasDef> = new NameIndex();
  /** Those whose types are being found. */
  readonly openAliases: Set<AliasDef> = new Set();
  readonly foreignTys: NameIndex<Ty> = new NameIndex();
  /** The initialisers of a source's constants, for lengths of arrays that are made of them. */
  readonly constTexts: NameIndex<string> = new NameIndex();
  readonly impls: ImplDef[] = [];
  /** The allocations that each text lists. */
  readonly allocTables: Map<SourceText, AllocTable> = new Map();
  /** Constants and statics inside of functions, by what stands behind the function's path. */
  readonly owned: Map<FnItem, Map<string, ConstItem | StaticItem>> = new Map();
  /** Allocations that something points to. */
  readonly allocs: AllocItem[] = [];
  readonly allocPlaces: Map<AllocItem, { readonly source: SourceText; readonly at: number }> = new Map();
  /** By what stands behind `impl at`, the folders of its file left out. */
  readonly implsAt: Map<string, ImplDef> = new Map();
  /** What impls of traits are called, and how many have the same head. */
  readonly implNames: Map<ImplDef, string> = new Map();
  readonly implHeads: Map<string, number> = new Map();
  /** By what stands behind `closure@`. */
  readonly closures: Map<string, ClosureDef> = new Map();
  readonly promoteds: Map<FnItem | ConstItem | StaticItem, Map<number, ConstItem>> = new Map();
  /** The constants of which only a dump speaks. */
  readonly dumped: Set<ConstItem> = new Set();
  /** The prelude's functions: a program may declare some of them itself. */
  readonly preludeFns: Set<FnItem> = new Set();
  /** Functions that no text has: constructors that are used as values. */
  readonly synthesized: FnItem[] = [];
  private readonly inherent = new Map<string, { readonly impl: ImplDef; readonly item: FnItem | ConstItem }[]>();
  private readonly byTrait = new Map<TraitDef, ImplDef[]>();
  private readonly prelude: PreludeSource | undefined;
  private readonly openTys = new Map<string, Map<text.Type, Ty>>();

  constructor(tcx: TyCtxt, prelude: PreludeSource | undefined) {
    this.tcx = tcx;
    this.prelude = prelude;
  }

  /** Finds `path` in `table`, or has the prelude declare it. */
  lookup<T>(table: NameIndex<T>, path: string, module: string): T | "several" | undefined {
    const found = table.find(path, module);
    if (found !== undefined || this.prelude === undefined) return found;
    return this.prelude.declare(this, canonicalPath(path)) ? table.find(path, module) : undefined;
  }

  /** `path` is that of a definition of the prelude. */
  isReserved(path: string): boolean {
    return this.prelude?.has?.(canonicalPath(path)) === true;
  }

  /** The types that functions without parameters of a module have resolved: they mean the same in all of them. */
  plainTys(module: string): Map<text.Type, Ty> {
    let tys = this.openTys.get(module);
    if (tys === undefined) {
      tys = new Map();
      this.openTys.set(module, tys);
    }
    return tys;
  }

  /** Names were taken away. */
  forgetPlainTys(): void {
    this.openTys.clear();
  }

  addImpl(impl: ImplDef): void {
    this.impls.push(impl);
    if (impl.trait !== undefined) {
      const list = this.byTrait.get(impl.trait.trait);
      if (list === undefined) this.byTrait.set(impl.trait.trait, [impl]);
      else list.push(impl);
    }
  }

  /** Makes the functions and constants of an inherent impl known by name. */
  addInherent(impl: ImplDef): void {
    if (impl.trait !== undefined) return;
    for (const item of [...impl.fns, ...impl.assocConsts]) {
      const name = item.assocName ?? item.name;
      const list = this.inherent.get(name);
      if (list === undefined) this.inherent.set(name, [{ impl, item }]);
      else list.push({ impl, item });
    }
  }

  /** The function or constant `name` of the inherent impls of `ty`, with the impl's arguments. */
  inherentItem<K extends "fn" | "const">(
    ty: Ty,
    name: string,
    kind: K,
  ): { readonly item: K extends "fn" ? FnItem : ConstItem; readonly args: readonly Ty[] } | undefined {
    for (const { impl, item } of this.inherent.get(name) ?? []) {
      if ((item.kind === "const") !== (kind === "const")) continue;
      const bound: (Ty | undefined)[] = new Array(impl.generics.length).fill(undefined);
      if (!matchTy(this.tcx, impl.selfTy, ty, bound) || bound.includes(undefined)) continue;
      return { item: item as never, args: bound as Ty[] };
    }
    return undefined;
  }

  /** The one impl of `trait` whose head fits `args`, with its own arguments. */
  implFor(trait: TraitDef, args: readonly Ty[]): { readonly impl: ImplDef; readonly args: readonly Ty[] } | undefined {
    let found: { impl: ImplDef; args: readonly Ty[] } | undefined;
    for (const impl of this.byTrait.get(trait) ?? []) {
      const bound: (Ty | undefined)[] = new Array(impl.generics.length).fill(undefined);
      if (impl.trait === undefined || !matchTys(this.tcx, impl.trait.args, args, bound)) continue;
      // What only a `where` clause says of a parameter is not known here.
      if (found !== undefined || bound.includes(undefined)) return undefined;
      found = { impl, args: bound as Ty[] };
    }
    return found;
  }
}

export interface Scope {
  readonly world: World;
  /** Of the item, its parent's first. */
  generics: readonly string[];
  constParams: readonly (Ty | undefined)[] | undefined;
  predicates: readonly Predicate[];
  /** What `Self` is, but for a trait's, which is a parameter. */
  self: Ty | undefined;
  /** The trait that `Self::Name` is looked for in. */
  trait: TraitDef | undefined;
  impl: ImplDef | undefined;
  /** `a::b::`, or empty. */
  readonly module: string;
  readonly source: SourceText;
  /** Where the piece of text stands that is being read. */
  at: number;
  /** Types that were resolved in this scope. */
  tys: Map<text.Type, Ty>;
  /** By number: the allocations that the text lists. */
  readonly allocs: AllocTable;
  /** How paths of values are resolved, which types mention: `fn() {f}`, `[u8; N]`. Paths mention types in turn, so types get it here. */
  readonly values: ValuePaths;
}

/** The functions and constants that paths name. */
export interface ValuePaths {
  /** @throws Diagnostic when there is no such function. */
  fn(scope: Scope, path: text.Path): { readonly item: FnItem; readonly args: readonly Ty[] };
  constant(scope: Scope, path: text.Path): { readonly item: ConstItem; readonly args: readonly Ty[] } | undefined;
}

/** Allocations of one text, resolved when they are first used. */
export interface AllocTable {
  readonly items: ReadonlyMap<number, text.AllocItem>;
  readonly made: Map<number, AllocItem>;
}

export const NO_ALLOCS: AllocTable = { items: new Map(), made: new Map() };

/** A diagnostic at the place that `scope` is at. */
export function errorIn(scope: Scope, message: string, help?: string): Diagnostic {
  return scope.source.error(message, scope.at, help);
}

/** What was thrown at the place that `scope` is at: a diagnostic that does not know its place gets this one. */
export function located(scope: Scope, error: unknown): unknown {
  return error instanceof Diagnostic && error.span.line === 0 ? errorIn(scope, error.message, error.help) : error;
}

/** A diagnostic about what the language has and this compiler does not. */
export function unsupportedIn(scope: Scope, what: string): Diagnostic {
  return errorIn(scope, `not supported yet: ${what}`);
}
