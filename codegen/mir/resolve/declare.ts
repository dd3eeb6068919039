/**
 * Rust items into a `World`, in steps, so that items can mention each other in any order: names, then what types say of each other (heads of traits and
 * impls, fields), then signatures. Bodies come last, in `program.ts`.
 */

import type { Span } from "../../session/diagnostic.ts";
import type { AssocTypeDecl, ConstItem, ImplDef, StaticItem, TraitDef, TraitLang, TraitRef } from "../items.ts";
import { intFromValue } from "../literal.ts";
import type {
  AdtItem,
  AssocItem,
  Attribute,
  Generics,
  GlobalItem,
  ImplItem,
  RustFn,
  RustItem,
  RustItemBase,
  TraitItem,
  TypeItem,
  VariantDecl,
} from "../rust/ast.ts";
import type { FnItem, InlineAttr } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import { typeText } from "../text/print-type.ts";
import { type AdtDef, type AdtLang, isIntegral, TY_ISIZE, TY_UNIT, type Ty, type VariantDef } from "../ty.ts";
import { checkAttributes, reprOf } from "./attributes.ts";
import {
  defaultsOf,
  itemScope,
  type Outer,
  ownPredicates,
  relaxedBounds,
  relaxedPredicates,
  withImplParams,
} from "./generics.ts";
import { implName } from "./paths.ts";
import { closureKey, exprValue, resolveBounds, resolveTraitRef, resolveTy } from "./types.ts";
import { type AliasDef, errorIn, type Scope, type World } from "./world.ts";

/** A function with what its body needs. */
export interface FnSource {
  readonly item: FnItem;
  readonly scope: Scope;
  /** Absent for declarations, and for those whose body was Rust and may come from a dump. */
  body: text.Body | undefined;
  readonly name: string;
  readonly at: number;
}

/** A static or constant with what its initialiser needs. */
export interface GlobalSource {
  readonly item: StaticItem | ConstItem;
  readonly scope: Scope;
  readonly body: text.Body | undefined;
  readonly value: text.Const | undefined;
  readonly at: number;
}

/** What the text of a program declares, in source order. */
export interface Declared {
  readonly adts: { readonly item: AdtItem; readonly def: AdtDef }[];
  readonly traits: TraitDef[];
  readonly impls: ImplDef[];
  readonly fns: FnSource[];
  readonly globals: GlobalSource[];
  readonly aliases: AliasDef[];
}

/** Runs a step of one item; false when the item is left out. */
export type Attempt = (name: string, step: () => void) => boolean;

export class Declarer {
  readonly declared: Declared = { adts: [], traits: [], impls: [], fns: [], globals: [], aliases: [] };
  private readonly world: World;
  private readonly attempt: Attempt;
  private readonly prelude: boolean;
  /** What is left to do of each item, by step. */
  private readonly steps: Record<"heads" | "types" | "signatures" | "params", Step[]> = {
    heads: [],
    types: [],
    signatures: [],
    params: [],
  };

  constructor(world: World, attempt: Attempt, prelude: boolean) {
    this.world = world;
    this.attempt = attempt;
    this.prelude = prelude;
  }

  /** Declares `items`, but for what functions take and return. */
  run(items: readonly RustItem[]): void {
    for (const item of items) this.attempt(nameOf(item), () => this.name(item));
    for (const step of ["heads", "types", "signatures"] as const) this.runSteps(step);
  }

  /** Gives functions their parameters and results: closures are known by then, whose types are named in them. */
  finish(): void {
    this.runSteps("params");
  }

  private runSteps(step: keyof Declarer["steps"]): void {
    for (const { name, run } of this.steps[step].splice(0)) this.attempt(name, run);
  }

  private name(item: RustItem): void {
    switch (item.kind) {
      case "struct":
      case "enum":
      case "union":
        this.adt(item);
        break;
      case "trait":
        this.trait(item);
        break;
      case "impl":
        this.impl(item);
        break;
      case "type":
        this.alias(item);
        break;
      case "fn":
        this.steps.signatures.push({ name: item.name, run: () => this.fn(item, undefined, undefined) });
        break;
      case "const":
      case "static":
        if (item.init.kind === "rust") this.world.constTexts.add(item.name, item.init.text);
        this.steps.signatures.push({ name: item.name, run: () => this.global(item, undefined, undefined) });
    }
  }

  private error(item: RustItemBase, message: string, at: number, help?: string): Error {
    return item.source.error(message, at, help);
  }

  private span(item: RustItemBase): Span {
    return item.source.span(item.at);
  }

  // ---- types

  private adt(item: AdtItem): void {
    const { world } = this;
    checkAttributes(item);
    const scope = itemScope(world, item, item.generics, undefined);
    const def: AdtDef = {
      name: item.name,
      adtKind: item.kind,
      generics: scope.generics,
      ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
      ...adtLang(item.attributes),
      variants: [],
      repr: reprOf(item),
      explicitDiscriminants: item.variants.some((v) => v.discriminant !== undefined),
      prelude: this.prelude,
    };
    if (!world.adts.add(item.name, def)) {
      throw this.error(item, `the type \`${item.name}\` is declared twice`, item.nameAt);
    }
    if (this.prelude) world.tcx.adts.set(def.name, def);
    this.declared.adts.push({ item, def });
    this.steps.heads.push({
      name: item.name,
      run: () => {
        const defaults = defaultsOf(scope, item.generics);
        if (defaults !== undefined) def.defaults = defaults;
      },
    });
    this.steps.types.push({
      name: item.name,
      run: () => {
        scope.self = world.tcx.adt(def, identity(scope));
        const predicates = [...ownPredicates(scope, item.generics), ...relaxedPredicates(scope, item.generics)];
        if (predicates.length > 0) def.predicates = predicates;
        def.variants = this.variants(item, def, scope);
      },
    });
  }

  private variants(item: AdtItem, def: AdtDef, scope: Scope): VariantDef[] {
    const variants: VariantDef[] = [];
    const names = new Set<string>();
    const discriminants = new Set<bigint>();
    let next = 0n;
    for (const variant of item.variants) {
      scope.at = variant.at;
      if (names.has(variant.name)) throw errorIn(scope, `the variant \`${variant.name}\` is declared twice`);
      names.add(variant.name);
      const discriminant = this.discriminant(variant, def, scope, next);
      if (def.adtKind === "enum" && discriminants.has(discriminant)) {
        throw errorIn(scope, `the discriminant ${discriminant} is there twice`);
      }
      discriminants.add(discriminant);
      const fields = variant.fields.map((field) => ({ name: field.name, ty: resolveTy(scope, field.ty) }));
      variants.push({ name: variant.name, ctor: variant.ctor, fields, discriminant });
      next = discriminant + 1n;
    }
    if (def.explicitDiscriminants && def.repr.int === undefined && variants.some((v) => v.ctor !== "unit")) {
      throw this.error(
        item,
        "explicit discriminants beside fields need an integer `repr`",
        item.nameAt,
        "write `#[repr(u8)]`",
      );
    }
    return variants;
  }

  private discriminant({ discriminant }: VariantDecl, def: AdtDef, scope: Scope, next: bigint): bigint {
    const value = discriminant === undefined ? next : exprValue(discriminant.trim());
    if (value === undefined) throw errorIn(scope, `not supported yet: the discriminant \`${discriminant}\``);
    const ty = def.repr.int ?? TY_ISIZE;
    if (isIntegral(ty) && intFromValue(ty, value) === undefined) {
      throw errorIn(scope, `the discriminant ${value} does not fit in \`${ty.text}\``);
    }
    return value;
  }

  private alias(item: TypeItem): void {
    const { world } = this;
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
    this.declared.aliases.push(alias);
    if (!world.aliases.add(name, alias)) throw this.error(item, `the type \`${name}\` is declared twice`, item.nameAt);
  }

  // ---- traits and impls

  private trait(item: TraitItem): void {
    const { world } = this;
    const generics: Generics = {
      ...item.generics,
      params: [{ kind: "type", name: "Self", bounds: item.supertraits, default: undefined }, ...item.generics.params],
    };
    const scope = itemScope(world, item, generics, undefined);
    const lang = item.auto ? "auto" : (item.attributes.find((a) => a.name === "lang")?.value as TraitLang | undefined);
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
      prelude: this.prelude,
      span: this.span(item),
    };
    if (!world.traits.add(item.name, trait)) {
      throw this.error(item, `the trait \`${item.name}\` is declared twice`, item.nameAt);
    }
    this.declared.traits.push(trait);
    scope.trait = trait;
    this.steps.heads.push({
      name: item.name,
      run: () => {
        const defaults = defaultsOf(scope, generics);
        if (defaults !== undefined) trait.defaults = defaults;
        this.supertraits(item, trait, scope);
      },
    });
    this.steps.types.push({ name: item.name, run: () => this.traitPredicates(item, trait, scope, generics) });
    this.steps.signatures.push({ name: item.name, run: () => this.assocItems(item.items, item.name, trait, scope) });
  }

  /** Only which traits they are: what is bound in them may need them all. */
  private supertraits(item: TraitItem, trait: TraitDef, scope: Scope): void {
    const self = this.world.tcx.param(0, "Self");
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

  private traitPredicates(item: TraitItem, trait: TraitDef, scope: Scope, generics: Generics): void {
    const { tcx } = this.world;
    trait.predicates = ownPredicates(scope, generics);
    const self = tcx.param(0, "Self");
    trait.supertraits = trait.predicates.flatMap((p) => (p.kind === "trait" && p.ref.args[0] === self ? [p.ref] : []));
    trait.assocTypes = item.items
      .filter((assoc) => assoc.kind === "type")
      .map((assoc): AssocTypeDecl => {
        const inner = itemScope(this.world, { ...assoc, module: item.module }, assoc.generics, outerOf(scope));
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

  private impl(item: ImplItem): void {
    const scope = itemScope(this.world, item, item.generics, undefined);
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
      prelude: this.prelude,
      span: this.span(item),
    };
    scope.impl = impl;
    this.steps.types.push({
      name: "",
      run: () => {
        impl.selfTy = resolveTy(scope, item.self);
        scope.self = impl.selfTy;
        scope.tys.clear();
        if (item.trait !== undefined) impl.trait = resolveTraitRef(scope, item.trait, impl.selfTy);
        impl.predicates = ownPredicates(scope, item.generics);
        this.declared.impls.push(impl);
        this.world.addImpl(impl);
        for (const key of locationKeys(item)) this.world.implsAt.set(key, impl);
        impl.assocTypes = item.items
          .filter((assoc) => assoc.kind === "type")
          .map((assoc) => this.implType(assoc, item, scope));
        this.steps.signatures.push({
          name: "",
          run: () => {
            this.assocItems(item.items, implName(impl), impl, scope);
            this.world.addInherent(impl);
          },
        });
      },
    });
  }

  private implType(assoc: TypeItem, item: ImplItem, scope: Scope): ImplDef["assocTypes"][number] {
    const inner = itemScope(this.world, { ...assoc, module: item.module }, assoc.generics, outerOf(scope));
    if (assoc.ty === undefined) throw this.error(item, `the type \`${assoc.name}\` is not given`, assoc.at);
    return {
      name: assoc.name,
      generics: inner.generics.slice(scope.generics.length),
      ty: resolveTy(inner, assoc.ty),
    };
  }

  private assocItems(items: readonly AssocItem[], owner: string, parent: TraitDef | ImplDef, scope: Scope): void {
    const outer = outerOf(scope);
    for (const assoc of items) {
      const inModule = { ...assoc, module: scope.module };
      this.attempt(`${owner}::${assoc.name}`, () => {
        if (assoc.kind === "fn")
          this.fn({ ...(inModule as RustFn), name: `${owner}::${assoc.name}` }, { parent, outer }, assoc.name);
        else if (assoc.kind !== "type") {
          this.global({ ...(inModule as GlobalItem), name: `${owner}::${assoc.name}` }, { parent, outer }, assoc.name);
        }
      });
    }
  }

  // ---- functions, statics, constants

  private fn(item: RustFn, within: Within | undefined, assocName: string | undefined): void {
    const { world } = this;
    checkAttributes(item);
    const generics = withImplParams(item.generics, item.params);
    const scope = itemScope(world, item, generics, within?.outer);
    scope.at = item.at;
    if (within === undefined && scope.generics.length === 0) scope.tys = world.plainTys(scope.module);
    const predicates = ownPredicates(scope, generics);
    const inherited = within?.outer.predicates ?? [];
    const intrinsic = item.attributes.some((a) => a.name === "rustc_intrinsic");
    const fn: FnItem = {
      name: item.name,
      kind: intrinsic ? "intrinsic" : item.foreign && within === undefined ? "extern" : "fn",
      generics: scope.generics,
      ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
      ...(inherited.length + predicates.length === 0 ? {} : { predicates: [...inherited, ...predicates] }),
      ...(within === undefined ? {} : { parent: within.parent }),
      ...(assocName === undefined ? {} : { assocName }),
      ...(item.unsafe ? { unsafe: true } : {}),
      ...(item.variadic ? { variadic: true } : {}),
      ...attributesOf(item.attributes),
      params: [],
      ret: TY_UNIT,
      inline: inlineOf(item.attributes),
      abi: item.abi,
      body: undefined,
      span: this.span(item),
    };
    if (!world.fns.add(item.name, fn) && within === undefined) {
      throw this.error(item, `the function \`${item.name}\` is defined twice`, item.nameAt);
    }
    if (within !== undefined) within.parent.fns = [...within.parent.fns, fn];
    const body = typeof item.body === "string" ? undefined : item.body;
    this.declared.fns.push({ item: fn, scope, body, name: item.name, at: item.nameAt });
    this.steps.params.push({
      name: item.name,
      run: () => {
        scope.at = item.at;
        const params = item.params.map((ty) => resolveTy(scope, ty));
        Object.assign(fn, { params, ret: item.ret === undefined ? TY_UNIT : resolveRet(scope, item) });
      },
    });
  }

  private global(item: GlobalItem, within: Within | undefined, assocName: string | undefined): void {
    const { world } = this;
    const scope = itemScope(world, item, item.generics, within?.outer);
    scope.at = item.at;
    // A promoted's type may name a closure, which is known when parameters are.
    const late = within === undefined && typeText(item.ty).includes("{closure@");
    const ty = late ? TY_UNIT : resolveTy(scope, item.ty);
    const span = this.span(item);
    const made: StaticItem | ConstItem =
      item.kind === "static"
        ? {
            kind: "static",
            name: item.name,
            ty,
            mutability: item.mutable ? "mut" : "not",
            threadLocal: item.attributes.some((a) => a.name === "thread_local"),
            body: undefined,
            ...attributesOf(item.attributes.filter((a) => a.name !== "thread_local")),
            span,
          }
        : {
            kind: "const",
            name: item.name,
            generics: scope.generics,
            ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
            ...(within === undefined ? {} : { parent: within.parent }),
            ...(assocName === undefined ? {} : { assocName }),
            ty,
            body: undefined,
            span,
          };
    const added = made.kind === "static" ? world.statics.add(item.name, made) : world.consts.add(item.name, made);
    if (!added && within === undefined) throw this.error(item, `\`${item.name}\` is defined twice`, item.nameAt);
    if (within !== undefined && made.kind === "const") within.parent.assocConsts = [...within.parent.assocConsts, made];
    if (late) {
      const run = (): void => {
        made.ty = resolveTy(scope, item.ty);
      };
      this.steps.params.push({ name: item.name, run });
    }
    const { init } = item;
    this.declared.globals.push({
      item: made,
      scope,
      body: init.kind === "body" ? init.body : undefined,
      value: init.kind === "value" ? init.value : undefined,
      at: item.nameAt,
    });
  }
}

interface Step {
  readonly name: string;
  readonly run: () => void;
}

interface Within {
  readonly parent: TraitDef | ImplDef;
  readonly outer: Outer;
}

function nameOf(item: RustItem): string {
  return item.kind === "impl" ? "" : item.name;
}

function identity(scope: Scope): Ty[] {
  return scope.generics.map((name, i) => scope.world.tcx.param(i, name));
}

/** Associated types are known by name before their bounds are. */
function bareAssocType(assoc: TypeItem): AssocTypeDecl {
  const generics = assoc.generics.params.filter((p) => p.kind !== "lifetime").map((p) => p.name);
  return { name: assoc.name, generics, predicates: [], default: undefined };
}

function outerOf(scope: Scope): Outer {
  const { generics, constParams, predicates, self, trait, impl } = scope;
  return { generics, constParams, predicates, self, trait, impl };
}

/** What a function returns; an opaque type is revealed by its body. */
function resolveRet(scope: Scope, item: RustFn): Ty {
  const { ret } = item;
  if (ret === undefined || mentionsImpl(ret)) return TY_UNIT;
  return resolveTy(scope, ret);
}

function mentionsImpl(ty: text.Type): boolean {
  switch (ty.kind) {
    case "impl":
      return true;
    case "ref":
    case "ptr":
      return mentionsImpl(ty.pointee);
    case "paren":
      return mentionsImpl(ty.ty);
    case "tuple":
      return ty.fields.some(mentionsImpl);
    case "array":
    case "slice":
      return mentionsImpl(ty.element);
    case "path":
      return ty.path.segments.some(
        (segment) =>
          segment.args?.kind === "angle" &&
          segment.args.args.some((arg) => arg.kind === "type" && mentionsImpl(arg.ty)),
      );
    default:
      return false;
  }
}

function adtLang(attributes: readonly Attribute[]): { lang?: AdtLang } {
  const lang = attributes.find((a) => a.name === "lang")?.value;
  return lang === undefined ? {} : { lang: lang as AdtLang };
}

function inlineOf(attributes: readonly Attribute[]): InlineAttr {
  const inline = attributes.find((a) => a.name === "inline");
  if (inline === undefined) return "none";
  return inline.value === "always" || inline.value === "never" ? inline.value : "hint";
}

/** What the compiler or the printer looks up later; others say nothing here. */
const KEPT: ReadonlySet<string> = new Set([
  "track_caller",
  "cold",
  "no_mangle",
  "export_name",
  "link_name",
  "link_section",
  "target_feature",
  "rustc_nounwind",
  "rustc_intrinsic",
  "used",
  "naked",
]);

function attributesOf(attributes: readonly Attribute[]): { attributes?: readonly string[] } {
  const kept = attributes.filter((a) => KEPT.has(a.name)).map((a) => a.text);
  return kept.length === 0 ? {} : { attributes: kept };
}

/** As dumps name the impl: `file.rs:1:2: 3:4`, without folders. */
function locationKeys(item: ImplItem): string[] {
  if (item.source.file === "") return [];
  const from = item.source.span(item.at);
  const to = item.source.span(item.end);
  return [closureKey(`${item.source.file}:${from.line}:${from.column}: ${to.line}:${to.column}`)];
}
