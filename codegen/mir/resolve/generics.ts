/**
 * Scopes of items: their parameters, and what bounds and `where` clauses say of them.
 */

import { hasParam, partsOf } from "../fold.ts";
import type { ImplDef, Predicate, TraitDef } from "../items.ts";
import type { GenericParam, Generics, RustItemBase } from "../rust/ast.ts";
import type * as text from "../text/ast.ts";
import { typeText } from "../text/print-type.ts";
import type { SourceText } from "../text/source.ts";
import { PRIMITIVE_TYPES, type Ty } from "../ty.ts";
import { resolveConstArg } from "./const-args.ts";
import { VALUE_PATHS } from "./const-paths.ts";
import { resolveBounds, resolveTy } from "./types.ts";
import { errorIn, NO_ALLOCS, type Scope, type World } from "./world.ts";

/** A scope without parameters. */
export function topScope(world: World, source: SourceText, module: string): Scope {
  return {
    world,
    generics: [],
    constParams: undefined,
    predicates: [],
    self: undefined,
    trait: undefined,
    impl: undefined,
    module,
    source,
    at: 0,
    tys: new Map(),
    allocs: world.allocTables.get(source) ?? NO_ALLOCS,
    values: VALUE_PATHS,
  };
}

/** What an item inherits from the impl or trait around it. */
export interface Outer {
  readonly generics: readonly string[];
  readonly constParams: readonly (Ty | undefined)[] | undefined;
  readonly predicates: readonly Predicate[];
  readonly self: Ty | undefined;
  readonly trait: TraitDef | undefined;
  readonly impl: ImplDef | undefined;
}

/** The scope of an item with its parameters, which have no predicates yet. */
export function itemScope(world: World, item: RustItemBase, generics: Generics, outer: Outer | undefined): Scope {
  const scope = topScope(world, item.source, item.module);
  scope.at = item.at;
  if (outer !== undefined) inherit(scope, outer);
  if (generics.params.length === 0) return scope;
  const names = [...scope.generics];
  const constParams: (Ty | undefined)[] = [...(scope.constParams ?? names.map(() => undefined))];
  const params = generics.params.filter((param) => param.kind !== "lifetime");
  for (const param of params) {
    if (param.name.startsWith("impl ") && names.includes(param.name)) {
      const help = "give them names: `fn f<A: Trait, B: Trait>(a: A, b: B)`";
      throw errorIn(
        scope,
        `several parameters are of the type \`${param.name}\`, which does not tell them apart`,
        help,
      );
    }
    if (PRIMITIVE_TYPES.has(param.name) || names.includes(param.name)) {
      throw errorIn(scope, `\`${param.name}\` cannot name a type parameter here`);
    }
    names.push(param.name);
    constParams.push(undefined);
  }
  scope.generics = names;
  params.forEach((param, i) => {
    if (param.kind === "const") constParams[names.length - params.length + i] = resolveTy(scope, param.ty);
  });
  if (constParams.some((ty) => ty !== undefined)) scope.constParams = constParams;
  scope.tys.clear();
  return scope;
}

function inherit(scope: Scope, outer: Outer): void {
  scope.generics = outer.generics;
  scope.constParams = outer.constParams;
  scope.predicates = outer.predicates;
  scope.self = outer.self;
  scope.trait = outer.trait;
  scope.impl = outer.impl;
}

/** What the item's own bounds and `where` clause say; `scope` then knows it too. */
export function ownPredicates(scope: Scope, generics: Generics): Predicate[] {
  const own: Predicate[] = [];
  if (generics.params.length === 0 && generics.where.length === 0) return own;
  const all = [...scope.predicates];
  scope.predicates = all;
  const add = (self: Ty, bounds: readonly text.Bound[]): void => {
    for (const predicate of resolveBounds(scope, self, bounds)) {
      own.push(predicate);
      all.push(predicate);
    }
    scope.tys.clear();
  };
  const addBounds = (impls: boolean): void => {
    for (const param of generics.params) {
      if (param.kind !== "type" || param.bounds.length === 0 || param.name.startsWith("impl ") !== impls) continue;
      add(paramTy(scope, param.name), param.bounds);
    }
  };
  addBounds(false);
  for (const { ty, bounds } of generics.where) add(resolveTy(scope, ty), bounds);
  // Those of `impl Trait` come last, wherever the others are written.
  addBounds(true);
  return own;
}

/**
 * `T: MetaSized` for each parameter that a `?Sized` is written for. Only types and associated types have these predicates: what is unsized in a layout
 * depends on them.
 */
export function relaxedPredicates(scope: Scope, generics: Generics): Predicate[] {
  const out: Predicate[] = [];
  for (const param of generics.params) {
    if (param.kind === "type") out.push(...relaxedBounds(scope, paramTy(scope, param.name), param.bounds));
  }
  for (const { ty, bounds } of generics.where) out.push(...relaxedBounds(scope, resolveTy(scope, ty), bounds));
  return out;
}

/** `self: MetaSized` when `bounds` have a `?Sized`. */
export function relaxedBounds(scope: Scope, self: Ty, bounds: readonly text.Bound[]): Predicate[] {
  if (!bounds.some((bound) => bound.kind === "trait" && bound.modifier === "?")) return [];
  const trait = scope.world.lookup(scope.world.traits, "std::marker::MetaSized", "");
  return trait === undefined || trait === "several" ? [] : [{ kind: "trait", ref: { trait, args: [self] } }];
}

function paramTy(scope: Scope, name: string): Ty {
  return scope.world.tcx.param(scope.generics.indexOf(name), name);
}

/** By parameter, what stands for it when it is not written; `undefined` when all must be written. */
export function defaultsOf(scope: Scope, generics: Generics): readonly (Ty | undefined)[] | undefined {
  if (generics.params.length === 0) return undefined;
  const params = generics.params.filter((param) => param.kind !== "lifetime");
  if (params.every((param) => param.default === undefined)) return undefined;
  const before = new Array<Ty | undefined>(scope.generics.length - params.length).fill(undefined);
  return [...before, ...params.map((param, i) => defaultOf(scope, param, before.length + i))];
}

function defaultOf(scope: Scope, param: Exclude<GenericParam, { kind: "lifetime" }>, index: number): Ty | undefined {
  if (param.default === undefined) return undefined;
  const value =
    param.kind === "type"
      ? resolveTy(scope, param.default)
      : resolveConstArg(scope, param.default, resolveTy(scope, param.ty));
  const later = laterParam(value, index);
  // As rustc's E0128: what stands for it could not be known where it is filled in.
  if (later !== undefined)
    throw errorIn(
      scope,
      `the default of \`${param.name}\` names \`${later}\`, which is not declared before it`,
      "a default may name the parameters to its left",
    );
  return value;
}

/** The name of a parameter in `ty` that is not among the first `count`. */
function laterParam(ty: Ty, count: number): string | undefined {
  if (ty.kind === "param") return ty.index < count ? undefined : ty.name;
  if (!hasParam(ty)) return undefined;
  for (const part of partsOf(ty)) {
    const later = laterParam(part, count);
    if (later !== undefined) return later;
  }
  return undefined;
}

/** `impl Trait` in parameters: a parameter of its own each, behind those that are written, named by its text. */
export function withImplParams(generics: Generics, params: readonly text.Type[]): Generics {
  const found: GenericParam[] = [];
  for (const ty of params) collectImpl(ty, found);
  return found.length === 0 ? generics : { ...generics, params: [...generics.params, ...found] };
}

function collectImpl(ty: text.Type, found: GenericParam[]): void {
  switch (ty.kind) {
    case "impl":
      found.push({ kind: "type", name: typeText(ty), bounds: ty.bounds, default: undefined });
      break;
    case "ref":
    case "ptr":
      collectImpl(ty.pointee, found);
      break;
    case "paren":
      collectImpl(ty.ty, found);
      break;
    case "tuple":
      for (const field of ty.fields) collectImpl(field, found);
      break;
    case "array":
    case "slice":
      collectImpl(ty.element, found);
      break;
    case "path":
      for (const segment of ty.path.segments) {
        if (segment.args?.kind !== "angle") continue;
        for (const arg of segment.args.args) if (arg.kind === "type") collectImpl(arg.ty, found);
      }
      break;
    default:
  }
}

/** The parameters of an item, as its own arguments. */
export function identity(scope: Scope): Ty[] {
  return scope.generics.map((name, i) => scope.world.tcx.param(i, name));
}
