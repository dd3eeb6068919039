/**
 * Types and bodies with the items that they mention replaced, also in another type context.
 */

import type { DynPredicates, Predicate, TraitRef } from "./items.ts";
import type { Body, Const, LocalDecl } from "./syntax.ts";
import type { AdtDef, Ty, TyCtxt } from "./ty.ts";
import { type Mapper, mapList, mapStatement, mapTerminator } from "./visit.ts";

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
