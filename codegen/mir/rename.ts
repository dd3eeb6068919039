/**
 * Renaming the items of a program, and moving it between type contexts.
 *
 * An *item* is any definition that others refer to by identity: a function, a type, a static, a constant, a trait, an impl, a closure, an
 * allocation. Replacing items is a map from old objects to new ones.
 */

import type {
  AllocItem,
  AssocTypeDecl,
  ClosureDef,
  ConstItem,
  ImplDef,
  Relocation,
  StaticItem,
  TraitDef,
} from "./items.ts";
import { mapTypes, TyMapper } from "./map-types.ts";
import { INTRINSICS_BY_NAME } from "./prelude.ts";
import type { Program } from "./program.ts";
import type { FnItem } from "./syntax.ts";
import type { AdtDef, Ty, TyCtxt } from "./ty.ts";

/** How `renameProgram` names things; what is absent keeps its name. */
export interface Renaming {
  /** Functions, types, statics, constants and traits. */
  readonly path: (name: string) => string;
  readonly alloc?: (name: string) => string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * `program` in the type context `tcx`, every item renamed by `rename` (`extern` functions and statics keep their symbols).
 * Everything is rebuilt: nothing is shared with `program`.
 */
export function renameProgram(
  program: Program,
  adts: readonly AdtDef[],
  tcx: TyCtxt,
  rename: Renaming | ((name: string) => string),
): Program {
  return new Renamer(tcx, typeof rename === "function" ? { path: rename } : rename).run(program, adts);
}

function isTraitOrImpl(item: object): item is TraitDef | ImplDef {
  return "kind" in item && (item.kind === "trait" || item.kind === "impl");
}

function isPreludeFn(item: object): item is FnItem {
  return "abi" in item && (item as FnItem).prelude === true && (item as FnItem).parent === undefined;
}

/** What tells a prelude's traits, impls and functions apart. */
export function preludeKey(item: TraitDef | ImplDef | FnItem): string {
  if ("abi" in item) return `fn ${item.name}`;
  if (item.kind === "trait") return `trait ${item.name}`;
  const trait =
    item.trait === undefined ? "" : `${item.trait.trait.name}<${item.trait.args.map((a) => a.text).join(", ")}> for `;
  return `impl ${trait}${item.selfTy.text}`;
}

/** Takes items that the program does not list, those of the prelude, along into another type context. */
class ImportingMapper extends TyMapper {
  private readonly importItem: (item: object) => object;

  constructor(tcx: TyCtxt, items: ReadonlyMap<object, object>, importItem: (item: object) => object) {
    super(tcx, items);
    this.importItem = importItem;
  }

  protected override other<T extends object>(item: T): T {
    return this.importItem(item) as T;
  }
}

/** Copies are made in two steps: first all objects, so that types can refer to them; then what is in them. */
class Renamer {
  private readonly tcx: TyCtxt;
  private readonly renaming: Renaming;
  private readonly items = new Map<object, object>();
  private readonly types: TyMapper;
  /** The program lives in this type context already, and so does its prelude. */
  private shared = false;

  constructor(tcx: TyCtxt, renaming: Renaming) {
    this.tcx = tcx;
    this.renaming = renaming;
    this.types = new ImportingMapper(tcx, this.items, (item) => this.importItem(item));
  }

  /** A prelude's item in this type context: what it has there already, or a copy. */
  private importItem(item: object): object {
    if (this.shared) return item;
    const known = this.sharedItem(item);
    const made: object = known ?? (INTRINSICS_BY_NAME.get((item as FnItem).name) === item ? item : { ...item });
    this.items.set(item, made);
    if (made === item || made === known) return made;
    if ("adtKind" in made) {
      const def = made as AdtDef;
      this.tcx.adts.set(def.name, def);
      this.fillAdt(def);
    } else if ("abi" in made) {
      const fn = made as FnItem;
      this.registerShared(fn);
      this.fillSignature(fn);
      fn.body = fn.body && mapTypes(fn.body, this.types);
    } else {
      this.registerShared(made);
      const other = made as TraitDef | ImplDef | ConstItem | StaticItem;
      if (other.kind === "trait") this.fillTrait(other);
      else if (other.kind === "impl") this.fillImpl(other);
      else if (other.kind === "const" || other.kind === "static") this.fillGlobal(other);
    }
    return made;
  }

  /** What stands for a prelude's item in this type context, when it has it. */
  private sharedItem(item: object): object | undefined {
    if ("adtKind" in item) return this.tcx.adts.get((item as AdtDef).name);
    return isTraitOrImpl(item) || isPreludeFn(item) ? this.tcx.preludeItems.get(preludeKey(item)) : undefined;
  }

  private registerShared(item: object): void {
    if (isTraitOrImpl(item) || isPreludeFn(item)) this.tcx.preludeItems.set(preludeKey(item), item);
  }

  run(program: Program, adts: readonly AdtDef[]): Program {
    this.shared = program.tcx === this.tcx;
    const path = this.renaming.path;
    const renamed = <T extends { name: string; prelude?: boolean }>(item: T): T =>
      item.prelude === true ? { ...item } : { ...item, name: path(item.name) };
    const own = this.copies(
      adts.filter((def) => !def.prelude),
      renamed,
    );
    const isOwn = (item: { prelude: boolean }): boolean => !item.prelude;
    const ownTraits = this.copies(program.traits?.filter(isOwn), renamed);
    const ownImpls = this.copies(program.impls?.filter(isOwn), (item) => ({ ...item }));
    const functions = this.copies(program.functions, (item) => this.copyFn(item));
    const consts = this.copies(program.consts, renamed);
    const statics = this.copies(program.statics, (item) => (isExtern(item) ? { ...item } : renamed(item)));
    const closures = this.copies(program.closures, (item) => ({ ...item, name: this.closureName(item.name) }));
    const allocs = this.copies(program.allocs, (item) => ({
      ...item,
      name: this.renaming.alloc?.(item.name) ?? item.name,
    }));
    // Signatures first: the text of a function's type shows them.
    for (const item of functions) this.fillSignature(item);
    for (const def of own) this.fillAdt(def);
    for (const item of ownTraits) this.fillTrait(item);
    for (const item of ownImpls) this.fillImpl(item);
    for (const item of [...consts, ...statics]) this.fillGlobal(item);
    for (const item of closures) this.fillClosure(item);
    for (const item of allocs) item.relocations = item.relocations.map((r) => this.relocation(r));
    for (const item of functions) item.body = item.body && mapTypes(item.body, this.types);
    const traits = (program.traits ?? []).map((item) => this.types.item(item));
    const impls = (program.impls ?? []).map((item) => this.types.item(item));
    return {
      tcx: this.tcx,
      functions,
      adts: own,
      ...(program.statics === undefined ? {} : { statics }),
      ...(program.consts === undefined ? {} : { consts }),
      ...(program.traits === undefined ? {} : { traits }),
      ...(program.impls === undefined ? {} : { impls }),
      ...(program.closures === undefined ? {} : { closures }),
      ...(program.allocs === undefined ? {} : { allocs }),
      file: program.file,
    };
  }

  private copies<T extends object>(items: readonly T[] | undefined, copy: (item: T) => T): T[] {
    return (items ?? []).map((item) => {
      const made = copy(item);
      this.items.set(item, made);
      return made;
    });
  }

  private copyFn(item: FnItem): FnItem {
    return { ...item, name: item.kind === "extern" ? item.name : this.renaming.path(item.name) };
  }

  /** The new name goes where the file's name is: `{closure@p1::f.rs:1:2: 1:4}`. */
  private closureName(name: string): string {
    const at = name.indexOf("@") + 1;
    return name.slice(0, at) + this.renaming.path(name.slice(at));
  }

  private constParams(item: { readonly constParams?: readonly (Ty | undefined)[] }): void {
    if (item.constParams === undefined) return;
    (item as Mutable<typeof item>).constParams = item.constParams.map((ty) => ty && this.types.ty(ty));
  }

  private defaults(item: { defaults?: readonly (Ty | undefined)[] }): void {
    if (item.defaults !== undefined) item.defaults = item.defaults.map((ty) => ty && this.types.ty(ty));
  }

  private fillSignature(item: Mutable<FnItem>): void {
    this.constParams(item);
    item.params = this.types.tys(item.params);
    item.ret = this.types.ty(item.ret);
    if (item.predicates !== undefined) item.predicates = this.types.predicates(item.predicates);
    if (item.parent !== undefined) item.parent = this.types.item(item.parent);
    if (item.closure !== undefined) item.closure = this.types.item(item.closure);
  }

  private fillAdt(def: Mutable<AdtDef>): void {
    this.constParams(def);
    this.defaults(def);
    if (def.predicates !== undefined) def.predicates = this.types.predicates(def.predicates);
    def.variants = def.variants.map((v) => ({
      ...v,
      fields: v.fields.map((f) => ({ ...f, ty: this.types.ty(f.ty) })),
    }));
  }

  private fillTrait(item: TraitDef): void {
    const { types } = this;
    this.constParams(item);
    this.defaults(item);
    item.predicates = types.predicates(item.predicates);
    item.supertraits = item.supertraits.map((r) => types.traitRef(r));
    item.fns = item.fns.map((f) => types.item(f));
    item.assocConsts = item.assocConsts.map((c) => types.item(c));
    item.assocTypes = item.assocTypes.map(
      (a): AssocTypeDecl => ({
        ...a,
        predicates: types.predicates(a.predicates),
        default: a.default && types.ty(a.default),
      }),
    );
  }

  private fillImpl(item: ImplDef): void {
    const { types } = this;
    this.constParams(item);
    item.trait = item.trait && types.traitRef(item.trait);
    item.selfTy = types.ty(item.selfTy);
    item.predicates = types.predicates(item.predicates);
    item.fns = item.fns.map((f) => types.item(f));
    item.assocConsts = item.assocConsts.map((c) => types.item(c));
    item.assocTypes = item.assocTypes.map((a) => ({ ...a, ty: types.ty(a.ty) }));
  }

  private fillGlobal(item: Mutable<ConstItem> | StaticItem): void {
    if (item.kind === "const") {
      this.constParams(item);
      if (item.parent !== undefined) item.parent = this.types.item(item.parent);
    }
    item.ty = this.types.ty(item.ty);
    item.body = item.body && mapTypes(item.body, this.types);
  }

  private fillClosure(item: ClosureDef): void {
    item.upvars = this.types.tys(item.upvars);
    item.body = item.body && this.types.item(item.body);
  }

  private relocation(r: Relocation): Relocation {
    const { types } = this;
    const { target } = r;
    switch (target.kind) {
      case "alloc":
        return { ...r, target: { kind: "alloc", alloc: types.item<AllocItem>(target.alloc) } };
      case "static":
        return { ...r, target: { kind: "static", item: types.item(target.item) } };
      case "fn":
        return { ...r, target: { kind: "fn", item: types.item(target.item), args: types.tys(target.args) } };
      case "vtable":
        return { ...r, target: { kind: "vtable", ty: types.ty(target.ty), dyn: types.ty(target.dyn) } };
    }
  }
}

function isExtern(item: StaticItem): boolean {
  return item.body === undefined;
}
