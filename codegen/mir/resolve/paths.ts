/**
 * Paths of values: functions, constructors, constants.
 *
 * The forms are rustc's (`print_value_path`): `f::<T>`, `Type::<T>::method::<U>`, `<T as Trait<X>>::method::<U>`, `<[T]>::method`,
 * `core::slice::<impl [T]>::len`, `<impl at f.rs:1:1: 2:2>::f`, `f::{closure#0}`, `f::promoted[0]`.
 */

import { DUMMY_SP } from "../../session/diagnostic.ts";
import type { ConstItem, ImplDef, StaticItem, TraitDef } from "../items.ts";
import type { FnItem, Local } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import { pathText, typeText } from "../text/print-type.ts";
import { type AdtDef, PRIMITIVE_TYPES, type Ty, type TyOf } from "../ty.ts";
import { closureKey } from "./closures.ts";
import { setConstItemResolver } from "./const-args.ts";
import { argsOf, pathName } from "./path-names.ts";
import { adtTy, resolveArgs, resolveTraitRef, resolveTy, setFnDefResolver } from "./types.ts";
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

function prefixName(path: text.Path): string {
  return path.segments
    .slice(0, -1)
    .map((segment) => (segment.kind === "name" ? segment.name : ""))
    .join("::");
}

/** The type that all but the last segment of `path` name; `undefined` when they name none. */
function prefixTy(scope: Scope, path: text.Path): Ty | undefined {
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
    preludeInherent(scope.world, path, at, head.ty);
    return inherentFn(scope, self, method);
  }
  const ref = resolveTraitRef(scope, head.trait, self);
  const item = ref.trait.fns.find((f) => f.assocName === method.name);
  return item === undefined
    ? undefined
    : { item, args: [...ref.args, ...ownArgs(scope, item, method, ref.args.length)] };
}

/** Has the prelude declare the inherent impls of a primitive type: `std::slice::<impl>`. */
function preludeInherent(world: World, path: text.Path, at: number, self: text.Type): void {
  const module = path.segments
    .slice(0, at)
    .map((segment) => (segment.kind === "name" ? segment.name : ""))
    .join("::");
  world.lookup(world.fns, `${module}::<impl ${typeText(self)}>`, "");
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

// ---- constructors

/** The struct or the enum's variant that `path` means, with the type. */
export interface VariantRef {
  readonly ty: TyOf<"adt">;
  readonly variant: number;
}

export function resolveVariant(scope: Scope, path: text.Path): VariantRef | undefined {
  const { world } = scope;
  const { segments } = path;
  if (segments[0]!.kind !== "name") return undefined;
  const self = segments[0]!.name === "Self" ? scope.self : undefined;
  const whole =
    segments.length === 1 && self !== undefined ? undefined : world.lookup(world.adts, pathName(path), scope.module);
  if (whole !== undefined && whole !== "several" && whole.adtKind !== "enum") {
    return { ty: adtTy(scope, whole, argsOf(path)) as TyOf<"adt">, variant: 0 };
  }
  if (segments.length === 1)
    return self?.kind === "adt" && self.def.adtKind !== "enum" ? { ty: self, variant: 0 } : undefined;
  const last = segments.at(-1)!;
  const def =
    self?.kind === "adt" && segments.length === 2 ? self.def : world.lookup(world.adts, prefixName(path), scope.module);
  if (def === undefined || def === "several" || def.adtKind !== "enum" || last.kind !== "name") return undefined;
  const variant = def.variants.findIndex((v) => v.name === last.name);
  if (variant < 0) return undefined;
  return { ty: (self ?? adtTy(scope, def, argsOf(path))) as TyOf<"adt">, variant };
}

const constructors = new WeakMap<AdtDef, Map<number, FnItem>>();

/** A tuple struct or variant as a function. */
function constructorFn(scope: Scope, path: text.Path): FnRef | undefined {
  const found = resolveVariant(scope, path);
  if (found === undefined) return undefined;
  const { def } = found.ty;
  if (def.variants[found.variant]!.ctor !== "tuple") return undefined;
  let known = constructors.get(def);
  if (known === undefined) {
    known = new Map();
    constructors.set(def, known);
  }
  let item = known.get(found.variant);
  if (item === undefined) {
    item = makeConstructor(scope.world, def, found.variant);
    known.set(found.variant, item);
    scope.world.synthesized.push(item);
  }
  return { item, args: found.ty.args };
}

/** `fn S(_1: A) -> S { _0 = S(move _1); return }`. */
function makeConstructor(world: World, def: AdtDef, variant: number): FnItem {
  const { tcx } = world;
  const { name, fields } = def.variants[variant]!;
  const ty = tcx.adt(
    def,
    def.generics.map((generic, i) => tcx.param(i, generic)),
  );
  const params = fields.map((field) => field.ty);
  const operands = params.map((_, i) => ({
    kind: "move" as const,
    place: { local: (i + 1) as Local, projection: [] },
  }));
  const span = DUMMY_SP;
  return {
    name: def.adtKind === "enum" ? `${def.name}::${name}` : def.name,
    kind: "fn",
    generics: def.generics,
    ...(def.constParams === undefined ? {} : { constParams: def.constParams }),
    params,
    ret: ty,
    inline: "hint",
    abi: "Rust",
    span,
    body: {
      argCount: params.length,
      locals: [{ ty, mutability: "mut" }, ...params.map((param) => ({ ty: param, mutability: "not" as const }))],
      blocks: [
        {
          isCleanup: false,
          statements: [
            {
              kind: "assign",
              place: { local: 0 as Local, projection: [] },
              rvalue: { kind: "aggregate", aggregate: { kind: "adt", ty, def, variant }, operands },
              span,
            },
          ],
          terminator: { kind: "return", span },
        },
      ],
    },
  };
}

// ---- constants

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
  if (item !== undefined && item !== "several") {
    const args = resolveArgs(scope, argsOf(path), item.constParams);
    return { item, args: args.length === 0 ? identityArgs(scope, item) : args };
  }
  const last = segments.at(-1)!;
  if (segments.length < 2 || last.kind !== "name") return undefined;
  const owned = ownedItem(scope, path);
  if (owned !== undefined) return owned.item.kind === "const" ? { item: owned.item, args: owned.args } : undefined;
  const head = segments.length === 2 ? segments[0]! : undefined;
  const self = head?.kind === "impl" ? resolveTy(scope, head.ty) : prefixTy(scope, path);
  return self === undefined ? undefined : world.inherentItem(self, last.name, "const");
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
  return item === undefined || given === undefined ? undefined : { item, args: given.args };
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
  const fn = findFn(scope, owner);
  const item = fn === undefined ? undefined : world.promoteds.get(fn.item)?.get(path.promoted);
  if (fn !== undefined && item !== undefined)
    return { item, args: fn.args.length === 0 ? identityArgs(scope, item) : fn.args };
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

setFnDefResolver(resolveFn);
setConstItemResolver(findConst);
