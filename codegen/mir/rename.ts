/**
 * Rewriting which functions and types a body mentions: the base of merging, renaming and moving programs between type contexts.
 */

import type { Program } from "./program.ts";
import type {
  AggregateKind,
  Body,
  Const,
  FnItem,
  LocalDecl,
  Operand,
  Place,
  PlaceElem,
  Rvalue,
  Statement,
} from "./syntax.ts";
import type { AdtDef, Ty, TyCtxt } from "./ty.ts";
import { type Mapper, mapList, mapOperand, mapPlace, mapRvalue, mapStatement, mapTerminator } from "./visit.ts";

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
    const terminator = block.terminator.kind === "call" ? mapTerminator(block.terminator, mapper) : block.terminator;
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
 * It may answer a declaration itself, or another one that stands for it.
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

/** Maps types from one set of definitions, and maybe one type context, to another. */
export class TyMapper {
  private readonly tcx: TyCtxt;
  private readonly defs: ReadonlyMap<AdtDef, AdtDef>;
  private readonly known = new Map<Ty, Ty>();

  constructor(tcx: TyCtxt, defs: ReadonlyMap<AdtDef, AdtDef>) {
    this.tcx = tcx;
    this.defs = defs;
  }

  def(def: AdtDef): AdtDef {
    return this.defs.get(def) ?? def;
  }

  ty(ty: Ty): Ty {
    const found = this.known.get(ty);
    if (found !== undefined) return found;
    const mapped = this.map(ty);
    this.known.set(ty, mapped);
    return mapped;
  }

  private map(ty: Ty): Ty {
    const { tcx } = this;
    const all = (tys: readonly Ty[]): Ty[] => tys.map((t) => this.ty(t));
    switch (ty.kind) {
      case "tuple":
        return tcx.tuple(all(ty.fields));
      case "array":
        return tcx.array(this.ty(ty.element), ty.length);
      case "ref":
        return tcx.ref(ty.mutability, this.ty(ty.pointee));
      case "ptr":
        return tcx.ptr(ty.mutability, this.ty(ty.pointee));
      case "adt":
        return tcx.adt(this.def(ty.def), all(ty.args));
      case "fnptr":
        return tcx.fnPtr(all(ty.params), this.ty(ty.ret), ty);
      case "param":
        return tcx.param(ty.index, ty.name);
      default:
        return ty;
    }
  }
}

/** `body` with every type mapped. */
export function mapTypes(body: Body, types: TyMapper): Body {
  const mapper = typesMapper(types);
  const locals = mapList(body.locals, (decl): LocalDecl => {
    const ty = types.ty(decl.ty);
    return ty === decl.ty ? decl : { ...decl, ty };
  });
  const blocks = mapList(body.blocks, (block) => {
    const statements = mapList(block.statements, (statement) => mapStatementTypes(statement, types, mapper));
    const terminator = mapTerminator(block.terminator, mapper);
    const same = statements === block.statements && terminator === block.terminator;
    return same ? block : { ...block, statements, terminator };
  });
  return locals === body.locals && blocks === body.blocks ? body : { ...body, locals, blocks };
}

/** Maps the types in places and operands. */
function typesMapper(types: TyMapper): Mapper {
  const place = (p: Place): Place => {
    const projection = mapList(p.projection, (elem): PlaceElem => {
      if (elem.kind !== "field") return elem;
      const ty = types.ty(elem.ty);
      return ty === elem.ty ? elem : { ...elem, ty };
    });
    return projection === p.projection ? p : { ...p, projection };
  };
  const constant = (value: Const): Const => {
    if (value.kind === "fn") {
      const args = mapList(value.args, (arg) => types.ty(arg));
      return args === value.args ? value : { ...value, args };
    }
    const ty = types.ty(value.ty);
    return ty === value.ty ? value : { ...value, ty };
  };
  const operand = (o: Operand): Operand => {
    if (o.kind !== "const") return o;
    const value = constant(o.value);
    return value === o.value ? o : { kind: "const", value };
  };
  return { place, operand };
}

function mapStatementTypes(statement: Statement, types: TyMapper, mapper: Mapper): Statement {
  if (statement.kind !== "assign") return mapStatement(statement, mapper);
  const place = mapPlace(statement.place, "store", mapper);
  const rvalue = mapRvalueTypes(statement.rvalue, types, mapper);
  return place === statement.place && rvalue === statement.rvalue ? statement : { ...statement, place, rvalue };
}

function mapRvalueTypes(rvalue: Rvalue, types: TyMapper, mapper: Mapper): Rvalue {
  if (rvalue.kind === "cast") {
    const operand = mapOperand(rvalue.operand, mapper);
    const ty = types.ty(rvalue.ty);
    return operand === rvalue.operand && ty === rvalue.ty ? rvalue : { ...rvalue, operand, ty };
  }
  if (rvalue.kind !== "aggregate") return mapRvalue(rvalue, mapper);
  const operands = mapList(rvalue.operands, (operand) => mapOperand(operand, mapper));
  const aggregate = mapAggregate(rvalue.aggregate, types);
  const same = operands === rvalue.operands && aggregate === rvalue.aggregate;
  return same ? rvalue : { kind: "aggregate", aggregate, operands };
}

function mapAggregate(aggregate: AggregateKind, types: TyMapper): AggregateKind {
  switch (aggregate.kind) {
    case "tuple":
      return aggregate;
    case "array": {
      const element = types.ty(aggregate.element);
      return element === aggregate.element ? aggregate : { kind: "array", element };
    }
    case "adt": {
      const ty = types.ty(aggregate.ty);
      return ty === aggregate.ty ? aggregate : { ...aggregate, ty, def: types.def(aggregate.def) };
    }
  }
}

/**
 * `program` in the type context `tcx`, every function and type definition renamed by `rename` (`extern` functions keep their symbols).
 * Everything is rebuilt: nothing is shared with `program`.
 */
export function renameProgram(
  program: Program,
  adts: readonly AdtDef[],
  tcx: TyCtxt,
  rename: (name: string) => string,
): Program {
  const defs = new Map<AdtDef, AdtDef>();
  const made: AdtDef[] = [];
  for (const def of adts) {
    if (def.prelude) {
      defs.set(def, tcx.adts.get(def.name) ?? def);
      continue;
    }
    const copy: AdtDef = { ...def, name: rename(def.name), variants: [] };
    defs.set(def, copy);
    made.push(copy);
  }
  const types = new TyMapper(tcx, defs);
  for (const def of adts) {
    const copy = types.def(def);
    if (def.prelude || copy === def) continue;
    copy.variants = def.variants.map((v) => ({ ...v, fields: v.fields.map((f) => ({ ...f, ty: types.ty(f.ty) })) }));
  }
  const functions = copyFns(program, (item) => ({
    ...item,
    name: item.kind === "extern" ? item.name : rename(item.name),
    params: item.params.map((ty) => types.ty(ty)),
    ret: types.ty(item.ret),
    body: undefined,
  }));
  for (const item of functions) if (item.body !== undefined) item.body = mapTypes(item.body, types);
  return { tcx, functions, adts: made, file: program.file };
}
