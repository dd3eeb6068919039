/**
 * Declaring traits and impls, with the items in them.
 */

import type { AssocTypeDecl, ImplDef, TraitDef, TraitLang, TraitRef } from "../items.ts";
import type { AssocItem, Generics, GlobalItem, ImplItem, RustFn, TraitItem, TypeItem } from "../rust/ast.ts";
import { TY_UNIT } from "../ty.ts";
import { langOf } from "./attributes.ts";
import { closureKey } from "./closures.ts";
import { checkReserved, type DeclareCx, itemError, itemSpan, outerOf } from "./declare-cx.ts";
import { declareFn, declareGlobal } from "./declare-fns.ts";
import { defaultsOf, identity, itemScope, ownPredicates, relaxedBounds, relaxedPredicates } from "./generics.ts";
import { implName } from "./paths.ts";
import { resolveBounds, resolveTraitRef, resolveTy } from "./types.ts";
import type { Scope } from "./world.ts";

export function declareTrait(cx: DeclareCx, item: TraitItem): void {
  const { world } = cx;
  checkReserved(cx, item);
  const generics: Generics = {
    ...item.generics,
    params: [{ kind: "type", name: "Self", bounds: item.supertraits, default: undefined }, ...item.generics.params],
  };
  const scope = itemScope(world, item, generics, undefined);
  const lang = item.auto ? "auto" : (langOf(item) as TraitLang | undefined);
  const trait: TraitDef = {
    kind: "trait",
    name: item.name,
    generics: scope.generics,
    ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
    predicates: [],
    supertraits: [],
    fns: [],
    assocTypes: item.items.filter((assoc) => assoc.kind === "type").map(bareAssocType),
    assocConsts: [],
    ...(lang === undefined ? {} : { lang }),
    prelude: cx.prelude,
    span: itemSpan(item),
  };
  if (!world.traits.add(item.name, trait)) {
    throw itemError(item, `the trait \`${item.name}\` is declared twice`, item.nameAt);
  }
  cx.declared.traits.push(trait);
  scope.trait = trait;
  cx.steps.heads.push({
    name: item.name,
    made: trait,
    run: () => {
      const defaults = defaultsOf(scope, generics);
      if (defaults !== undefined) trait.defaults = defaults;
      resolveSupertraits(cx, item, trait, scope);
    },
  });
  cx.steps.types.push({ name: item.name, made: trait, run: () => traitPredicates(cx, item, trait, scope, generics) });
  cx.steps.signatures.push({ name: item.name, run: () => assocItems(cx, item.items, item.name, trait, scope) });
}

/** Only which traits they are: what is bound in them may need them all. */
function resolveSupertraits(cx: DeclareCx, item: TraitItem, trait: TraitDef, scope: Scope): void {
  const self = cx.world.tcx.param(0, "Self");
  const found: TraitRef[] = [];
  const bounds = [...item.supertraits];
  for (const { ty, bounds: more } of item.generics.where) {
    if (ty.kind === "path" && ty.path.segments.length === 1 && ty.path.segments[0]!.kind === "name") {
      if (ty.path.segments[0]!.name === "Self") bounds.push(...more);
    }
  }
  for (const bound of bounds) {
    if (bound.kind === "trait" && bound.modifier !== "?") found.push(resolveTraitRef(scope, bound.path, self));
  }
  trait.supertraits = found;
}

function traitPredicates(cx: DeclareCx, item: TraitItem, trait: TraitDef, scope: Scope, generics: Generics): void {
  const { tcx } = cx.world;
  trait.predicates = ownPredicates(scope, generics);
  const self = tcx.param(0, "Self");
  trait.supertraits = trait.predicates.flatMap((p) => (p.kind === "trait" && p.ref.args[0] === self ? [p.ref] : []));
  trait.assocTypes = item.items
    .filter((assoc) => assoc.kind === "type")
    .map((assoc): AssocTypeDecl => {
      const inner = itemScope(cx.world, { ...assoc, module: item.module }, assoc.generics, outerOf(scope));
      const own = inner.generics.slice(scope.generics.length);
      const projected = tcx.alias(trait, assoc.name, identity(inner));
      const predicates = [
        ...resolveBounds(inner, projected, assoc.bounds),
        ...relaxedBounds(inner, projected, assoc.bounds),
        ...ownPredicates(inner, assoc.generics),
      ];
      return {
        name: assoc.name,
        generics: own,
        predicates,
        default: assoc.ty === undefined ? undefined : resolveTy(inner, assoc.ty),
      };
    });
}

/** Associated types are known by name before their bounds are. */
function bareAssocType(assoc: TypeItem): AssocTypeDecl {
  const generics = assoc.generics.params.filter((p) => p.kind !== "lifetime").map((p) => p.name);
  return { name: assoc.name, generics, predicates: [], default: undefined };
}

export function declareImpl(cx: DeclareCx, item: ImplItem): void {
  const scope = itemScope(cx.world, item, item.generics, undefined);
  const impl: ImplDef = {
    kind: "impl",
    generics: scope.generics,
    ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
    trait: undefined,
    selfTy: TY_UNIT,
    predicates: [],
    negative: item.negative,
    fns: [],
    assocTypes: [],
    assocConsts: [],
    prelude: cx.prelude,
    span: itemSpan(item),
  };
  scope.impl = impl;
  cx.steps.types.push({
    name: "",
    made: impl,
    run: () => {
      impl.selfTy = resolveTy(scope, item.self);
      scope.self = impl.selfTy;
      scope.tys.clear();
      if (item.trait !== undefined) impl.trait = resolveTraitRef(scope, item.trait, impl.selfTy);
      impl.predicates = [...ownPredicates(scope, item.generics), ...relaxedPredicates(scope, item.generics)];
      cx.declared.impls.push(impl);
      cx.world.addImpl(impl);
      for (const key of locationKeys(item)) cx.world.implsAt.set(key, impl);
      impl.assocTypes = item.items
        .filter((assoc) => assoc.kind === "type")
        .map((assoc) => implType(cx, assoc, item, scope));
      cx.steps.signatures.push({
        name: "",
        run: () => {
          assocItems(cx, item.items, implName(cx.world, impl), impl, scope);
          cx.world.addInherent(impl);
        },
      });
    },
  });
}

function implType(cx: DeclareCx, assoc: TypeItem, item: ImplItem, scope: Scope): ImplDef["assocTypes"][number] {
  const inner = itemScope(cx.world, { ...assoc, module: item.module }, assoc.generics, outerOf(scope));
  if (assoc.ty === undefined) throw itemError(item, `the type \`${assoc.name}\` is not given`, assoc.at);
  return {
    name: assoc.name,
    generics: inner.generics.slice(scope.generics.length),
    ty: resolveTy(inner, assoc.ty),
  };
}

/** As dumps name the impl: `file.rs:1:2: 3:4`, without folders. */
function locationKeys(item: ImplItem): string[] {
  if (item.source.file === "") return [];
  const from = item.source.span(item.at);
  const to = item.source.span(item.end);
  return [closureKey(`${item.source.file}:${from.line}:${from.column}: ${to.line}:${to.column}`)];
}

function assocItems(
  cx: DeclareCx,
  items: readonly AssocItem[],
  owner: string,
  parent: TraitDef | ImplDef,
  scope: Scope,
): void {
  const outer = outerOf(scope);
  for (const assoc of items) {
    const inModule = { ...assoc, module: scope.module };
    cx.attempt(`${owner}::${assoc.name}`, () => {
      if (assoc.kind === "fn")
        declareFn(cx, { ...(inModule as RustFn), name: `${owner}::${assoc.name}` }, { parent, outer }, assoc.name);
      else if (assoc.kind !== "type") {
        declareGlobal(
          cx,
          { ...(inModule as GlobalItem), name: `${owner}::${assoc.name}` },
          { parent, outer },
          assoc.name,
        );
      }
    });
  }
}
