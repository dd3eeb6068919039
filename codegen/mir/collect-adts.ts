/**
 * Which type definitions a program needs, in the order in which its items first mention them.
 */

import type { DynPredicates, Predicate, TraitRef } from "./items.ts";
import type { Program } from "./program.ts";
import type { Body, FnItem } from "./syntax.ts";
import type { AdtDef, Ty } from "./ty.ts";
import { type Visitor, visitBody } from "./visit.ts";

/** The definitions that `program` declares or mentions, those of the prelude among them; fields' types come before their holders. */
export function collectAdts(program: Program): AdtDef[] {
  return collect(program).found;
}

/** The names of the types of `extern` blocks that `program` mentions. */
export function collectForeignTys(program: Program): readonly string[] {
  return [...collect(program).foreign];
}

function collect(program: Program): Collector {
  const collector = new Collector();
  for (const def of program.adts ?? []) collector.add(def);
  for (const trait of program.traits ?? []) {
    collector.predicates(trait.predicates);
    for (const assoc of trait.assocTypes) collector.predicates(assoc.predicates);
    for (const item of trait.fns) collector.fn(item);
  }
  for (const impl of program.impls ?? []) {
    collector.ty(impl.selfTy);
    if (impl.trait !== undefined) collector.traitRef(impl.trait);
    collector.predicates(impl.predicates);
    for (const assoc of impl.assocTypes) collector.ty(assoc.ty);
  }
  for (const closure of program.closures ?? []) collector.tys(closure.upvars);
  for (const item of [...(program.statics ?? []), ...(program.consts ?? [])]) {
    collector.ty(item.ty);
    if (item.body !== undefined) collector.body(item.body);
  }
  for (const item of program.functions) collector.fn(item);
  return collector;
}

class Collector {
  readonly found: AdtDef[] = [];
  readonly foreign = new Set<string>();
  private readonly seenTys = new Set<Ty>();
  private readonly seen = new Set<AdtDef>();
  private readonly visitor: Visitor = { ty: (ty) => this.ty(ty) };

  /** Adds `def` before anything that it mentions: a program's own order is kept. */
  add(def: AdtDef): void {
    if (this.seen.has(def)) return;
    this.seen.add(def);
    this.found.push(def);
  }

  tys(tys: readonly Ty[]): void {
    for (const ty of tys) this.ty(ty);
  }

  ty(ty: Ty): void {
    if (this.seenTys.has(ty)) return;
    this.seenTys.add(ty);
    switch (ty.kind) {
      case "tuple":
        this.tys(ty.fields);
        break;
      case "array":
      case "slice":
      case "genericArray":
        this.ty(ty.element);
        break;
      case "ref":
      case "ptr":
        this.ty(ty.pointee);
        break;
      case "fnptr":
        this.tys(ty.params);
        this.ty(ty.ret);
        break;
      case "adt":
        this.tys(ty.args);
        this.adt(ty.def);
        break;
      case "fndef":
      case "alias":
      case "anonConst":
        this.tys(ty.args);
        break;
      case "closure":
        this.tys(ty.args);
        this.tys(ty.def.upvars);
        break;
      case "dynamic":
        this.dyn(ty.predicates);
        break;
      case "foreign":
        this.foreign.add(ty.name);
        break;
      default:
    }
  }

  private dyn({ principal, projections }: DynPredicates): void {
    if (principal !== undefined) this.tys(principal.args);
    for (const projection of projections) {
      this.tys(projection.args);
      this.ty(projection.ty);
    }
  }

  traitRef(ref: TraitRef): void {
    this.tys(ref.args);
  }

  predicates(predicates: readonly Predicate[]): void {
    for (const predicate of predicates) {
      this.traitRef(predicate.ref);
      if (predicate.kind === "projection") this.ty(predicate.ty);
    }
  }

  private adt(def: AdtDef): void {
    if (this.seen.has(def)) return;
    this.seen.add(def);
    for (const variant of def.variants) for (const field of variant.fields) this.ty(field.ty);
    this.found.push(def);
  }

  fn(item: FnItem): void {
    this.tys(item.params);
    this.ty(item.ret);
    if (item.predicates !== undefined) this.predicates(item.predicates);
    if (item.body !== undefined) this.body(item.body);
  }

  body(body: Body): void {
    for (const local of body.locals) this.ty(local.ty);
    visitBody(body, this.visitor);
  }
}
