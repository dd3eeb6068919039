/** Traits, impls and types for tests, made in code. */

import { newFn } from "../../mir/builder.ts";
import type { AssocTypeDecl, ImplDef, Predicate, TraitDef, TraitLang, TraitRef } from "../../mir/items.ts";
import type { FnItem } from "../../mir/syntax.ts";
import { type AdtDef, type AdtLang, DEFAULT_REPR, TY_UNIT, type Ty, type TyCtxt } from "../../mir/ty.ts";
import { DUMMY_SP } from "../../session/diagnostic.ts";

export interface TraitParts {
  readonly lang?: TraitLang;
  /** Without `Self`. */
  readonly generics?: readonly string[];
  readonly supertraits?: readonly TraitRef[];
  readonly predicates?: readonly Predicate[];
  readonly assocTypes?: readonly (Partial<AssocTypeDecl> & { readonly name: string })[];
}

/** A trait without methods; see `addMethod`. */
export function newTrait(name: string, parts: TraitParts = {}): TraitDef {
  const supertraits = parts.supertraits ?? [];
  return {
    kind: "trait",
    name,
    generics: ["Self", ...(parts.generics ?? [])],
    predicates: [...supertraits.map((ref): Predicate => ({ kind: "trait", ref })), ...(parts.predicates ?? [])],
    supertraits,
    fns: [],
    assocTypes: (parts.assocTypes ?? []).map((a) => ({ generics: [], predicates: [], default: undefined, ...a })),
    assocConsts: [],
    ...(parts.lang === undefined ? {} : { lang: parts.lang }),
    prelude: false,
    span: DUMMY_SP,
  };
}

/** A new method, last of `parent`. */
export function addMethod(
  parent: TraitDef | ImplDef,
  name: string,
  params: readonly Ty[],
  ret: Ty = TY_UNIT,
  extra: { readonly predicates?: readonly Predicate[]; readonly generics?: readonly string[] } = {},
): FnItem {
  const path = parent.kind === "trait" ? parent.name : `<impl ${parent.selfTy.text}>`;
  const item: FnItem = {
    ...newFn(`${path}::${name}`, params, ret, { generics: [...parent.generics, ...(extra.generics ?? [])] }),
    parent,
    assocName: name,
    ...(extra.predicates === undefined ? {} : { predicates: extra.predicates }),
  };
  parent.fns = [...parent.fns, item];
  return item;
}

export interface ImplParts {
  readonly generics?: readonly string[];
  readonly predicates?: readonly Predicate[];
  readonly negative?: boolean;
  readonly types?: Readonly<Record<string, Ty>>;
  readonly line?: number;
}

/** `impl<generics> trait<args[1..]> for args[0]`. */
export function newImpl(trait: TraitDef, args: readonly Ty[], parts: ImplParts = {}): ImplDef {
  return {
    kind: "impl",
    generics: parts.generics ?? [],
    trait: { trait, args },
    selfTy: args[0]!,
    predicates: parts.predicates ?? [],
    negative: parts.negative ?? false,
    fns: [],
    assocTypes: Object.entries(parts.types ?? {}).map(([name, ty]) => ({ name, generics: [], ty })),
    assocConsts: [],
    prelude: false,
    span: parts.line === undefined ? DUMMY_SP : { line: parts.line, column: 1 },
  };
}

export function bound(trait: TraitDef, ...args: readonly Ty[]): Predicate {
  return { kind: "trait", ref: { trait, args } };
}

/** A struct with these fields, whose types may mention its parameters. */
export function newStruct(
  tcx: TyCtxt,
  name: string,
  fields: readonly Ty[],
  options: { readonly generics?: readonly string[]; readonly lang?: AdtLang; readonly packed?: number } = {},
): AdtDef {
  return declare(tcx, {
    name,
    adtKind: "struct",
    generics: options.generics ?? [],
    ...(options.lang === undefined ? {} : { lang: options.lang }),
    variants: [variant(name, fields, 0n)],
    repr: options.packed === undefined ? DEFAULT_REPR : { ...DEFAULT_REPR, packed: options.packed },
    explicitDiscriminants: false,
    prelude: false,
  });
}

/** An enum with one tuple variant `V0`, `V1` … for each list of fields. */
export function newEnum(
  tcx: TyCtxt,
  name: string,
  variants: readonly (readonly Ty[])[],
  generics: readonly string[] = [],
): AdtDef {
  return declare(tcx, {
    name,
    adtKind: "enum",
    generics,
    variants: variants.map((fields, i) => variant(`V${i}`, fields, BigInt(i))),
    repr: DEFAULT_REPR,
    explicitDiscriminants: false,
    prelude: false,
  });
}

function declare(tcx: TyCtxt, def: AdtDef): AdtDef {
  tcx.adts.set(def.name, def);
  return def;
}

function variant(name: string, fields: readonly Ty[], discriminant: bigint): AdtDef["variants"][number] {
  return {
    name,
    ctor: fields.length === 0 ? "unit" : "tuple",
    fields: fields.map((ty, i) => ({ name: String(i), ty })),
    discriminant,
  };
}
