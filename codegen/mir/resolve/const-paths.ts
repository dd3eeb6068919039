/**
 * Paths of constants and statics: items, associated constants, promoteds, and what stands inside of functions.
 */

import type { ConstItem, StaticItem, TraitDef } from "../items.ts";
import type * as text from "../text/ast.ts";
import type { Ty } from "../ty.ts";
import { argsOf } from "./path-names.ts";
import { type FnRef, findFn, itemName, prefixTy, resolveFn } from "./paths.ts";
import { resolveArgs, resolveTraitRef, resolveTy } from "./types.ts";
import { errorIn, type Scope, type ValuePaths } from "./world.ts";

export interface ConstRef {
  readonly item: ConstItem;
  readonly args: readonly Ty[];
}

/** The constant item that `path` names: an item, an associated constant, a promoted. */
export function findConst(scope: Scope, path: text.Path): ConstRef | undefined {
  if (path.promoted >= 0) return findPromoted(scope, path);
  const { world } = scope;
  const { segments } = path;
  const first = segments[0]!;
  if (first.kind === "qself" && segments.length === 2) return qualifiedConst(scope, path, first);
  const name = itemName(world, path);
  const item = world.lookup(world.consts, name, scope.module);
  if (item !== undefined && item !== "several") return { item, args: constArgs(scope, item, path) };
  const last = segments.at(-1)!;
  if (segments.length < 2 || last.kind !== "name") return undefined;
  const owned = ownedItem(scope, path);
  if (owned !== undefined) return owned.item.kind === "const" ? { item: owned.item, args: owned.args } : undefined;
  const head = segments.length === 2 ? segments[0]! : undefined;
  const self = head?.kind === "impl" ? resolveTy(scope, head.ty) : prefixTy(scope, path);
  const inherent = self === undefined ? undefined : world.inherentItem(self, last.name, "const");
  if (inherent !== undefined) return inherent;
  // rustc writes the constants inside of functions by their last segment where they are defined, when that is the only one; where they are used it is the whole path.
  const trimmed = world.consts.get(last.name);
  return trimmed === undefined || !world.dumped.has(trimmed)
    ? undefined
    : { item: trimmed, args: constArgs(scope, trimmed, path) };
}

/** The arguments of a constant: none when it takes none, as those inside of functions do, whose paths have the arguments of the function. */
function constArgs(scope: Scope, item: ConstItem, path: text.Path): readonly Ty[] {
  if (item.generics.length === 0) return [];
  const args = resolveArgs(scope, argsOf(path), item.constParams);
  return args.length === 0 ? identityArgs(scope, item) : args;
}

/** A constant or static inside of a function, by the function's path: `Type::<T>::f::{constant#0}`. */
export function ownedItem(
  scope: Scope,
  path: text.Path,
): { readonly item: ConstItem | StaticItem; readonly args: readonly Ty[] } | undefined {
  const last = path.segments.at(-1)!;
  if (last.kind !== "name" || path.segments.length < 2) return undefined;
  const owner: text.Path = { segments: path.segments.slice(0, -1), promoted: -1, text: "" };
  const fn = findFn(scope, owner);
  const given = fn === undefined ? undefined : implementation(scope, fn);
  const item = given === undefined ? undefined : scope.world.owned.get(given.item)?.get(last.name);
  if (item === undefined || given === undefined) return undefined;
  // Items take over no parameters; the constants that rustc makes of expressions do.
  return { item, args: item.kind === "const" && item.generics.length > 0 ? given.args : [] };
}

/** The function of the impl that a trait's function stands for, as far as one impl fits. */
function implementation(scope: Scope, fn: FnRef): FnRef {
  const { parent, assocName } = fn.item;
  if (parent?.kind !== "trait") return fn;
  const count = parent.generics.length;
  const found = scope.world.implFor(parent, fn.args.slice(0, count));
  const item = found?.impl.fns.find((f) => f.assocName === assocName);
  if (found === undefined || item === undefined) return fn;
  return { item, args: [...found.args, ...fn.args.slice(count)] };
}

function identityArgs(scope: Scope, item: { readonly generics: readonly string[] }): readonly Ty[] {
  return item.generics.map((name, i) => {
    if (scope.generics[i] !== name) throw errorIn(scope, `a constant of a function with parameters, without arguments`);
    return scope.world.tcx.param(i, name);
  });
}

function findPromoted(scope: Scope, path: text.Path): ConstRef | undefined {
  const { world } = scope;
  const owner: text.Path = { segments: path.segments, promoted: -1, text: "" };
  const found = findFn(scope, owner) ?? findConst(scope, owner);
  const item = found === undefined ? undefined : world.promoteds.get(found.item)?.get(path.promoted);
  if (found !== undefined && item !== undefined)
    return { item, args: found.args.length === 0 ? identityArgs(scope, item) : found.args };
  const other = world.consts.get(itemName(world, path));
  if (other === undefined) return undefined;
  const args = resolveArgs(scope, argsOf(path), other.constParams);
  return { item: other, args: args.length === 0 ? identityArgs(scope, other) : args };
}

/** `<T as Trait>::N`. */
function qualifiedConst(
  scope: Scope,
  path: text.Path,
  first: Extract<text.PathSegment, { kind: "qself" }>,
): ConstRef | undefined {
  const last = path.segments[1];
  if (last?.kind !== "name") return undefined;
  const self = resolveTy(scope, first.ty);
  if (first.trait === undefined) return scope.world.inherentItem(self, last.name, "const");
  const ref = resolveTraitRef(scope, first.trait, self);
  const item = traitConst(ref.trait, last.name);
  return item === undefined ? undefined : { item, args: ref.args };
}

function traitConst(trait: TraitDef, name: string): ConstItem | undefined {
  return trait.assocConsts.find((item) => item.assocName === name);
}

export const VALUE_PATHS: ValuePaths = { fn: resolveFn, constant: findConst };
