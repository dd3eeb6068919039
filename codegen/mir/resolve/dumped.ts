/**
 * Functions, constants and statics of dumps: their owners, types and names. Those that a source declares take their bodies from here.
 */

import type { ConstItem, StaticItem } from "../items.ts";
import type { FnItem } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import type { Ty } from "../ty.ts";
import { closureDefOf, closureOf, declareClosure, setConstParams, setUpvars } from "./closure-items.ts";
import type { Declared, FnSource, GlobalSource } from "./declare-cx.ts";
import { topScope } from "./generics.ts";
import { itemName } from "./paths.ts";
import type { Attempt, Dumped } from "./read-items.ts";
import { resolveTy } from "./types.ts";
import type { Scope, World } from "./world.ts";

export class DumpDeclarer {
  /** With those that the source declares. */
  readonly fns: FnSource[] = [];
  readonly globals: GlobalSource[] = [];
  private readonly world: World;
  private readonly attempt: Attempt;
  private readonly dumpedFns: readonly Dumped<text.FnItem>[];
  private readonly dumpedConsts: readonly Dumped<text.ConstItem>[];

  constructor(
    world: World,
    attempt: Attempt,
    fns: readonly Dumped<text.FnItem>[],
    consts: readonly Dumped<text.ConstItem>[],
  ) {
    this.world = world;
    this.attempt = attempt;
    this.dumpedFns = fns;
    this.dumpedConsts = consts;
  }

  /** Makes known the closures whose bodies the texts have: types name them. */
  closures({ fns, globals }: Declared): void {
    const byFn = new Map(fns.map((source) => [source.item, source]));
    for (const { item } of this.dumpedFns) {
      if (closureOf(item) === undefined) continue;
      const around = this.ownerOf(item.name, byFn) ?? this.globalAround(item.name, globals);
      declareClosure(this.world, item, around?.scope.generics);
    }
  }

  /** Declares the rest, beside what the source declares. */
  run(fns: readonly FnSource[], globals: readonly GlobalSource[]): void {
    const { world } = this;
    for (const source of fns) this.fns.push(source);
    for (const source of globals) this.globals.push(source);
    const compiled = new Set(
      this.dumpedFns.filter(({ item }) => !item.ctfe).map(({ item }) => itemName(world, item.name)),
    );
    const dumped = this.dumpedFns.filter(({ item }) => !item.ctfe || !compiled.has(itemName(world, item.name)));
    // Outer functions come first, whatever their order: closures take over their parameters.
    const byFn = new Map(this.fns.map((source) => [source.item, source]));
    const plain = dumped.filter(({ item }) => closureOf(item) === undefined);
    const closures = dumped.filter(({ item }) => closureOf(item) !== undefined);
    for (const one of [...plain, ...closures]) {
      const name = itemName(world, one.item.name);
      // A closure whose body is skipped is not there either.
      this.attempt(name, () => this.dumpedFn(one, name, byFn), closureDefOf(world, one.item));
    }
    for (const dumped of this.dumpedConsts) {
      const name = itemName(world, dumped.item.name);
      this.attempt(name, () => this.dumpedConst(dumped, name, byFn));
    }
  }

  /** The function of the source that a closure or constant stands in. */
  private ownerOf(path: text.Path, byFn: ReadonlyMap<FnItem, FnSource>): FnSource | undefined {
    const item = this.declaredFn(outerPath(path));
    return item === undefined ? undefined : byFn.get(item);
  }

  /** The constant or static of the source that a closure or a promoted stands in. */
  private globalAround(path: text.Path, globals: readonly GlobalSource[]): GlobalSource | undefined {
    const around = outerPath(path);
    if (around === path) return undefined;
    const name = itemName(this.world, around);
    return globals.find((global) => global.item.name === name);
  }

  /** The function that the source declares under this name. */
  private declaredFn(path: text.Path): FnItem | undefined {
    const { world } = this;
    const name = itemName(world, path);
    const found = world.fns.get(name);
    if (found !== undefined) return found;
    const method = path.segments.at(-1);
    if (method?.kind !== "name" || path.segments.length < 2) return undefined;
    const trait = world.traits.find(name.slice(0, -method.name.length - 2));
    if (trait === undefined || trait === "several") return undefined;
    return trait.fns.find((f) => f.assocName === method.name);
  }

  private dumpedScope(item: text.FnItem | text.ConstItem, owner: { readonly scope: Scope } | undefined): Scope {
    const scope = topScope(this.world, item.source, moduleOf(itemName(this.world, item.name)));
    scope.at = item.at;
    if (owner === undefined) return this.constructorScope(item, scope);
    const { generics, constParams, predicates, self, trait, impl } = owner.scope;
    return Object.assign(scope, { generics, constParams, predicates, self, trait, impl });
  }

  /** The function that makes a struct or a variant has the parameters of its type. */
  private constructorScope(item: text.FnItem | text.ConstItem, scope: Scope): Scope {
    const { adts } = this.world;
    const name = itemName(this.world, item.name);
    const whole = adts.get(name);
    const def = whole ?? adts.get(name.slice(0, Math.max(0, name.lastIndexOf("::"))));
    const last = name.slice(name.lastIndexOf(":") + 1);
    scope.tys = this.world.plainTys(scope.module);
    if (def === undefined || (whole === undefined && !def.variants.some((v) => v.name === last))) return scope;
    return Object.assign(scope, { generics: def.generics, constParams: def.constParams, tys: new Map() });
  }

  private dumpedFn({ item, attributes }: Dumped<text.FnItem>, name: string, byFn: Map<FnItem, FnSource>): void {
    const owner = this.ownerOf(item.name, byFn);
    const around = owner ?? this.globalAround(item.name, this.globals);
    const scope = this.dumpedScope(item, around);
    const def = closureDefOf(this.world, item);
    if (def !== undefined && around === undefined) {
      scope.generics = def.generics;
      if (def.generics.length > 0) scope.tys = new Map();
      setConstParams(scope, attributes ?? []);
    }
    const { params, ret } = this.signature(item, scope);
    if (owner !== undefined && closureOf(item) === undefined && owner.body === undefined && owner.item.kind === "fn") {
      // The list of variable arguments is none of the signature's.
      Object.assign(owner.item, { params: owner.item.variadic === true ? params.slice(0, -1) : params, ret });
      this.fns.push({ item: owner.item, scope, body: item.body, name, at: item.at });
      owner.body = item.body;
      this.fns.splice(this.fns.indexOf(owner), 1);
      byFn.set(owner.item, { ...owner, body: item.body });
      return;
    }
    const fn: FnItem = {
      name,
      kind: "fn",
      generics: scope.generics,
      ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
      ...(scope.predicates.length === 0 ? {} : { predicates: scope.predicates }),
      ...(def === undefined ? {} : { closure: def }),
      params,
      ret,
      inline: "none",
      abi: "Rust",
      body: undefined,
      span: item.source.span(item.at),
    };
    if (!this.world.fns.add(name, fn)) throw item.source.error(`the function \`${name}\` is defined twice`, item.at);
    if (def !== undefined) {
      def.body = fn;
      setUpvars(scope, def, attributes ?? []);
    }
    this.fns.push({ item: fn, scope, body: item.body, name, at: item.at });
  }

  /** The types in a dump's signature; what `impl Trait` stands for, the body's `_0` says. */
  private signature(item: text.FnItem, scope: Scope): { params: Ty[]; ret: Ty } {
    const params = item.params.map(({ local, ty }, i) => {
      if (local !== i + 1) throw item.source.error(`the parameter \`_${local}\` should be \`_${i + 1}\``, item.at);
      return resolveTy(scope, ty);
    });
    if (item.yields !== undefined) throw item.source.error("not supported yet: a coroutine", item.at);
    const declared = item.body.scope.locals.find((decl) => decl.local === 0)?.ty;
    const opaque = item.ret.kind === "impl";
    return { params, ret: resolveTy(scope, opaque && declared !== undefined ? declared : item.ret) };
  }

  private dumpedConst({ item }: Dumped<text.ConstItem>, name: string, byFn: ReadonlyMap<FnItem, FnSource>): void {
    const { world } = this;
    const owner = this.ownerOf(item.name, byFn);
    const scope = this.dumpedScope(item, owner ?? this.globalAround(item.name, this.globals));
    if (item.yields !== undefined) throw item.source.error("not supported yet: a coroutine", item.at);
    const declared = this.declaredGlobal(name, item.kind);
    if (declared !== undefined) Object.assign(scope, ownScope(declared.scope));
    const ty = resolveTy(scope, item.ty);
    const source = { scope, body: item.body, value: item.value, at: item.at };
    if (declared !== undefined) {
      declared.item.ty = ty;
      this.globals.splice(this.globals.indexOf(declared), 1, { item: declared.item, ...source });
      return;
    }
    const span = item.source.span(item.at);
    const own = (made: ConstItem | StaticItem): void => this.ownedBy(owner, item.name, made);
    if (item.kind === "static") {
      const mutability = item.mutable ? "mut" : "not";
      const made: StaticItem = { kind: "static", name, ty, mutability, threadLocal: false, body: undefined, span };
      if (!world.statics.add(name, made)) throw item.source.error(`\`${name}\` is defined twice`, item.at);
      own(made);
      this.globals.push({ item: made, ...source });
      return;
    }
    const made: ConstItem = {
      kind: "const",
      name,
      generics: scope.generics,
      ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
      ty,
      body: undefined,
      span,
    };
    if (!world.consts.add(name, made)) throw item.source.error(`\`${name}\` is defined twice`, item.at);
    world.dumped.add(made);
    own(made);
    if (item.kind === "promoted") this.promoted(item, made);
    this.globals.push({ item: made, ...source });
  }

  /** What the source declares under this name, without a value yet. rustc writes a path by its last segment when no other has that one. */
  private declaredGlobal(name: string, kind: text.ConstItem["kind"]): GlobalSource | undefined {
    const open = this.globals.filter((global) => global.body === undefined && global.value === undefined);
    const exact = open.find((global) => global.item.name === name);
    if (exact !== undefined || name.includes("::")) return exact;
    const trimmed = open.filter(
      ({ item }) => item.kind === kind && item.name.endsWith(`::${name}`) && !("parent" in item),
    );
    return trimmed.length === 1 ? trimmed[0] : undefined;
  }

  /** Constants in functions are named through them: `Type::<T>::f::{constant#0}`, `<T as Trait>::f::N`. */
  private ownedBy(owner: FnSource | undefined, path: text.Path, made: ConstItem | StaticItem): void {
    const fn = owner?.item ?? this.declaredFn({ segments: path.segments.slice(0, -1), promoted: -1, text: "" });
    const last = path.segments.at(-1);
    if (fn === undefined || last?.kind !== "name" || path.promoted >= 0) return;
    const list = this.world.owned.get(fn) ?? new Map<string, ConstItem | StaticItem>();
    list.set(last.name, made);
    this.world.owned.set(fn, list);
  }

  private promoted(item: text.ConstItem, made: ConstItem): void {
    const owner = outerPath(item.name);
    const name = itemName(this.world, owner);
    const found = this.declaredFn(owner) ?? this.globals.find((global) => global.item.name === name)?.item;
    if (found === undefined) return;
    const { promoteds } = this.world;
    let list = promoteds.get(found);
    if (list === undefined) {
      list = new Map();
      promoteds.set(found, list);
    }
    list.set(item.name.promoted, made);
  }
}

function ownScope({ generics, constParams, predicates, self, trait, impl }: Scope): Partial<Scope> {
  return { generics, constParams, predicates, self, trait, impl };
}

/** The item that a closure, a constant of an expression or a promoted stands in: the path up to `{closure#0}`. */
function outerPath(path: text.Path): text.Path {
  const end = path.segments.findIndex((segment) => segment.kind === "name" && segment.name.startsWith("{"));
  if (end < 0 && path.promoted < 0) return path;
  return { segments: end < 0 ? path.segments : path.segments.slice(0, end), promoted: -1, text: "" };
}

/** `a::b::f` is in `a::b::`, from the crate's root. */
function moduleOf(name: string): string {
  if (name.startsWith("<")) return "";
  const at = name.lastIndexOf("::");
  return at < 0 ? "" : `::${name.slice(0, at + 2)}`;
}
