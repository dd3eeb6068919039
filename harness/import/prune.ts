/**
 * Leaving out what a linked program does not need: functions that are never reached, methods that nobody calls, types, traits and impls that nothing
 * mentions.
 */

import {
  type AdtDef,
  type AllocItem,
  type Body,
  type ClosureDef,
  type ConstItem,
  type FnItem,
  type ImplDef,
  type Predicate,
  type Program,
  type StaticItem,
  type TraitDef,
  type Ty,
  visitBody,
} from "../../codegen/index.ts";

/** What of `program` its entry `main` needs. `isStub`: the body was never reached. */
export function pruned(program: Program, main: FnItem, isStub: (body: Body) => boolean): Program {
  return new Pruner(program, isStub).run(main);
}

class Pruner {
  private readonly program: Program;
  private readonly isStub: (body: Body) => boolean;
  private readonly fns = new Set<FnItem>();
  private readonly adts = new Set<AdtDef>();
  private readonly traits = new Set<TraitDef>();
  private readonly impls = new Set<ImplDef>();
  private readonly consts = new Set<ConstItem>();
  private readonly statics = new Set<StaticItem>();
  private readonly closures = new Set<ClosureDef>();
  private readonly allocs = new Set<AllocItem>();
  private readonly tys = new Set<Ty>();

  constructor(program: Program, isStub: (body: Body) => boolean) {
    this.program = program;
    this.isStub = isStub;
  }

  run(main: FnItem): Program {
    const { program } = this;
    for (const trait of program.traits ?? []) {
      if (trait.lang === "drop" || trait.lang === "copy") this.trait(trait);
      // Drop glue calls it, which no body mentions.
      if (trait.lang === "drop") for (const fn of trait.fns) this.fn(fn);
    }
    this.fn(main);
    for (let before = -1; before !== this.size(); ) {
      before = this.size();
      for (const impl of program.impls ?? []) if (!this.impls.has(impl) && this.isNeeded(impl)) this.impl(impl);
    }
    for (const trait of this.traits) {
      trait.fns = trait.fns.filter((fn) => this.fns.has(fn));
      trait.assocConsts = trait.assocConsts.filter((item) => this.consts.has(item));
    }
    for (const impl of this.impls) {
      const used = new Set(impl.trait?.trait.fns.map((fn) => fn.assocName));
      impl.fns = impl.fns.filter((fn) => (impl.trait === undefined ? this.fns.has(fn) : used.has(fn.assocName)));
      impl.assocConsts = impl.assocConsts.filter(
        (item) => impl.trait?.trait.assocConsts.some((c) => c.assocName === item.assocName) ?? this.consts.has(item),
      );
    }
    const consts = [
      ...(program.consts ?? []).filter((item) => item.parent === undefined && this.consts.has(item)),
      ...this.freed(),
    ];
    for (const item of [...this.fns, ...consts, ...this.statics])
      if (item.name.startsWith("{impl#")) Object.assign(item, { name: withoutBraces(item.name) });
    const kept = [...this.fns].filter((fn) => fn.kind !== "intrinsic" || program.functions.includes(fn));
    const impls = (program.impls ?? []).filter(
      (impl) => this.impls.has(impl) && (impl.trait !== undefined || impl.fns.length + impl.assocConsts.length > 0),
    );
    return {
      ...program,
      functions: [main, ...program.functions.filter((fn) => fn !== main && kept.includes(fn))],
      adts: (program.adts ?? []).filter((def) => this.adts.has(def)),
      traits: (program.traits ?? []).filter((trait) => this.traits.has(trait)),
      impls,
      consts,
      statics: (program.statics ?? []).filter((item) => this.statics.has(item)),
      closures: (program.closures ?? []).filter((def) => this.closures.has(def)),
      allocs: (program.allocs ?? []).filter((alloc) => this.allocs.has(alloc)),
    };
  }

  /** The constants of inherent impls: the language knows those of functions only, so they become constants of their own. */
  private freed(): ConstItem[] {
    const freed: ConstItem[] = [];
    for (const item of this.consts) {
      if (item.parent?.kind !== "impl" || item.parent.trait !== undefined) continue;
      freed.push(Object.assign(item, { name: `CONST_${freed.length}_${item.assocName}`, parent: undefined }));
    }
    for (const impl of this.impls) if (impl.trait === undefined) impl.assocConsts = [];
    return freed;
  }

  private size(): number {
    return this.fns.size + this.adts.size + this.traits.size + this.impls.size + this.consts.size + this.closures.size;
  }

  private isNeeded({ trait, selfTy, fns }: ImplDef): boolean {
    if (trait === undefined) return fns.some((fn) => this.fns.has(fn));
    return this.traits.has(trait.trait) && trait.args.every((arg) => this.isKnown(arg)) && this.isKnown(selfTy);
  }

  private isKnown(ty: Ty): boolean {
    let known = true;
    eachPart(ty, (part) => {
      if (part.kind === "adt" && !this.adts.has(part.def)) known = false;
      if (
        part.kind === "dynamic" &&
        part.predicates.principal !== undefined &&
        !this.traits.has(part.predicates.principal.trait)
      )
        known = false;
    });
    return known;
  }

  private impl(impl: ImplDef): void {
    this.impls.add(impl);
    this.ty(impl.selfTy);
    for (const arg of impl.trait?.args ?? []) this.ty(arg);
    this.predicates(impl.predicates);
    for (const { ty } of impl.assocTypes) this.ty(ty);
    for (const item of impl.assocConsts) this.const(item);
    for (const fn of impl.fns) if (fn.body !== undefined && !this.isStub(fn.body)) this.fn(fn);
  }

  private trait(trait: TraitDef): void {
    if (this.traits.has(trait)) return;
    this.traits.add(trait);
    this.predicates(trait.predicates);
    for (const { trait: above } of trait.supertraits) this.trait(above);
    for (const assoc of trait.assocTypes) this.predicates(assoc.predicates);
  }

  private predicates(predicates: readonly Predicate[] | undefined): void {
    for (const predicate of predicates ?? []) {
      this.trait(predicate.ref.trait);
      for (const arg of predicate.ref.args) this.ty(arg);
      if (predicate.kind === "projection") this.ty(predicate.ty);
    }
  }

  private fn(fn: FnItem): void {
    if (this.fns.has(fn)) return;
    this.fns.add(fn);
    for (const ty of fn.params) this.ty(ty);
    this.ty(fn.ret);
    for (const ty of fn.constParams ?? []) if (ty !== undefined) this.ty(ty);
    this.predicates(fn.predicates);
    if (fn.parent?.kind === "trait") this.trait(fn.parent);
    if (fn.closure !== undefined) this.closure(fn.closure);
    if (fn.body !== undefined && !this.isStub(fn.body)) this.body(fn.body);
  }

  private body(body: Body): void {
    for (const { ty } of body.locals) this.ty(ty);
    visitBody(body, {
      ty: (ty) => this.ty(ty),
      constant: (value) => {
        switch (value.kind) {
          case "fn":
            this.fn(value.item);
            for (const arg of value.args) this.ty(arg);
            break;
          case "unevaluated":
            this.const(value.item);
            for (const arg of value.args) this.ty(arg);
            break;
          case "static":
            this.static(value.item);
            break;
          case "alloc":
            this.alloc(value.alloc);
            break;
          default:
        }
        if (value.kind !== "fn") this.ty(value.ty);
      },
    });
  }

  private const(item: ConstItem): void {
    if (this.consts.has(item)) return;
    this.consts.add(item);
    this.ty(item.ty);
    if (item.parent?.kind === "trait") this.trait(item.parent);
    if (item.body !== undefined) this.body(item.body);
  }

  private static(item: StaticItem): void {
    if (this.statics.has(item)) return;
    this.statics.add(item);
    this.ty(item.ty);
    if (item.body !== undefined) this.body(item.body);
  }

  private alloc(alloc: AllocItem): void {
    if (this.allocs.has(alloc)) return;
    this.allocs.add(alloc);
    for (const { target } of alloc.relocations) {
      if (target.kind === "alloc") this.alloc(target.alloc);
      else if (target.kind === "static") this.static(target.item);
      else if (target.kind === "fn") this.fn(target.item);
      else {
        this.ty(target.ty);
        this.ty(target.dyn);
      }
    }
  }

  private closure(def: ClosureDef): void {
    if (this.closures.has(def)) return;
    this.closures.add(def);
    for (const ty of def.upvars) this.ty(ty);
    if (def.body !== undefined) this.fn(def.body);
  }

  private ty(ty: Ty): void {
    if (this.tys.has(ty)) return;
    this.tys.add(ty);
    eachPart(ty, (part) => {
      if (part.kind === "adt" && !this.adts.has(part.def)) this.adt(part.def);
      else if (part.kind === "closure") this.closure(part.def);
      else if (part.kind === "fndef") this.fn(part.item);
      else if (part.kind === "alias") this.trait(part.trait);
      else if (part.kind === "anonConst") this.const(part.item);
      else if (part.kind === "dynamic") {
        const { principal, projections, autos } = part.predicates;
        for (const { trait } of [...(principal === undefined ? [] : [principal]), ...projections]) this.trait(trait);
        for (const trait of autos) this.trait(trait);
      }
    });
  }

  private adt(def: AdtDef): void {
    this.adts.add(def);
    for (const variant of def.variants) for (const field of variant.fields) this.ty(field.ty);
    for (const ty of def.defaults ?? []) if (ty !== undefined) this.ty(ty);
    this.predicates(def.predicates);
  }
}

/** The name of what stands in an impl, or of a closure in one: in text, braces begin a block or stand for closures. */
export function withoutBraces(name: string): string {
  return name.replaceAll(/\{impl#(\d+)\}/g, "impl_$1");
}

/** `ty` and all types in it. */
function eachPart(ty: Ty, visit: (part: Ty) => void): void {
  visit(ty);
  const go = (inner: Ty): void => eachPart(inner, visit);
  switch (ty.kind) {
    case "tuple":
      for (const field of ty.fields) go(field);
      break;
    case "array":
    case "slice":
      go(ty.element);
      break;
    case "genericArray":
      go(ty.element);
      go(ty.length);
      break;
    case "constArg":
      go(ty.ty);
      break;
    case "ref":
    case "ptr":
      go(ty.pointee);
      break;
    case "fnptr":
      for (const param of ty.params) go(param);
      go(ty.ret);
      break;
    case "adt":
    case "fndef":
    case "closure":
    case "alias":
    case "anonConst":
      for (const arg of ty.args) go(arg);
      break;
    case "dynamic": {
      const { principal, projections } = ty.predicates;
      for (const arg of principal?.args ?? []) go(arg);
      for (const projection of projections) {
        for (const arg of projection.args) go(arg);
        go(projection.ty);
      }
      break;
    }
    default:
  }
}
