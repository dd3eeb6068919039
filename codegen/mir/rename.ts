/**
 * Rewriting which items and types a body mentions: the base of merging, renaming and moving programs between type contexts.
 *
 * An *item* is any definition that others refer to by identity: a function, a type, a static, a constant, a trait, an impl, a closure, an
 * allocation. Replacing items is a map from old objects to new ones.
 */

import type {
  AllocItem,
  AssocTypeDecl,
  ClosureDef,
  ConstItem,
  DynPredicates,
  ImplDef,
  Predicate,
  Relocation,
  StaticItem,
  TraitDef,
  TraitRef,
} from "./items.ts";
import { INTRINSICS_BY_NAME } from "./prelude.ts";
import type { Program } from "./program.ts";
import type { Body, Const, FnItem, LocalDecl, Operand, Rvalue } from "./syntax.ts";
import type { AdtDef, Ty, TyCtxt } from "./ty.ts";
import { type Mapper, mapList, mapStatement, mapTerminator } from "./visit.ts";

/** `body` with its mentions of functions replaced; shares every block that mentions none of them. */
export function replaceFns(body: Body, replacements: ReadonlyMap<FnItem, FnItem>): Body {
  const mapper: Mapper = {
    operand: (operand) => {
      if (operand.kind !== "const" || operand.value.kind !== "fn") return operand;
      const item = replacements.get(operand.value.item);
      return item === undefined ? operand : { kind: "const", value: { ...operand.value, item } };
    },
  };
  const blocks = mapList(body.blocks, (block) => {
    const { kind } = block.terminator;
    const terminator =
      kind === "call" || kind === "tailCall" ? mapTerminator(block.terminator, mapper) : block.terminator;
    const statements = mapList(block.statements, (statement) =>
      statement.kind === "assign" && mentionsFn(statement.rvalue) ? mapStatement(statement, mapper) : statement,
    );
    const same = terminator === block.terminator && statements === block.statements;
    return same ? block : { ...block, statements, terminator };
  });
  return blocks === body.blocks ? body : { ...body, blocks };
}

/** Function items are values only in casts, and in plain uses and aggregates of pointers. */
function mentionsFn(rvalue: Rvalue): boolean {
  const isFn = (operand: Operand): boolean => operand.kind === "const" && operand.value.kind === "fn";
  switch (rvalue.kind) {
    case "cast":
    case "use":
    case "repeat":
      return isFn(rvalue.operand);
    case "aggregate":
      return rvalue.operands.some(isFn);
    default:
      return false;
  }
}

/**
 * Copies of the functions of `program` whose mentions of each other go to the copies. `copy` makes a function's copy, without a body.
 * It may answer a declaration itself, or another one that stands for it. For programs of functions and type definitions alone
 * (`hasOnlyFns`).
 */
export function copyFns(program: Program, copy: (item: FnItem) => FnItem): FnItem[] {
  const copies = new Map<FnItem, FnItem>();
  for (const item of program.functions) {
    const made = copy(item);
    if (made !== item) copies.set(item, made);
  }
  return program.functions.map((item) => {
    const made = copies.get(item);
    if (made === undefined) return item;
    if (item.body !== undefined) made.body = replaceFns(item.body, copies);
    return made;
  });
}

/** No type of `program` mentions a function, and it has no items but functions and type definitions: only calls name functions. */
export function hasOnlyFns(program: Program): boolean {
  const lists = [program.statics, program.consts, program.traits, program.impls, program.closures, program.allocs];
  if (lists.some((list) => list !== undefined && list.length > 0)) return false;
  const known = new Map<Ty, boolean>();
  return program.functions.every((item) => item.body?.locals.every((decl) => !mentionsItem(decl.ty, known)) ?? true);
}

/** `ty` mentions what is renamed with functions. */
function mentionsItem(ty: Ty, known: Map<Ty, boolean>): boolean {
  const found = known.get(ty);
  if (found !== undefined) return found;
  const made = mentionsItemHere(ty, known);
  known.set(ty, made);
  return made;
}

function mentionsItemHere(ty: Ty, known: Map<Ty, boolean>): boolean {
  const any = (tys: readonly Ty[]): boolean => tys.some((t) => mentionsItem(t, known));
  switch (ty.kind) {
    case "fndef":
    case "closure":
    case "anonConst":
      return true;
    case "tuple":
      return any(ty.fields);
    case "array":
    case "slice":
      return mentionsItem(ty.element, known);
    case "genericArray":
      return any([ty.element, ty.length]);
    case "ref":
    case "ptr":
      return mentionsItem(ty.pointee, known);
    case "adt":
    case "alias":
      return any(ty.args);
    case "fnptr":
      return any(ty.params) || mentionsItem(ty.ret, known);
    case "dynamic": {
      const { principal, projections } = ty.predicates;
      return any(principal?.args ?? []) || projections.some((p) => any(p.args) || mentionsItem(p.ty, known));
    }
    default:
      return false;
  }
}

/** Maps types from one set of items, and maybe one type context, to another. */
export class TyMapper {
  private readonly tcx: TyCtxt;
  private readonly items: ReadonlyMap<object, object>;
  private readonly known = new Map<Ty, Ty>();

  constructor(tcx: TyCtxt, items: ReadonlyMap<object, object>) {
    this.tcx = tcx;
    this.items = items;
  }

  /** What stands for `item`, which has the same type. */
  item<T extends object>(item: T): T {
    return (this.items.get(item) as T | undefined) ?? this.other(item);
  }

  /** What stands for an item that has no replacement: itself. */
  protected other<T extends object>(item: T): T {
    return item;
  }

  def(def: AdtDef): AdtDef {
    return this.item(def);
  }

  ty(ty: Ty): Ty {
    const found = this.known.get(ty);
    if (found !== undefined) return found;
    const mapped = this.map(ty);
    this.known.set(ty, mapped);
    return mapped;
  }

  tys(tys: readonly Ty[]): readonly Ty[] {
    return mapList(tys, (ty) => this.ty(ty));
  }

  private map(ty: Ty): Ty {
    const { tcx } = this;
    switch (ty.kind) {
      case "tuple":
        return tcx.tuple(this.tys(ty.fields));
      case "array":
        return tcx.array(this.ty(ty.element), ty.length);
      case "slice":
        return tcx.slice(this.ty(ty.element));
      case "genericArray":
        return tcx.arrayOf(this.ty(ty.element), this.ty(ty.length));
      case "ref":
        return tcx.ref(ty.mutability, this.ty(ty.pointee));
      case "ptr":
        return tcx.ptr(ty.mutability, this.ty(ty.pointee));
      case "adt":
        return tcx.adt(this.def(ty.def), this.tys(ty.args));
      case "fnptr":
        return tcx.fnPtr(this.tys(ty.params), this.ty(ty.ret), ty);
      case "fndef":
        return tcx.fnDef(this.item(ty.item), this.tys(ty.args));
      case "closure":
        return tcx.closure(this.item(ty.def), this.tys(ty.args));
      case "alias":
        return tcx.alias(this.item(ty.trait), ty.name, this.tys(ty.args));
      case "constArg":
        return tcx.constArg(this.ty(ty.ty), ty.bits, ty.text);
      case "anonConst":
        return tcx.anonConst(this.item(ty.item), this.tys(ty.args), ty.text);
      case "dynamic":
        return tcx.dynamic(this.dyn(ty.predicates));
      case "param":
        return tcx.param(ty.index, ty.name);
      case "foreign":
        return tcx.foreign(ty.name);
      case "bool":
      case "char":
      case "never":
      case "int":
      case "uint":
      case "float":
      case "str":
        return ty;
    }
  }

  private dyn({ principal, projections, autos }: DynPredicates): DynPredicates {
    return {
      principal: principal && this.traitRef(principal),
      projections: projections.map((p) => ({ ...p, ...this.traitRef(p), ty: this.ty(p.ty) })),
      autos: autos.map((t) => this.item(t)),
    };
  }

  traitRef({ trait, args }: TraitRef): TraitRef {
    return { trait: this.item(trait), args: this.tys(args) };
  }

  predicates(predicates: readonly Predicate[]): readonly Predicate[] {
    return predicates.map((p) =>
      p.kind === "trait"
        ? { kind: "trait", ref: this.traitRef(p.ref) }
        : { ...p, ref: this.traitRef(p.ref), ty: this.ty(p.ty) },
    );
  }
}

/** `body` with every type and every item mapped. */
export function mapTypes(body: Body, types: TyMapper): Body {
  const mapper: Mapper = {
    ty: (ty) => types.ty(ty),
    constant: (value) => mapConstItem(value, types),
    rvalue: (rvalue) => {
      if (rvalue.kind !== "threadLocalRef") return rvalue;
      const item = types.item(rvalue.item);
      return item === rvalue.item ? rvalue : { ...rvalue, item };
    },
  };
  const locals = mapList(body.locals, (decl): LocalDecl => {
    const ty = types.ty(decl.ty);
    return ty === decl.ty ? decl : { ...decl, ty };
  });
  const blocks = mapList(body.blocks, (block) => {
    const statements = mapList(block.statements, (statement) => mapStatement(statement, mapper));
    const terminator = mapTerminator(block.terminator, mapper);
    const same = statements === block.statements && terminator === block.terminator;
    return same ? block : { ...block, statements, terminator };
  });
  return locals === body.locals && blocks === body.blocks ? body : { ...body, locals, blocks };
}

function mapConstItem(value: Const, types: TyMapper): Const {
  switch (value.kind) {
    case "fn": {
      const item = types.item(value.item);
      return item === value.item ? value : { ...value, item };
    }
    case "unevaluated": {
      const item = types.item(value.item);
      return item === value.item ? value : { ...value, item };
    }
    case "static": {
      const item = types.item(value.item);
      return item === value.item ? value : { ...value, item };
    }
    case "alloc": {
      const alloc = types.item(value.alloc);
      return alloc === value.alloc ? value : { ...value, alloc };
    }
    default:
      return value;
  }
}

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

/** What tells a prelude's traits and impls apart. */
export function preludeKey(item: TraitDef | ImplDef): string {
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
    return isTraitOrImpl(item) ? this.tcx.preludeItems.get(preludeKey(item)) : undefined;
  }

  private registerShared(item: object): void {
    if (isTraitOrImpl(item)) this.tcx.preludeItems.set(preludeKey(item), item);
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
