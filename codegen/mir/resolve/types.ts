/**
 * Types and generic arguments of MIR text and Rust items: from syntax to `Ty`. Lifetimes are erased.
 */

import { foldParts, HAS_ALIAS, typeFlags } from "../fold.ts";
import type { DynPredicates, Predicate, TraitDef, TraitRef } from "../items.ts";
import type * as text from "../text/ast.ts";
import { pathText, typeText } from "../text/print-type.ts";
import { type AdtDef, PRIMITIVE_TYPES, TY_NEVER, TY_UNIT, TY_USIZE, type Ty } from "../ty.ts";
import { resolveClosureTy } from "./closures.ts";
import { resolveConstArg, resolveLength } from "./const-args.ts";
import { PRELUDE_MODULE } from "./name-index.ts";
import { argsOf, pathName } from "./path-names.ts";
import { matchTys } from "./unify.ts";
import { type AliasDef, errorIn, located, type Scope, unsupportedIn } from "./world.ts";

export function resolveTy(scope: Scope, ty: text.Type): Ty {
  const known = scope.tys.get(ty);
  if (known !== undefined) return known;
  let made: Ty;
  try {
    made = resolveTyHere(scope, ty);
  } catch (error) {
    throw located(scope, error);
  }
  scope.tys.set(ty, made);
  return made;
}

function resolveTyHere(scope: Scope, ty: text.Type): Ty {
  const { tcx } = scope.world;
  switch (ty.kind) {
    case "path":
      return resolvePathTy(scope, ty.path);
    case "never":
      return TY_NEVER;
    case "ref":
      return tcx.ref(ty.mutable ? "mut" : "not", resolveTy(scope, ty.pointee));
    case "ptr":
      return tcx.ptr(ty.mutable ? "mut" : "not", resolveTy(scope, ty.pointee));
    case "tuple":
      return tcx.tuple(ty.fields.map((field) => resolveTy(scope, field)));
    case "array":
      return tcx.arrayOf(resolveTy(scope, ty.element), resolveLength(scope, ty.length));
    case "slice":
      return tcx.slice(resolveTy(scope, ty.element));
    case "fnPtr": {
      const { params, ret, safety, abi, variadic } = ty.sig;
      return tcx.fnPtr(
        params.map((param) => resolveTy(scope, param)),
        ret === undefined ? TY_UNIT : resolveTy(scope, ret),
        { unsafe: safety === "unsafe", abi: abiName(abi), variadic },
      );
    }
    case "fnDef": {
      const found = scope.values.fn(scope, ty.path);
      return tcx.fnDef(found.item, found.args);
    }
    case "dyn":
      return tcx.dynamic(resolveDyn(scope, ty.bounds));
    case "impl":
      return resolveImplTy(scope, ty);
    case "paren":
      return resolveTy(scope, ty.ty);
    case "closure":
      return resolveClosureTy(scope, ty, (args) => resolveArgs(scope, args, undefined));
    case "pattern":
      return resolveTy(scope, ty.base);
    default:
      throw unsupportedIn(scope, `the type \`${typeText(ty)}\``);
  }
}

export function abiName(abi: string | undefined): string {
  if (abi === undefined) return "Rust";
  return abi === "" ? "C" : abi.replaceAll('"', "");
}

// ---- paths

function resolvePathTy(scope: Scope, path: text.Path): Ty {
  const { segments } = path;
  const first = segments[0]!;
  if (first.kind === "qself") return resolveProjection(scope, path);
  if (first.kind === "name" && first.args === undefined) {
    const simple = segments.length === 1 ? simpleTy(scope, first.name) : undefined;
    if (simple !== undefined) return simple;
    if (segments.length === 2) {
      const base = paramOrSelf(scope, first.name);
      if (base !== undefined) return resolveAssoc(scope, base, first.name, segments[1]!);
    }
  }
  const name = pathName(path);
  const { world } = scope;
  const def = world.lookup(world.adts, name, scope.module);
  if (def === "several") throw errorIn(scope, `several types are named \`${name}\``, "write its full path");
  if (def !== undefined) return adtTy(scope, def, argsOf(path));
  const alias = world.lookup(world.aliases, name, scope.module);
  if (alias !== undefined && alias !== "several") return aliasTy(scope, alias, argsOf(path));
  const foreign = world.foreignTys.find(name, scope.module);
  if (foreign !== undefined && foreign !== "several") return foreign;
  throw errorIn(scope, `unknown type \`${name}\``, "declare it with `struct` or `enum`");
}

function simpleTy(scope: Scope, word: string): Ty | undefined {
  return paramOrSelf(scope, word) ?? PRIMITIVE_TYPES.get(word);
}

function paramOrSelf(scope: Scope, word: string): Ty | undefined {
  const index = scope.generics.indexOf(word);
  if (index >= 0) return scope.world.tcx.param(index, word);
  return word === "Self" ? scope.self : undefined;
}

/** `def` with written arguments: defaults fill what is left out. */
export function adtTy(scope: Scope, def: AdtDef, args: readonly text.GenericArg[]): Ty {
  if (def.generics.length === 0 && args.length === 0) return scope.world.tcx.adt(def);
  return scope.world.tcx.adt(def, fillArgs(scope, def, resolveArgs(scope, args, def.constParams)));
}

interface Generic {
  readonly name: string;
  readonly generics: readonly string[];
  readonly constParams?: readonly (Ty | undefined)[];
  readonly defaults?: readonly (Ty | undefined)[];
}

/** `args` with the defaults of those that are not written; `skip`: parameters at the front that no text gives. */
export function fillArgs(scope: Scope, def: Generic, args: readonly Ty[], skip = 0): readonly Ty[] {
  const wanted = def.generics.length;
  if (args.length === wanted) return args;
  const filled = [...args];
  while (filled.length < wanted) {
    const value = def.defaults?.[filled.length];
    if (value === undefined) break;
    filled.push(scope.world.tcx.substitute(value, filled));
  }
  if (filled.length !== wanted) {
    throw errorIn(scope, `\`${def.name}\` has ${wanted - skip} type parameters, not ${args.length - skip}`);
  }
  return filled;
}

/** Written arguments without lifetimes and bindings; `constParams` by position of what is kept. */
export function resolveArgs(
  scope: Scope,
  args: readonly text.GenericArg[],
  constParams: readonly (Ty | undefined)[] | undefined,
  offset = 0,
): Ty[] {
  const out: Ty[] = [];
  for (const arg of args) {
    if (arg.kind !== "type" && arg.kind !== "const") continue;
    const constTy = constParams?.[offset + out.length];
    if (arg.kind === "type")
      out.push(constTy === undefined ? resolveTy(scope, arg.ty) : constArgOfTy(scope, arg.ty, constTy));
    else out.push(resolveConstArg(scope, arg.value, constTy ?? TY_USIZE));
  }
  return out;
}

/** A path where a const parameter wants a value: a parameter, or a constant. */
function constArgOfTy(scope: Scope, ty: text.Type, expected: Ty): Ty {
  if (ty.kind === "path") return resolveConstArg(scope, { kind: "path", path: ty.path }, expected);
  throw errorIn(scope, `\`${typeText(ty)}\` is no value`);
}

function aliasTy(scope: Scope, alias: AliasDef, written: readonly text.GenericArg[]): Ty {
  alias.ty ??= aliasedTy(scope, alias);
  const args = resolveArgs(scope, written, alias.constParams);
  if (args.length !== alias.generics.length) {
    throw errorIn(scope, `\`${alias.name}\` has ${alias.generics.length} type parameters, not ${args.length}`);
  }
  return scope.world.tcx.substitute(alias.ty, args);
}

/** Aliases of aliases are followed by calls. */
const MAX_ALIASES = 200;

function aliasedTy(scope: Scope, alias: AliasDef): Ty {
  const { openAliases } = scope.world;
  if (openAliases.has(alias)) throw errorIn(scope, `the type \`${alias.name}\` is made of itself`);
  if (openAliases.size > MAX_ALIASES) throw errorIn(scope, `the type \`${alias.name}\` stands for too many others`);
  openAliases.add(alias);
  try {
    return alias.fill();
  } finally {
    openAliases.delete(alias);
  }
}

// ---- traits

/** The trait that `path` names. */
export function resolveTrait(scope: Scope, path: text.Path): TraitDef {
  const { world } = scope;
  const name = pathName(path);
  const trait = world.lookup(world.traits, name, scope.module);
  if (trait === "several") throw errorIn(scope, `several traits are named \`${name}\``, "write its full path");
  if (trait === undefined) throw errorIn(scope, `unknown trait \`${name}\``, "declare it with `trait`");
  return trait;
}

/** `self: Path<…>`; `Fn(A, B) -> C` is `Fn<(A, B)>`. */
export function resolveTraitRef(scope: Scope, path: text.Path, self: Ty): TraitRef {
  const trait = resolveTrait(scope, path);
  return { trait, args: fillArgs(scope, trait, [self, ...traitArgs(scope, trait, path)], 1) };
}

function traitArgs(scope: Scope, trait: TraitDef, path: text.Path): readonly Ty[] {
  const { args } = path.segments.at(-1)!;
  if (args?.kind === "paren") return [scope.world.tcx.tuple(args.inputs.map((input) => resolveTy(scope, input)))];
  return resolveArgs(scope, argsOf(path), trait.constParams, 1);
}

/** The predicates that bounds of `self` stand for: lifetimes say nothing here, and `?Sized` is `relaxedBounds`. */
export function resolveBounds(scope: Scope, self: Ty, bounds: readonly text.Bound[]): Predicate[] {
  const out: Predicate[] = [];
  for (const bound of bounds) {
    if (bound.kind !== "trait" || bound.modifier === "?" || bound.modifier === "!") continue;
    const ref = resolveTraitRef(scope, bound.path, self);
    out.push({ kind: "trait", ref });
    const { args } = bound.path.segments.at(-1)!;
    if (args?.kind === "paren") {
      const output = args.output === undefined ? TY_UNIT : resolveTy(scope, args.output);
      out.push({ kind: "projection", ref: outputRef(scope, ref), name: "Output", ty: output });
    } else if (args?.kind === "angle") {
      for (const arg of args.args) {
        if (arg.kind === "binding" && arg.value.kind === "type") {
          const owner = boundOwner(scope, ref, arg.name);
          out.push({ kind: "projection", ref: owner, name: arg.name, ty: resolveTy(scope, arg.value.ty) });
        } else if (arg.kind === "bound") {
          const owner = boundOwner(scope, ref, arg.name);
          const assoc = scope.world.tcx.alias(owner.trait, arg.name, owner.args);
          out.push(...resolveBounds(scope, assoc, arg.bounds));
        }
      }
    }
  }
  return out;
}

/** The trait that has the type that a bound speaks of. One of the prelude may not know what is above it while it is being declared. */
function boundOwner(scope: Scope, ref: TraitRef, name: string): TraitRef {
  const owner = assocOwner(ref, name);
  if (owner !== undefined || scope.module === PRELUDE_MODULE) return owner ?? ref;
  throw errorIn(scope, `\`${ref.trait.name}\` has no type \`${name}\``);
}

/** `Output` is `FnOnce`'s, which `FnMut` and `Fn` have above them. */
function outputRef(scope: Scope, ref: TraitRef): TraitRef {
  return (
    assocOwner(ref, "Output") ??
    (ref.trait.generics.length > 1 ? { ...ref } : { trait: scope.trait ?? ref.trait, args: ref.args })
  );
}

/** The trait at or above `ref` that declares the type `name`, with its arguments. */
export function assocOwner(ref: TraitRef, name: string, depth = 0): TraitRef | undefined {
  if (ref.trait.assocTypes.some((assoc) => assoc.name === name)) return ref;
  if (depth > 16) return undefined;
  for (const above of ref.trait.supertraits) {
    const owner = assocOwner(
      { trait: above.trait, args: above.args.map((arg) => substituteSelf(arg, ref)) },
      name,
      depth + 1,
    );
    if (owner !== undefined) return owner;
  }
  return undefined;
}

/** A supertrait's argument, of which only parameters of the trait below are looked at. */
function substituteSelf(arg: Ty, ref: TraitRef): Ty {
  return arg.kind === "param" ? (ref.args[arg.index] ?? arg) : arg;
}

function resolveDyn(scope: Scope, bounds: readonly text.Bound[]): DynPredicates {
  let principal: TraitRef | undefined;
  const projections: { trait: TraitDef; args: readonly Ty[]; name: string; ty: Ty }[] = [];
  const autos: TraitDef[] = [];
  // Stands for the `Self` that a `dyn` type leaves out, so that defaults can be filled.
  const self = scope.world.tcx.param(0, "dyn Self");
  for (const bound of bounds) {
    if (bound.kind !== "trait") continue;
    const trait = resolveTrait(scope, bound.path);
    if (isAuto(trait)) {
      autos.push(trait);
      continue;
    }
    if (principal !== undefined) throw errorIn(scope, "a `dyn` type has one trait beside auto traits");
    const ref = resolveTraitRef(scope, bound.path, self);
    principal = { trait, args: ref.args.slice(1) };
    for (const predicate of resolveBounds(scope, self, [bound])) {
      if (predicate.kind !== "projection") continue;
      const owner = predicate.ref;
      projections.push({ trait: owner.trait, args: owner.args.slice(1), name: predicate.name, ty: predicate.ty });
    }
  }
  return { principal, projections, autos };
}

function isAuto(trait: TraitDef): boolean {
  return trait.lang === "auto" || trait.lang === "send" || trait.lang === "sync" || trait.lang === "unpin";
}

// ---- associated types

/** `<T as Trait<A>>::Name<B>`. */
function resolveProjection(scope: Scope, path: text.Path): Ty {
  const first = path.segments[0]!;
  const last = path.segments[1];
  if (first.kind !== "qself" || last?.kind !== "name" || path.segments.length !== 2) {
    throw unsupportedIn(scope, `the type \`${pathText(path)}\``);
  }
  const self = resolveTy(scope, first.ty);
  if (first.trait === undefined) return resolveAssoc(scope, self, self.text, last);
  const ref = resolveTraitRef(scope, first.trait, self);
  const owner = assocOwner(ref, last.name);
  if (owner === undefined) throw errorIn(scope, `\`${ref.trait.name}\` has no type \`${last.name}\``);
  return project(scope, owner, last.name, resolveArgs(scope, argsOf(path, 1), undefined));
}

/** `T::Name`: what `T` is known to implement says which trait's. */
function resolveAssoc(scope: Scope, base: Ty, text: string, segment: text.PathSegment): Ty {
  if (segment.kind !== "name") throw unsupportedIn(scope, "this path in a type");
  const own = segment.args?.kind === "angle" ? resolveArgs(scope, segment.args.args, undefined) : [];
  const { impl, trait } = scope;
  if (impl !== undefined && base === scope.self) {
    const found = impl.assocTypes.find((assoc) => assoc.name === segment.name);
    if (found !== undefined && found.generics.length === 0) return found.ty;
    if (impl.trait !== undefined) {
      const owner = assocOwner(impl.trait, segment.name);
      if (owner !== undefined) return project(scope, owner, segment.name, own);
    }
  }
  if (trait !== undefined && base.kind === "param" && base.index === 0) {
    const identity = trait.generics.map((name, i) => scope.world.tcx.param(i, name));
    const owner = assocOwner({ trait, args: identity }, segment.name);
    if (owner !== undefined) return project(scope, owner, segment.name, own);
  }
  for (const predicate of scope.predicates) {
    if (predicate.kind !== "trait" || predicate.ref.args[0] !== base) continue;
    const owner = assocOwner(predicate.ref, segment.name);
    if (owner !== undefined) return project(scope, owner, segment.name, own);
  }
  throw errorIn(scope, `nothing says what \`${text}::${segment.name}\` is`);
}

/** An associated type: what a bound or an impl gives for it, when that is known already; else the projection itself. */
function project(scope: Scope, ref: TraitRef, name: string, own: readonly Ty[]): Ty {
  const { tcx } = scope.world;
  for (const predicate of scope.predicates) {
    if (predicate.kind !== "projection" || predicate.name !== name || predicate.ref.trait !== ref.trait) continue;
    if (own.length === 0 && matchTys(tcx, predicate.ref.args, ref.args, [])) {
      if (predicate.ref.args.every((arg, i) => arg === ref.args[i])) return predicate.ty;
    }
  }
  const found = isOpen(ref.args[0]!) ? undefined : scope.world.implFor(ref.trait, ref.args);
  const given = found?.impl.assocTypes.find((assoc) => assoc.name === name);
  if (found === undefined || given === undefined) return tcx.alias(ref.trait, name, [...ref.args, ...own]);
  return projected(scope, tcx.substitute(given.ty, [...found.args, ...own]));
}

/** Projections may lead to others, as deep as rustc's `recursion_limit`. */
const MAX_PROJECTIONS = 128;

/** `ty`, which an impl gives, with the associated types in it that other impls give. */
function projected(scope: Scope, ty: Ty): Ty {
  const { tcx } = scope.world;
  const known = new Map<Ty, Ty>();
  const go = (part: Ty, depth: number): Ty => {
    if ((typeFlags(part) & HAS_ALIAS) === 0) return part;
    if (depth > MAX_PROJECTIONS) throw errorIn(scope, `what \`${ty.text}\` stands for has no end`);
    let made = known.get(part);
    if (made !== undefined) return made;
    made = foldParts(tcx, part, (inner) => go(inner, depth + 1));
    if (made.kind === "alias") {
      const { trait, name, args } = made;
      const count = trait.generics.length;
      const found = isOpen(args[0]!) ? undefined : scope.world.implFor(trait, args.slice(0, count));
      const given = found?.impl.assocTypes.find((assoc) => assoc.name === name);
      if (found !== undefined && given !== undefined)
        made = go(tcx.substitute(given.ty, [...found.args, ...args.slice(count)]), depth + 1);
    }
    known.set(part, made);
    return made;
  };
  return go(ty, 0);
}

// ---- opaque types

/** `impl Trait` of a parameter: a parameter of its own, named by its text. */
function resolveImplTy(scope: Scope, ty: Extract<text.Type, { kind: "impl" }>): Ty {
  const name = typeText(ty);
  const exact = scope.generics.indexOf(name);
  if (exact >= 0) return scope.world.tcx.param(exact, name);
  const opaque = scope.generics.filter((generic) => generic.startsWith("impl "));
  if (opaque.length === 1) return scope.world.tcx.param(scope.generics.indexOf(opaque[0]!), opaque[0]!);
  throw unsupportedIn(scope, `the type \`${name}\``);
}

/** Whether it depends on parameters which impl there is for `self`: `impl<I: Iterator> IntoIterator for I` fits `<T as Tr>::Item` whatever that is. */
function isOpen(self: Ty): boolean {
  return self.kind === "param" || self.kind === "alias";
}
