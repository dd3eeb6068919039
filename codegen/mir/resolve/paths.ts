/**
 * Paths of functions, and what the items that dumps name are called.
 *
 * The forms are rustc's (`print_value_path`): `f::<T>`, `Type::<T>::method::<U>`, `<T as Trait<X>>::method::<U>`, `<[T]>::method`,
 * `core::slice::<impl [T]>::len`, `<impl at f.rs:1:1: 2:2>::f`, `f::{closure#0}`, `f::promoted[0]`.
 */

import type { ImplDef } from "../items.ts";
import type { FnItem } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import { pathText } from "../text/print-type.ts";
import { PRIMITIVE_TYPES, type Ty } from "../ty.ts";
import { closureKey } from "./closures.ts";
import { constructorFn } from "./constructors.ts";
import { argsOf, pathName, prefixName } from "./path-names.ts";
import { adtTy, resolveArgs, resolveTraitRef, resolveTy } from "./types.ts";
import { errorIn, type Scope, type World } from "./world.ts";

export interface FnRef {
  readonly item: FnItem;
  readonly args: readonly Ty[];
}

/** The function that `path` names; a diagnostic when there is none. */
export function resolveFn(scope: Scope, path: text.Path): FnRef {
  const found = findFn(scope, path) ?? constructorFn(scope, path);
  if (found !== undefined) return checkArgs(scope, path, found);
  const name = pathName(path);
  if (scope.world.fns.find(name, scope.module) === "several") {
    throw errorIn(scope, `several functions are named \`${name}\``, "write its full path");
  }
  throw errorIn(scope, `unknown function \`${pathText(path)}\``, "declare it with `fn` or `extern`");
}

function checkArgs(scope: Scope, path: text.Path, found: FnRef): FnRef {
  const wanted = found.item.generics.length;
  if (found.args.length === wanted) return found;
  // A dump names the functions of a generic one, such as its closures, without arguments: they are the parameters themselves.
  const outer = found.item.generics.map((name, i) =>
    scope.generics[i] === name ? scope.world.tcx.param(i, name) : undefined,
  );
  if (found.args.length === 0 && !outer.includes(undefined)) return { item: found.item, args: outer as Ty[] };
  throw errorIn(scope, `\`${pathName(path)}\` has ${wanted} type parameters, not ${found.args.length}`);
}

/** The function that `path` names, as far as it is one. */
export function findFn(scope: Scope, path: text.Path): FnRef | undefined {
  const { world } = scope;
  const { segments } = path;
  const first = segments[0]!;
  if (first.kind === "qself") return qualifiedFn(scope, path, first);
  if (segments.every((segment) => segment.kind === "name")) {
    const name = pathName(path);
    const item = world.lookup(world.fns, name, scope.module);
    if (item !== undefined && item !== "several") return { item, args: freeArgs(scope, path, item) };
    return segments.length < 2 ? undefined : methodFn(scope, path);
  }
  return implFn(scope, path);
}

function freeArgs(scope: Scope, path: text.Path, item: FnItem): readonly Ty[] {
  const written = argsOf(path);
  return written.length === 0 ? [] : resolveArgs(scope, written, item.constParams);
}

/** `<T as Trait<X>>::method::<U>`, `<[T]>::method`. */
function qualifiedFn(
  scope: Scope,
  path: text.Path,
  first: Extract<text.PathSegment, { kind: "qself" }>,
): FnRef | undefined {
  const method = path.segments[1];
  if (method?.kind !== "name" || path.segments.length !== 2) return undefined;
  const self = resolveTy(scope, first.ty);
  if (first.trait === undefined) return inherentFn(scope, self, method);
  const ref = resolveTraitRef(scope, first.trait, self);
  const item = ref.trait.fns.find((f) => f.assocName === method.name);
  if (item === undefined) return undefined;
  return { item, args: [...ref.args, ...ownArgs(scope, item, method, ref.args.length)] };
}

function ownArgs(scope: Scope, item: FnItem, segment: text.PathSegment, inherited: number): readonly Ty[] {
  return segment.args?.kind === "angle" ? resolveArgs(scope, segment.args.args, item.constParams, inherited) : [];
}

function inherentFn(scope: Scope, self: Ty, method: Extract<text.PathSegment, { kind: "name" }>): FnRef | undefined {
  const found = scope.world.inherentItem(self, method.name, "fn");
  if (found === undefined) return undefined;
  return { item: found.item, args: [...found.args, ...ownArgs(scope, found.item, method, found.args.length)] };
}

/** `Type::<T>::method::<U>`, `Trait::method`. */
function methodFn(scope: Scope, path: text.Path): FnRef | undefined {
  const method = path.segments.at(-1)!;
  if (method.kind !== "name") return undefined;
  const self = prefixTy(scope, path);
  if (self !== undefined) return inherentFn(scope, self, method);
  const { world } = scope;
  const trait = world.lookup(world.traits, prefixName(path), scope.module);
  if (trait === undefined || trait === "several") return undefined;
  const item = trait.fns.find((f) => f.assocName === method.name);
  return item === undefined ? undefined : { item, args: resolveArgs(scope, argsOf(path), item.constParams) };
}

/** The type that all but the last segment of `path` name; `undefined` when they name none. */
export function prefixTy(scope: Scope, path: text.Path): Ty | undefined {
  const { world } = scope;
  const name = prefixName(path);
  const simple = path.segments.length === 2 ? namedTy(scope, name) : undefined;
  if (simple !== undefined) return simple;
  const def = world.lookup(world.adts, name, scope.module);
  if (def === undefined || def === "several") return undefined;
  return adtTy(scope, def, argsOf(path, 0, path.segments.length - 1));
}

function namedTy(scope: Scope, name: string): Ty | undefined {
  const index = scope.generics.indexOf(name);
  if (index >= 0) return scope.world.tcx.param(index, name);
  return name === "Self" ? scope.self : PRIMITIVE_TYPES.get(name);
}

/** A path through an impl: `<impl at …>::f`, `core::num::<impl u32>::f`, and functions inside of those. */
function implFn(scope: Scope, path: text.Path): FnRef | undefined {
  const at = path.segments.findIndex((segment) => segment.kind !== "name");
  const head = path.segments[at]!;
  const method = path.segments[at + 1];
  if (method?.kind !== "name") return undefined;
  // A function in one of an impl, or the impl as programs write it.
  const exact = scope.world.fns.get(itemName(scope.world, path));
  if (exact !== undefined) return { item: exact, args: freeArgs(scope, path, exact) };
  if (path.segments.length > at + 2) return undefined;
  if (head.kind === "implAt") {
    const impl = scope.world.implsAt.get(closureKey(head.location));
    const item = impl?.fns.find((f) => f.assocName === method.name);
    if (impl === undefined || item === undefined) {
      const plain = scope.world.fns.get(pathName(path));
      return plain === undefined ? undefined : { item: plain, args: freeArgs(scope, path, plain) };
    }
    return { item, args: resolveArgs(scope, argsOf(path), item.constParams) };
  }
  if (head.kind !== "impl") return undefined;
  const self = resolveTy(scope, head.ty);
  if (head.trait === undefined) {
    preludeInherent(scope.world, path, at);
    return inherentFn(scope, self, method);
  }
  const ref = resolveTraitRef(scope, head.trait, self);
  const item = ref.trait.fns.find((f) => f.assocName === method.name);
  return item === undefined
    ? undefined
    : { item, args: [...ref.args, ...ownArgs(scope, item, method, ref.args.length)] };
}

/** Has the prelude declare the inherent impls of a primitive type: `std::slice::<impl>`. */
function preludeInherent(world: World, path: text.Path, at: number): void {
  const module = path.segments
    .slice(0, at)
    .map((segment) => (segment.kind === "name" ? segment.name : ""))
    .join("::");
  world.lookup(world.fns, `${module}::<impl>`, "");
}

/** How an item is called that a dump names: an impl by its head instead of its place. */
export function itemName(world: World, path: text.Path): string {
  let out = "";
  for (const segment of path.segments) {
    if (out !== "") out += "::";
    if (segment.kind === "name") out += segment.name;
    else if (segment.kind === "implAt") {
      const impl = world.implsAt.get(closureKey(segment.location));
      if (impl === undefined) out += `<impl at ${segment.location}>`;
      else out = implName(world, impl);
    } else out += pathText({ segments: [segment], promoted: -1, text: "" });
  }
  return path.promoted < 0 ? out : `${out}::promoted[${path.promoted}]`;
}

/**
 * `<impl Trait<X> for T>`: what the items of an impl have in front of their names; `<impl Trait<X> for T #2>` when a second impl differs in its `where` clause
 * alone. Inherent impls share a name, as their items have different ones.
 */
export function implName({ implNames, implHeads }: World, impl: ImplDef): string {
  if (impl.trait === undefined) return `<impl ${impl.selfTy.text}>`;
  const known = implNames.get(impl);
  if (known !== undefined) return known;
  const { trait, args } = impl.trait;
  const rest = args.slice(1);
  const head = `${trait.name}${rest.length === 0 ? "" : `<${rest.map((a) => a.text).join(", ")}>`} for ${impl.selfTy.text}`;
  const count = (implHeads.get(head) ?? 0) + 1;
  const name = count === 1 ? `<impl ${head}>` : `<impl ${head} #${count}>`;
  implHeads.set(head, count);
  implNames.set(impl, name);
  return name;
}
