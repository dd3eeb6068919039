/**
 * Which items of a program its entry points need.
 *
 * A walk over mentions, without asking traits: what is called, pointed to, or stands in a type is used; a trait that is used is used with
 * all its functions; an impl is used when its trait and every type that it is for are; statics, constants, closures and allocations are
 * used where they are mentioned, and constants of impls where those of their traits are. So nothing that is needed is left out, and a little that is not may stay, for the reducers to try.
 */

import {
  type AllocItem,
  type Body,
  type Const,
  type ConstItem,
  entryPoints,
  type FnItem,
  hasOnlyFns,
  type ImplDef,
  type Predicate,
  type Program,
  partsOf,
  type StaticItem,
  type TraitDef,
  type TraitRef,
  type Ty,
  type Visitor,
  visitBody,
} from "../../codegen/index.ts";

const simple = new WeakMap<Program, boolean>();

/** Whether `program` has only functions and type definitions, and no type mentions a function: as most generated programs are. */
export function isSimple(program: Program): boolean {
  let known = simple.get(program);
  if (known === undefined) {
    known = hasOnlyFns(program);
    simple.set(program, known);
  }
  return known;
}

/** The items that the entry points of `program` need: functions, types, statics, constants, traits, impls, closures, allocations. */
export function usedItems(program: Program): ReadonlySet<object> {
  const marker = new Marker(program);
  for (const item of entryPoints(program)) marker.fn(item);
  for (;;) {
    marker.run();
    if (!marker.addImpls()) return marker.used;
  }
}

class Marker {
  readonly used = new Set<object>();
  private readonly program: Program;
  private readonly tys = new Set<Ty>();
  private readonly work: (() => void)[] = [];
  private readonly visitor: Visitor = { ty: (ty) => this.ty(ty), constant: (value) => this.constant(value) };

  constructor(program: Program) {
    this.program = program;
  }

  run(): void {
    for (let next = this.work.pop(); next !== undefined; next = this.work.pop()) next();
  }

  /** Marks the impls that what is marked makes needed; false when there are none. */
  addImpls(): boolean {
    let added = false;
    for (const impl of this.program.impls ?? []) {
      if (impl.trait === undefined || this.used.has(impl) || !this.applies(impl, impl.trait)) continue;
      this.impl(impl);
      for (const item of impl.fns) this.fn(item);
      added = true;
    }
    return this.addAssocConsts() || added;
  }

  /** Marks what impls give for the constants of traits that are mentioned. */
  private addAssocConsts(): boolean {
    let added = false;
    for (const impl of this.program.impls ?? []) {
      if (!this.used.has(impl)) continue;
      const asked = impl.trait?.trait.assocConsts ?? [];
      for (const item of impl.assocConsts) {
        const wanted = impl.prelude || asked.some((c) => c.assocName === item.assocName && this.used.has(c));
        if (!wanted || this.used.has(item)) continue;
        this.global(item);
        added = true;
      }
    }
    return added;
  }

  private applies(impl: ImplDef, { trait }: TraitRef): boolean {
    return (
      impl.prelude ||
      ((trait.prelude || this.used.has(trait)) && ownDefs(impl.selfTy).every((def) => this.used.has(def)))
    );
  }

  /** Marks `item` once, and looks into it later. */
  private mark(item: object, look: () => void): void {
    if (this.used.has(item)) return;
    this.used.add(item);
    this.work.push(look);
  }

  fn(item: FnItem): void {
    this.mark(item, () => {
      for (const ty of item.params) this.ty(ty);
      this.ty(item.ret);
      this.predicates(item.predicates);
      if (item.parent !== undefined) this.parent(item.parent);
      if (item.closure !== undefined) this.closure(item.closure);
      if (item.body !== undefined) this.body(item.body);
    });
  }

  private parent(parent: ImplDef | TraitDef): void {
    if (parent.kind === "trait") this.trait(parent);
    else this.impl(parent);
  }

  private impl(impl: ImplDef): void {
    this.mark(impl, () => {
      this.ty(impl.selfTy);
      this.predicates(impl.predicates);
      if (impl.trait !== undefined) this.traitRef(impl.trait);
      for (const assoc of impl.assocTypes) this.ty(assoc.ty);
    });
  }

  private trait(trait: TraitDef): void {
    this.mark(trait, () => {
      this.predicates(trait.predicates);
      for (const ref of trait.supertraits) this.traitRef(ref);
      for (const assoc of trait.assocTypes) {
        this.predicates(assoc.predicates);
        if (assoc.default !== undefined) this.ty(assoc.default);
      }
      for (const ty of trait.defaults ?? []) if (ty !== undefined) this.ty(ty);
      for (const item of trait.fns) this.fn(item);
      if (trait.prelude) for (const item of trait.assocConsts) this.global(item);
    });
  }

  private traitRef({ trait, args }: TraitRef): void {
    this.trait(trait);
    for (const ty of args) this.ty(ty);
  }

  private predicates(predicates: readonly Predicate[] = []): void {
    for (const predicate of predicates) {
      this.traitRef(predicate.ref);
      if (predicate.kind === "projection") this.ty(predicate.ty);
    }
  }

  private closure(closure: Extract<Ty, { kind: "closure" }>["def"]): void {
    this.mark(closure, () => {
      for (const ty of closure.upvars) this.ty(ty);
      if (closure.body !== undefined) this.fn(closure.body);
    });
  }

  private global(item: StaticItem | ConstItem): void {
    this.mark(item, () => {
      this.ty(item.ty);
      if (item.kind === "const" && item.parent !== undefined) this.parent(item.parent);
      if (item.body !== undefined) this.body(item.body);
    });
  }

  private alloc(alloc: AllocItem): void {
    this.mark(alloc, () => {
      for (const { target } of alloc.relocations) {
        if (target.kind === "alloc") this.alloc(target.alloc);
        else if (target.kind === "static") this.global(target.item);
        else if (target.kind === "fn") {
          this.fn(target.item);
          for (const ty of target.args) this.ty(ty);
        } else {
          this.ty(target.ty);
          this.ty(target.dyn);
        }
      }
    });
  }

  private body(body: Body): void {
    for (const decl of body.locals) this.ty(decl.ty);
    visitBody(body, this.visitor);
    for (const { statements } of body.blocks) {
      for (const s of statements)
        if (s.kind === "assign" && s.rvalue.kind === "threadLocalRef") this.global(s.rvalue.item);
    }
  }

  private constant(value: Const): void {
    if (value.kind === "fn") this.fn(value.item);
    else if (value.kind === "unevaluated" || value.kind === "static") this.global(value.item);
    else if (value.kind === "alloc") this.alloc(value.alloc);
  }

  private ty(ty: Ty): void {
    if (this.tys.has(ty)) return;
    this.tys.add(ty);
    for (const part of partsOf(ty)) this.ty(part);
    switch (ty.kind) {
      case "adt": {
        const { def } = ty;
        this.mark(def, () => {
          for (const { fields } of def.variants) for (const field of fields) this.ty(field.ty);
          this.predicates(def.predicates);
        });
        break;
      }
      case "fndef":
        this.fn(ty.item);
        break;
      case "closure":
        this.closure(ty.def);
        break;
      case "alias":
        this.trait(ty.trait);
        break;
      case "anonConst":
        this.global(ty.item);
        break;
      case "dynamic":
        for (const trait of traitsOfDyn(ty)) this.trait(trait);
        break;
      default:
    }
  }
}

function traitsOfDyn({ predicates }: Extract<Ty, { kind: "dynamic" }>): TraitDef[] {
  const { principal, projections, autos } = predicates;
  return [...(principal === undefined ? [] : [principal.trait]), ...projections.map((p) => p.trait), ...autos];
}

/** The program's own definitions that `ty` is written with. */
function ownDefs(ty: Ty): object[] {
  const here = ty.kind === "adt" && !ty.def.prelude ? [ty.def] : ty.kind === "closure" ? [ty.def] : [];
  return [...here, ...partsOf(ty).flatMap(ownDefs)];
}
