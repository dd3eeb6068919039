/**
 * Declaring structs, enums, unions and aliases.
 */

import { intFromValue } from "../literal.ts";
import type { AdtItem, TypeItem, VariantDecl } from "../rust/ast.ts";
import { type AdtDef, type AdtLang, isIntegral, TY_ISIZE, type VariantDef } from "../ty.ts";
import { checkAttributes, langOf, reprOf } from "./attributes.ts";
import { checkReserved, type DeclareCx, itemError } from "./declare-cx.ts";
import { exprValue } from "./expr-value.ts";
import { defaultsOf, identity, itemScope, ownPredicates, relaxedPredicates } from "./generics.ts";
import { resolveTy } from "./types.ts";
import { type AliasDef, errorIn, type Scope } from "./world.ts";

export function declareAdt(cx: DeclareCx, item: AdtItem): void {
  const { world } = cx;
  checkAttributes(item);
  checkReserved(cx, item);
  const scope = itemScope(world, item, item.generics, undefined);
  const def: AdtDef = {
    name: item.name,
    adtKind: item.kind,
    generics: scope.generics,
    ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
    ...adtLang(item),
    variants: [],
    repr: reprOf(item),
    explicitDiscriminants: item.variants.some((v) => v.discriminant !== undefined),
    prelude: cx.prelude,
  };
  if (!world.adts.add(item.name, def)) {
    throw itemError(item, `the type \`${item.name}\` is declared twice`, item.nameAt);
  }
  if (cx.prelude) world.tcx.adts.set(def.name, def);
  cx.declared.adts.push({ item, def });
  cx.steps.heads.push({
    name: item.name,
    made: def,
    run: () => {
      const defaults = defaultsOf(scope, item.generics);
      if (defaults !== undefined) def.defaults = defaults;
    },
  });
  cx.steps.types.push({
    name: item.name,
    made: def,
    run: () => {
      scope.self = world.tcx.adt(def, identity(scope));
      const predicates = [...ownPredicates(scope, item.generics), ...relaxedPredicates(scope, item.generics)];
      if (predicates.length > 0) def.predicates = predicates;
      def.variants = resolveVariants(item, def, scope);
    },
  });
}

function resolveVariants(item: AdtItem, def: AdtDef, scope: Scope): VariantDef[] {
  const variants: VariantDef[] = [];
  const names = new Set<string>();
  const discriminants = new Set<bigint>();
  let next = 0n;
  for (const variant of item.variants) {
    scope.at = variant.at;
    if (names.has(variant.name)) throw errorIn(scope, `the variant \`${variant.name}\` is declared twice`);
    names.add(variant.name);
    const discriminant = resolveDiscriminant(variant, def, scope, next);
    if (def.adtKind === "enum" && discriminants.has(discriminant)) {
      throw errorIn(scope, `the discriminant ${discriminant} is there twice`);
    }
    discriminants.add(discriminant);
    const fields = variant.fields.map((field) => ({ name: field.name, ty: resolveTy(scope, field.ty) }));
    variants.push({ name: variant.name, ctor: variant.ctor, fields, discriminant });
    next = discriminant + 1n;
  }
  if (def.explicitDiscriminants && def.repr.int === undefined && variants.some((v) => v.ctor !== "unit")) {
    throw itemError(
      item,
      "explicit discriminants beside fields need an integer `repr`",
      item.nameAt,
      "write `#[repr(u8)]`",
    );
  }
  return variants;
}

function resolveDiscriminant({ discriminant }: VariantDecl, def: AdtDef, scope: Scope, next: bigint): bigint {
  const value = discriminant === undefined ? next : exprValue(discriminant.trim());
  if (value === undefined) throw errorIn(scope, `not supported yet: the discriminant \`${discriminant}\``);
  const ty = def.repr.int ?? TY_ISIZE;
  if (isIntegral(ty) && intFromValue(ty, value) === undefined) {
    throw errorIn(scope, `the discriminant ${value} does not fit in \`${ty.text}\``);
  }
  return value;
}

export function declareAlias(cx: DeclareCx, item: TypeItem): void {
  const { world } = cx;
  checkReserved(cx, item);
  const scope = itemScope(world, item, item.generics, undefined);
  if (item.foreign || item.ty === undefined) {
    world.foreignTys.add(item.name, world.tcx.foreign(item.name));
    return;
  }
  const { ty, name } = item;
  const constParams = scope.constParams ?? [];
  const alias: AliasDef = {
    name,
    generics: scope.generics,
    constParams,
    ty: undefined,
    fill: () => resolveTy(scope, ty),
  };
  cx.declared.aliases.push(alias);
  if (!world.aliases.add(name, alias)) throw itemError(item, `the type \`${name}\` is declared twice`, item.nameAt);
}

function adtLang(item: AdtItem): { lang?: AdtLang } {
  const lang = langOf(item);
  return lang === undefined ? {} : { lang: lang as AdtLang };
}
